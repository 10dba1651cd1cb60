/* test-fault-chance.c: what befalls calls by chance, from a seed
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fault-fixture.h"

/* How one call fares: its letter, and how many milliseconds it took. */
static void
watch_call (Fixture *self, gboolean is_write, const char *id, GString *log)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Outcome) outcome = { 0 };
  guint n_before = n_stored (self);
  guint time = 0;

  if (is_write)
    begin_insert (self, id, cancellable, &outcome);
  else
    vl_table_find_async (self->table, id, cancellable, on_found, &outcome);
  settle ();
  for (; !outcome.ended && time < 200; time++)
    fake_clock_advance (1);

  if (!outcome.ended)
    g_string_append (log, "never");
  else
    g_string_append_printf (log, "%s%u",
                            outcome.error == NULL
                              ? "ok"
                              : (outcome.error->code == VL_ERROR_UNAVAILABLE ? "down" : "doubt"),
                            time);
  g_string_append_printf (log, "%s ", n_stored (self) > n_before ? "+" : "");

  g_cancellable_cancel (cancellable);
  settle ();
}

static char *
watch_calls (Fixture *self, guint n, char prefix)
{
  GString *log = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("%c%u", prefix, i);

      watch_call (self, i % 2 == 0, id, log);
    }

  return g_string_free (log, FALSE);
}

static void
set_everything (Fixture *self)
{
  g_object_set (self->fault, "latency", 20, "jitter", 40, "error-rate", 0.2, "lost-ack-rate", 0.2,
                "never-answer-rate", 0.2, NULL);
}

static void
test_same_seed (Fixture *self, gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autofree char *again = NULL;
  g_autofree char *other = NULL;
  g_autofree char *default_seed = NULL;

  set_everything (self);
  vl_fault_table_set_seed (self->fault, 7);
  first = watch_calls (self, 60, 'a');
  vl_fault_table_set_seed (self->fault, 7);
  again = watch_calls (self, 60, 'b');
  vl_fault_table_set_seed (self->fault, 8);
  other = watch_calls (self, 60, 'c');
  vl_fault_table_set_seed (self->fault, 0);
  default_seed = watch_calls (self, 60, 'd');

  g_assert_cmpstr (first, ==, again);
  g_assert_cmpstr (first, !=, other);
  g_assert_cmpstr (first, !=, default_seed);

  /* Everything happened. */
  g_assert_nonnull (strstr (first, "ok"));
  g_assert_nonnull (strstr (first, "down"));
  g_assert_nonnull (strstr (first, "doubt"));
  g_assert_nonnull (strstr (first, "never "));
  g_assert_nonnull (strstr (first, "never+"));
}

/* A new table fares like one that was seeded with 0. */
static void
test_first_seed (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) first = g_string_new (NULL);
  g_autoptr (GString) seeded = g_string_new (NULL);

  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (VlFaultTable) fault = vl_fault_table_new (self->memory);
      g_autoptr (VlSchema) schema = vl_table_describe_sync (VL_TABLE (fault), NULL, NULL);

      g_assert_nonnull (schema);
      vl_fault_table_set_error_rate (fault, 0.5);
      if (round == 1)
        {
          vl_fault_table_set_seed (fault, 0);
          g_clear_object (&schema);
          schema = vl_table_describe_sync (VL_TABLE (fault), NULL, NULL);
        }
      for (guint i = 0; i < 40; i++)
        {
          g_autoptr (VlRecord) record = NULL;
          g_autoptr (GError) error = NULL;

          record = vl_table_find_sync (VL_TABLE (fault), "a", NULL, &error);
          g_string_append_c (round == 0 ? first : seeded, error != NULL ? '-' : '+');
        }
    }

  g_assert_cmpstr (first->str, ==, seeded->str);
}

/* One character a read: whether it fails. */
static char *
get_failures (Fixture *self, guint64 seed, double rate, guint n)
{
  GString *failures = g_string_new (NULL);

  vl_fault_table_set_seed (self->fault, seed);
  vl_fault_table_set_error_rate (self->fault, rate);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = try_find (self, "a");

      g_string_append_c (failures, error != NULL ? '-' : '+');
    }

  return g_string_free (failures, FALSE);
}

static guint
count_failures (const char *failures)
{
  guint n = 0;

  for (; *failures != '\0'; failures++)
    n += *failures == '-';

  return n;
}

/* What one setting is about is not moved by another. */
static void
test_settings_apart (Fixture *self, gconstpointer data)
{
  g_autofree char *alone = get_failures (self, 3, 0.3, 200);
  g_autofree char *among = NULL;
  g_autofree char *more = NULL;

  g_object_set (self->fault, "total-lie-rate", 0.5, "lost-ack-rate", 0.5, "event-loss-rate", 0.5,
                NULL);
  among = get_failures (self, 3, 0.3, 200);
  g_assert_cmpstr (alone, ==, among);

  /* And what fails at a rate fails at a higher one. */
  more = get_failures (self, 3, 0.6, 200);
  g_assert_cmpuint (count_failures (more), >, count_failures (alone));
  for (guint i = 0; i < 200; i++)
    g_assert_true (alone[i] == '+' || more[i] == '-');
}

static void
test_error_rate (Fixture *self, gconstpointer data)
{
  g_autofree char *never = get_failures (self, 1, 0, 300);
  g_autofree char *always = get_failures (self, 1, 1, 300);
  g_autofree char *quarter = get_failures (self, 1, 0.25, 2000);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (count_failures (never), ==, 0);
  g_assert_cmpuint (count_failures (always), ==, 300);
  g_assert_cmpuint (count_failures (quarter), >, 400);
  g_assert_cmpuint (count_failures (quarter), <, 600);
  g_assert_cmpuint (vl_fault_table_get_n_faults (self->fault), ==, 300 + count_failures (quarter));

  /* The target is not asked, and the error says what could not be done. */
  vl_fault_table_set_error_rate (self->fault, 1);
  error = try_insert (self, "key");
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "apply key"));
  g_assert_cmpuint (n_stored (self), ==, 0);
}

/* A call that gets lost takes its time nevertheless. */
static void
test_error_takes_time (Fixture *self, gconstpointer data)
{
  g_auto (Outcome) found = { 0 };

  g_object_set (self->fault, "latency", 30, "error-rate", 1.0, NULL);
  begin_find (self, "a", &found);
  fake_clock_advance (29);
  g_assert_false (found.ended);
  fake_clock_advance (1);
  g_assert_error (found.error, VL_ERROR, VL_ERROR_UNAVAILABLE);
}

static void
test_lost_ack (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) lost = NULL;
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) found = NULL;
  g_autoptr (GError) other = NULL;

  vl_fault_table_set_lost_ack_rate (self->fault, 1);
  lost = try_insert (self, "a");
  g_assert_error (lost, VL_ERROR, VL_ERROR_IN_DOUBT);
  g_assert_cmpuint (n_stored (self), ==, 1);
  refused = try_insert (self, "a");
  g_assert_error (refused, VL_ERROR, VL_ERROR_IN_DOUBT);

  found = try_find (self, "a");
  g_assert_no_error (found);

  vl_fault_table_set_lost_ack_error (self->fault, VL_ERROR_UNAVAILABLE);
  other = try_insert (self, "b");
  g_assert_error (other, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_cmpuint (n_stored (self), ==, 2);
  g_assert_cmpuint (vl_fault_table_get_n_faults (self->fault), ==, 3);
}

static void
test_lost_ack_of_a_batch (Fixture *self, gconstpointer data)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autoptr (VlRecord) record = make_record (id);
      g_autoptr (VlChange) change = vl_change_new_insert (record);

      g_list_store_append (changes, change);
    }
  vl_fault_table_set_lost_ack_rate (self->fault, 1);
  outcomes = vl_table_apply_many_sync (self->table, G_LIST_MODEL (changes), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_stored (self), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);

      g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_IN_DOUBT);
    }
  g_assert_cmpuint (vl_fault_table_get_n_faults (self->fault), ==, 1);
}

/* Some have reached the target, some not; nobody is told. */
static void
test_never_answer_rate (Fixture *self, gconstpointer data)
{
  Outcome outcomes[100] = { 0 };

  vl_fault_table_set_never_answer_rate (self->fault, 1);
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      begin_insert (self, id, NULL, &outcomes[i]);
      g_assert_false (outcomes[i].ended);
    }
  g_assert_cmpuint (n_stored (self), >, 30);
  g_assert_cmpuint (n_stored (self), <, 70);

  fake_clock_advance (29999);
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    g_assert_false (outcomes[i].ended);
  fake_clock_advance (1);
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      g_assert_error (outcomes[i].error, VL_ERROR, VL_ERROR_IN_DOUBT);
      outcome_clear (&outcomes[i]);
    }
  g_assert_cmpuint (vl_fault_table_get_n_faults (self->fault), ==, G_N_ELEMENTS (outcomes));
}

/* A table that goes with calls unanswered lets them fail. */
static void
test_never_answered_by_a_table_that_goes (Fixture *self, gconstpointer data)
{
  Outcome outcomes[20] = { 0 };

  vl_fault_table_set_never_answer_rate (self->fault, 1);
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      g_autoptr (VlFaultTable) fault = vl_fault_table_new (self->memory);
      g_autoptr (VlSchema) schema = vl_table_describe_sync (VL_TABLE (fault), NULL, NULL);

      vl_fault_table_set_seed (fault, i);
      vl_fault_table_set_never_answer_rate (fault, 1);
      vl_table_find_async (VL_TABLE (fault), "a", NULL, on_found, &outcomes[i]);
      settle ();
      g_assert_nonnull (schema);
      g_assert_false (outcomes[i].ended);
    }
  fake_clock_advance (30000);
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      g_assert_nonnull (outcomes[i].error);
      outcome_clear (&outcomes[i]);
    }
}

static void
test_jitter (Fixture *self, gconstpointer data)
{
  guint shortest = G_MAXUINT;
  guint longest = 0;

  g_object_set (self->fault, "latency", 20, "jitter", 10, NULL);
  for (guint i = 0; i < 200; i++)
    {
      g_auto (Outcome) found = { 0 };
      guint time = 0;

      begin_find (self, "a", &found);
      for (; !found.ended; time++)
        fake_clock_advance (1);
      shortest = MIN (shortest, time);
      longest = MAX (longest, time);
    }
  g_assert_cmpuint (shortest, ==, 20);
  g_assert_cmpuint (longest, ==, 30);

  /* The sum of both does not wrap around. */
  g_object_set (self->fault, "latency", G_MAXUINT, "jitter", 10, NULL);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_auto (Outcome) found = { 0 };

      vl_table_find_async (self->table, "a", cancellable, on_found, &found);
      fake_clock_advance (20000);
      g_assert_false (found.ended);
      g_cancellable_cancel (cancellable);
      settle ();
    }
}

static gint64
list_total (Fixture *self, guint n_rows)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = vl_table_list_sync (self->table, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, n_rows);
  g_assert_cmpstr (vl_page_get_record_id (page, 0), ==, "0");

  return vl_page_get_total (page);
}

static void
test_total_lies (Fixture *self, gconstpointer data)
{
  guint n_unknown = 0;
  guint n_low = 0;
  guint n_high = 0;

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autoptr (GError) error = try_insert (self, id);

      g_assert_no_error (error);
    }
  for (guint i = 0; i < 50; i++)
    g_assert_cmpint (list_total (self, 5), ==, 5);

  vl_fault_table_set_total_lie_rate (self->fault, 1);
  for (guint i = 0; i < 300; i++)
    {
      gint64 total = list_total (self, 5);

      g_assert_cmpint (total, !=, 5);
      g_assert_cmpint (total, >=, -1);
      g_assert_cmpint (total, <=, 15);
      n_unknown += total == -1;
      n_low += total >= 0 && total < 5;
      n_high += total > 5;
    }
  g_assert_cmpuint (MIN (n_unknown, MIN (n_low, n_high)), >, 50);
  g_assert_cmpint (vl_table_count_sync (self->table, NULL, NULL, NULL), ==, 5);

  vl_fault_table_set_total_lie_rate (self->fault, 0.5);
  n_low = 0;
  for (guint i = 0; i < 200; i++)
    n_low += list_total (self, 5) != 5;
  g_assert_cmpuint (n_low, >, 60);
  g_assert_cmpuint (n_low, <, 140);
  g_assert_cmpuint (vl_fault_table_get_n_faults (self->fault), ==, 0);
}

/* An empty table has more than nothing, then. */
static void
test_total_lies_about_nothing (Fixture *self, gconstpointer data)
{
  vl_fault_table_set_total_lie_rate (self->fault, 1);
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (VlPage) page = vl_table_list_sync (self->table, NULL, NULL, NULL);

      g_assert_cmpint (vl_page_get_total (page), !=, 0);
      g_assert_cmpuint (vl_page_get_n_records (page), ==, 0);
    }
}

/* Errors that were pushed come before those of chance. */
static void
test_pushed_first (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) pushed = g_error_new_literal (VL_ERROR, VL_ERROR_REJECTED, "No");
  g_autoptr (GError) first = NULL;
  g_autoptr (GError) second = NULL;

  vl_fault_table_set_error_rate (self->fault, 1);
  vl_fault_table_push_error (self->fault, pushed);
  first = try_find (self, "a");
  second = try_find (self, "a");
  g_assert_error (first, VL_ERROR, VL_ERROR_REJECTED);
  g_assert_error (second, VL_ERROR, VL_ERROR_UNAVAILABLE);
}

static void
set_another_value (GObject *object, GParamSpec *pspec)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, pspec->value_type);
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    g_value_set_boolean (&value, TRUE);
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    g_value_set_uint (&value, 12);
  else if (G_IS_PARAM_SPEC_UINT64 (pspec))
    g_value_set_uint64 (&value, G_MAXUINT64);
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    g_value_set_double (&value, 0.25);
  else
    g_value_set_enum (&value, VL_ERROR_TIMED_OUT);
  g_object_set_property (object, pspec->name, &value);
}

/* What another value is, as text. */
static char *
dup_value (GObject *object, const char *name)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_object_get_property (object, name, &value);

  return g_strdup_value_contents (&value);
}

static void
test_properties (Fixture *self, gconstpointer data)
{
  GObject *object = G_OBJECT (self->fault);
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;
  guint n_settable = 0;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    {
      g_autofree char *signal = g_strconcat ("notify::", pspecs[i]->name, NULL);
      g_autofree char *before = dup_value (object, pspecs[i]->name);
      g_autofree char *after = NULL;
      guint n_notified = 0;
      gulong id;

      if (pspecs[i]->flags & G_PARAM_CONSTRUCT_ONLY)
        continue;

      n_settable++;
      id = g_signal_connect_swapped (object, signal, G_CALLBACK (g_atomic_int_inc), &n_notified);
      set_another_value (object, pspecs[i]);
      after = dup_value (object, pspecs[i]->name);
      g_assert_cmpstr (before, !=, after);
      g_assert_cmpuint (n_notified, ==, 1);
      set_another_value (object, pspecs[i]);
      g_assert_cmpuint (n_notified, ==, 1);
      g_signal_handler_disconnect (object, id);
    }
  g_assert_cmpuint (n_settable, ==, 16);
}

/* Nobody but the sanitizers sees more here than that nothing breaks. */
static gpointer
set_things (gpointer data)
{
  VlFaultTable *fault = data;

  for (guint i = 0; i < 500; i++)
    {
      vl_fault_table_set_seed (fault, i);
      vl_fault_table_set_jitter (fault, i % 3);
      vl_fault_table_set_error_rate (fault, i % 2 / 2.0);
      vl_fault_table_set_keep_order (fault, i % 2);
      vl_fault_table_set_offline (fault, i % 7 == 0);
      vl_fault_table_add_offline_window (fault, 1000, 1000);
      vl_fault_table_is_offline (fault);
      vl_fault_table_get_n_faults (fault);
    }

  return NULL;
}

static void
test_threads (Fixture *self, gconstpointer data)
{
  GThread *thread = g_thread_new ("settings", set_things, self->fault);
  Outcome outcomes[200] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      begin_find (self, "a", &outcomes[i]);
      fake_clock_advance (1);
    }
  g_thread_join (thread);
  fake_clock_advance (10);
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      g_assert_true (outcomes[i].ended);
      outcome_clear (&outcomes[i]);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add_test ("/fault-table/seed/same-calls-fare-the-same", test_same_seed);
  add_test ("/fault-table/seed/is-0-at-first", test_first_seed);
  add_test ("/fault-table/seed/settings-do-not-move-each-other", test_settings_apart);
  add_test ("/fault-table/error-rate/target-is-not-asked", test_error_rate);
  add_test ("/fault-table/error-rate/takes-its-time", test_error_takes_time);
  add_test ("/fault-table/lost-ack/write-was-applied", test_lost_ack);
  add_test ("/fault-table/lost-ack/of-a-whole-batch", test_lost_ack_of_a_batch);
  add_test ("/fault-table/never-answer-rate/either-way", test_never_answer_rate);
  add_test ("/fault-table/never-answer-rate/table-that-goes",
            test_never_answered_by_a_table_that_goes);
  add_test ("/fault-table/jitter/from-latency-to-the-sum", test_jitter);
  add_test ("/fault-table/total-lie/all-kinds-of-lies", test_total_lies);
  add_test ("/fault-table/total-lie/about-nothing", test_total_lies_about_nothing);
  add_test ("/fault-table/error/pushed-comes-before-chance", test_pushed_first);
  add_test ("/fault-table/properties/notify-once", test_properties);
  add_test ("/fault-table/threads/settings-from-any", test_threads);

  return g_test_run ();
}
