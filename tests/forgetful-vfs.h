/* forgetful-vfs.h: SQLite on a disk that loses what was not synced
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "forgetful-disk.h"

G_BEGIN_DECLS

/* Puts every connection that is opened from now on, whoever opens it, on the
 * forgetful disk as far as its files are there. Files of others, and their
 * locks, are left to SQLite. */
void forgetful_vfs_begin (void);
void forgetful_vfs_end (void);

/* Reads that are made to fail read less, and zeros, instead. */
void forgetful_vfs_set_short_reads (gboolean short_reads);

G_END_DECLS
