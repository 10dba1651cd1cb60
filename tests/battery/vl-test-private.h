/* vl-test-private.h: what the checks of the table battery share
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-test.h"

G_BEGIN_DECLS

#define VL_TEST_INTERNAL __attribute__ ((visibility ("hidden")))

/* One run of the battery over one table, on one thread. */
typedef struct
{
  VlTable *table;
  GMainContext *context;       /* the one that was thread-default at the start */
  VlCapabilities capabilities; /* what the table said it can do */
  const char *check;           /* the check that runs now */
  guint n_checks;              /* those that ran, this one included */
  GError *error;               /* of the first check that failed */
} VlTestRun;

typedef void (*VlTestFunc) (VlTestRun *run);

typedef struct
{
  const char *name;
  VlCapabilities needs; /* beyond insert, which the battery cannot do without */
  VlTestFunc func;
} VlTestCheck;

/* One call of a table that may be in flight with others. */
typedef struct
{
  VlTestRun *run;
  gboolean in_call; /* the `_async` function has not returned yet */
  GAsyncResult *result;
} VlTestCall;

/* Runs the checks in order and stops at the first that fails. A check whose
 * capabilities the table lacks becomes: that operation fails unsupported. */
VL_TEST_INTERNAL void _vl_test_run_checks (VlTestRun *run,
                                           const VlTestCheck *checks,
                                           guint n_checks);
/* Counts the check; FALSE when the table cannot do it and that was checked. */
VL_TEST_INTERNAL gboolean _vl_test_begin_check (VlTestRun *run,
                                                const char *name,
                                                VlCapabilities needs);
VL_TEST_INTERNAL void _vl_test_fail (VlTestRun *run, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Calls: begin (the callback), then wait, then the table's `_finish`. */
VL_TEST_INTERNAL void _vl_test_begin (VlTestCall *call, VlTestRun *run);
VL_TEST_INTERNAL void _vl_test_ready (GObject *source, GAsyncResult *result, gpointer call);
VL_TEST_INTERNAL GAsyncResult *_vl_test_wait (VlTestCall *call);
VL_TEST_INTERNAL void _vl_test_end (VlTestCall *call);

/* Each waits for its answer. */
VL_TEST_INTERNAL VlSchema *_vl_test_describe (VlTestRun *run, GError **error);
VL_TEST_INTERNAL VlPage *_vl_test_list (VlTestRun *run, VlQuery *query, GError **error);
VL_TEST_INTERNAL VlRecord *_vl_test_find (VlTestRun *run, const char *id, GError **error);
VL_TEST_INTERNAL gint64 _vl_test_count (VlTestRun *run, VlQuery *query, GError **error);
VL_TEST_INTERNAL VlRecord *_vl_test_insert (VlTestRun *run, VlRecord *record, GError **error);
VL_TEST_INTERNAL VlRecord *_vl_test_replace (VlTestRun *run, VlRecord *record, GError **error);
VL_TEST_INTERNAL VlRecord *_vl_test_patch (VlTestRun *run,
                                           const char *id,
                                           VlRecord *fields,
                                           GError **error);
VL_TEST_INTERNAL VlRecord *_vl_test_delete (VlTestRun *run, const char *id, GError **error);
VL_TEST_INTERNAL gboolean _vl_test_delete_all (VlTestRun *run, VlQuery *query, GError **error);
VL_TEST_INTERNAL GListModel *_vl_test_apply_many (VlTestRun *run,
                                                  GListModel *changes,
                                                  GError **error);
/* One change; NULL when the call has failed and that is reported. */
VL_TEST_INTERNAL VlOutcome *_vl_test_apply_one (VlTestRun *run, VlChange *change);
VL_TEST_INTERNAL VlPage *_vl_test_find_many (VlTestRun *run,
                                             const char *const *ids,
                                             GError **error);
VL_TEST_INTERNAL VlRecord *_vl_test_get_first (VlTestRun *run, VlQuery *query, GError **error);

/* What went wrong is reported as a failure of the check. */
VL_TEST_INTERNAL gboolean _vl_test_no_error (VlTestRun *run, const char *what, GError *error);
VL_TEST_INTERNAL void _vl_test_expect_error (VlTestRun *run,
                                             const char *what,
                                             GError *error,
                                             VlError code);
VL_TEST_INTERNAL void _vl_test_expect_cancelled (VlTestRun *run,
                                                 const char *what,
                                                 gpointer answer,
                                                 GError *error);
VL_TEST_INTERNAL void _vl_test_expect_text (VlTestRun *run,
                                            const char *what,
                                            const char *got,
                                            const char *expected);
VL_TEST_INTERNAL void _vl_test_expect_number (VlTestRun *run,
                                              const char *what,
                                              gint64 got,
                                              gint64 expected);
VL_TEST_INTERNAL void _vl_test_expect_true (VlTestRun *run, gboolean condition, const char *what);
VL_TEST_INTERNAL void _vl_test_expect_page (VlTestRun *run,
                                            const char *what,
                                            VlPage *page,
                                            const char *ids);
VL_TEST_INTERNAL void _vl_test_expect_ids (VlTestRun *run,
                                           const char *what,
                                           VlQuery *query,
                                           const char *ids);
/* Of all the battery's columns; absent counts as null. */
VL_TEST_INTERNAL void _vl_test_expect_record (VlTestRun *run,
                                              const char *what,
                                              VlRecord *got,
                                              VlRecord *expected);
VL_TEST_INTERNAL void _vl_test_expect_stored (VlTestRun *run, const char *id, VlRecord *expected);

VL_TEST_INTERNAL char *_vl_test_page_ids (VlPage *page);

/* Empties the table, and stores records. */
VL_TEST_INTERNAL void _vl_test_clear (VlTestRun *run);
VL_TEST_INTERNAL void _vl_test_seed (VlTestRun *run, VlRecord *record);
/* Three records a, b and c. */
VL_TEST_INTERNAL void _vl_test_seed_three (VlTestRun *run);
/* The ten records that the read checks know by heart. */
VL_TEST_INTERNAL void _vl_test_seed_goods (VlTestRun *run);

/* A record of the fields that matter to a check: name and stock. */
VL_TEST_INTERNAL VlRecord *_vl_test_record (const char *id, const char *name, gint64 stock);
/* The same of any fields, a dictionary in GVariant's text format. */
VL_TEST_INTERNAL VlRecord *_vl_test_make (const char *id, const char *fields);
/* Values in GVariant's text format; NULL is NULL. */
VL_TEST_INTERNAL GVariant *_vl_test_parse (const char *text);
VL_TEST_INTERNAL VlQuery *_vl_test_where (const char *field, VlOp op, const char *value);

/* What a table without the capability check-base does with a base: nothing. */
VL_TEST_INTERNAL void _vl_test_expect_no_base (VlTestRun *run);

/* The topics, in the order in which they run. */
VL_TEST_INTERNAL void _vl_test_table_basics (VlTestRun *run);
VL_TEST_INTERNAL void _vl_test_table_reads (VlTestRun *run);
VL_TEST_INTERNAL void _vl_test_table_queries (VlTestRun *run);
VL_TEST_INTERNAL void _vl_test_table_writes (VlTestRun *run);
VL_TEST_INTERNAL void _vl_test_table_values (VlTestRun *run);
VL_TEST_INTERNAL void _vl_test_table_batches (VlTestRun *run);
VL_TEST_INTERNAL void _vl_test_table_bases (VlTestRun *run);
VL_TEST_INTERNAL void _vl_test_table_repeats (VlTestRun *run);
VL_TEST_INTERNAL void _vl_test_table_calls (VlTestRun *run);

G_END_DECLS
