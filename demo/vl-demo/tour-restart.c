/* tour-restart.c: the step of the tour in which the program starts again
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <sys/file.h>
#include <unistd.h>

#include "tour.h"

/* list, with the same cache, master and network. */
static GSubprocess *
start_list (DemoTour *self, GError **error)
{
  const DemoOptions *options = self->options;
  g_autofree char *latency = g_strdup_printf ("%u", options->latency);
  g_autofree char *max_age = g_strdup_printf ("%g", options->max_age / 1000.0);
  g_autofree char *limit = g_strdup_printf ("%u", vl_query_get_limit (self->query));
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  const char *const fixed[] = {
    options->program,
    "list",
    "--json",
    "--master",
    self->wiring->path,
    "--table",
    self->wiring->table_name,
    "--latency",
    latency,
    "--max-age",
    max_age,
    "--limit",
    limit,
  };

  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    g_ptr_array_add (words, (gpointer) fixed[i]);
  if (options->folder != NULL)
    {
      g_ptr_array_add (words, (gpointer) "--cache");
      g_ptr_array_add (words, options->folder);
    }
  g_ptr_array_add (words, NULL);

  return g_subprocess_newv ((const char *const *) words->pdata, G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                            error);
}

static DemoOutcome
parse_outcome (const char *text)
{
  if (g_strcmp0 (text, "hit") == 0)
    return DEMO_OUTCOME_HIT;
  if (g_strcmp0 (text, "stale") == 0)
    return DEMO_OUTCOME_STALE;
  if (g_strcmp0 (text, "miss") == 0)
    return DEMO_OUTCOME_MISS;

  return DEMO_OUTCOME_NOTHING;
}

/* What it says of a read, as it would have been said here. */
static void
report_read (DemoTour *self, JsonObject *object)
{
  const char *how = json_object_get_string_member_with_default (object, "how", "");
  DemoRead read = { .how = g_str_equal (how, "peek") ? "peek" : "list", .age = -1 };

  read.outcome = parse_outcome (json_object_get_string_member_with_default (object, "outcome", ""));
  read.is_stale = json_object_get_boolean_member_with_default (object, "is_stale", FALSE);
  if (!json_object_get_null_member (object, "age_ms"))
    read.age = (gint64) (json_object_get_double_member (object, "age_ms") * 1000);
  read.time = json_object_get_double_member_with_default (object, "time_ms", 0) * 1000;
  read.to_master = json_object_get_boolean_member_with_default (object, "from_master", FALSE);
  read.latency = self->options->latency;
  demo_report_read (self->report, &read);
}

static gboolean
report_answer (DemoTour *self, const char *text, GError **error)
{
  g_autoptr (JsonNode) root = json_from_string (text, error);
  JsonArray *reads;

  if (root == NULL)
    return FALSE;

  reads = json_object_get_array_member (json_node_get_object (root), "reads");
  for (guint i = 0; i < json_array_get_length (reads); i++)
    report_read (self, json_array_get_object_element (reads, i));

  return TRUE;
}

/* A cache lets its folder go on a thread of its own. A program that has ended
 * need not wait for that. */
static void
wait_for_folder (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "lock", NULL);
  int fd = g_open (path, O_RDWR | O_CLOEXEC, 0);

  if (fd < 0)
    return;
  flock (fd, LOCK_EX);
  close (fd);
}

gboolean
demo_tour_restart (DemoTour *self, GError **error)
{
  g_autoptr (GSubprocess) list = NULL;
  g_autofree char *text = NULL;
  VlSqliteCache *cache = VL_SQLITE_CACHE (self->wiring->cache);
  g_autofree char *folder = g_strdup (vl_sqlite_cache_get_folder (cache));

  demo_report_step (
    self->report, "The program starts again",
    "This one gives the cache away; a new process lists the first page. The master's stream "
    "tells it that nobody has written since, so what the folder has is fresh.");

  /* Only one program at a time can have the folder. */
  vl_live_table_remove_stream (self->wiring->live, self->stream);
  demo_wiring_close (self->wiring);
  wait_for_folder (folder);

  list = start_list (self, error);
  if (list == NULL || !g_subprocess_communicate_utf8 (list, NULL, NULL, &text, NULL, error) ||
      !g_subprocess_wait_check (list, NULL, error))
    return FALSE;

  return report_answer (self, text, error);
}
