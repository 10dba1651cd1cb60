/* sim.h: one run of the simulation, and its parts
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#include "sim-random.h"
#include "sim-write.h"

G_BEGIN_DECLS

/* One thread, one main context, a clock that stands still unless told to go
 * on. A seed makes the world and a list of steps; each step is an operation of
 * somebody who uses the live tables, or a move of the scheduler: a turn of the
 * main context, a reply that is answered, time that passes. Nothing happens
 * between the steps. What a step does depends on its numbers and on the state
 * it finds, never on other steps, so that any of them can be left out. */

typedef struct _Sim Sim;
typedef struct _SimCall SimCall;
typedef struct _SimDisk SimDisk;
typedef struct _SimJournal SimJournal;
typedef struct _SimList SimList;
typedef struct _SimRequest SimRequest;
typedef struct _SimShell SimShell;

#define SIM_N_NAMED 20 /* of those: users call them by name; the master gives the rest */
#define SIM_N_CORES 2
#define SIM_OPS     300 /* operations of users in a run */

GArray *sim_data_new (void);
guint sim_data_get_version (GArray *data);
const SimVersion *sim_data_peek (GArray *data, guint version);
SimVersion *sim_data_begin (GArray *data, gint64 now);
guint sim_data_version_before (GArray *data, gint64 time);
guint sim_data_select (GArray *data, guint version, const SimQuery *query, guint *slots);
void sim_query_read (SimQuery *self, VlQuery *query);
VlQuery *sim_query_make (const SimQuery *self, guint64 offset, guint limit);
const char *sim_id (guint slot);
gboolean sim_id_parse (const char *id, guint *slot);
VlRecord *sim_row_to_record (const SimRow *row, guint slot);
void sim_row_read (SimRow *row, VlRecord *record);
void sim_row_patch (SimRow *row, const SimWrite *write);
VlPage *sim_rows_to_page (VlSchema *schema,
                          const SimVersion *version,
                          const guint *slots,
                          guint n_slots,
                          gint64 total);

/* Replies that the master and the cache have kept. */

typedef enum
{
  SIM_DESCRIBE,
  SIM_LIST,
  SIM_FIND,
  SIM_COUNT,
  SIM_APPLY,
  SIM_BATCH,
  SIM_LOOKUP,
  SIM_STORE,
  SIM_REMOVE,
  SIM_INVALIDATE,
  SIM_CLEAR,
  SIM_GET_LEASE,
  SIM_OPEN,
  SIM_CLOSE,
} SimRequestKind;

struct _SimRequest
{
  SimRequestKind kind;
  guint number;
  guint step; /* when it came */
  gint64 time;
  VlReply *reply;
  GCancellable *cancellable;
  gboolean to_target; /* not to the master */
  gboolean executed;  /* it has had its effect, or seen what it will tell */
  gboolean answered;
  gint64 deadline; /* when its caller stops waiting */

  /* Of the master. */
  SimCore *core;
  guint64 key; /* of a read: equal for equal questions */
  gboolean was_cancelled;
  gboolean waited; /* of a read: somebody was waiting when it came */
  SimQuery query;
  guint64 offset;
  guint limit;
  guint slot;
  guint version;      /* that a read has seen */
  GPtrArray *writes;  /* of SimWrite, in the order of the batch */
  GPtrArray *changes; /* of VlChange */
  guint n_changes;    /* of those are in the batch; the others have joined one of them */
  GArray *outcomes;   /* of SimOutcome */
  gboolean expired;   /* nobody waits any more */

  /* Of the cache. */
  gpointer cache; /* referenced */
  char *root;
  char *name; /* of the entry */
  VlPage *page;
  guint64 lease;
  gboolean fresh;
};

SimRequest *sim_request_new (Sim *sim, SimRequestKind kind, VlReply *reply);
void sim_request_free (gpointer data);
const char *sim_request_kind_name (SimRequestKind kind);

/* What the users do, and the scheduler. */

typedef enum
{
  SIM_OP_LIST,
  SIM_OP_FIND,
  SIM_OP_COUNT,
  SIM_OP_FIRST,
  SIM_OP_FIND_MANY,
  SIM_OP_REFRESH,
  SIM_OP_PEEK_PAGE,
  SIM_OP_PEEK_RECORD,
  SIM_OP_INSERT,
  SIM_OP_REPLACE,
  SIM_OP_PATCH,
  SIM_OP_DELETE,
  SIM_OP_DELETE_ALL,
  SIM_OP_APPLY_MANY,
  SIM_OP_WRITE,
  SIM_OP_INVALID_WRITE,
  SIM_OP_CANCEL,
  SIM_OP_CANCEL_WRITE,
  SIM_OP_CHANGE_ELSEWHERE,
  SIM_OP_PUSH,
  SIM_OP_INVALIDATE,
  SIM_OP_CLEAR,
  SIM_OP_CONFIGURE,
  SIM_OP_OPEN_TABLE,
  SIM_OP_DROP_TABLE,
  SIM_OP_ADD_STREAM,
  SIM_OP_CLOSE,
  SIM_OP_OPEN_LIST,
  SIM_OP_USE_LIST,
  SIM_N_USER_OPS,

  SIM_OP_TURN = SIM_N_USER_OPS,
  SIM_OP_ADVANCE,
  SIM_OP_MASTER_EXECUTE,
  SIM_OP_MASTER_ANSWER,
  SIM_OP_MASTER_FAIL,
  SIM_OP_MASTER_DROP,
  SIM_OP_MASTER_FORGET,
  SIM_OP_MASTER_GOES,
  SIM_OP_MASTER_COMES,
  SIM_OP_CACHE_EXECUTE,
  SIM_OP_CACHE_ANSWER,
  SIM_OP_CACHE_FAIL,
  SIM_OP_CACHE_FORGET,
  SIM_OP_CACHE_EVICT,
  SIM_OP_CACHE_ELSEWHERE,
  SIM_OP_DISK_WORK,
  SIM_OP_DISK_PROBE,
  SIM_OP_JOURNAL_WORK,
  SIM_OP_JOURNAL_FAILS,
  SIM_OP_JOURNAL_MENDS,
  SIM_OP_PROGRAM_ENDS,
  SIM_OP_PROGRAM_CRASHES,
  SIM_OP_STREAM_DELIVER,
  SIM_OP_STREAM_LIVE,
  SIM_OP_STREAM_END,
  SIM_N_OPS,
} SimOp;

typedef struct
{
  SimOp op;
  guint32 a, b, c, d;
} SimStep;

const char *sim_op_name (SimOp op);

/* The world that a seed makes. */

typedef enum
{
  SIM_CACHE_SIM,
  SIM_CACHE_MEMORY,
  SIM_CACHE_NULL,
  SIM_CACHE_DISK,
  SIM_N_CACHES, /* as the seed decides */
} SimCacheKind;

typedef struct
{
  SimCacheKind cache;
  gboolean cache_peeks;
  gboolean cache_has_marks; /* of SimCache: open and close */
  guint64 memory_budget;
  guint64 disk_budget;
  guint disk_batch;    /* requests in a transaction, 0 = many */
  gboolean follows;    /* live tables listen to the master's stream */
  gboolean connecting; /* the stream has a source to connect to */
  gboolean positions;  /* which knows where it is */
  gboolean has_target; /* writes go elsewhere (over the same data) */
  gboolean has_window;
  gboolean has_batch;
  gboolean has_total;
  gboolean has_delete_all;
  guint timeout; /* milliseconds */
  guint capacity;
  guint early;           /* percent of the calls that a master answers at once */
  guint cache_early;     /* likewise, of a cache */
  guint echo;            /* percent of our own writes that the stream tells of */
  guint calm;            /* percent of the changes that do not happen */
  gboolean is_narrow;    /* few questions, asked often */
  gboolean two_contexts; /* some call from another main context */
  gboolean revalidates;  /* some read stale while revalidating */
  gboolean faults;       /* masters and caches fail */
  guint32 optimistic;    /* a set of cores */
  guint32 surgical;      /* likewise */
  gboolean is_strict;
  gboolean is_idempotent; /* masters know a change by its uid */
  gboolean checks_base;
  gboolean assigns_ids;
  gboolean goes_on; /* users change what they have made before it has an id */
  VlConflictPolicy policy;
  gboolean decides;   /* users are asked about conflicts */
  gboolean coalesces; /* patches to a record are sent as one */
  guint retry_floor;  /* milliseconds */
  guint retry_cap;
  guint settle_time;
  gboolean has_journal;
  gboolean journal_fails; /* its disk does, for a while */
  gboolean has_lists;
  guint32 disabled; /* a set of SimOp of users */
} SimConfig;

/* Things that should happen in some runs. */
typedef enum
{
  SIM_COUNT_READS,
  SIM_COUNT_WRITES,
  SIM_COUNT_FETCHES,
  SIM_COUNT_HITS,
  SIM_COUNT_JOINED,
  SIM_COUNT_OVERTAKEN,
  SIM_COUNT_STALE_HITS,
  SIM_COUNT_FALLBACKS,
  SIM_COUNT_RESTARTED,
  SIM_COUNT_RESTS,
  SIM_COUNT_REFUSED_FILLS,
  SIM_COUNT_CANCELLED_READS,
  SIM_COUNT_CANCELLED_FETCHES,
  SIM_COUNT_WITHDRAWN,
  SIM_COUNT_CANCELLED_SENT,
  SIM_COUNT_IN_DOUBT,
  SIM_COUNT_LATE,
  SIM_COUNT_REFUSED,
  SIM_COUNT_CONFLICTS,
  SIM_COUNT_RELEASED,
  SIM_COUNT_SENT_AGAIN,
  SIM_COUNT_PASSED,
  SIM_COUNT_BARRIERS,
  SIM_COUNT_RETRIED,
  SIM_COUNT_DISCARDED,
  SIM_COUNT_FAILED_LATER,
  SIM_COUNT_SHOWN,
  SIM_COUNT_SHOWN_EXACTLY,
  SIM_COUNT_ROLLBACKS,
  SIM_COUNT_RENAMES,
  SIM_COUNT_TO_NEW,
  SIM_COUNT_TO_RENAMED,
  SIM_COUNT_UNSTORED,
  SIM_COUNT_READ_NEW,
  SIM_COUNT_TORN,
  SIM_COUNT_QUEUE_FULL,
  SIM_COUNT_QUEUE_FULL_NOTED,
  SIM_COUNT_DECIDED,
  SIM_COUNT_BATCHES,
  SIM_COUNT_COALESCED,
  SIM_COUNT_MIXED,
  SIM_COUNT_BYPASSED,
  SIM_COUNT_GAPS,
  SIM_COUNT_EVENTS,
  SIM_COUNT_PEEKS,
  SIM_COUNT_NESTED,
  SIM_COUNT_LAST_UNREF,
  SIM_COUNT_TIMEOUTS,
  SIM_COUNT_CLOSES,
  SIM_COUNT_CRASHES,
  SIM_COUNT_CRASHES_WRITING,
  SIM_COUNT_WRITTEN_UNHEARD,
  SIM_COUNT_WRITTEN_AFTER,
  SIM_COUNT_JOBS_LOST,
  SIM_COUNT_REPLAYED,
  SIM_COUNT_UNRECORDED,
  SIM_COUNT_UNUSABLE,
  SIM_COUNT_CRASHES_FAILING,
  SIM_COUNT_LISTS,
  SIM_COUNT_EMISSIONS,
  SIM_COUNT_FRESH_AFTER,
  SIM_COUNT_STALE_AFTER,
  SIM_COUNT_MARKED_AFTER,
  SIM_COUNT_OLD_LEASES,
  SIM_COUNT_POSITIONS,
  SIM_COUNT_FRESH_AT_POSITION,
  SIM_COUNT_SURGICAL,
  SIM_COUNT_ABSORBED,
  SIM_N_COUNTS,
} SimCount;

const char *sim_count_name (SimCount count);
guint sim_count_get_share (SimCount count);

/* A live table. */
struct _SimShell
{
  Sim *sim;
  SimCore *core;
  guint number;
  guint step;         /* when it was opened */
  VlLiveTable *table; /* ours, NULL when we have dropped it */
  gboolean is_alive;
  gboolean follows;   /* listens to the master's stream */
  gboolean has_extra; /* listens to the extra stream */
  gboolean is_closed;
  VlReadPolicy policy;
  guint max_age;
  guint page_size;
  guint last_configured; /* the step */
  gboolean owes_changed;
  guint32 nested;
};

/* A read that was answered, and lands in a later turn. */
typedef struct
{
  guint64 key;
  guint began;    /* the step */
  guint answered; /* likewise */
} SimLanding;

/* What the live tables of one cache key share, as far as the oracle knows. */
struct _SimCore
{
  guint number;
  char *key;
  VlTable *master;
  VlTable *target;            /* NULL = the master */
  guint known;                /* the oldest version that may be shown as fresh */
  guint known_now;            /* the same when this turn began */
  guint known_before;         /* and when the turn before it began */
  guint last_cause;           /* the step of the last reason to invalidate */
  guint cause_pending;        /* the step of one that lands in a later turn, 0 = none */
  guint cause_turns;          /* in so many */
  guint n_settling;           /* writes that the master answered and nobody was told of */
  guint last_fault;           /* the step in which the master failed last */
  guint last_undescribed;     /* the step in which it could not be described last */
  gboolean is_undescribed[2]; /* the last describe of master, or target, has failed */
  gboolean fault_pending;     /* one of them lands in the next turn */
  guint n_reads;              /* that wait for their callbacks */
  guint n_leaving;            /* of those: cancelled elsewhere, not yet at home */
  gboolean has_background;    /* somebody may refresh without waiting */
  GHashTable *overtaken;      /* key of a read to how often */
  GArray *landing;            /* of SimLanding: reads that were answered */
  GPtrArray *writes;          /* of SimWrite, in the order they were made */
  guint next_write;           /* all before it are over */
  guint first_write;          /* of this process */
  guint n_orders;             /* numbers the writes */
  gboolean has_sent;          /* a write: so the schema is known */
  guint last_waiting;         /* the step in which a write waited last */
  VlJournalState journal_state;
  guint n_taken_up;    /* numbers the writes that an earlier process has left, too */
  gint64 paused_until; /* the time until which the queue may rest */
  guint last_landed;   /* the moment when the master answered a write last, or was too late */
  guint last_held;     /* the step: what is told may have waited for an id */
  guint64 n_torn;      /* windows that it has given up */
  guint began;         /* the moment when it may have been made anew */
  gboolean is_optimistic;
  gboolean is_surgical;
  guint executed;       /* the version of the last write of ours in time */
  guint n_elsewhere;    /* invalidations that others wait for */
  guint last_elsewhere; /* the step in which one was asked for, or done */
  guint elsewhere;      /* the version when the first of them was asked for */
  gboolean gap_is_open; /* it was live at a position, and the cache has not said at which before */
  gboolean gap_closes;  /* it has */
  gboolean awaits_word; /* of the stream: is anything missed? */
  guint durable;        /* what an earlier process cannot have left as fresh is older */
  /* For each record, the version of it that has to be known at least; and the
   * last that was written by one of us. Only under surgical invalidation. */
  guint rows_known[SIM_N_IDS];
  guint rows_written[SIM_N_IDS];
};

/* A call of a live table. */
struct _SimCall
{
  Sim *sim;
  SimOp op;
  guint number;
  guint step;
  guint moment;
  gint64 time;
  SimShell *shell;
  SimCore *core;
  GCancellable *cancellable;
  GMainContext *context; /* where it was made and is called back */
  gboolean has_returned;
  gboolean cancelled;
  gboolean done;
  gboolean was_in_doubt; /* that is how it ended */
  guint32 nested;

  guint known;
  gboolean was_undescribed;
  gboolean was_resting; /* keys of the core rested when it began */
  gboolean awaited_word;
  VlReadPolicy policy;
  guint max_age;
  guint page_size;
  SimQuery query;
  guint64 offset;
  guint limit;
  guint slot;
  SimWrite *made; /* asks for the record of this write by the id from before, NULL = by its id */
  guint slots[4];
  guint n_slots;
  gboolean must_match;         /* when all is quiet: fresh, and the last version */
  guint rows_known[SIM_N_IDS]; /* of the core, when it began */

  GPtrArray *writes;
};

struct _Sim
{
  guint64 seed;
  SimConfig config;
  GArray *steps;           /* of SimStep */
  SimRandom random;        /* for what cannot be in a step */
  GMainContext *context;   /* the home of all live tables */
  GMainContext *elsewhere; /* another one, of the same thread */
  GPtrArray *leaving;      /* of SimWrite: cancelled there, not yet at home */
  GArray *data;
  VlSchema *schema;
  guint step;
  guint moment;      /* numbers what happens within the steps */
  guint turn;        /* the moment when this turn of the context at home began */
  guint turn_before; /* and the one before it */
  guint n_given;     /* ids that the master has given */
  gboolean is_away;  /* the master cannot be reached */
  gboolean is_quiet; /* nobody fails any more */
  gboolean in_turn;
  gboolean in_push;
  gboolean is_opening;  /* a live table is being made */
  gboolean is_crashing; /* the process is gone: what still happens is of no matter */
  gboolean trace;
  gboolean prints;
  gboolean failed;
  guint nesting;
  char *failure;
  guint64 digest; /* of the trace */

  VlCache *cache;
  SimDisk *disk;       /* NULL unless the cache is on disk */
  SimJournal *journal; /* NULL = none */
  gint64 opened;       /* when this process began: real time, 0 = it is the first */
  GPtrArray *leases;   /* of what sim-probe.c knows */
  guint n_asked;       /* numbers them */
  VlLiveStream *stream;
  VlLiveStream *extra;
  gboolean stream_wanted; /* the stream wants its source */
  gboolean stream_live;
  gboolean stream_lost; /* there are changes that it will not tell of */
  guint stream_base;    /* the version that it became live at */
  GPtrArray *events;    /* of VlLiveEvent, not delivered */

  SimCore cores[SIM_N_CORES];
  GPtrArray *lists;           /* of SimList */
  guint n_lists;              /* numbers them */
  guint in_get_item;          /* of one */
  GPtrArray *shells;          /* of SimShell */
  GPtrArray *calls;           /* of SimCall */
  GPtrArray *writes;          /* of SimWrite */
  GPtrArray *master_requests; /* of SimRequest, not answered */
  GPtrArray *cache_requests;
  GPtrArray *forgotten; /* of SimRequest, that will not be answered */
  guint n_requests;
  guint n_watched; /* objects that are not finalized */
  gint last_w;
  guint64 counts[SIM_N_COUNTS];
};

/* sim-run.c */
typedef struct
{
  gboolean trace;     /* prints all that happens */
  gboolean digests;   /* boils it down to a number */
  SimCacheKind cache; /* SIM_N_CACHES = as the seed decides */
  const guint8 *skip; /* for each step whether it is left out; NULL = none */
} SimOptions;

typedef struct
{
  guint64 counts[SIM_N_COUNTS];
  guint64 digest;
} SimResult;

char *sim_run (guint64 seed, const SimOptions *options, SimResult *result);
guint sim_count_steps (guint64 seed, const SimOptions *options);
void sim_log (Sim *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
void sim_fail (Sim *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
void sim_watch (Sim *self, gpointer object);
void sim_turn (Sim *self);
void sim_turn_elsewhere (Sim *self);
void sim_check_home (Sim *self, const char *who);
void sim_advance (Sim *self, gint64 microseconds);
void sim_fall_quiet (Sim *self);

/* sim-process.c: the program with its live tables, that ends and begins again. */
void sim_process_begin (Sim *self);
void sim_process_let_go (Sim *self);
void sim_process_forget (Sim *self);
void sim_process_close (Sim *self, const SimStep *step);
void sim_process_crash (Sim *self, const SimStep *step);

/* sim-world.c: what a seed decides. `cache` is SIM_N_CACHES or what it is
 * to be. */
void sim_config_make (SimConfig *self, SimCacheKind cache, SimRandom *random);
GArray *sim_steps_make (const SimConfig *config, SimRandom *random);

/* sim-clock.c: microseconds. */
void sim_clock_reset (void);
void sim_clock_stop (void);
gint64 sim_clock_now (void);
gint64 sim_clock_real (void);
gboolean sim_clock_next (gint64 *due);
gboolean sim_clock_fire (gint64 until);

/* sim-master.c */
VlTable *sim_master_new (Sim *sim, SimCore *core, gboolean is_target);
void sim_master_execute (Sim *sim, SimRequest *request);
void sim_master_answer (Sim *sim, SimRequest *request);
void sim_master_fail (Sim *sim, SimRequest *request, guint32 how);
void sim_master_drop (Sim *sim, SimRequest *request);
void sim_master_change (Sim *sim, guint32 how);
VlSchema *sim_schema_new (const SimConfig *config);

/* sim-cache.c */
VlCache *sim_cache_new (Sim *sim);
void sim_cache_execute (Sim *sim, SimRequest *request);
void sim_cache_answer (Sim *sim, SimRequest *request);
void sim_cache_fail (Sim *sim, SimRequest *request, guint32 how);
void sim_cache_evict (Sim *sim, guint32 which);
void sim_cache_invalidate_elsewhere (Sim *sim, guint32 which);
void sim_cache_time_passes (Sim *sim, gint64 until);
void sim_cache_check_marks (Sim *sim);

/* sim-entry.c */
gboolean sim_entry_is_of (Sim *sim, const char *key, VlPage *page, guint oldest);

/* sim-disk.c: a cache on disk, whose thread works when it is told to. */
typedef struct
{
  char *root;
  char *key;
  SimCore *core;
  gboolean is_current; /* of the root's generation */
  gboolean is_here;    /* fresh for this process alone */
  gboolean is_marked;  /* the root is */
} SimDiskEntry;

SimDisk *sim_disk_new (Sim *sim);
void sim_disk_free (SimDisk *self);
VlCache *sim_disk_open (SimDisk *self);
guint sim_disk_count_jobs (SimDisk *self);
guint sim_disk_count_done (SimDisk *self);
guint64 sim_disk_get_generation (SimDisk *self, SimCore *core);
gboolean sim_disk_is_late (SimDisk *self);
void sim_disk_work (SimDisk *self);
void sim_disk_work_early (Sim *sim);
void sim_disk_check_whole (SimDisk *self);
void sim_disk_copy (SimDisk *self);
void sim_disk_become_copy (SimDisk *self);
void sim_disk_check_now (Sim *sim);
void sim_disk_forget_memory (SimDisk *self);
GPtrArray *sim_disk_dup_entries (SimDisk *self);
void sim_disk_entry_free (gpointer data);

/* sim-journal.c: the disk that the journals are on. */
typedef void (*SimJobFunc) (gpointer user_data);

SimJournal *sim_journal_new (Sim *sim);
void sim_journal_free (SimJournal *self);
void sim_journal_use (SimJournal *self, SimShell *shell);
gboolean sim_journal_push (gpointer executor, SimJobFunc func, gpointer user_data);
guint sim_journal_count_jobs (SimJournal *self);
guint sim_journal_count_pushed (SimJournal *self, const SimCore *core);
guint sim_journal_count_done (SimJournal *self, const SimCore *core);
void sim_journal_work (SimJournal *self, guint32 which);
void sim_journal_work_early (Sim *sim);
void sim_journal_fail (SimJournal *self, guint32 how);
gboolean sim_journal_fails (SimJournal *self);
void sim_journal_mend (SimJournal *self);
void sim_journal_stepped (SimJournal *self, const SimCore *core);
gboolean sim_journal_failed_since (SimJournal *self, const SimCore *core, guint step);
gboolean sim_journal_is_sound (SimJournal *self, const SimCore *core);
guint sim_journal_get_failed_at (SimJournal *self, const SimCore *core);
gboolean sim_journal_lands (SimJournal *self, const SimCore *core);
gboolean sim_journal_is_aside (SimJournal *self);
void sim_journal_crash (SimJournal *self, SimRandom *random);
void sim_journal_become_crashed (SimJournal *self);

/* sim-probe.c: somebody else who uses the cache on disk. */
void sim_probe_step (Sim *sim, const SimStep *step);
void sim_probe_invalidate (Sim *sim, SimCore *core, gboolean clears);
void sim_probe_invalidated (Sim *sim, SimCore *core);
void sim_probe_all (Sim *sim, GPtrArray *entries);

/* sim-stream.c */
VlLiveStream *sim_stream_new (Sim *sim);
void sim_stream_note (Sim *sim, VlLiveEventKind kind, guint slot, const SimRow *row);
void sim_stream_deliver (Sim *sim, guint32 which);
void sim_stream_push_now (Sim *sim, guint32 how);
void sim_stream_tell_late (Sim *sim);
void sim_stream_forget (Sim *sim);
void sim_stream_deliver_until (Sim *sim, guint version);
void sim_stream_gap (Sim *sim);
void sim_stream_set_live (Sim *sim);
void sim_stream_report (Sim *sim);
gboolean sim_stream_is_live (Sim *sim);
void sim_stream_end (Sim *sim, guint32 how);

/* sim-users.c: the operations. */
void sim_user_run (Sim *sim, const SimStep *step);
void sim_user_look (Sim *sim, const SimStep *step);
SimShell *sim_shell_open (Sim *sim, guint core, guint32 how);
void sim_shell_drop (SimShell *shell);
void sim_shell_configure (SimShell *shell, guint32 how);

/* sim-list.c: lists over the live tables, and views that look at them. */
void sim_list_open (Sim *sim, SimShell *shell, guint32 how);
void sim_list_use (Sim *sim, const SimStep *step);
void sim_list_free (gpointer data);
void sim_lists_check (Sim *sim);
void sim_lists_calm (Sim *sim);
void sim_lists_check_end (Sim *sim);

/* sim-reads.c and sim-writes.c: what users ask for. */
SimCall *sim_call_new (Sim *sim, SimShell *shell, const SimStep *step);
void sim_call_free (gpointer data);
void sim_call_begin (SimCall *call);
void sim_call_begun (SimCall *call);
gboolean sim_call_back (SimCall *call);
void sim_call_end (SimCall *call);
void sim_read_start (Sim *sim, SimShell *shell, const SimStep *step);
void sim_read_check_all (Sim *sim, SimShell *shell);
void sim_read_peek (Sim *sim, SimShell *shell, const SimStep *step);
void sim_write_start (Sim *sim, SimShell *shell, const SimStep *step);
void sim_write_cancel (Sim *sim, guint32 which);
void sim_write_manage (Sim *sim, SimShell *shell, const SimStep *step);
void sim_write_watch (Sim *sim, SimWrite *write);
void sim_write_take_up (Sim *sim, SimWrite *write, VlWrite *object);
void sim_write_free (gpointer data);
void sim_write_forget (SimWrite *write);
void sim_write_leave (Sim *sim, SimWrite *write);
void sim_write_apply (Sim *sim, SimWrite *write, VlChange *change, SimOutcome *outcome);
void sim_outcome_fail (SimOutcome *self, VlError code, const char *message);
void sim_outcome_copy (SimOutcome *self, const SimOutcome *other);
void sim_outcome_clear (gpointer data);
const char *sim_change_kind_name (VlChangeKind kind);

/* sim-oracle.c: what must hold. */
void sim_oracle_cause (Sim *sim, SimCore *core, gboolean lands_later);
void sim_oracle_known (Sim *sim, SimCore *core, guint version);
gboolean sim_oracle_overtaken_since (SimCore *core, guint step);
void sim_oracle_look_for_torn (Sim *sim, SimCore *core);
gboolean sim_oracle_is_resting (Sim *sim, SimCore *core);
void sim_oracle_turns (Sim *sim);
void sim_oracle_turned (Sim *sim);
void sim_oracle_time_passes (Sim *sim, gint64 until);
void sim_oracle_stepped (Sim *sim);
void sim_oracle_read_came (Sim *sim, SimRequest *request);
void sim_oracle_read_answered (Sim *sim, SimRequest *request);
void sim_oracle_cause_for_all (Sim *sim);
void sim_oracle_heard (Sim *sim, gboolean extra, VlLiveEvent *event, guint version);
void sim_oracle_live (Sim *sim);
void sim_oracle_invalidated (Sim *sim, SimCore *core);
void sim_oracle_opened (Sim *sim, SimShell *shell);
void sim_oracle_changed (SimShell *shell);
void sim_oracle_quiet (Sim *sim);

/* sim-oracle-reads.c */
void sim_oracle_page (SimCall *call, VlPage *page);
void sim_oracle_page_of_ids (SimCall *call, VlPage *page);
void sim_oracle_record (SimCall *call, guint slot, VlRecord *record);
void sim_oracle_first (SimCall *call, VlRecord *record);
void sim_oracle_number (SimCall *call, gint64 number);
void sim_oracle_read_error (SimCall *call, const GError *error);

/* sim-oracle-shown.c */
#define SIM_MAX_ROWS 64

typedef struct
{
  guint n;
  guint slots[SIM_MAX_ROWS]; /* SIM_N_IDS and more: the number of a new one's write */
  SimRow rows[SIM_MAX_ROWS];
} SimRows;

gboolean sim_oracle_may_show (SimCall *call);
void sim_oracle_shown_page (SimCall *call, VlPage *page, const SimRows *rows, guint oldest);
gboolean sim_oracle_may_be_settled (SimCall *call, guint oldest, guint slot, const SimRow *row);
gboolean sim_oracle_may_show_new (SimCall *call, const SimWrite *write, const SimRow *row);
void sim_oracle_shown_record (SimCall *call, guint slot, const SimRow *row, guint oldest);
void sim_oracle_shown_number (SimCall *call, gint64 number, guint oldest);

/* sim-mixed.c: rows of several versions. */
void sim_rows_know_all (SimCore *core, guint version);
void sim_row_written (SimCore *core, guint slot, guint version);
void sim_row_heard (Sim *sim, SimCore *core, guint slot, guint version, gboolean is_held);
guint sim_row_get_oldest (const SimCall *call, guint slot, guint oldest);
gboolean sim_mixed_is_page (SimCall *call, const SimRows *rows, guint oldest);
void sim_mixed_count (SimCall *call, guint oldest, guint *least, guint *most);
gboolean sim_mixed_is_entry (Sim *sim,
                             const SimQuery *query,
                             VlPage *page,
                             guint first,
                             guint size,
                             guint oldest);

/* sim-oracle-queue.c: what is sent, and when. */
gboolean sim_core_answers_for (const Sim *sim, const SimCore *core);
void sim_oracle_write_made (Sim *sim, SimCore *core);
void sim_oracle_write_came (Sim *sim, SimRequest *request);
void sim_oracle_write_answered (Sim *sim, SimRequest *request);
void sim_oracle_write_expired (Sim *sim, SimRequest *request);
void sim_oracle_write_settles (Sim *sim, SimWrite *write);
void sim_oracle_writes_pass (Sim *sim, gint64 until);
void sim_oracle_writes_turned (Sim *sim);
gboolean sim_oracle_is_look (const SimRequest *request);
gboolean sim_write_may_wait (const SimWrite *write);
gboolean sim_write_is_of (const SimWrite *write, VlChange *change);
SimWrite *sim_write_of (SimCore *core, VlChange *change);
SimWrite *sim_write_of_row (SimCore *core, gint w);

/* sim-conflict.c: users who decide about conflicts. */
void sim_conflict_watch (SimShell *shell);
gboolean sim_conflict_is_waiting (Sim *sim, const SimCore *core);
VlConflictPolicy sim_conflict_met (Sim *sim, SimWrite *write);
void sim_conflict_check (Sim *sim, SimWrite *write);

/* sim-coalesce.c: patches that are sent as one. */
void sim_coalesced_take (Sim *sim, SimWrite *write, VlChange *change);
void sim_coalesced_take_up (Sim *sim, SimWrite *write, VlChange *change);

/* sim-provisional.c: writes to records that have no id yet, and looks at them. */
const SimWrite *sim_write_get_root (const SimWrite *write);
gboolean sim_write_is_same_record (const SimWrite *a, const SimWrite *b);
char *sim_write_dup_id (const SimWrite *write);
const SimWrite *sim_provisional_find (SimCore *core, const char *id);
void sim_provisional_read (SimCall *call, guint32 how);
char *sim_call_dup_id (const SimCall *call);
void sim_provisional_choose (Sim *sim, SimWrite *write, guint32 how);
void sim_provisional_sent (Sim *sim, SimWrite *write, VlChange *change);
gboolean sim_provisional_may_be_unstored (const SimWrite *write);
gboolean sim_provisional_is_unstored (Sim *sim, const SimWrite *write, const GError *error);

/* sim-oracle-writes.c */
void sim_oracle_wrote_after_all (Sim *sim, SimWrite *write, const GError *error);
void sim_oracle_wrote (SimCall *call, SimWrite *write, VlRecord *record, const GError *error);

/* sim-oracle-journal.c: what is in a journal when it is opened again. */
void sim_oracle_look_at_journals (Sim *sim);
void sim_oracle_leave_journal (Sim *sim, SimCore *core);
void sim_oracle_journal_changed (SimShell *shell);
void sim_oracle_journal_fails (Sim *sim, SimCore *core);
gboolean sim_oracle_is_unrecorded (Sim *sim, SimWrite *write, const GError *error);

/* sim-jobs.c: many seeds, in several processes. */
typedef struct
{
  guint64 counts[SIM_N_COUNTS];
  guint in_runs[SIM_N_COUNTS];
  double seconds; /* of processor time */
  guint64 failed; /* a seed, 0 = none */
} SimTotals;

/* Runs a seed; FALSE when it fails. */
typedef gboolean (*SimSeedFunc) (guint64 seed, SimResult *result, gpointer user_data);

void sim_jobs_run (SimTotals *totals,
                   guint64 first,
                   guint n_seeds,
                   guint n_jobs,
                   SimSeedFunc func,
                   gpointer user_data);

/* sim-mutants.c: rules that are broken on purpose. */
gboolean sim_mutants_choose (const char *name);
int sim_mutants_run (guint64 first, guint n_seeds, guint n_jobs);

/* sim-shrink.c */
GArray *sim_shrink (guint64 seed, SimCacheKind cache);

G_END_DECLS
