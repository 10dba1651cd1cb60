/* wiring.c: a live table over an SQLite file, as the options say
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wiring.h"

#include <string.h>
#include <time.h>

#include "faults.h"
#include "json-writer.h"

/* Room for the pages of a demonstration. */
#define CACHE_BYTES (64 * 1024 * 1024)

/* Milliseconds that the cache is given at the end: it may wait for an answer of
 * the master that nobody else waits for. */
#define FAREWELL 2000

/* Milliseconds that writes are given at the end, when the next run has them. */
#define CLOSE_TIMEOUT 1

double
demo_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

const char *
demo_program_name (void)
{
  const char *name = g_getenv ("VL_DEMO_PROGRAM");

  return name != NULL && *name != '\0' ? name : "vl-demo";
}

char *
demo_shell_word (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("_-./", *p) == NULL)
      return g_shell_quote (text);

  return *text != '\0' ? g_strdup (text) : g_shell_quote (text);
}

void
demo_wait (const gboolean *done)
{
  while (!*done)
    g_main_context_iteration (NULL, TRUE);
}

void
demo_answer_take (GObject *source, GAsyncResult *result, gpointer user_data)
{
  DemoAnswer *self = user_data;

  self->result = g_object_ref (result);
  self->done = TRUE;
}

void
demo_answer_clear (DemoAnswer *self)
{
  g_clear_object (&self->result);
}

static VlCache *
make_cache (const DemoOptions *options)
{
  switch (options->cache)
    {
    case DEMO_CACHE_MEMORY:
      return VL_CACHE (vl_memory_cache_new (CACHE_BYTES));
    case DEMO_CACHE_NONE:
      return VL_CACHE (vl_null_cache_new ());
    case DEMO_CACHE_FOLDER:
    default:
      return VL_CACHE (vl_sqlite_cache_new (options->folder));
    }
}

/* What is in a journal may be sent again: the table has to know what it has
 * applied. */
static VlTable *
make_sqlite (DemoWiring *self, const DemoOptions *options, VlSchema *create)
{
  if (create != NULL)
    return VL_TABLE (vl_sqlite_table_new_with_schema (self->path, create));

  return g_object_new (VL_TYPE_SQLITE_TABLE, "path", self->path, "table-name", self->table_name,
                       "allow-bookkeeping", options->journal != NULL, NULL);
}

DemoWiring *
demo_wiring_new (const DemoOptions *options,
                 const char *table_name,
                 VlSchema *create,
                 guint latency)
{
  DemoWiring *self = g_new0 (DemoWiring, 1);

  self->path = g_strdup (options->master);
  self->table_name = g_strdup (table_name);
  self->sqlite = make_sqlite (self, options, create);
  if (latency > 0 || demo_faults_are_wanted (options))
    {
      self->network = vl_fault_table_new (self->sqlite);
      vl_fault_table_set_latency (self->network, latency);
      demo_faults_set (self->network, options);
    }
  self->master = g_object_ref (self->network != NULL ? VL_TABLE (self->network) : self->sqlite);

  self->cache = make_cache (options);
  self->live = vl_live_table_new (self->master, table_name, self->cache);
  vl_live_table_set_max_age (self->live, options->max_age);
  if (options->fresh)
    vl_live_table_set_read_policy (self->live, VL_READ_POLICY_MASTER_FIRST);

  return self;
}

gboolean
demo_wiring_connect (DemoWiring *self, GError **error)
{
  g_clear_object (&self->schema);
  self->schema = vl_table_describe_sync (VL_TABLE (self->live), NULL, error);

  return self->schema != NULL;
}

static void
on_journal_state (VlLiveTable *live, GParamSpec *pspec, gboolean *is_over)
{
  *is_over = vl_live_table_get_journal_state (live) != VL_JOURNAL_STATE_OPENING;
}

static gboolean
open_journal (DemoWiring *self, const DemoOptions *options, GError **error)
{
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) found = NULL;
  gboolean is_over = FALSE;
  gulong handler;

  if (options->journal == NULL)
    return TRUE;

  file = g_file_new_for_path (options->journal);
  handler = g_signal_connect (self->live, "notify::journal-state", G_CALLBACK (on_journal_state),
                              &is_over);
  vl_live_table_set_journal (self->live, file);
  demo_wait (&is_over);
  g_signal_handler_disconnect (self->live, handler);

  found = vl_live_table_dup_journal_error (self->live);
  if (vl_live_table_get_journal_state (self->live) == VL_JOURNAL_STATE_OPEN)
    {
      if (found != NULL)
        g_printerr ("vl-demo: %s\n", found->message);
      return TRUE;
    }

  g_set_error_literal (error, DEMO_ERROR, 0, found->message);

  return FALSE;
}

DemoWiring *
demo_wiring_open (const DemoOptions *options, GError **error)
{
  g_autoptr (DemoWiring) self = NULL;

  self = demo_wiring_new (options, options->table != NULL ? options->table : DEMO_TABLE, NULL,
                          options->latency);
  if (!demo_wiring_connect (self, error) || !open_journal (self, options, error))
    return NULL;

  return g_steal_pointer (&self);
}

gboolean
demo_wiring_leave (DemoWiring *self, GError **error)
{
  g_autoptr (GError) left = NULL;

  if (vl_live_table_get_journal (self->live) == NULL)
    return TRUE;

  vl_live_table_set_close_timeout (self->live, CLOSE_TIMEOUT);
  if (vl_live_table_close_sync (self->live, NULL, &left))
    return TRUE;

  self->has_left = g_error_matches (left, VL_ERROR, VL_ERROR_TIMED_OUT);
  if (self->has_left)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&left));

  return FALSE;
}

/* A cache does what it is asked in turn. */
void
demo_wiring_settle (DemoWiring *self)
{
  g_auto (DemoAnswer) answer = { 0 };
  g_autoptr (VlPage) page = NULL;

  vl_cache_lookup_async (self->cache, "vl-demo", "nothing", NULL, demo_answer_take, &answer);
  demo_wait (&answer.done);
  page = vl_cache_lookup_finish (self->cache, answer.result, NULL, NULL, NULL);
}

static gboolean
on_farewell_over (gpointer user_data)
{
  gboolean *is_over = user_data;

  *is_over = TRUE;

  return G_SOURCE_CONTINUE;
}

void
demo_wiring_close (DemoWiring *self)
{
  gpointer cache = self->cache;
  gboolean is_over = self->has_left;
  guint timer = g_timeout_add (FAREWELL, on_farewell_over, &is_over);

  if (cache != NULL)
    g_object_add_weak_pointer (cache, &cache);
  g_clear_object (&self->live);
  g_clear_object (&self->cache);
  g_clear_object (&self->master);
  g_clear_object (&self->network);
  g_clear_object (&self->sqlite);

  /* Whatever is on its way to the cache holds it. */
  while (cache != NULL && !is_over)
    g_main_context_iteration (NULL, TRUE);
  if (cache != NULL)
    g_object_remove_weak_pointer (cache, &cache);
  g_source_remove (timer);
}

void
demo_wiring_free (DemoWiring *self)
{
  demo_wiring_close (self);
  g_free (self->path);
  g_free (self->table_name);
  g_free (self->found_id);
  g_clear_object (&self->schema);
  g_free (self);
}

guint
demo_wiring_get_latency (DemoWiring *self)
{
  return self->network != NULL ? vl_fault_table_get_latency (self->network) : 0;
}

static char *
describe_network (DemoWiring *self)
{
  g_autofree char *faults = NULL;

  if (self->network == NULL)
    return g_strdup ("without a simulated network");

  faults = demo_faults_describe (self->network);

  return g_strdup_printf ("behind a simulated network (%u ms a call)%s",
                          demo_wiring_get_latency (self), faults);
}

static const char *
describe_policy (VlReadPolicy policy)
{
  switch (policy)
    {
    case VL_READ_POLICY_CACHE_FIRST:
      return "cache-first";
    case VL_READ_POLICY_STALE_WHILE_REVALIDATE:
      return "stale-while-revalidate";
    case VL_READ_POLICY_MASTER_FIRST:
      return "master-first";
    case VL_READ_POLICY_CACHE_ONLY:
      return "cache-only";
    case VL_READ_POLICY_MASTER_ONLY:
    default:
      return "master-only";
    }
}

static char *
describe_max_age (DemoWiring *self)
{
  guint max_age = vl_live_table_get_max_age (self->live);

  return max_age > 0 ? g_strdup_printf ("%g s", max_age / 1000.0) : g_strdup ("none");
}

static char *
describe_cache (DemoWiring *self)
{
  g_autofree char *max_age = describe_max_age (self);

  if (VL_IS_NULL_CACHE (self->cache))
    return g_strdup ("none: every read asks the master");
  if (VL_IS_SQLITE_CACHE (self->cache))
    {
      const char *folder = vl_sqlite_cache_get_folder (VL_SQLITE_CACHE (self->cache));
      g_autofree char *path = g_filename_display_name (folder);

      return g_strdup_printf ("the folder %s, max-age %s", path, max_age);
    }

  return g_strdup_printf ("memory of this process, max-age %s", max_age);
}

static void
add_cache_json (DemoWiring *self, GString *json)
{
  g_autofree char *path = NULL;

  if (VL_IS_SQLITE_CACHE (self->cache))
    path = g_filename_display_name (vl_sqlite_cache_get_folder (VL_SQLITE_CACHE (self->cache)));
  demo_json_add_string (json, "cache",
                        path != NULL                       ? path
                        : VL_IS_MEMORY_CACHE (self->cache) ? "mem"
                                                           : "none");
}

void
demo_wiring_introduce (DemoWiring *self, const DemoOptions *options, DemoReport *report)
{
  g_autofree char *network = describe_network (self);
  g_autofree char *cache = describe_cache (self);
  g_autofree char *path = g_filename_display_name (self->path);

  if (demo_report_is_json (report))
    {
      GString *json = demo_report_get_json (report);

      demo_json_add_string (json, "master", path);
      demo_json_add_string (json, "table", self->table_name);
      add_cache_json (self, json);
      demo_json_add_int (json, "latency_ms", demo_wiring_get_latency (self));
      demo_faults_add_json (self->network, json);
      demo_json_add_int (json, "max_age_ms", vl_live_table_get_max_age (self->live));
      demo_json_add_string (json, "read_policy",
                            describe_policy (vl_live_table_get_read_policy (self->live)));
      return;
    }

  demo_report_say (report, DEMO_STYLE_DIM, "%s in %s, %s; cache: %s%s", self->table_name, path,
                   network, cache, options->fresh ? "; master first" : "");
}

static char *
describe_columns (VlSchema *schema)
{
  g_autoptr (GEnumClass) types = g_type_class_ref (VL_TYPE_FIELD_TYPE);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    {
      VlFieldType type = vl_schema_get_column_type (schema, i);
      const GEnumValue *value = g_enum_get_value (types, (int) type);

      g_string_append_printf (text, "%s%s %s", i > 0 ? ", " : "",
                              vl_schema_get_column_name (schema, i),
                              type == VL_FIELD_TYPE_NULL ? "any" : value->value_nick);
    }

  return g_string_free (text, FALSE);
}

static char *
describe_capabilities (VlSchema *schema)
{
  g_autoptr (GFlagsClass) flags = g_type_class_ref (VL_TYPE_CAPABILITIES);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < flags->n_values; i++)
    {
      const GFlagsValue *value = &flags->values[i];

      if (value->value != 0 && vl_schema_can (schema, (VlCapabilities) value->value))
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", value->value_nick);
    }

  return g_string_free (text, FALSE);
}

static char *
describe_relations (VlSchema *schema)
{
  const char *const *relations = vl_schema_get_relations (schema);

  if (relations == NULL || relations[0] == NULL)
    return g_strdup ("none");

  return g_strjoinv (", ", (char **) relations);
}

static void
add_info_json (DemoWiring *self, GString *json)
{
  g_autoptr (GEnumClass) types = g_type_class_ref (VL_TYPE_FIELD_TYPE);
  g_autofree char *identity = vl_table_get_identity (self->master);

  demo_json_add_string (json, "identity", identity);
  demo_json_add_string (json, "id_column", vl_schema_get_id_column (self->schema));
  demo_json_add_int (json, "page_size", vl_live_table_get_page_size (self->live));
  demo_json_open (json, "columns", '[');
  for (guint i = 0; i < vl_schema_get_n_columns (self->schema); i++)
    {
      VlFieldType type = vl_schema_get_column_type (self->schema, i);

      demo_json_open (json, NULL, '{');
      demo_json_add_string (json, "name", vl_schema_get_column_name (self->schema, i));
      demo_json_add_string (json, "type",
                            type == VL_FIELD_TYPE_NULL
                              ? "any"
                              : g_enum_get_value (types, (int) type)->value_nick);
      g_string_append_c (json, '}');
    }
  g_string_append_c (json, ']');
}

static void
print_wiring (DemoWiring *self, DemoReport *report)
{
  g_autofree char *path = g_filename_display_name (self->path);
  g_autofree char *network = describe_network (self);
  g_autofree char *cache = describe_cache (self);
  g_autofree char *sqlite = g_strdup_printf ("VlSqliteTable: %s in %s", self->table_name, path);
  g_autofree char *fault = g_strdup_printf ("%s%s", self->network != NULL ? "VlFaultTable: " : "",
                                            network);
  g_autofree char *copies = g_strdup_printf ("%s: %s", G_OBJECT_TYPE_NAME (self->cache), cache);
  g_autofree char *live = g_strdup_printf ("VlLiveTable: %s, pages of %u, cache key %s",
                                           describe_policy (
                                             vl_live_table_get_read_policy (self->live)),
                                           vl_live_table_get_page_size (self->live),
                                           vl_live_table_get_cache_key (self->live));
  g_autoptr (VlLiveStream) stream = vl_table_get_stream (self->master);
  const char *const pairs[] = {
    "master",
    sqlite,
    "network",
    fault,
    "cache",
    copies,
    "live table",
    live,
    "stream",
    stream != NULL ? "the master's own: it notices what other programs write" : "none",
    NULL,
  };

  demo_report_pairs (report, pairs);
}

static void
print_schema (DemoWiring *self, DemoReport *report)
{
  g_autofree char *identity = vl_table_get_identity (self->master);
  g_autofree char *columns = describe_columns (self->schema);
  g_autofree char *capabilities = describe_capabilities (self->schema);
  g_autofree char *relations = describe_relations (self->schema);
  const char *id_column = vl_schema_get_id_column (self->schema);
  const char *const pairs[] = {
    "identity",  identity != NULL ? identity : "none",
    "id column", id_column != NULL ? id_column : "none: it can be read, not written",
    "columns",   columns,
    "can",       capabilities,
    "relations", relations,
    NULL,
  };

  demo_report_say (report, DEMO_STYLE_PLAIN, "%s", "");
  demo_report_pairs (report, pairs);
}

gboolean
demo_wiring_info (const DemoOptions *options, DemoReport *report, GError **error)
{
  g_autoptr (DemoWiring) self = demo_wiring_open (options, error);

  if (self == NULL)
    return FALSE;

  if (demo_report_is_json (report))
    {
      demo_wiring_introduce (self, options, report);
      add_info_json (self, demo_report_get_json (report));
      return TRUE;
    }

  print_wiring (self, report);
  print_schema (self, report);

  return TRUE;
}
