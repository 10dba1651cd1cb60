/* text-table.h: columns that align, whatever the script
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* Columns on a terminal that the text takes. */
guint demo_text_width (const char *text);
/* One line that cannot steer the terminal: control characters and bytes that
 * are not UTF-8 are shown as escapes. */
char *demo_text_clean (const char *text);
/* At most that wide, the end replaced by an ellipsis. */
char *demo_text_fit (const char *text, guint width);

typedef struct _DemoTextTable DemoTextTable;

DemoTextTable *demo_text_table_new (void);
void demo_text_table_free (DemoTextTable *self);
void demo_text_table_begin_row (DemoTextTable *self);
void demo_text_table_add (DemoTextTable *self, const char *text, gboolean to_the_right);
/* The first row is the heading. Lines are indented and end in a newline; a
 * width of 0 cuts nothing. */
char *demo_text_table_format (DemoTextTable *self,
                              guint width,
                              const char *heading_on,
                              const char *heading_off);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DemoTextTable, demo_text_table_free)
