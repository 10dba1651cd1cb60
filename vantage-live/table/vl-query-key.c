/* vl-query-key.c: the canonical key of a query
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <math.h>
#include <string.h>

#include "vl-query-private.h"

/* A key is ASCII: parts with '&' between them, or "*" when there are none.
 *
 *   ?FIELD:OP:VALUE   a condition; ?FIELD:OP without a value
 *   ?FIELD:in:(V,V)   a list
 *   /WORD+WORD        the search
 *   +FIELD  -FIELD    a key of the order, ascending, descending
 *
 * Text is percent-escaped. A value begins with a letter for its type: b (0 or
 * 1), i (decimal), d (decimal, inf, -inf, nan), s (text), x (bytes as hex), v
 * (the type string, a dot, the serialised form as hex). Conditions and lists
 * are sorted, see vl-query-condition.c. vl-query-parse.c reads this back. */

/* Enough for nearly every key; longer ones move to the heap. */
#define STACK_SIZE 512

/* Up to here every whole double has fewer digits than 17 and no exponent. */
#define WHOLE_LIMIT 1e15

const char _vl_op_names[_VL_N_OPS][3] = {
  [VL_OP_EQ] = "eq",       [VL_OP_NE] = "ne",      [VL_OP_LT] = "lt",       [VL_OP_LE] = "le",
  [VL_OP_GT] = "gt",       [VL_OP_GE] = "ge",      [VL_OP_IN] = "in",       [VL_OP_NOT_IN] = "ni",
  [VL_OP_CONTAINS] = "ct", [VL_OP_IS_NULL] = "nu", [VL_OP_NOT_NULL] = "nn",
};

typedef struct
{
  char *data;
  gsize length;
  gsize capacity;
  gboolean on_heap;
} Writer;

static void
make_room (Writer *writer, gsize more)
{
  gsize needed = writer->length + more;

  if (G_LIKELY (needed <= writer->capacity))
    return;

  writer->capacity = MAX (needed, writer->capacity * 2);
  if (writer->on_heap)
    {
      writer->data = g_realloc (writer->data, writer->capacity);
    }
  else
    {
      char *data = g_malloc (writer->capacity);

      memcpy (data, writer->data, writer->length);
      writer->data = data;
      writer->on_heap = TRUE;
    }
}

static void
write_char (Writer *writer, char c)
{
  make_room (writer, 1);
  writer->data[writer->length++] = c;
}

static void
write_plain (Writer *writer, const char *text, gsize length)
{
  make_room (writer, length);
  memcpy (writer->data + writer->length, text, length);
  writer->length += length;
}

static const char upper_hex[] = "0123456789ABCDEF";
static const char lower_hex[] = "0123456789abcdef";

static gboolean
is_safe (char c)
{
  return g_ascii_isalnum (c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static void
write_text (Writer *writer, const char *text, gsize length)
{
  make_room (writer, 3 * length);
  for (gsize i = 0; i < length; i++)
    {
      guchar c = (guchar) text[i];

      if (G_LIKELY (is_safe (text[i])))
        {
          writer->data[writer->length++] = text[i];
          continue;
        }
      writer->data[writer->length++] = '%';
      writer->data[writer->length++] = upper_hex[c >> 4];
      writer->data[writer->length++] = upper_hex[c & 15];
    }
}

static void
write_hex (Writer *writer, const char *data, gsize length)
{
  make_room (writer, 2 * length);
  for (gsize i = 0; i < length; i++)
    {
      guchar c = (guchar) data[i];

      writer->data[writer->length++] = lower_hex[c >> 4];
      writer->data[writer->length++] = lower_hex[c & 15];
    }
}

static void
write_int64 (Writer *writer, gint64 value)
{
  char digits[20];
  guint64 rest = value < 0 ? 0 - (guint64) value : (guint64) value;
  gsize start = sizeof digits;

  do
    {
      digits[--start] = (char) ('0' + (int) (rest % 10));
      rest /= 10;
    }
  while (rest > 0);

  if (value < 0)
    write_char (writer, '-');
  write_plain (writer, digits + start, sizeof digits - start);
}

static void
write_double (Writer *writer, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value))
    {
      write_plain (writer, "nan", 3);
    }
  else if (isinf (value))
    {
      if (value < 0)
        write_char (writer, '-');
      write_plain (writer, "inf", 3);
    }
  else if (fabs (value) < WHOLE_LIMIT && value == (double) (gint64) value)
    {
      write_int64 (writer, (gint64) value);
    }
  else
    {
      g_ascii_dtostr (text, sizeof text, value);
      write_plain (writer, text, strlen (text));
    }
}

static void
write_cell (Writer *writer, const VlCell *cell)
{
  switch (cell->type)
    {
    case VL_FIELD_TYPE_BOOLEAN:
      write_char (writer, 'b');
      write_char (writer, cell->boolean ? '1' : '0');
      break;
    case VL_FIELD_TYPE_INT64:
      write_char (writer, 'i');
      write_int64 (writer, cell->int64);
      break;
    case VL_FIELD_TYPE_DOUBLE:
      write_char (writer, 'd');
      write_double (writer, cell->real);
      break;
    case VL_FIELD_TYPE_STRING:
      write_char (writer, 's');
      write_text (writer, cell->data, cell->length);
      break;
    case VL_FIELD_TYPE_BYTES:
      write_char (writer, 'x');
      write_hex (writer, cell->data, cell->length);
      break;
    case VL_FIELD_TYPE_VARIANT:
      write_char (writer, 'v');
      write_text (writer, cell->variant_type, strlen (cell->variant_type));
      write_char (writer, '.');
      write_hex (writer, cell->data, cell->length);
      break;
    case VL_FIELD_TYPE_NULL:
    default:
      g_assert_not_reached ();
    }
}

static void
write_op (Writer *writer, VlOp op)
{
  /* An op of two letters; one that is none of ours is a decimal number. */
  if ((guint) op < _VL_N_OPS)
    write_plain (writer, _vl_op_names[op], 2);
  else
    write_int64 (writer, (gint64) (guint) op);
}

static void
write_condition (Writer *writer, const VlQueryCondition *condition)
{
  write_char (writer, '?');
  write_text (writer, condition->field, condition->field_length);
  write_char (writer, ':');
  write_op (writer, condition->op);
  if (condition->value == NULL)
    return;

  write_char (writer, ':');
  if (!condition->is_list)
    {
      write_cell (writer, condition->cells);
      return;
    }

  write_char (writer, '(');
  for (guint i = 0; i < condition->n_cells; i++)
    {
      if (i > 0)
        write_char (writer, ',');
      write_cell (writer, &condition->cells[i]);
    }
  write_char (writer, ')');
}

static void
write_search (Writer *writer, const char *search)
{
  const char *word = search;

  write_char (writer, '/');
  while (word != NULL)
    {
      const char *space = strchr (word, ' ');

      write_text (writer, word, space != NULL ? (gsize) (space - word) : strlen (word));
      if (space != NULL)
        write_char (writer, '+');
      word = space != NULL ? space + 1 : NULL;
    }
}

static void
write_separator (Writer *writer)
{
  if (writer->length > 0)
    write_char (writer, '&');
}

static void
write_parts (Writer *writer, const VlQueryParts *parts)
{
  for (guint i = 0; i < parts->n_conditions; i++)
    {
      write_separator (writer);
      write_condition (writer, parts->conditions[i]);
    }

  if (parts->search != NULL)
    {
      write_separator (writer);
      write_search (writer, parts->search);
    }

  for (guint i = 0; i < parts->n_orders; i++)
    {
      write_separator (writer);
      write_char (writer, parts->orders[i].descending ? '-' : '+');
      write_text (writer, parts->orders[i].field, g_ref_string_length (parts->orders[i].field));
    }

  if (writer->length == 0)
    write_char (writer, '*');
}

/* Writes `text` as it is inside of a path: '%' and '/' are escaped, once more
 * where they were before. */
static void
write_path (Writer *writer, const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (text[i] == '%')
        write_plain (writer, "%25", 3);
      else if (text[i] == '/')
        write_plain (writer, "%2F", 3);
      else
        write_char (writer, text[i]);
    }
}

static void
writer_clear (Writer *writer)
{
  if (writer->on_heap)
    g_free (writer->data);
}

VlQueryKey *
_vl_query_make_key (const VlQueryParts *parts)
{
  char stack[STACK_SIZE];
  Writer writer = { stack, 0, sizeof stack, FALSE };
  gsize length, path = 0;
  VlQueryKey *key;

  write_parts (&writer, parts);
  length = writer.length;
  write_char (&writer, '\0');
  if (strpbrk (writer.data, "%/") != NULL)
    {
      path = writer.length;
      make_room (&writer, 3 * length + 1);
      write_path (&writer, writer.data, length);
      write_char (&writer, '\0');
    }

  key = g_malloc (sizeof *key + writer.length);
  memcpy (key->text, writer.data, writer.length);
  key->path = key->text + path;
  key->path_length = path == 0 ? length : writer.length - 1 - path;
  writer_clear (&writer);

  return key;
}
