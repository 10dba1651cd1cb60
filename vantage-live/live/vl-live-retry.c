/* vl-live-retry.c: when writes are sent again
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A write that did not reach the master waits, each time up to twice as long as
 * the time before, by chance: so many clients that lost the same server do not
 * come back to it at the same moment. When it is the master that is away, and
 * not a record that is in trouble, the whole queue waits, and one write tries.
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include "vl-live-core-private.h"

#include "../base/vl-random-private.h"
#include "../table/vl-change.h"
#include "../table/vl-schema.h"
#include "vl-write-private.h"

/* Unless the application says otherwise; milliseconds. */
#define DEFAULT_FLOOR 500
#define DEFAULT_CAP   60000

/* So often the longest wait doubles; then it is at the cap anyway. */
#define DOUBLINGS_MAX 20

void
_vl_retry_init (VlRetry *self)
{
  self->floor = DEFAULT_FLOOR;
  self->cap = DEFAULT_CAP;
}

void
_vl_retry_clear (VlRetry *self)
{
  _vl_timer_clear (&self->timer);
  g_clear_pointer (&self->last_key, g_free);
}

gboolean
_vl_retry_can_repeat (VlLiveCore *core, VlWrite *write)
{
  VlChange *change = vl_write_get_change (write);
  g_autoptr (VlSchema) schema = _vl_writer_dup_target_schema (core);

  if (schema != NULL && vl_schema_can (schema, VL_CAPABILITY_IDEMPOTENT))
    return TRUE;

  switch (vl_change_get_kind (change))
    {
    case VL_CHANGE_KIND_REPLACE:
    case VL_CHANGE_KIND_PATCH:
    case VL_CHANGE_KIND_DELETE:
      return TRUE;
    case VL_CHANGE_KIND_INSERT:
      return vl_change_get_id (change) != NULL;
    case VL_CHANGE_KIND_DELETE_ALL:
    default:
      return FALSE;
    }
}

/* When to try again after so many failures: monotonic. */
static gint64
when_due (VlRetry *self, guint n_failures)
{
  guint n_doublings = MIN (MAX (n_failures, 1) - 1, DOUBLINGS_MAX);
  guint64 longest = MIN ((guint64) self->floor << (n_doublings + 1), MAX (self->cap, self->floor));
  guint64 range = MAX (longest, self->floor) - self->floor + 1;
  guint64 delay = self->floor + _vl_random_uint64 () % range;

  return _vl_clock_monotonic () + (gint64) delay * 1000;
}

void
_vl_retry_put_off (VlLiveCore *core, VlWrite *write)
{
  VlRetry *self = &core->writer.retry;

  _vl_write_set_due (write, when_due (self, vl_write_get_attempts (write)));
  self->has_waiting = TRUE;
}

void
_vl_retry_unreached (VlLiveCore *core, GPtrArray *writes)
{
  VlRetry *self = &core->writer.retry;
  const char *key = writes->len == 1 ? _vl_write_get_key (writes->pdata[0]) : NULL;

  /* Those to no record in particular are to other ones. */
  self->n_unreached++;
  self->spans |= self->n_unreached > 1 && (key == NULL || g_strcmp0 (key, self->last_key) != 0);
  g_free (self->last_key);
  self->last_key = g_strdup (key);
  if (self->spans)
    self->paused_until = when_due (self, self->n_unreached - 1);
}

void
_vl_retry_pause (VlLiveCore *core)
{
  VlRetry *self = &core->writer.retry;

  self->n_unreached++;
  self->spans = TRUE;
  self->paused_until = when_due (self, self->n_unreached);
  _vl_live_network_check (core);
}

void
_vl_retry_reached (VlLiveCore *core)
{
  VlRetry *self = &core->writer.retry;

  if (self->n_unreached == 0)
    return;

  /* The others wait for nothing any more. */
  if (self->spans)
    _vl_retry_hurry (core);
  self->n_unreached = 0;
  self->spans = FALSE;
  g_clear_pointer (&self->last_key, g_free);
}

void
_vl_retry_hurry (VlLiveCore *core)
{
  core->writer.retry.paused_until = 0;
  for (GList *l = core->writer.queue.head; l != NULL; l = l->next)
    _vl_write_set_due (l->data, 0);
}

void
_vl_retry_withdrawn (VlLiveCore *core, VlWrite *write)
{
  VlRetry *self = &core->writer.retry;
  GList *l = core->writer.queue.head;

  if (self->paused_until == 0 || (l != NULL && vl_write_get_attempts (write) == 0))
    return;

  for (; l != NULL; l = l->next)
    {
      if (vl_write_get_attempts (l->data) > 0)
        return;
    }
  self->paused_until = 0;
}

gboolean
_vl_retry_is_paused (VlLiveCore *core, gint64 now)
{
  return core->writer.retry.paused_until > now;
}

static void
due (gpointer user_data)
{
  VlLiveCore *core = user_data;
  VlRetry *self = &core->writer.retry;

  _vl_timer_clear (&self->timer);
  if (!_vl_live_core_try_ref (core))
    return;

  _vl_writer_pump (core);
  _vl_live_core_unref (core);
}

/* When the first of those that wait is due; 0 = none waits. Neither one that is
 * held back by them is due at a time of its own, nor one that only waits for
 * what is with the target. */
static gint64
find_first_due (VlLiveCore *core, gint64 now)
{
  VlRetry *self = &core->writer.retry;
  gint64 first = 0;

  if (!self->has_waiting)
    return 0;

  for (GList *l = core->writer.queue.head; l != NULL; l = l->next)
    {
      gint64 due = _vl_write_get_due (l->data);

      if (due > now && (first == 0 || due < first))
        first = due;
    }
  self->has_waiting = first > 0;

  return first;
}

void
_vl_retry_schedule (VlLiveCore *core, gint64 now)
{
  VlRetry *self = &core->writer.retry;
  gint64 first = 0;
  gint64 delay;

  /* After a pause those go that have not been tried, however long the others wait. */
  if (!g_queue_is_empty (&core->writer.queue))
    first = self->paused_until > now ? self->paused_until : find_first_due (core, now);
  if (first == 0)
    {
      _vl_timer_clear (&self->timer);
      return;
    }
  if (self->timer != NULL && self->timer_due == first)
    return;

  _vl_timer_clear (&self->timer);
  delay = MAX (first - now + 999, 1000) / 1000;
  self->timer_due = first;
  self->timer = _vl_timer_start (_vl_handoff_get_context (core->home),
                                 (guint) MIN (delay, (gint64) G_MAXUINT), due, core);
}
