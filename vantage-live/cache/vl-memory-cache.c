/* vl-memory-cache.c: copies in memory, within a budget
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-memory-cache-private.h"

#include "../base/vl-checksum-private.h"
#include "../base/vl-lock-private.h"
#include "../base/vl-mutant-private.h"
#include "../base/vl-name-private.h"
#include "../table/vl-page-private.h"
#include "../table/vl-page.h"
#include "../table/vl-reply.h"
#include "vl-cache-private.h"

/* 64 MiB: about 480,000 small rows at 140 bytes each. */
#define DEFAULT_MAX_BYTES (G_GUINT64_CONSTANT (64) * 1024 * 1024)

/* What an entry costs beside its page's blocks and its key: the entry, the
 * slot of the hash table, the page object and its array of records. */
#define ENTRY_OVERHEAD 384

/* How many roots without entries are remembered. A fetch for a root must find
 * the generation that it began under when it stores its page, so roots outlive
 * their entries; a root forgotten too early costs a refetch, never a wrong
 * answer, because its next generation is a new one. */
#define MAX_IDLE_ROOTS 1024

/**
 * VlMemoryCache:
 *
 * A cache that keeps pages in memory, within a budget.
 *
 * When the budget is exceeded stale pages go first, then those that have not
 * been used for the longest time. A page that alone exceeds the budget is not
 * kept. A hit costs a lookup and a reference; nothing is copied.
 *
 * One cache may serve any number of live tables, of one master or of several,
 * on any threads.
 *
 * Since: 1.0
 */

typedef struct
{
  const char *name;    /* from _vl_name_get() */
  guint64 generation;  /* of this root now */
  GHashTable *entries; /* Entry.key -> Entry */
  GQueue fresh;        /* the entries of this generation, by their `group` links */
  GList idle;          /* a link of `idle_roots`; `data` is set while it is in there */
} Root;

/* Every entry is in `lru`, and by `group` either in its root's `fresh` or, once
 * it is stale, in the cache's `stale`: so a whole root goes from one to the
 * other in one step. */
typedef struct
{
  GList lru;
  GList group;
  Root *root;
  VlPage *page;       /* flagged from-cache; is-stale only once that was asked for */
  guint64 generation; /* of the root when it was stored with that lease, else 0 */
  gsize cost;         /* what it counts for in `n_bytes` */
  gboolean flagged;   /* `page` has is-stale set; final, as a generation never returns */
  gboolean was_used;  /* since somebody has asked that */
  char key[];
} Entry;

struct _VlMemoryCache
{
  GObject parent_instance;

  VlLock lock;             /* protects what follows, never held while calling out */
  GHashTable *roots;       /* Root.name -> Root */
  Root *last_root;         /* the one used last, to spare a lookup, or NULL */
  GQueue lru;              /* all entries, the one used last first */
  GQueue stale;            /* stale entries in the order in which they became so */
  GQueue idle_roots;       /* roots without entries, the one used last first */
  guint64 last_generation; /* of any root: counts up only, so that none repeats */
  guint64 max_bytes;
  guint64 n_bytes;
  guint64 n_evicted;
};

enum
{
  PROP_0,
  PROP_MAX_BYTES,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void cache_iface_init (VlCacheInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (VlMemoryCache,
                               vl_memory_cache,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_CACHE, cache_iface_init))

static gboolean
entry_is_fresh (const Entry *entry)
{
  return entry->generation == entry->root->generation;
}

/* Takes the entry out of its queues, and chains it into `doomed` by the link
 * that is free now: pages are released after the lock, since dropping the last
 * reference to one may run anything. */
static void
unlink_entry (VlMemoryCache *self, Entry *entry, GQueue *doomed)
{
  g_queue_unlink (entry_is_fresh (entry) ? &entry->root->fresh : &self->stale, &entry->group);
  g_queue_unlink (&self->lru, &entry->lru);
  self->n_bytes -= entry->cost;
  g_queue_push_tail_link (doomed, &entry->lru);
}

static void
free_entries (GQueue *doomed)
{
  GList *link;

  while ((link = g_queue_pop_head_link (doomed)) != NULL)
    {
      Entry *entry = link->data;

      g_object_unref (entry->page);
      g_free (entry);
    }
}

static void
free_root (gpointer data)
{
  Root *root = data;

  g_assert (root->fresh.length == 0 && g_hash_table_size (root->entries) == 0);
  g_hash_table_unref (root->entries);
  _vl_name_release (root->name);
  g_free (root);
}

static Root *
find_root (VlMemoryCache *self, const char *name)
{
  Root *root = self->last_root;

  /* Live tables have their names from where ours are. */
  if (root != NULL && (root->name == name || strcmp (root->name, name) == 0))
    return root;

  root = g_hash_table_lookup (self->roots, name);
  if (root != NULL)
    self->last_root = root;
  return root;
}

static void
drop_root (VlMemoryCache *self, Root *root)
{
  if (self->last_root == root)
    self->last_root = NULL;
  if (root->idle.data != NULL)
    g_queue_unlink (&self->idle_roots, &root->idle);
  g_hash_table_remove (self->roots, root->name);
}

/* Keeps the queue of idle roots right after entries came or went, or the root
 * was asked for. */
static void
touch_root (VlMemoryCache *self, Root *root)
{
  if (root->idle.data != NULL)
    {
      g_queue_unlink (&self->idle_roots, &root->idle);
      root->idle.data = NULL;
    }
  if (g_hash_table_size (root->entries) > 0)
    return;

  root->idle.data = root;
  g_queue_push_head_link (&self->idle_roots, &root->idle);
  if (self->idle_roots.length > MAX_IDLE_ROOTS)
    drop_root (self, g_queue_peek_tail (&self->idle_roots));
}

static Root *
ensure_root (VlMemoryCache *self, const char *name)
{
  Root *root = find_root (self, name);

  if (root == NULL)
    {
      root = g_new0 (Root, 1);
      root->name = _vl_name_get (name);
      root->generation = ++self->last_generation;
      root->entries = g_hash_table_new (_vl_hash_key, g_str_equal);
      g_hash_table_insert (self->roots, (char *) root->name, root);
      self->last_root = root;
    }
  if (g_hash_table_size (root->entries) == 0)
    touch_root (self, root);
  return root;
}

static void
remove_entry (VlMemoryCache *self, Entry *entry, GQueue *doomed)
{
  g_hash_table_remove (entry->root->entries, entry->key);
  unlink_entry (self, entry, doomed);
}

static void
evict (VlMemoryCache *self, GQueue *doomed)
{
  while (self->n_bytes > self->max_bytes)
    {
      GList *link = self->stale.head != NULL ? self->stale.head : self->lru.tail;
      Entry *entry = link->data;
      Root *root = entry->root;

      remove_entry (self, entry, doomed);
      touch_root (self, root);
      self->n_evicted++;
    }
}

/* All entries of the root become stale, whatever their number: their
 * generation is not the root's any more, and their queue moves as a whole. */
static void
raise_generation (VlMemoryCache *self, Root *root)
{
  GQueue *from = &root->fresh;
  GQueue *to = &self->stale;

  root->generation = ++self->last_generation;
  if (from->head == NULL)
    return;

  from->head->prev = to->tail;
  if (to->tail != NULL)
    to->tail->next = from->head;
  else
    to->head = from->head;
  to->tail = from->tail;
  to->length += from->length;
  g_queue_init (from);
}

static void
clear_root (VlMemoryCache *self, Root *root, GQueue *doomed)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, root->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      g_hash_table_iter_remove (&iter);
      unlink_entry (self, value, doomed);
    }
}

/* Replaces the page of an entry that is stale by a view that says so. The page
 * goes to `old`, to be released after the lock. */
static G_NO_INLINE void
flag_entry (Entry *entry, VlPage **old)
{
  VlPageInfo info;

  _vl_page_get_info (entry->page, &info);
  info.is_stale = TRUE;
  *old = entry->page;
  entry->page = _vl_page_with_info (*old, &info);
  entry->flagged = TRUE;
}

/* The page of an entry as a reader gets it. */
static VlPage *
use_entry (VlMemoryCache *self, Entry *entry, VlPage **old)
{
  if (self->lru.head != &entry->lru)
    {
      g_queue_unlink (&self->lru, &entry->lru);
      g_queue_push_head_link (&self->lru, &entry->lru);
    }
  entry->was_used = TRUE;

  if (!entry_is_fresh (entry) && !entry->flagged)
    flag_entry (entry, old);

  return g_object_ref (entry->page);
}

VlPage *
_vl_memory_cache_find (VlMemoryCache *self, const char *root_name, const char *key)
{
  VlPage *old = NULL;
  VlPage *page = NULL;
  Root *root;

  _vl_lock_acquire (&self->lock);
  root = find_root (self, root_name);
  if (root != NULL)
    {
      Entry *entry = g_hash_table_lookup (root->entries, key);

      if (entry != NULL)
        page = use_entry (self, entry, &old);
    }
  _vl_lock_release (&self->lock);

  g_clear_object (&old);
  return page;
}

gboolean
_vl_memory_cache_take_used (VlMemoryCache *self, const char *root_name, const char *key)
{
  Root *root;
  Entry *entry = NULL;
  gboolean was_used = FALSE;

  _vl_lock_acquire (&self->lock);
  root = find_root (self, root_name);
  if (root != NULL)
    entry = g_hash_table_lookup (root->entries, key);
  if (entry != NULL)
    {
      was_used = entry->was_used && entry_is_fresh (entry);
      entry->was_used = FALSE;
    }
  _vl_lock_release (&self->lock);

  return was_used;
}

static VlPage *
vl_memory_cache_peek (VlCache *cache, const char *root_name, const char *key)
{
  /* A checked cast would be a tenth of a hit. */
  return _vl_memory_cache_find ((VlMemoryCache *) cache, root_name, key);
}

static gboolean
lookup_now (VlCache *cache, const char *root_name, const char *key, VlAnswer *answer)
{
  VlMemoryCache *self = (VlMemoryCache *) cache;
  g_autoptr (VlPage) old = NULL;
  Root *root;
  Entry *entry;

  _vl_lock_acquire (&self->lock);
  root = ensure_root (self, root_name);
  answer->lease = root->generation;
  entry = g_hash_table_lookup (root->entries, key);
  if (entry != NULL)
    {
      answer->fresh = entry_is_fresh (entry);
      answer->page = use_entry (self, entry, &old);
    }
  _vl_lock_release (&self->lock);

  return TRUE;
}

static gboolean
vl_memory_cache_lookup (VlCache *cache,
                        const char *root_name,
                        const char *key,
                        VlReply *reply,
                        GError **error)
{
  g_auto (VlAnswer) answer = { 0 };

  lookup_now (cache, root_name, key, &answer);
  vl_reply_return_lookup (reply, answer.page, answer.fresh, answer.lease);
  return TRUE;
}

guint64
_vl_memory_cache_get_lease (VlMemoryCache *self, const char *root_name)
{
  guint64 lease;

  _vl_lock_acquire (&self->lock);
  lease = ensure_root (self, root_name)->generation;
  _vl_lock_release (&self->lock);
  return lease;
}

static gboolean
vl_memory_cache_get_lease (VlCache *cache, const char *root_name, VlReply *reply, GError **error)
{
  guint64 lease = _vl_memory_cache_get_lease (VL_MEMORY_CACHE (cache), root_name);

  vl_reply_return_lookup (reply, NULL, FALSE, lease);
  return TRUE;
}

/* An entry that is in no queue yet; it counts for nothing before it is. */
static Entry *
make_entry (VlPage *page, const char *key)
{
  gsize key_size = strlen (key) + 1;
  Entry *entry = g_malloc0 (sizeof (Entry) + key_size);
  VlPageInfo info;

  memcpy (entry->key, key, key_size);
  entry->lru.data = entry;
  entry->group.data = entry;
  _vl_page_get_info (page, &info);
  entry->flagged = info.is_stale;
  info.from_cache = TRUE;
  entry->page = _vl_page_with_info (page, &info);
  entry->cost = _vl_page_get_n_bytes (entry->page) + key_size + ENTRY_OVERHEAD;
  return entry;
}

/* Whether the entry would be fresh. A page that was stale when it came never
 * is. */
static gboolean
take_lease (Entry *entry, Root *root, guint64 lease)
{
  entry->root = root;
  if (VL_MUTANT (STORE_WITHOUT_LEASE))
    lease = root->generation;
  entry->generation = lease == root->generation && !entry->flagged ? lease : 0;
  return entry_is_fresh (entry);
}

/* What is fresh is newer than what comes late, and stays. */
static void
insert_entry (VlMemoryCache *self, Root *root, Entry *entry, guint64 lease, GQueue *doomed)
{
  Entry *before = g_hash_table_lookup (root->entries, entry->key);
  gboolean fresh = take_lease (entry, root, lease);

  if (before != NULL && entry_is_fresh (before) && !fresh)
    {
      g_queue_push_tail_link (doomed, &entry->lru);
      return;
    }

  if (before != NULL)
    remove_entry (self, before, doomed);
  if (entry->cost > self->max_bytes)
    {
      g_queue_push_tail_link (doomed, &entry->lru);
    }
  else
    {
      g_queue_push_tail_link (fresh ? &root->fresh : &self->stale, &entry->group);
      g_queue_push_head_link (&self->lru, &entry->lru);
      g_hash_table_insert (root->entries, entry->key, entry);
      self->n_bytes += entry->cost;
    }
  touch_root (self, root);
  evict (self, doomed);
}

void
_vl_memory_cache_put (VlMemoryCache *self,
                      const char *root_name,
                      const char *key,
                      VlPage *page,
                      guint64 lease)
{
  GQueue doomed = G_QUEUE_INIT;
  Entry *entry;

  if (vl_page_get_has_pending (page))
    return;

  entry = make_entry (page, key);
  _vl_lock_acquire (&self->lock);
  insert_entry (self, ensure_root (self, root_name), entry, lease, &doomed);
  _vl_lock_release (&self->lock);
  free_entries (&doomed);
}

static void
store_now (VlCache *cache, const char *root_name, const char *key, VlPage *page, guint64 lease)
{
  _vl_memory_cache_put ((VlMemoryCache *) cache, root_name, key, page, lease);
}

static gboolean
vl_memory_cache_store (VlCache *cache,
                       const char *root_name,
                       const char *key,
                       VlPage *page,
                       guint64 lease,
                       VlReply *reply,
                       GError **error)
{
  _vl_memory_cache_put (VL_MEMORY_CACHE (cache), root_name, key, page, lease);
  vl_reply_return_done (reply);
  return TRUE;
}

void
_vl_memory_cache_drop (VlMemoryCache *self, const char *root_name, const char *key)
{
  GQueue doomed = G_QUEUE_INIT;
  Root *root;

  _vl_lock_acquire (&self->lock);
  root = find_root (self, root_name);
  if (root != NULL)
    {
      Entry *entry = g_hash_table_lookup (root->entries, key);

      if (entry != NULL)
        {
          remove_entry (self, entry, &doomed);
          touch_root (self, root);
        }
    }
  _vl_lock_release (&self->lock);
  free_entries (&doomed);
}

static gboolean
vl_memory_cache_remove (VlCache *cache,
                        const char *root_name,
                        const char *key,
                        VlReply *reply,
                        GError **error)
{
  _vl_memory_cache_drop (VL_MEMORY_CACHE (cache), root_name, key);
  vl_reply_return_done (reply);
  return TRUE;
}

void
_vl_memory_cache_raise (VlMemoryCache *self, const char *root_name)
{
  Root *root;

  _vl_lock_acquire (&self->lock);
  root = find_root (self, root_name);
  if (root != NULL)
    raise_generation (self, root);
  _vl_lock_release (&self->lock);
}

static gboolean
vl_memory_cache_invalidate (VlCache *cache, const char *root_name, VlReply *reply, GError **error)
{
  _vl_memory_cache_raise (VL_MEMORY_CACHE (cache), root_name);
  vl_cache_emit_invalidated (cache, root_name);
  vl_reply_return_done (reply);
  return TRUE;
}

static void
clear_all (VlMemoryCache *self, GQueue *doomed)
{
  GHashTableIter iter;
  gpointer value;

  self->last_root = NULL;
  g_hash_table_iter_init (&iter, self->roots);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      clear_root (self, value, doomed);
      g_hash_table_iter_remove (&iter);
    }
  g_queue_init (&self->idle_roots);
}

/* A root that is dropped gets a new generation when it is asked for next. */
void
_vl_memory_cache_erase (VlMemoryCache *self, const char *root_name)
{
  GQueue doomed = G_QUEUE_INIT;

  _vl_lock_acquire (&self->lock);
  if (root_name != NULL)
    {
      Root *root = find_root (self, root_name);

      if (root != NULL)
        {
          clear_root (self, root, &doomed);
          drop_root (self, root);
        }
    }
  else
    clear_all (self, &doomed);
  _vl_lock_release (&self->lock);
  free_entries (&doomed);
}

static gboolean
vl_memory_cache_clear (VlCache *cache, const char *root_name, VlReply *reply, GError **error)
{
  _vl_memory_cache_erase (VL_MEMORY_CACHE (cache), root_name);
  vl_cache_emit_invalidated (cache, root_name);
  vl_reply_return_done (reply);
  return TRUE;
}

static const VlCacheQuick quick = {
  .lookup_now = lookup_now,
  .store_now = store_now,
};

static void
cache_iface_init (VlCacheInterface *iface)
{
  _vl_cache_iface_set_quick (iface, &quick);
  iface->lookup = vl_memory_cache_lookup;
  iface->store = vl_memory_cache_store;
  iface->remove = vl_memory_cache_remove;
  iface->invalidate = vl_memory_cache_invalidate;
  iface->clear = vl_memory_cache_clear;
  iface->get_lease = vl_memory_cache_get_lease;
  iface->peek = vl_memory_cache_peek;
}

static void
vl_memory_cache_finalize (GObject *object)
{
  VlMemoryCache *self = VL_MEMORY_CACHE (object);
  GQueue doomed = G_QUEUE_INIT;

  clear_all (self, &doomed);
  free_entries (&doomed);
  g_hash_table_unref (self->roots);
  _vl_lock_destroy (&self->lock);

  G_OBJECT_CLASS (vl_memory_cache_parent_class)->finalize (object);
}

static void
vl_memory_cache_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlMemoryCache *self = VL_MEMORY_CACHE (object);

  switch (prop_id)
    {
    case PROP_MAX_BYTES:
      g_value_set_uint64 (value, vl_memory_cache_get_max_bytes (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
vl_memory_cache_set_property (GObject *object,
                              guint prop_id,
                              const GValue *value,
                              GParamSpec *pspec)
{
  VlMemoryCache *self = VL_MEMORY_CACHE (object);

  switch (prop_id)
    {
    case PROP_MAX_BYTES:
      vl_memory_cache_set_max_bytes (self, g_value_get_uint64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
vl_memory_cache_class_init (VlMemoryCacheClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = vl_memory_cache_finalize;
  object_class->get_property = vl_memory_cache_get_property;
  object_class->set_property = vl_memory_cache_set_property;

  /**
   * VlMemoryCache:max-bytes: (getter get_max_bytes) (setter set_max_bytes)
   *
   * The budget in bytes. Setting 0 sets the default of 64 MiB.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_BYTES] = g_param_spec_uint64 ("max-bytes", NULL, NULL, 0, G_MAXUINT64,
                                                    DEFAULT_MAX_BYTES,
                                                    G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                      G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
vl_memory_cache_init (VlMemoryCache *self)
{
  _vl_lock_init (&self->lock);
  self->roots = g_hash_table_new_full (_vl_hash_key, g_str_equal, NULL, free_root);
  self->max_bytes = DEFAULT_MAX_BYTES;
}

/**
 * vl_memory_cache_new:
 * @max_bytes: the budget in bytes, 0 for the default of 64 MiB
 *
 * Makes a cache that keeps pages in memory.
 *
 * Returns: (transfer full): the cache
 *
 * Since: 1.0
 */
VlMemoryCache *
vl_memory_cache_new (guint64 max_bytes)
{
  return g_object_new (VL_TYPE_MEMORY_CACHE, "max-bytes", max_bytes, NULL);
}

/**
 * vl_memory_cache_get_max_bytes: (get-property max-bytes)
 * @self: a cache
 *
 * Gets the budget.
 *
 * Returns: the budget in bytes, never 0
 *
 * Since: 1.0
 */
guint64
vl_memory_cache_get_max_bytes (VlMemoryCache *self)
{
  guint64 max_bytes;

  g_return_val_if_fail (VL_IS_MEMORY_CACHE (self), 0);

  _vl_lock_acquire (&self->lock);
  max_bytes = self->max_bytes;
  _vl_lock_release (&self->lock);
  return max_bytes;
}

/**
 * vl_memory_cache_set_max_bytes: (set-property max-bytes)
 * @self: a cache
 * @max_bytes: the budget in bytes, 0 for the default of 64 MiB
 *
 * Sets the budget, and drops at once what exceeds it.
 *
 * It may be called on any thread; [signal@GObject.Object::notify] is emitted
 * on that one.
 *
 * Since: 1.0
 */
void
vl_memory_cache_set_max_bytes (VlMemoryCache *self, guint64 max_bytes)
{
  GQueue doomed = G_QUEUE_INIT;
  gboolean changed;

  g_return_if_fail (VL_IS_MEMORY_CACHE (self));

  if (max_bytes == 0)
    max_bytes = DEFAULT_MAX_BYTES;

  _vl_lock_acquire (&self->lock);
  changed = self->max_bytes != max_bytes;
  self->max_bytes = max_bytes;
  evict (self, &doomed);
  _vl_lock_release (&self->lock);

  free_entries (&doomed);
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_BYTES]);
}

/**
 * vl_memory_cache_get_n_bytes:
 * @self: a cache
 *
 * Gets how much of the budget is used.
 *
 * That counts the rows, the keys and what is needed to keep track of them.
 * Rows that two pages share count twice; records that were made out of a page
 * do not count.
 *
 * Returns: a number of bytes, at most [property@MemoryCache:max-bytes]
 *
 * Since: 1.0
 */
guint64
vl_memory_cache_get_n_bytes (VlMemoryCache *self)
{
  guint64 n_bytes;

  g_return_val_if_fail (VL_IS_MEMORY_CACHE (self), 0);

  _vl_lock_acquire (&self->lock);
  n_bytes = self->n_bytes;
  _vl_lock_release (&self->lock);
  return n_bytes;
}

/**
 * vl_memory_cache_get_n_pages:
 * @self: a cache
 *
 * Gets how many pages are kept, stale ones included.
 *
 * Records and counts are kept as pages too.
 *
 * Returns: a number of pages
 *
 * Since: 1.0
 */
guint
vl_memory_cache_get_n_pages (VlMemoryCache *self)
{
  guint n_pages;

  g_return_val_if_fail (VL_IS_MEMORY_CACHE (self), 0);

  _vl_lock_acquire (&self->lock);
  n_pages = self->lru.length;
  _vl_lock_release (&self->lock);
  return n_pages;
}

/**
 * vl_memory_cache_get_n_evicted:
 * @self: a cache
 *
 * Gets how many pages have been dropped for want of room so far.
 *
 * Returns: a number of pages
 *
 * Since: 1.0
 */
guint64
vl_memory_cache_get_n_evicted (VlMemoryCache *self)
{
  guint64 n_evicted;

  g_return_val_if_fail (VL_IS_MEMORY_CACHE (self), 0);

  _vl_lock_acquire (&self->lock);
  n_evicted = self->n_evicted;
  _vl_lock_release (&self->lock);
  return n_evicted;
}
