/* vl-live-linger-private.h: writes that the master does not show yet
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

typedef struct _VlLiveCore VlLiveCore;

/* Writes go to one table and reads come from another, which gets to know of them
 * later: what was written stays over what is read until it shows there, or for a
 * time at most. Home only, all of them. */
void _vl_linger_init (VlLiveCore *core);
void _vl_linger_dispose (VlLiveCore *core);

/* Whether that is how writes end here. */
gboolean _vl_linger_is_wanted (VlLiveCore *core);
/* The write, which has a fact, was applied to the record `id` (NULL: several). */
void _vl_linger_begin (VlLiveCore *core, VlWrite *write, const char *id);

/* The master was asked when `seq` was the last fact, for rows, or for the record
 * `id` if not NULL, and has answered with the page. */
void _vl_linger_check (VlLiveCore *core, guint64 seq, const char *id, VlPage *page);

G_END_DECLS
