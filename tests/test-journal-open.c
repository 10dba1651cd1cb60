/* test-journal-open.c: what there may be where a journal is to be
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal-fixture.h"
#include "vantage-live/base/vl-checksum-private.h"
#include "vantage-live/base/vl-file-private.h"

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

/* A journal with these records, each synced alone. */ static void
put_file (GBytes *data, gsize length)
{
  fake_disk_put (JOURNAL, g_bytes_get_data (data, NULL), length);
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

/* Nobody else may look into it, not even for a moment. */
static void
test_mode_from_the_beginning (gpointer *fixture, gconstpointer data)
{
  Journal journal;

  journal_open (&journal);
  journal_append (&journal, 1, "one");
  run_all ();
  g_assert_no_error (journal.error);
  g_assert_true (fake_disk_has (JOURNAL));
  g_assert_cmpuint (fake_disk.n_modes, ==, 0);
  journal_clear (&journal);
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

#define ADD(path, func) g_test_add ("/journal-open/" path, gpointer, NULL, set_up, func, tear_down)
#define ADD_REAL(path, func) \
 g_test_add ("/journal-open/" path, Real, NULL, real_set_up, func, real_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("truncated-at-each-byte", test_truncated);
  ADD ("each-byte-flipped", test_flipped);
  ADD ("records-inside-of-records-are-none", test_nested);
  ADD ("another-version-is-set-aside", test_version);
  ADD ("something-else-is-set-aside", test_foreign);
  ADD ("refuses-what-is-not-ours", test_refused);
  ADD ("makes-its-folder", test_folder);
  ADD ("second-owner-is-refused", test_two_owners);
  ADD ("for-this-user-alone-from-the-beginning", test_mode_from_the_beginning);
  ADD_REAL ("real/far-fewer-syncs-than-records", test_threads);
  ADD_REAL ("real/for-this-user-alone-whatever-the-umask", test_modes);
  ADD_REAL ("real/does-not-wait-for-a-pipe", test_pipe);
  ADD_REAL ("real/second-process-is-refused", test_other_process);

  return g_test_run ();
}
