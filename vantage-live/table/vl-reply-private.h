/* vl-reply-private.h: how a request is sent and its answer comes home
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include "../vl-types.h"

G_BEGIN_DECLS

typedef enum
{
  VL_ANSWER_PAGE,
  VL_ANSWER_RECORD,
  VL_ANSWER_COUNT,
  VL_ANSWER_SCHEMA,
  VL_ANSWER_LOOKUP,
  VL_ANSWER_DONE,
  VL_ANSWER_BATCH,
} VlAnswerKind;

/* One item of a batch: a record, or an error; a conflict may have both. */
typedef struct
{
  VlRecord *record;
  GError *error;
  gboolean answered;
} VlBatchItem;

/* What is to be done when the caller hears of something else than the answer. */
typedef struct _VlUnheard VlUnheard;

void _vl_unheard_free (VlUnheard *self);
/* Does it; where the caller is. */
void _vl_unheard_tell (VlUnheard *self);

/* What a request ended with. Whoever is handed one steals what it keeps. */
typedef struct
{
  GError *error; /* set = it failed, and the rest is void but for a conflict's record */
  VlPage *page;
  VlRecord *record; /* of a conflict: as it is now, NULL = gone */
  VlSchema *schema;
  gint64 count;
  gboolean has_pending; /* of a record or a count, as a page says it of itself */
  gboolean is_stale;    /* likewise */
  gboolean fresh;
  guint64 lease;
  VlBatchItem *items; /* n_items of them */
  guint n_items;
  VlUnheard *unheard; /* nullable, and NULL with an error */
} VlAnswer;

/* Runs at home, once. What is left in `answer` afterwards is freed. */
typedef void (*VlAnswerFunc) (VlAnswer *answer, gpointer user_data);

typedef struct
{
  VlAnswerKind kind;
  gboolean may_be_done;  /* VL_ANSWER_RECORD: return_done() counts as a NULL record */
  guint n_items;         /* of a batch */
  const char *vfunc;     /* static, for messages: "list" */
  GType type;            /* of the object that was called, for messages */
  guint timeout;         /* milliseconds, 0 = none */
  VlError timeout_error; /* what a timeout is called */
  gboolean may_time_out; /* VL_ANSWER_LOOKUP: a miss without a lease is no error */
} VlReplyInfo;

/* One request on its way. A flight outlives the reply and what the reply was
 * handed to; it belongs to the context that was thread-default where the reply
 * was made, its home. */
typedef struct _VlFlight VlFlight;

/* Makes the reply for one call of a vfunc. `user_data` goes to `func` with the
 * answer, or to `drop` (nullable) when `func` is never going to run: after
 * _vl_flight_cancel(), or when the home context is gone. */
VlReply *_vl_reply_new (const VlReplyInfo *info,
                        VlAnswerFunc func,
                        gpointer user_data,
                        GDestroyNotify drop);

/* Not a reference. */
VlFlight *_vl_reply_get_flight (VlReply *reply);

/* To be called when the vfunc has returned; consumes `reply` and `error`. An
 * answer that is there already is taken at once: `func` runs inside this call
 * and NULL is returned. Otherwise, and if the vfunc has turned the context,
 * returns the flight, and `func` runs later, at home. */
VlFlight *_vl_reply_sent (VlReply *reply, gboolean returned, GError *error);

/* For a table that ran the vfunc's work elsewhere: what that returned counts as
 * if the vfunc had. From any thread; consumes `error`. */
void _vl_reply_worked (VlReply *reply, gboolean returned, GError *error);

/* Fails the call, or one change of a batch, as another table has failed: a
 * conflict takes its record along, any other error takes none. */
void _vl_reply_fail_with (VlReply *reply, VlRecord *record, const GError *error);
void _vl_reply_fail_nth_with (VlReply *reply, guint index, VlRecord *record, const GError *error);

/* For those who answer in C, instead of the reply's cancellable: `watch` runs at
 * home when nobody waits for the answer any more. There is one watch a reply.
 * FALSE when that is so already: then `watch` does not run, and `user_data` stays
 * the caller's. From any thread. */
typedef void (*VlReplyWatch) (gpointer user_data);
gboolean _vl_reply_watch (VlReply *reply,
                          VlReplyWatch watch,
                          gpointer user_data,
                          GDestroyNotify free_func);
/* Drops the watch; one that runs on another thread just now goes on. */
void _vl_reply_unwatch (VlReply *reply);

/* For those who answer while what they answer for goes on: `func` is called at the
 * caller's if that has cancelled by the time it asks for the answer, and hears that
 * instead. Not if it cancels before there is one, which is for those who watch. To
 * be called before the answer, once. */
void _vl_reply_set_unheard (VlReply *reply,
                            VlReplyWatch func,
                            gpointer user_data,
                            GDestroyNotify free_func);

/* At home. Fires the reply's cancellable and ends the flight: `func` does not
 * run. Consumes the reference; does nothing to a flight that has ended. */
void _vl_flight_cancel (VlFlight *flight);
VlFlight *_vl_flight_ref (VlFlight *flight);
void _vl_flight_unref (VlFlight *flight);

void _vl_answer_clear (VlAnswer *answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlFlight, _vl_flight_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VlAnswer, _vl_answer_clear)

G_END_DECLS
