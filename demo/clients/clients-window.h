/* clients-window.h: the list, and the form beside it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <adwaita.h>

#include "clients-store.h"

G_BEGIN_DECLS

#define CLIENTS_TYPE_WINDOW (clients_window_get_type ())
G_DECLARE_FINAL_TYPE (ClientsWindow, clients_window, CLIENTS, WINDOW, AdwApplicationWindow)

ClientsWindow *clients_window_new (GtkApplication *application, ClientsStore *store);

/* NULL until the store is open. */
VlLiveList *clients_window_get_list (ClientsWindow *self);
GtkListView *clients_window_get_view (ClientsWindow *self);

G_END_DECLS
