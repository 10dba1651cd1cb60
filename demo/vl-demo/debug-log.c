/* debug-log.c: what the library logs, in readable form
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "debug-log.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#define DOMAIN "vantage-live"

/* Monotonic, microseconds: lines tell the time since then. */
static gint64 started_at;

static const char *
get_field (const GLogField *fields, gsize n_fields, const char *key)
{
  for (gsize i = 0; i < n_fields; i++)
    if (fields[i].length < 0 && g_str_equal (fields[i].key, key))
      return fields[i].value;

  return NULL;
}

/* The operation and how it went come first, as in a sentence. */
static void
append_fields (GString *line, const GLogField *fields, gsize n_fields)
{
  const char *op = get_field (fields, n_fields, "VL_OP");
  const char *outcome = get_field (fields, n_fields, "VL_OUTCOME");

  g_string_append_printf (line, "%-12s  %-9s", op != NULL ? op : "",
                          outcome != NULL ? outcome : "");
  for (gsize i = 0; i < n_fields; i++)
    {
      g_autofree char *name = NULL;
      g_autofree char *value = NULL;

      if (!g_str_has_prefix (fields[i].key, "VL_") || fields[i].length >= 0 ||
          g_str_equal (fields[i].key, "VL_OP") || g_str_equal (fields[i].key, "VL_OUTCOME"))
        continue;
      name = g_ascii_strdown (fields[i].key + strlen ("VL_"), -1);
      /* Keys are escaped. */
      value = g_uri_unescape_string (fields[i].value, NULL);
      g_string_append_printf (line, "  %s %s", name,
                              value != NULL ? value : (const char *) fields[i].value);
    }
}

/* Runs on any thread; a line is one write. */
static GLogWriterOutput
write_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  const char *domain = get_field (fields, n_fields, "GLIB_DOMAIN");
  g_autoptr (GString) line = NULL;

  if (g_strcmp0 (domain, DOMAIN) != 0 || (level & G_LOG_LEVEL_DEBUG) == 0)
    return g_log_writer_default (level, fields, n_fields, user_data);

  line = g_string_new (NULL);
  g_string_append_printf (line, "  %9.3f ms  ",
                          (double) (g_get_monotonic_time () - started_at) / 1000);
  append_fields (line, fields, n_fields);
  g_strchomp (line->str);
  fprintf (stderr, "%s\n", line->str);

  return G_LOG_WRITER_HANDLED;
}

void
demo_debug_log_start (void)
{
  started_at = g_get_monotonic_time ();
  g_log_set_debug_enabled (TRUE);
  g_log_set_writer_func (write_line, NULL, NULL);
}
