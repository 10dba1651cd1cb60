/* vl-live-core-private.h: what the shells of one cached table share
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-clock-private.h"
#include "../base/vl-handoff-private.h"
#include "../base/vl-lock-private.h"
#include "../base/vl-thread-private.h"
#include "../cache/vl-cache.h"
#include "../stream/vl-live-event.h"
#include "../stream/vl-live-stream.h"
#include "../table/vl-reply-private.h"
#include "../table/vl-table-private.h"
#include "vl-live-facts-private.h"
#include "vl-live-gate-private.h"
#include "vl-live-hold-private.h"
#include "vl-live-linger-private.h"
#include "vl-live-network-private.h"
#include "vl-live-overlay-private.h"
#include "vl-live-position-private.h"
#include "vl-live-reader-private.h"
#include "vl-live-record-private.h"
#include "vl-live-repair-private.h"
#include "vl-live-stats-private.h"
#include "vl-live-writer-private.h"

G_BEGIN_DECLS

/* A master and a cache under one key: the state behind one or more live
 * tables. It is entered only on its home thread; what other threads may touch
 * is the inbox and the intake of the writer. Four machines, a file each:
 *
 *  - the gate (vl-live-gate.c) invalidates the root and knows when the cache
 *    may be asked;
 *  - a fetch (vl-live-fetch.c) brings what the cache or the master has under a
 *    key, and the reader (vl-live-reader.c) decides who is given what of it;
 *  - the writer (vl-live-writer.c) sends writes in order;
 *  - the schema (vl-live-schema.c) asks the master what it is.
 *
 * And the position (vl-live-position.c) knows whether the first word of the
 * stream is still to come, without which copies of an earlier run are not fresh.
 *
 * Each call out of the core, to a cache, a master or a caller, is made with a
 * reference to it held. */
typedef struct _VlLiveCore VlLiveCore;

/* Runs at home, with the schema or an error, perhaps before
 * _vl_live_core_need_schema() returns. */
typedef void (*VlSchemaFunc) (VlSchema *schema, const GError *error, gpointer user_data);

/* What a core tells its shells, at home. */
typedef struct
{
  void (*changed) (gpointer shell, VlLiveEvent *event);
  void (*write_failed) (gpointer shell, VlWrite *write);
  void (*writes_changed) (gpointer shell);
  void (*schema_changed) (gpointer shell, VlSchema *schema);
  VlConflictPolicy (*conflict) (gpointer shell,
                                VlWrite *write,
                                VlRecord *current,
                                VlConflictPolicy policy);
  void (*state_changed) (gpointer shell);
  void (*journal_changed) (gpointer shell);
  void (*setting_changed) (gpointer shell, const char *name);
} VlShellFuncs;

typedef struct
{
  VlSchema *schema;    /* the last one known, stored or answered; NULL = none */
  guint64 fingerprint; /* its own: what each hit asks of it */
  gboolean has_windows;
  gboolean described; /* the master itself has answered in this process */
  gboolean asking;    /* describe is under way, or what it said waits to be acted upon */
  gboolean looking;   /* the cache is asked for the stored one */
  VlSchema *heard;    /* what describe said meanwhile */
  gint64 asked_at;    /* monotonic, of the last describe */
  VlFlight *flight;
  GQueue waiters; /* of SchemaWaiter: who cannot go on without a schema */
} VlLiveSchema;

struct _VlLiveCore
{
  gint ref_count;     /* atomic; the last step down is taken under the registry's lock */
  gboolean is_listed; /* under the registry's lock */
  gint n_shells;      /* atomic: shells that are there */

  /* Never change. */
  VlHandoff *home;
  gconstpointer home_thread; /* see _vl_thread_self() */
  gboolean home_is_default;  /* its context is the default one */
  VlTable *master;
  char *identity; /* of the master, NULL = none */
  char *cache_key;
  VlCache *cache;
  VlCacheInterface *cache_iface; /* looked up once, for peeks */
  const char *root;              /* from _vl_name_get() */
  VlLiveStream *stream;          /* of the changed events, for a live table above */

  /* From any thread, under the lock. */
  VlLock inbox_lock;
  GQueue inbox;      /* of VlLiveWord: heard, not acted upon */
  gint inbox_filled; /* atomic hint: the inbox is not empty */

  VlLock sources_lock;
  GPtrArray *sources; /* of VlLiveSource, under its lock */
  gpointer first;     /* under the lock: the one whose positions count, or NULL */

  /* Home only from here on. */
  GPtrArray *shells; /* of ShellEntry */
  GPtrArray *told;   /* of VlLiveEvent: what `changed` tells in the turn that is posted */
  gulong invalidated_handler;
  VlTable *write_target; /* NULL = the master */
  char *target_identity; /* of the write target; under the registry's lock */
  guint timeout;         /* milliseconds, 0 = none */
  gboolean optimistic;
  VlInvalidation invalidation;
  VlConflictPolicy conflict_policy;
  guint settle_time;     /* milliseconds, 0 = none */
  gboolean has_surgical; /* pages are cached that only facts make right */
  VlLiveStats *stats;
  VlFacts *facts;
  VlOverlay *overlay;
  VlLiveSchema schema;
  VlGate gate;
  VlLivePosition position;
  VlLiveHold hold;
  GQueue lingering; /* of what vl-live-linger.c knows, oldest first */
  VlRepair *repair; /* under way, NULL = none */
  VlLiveNetwork network;
  VlReader reader;
  VlWriter writer;
  VlRecorder recorder;
};

/* The core of a master, a cache key, a cache and the calling thread's context:
 * the one that is there, or a new one. */
VlLiveCore *_vl_live_core_get (VlTable *master, const char *cache_key, VlCache *cache);
VlLiveCore *_vl_live_core_ref (VlLiveCore *self);
/* For those who know a core without holding it, at home: FALSE when it is
 * about to go. */
gboolean _vl_live_core_try_ref (VlLiveCore *self);
/* From any thread; the core goes at home. */
void _vl_live_core_unref (VlLiveCore *self);
/* Whether a call may go on at once: what it sends is answered in the context
 * that is thread-default here. On the home thread that is another one while the
 * application has pushed its own; such a call is brought home like that of
 * another thread. FALSE once the home context has gone. */
gboolean _vl_live_core_is_home (VlLiveCore *self);
/* Whether this is the thread of home, for what sends nothing. */
gboolean _vl_live_core_is_home_thread (VlLiveCore *self);

void _vl_live_core_add_shell (VlLiveCore *self, GObject *shell, const VlShellFuncs *funcs);
/* From any thread: one of the shells is going. */
void _vl_live_core_remove_shell (VlLiveCore *self);
/* From any thread. */
gboolean _vl_live_core_has_shells (VlLiveCore *self);

/* From any thread: puts the event into the inbox, where the next read finds
 * it. */
void _vl_live_core_hear (VlLiveCore *self, VlLiveEvent *event);
/* The same for any word, of a stream that is listened to. */
void _vl_live_core_hear_word (VlLiveCore *self,
                              VlWordKind kind,
                              VlLiveEvent *event,
                              const char *position);
/* At home, before anything is read or peeked at: acts upon the inbox. */
void _vl_live_core_drain (VlLiveCore *self);
/* At home: acts upon words, which are consumed. */
void _vl_live_core_act_upon (VlLiveCore *self, GQueue *words);
/* At home: the event turned out to be one, after it had left the inbox. */
void _vl_live_core_act (VlLiveCore *self, VlLiveEvent *event);

/* At home: tells the shells in the next turn, merged, and the stream now. */
void _vl_live_core_tell (VlLiveCore *self, VlLiveEvent *event);
/* Likewise, that something else was fetched than was cached. */
void _vl_live_core_tell_refreshed (VlLiveCore *self);
/* The shells alone. */
void _vl_live_core_tell_shells (VlLiveCore *self, VlLiveEvent *event);
void _vl_live_core_tell_schema_changed (VlLiveCore *self);
void _vl_live_core_tell_write_failed (VlLiveCore *self, VlWrite *write);
void _vl_live_core_tell_writes_changed (VlLiveCore *self);
void _vl_live_core_tell_state_changed (VlLiveCore *self);
void _vl_live_core_tell_journal_changed (VlLiveCore *self);
/* From any thread, about a property that all shells have from the core; the name
 * is not copied. At home they have been told when this returns. */
void _vl_live_core_tell_setting_changed (VlLiveCore *self, const char *name);
/* At home: what the policy is for a write whose base is old; the shells may
 * decide it case by case. */
VlConflictPolicy _vl_live_core_ask_about_conflict (VlLiveCore *self,
                                                   VlWrite *write,
                                                   VlRecord *current);
/* At home: tells the other cores over the same table. */
void _vl_live_core_tell_others (VlLiveCore *self, VlLiveEvent *event);

/* At home: after a setting has changed that decides whether there are facts. */
void _vl_live_core_check_facts (VlLiveCore *self);
void _vl_live_core_set_write_target (VlLiveCore *self, VlTable *write_target);

/* At home. */
void _vl_live_core_need_schema (VlLiveCore *self, VlSchemaFunc func, gpointer user_data);
void _vl_live_schema_init (VlLiveCore *self);
void _vl_live_schema_dispose (VlLiveCore *self);
/* After the root was erased: the schema is to be found there nevertheless. */
void _vl_live_schema_keep (VlLiveCore *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlLiveCore, _vl_live_core_unref)

/* At home. Whether a page that the cache calls fresh can be taken for it. */
static inline gboolean
_vl_live_core_trusts (VlLiveCore *self, const char *key, VlPage *page)
{
  return G_LIKELY (self->position.trust == VL_TRUST_ALL) ||
         _vl_live_position_is_own (self, key, page);
}

G_END_DECLS
