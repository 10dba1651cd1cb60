/* vl-live-record-private.h: the write queue and its journal
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "vl-live-journal-private.h"

G_BEGIN_DECLS

typedef struct _VlLiveCore VlLiveCore;
typedef struct _VlSend VlSend;

/* What the journal has of one write. */
typedef struct
{
  guint64 number;         /* in the journal, 0 = not there */
  VlJournaledState noted; /* the last state that was noted */
  gboolean may_be_sent;   /* without a note: it was recorded so */
  gboolean is_replayed;   /* of an earlier run */
  gboolean was_sent;      /* by that, perhaps: the target may know its uid */
  gboolean has_to_note;   /* that others have joined it, once more: that failed */
  gboolean is_promised;   /* it has waited: who waits for it hears that it is accepted */
  gboolean is_recording;  /* not on the disk yet: must not be sent, nor what comes after */
} VlRecording;

/* Home only, all of it. */
typedef struct
{
  GFile *file;            /* NULL = none was asked for */
  GFile *last_file;       /* the last that was */
  VlLiveJournal *journal; /* NULL unless it is open */
  VlLiveJournal *opening; /* the same while it is read */
  guint n_openings;       /* numbers them */
  VlJournalState state;
  GError *error;        /* why it failed, or what was wrong with it */
  gboolean has_doubts;  /* some in the queue may have been applied by an earlier run */
  gboolean is_refusing; /* a turn that fails what cannot be recorded is posted */
  gboolean is_parting;  /* what is in the journal is left to the next run */
  GPtrArray *left;      /* of VlWrite: those that were; they have with them what joined them */
  gint n_open;          /* atomic: live tables that are not closed */
} VlRecorder;

void _vl_recorder_init (VlLiveCore *core);
void _vl_recorder_dispose (VlLiveCore *core);

/* vl-live-replay.c: begins to use a journal; NULL ends one that has failed.
 * FALSE when there is one that works. */
gboolean _vl_recorder_set_file (VlLiveCore *core, GFile *file);

/* Whether writes are recorded, or will be. */
gboolean _vl_recorder_is_on (VlLiveCore *core);

/* A write is in the queue, as its last: it has to be recorded before it is
 * sent. */
void _vl_recorder_begin (VlLiveCore *core, VlWrite *write);
/* Records those that waited for the journal to be open. */
void _vl_recorder_record_all (VlLiveCore *core);
/* Fails those that wait for the journal, which cannot be used. */
void _vl_recorder_refuse_all (VlLiveCore *core);

/* What became of a write; nothing when it is not in the journal. */
void _vl_recorder_note_waiting (VlLiveCore *core, VlWrite *write);
void _vl_recorder_note_rebased (VlLiveCore *core, VlWrite *write);
void _vl_recorder_note_discarded (VlLiveCore *core, VlWrite *write);
void _vl_recorder_note_ended (VlLiveCore *core, VlWrite *write);
/* Others have joined it: not to be sent until that is on the disk. */
void _vl_recorder_note_joined (VlLiveCore *core, VlWrite *write);
/* One that had joined another stands for itself again. */
void _vl_recorder_note_parted (VlLiveCore *core, VlWrite *write);
/* A failed write gets in line again. TRUE when it has to be recorded first. */
gboolean _vl_recorder_note_retried (VlLiveCore *core, VlWrite *write);

/* Sends, once it is on the disk that this may have been applied; at once when
 * the target knows what it has applied. Consumes the send. */
void _vl_recorder_send_out (VlLiveCore *core, VlSend *send, VlTable *target);
/* Fails those which an earlier run may have applied and that must not be sent
 * twice. TRUE when there were any. */
gboolean _vl_recorder_park_doubtful (VlLiveCore *core);

/* Whether the target, as far as it is known, knows what it has applied. */
gboolean _vl_recorder_is_for_idempotent (VlLiveCore *core);

/* Lets go of all that is in the journal and not sent: the next run has it. The
 * journal is given free when the last of it is answered. FALSE when there is
 * none. */
gboolean _vl_recorder_part (VlLiveCore *core);
/* Takes that back. */
void _vl_recorder_stay (VlLiveCore *core);
/* When the core has nothing left to record; `done` is called at home when the
 * file is free, perhaps before this returns. */
typedef void (*VlRecorderFunc) (gpointer user_data);
void _vl_recorder_close (VlLiveCore *core, VlRecorderFunc done, gpointer user_data);
/* After a write has settled: closes a journal that was parted with. */
void _vl_recorder_check_parted (VlLiveCore *core);

G_END_DECLS
