/* bench-plot.c: how costs grow, as a picture
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Both axes are logarithmic: what costs the same whatever the size is a level
 * line, and what costs so much a row is a straight one.
 */

#include "bench-private.h"

#include <math.h>

#define WIDTH         960
#define HEIGHT        560
#define LEFT          86
#define RIGHT         290
#define TOP           72
#define BOTTOM        64
#define LABEL_SPACING 36

/* Told apart by colour-blind eyes, too. */
static const char *const colors[] = {
  "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555", "#000000",
};

/* Powers of ten at the ends of the axes. */
typedef struct
{
  int x_low, x_high, y_low, y_high;
} Frame;

static double
place_x (const Frame *frame, double size)
{
  double part = (log10 (size) - frame->x_low) / (frame->x_high - frame->x_low);

  return LEFT + part * (WIDTH - LEFT - RIGHT);
}

static double
place_y (const Frame *frame, double cost)
{
  double part = (log10 (cost) - frame->y_low) / (frame->y_high - frame->y_low);

  return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
}

static void
frame_init (Frame *frame, GPtrArray *lines)
{
  *frame = (Frame){ 9, 1, 12, -3 };

  for (guint i = 0; i < lines->len; i++)
    {
      const BenchLine *line = g_ptr_array_index (lines, i);

      for (guint k = 0; k < line->points->len; k++)
        {
          const BenchPoint *point = &g_array_index (line->points, BenchPoint, k);

          frame->x_low = MIN (frame->x_low, (int) floor (log10 (point->size)));
          frame->x_high = MAX (frame->x_high, (int) ceil (log10 (point->size)));
          frame->y_low = MIN (frame->y_low, (int) floor (log10 (point->cost)));
          frame->y_high = MAX (frame->y_high, (int) ceil (log10 (point->cost)));
        }
    }
  if (frame->x_low >= frame->x_high || frame->y_low >= frame->y_high)
    *frame = (Frame){ 0, 6, 1, 9 };
}

/* A number as SVG takes it, in every locale. */
static void
add_number (GString *svg, const char *name, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (svg, " %s=\"%s\"", name,
                          g_ascii_formatd (text, sizeof text, "%.1f", value));
}

static void
add_line (GString *svg, double x1, double y1, double x2, double y2, const char *style)
{
  g_string_append (svg, "<line");
  add_number (svg, "x1", x1);
  add_number (svg, "y1", y1);
  add_number (svg, "x2", x2);
  add_number (svg, "y2", y2);
  g_string_append_printf (svg, " %s/>\n", style);
}

static void
add_text (GString *svg, double x, double y, const char *style, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  g_string_append (svg, "<text");
  add_number (svg, "x", x);
  add_number (svg, "y", y);
  g_string_append_printf (svg, " %s>%s</text>\n", style, escaped);
}

static void
add_axes (GString *svg, const Frame *frame)
{
  static const char *const sizes[] = { "1",       "10",        "100",        "1,000",      "10,000",
                                       "100,000", "1,000,000", "10,000,000", "100,000,000" };
  const char *grid = "stroke=\"#e4e4e4\"";
  const double right = WIDTH - RIGHT;
  const double bottom = HEIGHT - BOTTOM;

  for (int x = frame->x_low; x <= frame->x_high; x++)
    {
      double at = place_x (frame, pow (10, x));

      add_line (svg, at, TOP, at, bottom, grid);
      if (x >= 0 && x < (int) G_N_ELEMENTS (sizes))
        add_text (svg, at, bottom + 20, "text-anchor=\"middle\"", sizes[x]);
    }
  for (int y = frame->y_low; y <= frame->y_high; y++)
    {
      double at = place_y (frame, pow (10, y));
      g_autofree char *cost = NULL;

      if (y < 0)
        continue;
      cost = g_strdup_printf ("%d %s",
                              y % 3 == 0   ? 1
                              : y % 3 == 1 ? 10
                                           : 100,
                              y < 3   ? "ns"
                              : y < 6 ? "µs"
                              : y < 9 ? "ms"
                                      : "s");
      add_line (svg, LEFT, at, right, at, grid);
      add_text (svg, LEFT - 10, at + 4, "text-anchor=\"end\"", cost);
    }

  add_line (svg, LEFT, TOP, LEFT, bottom, "stroke=\"#888888\"");
  add_line (svg, LEFT, bottom, right, bottom, "stroke=\"#888888\"");
  add_text (svg, (LEFT + right) / 2, bottom + 48, "text-anchor=\"middle\" fill=\"#555555\"",
            "how much there is: rows a page, pages a root, rows a table");
}

/* What grows as much as the work does runs along this: two decades, up in the
 * corner of little work that costs much, where no line is. */
static void
add_guide (GString *svg, const Frame *frame)
{
  const char *style = "fill=\"#999999\" font-size=\"12\"";
  double x1 = place_x (frame, pow (10, frame->x_low + 0.25));
  double y1 = place_y (frame, pow (10, frame->y_high - 1.75));
  double x2 = place_x (frame, pow (10, frame->x_low + 1.75));
  double y2 = place_y (frame, pow (10, frame->y_high - 0.25));

  add_line (svg, x1, y1, x2, y2, "stroke=\"#999999\" stroke-dasharray=\"3 5\"");
  add_text (svg, (x1 + x2) / 2 + 14, (y1 + y2) / 2 + 8, style, "ten times the work,");
  add_text (svg, (x1 + x2) / 2 + 14, (y1 + y2) / 2 + 23, style, "ten times the cost");
}

static void
add_series (GString *svg, const Frame *frame, const BenchLine *line, const char *color)
{
  g_string_append (svg, "<polyline fill=\"none\" stroke-width=\"2.5\" stroke-linejoin=\"round\"");
  g_string_append_printf (svg, " stroke=\"%s\" points=\"", color);
  for (guint k = 0; k < line->points->len; k++)
    {
      const BenchPoint *point = &g_array_index (line->points, BenchPoint, k);
      char x[G_ASCII_DTOSTR_BUF_SIZE];
      char y[G_ASCII_DTOSTR_BUF_SIZE];

      g_ascii_formatd (x, sizeof x, "%.1f", place_x (frame, point->size));
      g_ascii_formatd (y, sizeof y, "%.1f", place_y (frame, point->cost));
      g_string_append_printf (svg, "%s,%s ", x, y);
    }
  g_string_append (svg, "\"/>\n");

  for (guint k = 0; k < line->points->len; k++)
    {
      const BenchPoint *point = &g_array_index (line->points, BenchPoint, k);

      g_string_append (svg, "<circle r=\"3.5\"");
      add_number (svg, "cx", place_x (frame, point->size));
      add_number (svg, "cy", place_y (frame, point->cost));
      g_string_append_printf (svg, " fill=\"%s\" stroke=\"white\"/>\n", color);
    }
}

/* A label on the right, on the height of where its line ends. */
typedef struct
{
  const BenchLine *line;
  const char *color;
  double end_x, end_y;
  double y;
} Label;

static int
compare_labels (gconstpointer a, gconstpointer b)
{
  const Label *x = a;
  const Label *y = b;

  return (x->y > y->y) - (x->y < y->y);
}

/* Moves labels apart, from the lowest one up. */
static void
spread_labels (GArray *labels)
{
  double limit = HEIGHT - BOTTOM - LABEL_SPACING / 2;

  g_array_sort (labels, compare_labels);
  for (guint i = labels->len; i > 0; i--)
    {
      Label *label = &g_array_index (labels, Label, i - 1);

      label->y = MIN (label->y, limit);
      limit = label->y - LABEL_SPACING;
    }
}

static void
add_labels (GString *svg, const Frame *frame, GPtrArray *lines)
{
  g_autoptr (GArray) labels = g_array_new (FALSE, FALSE, sizeof (Label));
  const double x = WIDTH - RIGHT + 26;

  for (guint i = 0; i < lines->len; i++)
    {
      Label label = { g_ptr_array_index (lines, i), colors[i % G_N_ELEMENTS (colors)], 0, 0, 0 };
      const BenchPoint *last = &g_array_index (label.line->points, BenchPoint,
                                               label.line->points->len - 1);

      label.end_x = place_x (frame, last->size);
      label.y = label.end_y = place_y (frame, last->cost);
      g_array_append_val (labels, label);
    }

  spread_labels (labels);
  for (guint i = 0; i < labels->len; i++)
    {
      const Label *label = &g_array_index (labels, Label, i);
      const BenchPoint *last = &g_array_index (label->line->points, BenchPoint,
                                               label->line->points->len - 1);
      g_autofree char *cost = bench_cost_to_words (last->cost, NULL);
      g_autofree char *size = bench_count_to_words ((guint) last->size);
      g_autofree char *what = g_strdup_printf ("%s at %s %s", cost, size,
                                               label->line->series->size);
      g_autofree char *bold = g_strdup_printf ("font-weight=\"600\" fill=\"%s\"", label->color);
      g_autofree char *leader = g_strdup_printf ("stroke=\"%s\" stroke-opacity=\"0.35\"",
                                                 label->color);

      add_line (svg, label->end_x + 6, label->end_y, x - 6, label->y - 4, leader);
      add_text (svg, x, label->y, bold, label->line->series->name);
      add_text (svg, x, label->y + 15, "fill=\"#555555\" font-size=\"12\"", what);
    }
}

char *
bench_report_to_svg (const BenchReport *report)
{
  g_autoptr (GString) svg = g_string_new (NULL);
  Frame frame;

  frame_init (&frame, report->lines);
  g_string_append_printf (svg,
                          "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                          " viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\""
                          " fill=\"#222222\">\n"
                          "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n",
                          WIDTH, HEIGHT, WIDTH, HEIGHT, WIDTH, HEIGHT);
  add_text (svg, LEFT, 30, "font-size=\"17\" font-weight=\"600\"",
            "What an operation costs as the work grows");
  add_text (svg, LEFT, 51, "fill=\"#555555\"",
            "Both axes are logarithmic: a level line costs the same whatever there is.");
  add_axes (svg, &frame);
  add_guide (svg, &frame);
  for (guint i = 0; i < report->lines->len; i++)
    add_series (svg, &frame, g_ptr_array_index (report->lines, i),
                colors[i % G_N_ELEMENTS (colors)]);
  add_labels (svg, &frame, report->lines);
  g_string_append (svg, "</svg>\n");

  return g_string_free (g_steal_pointer (&svg), FALSE);
}
