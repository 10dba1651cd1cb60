/* clients-writes-banner.h: how many changes wait, and what to do with them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <adwaita.h>
#include <vantage-live.h>

G_BEGIN_DECLS

#define CLIENTS_TYPE_WRITES_BANNER (clients_writes_banner_get_type ())
G_DECLARE_FINAL_TYPE (ClientsWritesBanner, clients_writes_banner, CLIENTS, WRITES_BANNER, AdwBin)

/* Once. */
void clients_writes_banner_set_live (ClientsWritesBanner *self, VlLiveTable *live);

G_END_DECLS
