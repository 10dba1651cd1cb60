/* clients-hiding.h: what is not on the screen
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Tells screen readers of a page of a stack and the like that is not shown, too:
 * GTK 4.8 does so only of what is hidden itself. */
void clients_hide_while_unmapped (GtkWidget *widget);

/* The same for each child. */
void clients_hide_children_while_unmapped (GtkWidget *widget);

G_END_DECLS
