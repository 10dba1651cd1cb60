/* probe-table.h: a table that tests look into, bound to its thread
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#define PROBE_TYPE_TABLE (probe_table_get_type ())

G_DECLARE_FINAL_TYPE (ProbeTable, probe_table, PROBE, TABLE, GObject)

/* Another table as a script would see it: the vfuncs, dispose and finalize all
 * have to run on the thread that made it. It writes down what is sent to it,
 * and answers when the test wants it to. Tests set the fields as they like. */
struct _ProbeTable
{
  GObject parent_instance;

  GThread *home;
  VlTable *target;
  VlSchema *schema; /* of the target */
  char *identity;   /* what it says, NULL = none */

  VlCapabilities without; /* what it says it cannot do */
  VlLiveStream *stream;   /* its own; NULL = that of the target */
  gboolean holds_writes;  /* they wait for probe_table_answer() and the like */
  gboolean holds_describe;
  VlError describe_error; /* counts if `n_describe_errors` does */
  guint n_describe_errors;

  GString *trace; /* what was sent: "insert a; [patch b, delete c]; delete-all" */
  guint n_reads;
  guint n_writes; /* a batch is one */
  guint n_batches;
  GPtrArray *held; /* of HeldCall */
  GArray *errors;  /* of VlError: what the next writes fail with */

  const char *bad_id; /* what is written to this record fails, NULL = none */
  VlError bad_error;

  gboolean is_coarse; /* any difference from what a change is based on is a conflict */
};

ProbeTable *probe_table_new (VlTable *target);

/* The next write fails with this, and does not reach the target. */
void probe_table_push_error (ProbeTable *self, VlError code);

/* The first call that is held: sends it on to the target, fails it, or drops
 * its reply. */
void probe_table_answer (ProbeTable *self);
void probe_table_fail (ProbeTable *self, VlError code);
void probe_table_drop (ProbeTable *self);
void probe_table_answer_all (ProbeTable *self);

/* What was sent since the last time, to be freed. */
char *probe_table_take_trace (ProbeTable *self);

/* How many there are in this process. */
guint probe_table_get_n_alive (void);

/* Asserts what was sent since the last time. */
#define probe_table_assert_trace(self, expected)            \
 G_STMT_START                                               \
 {                                                          \
  g_autofree char *sent_ = probe_table_take_trace ((self)); \
  g_assert_cmpstr (sent_, ==, (expected));                  \
 }                                                          \
 G_STMT_END
