/* vl-write-private.h: one write, for the queue
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-writer-private.h"
#include "vl-write.h"

G_BEGIN_DECLS

/* `func` (nullable) hears how the write ended; without it nobody waits, and a
 * failed write stays on the list. */
VlWrite *_vl_write_new (VlChange *change, VlWriteFunc func, gpointer user_data);

/* The core is set while the write is unsettled, when the write holds it, and
 * while it is on the list of those that failed, when it does not: the core
 * owns that list. Home only, but for the first time, by the intake. */
void _vl_write_set_core (VlWrite *self, VlLiveCore *core, gboolean holds_core);
VlLiveCore *_vl_write_get_core (VlWrite *self);

guint64 _vl_write_get_batch (VlWrite *self);
void _vl_write_set_batch (VlWrite *self, guint64 batch);

/* Replaces the change by what is sent: normalised to the schema. */
void _vl_write_set_sent (VlWrite *self, VlChange *change);
VlChange *_vl_write_get_sent (VlWrite *self);

gboolean _vl_write_has_caller (VlWrite *self);
/* Home only: its result is an error. */
gboolean _vl_write_has_failed (VlWrite *self);

/* Home only: notifies. */
void _vl_write_set_state (VlWrite *self, VlWriteState state);
void _vl_write_add_attempt (VlWrite *self);
/* Notes how it ended, without a word to anybody. */
void _vl_write_set_result (VlWrite *self, VlRecord *record, const GError *error);
/* The state, and the caller hears; once. */
void _vl_write_settle (VlWrite *self, VlWriteState state);

G_END_DECLS
