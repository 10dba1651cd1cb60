/* test-gtk-list.c: a million rows in the list views of GTK
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gtk/gtk.h>
#include <unistd.h>

#include "list-master.h"
#include "vantage-live/model/vl-live-list-private.h"

#define N_ROWS 1000000
/* That of a live table. */
#define PAGE_SIZE 100

/* Everything that a view does with a model goes through this, and is counted. */
#define COUNTING_TYPE_MODEL (counting_model_get_type ())
G_DECLARE_FINAL_TYPE (CountingModel, counting_model, COUNTING, MODEL, GObject)

struct _CountingModel
{
  GObject parent_instance;

  GListModel *model;
  guint n_gets;
  guint n_emissions;
  guint n_whole;     /* emissions of more than a thousand positions in the middle */
  GHashTable *pages; /* of which an item was asked for */
};

static GType
counting_model_get_item_type (GListModel *model)
{
  return VL_TYPE_ROW;
}

static guint
counting_model_get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (COUNTING_MODEL (model)->model);
}

static gpointer
counting_model_get_item (GListModel *model, guint position)
{
  COUNTING_MODEL (model)->n_gets++;
  g_hash_table_add (COUNTING_MODEL (model)->pages, GUINT_TO_POINTER (position / PAGE_SIZE));

  return g_list_model_get_item (COUNTING_MODEL (model)->model, position);
}

static void
counting_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = counting_model_get_item_type;
  iface->get_n_items = counting_model_get_n_items;
  iface->get_item = counting_model_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (CountingModel,
                               counting_model,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, counting_model_iface_init))

static void
counting_model_finalize (GObject *object)
{
  g_signal_handlers_disconnect_by_data (COUNTING_MODEL (object)->model, object);
  g_object_unref (COUNTING_MODEL (object)->model);
  g_hash_table_unref (COUNTING_MODEL (object)->pages);

  G_OBJECT_CLASS (counting_model_parent_class)->finalize (object);
}

static void
counting_model_class_init (CountingModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = counting_model_finalize;
}

static void
counting_model_init (CountingModel *self)
{
  self->pages = g_hash_table_new (NULL, NULL);
}

static void
pass_on (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  CountingModel *self = data;

  self->n_emissions++;
  self->n_whole += removed > 1000 && added > 1000;
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

static CountingModel *
counting_model_new (GListModel *model)
{
  CountingModel *self = g_object_new (COUNTING_TYPE_MODEL, NULL);

  self->model = g_object_ref (model);
  g_signal_connect (model, "items-changed", G_CALLBACK (pass_on), self);

  return self;
}

/* A window with a view */

#define CAPABILITIES                                                                         \
 (VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER | VL_CAPABILITY_SEARCH | VL_CAPABILITY_WINDOW | \
  VL_CAPABILITY_COUNT | VL_CAPABILITY_SUBSCRIBE)
#define WRITES (VL_CAPABILITY_INSERT | VL_CAPABILITY_PATCH | VL_CAPABILITY_ASSIGN_ID)

typedef struct
{
  ListMaster *master;
  VlLiveTable *live;
  VlLiveList *list;
  CountingModel *counting;
  GtkSingleSelection *selection;
  GtkWidget *window;
  GtkWidget *view;
  GtkAdjustment *adjustment;
  guint n_frames;
  guint most_rows;
} Fixture;

static void
show_record (VlRow *row, GParamSpec *pspec, GtkLabel *label)
{
  g_autofree char *text = vl_row_get_text (row, "name");

  gtk_label_set_text (label, text);
}

static void
setup_item (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  gtk_list_item_set_child (item, gtk_label_new (NULL));
}

static void
bind_item (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  VlRow *row = gtk_list_item_get_item (item);
  GtkLabel *label = GTK_LABEL (gtk_list_item_get_child (item));

  g_signal_connect_object (row, "notify::record", G_CALLBACK (show_record), label, 0);
  show_record (row, NULL, label);
}

static void
unbind_item (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  g_signal_handlers_disconnect_by_data (gtk_list_item_get_item (item),
                                        gtk_list_item_get_child (item));
}

static GtkListItemFactory *
make_factory (void)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (setup_item), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_item), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_item), NULL);

  return factory;
}

static GtkWidget *
make_view (Fixture *f, gboolean has_columns)
{
  GtkSelectionModel *model = GTK_SELECTION_MODEL (g_object_ref (f->selection));
  GtkWidget *view;

  if (!has_columns)
    return gtk_list_view_new (model, make_factory ());

  view = gtk_column_view_new (model);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GtkColumnViewColumn) column = gtk_column_view_column_new ("Name", make_factory ());

      gtk_column_view_append_column (GTK_COLUMN_VIEW (view), column);
    }

  return view;
}

static gboolean
count_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Fixture *f = data;

  f->n_frames++;
  f->most_rows = MAX (f->most_rows, f->list->map.n_rows);

  return G_SOURCE_CONTINUE;
}

static void
pass_frames (Fixture *f, guint n)
{
  guint until = f->n_frames + n;

  while (f->n_frames < until)
    g_main_context_iteration (NULL, TRUE);
}

/* Until nothing is on its way, and some frames more. */
static void
come_to_rest (Fixture *f)
{
  do
    pass_frames (f, 5);
  while (vl_live_list_get_loading (f->list));
}

static Fixture *
fixture_open (ListMaster *master, VlQuery *query, gboolean has_columns)
{
  Fixture *f = g_new0 (Fixture, 1);
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  f->master = master;
  f->live = vl_live_table_new (VL_TABLE (f->master), "things", NULL);
  f->list = vl_live_list_new (VL_TABLE (f->live), query);
  f->counting = counting_model_new (G_LIST_MODEL (f->list));
  f->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (f->counting)));
  f->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), 600, 800);
  f->view = make_view (f, has_columns);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), f->view);
  gtk_window_set_child (GTK_WINDOW (f->window), scrolled);
  f->adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  gtk_widget_add_tick_callback (scrolled, count_frame, f, NULL);
  gtk_window_present (GTK_WINDOW (f->window));
  come_to_rest (f);
  g_assert_cmpuint (vl_live_list_get_page_size (f->list), ==, PAGE_SIZE);

  return f;
}

static Fixture *
fixture_new (gboolean has_columns)
{
  ListMaster *master = list_master_new (CAPABILITIES);
  Fixture *f;

  master->n_virtual = N_ROWS;
  f = fixture_open (master, NULL, has_columns);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->list)), ==, N_ROWS);

  return f;
}

static void
fixture_free (Fixture *f)
{
  g_assert_cmpuint (f->most_rows, <=, 300);
  g_assert_cmpuint (f->counting->n_whole, ==, 0);
  g_assert_cmpuint (vl_live_stats_get_repeats (vl_live_table_get_stats (f->live)), ==, 0);
  gtk_window_destroy (GTK_WINDOW (f->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (f->selection);
  g_assert_finalize_object (f->counting);
  g_assert_finalize_object (f->list);
  g_assert_finalize_object (f->live);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (f->master);
  g_free (f);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

static void
start_counting (Fixture *f)
{
  f->master->n_lists = 0;
  g_string_truncate (f->master->asked, 0);
  g_hash_table_remove_all (f->counting->pages);
  f->counting->n_gets = 0;
  f->counting->n_emissions = 0;
}

static void
scroll_to (Fixture *f, double part)
{
  double top = gtk_adjustment_get_upper (f->adjustment) -
               gtk_adjustment_get_page_size (f->adjustment);

  gtk_adjustment_set_value (f->adjustment, top * part);
}

/* What is on the screen has arrived. */
static void
assert_loaded (Fixture *f)
{
  guint n_loading = 0;

  for (guint i = 0; i < f->list->n_recent; i++)
    {
      guint n = _vl_live_list_get_page_length (f->list, f->list->recent[i]);
      g_autoptr (GPtrArray)
        rows = _vl_row_map_get_range (&f->list->map, f->list->recent[i] * f->list->page_size, n);

      for (guint j = 0; j < rows->len; j++)
        n_loading += vl_row_get_loading (rows->pdata[j]);
    }
  g_assert_cmpuint (n_loading, ==, 0);
}

/* Pages that were asked for, and of which the view has asked for no row. */
static guint
count_redundant (Fixture *f)
{
  g_auto (GStrv) windows = g_strsplit (f->master->asked->str, " ", -1);
  guint n_redundant = 0;

  for (guint i = 0; windows[i] != NULL; i++)
    {
      guint64 page = g_ascii_strtoull (windows[i], NULL, 10) / PAGE_SIZE;

      n_redundant += !g_hash_table_contains (f->counting->pages, GUINT_TO_POINTER ((guint) page));
    }

  return n_redundant;
}

static guint64
get_redundant (Fixture *f)
{
  return vl_live_stats_get_redundant (vl_live_table_get_stats (f->live));
}

/* Whatever the cache has: what nobody holds besides is counted then. */
static void
empty_cache (Fixture *f)
{
  VlMemoryCache *cache = VL_MEMORY_CACHE (vl_live_table_get_cache (f->live));

  vl_memory_cache_set_max_bytes (cache, 1);
  g_assert_cmpuint (vl_memory_cache_get_n_bytes (cache), ==, 0);
}

/* The scroll bar is dragged all the way down, a hundred frames long. */
static void
test_drag (gconstpointer data)
{
  g_autoptr (Fixture) f = fixture_new (GPOINTER_TO_INT (data));

  start_counting (f);
  for (guint i = 0; i <= 100; i++)
    {
      scroll_to (f, i / 100.0);
      pass_frames (f, 1);
    }
  come_to_rest (f);
  assert_loaded (f);
  g_test_message ("dragged: %u pages, %u of them redundant, %u get_item, %u emissions, %u rows",
                  f->master->n_lists, count_redundant (f), f->counting->n_gets,
                  f->counting->n_emissions, f->most_rows);
  /* What is read ahead, once a frame. */
  g_assert_cmpuint (count_redundant (f), <=, 101 + 1);
  /* So far the cache has all of them, and the list has what it looks at. */
  g_assert_cmpuint (get_redundant (f), <=, 101 + 1);
  empty_cache (f);
  g_test_message ("%" G_GUINT64_FORMAT " redundant", get_redundant (f));
  g_assert_cmpuint (get_redundant (f), >, 0);
  g_assert_cmpuint (get_redundant (f), <=, 101 + 1);
  g_assert_cmpuint (f->counting->n_emissions, ==, 0);
  g_assert_cmpuint (f->master->n_lists, <=, 5 * 101);
}

static gsize
get_resident_memory (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    return 0;
  words = g_strsplit (text, " ", 3);

  return (gsize) g_ascii_strtoull (words[1], NULL, 10) * (gsize) sysconf (_SC_PAGESIZE);
}

/* What was scrolled past is not kept, but for what the cache may hold. */
static void
test_memory (gconstpointer data)
{
  g_autoptr (Fixture) f = fixture_new (GPOINTER_TO_INT (data));
  VlCache *cache = vl_live_table_get_cache (f->live);
  gsize before = get_resident_memory ();
  const gsize budget = 1024 * 1024;
  gsize after;

  if (before == 0)
    {
      g_test_skip ("there is no /proc/self/statm");
      return;
    }
  /* A drag that makes more than 100,000 rows. */
  vl_memory_cache_set_max_bytes (VL_MEMORY_CACHE (cache), budget);
  for (guint i = 0; i <= 600; i++)
    {
      scroll_to (f, i / 600.0);
      pass_frames (f, 1);
    }
  come_to_rest (f);
  after = get_resident_memory ();
  g_test_message ("%.1f MB before, %.1f MB after, of which the cache has %.1f MB and may have "
                  "%.1f MB; %u pages",
                  (double) before / 1e6, (double) after / 1e6,
                  (double) vl_memory_cache_get_n_bytes (VL_MEMORY_CACHE (cache)) / 1e6,
                  (double) budget / 1e6, f->master->n_lists);
  g_assert_cmpuint (after, <=, before + 32 * 1000 * 1000 + budget);
}

static void
test_jumps (gconstpointer data)
{
  g_autoptr (Fixture) f = fixture_new (GPOINTER_TO_INT (data));
  gboolean refreshes = FALSE;

  for (guint i = 1; i < 20; i++)
    {
      start_counting (f);
      scroll_to (f, (i * 7 % 20) / 20.0);
      come_to_rest (f);
      assert_loaded (f);
      /* After a refresh also what was looked at before. */
      g_assert_cmpuint (f->master->n_lists, <=, refreshes ? 12 : 6);
      g_assert_cmpuint (f->counting->n_emissions, ==, 0);
      refreshes = i % 5 == 0;
      if (refreshes)
        vl_live_list_refresh (f->list);
    }
}

/* Nobody knows what has changed, and it is what was there before. */
static void
test_whole_table (gconstpointer data)
{
  g_autoptr (Fixture) f = fixture_new (GPOINTER_TO_INT (data));
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();
  double value;
  gpointer selected;

  scroll_to (f, 0.5);
  come_to_rest (f);
  gtk_single_selection_set_selected (f->selection, N_ROWS / 2 + 3);
  selected = gtk_single_selection_get_selected_item (f->selection);
  value = gtk_adjustment_get_value (f->adjustment);
  start_counting (f);
  vl_live_stream_push (f->master->stream, event);
  pass_frames (f, 20);
  come_to_rest (f);
  g_assert_cmpuint (f->counting->n_gets, <=, 1000);
  g_assert_cmpuint (f->counting->n_emissions, ==, 0);
  g_assert_cmpuint (f->master->n_lists, <=, 6);
  g_assert_cmpfloat (gtk_adjustment_get_value (f->adjustment), ==, value);
  g_assert_true (gtk_single_selection_get_selected_item (f->selection) == selected);
}

/* Ten records are put in front of all others. */
static void
test_insert_above (gconstpointer data)
{
  g_autoptr (Fixture) f = fixture_new (GPOINTER_TO_INT (data));
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();
  g_autoptr (VlRow) selected = NULL;
  double value;

  scroll_to (f, 0.5);
  come_to_rest (f);
  gtk_single_selection_set_selected (f->selection, N_ROWS / 2 + 3);
  pass_frames (f, 5);
  selected = g_object_ref (gtk_single_selection_get_selected_item (f->selection));
  value = gtk_adjustment_get_value (f->adjustment);
  start_counting (f);
  f->master->n_virtual += 10;
  f->master->n_in_front += 10;
  vl_live_stream_push (f->master->stream, event);
  pass_frames (f, 20);
  come_to_rest (f);
  g_test_message ("inserted: %u pages, %u get_item, %u emissions, scrolled by %g",
                  f->master->n_lists, f->counting->n_gets, f->counting->n_emissions,
                  gtk_adjustment_get_value (f->adjustment) - value);
  g_assert_cmpuint (f->counting->n_gets, <=, 3000);
  g_assert_cmpuint (f->counting->n_emissions, <=, 8);
  g_assert_cmpuint (f->master->n_lists, <=, 6);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->list)), ==, N_ROWS + 10);
  g_assert_true (gtk_single_selection_get_selected_item (f->selection) == (gpointer) selected);
  g_assert_cmpuint (gtk_single_selection_get_selected (f->selection), ==, N_ROWS / 2 + 13);
  /* Not farther than what was put in. */
  g_assert_cmpfloat (ABS (gtk_adjustment_get_value (f->adjustment) - value), <=,
                     11 * gtk_adjustment_get_upper (f->adjustment) / N_ROWS);
}

static const char *
get_label (GtkWidget *item)
{
  return gtk_label_get_text (GTK_LABEL (gtk_widget_get_first_child (item)));
}

static void
give_focus (Fixture *f, const char *label)
{
  GtkWidget *item = gtk_widget_get_first_child (f->view);

  while (item != NULL && g_strcmp0 (get_label (item), label) != 0)
    item = gtk_widget_get_next_sibling (item);
  g_assert_nonnull (item);
  g_assert_true (gtk_widget_grab_focus (item));
}

static void
assert_selected (Fixture *f, VlRow *row, guint position, const char *name)
{
  g_assert_true (gtk_single_selection_get_selected_item (f->selection) == (gpointer) row);
  g_assert_cmpuint (gtk_single_selection_get_selected (f->selection), ==, position);
  g_assert_cmpstr (get_label (gtk_window_get_focus (GTK_WINDOW (f->window))), ==, name);
}

static VlWrite *
write_name (Fixture *f, const char *id, const char *name)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (VlChange) change = NULL;

  vl_record_builder_set_string (builder, "name", name);
  record = vl_record_builder_end (builder);
  change = id != NULL ? vl_change_new_patch (id, record) : vl_change_new_insert (record);

  return vl_live_table_write (f->live, change);
}

/* A new record is selected, and has the focus, before the table gives it its id,
 * and after that, and where it moves when its name is another one. */
static void
test_rename (void)
{
  ListMaster *master = list_master_new (CAPABILITIES | WRITES);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "name", FALSE);
  g_autoptr (Fixture) f = NULL;
  g_autoptr (VlWrite) insert = NULL;
  g_autoptr (VlWrite) patch = NULL;
  g_autoptr (VlRow) row = NULL;

  list_master_set (master, "a/Apple b/Banana c/Cherry d/Date e/Elder");
  f = fixture_open (master, query, FALSE);
  vl_live_table_set_optimistic (f->live, TRUE);
  master->holds = TRUE;
  insert = write_name (f, NULL, "Cranberry");
  pass_frames (f, 5);
  row = g_list_model_get_item (G_LIST_MODEL (f->list), 3);
  g_assert_true (g_str_has_prefix (vl_row_get_id (row), "new:"));
  gtk_single_selection_set_selected (f->selection, 3);
  give_focus (f, "Cranberry");
  assert_selected (f, row, 3, "Cranberry");

  master->holds = FALSE;
  list_master_answer_all (master);
  come_to_rest (f);
  g_assert_false (g_str_has_prefix (vl_row_get_id (row), "new:"));
  assert_selected (f, row, 3, "Cranberry");
  patch = write_name (f, vl_row_get_id (row), "Aardvark");
  come_to_rest (f);
  assert_selected (f, row, 0, "Aardvark");
}

/* Records of two pages; the one in the middle of the second has the id of the one
 * in the middle of the first. */
static char *
make_words (void)
{
  GString *words = g_string_new (NULL);

  for (guint i = 0; i < 2 * PAGE_SIZE; i++)
    g_string_append_printf (words, "i%03u/%03u ", i == PAGE_SIZE * 3 / 2 ? PAGE_SIZE / 2 : i, i);
  g_string_truncate (words, words->len - 1);

  return g_string_free (words, FALSE);
}

/* The view has both of them in reach, and asks for whatever is told to have moved:
 * in the end nothing moves any more, and nothing is asked for. */
static void
test_id_twice (void)
{
  ListMaster *master = list_master_new (CAPABILITIES);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "name", FALSE);
  g_autofree char *words = make_words ();
  g_autoptr (Fixture) f = NULL;
  guint n_failed = 0;

  list_master_set (master, words);
  f = fixture_open (master, query, FALSE);
  while (vl_live_list_get_load_state (f->list) != VL_LOAD_STATE_FAILED)
    pass_frames (f, 1);
  g_assert_cmpuint (master->n_lists, <, 20);
  pass_frames (f, 10);
  start_counting (f);
  pass_frames (f, 120);
  g_assert_cmpuint (master->n_lists, ==, 0);
  g_assert_cmpuint (f->counting->n_emissions, ==, 0);
  for (guint i = 0; i < 2 * PAGE_SIZE; i++)
    {
      g_autoptr (VlRow) row = g_list_model_get_item (G_LIST_MODEL (f->list), i);

      n_failed += vl_row_get_state (row) == VL_ROW_STATE_LOAD_FAILED;
      g_assert_cmpint (vl_row_get_state (row), !=, VL_ROW_STATE_LOADING);
    }
  g_assert_cmpuint (n_failed, ==, 1);
}

static void
add (const char *path, void (*test) (gconstpointer data))
{
  g_autofree char *columns = g_strconcat ("/gtk/column-view/", path, NULL);
  g_autofree char *plain = g_strconcat ("/gtk/list-view/", path, NULL);

  g_test_add_data_func (columns, GINT_TO_POINTER (TRUE), test);
  g_test_add_data_func (plain, GINT_TO_POINTER (FALSE), test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP there is no display\n");
      return 0;
    }
  add ("drag", test_drag);
  add ("memory", test_memory);
  add ("jumps", test_jumps);
  add ("whole-table", test_whole_table);
  add ("insert-above", test_insert_above);
  g_test_add_func ("/gtk/list-view/rename-and-move", test_rename);
  g_test_add_func ("/gtk/list-view/id-twice", test_id_twice);

  return g_test_run ();
}
