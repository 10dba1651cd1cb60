/* vl-write-private.h: one write, for the queue
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-record-private.h"
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

/* Its place in the order of all writes. */
guint64 _vl_write_get_number (VlWrite *self);
void _vl_write_set_number (VlWrite *self, guint64 number);

/* What it writes to, as far as is known here: the record's id, which is a
 * provisional one for a new record without; NULL for all. */
const char *_vl_write_get_key (VlWrite *self);
/* Whether that is a provisional one that was given here. */
gboolean _vl_write_is_new (VlWrite *self);

/* The change to be sent: as it was made, or rebased on what the master has. */
VlChange *_vl_write_get_current (VlWrite *self);
void _vl_write_rebase (VlWrite *self, VlChange *change);
/* How often that was done since it got in line. */
guint _vl_write_get_n_rebases (VlWrite *self);

/* What is sent: normalised to the schema. */
void _vl_write_set_sent (VlWrite *self, VlChange *change);
VlChange *_vl_write_get_sent (VlWrite *self);

/* When it may be sent (again), monotonic. */
gint64 _vl_write_get_due (VlWrite *self);
void _vl_write_set_due (VlWrite *self, gint64 due);

/* Home only. Later ones that are sent with it: they share its state, and its
 * fate. Takes the reference. */
void _vl_write_join (VlWrite *self, VlWrite *later);
GPtrArray *_vl_write_get_joined (VlWrite *self);
GPtrArray *_vl_write_steal_joined (VlWrite *self);

/* Home only: what the journal has of it. */
VlRecording *_vl_write_get_recording (VlWrite *self);
/* So often it was sent by earlier runs of the program. */
void _vl_write_set_attempts (VlWrite *self, guint attempts);

/* It was sent once without anybody knowing what became of it. */
gboolean _vl_write_is_in_doubt (VlWrite *self);
void _vl_write_set_in_doubt (VlWrite *self, gboolean in_doubt);

/* Somebody waits for it. */
gboolean _vl_write_has_caller (VlWrite *self);
/* Home only: its result is an error. */
gboolean _vl_write_has_failed (VlWrite *self);

/* Home only: notifies. */
void _vl_write_set_state (VlWrite *self, VlWriteState state);
void _vl_write_add_attempt (VlWrite *self);
/* The live table answers for it from now on. */
void _vl_write_set_accepted (VlWrite *self);
/* Whoever waits hears `record`, as it is shown, and does not wait for the rest;
 * once. */
void _vl_write_release (VlWrite *self, VlRecord *record);
/* Notes how it ended, or why it waits; nobody hears until the state is set. */
void _vl_write_set_result (VlWrite *self, VlRecord *record, const GError *error);
/* It gets in line again after it had failed. */
void _vl_write_begin_anew (VlWrite *self);
/* The state, and the caller hears; once. */
void _vl_write_settle (VlWrite *self, VlWriteState state);

G_END_DECLS
