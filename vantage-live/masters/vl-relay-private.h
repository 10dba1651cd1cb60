/* vl-relay-private.h: a request that one table passes on to another
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../table/vl-table-private.h"

G_BEGIN_DECLS

typedef enum
{
  VL_RELAY_DESCRIBE,
  VL_RELAY_LIST,
  VL_RELAY_FIND,
  VL_RELAY_COUNT,
  VL_RELAY_APPLY,
  VL_RELAY_APPLY_BATCH,
} VlRelayKind;

/* What to ask: a VlQuery, VlChange or GListModel, or an id. */
typedef struct
{
  VlRelayKind kind;
  GObject *argument;
  char *id;
} VlRelayRequest;

void _vl_relay_request_init (VlRelayRequest *self,
                             VlRelayKind kind,
                             gpointer argument,
                             const char *id);
void _vl_relay_request_clear (VlRelayRequest *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VlRelayRequest, _vl_relay_request_clear)

/* Owes `reply` an answer and gets it by asking `target`, perhaps more than
 * once. It belongs to the thread-default context of the thread that makes it.
 * When the reply's cancellable fires, the request on its way is cancelled too
 * and the relay ends. `user_data` is freed with `destroy` when it ends. */
typedef struct _VlRelay VlRelay;

typedef void (*VlRelayFunc) (VlRelay *self, VlAnswer *answer, gpointer user_data);

VlRelay *_vl_relay_new (VlReply *reply,
                        VlTable *target,
                        gpointer user_data,
                        GDestroyNotify destroy);

/* `func` is called with the answer, perhaps before this returns; it goes on
 * with exactly one of these three. */
void _vl_relay_send (VlRelay *self, const VlRelayRequest *request, VlRelayFunc func);
void _vl_relay_return (VlRelay *self, VlRelayKind kind, VlAnswer *answer);
void _vl_relay_fail (VlRelay *self, const GError *error);
/* Ends without an answer: the reply is somebody else's now. */
void _vl_relay_drop (VlRelay *self);

/* Asks and hands the answer on as it is. */
void _vl_relay_pass (VlRelay *self, const VlRelayRequest *request);

G_END_DECLS
