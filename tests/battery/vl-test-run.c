/* vl-test-run.c: how the checks of the battery call a table and report
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-test-private.h"

/* A table that has not answered in a minute never will: the guard of a loop
 * that otherwise waits for a condition, not a measure of speed. */
#define HANG_SECONDS 60

/* --- Failing --- */

void
_vl_test_fail (VlTestRun *run, const char *format, ...)
{
  va_list args;
  g_autofree char *message = NULL;

  if (run->error != NULL)
    return;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  g_set_error (&run->error, VL_ERROR, VL_ERROR_FAILED, "%s: %s", run->check, message);
}

gboolean
_vl_test_no_error (VlTestRun *run, const char *what, GError *error)
{
  if (error == NULL)
    return TRUE;

  _vl_test_fail (run, "%s: expected no error, got %s", what, error->message);
  return FALSE;
}

static char *
name_error (GQuark domain, int code)
{
  g_autoptr (GEnumClass) class = g_type_class_ref (VL_TYPE_ERROR);
  GEnumValue *value = g_enum_get_value (class, code);

  if (domain == VL_ERROR && value != NULL)
    return g_strdup (value->value_nick);
  return g_strdup_printf ("%s %d", g_quark_to_string (domain), code);
}

void
_vl_test_expect_error (VlTestRun *run, const char *what, GError *error, VlError code)
{
  g_autofree char *expected = name_error (VL_ERROR, (int) code);
  g_autofree char *got = NULL;

  if (error == NULL)
    {
      _vl_test_fail (run, "%s: expected the error %s, got none", what, expected);
      return;
    }

  got = name_error (error->domain, error->code);
  if (!g_error_matches (error, VL_ERROR, (int) code))
    _vl_test_fail (run, "%s: expected the error %s, got %s (%s)", what, expected, got,
                   error->message);
  else if (error->message == NULL || *error->message == '\0')
    _vl_test_fail (run, "%s: the error %s has no message", what, expected);
}

void
_vl_test_expect_cancelled (VlTestRun *run, const char *what, gpointer answer, GError *error)
{
  g_autofree char *got = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && answer == NULL)
    return;

  got = error == NULL ? g_strdup ("an answer") : name_error (error->domain, error->code);
  _vl_test_fail (run, "%s: expected G_IO_ERROR_CANCELLED, got %s", what, got);
}

void
_vl_test_expect_text (VlTestRun *run, const char *what, const char *got, const char *expected)
{
  if (g_strcmp0 (got, expected) != 0)
    _vl_test_fail (run, "%s: expected \"%s\", got \"%s\"", what,
                   expected == NULL ? "(null)" : expected, got == NULL ? "(null)" : got);
}

void
_vl_test_expect_number (VlTestRun *run, const char *what, gint64 got, gint64 expected)
{
  if (got != expected)
    _vl_test_fail (run, "%s: expected %" G_GINT64_FORMAT ", got %" G_GINT64_FORMAT, what, expected,
                   got);
}

void
_vl_test_expect_true (VlTestRun *run, gboolean condition, const char *what)
{
  if (!condition)
    _vl_test_fail (run, "expected that %s", what);
}

/* --- Comparing --- */

char *
_vl_test_page_ids (VlPage *page)
{
  g_autoptr (GString) ids = g_string_new (NULL);
  guint i;

  for (i = 0; page != NULL && i < vl_page_get_n_records (page); i++)
    {
      const char *id = vl_page_get_record_id (page, i);

      if (i > 0)
        g_string_append_c (ids, ' ');
      g_string_append (ids, id == NULL ? "(null)" : id);
    }
  return g_string_free (g_steal_pointer (&ids), FALSE);
}

void
_vl_test_expect_page (VlTestRun *run, const char *what, VlPage *page, const char *ids)
{
  g_autofree char *got = _vl_test_page_ids (page);

  if (page == NULL)
    _vl_test_fail (run, "%s: expected a page, got none", what);
  else
    _vl_test_expect_text (run, what, got, ids);
}

void
_vl_test_expect_ids (VlTestRun *run, const char *what, VlQuery *query, const char *ids)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = _vl_test_list (run, query, &error);

  if (_vl_test_no_error (run, what, error))
    _vl_test_expect_page (run, what, page, ids);
}

static char *
print_field (VlRecord *record, const char *field)
{
  g_autoptr (GVariant) value = NULL;

  if (vl_record_is_null (record, field))
    return g_strdup ("null");
  /* A boolean may be kept as the number 0 or 1, which it equals. */
  if (g_str_equal (field, "active"))
    return g_strdup (vl_record_get_boolean (record, field) ? "true" : "false");

  value = vl_record_get_variant (record, field);
  return value == NULL ? g_strdup ("(none)") : g_variant_print (value, TRUE);
}

void
_vl_test_expect_record (VlTestRun *run, const char *what, VlRecord *got, VlRecord *expected)
{
  g_autoptr (VlSchema) schema = vl_test_schema ();
  guint i;

  if (got == NULL)
    {
      _vl_test_fail (run, "%s: expected a record, got none", what);
      return;
    }

  if (vl_record_get_id (expected) != NULL)
    _vl_test_expect_text (run, what, vl_record_get_id (got), vl_record_get_id (expected));

  for (i = 0; i < vl_schema_get_n_columns (schema); i++)
    {
      const char *field = vl_schema_get_column_name (schema, i);
      g_autofree char *a = print_field (got, field);
      g_autofree char *b = print_field (expected, field);

      if (!g_str_equal (a, b) && !g_str_equal (field, "id"))
        _vl_test_fail (run, "%s: expected %s to be %s, got %s", what, field, b, a);
    }
}

void
_vl_test_expect_stored (VlTestRun *run, const char *id, VlRecord *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) found = _vl_test_find (run, id, &error);

  if (!_vl_test_no_error (run, "find", error))
    return;
  if (expected == NULL)
    _vl_test_expect_true (run, found == NULL, "find gives no record");
  else
    _vl_test_expect_record (run, "find", found, expected);
}

/* --- Waiting --- */

static gboolean
on_hang (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

void
_vl_test_begin (VlTestCall *call, VlTestRun *run)
{
  call->run = run;
  call->in_call = TRUE;
  call->result = NULL;
}

void
_vl_test_ready (GObject *source, GAsyncResult *result, gpointer data)
{
  VlTestCall *call = data;

  if (call->in_call)
    _vl_test_fail (call->run, "the callback ran before the call had returned");
  if (source != (GObject *) call->run->table)
    _vl_test_fail (call->run, "the callback got another source object than the table");
  if (call->result != NULL)
    _vl_test_fail (call->run, "the callback ran twice");
  g_set_object (&call->result, result);
}

GAsyncResult *
_vl_test_wait (VlTestCall *call)
{
  VlTestRun *run = call->run;
  g_autoptr (GSource) guard = g_timeout_source_new_seconds (HANG_SECONDS);
  gboolean hung = FALSE;

  call->in_call = FALSE;
  g_source_set_callback (guard, on_hang, &hung, NULL);
  g_source_attach (guard, run->context);
  while (call->result == NULL && !hung)
    g_main_context_iteration (run->context, TRUE);
  g_source_destroy (guard);

  /* The callback may still come and points into the caller's stack: nothing
   * sensible can follow. */
  if (call->result == NULL)
    g_error ("%s: no answer came in %d seconds", run->check, HANG_SECONDS);
  return call->result;
}

void
_vl_test_end (VlTestCall *call)
{
  g_clear_object (&call->result);
}

/* --- Calling --- */

/* Each answer is NULL, FALSE or -1 exactly when there is an error, except for
 * the two operations that may answer NULL. */
static gpointer
check_answer (VlTestRun *run, gpointer answer, const GError *error, gboolean nullable)
{
  if (answer != NULL && error != NULL)
    _vl_test_fail (run, "an answer and an error came together: %s", error->message);
  if (answer == NULL && error == NULL && !nullable)
    _vl_test_fail (run, "neither an answer nor an error came");
  return answer;
}

static void
pass_error (GError **error, GError *local)
{
  if (local != NULL)
    g_propagate_error (error, local);
}

#define CALL(run, call, start, finish) \
 G_STMT_START                          \
 {                                     \
  _vl_test_begin (&(call), (run));     \
  start;                               \
  _vl_test_wait (&(call));             \
  finish;                              \
  _vl_test_end (&(call));              \
 }                                     \
 G_STMT_END

VlSchema *
_vl_test_describe (VlTestRun *run, GError **error)
{
  VlTestCall call;
  VlSchema *schema;
  GError *local = NULL;

  CALL (run, call, vl_table_describe_async (run->table, NULL, _vl_test_ready, &call),
        schema = vl_table_describe_finish (run->table, call.result, &local));
  check_answer (run, schema, local, FALSE);
  pass_error (error, local);
  return schema;
}

VlPage *
_vl_test_list (VlTestRun *run, VlQuery *query, GError **error)
{
  VlTestCall call;
  VlPage *page;
  GError *local = NULL;

  CALL (run, call, vl_table_list_async (run->table, query, NULL, _vl_test_ready, &call),
        page = vl_table_list_finish (run->table, call.result, &local));
  check_answer (run, page, local, FALSE);
  pass_error (error, local);
  return page;
}

VlRecord *
_vl_test_find (VlTestRun *run, const char *id, GError **error)
{
  VlTestCall call;
  VlRecord *record;
  GError *local = NULL;

  CALL (run, call, vl_table_find_async (run->table, id, NULL, _vl_test_ready, &call),
        record = vl_table_find_finish (run->table, call.result, &local));
  check_answer (run, record, local, TRUE);
  pass_error (error, local);
  return record;
}

gint64
_vl_test_count (VlTestRun *run, VlQuery *query, GError **error)
{
  VlTestCall call;
  gint64 count;
  GError *local = NULL;

  CALL (run, call, vl_table_count_async (run->table, query, NULL, _vl_test_ready, &call),
        count = vl_table_count_finish (run->table, call.result, &local));
  if ((count < 0) != (local != NULL))
    _vl_test_fail (run, "count must be -1 exactly when there is an error");
  pass_error (error, local);
  return count;
}

VlRecord *
_vl_test_insert (VlTestRun *run, VlRecord *record, GError **error)
{
  VlTestCall call;
  VlRecord *stored;
  GError *local = NULL;

  CALL (run, call, vl_table_insert_async (run->table, record, NULL, _vl_test_ready, &call),
        stored = vl_table_insert_finish (run->table, call.result, &local));
  check_answer (run, stored, local, FALSE);
  pass_error (error, local);
  return stored;
}

VlRecord *
_vl_test_replace (VlTestRun *run, VlRecord *record, GError **error)
{
  VlTestCall call;
  VlRecord *stored;
  GError *local = NULL;

  CALL (run, call, vl_table_replace_async (run->table, record, NULL, _vl_test_ready, &call),
        stored = vl_table_replace_finish (run->table, call.result, &local));
  check_answer (run, stored, local, FALSE);
  pass_error (error, local);
  return stored;
}

VlRecord *
_vl_test_patch (VlTestRun *run, const char *id, VlRecord *fields, GError **error)
{
  VlTestCall call;
  VlRecord *stored;
  GError *local = NULL;

  CALL (run, call, vl_table_patch_async (run->table, id, fields, NULL, _vl_test_ready, &call),
        stored = vl_table_patch_finish (run->table, call.result, &local));
  check_answer (run, stored, local, FALSE);
  pass_error (error, local);
  return stored;
}

VlRecord *
_vl_test_delete (VlTestRun *run, const char *id, GError **error)
{
  VlTestCall call;
  VlRecord *record;
  GError *local = NULL;

  CALL (run, call, vl_table_delete_async (run->table, id, NULL, _vl_test_ready, &call),
        record = vl_table_delete_finish (run->table, call.result, &local));
  check_answer (run, record, local, TRUE);
  pass_error (error, local);
  return record;
}

gboolean
_vl_test_delete_all (VlTestRun *run, VlQuery *query, GError **error)
{
  VlTestCall call;
  gboolean done;
  GError *local = NULL;

  CALL (run, call, vl_table_delete_all_async (run->table, query, NULL, _vl_test_ready, &call),
        done = vl_table_delete_all_finish (run->table, call.result, &local));
  check_answer (run, GINT_TO_POINTER (done), local, FALSE);
  pass_error (error, local);
  return done;
}

GListModel *
_vl_test_apply_many (VlTestRun *run, GListModel *changes, GError **error)
{
  VlTestCall call;
  GListModel *outcomes;
  GError *local = NULL;

  CALL (run, call, vl_table_apply_many_async (run->table, changes, NULL, _vl_test_ready, &call),
        outcomes = vl_table_apply_many_finish (run->table, call.result, &local));
  check_answer (run, outcomes, local, FALSE);
  pass_error (error, local);
  return outcomes;
}

VlOutcome *
_vl_test_apply_one (VlTestRun *run, VlChange *change)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) outcomes = NULL;

  g_list_store_append (changes, change);
  outcomes = _vl_test_apply_many (run, G_LIST_MODEL (changes), &error);
  if (!_vl_test_no_error (run, "apply_many", error) || outcomes == NULL)
    return NULL;
  _vl_test_expect_number (run, "outcomes", g_list_model_get_n_items (outcomes), 1);

  return g_list_model_get_item (outcomes, 0);
}

VlPage *
_vl_test_find_many (VlTestRun *run, const char *const *ids, GError **error)
{
  VlTestCall call;
  VlPage *page;
  GError *local = NULL;

  CALL (run, call, vl_table_find_many_async (run->table, ids, NULL, _vl_test_ready, &call),
        page = vl_table_find_many_finish (run->table, call.result, &local));
  check_answer (run, page, local, FALSE);
  pass_error (error, local);
  return page;
}

VlRecord *
_vl_test_get_first (VlTestRun *run, VlQuery *query, GError **error)
{
  VlTestCall call;
  VlRecord *record;
  GError *local = NULL;

  CALL (run, call, vl_table_get_first_async (run->table, query, NULL, _vl_test_ready, &call),
        record = vl_table_get_first_finish (run->table, call.result, &local));
  check_answer (run, record, local, TRUE);
  pass_error (error, local);
  return record;
}

/* --- Running --- */

static void
expect_read_unsupported (VlTestRun *run, VlQuery *query)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = _vl_test_list (run, query, &error);

  _vl_test_expect_true (run, page == NULL, "there is no page with an error");
  _vl_test_expect_error (run, "list", error, VL_ERROR_UNSUPPORTED);
}

/* Whole answers are what a table without windows gives. */
static void
expect_whole (VlTestRun *run)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) window = vl_query_window (all, 1, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) whole = _vl_test_list (run, all, &error);
  g_autofree char *ids = _vl_test_page_ids (whole);

  if (_vl_test_no_error (run, "list", error))
    _vl_test_expect_ids (run, "list of a window", window, ids);
}

static void
expect_write_unsupported (VlTestRun *run, VlCapabilities missing)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = _vl_test_record ("x", "x", 1);
  g_autoptr (VlRecord) stored = NULL;

  if (missing & VL_CAPABILITY_INSERT)
    stored = _vl_test_insert (run, record, &error);
  else if (missing & VL_CAPABILITY_REPLACE)
    stored = _vl_test_replace (run, record, &error);
  else if (missing & VL_CAPABILITY_PATCH)
    stored = _vl_test_patch (run, "x", record, &error);
  else if (missing & VL_CAPABILITY_DELETE)
    stored = _vl_test_delete (run, "x", &error);
  else
    _vl_test_delete_all (run, NULL, &error);
  _vl_test_expect_error (run, "a write", error, VL_ERROR_UNSUPPORTED);
}

static void
check_missing (VlTestRun *run, VlCapabilities missing)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) ordered = vl_query_order_by (all, "name", FALSE);
  g_autoptr (VlQuery) filtered = _vl_test_where ("name", VL_OP_EQ, "'x'");
  g_autoptr (VlQuery) searched = vl_query_search (all, "x");
  g_autoptr (GError) error = NULL;

  if (missing & VL_CAPABILITY_ORDER)
    expect_read_unsupported (run, ordered);
  else if (missing & VL_CAPABILITY_FILTER)
    expect_read_unsupported (run, filtered);
  else if (missing & VL_CAPABILITY_SEARCH)
    expect_read_unsupported (run, searched);
  else if (missing & VL_CAPABILITY_WINDOW)
    expect_whole (run);
  else if (missing & VL_CAPABILITY_COUNT)
    {
      _vl_test_count (run, NULL, &error);
      _vl_test_expect_error (run, "count", error, VL_ERROR_UNSUPPORTED);
    }
  else if (missing & (VL_CAPABILITY_INSERT | VL_CAPABILITY_REPLACE | VL_CAPABILITY_PATCH |
                      VL_CAPABILITY_DELETE | VL_CAPABILITY_DELETE_ALL))
    expect_write_unsupported (run, missing);
  else if (missing & VL_CAPABILITY_CHECK_BASE)
    _vl_test_expect_no_base (run);
  /* Without idempotent, and without assign-id, a table may do as it likes. */
}

gboolean
_vl_test_begin_check (VlTestRun *run, const char *name, VlCapabilities needs)
{
  VlCapabilities missing = (needs | VL_CAPABILITY_INSERT) & ~run->capabilities;

  run->check = name;
  run->n_checks++;
  if (missing == VL_CAPABILITY_NONE)
    return TRUE;

  check_missing (run, missing);
  return FALSE;
}

void
_vl_test_run_checks (VlTestRun *run, const VlTestCheck *checks, guint n_checks)
{
  guint i;

  for (i = 0; i < n_checks && run->error == NULL; i++)
    if (_vl_test_begin_check (run, checks[i].name, checks[i].needs))
      checks[i].func (run);
}
