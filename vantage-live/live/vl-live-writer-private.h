/* vl-live-writer-private.h: the write queue
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-clock-private.h"
#include "../base/vl-lock-private.h"
#include "../table/vl-reply-private.h"
#include "vl-live-record-private.h"
#include "vl-live-retry-private.h"

G_BEGIN_DECLS

typedef struct _VlLiveCore VlLiveCore;

/* How a write ended, at home, once: with the record (nullable) as the master has
 * stored it, or as it is shown while the write has yet to be applied; or with
 * an error. */
typedef void (*VlWriteFunc) (VlWrite *write,
                             VlRecord *record,
                             const GError *error,
                             gpointer user_data);

typedef void (*VlWriterFunc) (gpointer user_data);

/* To tell whether anything has come between. */
typedef struct
{
  guint64 seq;        /* of the last fact */
  guint64 epoch;      /* of the gate */
  guint64 n_answered; /* by the reader */
} VlSentAt;

typedef struct
{
  /* From any thread, under the lock: the order of the writes is that in which
   * they got in here. */
  VlLock lock;
  GQueue intake;     /* of VlWrite, referenced */
  guint n_unsettled; /* in the intake, queued or sent */
  guint capacity;
  guint64 n_batches; /* numbers the calls of apply_many */

  /* Home only. */
  guint64 n_writes; /* numbers the writes */
  VlOrdering ordering;
  gboolean coalesce; /* patches to a record are sent as one */
  VlRetry retry;
  GQueue queue;         /* of VlWrite, referenced, by number: not sent, or to be sent again */
  struct _VlSend *sent; /* what is with the target, NULL = nothing */
  GPtrArray *late;      /* of VlSend: given up, but an answer would mean something */
  GQueue settling;      /* of VlSend: answered, in order; the cache is told first */
  gboolean preparing;   /* the first of the queue waits for a schema */
  gboolean is_marked;   /* the cache has the root marked open */
  gboolean is_unnoted;  /* or could not, and all went on the same: facts are none */
  gint64 mark_again;    /* when an event may try again to set it; monotonic */
  gboolean is_unsure;   /* a write that nobody has answered for may turn up yet */
  gboolean is_expected; /* a turn that looks into the intake is posted */
  guint64 written;      /* the epoch of the gate since the last write of ours */
  VlSentAt sent_at;     /* what was known when `sent` was sent */
  guint n_marking;      /* marks that were asked for and are not answered */
  gboolean has_callers; /* somebody waits for one of the queue, perhaps */
  gboolean pumping;     /* the loop over the queue is on the stack */
  gboolean is_settling; /* callers are hearing, on the stack */
  gint pump_depth;      /* of the main loop, when these began: who hears may turn it */
  gint settling_depth;
  GListStore *writes; /* those that are pending, or failed without a caller to tell */
  GQueue idle;        /* of IdleWaiter */
  guint64 n_waiters;  /* numbers them */
} VlWriter;

void _vl_writer_init (VlLiveCore *core);
void _vl_writer_dispose (VlLiveCore *core);

/* From any thread. Puts a write in line, or fails it at once when the queue is
 * full: then returns FALSE with the error, and `func` does not run. `batch` is
 * 0, or tells the writes of one batch, from _vl_writer_next_batch().
 * _vl_writer_go() has to follow, once all of a batch are in line: one that is
 * sent while the others are still on their way would go alone. */
gboolean _vl_writer_add (VlLiveCore *core, VlWrite *write, guint64 batch, GError **error);
void _vl_writer_go (VlLiveCore *core);
guint64 _vl_writer_next_batch (VlLiveCore *core);
/* At home: sends what can be sent in the next turn. */
void _vl_writer_look_again (VlLiveCore *core);
/* At home; elsewhere it does nothing. What is in line shows in the list. */
void _vl_writer_take_in (VlLiveCore *core);

/* At home. Withdraws a write that is not with the target. */
gboolean _vl_writer_withdraw (VlLiveCore *core, VlWrite *write);
/* At home. Gets a failed write in line anew, or one that waits to its turn. */
gboolean _vl_writer_retry (VlLiveCore *core, VlWrite *write);
/* At home. Takes a failed write off the list. */
void _vl_writer_forget (VlLiveCore *core, VlWrite *write);

/* vl-live-mark.c, at home. Sets the mark of the root; the queue goes on when it is
 * set. */
void _vl_writer_mark (VlLiveCore *core);
/* If there are facts that no mark stands for. Nobody waits for it. */
void _vl_writer_mark_facts (VlLiveCore *core);
/* If there is no reason for it any more. */
void _vl_writer_close_mark (VlLiveCore *core);
/* An invalidation takes the mark of the root away, that of a write which is on its
 * way too: TRUE when it has to be set again right behind it, before a later process
 * could find anything fresh. */
gboolean _vl_writer_unmark (VlLiveCore *core);

/* The target, or the master if there is none. */
VlTable *_vl_writer_get_target (VlLiveCore *core);

/* From any thread. */
guint _vl_writer_get_capacity (VlLiveCore *core);
void _vl_writer_set_capacity (VlLiveCore *core, guint capacity);
guint _vl_writer_get_n_unsettled (VlLiveCore *core);

/* vl-live-write-event.c, for the queue: tells the shells, the stream and other
 * cores of writes that were applied, or may have been. */
void _vl_writer_tell (VlLiveCore *core, GPtrArray *writes);
/* Whether a failure says that the master is as it was before, and as the cache
 * has it. Any other may have been applied, or proves the cache old. */
gboolean _vl_writer_changed_nothing (const GError *error);

/* At home, for vl-live-send.c. Whether writes are sent again when the target
 * cannot be reached. */
gboolean _vl_writer_answers_for (VlLiveCore *core);
/* Sends what can be sent. */
void _vl_writer_pump (VlLiveCore *core);
/* Those that somebody waits for, of a write and those that have joined it. */
void _vl_writer_list_callers (VlWrite *write, GPtrArray *writes);
/* Back to its place in the queue. */
void _vl_writer_put_back (VlLiveCore *core, VlWrite *write, VlWriteState state);
/* Out of the queue, with its reference; FALSE if it is not there. */
gboolean _vl_writer_take_out (VlLiveCore *core, VlWrite *write);
/* One that has failed and stands in the list, with a reference: it is to settle
 * anew, and counts as settled meanwhile. */
gboolean _vl_writer_take_back (VlLiveCore *core, VlWrite *write);
/* Those off the list that are settled now, in the order of the queue. */
void _vl_writer_list_settled (VlLiveCore *core, GPtrArray *writes);
/* Off the list, and out of the core's hands. */
void _vl_writer_let_go (VlLiveCore *core, VlWrite *write);
/* What writes are checked against, or NULL when nobody knows yet. */
VlSchema *_vl_writer_dup_target_schema (VlLiveCore *core);
/* Whether a loop that is on the stack goes on by itself. */
gboolean _vl_writer_is_looping (gboolean on_stack, gint depth);
void _vl_writer_log (VlLiveCore *core, VlWrite *write, const char *outcome);

/* For the queue: these have their result, and whoever waits for the last one hears. */
void _vl_writer_count_settled (VlLiveCore *core, guint n_settled);
void _vl_writer_check_idle (VlLiveCore *core);

/* At home: runs `func` when no write is unsettled. Returns a handle to give up
 * with, or 0 when it ran at once. */
guint64 _vl_writer_when_idle (VlLiveCore *core, VlWriterFunc func, gpointer user_data);
void _vl_writer_give_up (VlLiveCore *core, guint64 handle);

G_END_DECLS
