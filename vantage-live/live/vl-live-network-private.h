/* vl-live-network-private.h: whether the master can be reached
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

typedef struct _VlLiveCore VlLiveCore;

/* What GNetworkMonitor says, brought home. */
typedef struct _VlNetworkWatch VlNetworkWatch;

typedef struct
{
  VlNetworkWatch *watch; /* NULL = the master is not reached over a network, or is not known yet */
  gboolean is_away;      /* there is no network */
  VlLiveState state;     /* as the shells were told */
} VlLiveNetwork;

/* Home only, all of them. The schema is known, or is another one. */
void _vl_live_network_follow (VlLiveCore *core);
void _vl_live_network_dispose (VlLiveCore *core);

/* Whether it is known that the target cannot be reached: no use in sending. */
gboolean _vl_live_network_is_away (VlLiveCore *core);
VlLiveState _vl_live_network_get_state (VlLiveCore *core);
/* Something has changed that the state depends on. */
void _vl_live_network_check (VlLiveCore *core);

/* What the network monitor says, and tests. */
void _vl_live_network_set_away (VlLiveCore *core, gboolean is_away);

G_END_DECLS
