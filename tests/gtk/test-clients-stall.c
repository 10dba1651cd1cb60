/* test-clients-stall.c: whether Clients ever keeps its user waiting
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The window scrolls, searches and edits, in turns: over clients that are 300 ms
 * away, one call in twenty of which fails, and over the same rows, ready and in
 * memory. The first may not stall much more than the second. VL_STALL_SECONDS
 * says for how long each is used.
 */

#include <stdlib.h>

#include "clients-main.h"
#include "clients-store.h"
#include "clients-window.h"
#include "stall-meter.h"

#define N_ROWS 20000
/* Those that are ready. */
#define N_READY         2000
#define ROUND           5000000 /* microseconds of each turn */
#define SPEED           24      /* pixels a frame */
#define SEARCH_INTERVAL 2500000
#define EDIT_INTERVAL   1700000
#define PART            0.999
/* Microseconds, for the control; longer where the machine needs longer for a frame. */
#define BLOCK 5000

typedef struct
{
  GtkApplication *application;
  ClientsStore *store;
  ClientsWindow *window;
  GtkListView *view;
  GtkAdjustment *adjustment;
  GtkWidget *search;
  GtkSelectionModel *live_model;
  GListStore *ready;
  GPtrArray *ready_rows;
  GtkSelectionModel *ready_model;

  gboolean is_live;  /* whose turn it is */
  gboolean is_moved; /* items have come or gone, and the view is not laid out anew */
  double direction;
  guint n_edits;
  guint n_searches;
  guint n_live_searches;
  double n_scrolled; /* pixels, over those that are far away */
  guint tick;
  gint64 next_search;
  gint64 next_edit;

  StallSample *live;
  StallSample *stored;
  StallSample *control;
} Drive;

/* Widgets are found as a user finds them: by what they are. */
static GtkWidget *
find_widget (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type) && gtk_widget_get_mapped (widget))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, type);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static void
search_live (Drive *drive)
{
  static const char *const texts[] = { "a", "an", "ana", "" };

  drive->n_live_searches++;
  gtk_editable_set_text (GTK_EDITABLE (drive->search),
                         texts[drive->n_searches % G_N_ELEMENTS (texts)]);
}

/* What a list of ready objects does when something else is searched. */
static void
search_ready (Drive *drive)
{
  guint step = drive->n_searches % 4 == 3 ? 1 : 2;
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  for (guint i = drive->n_searches % step; i < drive->ready_rows->len; i += step)
    g_ptr_array_add (found, drive->ready_rows->pdata[i]);
  g_list_store_splice (drive->ready, 0, g_list_model_get_n_items (G_LIST_MODEL (drive->ready)),
                       found->pdata, found->len);
}

static void
edit (Drive *drive)
{
  GtkWidget *window = GTK_WIDGET (drive->window);
  GtkWidget *entry;

  if (clients_window_get_list (drive->window) == NULL ||
      g_list_model_get_n_items (G_LIST_MODEL (clients_window_get_list (drive->window))) == 0)
    return;

  g_signal_emit_by_name (drive->view, "activate", 0);
  entry = find_widget (window, GTK_TYPE_ENTRY);
  if (entry != NULL && drive->is_live)
    {
      g_autofree char *text = g_strdup_printf ("Ana %u", ++drive->n_edits);

      gtk_editable_set_text (GTK_EDITABLE (entry), text);
    }
  gtk_widget_activate_action (window, drive->is_live ? "win.save" : "win.close-sheet", NULL);
}

static gboolean
on_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Drive *drive = data;
  double value = gtk_adjustment_get_value (drive->adjustment);
  double end = gtk_adjustment_get_upper (drive->adjustment) -
               gtk_adjustment_get_page_size (drive->adjustment);
  gint64 now = gdk_frame_clock_get_frame_time (clock);

  if (value >= end)
    drive->direction = -1;
  else if (value <= 0)
    drive->direction = 1;
  /* How far a view can be scrolled is not known before it is laid out. */
  if (!drive->is_moved)
    gtk_adjustment_set_value (drive->adjustment, value + drive->direction * SPEED);
  if (drive->is_live)
    drive->n_scrolled += ABS (gtk_adjustment_get_value (drive->adjustment) - value);
  drive->is_moved = FALSE;

  if (now >= drive->next_search)
    {
      drive->next_search = now + SEARCH_INTERVAL;
      drive->n_searches++;
      if (drive->is_live)
        search_live (drive);
      else
        search_ready (drive);
    }
  if (now >= drive->next_edit)
    {
      drive->next_edit = now + EDIT_INTERVAL;
      edit (drive);
    }

  return G_SOURCE_CONTINUE;
}

static gboolean
on_over (gpointer data)
{
  gboolean *is_over = data;

  *is_over = TRUE;

  return G_SOURCE_REMOVE;
}

static void
use_for (gint64 time)
{
  gboolean is_over = FALSE;

  g_timeout_add ((guint) (time / 1000), on_over, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);
}

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  ((Drive *) data)->is_moved = TRUE;
}

/* The change of the model is no part of it. */
static void
take_turn (Drive *drive, gboolean is_live, StallSample *sample)
{
  drive->is_live = is_live;
  drive->is_moved = TRUE;
  gtk_list_view_set_model (drive->view, is_live ? drive->live_model : drive->ready_model);
  use_for (500000);
  stall_meter_fill (sample);
  use_for (ROUND);
  stall_meter_fill (NULL);
}

/* Their records are kept while somebody holds the rows. */
static void
make_ready (Drive *drive, const char *database)
{
  g_autoptr (VlSqliteTable) table = vl_sqlite_table_new (database, "clients");
  VlLiveList *list = vl_live_list_new (VL_TABLE (table), NULL);

  drive->ready = g_list_store_new (VL_TYPE_ROW);
  drive->ready_rows = g_ptr_array_new_with_free_func (g_object_unref);
  while (g_list_model_get_n_items (G_LIST_MODEL (list)) < N_READY)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < N_READY; i++)
    {
      VlRow *row = g_list_model_get_item (G_LIST_MODEL (list), i);

      g_ptr_array_add (drive->ready_rows, row);
      while (i % 50 == 49 && vl_row_get_loading (row))
        g_main_context_iteration (NULL, TRUE);
    }
  g_list_store_splice (drive->ready, 0, 0, drive->ready_rows->pdata, N_READY);
  drive->ready_model = GTK_SELECTION_MODEL (
    gtk_single_selection_new (G_LIST_MODEL (g_object_ref (drive->ready))));
  g_object_set_data_full (G_OBJECT (drive->ready), "list", list, g_object_unref);
}

static void
begin (Drive *drive, const ClientsOptions *options)
{
  g_autoptr (GError) error = NULL;

  drive->application = g_object_new (ADW_TYPE_APPLICATION, "application-id",
                                     "io.github.vantage_live.Stall", "flags",
                                     G_APPLICATION_NON_UNIQUE, "resource-base-path",
                                     "/io/github/vantage_live/Clients", NULL);
  g_assert_true (g_application_register (G_APPLICATION (drive->application), NULL, &error));
  g_assert_no_error (error);
  drive->store = clients_store_new (options);
  drive->window = clients_window_new (drive->application, drive->store);
  gtk_window_present (GTK_WINDOW (drive->window));
  while (clients_window_get_list (drive->window) == NULL ||
         g_list_model_get_n_items (G_LIST_MODEL (clients_window_get_list (drive->window))) == 0)
    g_main_context_iteration (NULL, TRUE);

  drive->view = clients_window_get_view (drive->window);
  drive->adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (drive->view));
  drive->search = find_widget (GTK_WIDGET (drive->window), GTK_TYPE_SEARCH_ENTRY);
  drive->live_model = g_object_ref (gtk_list_view_get_model (drive->view));
  g_signal_connect (drive->live_model, "items-changed", G_CALLBACK (on_items_changed), drive);
  drive->direction = 1;
  drive->live = stall_sample_new ();
  drive->stored = stall_sample_new ();
  drive->control = stall_sample_new ();
  make_ready (drive, options->database);
  g_signal_connect (drive->ready_model, "items-changed", G_CALLBACK (on_items_changed), drive);
  stall_meter_watch (GTK_WIDGET (drive->window));
  drive->tick = gtk_widget_add_tick_callback (GTK_WIDGET (drive->view), on_frame, drive, NULL);
}

static void
end (Drive *drive)
{
  gtk_widget_remove_tick_callback (GTK_WIDGET (drive->view), drive->tick);
  gtk_list_view_set_model (drive->view, NULL);
  g_signal_handlers_disconnect_by_data (drive->live_model, drive);
  g_signal_handlers_disconnect_by_data (drive->ready_model, drive);
  g_clear_object (&drive->ready_model);
  g_clear_object (&drive->live_model);
  g_clear_pointer (&drive->ready_rows, g_ptr_array_unref);
  g_clear_object (&drive->ready);
  gtk_window_destroy (GTK_WINDOW (drive->window));
  clients_store_close (drive->store);
  g_clear_object (&drive->store);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&drive->application);
  stall_sample_free (drive->live);
  stall_sample_free (drive->stored);
  stall_sample_free (drive->control);
}

/* The two bars. */
static gboolean
is_smooth (const char *what, StallSample *sample, StallSample *stored)
{
  double gap = stall_sample_get_quantile (sample, STALL_GAP, PART);
  double stored_gap = stall_sample_get_quantile (stored, STALL_GAP, PART);
  double ours = stall_sample_get_quantile (sample, STALL_OURS, PART);
  double all = stall_sample_get_quantile (sample, STALL_ALL, PART);
  double frame = stall_sample_get_quantile (sample, STALL_FRAME, PART);

  g_test_message ("%s: gap %.1f ms of %u, %.2f of the one over ready objects", what, gap / 1000,
                  sample->times[STALL_GAP]->len, gap / stored_gap);
  g_test_message ("%s: our sources %.2f ms of %u (%.2f with what hears of it), %.3f of the %.1f ms "
                  "of %u frames",
                  what, ours / 1000, sample->times[STALL_OURS]->len, all / 1000, ours / frame,
                  frame / 1000, sample->times[STALL_FRAME]->len);

  return gap <= 2 * stored_gap && ours <= frame / 10;
}

static guint
get_n_rounds (void)
{
  const char *seconds = g_getenv ("VL_STALL_SECONDS");
  gint64 time = (seconds != NULL ? g_ascii_strtoll (seconds, NULL, 10) : 10) * 1000000;

  return (guint) CLAMP ((time + ROUND - 1) / ROUND, 1, 1000);
}

static guint64
get_n_faults (Drive *drive)
{
  VlTable *master = vl_live_table_get_master (clients_store_get_live (drive->store));

  return vl_fault_table_get_n_faults (VL_FAULT_TABLE (master));
}

/* Otherwise nothing was in the way of anybody. */
static void
assert_was_used (Drive *drive, guint n_rounds)
{
  VlLiveStats *stats = vl_live_table_get_stats (clients_store_get_live (drive->store));
  double page = gtk_adjustment_get_page_size (drive->adjustment);

  g_test_message ("%u edits, %" G_GUINT64_FORMAT " of them stored; %u searches; %.0f windows of "
                  "rows; %" G_GUINT64_FORMAT " faults",
                  drive->n_edits, vl_live_stats_get_writes (stats), drive->n_live_searches,
                  drive->n_scrolled / page, get_n_faults (drive));
  g_assert_cmpuint (drive->n_edits, >=, n_rounds);
  g_assert_cmpuint (vl_live_stats_get_writes (stats), >, 0);
  g_assert_cmpuint (drive->n_live_searches, >=, n_rounds);
  g_assert_cmpfloat (drive->n_scrolled, >=, n_rounds * page);
}

static void
test_stall (gconstpointer data)
{
  const char *folder = data;
  g_autofree char *database = g_build_filename (folder, "clients.db", NULL);
  const ClientsOptions options = {
    .database = database,
    .data_dir = (char *) folder,
    .n_rows = N_ROWS,
    .seed = 1,
    .latency = 300,
    .error_rate = 0.05,
  };
  Drive drive = { 0 };
  guint n_rounds = get_n_rounds ();
  double frame;

  begin (&drive, &options);
  for (guint i = 0; i < n_rounds; i++)
    {
      take_turn (&drive, FALSE, drive.stored);
      take_turn (&drive, TRUE, drive.live);
    }
  while (get_n_faults (&drive) == 0)
    take_turn (&drive, TRUE, drive.live);
  frame = stall_sample_get_quantile (drive.live, STALL_FRAME, PART);
  stall_meter_plant (MAX (BLOCK, (gint64) frame / 4));
  take_turn (&drive, TRUE, drive.control);
  stall_meter_plant (0);

  assert_was_used (&drive, n_rounds);
  g_assert_true (is_smooth ("far away", drive.live, drive.stored));
  g_assert_false (is_smooth ("with a block of 5 ms or more", drive.control, drive.stored));
  end (&drive);
}

int
main (int argc, char **argv)
{
  return clients_main_run (argc, argv, "/clients/stall", test_stall);
}
