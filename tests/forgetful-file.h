/* forgetful-file.h: plain files on a disk that loses what was not synced
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "forgetful-disk.h"

G_BEGIN_DECLS

/* Puts what the library does to files by itself, without SQLite, on the
 * forgetful disk as far as they are there. Syncing a folder is syncing a
 * descriptor of it. */
void forgetful_files_begin (void);
void forgetful_files_end (void);

G_END_DECLS
