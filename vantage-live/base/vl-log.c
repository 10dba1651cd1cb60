/* vl-log.c: structured log lines
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-log-private.h"

#include <stdarg.h>

/* Domain, level, message and this many of our own. */
#define MAX_FIELDS 16

typedef enum
{
  SWITCH_UNKNOWN,
  SWITCH_OFF,
  SWITCH_ON,
} Switch;

/* Atomic: what the environment says, read at the first line, because every
 * cache hit asks. */
static gint debug_switch;
static gint detail_switch;

static VlLogListener log_listener;
static gpointer log_listener_data;

static gboolean
read_debug_switch (void)
{
  const char *domains = g_getenv ("G_MESSAGES_DEBUG");
  g_auto (GStrv) names = NULL;

  if (domains == NULL)
    return FALSE;

  names = g_strsplit_set (domains, " ", -1);

  return g_strv_contains ((const char *const *) names, "all") ||
         g_strv_contains ((const char *const *) names, VL_LOG_DOMAIN);
}

static gboolean
read_detail_switch (void)
{
  return g_strcmp0 (g_getenv ("VL_LOG_DETAIL"), "1") == 0;
}

/* Two threads may both read the environment; they find the same. */
static gboolean
ask_switch (gint *state, gboolean (*read) (void))
{
  gint known = g_atomic_int_get (state);

  if (G_UNLIKELY (known == SWITCH_UNKNOWN))
    {
      known = read () ? SWITCH_ON : SWITCH_OFF;
      g_atomic_int_set (state, known);
    }

  return known == SWITCH_ON;
}

void
_vl_log_set_listener (VlLogListener listener, gpointer user_data)
{
  log_listener_data = user_data;
  g_atomic_pointer_set (&log_listener, listener);
}

gboolean
_vl_log_enabled (void)
{
  return ask_switch (&debug_switch, read_debug_switch) ||
         g_atomic_pointer_get (&log_listener) != NULL || g_log_get_debug_enabled ();
}

static void
append_field (GString *message, const char *name, const char *value)
{
  g_autofree char *label = NULL;

  label = g_ascii_strdown (g_str_has_prefix (name, "VL_") ? name + 3 : name, -1);
  g_string_append_printf (message, "%s%s=%s", message->len > 0 ? " " : "", label, value);
}

static void
send_line (GLogLevelFlags level, const char *first, va_list arguments)
{
  VlLogListener listener = g_atomic_pointer_get (&log_listener);
  g_autoptr (GString) message = g_string_new (NULL);
  GLogField fields[MAX_FIELDS + 3];
  gsize n_fields = 3;

  for (const char *name = first; name != NULL; name = va_arg (arguments, const char *))
    {
      const char *value = va_arg (arguments, const char *);

      if (value == NULL)
        continue;
      g_assert (n_fields < G_N_ELEMENTS (fields));
      fields[n_fields++] = (GLogField){ .key = name, .value = value, .length = -1 };
      append_field (message, name, value);
    }

  fields[0] = (GLogField){ .key = "PRIORITY", .value = "7", .length = -1 };
  fields[1] = (GLogField){ .key = "GLIB_DOMAIN", .value = VL_LOG_DOMAIN, .length = -1 };
  fields[2] = (GLogField){ .key = "MESSAGE", .value = message->str, .length = -1 };

  if (listener != NULL)
    listener (fields, n_fields, log_listener_data);
  else
    g_log_structured_array (level, fields, n_fields);
}

void
_vl_log_debug (const char *field, ...)
{
  va_list arguments;

  if (!_vl_log_enabled ())
    return;

  va_start (arguments, field);
  send_line (G_LOG_LEVEL_DEBUG, field, arguments);
  va_end (arguments);
}

void
_vl_log_detail (const char *field, ...)
{
  va_list arguments;

  if (!_vl_log_enabled () || !ask_switch (&detail_switch, read_detail_switch))
    return;

  va_start (arguments, field);
  send_line (G_LOG_LEVEL_DEBUG, field, arguments);
  va_end (arguments);
}

void
_vl_log_warning (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_logv (VL_LOG_DOMAIN, G_LOG_LEVEL_WARNING, format, arguments);
  va_end (arguments);
}
