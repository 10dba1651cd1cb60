/* test-table-many.c: many changes, or many ids, in one call of a table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "scripted-table.h"
#include "vantage-live/table/vl-table-private.h"

#define MANY 10000

#define NO_FILTER (SCRIPTED_EVERYTHING & ~VL_CAPABILITY_FILTER)
#define NO_BATCH  (SCRIPTED_EVERYTHING & ~VL_CAPABILITY_BATCH)

/* find_many */

static VlPage *
find_many (gpointer table, const char *const *ids)
{
  g_autoptr (GError) error = NULL;
  VlPage *page = vl_table_find_many_sync (table, ids, NULL, &error);

  g_assert_no_error (error);
  return page;
}

static char *
join_ids (VlPage *page)
{
  GString *ids = g_string_new (NULL);

  for (guint i = 0; i < vl_page_get_n_records (page); i++)
    g_string_append (ids, vl_page_get_record_id (page, i));

  return g_string_free (ids, FALSE);
}

static void
assert_found (gpointer table, const char *asked, const char *expected)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (VlPage) page = NULL;
  g_autofree char *found = NULL;

  for (; *asked != '\0'; asked++)
    g_ptr_array_add (ids, g_strndup (asked, 1));
  g_ptr_array_add (ids, NULL);
  page = find_many (table, (const char *const *) ids->pdata);
  found = join_ids (page);
  g_assert_cmpstr (found, ==, expected);
  g_assert_cmpint (vl_page_get_total (page), ==, (gint64) strlen (expected));
  g_assert_cmpuint (vl_page_get_offset (page), ==, 0);
  g_assert_cmpint (vl_page_get_fetched_at (page), >, 0);
}

static void
check_order (VlCapabilities capabilities, guint n_lists, guint n_finds)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (capabilities);

  scripted_table_add (table, "a", "one");
  scripted_table_add (table, "b", "two");
  scripted_table_add (table, "c", "three");
  assert_found (table, "", "");
  g_assert_cmpuint (table->n_calls[OP_LIST] + table->n_calls[OP_FIND], ==, 0);
  assert_found (table, "cxaca", "caca");
  g_assert_cmpuint (table->n_calls[OP_LIST], ==, n_lists);
  g_assert_cmpuint (table->n_calls[OP_FIND], ==, n_finds);
  assert_found (table, "xyz", "");
  g_assert_cmpuint (table->n_calls[OP_DESCRIBE], ==, 1);
}

static void
test_find_order (void)
{
  check_order (SCRIPTED_EVERYTHING, 1, 0);
}

static void
test_find_without_filter (void)
{
  check_order (NO_FILTER, 0, 5);
}

static char **
number_ids (guint n)
{
  char **ids = g_new0 (char *, n + 1);

  for (guint i = 0; i < n; i++)
    ids[i] = g_strdup_printf ("%u", i);

  return ids;
}

static gsize
n_values (VlQuery *query)
{
  g_autoptr (GVariant) value = NULL;
  VlOp op;

  g_assert_cmpuint (vl_query_get_n_conditions (query), ==, 1);
  g_assert_cmpstr (vl_query_get_condition (query, 0, &op, &value), ==, "id");
  g_assert_cmpint (op, ==, VL_OP_IN);

  return g_variant_n_children (value);
}

static void
test_find_chunks (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (SCRIPTED_EVERYTHING);
  g_auto (GStrv) ids = number_ids (1201);
  g_autoptr (VlPage) page = NULL;

  for (guint i = 0; i <= 1200; i += 400)
    scripted_table_add (table, ids[i], "one");
  page = find_many (table, (const char *const *) ids);

  g_assert_cmpuint (vl_page_get_n_records (page), ==, 4);
  g_assert_cmpstr (vl_page_get_record_id (page, 3), ==, "1200");
  g_assert_cmpuint (table->queries->len, ==, 3);
  g_assert_cmpuint (n_values (g_ptr_array_index (table->queries, 0)), ==, 500);
  g_assert_cmpuint (n_values (g_ptr_array_index (table->queries, 1)), ==, 500);
  g_assert_cmpuint (n_values (g_ptr_array_index (table->queries, 2)), ==, 201);
}

static void
test_find_numbers (void)
{
  const char *const ids[] = { "7", "x", "007", "12", "+7", "9223372036854775808", "", NULL };
  g_autoptr (VlSchema) schema = scripted_schema (VL_FIELD_TYPE_INT64, SCRIPTED_EVERYTHING);
  g_autoptr (VlTable) table = VL_TABLE (vl_memory_table_new (schema));
  g_autoptr (VlRecord) seven = scripted_record ("7", "seven");
  g_autoptr (VlRecord) twelve = scripted_record ("12", "twelve");
  g_autoptr (VlRecord) word = scripted_record ("x", "no number");
  g_autoptr (VlPage) page = NULL;
  g_autofree char *found = NULL;

  g_object_unref (vl_table_insert_sync (table, twelve, NULL, NULL));
  g_object_unref (vl_table_insert_sync (table, seven, NULL, NULL));
  g_object_unref (vl_table_insert_sync (table, word, NULL, NULL));
  page = find_many (table, ids);
  found = join_ids (page);
  g_assert_cmpstr (found, ==, "7x12");
}

static gboolean
fail_second (ScriptedTable *self, ScriptedOp op, gpointer argument, VlReply *reply, GError **error)
{
  if (self->n_calls[op] < 2)
    return scripted_answer (self, op, argument, reply, error);

  g_set_error_literal (error, VL_ERROR, VL_ERROR_UNAVAILABLE, "gone");
  return FALSE;
}

static void
test_find_fails (void)
{
  g_auto (GStrv) ids = number_ids (1201);

  for (guint filters = 0; filters < 2; filters++)
    {
      g_autoptr (ScriptedTable)
        table = scripted_table_new (filters ? SCRIPTED_EVERYTHING : NO_FILTER);
      g_autoptr (GError) error = NULL;
      ScriptedOp op = filters ? OP_LIST : OP_FIND;

      table->acts[op] = fail_second;
      g_assert_null (
        vl_table_find_many_sync (VL_TABLE (table), (const char *const *) ids, NULL, &error));
      g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
      g_assert_cmpuint (table->n_calls[op], ==, 2);
    }
}

static void
answer_kept (ScriptedTable *table, ScriptedOp op, gpointer argument)
{
  g_autoptr (VlReply) reply = scripted_take (table);

  scripted_answer (table, op, argument, reply, NULL);
}

static void
test_find_late (void)
{
  const char *const ids[] = { "b", "x", "a", NULL };
  g_autoptr (ScriptedTable) table = scripted_table_new (NO_FILTER);
  g_autoptr (VlPage) page = NULL;
  g_autofree char *found = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  scripted_table_add (table, "a", "one");
  scripted_table_add (table, "b", "two");
  table->acts[OP_FIND] = scripted_keep;
  vl_table_find_many_async (VL_TABLE (table), ids, NULL, on_waiter, &waiter);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      turn ();
      g_assert_cmpuint (table->n_calls[OP_FIND], ==, i + 1);
      g_assert_null (waiter.result);
      answer_kept (table, OP_FIND, (gpointer) ids[i]);
    }
  page = vl_table_find_many_finish (VL_TABLE (table), waiter_wait (&waiter), NULL);
  found = join_ids (page);
  g_assert_cmpstr (found, ==, "ba");
}

static void
test_find_cancelled (void)
{
  const char *const ids[] = { "a", "b", "c", NULL };
  g_autoptr (ScriptedTable) table = scripted_table_new (NO_FILTER);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  table->acts[OP_FIND] = scripted_keep;
  vl_table_find_many_async (VL_TABLE (table), ids, cancellable, on_waiter, &waiter);
  turn ();
  g_cancellable_cancel (cancellable);
  g_assert_null (vl_table_find_many_finish (VL_TABLE (table), waiter_wait (&waiter), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  answer_kept (table, OP_FIND, (gpointer) "a");
  turn ();
  g_assert_cmpuint (table->n_calls[OP_FIND], ==, 1);
}

static gboolean
cancel_inside (ScriptedTable *self,
               ScriptedOp op,
               gpointer argument,
               VlReply *reply,
               GError **error)
{
  if (self->n_calls[op] == 2)
    g_cancellable_cancel (self->data);

  return scripted_answer (self, op, argument, reply, error);
}

static void
test_find_cancelled_inside (void)
{
  const char *const ids[] = { "a", "b", "c", NULL };
  g_autoptr (ScriptedTable) table = scripted_table_new (NO_FILTER);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  table->data = cancellable;
  table->acts[OP_FIND] = cancel_inside;
  g_assert_null (vl_table_find_many_sync (VL_TABLE (table), ids, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (table->n_calls[OP_FIND], ==, 2);
}

/* How deep the stack is inside the vfuncs */
static guintptr shallowest, deepest;

static gboolean
answer_and_measure (ScriptedTable *self,
                    ScriptedOp op,
                    gpointer argument,
                    VlReply *reply,
                    GError **error)
{
  guintptr here = (guintptr) __builtin_frame_address (0);

  shallowest = shallowest == 0 ? here : MAX (shallowest, here);
  deepest = deepest == 0 ? here : MIN (deepest, here);

  return scripted_answer (self, op, argument, reply, error);
}

static void
test_find_stack (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (NO_FILTER);
  g_auto (GStrv) ids = number_ids (MANY);
  g_autoptr (VlPage) page = NULL;

  shallowest = deepest = 0;
  table->acts[OP_FIND] = answer_and_measure;
  page = find_many (table, (const char *const *) ids);
  g_assert_cmpuint (table->n_calls[OP_FIND], ==, MANY);
  g_assert_cmpuint (shallowest - deepest, <, 4096);
}

/* apply_many */

static void
add_insert (GListStore *changes, const char *id)
{
  g_autoptr (VlRecord) record = scripted_record (id, "one");
  g_autoptr (VlChange) change = vl_change_new_insert (record);

  g_list_store_append (changes, change);
}

/* A letter is the insert of that id, "*" a delete-all, "!" a record that no
 * table takes. */
static GListModel *
changes_of (const char *text)
{
  GListStore *changes = g_list_store_new (VL_TYPE_CHANGE);

  for (; *text != '\0'; text++)
    {
      const char id[] = { *text, '\0' };
      g_autoptr (VlChange) all = vl_change_new_delete_all (NULL);
      g_autoptr (VlRecordBuilder) builder = vl_record_builder_new ("x");
      g_autoptr (VlRecord) odd = NULL;
      g_autoptr (VlChange) refused = NULL;

      vl_record_builder_set_string (builder, "colour", "red");
      odd = vl_record_builder_end (builder);
      refused = vl_change_new_insert (odd);
      if (*text == '*')
        g_list_store_append (changes, all);
      else if (*text == '!')
        g_list_store_append (changes, refused);
      else
        add_insert (changes, id);
    }

  return G_LIST_MODEL (changes);
}

static GListModel *
many_changes (guint n)
{
  GListStore *changes = g_list_store_new (VL_TYPE_CHANGE);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      add_insert (changes, id);
    }

  return G_LIST_MODEL (changes);
}

static GListModel *
apply_many (gpointer table, GListModel *changes)
{
  g_autoptr (GError) error = NULL;
  GListModel *outcomes = vl_table_apply_many_sync (table, changes, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (outcomes), ==, g_list_model_get_n_items (changes));
  for (guint i = 0; i < g_list_model_get_n_items (changes); i++)
    {
      g_autoptr (VlChange) change = g_list_model_get_item (changes, i);
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);

      g_assert_true (vl_outcome_get_change (outcome) == change);
    }

  return outcomes;
}

/* The outcomes as a word: "." went well, otherwise the error's first letter. */
static char *
spell (GListModel *outcomes)
{
  GString *word = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (outcomes); i++)
    {
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);
      const GError *error = vl_outcome_get_error (outcome);

      if (error == NULL)
        g_string_append_c (word, '.');
      else if (error->code == VL_ERROR_INVALID)
        g_string_append_c (word, 'i');
      else if (error->code == VL_ERROR_UNAVAILABLE)
        g_string_append_c (word, 'u');
      else
        g_string_append_c (word, '?');
    }

  return g_string_free (word, FALSE);
}

static char *
spell_sent (ScriptedTable *table)
{
  GString *word = g_string_new (NULL);

  for (guint i = 0; i < table->sent->len; i++)
    {
      const char *id = vl_change_get_id (g_ptr_array_index (table->sent, i));

      g_string_append (word, id != NULL ? id : "*");
    }

  return g_string_free (word, FALSE);
}

static char *
spell_batches (ScriptedTable *table)
{
  GString *word = g_string_new (NULL);

  for (guint i = 0; i < table->batches->len; i++)
    g_string_append_printf (word, "%s%u", i > 0 ? " " : "",
                            g_array_index (table->batches, guint, i));

  return g_string_free (word, FALSE);
}

static void
assert_applied (ScriptedTable *table,
                const char *changes,
                const char *expected,
                const char *expected_sent,
                const char *expected_batches)
{
  g_autoptr (GListModel) list = changes_of (changes);
  g_autoptr (GListModel) outcomes = apply_many (table, list);
  g_autofree char *outcome = spell (outcomes);
  g_autofree char *sent = spell_sent (table);
  g_autofree char *batches = spell_batches (table);

  g_assert_cmpstr (outcome, ==, expected);
  g_assert_cmpstr (sent, ==, expected_sent);
  g_assert_cmpstr (batches, ==, expected_batches);
  g_ptr_array_set_size (table->sent, 0);
  g_array_set_size (table->batches, 0);
}

static void
test_apply_in_order (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (NO_BATCH);

  assert_applied (table, "", "", "", "");
  assert_applied (table, "cab*a", ".....", "cab*a", "1 1 1 1 1");
  assert_applied (table, "a!b!", ".i.i", "ab", "1 1");
  assert_applied (table, "!", "i", "", "");
}

static void
test_apply_batches (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (SCRIPTED_EVERYTHING);

  assert_applied (table, "cab", "...", "cab", "3");
  assert_applied (table, "a", ".", "a", "1");
  assert_applied (table, "abaca", ".....", "abaca", "2 2 1");
  assert_applied (table, "ab*cd", ".....", "ab*cd", "2 1 2");
  assert_applied (table, "!ab!c!", "i..i.i", "abc", "3");
}

static void
test_apply_batch_size (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (SCRIPTED_EVERYTHING);
  g_autoptr (GListModel) changes = many_changes (600);
  g_autoptr (GListModel) outcomes = apply_many (table, changes);
  g_autofree char *batches = spell_batches (table);

  g_assert_cmpuint (g_list_model_get_n_items (outcomes), ==, 600);
  g_assert_cmpstr (batches, ==, "256 256 88");
}

static gboolean
refuse_second (ScriptedTable *self,
               ScriptedOp op,
               gpointer argument,
               VlReply *reply,
               GError **error)
{
  if (self->batches->len != 2)
    return scripted_answer (self, op, argument, reply, error);

  g_set_error_literal (error, VL_ERROR, VL_ERROR_UNAVAILABLE, "gone");
  return FALSE;
}

static void
test_apply_fails (void)
{
  g_autoptr (ScriptedTable) one_by_one = scripted_table_new (NO_BATCH);
  g_autoptr (ScriptedTable) batched = scripted_table_new (SCRIPTED_EVERYTHING);

  one_by_one->acts[OP_APPLY] = refuse_second;
  assert_applied (one_by_one, "abc", ".u.", "abc", "1 1 1");
  batched->acts[OP_APPLY_BATCH] = refuse_second;
  assert_applied (batched, "abacab", "..uu..", "abacab", "2 2 2");
}

static gboolean
say_done (ScriptedTable *self, ScriptedOp op, gpointer argument, VlReply *reply, GError **error)
{
  if (op == OP_APPLY_BATCH)
    {
      for (guint i = 0; i < g_list_model_get_n_items (argument); i++)
        vl_reply_return_nth (reply, i, NULL);
      vl_reply_finish (reply);
    }
  else
    {
      vl_reply_return_done (reply);
    }

  return TRUE;
}

/* The record as it was sent: with the id that was only a field. */
static void
test_apply_done (void)
{
  for (guint n_changes = 1; n_changes <= 3; n_changes++)
    {
      g_autoptr (ScriptedTable) table = scripted_table_new (SCRIPTED_EVERYTHING);
      g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
      g_autoptr (VlRecord) record = NULL;
      g_autoptr (VlChange) insert = NULL;
      g_autoptr (VlChange) removal = vl_change_new_delete ("b");
      g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
      g_autoptr (GListModel) outcomes = NULL;
      g_autoptr (VlOutcome) first = NULL;
      g_autoptr (VlOutcome) last = NULL;

      vl_record_builder_set_string (builder, "id", "a");
      record = vl_record_builder_end (builder);
      insert = vl_change_new_insert (record);
      g_list_store_append (changes, insert);
      if (n_changes > 1)
        g_list_store_append (changes, removal);
      if (n_changes > 2)
        g_list_store_append (changes, insert);
      table->acts[OP_APPLY] = table->acts[OP_APPLY_BATCH] = say_done;
      outcomes = apply_many (table, G_LIST_MODEL (changes));

      first = g_list_model_get_item (outcomes, 0);
      g_assert_cmpstr (vl_record_get_id (vl_outcome_get_record (first)), ==, "a");
      last = g_list_model_get_item (outcomes, 1);
      g_assert_true (last == NULL || vl_outcome_get_record (last) == NULL);
    }
}

static void
test_apply_late (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (NO_BATCH);
  g_autoptr (GListModel) changes = changes_of ("abc");
  g_autoptr (GListModel) outcomes = NULL;
  g_autofree char *word = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  table->acts[OP_APPLY] = scripted_keep;
  vl_table_apply_many_async (VL_TABLE (table), changes, NULL, on_waiter, &waiter);
  for (guint i = 0; i < 3; i++)
    {
      turn ();
      /* One after the other: the next is sent when the last has ended. */
      g_assert_cmpuint (table->sent->len, ==, i + 1);
      answer_kept (table, OP_APPLY, g_ptr_array_index (table->sent, i));
    }
  outcomes = vl_table_apply_many_finish (VL_TABLE (table), waiter_wait (&waiter), NULL);
  word = spell (outcomes);
  g_assert_cmpstr (word, ==, "...");
}

static void
test_apply_cancelled (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (NO_BATCH);
  g_autoptr (GListModel) changes = changes_of ("abc");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  table->acts[OP_APPLY] = scripted_keep;
  vl_table_apply_many_async (VL_TABLE (table), changes, cancellable, on_waiter, &waiter);
  turn ();
  answer_kept (table, OP_APPLY, g_ptr_array_index (table->sent, 0));
  turn ();
  g_cancellable_cancel (cancellable);
  g_assert_null (vl_table_apply_many_finish (VL_TABLE (table), waiter_wait (&waiter), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  answer_kept (table, OP_APPLY, g_ptr_array_index (table->sent, 1));
  turn ();
  g_assert_cmpuint (table->sent->len, ==, 2);
}

static void
test_apply_cancelled_inside (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (NO_BATCH);
  g_autoptr (GListModel) changes = changes_of ("abc");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  table->data = cancellable;
  table->acts[OP_APPLY] = cancel_inside;
  g_assert_null (vl_table_apply_many_sync (VL_TABLE (table), changes, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (table->sent->len, ==, 2);
}

static void
test_apply_stack (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (NO_BATCH);
  g_autoptr (GListModel) changes = many_changes (MANY);
  g_autoptr (GListModel) outcomes = NULL;

  shallowest = deepest = 0;
  table->acts[OP_APPLY] = answer_and_measure;
  outcomes = apply_many (table, changes);
  g_assert_cmpuint (table->sent->len, ==, MANY);
  g_assert_cmpuint (shallowest - deepest, <, 4096);
}

static void
test_apply_no_change (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (SCRIPTED_EVERYTHING);
  g_autoptr (GListStore) changes = g_list_store_new (G_TYPE_OBJECT);
  g_autoptr (VlQuery) query = vl_query_new ();
  g_autoptr (GError) error = NULL;

  g_list_store_append (changes, query);
  g_assert_null (vl_table_apply_many_sync (VL_TABLE (table), G_LIST_MODEL (changes), NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "VlQuery"));
  g_assert_cmpuint (table->n_calls[OP_DESCRIBE], ==, 0);
}

/* A table that checks by itself is handed everything as it is. */
static void
test_checks_itself (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (VL_CAPABILITY_NONE);
  const char *const ids[] = { "a", NULL };
  g_autoptr (GListModel) changes = many_changes (600);
  g_autoptr (GListModel) outcomes = NULL;
  g_autofree char *batches = NULL;
  g_autoptr (VlPage) page = NULL;

  _vl_table_set_checks_itself (VL_TABLE (table));
  assert_applied (table, "aa!*", "....", "aax*", "4");
  outcomes = apply_many (table, changes);
  batches = spell_batches (table);
  g_assert_cmpstr (batches, ==, "600");
  g_assert_cmpuint (table->n_calls[OP_DESCRIBE], ==, 0);

  /* Only to find many its schema is needed. */
  page = find_many (table, ids);
  g_assert_cmpuint (table->n_calls[OP_DESCRIBE], ==, 1);
  g_assert_cmpuint (table->n_calls[OP_FIND], ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/table/find-many/in-the-order-of-the-ids", test_find_order);
  g_test_add_func ("/table/find-many/one-by-one-without-filter", test_find_without_filter);
  g_test_add_func ("/table/find-many/asks-for-500-at-a-time", test_find_chunks);
  g_test_add_func ("/table/find-many/ids-that-are-no-numbers", test_find_numbers);
  g_test_add_func ("/table/find-many/one-failure-fails-all", test_find_fails);
  g_test_add_func ("/table/find-many/answered-late", test_find_late);
  g_test_add_func ("/table/find-many/cancelled-half-way", test_find_cancelled);
  g_test_add_func ("/table/find-many/cancelled-inside", test_find_cancelled_inside);
  g_test_add_func ("/table/find-many/early-answers-do-not-fill-the-stack", test_find_stack);
  g_test_add_func ("/table/apply-many/in-order", test_apply_in_order);
  g_test_add_func ("/table/apply-many/in-batches", test_apply_batches);
  g_test_add_func ("/table/apply-many/a-batch-has-at-most-256", test_apply_batch_size);
  g_test_add_func ("/table/apply-many/a-failure-does-not-stop-the-others", test_apply_fails);
  g_test_add_func ("/table/apply-many/done-gives-what-was-sent", test_apply_done);
  g_test_add_func ("/table/apply-many/answered-late", test_apply_late);
  g_test_add_func ("/table/apply-many/cancelled-half-way", test_apply_cancelled);
  g_test_add_func ("/table/apply-many/cancelled-inside", test_apply_cancelled_inside);
  g_test_add_func ("/table/apply-many/early-answers-do-not-fill-the-stack", test_apply_stack);
  g_test_add_func ("/table/apply-many/takes-nothing-but-changes", test_apply_no_change);
  g_test_add_func ("/table/many/tables-that-check-by-themselves", test_checks_itself);

  return g_test_run ();
}
