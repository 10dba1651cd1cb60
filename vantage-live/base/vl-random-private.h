/* vl-random-private.h: random numbers and unique ids, replaceable in tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint64 _vl_random_uint64 (void);

/* The number at `index` of the endless row that `seed` stands for: the same
 * for the same two numbers, on every machine. Not for secrets. */
guint64 _vl_random_at (guint64 seed, guint64 index);

/* A UUID of version 7: time-ordered, and increasing within the process. */
char *_vl_uuid_v7 (void);

/* NULL restores the real source. For tests. */
void _vl_random_set_func (guint64 (*func) (void));

G_END_DECLS
