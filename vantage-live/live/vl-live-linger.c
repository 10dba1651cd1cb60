/* vl-live-linger.c: writes that the master does not show yet
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-linger-private.h"

#include "../table/vl-change.h"
#include "../table/vl-page.h"
#include "../table/vl-record.h"
#include "vl-live-conflict-private.h"
#include "vl-live-core-private.h"
#include "vl-live-show-private.h"
#include "vl-write-private.h"

typedef struct
{
  VlLiveCore *core; /* not referenced: it has the list */
  VlWrite *write;
  char *id;         /* NULL: several */
  VlRecord *stored; /* NULL: the record is gone */
  guint64 seq;      /* what the master says later has a fact number like this, or higher */
  VlTimer *timer;
} Linger;

static void
linger_free (gpointer data)
{
  Linger *linger = data;

  _vl_timer_clear (&linger->timer);
  g_object_unref (linger->write);
  g_clear_object (&linger->stored);
  g_free (linger->id);
  g_free (linger);
}

static void
end (Linger *linger)
{
  VlLiveCore *core = linger->core;

  _vl_show_drop (core, linger->write);
  g_queue_remove (&core->lingering, linger);
  linger_free (linger);
}

static void
waited_enough (gpointer user_data)
{
  Linger *linger = user_data;
  VlLiveCore *core = linger->core;

  if (!_vl_live_core_try_ref (core))
    return;

  _vl_show_tell_taken_back (core, linger->write);
  end (linger);
  _vl_live_core_unref (core);
}

gboolean
_vl_linger_is_wanted (VlLiveCore *core)
{
  return core->write_target != NULL && core->settle_time > 0;
}

void
_vl_linger_begin (VlLiveCore *core, VlWrite *write, const char *id)
{
  Linger *linger = g_new0 (Linger, 1);
  VlChange *change = vl_write_get_change (write);
  VlChangeKind kind = vl_change_get_kind (change);
  VlRecord *stored = vl_write_get_record (write);

  /* The fields of a patch, of which the target does not tell what became. */
  if (stored == NULL)
    stored = vl_change_get_record (change);
  linger->core = core;
  linger->write = g_object_ref (write);
  linger->id = g_strdup (id);
  if (kind != VL_CHANGE_KIND_DELETE && kind != VL_CHANGE_KIND_DELETE_ALL)
    g_set_object (&linger->stored, stored);
  /* The invalidation that follows has this number. */
  linger->seq = _vl_facts_get_seq (core->facts) + 1;
  linger->timer = _vl_timer_start (_vl_handoff_get_context (core->home), core->settle_time,
                                   waited_enough, linger);
  g_queue_push_tail (&core->lingering, linger);
}

/* Whether an answer is about the record at all, and what it has of it. */
static gboolean
find_record (Linger *linger, const char *id, VlPage *page, VlRecord **record)
{
  guint position;

  if (linger->id == NULL)
    return FALSE;
  if (vl_page_find (page, linger->id, &position))
    {
      *record = vl_page_get_record (page, position);
      return TRUE;
    }

  return g_strcmp0 (id, linger->id) == 0;
}

static gboolean
shows (Linger *linger, const char *id, VlPage *page)
{
  g_autoptr (VlRecord) record = NULL;

  if (!find_record (linger, id, page, &record))
    return FALSE;
  if (record == NULL || linger->stored == NULL)
    return record == linger->stored;

  return _vl_conflict_has_fields (record, linger->stored);
}

/* What is newer than this one has it in it. */
static void
end_older (Linger *linger)
{
  GList *l = linger->core->lingering.head;

  while (l->data != linger)
    {
      Linger *older = l->data;

      l = l->next;
      if (g_strcmp0 (older->id, linger->id) == 0)
        end (older);
    }
}

void
_vl_linger_check (VlLiveCore *core, guint64 seq, const char *id, VlPage *page)
{
  GList *l = core->lingering.tail;

  while (l != NULL)
    {
      Linger *linger = l->data;

      if (seq >= linger->seq && shows (linger, id, page))
        {
          end_older (linger);
          l = l->prev;
          end (linger);
        }
      else
        {
          l = l->prev;
        }
    }
}

void
_vl_linger_init (VlLiveCore *core)
{
  g_queue_init (&core->lingering);
}

void
_vl_linger_dispose (VlLiveCore *core)
{
  g_queue_clear_full (&core->lingering, linger_free);
}
