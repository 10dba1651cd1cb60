/* vl-live-table.c: a master, a cache, a write queue and streams as one table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-table.h"

#include "../cache/vl-memory-cache.h"
#include "../masters/vl-memory-table.h"
#include "../table/vl-record.h"
#include "../table/vl-schema-builder.h"
#include "../table/vl-schema.h"
#include "../vl-enums.h"
#include "vl-live-call-private.h"
#include "vl-live-core-private.h"
#include "vl-live-table-private.h"
#include "vl-write.h"

/* Rows a page, unless the application says otherwise: a screenful or two, and
 * small enough to be fetched quickly. */
#define DEFAULT_PAGE_SIZE 100

/**
 * VlLiveTable:
 *
 * A write-through cache around any table, with change events.
 *
 * It wraps a *master*: a database, a web service, something slow and far away.
 * Reads are answered from a [iface@Cache]; misses fall through to the master
 * and fill the cache on the way back. Writes are queued, applied to the master
 * in order, and never block the caller. Streams tell what changed elsewhere.
 * A live table is a [iface@Table] itself, so that what uses it need not know,
 * and so that it can be the master of another one.
 *
 * # What a reader sees
 *
 * [property@LiveTable:read-policy] decides whether a read is answered from the
 * cache, from the master, or first from the one and then from the other. A page
 * says of itself where it came from: [property@Page:from-cache],
 * [property@Page:is-stale] and [property@Page:fetched-at]. After a write has
 * been answered, no read shows what was before it. A fetch that was begun
 * before something changed is never served as fresh after it.
 *
 * Any write, and any event of a stream, makes everything that is cached of the
 * master stale, unless [property@LiveTable:invalidation] says that changes to
 * known records are laid over what is cached instead.
 *
 * # What is written
 *
 * A write is a [class@Write] in a queue. With [property@LiveTable:optimistic] it
 * is shown at once, in lists and single records, and a page says so:
 * [property@Page:has-pending]. A row that is being changed stays where it is; a
 * new record that the master gives its id has one of ours until then, see
 * [method@Record.is_provisional], and can be read and written by it. What the
 * master refuses is taken back.
 *
 * A write that does not reach the master is sent again, if it is optimistic; it
 * holds back later writes to its record, see [property@LiveTable:ordering].
 * Otherwise it fails with %VL_ERROR_UNAVAILABLE. One whose outcome nobody knows
 * is sent again only where that does no harm: to a master that is idempotent, or
 * if it is a replacement, a patch, a deletion, or an insert with an id. If not,
 * it fails with %VL_ERROR_IN_DOUBT and stays on the list of
 * [method@LiveTable.get_writes].
 *
 * # What an earlier run has left
 *
 * A cache such as [class@SqliteCache] keeps copies from one run of the program
 * to the next. Where the live table listens to a stream, nobody knows whether
 * they are still good until that has become live and said where it is; see
 * [method@LiveStream.report_live_at]. A read that is not content with a stale
 * copy waits for that, for [property@LiveTable:timeout] at most, and peeks and
 * the policies that take stale copies get them at once, flagged. Should the
 * stream not be heard, the copies are stale: the master is asked, and when it
 * cannot be reached either they are what is shown.
 *
 * # Threads
 *
 * A live table belongs to the thread that made it, and to its thread-default
 * context: its home. It calls the master and the cache there, and emits its
 * signals there. Its operations may be called from any thread; the answer comes
 * to the context of the caller.
 *
 * # Sharing
 *
 * The cache key is the caller's. Live tables with the same cache, cache key,
 * master and home share what is cached, the write queue and the counters;
 * page size, maximum age and read policy are each one's own. Another key keeps
 * another copy. Two masters are the same when they are one object, or when
 * [method@Table.get_identity] says so.
 *
 * Since: 1.0
 */

enum
{
  PROP_MASTER = 1,
  PROP_CACHE_KEY,
  PROP_CACHE,
  PROP_PAGE_SIZE,
  PROP_MAX_AGE,
  PROP_READ_POLICY,
  PROP_FOLLOW_MASTER,
  PROP_PENDING_WRITES,
  PROP_STATS,
  N_PROPS,
};

enum
{
  SIGNAL_CHANGED,
  SIGNAL_WRITE_FAILED,
  SIGNAL_CONFLICT,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE_WITH_CODE (VlLiveTable,
                               vl_live_table,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, _vl_live_table_iface_init))

/* What the core tells us, at home. */

static void
shell_changed (gpointer shell, VlLiveEvent *event)
{
  g_signal_emit (shell, signals[SIGNAL_CHANGED], 0, event);
}

static void
shell_write_failed (gpointer shell, VlWrite *write)
{
  g_signal_emit (shell, signals[SIGNAL_WRITE_FAILED], 0, write);
}

static void
shell_writes_changed (gpointer shell)
{
  g_object_notify_by_pspec (shell, properties[PROP_PENDING_WRITES]);
}

static void
shell_schema_changed (gpointer shell, VlSchema *schema)
{
  g_autoptr (VlSchema) shown = _vl_live_call_show_schema (VL_LIVE_TABLE (shell)->core, schema);

  _vl_table_set_schema (shell, shown);
}

static VlConflictPolicy
shell_conflict (gpointer shell, VlWrite *write, VlRecord *current, VlConflictPolicy policy)
{
  int decided = (int) policy;

  if (g_signal_has_handler_pending (shell, signals[SIGNAL_CONFLICT], 0, FALSE))
    g_signal_emit (shell, signals[SIGNAL_CONFLICT], 0, write, current, &decided);

  return (VlConflictPolicy) decided;
}

static void
shell_state_changed (gpointer shell)
{
  g_object_notify (shell, "state");
}

static void
shell_journal_changed (gpointer shell)
{
  g_object_freeze_notify (shell);
  g_object_notify (shell, "journal");
  g_object_notify (shell, "journal-state");
  g_object_notify (shell, "journal-error");
  g_object_thaw_notify (shell);
}

static void
shell_setting_changed (gpointer shell, const char *name)
{
  g_object_notify (shell, name);
}

static const VlShellFuncs shell_funcs = {
  .changed = shell_changed,
  .journal_changed = shell_journal_changed,
  .conflict = shell_conflict,
  .setting_changed = shell_setting_changed,
  .state_changed = shell_state_changed,
  .write_failed = shell_write_failed,
  .writes_changed = shell_writes_changed,
  .schema_changed = shell_schema_changed,
};

static void
follow (VlLiveTable *self)
{
  if (self->own_stream != NULL && !self->follow_master)
    {
      _vl_live_table_detach (self, self->own_stream);
      g_clear_object (&self->own_stream);
    }
  else if (self->own_stream == NULL && self->follow_master)
    {
      self->own_stream = vl_table_get_stream (self->core->master);
      if (self->own_stream != NULL)
        _vl_live_table_attach (self, self->own_stream);
    }
}

/* The object */

static VlTable *
empty_master (void)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("");
  g_autoptr (VlSchema) schema = vl_schema_builder_end (builder);

  return VL_TABLE (vl_memory_table_new (schema));
}

static void
vl_live_table_constructed (GObject *object)
{
  VlLiveTable *self = VL_LIVE_TABLE (object);

  G_OBJECT_CLASS (vl_live_table_parent_class)->constructed (object);

  /* A script can leave out what vl_live_table_new() asks for. */
  if (self->master == NULL)
    self->master = empty_master ();
  if (self->cache == NULL)
    self->cache = VL_CACHE (vl_memory_cache_new (0));
  if (self->cache_key == NULL)
    self->cache_key = g_strdup ("");

  self->core = _vl_live_core_get (self->master, self->cache_key, self->cache);
  _vl_live_core_add_shell (self->core, object, &shell_funcs);
  g_atomic_int_inc (&self->core->recorder.n_open);
  if (self->core->schema.schema != NULL)
    shell_schema_changed (self, self->core->schema.schema);
  follow (self);
}

static void
vl_live_table_dispose (GObject *object)
{
  VlLiveTable *self = VL_LIVE_TABLE (object);

  if (self->core != NULL)
    _vl_live_table_detach_all (self);
  if (self->own_stream != NULL)
    _vl_live_table_give_back (self, g_steal_pointer (&self->own_stream));

  G_OBJECT_CLASS (vl_live_table_parent_class)->dispose (object);
}

static void
vl_live_table_finalize (GObject *object)
{
  VlLiveTable *self = VL_LIVE_TABLE (object);

  if (self->core != NULL)
    {
      /* The last reference may have gone on any thread: the master and the
       * cache, and scripts behind them, go at home all the same. */
      _vl_live_core_remove_shell (self->core);
      if (!g_atomic_int_get (&self->is_closed))
        g_atomic_int_add (&self->core->recorder.n_open, -1);
      _vl_live_table_give_back (self, g_steal_pointer (&self->master));
      _vl_live_table_give_back (self, g_steal_pointer (&self->cache));
    }
  g_clear_object (&self->master);
  g_clear_object (&self->cache);
  g_clear_pointer (&self->core, _vl_live_core_unref);
  g_clear_pointer (&self->cache_key, g_free);
  g_clear_pointer (&self->sources, g_ptr_array_unref);

  G_OBJECT_CLASS (vl_live_table_parent_class)->finalize (object);
}

static void
vl_live_table_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlLiveTable *self = VL_LIVE_TABLE (object);

  switch (prop_id)
    {
    case PROP_MASTER:
      g_value_set_object (value, self->master);
      break;
    case PROP_CACHE_KEY:
      g_value_set_string (value, self->cache_key);
      break;
    case PROP_CACHE:
      g_value_set_object (value, self->cache);
      break;
    case PROP_PAGE_SIZE:
      g_value_set_uint (value, self->page_size);
      break;
    case PROP_MAX_AGE:
      g_value_set_uint (value, self->max_age);
      break;
    case PROP_READ_POLICY:
      g_value_set_enum (value, (int) self->read_policy);
      break;
    case PROP_FOLLOW_MASTER:
      g_value_set_boolean (value, self->follow_master);
      break;
    case PROP_PENDING_WRITES:
      g_value_set_uint (value, vl_live_table_get_pending_writes (self));
      break;
    case PROP_STATS:
      g_value_set_object (value, self->core->stats);
      break;
    default:
      if (!_vl_live_table_get_setting (self, prop_id, value) &&
          !_vl_live_table_get_journal_property (self, prop_id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_live_table_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  VlLiveTable *self = VL_LIVE_TABLE (object);

  switch (prop_id)
    {
    case PROP_MASTER:
      self->master = g_value_dup_object (value);
      break;
    case PROP_CACHE_KEY:
      self->cache_key = g_value_dup_string (value);
      break;
    case PROP_CACHE:
      self->cache = g_value_dup_object (value);
      break;
    case PROP_PAGE_SIZE:
      vl_live_table_set_page_size (self, g_value_get_uint (value));
      break;
    case PROP_MAX_AGE:
      vl_live_table_set_max_age (self, g_value_get_uint (value));
      break;
    case PROP_READ_POLICY:
      vl_live_table_set_read_policy (self, (VlReadPolicy) g_value_get_enum (value));
      break;
    case PROP_FOLLOW_MASTER:
      vl_live_table_set_follow_master (self, g_value_get_boolean (value));
      break;
    default:
      if (!_vl_live_table_set_setting (self, prop_id, value) &&
          !_vl_live_table_set_journal_property (self, prop_id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_live_table_class_init (VlLiveTableClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read_only = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags at_first = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags settable = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->constructed = vl_live_table_constructed;
  object_class->dispose = vl_live_table_dispose;
  object_class->finalize = vl_live_table_finalize;
  object_class->get_property = vl_live_table_get_property;
  object_class->set_property = vl_live_table_set_property;

  /**
   * VlLiveTable:master: (getter get_master)
   *
   * Where truth lives.
   *
   * Since: 1.0
   */
  properties[PROP_MASTER] = g_param_spec_object ("master", NULL, NULL, VL_TYPE_TABLE, at_first);

  /**
   * VlLiveTable:cache-key: (getter get_cache_key)
   *
   * What the cached copy is called. Another view may use another key; queries
   * are told apart by themselves.
   *
   * Since: 1.0
   */
  properties[PROP_CACHE_KEY] = g_param_spec_string ("cache-key", NULL, NULL, NULL, at_first);

  /**
   * VlLiveTable:cache: (getter get_cache)
   *
   * Where copies live.
   *
   * Since: 1.0
   */
  properties[PROP_CACHE] = g_param_spec_object ("cache", NULL, NULL, VL_TYPE_CACHE, at_first);

  /**
   * VlLiveTable:page-size: (getter get_page_size) (setter set_page_size)
   *
   * How many records are fetched and cached together, at least 1.
   *
   * Since: 1.0
   */
  properties[PROP_PAGE_SIZE] = g_param_spec_uint ("page-size", NULL, NULL, 1, G_MAXUINT,
                                                  DEFAULT_PAGE_SIZE, settable);

  /**
   * VlLiveTable:max-age: (getter get_max_age) (setter set_max_age)
   *
   * How old a copy may be and still count as fresh, in milliseconds; 0 for no
   * limit.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_AGE] = g_param_spec_uint ("max-age", NULL, NULL, 0, G_MAXUINT, 0, settable);

  /**
   * VlLiveTable:read-policy: (getter get_read_policy) (setter set_read_policy)
   *
   * Where reads are answered from.
   *
   * Since: 1.0
   */
  properties[PROP_READ_POLICY] = g_param_spec_enum ("read-policy", NULL, NULL, VL_TYPE_READ_POLICY,
                                                    VL_READ_POLICY_CACHE_FIRST, settable);

  /**
   * VlLiveTable:follow-master: (getter get_follow_master) (setter set_follow_master)
   *
   * Whether to listen to the master's own stream, if it has one.
   *
   * Since: 1.0
   */
  properties[PROP_FOLLOW_MASTER] = g_param_spec_boolean ("follow-master", NULL, NULL, TRUE,
                                                         settable | G_PARAM_CONSTRUCT);

  /**
   * VlLiveTable:pending-writes: (getter get_pending_writes)
   *
   * How many writes wait or are with the master.
   *
   * Since: 1.0
   */
  properties[PROP_PENDING_WRITES] = g_param_spec_uint ("pending-writes", NULL, NULL, 0, G_MAXUINT,
                                                       0, read_only);

  /**
   * VlLiveTable:stats: (getter get_stats)
   *
   * What it has counted.
   *
   * Since: 1.0
   */
  properties[PROP_STATS] = g_param_spec_object ("stats", NULL, NULL, VL_TYPE_LIVE_STATS, read_only);

  g_object_class_install_properties (object_class, N_PROPS, properties);
  _vl_live_table_install_settings (object_class);
  _vl_live_table_install_journal (object_class);

  /**
   * VlLiveTable::changed:
   * @self: a live table
   * @event: what changed, and where that comes from
   *
   * Emitted at home after something has changed: a write was applied here, a
   * stream told of one, or a refresh found one.
   *
   * What is cached is stale already when this is emitted. All that happens in
   * one turn of the main loop is told at once, in the next one.
   *
   * Since: 1.0
   */
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 1, VL_TYPE_LIVE_EVENT);

  /**
   * VlLiveTable::write-failed:
   * @self: a live table
   * @write: the write, with its error and its data
   *
   * Emitted at home when a write has failed, after its caller was told.
   *
   * Since: 1.0
   */
  signals[SIGNAL_WRITE_FAILED] = g_signal_new ("write-failed", G_TYPE_FROM_CLASS (klass),
                                               G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                               1, VL_TYPE_WRITE);

  /**
   * VlLiveTable::conflict:
   * @self: a live table
   * @write: the write, whose change has a base
   * @current: (nullable): the record as the master has it, or %NULL if it is gone
   *
   * Emitted at home when a write was based on a record that somebody else has
   * changed since. The first handler decides what is done instead of
   * [property@LiveTable:conflict-policy]. Each live table that shares the write
   * queue is asked; the last word counts.
   *
   * Returns: what to do with the write
   *
   * Since: 1.0
   */
  signals[SIGNAL_CONFLICT] = g_signal_new ("conflict", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                           0, g_signal_accumulator_first_wins, NULL, NULL,
                                           VL_TYPE_CONFLICT_POLICY, 2, VL_TYPE_WRITE,
                                           VL_TYPE_RECORD);
}

static void
vl_live_table_init (VlLiveTable *self)
{
  self->page_size = DEFAULT_PAGE_SIZE;
  self->read_policy = VL_READ_POLICY_CACHE_FIRST;
  self->follow_master = TRUE;
  self->sources = g_ptr_array_new ();
  _vl_table_set_home (VL_TABLE (self));
  _vl_table_set_checks_itself (VL_TABLE (self));
  _vl_table_set_at_hand (VL_TABLE (self), _vl_live_table_get_at_hand);
}

/**
 * vl_live_table_new:
 * @master: where truth lives
 * @cache_key: what the copy is called in the cache; see [class@LiveTable]
 * @cache: (nullable): where copies live, or %NULL for a [class@MemoryCache] of
 *   its own
 *
 * Creates a live table at home on the calling thread and its thread-default
 * context. Nothing is read or opened yet.
 *
 * Returns: (transfer full): a new live table
 *
 * Since: 1.0
 */
VlLiveTable *
vl_live_table_new (VlTable *master, const char *cache_key, VlCache *cache)
{
  g_return_val_if_fail (VL_IS_TABLE (master), NULL);
  g_return_val_if_fail (cache_key != NULL, NULL);
  g_return_val_if_fail (cache == NULL || VL_IS_CACHE (cache), NULL);

  return g_object_new (VL_TYPE_LIVE_TABLE, "master", master, "cache-key", cache_key, "cache", cache,
                       NULL);
}

/**
 * vl_live_table_get_page_size: (get-property page-size)
 * @self: a live table
 *
 * Gets how many records are fetched and cached together.
 *
 * Returns: the number of records
 *
 * Since: 1.0
 */
guint
vl_live_table_get_page_size (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), 0);

  return self->page_size;
}

/**
 * vl_live_table_set_page_size: (set-property page-size)
 * @self: a live table
 * @page_size: the number of records, at least 1
 *
 * Sets how many records are fetched and cached together. Pages of another size
 * are cached apart.
 *
 * Since: 1.0
 */
void
vl_live_table_set_page_size (VlLiveTable *self, guint page_size)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (page_size > 0);

  if (self->page_size == page_size)
    return;

  self->page_size = page_size;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAGE_SIZE]);
}

/**
 * vl_live_table_get_max_age: (get-property max-age)
 * @self: a live table
 *
 * Gets how old a copy may be and still count as fresh.
 *
 * Returns: the age in milliseconds, or 0 for no limit
 *
 * Since: 1.0
 */
guint
vl_live_table_get_max_age (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), 0);

  return self->max_age;
}

/**
 * vl_live_table_set_max_age: (set-property max-age)
 * @self: a live table
 * @max_age: the age in milliseconds, or 0 for no limit
 *
 * Sets how old a copy may be and still count as fresh.
 *
 * Since: 1.0
 */
void
vl_live_table_set_max_age (VlLiveTable *self, guint max_age)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));

  if (self->max_age == max_age)
    return;

  self->max_age = max_age;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_AGE]);
}

/**
 * vl_live_table_get_read_policy: (get-property read-policy)
 * @self: a live table
 *
 * Gets where reads are answered from.
 *
 * Returns: the policy
 *
 * Since: 1.0
 */
VlReadPolicy
vl_live_table_get_read_policy (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), VL_READ_POLICY_CACHE_FIRST);

  return self->read_policy;
}

/**
 * vl_live_table_set_read_policy: (set-property read-policy)
 * @self: a live table
 * @read_policy: the policy
 *
 * Sets where reads are answered from. It counts for the reads that are made
 * after it.
 *
 * Since: 1.0
 */
void
vl_live_table_set_read_policy (VlLiveTable *self, VlReadPolicy read_policy)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));

  if (self->read_policy == read_policy)
    return;

  self->read_policy = read_policy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READ_POLICY]);
}

/**
 * vl_live_table_get_follow_master: (get-property follow-master)
 * @self: a live table
 *
 * Gets whether it listens to the master's own stream.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
vl_live_table_get_follow_master (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), FALSE);

  return self->follow_master;
}

/**
 * vl_live_table_set_follow_master: (set-property follow-master)
 * @self: a live table
 * @follow_master: whether to listen
 *
 * Sets whether to listen to the master's own stream, if it has one. At home
 * only.
 *
 * Since: 1.0
 */
void
vl_live_table_set_follow_master (VlLiveTable *self, gboolean follow_master)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));

  if (self->follow_master == follow_master)
    return;

  self->follow_master = follow_master;
  if (self->core != NULL && !g_atomic_int_get (&self->is_closed))
    follow (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLLOW_MASTER]);
}

/**
 * vl_live_table_add_stream:
 * @self: a live table
 * @stream: a stream of changes to the master
 *
 * Listens to a stream, besides the master's own. At home only.
 *
 * A push into the stream counts from the moment it returns: no read that is
 * made after it, on any thread, finds what is cached to be fresh.
 *
 * Since: 1.0
 */
void
vl_live_table_add_stream (VlLiveTable *self, VlLiveStream *stream)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (VL_IS_LIVE_STREAM (stream));
  g_return_if_fail (_vl_live_core_is_home_thread (self->core));

  if (!g_atomic_int_get (&self->is_closed))
    _vl_live_table_attach (self, stream);
}

/**
 * vl_live_table_remove_stream:
 * @self: a live table
 * @stream: a stream that was added
 *
 * Listens to a stream no longer. At home only.
 *
 * Since: 1.0
 */
void
vl_live_table_remove_stream (VlLiveTable *self, VlLiveStream *stream)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (VL_IS_LIVE_STREAM (stream));
  g_return_if_fail (_vl_live_core_is_home_thread (self->core));

  _vl_live_table_detach (self, stream);
}
