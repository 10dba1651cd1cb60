/* bench-list-view.c: what a page that lands costs in a real list view
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#ifdef BENCH_HAS_GTK

# include <gtk/gtk.h>

# include "list-master.h"

# define N_ROWS   1000000
# define N_STORED 10000
# define N_PAGE   100

/* Frames until a view has made its rows and the list has asked for them. */
# define N_FRAMES 10

typedef struct
{
  GtkWidget *window;
  GtkAdjustment *adjustment;
  guint n_frames;
  guint n_shown; /* labels that got a text */
} View;

/* The list shows what lands by a notification of its rows, the store replaces
 * its items. */
typedef struct
{
  ListMaster *master;
  VlLiveList *list;
  GListStore *store;
  View rows;
  View stored;
  guint place;
  guint n_names;
} Views;

static void
show_row (VlRow *row, GParamSpec *pspec, GtkListItem *item)
{
  View *view = g_object_get_data (G_OBJECT (item), "view");
  g_autofree char *text = vl_row_get_text (row, "name");

  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), text);
  view->n_shown++;
}

static void
set_up_item (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  g_object_set_data (G_OBJECT (item), "view", data);
  gtk_list_item_set_child (item, gtk_label_new (NULL));
}

static void
bind_row (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  VlRow *row = gtk_list_item_get_item (item);

  g_signal_connect (row, "notify::record", G_CALLBACK (show_row), item);
  show_row (row, NULL, item);
}

static void
unbind_row (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  g_signal_handlers_disconnect_by_data (gtk_list_item_get_item (item), item);
}

static void
bind_stored (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  VlRecord *record = gtk_list_item_get_item (item);

  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)),
                      vl_record_get_string (record, "name"));
  ((View *) data)->n_shown++;
}

static GtkListItemFactory *
make_factory (View *view, GCallback bind, GCallback unbind)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (set_up_item), view);
  g_signal_connect (factory, "bind", bind, view);
  if (unbind != NULL)
    g_signal_connect (factory, "unbind", unbind, view);

  return factory;
}

static gboolean
count_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  ((View *) data)->n_frames++;

  return G_SOURCE_CONTINUE;
}

static void
pass_frames (View *view)
{
  guint until = view->n_frames + N_FRAMES;

  while (view->n_frames < until)
    g_main_context_iteration (NULL, TRUE);
}

static void
view_init (View *self, GListModel *model, GtkListItemFactory *factory)
{
  GtkSelectionModel *selection = GTK_SELECTION_MODEL (
    gtk_single_selection_new (g_object_ref (model)));
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (self->window), 400, 800);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled),
                                 gtk_list_view_new (selection, factory));
  gtk_window_set_child (GTK_WINDOW (self->window), scrolled);
  self->adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  gtk_widget_add_tick_callback (scrolled, count_frame, self, NULL);
  gtk_window_present (GTK_WINDOW (self->window));
  pass_frames (self);
}

static VlRecord *
name_record (Views *views, guint position)
{
  char id[16];
  char name[32];

  g_snprintf (id, sizeof id, "%07u", position);
  g_snprintf (name, sizeof name, "name %u", views->n_names++);

  return list_master_record (id, name);
}

static gpointer
views_set_up (void)
{
  Views *views = g_new0 (Views, 1);

  views->master = list_master_new (VL_CAPABILITY_WINDOW | VL_CAPABILITY_COUNT);
  views->master->n_virtual = N_ROWS;
  views->list = vl_live_list_new (VL_TABLE (views->master), NULL);
  g_assert_cmpuint (vl_live_list_get_page_size (views->list), ==, N_PAGE);
  views->store = g_list_store_new (VL_TYPE_RECORD);
  for (guint i = 0; i < N_STORED; i++)
    {
      g_autoptr (VlRecord) record = name_record (views, i);

      g_list_store_append (views->store, record);
    }
  view_init (&views->rows, G_LIST_MODEL (views->list),
             make_factory (&views->rows, G_CALLBACK (bind_row), G_CALLBACK (unbind_row)));
  view_init (&views->stored, G_LIST_MODEL (views->store),
             make_factory (&views->stored, G_CALLBACK (bind_stored), NULL));

  return views;
}

static void
views_tear_down (gpointer data)
{
  Views *views = data;

  gtk_window_destroy (GTK_WINDOW (views->rows.window));
  gtk_window_destroy (GTK_WINDOW (views->stored.window));
  list_master_answer_all (views->master);
  g_object_unref (views->list);
  g_object_unref (views->store);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (views->master);
  g_free (views);
}

/* Somewhere else, where no row has a record yet: all pages are on their way. */
static void
jump (Views *views)
{
  GtkAdjustment *adjustment = views->rows.adjustment;
  double end = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);

  views->master->holds = TRUE;
  views->place = (views->place + 37) % 97;
  gtk_adjustment_set_value (adjustment, end * views->place / 97);
  pass_frames (&views->rows);
  g_assert_cmpuint (views->master->held->len, >, 0);
}

/* The view has rows of more than one page, and what one page costs is the share
 * of so many rows: the pages that are read ahead are paid for, too. */
static double
land (Views *views, gboolean is_answering_timed)
{
  guint n_before;
  guint n_shown;
  gint64 began;
  gint64 taken;

  jump (views);
  n_before = views->rows.n_shown;
  began = bench_now ();
  list_master_answer_all (views->master);
  if (!is_answering_timed)
    {
      g_assert_cmpuint (views->rows.n_shown, ==, n_before);
      began = bench_now ();
    }
  while (views->rows.n_shown == n_before)
    g_main_context_iteration (NULL, FALSE);
  taken = bench_now () - began;
  n_shown = views->rows.n_shown - n_before;
  g_assert_cmpuint (n_shown, >=, N_PAGE);

  return (double) taken * N_PAGE / n_shown;
}

static double
land_pages (gpointer data, guint n)
{
  double taken = 0;

  for (guint i = 0; i < n; i++)
    taken += land (data, FALSE);

  return taken;
}

static double
answer_pages (gpointer data, guint n)
{
  double taken = 0;

  for (guint i = 0; i < n; i++)
    taken += land (data, TRUE);

  return taken;
}

static double
replace (Views *views)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 began;
  gint64 taken;

  for (guint i = 0; i < N_PAGE; i++)
    g_ptr_array_add (records, name_record (views, i));
  pass_frames (&views->stored);

  began = bench_now ();
  for (guint i = 0; i < N_PAGE; i++)
    g_list_store_splice (views->store, i, 1, &records->pdata[i], 1);
  taken = bench_now () - began;

  return (double) taken;
}

static double
replace_pages (gpointer data, guint n)
{
  double taken = 0;

  for (guint i = 0; i < n; i++)
    taken += replace (data);

  return taken;
}

static void
count_emission (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  (*(guint *) data)++;
}

/* What lands is told by the rows alone, and all that the store replaces is
 * bound again. */
static void
views_check (gpointer data)
{
  Views *views = data;
  guint n_emissions = 0;
  guint n_shown = views->stored.n_shown;
  gulong handler = g_signal_connect (views->list, "items-changed", G_CALLBACK (count_emission),
                                     &n_emissions);

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (views->list)), ==, N_ROWS);
  g_assert_cmpfloat (land (views, FALSE), >, 0);
  g_assert_cmpuint (n_emissions, ==, 0);
  g_signal_handler_disconnect (views->list, handler);
  g_assert_cmpfloat (replace (views), >, 0);
  g_assert_cmpuint (views->stored.n_shown - n_shown, >=, N_PAGE);
}

static const char *
get_missing (void)
{
  /* Numbers in the report stay as they are. */
  if (!gtk_is_initialized ())
    gtk_disable_setlocale ();

  return gtk_init_check () ? NULL : "there is no display";
}

#else

static const char *
get_missing (void)
{
  return "it was built without GTK 4";
}

#endif

static const BenchCase land_case = {
  .id = "21",
  .title = "A page of 100 rows that a GtkListView shows, landing",
#ifdef BENCH_HAS_GTK
  .ours = { .what = "told by 100 rows of a VlLiveList", .measure = land_pages, .n = 5 },
  .peer = { .what = "100 items of a GListStore replaced, each with its items-changed",
            .measure = replace_pages,
            .n = 5 },
  .set_up = views_set_up,
  .tear_down = views_tear_down,
  .check = views_check,
#endif
  .bar = BENCH_AT_LEAST,
  .limit = 15,
  .note = "From the answer of the table, or from records that are ready, until the labels have "
          "their texts; painting them is the same.",
  .get_missing = get_missing,
};

static const BenchCase answer_case = {
  .id = "21-answer",
  .title = "The same, with the table that makes the records and answers",
#ifdef BENCH_HAS_GTK
  .ours = { .what = "answered, and told by 100 rows of a VlLiveList",
            .measure = answer_pages,
            .n = 5 },
  .peer = { .what = "100 items of a GListStore replaced by records that are ready",
            .measure = replace_pages,
            .n = 5 },
  .set_up = views_set_up,
  .tear_down = views_tear_down,
  .check = views_check,
#endif
  .bar = BENCH_PUBLISHED,
  .get_missing = get_missing,
};

void
bench_add_list_view (void)
{
  bench_add_case (&land_case);
  bench_add_case (&answer_case);
}
