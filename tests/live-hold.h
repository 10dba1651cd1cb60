/* live-hold.h: a cache and a master that answer when a test says so
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

typedef enum
{
  HOLD_LOOKUP,
  HOLD_STORE,
  HOLD_INVALIDATE,
  HOLD_CLEAR,
  HOLD_LEASE,
  HOLD_OPEN,
  HOLD_CLOSE,
  HOLD_DESCRIBE,
  HOLD_LIST,
  HOLD_FIND,
  HOLD_COUNT,
  HOLD_APPLY,
  HOLD_BATCH,
  HOLD_N,
} HoldOp;

/* A call that was not passed on yet. */
typedef struct
{
  HoldOp op;
  char *root;
  char *key;
  gpointer object; /* referenced; page, query, change or list of changes */
  guint64 lease;
  VlReply *reply;
} HeldCall;

#define HOLD_TYPE_CACHE (hold_cache_get_type ())
G_DECLARE_FINAL_TYPE (HoldCache, hold_cache, HOLD, CACHE, GObject)

struct _HoldCache
{
  GObject parent_instance;

  VlCache *target;
  gboolean holds[HOLD_N];
  guint n_calls[HOLD_N];
  GQueue held; /* of HeldCall */
  int marked;  /* opened and not closed */

  /* Runs inside a lookup. */
  void (*inside) (gpointer data);
  gpointer inside_data;
};

#define HOLD_TYPE_TABLE (hold_table_get_type ())
G_DECLARE_FINAL_TYPE (HoldTable, hold_table, HOLD, TABLE, GObject)

struct _HoldTable
{
  GObject parent_instance;

  VlTable *target;
  VlSchema *schema; /* what it is described as, NULL = as the target is */
  gboolean holds[HOLD_N];
  guint n_calls[HOLD_N];
  guint n_in_batches; /* changes */
  GQueue held;        /* of HeldCall */
};

HoldCache *hold_cache_new (void);
/* Passes on what is held, in order; answers how many there were. */
guint hold_cache_release (HoldCache *self);
/* Fails it instead. */
guint hold_cache_fail (HoldCache *self);

HoldTable *hold_table_new (VlTable *target);
guint hold_table_release (HoldTable *self);
guint hold_table_fail (HoldTable *self, VlError code);
