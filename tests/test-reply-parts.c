/* test-reply-parts.c: answers that are given in parts: batches and pages
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "scripted-table.h"
#include "vantage-live/table/vl-table-private.h"

#define N_CHANGES 4

/* A batch of N_CHANGES changes that waits for its answer. */
typedef struct
{
  ScriptedTable *table;
  GListStore *changes;
  VlReply *reply;
  Waiter waiter;
} Batch;

static ScriptedTable *
keeping_table (void)
{
  ScriptedTable *table = scripted_table_new (SCRIPTED_EVERYTHING);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = vl_table_describe_sync (VL_TABLE (table), NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (schema);
  for (guint op = 0; op < N_OPS; op++)
    table->acts[op] = scripted_keep;

  return table;
}

static void
batch_begin (Batch *self)
{
  self->table = keeping_table ();
  self->changes = g_list_store_new (VL_TYPE_CHANGE);
  for (guint i = 0; i < N_CHANGES; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autoptr (VlRecord) record = scripted_record (id, "one");
      g_autoptr (VlChange) change = vl_change_new_insert (record);

      g_list_store_append (self->changes, change);
    }
  vl_table_apply_many_async (VL_TABLE (self->table), G_LIST_MODEL (self->changes), NULL, on_waiter,
                             &self->waiter);
  g_assert_cmpuint (self->table->n_calls[OP_APPLY_BATCH], ==, 1);
  self->reply = scripted_take (self->table);
}

static void
batch_clear (Batch *self)
{
  g_clear_object (&self->table);
  g_clear_object (&self->changes);
  g_clear_object (&self->reply);
  waiter_clear (&self->waiter);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Batch, batch_clear)

static GListModel *
batch_finish (Batch *self)
{
  g_autoptr (GError) error = NULL;
  GListModel *outcomes = vl_table_apply_many_finish (VL_TABLE (self->table),
                                                     waiter_wait (&self->waiter), &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (outcomes), ==, N_CHANGES);
  g_assert_true (g_list_model_get_item_type (outcomes) == VL_TYPE_OUTCOME);

  return outcomes;
}

/* The code of the error that change `i` ended with, -1 = none. */
static int
code_of (GListModel *outcomes, guint i)
{
  g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);
  const GError *error = vl_outcome_get_error (outcome);

  if (error == NULL)
    return -1;
  g_assert_null (vl_outcome_get_record (outcome));
  g_assert_true (error->domain == VL_ERROR);

  return error->code;
}

static void
assert_record (GListModel *outcomes, guint i, const char *id, const char *name)
{
  g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);

  g_assert_no_error (vl_outcome_get_error (outcome));
  g_assert_cmpstr (vl_record_get_id (vl_outcome_get_record (outcome)), ==, id);
  g_assert_cmpstr (vl_record_get_string (vl_outcome_get_record (outcome), "name"), ==, name);
}

static void
fail_item (Batch *self, guint index, VlError code)
{
  g_autoptr (GError) error = g_error_new_literal (VL_ERROR, (int) code, "item");

  vl_reply_fail_nth (self->reply, index, error);
}

static void
test_items (void)
{
  g_auto (Batch) batch = { 0 };
  g_autoptr (VlRecord) stored = scripted_record ("0", "as stored");
  g_autoptr (GListModel) outcomes = NULL;

  batch_begin (&batch);
  /* In any order, and nothing counts before the end. */
  fail_item (&batch, 2, VL_ERROR_EXISTS);
  vl_reply_return_nth (batch.reply, 0, stored);
  vl_reply_return_nth (batch.reply, 1, NULL);
  turn ();
  g_assert_null (batch.waiter.result);
  vl_reply_finish (batch.reply);
  g_assert_null (batch.waiter.result);
  outcomes = batch_finish (&batch);

  assert_record (outcomes, 0, "0", "as stored");
  /* What was written, for want of anything else. */
  assert_record (outcomes, 1, "1", "one");
  g_assert_cmpint (code_of (outcomes, 2), ==, VL_ERROR_EXISTS);
  g_assert_cmpint (code_of (outcomes, 3), ==, VL_ERROR_FAILED);
}

static void
test_unanswered_item (void)
{
  g_auto (Batch) batch = { 0 };
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlOutcome) outcome = NULL;

  batch_begin (&batch);
  vl_reply_finish (batch.reply);
  outcomes = batch_finish (&batch);
  for (guint i = 0; i < N_CHANGES; i++)
    g_assert_cmpint (code_of (outcomes, i), ==, VL_ERROR_FAILED);
  outcome = g_list_model_get_item (outcomes, 0);
  g_assert_cmpstr (vl_outcome_get_error (outcome)->message, ==,
                   "ScriptedTable.apply_batch() left a change of a batch without an answer");
}

static void
test_fail_all (void)
{
  g_auto (Batch) batch = { 0 };
  g_autoptr (GListModel) outcomes = NULL;

  batch_begin (&batch);
  vl_reply_return_nth (batch.reply, 0, NULL);
  fail_item (&batch, 1, VL_ERROR_EXISTS);
  vl_reply_fail_literal (batch.reply, VL_ERROR_UNAVAILABLE, "gone");
  outcomes = batch_finish (&batch);
  for (guint i = 0; i < N_CHANGES; i++)
    g_assert_cmpint (code_of (outcomes, i), ==, VL_ERROR_UNAVAILABLE);
}

static void
test_drop_all (void)
{
  g_auto (Batch) batch = { 0 };
  g_autoptr (GListModel) outcomes = NULL;

  batch_begin (&batch);
  for (guint i = 0; i < N_CHANGES; i++)
    vl_reply_return_nth (batch.reply, i, NULL);
  g_clear_object (&batch.reply);
  outcomes = batch_finish (&batch);
  for (guint i = 0; i < N_CHANGES; i++)
    g_assert_cmpint (code_of (outcomes, i), ==, VL_ERROR_FAILED);
}

static void
expect_ignored (const char *item)
{
  g_autofree char *pattern = g_strdup_printf ("*answered item %s of a batch*ignored", item);

  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, pattern);
}

static void
test_out_of_place (void)
{
  g_auto (Batch) batch = { 0 };
  g_autoptr (VlRecord) other = scripted_record ("9", "nine");
  g_autoptr (GListModel) outcomes = NULL;

  batch_begin (&batch);
  expect_ignored ("4");
  vl_reply_return_nth (batch.reply, N_CHANGES, other);
  expect_ignored ("4294967295");
  fail_item (&batch, G_MAXUINT, VL_ERROR_EXISTS);
  for (guint i = 0; i < N_CHANGES; i++)
    vl_reply_return_nth (batch.reply, i, NULL);
  /* The first answer wins here, too. */
  expect_ignored ("1");
  fail_item (&batch, 1, VL_ERROR_EXISTS);
  expect_ignored ("2");
  vl_reply_return_nth (batch.reply, 2, other);
  vl_reply_finish (batch.reply);
  expect_ignored ("3");
  vl_reply_return_nth (batch.reply, 3, other);
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, "*more than once*");
  vl_reply_finish (batch.reply);
  g_test_assert_expected_messages ();

  outcomes = batch_finish (&batch);
  assert_record (outcomes, 1, "1", "one");
  assert_record (outcomes, 2, "2", "one");
  assert_record (outcomes, 3, "3", "one");
}

static gpointer
answer_some (gpointer user_data)
{
  VlReply *reply = user_data;

  vl_reply_return_nth (reply, 0, NULL);
  vl_reply_return_nth (reply, 1, NULL);
  return NULL;
}

static gpointer
answer_the_rest (gpointer user_data)
{
  VlReply *reply = user_data;

  vl_reply_return_nth (reply, 2, NULL);
  vl_reply_return_nth (reply, 3, NULL);
  vl_reply_finish (reply);
  return NULL;
}

static void
test_from_threads (void)
{
  g_auto (Batch) batch = { 0 };
  g_autoptr (GListModel) outcomes = NULL;

  batch_begin (&batch);
  g_thread_join (g_thread_new ("some", answer_some, batch.reply));
  g_thread_join (g_thread_new ("rest", answer_the_rest, batch.reply));
  g_assert_null (batch.waiter.result);
  outcomes = batch_finish (&batch);
  for (guint i = 0; i < N_CHANGES; i++)
    g_assert_cmpint (code_of (outcomes, i), ==, -1);
}

/* Which changes may be sent together */

static GListModel *
changes_of (const char *text)
{
  GListStore *changes = g_list_store_new (VL_TYPE_CHANGE);

  /* A letter is the id of a deletion, "*" a delete-all, "+" an insert whose id
   * the table will assign. */
  for (; *text != '\0'; text++)
    {
      const char id[] = { *text, '\0' };
      g_autoptr (VlRecord) nameless = scripted_record (NULL, "one");
      g_autoptr (VlChange) change = NULL;

      if (*text == '*')
        change = vl_change_new_delete_all (NULL);
      else if (*text == '+')
        change = vl_change_new_insert (nameless);
      else
        change = vl_change_new_delete (id);
      g_list_store_append (changes, change);
    }

  return G_LIST_MODEL (changes);
}

static void
assert_length (const char *text, guint length)
{
  g_autoptr (GListModel) changes = changes_of (text);

  g_assert_cmpuint (_vl_table_batch_length (changes, 0), ==, length);
}

static void
test_length (void)
{
  g_autofree char *many = g_strnfill (1000, '+');
  g_autoptr (GListModel) changes = changes_of ("abaab");

  assert_length ("", 0);
  assert_length ("a", 1);
  assert_length ("abc", 3);
  assert_length ("aba", 2);
  assert_length ("aa", 1);
  assert_length ("ab*c", 2);
  assert_length ("*", 1);
  assert_length ("*ab", 1);
  assert_length ("**", 1);
  assert_length ("+a+b", 4);
  assert_length (many, 256);

  g_assert_cmpuint (_vl_table_batch_length (changes, 1), ==, 2);
  g_assert_cmpuint (_vl_table_batch_length (changes, 3), ==, 2);
  g_assert_cmpuint (_vl_table_batch_length (changes, 5), ==, 0);
}

/* Pages record by record */

typedef struct
{
  ScriptedTable *table;
  VlReply *reply;
  Waiter waiter;
} Listing;

static void
listing_begin (Listing *self)
{
  self->table = keeping_table ();
  call_async (self->table, OP_LIST, NULL, &self->waiter);
  self->reply = scripted_take (self->table);
}

static void
listing_clear (Listing *self)
{
  g_clear_object (&self->table);
  g_clear_object (&self->reply);
  waiter_clear (&self->waiter);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Listing, listing_clear)

static VlPage *
listing_finish (Listing *self)
{
  g_autoptr (GError) error = NULL;
  VlPage *page = vl_table_list_finish (VL_TABLE (self->table), waiter_wait (&self->waiter), &error);

  g_assert_no_error (error);
  return page;
}

static void
add (Listing *self, const char *id)
{
  g_autoptr (VlRecord) record = scripted_record (id, "one");

  vl_reply_add_record (self->reply, record);
}

static void
test_page (void)
{
  g_auto (Listing) listing = { 0 };
  g_autoptr (VlPage) page = NULL;

  listing_begin (&listing);
  add (&listing, "b");
  vl_reply_set_total (listing.reply, 7);
  add (&listing, "a");
  turn ();
  g_assert_null (listing.waiter.result);
  vl_reply_finish (listing.reply);
  page = listing_finish (&listing);

  g_assert_cmpuint (vl_page_get_n_records (page), ==, 2);
  g_assert_cmpstr (vl_page_get_record_id (page, 0), ==, "b");
  g_assert_cmpstr (vl_page_get_record_id (page, 1), ==, "a");
  g_assert_cmpint (vl_page_get_total (page), ==, 7);
  g_assert_cmpuint (vl_page_get_offset (page), ==, 0);
  g_assert_cmpint (vl_page_get_fetched_at (page), >, 0);
}

static void
test_empty_page (void)
{
  g_auto (Listing) listing = { 0 };
  g_autoptr (VlPage) page = NULL;

  listing_begin (&listing);
  /* Below -1 is unknown, too. */
  vl_reply_set_total (listing.reply, -5);
  vl_reply_finish (listing.reply);
  page = listing_finish (&listing);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 0);
  g_assert_cmpint (vl_page_get_total (page), ==, -1);
}

static void
test_page_over (void)
{
  g_auto (Listing) listing = { 0 };
  g_autoptr (VlPage) page = NULL;

  listing_begin (&listing);
  add (&listing, "a");
  vl_reply_finish (listing.reply);
  add (&listing, "b");
  vl_reply_set_total (listing.reply, 9);
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, "*more than once*");
  vl_reply_finish (listing.reply);
  g_test_assert_expected_messages ();
  page = listing_finish (&listing);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 1);
  g_assert_cmpint (vl_page_get_total (page), ==, -1);
}

static void
test_page_fails (void)
{
  g_auto (Listing) listing = { 0 };
  g_autoptr (GError) error = NULL;

  listing_begin (&listing);
  add (&listing, "a");
  vl_reply_fail_literal (listing.reply, VL_ERROR_UNAVAILABLE, "gone");
  error = call_finish (listing.table, OP_LIST, &listing.waiter);
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
}

static void
test_page_elsewhere (void)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (VlRecord) record = scripted_record ("a", "one");
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  call_async (table, OP_FIND, NULL, &waiter);
  reply = scripted_take (table);
  vl_reply_add_record (reply, record);
  error = call_finish (table, OP_FIND, &waiter);
  g_assert_error (error, VL_ERROR, VL_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "ScriptedTable.find()"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/reply/batch/items-count-at-the-end", test_items);
  g_test_add_func ("/reply/batch/an-item-without-an-answer-fails", test_unanswered_item);
  g_test_add_func ("/reply/batch/fail-fails-all", test_fail_all);
  g_test_add_func ("/reply/batch/a-drop-fails-all", test_drop_all);
  g_test_add_func ("/reply/batch/answers-out-of-place-are-ignored", test_out_of_place);
  g_test_add_func ("/reply/batch/may-be-answered-from-threads", test_from_threads);
  g_test_add_func ("/reply/batch/holds-one-change-a-record-and-no-delete-all", test_length);
  g_test_add_func ("/reply/page/record-by-record", test_page);
  g_test_add_func ("/reply/page/without-records", test_empty_page);
  g_test_add_func ("/reply/page/nothing-is-added-after-the-end", test_page_over);
  g_test_add_func ("/reply/page/may-fail-half-way", test_page_fails);
  g_test_add_func ("/reply/page/records-elsewhere-are-of-the-wrong-kind", test_page_elsewhere);

  return g_test_run ();
}
