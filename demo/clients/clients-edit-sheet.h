/* clients-edit-sheet.h: the form
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <adwaita.h>

#include "clients-store.h"

G_BEGIN_DECLS

/* Emits "save", "cancelled" and "delete"; what comes of that is for the window. */
#define CLIENTS_TYPE_EDIT_SHEET (clients_edit_sheet_get_type ())
G_DECLARE_FINAL_TYPE (ClientsEditSheet, clients_edit_sheet, CLIENTS, EDIT_SHEET, AdwBin)

/* NULL = nothing is edited. */
void clients_edit_sheet_set_edit (ClientsEditSheet *self, ClientsStore *store, VlRecordEdit *edit);
VlRecordEdit *clients_edit_sheet_get_edit (ClientsEditSheet *self);

/* The first field with a reason, which a screen reader then reads, or just the first. */
void clients_edit_sheet_focus (ClientsEditSheet *self);

G_END_DECLS
