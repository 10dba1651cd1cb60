/* test-journal-file.c: records that are on the disk before anybody hears
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "journal-fixture.h"

#define N_MANY 10000

static void
set_up (gpointer *fixture, gconstpointer data)
{
  fixture_begin (1);
}

static void
tear_down (gpointer *fixture, gconstpointer data)
{
  fixture_end ();
}

/* A journal with these records, each synced alone. */ static const char *const five[] = {
  "first", "the second one", "3", "fourth, as it were, and long", "fifth", NULL,
};

/* --- Appending --- */

static void
test_replay (gpointer *fixture, gconstpointer data)
{
  Journal journal;

  journal_open (&journal);
  assert_records (&journal, "");
  journal_append (&journal, 1, "one");
  journal_append (&journal, 2, "2");
  run_all ();
  journal_append (&journal, 3, "three and more");
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1 2 3");
  journal_clear (&journal);

  assert_journal ("one 2 three and more");
  assert_journal ("one 2 three and more");
  g_assert_cmpuint (fake_disk_count (JOURNAL), ==, 1);
  g_assert_cmpuint (take_warnings (), ==, 0);
}

/* What was not appended by a call that was answered is not promised. */
static void
test_synced_first (gpointer *fixture, gconstpointer data)
{
  Journal journal;

  journal_open (&journal);
  journal_append (&journal, 1, "one");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (journal.heard->str, ==, "");
  while (run_job ())
    ;
  g_assert_cmpstr (journal.heard->str, ==, "");
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1");

  journal_crash (&journal);
  assert_journal ("one");
}

static void
test_group (gpointer *fixture, gconstpointer data)
{
  g_autoptr (GString) expected = g_string_new (NULL);
  Journal journal;
  guint n_syncs;

  journal_open (&journal);
  n_syncs = fake_disk.n_syncs;
  fake_disk.n_writes = 0;
  for (guint i = 0; i < N_MANY; i++)
    {
      journal_append (&journal, i, "record");
      g_string_append_printf (expected, "%s%u", i > 0 ? " " : "", i);
    }
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, expected->str);
  g_assert_cmpuint (fake_disk.n_syncs - n_syncs, ==, 1);
  g_assert_cmpuint (fake_disk.n_writes, ==, 1);
  journal_clear (&journal);

  journal_open (&journal);
  g_assert_cmpuint (journal.records->len, ==, N_MANY);
  journal_clear (&journal);
}

/* Appended before it is open, and closed before they are done. */
static void
test_close (gpointer *fixture, gconstpointer data)
{
  Journal journal;

  journal_begin (&journal, JOURNAL);
  journal_append (&journal, 1, "one");
  journal_append (&journal, 2, "two");
  _vl_journal_file_close (g_steal_pointer (&journal.file), NULL, NULL, NULL);
  g_assert_cmpstr (journal.heard->str, ==, "");
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1 2");
  journal_clear (&journal);
  assert_journal ("one two");
}

/* Closed and opened again without waiting: one after the other. */
static void
test_reopen (gpointer *fixture, gconstpointer data)
{
  Journal first;
  Journal second;

  journal_open (&first);
  journal_append (&first, 1, "one");
  _vl_journal_file_close (g_steal_pointer (&first.file), NULL, NULL, NULL);
  journal_begin (&second, JOURNAL);
  run_all ();
  assert_records (&second, "one");
  journal_clear (&second);
  journal_clear (&first);
}

static void
test_short_writes (gpointer *fixture, gconstpointer data)
{
  Journal journal;

  fake_disk.short_writes = TRUE;
  fake_disk.interrupts = TRUE;
  journal_open (&journal);
  journal_append (&journal, 1, "written in many parts, with interruptions");
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1");
  journal_clear (&journal);
  assert_journal ("written in many parts, with interruptions");
}

static void
test_large (gpointer *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (9 * 1024 * 1024, 'x');
  Journal journal;

  journal_open (&journal);
  journal_append (&journal, 1, "small");
  journal_append (&journal, 2, text);
  journal_append (&journal, 3, "small");
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1 2 3");
  journal_clear (&journal);

  journal_open (&journal);
  g_assert_cmpuint (journal.records->len, ==, 3);
  g_assert_cmpstr (g_ptr_array_index (journal.records, 1), ==, text);
  journal_clear (&journal);
}

static void
test_home_gone (gpointer *fixture, gconstpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Journal journal;

  g_main_context_push_thread_default (context);
  journal_begin (&journal, JOURNAL);
  g_main_context_pop_thread_default (context);
  journal_append (&journal, 1, "one");
  while (run_job ())
    ;
  journal_append (&journal, 2, "two");
  g_clear_pointer (&context, g_main_context_unref);
  g_assert_cmpuint (journal.n_dropped, ==, 2);
  run_all ();
  g_assert_cmpuint (journal.n_dropped, ==, 3);
  g_assert_cmpstr (journal.heard->str, ==, "");
  journal_clear (&journal);
  assert_journal ("one two");
}
/* --- Disks that fail --- */

static void
test_full (gpointer *fixture, gconstpointer data)
{
  Journal journal;

  journal_open (&journal);
  journal_append (&journal, 1, "one");
  run_all ();
  fake_disk.room = 100;
  journal_append (&journal, 2,
                  "more than there is room for, by far, by very far, by very very far");
  run_all ();
  journal_append (&journal, 3, "3");
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1 2! 3");
  assert_error (journal.last_error, VL_ERROR_UNAVAILABLE, "no room");
  journal_clear (&journal);

  fake_disk_restart ();
  assert_journal ("one 3");
  g_assert_cmpuint (fake_disk_count (JOURNAL), ==, 1);
}

/* What was said to have failed does not come back, where the disk let it be
 * taken back. */
static void
test_taken_back (gpointer *fixture, gconstpointer data)
{
  for (guint32 seed = 1; seed <= 100; seed++)
    {
      Journal journal;

      fixture_end ();
      fixture_begin (seed);
      journal_open (&journal);
      journal_append (&journal, 1, "one");
      run_all ();
      if (seed % 2 == 0)
        fake_disk.fail_syncs = 1;
      else
        fake_disk.room = 120;
      journal_append (&journal, 2, "2");
      journal_append (&journal, 3, "much more than there is room for in what is left of the disk");
      run_all ();
      g_assert_cmpstr (journal.heard->str, ==, "1 2! 3!");
      journal_crash (&journal);
      assert_journal ("one");
    }
}

/* A program that was killed has not synced what the next one reads. */
static void
test_killed (gpointer *fixture, gconstpointer data)
{
  for (guint32 seed = 1; seed <= 100; seed++)
    {
      Journal journal;
      guint n;

      fixture_end ();
      fixture_begin (seed);
      journal_open (&journal);
      journal_append (&journal, 1, "one");
      fake_disk.crash_at = fake_disk.n_ops + 2;
      run_all ();
      journal_clear (&journal);
      fake_disk.is_off = FALSE;

      journal_open (&journal);
      n = journal.records->len;
      journal_crash (&journal);
      journal_open (&journal);
      g_assert_cmpuint (journal.records->len, ==, n);
      journal_clear (&journal);
    }
}

/* Syncs fail `n` times; what was said to be there is, whatever the disk made
 * of the rest. */
static void
check_failing_syncs (guint32 seed, guint n)
{
  g_autofree char *filler = g_strnfill ((gsize) g_rand_int_range (fixture_rand, 0, 2000), 'x');
  g_autofree char *expected = NULL;
  Journal journal;

  journal_open (&journal);
  journal_append (&journal, 1, filler);
  run_all ();
  fake_disk.fail_syncs = n;
  journal_append (&journal, 2, "two");
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1 2!");
  assert_error (journal.last_error, VL_ERROR_FAILED, "not recorded");
  for (guint i = 3; fake_disk.fail_syncs > 0; i++)
    {
      journal_append (&journal, i, "failed");
      run_all ();
      g_assert_true (g_str_has_suffix (journal.heard->str, "!"));
    }
  g_string_truncate (journal.heard, 0);
  journal_append (&journal, 100, "good");
  run_all ();
  if (g_str_equal (journal.heard->str, "100!"))
    {
      journal_append (&journal, 101, "good");
      run_all ();
    }
  g_assert_false (g_str_has_suffix (journal.heard->str, "!"));

  journal_crash (&journal);
  expected = g_strconcat (filler, " good", NULL);
  assert_journal (expected);
}

static void
test_failing_syncs (gpointer *fixture, gconstpointer data)
{
  for (guint32 seed = 1; seed <= 50; seed++)
    for (guint n = 1; n <= 8; n++)
      {
        fixture_end ();
        fixture_begin (seed);
        check_failing_syncs (seed, n);
      }
}

/* Nothing is promised of a file whose name may go. */
static void
test_failing_folder_syncs (gpointer *fixture, gconstpointer data)
{
  Journal journal;

  fake_disk.fail_folder_syncs = 1;
  assert_refused (JOURNAL, VL_ERROR_FAILED, "Input/output");

  journal_open (&journal);
  journal_append (&journal, 1, "one");
  run_all ();
  fake_disk.fail_folder_syncs = 2;
  {
    static const char *const kept[] = { "kept" };

    journal_rewrite (&journal, 2, kept, 1);
  }
  run_all ();
  journal_append (&journal, 3, "three");
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1 2 3!");
  g_assert_error (journal.last_error, VL_ERROR, VL_ERROR_FAILED);
  journal_append (&journal, 4, "four");
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1 2 3! 4");

  journal_crash (&journal);
  assert_journal ("kept four");
}

static void
test_failing_others (gpointer *fixture, gconstpointer data)
{
  static const char *const kept[] = { "kept" };
  Journal journal;

  journal_open (&journal);
  journal_append (&journal, 1, "one");
  run_all ();
  fake_disk.fail_writes = 1;
  journal_append (&journal, 2, "two");
  run_all ();
  fake_disk.fail_writes = 1;
  fake_disk.fail_truncates = 1;
  journal_append (&journal, 3, "three");
  run_all ();
  fake_disk.fail_renames = 1;
  journal_rewrite (&journal, 4, kept, 1);
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1 2! 3! 4!");
  assert_error (journal.last_error, VL_ERROR_FAILED, "written anew");
  journal_append (&journal, 5, "five");
  run_all ();
  journal_clear (&journal);
  g_assert_cmpuint (fake_disk_count (JOURNAL), ==, 1);
  fake_disk_restart ();
  assert_journal ("one five");
}
/* --- Writing anew --- */

static void
test_rewrite (gpointer *fixture, gconstpointer data)
{
  static const char *const kept[] = { "two", "four" };
  g_autoptr (GBytes) before = make_file (five);
  g_autoptr (GBytes) after = NULL;
  Journal journal;

  journal_open (&journal);
  journal_append (&journal, 1, "covered");
  journal_rewrite (&journal, 2, kept, 2);
  journal_append (&journal, 3, "later");
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1 3 2");
  journal_append (&journal, 4, "last");
  journal_clear (&journal);
  after = fake_disk_get (JOURNAL);
  g_assert_cmpuint (g_bytes_get_size (after), <, g_bytes_get_size (before));
  g_assert_cmpuint (fake_disk_get_mode (JOURNAL), ==, 0600);
  g_assert_cmpuint (fake_disk_count (JOURNAL), ==, 1);
  assert_journal ("two four later last");
}

/* Much is written anew bit by bit; an append waits for one of them at most. */
static void
test_rewrite_in_parts (gpointer *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (100 * 1024, 'x');
  const char *texts[40];
  guint number = 1;
  Journal journal;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    texts[i] = text;
  journal_open (&journal);
  journal_rewrite (&journal, 0, texts, G_N_ELEMENTS (texts));
  for (guint turn = 0; !g_str_has_suffix (journal.heard->str, " 0"); turn++)
    {
      g_assert_cmpuint (turn, <, 20);
      journal_append (&journal, number, "more");
      g_assert_true (run_job ());
      while (g_main_context_iteration (NULL, FALSE))
        ;
      {
        g_autofree char *heard = g_strdup_printf ("%u", number++);

        g_assert_nonnull (g_strrstr (journal.heard->str, heard));
      }
    }
  g_assert_cmpuint (number, >, 10);
  journal_clear (&journal);

  journal_open (&journal);
  g_assert_cmpuint (journal.records->len, ==, G_N_ELEMENTS (texts) + number - 1);
  g_assert_cmpstr (g_ptr_array_index (journal.records, 0), ==, text);
  g_assert_cmpstr (g_ptr_array_index (journal.records, 40), ==, "more");
  journal_clear (&journal);
}

/* A second one waits for the first, closing too. */
static void
test_rewrite_twice (gpointer *fixture, gconstpointer data)
{
  static const char *const first[] = { "first" };
  static const char *const second[] = { "second" };
  Journal journal;

  journal_open (&journal);
  journal_rewrite (&journal, 1, first, 1);
  journal_rewrite (&journal, 2, second, 1);
  _vl_journal_file_close (g_steal_pointer (&journal.file), NULL, NULL, NULL);
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1 2");
  journal_clear (&journal);
  assert_journal ("second");
}

/* What was to be written anew may hold what was not appended. */
static void
test_rewrite_after_failure (gpointer *fixture, gconstpointer data)
{
  static const char *const kept[] = { "one", "two" };
  Journal journal;

  journal_open (&journal);
  journal_append (&journal, 1, "one");
  run_all ();
  fake_disk.fail_writes = 1;
  journal_append (&journal, 2, "two");
  journal_rewrite (&journal, 3, kept, 2);
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1 2! 3!");
  journal_rewrite (&journal, 4, kept, 1);
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1 2! 3! 4");
  journal_clear (&journal);
  assert_journal ("one");
}

static void
test_keep_copy (gpointer *fixture, gconstpointer data)
{
  g_autoptr (GBytes) before = make_file (five);
  g_autoptr (GBytes) copy = NULL;
  g_autoptr (GPtrArray) nothing = g_ptr_array_new ();
  Journal journal;

  journal_open (&journal);
  _vl_journal_file_rewrite (journal.file, nothing, 0, TRUE, NULL, NULL, NULL);
  run_all ();
  copy = fake_disk_get (JOURNAL ".aside-1");
  g_assert_true (g_bytes_equal (copy, before));
  journal_clear (&journal);
  assert_journal ("");
}
#define ADD(path, func) g_test_add ("/journal-file/" path, gpointer, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("append/comes-back-in-order", test_replay);
  ADD ("append/is-answered-when-it-is-synced", test_synced_first);
  ADD ("append/all-that-is-queued-is-one-write-and-one-sync", test_group);
  ADD ("append/is-done-when-it-is-closed-meanwhile", test_close);
  ADD ("append/survives-short-writes-and-interruptions", test_short_writes);
  ADD ("append/large-records", test_large);
  ADD ("append/home-goes-away", test_home_gone);
  ADD ("open/again-at-once", test_reopen);
  ADD ("failure/full-disk", test_full);
  ADD ("failure/what-failed-does-not-come-back", test_taken_back);
  ADD ("failure/what-a-killed-program-left-is-synced-first", test_killed);
  ADD ("failure/syncs", test_failing_syncs);
  ADD ("failure/syncs-of-the-folder", test_failing_folder_syncs);
  ADD ("failure/writes-truncations-renames", test_failing_others);
  ADD ("rewrite/keeps-what-it-is-told", test_rewrite);
  ADD ("rewrite/in-parts-between-appends", test_rewrite_in_parts);
  ADD ("rewrite/one-after-the-other", test_rewrite_twice);
  ADD ("rewrite/not-with-what-has-failed-meanwhile", test_rewrite_after_failure);
  ADD ("rewrite/sets-a-copy-aside", test_keep_copy);

  return g_test_run ();
}
