/* text-table.c: columns that align, whatever the script
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "text-table.h"

#include <string.h>

/* No column is made narrower than this to fit a terminal. */
#define MIN_COLUMN 8

#define GAP 2

typedef struct
{
  char *text; /* clean */
  guint width;
  gboolean to_the_right;
} Cell;

struct _DemoTextTable
{
  GPtrArray *rows; /* of GArray of Cell */
};

static guint
char_width (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;

  return g_unichar_iswide (c) ? 2 : 1;
}

guint
demo_text_width (const char *text)
{
  guint width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    width += char_width (g_utf8_get_char (p));

  return width;
}

static void
append_control (GString *clean, gunichar c)
{
  switch (c)
    {
    case '\n':
      g_string_append (clean, "\\n");
      break;
    case '\t':
      g_string_append (clean, "\\t");
      break;
    case '\r':
      g_string_append (clean, "\\r");
      break;
    default:
      g_string_append_printf (clean, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
    }
}

/* Those that change the direction of what follows would move other columns. */
static gboolean
is_control (gunichar c)
{
  return g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

char *
demo_text_clean (const char *text)
{
  GString *clean = g_string_new (NULL);

  while (*text != '\0')
    {
      gunichar c = g_utf8_get_char_validated (text, -1);

      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          append_control (clean, (guchar) *text++);
          continue;
        }
      if (is_control (c))
        append_control (clean, c);
      else
        g_string_append_unichar (clean, c);
      text = g_utf8_next_char (text);
    }

  return g_string_free (clean, FALSE);
}

char *
demo_text_fit (const char *text, guint width)
{
  GString *fit = NULL;
  guint used = 0;

  if (demo_text_width (text) <= width)
    return g_strdup (text);

  fit = g_string_new (NULL);
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      guint next = char_width (g_utf8_get_char (p));

      if (used + next + 1 > width)
        break;
      used += next;
      g_string_append_unichar (fit, g_utf8_get_char (p));
    }
  g_string_append (fit, "…");

  return g_string_free (fit, FALSE);
}

static void
clear_cell (gpointer data)
{
  g_free (((Cell *) data)->text);
}

DemoTextTable *
demo_text_table_new (void)
{
  DemoTextTable *self = g_new0 (DemoTextTable, 1);

  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);

  return self;
}

void
demo_text_table_free (DemoTextTable *self)
{
  g_ptr_array_unref (self->rows);
  g_free (self);
}

void
demo_text_table_begin_row (DemoTextTable *self)
{
  GArray *row = g_array_new (FALSE, FALSE, sizeof (Cell));

  g_array_set_clear_func (row, clear_cell);
  g_ptr_array_add (self->rows, row);
}

void
demo_text_table_add (DemoTextTable *self, const char *text, gboolean to_the_right)
{
  Cell cell = { demo_text_clean (text), 0, to_the_right };

  cell.width = demo_text_width (cell.text);
  g_array_append_val (g_ptr_array_index (self->rows, self->rows->len - 1), cell);
}

static GArray *
column_widths (DemoTextTable *self)
{
  GArray *widths = g_array_new (FALSE, TRUE, sizeof (guint));

  for (guint i = 0; i < self->rows->len; i++)
    {
      GArray *row = g_ptr_array_index (self->rows, i);

      if (row->len > widths->len)
        g_array_set_size (widths, row->len);
      for (guint j = 0; j < row->len; j++)
        g_array_index (widths, guint, j) = MAX (g_array_index (widths, guint, j),
                                                g_array_index (row, Cell, j).width);
    }

  return widths;
}

/* Takes from the widest until all fit, or none can give. */
static void
shrink (GArray *widths, guint width)
{
  for (;;)
    {
      guint total = 0;
      guint widest = 0;

      for (guint i = 0; i < widths->len; i++)
        {
          total += g_array_index (widths, guint, i) + GAP;
          if (g_array_index (widths, guint, i) > g_array_index (widths, guint, widest))
            widest = i;
        }
      if (total <= width || g_array_index (widths, guint, widest) <= MIN_COLUMN)
        return;
      g_array_index (widths, guint, widest)--;
    }
}

static void
append_spaces (GString *line, guint n)
{
  g_string_append_printf (line, "%*s", (int) n, "");
}

static void
append_row (GString *text, GArray *row, GArray *widths)
{
  gsize end = text->len;

  for (guint i = 0; i < row->len; i++)
    {
      const Cell *cell = &g_array_index (row, Cell, i);
      guint width = g_array_index (widths, guint, i);
      g_autofree char *fit = demo_text_fit (cell->text, width);
      guint padding = width - MIN (width, demo_text_width (fit));

      append_spaces (text, GAP);
      if (cell->to_the_right)
        append_spaces (text, padding);
      g_string_append (text, fit);
      end = *fit != '\0' ? text->len : end;
      if (!cell->to_the_right)
        append_spaces (text, padding);
    }
  /* Nothing but blanks follows. */
  g_string_truncate (text, end);
}

char *
demo_text_table_format (DemoTextTable *self,
                        guint width,
                        const char *heading_on,
                        const char *heading_off)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GArray) widths = column_widths (self);

  if (width > 0 && widths->len > 0)
    shrink (widths, width);

  for (guint i = 0; i < self->rows->len; i++)
    {
      if (i == 0)
        g_string_append (text, heading_on);
      append_row (text, g_ptr_array_index (self->rows, i), widths);
      if (i == 0)
        g_string_append (text, heading_off);
      g_string_append_c (text, '\n');
    }

  return g_string_free (text, FALSE);
}
