/* clients-hiding.c: what is not on the screen
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "clients-hiding.h"

static void
set_hidden (GtkWidget *widget, gboolean is_hidden)
{
  gtk_accessible_update_state (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_STATE_HIDDEN, is_hidden, -1);
}

static void
on_map (GtkWidget *widget)
{
  set_hidden (widget, FALSE);
}

static void
on_unmap (GtkWidget *widget)
{
  set_hidden (widget, TRUE);
}

void
clients_hide_while_unmapped (GtkWidget *widget)
{
  g_signal_connect (widget, "map", G_CALLBACK (on_map), NULL);
  g_signal_connect (widget, "unmap", G_CALLBACK (on_unmap), NULL);
  set_hidden (widget, !gtk_widget_get_mapped (widget));
}

void
clients_hide_children_while_unmapped (GtkWidget *widget)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    clients_hide_while_unmapped (child);
}
