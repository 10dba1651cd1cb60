/* vl-thread.c: telling threads apart
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-thread-private.h"

_Thread_local char _vl_thread_mark;
