/* vl-live-show.c: what is shown and told of writes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include "vl-live-show-private.h"

#include "../base/vl-mutant-private.h"
#include "../stream/vl-live-event.h"
#include "../table/vl-change.h"
#include "../table/vl-query.h"
#include "../table/vl-record-builder.h"
#include "../table/vl-record-private.h"
#include "../table/vl-schema.h"
#include "vl-live-core-private.h"
#include "vl-live-fetch-private.h"
#include "vl-live-send-private.h"
#include "vl-write-private.h"

/* The events */

static VlLiveEventKind
event_kind (VlChangeKind kind)
{
  switch (kind)
    {
    case VL_CHANGE_KIND_INSERT:
      return VL_LIVE_EVENT_KIND_INSERTED;
    case VL_CHANGE_KIND_PATCH:
      return VL_LIVE_EVENT_KIND_UPDATED;
    case VL_CHANGE_KIND_DELETE:
    case VL_CHANGE_KIND_DELETE_ALL:
      return VL_LIVE_EVENT_KIND_DELETED;
    case VL_CHANGE_KIND_REPLACE:
    default:
      return VL_LIVE_EVENT_KIND_CHANGED;
    }
}

static VlLiveEvent *
make_event (VlLiveEventKind kind, const char *id, VlRecord *record)
{
  const char *ids[] = { id, NULL };
  g_autoptr (VlLiveEvent) event = vl_live_event_new (kind, id != NULL ? ids : NULL);

  if (record != NULL)
    {
      g_autoptr (VlLiveEvent) bare = g_steal_pointer (&event);

      event = vl_live_event_with_record (bare, record);
    }

  return vl_live_event_with_origin (event, VL_ORIGIN_WRITE);
}

/* The id by which the master knows the record of a write, as far as it told. */
static const char *
get_real_id (VlLiveCore *core, VlWrite *write)
{
  VlRecord *record = vl_write_get_record (write);
  const char *id = vl_change_get_id (vl_write_get_change (write));

  if (record != NULL && vl_record_get_id (record) != NULL)
    return vl_record_get_id (record);

  return _vl_facts_resolve (core->facts, id);
}

void
_vl_show_tell_taken_back (VlLiveCore *core, VlWrite *write)
{
  g_autoptr (VlLiveEvent)
    event = make_event (VL_LIVE_EVENT_KIND_CHANGED,
                        _vl_facts_resolve (core->facts, _vl_write_get_key (write)), NULL);

  _vl_live_core_tell (core, event);
}

/* The facts */

/* The change as it is laid over pages: as the table wants it, and with the id
 * that the record goes by. NULL when it cannot be shown. */
static VlChange *
make_shown (VlLiveCore *core, VlWrite *write, const char *key)
{
  VlChange *change = _vl_write_get_current (write);
  g_autoptr (VlSchema) schema = _vl_writer_dup_target_schema (core);
  g_autoptr (VlChange) checked = NULL;
  g_autoptr (VlRecordBuilder) builder = NULL;
  g_autoptr (VlRecord) record = NULL;

  if (schema == NULL)
    return NULL;
  /* What the master has made of it takes its place at once. */
  if (vl_write_get_record (write) != NULL)
    return g_object_ref (change);

  /* A provisional id is none that the table would take. */
  if (key != NULL && !_vl_write_is_new (write) && _vl_facts_is_unstored (core->facts, key))
    checked = g_object_ref (change);
  else
    checked = _vl_table_check_change (schema, change, NULL);
  if (checked == NULL || vl_change_get_kind (checked) != VL_CHANGE_KIND_INSERT ||
      vl_change_get_id (checked) != NULL)
    return g_steal_pointer (&checked);

  builder = vl_record_builder_new_from (vl_change_get_record (checked));
  vl_record_builder_set_id (builder, key);
  record = vl_record_builder_end (builder);

  return vl_change_new_insert (record);
}

static gboolean
begin_fact (VlLiveCore *core, VlWrite *write)
{
  const char *key = _vl_facts_resolve (core->facts, _vl_write_get_key (write));
  g_autoptr (VlChange) shown = make_shown (core, write, key);

  if (shown == NULL)
    return FALSE;

  _vl_facts_begin (core->facts, write, key, shown);
  return TRUE;
}

gboolean
_vl_show_is_shown (VlLiveCore *core, VlWrite *write)
{
  return _vl_facts_has (core->facts, write);
}

static void
show (VlLiveCore *core, VlWrite *write)
{
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (VlLiveEvent) event = NULL;
  VlChangeKind kind = vl_change_get_kind (vl_write_get_change (write));

  if (!begin_fact (core, write))
    return;

  record = kind != VL_CHANGE_KIND_DELETE_ALL ? _vl_show_get_record (core, write) : NULL;
  event = make_event (event_kind (kind), _vl_facts_resolve (core->facts, _vl_write_get_key (write)),
                      record);
  _vl_live_core_tell (core, event);
}

void
_vl_show_begin (VlLiveCore *core, VlWrite *write)
{
  if (!core->optimistic || core->recorder.state == VL_JOURNAL_STATE_FAILED)
    return;

  if (!_vl_recorder_is_on (core))
    _vl_write_set_accepted (write);
  show (core, write);
}

/* Those that are settling are not on their way any more. */
static gboolean
is_with_target (VlLiveCore *core, VlWrite *write)
{
  VlSend *sent = core->writer.sent;

  for (guint i = 0; sent != NULL && i < _vl_send_get_n_writes (sent); i++)
    {
      if (_vl_send_get_write (sent, i) == write)
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_missing (VlLiveCore *core, VlWrite *write)
{
  if (_vl_facts_has (core->facts, write))
    return FALSE;

  switch (vl_write_get_state (write))
    {
    case VL_WRITE_STATE_RECORDING:
    case VL_WRITE_STATE_QUEUED:
      /* It may have failed unsent, and wait for the cache to say so. */
      return !_vl_write_has_failed (write);
    case VL_WRITE_STATE_WAITING:
      return g_queue_find (&core->writer.queue, write) != NULL;
    case VL_WRITE_STATE_SENT:
      return is_with_target (core, write);
    case VL_WRITE_STATE_APPLIED:
    case VL_WRITE_STATE_FAILED:
    case VL_WRITE_STATE_DISCARDED:
    default:
      return FALSE;
    }
}

void
_vl_show_begin_missing (VlLiveCore *core)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new_with_free_func (g_object_unref);
  GListModel *writes = G_LIST_MODEL (core->writer.writes);

  for (guint i = 0; core->optimistic && i < g_list_model_get_n_items (writes); i++)
    {
      g_autoptr (VlWrite) write = g_list_model_get_item (writes, i);

      if (is_missing (core, write))
        g_ptr_array_add (missing, g_steal_pointer (&write));
    }
  /* Who hears of one may withdraw others. */
  for (guint i = 0; i < missing->len; i++)
    {
      if (is_missing (core, g_ptr_array_index (missing, i)))
        show (core, g_ptr_array_index (missing, i));
    }
}

void
_vl_show_again (VlLiveCore *core, VlWrite *write)
{
  if (!_vl_facts_has (core->facts, write))
    return;

  _vl_facts_drop (core->facts, write);
  begin_fact (core, write);
}

/* Whether it is certain that no page has the write in it that does not know of
 * it, which pages have the record, and that nothing else has happened to that
 * meanwhile. One that was answered when it was first sent is not in doubt. */
static gboolean
is_certain (VlLiveCore *core, VlWrite *write, const char *id)
{
  const VlSentAt *sent_at = &core->writer.sent_at;
  VlChangeKind kind = vl_change_get_kind (vl_write_get_change (write));
  gboolean is_gone = kind == VL_CHANGE_KIND_DELETE;

  return core->invalidation == VL_INVALIDATION_SURGICAL && id != NULL && !core->writer.is_unnoted &&
         vl_write_get_attempts (write) == 1 && !_vl_write_get_recording (write)->is_replayed &&
         (kind == VL_CHANGE_KIND_INSERT || _vl_facts_knows (core->facts, id)) &&
         sent_at->epoch == core->gate.epoch && sent_at->n_answered == core->reader.n_answered &&
         !_vl_facts_was_told_other (core->facts, id, sent_at->seq,
                                    is_gone ? NULL : vl_write_get_record (write));
}

gboolean
_vl_show_settle (VlLiveCore *core, VlWrite *write)
{
  VlChange *change = vl_write_get_change (write);
  const char *key = _vl_write_get_key (write);
  const char *id = get_real_id (core, write);
  gboolean certain = is_certain (core, write, id);
  /* One that was not shown before is laid over what is older than it, too. */
  gboolean is_shown = _vl_facts_has (core->facts, write) || begin_fact (core, write);
  gboolean is_clear = FALSE;

  if (is_shown && _vl_linger_is_wanted (core))
    {
      _vl_facts_linger (core->facts, write, id, vl_write_get_record (write));
      _vl_linger_begin (core, write, id);
    }
  else if (is_shown)
    is_clear = _vl_facts_settle (core->facts, write, id, vl_write_get_record (write));
  else if (id != NULL && _vl_write_is_new (write))
    _vl_facts_rename (core->facts, key, id);

  if (!is_clear || !certain || !_vl_live_core_has_shells (core) ||
      vl_change_get_kind (change) == VL_CHANGE_KIND_DELETE_ALL)
    return TRUE;

  _vl_show_lay_over (core, id);
  return FALSE;
}

/* Whether a page that is being fetched is another one, or has another total,
 * with the facts that it may have in it already. */
static gboolean
is_doubtful (VlLiveCore *core, VlQuery *query, VlSlotKind kind, guint64 seq, gconstpointer data)
{
  VlFactChain *chain = _vl_facts_get_chain (core->facts, data);
  g_auto (VlLaid) laid = { 0 };
  gboolean was_in, is_in;

  if (chain == NULL || !_vl_facts_lay (core->facts, chain, seq, NULL, &laid))
    return FALSE;

  was_in = laid.old != NULL && vl_query_matches (query, laid.old);
  is_in = laid.at != NULL && vl_query_matches (query, laid.at);
  if (was_in != is_in)
    return TRUE;

  return is_in && kind == VL_SLOT_PAGE && vl_query_get_offset (query) > 0 &&
         vl_query_compare (query, laid.old, laid.at) != 0;
}

void
_vl_show_lay_over (VlLiveCore *core, const char *id)
{
  core->has_surgical = TRUE;
  if (VL_MUTANT (COUNTED_TWICE))
    return;
  _vl_fetch_overtake (core, is_doubtful, id);
}

void
_vl_show_drop (VlLiveCore *core, VlWrite *write)
{
  _vl_facts_drop (core->facts, write);
}

VlRecord *
_vl_show_get_record (VlLiveCore *core, VlWrite *write)
{
  const char *key = _vl_facts_resolve (core->facts, _vl_write_get_key (write));
  VlFactChain *chain = _vl_facts_get_chain (core->facts, key);
  VlRecord *record = vl_change_get_record (vl_write_get_change (write));
  g_autoptr (VlRecordBuilder) builder = NULL;
  g_auto (VlLaid) laid = { 0 };

  if (chain != NULL &&
      _vl_facts_lay (core->facts, chain, _vl_facts_get_seq (core->facts), NULL, &laid) &&
      laid.now != NULL)
    return g_steal_pointer (&laid.now);
  if (record == NULL || key == NULL)
    return NULL;

  builder = vl_record_builder_new_from (record);
  vl_record_builder_set_id (builder, key);

  return vl_record_builder_end (builder);
}
