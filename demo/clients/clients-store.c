/* clients-store.c: the clients, and the network between us and them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "clients-store.h"

#include <glib/gstdio.h>

#include "clients-database.h"
#include "clients-failure.h"

/* Bytes of the copies that are kept. */
#define CACHE_BYTES (64 * 1024 * 1024)

/* Processes that may run side by side with a journal each. */
#define N_JOURNALS 16

/* Milliseconds that writes are given in the end: the journal has the others. */
#define CLOSE_TIMEOUT 1

#define N_DETAILS 2

struct _ClientsStore
{
  GObject parent_instance;

  char *database;
  char *table_name;
  char *folder;
  gboolean is_ours; /* made up here */
  guint n_rows;
  guint64 seed;
  guint latency;
  double error_rate;

  VlFaultTable *network;
  VlLiveTable *live;
  VlSchema *schema;
  const char *network_name; /* static */
  guint journal;            /* which of them is tried */
  double progress;
  char *title;
  char *details[N_DETAILS + 1];
};

enum
{
  PROP_0,
  PROP_NETWORK,
  PROP_PROGRESS,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ClientsStore, clients_store, G_TYPE_OBJECT)

void
clients_options_clear (ClientsOptions *self)
{
  g_clear_pointer (&self->database, g_free);
  g_clear_pointer (&self->table, g_free);
  g_clear_pointer (&self->data_dir, g_free);
  g_clear_pointer (&self->network, g_free);
}

/* The network */

typedef struct
{
  const char *name;
  guint latency; /* 0 = as the options say */
  guint jitter;
  double error_rate; /* at least */
  double lost_ack_rate;
  gboolean is_offline;
} Network;

static const Network networks[] = {
  { .name = "fast", .latency = 20 },
  { .name = "slow" },
  { .name = "flaky", .jitter = 700, .error_rate = 0.3, .lost_ack_rate = 0.05 },
  { .name = "offline", .is_offline = TRUE },
};

const char *
clients_store_get_network (ClientsStore *self)
{
  return self->network_name;
}

void
clients_store_set_network (ClientsStore *self, const char *name)
{
  const Network *network = &networks[1];

  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      if (g_strcmp0 (networks[i].name, name) == 0)
        network = &networks[i];
    }
  if (network->name == self->network_name)
    return;

  self->network_name = network->name;
  vl_fault_table_set_latency (self->network,
                              network->latency > 0 ? network->latency : self->latency);
  vl_fault_table_set_jitter (self->network, network->jitter);
  vl_fault_table_set_error_rate (self->network, MAX (self->error_rate, network->error_rate));
  vl_fault_table_set_lost_ack_rate (self->network, network->lost_ack_rate);
  vl_fault_table_set_offline (self->network, network->is_offline);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NETWORK]);
}

/* The object */

static void
clients_store_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ClientsStore *self = CLIENTS_STORE (object);

  switch (id)
    {
    case PROP_NETWORK:
      g_value_set_string (value, self->network_name);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, self->progress);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
clients_store_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_NETWORK:
      clients_store_set_network (CLIENTS_STORE (object), g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
clients_store_finalize (GObject *object)
{
  ClientsStore *self = CLIENTS_STORE (object);

  g_clear_object (&self->live);
  g_clear_object (&self->network);
  g_clear_object (&self->schema);
  g_free (self->database);
  g_free (self->table_name);
  g_free (self->folder);
  g_free (self->title);
  for (guint i = 0; i < N_DETAILS; i++)
    g_free (self->details[i]);

  G_OBJECT_CLASS (clients_store_parent_class)->finalize (object);
}

static void
clients_store_class_init (ClientsStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = clients_store_get_property;
  object_class->set_property = clients_store_set_property;
  object_class->finalize = clients_store_finalize;

  properties[PROP_NETWORK] = g_param_spec_string ("network", NULL, NULL, NULL,
                                                  G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                    G_PARAM_STATIC_STRINGS);
  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, -1, 1, -1,
                                                   G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY |
                                                     G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
clients_store_init (ClientsStore *self)
{
  self->progress = -1;
}

/* Two databases never share a journal, nor a cache. */
static char *
make_folder (const char *data_dir, const char *database, const char *table)
{
  g_autofree char *key = g_strconcat (database, "\n", table, NULL);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);

  sum[16] = '\0';

  return g_build_filename (data_dir, sum, NULL);
}

static VlTable *
make_master (ClientsStore *self)
{
  /* What is in a journal may be sent again: a table of ours keeps a list of what
   * it has applied. Other people's databases get no table that they have not
   * asked for. */
  return g_object_new (VL_TYPE_SQLITE_TABLE, "path", self->database, "table-name", self->table_name,
                       "allow-bookkeeping", self->is_ours, NULL);
}

static void try_journal (ClientsStore *self);

/* Another process may have that journal: this one takes the next. */
static void
on_journal_state (ClientsStore *self)
{
  g_autoptr (GError) error = vl_live_table_dup_journal_error (self->live);

  if (vl_live_table_get_journal_state (self->live) != VL_JOURNAL_STATE_FAILED)
    return;

  if (g_error_matches (error, VL_ERROR, VL_ERROR_UNAVAILABLE) && self->journal + 1 < N_JOURNALS)
    {
      self->journal++;
      try_journal (self);
      return;
    }
  g_warning ("Writes are not kept over the end of the program: %s", error->message);
  vl_live_table_set_journal (self->live, NULL);
}

static void
try_journal (ClientsStore *self)
{
  g_autofree char *name = g_strdup_printf ("journal-%u", self->journal + 1);
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  vl_live_table_set_journal (self->live, file);
}

ClientsStore *
clients_store_new (const ClientsOptions *options)
{
  ClientsStore *self = g_object_new (CLIENTS_TYPE_STORE, NULL);
  g_autofree char *data_dir = g_strdup (options->data_dir);
  g_autofree char *cache_folder = NULL;
  g_autoptr (VlTable) master = NULL;
  g_autoptr (VlCache) cache = NULL;

  if (data_dir == NULL)
    data_dir = g_build_filename (g_get_user_data_dir (), "vantage-live-clients", NULL);
  self->is_ours = options->table == NULL;
  self->table_name = g_strdup (self->is_ours ? CLIENTS_TABLE : options->table);
  self->database = options->database != NULL ? g_canonicalize_filename (options->database, NULL)
                                             : g_build_filename (data_dir, "clients.db", NULL);
  self->folder = make_folder (data_dir, self->database, self->table_name);
  self->n_rows = (guint) MAX (options->n_rows, 0);
  self->seed = (guint64) options->seed;
  self->latency = (guint) MAX (options->latency, 0);
  self->error_rate = CLAMP (options->error_rate, 0, 1);

  cache_folder = g_build_filename (self->folder, "cache", NULL);
  cache = VL_CACHE (vl_sqlite_cache_new (cache_folder));
  vl_sqlite_cache_set_max_bytes (VL_SQLITE_CACHE (cache), CACHE_BYTES);
  master = make_master (self);
  self->network = vl_fault_table_new (master);
  vl_fault_table_set_seed (self->network, self->seed);
  clients_store_set_network (self, options->network);
  self->live = vl_live_table_new (VL_TABLE (self->network), self->table_name, cache);
  vl_live_table_set_optimistic (self->live, TRUE);
  if (options->retry_after > 0)
    vl_live_table_set_retry_floor (self->live, (guint) options->retry_after);
  vl_live_table_set_conflict_policy (self->live, VL_CONFLICT_POLICY_MERGE_FIELDS);
  g_signal_connect_object (self->live, "notify::journal-state", G_CALLBACK (on_journal_state), self,
                           G_CONNECT_SWAPPED);

  return self;
}

double
clients_store_get_progress (ClientsStore *self)
{
  return self->progress;
}

gboolean
clients_store_get_is_ready (ClientsStore *self)
{
  return self->schema != NULL;
}

VlLiveTable *
clients_store_get_live (ClientsStore *self)
{
  return self->live;
}

VlSchema *
clients_store_get_schema (ClientsStore *self)
{
  return self->schema;
}

const char *
clients_store_get_title_column (ClientsStore *self)
{
  return self->title;
}

const char *const *
clients_store_get_detail_columns (ClientsStore *self)
{
  return (const char *const *) self->details;
}

char *
clients_store_describe_failure (ClientsStore *self, const GError *error)
{
  const ClientsSource source = {
    .database = self->database,
    .table = self->table_name,
    .is_offline = vl_fault_table_get_offline (self->network),
  };

  return clients_failure_describe (error, &source);
}

/* Opening */

static gboolean
is_text (VlSchema *schema, guint column)
{
  return vl_schema_get_column_type (schema, column) == VL_FIELD_TYPE_STRING &&
         g_strcmp0 (vl_schema_get_column_name (schema, column), vl_schema_get_id_column (schema)) !=
           0;
}

/* A name is what is called so; else it is the first text. */
static void
choose_columns (ClientsStore *self, VlSchema *schema)
{
  guint n_details = 0;

  if (vl_schema_has_column (schema, "name"))
    self->title = g_strdup ("name");
  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    {
      const char *name = vl_schema_get_column_name (schema, i);

      if (!is_text (schema, i) || g_strcmp0 (name, self->title) == 0)
        continue;
      if (self->title == NULL)
        self->title = g_strdup (name);
      else if (n_details < N_DETAILS)
        self->details[n_details++] = g_strdup (name);
    }
  if (self->title == NULL && vl_schema_get_n_columns (schema) > 0)
    self->title = g_strdup (vl_schema_get_column_name (schema, 0));
}

static void
on_described (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ClientsStore *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = vl_table_describe_finish (VL_TABLE (source), result, &error);

  if (schema == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (self->schema == NULL)
    {
      choose_columns (self, schema);
      self->schema = g_steal_pointer (&schema);
    }
  g_task_return_boolean (task, TRUE);
}

static void
begin (ClientsStore *self, GTask *task)
{
  if (vl_live_table_get_journal_state (self->live) == VL_JOURNAL_STATE_NONE)
    try_journal (self);
  vl_table_describe_async (VL_TABLE (self->live), NULL, on_described, g_object_ref (task));
}

static void
set_progress (ClientsStore *self, double progress)
{
  self->progress = progress;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
}

static void
on_progress (guint n_done, guint n_rows, gpointer user_data)
{
  set_progress (CLIENTS_STORE (user_data), n_rows > 0 ? (double) n_done / n_rows : 1);
}

static void
on_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ClientsStore *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  set_progress (self, -1);
  if (clients_database_create_finish (result, &error))
    begin (self, task);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
clients_store_open_async (ClientsStore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autofree char *folder = g_path_get_dirname (self->database);

  g_mkdir_with_parents (self->folder, 0700);
  if (!self->is_ours)
    {
      begin (self, task);
      return;
    }
  g_mkdir_with_parents (folder, 0700);
  clients_database_create_async (self->database, self->n_rows, self->seed, on_progress, self, NULL,
                                 on_created, g_object_ref (task));
}

gboolean
clients_store_open_finish (ClientsStore *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
clients_store_close (ClientsStore *self)
{
  g_autoptr (GError) error = NULL;

  vl_live_table_set_close_timeout (self->live, CLOSE_TIMEOUT);
  if (!vl_live_table_close_sync (self->live, NULL, &error) &&
      !g_error_matches (error, VL_ERROR, VL_ERROR_TIMED_OUT))
    g_warning ("%s", error->message);
}
