/* clients-row.h: a client in the list
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "clients-store.h"

G_BEGIN_DECLS

#define CLIENTS_TYPE_ROW (clients_row_get_type ())
G_DECLARE_FINAL_TYPE (ClientsRow, clients_row, CLIENTS, ROW, GtkWidget)

ClientsRow *clients_row_new (ClientsStore *store);

/* NULL = none. */
void clients_row_set_row (ClientsRow *self, VlRow *row);
VlRow *clients_row_get_row (ClientsRow *self);

G_END_DECLS
