/* clients-field-row.h: a field of the form, and what is wrong with it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>
#include <vantage-live.h>

G_BEGIN_DECLS

#define CLIENTS_TYPE_FIELD_ROW (clients_field_row_get_type ())
G_DECLARE_FINAL_TYPE (ClientsFieldRow, clients_field_row, CLIENTS, FIELD_ROW, GtkBox)

ClientsFieldRow *clients_field_row_new (VlField *field, const char *title);

/* Whether a reason is shown. */
gboolean clients_field_row_is_wrong (ClientsFieldRow *self);
void clients_field_row_focus (ClientsFieldRow *self);

G_END_DECLS
