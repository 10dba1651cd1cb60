/* test-live-overlay.c: facts laid over base pages give what the master will have
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A model of a master: its records, and writes on their way to it. Pages are
 * fetched from it at any time, and whatever the facts make of them has to be
 * what the model makes of all rows.
 */

#include <vantage-live.h>

#include "live/vl-live-facts-private.h"
#include "live/vl-live-overlay-private.h"
#include "table/vl-page-private.h"

#define SIZE      4
#define N_QUERIES 3
#define PAGES_MAX 64
#define RECENT    24

typedef enum
{
  WRITE_INSERT,
  WRITE_PATCH,
  WRITE_REPLACE,
  WRITE_DELETE,
} WriteKind;

typedef struct
{
  WriteKind kind;
  char *id;
  VlRecord *record;
} Write;

typedef struct
{
  GRand *rand;
  VlFacts *facts;
  VlOverlay *overlay;
  GPtrArray *rows; /* of VlRecord: the master */
  GQueue writes;   /* of Write, on their way */
  VlQuery *queries[N_QUERIES];
  VlPage *pages[N_QUERIES][PAGES_MAX];
  GQueue recent; /* of VlPage: whose rows are known */
  guint n_ids;
  guint n_checked;
  guint n_torn;  /* windows of pages that did not fit together */
  guint n_moved; /* windows that needed a page more */
  gint64 clock;
} Model;

static void
write_free (gpointer data)
{
  Write *write = data;

  g_free (write->id);
  g_clear_object (&write->record);
  g_free (write);
}

static VlRecord *
make_record (Model *model, const char *id, gboolean whole)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (id);

  if (whole || g_rand_int_range (model->rand, 0, 2) == 0)
    vl_record_builder_set_int64 (builder, "v", g_rand_int_range (model->rand, 0, 6));
  if (whole || g_rand_int_range (model->rand, 0, 4) == 0)
    vl_record_builder_set_int64 (builder, "g", g_rand_int_range (model->rand, 0, 3) > 0);
  vl_record_builder_set_int64 (builder, "n", g_rand_int_range (model->rand, 0, 1000));

  return vl_record_builder_end (builder);
}

static char *
new_id (Model *model)
{
  return g_strdup_printf ("%c%04u", 'a' + (char) g_rand_int_range (model->rand, 0, 26),
                          model->n_ids++);
}

static gboolean
find_row (Model *model, const char *id, guint *index)
{
  for (guint i = 0; i < model->rows->len; i++)
    {
      if (g_str_equal (vl_record_get_id (model->rows->pdata[i]), id))
        {
          if (index != NULL)
            *index = i;
          return TRUE;
        }
    }

  return FALSE;
}

/* What the master makes of a write: FALSE when it refuses. */
static gboolean
apply (GPtrArray *rows, const Write *write, VlRecord **stored)
{
  guint index = 0;
  gboolean found = FALSE;

  for (; index < rows->len && !found; index++)
    found = g_str_equal (vl_record_get_id (rows->pdata[index]), write->id);
  index -= found;
  switch (write->kind)
    {
    case WRITE_INSERT:
      if (found)
        return FALSE;
      g_ptr_array_add (rows, g_object_ref (write->record));
      *stored = g_object_ref (write->record);
      return TRUE;
    case WRITE_PATCH:
      if (!found)
        return FALSE;
      *stored = vl_record_merge (rows->pdata[index], write->record);
      g_ptr_array_remove_index (rows, index);
      g_ptr_array_add (rows, g_object_ref (*stored));
      return TRUE;
    case WRITE_REPLACE:
      if (found)
        g_ptr_array_remove_index (rows, index);
      g_ptr_array_add (rows, g_object_ref (write->record));
      *stored = g_object_ref (write->record);
      return TRUE;
    case WRITE_DELETE:
      if (found)
        g_ptr_array_remove_index (rows, index);
      return TRUE;
    default:
      return FALSE;
    }
}

/* The rows of a query, in order, as somebody sees them who knows all. A row
 * stands where `at` has it and shows `now`. */
typedef struct
{
  VlRecord *at;
  VlRecord *now;
} Seen;

static void
seen_clear (gpointer data)
{
  Seen *seen = data;

  g_clear_object (&seen->at);
  g_clear_object (&seen->now);
}

static GArray *
all_rows (Model *model)
{
  GArray *all = g_array_new (FALSE, TRUE, sizeof (Seen));

  g_array_set_clear_func (all, seen_clear);
  for (guint i = 0; i < model->rows->len; i++)
    {
      Seen seen = { g_object_ref (model->rows->pdata[i]), g_object_ref (model->rows->pdata[i]) };

      g_array_append_val (all, seen);
    }

  for (GList *l = model->writes.head; l != NULL; l = l->next)
    {
      const Write *write = l->data;
      Seen *row = NULL;
      guint i;

      for (i = 0; i < all->len && row == NULL; i++)
        {
          if (g_str_equal (vl_record_get_id (g_array_index (all, Seen, i).at), write->id))
            row = &g_array_index (all, Seen, i);
        }
      if (write->kind == WRITE_DELETE)
        {
          if (row != NULL)
            g_array_remove_index (all, i - 1);
        }
      else if (row == NULL && write->kind != WRITE_PATCH)
        {
          Seen seen = { g_object_ref (write->record), g_object_ref (write->record) };

          g_array_append_val (all, seen);
        }
      else if (row != NULL)
        {
          g_autoptr (VlRecord) now = write->kind == WRITE_PATCH
                                       ? vl_record_merge (row->now, write->record)
                                       : g_object_ref (write->record);

          g_set_object (&row->now, now);
        }
    }

  return all;
}

static int
compare_seen (gconstpointer a, gconstpointer b, gpointer query)
{
  return vl_query_compare (query, ((const Seen *) a)->at, ((const Seen *) b)->at);
}

static GArray *
rows_of (Model *model, VlQuery *query)
{
  GArray *all = all_rows (model);

  for (guint i = all->len; i > 0; i--)
    {
      if (!vl_query_matches (query, g_array_index (all, Seen, i - 1).at))
        g_array_remove_index (all, i - 1);
    }
  g_array_sort_with_data (all, compare_seen, query);

  return all;
}

/* Fetching */

static int
compare_records (gconstpointer a, gconstpointer b, gpointer query)
{
  return vl_query_compare (query, *(VlRecord *const *) a, *(VlRecord *const *) b);
}

/* As the facts remember them, but fewer. */
static void
note (Model *model, VlPage *page)
{
  if (vl_page_get_n_records (page) == 0 || g_queue_find (&model->recent, page) != NULL)
    return;

  g_queue_push_tail (&model->recent, g_object_ref (page));
  while (model->recent.length > RECENT)
    g_object_unref (g_queue_pop_head (&model->recent));
}

static void
fetch (Model *model, guint q, guint n)
{
  VlQuery *query = model->queries[q];
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();
  VlPageInfo info = { .offset = n * SIZE };
  guint from, to;

  for (guint i = 0; i < model->rows->len; i++)
    {
      if (vl_query_matches (query, model->rows->pdata[i]))
        g_ptr_array_add (rows, model->rows->pdata[i]);
    }
  g_ptr_array_sort_with_data (rows, compare_records, query);
  info.total = rows->len;
  info.seq = _vl_facts_get_seq (model->facts);
  info.run = _vl_facts_get_run (model->facts);
  info.fetched_at = ++model->clock;
  from = MIN (n * SIZE, rows->len);
  to = MIN (from + SIZE, rows->len);
  g_clear_object (&model->pages[q][n]);
  model->pages[q][n] = _vl_page_new_from_records ((VlRecord *const *) rows->pdata + from, to - from,
                                                  &info);
  _vl_facts_note (model->facts, model->pages[q][n]);
  note (model, model->pages[q][n]);
}

static void
give_up (Model *model)
{
  for (guint q = 0; q < N_QUERIES; q++)
    {
      for (guint n = 0; n < PAGES_MAX; n++)
        g_clear_object (&model->pages[q][n]);
    }
  g_queue_clear_full (&model->recent, g_object_unref);
  _vl_facts_give_up_base (model->facts);
}

/* An id that was seen not long ago. */
static char *
known_id (Model *model)
{
  VlPage *page;
  guint n_records;

  if (g_queue_is_empty (&model->recent))
    return NULL;

  page = g_queue_peek_nth (&model->recent,
                           (guint) g_rand_int_range (model->rand, 0, (gint) model->recent.length));
  n_records = vl_page_get_n_records (page);
  if (n_records == 0)
    return NULL;

  return g_strdup (
    vl_page_get_record_id (page, (guint) g_rand_int_range (model->rand, 0, (gint) n_records)));
}

/* Writing */

static void
begin_write (Model *model)
{
  Write *write = g_new0 (Write, 1);
  g_autoptr (VlChange) change = NULL;

  write->kind = (WriteKind) g_rand_int_range (model->rand, WRITE_INSERT, WRITE_DELETE + 1);
  write->id = write->kind == WRITE_INSERT ? new_id (model) : known_id (model);
  if (write->id == NULL)
    {
      write_free (write);
      return;
    }
  if (write->kind != WRITE_DELETE)
    write->record = make_record (model, write->id, write->kind != WRITE_PATCH);
  switch (write->kind)
    {
    case WRITE_INSERT:
      change = vl_change_new_insert (write->record);
      break;
    case WRITE_PATCH:
      change = vl_change_new_patch (write->id, write->record);
      break;
    case WRITE_REPLACE:
      change = vl_change_new_replace (write->record);
      break;
    case WRITE_DELETE:
    default:
      change = vl_change_new_delete (write->id);
      break;
    }
  g_queue_push_tail (&model->writes, write);
  _vl_facts_begin (model->facts, write, write->id, change);
}

static void
end_write (Model *model)
{
  Write *write = g_queue_pop_head (&model->writes);
  g_autoptr (VlRecord) stored = NULL;

  if (write == NULL)
    return;

  if (g_rand_int_range (model->rand, 0, 5) == 0 || !apply (model->rows, write, &stored))
    _vl_facts_drop (model->facts, write);
  else if (!_vl_facts_settle (model->facts, write, write->id, stored))
    give_up (model);
  write_free (write);
}

/* Nobody knows what the base has of a record that was changed unheard. */
static void
lose (Model *model)
{
  give_up (model);
  while (!g_queue_is_empty (&model->writes))
    end_write (model);
}

static void
foreign_change (Model *model)
{
  g_autoptr (VlLiveEvent) event = NULL;
  g_autoptr (VlRecord) stored = NULL;
  gint kind = g_rand_int_range (model->rand, 0, 4);
  Write write = { 0 };

  write.kind = kind == 0 ? WRITE_INSERT : kind == 1 ? WRITE_DELETE : WRITE_PATCH;
  write.id = kind == 0 ? new_id (model) : known_id (model);
  if (write.id == NULL)
    return;
  if (write.kind != WRITE_DELETE)
    write.record = make_record (model, write.id, write.kind != WRITE_PATCH);
  if (apply (model->rows, &write, &stored))
    {
      if (write.kind == WRITE_INSERT)
        event = vl_live_event_new_inserted (stored);
      else if (write.kind == WRITE_DELETE)
        event = vl_live_event_new_deleted (write.id);
      else
        event = vl_live_event_new_updated (write.id, stored);
      if (!_vl_facts_hear (model->facts, event))
        lose (model);
      /* Streams tell things twice. */
      if (g_rand_int_range (model->rand, 0, 4) == 0 && !_vl_facts_hear (model->facts, event))
        lose (model);
    }
  g_clear_object (&write.record);
  g_free (write.id);
}

/* Looking */

G_NORETURN static void
fail_with (Model *model, VlPage *page, GArray *rows, guint64 offset, guint limit)
{
  g_autofree char *json = vl_page_to_json (page);

  g_test_message ("Window %" G_GUINT64_FORMAT "+%u is %s", offset, limit, json);
  for (guint i = 0; i < rows->len; i++)
    {
      g_autofree char *row = vl_record_to_json (g_array_index (rows, Seen, i).now);

      g_test_message ("%u %s", i, row);
    }
  g_error ("The window is not what the master has");
}

static void
compare_window (Model *model, VlPage *page, VlQuery *query, GArray *rows)
{
  guint64 offset = vl_query_get_offset (query);
  guint limit = vl_query_get_limit (query);
  guint64 from = MIN (offset, rows->len);
  guint64 to = limit == 0 ? rows->len : MIN (from + limit, rows->len);

  if (vl_page_get_n_records (page) != to - from || vl_page_get_total (page) != rows->len)
    fail_with (model, page, rows, offset, limit);
  for (guint64 i = from; i < to; i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, (guint) (i - from));

      if (!vl_record_equal (record, g_array_index (rows, Seen, i).now))
        fail_with (model, page, rows, offset, limit);
    }
}

static void
check_window (Model *model, guint q)
{
  guint64 offset = (guint64) g_rand_int_range (model->rand, 0, 30);
  guint limit = (guint) g_rand_int_range (model->rand, 1, 9);
  g_autoptr (VlQuery) query = vl_query_window (model->queries[q], offset, limit);
  g_autoptr (GArray) rows = rows_of (model, query);
  guint first = (guint) offset / SIZE;
  guint last = (guint) (offset + limit - 1) / SIZE;
  guint n_torn = 0;

  for (;;)
    {
      VlOverlayBase base = { .query = query };
      g_autoptr (VlPage) page = NULL;
      VlOverlayState state;
      VlPageInfo info;

      for (guint n = first; n <= last; n++)
        {
          if (model->pages[q][n] == NULL)
            fetch (model, q, n);
        }
      base.pages = &model->pages[q][first];
      base.n_pages = last - first + 1;
      base.is_end = vl_page_get_n_records (model->pages[q][last]) < SIZE;
      _vl_page_get_info (model->pages[q][first], &info);
      info.offset = offset;
      for (guint n = first; n <= last; n++)
        note (model, model->pages[q][n]);
      page = _vl_overlay_window (model->overlay, &base, &info, &state);
      if (state == VL_OVERLAY_TORN)
        {
          /* Fetched at different times: as good as not cached. */
          for (guint n = first; n <= last; n++)
            fetch (model, q, n);
          g_assert_cmpuint (++n_torn, <=, 1 + last - first);
          model->n_torn++;
          continue;
        }
      if (state == VL_OVERLAY_DONE)
        {
          compare_window (model, page, query, rows);
          model->n_checked++;
          return;
        }
      model->n_moved++;
      if (state == VL_OVERLAY_WANTS_BEFORE)
        first--;
      else
        last++;
    }
}

static void
check_record (Model *model)
{
  g_autofree char *id = known_id (model);
  g_autoptr (GArray) all = NULL;
  g_autoptr (VlPage) base = NULL;
  g_autoptr (VlPage) page = NULL;
  VlRecord *expected = NULL;
  VlPageInfo info = { .seq = _vl_facts_get_seq (model->facts),
                      .run = _vl_facts_get_run (model->facts) };
  guint index;

  if (id == NULL)
    return;

  all = all_rows (model);
  for (guint i = 0; i < all->len; i++)
    {
      if (g_str_equal (vl_record_get_id (g_array_index (all, Seen, i).at), id))
        expected = g_array_index (all, Seen, i).now;
    }
  info.total = find_row (model, id, &index);
  base = _vl_page_new_from_records ((VlRecord *const *) &model->rows->pdata[info.total ? index : 0],
                                    (guint) info.total, &info);
  page = _vl_overlay_record (model->overlay, id, base);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, expected != NULL);
  if (expected != NULL)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, 0);

      g_assert_true (vl_record_equal (record, expected));
    }
}

static void
step (Model *model)
{
  guint q = (guint) g_rand_int_range (model->rand, 0, N_QUERIES);

  switch (g_rand_int_range (model->rand, 0, 10))
    {
    case 0:
      fetch (model, q, (guint) g_rand_int_range (model->rand, 0, 6));
      break;
    case 1:
    case 2:
      if (model->writes.length < 12)
        begin_write (model);
      break;
    case 3:
    case 4:
      end_write (model);
      break;
    case 5:
      foreign_change (model);
      break;
    case 6:
      check_record (model);
      break;
    case 7:
      if (g_rand_int_range (model->rand, 0, 10) == 0)
        give_up (model);
      break;
    default:
      check_window (model, q);
      break;
    }
}

static void
model_init (Model *model, guint32 seed)
{
  memset (model, 0, sizeof *model);
  model->rand = g_rand_new_with_seed (seed);
  model->facts = _vl_facts_new ();
  model->overlay = _vl_overlay_new (model->facts);
  model->rows = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&model->writes);
  g_queue_init (&model->recent);
  {
    g_autoptr (VlQuery) plain = vl_query_new ();
    g_autoptr (VlQuery) grouped = vl_query_where (plain, "g", VL_OP_EQ, g_variant_new_int64 (1));

    model->queries[0] = g_object_ref (plain);
    model->queries[1] = vl_query_order_by (plain, "v", TRUE);
    model->queries[2] = vl_query_order_by (grouped, "v", FALSE);
  }
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *id = new_id (model);

      g_ptr_array_add (model->rows, make_record (model, id, TRUE));
    }
}

static void
model_clear (Model *model)
{
  for (guint q = 0; q < N_QUERIES; q++)
    {
      for (guint n = 0; n < PAGES_MAX; n++)
        g_clear_object (&model->pages[q][n]);
      g_clear_object (&model->queries[q]);
    }
  g_queue_clear_full (&model->recent, g_object_unref);
  g_queue_clear_full (&model->writes, write_free);
  g_ptr_array_unref (model->rows);
  _vl_overlay_free (model->overlay);
  _vl_facts_free (model->facts);
  g_rand_free (model->rand);
}

static void
test_against_model (void)
{
  const guint n_runs = g_getenv ("VL_TEST_QUICK") != NULL ? 20 : 400;
  guint n_checked = 0, n_moved = 0, n_torn = 0;

  for (guint32 seed = 0; seed < n_runs; seed++)
    {
      Model model;

      model_init (&model, seed);
      for (guint i = 0; i < 400; i++)
        step (&model);
      n_checked += model.n_checked;
      n_moved += model.n_moved;
      n_torn += model.n_torn;
      model_clear (&model);
    }
  g_test_message ("%u windows, %u of them moved, %u torn", n_checked, n_moved, n_torn);
  g_assert_cmpuint (n_checked, >, n_runs * 20);
  g_assert_cmpuint (n_moved, >, n_runs);
  g_assert_cmpuint (n_torn, <, n_checked / 5);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/live-overlay/against-model", test_against_model);

  return g_test_run ();
}
