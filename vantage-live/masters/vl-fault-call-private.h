/* vl-fault-call-private.h: one call through a simulated network
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-fault-network-private.h"
#include "vl-relay-private.h"

G_BEGIN_DECLS

/* Owes `reply` an answer from `target`, unless it fails at once. `stream`
 * (nullable) is told of what a write has changed. */
gboolean _vl_fault_call_send (VlFaultNetwork *network,
                              VlTable *target,
                              VlLiveStream *stream,
                              const VlRelayRequest *request,
                              VlReply *reply,
                              GError **error);

G_END_DECLS
