/* test-journal-file.c: records that are on the disk before anybody hears
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal-fixture.h"
#include "vantage-live/base/vl-checksum-private.h"
#include "vantage-live/base/vl-file-private.h"
#include "vantage-live/base/vl-lock-private.h"

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

/* A journal with these records, each synced alone. */
static GBytes *
make_file (const char *const *texts)
{
  Journal journal;

  journal_open (&journal);
  for (guint i = 0; texts[i] != NULL; i++)
    {
      journal_append (&journal, i, texts[i]);
      run_all ();
    }
  journal_clear (&journal);

  return fake_disk_get (JOURNAL);
}

static void
put_file (GBytes *data, gsize length)
{
  fake_disk_put (JOURNAL, g_bytes_get_data (data, NULL), length);
}

static void
assert_error (const GError *error, VlError code, const char *part)
{
  g_assert_error (error, VL_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, part));
}

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

/* --- Damage --- */

static const char *const five[] = {
  "first", "the second one", "3", "fourth, as it were, and long", "fifth", NULL,
};

static void
test_truncated (gpointer *fixture, gconstpointer data)
{
  g_autoptr (GBytes) file = make_file (five);
  const gsize size = g_bytes_get_size (file);
  gsize ends[G_N_ELEMENTS (five)] = { sizeof (VlJournalHeader) };

  for (guint i = 0; five[i] != NULL; i++)
    ends[i + 1] = ends[i] + _vl_journal_get_room (strlen (five[i]));
  g_assert_cmpuint (ends[5], ==, size);

  for (gsize length = 0; length <= size; length++)
    {
      guint n = 0;
      gsize sound;
      Journal journal;

      while (n < 5 && ends[n + 1] <= length)
        n++;
      sound = length < ends[0] ? 0 : ends[n];
      put_file (file, length);
      journal_open (&journal);
      g_assert_no_error (journal.error);
      g_assert_cmpuint (journal.records->len, ==, n);
      for (guint i = 0; i < n; i++)
        g_assert_cmpstr (g_ptr_array_index (journal.records, i), ==, five[i]);
      g_assert_cmpuint (journal.n_cut, ==, length - sound);
      g_assert_cmpuint (journal.n_skipped, ==, 0);
      g_assert_cmpuint (take_warnings (), ==, length > sound ? 1 : 0);
      journal_append (&journal, 1, "more");
      run_all ();
      journal_clear (&journal);

      journal_open (&journal);
      g_assert_cmpuint (journal.records->len, ==, n + 1);
      g_assert_cmpstr (g_ptr_array_index (journal.records, n), ==, "more");
      g_assert_cmpuint (journal.n_cut, ==, 0);
      g_assert_cmpuint (take_warnings (), ==, 0);
      journal_clear (&journal);
    }
  g_assert_cmpuint (fake_disk_count (JOURNAL), ==, 1);
}

/* An empty one stands for what is not there, if anything is in front of it. */
static void
assert_all_but (Journal *journal, guint hit)
{
  g_autoptr (GPtrArray) expected = g_ptr_array_new ();

  for (guint i = 0; i < 5; i++)
    if (i != hit)
      g_ptr_array_add (expected, (gpointer) five[i]);
    else if (i > 0 && i < 4)
      g_ptr_array_add (expected, (gpointer) "");
  g_assert_cmpuint (journal->records->len, ==, expected->len);
  for (guint i = 0; i < expected->len; i++)
    g_assert_cmpstr (g_ptr_array_index (journal->records, i), ==, expected->pdata[i]);
}

static void
check_flipped (GBytes *file, gsize place, guint hit, gsize last)
{
  g_autofree char *copy = g_memdup2 (g_bytes_get_data (file, NULL), g_bytes_get_size (file));
  g_autoptr (GBytes) aside = NULL;
  Journal journal;

  copy[place] ^= (char) g_rand_int_range (fixture_rand, 1, 256);
  fake_disk_put (JOURNAL, copy, g_bytes_get_size (file));
  journal_open (&journal);
  g_assert_no_error (journal.error);
  assert_all_but (&journal, hit);
  if (hit == 4)
    {
      g_assert_cmpuint (journal.n_cut, ==, g_bytes_get_size (file) - last);
      g_assert_null (journal.aside);
    }
  else
    {
      g_assert_cmpuint (journal.n_cut, ==, 0);
      g_assert_cmpuint (journal.n_skipped, >, 0);
      aside = fake_disk_get (journal.aside);
      g_assert_cmpmem (g_bytes_get_data (aside, NULL), g_bytes_get_size (aside), copy,
                       g_bytes_get_size (file));
      g_assert_cmpuint (fake_disk_get_mode (journal.aside), ==, 0600);
    }
  g_assert_cmpuint (take_warnings (), ==, hit == 4 ? 1 : 2);
  journal_clear (&journal);

  /* Once only. */
  journal_open (&journal);
  assert_all_but (&journal, hit);
  g_assert_cmpuint (journal.n_skipped, ==, 0);
  g_assert_cmpuint (take_warnings (), ==, 0);
  journal_clear (&journal);
}

static void
test_flipped (gpointer *fixture, gconstpointer data)
{
  g_autoptr (GBytes) file = make_file (five);
  gsize end = sizeof (VlJournalHeader);
  gsize place = 0;

  for (; place < end; place++)
    check_flipped (file, place, 5, 0);
  for (guint i = 0; i < 5; i++)
    {
      const gsize start = end;

      end += _vl_journal_get_room (strlen (five[i]));
      for (; place < end; place++)
        check_flipped (file, place, i, start);
    }
  g_assert_cmpuint (place, ==, g_bytes_get_size (file));
}

/* Records that a record holds are not taken for some of the file. */
static void
test_nested (gpointer *fixture, gconstpointer data)
{
  g_autoptr (GBytes) inner = make_file (five);
  g_autoptr (GBytes) file = NULL;
  g_autofree char *copy = NULL;
  Journal journal;

  journal_open (&journal);
  _vl_journal_file_append (journal.file, inner, NULL, NULL, NULL);
  journal_append (&journal, 1, "last");
  journal_clear (&journal);
  file = fake_disk_get (JOURNAL);
  copy = g_memdup2 (g_bytes_get_data (file, NULL), g_bytes_get_size (file));
  copy[g_bytes_get_size (inner)] ^= 1;
  fake_disk_put (JOURNAL, copy, g_bytes_get_size (file));

  journal_open (&journal);
  assert_records (&journal, "first the second one 3 fourth, as it were, and long fifth  last");
  journal_clear (&journal);
}

/* --- Something else --- */

static void
assert_set_aside (void)
{
  g_autoptr (GBytes) before = fake_disk_get (JOURNAL);
  g_autoptr (GBytes) aside = NULL;
  g_autofree char *expected = g_strdup_printf ("%s.aside-%u", JOURNAL,
                                               fake_disk_count (JOURNAL ".aside") + 1);
  Journal journal;

  journal_open (&journal);
  assert_records (&journal, "");
  g_assert_cmpstr (journal.aside, ==, expected);
  aside = fake_disk_get (journal.aside);
  g_assert_true (g_bytes_equal (aside, before));
  g_assert_cmpuint (take_warnings (), ==, 1);
  journal_append (&journal, 1, "new");
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1");
  journal_clear (&journal);
  assert_journal ("new");
}

static void
test_version (gpointer *fixture, gconstpointer data)
{
  g_autoptr (GBytes) file = make_file (five);
  g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (file, NULL), g_bytes_get_size (file));
  VlJournalHeader header;

  memcpy (&header, copy, sizeof header);
  header.version = VL_JOURNAL_VERSION + 1;
  header.checksum = _vl_checksum (&header, G_STRUCT_OFFSET (VlJournalHeader, checksum),
                                  VL_JOURNAL_VERSION);
  memcpy (copy, &header, sizeof header);
  fake_disk_put (JOURNAL, copy, g_bytes_get_size (file));
  assert_set_aside ();

  header.byte_order = GUINT16_SWAP_LE_BE (VL_JOURNAL_BYTE_ORDER);
  memcpy (copy, &header, sizeof header);
  fake_disk_put (JOURNAL, copy, g_bytes_get_size (file));
  assert_set_aside ();
}

static void
test_foreign (gpointer *fixture, gconstpointer data)
{
  static const char *const texts[] = { "S", "A text", "A text that is longer than the header is" };
  char zeros[64] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      fake_disk_put (JOURNAL, texts[i], strlen (texts[i]));
      assert_set_aside ();
    }
  fake_disk_put (JOURNAL, zeros, sizeof zeros);
  assert_set_aside ();
  g_assert_cmpuint (fake_disk_count (JOURNAL ".aside"), ==, 4);
}

static void
assert_refused (const char *path, VlError code, const char *part)
{
  Journal journal;

  journal_begin (&journal, path);
  journal_append (&journal, 1, "one");
  run_all ();
  assert_error (journal.error, code, part);
  g_assert_nonnull (strstr (journal.error->message, path));
  g_assert_cmpstr (journal.heard->str, ==, "1!");
  g_assert_error (journal.last_error, VL_ERROR, (int) code);
  journal_clear (&journal);
}

static void
test_refused (gpointer *fixture, gconstpointer data)
{
  fake_disk_put_link ("/disk/link");
  assert_refused ("/disk/link", VL_ERROR_UNAVAILABLE, "symbolic link");
  assert_refused ("/disk", VL_ERROR_UNAVAILABLE, "is no file");
  fake_disk_put ("/disk/other", "", 0);
  fake_disk_set_owner ("/disk/other", (guint) geteuid () + 1);
  assert_refused ("/disk/other", VL_ERROR_UNAVAILABLE, "another user");
  fake_disk.read_only = TRUE;
  assert_refused (JOURNAL, VL_ERROR_UNAVAILABLE, "Read-only");
  assert_refused ("/disk/new/journal", VL_ERROR_UNAVAILABLE, "Read-only");
  fake_disk.read_only = FALSE;
  fake_disk.room = 10;
  assert_refused (JOURNAL, VL_ERROR_UNAVAILABLE, "no room");
}

static void
test_folder (gpointer *fixture, gconstpointer data)
{
  Journal journal;

  journal_begin (&journal, "/disk/a/b/journal");
  journal_append (&journal, 1, "one");
  run_all ();
  g_assert_cmpstr (journal.heard->str, ==, "1");
  g_assert_cmpuint (fake_disk_get_mode ("/disk/a"), ==, 0700);
  g_assert_cmpuint (fake_disk_get_mode ("/disk/a/b"), ==, 0700);

  journal_crash (&journal);
  journal_begin (&journal, "/disk/a/b/journal");
  run_all ();
  assert_records (&journal, "one");
  journal_clear (&journal);
}

static void
test_two_owners (gpointer *fixture, gconstpointer data)
{
  Journal first;

  journal_open (&first);
  assert_refused (JOURNAL, VL_ERROR_UNAVAILABLE, "in use");
  journal_append (&first, 1, "one");
  run_all ();
  g_assert_cmpstr (first.heard->str, ==, "1");

  /* A new file is there before anybody sees it without an owner. */
  journal_rewrite (&first, 2, NULL, 0);
  run_all ();
  g_assert_cmpstr (first.heard->str, ==, "1 2");
  assert_refused (JOURNAL, VL_ERROR_UNAVAILABLE, "in use");
  journal_clear (&first);
  assert_journal ("");
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

/* --- The real thing --- */

typedef struct
{
  char *folder;
  char *path;
} Real;

static void
real_set_up (Real *real, gconstpointer data)
{
  real->folder = g_dir_make_tmp ("vl-journal-XXXXXX", NULL);
  g_assert_nonnull (real->folder);
  real->path = g_build_filename (real->folder, "journal", NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
}

static void
real_tear_down (Real *real, gconstpointer data)
{
  g_unlink (real->path);
  g_assert_cmpint (g_rmdir (real->folder), ==, 0);
  g_free (real->folder);
  g_free (real->path);
}

static void
real_wait (Journal *journal)
{
  while (!journal->is_answered)
    g_main_context_iteration (NULL, TRUE);
}

static void
done_closing (const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static void
real_close (Journal *journal)
{
  gboolean closed = FALSE;

  _vl_journal_file_close (g_steal_pointer (&journal->file), done_closing, &closed, NULL);
  while (!closed)
    g_main_context_iteration (NULL, TRUE);
  journal_clear (journal);
}

static gint n_real_syncs;
static const VlFileBackend *real_backend;

static int
counted_sync (int fd)
{
  g_atomic_int_inc (&n_real_syncs);

  return real_backend->sync (fd);
}

static void
count_done (const GError *error, gpointer user_data)
{
  guint *next = user_data;

  g_assert_no_error (error);
  (*next)++;
}

static void
test_threads (Real *real, gconstpointer data)
{
  VlFileBackend counting;
  guint n_done = 0;
  Journal journal;

  real_backend = _vl_file_backend ();
  counting = *real_backend;
  counting.sync = counted_sync;
  _vl_file_set_backend (&counting);
  journal_begin (&journal, real->path);
  for (guint i = 0; i < N_MANY; i++)
    {
      g_autofree char *text = g_strdup_printf ("record %u", i);
      g_autoptr (GBytes) record = g_bytes_new (text, strlen (text));

      _vl_journal_file_append (journal.file, record, count_done, &n_done, NULL);
    }
  while (n_done < N_MANY)
    g_main_context_iteration (NULL, TRUE);
  g_test_message ("%d syncs for %d records", g_atomic_int_get (&n_real_syncs), N_MANY);
  g_assert_cmpint (g_atomic_int_get (&n_real_syncs), <, N_MANY / 20);
  real_close (&journal);
  _vl_file_set_backend (NULL);

  journal_begin (&journal, real->path);
  real_wait (&journal);
  g_assert_cmpuint (journal.records->len, ==, N_MANY);
  g_assert_cmpstr (g_ptr_array_index (journal.records, 4567), ==, "record 4567");
  real_close (&journal);
}

static void
test_modes (Real *real, gconstpointer data)
{
  static const mode_t masks[] = { 0, 0777, 022 };

  for (guint i = 0; i < G_N_ELEMENTS (masks); i++)
    {
      mode_t before = umask (masks[i]);
      GStatBuf info;
      Journal journal;

      journal_begin (&journal, real->path);
      real_wait (&journal);
      g_assert_no_error (journal.error);
      umask (before);
      g_assert_cmpint (g_stat (real->path, &info), ==, 0);
      g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
      real_close (&journal);

      /* One that others may read, too. */
      g_assert_cmpint (g_chmod (real->path, 0644), ==, 0);
      journal_begin (&journal, real->path);
      real_wait (&journal);
      g_assert_cmpint (g_stat (real->path, &info), ==, 0);
      g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
      real_close (&journal);
      g_assert_cmpint (g_unlink (real->path), ==, 0);
    }
}

/* Nobody waits for a pipe to be opened at the other end. */
static void
test_pipe (Real *real, gconstpointer data)
{
  Journal journal;

  g_assert_cmpint (mkfifo (real->path, 0600), ==, 0);
  journal_begin (&journal, real->path);
  real_wait (&journal);
  assert_error (journal.error, VL_ERROR_UNAVAILABLE, "is no file");
  real_close (&journal);
}

static char *
shared_path (pid_t pid)
{
  g_autofree char *name = g_strdup_printf ("vl-journal-%" G_GINT64_FORMAT, (gint64) pid);

  return g_build_filename (g_get_tmp_dir (), name, NULL);
}

static void
test_other_process (Real *real, gconstpointer data)
{
  g_autofree char *path = NULL;
  Journal journal;

  if (g_test_subprocess ())
    {
      path = shared_path (getppid ());
      journal_begin (&journal, path);
      real_wait (&journal);
      assert_error (journal.error, VL_ERROR_UNAVAILABLE, "in use by another program");
      real_close (&journal);
      return;
    }

  path = shared_path (getpid ());
  journal_begin (&journal, path);
  real_wait (&journal);
  g_assert_no_error (journal.error);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
  real_close (&journal);
  g_unlink (path);
}

#define ADD(path, func) g_test_add ("/journal-file/" path, gpointer, NULL, set_up, func, tear_down)
#define ADD_REAL(path, func) \
 g_test_add ("/journal-file/" path, Real, NULL, real_set_up, func, real_tear_down)

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
  ADD ("open/truncated-at-each-byte", test_truncated);
  ADD ("open/each-byte-flipped", test_flipped);
  ADD ("open/records-inside-of-records-are-none", test_nested);
  ADD ("open/another-version-is-set-aside", test_version);
  ADD ("open/something-else-is-set-aside", test_foreign);
  ADD ("open/refuses-what-is-not-ours", test_refused);
  ADD ("open/makes-its-folder", test_folder);
  ADD ("open/second-owner-is-refused", test_two_owners);
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
  ADD_REAL ("real/far-fewer-syncs-than-records", test_threads);
  ADD_REAL ("real/for-this-user-alone-whatever-the-umask", test_modes);
  ADD_REAL ("real/does-not-wait-for-a-pipe", test_pipe);
  ADD_REAL ("real/second-process-is-refused", test_other_process);

  return g_test_run ();
}
