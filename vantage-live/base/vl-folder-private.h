/* vl-folder-private.h: a folder that one owner at a time keeps files in
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  VL_FILE_ABSENT,
  VL_FILE_REGULAR, /* a file of this user, nobody else may read it now */
  VL_FILE_FOREIGN, /* a symbolic link, or somebody else's: not to be used */
  VL_FILE_OTHER,   /* a folder, or whatever */
} VlFileKind;

/* A folder of this user that nobody else may look into, made with its parents
 * if it is not there, and locked: a second attempt fails, in this process too.
 * The errors of VL_ERROR say what can be done. */
typedef struct _VlFolder VlFolder;

VlFolder *_vl_folder_open (const char *path, GError **error);
void _vl_folder_free (VlFolder *self);

/* After this the files that were made, renamed and removed in it stay so
 * whatever happens; FALSE when that is not sure. */
gboolean _vl_folder_sync (VlFolder *self);

/* A small number that is kept beside the files and outlives them; 0 = none.
 * Setting it answers whether it is sure to stay. */
guint64 _vl_folder_get_number (VlFolder *self);
gboolean _vl_folder_set_number (VlFolder *self, guint64 number);

/* What there is at `path`. A file of ours that others may read is closed to
 * them. */
VlFileKind _vl_folder_look (const char *path);

/* Makes an empty file that only this user may read; FALSE and an error when
 * there is something already. */
gboolean _vl_folder_make_file (const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlFolder, _vl_folder_free)

G_END_DECLS
