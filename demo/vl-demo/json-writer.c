/* json-writer.c: JSON text, member by member
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "json-writer.h"

static void
append_text (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (; *text != '\0'; text++)
    {
      if (*text == '"' || *text == '\\')
        g_string_append_printf (json, "\\%c", *text);
      else if ((guchar) *text < ' ')
        g_string_append_printf (json, "\\u%04x", (guint) (guchar) *text);
      else
        g_string_append_c (json, *text);
    }
  g_string_append_c (json, '"');
}

static void
begin_member (GString *json, const char *key)
{
  char last = json->len > 0 ? json->str[json->len - 1] : '[';

  if (last != '{' && last != '[')
    g_string_append_c (json, ',');
  if (key == NULL)
    return;

  append_text (json, key);
  g_string_append_c (json, ':');
}

void
demo_json_add_raw (GString *json, const char *key, const char *text)
{
  begin_member (json, key);
  g_string_append (json, text);
}

void
demo_json_add_string (GString *json, const char *key, const char *value)
{
  g_autofree char *valid = NULL;

  begin_member (json, key);
  if (value == NULL)
    {
      g_string_append (json, "null");
      return;
    }

  valid = g_utf8_make_valid (value, -1);
  append_text (json, valid);
}

void
demo_json_add_int (GString *json, const char *key, gint64 value)
{
  begin_member (json, key);
  g_string_append_printf (json, "%" G_GINT64_FORMAT, value);
}

void
demo_json_add_double (GString *json, const char *key, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  begin_member (json, key);
  g_string_append (json, g_ascii_formatd (buffer, sizeof buffer, "%.6g", value));
}

void
demo_json_add_boolean (GString *json, const char *key, gboolean value)
{
  begin_member (json, key);
  g_string_append (json, value ? "true" : "false");
}

void
demo_json_open (GString *json, const char *key, char bracket)
{
  begin_member (json, key);
  g_string_append_c (json, bracket);
}
