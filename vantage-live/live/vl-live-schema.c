/* vl-live-schema.c: what a live table knows of its master's shape
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The last schema of the master is kept in the cache, so that a start without
 * the master can show what is cached. Whoever needs a schema gets that one at
 * once, and the master is asked behind it; only where there is none they wait.
 * A master whose columns have changed makes the root stale; another table
 * behind the same identity clears it.
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include "vl-live-core-private.h"

#include "../base/vl-log-private.h"
#include "../cache/vl-cache-private.h"
#include "../table/vl-page-builder.h"
#include "../table/vl-page-private.h"
#include "../table/vl-page.h"
#include "../table/vl-record-builder.h"
#include "../table/vl-record.h"
#include "../table/vl-schema.h"

/* Where the schema is kept under the root, and in which field. */
#define SCHEMA_KEY   "schema"
#define SCHEMA_FIELD "schema"

/* A master that could not be described, while a stored schema serves, is not
 * asked again sooner than this; microseconds. */
#define ASK_AGAIN (5 * G_USEC_PER_SEC)

typedef struct
{
  VlSchemaFunc func;
  gpointer user_data;
} SchemaWaiter;

static VlSchema *
schema_from_page (VlPage *page)
{
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (GVariant) variant = NULL;

  if (page == NULL || vl_page_get_n_records (page) != 1)
    return NULL;

  record = vl_page_get_record (page, 0);
  variant = vl_record_get_variant (record, SCHEMA_FIELD);

  return variant != NULL ? vl_schema_new_from_variant (variant, NULL) : NULL;
}

static VlPage *
schema_to_page (VlSchema *schema)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (SCHEMA_KEY);
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (GVariant) variant = vl_schema_to_variant (schema);
  VlPageInfo info = { .total = 1, .fetched_at = _vl_clock_real () };

  vl_record_builder_set_variant (builder, SCHEMA_FIELD, variant);
  record = vl_record_builder_end (builder);

  return _vl_page_new_from_records (&record, 1, &info);
}

static void
take_schema (VlLiveCore *core, VlSchema *schema)
{
  if (!g_set_object (&core->schema.schema, schema))
    return;

  core->schema.fingerprint = vl_schema_get_fingerprint (schema);
  core->schema.has_windows = vl_schema_can (schema, VL_CAPABILITY_WINDOW);
  _vl_live_core_tell_schema_changed (core);
}

static void
waiters_run (VlLiveCore *core, const GError *error)
{
  GQueue waiters = core->schema.waiters;
  SchemaWaiter *waiter;

  g_queue_init (&core->schema.waiters);
  while ((waiter = g_queue_pop_head (&waiters)) != NULL)
    {
      waiter->func (core->schema.schema, error, waiter->user_data);
      g_free (waiter);
    }
}

static void
stored (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;

  if (answer->error != NULL)
    _vl_log_debug ("VL_OP", "store-schema", "VL_KEY", core->root, "VL_OUTCOME",
                   answer->error->message, NULL);
}

static void store_schema (gpointer user_data);

/* The lease is of no matter: a stale schema serves as well as a fresh one. */
static void
leased (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;
  g_autoptr (VlPage) page = NULL;
  VlFlight *flight;

  if (answer->error != NULL || core->schema.schema == NULL)
    return;

  if (core->gate.state != VL_GATE_OPEN)
    {
      _vl_gate_pass (core, store_schema, _vl_live_core_ref (core));
      return;
    }

  page = schema_to_page (core->schema.schema);
  flight = _vl_cache_send_store (core->cache, core->root, SCHEMA_KEY, page, answer->lease,
                                 core->timeout, stored, _vl_live_core_ref (core),
                                 (GDestroyNotify) _vl_live_core_unref);
  g_clear_pointer (&flight, _vl_flight_unref);
}

/* The gate is open. */
static void
store_schema (gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;
  VlFlight *flight;

  if (core->gate.state == VL_GATE_BYPASSED)
    return;

  flight = _vl_cache_send_get_lease (core->cache, core->root, core->timeout, leased,
                                     _vl_live_core_ref (core),
                                     (GDestroyNotify) _vl_live_core_unref);
  g_clear_pointer (&flight, _vl_flight_unref);
}

static void
take_described (VlLiveCore *core, VlSchema *schema)
{
  VlLiveSchema *state = &core->schema;
  g_autoptr (VlSchema) old = state->schema != NULL ? g_object_ref (state->schema) : NULL;

  state->described = TRUE;
  take_schema (core, schema);
  if (old == NULL || !vl_schema_equal (old, schema))
    {
      if (old != NULL &&
          g_strcmp0 (vl_schema_get_instance (old), vl_schema_get_instance (schema)) != 0)
        _vl_gate_invalidate (core, TRUE, NULL, NULL);
      else if (old != NULL && vl_schema_get_fingerprint (old) != vl_schema_get_fingerprint (schema))
        _vl_gate_invalidate (core, FALSE, NULL, NULL);
      _vl_live_schema_keep (core);
    }
}

/* Acts upon what the master said of itself, once the cache has said what it
 * has: only the two together tell whether the copies are of this table. */
static void
conclude (VlLiveCore *core)
{
  VlLiveSchema *state = &core->schema;
  g_autoptr (VlSchema) heard = NULL;

  if (state->looking || state->heard == NULL)
    return;

  heard = g_steal_pointer (&state->heard);
  state->asking = FALSE;
  take_described (core, heard);
  waiters_run (core, NULL);
}

static void
described (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;
  VlLiveSchema *state = &core->schema;

  g_clear_pointer (&state->flight, _vl_flight_unref);
  if (answer->error == NULL)
    {
      state->heard = g_steal_pointer (&answer->schema);
      conclude (core);
      return;
    }

  state->asking = FALSE;
  _vl_log_debug ("VL_OP", "describe", "VL_KEY", core->root, "VL_OUTCOME", answer->error->message,
                 NULL);
  /* The stored one may still come, and will do. */
  if (!state->looking)
    waiters_run (core, answer->error);
}

static void
ask (VlLiveCore *core)
{
  VlLiveSchema *state = &core->schema;
  VlFlight *flight;

  state->asking = TRUE;
  state->asked_at = _vl_clock_monotonic ();
  flight = _vl_table_send_describe (core->master, core->timeout, described,
                                    _vl_live_core_ref (core), (GDestroyNotify) _vl_live_core_unref);
  if (flight != NULL)
    state->flight = flight;
}

void
_vl_live_core_need_schema (VlLiveCore *self, VlSchemaFunc func, gpointer user_data)
{
  g_autoptr (VlLiveCore) core = _vl_live_core_ref (self);
  VlLiveSchema *state = &core->schema;
  gboolean due = state->asked_at == 0 || _vl_clock_monotonic () - state->asked_at > ASK_AGAIN;
  SchemaWaiter *waiter;

  if (state->schema != NULL)
    {
      func (state->schema, NULL, user_data);
      if (!state->described && !state->asking && due)
        ask (core);
      return;
    }

  waiter = g_new (SchemaWaiter, 1);
  waiter->func = func;
  waiter->user_data = user_data;
  g_queue_push_tail (&state->waiters, waiter);
  if (!state->asking)
    ask (core);
}

/* The cache has said what it has. */
static void
looked (VlLiveCore *core, VlSchema *stored)
{
  VlLiveSchema *state = &core->schema;

  state->looking = FALSE;
  if (stored != NULL)
    take_schema (core, stored);

  if (state->heard != NULL)
    conclude (core);
  else if (stored != NULL)
    waiters_run (core, NULL);
  else if (!g_queue_is_empty (&state->waiters) && !state->asking)
    ask (core);
}

static void
looked_up (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;
  g_autoptr (VlSchema) schema = answer->error == NULL ? schema_from_page (answer->page) : NULL;

  looked (core, schema);
}

void
_vl_live_schema_keep (VlLiveCore *core)
{
  if (core->schema.schema != NULL)
    _vl_gate_pass (core, store_schema, _vl_live_core_ref (core));
}

/* The gate is not closed. */
static void
look_up (gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;
  VlFlight *flight;

  if (core->gate.state == VL_GATE_BYPASSED)
    {
      looked (core, NULL);
      return;
    }

  flight = _vl_cache_send_lookup (core->cache, core->root, SCHEMA_KEY, core->timeout, looked_up,
                                  _vl_live_core_ref (core), (GDestroyNotify) _vl_live_core_unref);
  g_clear_pointer (&flight, _vl_flight_unref);
}

void
_vl_live_schema_init (VlLiveCore *core)
{
  g_queue_init (&core->schema.waiters);
  core->schema.looking = TRUE;
  _vl_gate_pass (core, look_up, _vl_live_core_ref (core));
}

void
_vl_live_schema_dispose (VlLiveCore *core)
{
  /* A flight and a waiter hold the core. */
  g_assert (core->schema.flight == NULL);
  g_assert (g_queue_is_empty (&core->schema.waiters));
  g_clear_object (&core->schema.schema);
  g_clear_object (&core->schema.heard);
}
