/* bench-facts.c: what it costs that writes and events are laid over pages
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include "bench-table.h"

#define PAGE_SIZE 100
#define N_PAGES   20
#define N_WRITES  10000
#define N_EVENTS  100000

static guint
n_rows (void)
{
  return N_PAGES * PAGE_SIZE;
}

static VlRecord *
patch_of (guint number)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);

  vl_record_builder_set_int64 (builder, "stock", number);

  return vl_record_builder_end (builder);
}

static VlChange *
change_of (guint row, guint number)
{
  g_autoptr (VlRecord) fields = patch_of (number);
  BenchRow values;

  bench_row (row, &values);

  return vl_change_new_patch (values.id, fields);
}

/* Optimistic writes */

typedef struct
{
  VlMemoryTable *master;
  VlLiveTable *plain;
  VlLiveTable *optimistic;
  GPtrArray *changes;
} Writes;

static gpointer
writes_set_up (void)
{
  Writes *writes = g_new0 (Writes, 1);
  g_autoptr (VlQuery) query = bench_table_query (0, PAGE_SIZE);
  g_autoptr (VlPage) plain = NULL;
  g_autoptr (VlPage) optimistic = NULL;

  writes->master = bench_table_new (n_rows ());
  writes->plain = bench_table_live (VL_TABLE (writes->master), PAGE_SIZE);
  writes->optimistic = bench_table_live (VL_TABLE (writes->master), PAGE_SIZE);
  vl_live_table_set_optimistic (writes->optimistic, TRUE);
  plain = bench_table_list (writes->plain, query);
  optimistic = bench_table_list (writes->optimistic, query);
  writes->changes = g_ptr_array_new_with_free_func (g_object_unref);

  return writes;
}

static void
writes_tear_down (gpointer data)
{
  Writes *writes = data;

  g_clear_pointer (&writes->changes, g_ptr_array_unref);
  g_object_unref (writes->optimistic);
  g_object_unref (writes->plain);
  g_object_unref (writes->master);
  g_free (writes);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
make_changes (gpointer data, guint n)
{
  Writes *writes = data;

  g_ptr_array_set_size (writes->changes, 0);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (writes->changes, change_of (i % n_rows (), i));
}

static void
write_all (Writes *writes, VlLiveTable *live, guint n)
{
  for (guint i = 0; i < n; i++)
    g_object_unref (vl_live_table_write (live, g_ptr_array_index (writes->changes, i)));
  while (vl_live_table_get_pending_writes (live) > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
write_plain (gpointer data, guint n)
{
  write_all (data, ((Writes *) data)->plain, n);
}

static void
write_optimistic (gpointer data, guint n)
{
  write_all (data, ((Writes *) data)->optimistic, n);
}

static void
writes_check (gpointer data)
{
  Writes *writes = data;
  g_autoptr (VlQuery) query = bench_table_query (0, PAGE_SIZE);
  g_autoptr (VlPage) page = NULL;

  make_changes (writes, 10);
  for (guint i = 0; i < 10; i++)
    g_object_unref (vl_live_table_write (writes->optimistic, writes->changes->pdata[i]));
  page = bench_table_list (writes->optimistic, query);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, PAGE_SIZE);
  while (vl_live_table_get_pending_writes (writes->optimistic) > 0)
    g_main_context_iteration (NULL, TRUE);
}

static const BenchCase writes_case = {
  .id = "14",
  .title = "10,000 optimistic writes, applied, against the same not shown before",
  .ours = { .what = "written and shown",
            .prepare = make_changes,
            .run = write_optimistic,
            .n = N_WRITES },
  .peer = { .what = "written", .prepare = make_changes, .run = write_plain, .n = N_WRITES },
  .bar = BENCH_PUBLISHED,
  .set_up = writes_set_up,
  .tear_down = writes_tear_down,
  .check = writes_check,
};

/* Events */

typedef struct
{
  VlMemoryTable *master;
  VlLiveTable *live;
  VlLiveStream *stream;
  VlQuery *query;
  GPtrArray *events;
} Events;

static VlLiveEvent *
event_of (guint row, guint number)
{
  g_autoptr (VlRecord) before = bench_table_record (row);
  g_autoptr (VlRecord) fields = patch_of (number);
  g_autoptr (VlRecord) record = vl_record_merge (before, fields);

  return vl_live_event_new_updated (vl_record_get_id (record), record);
}

static gpointer
events_set_up (void)
{
  Events *events = g_new0 (Events, 1);
  guint n = bench_is_quick () ? 100 : N_EVENTS;

  events->master = bench_table_new (n_rows ());
  events->live = bench_table_live (VL_TABLE (events->master), PAGE_SIZE);
  events->stream = vl_live_stream_new ();
  events->query = bench_table_query (0, PAGE_SIZE);
  vl_live_table_set_invalidation (events->live, VL_INVALIDATION_SURGICAL);
  vl_live_table_add_stream (events->live, events->stream);
  events->events = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (events->events, event_of (i % PAGE_SIZE, i));

  return events;
}

static void
events_tear_down (gpointer data)
{
  Events *events = data;

  g_ptr_array_unref (events->events);
  g_object_unref (events->query);
  g_object_unref (events->live);
  g_object_unref (events->stream);
  g_object_unref (events->master);
  g_free (events);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static double
absorb (gpointer data, guint n)
{
  Events *events = data;
  g_autoptr (VlPage) before = bench_table_list (events->live, events->query);
  g_autoptr (VlPage) page = NULL;
  gint64 began;

  for (guint i = 0; i < events->events->len; i++)
    vl_live_stream_push (events->stream, g_ptr_array_index (events->events, i));

  began = bench_now ();
  page = vl_live_table_peek_page (events->live, events->query);
  began = bench_now () - began;
  while (g_main_context_iteration (NULL, FALSE))
    ;

  return (double) began / events->events->len * n;
}

static double
pass_on (gpointer data, guint n)
{
  Events *events = data;
  g_autoptr (GAsyncQueue) queue = g_async_queue_new ();
  gint64 began;

  for (guint i = 0; i < events->events->len; i++)
    g_async_queue_push (queue, g_object_ref (g_ptr_array_index (events->events, i)));

  began = bench_now ();
  for (guint i = 0; i < events->events->len; i++)
    g_object_unref (g_async_queue_pop (queue));

  return (double) (bench_now () - began) / events->events->len * n;
}

static void
events_check (gpointer data)
{
  g_assert_cmpfloat (absorb (data, 1), >, 0);
}

static const BenchCase events_case = {
  .id = "15",
  .title = "One turn that absorbs 100,000 events, each laid over a cached row",
  .ours = { .what = "an event heard, and the page peeked at once",
            .measure = absorb,
            .n = N_EVENTS },
  .peer = { .what = "taken out of a GAsyncQueue", .measure = pass_on, .n = N_EVENTS },
  .bar = BENCH_PUBLISHED,
  .set_up = events_set_up,
  .tear_down = events_tear_down,
  .check = events_check,
};

/* Peeks */

typedef struct
{
  VlMemoryTable *memory;
  VlFaultTable *master;
  VlLiveTable *live;
  VlQuery *query;
} Pending;

typedef struct
{
  Pending none;
  Pending some;
  Pending many;
} Peeks;

/* The page has writes to some of its rows that are never answered, and so have
 * others. */
static void
pending_init (Pending *self, guint n_here, guint n_elsewhere)
{
  self->memory = bench_table_new (n_rows ());
  self->master = vl_fault_table_new (VL_TABLE (self->memory));
  self->live = bench_table_live (VL_TABLE (self->master), PAGE_SIZE);
  self->query = bench_table_query (0, PAGE_SIZE);
  vl_live_table_set_optimistic (self->live, TRUE);
  vl_live_table_set_timeout (self->live, 0);
  for (guint i = 0; i < N_PAGES; i++)
    {
      g_autoptr (VlQuery) query = bench_table_query (i * PAGE_SIZE, PAGE_SIZE);
      g_autoptr (VlPage) page = bench_table_list (self->live, query);

      g_assert_cmpuint (vl_page_get_n_records (page), ==, PAGE_SIZE);
    }
  vl_fault_table_set_never_answer (self->master, TRUE);
  for (guint i = 0; i < n_here + n_elsewhere; i++)
    {
      g_autoptr (VlChange) change = change_of (i < n_here ? i : PAGE_SIZE + i, i);

      g_object_unref (vl_live_table_write (self->live, change));
    }
}

static void
pending_clear (Pending *self)
{
  vl_fault_table_set_never_answer (self->master, FALSE);
  vl_live_table_set_queue_capacity (self->live, 1);
  g_object_unref (self->query);
  g_object_unref (self->live);
  g_object_unref (self->master);
  g_object_unref (self->memory);
}

static gpointer
peeks_set_up (void)
{
  Peeks *peeks = g_new0 (Peeks, 1);

  pending_init (&peeks->none, 0, 0);
  pending_init (&peeks->some, 10, 0);
  pending_init (&peeks->many, 10, 1000);

  return peeks;
}

static void
peeks_tear_down (gpointer data)
{
  Peeks *peeks = data;

  pending_clear (&peeks->none);
  pending_clear (&peeks->some);
  pending_clear (&peeks->many);
  g_free (peeks);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
peek (Pending *pending, guint n)
{
  for (guint i = 0; i < n; i++)
    g_object_unref (vl_live_table_peek_page (pending->live, pending->query));
}

static void
peek_none (gpointer data, guint n)
{
  peek (&((Peeks *) data)->none, n);
}

static void
peek_some (gpointer data, guint n)
{
  peek (&((Peeks *) data)->some, n);
}

static void
peek_many (gpointer data, guint n)
{
  peek (&((Peeks *) data)->many, n);
}

static void
peeks_check (gpointer data)
{
  Peeks *peeks = data;
  g_autoptr (VlPage) some = vl_live_table_peek_page (peeks->some.live, peeks->some.query);
  g_autoptr (VlPage) many = vl_live_table_peek_page (peeks->many.live, peeks->many.query);

  g_assert_true (vl_page_get_has_pending (some));
  g_assert_true (vl_page_get_has_pending (many));
  for (guint i = 0; i < PAGE_SIZE; i++)
    {
      g_autoptr (VlRecord) a = vl_page_get_record (some, i);
      g_autoptr (VlRecord) b = vl_page_get_record (many, i);

      g_assert_true (vl_record_equal (a, b));
    }
}

static const BenchCase peek_some_case = {
  .id = "16",
  .title = "Peek at a page of 100 rows, 10 of which are being written",
  .ours = { .what = "10 rows with facts", .run = peek_some },
  .peer = { .what = "no facts", .run = peek_none },
  .bar = BENCH_PUBLISHED,
  .is_alone = TRUE,
  .set_up = peeks_set_up,
  .tear_down = peeks_tear_down,
  .check = peeks_check,
};

static const BenchCase peek_many_case = {
  .id = "16-elsewhere",
  .title = "The same, with 1,000 writes to other pages under way",
  .ours = { .what = "10 rows with facts, and 1,000 elsewhere", .run = peek_many },
  .peer = { .what = "10 rows with facts", .run = peek_some },
  .bar = BENCH_AT_MOST,
  .limit = 2,
  .is_alone = TRUE,
  .set_up = peeks_set_up,
  .tear_down = peeks_tear_down,
  .check = peeks_check,
};

void
bench_add_facts (void)
{
  bench_add_case (&writes_case);
  bench_add_case (&events_case);
  bench_add_case (&peek_some_case);
  bench_add_case (&peek_many_case);
}
