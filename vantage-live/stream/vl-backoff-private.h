/* vl-backoff-private.h: how long to wait before another try
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define VL_BACKOFF_FLOOR 500   /* milliseconds: nobody is asked more often */
#define VL_BACKOFF_CAP   60000 /* milliseconds: nobody waits longer */

/* Milliseconds before try number `attempt` (0 = the first repetition): evenly
 * distributed between the floor and a bound that doubles with each attempt up
 * to the cap, so that many who lost one server do not come back together. */
guint _vl_backoff_delay (guint attempt);

G_END_DECLS
