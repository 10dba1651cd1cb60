/* test-sqlite-power.c: a database on a disk that loses what was not synced
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Writes that were answered are there after the program or the machine died, in
 * their order, and of those that were not a beginning. A seed decides what is
 * written, when it ends, and what is left. One seed is run again by
 * VL_TEST_SEED=SEED, more of them by VL_TEST_SEEDS=NUMBER.
 */

#include <sqlite3.h>
#include <stdlib.h>

#include "cache-folder.h"
#include "forgetful-file.h"
#include "forgetful-vfs.h"
#include "stepped-jobs.h"

#define N_SEEDS 100
#define N_QUICK 20
#define N_LIVES 4
#define N_STEPS 60
#define N_IDS   8
#define NONE    -1

/* What a row becomes; NONE = it goes. */
typedef struct
{
  guint id;
  gint64 value;
} Write;

typedef struct
{
  CacheFolder folder;
  char *path;
  VlTable *table;
  GRand *rand;
  guint life;
  gint64 rows[N_IDS]; /* as the last life left them */
  GArray *writes;     /* since */
  guint n_answered;   /* of them, the first ones */
  guint n_calls;
  gint64 last_value;
  guint n_wrong;
} World;

typedef struct
{
  World *world;
  guint life;
  guint n_writes;
} Call;

static guint
any_below (World *world, guint n)
{
  return g_rand_int (world->rand) % n;
}

/* --- Writing --- */

static void
call_ends (Call *call, const GError *error)
{
  World *world = call->world;

  world->n_calls--;
  if (call->life != world->life || forgetful_disk_is_dead ())
    return;
  g_assert_no_error (error);
  world->n_answered += call->n_writes;
}

static void
on_written (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = vl_table_replace_finish (VL_TABLE (object), result, &error);

  call_ends (call, error);
}

static void
on_deleted (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = vl_table_delete_finish (VL_TABLE (object), result, &error);

  call_ends (call, error);
}

static void
on_applied (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) outcomes = vl_table_apply_many_finish (VL_TABLE (object), result, &error);

  call_ends (call, error);
}

static VlRecord *
make_record (World *world, guint id, gint64 value)
{
  g_autofree char *text = g_strdup_printf ("%u", id + 1);
  g_autofree char *filling = g_strnfill (any_below (world, 8) == 0 ? 9000 : 10, 'x');
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (text);

  vl_record_builder_set_int64 (builder, "n", value);
  vl_record_builder_set_string (builder, "filling", filling);
  return vl_record_builder_end (builder);
}

static guint
note_write (World *world, gboolean is_removal)
{
  Write write = { any_below (world, N_IDS), is_removal ? NONE : ++world->last_value };

  g_array_append_val (world->writes, write);
  return write.id;
}

static void
write_batch (World *world, Call *call)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  gboolean taken[N_IDS] = { 0 };

  call->n_writes = 0;
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (VlRecord) record = NULL;
      g_autoptr (VlChange) change = NULL;
      Write write = { any_below (world, N_IDS), ++world->last_value };

      if (taken[write.id])
        continue;
      taken[write.id] = TRUE;
      record = make_record (world, write.id, write.value);
      change = vl_change_new_replace (record);
      g_list_store_append (changes, change);
      g_array_append_val (world->writes, write);
      call->n_writes++;
    }
  vl_table_apply_many_async (world->table, G_LIST_MODEL (changes), NULL, on_applied, call);
}

static void
write_something (World *world)
{
  Call *call = g_new0 (Call, 1);
  g_autofree char *id = NULL;
  g_autoptr (VlRecord) record = NULL;
  guint index;

  world->n_calls++;
  call->world = world;
  call->life = world->life;
  call->n_writes = 1;
  switch (any_below (world, 4))
    {
    case 0:
      index = note_write (world, TRUE);
      id = g_strdup_printf ("%u", index + 1);
      vl_table_delete_async (world->table, id, NULL, on_deleted, call);
      break;
    case 1:
      write_batch (world, call);
      break;
    default:
      index = note_write (world, FALSE);
      record = make_record (world, index, world->last_value);
      vl_table_replace_async (world->table, record, NULL, on_written, call);
      break;
    }
}

/* --- What is left --- */

static void
run_sql (World *world, const char *sql)
{
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (world->path, &db), ==, SQLITE_OK);
  if (sqlite3_exec (db, sql, NULL, NULL, NULL) != SQLITE_OK)
    g_error ("%s: %s", sqlite3_errmsg (db), sql);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

/* FALSE when it is damaged. */
static gboolean
read_rows (World *world, gint64 *rows)
{
  gboolean is_sound;
  sqlite3 *db = NULL;
  sqlite3_stmt *statement = NULL;

  for (guint i = 0; i < N_IDS; i++)
    rows[i] = NONE;
  g_assert_cmpint (sqlite3_open (world->path, &db), ==, SQLITE_OK);
  sqlite3_prepare_v2 (db, "PRAGMA integrity_check", -1, &statement, NULL);
  is_sound = statement != NULL && sqlite3_step (statement) == SQLITE_ROW &&
             g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0;
  sqlite3_finalize (statement);

  sqlite3_prepare_v2 (db, "SELECT id, n FROM things", -1, &statement, NULL);
  while (is_sound && sqlite3_step (statement) == SQLITE_ROW)
    rows[sqlite3_column_int (statement, 0) - 1] = sqlite3_column_int64 (statement, 1);
  sqlite3_finalize (statement);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);

  return is_sound;
}

/* The rows are what they were with some of the writes, at least with those that
 * were answered. */
static gboolean
is_a_beginning (World *world, const gint64 *rows)
{
  for (guint n = world->n_answered; n <= world->writes->len; n++)
    {
      gint64 expected[N_IDS];

      memcpy (expected, world->rows, sizeof expected);
      for (guint i = 0; i < n; i++)
        {
          Write *write = &g_array_index (world->writes, Write, i);

          expected[write->id] = write->value;
        }
      if (memcmp (expected, rows, sizeof expected) == 0)
        return TRUE;
    }

  return FALSE;
}

static void
check_rows (World *world)
{
  gint64 rows[N_IDS];

  world->n_wrong += !read_rows (world, rows) || !is_a_beginning (world, rows);
  memcpy (world->rows, rows, sizeof rows);
  g_array_set_size (world->writes, 0);
  world->n_answered = 0;
}

/* --- Lives --- */

static void
live_and_die (World *world)
{
  guint n_steps = any_below (world, N_STEPS);

  world->table = VL_TABLE (vl_sqlite_table_new (world->path, "things"));
  forgetful_disk_kill_at (any_below (world, 150));
  for (guint i = 0; i < n_steps && !forgetful_disk_is_dead (); i++)
    {
      if (any_below (world, 3) == 0)
        write_something (world);
      else if (any_below (world, 4) == 0)
        stepped_jobs_do_all ();
      else
        stepped_jobs_do_one ();
    }
  forgetful_disk_kill ();
  g_clear_object (&world->table);
  stepped_jobs_do_all ();
  g_assert_cmpuint (world->n_calls, ==, 0);
  world->life++;
  forgetful_disk_revive (any_below (world, 4) > 0);
  check_rows (world);
}

static guint
run_seed (guint32 seed, const char *journal_mode, gboolean lies)
{
  World world = { .rand = g_rand_new_with_seed (seed) };
  g_autofree char *sql = g_strdup_printf ("PRAGMA journal_mode = %s; CREATE TABLE things "
                                          "(id INTEGER PRIMARY KEY, n INTEGER, filling TEXT)",
                                          journal_mode);

  cache_folder_init (&world.folder);
  world.path = g_build_filename (world.folder.parent, "things.db", NULL);
  world.writes = g_array_new (FALSE, FALSE, sizeof (Write));
  for (guint i = 0; i < N_IDS; i++)
    world.rows[i] = NONE;
  run_sql (&world, sql);
  forgetful_disk_begin (world.folder.parent, g_rand_int (world.rand));
  forgetful_disk_set_lies (lies);

  for (guint i = 0; i < N_LIVES && world.n_wrong == 0; i++)
    live_and_die (&world);

  forgetful_disk_end ();
  cache_folder_clear (&world.folder);
  g_array_unref (world.writes);
  g_free (world.path);
  g_rand_free (world.rand);

  return world.n_wrong;
}

static void
setup (void)
{
  stepped_jobs_begin ();
  forgetful_vfs_begin ();
  forgetful_files_begin ();
}

static void
teardown (void)
{
  forgetful_files_end ();
  forgetful_vfs_end ();
  stepped_jobs_end ();
}

static void
test_sound (gconstpointer journal_mode)
{
  const char *one = g_getenv ("VL_TEST_SEED");
  const char *many = g_getenv ("VL_TEST_SEEDS");
  guint first = one != NULL ? (guint) strtoul (one, NULL, 10) : 0;
  guint n = g_getenv ("VL_TEST_QUICK") != NULL ? N_QUICK : N_SEEDS;

  if (one != NULL || many != NULL)
    n = one != NULL ? 1 : (guint) strtoul (many, NULL, 10);
  setup ();
  for (guint i = first; i < first + n; i++)
    {
      if (run_seed (i, journal_mode, FALSE) > 0)
        g_error ("VL_TEST_SEED=%u", i);
    }
  teardown ();
}

/* What nobody would notice would be no test. */
static void
test_notices (void)
{
  guint i = 0;

  setup ();
  while (run_seed (i, "WAL", TRUE) == 0)
    g_assert_cmpuint (++i, <, 100);
  g_test_message ("noticed after %u seeds", i + 1);
  teardown ();
}

int
main (int argc, char *argv[])
{
  static const char *const journal_modes[] = { "WAL", "DELETE", "TRUNCATE", "PERSIST" };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (journal_modes); i++)
    {
      g_autofree char *path = g_strconcat ("/sqlite-table/power/what-was-answered-is-there/",
                                           journal_modes[i], NULL);

      g_test_add_data_func (path, journal_modes[i], test_sound);
    }
  g_test_add_func ("/sqlite-table/power/notices/a-disk-that-lies", test_notices);

  return g_test_run ();
}
