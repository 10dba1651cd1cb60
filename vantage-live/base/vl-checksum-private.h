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

G_END_DECLS
