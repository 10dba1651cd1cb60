/* vl-fault-stream-private.h: a stream behind a simulated network
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../stream/vl-live-stream.h"
#include "vl-fault-network-private.h"

G_BEGIN_DECLS

#define VL_TYPE_FAULT_STREAM (_vl_fault_stream_get_type ())

G_DECLARE_FINAL_TYPE (VlFaultStream, _vl_fault_stream, VL, FAULT_STREAM, VlLiveStream)

VlLiveStream *_vl_fault_stream_new (VlFaultNetwork *network, VlLiveStream *target);

/* Tells of a change that was applied, if there is to be an echo. `record` is
 * what applying it answered. From any thread. */
void _vl_fault_stream_echo (VlLiveStream *stream, VlChange *change, VlRecord *record);

/* It went down, or came back, or it is known now when it will. From any
 * thread. */
void _vl_fault_stream_network_changed (VlLiveStream *stream);

G_END_DECLS
