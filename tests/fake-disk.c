/* fake-disk.c: a disk in memory that can be full, fail, and lose its power
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fake-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "vantage-live/base/vl-file-private.h"

#define SECTOR   512
#define FIRST_FD 1000

typedef struct _OpenFile OpenFile;

typedef struct
{
  gint ref_count;
  guint number;
  guint mode; /* with the kind */
  guint uid;
  OpenFile *owner; /* who has the lock */

  GByteArray *now;
  GByteArray *durable;
  GPtrArray *between;    /* of GByteArray: what it was since the last sync */
  GHashTable *lost;      /* sectors that a failed sync was to write */
  gboolean is_forgetful; /* a sync has failed: those that follow only say that they work */
} Node;

struct _OpenFile
{
  Node *node;
  gsize place;
  int flags;
};

/* Something done to a name: it stands for `node` now, or is gone when that is
 * NULL. A rename is two of them that belong together. */
typedef struct
{
  char *path;
  Node *node;
  gboolean with_next;
} NameChange;

FakeDisk fake_disk;

static GRand *disk_rand;
static GHashTable *names;         /* path -> Node */
static GHashTable *durable_names; /* path -> Node */
static GPtrArray *name_changes;   /* of NameChange, since their folder was synced */
static GPtrArray *open_files;     /* of OpenFile, NULL = closed */
static guint n_nodes;

/* --- Nodes --- */

static Node *
node_new (guint mode)
{
  Node *node = g_new0 (Node, 1);

  node->ref_count = 1;
  node->number = ++n_nodes;
  node->mode = mode;
  node->uid = (guint) geteuid ();
  node->now = g_byte_array_new ();
  node->durable = g_byte_array_new ();
  node->between = g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);
  node->lost = g_hash_table_new (NULL, NULL);

  return node;
}

static Node *
node_ref (Node *node)
{
  node->ref_count++;

  return node;
}

static void
node_unref (gpointer data)
{
  Node *node = data;

  if (node == NULL || --node->ref_count > 0)
    return;

  g_byte_array_unref (node->now);
  g_byte_array_unref (node->durable);
  g_ptr_array_unref (node->between);
  g_hash_table_unref (node->lost);
  g_free (node);
}

static GByteArray *
copy_of (GByteArray *data)
{
  GByteArray *copy = g_byte_array_sized_new (data->len);

  return g_byte_array_append (copy, data->data, data->len);
}

static void
resize (GByteArray *data, gsize length)
{
  const guint before = data->len;

  g_byte_array_set_size (data, (guint) length);
  if (length > before)
    memset (data->data + before, 0, length - before);
}

static gsize
n_sectors (gsize length)
{
  return (length + SECTOR - 1) / SECTOR;
}

/* Copies one sector, as far as both have it. */
static void
copy_sector (GByteArray *target, GByteArray *source, gsize sector, gsize end)
{
  const gsize start = sector * SECTOR;
  const gsize stop = MIN (MIN (start + SECTOR, end), target->len);

  for (gsize i = start; i < stop; i++)
    target->data[i] = i < source->len ? source->data[i] : 0;
}

static gboolean
sector_differs (Node *node, gsize sector)
{
  for (gsize i = sector * SECTOR; i < (sector + 1) * SECTOR; i++)
    {
      const int now = i < node->now->len ? node->now->data[i] : -1;
      const int before = i < node->durable->len ? node->durable->data[i] : -1;

      if (now != before)
        return TRUE;
    }

  return FALSE;
}

static void
node_sync (Node *node)
{
  g_autoptr (GByteArray) before = NULL;
  GHashTableIter iter;
  gpointer sector;

  if (node->is_forgetful)
    return;

  before = g_steal_pointer (&node->durable);
  node->durable = copy_of (node->now);
  g_hash_table_iter_init (&iter, node->lost);
  while (g_hash_table_iter_next (&iter, &sector, NULL))
    copy_sector (node->durable, before, GPOINTER_TO_SIZE (sector), G_MAXSIZE);
  g_ptr_array_set_size (node->between, 0);
}

static void
node_lose (Node *node)
{
  node->is_forgetful = S_ISREG (node->mode);
  for (gsize i = 0; i < n_sectors (MAX (node->now->len, node->durable->len)); i++)
    if (sector_differs (node, i))
      g_hash_table_add (node->lost, GSIZE_TO_POINTER (i));
}

static void
node_touch (Node *node, gsize from, gsize to)
{
  for (gsize i = from / SECTOR; i <= to / SECTOR; i++)
    g_hash_table_remove (node->lost, GSIZE_TO_POINTER (i));
}

/* What the power failure leaves of it. */
static void
node_crash (Node *node)
{
  const guint n_versions = node->between->len + 2;
  g_autoptr (GPtrArray) versions = g_ptr_array_new ();
  g_autoptr (GByteArray) result = g_byte_array_new ();
  GByteArray *sized;
  gsize torn;

  g_ptr_array_add (versions, node->durable);
  g_ptr_array_add (versions, node->now);
  for (guint i = 0; i < node->between->len; i++)
    g_ptr_array_add (versions, g_ptr_array_index (node->between, i));

  sized = g_ptr_array_index (versions, (guint) g_rand_int_range (disk_rand, 0, (gint) n_versions));
  resize (result, sized->len);
  torn = (gsize) g_rand_int_range (disk_rand, 0, (gint) n_sectors (result->len) + 1);
  for (gsize i = 0; i < n_sectors (result->len); i++)
    {
      const guint a = (guint) g_rand_int_range (disk_rand, 0, (gint) n_versions);
      const guint b = (guint) g_rand_int_range (disk_rand, 0, (gint) n_versions);

      copy_sector (result, g_ptr_array_index (versions, a), i, G_MAXSIZE);
      if (i == torn)
        copy_sector (result, g_ptr_array_index (versions, b), i,
                     i * SECTOR + (gsize) g_rand_int_range (disk_rand, 0, SECTOR));
    }

  g_byte_array_unref (node->now);
  node->now = copy_of (result);
  g_byte_array_unref (node->durable);
  node->durable = g_steal_pointer (&result);
  g_ptr_array_set_size (node->between, 0);
  g_hash_table_remove_all (node->lost);
  node->is_forgetful = FALSE;
  node->owner = NULL;
}

/* --- Names --- */

static void
change_free (gpointer data)
{
  NameChange *change = data;

  g_free (change->path);
  node_unref (change->node);
  g_free (change);
}

static void
put_name (GHashTable *table, const char *path, Node *node)
{
  if (node != NULL)
    g_hash_table_replace (table, g_strdup (path), node_ref (node));
  else
    g_hash_table_remove (table, path);
}

static void
change_name (const char *path, Node *node, gboolean with_next)
{
  NameChange *change = g_new0 (NameChange, 1);

  change->path = g_strdup (path);
  change->node = node != NULL ? node_ref (node) : NULL;
  change->with_next = with_next;
  g_ptr_array_add (name_changes, change);
  put_name (names, path, node);
}

static const char *
path_of (Node *node)
{
  GHashTableIter iter;
  gpointer path;
  gpointer value;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &path, &value))
    if (value == node)
      return path;

  return NULL;
}

static void
sync_names (Node *folder)
{
  const char *path = path_of (folder);

  for (guint i = 0; i < name_changes->len;)
    {
      NameChange *change = g_ptr_array_index (name_changes, i);
      g_autofree char *parent = g_path_get_dirname (change->path);

      if (g_strcmp0 (parent, path) != 0)
        {
          i++;
          continue;
        }
      put_name (durable_names, change->path, change->node);
      g_ptr_array_remove_index (name_changes, i);
    }
}

static void
crash_names (void)
{
  guint n = (guint) g_rand_int_range (disk_rand, 0, (gint) name_changes->len + 1);
  GHashTableIter iter;
  gpointer path;
  gpointer node;

  while (n > 0 && ((NameChange *) g_ptr_array_index (name_changes, n - 1))->with_next)
    n--;
  for (guint i = 0; i < n; i++)
    {
      NameChange *change = g_ptr_array_index (name_changes, i);

      put_name (durable_names, change->path, change->node);
    }
  g_ptr_array_set_size (name_changes, 0);

  g_hash_table_remove_all (names);
  g_hash_table_iter_init (&iter, durable_names);
  while (g_hash_table_iter_next (&iter, &path, &node))
    put_name (names, path, node);
}

/* --- Operations --- */

/* Counts an operation; FALSE with errno when it fails by itself. */
static gboolean
begin_op (gboolean writes)
{
  if (fake_disk.is_off)
    {
      errno = EIO;
      return FALSE;
    }
  fake_disk.n_ops++;
  if (fake_disk.n_ops == fake_disk.crash_at)
    fake_disk.is_off = TRUE;
  if (writes && fake_disk.read_only)
    {
      errno = EROFS;
      return FALSE;
    }

  return TRUE;
}

/* Every other of those that may be. */
static gboolean
is_interrupted (void)
{
  static gboolean every_other;

  every_other = fake_disk.interrupts && !every_other;
  errno = EINTR;

  return every_other;
}

/* Whether an operation that the power goes with has an effect. */
static gboolean
has_effect (void)
{
  return !fake_disk.is_off || g_rand_boolean (disk_rand);
}

static int
end_op (void)
{
  if (!fake_disk.is_off)
    return 0;
  errno = EIO;

  return -1;
}

static int
fail (int reason)
{
  errno = reason;

  return -1;
}

static gboolean
take_failure (guint *n)
{
  if (*n == 0)
    return FALSE;
  (*n)--;

  return TRUE;
}

static OpenFile *
get_open (int fd)
{
  g_assert_cmpint (fd, >=, FIRST_FD);
  g_assert_cmpuint ((guint) (fd - FIRST_FD), <, open_files->len);
  g_assert_nonnull (g_ptr_array_index (open_files, fd - FIRST_FD));

  return g_ptr_array_index (open_files, fd - FIRST_FD);
}

/* What is opened, or NULL with errno. */
static Node *
find_or_make (const char *path, int flags, int mode)
{
  Node *node = g_hash_table_lookup (names, path);
  g_autofree char *folder = g_path_get_dirname (path);
  Node *made;

  if (node != NULL)
    {
      errno = 0;
      if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0)
        errno = EEXIST;
      else if (S_ISLNK (node->mode))
        errno = ELOOP;
      else if ((flags & O_DIRECTORY) != 0 && !S_ISDIR (node->mode))
        errno = ENOTDIR;
      return errno == 0 ? node : NULL;
    }
  errno = ENOENT;
  if ((flags & O_CREAT) == 0 || !g_hash_table_contains (names, folder))
    return NULL;
  if (fake_disk.read_only)
    {
      errno = EROFS;
      return NULL;
    }

  made = node_new (S_IFREG | (guint) mode);
  change_name (path, made, FALSE);
  node_unref (made);

  return made;
}

static int
disk_open (const char *path, int flags, int mode)
{
  OpenFile *file;
  Node *node;

  if (!begin_op (FALSE) || !has_effect ())
    return fail (EIO);
  node = find_or_make (path, flags, mode);
  if (node == NULL)
    return -1;
  if (end_op () != 0)
    return -1;

  file = g_new0 (OpenFile, 1);
  file->node = node_ref (node);
  file->flags = flags;
  g_ptr_array_add (open_files, file);

  return FIRST_FD + (int) open_files->len - 1;
}

static gssize
disk_read (int fd, void *data, gsize length)
{
  OpenFile *file = get_open (fd);
  gsize n;

  if (is_interrupted () || !begin_op (FALSE) || end_op () != 0)
    return -1;

  n = file->place < file->node->now->len ? MIN (length, file->node->now->len - file->place) : 0;
  if (n > 0)
    memcpy (data, file->node->now->data + file->place, n);
  file->place += n;

  return (gssize) n;
}

static gsize
used_room (void)
{
  GHashTableIter iter;
  gpointer value;
  gsize used = 0;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    used += ((Node *) value)->now->len;

  return used;
}

static gssize
disk_write (int fd, const void *data, gsize length)
{
  OpenFile *file = get_open (fd);
  gsize n = length;

  g_assert_cmpint (file->flags & O_ACCMODE, !=, O_RDONLY);
  if (is_interrupted () || !begin_op (TRUE))
    return -1;
  fake_disk.n_writes++;
  if (take_failure (&fake_disk.fail_writes))
    return fail (EIO);

  if ((fake_disk.is_off || fake_disk.short_writes) && length > 1)
    n = (gsize) g_rand_int_range (disk_rand, 1, (gint) length);
  if (fake_disk.room >= 0)
    n = MIN (n, (gsize) MAX (fake_disk.room - (gint64) used_room (), 0));
  if (n == 0 && length > 0)
    return fail (ENOSPC);

  node_touch (file->node, file->node->now->len, file->node->now->len + n);
  g_byte_array_append (file->node->now, data, (guint) n);

  return end_op () == 0 ? (gssize) n : -1;
}

static int
disk_sync (int fd)
{
  OpenFile *file = get_open (fd);
  const gboolean is_folder = S_ISDIR (file->node->mode);

  if (is_interrupted () || !begin_op (FALSE))
    return -1;
  if (is_folder)
    fake_disk.n_folder_syncs++;
  else
    fake_disk.n_syncs++;
  if (take_failure (is_folder ? &fake_disk.fail_folder_syncs : &fake_disk.fail_syncs))
    {
      node_lose (file->node);
      return fail (EIO);
    }
  if (has_effect () && is_folder)
    sync_names (file->node);
  else if (has_effect ())
    node_sync (file->node);

  return end_op ();
}

static int
disk_truncate (int fd, gint64 length)
{
  Node *node = get_open (fd)->node;

  if (!begin_op (TRUE))
    return -1;
  if (take_failure (&fake_disk.fail_truncates))
    return fail (EIO);
  if (has_effect ())
    {
      g_ptr_array_add (node->between, copy_of (node->now));
      resize (node->now, (gsize) length);
      node_touch (node, (gsize) length, (gsize) length);
    }

  return end_op ();
}

static int
disk_close (int fd)
{
  OpenFile *file = get_open (fd);

  if (file->node->owner == file)
    file->node->owner = NULL;
  node_unref (file->node);
  g_free (file);
  open_files->pdata[fd - FIRST_FD] = NULL;

  return 0;
}

static int
disk_rename (const char *from, const char *to)
{
  Node *node = g_hash_table_lookup (names, from);

  if (!begin_op (TRUE))
    return -1;
  if (take_failure (&fake_disk.fail_renames))
    return fail (EIO);
  if (node == NULL)
    return fail (ENOENT);
  if (has_effect ())
    {
      node_ref (node);
      change_name (to, node, TRUE);
      change_name (from, NULL, FALSE);
      node_unref (node);
    }

  return end_op ();
}

static int
disk_unlink (const char *path)
{
  if (!begin_op (TRUE))
    return -1;
  if (!g_hash_table_contains (names, path))
    return fail (ENOENT);
  if (has_effect ())
    change_name (path, NULL, FALSE);

  return end_op ();
}

static int
disk_make_folder (const char *path, int mode)
{
  Node *node;

  if (!begin_op (TRUE))
    return -1;
  if (g_hash_table_contains (names, path))
    return fail (EEXIST);
  if (has_effect ())
    {
      node = node_new (S_IFDIR | (guint) mode);
      change_name (path, node, FALSE);
      node_unref (node);
    }

  return end_op ();
}

static int
disk_set_mode (int fd, int mode)
{
  Node *node = get_open (fd)->node;

  if (fake_disk.is_off)
    return fail (EIO);
  fake_disk.n_modes++;
  node->mode = (node->mode & S_IFMT) | (guint) mode;

  return 0;
}

static int
disk_look (const char *path, struct stat *info)
{
  Node *node = g_hash_table_lookup (names, path);

  if (fake_disk.is_off)
    return fail (EIO);
  if (node == NULL)
    return fail (ENOENT);

  memset (info, 0, sizeof *info);
  info->st_mode = node->mode;
  info->st_uid = node->uid;
  info->st_ino = node->number;
  info->st_size = node->now->len;

  return 0;
}

static int
disk_look_at (int fd, struct stat *info)
{
  Node *node = get_open (fd)->node;

  if (fake_disk.is_off)
    return fail (EIO);

  memset (info, 0, sizeof *info);
  info->st_mode = node->mode;
  info->st_uid = node->uid;
  info->st_ino = node->number;
  info->st_size = node->now->len;

  return 0;
}

static int
disk_lock (int fd)
{
  OpenFile *file = get_open (fd);

  if (fake_disk.is_off)
    return fail (EIO);
  if (file->node->owner != NULL && file->node->owner != file)
    return fail (EWOULDBLOCK);
  file->node->owner = file;

  return 0;
}

static const VlFileBackend disk_backend = {
  .open = disk_open,
  .read = disk_read,
  .write = disk_write,
  .sync = disk_sync,
  .truncate = disk_truncate,
  .close = disk_close,
  .rename = disk_rename,
  .unlink = disk_unlink,
  .make_folder = disk_make_folder,
  .set_mode = disk_set_mode,
  .look = disk_look,
  .look_at = disk_look_at,
  .lock = disk_lock,
};

/* --- For tests --- */

static void
put_node (const char *path, guint mode, gconstpointer data, gsize length)
{
  Node *node = node_new (mode);

  g_byte_array_append (node->now, data, (guint) length);
  g_byte_array_append (node->durable, data, (guint) length);
  put_name (names, path, node);
  put_name (durable_names, path, node);
  node_unref (node);
}

void
fake_disk_install (GRand *rand)
{
  fake_disk = (FakeDisk){ .room = -1 };
  disk_rand = rand;
  names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, node_unref);
  durable_names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, node_unref);
  name_changes = g_ptr_array_new_with_free_func (change_free);
  open_files = g_ptr_array_new ();
  put_node ("/", S_IFDIR | 0755, "", 0);
  put_node ("/disk", S_IFDIR | 0755, "", 0);
  _vl_file_set_backend (&disk_backend);
}

static void
close_all (void)
{
  for (guint i = 0; i < open_files->len; i++)
    if (g_ptr_array_index (open_files, i) != NULL)
      disk_close (FIRST_FD + (int) i);
}

void
fake_disk_uninstall (void)
{
  for (guint i = 0; i < open_files->len; i++)
    g_assert_null (g_ptr_array_index (open_files, i));
  _vl_file_set_backend (NULL);
  g_ptr_array_unref (open_files);
  g_ptr_array_unref (name_changes);
  g_hash_table_unref (durable_names);
  g_hash_table_unref (names);
}

void
fake_disk_restart (void)
{
  GHashTableIter iter;
  gpointer node;

  close_all ();
  crash_names ();
  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, NULL, &node))
    node_crash (node);
  fake_disk = (FakeDisk){ .room = -1 };
}

GBytes *
fake_disk_get (const char *path)
{
  Node *node = g_hash_table_lookup (names, path);

  return node != NULL ? g_bytes_new (node->now->data, node->now->len) : NULL;
}

void
fake_disk_put (const char *path, gconstpointer data, gsize length)
{
  put_node (path, S_IFREG | 0600, data, length);
}

void
fake_disk_put_link (const char *path)
{
  put_node (path, S_IFLNK | 0777, "", 0);
}

void
fake_disk_set_owner (const char *path, guint uid)
{
  ((Node *) g_hash_table_lookup (names, path))->uid = uid;
}

guint
fake_disk_get_mode (const char *path)
{
  return ((Node *) g_hash_table_lookup (names, path))->mode & 07777;
}

gboolean
fake_disk_has (const char *path)
{
  return g_hash_table_contains (names, path);
}

guint
fake_disk_count (const char *prefix)
{
  GHashTableIter iter;
  gpointer path;
  guint n = 0;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    n += g_str_has_prefix (path, prefix);

  return n;
}
