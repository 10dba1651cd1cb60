/* vl-sqlite-position.c: which state of a database file this is
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Whoever commits with a rollback journal counts up a number in the head of the
 * file, while nobody reads. It is not enough by itself: a copy that is put back
 * counts on from where it was, and so does another file under the same name.
 * The file's own times tell these apart.
 *
 * With a write-ahead log the state is how far that has been written, with the
 * salts that it began with and the running checksum, which are in its index,
 * shared by all who have the file open, and rebuilt from the log after a crash.
 * When everything in the log has come into the file, which is so too where there
 * is no log, the file alone is the state. It may be closed, and the log go, and
 * the state stays. All there is to name it by then are the size and the times,
 * and the times only once they are so old that the next write cannot have the
 * same.
 *
 * The files are read through the connection: to open one of them and close it
 * again would drop the locks of SQLite on it.
 *
 * Everything here runs on the thread of the connection.
 */

#include "vl-config.h"

#include <string.h>

#include "vl-sqlite-position-private.h"

#include "../base/vl-clock-private.h"
#include "../base/vl-file-private.h"

/* Microseconds. The clock that file times are taken from ticks every ten
 * milliseconds at the least often; on file systems that keep no fractions of
 * seconds (FAT: every other second) it is the times themselves. */
#define RACY        (50 * 1000)
#define RACY_COARSE (G_GINT64_CONSTANT (3) * G_USEC_PER_SEC)

/* Of the head of a database file. */
#define HEAD_SIZE    44
#define HEAD_VERSION 18 /* 2 = with a write-ahead log */
#define HEAD_COUNTER 24
#define HEAD_COOKIE  40

/* Of the index of a log: its first region, as SQLite asks for it, two copies of
 * a head of twelve words, and the number of pages that have come into the file. */
#define REGION_SIZE    32768
#define INDEX_WORDS    12
#define INDEX_VERSION  3007000
#define INDEX_FRAMES   4 /* how many there are; then pages, checksum (2), salts (2) */
#define INDEX_CHECK    10
#define INDEX_BACKFILL 24

static sqlite3_file *
get_file (VlSqliteSession *session)
{
  sqlite3_file *file = NULL;

  if (sqlite3_file_control (_vl_sqlite_get_db (session->sqlite), "main", SQLITE_FCNTL_FILE_POINTER,
                            &file) != SQLITE_OK ||
      file == NULL || file->pMethods == NULL)
    return NULL;

  return file;
}

static guint32
read_word (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

/* The sum that the index keeps of its own head. */
static gboolean
is_sound (const guint32 *words)
{
  guint32 sums[2] = { 0, 0 };

  for (guint i = 0; i < INDEX_CHECK; i += 2)
    {
      sums[0] += words[i] + sums[1];
      sums[1] += words[i + 1] + sums[0];
    }

  return words[0] == INDEX_VERSION && memcmp (sums, words + INDEX_CHECK, sizeof sums) == 0;
}

/* Reads the head of the log's index, with the number of frames that have come
 * into the file behind it; FALSE when somebody is writing it. */
static gboolean
read_index (sqlite3_file *file, guint32 words[INDEX_WORDS], guint32 *n_backfilled)
{
  guint32 again[INDEX_WORDS];
  volatile void *region = NULL;
  const guint32 *index;

  if (file->pMethods->iVersion < 2 ||
      file->pMethods->xShmMap (file, 0, REGION_SIZE, 0, &region) != SQLITE_OK || region == NULL)
    return FALSE;

  index = (const guint32 *) region;
  *n_backfilled = index[INDEX_BACKFILL];
  file->pMethods->xShmBarrier (file);
  memcpy (words, index, sizeof again);
  file->pMethods->xShmBarrier (file);
  memcpy (again, index + INDEX_WORDS, sizeof again);

  return memcmp (words, again, sizeof again) == 0 && is_sound (words);
}

/* The file as it is, by its times and by what it counts. */
static char *
name_file (VlSqliteSession *session, const char *kind, const guint8 *head, gboolean *is_racy)
{
  gint64 changed;
  gint64 age;
  g_autofree char *stamp = _vl_file_dup_stamp (session->path, &changed);

  /* Not another one that took its place just now. */
  if (stamp == NULL || !_vl_sqlite_is_current (session->sqlite))
    return NULL;

  age = _vl_clock_real () - changed;
  *is_racy = age < (changed % G_USEC_PER_SEC == 0 ? RACY_COARSE : RACY);

  return g_strdup_printf ("%s:%s:%u:%u", kind, stamp, read_word (head + HEAD_COUNTER),
                          read_word (head + HEAD_COOKIE));
}

static char *
name_log (VlSqliteSession *session, const guint32 *words)
{
  const guint32 *state = words + INDEX_FRAMES;

  return g_strdup_printf ("wal:%s:%u:%08x%08x:%08x%08x", _vl_sqlite_get_instance (session->sqlite),
                          state[0], state[2], state[3], state[4], state[5]);
}

char *
_vl_sqlite_position_read (VlSqliteSession *session, gboolean *must_look)
{
  sqlite3_file *file = get_file (session);
  guint32 words[INDEX_WORDS];
  guint8 head[HEAD_SIZE];
  guint32 n_backfilled;
  g_autofree char *name = NULL;
  gboolean is_racy = FALSE;

  *must_look = FALSE;
  if (file == NULL || file->pMethods->xRead (file, head, sizeof head, 0) != SQLITE_OK)
    return NULL;
  if (head[HEAD_VERSION] != 2)
    return name_file (session, "journal", head, &is_racy);

  *must_look = TRUE;
  if (!read_index (file, words, &n_backfilled))
    return NULL;
  if (n_backfilled >= words[INDEX_FRAMES])
    name = name_file (session, "file", head, &is_racy);
  if (name != NULL && !is_racy)
    return g_steal_pointer (&name);

  return words[INDEX_FRAMES] > 0 ? name_log (session, words) : NULL;
}
