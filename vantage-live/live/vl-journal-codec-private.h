/* vl-journal-codec-private.h: what a journal says of writes, as bytes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

/* A note begins with its kind, its version, the state of what it records, and
 * zeros up to 8 bytes. A variant in normal form follows, little-endian on every
 * machine:
 *
 *   recorded   (tyyaymaymRmRm(stu))  number, kind, origin, uid, id, record, base,
 *                                    key and window of the query
 *   merged     (at...)               numbers that it stands for, too, and all
 *                                    of the above
 *   state      (tyum(sis))         number, state, attempts, error
 *   settled    (tym(ss))           number, outcome, provisional and real id
 *   renamed    (ss)                provisional and real id
 *
 * R, a record, is (msmsa(sv)): its id, the field of an integer id that is one,
 * and the fields. There a variant field is (say): its type and its bytes. */
typedef enum
{
  VL_NOTE_RECORDED = 'R',
  VL_NOTE_MERGED = 'M',
  VL_NOTE_STATE = 'S',
  VL_NOTE_SETTLED = 'E',
  VL_NOTE_RENAMED = 'N',
} VlNoteKind;

/* The numbers are written: never change them. */
typedef enum
{
  VL_JOURNALED_QUEUED = 0,          /* was not sent since it was recorded or put in line again */
  VL_JOURNALED_SENT = 1,            /* may have been applied: nobody knows */
  VL_JOURNALED_PARKED = 2,          /* has failed, and waits for somebody to decide */
  VL_JOURNALED_PARKED_IN_DOUBT = 3, /* likewise, and may have been applied before */
  VL_N_JOURNALED,
} VlJournaledState;

static inline gboolean
_vl_journaled_state_is_parked (VlJournaledState state)
{
  return state == VL_JOURNALED_PARKED || state == VL_JOURNALED_PARKED_IN_DOUBT;
}

typedef enum
{
  VL_SETTLED_APPLIED = 0,
  VL_SETTLED_FAILED = 1,
  VL_SETTLED_DISCARDED = 2,
  VL_N_SETTLED,
} VlSettledOutcome;

/* What bytes were found to say; what does not belong to its kind is NULL or 0. */
typedef struct
{
  VlNoteKind kind;
  guint64 number;
  VlChange *change;
  GArray *others;         /* of guint64 */
  VlJournaledState state; /* QUEUED or SENT, when it is recorded */
  guint attempts;
  GError *error;
  VlSettledOutcome outcome;
  char *from; /* a provisional id */
  char *to;   /* and the one that took its place */
} VlNote;

/* SENT: it may be sent without a note that says so. */
GBytes *_vl_note_recorded (guint64 number, VlChange *change, VlJournaledState state);
GBytes *_vl_note_merged (guint64 number, GArray *others, VlChange *change);
GBytes *_vl_note_state (guint64 number,
                        VlJournaledState state,
                        guint attempts,
                        const GError *error);
GBytes *_vl_note_settled (guint64 number,
                          VlSettledOutcome outcome,
                          const char *from,
                          const char *to);
GBytes *_vl_note_renamed (const char *from, const char *to);

/* VL_ERROR_CORRUPT for anything that none of the above makes. */
gboolean _vl_note_read (VlNote *self, GBytes *bytes, GError **error);
void _vl_note_clear (VlNote *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VlNote, _vl_note_clear)

G_END_DECLS
