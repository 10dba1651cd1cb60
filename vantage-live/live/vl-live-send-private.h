/* vl-live-send-private.h: writes that are with the master, and how they end
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-writer-private.h"

G_BEGIN_DECLS

/* What is sent in one go. */
typedef struct _VlSend VlSend;

VlSend *_vl_send_new (VlLiveCore *core);
/* Takes the reference. */
void _vl_send_add (VlSend *self, VlWrite *write);
guint _vl_send_get_n_writes (VlSend *self);
VlWrite *_vl_send_get_write (VlSend *self, guint i);
/* Drops a write that is not with the target yet; FALSE if it is, or is not here. */
gboolean _vl_send_take_out (VlSend *self, VlWrite *write);

/* It is the one that is with the target, or about to be. */
void _vl_send_claim (VlSend *self);

/* Consume the send. The writes get what they are sent as from
 * _vl_write_set_sent(). */
void _vl_send_out (VlSend *self, VlTable *target);
/* None of it was sent, and will be: all fail with the error. `changed_nothing`
 * may be told from the error alone. */
void _vl_send_fail (VlSend *self, const GError *error);
/* None of a claimed one was sent: it is tried again later. NULL as the error if all
 * of it was withdrawn. */
void _vl_send_hold_back (VlSend *self, const GError *error);
/* The home context has gone. */
void _vl_send_abandon (VlSend *self);

/* Lets those hear whose turn it is. */
void _vl_send_settle_ready (VlLiveCore *core);
/* Whether a loop that settles is on the stack and goes on by itself. */
gboolean _vl_send_is_settling (VlLiveCore *core);

/* The core goes. */
void _vl_send_forget_late (VlLiveCore *core);

G_END_DECLS
