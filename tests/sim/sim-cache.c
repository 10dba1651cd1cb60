/* sim-cache.c: a slow cache that answers when it is told to
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Each call is kept; the scheduler decides when it has its effect, in any
 * order, and when it is answered. It checks what contract D asks of callers.
 */

#include "sim.h"

#include "table/vl-page-private.h"

/* Of a new live table, milliseconds. */
#define DEFAULT_TIMEOUT 30000

typedef struct
{
  VlPage *page;
  guint64 generation; /* 0 = stale */
  guint version;      /* of the master, that it is known to be of or later */
} Entry;

typedef struct
{
  char *name;
  guint64 generation;
  gboolean is_open;
  gboolean is_unsafe;  /* the last open has failed: nothing is promised */
  gboolean bypassed;   /* the last invalidation has failed */
  GHashTable *entries; /* key to Entry */
} Root;

typedef struct
{
  GObject parent_instance;

  Sim *sim;
  guint64 last_generation;
  GPtrArray *roots; /* of Root, in the order they came */
} SimCache;

typedef struct
{
  GObjectClass parent_class;
} SimCacheClass;

/* What a cache need not have makes a type of its own. */
typedef SimCache SimPeekingCache;
typedef SimCacheClass SimPeekingCacheClass;
typedef SimCache SimMarkingCache;
typedef SimCacheClass SimMarkingCacheClass;
typedef SimCache SimFullCache;
typedef SimCacheClass SimFullCacheClass;

GType sim_cache_get_type (void);
GType sim_peeking_cache_get_type (void);
GType sim_marking_cache_get_type (void);
GType sim_full_cache_get_type (void);

static void cache_iface_init (VlCacheInterface *iface);
static void peeking_iface_init (VlCacheInterface *iface);
static void marking_iface_init (VlCacheInterface *iface);
static void full_iface_init (VlCacheInterface *iface);

G_DEFINE_TYPE_WITH_CODE (SimCache,
                         sim_cache,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (VL_TYPE_CACHE, cache_iface_init))
G_DEFINE_TYPE_WITH_CODE (SimPeekingCache,
                         sim_peeking_cache,
                         sim_cache_get_type (),
                         G_IMPLEMENT_INTERFACE (VL_TYPE_CACHE, peeking_iface_init))
G_DEFINE_TYPE_WITH_CODE (SimMarkingCache,
                         sim_marking_cache,
                         sim_cache_get_type (),
                         G_IMPLEMENT_INTERFACE (VL_TYPE_CACHE, marking_iface_init))
G_DEFINE_TYPE_WITH_CODE (SimFullCache,
                         sim_full_cache,
                         sim_cache_get_type (),
                         G_IMPLEMENT_INTERFACE (VL_TYPE_CACHE, full_iface_init))

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_object_unref (entry->page);
  g_free (entry);
}

static void
root_free (gpointer data)
{
  Root *root = data;

  g_hash_table_unref (root->entries);
  g_free (root->name);
  g_free (root);
}

static void
raise_generation (SimCache *self, Root *root)
{
  root->generation = ++self->last_generation;
}

static Root *
get_root (SimCache *self, const char *name)
{
  Root *root;

  for (guint i = 0; i < self->roots->len; i++)
    {
      root = g_ptr_array_index (self->roots, i);
      if (g_str_equal (root->name, name))
        return root;
    }

  root = g_new0 (Root, 1);
  root->name = g_strdup (name);
  root->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  raise_generation (self, root);
  g_ptr_array_add (self->roots, root);

  return root;
}

static SimCore *
core_of_root (Sim *sim, const char *root)
{
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      if (g_str_has_prefix (root, sim->cores[i].key))
        return &sim->cores[i];
    }

  sim_fail (sim, "the cache is asked for the root “%s”", root);
  return &sim->cores[0];
}

static VlPage *
with_flags (Entry *entry, Root *root)
{
  VlPageInfo info;

  _vl_page_get_info (entry->page, &info);
  info.from_cache = TRUE;
  info.is_stale = entry->generation != root->generation;

  return _vl_page_with_info (entry->page, &info);
}

/* Effects */

static void
execute_lookup (SimCache *self, Root *root, SimRequest *request)
{
  Entry *entry = g_hash_table_lookup (root->entries, request->name);

  request->lease = root->generation;
  if (entry == NULL)
    return;

  request->page = with_flags (entry, root);
  request->fresh = entry->generation == root->generation;
}

/* What is fresh stays when something comes that would be stale. */
static void
execute_store (SimCache *self, Root *root, SimRequest *request)
{
  Entry *before = g_hash_table_lookup (root->entries, request->name);
  gboolean fresh = request->lease == root->generation && !root->is_open &&
                   !vl_page_get_is_stale (request->page);
  Entry *entry;

  if (!fresh && before != NULL && before->generation == root->generation)
    return;

  entry = g_new0 (Entry, 1);
  entry->page = g_object_ref (request->page);
  entry->generation = fresh ? root->generation : 0;
  g_hash_table_insert (root->entries, g_strdup (request->name), entry);
}

static void
execute_invalidate (SimCache *self, Root *root, SimRequest *request)
{
  raise_generation (self, root);
  root->is_open = FALSE;
  if (request->kind == SIM_CLEAR)
    g_hash_table_remove_all (root->entries);
  /* Its callers may have given it up, and hear of it like anybody. */
  sim_oracle_cause (self->sim, request->core, FALSE);
  vl_cache_emit_invalidated (VL_CACHE (self), root->name);
}

static void
execute (Sim *sim, SimRequest *request)
{
  SimCache *self = request->cache;
  Root *root = get_root (self, request->root);

  request->executed = TRUE;
  switch (request->kind)
    {
    case SIM_LOOKUP:
      execute_lookup (self, root, request);
      break;
    case SIM_GET_LEASE:
      request->lease = root->generation;
      break;
    case SIM_STORE:
      execute_store (self, root, request);
      break;
    case SIM_REMOVE:
      g_hash_table_remove (root->entries, request->name);
      break;
    case SIM_INVALIDATE:
    case SIM_CLEAR:
      execute_invalidate (self, root, request);
      break;
    case SIM_OPEN:
      root->is_open = TRUE;
      break;
    case SIM_CLOSE:
      root->is_open = FALSE;
      break;
    case SIM_DESCRIBE:
    case SIM_LIST:
    case SIM_FIND:
    case SIM_COUNT:
    case SIM_APPLY:
    case SIM_BATCH:
    default:
      g_assert_not_reached ();
    }
  sim_log (sim, "  cache executes %s #%u, generation %" G_GUINT64_FORMAT,
           sim_request_kind_name (request->kind), request->number, root->generation);
}

/* What is asked of a root but not its lookups has its effect in order. */
static gboolean
is_ordered (const SimRequest *request)
{
  return request->kind != SIM_LOOKUP && request->kind != SIM_GET_LEASE;
}

static void
execute_before (Sim *sim, GPtrArray *requests, SimRequest *request)
{
  for (guint i = 0; i < requests->len; i++)
    {
      SimRequest *other = g_ptr_array_index (requests, i);

      if (other->cache != NULL && !other->executed && other->number < request->number &&
          is_ordered (other) && g_str_equal (other->root, request->root))
        execute (sim, other);
    }
}

void
sim_cache_execute (Sim *sim, SimRequest *request)
{
  if (request->executed)
    return;

  if (is_ordered (request))
    execute_before (sim, sim->cache_requests, request);
  if (!request->executed)
    execute (sim, request);
}

/* Answers */

static gboolean
is_invalidation (const SimRequest *request)
{
  return request->kind == SIM_INVALIDATE || request->kind == SIM_CLEAR;
}

static void
request_over (SimCache *self, SimRequest *request, gboolean failed)
{
  Root *root = get_root (self, request->root);

  request->answered = TRUE;
  if (request->kind == SIM_OPEN && sim_clock_now () < request->deadline)
    root->is_unsafe = failed;
  if (is_invalidation (request) && sim_clock_now () < request->deadline)
    {
      root->bypassed = failed;
      self->sim->counts[SIM_COUNT_BYPASSED] += failed;
    }
}

static void
request_expires (Sim *sim, SimRequest *request, gint64 until)
{
  Root *root;

  if (request->cache == NULL || request->deadline <= sim_clock_now () || request->deadline > until)
    return;

  root = get_root (request->cache, request->root);
  sim_log (sim, "  %s #%u expires", sim_request_kind_name (request->kind), request->number);
  root->is_unsafe |= request->kind == SIM_OPEN;
  if (!is_invalidation (request))
    return;
  root->bypassed = TRUE;
  sim->counts[SIM_COUNT_BYPASSED]++;
  /* Another one follows. */
  sim_oracle_cause (sim, request->core, TRUE);
}

/* Time is about to pass: who waits for an invalidation, or a mark, gives up. */
void
sim_cache_time_passes (Sim *sim, gint64 until)
{
  for (guint i = 0; i < sim->cache_requests->len; i++)
    request_expires (sim, g_ptr_array_index (sim->cache_requests, i), until);
  for (guint i = 0; i < sim->forgotten->len; i++)
    request_expires (sim, g_ptr_array_index (sim->forgotten, i), until);
}

static gboolean
has_invalidation (GPtrArray *requests, const char *root)
{
  for (guint i = 0; i < requests->len; i++)
    {
      SimRequest *request = g_ptr_array_index (requests, i);

      if (request->cache != NULL && is_invalidation (request) &&
          sim_clock_now () < request->deadline && g_str_equal (request->root, root))
        return TRUE;
    }

  return FALSE;
}

/* D7: whether an invalidation or a clear is unanswered. */
static gboolean
is_closing (Sim *sim, Root *root)
{
  return has_invalidation (sim->cache_requests, root->name) ||
         has_invalidation (sim->forgotten, root->name);
}

void
sim_cache_answer (Sim *sim, SimRequest *request)
{
  sim_cache_execute (sim, request);
  sim_log (sim, "  cache answers %s #%u%s", sim_request_kind_name (request->kind), request->number,
           request->page == NULL || request->kind == SIM_STORE ? ""
           : request->fresh                                    ? ": fresh"
                                                               : ": stale");
  request_over (request->cache, request, FALSE);
  if (request->kind == SIM_LOOKUP || request->kind == SIM_GET_LEASE)
    vl_reply_return_lookup (request->reply, request->page, request->fresh, request->lease);
  else
    vl_reply_return_done (request->reply);
  g_ptr_array_remove (sim->cache_requests, request);
}

/* Its callers do not know whether it had its effect. */
void
sim_cache_fail (Sim *sim, SimRequest *request, guint32 how)
{
  if (how % 3 == 0)
    sim_cache_execute (sim, request);
  request->executed = TRUE;
  sim_log (sim, "  cache fails %s #%u", sim_request_kind_name (request->kind), request->number);
  request_over (request->cache, request, TRUE);
  if (how % 2 == 0)
    vl_reply_fail_literal (request->reply, VL_ERROR_FAILED, "cache fault");
  g_ptr_array_remove (sim->cache_requests, request);
}

/* What happens by itself */

void
sim_cache_evict (Sim *sim, guint32 which)
{
  SimCache *self = (SimCache *) sim->cache;
  Root *root;
  GHashTableIter iter;
  gpointer key;

  if (sim->disk != NULL)
    sim_disk_forget_memory (sim->disk);
  if (sim->config.cache != SIM_CACHE_SIM || self->roots->len == 0)
    return;

  root = g_ptr_array_index (self->roots, which % self->roots->len);
  g_hash_table_iter_init (&iter, root->entries);
  for (guint i = (which >> 8) % 8; g_hash_table_iter_next (&iter, &key, NULL); i--)
    {
      if (i > 0)
        continue;
      sim_log (sim, "  cache evicts %s", (const char *) key);
      g_hash_table_iter_remove (&iter);
      return;
    }
}

/* Another process invalidates the root. */
void
sim_cache_invalidate_elsewhere (Sim *sim, guint32 which)
{
  SimCache *self = (SimCache *) sim->cache;
  Root *root;

  if (sim->disk != NULL)
    sim_probe_invalidate (sim, &sim->cores[which % SIM_N_CORES], (which >> 8) % 4 == 0);
  if (sim->config.cache != SIM_CACHE_SIM || self->roots->len == 0)
    return;

  root = g_ptr_array_index (self->roots, which % self->roots->len);
  sim_log (sim, "  cache is invalidated elsewhere: %s", root->name);
  raise_generation (self, root);
  vl_cache_emit_invalidated (VL_CACHE (self), root->name);
  sim_oracle_invalidated (sim, core_of_root (sim, root->name));
}

/* D5: if we crashed now, would something old be fresh after it? */
static void
check_root (Sim *sim, Root *root)
{
  guint executed = core_of_root (sim, root->name)->executed;
  GHashTableIter iter;
  gpointer key;
  gpointer value;

  g_hash_table_iter_init (&iter, root->entries);
  while (g_hash_table_iter_next (&iter, &key, &value) && !sim->failed)
    {
      Entry *entry = value;

      if (entry->generation != root->generation || entry->version >= executed)
        continue;
      if (!sim_entry_is_of (sim, key, entry->page, executed))
        sim_fail (sim,
                  "D5: a write of ours made version %u, and a crash would leave an older %s/%s as "
                  "fresh",
                  executed, root->name, (const char *) key);
      entry->version = executed;
    }
}

void
sim_cache_check_marks (Sim *sim)
{
  SimCache *self = (SimCache *) sim->cache;

  if (sim->config.cache != SIM_CACHE_SIM || !sim->config.cache_has_marks)
    return;

  for (guint i = 0; i < self->roots->len; i++)
    {
      Root *root = g_ptr_array_index (self->roots, i);

      if (!root->is_open && !root->is_unsafe)
        check_root (sim, root);
    }
}

/* Calls */

static void
check_order (SimCache *self, SimRequest *request)
{
  Root *root = get_root (self, request->root);

  if (request->kind != SIM_LOOKUP && request->kind != SIM_STORE)
    return;

  if (is_closing (self->sim, root))
    sim_fail (self->sim, "D7: %s is sent while an invalidation is unanswered",
              sim_request_kind_name (request->kind));
  if (root->bypassed)
    sim_fail (self->sim, "D6: %s is sent although the last invalidation has failed",
              sim_request_kind_name (request->kind));
}

/* The same lookup once more, while the first is not answered: its readers have
 * begun anew. */
static void
count_restart (Sim *sim, const SimRequest *request)
{
  for (guint i = 0; request->kind == SIM_LOOKUP && i < sim->cache_requests->len; i++)
    {
      SimRequest *other = g_ptr_array_index (sim->cache_requests, i);

      if (other->kind == SIM_LOOKUP && g_str_equal (other->name, request->name) &&
          g_str_equal (other->root, request->root))
        {
          sim->counts[SIM_COUNT_RESTARTED]++;
          return;
        }
    }
}

static gboolean
take (VlCache *cache, SimRequestKind kind, const char *root, const char *key, VlReply *reply)
{
  SimCache *self = (SimCache *) cache;
  Sim *sim = self->sim;
  SimRequest *request = sim_request_new (sim, kind, reply);
  /* A live table is told its own when it is there. */
  guint timeout = sim->is_opening ? DEFAULT_TIMEOUT : sim->config.timeout;

  if (sim->in_get_item > 0)
    sim_fail (sim, "L1: a list asks the cache inside get_item");
  sim_check_home (sim, "the cache");
  request->cache = g_object_ref (cache);
  request->root = g_strdup (root);
  request->name = g_strdup (key);
  request->core = core_of_root (sim, root);
  sim_log (sim, "  cache is asked: %s #%u %s/%s", sim_request_kind_name (kind), request->number,
           root, key != NULL ? key : "");
  if (!sim->is_crashing)
    check_order (self, request);
  count_restart (sim, request);
  request->deadline = timeout == 0 ? G_MAXINT64 : request->time + (gint64) timeout * 1000;
  g_ptr_array_add (sim->cache_requests, request);

  return TRUE;
}

static gboolean
answer_early (VlCache *cache)
{
  Sim *sim = ((SimCache *) cache)->sim;

  if (sim->is_crashing ||
      (!sim->failed && sim_random_chance (&sim->random, sim->config.cache_early)))
    sim_cache_answer (sim, g_ptr_array_index (sim->cache_requests, sim->cache_requests->len - 1));

  return TRUE;
}

static gboolean
sim_cache_lookup (VlCache *cache, const char *root, const char *key, VlReply *reply, GError **error)
{
  return take (cache, SIM_LOOKUP, root, key, reply) && answer_early (cache);
}

static gboolean
sim_cache_store (VlCache *cache,
                 const char *root,
                 const char *key,
                 VlPage *page,
                 guint64 lease,
                 VlReply *reply,
                 GError **error)
{
  Sim *sim = ((SimCache *) cache)->sim;
  SimRequest *request;

  take (cache, SIM_STORE, root, key, reply);
  request = g_ptr_array_index (sim->cache_requests, sim->cache_requests->len - 1);
  request->page = g_object_ref (page);
  request->lease = lease;

  return answer_early (cache);
}

static gboolean
sim_cache_remove (VlCache *cache, const char *root, const char *key, VlReply *reply, GError **error)
{
  return take (cache, SIM_REMOVE, root, key, reply) && answer_early (cache);
}

static gboolean
sim_cache_invalidate (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  return take (cache, SIM_INVALIDATE, root, NULL, reply) && answer_early (cache);
}

static gboolean
sim_cache_clear (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  return take (cache, SIM_CLEAR, root, NULL, reply) && answer_early (cache);
}

static gboolean
sim_cache_get_lease (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  return take (cache, SIM_GET_LEASE, root, NULL, reply) && answer_early (cache);
}

static gboolean
sim_cache_open (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  return take (cache, SIM_OPEN, root, NULL, reply) && answer_early (cache);
}

static gboolean
sim_cache_close (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  return take (cache, SIM_CLOSE, root, NULL, reply) && answer_early (cache);
}

static VlPage *
sim_cache_peek (VlCache *cache, const char *name, const char *key)
{
  SimCache *self = (SimCache *) cache;
  Root *root = get_root (self, name);
  Entry *entry = g_hash_table_lookup (root->entries, key);

  if (self->sim->is_crashing)
    return NULL;
  if (is_closing (self->sim, root))
    sim_fail (self->sim, "D7: peeks while an invalidation is unanswered");
  if (root->bypassed)
    sim_fail (self->sim, "D6: peeks although the last invalidation has failed");

  return entry != NULL ? with_flags (entry, root) : NULL;
}

/* Types */

static void
cache_iface_init (VlCacheInterface *iface)
{
  iface->lookup = sim_cache_lookup;
  iface->store = sim_cache_store;
  iface->remove = sim_cache_remove;
  iface->invalidate = sim_cache_invalidate;
  iface->clear = sim_cache_clear;
  iface->get_lease = sim_cache_get_lease;
}

static void
peeking_iface_init (VlCacheInterface *iface)
{
  iface->peek = sim_cache_peek;
}

static void
marking_iface_init (VlCacheInterface *iface)
{
  iface->open = sim_cache_open;
  iface->close = sim_cache_close;
}

static void
full_iface_init (VlCacheInterface *iface)
{
  peeking_iface_init (iface);
  marking_iface_init (iface);
}

static void
sim_cache_finalize (GObject *object)
{
  SimCache *self = (SimCache *) object;

  g_ptr_array_unref (self->roots);

  G_OBJECT_CLASS (sim_cache_parent_class)->finalize (object);
}

static void
sim_cache_class_init (SimCacheClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sim_cache_finalize;
}

static void
sim_cache_init (SimCache *self)
{
  self->roots = g_ptr_array_new_with_free_func (root_free);
}

static void
sim_peeking_cache_class_init (SimPeekingCacheClass *klass)
{
}

static void
sim_peeking_cache_init (SimPeekingCache *self)
{
}

static void
sim_marking_cache_class_init (SimMarkingCacheClass *klass)
{
}

static void
sim_marking_cache_init (SimMarkingCache *self)
{
}

static void
sim_full_cache_class_init (SimFullCacheClass *klass)
{
}

static void
sim_full_cache_init (SimFullCache *self)
{
}

VlCache *
sim_cache_new (Sim *sim)
{
  const SimConfig *config = &sim->config;
  GType type;
  SimCache *self;

  if (config->cache == SIM_CACHE_MEMORY)
    return VL_CACHE (vl_memory_cache_new (config->memory_budget));
  if (config->cache == SIM_CACHE_NULL)
    return VL_CACHE (vl_null_cache_new ());
  if (config->cache == SIM_CACHE_DISK)
    return sim_disk_open (sim->disk);

  if (config->cache_peeks)
    type = config->cache_has_marks ? sim_full_cache_get_type () : sim_peeking_cache_get_type ();
  else
    type = config->cache_has_marks ? sim_marking_cache_get_type () : sim_cache_get_type ();
  self = g_object_new (type, NULL);
  self->sim = sim;

  return VL_CACHE (self);
}
