/* vl-json.c: JSON text as variants
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "vl-json-private.h"

/* Deeper nesting is refused: this parser recurses, and so do those who read
 * what it made. */
#define MAX_DEPTH 60

/* Parsing functions answer NULL (or FALSE) with `problem` set, and the cursor
 * where it is. The text ends in a NUL, which no token takes. */
typedef struct
{
  const char *text;
  const char *cursor;
  const char *problem; /* translated; not owned */
  guint depth;
} Parser;

static gpointer
fail (Parser *self, const char *problem)
{
  if (self->problem == NULL)
    self->problem = problem;

  return NULL;
}

static void
skip_space (Parser *self)
{
  while (*self->cursor == ' ' || *self->cursor == '\t' || *self->cursor == '\n' ||
         *self->cursor == '\r')
    self->cursor++;
}

/* Takes that character, with the space around it. */
static gboolean
take (Parser *self, char expected)
{
  skip_space (self);
  if (*self->cursor != expected)
    return FALSE;
  self->cursor++;
  skip_space (self);

  return TRUE;
}

static gboolean
take_word (Parser *self, const char *word)
{
  gsize length = strlen (word);

  if (strncmp (self->cursor, word, length) != 0)
    return FALSE;
  self->cursor += length;

  return TRUE;
}

/* Four hexadecimal digits, or -1. */
static gint32
take_hex (Parser *self)
{
  gint32 code = 0;

  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (self->cursor[i]);

      if (digit < 0)
        return -1;
      code = code << 4 | digit;
    }
  self->cursor += 4;

  return code;
}

/* The second half of a surrogate pair, if it follows. */
static gunichar
take_pair (Parser *self, gint32 high)
{
  const char *start = self->cursor;
  gint32 low = -1;

  if (take_word (self, "\\u"))
    low = take_hex (self);
  if (low >= 0xdc00 && low < 0xe000)
    return (gunichar) (0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));

  self->cursor = start;

  return 0xfffd;
}

/* What stands behind "\u". */
static gboolean
take_unicode (Parser *self, GString *text)
{
  gint32 code = take_hex (self);

  if (code < 0)
    return FALSE;

  if (code >= 0xd800 && code < 0xdc00)
    g_string_append_unichar (text, take_pair (self, code));
  else if (code >= 0xdc00 && code < 0xe000)
    g_string_append_unichar (text, 0xfffd);
  else if (code == 0)
    g_string_append_c (text, '\0');
  else
    g_string_append_unichar (text, (gunichar) code);

  return TRUE;
}

/* What stands behind a backslash. */
static gboolean
take_escape (Parser *self, GString *text)
{
  static const char escapes[] = "\"\\/bfnrt";
  static const char characters[] = "\"\\/\b\f\n\r\t";
  const char *escape;

  if (take_word (self, "u"))
    return take_unicode (self, text);

  escape = *self->cursor != '\0' ? strchr (escapes, *self->cursor) : NULL;
  if (escape == NULL)
    return FALSE;
  g_string_append_c (text, characters[escape - escapes]);
  self->cursor++;

  return TRUE;
}

static GString *
parse_text (Parser *self)
{
  g_autoptr (GString) text = NULL;

  if (!take_word (self, "\""))
    return fail (self, _ ("a string is expected"));

  text = g_string_new (NULL);
  while (*self->cursor != '"')
    {
      gsize plain = 0;

      while ((guchar) self->cursor[plain] >= ' ' && self->cursor[plain] != '"' &&
             self->cursor[plain] != '\\')
        plain++;
      g_string_append_len (text, self->cursor, (gssize) plain);
      self->cursor += plain;
      if (*self->cursor == '\0')
        return fail (self, _ ("a string does not end"));
      if ((guchar) *self->cursor < ' ')
        return fail (self, _ ("a string has a control character"));
      if (take_word (self, "\\") && !take_escape (self, text))
        return fail (self, _ ("a string has an unknown escape"));
    }
  self->cursor++;

  return g_steal_pointer (&text);
}

static GVariant *
parse_string (Parser *self)
{
  g_autoptr (GString) text = parse_text (self);

  if (text == NULL)
    return NULL;
  if (memchr (text->str, '\0', text->len) != NULL)
    return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, text->str, text->len, 1);

  return g_variant_new_string (text->str);
}

static gboolean
skip_digits (Parser *self)
{
  const char *start = self->cursor;

  while (g_ascii_isdigit (*self->cursor))
    self->cursor++;

  return self->cursor > start;
}

/* Moves over a number. */
static gboolean
skip_number (Parser *self, gboolean *is_integer)
{
  take_word (self, "-");
  if (!take_word (self, "0") && !skip_digits (self))
    return FALSE;

  *is_integer = TRUE;
  if (take_word (self, "."))
    {
      *is_integer = FALSE;
      if (!skip_digits (self))
        return FALSE;
    }
  if (*self->cursor == 'e' || *self->cursor == 'E')
    {
      *is_integer = FALSE;
      self->cursor++;
      if (!take_word (self, "+"))
        take_word (self, "-");
      if (!skip_digits (self))
        return FALSE;
    }

  return !g_ascii_isalnum (*self->cursor);
}

static GVariant *
parse_integer (const char *text)
{
  gint64 number;
  guint64 large;

  errno = 0;
  number = g_ascii_strtoll (text, NULL, 10);
  if (errno == 0)
    return g_variant_new_int64 (number);
  if (*text == '-')
    return NULL;

  errno = 0;
  large = g_ascii_strtoull (text, NULL, 10);

  return errno == 0 ? g_variant_new_uint64 (large) : NULL;
}

static GVariant *
parse_number (Parser *self)
{
  const char *start = self->cursor;
  gboolean is_integer;
  GVariant *integer;
  double real;

  if (!skip_number (self, &is_integer))
    return fail (self, _ ("a value is expected"));
  if (is_integer && (integer = parse_integer (start)) != NULL)
    return integer;

  real = g_ascii_strtod (start, NULL);
  if (!isfinite (real))
    return fail (self, _ ("a number is too large"));

  return g_variant_new_double (real);
}

static GVariant *parse_value (Parser *self);

static gboolean
enter (Parser *self)
{
  if (++self->depth > MAX_DEPTH)
    fail (self, _ ("it is nested too deeply"));

  return self->problem == NULL;
}

static GVariant *
parse_array (Parser *self)
{
  g_auto (GVariantBuilder) items = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));

  if (!enter (self))
    return NULL;

  take (self, '[');
  if (!take (self, ']'))
    {
      do
        {
          GVariant *value = parse_value (self);

          if (value == NULL)
            return NULL;
          g_variant_builder_add (&items, "v", value);
        }
      while (take (self, ','));
      if (!take (self, ']'))
        return fail (self, _ ("a comma or the end of an array is expected"));
    }
  self->depth--;

  return g_variant_builder_end (&items);
}

static gboolean
parse_member (Parser *self, GVariantBuilder *members)
{
  g_autoptr (GString) name = parse_text (self);
  GVariant *value;

  if (name == NULL)
    return FALSE;
  if (memchr (name->str, '\0', name->len) != NULL)
    return fail (self, _ ("a name has a NUL")) != NULL;
  if (!take (self, ':'))
    return fail (self, _ ("a colon is expected")) != NULL;

  value = parse_value (self);
  if (value == NULL)
    return FALSE;
  g_variant_builder_add (members, "{sv}", name->str, value);

  return TRUE;
}

static GVariant *
parse_object (Parser *self)
{
  g_auto (GVariantBuilder) members = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (!enter (self))
    return NULL;

  take (self, '{');
  if (!take (self, '}'))
    {
      do
        if (!parse_member (self, &members))
          return NULL;
      while (take (self, ','));
      if (!take (self, '}'))
        return fail (self, _ ("a comma or the end of an object is expected"));
    }
  self->depth--;

  return g_variant_builder_end (&members);
}

/* A floating reference. */
static GVariant *
parse_value (Parser *self)
{
  skip_space (self);
  if (*self->cursor == '{')
    return parse_object (self);
  if (*self->cursor == '[')
    return parse_array (self);
  if (*self->cursor == '"')
    return parse_string (self);
  if (take_word (self, "true"))
    return g_variant_new_boolean (TRUE);
  if (take_word (self, "false"))
    return g_variant_new_boolean (FALSE);
  if (take_word (self, "null"))
    return g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL);

  return parse_number (self);
}

GVariant *
_vl_json_parse (const char *json, char **problem)
{
  Parser parser = { .text = json, .cursor = json };
  g_autoptr (GVariant) value = NULL;

  if (g_utf8_validate (json, -1, &parser.cursor))
    {
      parser.cursor = json;
      value = parse_value (&parser);
      if (value != NULL)
        g_variant_ref_sink (value);
      skip_space (&parser);
    }
  else
    fail (&parser, _ ("it is not UTF-8"));

  if (parser.problem == NULL && *parser.cursor != '\0')
    fail (&parser, _ ("the end is expected"));
  if (parser.problem != NULL)
    {
      *problem = g_strdup_printf (_ ("%s, at byte %zu"), parser.problem,
                                  (size_t) (parser.cursor - json) + 1);
      return NULL;
    }

  return g_steal_pointer (&value);
}
