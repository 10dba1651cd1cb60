/* vl-live-core.c: what the shells of one cached table share
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-core-private.h"

#include "../base/vl-log-private.h"
#include "../base/vl-mutant-private.h"
#include "../base/vl-name-private.h"
#include "../base/vl-random-private.h"
#include "../stream/vl-live-event-private.h"
#include "../table/vl-cell-private.h"
#include "../table/vl-record.h"
#include "../table/vl-schema.h"
#include "vl-live-registry-private.h"
#include "vl-live-show-private.h"

/* How long what was written is shown before the master has it, unless the
 * application says otherwise; milliseconds. */
#define DEFAULT_SETTLE_TIME 5000

/* One live table. Made at home; the entry outlives the object by at most a
 * turn. */
typedef struct
{
  GWeakRef shell; /* gone as soon as the last reference is dropped, anywhere */
  const VlShellFuncs *funcs;
} ShellEntry;

static void
shell_entry_free (gpointer data)
{
  ShellEntry *entry = data;

  g_weak_ref_clear (&entry->shell);
  g_free (entry);
}

gboolean
_vl_live_core_is_home_thread (VlLiveCore *self)
{
  return self->home_thread == _vl_thread_self ();
}

gboolean
_vl_live_core_is_home (VlLiveCore *self)
{
  GMainContext *context;

  if (!_vl_live_core_is_home_thread (self))
    return FALSE;

  /* The default context never goes. */
  context = g_main_context_get_thread_default ();
  if (context == NULL)
    return self->home_is_default;

  return _vl_handoff_get_context (self->home) == context;
}

VlLiveCore *
_vl_live_core_ref (VlLiveCore *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

gboolean
_vl_live_core_try_ref (VlLiveCore *self)
{
  gint count = g_atomic_int_get (&self->ref_count);

  while (count > 0)
    {
      if (g_atomic_int_compare_and_exchange (&self->ref_count, count, count + 1))
        return TRUE;
      count = g_atomic_int_get (&self->ref_count);
    }

  return FALSE;
}

static void
core_free (VlLiveCore *self)
{
  g_signal_handler_disconnect (self->cache, self->invalidated_handler);
  _vl_recorder_dispose (self);
  _vl_writer_dispose (self);
  _vl_reader_dispose (self);
  _vl_live_network_dispose (self);
  _vl_linger_dispose (self);
  _vl_hold_dispose (self);
  _vl_live_position_dispose (self);
  _vl_gate_dispose (self);
  _vl_live_schema_dispose (self);

  g_queue_clear_full (&self->inbox, (GDestroyNotify) _vl_live_word_free);
  _vl_lock_destroy (&self->inbox_lock);
  g_assert (self->sources->len == 0);
  g_clear_pointer (&self->sources, g_ptr_array_unref);
  _vl_lock_destroy (&self->sources_lock);
  g_clear_pointer (&self->shells, g_ptr_array_unref);
  g_clear_pointer (&self->told, g_ptr_array_unref);
  g_clear_object (&self->write_target);
  g_clear_pointer (&self->target_identity, g_free);
  g_clear_object (&self->stats);
  g_clear_pointer (&self->overlay, _vl_overlay_free);
  g_clear_pointer (&self->facts, _vl_facts_free);
  g_clear_object (&self->stream);
  g_clear_object (&self->cache);
  g_clear_object (&self->master);
  g_clear_pointer (&self->identity, g_free);
  g_clear_pointer (&self->cache_key, g_free);
  g_clear_pointer (&self->root, _vl_name_release);
  g_clear_pointer (&self->home, _vl_handoff_unref);
  g_free (self);
}

static void
core_free_at_home (gpointer user_data, gboolean orphaned)
{
  core_free (user_data);
}

void
_vl_live_core_unref (VlLiveCore *self)
{
  if (!_vl_live_registry_release (self))
    return;

  /* The master, the cache and their scripts go where they came from. */
  if (_vl_live_core_is_home_thread (self))
    core_free (self);
  else
    _vl_handoff_post (self->home, core_free_at_home, self);
}

/* The cache says that the root was invalidated, by us or by somebody else, which
 * looks the same. When it was us there is hardly anything under way that was
 * begun since we wanted it: what did not wait for the cache. */
static void
cache_invalidated (VlCache *cache, const char *root, gpointer user_data)
{
  VlLiveCore *self = user_data;

  if (root != NULL && !g_str_equal (root, self->root))
    return;
  if (!_vl_live_core_is_home_thread (self) || !_vl_live_core_try_ref (self))
    return;

  _vl_gate_overtaken (self);
  if (_vl_writer_unmark (self))
    _vl_writer_mark (self);
  _vl_live_core_unref (self);
}

/* A unique root is that of no other core, of this process or of an earlier one
 * whose entries the cache may still hold, nor that of any identity. */
static char *
make_root (const char *cache_key, const char *identity, gboolean is_unique)
{
  static gint n_unique; /* atomic */
  g_autofree char *key = g_uri_escape_string (cache_key, NULL, FALSE);
  g_autofree char *escaped = NULL;

  if (is_unique)
    return g_strdup_printf ("%s@@%d.%016" G_GINT64_MODIFIER "x", key,
                            g_atomic_int_add (&n_unique, 1), _vl_random_uint64 ());
  if (identity == NULL)
    return g_steal_pointer (&key);

  escaped = g_uri_escape_string (identity, NULL, FALSE);

  return g_strconcat (key, "@", escaped, NULL);
}

static VlLiveCore *
core_new (const VlLiveKey *key, gboolean is_unique)
{
  VlLiveCore *self = g_new0 (VlLiveCore, 1);
  g_autofree char *root = make_root (key->cache_key, key->identity, is_unique);

  self->ref_count = 1;
  self->home = _vl_handoff_get (NULL);
  self->home_thread = _vl_thread_self ();
  self->home_is_default = _vl_handoff_get_context (self->home) == g_main_context_default ();
  self->master = g_object_ref (key->master);
  self->identity = g_strdup (key->identity);
  self->cache_key = g_strdup (key->cache_key);
  self->cache = g_object_ref (key->cache);
  self->cache_iface = VL_CACHE_GET_IFACE (key->cache);
  self->root = _vl_name_get (root);
  self->stream = vl_live_stream_new ();
  _vl_lock_init (&self->inbox_lock);
  _vl_lock_init (&self->sources_lock);
  self->sources = g_ptr_array_new ();
  g_queue_init (&self->inbox);
  self->shells = g_ptr_array_new_with_free_func (shell_entry_free);
  self->timeout = VL_DEFAULT_TIMEOUT;
  self->settle_time = DEFAULT_SETTLE_TIME;
  self->conflict_policy = VL_CONFLICT_POLICY_MERGE_FIELDS;
  self->stats = _vl_live_stats_new ();
  self->facts = _vl_facts_new ();
  self->overlay = _vl_overlay_new (self->facts);
  _vl_gate_init (self);
  _vl_live_position_init (self);
  _vl_reader_init (self);
  _vl_writer_init (self);
  _vl_hold_init (self);
  _vl_linger_init (self);
  _vl_recorder_init (self);
  self->invalidated_handler = g_signal_connect (self->cache, "invalidated",
                                                G_CALLBACK (cache_invalidated), self);

  return self;
}

VlLiveCore *
_vl_live_core_get (VlTable *master, const char *cache_key, VlCache *cache)
{
  g_autofree char *identity = vl_table_get_identity (master);
  g_autoptr (VlHandoff) home = _vl_handoff_get (NULL);
  const VlLiveKey key = { master, identity, cache_key, cache, home };
  VlLiveClash clash;
  VlLiveCore *core = _vl_live_registry_find (&key, &clash);

  if (core != NULL)
    return core;

  if (clash == VL_LIVE_CLASH_IN_USE)
    g_critical ("A live table with the cache key “%s” over this cache exists in another context, "
                "or over another master without an identity; give it another key",
                cache_key);

  /* Only this thread makes cores of this home, so nobody else has meanwhile. */
  core = core_new (&key, clash != VL_LIVE_CLASH_NONE);
  _vl_live_registry_add (core);
  _vl_gate_start (core);
  _vl_live_schema_init (core);

  return core;
}

void
_vl_live_core_check_facts (VlLiveCore *self)
{
  _vl_facts_set_last (self->facts, self->invalidation == VL_INVALIDATION_SURGICAL);
  _vl_facts_set_expects (self->facts, self->optimistic || _vl_linger_is_wanted (self) ||
                                        self->invalidation == VL_INVALIDATION_SURGICAL);
}

void
_vl_live_core_set_write_target (VlLiveCore *self, VlTable *write_target)
{
  g_autofree char *identity = write_target != NULL ? vl_table_get_identity (write_target) : NULL;

  _vl_live_registry_set_target (self, write_target, identity);
  _vl_live_core_check_facts (self);
  _vl_live_core_tell_schema_changed (self);
}

void
_vl_live_core_add_shell (VlLiveCore *self, GObject *shell, const VlShellFuncs *funcs)
{
  ShellEntry *entry = g_new0 (ShellEntry, 1);

  g_weak_ref_init (&entry->shell, shell);
  entry->funcs = funcs;
  g_ptr_array_add (self->shells, entry);
  g_atomic_int_inc (&self->n_shells);
}

gboolean
_vl_live_core_has_shells (VlLiveCore *self)
{
  return g_atomic_int_get (&self->n_shells) > 0;
}

static void
sweep (gpointer user_data, gboolean orphaned)
{
  VlLiveCore *self = user_data;

  for (guint i = self->shells->len; !orphaned && i > 0; i--)
    {
      ShellEntry *entry = g_ptr_array_index (self->shells, i - 1);
      g_autoptr (GObject) shell = g_weak_ref_get (&entry->shell);

      if (shell == NULL)
        g_ptr_array_remove_index (self->shells, i - 1);
    }
  /* The facts go with the core, and so does who knows of a write that may turn up
   * yet; the pages that lack them stay. */
  if (!orphaned && (self->has_surgical || self->writer.is_unsure) &&
      !_vl_live_core_has_shells (self))
    {
      self->writer.is_unsure = FALSE;
      _vl_gate_invalidate (self, FALSE, NULL, NULL);
    }
  _vl_live_core_unref (self);
}

void
_vl_live_core_remove_shell (VlLiveCore *self)
{
  g_atomic_int_add (&self->n_shells, -1);
  _vl_live_core_ref (self);
  if (_vl_live_core_is_home_thread (self) &&
      (!(self->has_surgical || self->writer.is_unsure) || _vl_live_core_is_home (self)))
    sweep (self, FALSE);
  else
    _vl_handoff_post (self->home, sweep, self);
}

/* Calls `call` for each shell that is still there; shells may come and go
 * meanwhile. */
typedef void (*ShellCall) (ShellEntry *entry, GObject *shell, gpointer data);

static void
each_shell (VlLiveCore *self, ShellCall call, gpointer data)
{
  g_autoptr (VlLiveCore) core = _vl_live_core_ref (self);
  g_autoptr (GPtrArray) shells = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < core->shells->len; i++)
    {
      ShellEntry *entry = g_ptr_array_index (core->shells, i);
      GObject *shell = g_weak_ref_get (&entry->shell);

      if (shell != NULL)
        g_ptr_array_add (shells, shell);
    }

  for (guint i = 0; i < shells->len; i++)
    {
      GObject *shell = g_ptr_array_index (shells, i);

      for (guint j = 0; j < core->shells->len; j++)
        {
          ShellEntry *entry = g_ptr_array_index (core->shells, j);
          g_autoptr (GObject) same = g_weak_ref_get (&entry->shell);

          if (same == shell)
            {
              call (entry, shell, data);
              break;
            }
        }
    }
}

static void
emit_changed (ShellEntry *entry, GObject *shell, gpointer data)
{
  entry->funcs->changed (shell, data);
}

/* A record that has got its id is told of by itself. */
static guint
find_run (GPtrArray *told, guint from)
{
  guint to = from;

  while (to < told->len && vl_live_event_get_renamed_from (g_ptr_array_index (told, to)) == NULL)
    to++;

  return MAX (to, from + 1);
}

/* The turn after something was told. */
static void
tell_turn (gpointer user_data, gboolean orphaned)
{
  g_autoptr (VlLiveCore) self = user_data;
  g_autoptr (GPtrArray) told = NULL;

  if (orphaned)
    return;

  told = g_steal_pointer (&self->told);
  for (guint from = 0, to; from < told->len; from = to)
    {
      g_autoptr (VlLiveEvent) event = NULL;

      to = find_run (told, from);
      event = _vl_live_event_merge ((VlLiveEvent *const *) &told->pdata[from], to - from);
      each_shell (self, emit_changed, event);
    }
}

void
_vl_live_core_tell_shells (VlLiveCore *self, VlLiveEvent *event)
{
  if (self->told == NULL)
    {
      self->told = g_ptr_array_new_with_free_func (g_object_unref);
      _vl_handoff_post (self->home, tell_turn, _vl_live_core_ref (self));
    }
  g_ptr_array_add (self->told, g_object_ref (event));
}

void
_vl_live_core_tell (VlLiveCore *self, VlLiveEvent *event)
{
  vl_live_stream_push (self->stream, event);
  _vl_live_core_tell_shells (self, event);
}

void
_vl_live_core_tell_refreshed (VlLiveCore *self)
{
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();
  g_autoptr (VlLiveEvent) refreshed = vl_live_event_with_origin (event, VL_ORIGIN_REFRESH);

  _vl_live_core_tell (self, refreshed);
}

static void
emit_schema_changed (ShellEntry *entry, GObject *shell, gpointer data)
{
  entry->funcs->schema_changed (shell, data);
}

void
_vl_live_core_tell_schema_changed (VlLiveCore *self)
{
  _vl_live_network_follow (self);
  /* It may be that of the write target alone. Before anybody writes more. */
  _vl_show_begin_missing (self);
  if (self->schema.schema == NULL)
    return;

  each_shell (self, emit_schema_changed, self->schema.schema);
}

static void
emit_write_failed (ShellEntry *entry, GObject *shell, gpointer data)
{
  entry->funcs->write_failed (shell, data);
}

void
_vl_live_core_tell_write_failed (VlLiveCore *self, VlWrite *write)
{
  each_shell (self, emit_write_failed, write);
}

static void
emit_writes_changed (ShellEntry *entry, GObject *shell, gpointer data)
{
  entry->funcs->writes_changed (shell);
}

void
_vl_live_core_tell_writes_changed (VlLiveCore *self)
{
  each_shell (self, emit_writes_changed, NULL);
}

static void
emit_state_changed (ShellEntry *entry, GObject *shell, gpointer data)
{
  entry->funcs->state_changed (shell);
}

void
_vl_live_core_tell_state_changed (VlLiveCore *self)
{
  each_shell (self, emit_state_changed, NULL);
}

static void
emit_journal_changed (ShellEntry *entry, GObject *shell, gpointer data)
{
  entry->funcs->journal_changed (shell);
}

void
_vl_live_core_tell_journal_changed (VlLiveCore *self)
{
  each_shell (self, emit_journal_changed, NULL);
}

static void
emit_setting_changed (ShellEntry *entry, GObject *shell, gpointer data)
{
  entry->funcs->setting_changed (shell, data);
}

/* What was set elsewhere. */
typedef struct
{
  VlLiveCore *core; /* referenced */
  const char *name;
} SettingCall;

static void
setting_turn (gpointer user_data, gboolean orphaned)
{
  SettingCall *call = user_data;

  if (!orphaned)
    each_shell (call->core, emit_setting_changed, (gpointer) call->name);
  _vl_live_core_unref (call->core);
  g_free (call);
}

void
_vl_live_core_tell_setting_changed (VlLiveCore *self, const char *name)
{
  SettingCall *call;

  if (_vl_live_core_is_home_thread (self))
    {
      each_shell (self, emit_setting_changed, (gpointer) name);
      return;
    }

  call = g_new (SettingCall, 1);
  call->core = _vl_live_core_ref (self);
  call->name = name;
  _vl_handoff_post (self->home, setting_turn, call);
}

typedef struct
{
  VlWrite *write;
  VlRecord *current;
  VlConflictPolicy policy;
} ConflictQuestion;

static void
ask_about_conflict (ShellEntry *entry, GObject *shell, gpointer data)
{
  ConflictQuestion *question = data;

  if (entry->funcs->conflict != NULL)
    question->policy = entry->funcs->conflict (shell, question->write, question->current,
                                               question->policy);
}

VlConflictPolicy
_vl_live_core_ask_about_conflict (VlLiveCore *self, VlWrite *write, VlRecord *current)
{
  ConflictQuestion question = { write, current, self->conflict_policy };

  if (!VL_MUTANT (CONFLICT_UNASKED))
    each_shell (self, ask_about_conflict, &question);

  return question.policy;
}

static void
drain_turn (gpointer user_data, gboolean orphaned)
{
  g_autoptr (VlLiveCore) self = user_data;

  if (!orphaned)
    _vl_live_core_drain (self);
}

/* What a live table above this one hears: a position is that of our stream, and
 * says nothing about what we have. */
static void
pass_on (VlLiveCore *self, VlLiveEvent *event)
{
  g_autoptr (VlLiveEvent) bare = NULL;

  if (vl_live_event_get_position (event) != NULL)
    event = bare = vl_live_event_with_position (event, NULL);
  vl_live_stream_push (self->stream, event);
}

/* Two cores tell the same event to a third one. */
static gboolean
is_last_event (VlLiveCore *self, VlLiveEvent *event)
{
  VlLiveWord *last = g_queue_peek_tail (&self->inbox);

  return event != NULL && last != NULL && last->event == event;
}

void
_vl_live_core_hear_word (VlLiveCore *self,
                         VlWordKind kind,
                         VlLiveEvent *event,
                         const char *position)
{
  gboolean first;
  gboolean again;

  _vl_lock_acquire (&self->inbox_lock);
  first = g_queue_is_empty (&self->inbox);
  again = is_last_event (self, event);
  if (!again)
    g_queue_push_tail (&self->inbox, _vl_live_word_new (kind, event, position));
  g_atomic_int_set (&self->inbox_filled, TRUE);
  _vl_lock_release (&self->inbox_lock);

  if (first)
    _vl_handoff_post (self->home, drain_turn, _vl_live_core_ref (self));
  /* A live table above this one has to have heard, too, before the push that
   * brought the event returns. */
  if (event != NULL && !again)
    pass_on (self, event);
}

void
_vl_live_core_hear (VlLiveCore *self, VlLiveEvent *event)
{
  _vl_live_core_hear_word (self, VL_WORD_EVENT, event, NULL);
}

/* With the record as the master would have told it. */
static VlLiveEvent *
normalize_event (VlLiveEvent *event, VlSchema *schema)
{
  VlRecord *told = vl_live_event_get_record (event);
  g_autoptr (VlRecord) record = told != NULL ? _vl_record_normalize (told, schema) : NULL;

  return record != NULL ? vl_live_event_with_record (event, record) : g_object_ref (event);
}

/* Whether it is enough to lay what was told over what is cached. */
static gboolean
is_a_fact (VlLiveCore *self, VlLiveWord *word)
{
  g_autoptr (VlLiveEvent) event = NULL;
  const char *const *ids;

  /* What another one has written, and what the stream tells of that record, come
   * in any order. */
  if (self->invalidation != VL_INVALIDATION_SURGICAL || word->kind != VL_WORD_EVENT ||
      self->schema.schema == NULL || !_vl_live_core_has_shells (self) ||
      vl_live_event_get_origin (word->event) == VL_ORIGIN_OTHER || self->writer.is_unnoted)
    return FALSE;

  event = normalize_event (word->event, self->schema.schema);
  if (!_vl_facts_hear (self->facts, event))
    return FALSE;

  ids = vl_live_event_get_ids (event);
  for (guint i = 0; ids[i] != NULL; i++)
    _vl_show_lay_over (self, ids[i]);
  self->stats->laid_over++;
  return TRUE;
}

/* What comes of a word: FALSE when what is cached has to be given up. */
static gboolean
take_word (VlLiveCore *self, VlLiveWord *word)
{
  _vl_live_position_take (self, word);
  if (!word->is_news)
    return TRUE;

  self->stats->events++;
  _vl_log_debug ("VL_OP", "event", "VL_KEY", self->root, NULL);

  return is_a_fact (self, word);
}

void
_vl_live_core_act_upon (VlLiveCore *self, GQueue *words)
{
  GQueue taken = G_QUEUE_INIT;
  gboolean gives_up = FALSE;
  VlLiveWord *word;

  while ((word = g_queue_pop_head (words)) != NULL)
    {
      if (_vl_hold_word (self, word))
        continue;
      gives_up |= !take_word (self, word);
      g_queue_push_tail (&taken, word);
    }
  if (gives_up)
    _vl_gate_invalidate (self, FALSE, NULL, NULL);
  _vl_writer_mark_facts (self);

  while ((word = g_queue_pop_head (&taken)) != NULL)
    {
      if (word->is_news)
        _vl_live_core_tell_shells (self, word->event);
      _vl_live_word_free (word);
    }
}

void
_vl_live_core_drain (VlLiveCore *self)
{
  g_autoptr (VlLiveCore) core = NULL;
  GQueue words;

  if (G_LIKELY (!g_atomic_int_get (&self->inbox_filled)))
    return;

  core = _vl_live_core_ref (self);
  _vl_lock_acquire (&core->inbox_lock);
  words = core->inbox;
  g_queue_init (&core->inbox);
  g_atomic_int_set (&core->inbox_filled, FALSE);
  _vl_lock_release (&core->inbox_lock);

  _vl_live_core_act_upon (core, &words);
  _vl_live_position_settle (core);
}

void
_vl_live_core_act (VlLiveCore *self, VlLiveEvent *event)
{
  self->stats->events++;
  _vl_log_debug ("VL_OP", "event", "VL_KEY", self->root, NULL);
  _vl_gate_invalidate (self, FALSE, NULL, NULL);
  _vl_live_core_tell_shells (self, event);
}

void
_vl_live_core_tell_others (VlLiveCore *self, VlLiveEvent *event)
{
  g_autoptr (VlLiveEvent) other = vl_live_event_with_origin (event, VL_ORIGIN_OTHER);

  _vl_live_registry_tell (self, other);
}
