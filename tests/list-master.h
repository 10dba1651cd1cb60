/* list-master.h: a table that tells what it was asked for, and lies when told to
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#define LIST_TYPE_MASTER (list_master_get_type ())

G_DECLARE_FINAL_TYPE (ListMaster, list_master, LIST, MASTER, GObject)

/* Tests set the fields as they like. */
struct _ListMaster
{
  GObject parent_instance;

  VlSchema *schema;
  VlLiveStream *stream; /* NULL = it has none */
  GPtrArray *records;   /* of VlRecord, in no order */
  guint n_virtual;      /* instead of the records: ids of seven digits, from 0 up */
  guint n_in_front;     /* of these were put in front of the others later */
  gint64 total;         /* what pages say; LIST_TOTAL_TRUE, -1 = nothing */
  gint64 count;         /* what count says; LIST_TOTAL_TRUE */
  gboolean holds;       /* answers when it is told to */
  gboolean shows_twice; /* the first record of each page at its end again */
  guint n_errors;       /* the next lists fail */
  GQueue *echoes;       /* of VlLiveEvent: what writes do is told of here; NULL = it is not */

  GString *asked; /* "0+10 10+10": offsets and limits of list */
  guint n_lists;
  guint n_counts;
  guint n_cancelled; /* of those that were held */
  GPtrArray *held;   /* of HeldList: counts and writes too */
  gboolean holds_counts;
  guint n_assigned;       /* ids */
  gboolean trims;         /* names that are written */
  gboolean tells_nothing; /* of what was written */
};

#define LIST_TOTAL_TRUE (-2)

ListMaster *list_master_new (VlCapabilities capabilities);

/* Ids, with blanks between, in place of all that was there. A name after a
 * slash: "a/Apple b/Banana". Nobody is told. */
void list_master_set (ListMaster *self, const char *words);
VlRecord *list_master_record (const char *id, const char *name);

/* Changes that the stream tells of, with all there is to know. */
void list_master_put (ListMaster *self, const char *id, const char *name);
void list_master_remove (ListMaster *self, const char *id);

/* The first request that is held: as things are now, or failed. */
void list_master_answer (ListMaster *self);
void list_master_answer_as_asked (ListMaster *self);
void list_master_fail (ListMaster *self);
/* For good, and with a reason. */
void list_master_refuse (ListMaster *self);
void list_master_answer_all (ListMaster *self);

/* What was asked since the last time, to be freed. */
char *list_master_take_asked (ListMaster *self);

#define assert_asked(master, expected)                       \
 G_STMT_START                                                \
 {                                                           \
  g_autofree char *asked_ = list_master_take_asked (master); \
  g_assert_cmpstr (asked_, ==, (expected));                  \
 }                                                           \
 G_STMT_END
