/* vl-precompiled-private.h: what every source includes, parsed once
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gio/gio.h>
