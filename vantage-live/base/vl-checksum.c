/* vl-checksum.c: a fast 64-bit checksum
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-checksum-private.h"

#include <string.h>

#define MULTIPLIER_2 G_GUINT64_CONSTANT (0xd6e8feb86659fd93)

/* Sixteen words. */
#define STRIPE 128

static inline guint64
avalanche (guint64 state)
{
  state = (state ^ state >> 29) * MULTIPLIER_2;
  state = (state ^ state >> 32) * VL_CHECKSUM_MULTIPLIER;

  return state ^ state >> 31;
}

static inline guint64
load (const guint8 *bytes)
{
  guint64 word;

  memcpy (&word, bytes, sizeof word);

  return word;
}

/* Two words for one multiplication: the second is mixed by the step after. It is
 * turned, or it could change places with the word that step takes in. */
static inline guint64
step_pair (guint64 state, const guint8 *bytes)
{
  guint64 second = load (bytes + sizeof (guint64));

  return _vl_checksum_step (state, load (bytes)) + (second << 27 | second >> 37);
}

/* A step has to wait for the one before it: eight chains that do not know of
 * each other take an eighth of the time. They are put together by steps, so that
 * a word that differs still makes a difference. */
static guint64
step_stripes (const guint8 *bytes, gsize n_stripes, guint64 state)
{
  guint64 a = state, b = state + 1, c = state + 2, d = state + 3;
  guint64 e = state + 4, f = state + 5, g = state + 6, h = state + 7;

  for (; n_stripes > 0; n_stripes--, bytes += STRIPE)
    {
      a = step_pair (a, bytes);
      b = step_pair (b, bytes + 16);
      c = step_pair (c, bytes + 32);
      d = step_pair (d, bytes + 48);
      e = step_pair (e, bytes + 64);
      f = step_pair (f, bytes + 80);
      g = step_pair (g, bytes + 96);
      h = step_pair (h, bytes + 112);
    }

  /* What goes before counts for more: chains cannot change places either. */
  a = _vl_checksum_step (_vl_checksum_step (_vl_checksum_step (a, 0), b), c);
  a = _vl_checksum_step (_vl_checksum_step (a, d), e);
  a = _vl_checksum_step (_vl_checksum_step (a, f), g);

  return _vl_checksum_step (a, h);
}

guint64
_vl_checksum (const void *data, gsize length, guint64 seed)
{
  const guint8 *bytes = data;
  guint64 state = seed ^ MULTIPLIER_2;
  gsize n_stripes = length / STRIPE;
  gsize rest = length;
  guint64 word;

  if (n_stripes > 0)
    {
      state = step_stripes (bytes, n_stripes, state);
      bytes += n_stripes * STRIPE;
      rest -= n_stripes * STRIPE;
    }

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

static inline guint64
word_at (const char *text)
{
  guint64 word;

  memcpy (&word, text, sizeof word);
  return word;
}

static guint
hash_short_key (const char *key, gsize length)
{
  guint64 hash = length;

  if (length < sizeof (guint64))
    return g_str_hash (key);

  hash = _vl_checksum_step (hash, word_at (key));
  hash = _vl_checksum_step (hash, word_at (key + length - sizeof (guint64)));

  return (guint) (hash >> 32);
}

guint
_vl_hash_key (gconstpointer key)
{
  const char *text = key;
  gsize length = strlen (text);
  const char *last;
  guint64 hash = length;

  if (length < 2 * sizeof (guint64))
    return hash_short_key (text, length);

  last = text + length - 2 * sizeof (guint64);
  for (; text < last; text += 2 * sizeof (guint64))
    hash = _vl_checksum_step (hash, word_at (text)) + word_at (text + sizeof (guint64));
  hash = _vl_checksum_step (hash, word_at (last)) + word_at (last + sizeof (guint64));

  return (guint) (_vl_checksum_step (hash, 0) >> 32);
}
