/* bench-journal.c: what it costs that writes are on the disk before they are
 * accepted
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Both sides are given the same changes, 256 at a time, and are done with them
 * when all of them are synced: a journal, whose thread takes to the disk at once
 * what has come meanwhile; and a table of SQLite with a write-ahead log that is
 * synced with each transaction. The peer is given the bytes that the journal
 * appends, which it does not have to make, and puts them into rows with a number,
 * in as many transactions as the journal has synced.
 */

#include "bench.h"

#include "bench-sqlite-peer.h"

#include "vantage-live/base/vl-file-private.h"
#include "vantage-live/live/vl-live-journal-private.h"

#define N_CHANGES 10000
#define N_BURST   256

/* With a sync each it would take long. */
#define N_SINGLE 500

typedef struct
{
  char *folder;
  VlLiveJournal *journal;
  GPtrArray *changes; /* of VlChange */
  GPtrArray *notes;   /* of GBytes: the same */
  GArray *numbers;    /* of guint64, of what is in the journal */
  gboolean is_open;
  guint n_left;

  guint n_syncs; /* of the last round of the journal */

  sqlite3 *db;
  sqlite3_stmt *insert;
  gint64 last_number;
} Journal;

static const VlFileBackend *real_backend;
static VlFileBackend counting_backend;
static gint n_syncs; /* atomic: of all threads */

static int
count_sync (int fd)
{
  g_atomic_int_inc (&n_syncs);

  return real_backend->sync (fd);
}

static guint
n_changes (void)
{
  return bench_is_quick () ? 2 * N_BURST : N_CHANGES;
}

static void
opened (const VlJournalFound *found, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  g_assert_cmpuint (found->writes->len, ==, 0);
  ((Journal *) user_data)->is_open = TRUE;
}

static void
recorded (const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  ((Journal *) user_data)->n_left--;
}

static void
record (Journal *self, guint from, guint to)
{
  self->n_left = to - from;
  for (guint i = from; i < to; i++)
    {
      guint64 number = _vl_live_journal_record (self->journal, self->changes->pdata[i],
                                                VL_JOURNALED_QUEUED, recorded, self, NULL);

      g_array_append_val (self->numbers, number);
    }
  peer_wait (&self->n_left);
}

/* What was recorded is settled, so that each round begins with none. */
static void
settle (Journal *self)
{
  self->n_left = self->numbers->len;
  for (guint i = 0; i < self->numbers->len; i++)
    _vl_live_journal_settle (self->journal, g_array_index (self->numbers, guint64, i),
                             VL_SETTLED_APPLIED, NULL, recorded, self, NULL);
  peer_wait (&self->n_left);
  g_array_set_size (self->numbers, 0);
}

static double
record_in (Journal *self, guint n, guint n_burst)
{
  const int n_before = g_atomic_int_get (&n_syncs);
  const guint64 began = peer_now ();
  double each;

  for (guint i = 0; i < n; i += n_burst)
    record (self, i, MIN (i + n_burst, n));
  each = peer_each (began, n);
  self->n_syncs = (guint) (g_atomic_int_get (&n_syncs) - n_before);
  settle (self);

  return each;
}

static double
record_ours (gpointer data, guint n)
{
  return n * record_in (data, n_changes (), N_BURST);
}

static double
record_ours_single (gpointer data, guint n)
{
  return n * record_in (data, N_SINGLE, 1);
}

static void
insert_one (Journal *self, GBytes *note)
{
  gsize length;
  const void *bytes = g_bytes_get_data (note, &length);

  sqlite3_bind_int64 (self->insert, 1, ++self->last_number);
  sqlite3_bind_blob64 (self->insert, 2, bytes, length, SQLITE_STATIC);
  peer_done (self->insert);
}

static double
insert_in (Journal *self, guint n, guint n_transactions)
{
  const guint n_batch = (n + n_transactions - 1) / n_transactions;
  const guint64 began = peer_now ();
  double each;

  for (guint i = 0; i < n; i++)
    {
      if (i % n_batch == 0)
        peer_exec (self->db, "BEGIN IMMEDIATE");
      insert_one (self, self->notes->pdata[i]);
      if (i % n_batch == n_batch - 1 || i == n - 1)
        peer_exec (self->db, "COMMIT");
    }
  each = peer_each (began, n);
  peer_exec (self->db, "DELETE FROM journal");

  return each;
}

static double
insert_peer (gpointer data, guint n)
{
  return n * insert_in (data, n_changes (), ((Journal *) data)->n_syncs);
}

static double
insert_peer_single (gpointer data, guint n)
{
  return n * insert_in (data, N_SINGLE, N_SINGLE);
}

static void
make_changes (Journal *self)
{
  for (guint i = 0; i < N_CHANGES; i++)
    {
      PeerClient client;
      g_autoptr (VlRecord) record = NULL;
      VlChange *change;

      peer_client (&client, i + 1);
      record = peer_client_to_record (&client);
      change = vl_change_new_insert (record);
      g_ptr_array_add (self->changes, change);
      g_ptr_array_add (self->notes, _vl_note_recorded (i + 1, change, VL_JOURNALED_QUEUED));
    }
}

static gpointer
journal_set_up (void)
{
  Journal *self = g_new0 (Journal, 1);
  g_autofree char *path = NULL;
  g_autofree char *peer_path = NULL;

  real_backend = _vl_file_backend ();
  counting_backend = *real_backend;
  counting_backend.sync = count_sync;
  _vl_file_set_backend (&counting_backend);
  self->folder = peer_folder_new ();
  self->changes = g_ptr_array_new_with_free_func (g_object_unref);
  self->notes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->numbers = g_array_new (FALSE, FALSE, sizeof (guint64));
  make_changes (self);

  path = g_build_filename (self->folder, "journal", NULL);
  self->journal = _vl_live_journal_open (path, opened, self, NULL);
  bench_turn_until (&self->is_open);

  peer_path = g_build_filename (self->folder, "peer.db", NULL);
  self->db = peer_open (peer_path);
  peer_exec (self->db, "PRAGMA journal_mode = WAL");
  peer_exec (self->db, "PRAGMA synchronous = FULL");
  peer_exec (self->db, "CREATE TABLE journal (number INTEGER PRIMARY KEY, note BLOB NOT NULL)");
  self->insert = peer_prepare (self->db, "INSERT INTO journal VALUES (?, ?)");

  return self;
}

static void
journal_check (gpointer data)
{
  Journal *self = data;

  record_ours (self, 1);
  g_assert_cmpuint (self->n_syncs, >=, n_changes () / N_BURST);
  record (self, 0, N_BURST);
  g_assert_cmpuint (_vl_live_journal_get_n_unsettled (self->journal), ==, N_BURST);
  settle (self);
  g_assert_cmpuint (_vl_live_journal_get_n_unsettled (self->journal), ==, 0);
  insert_in (self, N_BURST, 1);
  g_assert_cmpint (self->last_number, ==, N_BURST);
  g_assert_cmpint (peer_get_int64 (self->db, "PRAGMA synchronous"), ==, 2);
}

static void
closed (const GError *error, gpointer user_data)
{
  ((Journal *) user_data)->is_open = TRUE;
}

static void
journal_tear_down (gpointer data)
{
  Journal *self = data;

  self->is_open = FALSE;
  _vl_live_journal_close (self->journal, closed, self, NULL);
  bench_turn_until (&self->is_open);
  sqlite3_finalize (self->insert);
  sqlite3_close (self->db);
  g_array_unref (self->numbers);
  g_ptr_array_unref (self->notes);
  g_ptr_array_unref (self->changes);
  peer_folder_free (self->folder);
  _vl_file_set_backend (NULL);
  g_free (self);
}

static const BenchCase group_case = {
  .id = "17",
  .title = "10,000 changes recorded durably, 256 at a time",
  .ours = { .what = "the journal, until all have called back", .measure = record_ours, .n = 10000 },
  .peer = { .what = "the same bytes as rows, as many transactions as it synced",
            .measure = insert_peer,
            .n = 10000 },
  .figure = "a change recorded in the journal, of 256 together",
  .bar = BENCH_AT_MOST,
  .limit = 2,
  .set_up = journal_set_up,
  .tear_down = journal_tear_down,
  .check = journal_check,
  .when_missed = "The bytes are made on the caller's thread, 1.2 µs a change, which the peer is "
                 "spared; the rest is a call back for each, and a thread that is woken. Where "
                 "syncing costs nothing that is what is left to be seen.",
};

static const BenchCase single_case = {
  .id = "17-single",
  .title = "500 changes recorded durably, one after the other",
  .ours = { .what = "the journal, each until it has called back",
            .measure = record_ours_single,
            .n = N_SINGLE },
  .peer = { .what = "the same bytes as rows, a transaction each",
            .measure = insert_peer_single,
            .n = N_SINGLE },
  .bar = BENCH_AT_MOST,
  .limit = 2,
  .set_up = journal_set_up,
  .tear_down = journal_tear_down,
  .check = journal_check,
};

void
bench_add_journal (void)
{
  bench_add_case (&group_case);
  bench_add_case (&single_case);
}
