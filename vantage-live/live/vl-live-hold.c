/* vl-live-hold.c: what waits until a new record has got its id
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-core-private.h"

typedef struct
{
  VlHoldFunc func;
  gpointer user_data;
} HeldResult;

static void
release_results (VlLiveCore *core)
{
  GQueue results = core->hold.results;
  HeldResult *result;

  g_queue_init (&core->hold.results);
  while ((result = g_queue_pop_head (&results)) != NULL)
    {
      result->func (result->user_data);
      g_free (result);
    }
}

void
_vl_hold_end (VlLiveCore *core)
{
  GQueue words = core->hold.words;

  if (!core->hold.is_on)
    return;

  core->hold.is_on = FALSE;
  _vl_timer_clear (&core->hold.timer);
  g_queue_init (&core->hold.words);
  _vl_live_core_act_upon (core, &words);
  release_results (core);
}

static void
waited_enough (gpointer user_data)
{
  VlLiveCore *core = user_data;

  if (!_vl_live_core_try_ref (core))
    return;

  _vl_hold_end (core);
  _vl_live_core_unref (core);
}

void
_vl_hold_begin (VlLiveCore *core)
{
  if (core->hold.is_on || core->settle_time == 0)
    return;

  core->hold.is_on = TRUE;
  core->hold.timer = _vl_timer_start (_vl_handoff_get_context (core->home), core->settle_time,
                                      waited_enough, core);
}

gboolean
_vl_hold_is_on (VlLiveCore *core)
{
  return core->hold.is_on;
}

void
_vl_hold_result (VlLiveCore *core, VlHoldFunc func, gpointer user_data)
{
  HeldResult *result = g_new (HeldResult, 1);

  result->func = func;
  result->user_data = user_data;
  g_queue_push_tail (&core->hold.results, result);
}

gboolean
_vl_hold_word (VlLiveCore *core, VlLiveWord *word)
{
  if (!core->hold.is_on || word->kind != VL_WORD_EVENT ||
      vl_live_event_get_kind (word->event) != VL_LIVE_EVENT_KIND_INSERTED)
    return FALSE;

  g_queue_push_tail (&core->hold.words, word);
  return TRUE;
}

void
_vl_hold_init (VlLiveCore *core)
{
  g_queue_init (&core->hold.results);
  g_queue_init (&core->hold.words);
}

void
_vl_hold_dispose (VlLiveCore *core)
{
  /* What is with the master holds the core; but its home may have gone. */
  _vl_timer_clear (&core->hold.timer);
  g_queue_clear_full (&core->hold.results, g_free);
  g_queue_clear_full (&core->hold.words, (GDestroyNotify) _vl_live_word_free);
}
