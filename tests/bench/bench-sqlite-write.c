/* bench-sqlite-write.c: queued inserts against transactions
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The peer inserts the same rows with one statement and reads each back with
 * another, which copies its cells, 256 rows a transaction; and once more with a
 * transaction for each row.
 */

#include "bench.h"

#include "bench-sqlite-peer.h"

#define N_INSERTS 10000
#define N_BATCH   256

/* Of the peer that commits each row: it would take long. */
#define N_SINGLE 500

typedef struct
{
  char *folder;
  VlLiveTable *live;
  PeerClient *clients;
  VlRecord **records;
  gint64 next_id;
  guint n_left;
  guint64 sum;

  sqlite3 *db;
  sqlite3_stmt *insert;
  sqlite3_stmt *select;
  gint64 peer_next_id;
  guint64 peer_sum;
} Write;

static guint
n_inserts (void)
{
  return bench_is_quick () ? 2 * N_BATCH : N_INSERTS;
}

static void
inserted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Write *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = vl_table_insert_finish (VL_TABLE (source), result, &error);

  g_assert_no_error (error);
  self->sum += peer_sum_record (record);
  self->n_left--;
}

static double
write_ours (gpointer data, guint n)
{
  Write *self = data;
  guint64 began;
  double each;

  for (guint i = 0; i < n_inserts (); i++)
    {
      peer_client (&self->clients[i], self->next_id++);
      self->records[i] = peer_client_to_record (&self->clients[i]);
    }
  self->n_left = n_inserts ();
  began = peer_now ();
  for (guint i = 0; i < n_inserts (); i++)
    vl_table_insert_async (VL_TABLE (self->live), self->records[i], NULL, inserted, self);
  peer_wait (&self->n_left);
  each = peer_each (began, n_inserts ());
  for (guint i = 0; i < n_inserts (); i++)
    g_clear_object (&self->records[i]);

  return n * each;
}

static void
insert_one (Write *self, const PeerClient *client)
{
  char buffer[256];

  peer_bind_client (self->insert, client);
  peer_done (self->insert);
  sqlite3_bind_int64 (self->select, 1, client->id);
  if (sqlite3_step (self->select) != SQLITE_ROW)
    g_error ("The peer has lost a row");
  peer_copy_row (self->select, buffer);
  self->peer_sum += peer_sum_row (self->select);
  sqlite3_reset (self->select);
}

static double
write_in (Write *self, guint n_rows, guint n_batch)
{
  guint64 began;

  for (guint i = 0; i < n_rows; i++)
    peer_client (&self->clients[i], self->peer_next_id++);
  began = peer_now ();
  for (guint i = 0; i < n_rows; i++)
    {
      if (i % n_batch == 0)
        peer_exec (self->db, "BEGIN IMMEDIATE");
      insert_one (self, &self->clients[i]);
      if (i % n_batch == n_batch - 1 || i == n_rows - 1)
        peer_exec (self->db, "COMMIT");
    }

  return peer_each (began, n_rows);
}

static double
write_peer (gpointer data, guint n)
{
  return n * write_in (data, n_inserts (), N_BATCH);
}

static double
write_peer_single (gpointer data, guint n)
{
  return n * write_in (data, N_SINGLE, 1);
}

static void
open_ours (Write *self)
{
  g_autofree char *path = g_build_filename (self->folder, "ours.db", NULL);
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));
  g_autoptr (VlTable) master = NULL;

  peer_make_clients (path, 0);
  master = VL_TABLE (vl_sqlite_table_new (path, "client"));
  self->live = vl_live_table_new (master, "client", cache);
  vl_live_table_set_queue_capacity (self->live, N_INSERTS);
}

static void
open_peer (Write *self)
{
  g_autofree char *path = g_build_filename (self->folder, "peer.db", NULL);

  peer_make_clients (path, 0);
  self->db = peer_open (path);
  peer_exec (self->db, "PRAGMA foreign_keys = ON");
  self->insert = peer_prepare (self->db,
                               "INSERT INTO client (" PEER_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?)");
  self->select = peer_prepare (self->db, "SELECT " PEER_COLUMNS " FROM client WHERE id = ?");
}

static gpointer
write_set_up (void)
{
  Write *self = g_new0 (Write, 1);

  self->folder = peer_folder_new ();
  self->clients = g_new0 (PeerClient, N_INSERTS);
  self->records = g_new0 (VlRecord *, N_INSERTS);
  self->next_id = self->peer_next_id = 1;
  open_ours (self);
  open_peer (self);

  return self;
}

static void
write_check (gpointer data)
{
  Write *self = data;

  write_ours (self, 1);
  write_peer (self, 1);
  g_assert_cmpuint (self->sum, ==, self->peer_sum);
}

static void
write_tear_down (gpointer data)
{
  Write *self = data;

  vl_live_table_close_sync (self->live, NULL, NULL);
  g_clear_object (&self->live);
  sqlite3_finalize (self->insert);
  sqlite3_finalize (self->select);
  sqlite3_close (self->db);
  g_free (self->records);
  g_free (self->clients);
  peer_folder_free (self->folder);
  g_free (self);
}

static const BenchCase batch_case = {
  .id = "7-batch",
  .title = "10,000 queued inserts against 256 a transaction",
  .ours = { .what = "vl_table_insert_async(), until all have called back",
            .measure = write_ours,
            .n = N_INSERTS },
  .peer = { .what = "insert and read back, 256 a transaction",
            .measure = write_peer,
            .n = N_INSERTS },
  .beside = { .what = "a bare GTask and a turn of the main loop",
              .measure = peer_turn,
              .n = 10000 },
  .n_besides = 1,
  .figure = "an insert into SQLite, 10,000 queued",
  .bar = BENCH_AT_MOST,
  .limit = 1.6,
  .set_up = write_set_up,
  .tear_down = write_tear_down,
  .check = write_check,
  .when_missed =
    "The database's thread needs 1.4 of the peer, and waits: a write is seven objects on "
    "the caller's thread (task, change, write, reply, both records and their list), "
    "50,000 instructions there, with the fact that readers get who had begun before it. That "
    "thread is what the time goes by; to send a batch before the one before is settled was tried, "
    "and "
    "gains nothing. Writes that are not objects before somebody looks at them would save "
    "a third.",
};

static const BenchCase single_case = {
  .id = "7-single",
  .title = "10,000 queued inserts against one a transaction",
  .ours = { .what = "vl_table_insert_async(), until all have called back",
            .measure = write_ours,
            .n = N_INSERTS },
  .peer = { .what = "insert and read back, a transaction each",
            .measure = write_peer_single,
            .n = N_SINGLE },
  .bar = BENCH_AT_LEAST,
  .limit = 8,
  .set_up = write_set_up,
  .tear_down = write_tear_down,
  .check = write_check,
};

void
bench_add_sqlite_write (void)
{
  bench_add_case (&batch_case);
  bench_add_case (&single_case);
}
