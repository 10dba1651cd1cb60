/* test-live-list-random.c: a mirror kept from items-changed alone
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Operations by chance on a master, on its stream and on a list. At each step
 * the mirror has to be the model, row by row; rows that somebody holds have to
 * be where their records are; and when everything has come to rest the list has
 * to be what the master has. Half of the live tables show writes before the
 * master has them, or lay what is known of changes over what is cached.
 *
 * Each run has one seed, and 100,000 operations, or VL_TEST_OPERATIONS. One is: a
 * change of the master, whether of one record or of several at once; an answer or a
 * failure of the master; an event of its stream; a query, a refresh or a retry of
 * the list; somebody who takes a row, or lets go of all of them; a write, or one
 * that was refused and is sent again or given up. What finds nothing to do is none,
 * and neither is time that goes by or a turn of the main loop, which come in
 * between, nor what is done to come to rest.
 */

#include "base/vl-random-private.h"
#include "list-fixture.h"

#define N_IDS        60
#define ROUND        200
#define N_OPERATIONS 100000

typedef enum
{
  OVER_LIVE = 1 << 0,
  OPTIMISTIC = 1 << 1,
  SURGICAL = 1 << 2,
} Kind;

typedef enum
{
  ON_MASTER, /* changes and answers */
  ON_STREAM,
  ON_LIST, /* and writes through the table that it is over */
  N_PLACES,
} Place;

typedef struct
{
  ListFixture *f;
  VlLiveTable *live;
  GRand *rand;
  GQueue events;      /* of VlLiveEvent: not delivered yet */
  GPtrArray *keepers; /* of VlRow */
  VlQuery *queries[3];
  gboolean is_writing;
  gboolean is_surgical;
  gboolean is_resting; /* what happens is no operation */
  guint n_steps;
  guint n_operations[N_PLACES];
  guint n_emissions;
  guint n_writes;
} World;

static GRand *library_rand; /* of ids and delays: a seed is the whole run */

static guint64
library_random (void)
{
  return (guint64) g_rand_int (library_rand) << 32 | g_rand_int (library_rand);
}

static void
count_operation (World *w, Place place)
{
  if (!w->is_resting)
    w->n_operations[place]++;
}

static guint
get_operations (World *w)
{
  return w->n_operations[ON_MASTER] + w->n_operations[ON_STREAM] + w->n_operations[ON_LIST];
}

/* One that there is, or perhaps not; tables give ids of their own. */
static char *
some_id (World *w)
{
  GPtrArray *records = w->f->master->records;

  if (records->len > N_IDS || (records->len > 0 && g_rand_int_range (w->rand, 0, 4) == 0))
    return g_strdup (
      vl_record_get_id (records->pdata[g_rand_int_range (w->rand, 0, (int) records->len)]));

  return g_strdup_printf ("%02d", g_rand_int_range (w->rand, 0, N_IDS));
}

static VlRecord *
find (World *w, const char *id)
{
  for (guint i = 0; i < w->f->master->records->len; i++)
    {
      if (g_strcmp0 (vl_record_get_id (w->f->master->records->pdata[i]), id) == 0)
        return w->f->master->records->pdata[i];
    }

  return NULL;
}

/* Changes the master; the event that tells of it waits. */
static void
change_record (World *w)
{
  g_autofree char *id = some_id (w);
  g_autofree char *name = g_strdup_printf ("%d", g_rand_int_range (w->rand, 0, 9));
  VlRecord *old = find (w, id);
  VlRecord *record;

  if (old != NULL && g_rand_boolean (w->rand))
    {
      g_ptr_array_remove (w->f->master->records, old);
      g_queue_push_tail (&w->events, vl_live_event_new_deleted (id));
      return;
    }

  record = list_master_record (id, name);
  g_queue_push_tail (&w->events, old != NULL ? vl_live_event_new_updated (id, record)
                                             : vl_live_event_new_inserted (record));
  if (old != NULL)
    g_ptr_array_remove (w->f->master->records, old);
  g_ptr_array_add (w->f->master->records, record);
}

static void
change_known (World *w)
{
  change_record (w);
  count_operation (w, ON_MASTER);
}

static void
deliver (World *w, gboolean all)
{
  VlLiveEvent *event;

  while ((event = g_queue_pop_head (&w->events)) != NULL)
    {
      vl_live_stream_push (w->f->master->stream, event);
      g_object_unref (event);
      count_operation (w, ON_STREAM);
      if (!all && g_rand_boolean (w->rand))
        break;
    }
}

/* Several changes at once, of which only is told that there were some. */
static void
change_unknown (World *w)
{
  guint n = (guint) g_rand_int_range (w->rand, 1, 12);

  deliver (w, TRUE);
  count_operation (w, ON_MASTER);
  while (n-- > 0)
    change_record (w);
  g_queue_clear_full (&w->events, g_object_unref);
  g_queue_push_tail (&w->events, vl_live_event_new_changed ());
}

static void
answer (World *w)
{
  ListMaster *master = w->f->master;

  if (master->held->len == 0)
    return;
  count_operation (w, ON_MASTER);
  if (g_rand_int_range (w->rand, 0, 10) == 0)
    list_master_fail (master);
  else if (w->is_writing && g_rand_int_range (w->rand, 0, 10) == 0)
    list_master_refuse (master);
  else if (g_rand_boolean (w->rand))
    list_master_answer_as_asked (master);
  else
    list_master_answer (master);
}

static void
keep (World *w)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (w->f->list));

  if (n == 0 && w->keepers->len == 0)
    return;
  count_operation (w, ON_LIST);
  if (n == 0 || g_rand_int_range (w->rand, 0, 3) == 0)
    g_ptr_array_set_size (w->keepers, 0);
  else
    g_ptr_array_add (w->keepers,
                     list_fixture_get (w->f, (guint) g_rand_int_range (w->rand, 0, (int) n)));
}

static VlChange *
make_change (World *w)
{
  g_autofree char *name = g_strdup_printf ("%d", g_rand_int_range (w->rand, 0, 9));
  g_autofree char *id = some_id (w);
  g_autoptr (VlRecordBuilder) builder = NULL;
  g_autoptr (VlRecord) record = NULL;

  switch (g_rand_int_range (w->rand, 0, 6))
    {
    case 0:
      return vl_change_new_delete (id);
    case 1:
      record = list_master_record (id, name);
      return vl_change_new_insert (record);
    case 2:
      builder = vl_record_builder_new (NULL);
      vl_record_builder_set_string (builder, "name", name);
      record = vl_record_builder_end (builder);
      return vl_change_new_insert (record);
    default:
      builder = vl_record_builder_new (NULL);
      vl_record_builder_set_string (builder, "name", name);
      record = vl_record_builder_end (builder);
      return vl_change_new_patch (id, record);
    }
}

/* What was refused is given up, or sent once more. */
static void
give_up (World *w, gboolean all)
{
  GListModel *writes = w->live != NULL ? vl_live_table_get_writes (w->live) : NULL;

  for (guint i = writes != NULL ? g_list_model_get_n_items (writes) : 0; i > 0; i--)
    {
      g_autoptr (VlWrite) written = g_list_model_get_item (writes, i - 1);

      if (written == NULL || vl_write_get_state (written) != VL_WRITE_STATE_FAILED)
        continue;
      count_operation (w, ON_LIST);
      if (all || g_rand_boolean (w->rand))
        vl_write_discard (written);
      else
        vl_write_retry (written);
    }
}

/* Now and then what was refused is done with. */
static void
write_some (World *w)
{
  g_autoptr (VlChange) change = NULL;
  g_autoptr (VlWrite) written = NULL;

  if (g_rand_int_range (w->rand, 0, 4) == 0)
    give_up (w, FALSE);
  if (!w->is_writing)
    return;

  change = make_change (w);
  written = vl_live_table_write (w->live, change);
  count_operation (w, ON_LIST);
  w->n_writes++;
}

static void
step_often (World *w, int what)
{
  if (what < 16)
    answer (w);
  else if (what < 23)
    deliver (w, FALSE);
  else if (what < 28)
    change_known (w);
  else if (what < 32)
    write_some (w);
  else
    settle ();
}

static void
set_query (World *w)
{
  VlQuery *query = w->queries[g_rand_int_range (w->rand, 0, 3)];

  if (query == vl_live_list_get_query (w->f->list))
    return;

  vl_live_list_set_query (w->f->list, query);
  count_operation (w, ON_LIST);
}

static void
refresh (World *w)
{
  vl_live_list_refresh (w->f->list);
  count_operation (w, ON_LIST);
}

static void
retry (World *w)
{
  if (vl_live_list_get_load_state (w->f->list) == VL_LOAD_STATE_FAILED)
    count_operation (w, ON_LIST);
  vl_live_list_retry (w->f->list);
}

static void
step (World *w)
{
  int what = g_rand_int_range (w->rand, 0, 40);

  switch (what)
    {
    case 0:
      change_unknown (w);
      break;
    case 1:
      set_query (w);
      break;
    case 2:
      refresh (w);
      break;
    case 3:
      retry (w);
      break;
    case 4:
      w->f->master->holds = g_rand_boolean (w->rand);
      break;
    case 5:
    case 6:
    case 7:
      fake_clock_advance ((guint) g_rand_int_range (w->rand, 1, 300));
      break;
    case 8:
    case 9:
      keep (w);
      break;
    default:
      step_often (w, what);
    }
}

/* Whoever was told of everything has the same rows, each once, whether it is known
 * yet or not, and rows that are held are where their records are. */
static void
check_mirror (World *w)
{
  GPtrArray *mirror = w->f->mirror;
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) rows = g_hash_table_new (NULL, NULL);

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (w->f->list)), ==, mirror->len);
  for (guint i = 0; i < mirror->len; i++)
    {
      g_autoptr (VlRow) row = list_fixture_get (w->f, i);
      const char *id = vl_row_get_id (row);

      g_assert_true (row == mirror->pdata[i]);
      g_assert_true (g_hash_table_add (rows, row));
      g_assert_cmpint (vl_row_get_state (row), !=, VL_ROW_STATE_GONE);
      g_assert_true (id == NULL || g_hash_table_insert (ids, (gpointer) id, row));
    }
  for (guint i = 0; i < w->keepers->len; i++)
    {
      VlRow *keeper = w->keepers->pdata[i];
      VlRow *row = vl_row_get_id (keeper) != NULL
                     ? g_hash_table_lookup (ids, vl_row_get_id (keeper))
                     : NULL;

      g_assert_true (row == NULL || row == keeper);
    }
}

static char *
describe_master (World *w)
{
  VlQuery *query = vl_live_list_get_query (w->f->list);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < w->f->master->records->len; i++)
    {
      VlRecord *record = w->f->master->records->pdata[i];
      guint at = 0;

      if (!vl_query_matches (query, record))
        continue;
      while (at < lines->len && vl_query_compare (query, record, lines->pdata[at]) > 0)
        at++;
      g_ptr_array_set_free_func (lines, NULL);
      g_ptr_array_insert (lines, (int) at, record);
    }
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (text, "%s/%s ", vl_record_get_id (lines->pdata[i]),
                            vl_record_get_string (lines->pdata[i], "name"));

  return g_string_free (text, FALSE);
}

static char *
describe_list (World *w)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < w->f->mirror->len; i++)
    {
      VlRow *row = w->f->mirror->pdata[i];
      g_autofree char *name = vl_row_get_text (row, "name");

      g_string_append_printf (text, "%s/%s ", vl_row_get_id (row), name);
    }

  return g_string_free (text, FALSE);
}

static void
come_to_rest (World *w)
{
  g_autofree char *expected = NULL;
  g_autofree char *found = NULL;

  w->is_resting = TRUE;
  deliver (w, TRUE);
  w->f->master->holds = FALSE;
  for (guint i = 0; i < 3; i++)
    {
      settle ();
      list_master_answer_all (w->f->master);
      settle ();
      give_up (w, TRUE);
      deliver (w, TRUE);
      vl_live_list_retry (w->f->list);
      for (guint j = 0; j < 16; j++)
        {
          fake_clock_advance (100);
          deliver (w, TRUE);
        }
      check_mirror (w);
    }
  expected = describe_master (w);
  found = describe_list (w);
  if (!g_str_equal (expected, found))
    g_test_message ("after %u steps", w->n_steps);
  g_assert_cmpstr (found, ==, expected);
  g_assert_cmpint (vl_live_list_get_load_state (w->f->list), ==, VL_LOAD_STATE_COMPLETE);
  g_assert_cmpuint (vl_live_list_get_pending (w->f->list), ==, 0);
  g_assert_false (vl_live_list_get_loading (w->f->list));
  w->is_resting = FALSE;
  w->n_emissions += w->f->changes->len;
  g_string_truncate (w->f->changes, 0);
  g_string_truncate (w->f->master->asked, 0);
}

static void
run (World *w, guint n_operations)
{
  while (get_operations (w) < n_operations)
    {
      step (w);
      check_mirror (w);
      if (++w->n_steps % ROUND == 0)
        come_to_rest (w);
    }
  come_to_rest (w);
  g_test_message ("%u operations in %u steps: %u on the master, %u on the stream, %u on the list, "
                  "of which %u are writes",
                  get_operations (w), w->n_steps, w->n_operations[ON_MASTER],
                  w->n_operations[ON_STREAM], w->n_operations[ON_LIST], w->n_writes);
  /* There was something to see. */
  for (guint i = 0; i < N_PLACES; i++)
    g_assert_cmpuint (w->n_operations[i], >, n_operations / 10);
  g_assert_true (!w->is_writing || w->n_writes > w->n_steps / 20);
  g_assert_cmpuint (w->n_emissions, >, w->n_steps / 10);
}

static void
make_queries (World *w)
{
  w->queries[0] = vl_query_new ();
  w->queries[1] = vl_query_order_by (w->queries[0], "name", TRUE);
  w->queries[2] = vl_query_where (w->queries[1], "name", VL_OP_LT, g_variant_new_string ("6"));
}

static VlLiveTable *
make_live (World *w, guint kind)
{
  VlLiveTable *live = vl_live_table_new (VL_TABLE (w->f->master), "list", NULL);

  vl_live_table_set_optimistic (live, (kind & OPTIMISTIC) != 0);
  if ((kind & SURGICAL) != 0)
    vl_live_table_set_invalidation (live, VL_INVALIDATION_SURGICAL);
  vl_live_table_set_retry_floor (live, 100);
  vl_live_table_set_retry_cap (live, 200);
  w->is_writing = TRUE;
  w->is_surgical = (kind & SURGICAL) != 0;
  w->f->master->echoes = &w->events;

  return live;
}

static guint
get_n_operations (void)
{
  const char *wanted = g_getenv ("VL_TEST_OPERATIONS");

  if (g_getenv ("VL_TEST_QUICK") != NULL)
    return 1200;

  return wanted != NULL ? (guint) g_ascii_strtoull (wanted, NULL, 10) : N_OPERATIONS;
}

static void
random_run (gconstpointer data)
{
  guint kind = GPOINTER_TO_UINT (data);
  gboolean is_live = kind != 0;
  guint n_operations = get_n_operations ();
  ListFixture *f = g_new0 (ListFixture, 1);
  World w = { .f = f };
  VlTable *table;

  w.rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  library_rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  _vl_random_set_func (library_random);
  w.keepers = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&w.events);
  make_queries (&w);
  f->mirrors = TRUE;
  f->master = list_master_new (LIST_EVERYTHING | VL_CAPABILITY_SUBSCRIBE | LIST_WRITES);
  if (is_live)
    w.live = make_live (&w, kind);
  table = is_live ? VL_TABLE (w.live) : VL_TABLE (f->master);
  list_fixture_watch (f, g_object_new (VL_TYPE_LIVE_LIST, "table", table, "page-size", 5, NULL));

  run (&w, n_operations);

  g_ptr_array_unref (w.keepers);
  g_rand_free (w.rand);
  _vl_random_set_func (NULL);
  g_clear_pointer (&library_rand, g_rand_free);
  for (guint i = 0; i < G_N_ELEMENTS (w.queries); i++)
    g_object_unref (w.queries[i]);
  g_signal_handlers_disconnect_by_data (f->list, f);
  g_ptr_array_unref (f->mirror);
  settle ();
  g_assert_finalize_object (f->list);
  g_string_free (f->changes, TRUE);
  g_clear_object (&w.live);
  settle ();
  g_assert_finalize_object (f->master);
  g_free (f);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  g_test_add_data_func ("/live-list/random/over-a-table", GUINT_TO_POINTER (0), random_run);
  g_test_add_data_func ("/live-list/random/over-a-live-table", GUINT_TO_POINTER (OVER_LIVE),
                        random_run);
  g_test_add_data_func ("/live-list/random/optimistic", GUINT_TO_POINTER (OVER_LIVE | OPTIMISTIC),
                        random_run);
  g_test_add_data_func ("/live-list/random/surgical", GUINT_TO_POINTER (OVER_LIVE | SURGICAL),
                        random_run);
  g_test_add_data_func ("/live-list/random/optimistic-and-surgical",
                        GUINT_TO_POINTER (OVER_LIVE | OPTIMISTIC | SURGICAL), random_run);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
