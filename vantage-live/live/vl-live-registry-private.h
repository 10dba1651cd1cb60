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

/* The core for a key, referenced, or NULL. `clashes` says that there is one
 * that would share its root and must not: of another context, or of another
 * master without an identity. From any thread, like all of these. */
VlLiveCore *_vl_live_registry_find (const VlLiveKey *key, gboolean *clashes);
void _vl_live_registry_add (VlLiveCore *core);

/* Drops a reference; TRUE when that was the last one, and the core is the
 * caller's to free. */
gboolean _vl_live_registry_release (VlLiveCore *core);

void _vl_live_registry_set_target (VlLiveCore *core, VlTable *target, const char *identity);

/* Puts the event into the inbox of each other core that shares the master or
 * the write target. */
void _vl_live_registry_tell (VlLiveCore *core, VlLiveEvent *event);

G_END_DECLS
