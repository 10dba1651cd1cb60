/* vl-random.c: random numbers and unique ids, replaceable in tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-random-private.h"

#include "vl-clock-private.h"
#include "vl-lock-private.h"

#define UUID_LENGTH 36

typedef guint64 (*RandomFunc) (void);

/* NULL = the real source. Set by tests only. */
static RandomFunc random_func;

/* The time part of the last UUID: milliseconds and, below them, 12 bits of
 * their fraction. Under `uuid_lock`. */
static VlLock uuid_lock;
static guint64 uuid_last;

void
_vl_random_set_func (guint64 (*func) (void))
{
  g_atomic_pointer_set (&random_func, func);
}

guint64
_vl_random_uint64 (void)
{
  RandomFunc func = g_atomic_pointer_get (&random_func);

  if (func != NULL)
    return func ();

  return (guint64) g_random_int () << 32 | g_random_int ();
}

/* Spreads each bit of `x` over all of the answer, one to one: the last steps
 * of SplitMix64. */
static guint64
scatter (guint64 x)
{
  x = (x ^ x >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);

  return x ^ x >> 31;
}

/* The seed is scattered first, so that the rows of seeds that are close to
 * each other do not overlap. */
guint64
_vl_random_at (guint64 seed, guint64 index)
{
  const guint64 step = G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return scatter (scatter (seed + step) + (index + 1) * step);
}

/* 48 bits of milliseconds and 12 bits of fraction. Where the clock stands
 * still or goes back, the count goes on by one from the last. */
static guint64
next_time (void)
{
  guint64 now = (guint64) MAX (_vl_clock_real (), 0);
  guint64 time = (now / 1000) << 12 | (now % 1000) * 4096 / 1000;

  _vl_lock_acquire (&uuid_lock);
  if (time <= uuid_last)
    time = uuid_last + 1;
  uuid_last = time;
  _vl_lock_release (&uuid_lock);

  return time;
}

/* `n` digits of `value`. */
static char *
append_hex (char *text, guint64 value, guint n)
{
  for (guint i = n; i > 0; i--, value >>= 4)
    text[i - 1] = "0123456789abcdef"[value & 0xf];

  return text + n;
}

/* Each write has one: printf would be most of what making a change costs. */
char *
_vl_uuid_v7 (void)
{
  guint64 time = next_time ();
  guint64 noise = _vl_random_uint64 ();
  char *uuid = g_malloc (UUID_LENGTH + 1);
  char *end = uuid;

  end = append_hex (end, time >> 28, 8);
  *end++ = '-';
  end = append_hex (end, time >> 12, 4);
  *end++ = '-';
  end = append_hex (end, 0x7000 | (time & 0xfff), 4);
  *end++ = '-';
  end = append_hex (end, 0x8000 | (noise >> 48 & 0x3fff), 4);
  *end++ = '-';
  end = append_hex (end, noise, 12);
  *end = '\0';

  return uuid;
}
