/* vl-sqlite-cache.c: copies in a folder, that outlive the program
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-sqlite-cache.h"

#include "../base/vl-lock-private.h"
#include "../table/vl-page.h"
#include "../table/vl-reply.h"
#include "vl-cache-private.h"
#include "vl-disk-worker-private.h"
#include "vl-memory-cache-private.h"

/* 256 MiB. */
#define DEFAULT_MAX_BYTES (G_GUINT64_CONSTANT (256) * 1024 * 1024)

/* 16 MiB: what is looked at again and again. */
#define DEFAULT_MEMORY_BYTES (G_GUINT64_CONSTANT (16) * 1024 * 1024)

#define FOLDER_NAME "vantage-live"

/**
 * VlSqliteCache:
 *
 * A cache that keeps pages in a folder, where they outlive the program.
 *
 * What was fresh when the program ended is fresh when it starts again, unless
 * it ended in the middle of a write; or, where the live table listens to a
 * stream, unless that tells that something may have changed meanwhile. The work is done on a thread
 * of its own; pages that were used lately are kept in memory as well, within
 * [property@SqliteCache:memory-bytes], so that they can be had at once.
 *
 * ## The folder
 *
 * The folder and the files in it can be read by this user only, whatever the
 * umask. It belongs to one cache at a time, of all programs: a second one says
 * so once, by a warning, and works from memory alone. So does a cache whose
 * folder is a symbolic link, belongs to somebody else, or cannot be written
 * to, and one whose disk is full or fails later on;
 * [property@SqliteCache:is-degraded] and [property@SqliteCache:error] tell.
 * Calls do not fail for any of that.
 *
 * A database file that is damaged, of another version, or not a cache at all is
 * renamed, with `aside` in its name, and a new one is begun. It is kept until
 * everything is cleared.
 *
 * ## Room
 *
 * When [property@SqliteCache:max-bytes] is exceeded stale pages go first, then
 * those that have not been used for a long time: a few at a time, when there is
 * nothing else to do, so that it may be exceeded for a while. The order is not
 * exact. Those that go leave their bytes in the file, readable for whoever may
 * read it, until others take their place. Clearing really erases: the file is
 * written anew, beside the one that is in use and a part at a time, so that
 * other requests do not wait for it; the clearing is answered when the old file
 * is gone. It fails if that cannot be had.
 *
 * ## After a crash
 *
 * Nothing that was read before a write that may have reached the master is
 * fresh after the program or the machine went down. Neither is what
 * was invalidated, nor what was stored while its root was marked
 * ([method@Cache.open_async]): that is fresh for this program only, as long as it
 * runs. Pages that were stored last may be missing.
 *
 * For that the mark of a write is synced to the disk before the write is sent,
 * an invalidation without such a mark before it is answered (both as with
 * `PRAGMA synchronous = FULL`), and a file that is cleared, rebuilt or given up
 * before the next request is answered. All else is written as with
 * `PRAGMA synchronous = NORMAL`: a program that crashes loses none of it, a loss
 * of power perhaps the latest part. A disk that fails altogether, so that the
 * file can neither be written to nor be removed, cannot be told either: then
 * marks fail, which a live table warns of, and what was invalidated since may
 * be fresh again for the next program.
 *
 * One cache may serve any number of live tables, of one master or of several,
 * on any threads.
 *
 * Since: 1.0
 */

struct _VlSqliteCache
{
  GObject parent_instance;

  /* Never change once it is made. */
  char *folder;
  VlMemoryCache *memory;
  VlDiskWorker *worker;

  VlLock lock; /* guards what follows */
  guint64 max_bytes;
  guint64 memory_bytes;
};

enum
{
  PROP_0,
  PROP_FOLDER,
  PROP_MAX_BYTES,
  PROP_MEMORY_BYTES,
  PROP_IS_DEGRADED,
  PROP_ERROR,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void cache_iface_init (VlCacheInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (VlSqliteCache,
                               vl_sqlite_cache,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_CACHE, cache_iface_init))

static gboolean
lookup_now (VlCache *cache, const char *root, const char *key, VlAnswer *answer)
{
  answer->fresh = _vl_disk_worker_find (((VlSqliteCache *) cache)->worker, root, key, &answer->page,
                                        &answer->lease);

  return answer->fresh;
}

static void
lookup_later (VlCache *cache, const char *root, const char *key, VlFlight *flight)
{
  _vl_disk_worker_push (((VlSqliteCache *) cache)->worker,
                        _vl_disk_job_new_lookup (root, key, flight));
}

static gboolean
vl_sqlite_cache_lookup (VlCache *cache,
                        const char *root,
                        const char *key,
                        VlReply *reply,
                        GError **error)
{
  VlSqliteCache *self = VL_SQLITE_CACHE (cache);
  g_autoptr (VlPage) page = NULL;
  guint64 lease;

  if (_vl_disk_worker_find (self->worker, root, key, &page, &lease))
    vl_reply_return_lookup (reply, page, TRUE, lease);
  else
    _vl_disk_worker_push (self->worker, _vl_disk_job_new (VL_DISK_LOOKUP, root, key, reply));
  return TRUE;
}

static gboolean
vl_sqlite_cache_get_lease (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  VlSqliteCache *self = VL_SQLITE_CACHE (cache);
  guint64 lease;

  if (_vl_disk_worker_find (self->worker, root, NULL, NULL, &lease))
    vl_reply_return_lookup (reply, NULL, FALSE, lease);
  else
    _vl_disk_worker_push (self->worker, _vl_disk_job_new (VL_DISK_GET_LEASE, root, NULL, reply));
  return TRUE;
}

static gboolean
vl_sqlite_cache_store (VlCache *cache,
                       const char *root,
                       const char *key,
                       VlPage *page,
                       guint64 lease,
                       VlReply *reply,
                       GError **error)
{
  VlSqliteCache *self = VL_SQLITE_CACHE (cache);
  VlDiskJob *job;

  if (vl_page_get_has_pending (page))
    {
      vl_reply_return_done (reply);
      return TRUE;
    }

  job = _vl_disk_job_new (VL_DISK_STORE, root, key, reply);
  job->page = g_object_ref (page);
  job->lease = lease;
  _vl_disk_worker_push (self->worker, job);
  return TRUE;
}

static gboolean
vl_sqlite_cache_remove (VlCache *cache,
                        const char *root,
                        const char *key,
                        VlReply *reply,
                        GError **error)
{
  VlSqliteCache *self = VL_SQLITE_CACHE (cache);

  _vl_disk_worker_push (self->worker, _vl_disk_job_new (VL_DISK_REMOVE, root, key, reply));
  return TRUE;
}

/* Memory forgets at once, so that nobody who peeks sees as fresh what the file
 * is still to hear of. */
static gboolean
vl_sqlite_cache_invalidate (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  VlSqliteCache *self = VL_SQLITE_CACHE (cache);
  VlDiskJob *job = _vl_disk_job_new (VL_DISK_INVALIDATE, root, NULL, reply);

  _vl_memory_cache_raise (self->memory, root);
  _vl_disk_job_emits (job, cache);
  _vl_disk_worker_push (self->worker, job);
  return TRUE;
}

static gboolean
vl_sqlite_cache_clear (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  VlSqliteCache *self = VL_SQLITE_CACHE (cache);
  VlDiskJob *job = _vl_disk_job_new (VL_DISK_CLEAR, root, NULL, reply);

  _vl_memory_cache_erase (self->memory, root);
  _vl_disk_job_emits (job, cache);
  _vl_disk_worker_push (self->worker, job);
  return TRUE;
}

static gboolean
vl_sqlite_cache_open (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  VlSqliteCache *self = VL_SQLITE_CACHE (cache);

  _vl_disk_worker_push (self->worker, _vl_disk_job_new (VL_DISK_OPEN, root, NULL, reply));
  return TRUE;
}

static gboolean
vl_sqlite_cache_close (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  VlSqliteCache *self = VL_SQLITE_CACHE (cache);

  _vl_disk_worker_push (self->worker, _vl_disk_job_new (VL_DISK_CLOSE, root, NULL, reply));
  return TRUE;
}

static VlPage *
vl_sqlite_cache_peek (VlCache *cache, const char *root, const char *key)
{
  /* A checked cast would be a tenth of a hit. */
  return _vl_memory_cache_find (((VlSqliteCache *) cache)->memory, root, key);
}

static const VlCacheQuick quick = {
  .lookup_now = lookup_now,
  .lookup_later = lookup_later,
};

static void
cache_iface_init (VlCacheInterface *iface)
{
  _vl_cache_iface_set_quick (iface, &quick);
  iface->lookup = vl_sqlite_cache_lookup;
  iface->store = vl_sqlite_cache_store;
  iface->remove = vl_sqlite_cache_remove;
  iface->invalidate = vl_sqlite_cache_invalidate;
  iface->clear = vl_sqlite_cache_clear;
  iface->get_lease = vl_sqlite_cache_get_lease;
  iface->open = vl_sqlite_cache_open;
  iface->close = vl_sqlite_cache_close;
  iface->peek = vl_sqlite_cache_peek;
}

/* Runs at home. */
static void
degraded (GObject *object)
{
  g_object_notify_by_pspec (object, properties[PROP_IS_DEGRADED]);
  g_object_notify_by_pspec (object, properties[PROP_ERROR]);
}

static void
vl_sqlite_cache_constructed (GObject *object)
{
  VlSqliteCache *self = VL_SQLITE_CACHE (object);

  G_OBJECT_CLASS (vl_sqlite_cache_parent_class)->constructed (object);

  if (self->folder == NULL)
    self->folder = g_build_filename (g_get_user_cache_dir (), FOLDER_NAME, NULL);

  /* Where memory is not wanted it still has to take the place of a file that
   * cannot be used. */
  self->memory = vl_memory_cache_new (self->memory_bytes);
  self->worker = _vl_disk_worker_new (object, self->folder, self->memory, degraded);
  _vl_disk_worker_set_has_front (self->worker, self->memory_bytes > 0);
  _vl_disk_worker_set_max_bytes (self->worker, self->max_bytes);
}

static void
vl_sqlite_cache_finalize (GObject *object)
{
  VlSqliteCache *self = VL_SQLITE_CACHE (object);

  g_clear_pointer (&self->worker, _vl_disk_worker_close);
  g_clear_object (&self->memory);
  g_free (self->folder);
  _vl_lock_destroy (&self->lock);

  G_OBJECT_CLASS (vl_sqlite_cache_parent_class)->finalize (object);
}

static void
vl_sqlite_cache_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlSqliteCache *self = VL_SQLITE_CACHE (object);

  switch (prop_id)
    {
    case PROP_FOLDER:
      g_value_set_string (value, self->folder);
      break;
    case PROP_MAX_BYTES:
      g_value_set_uint64 (value, vl_sqlite_cache_get_max_bytes (self));
      break;
    case PROP_MEMORY_BYTES:
      g_value_set_uint64 (value, vl_sqlite_cache_get_memory_bytes (self));
      break;
    case PROP_IS_DEGRADED:
      g_value_set_boolean (value, vl_sqlite_cache_get_is_degraded (self));
      break;
    case PROP_ERROR:
      g_value_take_boxed (value, vl_sqlite_cache_dup_error (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
vl_sqlite_cache_set_property (GObject *object,
                              guint prop_id,
                              const GValue *value,
                              GParamSpec *pspec)
{
  VlSqliteCache *self = VL_SQLITE_CACHE (object);

  switch (prop_id)
    {
    case PROP_FOLDER:
      self->folder = g_value_dup_string (value);
      break;
    case PROP_MAX_BYTES:
      vl_sqlite_cache_set_max_bytes (self, g_value_get_uint64 (value));
      break;
    case PROP_MEMORY_BYTES:
      vl_sqlite_cache_set_memory_bytes (self, g_value_get_uint64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
install_settings (void)
{
  /**
   * VlSqliteCache:folder: (getter get_folder)
   *
   * The folder.
   *
   * One that is not there is made, with its parents. %NULL when the cache is
   * made stands for `vantage-live` in the user's cache directory.
   *
   * Since: 1.0
   */
  properties[PROP_FOLDER] = g_param_spec_string ("folder", NULL, NULL, NULL,
                                                 G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                                   G_PARAM_STATIC_STRINGS);

  /**
   * VlSqliteCache:max-bytes: (getter get_max_bytes) (setter set_max_bytes)
   *
   * The budget of the file in bytes. Setting 0 sets the default of 256 MiB.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_BYTES] = g_param_spec_uint64 ("max-bytes", NULL, NULL, 0, G_MAXUINT64,
                                                    DEFAULT_MAX_BYTES,
                                                    G_PARAM_READWRITE | G_PARAM_CONSTRUCT |
                                                      G_PARAM_EXPLICIT_NOTIFY |
                                                      G_PARAM_STATIC_STRINGS);

  /**
   * VlSqliteCache:memory-bytes: (getter get_memory_bytes) (setter set_memory_bytes)
   *
   * The budget of the memory in front of the file in bytes, 0 for none.
   *
   * Without it there is nothing to peek at. A cache that works from memory
   * alone uses as much as this, or 64 MiB if this is 0.
   *
   * Since: 1.0
   */
  properties[PROP_MEMORY_BYTES] = g_param_spec_uint64 ("memory-bytes", NULL, NULL, 0, G_MAXUINT64,
                                                       DEFAULT_MEMORY_BYTES,
                                                       G_PARAM_READWRITE | G_PARAM_CONSTRUCT |
                                                         G_PARAM_EXPLICIT_NOTIFY |
                                                         G_PARAM_STATIC_STRINGS);
}

static void
install_state (void)
{
  /**
   * VlSqliteCache:is-degraded: (getter get_is_degraded)
   *
   * Whether the cache works from memory alone, because the folder or the disk
   * cannot be used.
   *
   * That does not end before the cache does. It is notified at home: in the
   * main context that was the thread-default one where the cache was made.
   *
   * Since: 1.0
   */
  properties[PROP_IS_DEGRADED] = g_param_spec_boolean ("is-degraded", NULL, NULL, FALSE,
                                                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * VlSqliteCache:error: (getter dup_error)
   *
   * Why the cache works from memory alone; %NULL if it does not.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
vl_sqlite_cache_class_init (VlSqliteCacheClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = vl_sqlite_cache_constructed;
  object_class->finalize = vl_sqlite_cache_finalize;
  object_class->get_property = vl_sqlite_cache_get_property;
  object_class->set_property = vl_sqlite_cache_set_property;

  install_settings ();
  install_state ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
vl_sqlite_cache_init (VlSqliteCache *self)
{
  _vl_lock_init (&self->lock);
}

/**
 * vl_sqlite_cache_new:
 * @folder: (nullable) (type filename): the folder, or %NULL for `vantage-live`
 *   in the user's cache directory
 *
 * Makes a cache that keeps pages in a folder.
 *
 * Nothing is waited for: the folder is opened on the cache's own thread. Should
 * that fail, now or later, the cache works from memory alone.
 *
 * Returns: (transfer full): the cache
 *
 * Since: 1.0
 */
VlSqliteCache *
vl_sqlite_cache_new (const char *folder)
{
  return g_object_new (VL_TYPE_SQLITE_CACHE, "folder", folder, NULL);
}

/**
 * vl_sqlite_cache_get_folder: (get-property folder)
 * @self: a cache
 *
 * Gets the folder.
 *
 * Returns: (transfer none) (type filename): a path
 *
 * Since: 1.0
 */
const char *
vl_sqlite_cache_get_folder (VlSqliteCache *self)
{
  g_return_val_if_fail (VL_IS_SQLITE_CACHE (self), NULL);

  return self->folder;
}

/**
 * vl_sqlite_cache_get_max_bytes: (get-property max-bytes)
 * @self: a cache
 *
 * Gets the budget of the file.
 *
 * Returns: the budget in bytes, never 0
 *
 * Since: 1.0
 */
guint64
vl_sqlite_cache_get_max_bytes (VlSqliteCache *self)
{
  guint64 max_bytes;

  g_return_val_if_fail (VL_IS_SQLITE_CACHE (self), 0);

  _vl_lock_acquire (&self->lock);
  max_bytes = self->max_bytes;
  _vl_lock_release (&self->lock);
  return max_bytes;
}

/**
 * vl_sqlite_cache_set_max_bytes: (set-property max-bytes)
 * @self: a cache
 * @max_bytes: the budget in bytes, 0 for the default of 256 MiB
 *
 * Sets the budget of the file. What exceeds it goes soon afterwards.
 *
 * It may be called on any thread; [signal@GObject.Object::notify] is emitted
 * on that one.
 *
 * Since: 1.0
 */
void
vl_sqlite_cache_set_max_bytes (VlSqliteCache *self, guint64 max_bytes)
{
  gboolean changed;

  g_return_if_fail (VL_IS_SQLITE_CACHE (self));

  if (max_bytes == 0)
    max_bytes = DEFAULT_MAX_BYTES;

  _vl_lock_acquire (&self->lock);
  changed = self->max_bytes != max_bytes;
  self->max_bytes = max_bytes;
  _vl_lock_release (&self->lock);
  if (!changed)
    return;

  if (self->worker != NULL)
    _vl_disk_worker_set_max_bytes (self->worker, max_bytes);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_BYTES]);
}

/**
 * vl_sqlite_cache_get_memory_bytes: (get-property memory-bytes)
 * @self: a cache
 *
 * Gets the budget of the memory in front of the file.
 *
 * Returns: the budget in bytes, 0 = none
 *
 * Since: 1.0
 */
guint64
vl_sqlite_cache_get_memory_bytes (VlSqliteCache *self)
{
  guint64 memory_bytes;

  g_return_val_if_fail (VL_IS_SQLITE_CACHE (self), 0);

  _vl_lock_acquire (&self->lock);
  memory_bytes = self->memory_bytes;
  _vl_lock_release (&self->lock);
  return memory_bytes;
}

/**
 * vl_sqlite_cache_set_memory_bytes: (set-property memory-bytes)
 * @self: a cache
 * @memory_bytes: the budget in bytes, 0 for none
 *
 * Sets the budget of the memory in front of the file, and drops at once what
 * exceeds it.
 *
 * It may be called on any thread; [signal@GObject.Object::notify] is emitted
 * on that one.
 *
 * Since: 1.0
 */
void
vl_sqlite_cache_set_memory_bytes (VlSqliteCache *self, guint64 memory_bytes)
{
  gboolean changed;

  g_return_if_fail (VL_IS_SQLITE_CACHE (self));

  _vl_lock_acquire (&self->lock);
  changed = self->memory_bytes != memory_bytes;
  self->memory_bytes = memory_bytes;
  _vl_lock_release (&self->lock);
  if (!changed)
    return;

  if (self->worker != NULL)
    {
      _vl_disk_worker_set_has_front (self->worker, memory_bytes > 0);
      vl_memory_cache_set_max_bytes (self->memory, memory_bytes);
      if (memory_bytes == 0 && !vl_sqlite_cache_get_is_degraded (self))
        _vl_memory_cache_erase (self->memory, NULL);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MEMORY_BYTES]);
}

/**
 * vl_sqlite_cache_get_is_degraded: (get-property is-degraded)
 * @self: a cache
 *
 * Tells whether the cache works from memory alone.
 *
 * A cache that was just made does not know yet.
 *
 * Returns: %TRUE if it does
 *
 * Since: 1.0
 */
gboolean
vl_sqlite_cache_get_is_degraded (VlSqliteCache *self)
{
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (VL_IS_SQLITE_CACHE (self), FALSE);

  error = _vl_disk_worker_dup_error (self->worker);
  return error != NULL;
}

/**
 * vl_sqlite_cache_dup_error: (get-property error)
 * @self: a cache
 *
 * Gets why the cache works from memory alone.
 *
 * That is an error of [error@Error] whose message says what can be done about it.
 *
 * Returns: (transfer full) (nullable): the error, or %NULL if the file is used
 *
 * Since: 1.0
 */
GError *
vl_sqlite_cache_dup_error (VlSqliteCache *self)
{
  g_return_val_if_fail (VL_IS_SQLITE_CACHE (self), NULL);

  return _vl_disk_worker_dup_error (self->worker);
}

/**
 * vl_sqlite_cache_get_n_bytes:
 * @self: a cache
 *
 * Gets how much of the budget is used, as of the last request that was
 * answered.
 *
 * That counts the pages, their keys and what is needed to keep track of them;
 * the file may be larger. Of a cache that works from memory alone it is what
 * memory holds.
 *
 * Returns: a number of bytes
 *
 * Since: 1.0
 */
guint64
vl_sqlite_cache_get_n_bytes (VlSqliteCache *self)
{
  g_return_val_if_fail (VL_IS_SQLITE_CACHE (self), 0);

  return _vl_disk_worker_get_n_bytes (self->worker);
}

/**
 * vl_sqlite_cache_get_n_pages:
 * @self: a cache
 *
 * Gets how many pages are kept, stale ones included, as of the last request
 * that was answered.
 *
 * Records and counts are kept as pages too.
 *
 * Returns: a number of pages
 *
 * Since: 1.0
 */
guint
vl_sqlite_cache_get_n_pages (VlSqliteCache *self)
{
  g_return_val_if_fail (VL_IS_SQLITE_CACHE (self), 0);

  return _vl_disk_worker_get_n_pages (self->worker);
}
