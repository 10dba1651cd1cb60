/* vl-live-show-private.h: what is shown and told of writes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

typedef struct _VlLiveCore VlLiveCore;

/* The write is in line: with `optimistic` it is shown from now on. */
void _vl_show_begin (VlLiveCore *core, VlWrite *write);
/* The schema is known: what was written before can be shown. */
void _vl_show_begin_missing (VlLiveCore *core);
/* On top of all others, if it is shown at all. */
void _vl_show_again (VlLiveCore *core, VlWrite *write);
gboolean _vl_show_is_shown (VlLiveCore *core, VlWrite *write);

/* The master has applied it. TRUE when what is cached has to be given up. */
gboolean _vl_show_settle (VlLiveCore *core, VlWrite *write);
/* A fact of that record is laid over all pages, from now on: the fetches that may
 * have it in them, so that it would count twice, are overtaken. */
void _vl_show_lay_over (VlLiveCore *core, const char *id);
/* It was not applied, and is not shown any more. */
void _vl_show_drop (VlLiveCore *core, VlWrite *write);

/* The record that a write makes, as it is shown now; NULL for one that deletes. */
VlRecord *_vl_show_get_record (VlLiveCore *core, VlWrite *write);

/* Tells the shells that it is not shown any more. */
void _vl_show_tell_taken_back (VlLiveCore *core, VlWrite *write);

G_END_DECLS
