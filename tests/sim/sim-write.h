/* sim-write.h: the data of the master, and writes to them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

G_BEGIN_DECLS

typedef struct _SimCore SimCore;
typedef struct _SimWrite SimWrite;

#define SIM_N_IDS 32 /* records that may exist, "r00" and so on */

/* The master's data: every version that it ever was in. */

typedef struct
{
  gboolean exists;
  gint g; /* a group, for conditions: 0 to 2 */
  gint n; /* a number, for the order: 0 to 9 */
  gint w; /* who wrote it: never the same twice */
} SimRow;

typedef struct
{
  gint64 time;
  SimRow rows[SIM_N_IDS];
} SimVersion;

typedef enum
{
  SIM_ORDER_ID,
  SIM_ORDER_N,
  SIM_ORDER_N_DESCENDING,
  SIM_N_ORDERS,
} SimOrder;

/* The queries that are asked, in a form of our own. */
typedef struct
{
  gint g;      /* -1 = any group */
  guint32 ids; /* 0 = all, else the set of them that counts */
  SimOrder order;
} SimQuery;

/* What a master says of a write. */
typedef struct
{
  gboolean failed;
  int code; /* of VL_ERROR */
  char *message;
  gboolean has_result;
  SimRow result; /* with a conflict: what the master has */
  guint slot;
} SimOutcome;

typedef enum
{
  SIM_WRITE_QUEUED,
  SIM_WRITE_SENT,
  SIM_WRITE_ANSWERED,
} SimWriteState;

/* Whether it shows before the master has it. */
typedef enum
{
  SIM_SHOWN_NOT,
  SIM_SHOWN_PERHAPS,
  SIM_SHOWN,
} SimShown;

/* Whether a journal has it when it is opened again. */
typedef enum
{
  SIM_EXPECTED_NOT, /* it is not to be opened again, as far as this one goes */
  SIM_EXPECTED_PERHAPS,
  SIM_EXPECTED,
  SIM_EXPECTED_FAILED,
  SIM_EXPECTED_NEVER,
} SimExpected;

struct _SimWrite
{
  SimCore *core;
  SimWriteState state;
  guint number;
  guint order;    /* in line: a later one if it was sent to its place again */
  guint stood_at; /* its first place, of one that was asked for again in this process; 0 = none */
  guint number_in_core;
  char *uid; /* NULL = not known yet */
  SimExpected expected;
  gboolean is_seen;      /* in a list of writes */
  gboolean is_accepted;  /* as that has it */
  gboolean is_owed;      /* taken up, and who waited for it has not heard that it was left */
  gboolean left_failing; /* to the next process: it may have failed there */
  gboolean was_sent;     /* by a process of before */
  guint over_at; /* what the journal had been asked for when it was over, and 1; 0 = not yet */
  gboolean has_base;
  gboolean has_caller;   /* who is told how it ends, until it is accepted for later */
  gboolean is_discarded; /* after it had failed */
  SimWrite *parent;      /* the one that has made its record, named by the id from before */
  gboolean is_new;       /* inserted without an id */
  gboolean has_slot;     /* and has one now */
  guint attempt;         /* the number of the request that it is in, or was last */
  guint n_attempts;
  guint n_waits;       /* so often it was to be sent again */
  gboolean is_waiting; /* it is now */
  gboolean in_doubt;   /* an attempt may have been applied */
  gboolean was_in_doubt;
  gboolean is_open;     /* the live table looks what came of it */
  guint too_late;       /* the attempt whose answer came when nobody waited for it any more */
  guint released_at;    /* the moment when it waited first */
  guint let_go_at;      /* likewise: when it need not be sent again, or was taken back */
  gboolean is_released; /* its caller was told of nothing but that it is in line */
  gboolean is_over;     /* it will not be sent any more */
  guint stored_at;      /* the moment when it ended and that was said, 0 = it was not */
  gint64 sent_at;       /* microseconds */
  SimShown shown;
  guint shown_at;     /* moments: */
  guint unshown_from; /* since then it may show no more, 0 = not yet */
  guint unshown_by;   /* since then it does not, 0 = not yet */

  VlChangeKind kind;
  guint slot;
  SimRow row; /* a patch: which fields, by `exists`, see sim_write_apply() */
  gboolean sets_g, sets_n;
  SimRow base;       /* of the change, as far as it has one */
  GPtrArray *joined; /* of SimWrite: patches that were sent with it, NULL = never sent */
  gboolean is_absorbed;
  GPtrArray *absorbed; /* likewise: those that a journal has made one with it */
  SimWrite *leader;    /* the one that it was sent with, NULL = itself */
  SimQuery query;      /* of a delete-all */
  gboolean is_invalid;
  gboolean is_late;         /* its table was closed */
  guint step;               /* when it was made */
  guint made_at;            /* the moment */
  gboolean was_undescribed; /* its core could not be described */
  guint n_before;           /* writes that may have been in the queue when it came */
  gboolean was_in_line;     /* when its call returned */
  gboolean finds_full;      /* so many are in the queue for certain that it is full */
  gboolean was_refused;     /* it was */
  gboolean is_unrecorded;   /* the journal could not take it, and it is not to be made */
  gboolean is_loose;        /* it was asked for again after that, when there was no journal */
  gboolean cancel_asked;
  guint withdrawn; /* the step after which it must not be sent any more, 0 = none */
  gboolean is_done;
  gboolean is_settling; /* answered, and the other cores have not heard */
  gint64 deadline;

  gboolean executed;
  guint version;   /* that it made */
  SimOutcome done; /* when it was executed */
  char *done_uid;
  gboolean was_retried;    /* after it had failed */
  guint conflict;          /* the attempt that met one last, 0 = none */
  VlConflictPolicy policy; /* what is done about it */
  guint asked;             /* and the one that somebody was asked about last */
  guint answered;          /* the step */
  guint answered_at;       /* the moment */
  guint answered_version;  /* that the master was in when it answered */
  SimOutcome outcome;      /* as it was answered last */

  VlWrite *object;
  gulong handler;
};

G_END_DECLS
