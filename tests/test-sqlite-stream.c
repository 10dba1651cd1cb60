/* test-sqlite-stream.c: noticing what others do to a database
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <vantage-live.h>

#include "base/vl-clock-private.h"
#include "sqlite-file.h"
#include "stream/vl-live-stream-private.h"
#include "table/vl-change-private.h"
#include "table/vl-table-private.h"

/* Time is the test's: timers run when it says so. */
typedef struct
{
  VlTimerFunc func; /* NULL = cancelled or fired */
  gpointer user_data;
  guint delay;
} Timer;

static GPtrArray *timers; /* of Timer, in the order they were started */

static gint64 real_time;

static gint64
no_time (void)
{
  return 1;
}

static gint64
get_real_time (void)
{
  return real_time;
}

static gpointer
timer_start (GMainContext *context, guint delay, VlTimerFunc func, gpointer user_data)
{
  Timer *timer = g_new0 (Timer, 1);

  timer->func = func;
  timer->user_data = user_data;
  timer->delay = delay;
  g_ptr_array_add (timers, timer);

  return timer;
}

static void
timer_cancel (gpointer handle)
{
  ((Timer *) handle)->func = NULL;
}

static const VlClockBackend backend = { no_time, get_real_time, timer_start, timer_cancel };

/* The timer that waits for the next look, or for the next try. */
static Timer *
find_timer (void)
{
  for (guint i = 0; i < timers->len; i++)
    {
      Timer *timer = timers->pdata[i];

      if (timer->func != NULL && timer->delay < 30000)
        return timer;
    }

  return NULL;
}

/* Lets the stream look once, and waits until it has. */
static void
look (void)
{
  Timer *timer;
  VlTimerFunc func;

  wait_until (find_timer () != NULL);
  timer = find_timer ();
  func = timer->func;
  timer->func = NULL;
  func (timer->user_data);
  wait_until (find_timer () != NULL);
}

typedef struct
{
  SqliteFile file;
  VlTable *table;
  VlLiveStream *stream;
  VlStreamSink *sink;
  guint n_events;
  guint n_positions; /* that came without one */
  char *position;    /* the last one, NULL = none */
} Watch;

static void
on_word (const VlStreamWord *word, gpointer user_data)
{
  Watch *watch = user_data;

  if (word->kind == VL_STREAM_ENDED)
    return;

  g_free (watch->position);
  watch->position = g_strdup (word->position);
  if (word->kind == VL_STREAM_REACHED)
    {
      g_assert_nonnull (word->position);
      watch->n_positions++;
      return;
    }

  g_assert_cmpint (vl_live_event_get_kind (word->event), ==, VL_LIVE_EVENT_KIND_CHANGED);
  g_assert_null (vl_live_event_get_ids (word->event));
  g_assert_cmpint (vl_live_event_get_origin (word->event), ==, VL_ORIGIN_STREAM);
  watch->n_events++;
}

static void
watch_open (Watch *watch, const char *name)
{
  watch->table = VL_TABLE (vl_sqlite_table_new (watch->file.path, name));
  watch->stream = vl_table_get_stream (watch->table);
  watch->n_events = 0;
  watch->sink = _vl_live_stream_attach_words (watch->stream, on_word, watch, NULL);
}

static void
watch_init (Watch *watch, const char *sql, const char *name)
{
  timers = g_ptr_array_new_with_free_func (g_free);
  _vl_clock_set_backend (&backend);
  sqlite_file_init (&watch->file);
  sqlite_file_run (&watch->file, sql);
  watch_open (watch, name);

  /* Becoming live is a gap. */
  wait_until (watch->n_events == 1 && find_timer () != NULL);
  g_assert_cmpint (vl_live_stream_get_state (watch->stream), ==, VL_LIVE_STREAM_STATE_LIVE);
  watch->n_events = 0;
}

static void
watch_clear (Watch *watch)
{
  g_clear_pointer (&watch->sink, _vl_live_stream_detach);
  wait_until (vl_live_stream_get_state (watch->stream) == VL_LIVE_STREAM_STATE_STOPPED);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_null (find_timer ());
  g_object_unref (watch->table);
  g_assert_finalize_object (watch->stream);
  _vl_clock_set_backend (NULL);
  g_ptr_array_unref (timers);
  g_clear_pointer (&watch->position, g_free);
  sqlite_file_clear (&watch->file);
}

static void
insert (Watch *watch, const char *id)
{
  g_autoptr (VlRecord) record = vl_record_new (id, g_variant_new_parsed ("@a{sv} {}"));
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord)
    stored G_GNUC_UNUSED = vl_table_insert_sync (watch->table, record, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_id (stored), ==, id);
}

static void
on_applied (VlAnswer *answer, gpointer user_data)
{
  gboolean *done = user_data;

  g_assert_no_error (answer->error);
  *done = TRUE;
}

/* As a live table writes, who tells everybody that there is. */
static void
insert_told (Watch *watch, const char *id)
{
  g_autoptr (VlRecord) record = vl_record_new (id, g_variant_new_parsed ("@a{sv} {}"));
  g_autoptr (VlChange) change = vl_change_new_insert (record);
  gboolean done = FALSE;
  VlFlight *flight;

  _vl_change_set_is_told (change, TRUE);
  flight = _vl_table_send_apply (watch->table, change, 0, on_applied, &done, NULL);
  wait_until (done);
  g_clear_pointer (&flight, _vl_flight_unref);
}

static void
test_others (gconstpointer journal)
{
  Watch watch = { 0 };
  g_autofree char *sql = g_strdup_printf (
    "PRAGMA journal_mode = %s; CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE u (x)",
    (const char *) journal);

  watch_init (&watch, sql, "t");
  look ();
  g_assert_cmpuint (watch.n_events, ==, 0);

  sqlite_file_run (&watch.file, "INSERT INTO t VALUES (1)");
  look ();
  g_assert_cmpuint (watch.n_events, ==, 1);
  look ();
  g_assert_cmpuint (watch.n_events, ==, 1);

  /* It does not know which table. */
  sqlite_file_run (&watch.file, "INSERT INTO u VALUES (1)");
  look ();
  g_assert_cmpuint (watch.n_events, ==, 2);
  watch_clear (&watch);
}

static void
test_own_writes (gconstpointer journal)
{
  Watch watch = { 0 };
  g_autofree char *sql = g_strdup_printf (
    "PRAGMA journal_mode = %s; CREATE TABLE t (id INTEGER PRIMARY KEY)", (const char *) journal);

  watch_init (&watch, sql, "t");
  insert_told (&watch, "1");
  look ();
  insert_told (&watch, "2");
  insert_told (&watch, "3");
  look ();
  g_assert_cmpuint (watch.n_events, ==, 0);

  /* That of another is not lost between two of ours. */
  insert_told (&watch, "4");
  sqlite_file_run (&watch.file, "INSERT INTO t VALUES (5)");
  insert_told (&watch, "6");
  look ();
  g_assert_cmpuint (watch.n_events, ==, 1);
  look ();
  g_assert_cmpuint (watch.n_events, ==, 1);
  watch_clear (&watch);
}

/* What is written past all live tables, or under another spelling of the name,
 * nobody else tells. */
static void
test_untold_writes (void)
{
  Watch watch = { 0 };
  Watch other = { 0 };

  watch_init (&watch, "CREATE TABLE t (id INTEGER PRIMARY KEY)", "t");
  insert (&watch, "1");
  look ();
  g_assert_cmpuint (watch.n_events, ==, 1);
  look ();
  g_assert_cmpuint (watch.n_events, ==, 1);

  other.table = VL_TABLE (vl_sqlite_table_new (watch.file.path, "T"));
  insert_told (&other, "2");
  look ();
  g_assert_cmpuint (watch.n_events, ==, 2);
  g_object_unref (other.table);
  watch_clear (&watch);
}

/* Each commit has a position of its own, whoever made it, and a look that finds
 * nothing has none to tell. */
static void
test_positions (gconstpointer journal)
{
  Watch watch = { 0 };
  g_autofree char *sql = g_strdup_printf (
    "PRAGMA journal_mode = %s; CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE u (x)",
    (const char *) journal);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  watch_init (&watch, sql, "t");
  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i + 1);
      guint n_events = watch.n_events;
      guint n_positions = watch.n_positions;

      if (i % 2 == 0)
        insert_told (&watch, id);
      else
        sqlite_file_run (&watch.file, "INSERT INTO u VALUES (1)");
      look ();
      g_assert_cmpuint (watch.n_events, ==, n_events + i % 2);
      g_assert_cmpuint (watch.n_positions, ==, n_positions + (i + 1) % 2);
      g_assert_nonnull (watch.position);
      g_assert_true (g_hash_table_add (seen, g_strdup (watch.position)));
      look ();
      g_assert_cmpuint (watch.n_positions, ==, n_positions + (i + 1) % 2);
    }

  /* Who comes anew finds the same. */
  _vl_live_stream_detach (watch.sink);
  wait_until (vl_live_stream_get_state (watch.stream) == VL_LIVE_STREAM_STATE_STOPPED &&
              find_timer () == NULL);
  watch.sink = _vl_live_stream_attach_words (watch.stream, on_word, &watch, NULL);
  wait_until (vl_live_stream_get_state (watch.stream) == VL_LIVE_STREAM_STATE_LIVE);
  g_assert_nonnull (watch.position);
  g_assert_true (g_hash_table_contains (seen, watch.position));
  wait_until (find_timer () != NULL);
  watch_clear (&watch);
}

/* Without a log there are only the file's times, which the next write may have,
 * too, while they are young. */
static void
test_young_file (void)
{
  Watch watch = { 0 };
  struct stat info;

  real_time = 1;
  watch_init (&watch, "PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY)", "t");
  g_assert_null (watch.position);
  look ();
  g_assert_cmpuint (watch.n_positions, ==, 0);

  g_assert_cmpint (stat (watch.file.path, &info), ==, 0);
  real_time = (gint64) info.st_ctim.tv_sec * G_USEC_PER_SEC + info.st_ctim.tv_nsec / 1000 + 10000;
  look ();
  g_assert_cmpuint (watch.n_positions, ==, 0);
  real_time += G_USEC_PER_SEC * 10;
  look ();
  g_assert_cmpuint (watch.n_positions, ==, 1);
  g_assert_cmpuint (watch.n_events, ==, 0);
  look ();
  g_assert_cmpuint (watch.n_positions, ==, 1);
  watch_clear (&watch);
}

/* Nobody can look while another holds the file: that is no news, and no place to
 * begin from. */
static void
test_held_file (void)
{
  Watch watch = { 0 };
  sqlite3 *db = NULL;

  watch_init (&watch, "CREATE TABLE t (id INTEGER PRIMARY KEY)", "t");
  g_assert_cmpint (sqlite3_open (watch.file.path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "BEGIN EXCLUSIVE; INSERT INTO t VALUES (1)", NULL, NULL, NULL),
                   ==, SQLITE_OK);
  look ();
  g_assert_cmpuint (watch.n_events, ==, 0);

  _vl_live_stream_detach (watch.sink);
  wait_until (vl_live_stream_get_state (watch.stream) == VL_LIVE_STREAM_STATE_STOPPED &&
              find_timer () == NULL);
  watch.sink = _vl_live_stream_attach_words (watch.stream, on_word, &watch, NULL);
  wait_until (find_timer () != NULL);
  g_assert_cmpint (vl_live_stream_get_state (watch.stream), ==, VL_LIVE_STREAM_STATE_CONNECTING);

  g_assert_cmpint (sqlite3_exec (db, "COMMIT", NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  look ();
  g_assert_cmpint (vl_live_stream_get_state (watch.stream), ==, VL_LIVE_STREAM_STATE_LIVE);
  g_assert_cmpuint (watch.n_events, ==, 1);
  watch_clear (&watch);
}

/* What our writes did elsewhere, without being asked to. */
static void
test_side_effects (void)
{
  Watch watch = { 0 };
  g_autoptr (VlTable) other = NULL;
  g_autoptr (VlTable) third = NULL;
  g_autoptr (VlRecord) record = vl_record_new ("7", g_variant_new_parsed ("@a{sv} {}"));
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlRecord) stored_too = NULL;
  g_autoptr (VlRecord) deleted = NULL;

  watch_init (&watch,
              "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
              "CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p ON DELETE CASCADE);"
              "INSERT INTO c VALUES (1, 1); CREATE TABLE x (id INTEGER PRIMARY KEY)",
              "c");
  other = VL_TABLE (vl_sqlite_table_new (watch.file.path, "p"));
  third = VL_TABLE (vl_sqlite_table_new (watch.file.path, "x"));
  stored = vl_table_insert_sync (third, record, NULL, NULL);
  stored_too = vl_table_insert_sync (other, record, NULL, NULL);
  g_assert_nonnull (stored_too);
  look ();
  g_assert_cmpuint (watch.n_events, ==, 0);

  deleted = vl_table_delete_sync (other, "1", NULL, NULL);
  g_assert_nonnull (deleted);
  look ();
  g_assert_cmpuint (watch.n_events, ==, 1);
  watch_clear (&watch);
}

static void
test_views (void)
{
  Watch watch = { 0 };
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlRecord) record = vl_record_new ("7", g_variant_new_parsed ("@a{sv} {}"));
  g_autoptr (VlRecord) stored = NULL;

  watch_init (&watch, "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE VIEW v AS SELECT id FROM t",
              "v");
  table = VL_TABLE (vl_sqlite_table_new (watch.file.path, "t"));
  stored = vl_table_insert_sync (table, record, NULL, NULL);
  g_assert_nonnull (stored);
  look ();
  g_assert_cmpuint (watch.n_events, ==, 1);
  watch_clear (&watch);
}

/* The file goes, and comes back. */
static void
test_gone (void)
{
  Watch watch = { 0 };
  g_autoptr (GError) error = NULL;

  watch_init (&watch, "CREATE TABLE t (id INTEGER PRIMARY KEY)", "t");
  g_assert_cmpint (g_remove (watch.file.path), ==, 0);
  look ();
  g_assert_cmpint (vl_live_stream_get_state (watch.stream), ==, VL_LIVE_STREAM_STATE_CONNECTING);
  error = vl_live_stream_dup_error (watch.stream);
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);

  sqlite_file_run (&watch.file, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
  look ();
  g_assert_cmpint (vl_live_stream_get_state (watch.stream), ==, VL_LIVE_STREAM_STATE_LIVE);
  g_assert_cmpuint (watch.n_events, ==, 1);
  watch_clear (&watch);
}

/* Detached while a look is on its way, and attached again. */
static void
test_stop (void)
{
  Watch watch = { 0 };

  watch_init (&watch, "CREATE TABLE t (id INTEGER PRIMARY KEY)", "t");
  for (guint i = 0; i < 20; i++)
    {
      Timer *timer = find_timer ();

      if (timer != NULL && i % 2 == 0)
        {
          VlTimerFunc func = timer->func;

          timer->func = NULL;
          func (timer->user_data);
        }
      _vl_live_stream_detach (watch.sink);
      watch.sink = _vl_live_stream_attach_words (watch.stream, on_word, &watch, NULL);
      if (i % 3 == 0)
        wait_until (find_timer () != NULL);
    }
  wait_until (find_timer () != NULL);
  watch.n_events = 0;
  sqlite_file_run (&watch.file, "INSERT INTO t VALUES (1)");
  look ();
  g_assert_cmpuint (watch.n_events, ==, 1);
  watch_clear (&watch);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/sqlite-table/stream/tells-of-others/journal", "DELETE", test_others);
  g_test_add_data_func ("/sqlite-table/stream/tells-of-others/wal", "WAL", test_others);
  g_test_add_data_func ("/sqlite-table/stream/own-writes-are-no-news/journal", "DELETE",
                        test_own_writes);
  g_test_add_data_func ("/sqlite-table/stream/own-writes-are-no-news/wal", "WAL", test_own_writes);
  g_test_add_func ("/sqlite-table/stream/writes-that-nobody-tells", test_untold_writes);
  g_test_add_data_func ("/sqlite-table/stream/positions/journal", "DELETE", test_positions);
  g_test_add_data_func ("/sqlite-table/stream/positions/wal", "WAL", test_positions);
  g_test_add_func ("/sqlite-table/stream/young-file", test_young_file);
  g_test_add_func ("/sqlite-table/stream/held-file", test_held_file);
  g_test_add_func ("/sqlite-table/stream/side-effects-of-own-writes", test_side_effects);
  g_test_add_func ("/sqlite-table/stream/views", test_views);
  g_test_add_func ("/sqlite-table/stream/file-gone-and-back", test_gone);
  g_test_add_func ("/sqlite-table/stream/stopped-and-started", test_stop);

  return g_test_run ();
}
