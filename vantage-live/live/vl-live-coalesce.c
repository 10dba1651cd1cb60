/* vl-live-coalesce.c: patches that are sent as one
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A patch that was never sent takes in later ones to its record that were not
 * sent either, as long as nothing else to that record stands between them. It
 * keeps its place, its uid and its base; those that have joined it wait beside
 * the queue and share its fate.
 *
 * With a journal it is one note that says so, which has to be on the disk before
 * the patch is sent: a later run must not take in others under the same uid.
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include "vl-live-coalesce-private.h"

#include "../base/vl-mutant-private.h"
#include "../table/vl-change.h"
#include "../table/vl-record.h"
#include "vl-live-conflict-private.h"
#include "vl-live-core-private.h"
#include "vl-write-private.h"

/* So far into the queue is looked: what stands behind that waits long enough to
 * be looked at later. */
#define REACH 256

static gboolean
is_fresh_patch (VlWrite *write)
{
  const VlRecording *recording = _vl_write_get_recording (write);

  /* One of an earlier run may have been sent by that. */
  return !recording->was_sent &&
         vl_change_get_kind (vl_write_get_change (write)) == VL_CHANGE_KIND_PATCH &&
         vl_write_get_state (write) == VL_WRITE_STATE_QUEUED &&
         vl_write_get_attempts (write) == 0 && !_vl_write_is_in_doubt (write);
}

/* Whether the later one was based on what the earlier one was based on and has
 * made of it, as far as it is about that. */
static gboolean
has_same_base (VlChange *earlier, VlChange *later)
{
  VlRecord *base = vl_change_get_base (earlier);
  VlRecord *other = vl_change_get_base (later);
  g_auto (GStrv) names = NULL;

  if (base == NULL || other == NULL)
    return base == other;

  names = vl_record_get_field_names (vl_change_get_record (later));
  for (guint i = 0; names[i] != NULL; i++)
    {
      if (!vl_record_has_field (vl_change_get_record (earlier), names[i]) &&
          !_vl_conflict_same_field (base, other, names[i]))
        return FALSE;
    }

  return TRUE;
}

static VlChange *
merge (VlChange *earlier, VlChange *later)
{
  g_autoptr (VlRecord)
    fields = vl_record_merge (vl_change_get_record (earlier), vl_change_get_record (later));
  g_autoptr (VlChange) plain = vl_change_new_patch (vl_change_get_id (earlier), fields);
  g_autoptr (VlChange) based = vl_change_with_base (plain, vl_change_get_base (earlier));
  g_autoptr (VlChange) named = vl_change_with_uid (based, vl_change_get_uid (earlier));

  return vl_change_with_origin (named, vl_change_get_origin (earlier));
}

/* The writes of the queue that are looked at, and the last of each record that
 * others may join. */
typedef struct
{
  VlLiveCore *core;
  GHashTable *open;   /* key -> VlWrite */
  GHashTable *joined; /* of VlWrite that others have joined just now */
  VlWrite *last;      /* the one before, with `strict` nothing may be passed */
} Window;

static gboolean
try_join (Window *window, VlWrite *write, const char *key)
{
  VlWrite *earlier = g_hash_table_lookup (window->open, key);
  g_autoptr (VlChange) merged = NULL;

  if (earlier == NULL ||
      (window->core->writer.ordering == VL_ORDERING_STRICT && earlier != window->last) ||
      !has_same_base (_vl_write_get_current (earlier), vl_write_get_change (write)))
    return FALSE;

  merged = merge (_vl_write_get_current (earlier), vl_write_get_change (write));
  _vl_write_rebase (earlier, merged);
  _vl_write_join (earlier, write);
  g_hash_table_add (window->joined, earlier);

  return TRUE;
}

/* TRUE when the write has left the queue. */
static gboolean
look_at (Window *window, VlWrite *write)
{
  const char *key = _vl_facts_resolve (window->core->facts, _vl_write_get_key (write));

  if (!is_fresh_patch (write) && VL_MUTANT (JOINED_ACROSS))
    return FALSE;
  if (!is_fresh_patch (write))
    g_hash_table_remove (window->open, key);
  else if (_vl_write_get_joined (write) == NULL && try_join (window, write, key))
    return TRUE;
  else
    g_hash_table_insert (window->open, (gpointer) key, write);
  window->last = write;

  return FALSE;
}

void
_vl_coalesce_queue (VlLiveCore *core)
{
  Window window = { core, NULL, NULL, NULL };
  GHashTableIter iter;
  gpointer write;
  GList *next;
  guint n = 0;

  if (!core->writer.coalesce || g_queue_is_empty (&core->writer.queue))
    return;

  window.open = g_hash_table_new (g_str_hash, g_str_equal);
  window.joined = g_hash_table_new (NULL, NULL);
  for (GList *l = core->writer.queue.head; l != NULL && n < REACH; l = next, n++)
    {
      next = l->next;
      if (_vl_write_get_recording (l->data)->is_recording || _vl_write_get_key (l->data) == NULL)
        break;
      if (look_at (&window, l->data))
        g_queue_delete_link (&core->writer.queue, l);
      else if (_vl_write_get_recording (l->data)->has_to_note)
        g_hash_table_add (window.joined, l->data);
    }
  g_hash_table_iter_init (&iter, window.joined);
  while (g_hash_table_iter_next (&iter, &write, NULL))
    _vl_recorder_note_joined (core, write);
  g_hash_table_unref (window.joined);
  g_hash_table_unref (window.open);
}

void
_vl_coalesce_part (VlLiveCore *core, VlWrite *write, GPtrArray *joined)
{
  _vl_write_rebase (write, NULL);
  for (guint i = 0; i < joined->len; i++)
    _vl_recorder_note_parted (core, joined->pdata[i]);
  _vl_recorder_note_rebased (core, write);
}
