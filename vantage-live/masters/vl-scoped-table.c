/* vl-scoped-table.c: the part of a table that meets a query
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "../table/vl-cell-private.h"
#include "../table/vl-change.h"
#include "../table/vl-query.h"
#include "../table/vl-record-builder.h"
#include "../table/vl-record.h"
#include "../table/vl-reply.h"
#include "../table/vl-schema.h"
#include "../table/vl-table-private.h"
#include "../table/vl-table.h"
#include "../vl-error.h"
#include "vl-relay-private.h"
#include "vl-scoped-table.h"

/**
 * VlScopedTable:
 *
 * The part of a table whose records meet a query: the orders of one client,
 * say.
 *
 * The query, the *scope*, consists of conditions of the kind %VL_OP_EQ only; a
 * table with another scope answers everything with %VL_ERROR_INVALID. Lists,
 * counts and delete-all are limited to the scope, and a record outside it is
 * not found, as if it did not exist. A record that is inserted or replaced gets
 * the values of the scope in the fields that it leaves out or null, and is
 * refused with %VL_ERROR_INVALID if it contradicts them. A patch may change a
 * field of the scope: that moves the record out of it.
 *
 * To replace, patch or delete a record, the table finds it first. Somebody who
 * moves the record in or out of the scope between the two is not noticed. A
 * patch that moves the record out and is sent again finds none, even if the
 * target is %VL_CAPABILITY_IDEMPOTENT.
 *
 * Schema, capabilities and stream are those of the target; the stream tells of
 * records outside the scope too. [method@Table.get_related] of the library's
 * own tables answers scoped tables.
 *
 * Since: 1.0
 */
struct _VlScopedTable
{
  GObject parent_instance;

  /* Set by construction, never changed. */
  VlTable *target;
  VlQuery *scope;
  GError *unusable; /* what is wrong with the two, or NULL */
};

enum
{
  PROP_TARGET = 1,
  PROP_SCOPE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void vl_scoped_table_iface_init (VlTableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (VlScopedTable,
                               vl_scoped_table,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, vl_scoped_table_iface_init))

static GError *
check_scope (VlTable *target, VlQuery *scope)
{
  gboolean is_plain = vl_query_get_search (scope) == NULL && vl_query_get_n_orders (scope) == 0 &&
                      vl_query_get_offset (scope) == 0 && vl_query_get_limit (scope) == 0;

  if (target == NULL)
    return g_error_new_literal (VL_ERROR, VL_ERROR_INVALID,
                                _ ("A scoped table needs a target to be a part of"));

  for (guint i = 0; i < vl_query_get_n_conditions (scope); i++)
    {
      g_autoptr (GVariant) value = NULL;
      VlOp op;

      vl_query_get_condition (scope, i, &op, &value);
      is_plain = is_plain && op == VL_OP_EQ;
    }

  return is_plain ? NULL
                  : g_error_new_literal (
                      VL_ERROR, VL_ERROR_INVALID,
                      _ ("The scope of a table consists of “equal” conditions and nothing else"));
}

static gboolean
check_usable (VlScopedTable *self, GError **error)
{
  if (self->unusable != NULL)
    g_propagate_error (error, g_error_copy (self->unusable));

  return self->unusable == NULL;
}

/* `query` and the scope; NULL = everything. */
static VlQuery *
narrow (VlScopedTable *self, VlQuery *query)
{
  g_autoptr (VlQuery) narrowed = query != NULL ? g_object_ref (query) : vl_query_new ();

  for (guint i = 0; i < vl_query_get_n_conditions (self->scope); i++)
    {
      g_autoptr (GVariant) value = NULL;
      g_autoptr (VlQuery) step = NULL;
      VlOp op;
      const char *field = vl_query_get_condition (self->scope, i, &op, &value);

      step = vl_query_where (narrowed, field, op, value);
      g_set_object (&narrowed, step);
    }

  return g_steal_pointer (&narrowed);
}

/* The record with the fields of the scope that it leaves open. */
static VlRecord *
fill (VlScopedTable *self, VlRecord *record)
{
  g_autoptr (VlSchema) schema = vl_table_get_schema (VL_TABLE (self));
  const char *id_column = schema != NULL ? vl_schema_get_id_column (schema) : NULL;
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new_from (record);
  g_autoptr (VlRecord) filled = NULL;

  for (guint i = 0; i < vl_query_get_n_conditions (self->scope); i++)
    {
      g_autoptr (GVariant) value = NULL;
      const char *field = vl_query_get_condition (self->scope, i, NULL, &value);

      if (value == NULL || !vl_record_is_null (record, field))
        continue;

      vl_record_builder_set_variant (builder, field, value);
      if (vl_record_get_id (record) != NULL || g_strcmp0 (field, id_column) != 0)
        continue;

      if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
        {
          vl_record_builder_set_id (builder, g_variant_get_string (value, NULL));
        }
      else
        {
          g_autofree char *id = g_variant_print (value, FALSE);

          vl_record_builder_set_id (builder, id);
        }
    }

  filled = vl_record_builder_end (builder);

  return schema != NULL ? _vl_record_normalize (filled, schema) : g_steal_pointer (&filled);
}

static VlChange *
copy_change (VlChange *like, VlChange *change)
{
  g_autoptr (VlChange) with_uid = vl_change_with_uid (change, vl_change_get_uid (like));
  g_autoptr (VlChange) with_origin = vl_change_with_origin (with_uid, vl_change_get_origin (like));
  VlRecord *base = vl_change_get_base (like);

  return base != NULL ? vl_change_with_base (with_origin, base) : g_steal_pointer (&with_origin);
}

/* The change as the target is to apply it. */
static VlChange *
adapt (VlScopedTable *self, VlChange *change, GError **error)
{
  VlChangeKind kind = vl_change_get_kind (change);
  g_autoptr (VlRecord) filled = NULL;
  g_autoptr (VlQuery) query = NULL;
  g_autoptr (VlChange) adapted = NULL;

  if (kind == VL_CHANGE_KIND_DELETE_ALL)
    {
      query = narrow (self, vl_change_get_query (change));
      adapted = vl_change_new_delete_all (query);
      return copy_change (change, adapted);
    }

  if (kind == VL_CHANGE_KIND_PATCH || kind == VL_CHANGE_KIND_DELETE)
    return g_object_ref (change);

  filled = fill (self, vl_change_get_record (change));
  if (!vl_query_matches (self->scope, filled))
    {
      g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
                   _ ("The record “%s” does not belong to the part of the table that is "
                      "written to: %s"),
                   vl_record_get_id (filled) != NULL ? vl_record_get_id (filled) : "",
                   vl_query_get_key (self->scope));
      return NULL;
    }

  adapted = kind == VL_CHANGE_KIND_INSERT ? vl_change_new_insert (filled)
                                          : vl_change_new_replace (filled);

  return copy_change (change, adapted);
}

/* What travels with a relay. */
typedef struct
{
  VlScopedTable *table;
  VlChange *change; /* NULL for reads */
} Request;

static void
request_free (gpointer data)
{
  Request *self = data;

  g_clear_object (&self->table);
  g_clear_object (&self->change);
  g_free (self);
}

static VlRelay *
relay_new (VlScopedTable *self, VlReply *reply, VlChange *change)
{
  Request *request = g_new0 (Request, 1);

  request->table = g_object_ref (self);
  request->change = change != NULL ? g_object_ref (change) : NULL;

  return _vl_relay_new (reply, self->target, request, request_free);
}

static void
on_described (VlRelay *relay, VlAnswer *answer, gpointer user_data)
{
  Request *request = user_data;
  g_autoptr (GError) error = NULL;

  if (answer->error == NULL && !vl_query_check (request->table->scope, answer->schema, &error))
    _vl_relay_fail (relay, error);
  else
    _vl_relay_return (relay, VL_RELAY_DESCRIBE, answer);
}

static void
on_found (VlRelay *relay, VlAnswer *answer, gpointer user_data)
{
  Request *request = user_data;

  if (answer->record != NULL && !vl_query_matches (request->table->scope, answer->record))
    g_clear_object (&answer->record);
  _vl_relay_return (relay, VL_RELAY_FIND, answer);
}

/* What the target says of a change; of a record that somebody else has moved
 * out of the scope nothing is told but that it is gone. */
static void
on_applied (VlRelay *relay, VlAnswer *answer, gpointer user_data)
{
  Request *request = user_data;

  if (answer->error != NULL && answer->record != NULL &&
      !vl_query_matches (request->table->scope, answer->record))
    g_clear_object (&answer->record);
  _vl_relay_return (relay, VL_RELAY_APPLY, answer);
}

/* A record outside the scope is none: one that a change was based on has gone. */
static void
fail_outside (VlRelay *relay, Request *request)
{
  g_autoptr (VlSchema) schema = vl_table_get_schema (VL_TABLE (request->table));
  g_auto (VlAnswer) answer = { 0 };
  VlChange *change = request->change;
  gboolean is_gone = vl_change_get_base (change) != NULL && schema != NULL &&
                     vl_schema_can (schema, VL_CAPABILITY_CHECK_BASE);

  answer.error = g_error_new (
    VL_ERROR, is_gone ? VL_ERROR_CONFLICT : VL_ERROR_NOT_FOUND,
    _ ("Cannot change the record “%s”: it is not in the part of the table that is written to: %s"),
    vl_change_get_id (change), vl_query_get_key (request->table->scope));
  _vl_relay_return (relay, VL_RELAY_APPLY, &answer);
}

/* The record that a change is about has been looked up. */
static void
on_looked_up (VlRelay *relay, VlAnswer *answer, gpointer user_data)
{
  Request *request = user_data;
  VlChange *change = request->change;
  g_auto (VlRelayRequest) next = { 0 };

  if (answer->error != NULL)
    {
      _vl_relay_return (relay, VL_RELAY_APPLY, answer);
      return;
    }
  if (answer->record == NULL || vl_query_matches (request->table->scope, answer->record))
    {
      /* Also when there is none: the target knows what to say to that. */
      _vl_relay_request_init (&next, VL_RELAY_APPLY, change, NULL);
      _vl_relay_send (relay, &next, on_applied);
      return;
    }

  if (vl_change_get_kind (change) == VL_CHANGE_KIND_DELETE)
    {
      g_clear_object (&answer->record);
      _vl_relay_return (relay, VL_RELAY_APPLY, answer);
      return;
    }

  fail_outside (relay, request);
}

/* The table's vfuncs. */

static gboolean
vl_scoped_table_describe (VlTable *table, VlReply *reply, GError **error)
{
  VlScopedTable *self = VL_SCOPED_TABLE (table);
  VlRelayRequest request = { VL_RELAY_DESCRIBE, NULL, NULL };

  if (!check_usable (self, error))
    return FALSE;

  _vl_relay_send (relay_new (self, reply, NULL), &request, on_described);

  return TRUE;
}

static gboolean
pass_query (VlTable *table, VlRelayKind kind, VlQuery *query, VlReply *reply, GError **error)
{
  VlScopedTable *self = VL_SCOPED_TABLE (table);
  g_auto (VlRelayRequest) request = { 0 };
  g_autoptr (VlQuery) narrowed = NULL;

  if (!check_usable (self, error))
    return FALSE;

  narrowed = narrow (self, query);
  _vl_relay_request_init (&request, kind, narrowed, NULL);
  _vl_relay_pass (relay_new (self, reply, NULL), &request);

  return TRUE;
}

static gboolean
vl_scoped_table_list (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  return pass_query (table, VL_RELAY_LIST, query, reply, error);
}

static gboolean
vl_scoped_table_count (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  return pass_query (table, VL_RELAY_COUNT, query, reply, error);
}

static gboolean
vl_scoped_table_find (VlTable *table, const char *id, VlReply *reply, GError **error)
{
  VlScopedTable *self = VL_SCOPED_TABLE (table);
  g_auto (VlRelayRequest) request = { 0 };

  if (!check_usable (self, error))
    return FALSE;

  _vl_relay_request_init (&request, VL_RELAY_FIND, NULL, id);
  _vl_relay_send (relay_new (self, reply, NULL), &request, on_found);

  return TRUE;
}

static gboolean
vl_scoped_table_apply (VlTable *table, VlChange *change, VlReply *reply, GError **error)
{
  VlScopedTable *self = VL_SCOPED_TABLE (table);
  VlChangeKind kind = vl_change_get_kind (change);
  g_autoptr (VlChange) adapted = NULL;
  g_auto (VlRelayRequest) request = { 0 };

  if (!check_usable (self, error))
    return FALSE;

  adapted = adapt (self, change, error);
  if (adapted == NULL)
    return FALSE;

  if (kind == VL_CHANGE_KIND_INSERT || kind == VL_CHANGE_KIND_DELETE_ALL)
    {
      _vl_relay_request_init (&request, VL_RELAY_APPLY, adapted, NULL);
      _vl_relay_pass (relay_new (self, reply, NULL), &request);
    }
  else
    {
      _vl_relay_request_init (&request, VL_RELAY_FIND, NULL, vl_change_get_id (adapted));
      _vl_relay_send (relay_new (self, reply, adapted), &request, on_looked_up);
    }

  return TRUE;
}

static VlTable *
vl_scoped_table_get_related (VlTable *table, const char *relation, VlRecord *record, GError **error)
{
  VlScopedTable *self = VL_SCOPED_TABLE (table);

  if (!check_usable (self, error))
    return NULL;

  return vl_table_get_related (self->target, relation, record, error);
}

static VlLiveStream *
vl_scoped_table_get_stream (VlTable *table)
{
  VlScopedTable *self = VL_SCOPED_TABLE (table);

  return self->target != NULL ? vl_table_get_stream (self->target) : NULL;
}

static char *
vl_scoped_table_get_identity (VlTable *table)
{
  VlScopedTable *self = VL_SCOPED_TABLE (table);
  g_autofree char *identity = self->target != NULL ? vl_table_get_identity (self->target) : NULL;
  g_autofree char *key = NULL;

  if (identity == NULL)
    return NULL;

  /* No question mark is left in the key, so that the last one divides. */
  key = g_uri_escape_string (vl_query_get_key (self->scope), NULL, FALSE);

  return g_strconcat (identity, "?", key, NULL);
}

static void
vl_scoped_table_iface_init (VlTableInterface *iface)
{
  iface->describe = vl_scoped_table_describe;
  iface->list = vl_scoped_table_list;
  iface->find = vl_scoped_table_find;
  iface->count = vl_scoped_table_count;
  iface->apply = vl_scoped_table_apply;
  iface->get_related = vl_scoped_table_get_related;
  iface->get_stream = vl_scoped_table_get_stream;
  iface->get_identity = vl_scoped_table_get_identity;
}

static void
vl_scoped_table_constructed (GObject *object)
{
  VlScopedTable *self = VL_SCOPED_TABLE (object);

  G_OBJECT_CLASS (vl_scoped_table_parent_class)->constructed (object);

  if (self->scope == NULL)
    self->scope = vl_query_new ();
  self->unusable = check_scope (self->target, self->scope);
}

static void
vl_scoped_table_finalize (GObject *object)
{
  VlScopedTable *self = VL_SCOPED_TABLE (object);

  g_clear_object (&self->target);
  g_clear_object (&self->scope);
  g_clear_error (&self->unusable);

  G_OBJECT_CLASS (vl_scoped_table_parent_class)->finalize (object);
}

static void
vl_scoped_table_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlScopedTable *self = VL_SCOPED_TABLE (object);

  switch (prop_id)
    {
    case PROP_TARGET:
      g_value_set_object (value, self->target);
      break;

    case PROP_SCOPE:
      g_value_set_object (value, self->scope);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_scoped_table_set_property (GObject *object,
                              guint prop_id,
                              const GValue *value,
                              GParamSpec *pspec)
{
  VlScopedTable *self = VL_SCOPED_TABLE (object);

  switch (prop_id)
    {
    case PROP_TARGET:
      self->target = g_value_dup_object (value);
      break;

    case PROP_SCOPE:
      self->scope = g_value_dup_object (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_scoped_table_class_init (VlScopedTableClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = vl_scoped_table_constructed;
  object_class->finalize = vl_scoped_table_finalize;
  object_class->get_property = vl_scoped_table_get_property;
  object_class->set_property = vl_scoped_table_set_property;

  /**
   * VlScopedTable:target:
   *
   * The whole table.
   *
   * Since: 1.0
   */
  properties[PROP_TARGET] = g_param_spec_object ("target", NULL, NULL, VL_TYPE_TABLE,
                                                 G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                                   G_PARAM_STATIC_STRINGS);

  /**
   * VlScopedTable:scope:
   *
   * What the records have in common; nothing unless it is given.
   *
   * Since: 1.0
   */
  properties[PROP_SCOPE] = g_param_spec_object ("scope", NULL, NULL, VL_TYPE_QUERY,
                                                G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                                  G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
vl_scoped_table_init (VlScopedTable *self)
{
  _vl_table_set_home (VL_TABLE (self));
}

/**
 * vl_scoped_table_new:
 * @target: the whole table
 * @scope: what the records have in common: conditions of the kind %VL_OP_EQ
 *
 * Makes a table that is a part of another.
 *
 * Returns: (transfer full): the table
 *
 * Since: 1.0
 */
VlScopedTable *
vl_scoped_table_new (VlTable *target, VlQuery *scope)
{
  g_return_val_if_fail (VL_IS_TABLE (target), NULL);
  g_return_val_if_fail (VL_IS_QUERY (scope), NULL);

  return g_object_new (VL_TYPE_SCOPED_TABLE, "target", target, "scope", scope, NULL);
}

/**
 * vl_scoped_table_get_target:
 * @self: a table
 *
 * Tells of which table this is a part.
 *
 * Returns: (transfer none): the whole table
 *
 * Since: 1.0
 */
VlTable *
vl_scoped_table_get_target (VlScopedTable *self)
{
  g_return_val_if_fail (VL_IS_SCOPED_TABLE (self), NULL);

  return self->target;
}

/**
 * vl_scoped_table_get_scope:
 * @self: a table
 *
 * Tells which part of its target this is.
 *
 * Returns: (transfer none): the conditions that its records meet
 *
 * Since: 1.0
 */
VlQuery *
vl_scoped_table_get_scope (VlScopedTable *self)
{
  g_return_val_if_fail (VL_IS_SCOPED_TABLE (self), NULL);

  return self->scope;
}
