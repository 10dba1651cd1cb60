/* vl-sqlite-error.c: what SQLite's error codes mean to us
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>

#include "vl-sqlite-private.h"

#include "../vl-error.h"

G_GNUC_PRINTF (3, 4)
static void
set_error (GError **error, VlError code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  g_set_error_literal (error, VL_ERROR, (int) code, message);
}

/* SQLite says no more than that it cannot open the file. */
static void
set_open_error (GError **error, const char *path)
{
  GStatBuf info;

  if (g_stat (path, &info) != 0)
    {
      int reason = errno;

      if (reason == ENOENT)
        set_error (error, VL_ERROR_NOT_FOUND,
                   _ ("There is no database file “%s”; check the path or create it first"), path);
      else
        set_error (error, VL_ERROR_UNAVAILABLE, _ ("The database file “%s” cannot be reached: %s"),
                   path, g_strerror (reason));
    }
  else if (S_ISDIR (info.st_mode))
    {
      set_error (error, VL_ERROR_INVALID,
                 _ ("“%s” is a folder, not a database file; give the path of a file"), path);
    }
  else if (g_access (path, R_OK) != 0)
    {
      set_error (error, VL_ERROR_UNAVAILABLE,
                 _ ("The database file “%s” may not be read; check its permissions"), path);
    }
  else
    {
      set_error (error, VL_ERROR_UNAVAILABLE,
                 _ ("The database file “%s” cannot be opened; check that its folder may be "
                    "written to and that not too many files are open"),
                 path);
    }
}

static void
set_io_error (GError **error, sqlite3 *db, const char *path)
{
  int reason = db != NULL ? sqlite3_system_errno (db) : 0;

  if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG)
    set_error (error, VL_ERROR_UNAVAILABLE,
               _ ("There is no space left for the database file “%s”; free some and try again"),
               path);
  else
    set_error (error, VL_ERROR_UNAVAILABLE,
               _ ("The database file “%s” cannot be read or written: %s"), path,
               reason != 0 ? g_strerror (reason) : _ ("input/output error"));
}

static void
set_busy_error (GError **error, const char *path)
{
  set_error (error, VL_ERROR_UNAVAILABLE,
             _ ("The database file “%s” is locked by another program; try again when that "
                "has finished"),
             path);
}

static void
set_constraint_error (GError **error, int rc, const char *reason, const char *path)
{
  switch (rc)
    {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_UNIQUE:
      set_error (error, VL_ERROR_EXISTS, _ ("There is such a record already (%s)"), reason);
      break;
    default:
      set_error (error, VL_ERROR_REJECTED, _ ("The database “%s” does not accept it (%s)"), path,
                 reason);
      break;
    }
}

void
_vl_sqlite_set_error (GError **error, int rc, sqlite3 *db, const char *path)
{
  const char *reason = db != NULL ? sqlite3_errmsg (db) : sqlite3_errstr (rc);

  switch (rc & 0xff)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      set_busy_error (error, path);
      break;
    case SQLITE_FULL:
      set_error (error, VL_ERROR_UNAVAILABLE,
                 _ ("The database file “%s” cannot grow: the disk or the database is full; free "
                    "some space and try again"),
                 path);
      break;
    case SQLITE_NOMEM:
      set_error (error, VL_ERROR_UNAVAILABLE,
                 _ ("There is not enough memory to work with the database file “%s”"), path);
      break;
    case SQLITE_IOERR:
      set_io_error (error, db, path);
      break;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      set_open_error (error, path);
      break;
    case SQLITE_READONLY:
      set_error (error, VL_ERROR_READ_ONLY,
                 _ ("The database file “%s” cannot be written to; check the permissions of the "
                    "file and of its folder"),
                 path);
      break;
    case SQLITE_NOTADB:
      set_error (error, VL_ERROR_CORRUPT,
                 _ ("“%s” is not an SQLite database, or it is encrypted or damaged"), path);
      break;
    case SQLITE_CORRUPT:
      set_error (error, VL_ERROR_CORRUPT,
                 _ ("The database file “%s” is damaged (%s); restore it from a backup"), path,
                 reason);
      break;
    case SQLITE_CONSTRAINT:
      set_constraint_error (error, rc, reason, path);
      break;
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      set_error (error, VL_ERROR_REJECTED, _ ("The database “%s” does not accept it (%s)"), path,
                 reason);
      break;
    case SQLITE_INTERRUPT:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Operation was cancelled"));
      break;
    default:
      set_error (error, VL_ERROR_FAILED, _ ("The database “%s” says: %s"), path, reason);
      break;
    }
}
