/* clients-application.c: one store, and any number of windows on it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "clients-application.h"

#include <glib-unix.h>
#include <signal.h>

#include "clients-window.h"

#define N_ROWS  100000
#define SEED    1
#define LATENCY 300

struct _ClientsApplication
{
  AdwApplication parent_instance;

  ClientsOptions options;
  ClientsStore *store; /* shared: windows of one process have one journal */
  int width;
  int height;
  char *scheme;
};

G_DEFINE_FINAL_TYPE (ClientsApplication, clients_application, ADW_TYPE_APPLICATION)

static void
open_window (ClientsApplication *self)
{
  ClientsWindow *window = clients_window_new (GTK_APPLICATION (self), self->store);

  if (self->width > 0)
    gtk_window_set_default_size (GTK_WINDOW (window), self->width,
                                 self->height > 0 ? self->height : 720);
  gtk_window_present (GTK_WINDOW (window));
}

static void
on_new_window (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  open_window (user_data);
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_application_quit (G_APPLICATION (user_data));
}

static void
set_scheme (const char *name)
{
  AdwColorScheme scheme = g_strcmp0 (name, "dark") == 0    ? ADW_COLOR_SCHEME_FORCE_DARK
                          : g_strcmp0 (name, "light") == 0 ? ADW_COLOR_SCHEME_FORCE_LIGHT
                                                           : ADW_COLOR_SCHEME_DEFAULT;

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), scheme);
}

static void
on_style (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  g_simple_action_set_state (action, value);
  set_scheme (g_variant_get_string (value, NULL));
}

static void
on_network (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  ClientsApplication *self = user_data;

  g_simple_action_set_state (action, value);
  clients_store_set_network (self->store, g_variant_get_string (value, NULL));
}

static const GActionEntry entries[] = {
  { .name = "new-window", .activate = on_new_window },
  { .name = "quit", .activate = on_quit },
  { .name = "style", .parameter_type = "s", .state = "'system'", .change_state = on_style },
  { .name = "network", .parameter_type = "s", .state = "'slow'", .change_state = on_network },
};

static const struct
{
  const char *action;
  const char *keys[3];
} accelerators[] = {
  { "app.new-window", { "<Control><Shift>n" } },
  { "app.quit", { "<Control>q" } },
  { "win.add", { "<Control>n" } },
  { "win.search", { "<Control>f" } },
  { "win.refresh", { "F5", "<Control>r" } },
  { "win.save", { "<Control>s" } },
  { "win.close-sheet", { "Escape" } },
  { "win.show-help-overlay", { "<Control>question" } },
  { "window.close", { "<Control>w" } },
};

static gboolean
on_terminated (gpointer user_data)
{
  g_application_quit (G_APPLICATION (user_data));

  return G_SOURCE_CONTINUE;
}

static void
clients_application_startup (GApplication *application)
{
  ClientsApplication *self = CLIENTS_APPLICATION (application);
  const char *network;
  const char *scheme;

  G_APPLICATION_CLASS (clients_application_parent_class)->startup (application);

  self->store = clients_store_new (&self->options);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  network = clients_store_get_network (self->store);
  scheme = self->scheme != NULL ? self->scheme : "system";
  g_action_group_change_action_state (G_ACTION_GROUP (self), "style",
                                      g_variant_new_string (scheme));
  g_action_group_change_action_state (G_ACTION_GROUP (self), "network",
                                      g_variant_new_string (network));
  for (guint i = 0; i < G_N_ELEMENTS (accelerators); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), accelerators[i].action,
                                           accelerators[i].keys);
  g_unix_signal_add (SIGTERM, on_terminated, self);
}

static void
clients_application_activate (GApplication *application)
{
  open_window (CLIENTS_APPLICATION (application));
}

static void
clients_application_shutdown (GApplication *application)
{
  ClientsApplication *self = CLIENTS_APPLICATION (application);

  if (self->store != NULL)
    clients_store_close (self->store);

  G_APPLICATION_CLASS (clients_application_parent_class)->shutdown (application);
}

static void
clients_application_finalize (GObject *object)
{
  ClientsApplication *self = CLIENTS_APPLICATION (object);

  g_clear_object (&self->store);
  clients_options_clear (&self->options);
  g_free (self->scheme);

  G_OBJECT_CLASS (clients_application_parent_class)->finalize (object);
}

static void
clients_application_class_init (ClientsApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = clients_application_finalize;
  application_class->startup = clients_application_startup;
  application_class->activate = clients_application_activate;
  application_class->shutdown = clients_application_shutdown;
}

static void
clients_application_init (ClientsApplication *self)
{
  ClientsOptions *to = &self->options;
  const GOptionEntry options[] = {
    { "database", 0, 0, G_OPTION_ARG_FILENAME, &to->database,
      "The SQLite database; made up if it is not there and --table is not given", "FILE" },
    { "table", 0, 0, G_OPTION_ARG_STRING, &to->table, "Show this table of it", "NAME" },
    { "rows", 0, 0, G_OPTION_ARG_INT, &to->n_rows, "How many clients are made up", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &to->seed, "Which ones are made up, and which calls fail",
      "N" },
    { "latency", 0, 0, G_OPTION_ARG_INT, &to->latency, "Of the slow network", "MILLISECONDS" },
    { "error-rate", 0, 0, G_OPTION_ARG_DOUBLE, &to->error_rate, "Calls that fail, 0 to 1", "RATE" },
    { "retry-after", 0, 0, G_OPTION_ARG_INT, &to->retry_after,
      "At least so long a change waits that could not be sent", "MILLISECONDS" },
    { "network", 0, 0, G_OPTION_ARG_STRING, &to->network, "fast, slow, flaky or offline", "NAME" },
    { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &to->data_dir,
      "Where copies, and what is still to be written, are kept", "FOLDER" },
    { "style", 0, 0, G_OPTION_ARG_STRING, &self->scheme, "light or dark", "NAME" },
    { "width", 0, 0, G_OPTION_ARG_INT, &self->width, "Of the window", "PIXELS" },
    { "height", 0, 0, G_OPTION_ARG_INT, &self->height, "Of the window", "PIXELS" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  to->n_rows = N_ROWS;
  to->seed = SEED;
  to->latency = LATENCY;
  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

ClientsApplication *
clients_application_new (void)
{
  /* Each process has its own network to simulate. */
  return g_object_new (CLIENTS_TYPE_APPLICATION, "application-id", "io.github.vantage_live.Clients",
                       "flags", G_APPLICATION_NON_UNIQUE, "resource-base-path",
                       "/io/github/vantage_live/Clients", NULL);
}
