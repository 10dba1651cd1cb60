/* vl-live-registry-private.h: the cores of this process
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-core-private.h"

G_BEGIN_DECLS

/* What decides which core a new live table uses. */
typedef struct
{
  VlTable *master;
  const char *identity; /* of the master, nullable */
  const char *cache_key;
  VlCache *cache;
  VlHandoff *home;
} VlLiveKey;

/* Whether another core has the root that a new one would get: one of another
 * context, or of another master without an identity. */
typedef enum
{
  VL_LIVE_CLASH_NONE,
  VL_LIVE_CLASH_GOING, /* it is about to go, but may still tell the cache something */
  VL_LIVE_CLASH_IN_USE /* it has live tables, or writes to finish: a programmer error */
} VlLiveClash;

/* The core for a key, referenced, or NULL; then `clash` says whether it can
 * have the root of the key. From any thread, like all of these. */
VlLiveCore *_vl_live_registry_find (const VlLiveKey *key, VlLiveClash *clash);
void _vl_live_registry_add (VlLiveCore *core);

/* Drops a reference; TRUE when that was the last one, and the core is the
 * caller's to free. */
gboolean _vl_live_registry_release (VlLiveCore *core);

void _vl_live_registry_set_target (VlLiveCore *core, VlTable *target, const char *identity);

/* Puts the event into the inbox of each other core that shares the master or
 * the write target, if there are any. */
gboolean _vl_live_registry_has_others (VlLiveCore *core);
void _vl_live_registry_tell (VlLiveCore *core, VlLiveEvent *event);

/* Whether a write to the master is unsettled, of this core or of another that
 * shares it. Whoever has settled one has told the others before. */
gboolean _vl_live_registry_is_writing (VlLiveCore *core);

G_END_DECLS
