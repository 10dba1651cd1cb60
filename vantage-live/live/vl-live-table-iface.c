/* vl-live-table-iface.c: a live table as a table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-live-table-private.h"

#include "../masters/vl-scoped-table.h"
#include "../table/vl-change.h"
#include "../table/vl-query.h"
#include "../table/vl-record.h"
#include "../table/vl-reply.h"
#include "../table/vl-table-private.h"
#include "../vl-error.h"

/* Everything here may be called from any thread. */

gboolean
_vl_live_table_is_closed (VlLiveTable *self, GError **error)
{
  if (!g_atomic_int_get (&self->is_closed))
    return FALSE;

  g_set_error (error, VL_ERROR, VL_ERROR_CLOSED, _ ("The live table “%s” was closed"),
               self->cache_key);
  return TRUE;
}

static gboolean
vl_live_table_describe (VlTable *table, VlReply *reply, GError **error)
{
  VlLiveTable *self = VL_LIVE_TABLE (table);

  if (_vl_live_table_is_closed (self, error))
    return FALSE;

  _vl_live_call_describe (self->core, reply);
  return TRUE;
}

static gboolean
list_quick (VlTable *table, VlQuery *query, VlFlight *flight, GError **error)
{
  VlLiveTable *self = VL_LIVE_TABLE (table);
  VlLiveView view = _vl_live_table_get_view (self);

  if (_vl_live_table_is_closed (self, error))
    return FALSE;

  _vl_live_call_list_quick (self->core, query, &view, flight);
  return TRUE;
}

static gboolean
vl_live_table_list (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  VlLiveTable *self = VL_LIVE_TABLE (table);
  VlLiveView view = _vl_live_table_get_view (self);

  if (_vl_live_table_is_closed (self, error))
    return FALSE;

  _vl_live_call_list (self->core, query, &view, reply);
  return TRUE;
}

static gboolean
vl_live_table_find (VlTable *table, const char *id, VlReply *reply, GError **error)
{
  VlLiveTable *self = VL_LIVE_TABLE (table);
  VlLiveView view = _vl_live_table_get_view (self);

  if (_vl_live_table_is_closed (self, error))
    return FALSE;

  _vl_live_call_find (self->core, id, &view, reply);
  return TRUE;
}

static gboolean
vl_live_table_count (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  VlLiveTable *self = VL_LIVE_TABLE (table);
  VlLiveView view = _vl_live_table_get_view (self);

  if (_vl_live_table_is_closed (self, error))
    return FALSE;

  _vl_live_call_count (self->core, query, &view, reply);
  return TRUE;
}

static gboolean
vl_live_table_apply (VlTable *table, VlChange *change, VlReply *reply, GError **error)
{
  VlLiveTable *self = VL_LIVE_TABLE (table);

  if (_vl_live_table_is_closed (self, error))
    return FALSE;

  _vl_live_call_apply (self->core, change, reply);
  return TRUE;
}

static gboolean
vl_live_table_apply_batch (VlTable *table, GListModel *changes, VlReply *reply, GError **error)
{
  VlLiveTable *self = VL_LIVE_TABLE (table);

  if (_vl_live_table_is_closed (self, error))
    return FALSE;

  _vl_live_call_apply_batch (self->core, changes, reply);
  return TRUE;
}

/* A live table over another master, like this one in all the rest. */
static VlLiveTable *
live_table_like (VlLiveTable *self, VlTable *master)
{
  return g_object_new (VL_TYPE_LIVE_TABLE, "master", master, "cache-key", self->cache_key, "cache",
                       self->cache, "page-size", self->page_size, "max-age", self->max_age,
                       "read-policy", self->read_policy, "follow-master", self->follow_master,
                       NULL);
}

static VlTable *
vl_live_table_get_related (VlTable *table, const char *relation, VlRecord *record, GError **error)
{
  VlLiveTable *self = VL_LIVE_TABLE (table);
  g_autoptr (VlTable) related = NULL;
  g_autoptr (VlLiveTable) target = NULL;

  if (_vl_live_table_is_closed (self, error))
    return NULL;

  related = vl_table_get_related (self->core->master, relation, record, error);
  if (related == NULL)
    return NULL;

  /* The scope stays outside, so that it becomes part of each query and all
   * parts of the target share what is cached of it. */
  if (VL_IS_SCOPED_TABLE (related))
    {
      VlScopedTable *scoped = VL_SCOPED_TABLE (related);

      target = live_table_like (self, vl_scoped_table_get_target (scoped));
      return VL_TABLE (vl_scoped_table_new (VL_TABLE (target), vl_scoped_table_get_scope (scoped)));
    }

  return VL_TABLE (live_table_like (self, related));
}

static VlLiveStream *
vl_live_table_get_stream (VlTable *table)
{
  return g_object_ref (VL_LIVE_TABLE (table)->core->stream);
}

/* A copy of what the master is, and so not the same table. */
static char *
vl_live_table_get_identity (VlTable *table)
{
  VlLiveTable *self = VL_LIVE_TABLE (table);

  return self->core->identity != NULL ? g_strconcat ("live:", self->core->root, NULL) : NULL;
}

void
_vl_live_table_iface_init (VlTableInterface *iface)
{
  iface->describe = vl_live_table_describe;
  iface->list = vl_live_table_list;
  _vl_table_iface_set_list (iface, list_quick);
  iface->find = vl_live_table_find;
  iface->count = vl_live_table_count;
  iface->apply = vl_live_table_apply;
  iface->apply_batch = vl_live_table_apply_batch;
  iface->get_related = vl_live_table_get_related;
  iface->get_stream = vl_live_table_get_stream;
  iface->get_identity = vl_live_table_get_identity;
}
