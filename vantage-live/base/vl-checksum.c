/* vl-checksum.c: a fast 64-bit checksum
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-checksum-private.h"

#include <string.h>

#define MULTIPLIER_2 G_GUINT64_CONSTANT (0xd6e8feb86659fd93)

static inline guint64
avalanche (guint64 state)
{
  state = (state ^ state >> 29) * MULTIPLIER_2;
  state = (state ^ state >> 32) * VL_CHECKSUM_MULTIPLIER;

  return state ^ state >> 31;
}

guint64
_vl_checksum (const void *data, gsize length, guint64 seed)
{
  const guint8 *bytes = data;
  guint64 state = seed ^ MULTIPLIER_2;
  gsize rest = length;
  guint64 word;

  for (; rest >= sizeof word; rest -= sizeof word, bytes += sizeof word)
    {
      memcpy (&word, bytes, sizeof word);
      state = _vl_checksum_step (state, word);
    }
  if (rest > 0)
    {
      word = 0;
      memcpy (&word, bytes, rest);
      state = _vl_checksum_step (state, word);
    }

  /* What the padding hides, the length tells. */
  return avalanche (_vl_checksum_step (state, length));
}
