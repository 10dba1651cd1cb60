/* test-clients-look.c: what of Clients only the eyes see, or nobody does
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The style, the bars of rows that are not there yet, and that a refresh asks the
 * master. What a screen reader sees as well, other tests look at.
 */

#include <adwaita.h>

#include "clients-application.h"
#include "clients-main.h"
#include "clients-row.h"
#include "clients-window.h"

#define N_ROWS "2000"
/* Milliseconds: nothing is tried again unless somebody says so. */
#define RETRY_AFTER "3600000"

typedef struct
{
  GtkApplication *application;
  ClientsWindow *window;
  gboolean is_done;
} Look;

#define wait_until(condition) \
 while (!(condition))         \
 g_main_context_iteration (NULL, TRUE)

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

/* Whether the view has rows that are words, or those that are bars. */
static gboolean
has_rows (Look *look, gboolean of_words)
{
  GtkWidget *view = GTK_WIDGET (clients_window_get_view (look->window));
  gboolean found = FALSE;

  for (GtkWidget *item = gtk_widget_get_first_child (view); item != NULL;
       item = gtk_widget_get_next_sibling (item))
    {
      GtkWidget *child = gtk_widget_get_first_child (item);
      VlRow *row = CLIENTS_IS_ROW (child) ? clients_row_get_row (CLIENTS_ROW (child)) : NULL;
      gboolean is_words;

      if (row == NULL || !gtk_widget_get_mapped (child))
        continue;
      is_words = vl_row_get_record (row) != NULL;
      g_assert_cmpint (gtk_widget_has_css_class (child, "placeholder"), ==, !is_words);
      found |= is_words == of_words;
    }

  return found;
}

static gboolean
has_bars (Look *look)
{
  return has_rows (look, FALSE);
}

static gboolean
has_words (Look *look)
{
  return has_rows (look, TRUE);
}

static void
set_style (Look *look, const char *name)
{
  g_action_group_change_action_state (G_ACTION_GROUP (look->application), "style",
                                      g_variant_new_string (name));
}

static void
look_at_style (Look *look)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();
  g_autoptr (GVariant)
    state = g_action_group_get_action_state (G_ACTION_GROUP (look->application), "style");

  /* As it was started, and as the menu says. */
  g_assert_true (adw_style_manager_get_dark (manager));
  g_assert_cmpstr (g_variant_get_string (state, NULL), ==, "dark");
  set_style (look, "light");
  g_assert_false (adw_style_manager_get_dark (manager));
  set_style (look, "dark");
  g_assert_true (adw_style_manager_get_dark (manager));
  set_style (look, "system");
  g_assert_cmpint (adw_style_manager_get_color_scheme (manager), ==, ADW_COLOR_SCHEME_DEFAULT);
}

static void
set_network (Look *look, const char *name)
{
  g_action_group_change_action_state (G_ACTION_GROUP (look->application), "network",
                                      g_variant_new_string (name));
}

/* The style sheet knows them, and leaves room behind them. */
static gboolean
is_bar (Look *look)
{
  GtkWidget *row = find_widget (GTK_WIDGET (clients_window_get_view (look->window)),
                                CLIENTS_TYPE_ROW);
  GtkWidget *box = find_widget (row, GTK_TYPE_BOX);
  GtkWidget *words = gtk_widget_get_next_sibling (gtk_widget_get_first_child (box));
  GtkBorder margin;

  gtk_style_context_get_margin (gtk_widget_get_style_context (find_widget (words, GTK_TYPE_LABEL)),
                                &margin);

  return margin.right > 0;
}

static void
look_at_bars (Look *look)
{
  GtkListView *view = clients_window_get_view (look->window);
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (view));

  set_network (look, "offline");
  wait_until (gtk_adjustment_get_upper (adjustment) > gtk_adjustment_get_page_size (adjustment));
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
  wait_until (has_bars (look) && !has_words (look) && is_bar (look));
  set_network (look, "fast");
  wait_until (has_words (look) && !is_bar (look));
  gtk_adjustment_set_value (adjustment, 0);
  wait_until (!has_bars (look));
}

static void
look_at_refresh (Look *look)
{
  VlTable *live = vl_live_list_get_table (clients_window_get_list (look->window));
  VlLiveStats *stats = vl_live_table_get_stats (VL_LIVE_TABLE (live));
  g_auto (GStrv) refreshing = gtk_application_get_actions_for_accel (look->application, "F5");
  guint64 n_fetches;

  g_assert_cmpint (g_strv_length (refreshing), ==, 1);
  g_assert_cmpstr (refreshing[0], ==, "win.refresh");
  wait_until (!vl_live_list_get_loading (clients_window_get_list (look->window)));
  n_fetches = vl_live_stats_get_fetches (stats);
  gtk_widget_activate_action (GTK_WIDGET (look->window), "win.refresh", NULL);
  wait_until (vl_live_stats_get_fetches (stats) > n_fetches);
}

static void
on_activated (GtkApplication *application, Look *look)
{
  look->application = application;
  look->window = CLIENTS_WINDOW (gtk_application_get_active_window (application));
  look_at_style (look);
  wait_until (clients_window_get_list (look->window) != NULL && has_words (look));
  look_at_bars (look);
  look_at_refresh (look);
  look->is_done = TRUE;
  g_application_quit (G_APPLICATION (application));
}

static void
test_look (gconstpointer data)
{
  const char *folder = data;
  g_autofree char *database = g_build_filename (folder, "clients.db", NULL);
  char *arguments[] = { (char *) "clients",
                        (char *) "--data-dir",
                        (char *) folder,
                        (char *) "--database",
                        database,
                        (char *) "--rows",
                        (char *) N_ROWS,
                        (char *) "--style",
                        (char *) "dark",
                        (char *) "--network",
                        (char *) "fast",
                        (char *) "--retry-after",
                        (char *) RETRY_AFTER };
  g_autoptr (ClientsApplication) application = clients_application_new ();
  Look look = { 0 };

  g_signal_connect_after (application, "activate", G_CALLBACK (on_activated), &look);
  g_assert_cmpint (g_application_run (G_APPLICATION (application), G_N_ELEMENTS (arguments),
                                      arguments),
                   ==, 0);
  g_assert_true (look.is_done);
}

int
main (int argc, char **argv)
{
  return clients_main_run (argc, argv, "/clients/look", test_look);
}
