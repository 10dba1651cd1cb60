/* bench-list.c: what a list costs, against one that has everything ready
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include <stdio.h>
#include <unistd.h>

#include "list-master.h"

#define N_ROWS 1000000
#define WINDOW 200

static VlLiveTable *
make_live (ListMaster **master, guint n)
{
  *master = list_master_new (VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER | VL_CAPABILITY_WINDOW |
                             VL_CAPABILITY_COUNT | VL_CAPABILITY_SUBSCRIBE);
  (*master)->n_virtual = n;

  return vl_live_table_new (VL_TABLE (*master), "things", NULL);
}

static gboolean
is_readable (VlLiveList *list, guint position)
{
  g_autoptr (VlRow) row = g_list_model_get_item (G_LIST_MODEL (list), position);

  return row != NULL && vl_row_get_record (row) != NULL;
}

static void
turn_until_readable (VlLiveList *list, guint position)
{
  while (!is_readable (list, position))
    g_main_context_iteration (NULL, TRUE);
}

static GListStore *
fill_store (guint n)
{
  GListStore *store = g_list_store_new (VL_TYPE_RECORD);

  for (guint i = 0; i < n; i++)
    {
      char id[16];
      g_autoptr (VlRecord) record = NULL;

      g_snprintf (id, sizeof id, "%07u", i);
      record = list_master_record (id, id);
      g_list_store_append (store, record);
    }

  return store;
}

/* A window of rows that are loaded */

typedef struct
{
  ListMaster *master;
  VlLiveTable *live;
  VlLiveList *list;
  GListStore *store;
  GPtrArray *held;
} Window;

static gpointer
window_set_up (void)
{
  Window *window = g_new0 (Window, 1);

  window->live = make_live (&window->master, WINDOW);
  /* What the event brings is all that is wanted: nothing is fetched for it. */
  vl_live_table_set_invalidation (window->live, VL_INVALIDATION_SURGICAL);
  window->list = vl_live_list_new (VL_TABLE (window->live), NULL);
  window->store = fill_store (WINDOW);
  window->held = g_ptr_array_new_with_free_func (g_object_unref);
  turn_until_readable (window->list, 0);
  /* Only rows that somebody holds are read. */
  for (guint i = 0; i < WINDOW; i++)
    g_ptr_array_add (window->held, g_list_model_get_item (G_LIST_MODEL (window->list), i));
  for (guint i = 0; i < WINDOW; i++)
    turn_until_readable (window->list, i);

  return window;
}

static void
window_tear_down (gpointer data)
{
  Window *window = data;

  g_ptr_array_unref (window->held);
  g_object_unref (window->store);
  g_object_unref (window->list);
  g_object_unref (window->live);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (window->master);
  g_free (window);
}

static void
get_items (GListModel *model, guint n)
{
  for (guint i = 0; i < n; i++)
    g_object_unref (g_list_model_get_item (model, i % WINDOW));
}

static void
get_rows (gpointer data, guint n)
{
  get_items (G_LIST_MODEL (((Window *) data)->list), n);
}

static void
get_stored (gpointer data, guint n)
{
  get_items (G_LIST_MODEL (((Window *) data)->store), n);
}

static void
window_check (gpointer data)
{
  Window *window = data;

  for (guint i = 0; i < WINDOW; i++)
    {
      g_autoptr (VlRow) row = g_list_model_get_item (G_LIST_MODEL (window->list), i);

      g_assert_true (row == window->held->pdata[i]);
      g_assert_nonnull (vl_row_get_record (row));
    }
}

static const BenchCase get_item_case = {
  .id = "18",
  .title = "get_item of a row in a window of 200 that are loaded",
  .ours = { .what = "g_list_model_get_item() of a VlLiveList", .run = get_rows },
  .peer = { .what = "the same of a GListStore", .run = get_stored },
  .bar = BENCH_AT_MOST,
  .limit = 1.2,
  .is_alone = TRUE,
  .set_up = window_set_up,
  .tear_down = window_tear_down,
  .check = window_check,
};

/* A million rows, until the first page is readable */

static guint
n_many (void)
{
  return bench_is_quick () ? 10000 : N_ROWS;
}

/* The list is given to whoever wants to look what it holds. */
static VlLiveList *
open_list (ListMaster **master, VlLiveTable **live)
{
  VlLiveList *list;

  *live = make_live (master, n_many ());
  list = vl_live_list_new (VL_TABLE (*live), NULL);
  turn_until_readable (list, 0);

  return list;
}

static void
close_list (VlLiveList *list, VlLiveTable *live, ListMaster *master)
{
  g_object_unref (list);
  g_object_unref (live);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (master);
}

/* Each in a process of its own: the allocator takes ten milliseconds to give back
 * what a million records had, and who allocates next pays for it. */

static double
open_many (gpointer data, guint n)
{
  gint64 taken = 0;

  if (!bench_is_elsewhere ())
    return bench_measure_elsewhere ("19", "ours", n);

  for (guint i = 0; i < n; i++)
    {
      gint64 began = bench_now ();
      ListMaster *master;
      VlLiveTable *live;
      VlLiveList *list = open_list (&master, &live);

      taken += bench_now () - began;
      close_list (list, live, master);
    }

  return (double) taken;
}

static double
fill_many (gpointer data, guint n)
{
  gint64 taken = 0;

  if (!bench_is_elsewhere ())
    return bench_measure_elsewhere ("19", "peer", n);

  for (guint i = 0; i < n; i++)
    {
      gint64 began = bench_now ();
      g_autoptr (GListStore) store = fill_store (n_many ());

      taken += bench_now () - began;
    }

  return (double) taken;
}

static void
open_check (gpointer data)
{
  ListMaster *master;
  VlLiveTable *live;
  VlLiveList *list = open_list (&master, &live);

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, n_many ());
  g_assert_cmpuint (master->n_lists, ==, 1);
  close_list (list, live, master);
}

static const BenchCase open_case = {
  .id = "19",
  .title = "A list over a million rows, until its first page is readable",
  .ours = { .what = "a VlLiveList", .measure = open_many, .n = 1 },
  .peer = { .what = "a GListStore filled with records", .measure = fill_many, .n = 1 },
  .bar = BENCH_AT_MOST,
  .limit = 0.01,
  .rounds = 7,
  .note = "Each side in a process of its own.",
  .check = open_check,
};

static double
resident_bytes (void)
{
  guint64 n_pages = 0;
  FILE *file = fopen ("/proc/self/statm", "r");

  if (file == NULL || fscanf (file, "%*u %" G_GUINT64_FORMAT, &n_pages) != 1)
    n_pages = 0;
  if (file != NULL)
    fclose (file);

  return (double) n_pages * (double) sysconf (_SC_PAGESIZE);
}

static double
keep_list (gpointer data, guint n)
{
  ListMaster *master;
  VlLiveTable *live;
  VlLiveList *list;
  double before;
  double after;

  if (!bench_is_elsewhere ())
    return bench_measure_elsewhere ("19-memory", "ours", n);

  before = resident_bytes ();
  list = open_list (&master, &live);
  after = resident_bytes ();
  close_list (list, live, master);

  return after - before;
}

static double
allow (gpointer data, guint n)
{
  return 4.0 * 1024 * 1024;
}

static const BenchCase memory_case = {
  .id = "19-memory",
  .title = "What that list keeps in memory",
  .ours = { .what = "a VlLiveList, its live table and what is cached",
            .measure = keep_list,
            .n = 1 },
  .peer = { .what = "4 MiB, the bar", .measure = allow, .n = 1 },
  .bar = BENCH_AT_MOST,
  .limit = 1,
  .unit = "bytes",
  .rounds = 7,
  .check = open_check,
};

/* From an event to the row */

static void
note_record (GObject *object, GParamSpec *pspec, gpointer data)
{
  (*(guint *) data)++;
}

static void
hear_events (gpointer data, guint n)
{
  Window *window = data;
  VlRow *row = window->held->pdata[WINDOW / 2];
  guint n_heard = 0;
  gulong handler = g_signal_connect (row, "notify::record", G_CALLBACK (note_record), &n_heard);

  for (guint i = 0; i < n; i++)
    {
      char name[32];
      g_autoptr (VlRecord) record = NULL;
      g_autoptr (VlLiveEvent) event = NULL;
      guint before = n_heard;

      g_snprintf (name, sizeof name, "name %" G_GINT64_FORMAT, bench_now ());
      record = list_master_record (vl_row_get_id (row), name);
      event = vl_live_event_new_updated (vl_row_get_id (row), record);
      vl_live_stream_push (window->master->stream, event);
      while (n_heard == before)
        g_main_context_iteration (NULL, TRUE);
    }
  g_signal_handler_disconnect (row, handler);
}

static gboolean
run_idle (gpointer data)
{
  *(gboolean *) data = TRUE;

  return G_SOURCE_REMOVE;
}

static void
turn_idle (gpointer data, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      gboolean is_done = FALSE;

      g_idle_add_full (G_PRIORITY_DEFAULT, run_idle, &is_done, NULL);
      bench_turn_until (&is_done);
    }
}

static void
events_check (gpointer data)
{
  hear_events (data, 3);
}

static const BenchCase event_case = {
  .id = "20",
  .title = "An event that brings a record, until the row that shows it notifies",
  .ours = { .what = "pushed, cached, and told by the row", .run = hear_events, .n = 200 },
  .peer = { .what = "a bare source, attached and dispatched", .run = turn_idle, .n = 200 },
  .bar = BENCH_PUBLISHED,
  .set_up = window_set_up,
  .tear_down = window_tear_down,
  .check = events_check,
};

void
bench_add_list (void)
{
  bench_add_case (&get_item_case);
  bench_add_case (&open_case);
  bench_add_case (&memory_case);
  bench_add_case (&event_case);
}
