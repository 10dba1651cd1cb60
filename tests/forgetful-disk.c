/* forgetful-disk.c: a folder that loses what was not synced
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "forgetful-disk.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

#define SECTOR 512

/* Done to a file since it was synced. */
typedef struct
{
  gint64 offset; /* of a write; the size, of a truncation */
  GBytes *data;  /* NULL = a truncation */
} Change;

struct _ForgetfulFile
{
  gint n_refs;
  GByteArray *kept;   /* as it was synced */
  GPtrArray *changes; /* since */
};

/* Done to the folder since it was synced. */
typedef struct
{
  char *path;
  char *to;            /* of a rename; NULL = it was made, or removed */
  gboolean is_removal; /* of `path` */
  ForgetfulFile *file; /* that the path stood for */
} Naming;

/* How much of what was not synced is left. */
typedef enum
{
  LEFT_NOTHING,
  LEFT_BEGINNING,
  LEFT_SOME,
  LEFT_ALL,
  N_LEFT,
} Left;

typedef struct
{
  guint n;     /* operations since it was asked for */
  guint at;    /* the first that fails; 0 = none */
  gboolean on; /* and those after it */
  int code;
} Fault;

static struct
{
  GRecMutex lock;
  char *folder; /* NULL = there is none */
  GRand *rand;
  GHashTable *names; /* path -> ForgetfulFile, now */
  GHashTable *kept;  /* the same, as it was synced */
  GPtrArray *namings;
  ForgetfulFile *written; /* last, not a reference */
  Fault faults[FORGETFUL_N_OPS];
  guint n_failed;
  guint n_open;
  guint kill_in; /* 0 = never */
  gboolean is_dead;
  gboolean lies;
} disk;

static void
lock_disk (void)
{
  g_rec_mutex_lock (&disk.lock);
}

static void
unlock_disk (void)
{
  g_rec_mutex_unlock (&disk.lock);
}

static guint
any_below (guint n)
{
  return g_rand_int (disk.rand) % n;
}

/* --- Files --- */

static void
change_free (gpointer data)
{
  Change *change = data;

  g_clear_pointer (&change->data, g_bytes_unref);
  g_free (change);
}

static ForgetfulFile *
file_new (void)
{
  ForgetfulFile *file = g_new0 (ForgetfulFile, 1);

  file->n_refs = 1;
  file->kept = g_byte_array_new ();
  file->changes = g_ptr_array_new_with_free_func (change_free);

  return file;
}

static ForgetfulFile *
file_ref (ForgetfulFile *file)
{
  file->n_refs++;
  return file;
}

static void
file_unref (gpointer data)
{
  ForgetfulFile *file = data;

  if (--file->n_refs > 0)
    return;
  if (disk.written == file)
    disk.written = NULL;
  g_byte_array_unref (file->kept);
  g_ptr_array_unref (file->changes);
  g_free (file);
}

static void
add_change (ForgetfulFile *file, gint64 offset, const void *data, gsize length)
{
  Change *change = g_new0 (Change, 1);

  change->offset = offset;
  change->data = data != NULL ? g_bytes_new (data, length) : NULL;
  g_ptr_array_add (file->changes, change);
}

static void
resize (GByteArray *image, gsize size)
{
  gsize before = image->len;

  g_byte_array_set_size (image, (guint) size);
  if (size > before)
    memset (image->data + before, 0, size - before);
}

static void
put_bytes (GByteArray *image, gint64 offset, const guint8 *data, gsize length)
{
  gsize end = (gsize) offset + length;

  if (length == 0)
    return;
  if (image->len < end)
    resize (image, end);
  memcpy (image->data + offset, data, length);
}

static void
apply_change (GByteArray *image, Change *change)
{
  gsize length;
  const guint8 *data;

  if (change->data == NULL)
    {
      resize (image, (gsize) change->offset);
      return;
    }
  data = g_bytes_get_data (change->data, &length);
  put_bytes (image, change->offset, data, length);
}

/* Where a lost sector was to make the file longer there may be anything. */
static void
lose_sector (GByteArray *image, gsize offset, gsize length)
{
  gsize before = image->len;

  if (offset + length <= before || any_below (2) == 0)
    return;

  resize (image, offset + length);
  for (gsize i = MAX (before, offset); any_below (4) == 0 && i < offset + length; i++)
    image->data[i] = (guint8) g_rand_int (disk.rand);
}

static void
apply_sectors (GByteArray *image, Change *change, guint percent)
{
  gsize length;
  const guint8 *data;

  if (change->data == NULL)
    {
      if (any_below (100) < percent)
        apply_change (image, change);
      return;
    }

  data = g_bytes_get_data (change->data, &length);
  for (gsize at = 0; at < length;)
    {
      gsize offset = (gsize) change->offset + at;
      gsize size = MIN (SECTOR - offset % SECTOR, length - at);

      if (any_below (100) < percent)
        put_bytes (image, (gint64) offset, data + at, size);
      else
        lose_sector (image, offset, size);
      at += size;
    }
}

static void
tear (GByteArray *image, Change *change)
{
  gsize length;
  const guint8 *data;

  if (change->data == NULL)
    return;
  data = g_bytes_get_data (change->data, &length);
  put_bytes (image, change->offset, data, any_below ((guint) length + 1));
}

/* What a loss of power leaves of the file. */
static void
lose_power_of_file (ForgetfulFile *file)
{
  guint n = file->changes->len;
  Left left = any_below (N_LEFT);
  guint percent = 5 + any_below (91);
  gboolean torn = n > 0 && (file == disk.written || left == LEFT_BEGINNING);

  if (left == LEFT_NOTHING)
    n = 0;
  else if (left == LEFT_BEGINNING)
    n = any_below (n + 1);

  for (guint i = 0; i < n; i++)
    {
      Change *change = file->changes->pdata[i];

      if (torn && i == n - 1)
        tear (file->kept, change);
      else if (left == LEFT_SOME)
        apply_sectors (file->kept, change, percent);
      else
        apply_change (file->kept, change);
    }
  g_ptr_array_set_size (file->changes, 0);
}

/* --- Names --- */

static void
naming_free (gpointer data)
{
  Naming *naming = data;

  g_free (naming->path);
  g_free (naming->to);
  file_unref (naming->file);
  g_free (naming);
}

static void
add_naming (const char *path, const char *to, gboolean is_removal, ForgetfulFile *file)
{
  Naming *naming = g_new0 (Naming, 1);

  naming->path = g_strdup (path);
  naming->to = g_strdup (to);
  naming->is_removal = is_removal;
  naming->file = file_ref (file);
  g_ptr_array_add (disk.namings, naming);
}

static void
apply_naming (GHashTable *names, Naming *naming)
{
  gboolean is_there = g_hash_table_lookup (names, naming->path) == naming->file;

  if (naming->to == NULL && !naming->is_removal)
    {
      g_hash_table_insert (names, g_strdup (naming->path), file_ref (naming->file));
      return;
    }
  /* One that was never made cannot go either. */
  if (!is_there)
    return;

  if (naming->to != NULL)
    g_hash_table_insert (names, g_strdup (naming->to), file_ref (naming->file));
  g_hash_table_remove (names, naming->path);
}

static void
lose_power_of_names (void)
{
  Left left = any_below (N_LEFT);
  guint n = disk.namings->len;

  if (left == LEFT_NOTHING)
    n = 0;
  else if (left == LEFT_BEGINNING)
    n = any_below (n + 1);

  for (guint i = 0; i < n; i++)
    {
      if (left != LEFT_SOME || any_below (2) == 0)
        apply_naming (disk.kept, disk.namings->pdata[i]);
    }
  g_ptr_array_set_size (disk.namings, 0);
}

static GHashTable *
names_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, file_unref);
}

/* Calls `func` for each file below the folder; folders stay. */
static void
each_real_file (const char *folder, void (*func) (const char *path))
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        each_real_file (path, func);
      else
        func (path);
    }
}

static void
remove_real_file (const char *path)
{
  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
write_real_file (const char *path, GByteArray *image)
{
  const char *data = image->len > 0 ? (const char *) image->data : "";

  g_assert_true (
    g_file_set_contents_full (path, data, image->len, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
read_contents (const char *path, GByteArray *image)
{
  g_autofree char *data = NULL;
  gsize length = 0;

  g_assert_true (g_file_get_contents (path, &data, &length, NULL));
  g_byte_array_append (image, (const guint8 *) data, (guint) length);
}

/* A file that was there before the disk knew of it. */
static void
know_real_file (const char *path)
{
  ForgetfulFile *file = file_new ();

  read_contents (path, file->kept);
  g_hash_table_insert (disk.names, g_strdup (path), file_ref (file));
  g_hash_table_insert (disk.kept, g_strdup (path), file);
}

/* --- What a test does --- */

void
forgetful_disk_begin (const char *folder, guint32 seed)
{
  g_assert_null (disk.folder);

  disk.folder = g_strdup (folder);
  disk.rand = g_rand_new_with_seed (seed);
  disk.names = names_new ();
  disk.kept = names_new ();
  disk.namings = g_ptr_array_new_with_free_func (naming_free);
  memset (disk.faults, 0, sizeof disk.faults);
  disk.n_failed = 0;
  disk.kill_in = 0;
  disk.is_dead = FALSE;
  disk.lies = FALSE;
  each_real_file (folder, know_real_file);
}

void
forgetful_disk_end (void)
{
  g_assert_cmpuint (disk.n_open, ==, 0);

  g_clear_pointer (&disk.namings, g_ptr_array_unref);
  g_clear_pointer (&disk.names, g_hash_table_unref);
  g_clear_pointer (&disk.kept, g_hash_table_unref);
  g_clear_pointer (&disk.rand, g_rand_free);
  g_clear_pointer (&disk.folder, g_free);
}

void
forgetful_disk_kill (void)
{
  lock_disk ();
  disk.is_dead = TRUE;
  disk.kill_in = 0;
  unlock_disk ();
}

void
forgetful_disk_kill_at (guint n)
{
  lock_disk ();
  disk.kill_in = n;
  unlock_disk ();
}

gboolean
forgetful_disk_is_dead (void)
{
  gboolean is_dead;

  lock_disk ();
  is_dead = disk.is_dead;
  unlock_disk ();

  return is_dead;
}

/* What there is now is what the disk has. */
static void
lose_power (void)
{
  g_autoptr (GList) paths = NULL;

  lose_power_of_names ();
  each_real_file (disk.folder, remove_real_file);
  g_hash_table_remove_all (disk.names);

  /* In an order that a seed decides. */
  paths = g_list_sort (g_hash_table_get_keys (disk.kept), (GCompareFunc) g_strcmp0);
  for (GList *link = paths; link != NULL; link = link->next)
    {
      ForgetfulFile *file = g_hash_table_lookup (disk.kept, link->data);

      lose_power_of_file (file);
      write_real_file (link->data, file->kept);
      g_hash_table_insert (disk.names, g_strdup (link->data), file_ref (file));
    }
  disk.written = NULL;
}

void
forgetful_disk_revive (gboolean power_lost)
{
  lock_disk ();
  g_assert_cmpuint (disk.n_open, ==, 0);
  if (power_lost)
    lose_power ();
  disk.is_dead = FALSE;
  disk.kill_in = 0;
  unlock_disk ();
}

void
forgetful_disk_leave (gboolean power_lost)
{
  lock_disk ();
  disk.is_dead = TRUE;
  if (power_lost)
    lose_power ();
  unlock_disk ();
}

void
forgetful_disk_set_lies (gboolean lies)
{
  disk.lies = lies;
}

void
forgetful_disk_fail (ForgetfulOp op, guint n, gboolean on, int code)
{
  lock_disk ();
  disk.faults[op] = (Fault){ .at = n, .on = on, .code = code };
  unlock_disk ();
}

void
forgetful_disk_forgive (void)
{
  lock_disk ();
  memset (disk.faults, 0, sizeof disk.faults);
  unlock_disk ();
}

gboolean
forgetful_disk_fails_for_good (ForgetfulOp op)
{
  gboolean fails;

  lock_disk ();
  fails = disk.faults[op].on && disk.faults[op].n >= disk.faults[op].at;
  unlock_disk ();

  return fails;
}

guint
forgetful_disk_count (ForgetfulOp op)
{
  return disk.faults[op].n;
}

guint
forgetful_disk_n_failed (void)
{
  return disk.n_failed;
}

guint
forgetful_disk_n_open (void)
{
  return disk.n_open;
}

/* --- What a front end does --- */

gboolean
forgetful_disk_has (const char *path)
{
  gboolean has = FALSE;

  lock_disk ();
  if (path != NULL && disk.folder != NULL && g_str_has_prefix (path, disk.folder))
    {
      const char *rest = path + strlen (disk.folder);

      has = *rest == '\0' || *rest == '/';
    }
  unlock_disk ();

  return has;
}

static gboolean
is_change (ForgetfulOp op)
{
  return op == FORGETFUL_WRITE || op == FORGETFUL_SYNC || op == FORGETFUL_TRUNCATE ||
         op == FORGETFUL_REMOVE || op == FORGETFUL_RENAME;
}

static int
get_fault (ForgetfulOp op)
{
  Fault *fault = &disk.faults[op];

  fault->n++;
  if (fault->at == 0 || fault->n < fault->at || (fault->n > fault->at && !fault->on))
    return SQLITE_OK;

  disk.n_failed++;
  return fault->code;
}

static void
fail_sync (ForgetfulFile *file)
{
  for (guint i = file->changes->len; i > 0; i--)
    {
      if (any_below (2) == 0)
        g_ptr_array_remove_index (file->changes, i - 1);
    }
}

int
forgetful_disk_enter (ForgetfulOp op, ForgetfulFile *file)
{
  int code = SQLITE_OK;

  lock_disk ();
  if (disk.is_dead)
    code = SQLITE_IOERR;
  else
    code = get_fault (op);
  if (code != SQLITE_OK && !disk.is_dead && op == FORGETFUL_SYNC && file != NULL)
    fail_sync (file);

  /* The write that is under way then may still reach the disk, or a part of
   * it. */
  if (code == SQLITE_OK && is_change (op) && disk.kill_in > 0 && --disk.kill_in == 0)
    {
      disk.is_dead = TRUE;
      code = op == FORGETFUL_WRITE ? SQLITE_OK : SQLITE_IOERR;
    }
  unlock_disk ();

  return code;
}

ForgetfulFile *
forgetful_file_open (const char *path, gboolean is_new)
{
  ForgetfulFile *file;

  lock_disk ();
  file = g_hash_table_lookup (disk.names, path);
  if (file == NULL || is_new)
    {
      file = file_new ();
      g_hash_table_insert (disk.names, g_strdup (path), file);
      add_naming (path, NULL, FALSE, file);
      if (!is_new)
        {
          /* Made by somebody who did not come through here. */
          g_autoptr (GByteArray) image = g_byte_array_new ();

          read_contents (path, image);
          add_change (file, 0, image->data, image->len);
        }
    }
  disk.n_open++;
  file_ref (file);
  unlock_disk ();

  return file;
}

void
forgetful_file_close (ForgetfulFile *file)
{
  lock_disk ();
  disk.n_open--;
  file_unref (file);
  unlock_disk ();
}

void
forgetful_file_write (ForgetfulFile *file, gint64 offset, const void *data, gsize length)
{
  lock_disk ();
  if (length > 0)
    add_change (file, offset, data, length);
  disk.written = file;
  unlock_disk ();
}

void
forgetful_file_truncate (ForgetfulFile *file, gint64 size)
{
  lock_disk ();
  add_change (file, size, NULL, 0);
  unlock_disk ();
}

void
forgetful_file_sync (ForgetfulFile *file)
{
  lock_disk ();
  for (guint i = 0; i < file->changes->len && !disk.lies; i++)
    apply_change (file->kept, file->changes->pdata[i]);
  if (!disk.lies)
    g_ptr_array_set_size (file->changes, 0);
  unlock_disk ();
}

/* The folder of the path. */
static gboolean
is_in (const char *path, const char *folder)
{
  g_autofree char *parent = g_path_get_dirname (path);

  return g_str_equal (parent, folder);
}

void
forgetful_disk_sync_folder (const char *path)
{
  lock_disk ();
  for (guint i = 0; i < disk.namings->len && !disk.lies;)
    {
      Naming *naming = disk.namings->pdata[i];

      if (!is_in (naming->path, path))
        {
          i++;
          continue;
        }
      apply_naming (disk.kept, naming);
      g_ptr_array_remove_index (disk.namings, i);
    }
  unlock_disk ();
}

void
forgetful_disk_rename (const char *from, const char *to)
{
  ForgetfulFile *file;

  lock_disk ();
  file = g_hash_table_lookup (disk.names, from);
  if (file != NULL)
    {
      add_naming (from, to, FALSE, file);
      g_hash_table_insert (disk.names, g_strdup (to), file_ref (file));
      g_hash_table_remove (disk.names, from);
    }
  unlock_disk ();
}

void
forgetful_disk_remove (const char *path)
{
  ForgetfulFile *file;

  lock_disk ();
  file = g_hash_table_lookup (disk.names, path);
  if (file != NULL)
    {
      add_naming (path, NULL, TRUE, file);
      g_hash_table_remove (disk.names, path);
    }
  unlock_disk ();
}
