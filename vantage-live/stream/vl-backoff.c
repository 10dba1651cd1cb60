/* vl-backoff.c: how long to wait before another try
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "../base/vl-random-private.h"
#include "vl-backoff-private.h"

guint
_vl_backoff_delay (guint attempt)
{
  guint bound = VL_BACKOFF_CAP;

  /* 500 ms doubled seven times is past the cap already. */
  if (attempt < 7)
    bound = MIN (bound, (guint) VL_BACKOFF_FLOOR << (attempt + 1));

  return VL_BACKOFF_FLOOR + (guint) (_vl_random_uint64 () % (bound - VL_BACKOFF_FLOOR + 1));
}
