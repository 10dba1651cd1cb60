/* vl-checksum-private.h: a fast 64-bit checksum
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A word-wise multiply-mix, not cryptographic. Each step is a bijection of the
 * state, so that two inputs of one length that differ within one aligned word
 * never share a checksum. The same on every machine of one byte order. */
guint64 _vl_checksum (const void *data, gsize length, guint64 seed);

#define VL_CHECKSUM_MULTIPLIER G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)

/* One step, also for a hash: one to one in `state` for a given word, and in the
 * word for a given state: exclusive-or, an odd factor and a shift that is
 * undone by repeating it. */
static inline guint64
_vl_checksum_step (guint64 state, guint64 word)
{
  state = (state ^ word) * VL_CHECKSUM_MULTIPLIER;

  return state ^ state >> 32;
}

/* A GHashFunc for text. Keys of pages are long, since queries are in them: this
 * goes by pairs of words, and takes a fraction of what going by characters
 * does. The last pair overlaps the one before it. */
guint _vl_hash_key (gconstpointer key);

G_END_DECLS
