/* vl-live-network.c: whether the master can be reached
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The network monitor speaks in the context of whoever asked for it first; what
 * it says is brought home.
 */

#include "vl-config.h"

#include <gio/gio.h>

#include "vl-live-core-private.h"

#include "../base/vl-lock-private.h"
#include "../table/vl-schema.h"

struct _VlNetworkWatch
{
  gatomicrefcount ref_count;
  VlHandoff *home;
  GNetworkMonitor *monitor;
  gulong handler;
  VlLiveCore *core; /* home only; NULL = it has gone */
};

static void
watch_unref (gpointer data)
{
  VlNetworkWatch *watch = data;

  if (!_vl_ref_count_dec (&watch->ref_count))
    return;

  _vl_handoff_unref (watch->home);
  g_object_unref (watch->monitor);
  g_free (watch);
}

static void
watch_destroyed (gpointer data, GClosure *closure)
{
  watch_unref (data);
}

static void
look (gpointer user_data, gboolean orphaned)
{
  VlNetworkWatch *watch = user_data;
  VlLiveCore *core = watch->core;

  if (!orphaned && core != NULL && _vl_live_core_try_ref (core))
    {
      _vl_live_network_set_away (core, !g_network_monitor_get_network_available (watch->monitor));
      _vl_live_core_unref (core);
    }
  watch_unref (watch);
}

/* On any thread. */
static void
network_changed (GNetworkMonitor *monitor, gboolean is_available, gpointer user_data)
{
  VlNetworkWatch *watch = user_data;

  _vl_take_over (watch);
  g_atomic_ref_count_inc (&watch->ref_count);
  _vl_handoff_post (watch->home, look, watch);
}

static void
watch_begin (VlLiveCore *core)
{
  VlNetworkWatch *watch = g_new0 (VlNetworkWatch, 1);

  g_atomic_ref_count_init (&watch->ref_count);
  g_atomic_ref_count_inc (&watch->ref_count);
  watch->home = _vl_handoff_ref (core->home);
  watch->monitor = g_object_ref (g_network_monitor_get_default ());
  watch->core = core;
  core->network.watch = watch;
  _vl_hand_over (watch);
  watch->handler = g_signal_connect_data (watch->monitor, "network-changed",
                                          G_CALLBACK (network_changed), watch, watch_destroyed, 0);
  _vl_live_network_set_away (core, !g_network_monitor_get_network_available (watch->monitor));
}

void
_vl_live_network_dispose (VlLiveCore *core)
{
  VlNetworkWatch *watch = g_steal_pointer (&core->network.watch);

  if (watch == NULL)
    return;

  watch->core = NULL;
  g_signal_handler_disconnect (watch->monitor, watch->handler);
  watch_unref (watch);
}

void
_vl_live_network_follow (VlLiveCore *core)
{
  g_autoptr (VlSchema) schema = _vl_writer_dup_target_schema (core);
  gboolean is_remote = schema != NULL && vl_schema_can (schema, VL_CAPABILITY_REMOTE);

  if (is_remote && core->network.watch == NULL)
    {
      watch_begin (core);
    }
  else if (!is_remote && schema != NULL && core->network.watch != NULL)
    {
      _vl_live_network_dispose (core);
      _vl_live_network_set_away (core, FALSE);
    }
}

gboolean
_vl_live_network_is_away (VlLiveCore *core)
{
  return core->network.is_away;
}

VlLiveState
_vl_live_network_get_state (VlLiveCore *core)
{
  return core->network.is_away || core->writer.retry.spans ? VL_LIVE_STATE_OFFLINE
                                                           : VL_LIVE_STATE_ONLINE;
}

void
_vl_live_network_check (VlLiveCore *core)
{
  VlLiveState state = _vl_live_network_get_state (core);

  if (core->network.state == state)
    return;

  core->network.state = state;
  _vl_live_core_tell_state_changed (core);
}

void
_vl_live_network_set_away (VlLiveCore *core, gboolean is_away)
{
  if (core->network.is_away == is_away)
    return;

  core->network.is_away = is_away;
  if (!is_away)
    _vl_retry_hurry (core);
  _vl_live_network_check (core);
  _vl_writer_pump (core);
}
