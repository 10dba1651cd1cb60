/* clients-application.h: one store, and any number of windows on it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <adwaita.h>

#include "clients-store.h"

G_BEGIN_DECLS

#define CLIENTS_TYPE_APPLICATION (clients_application_get_type ())
G_DECLARE_FINAL_TYPE (ClientsApplication, clients_application, CLIENTS, APPLICATION, AdwApplication)

ClientsApplication *clients_application_new (void);

G_END_DECLS
