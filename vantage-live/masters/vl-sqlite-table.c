/* vl-sqlite-table.c: a table of an SQLite database
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "../base/vl-file-private.h"
#include "../table/vl-change.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../table/vl-record.h"
#include "../table/vl-reply.h"
#include "../table/vl-schema-private.h"
#include "../table/vl-schema.h"
#include "../table/vl-table-private.h"
#include "../table/vl-table.h"
#include "../vl-error.h"
#include "vl-scoped-table.h"
#include "vl-sqlite-database-private.h"
#include "vl-sqlite-reader-private.h"
#include "vl-sqlite-stream-private.h"
#include "vl-sqlite-table-private.h"
#include "vl-sqlite-table.h"

/* Longer than any sane transaction of somebody else, shorter than the timeout
 * of a write. */
#define DEFAULT_BUSY_TIMEOUT 5000

/**
 * VlSqliteTable:
 *
 * A table or view of an SQLite database.
 *
 * Any file will do, also one that other programs read and write at the same
 * time. It is opened with the first operation, not before, and never created,
 * unless the table was made by [ctor@SqliteTable.new_with_schema]. All work is
 * done on two threads that the tables of one file share, one that reads and one
 * that writes, so that reads overtake the writes that wait. A read that is
 * cancelled is interrupted; a write that is cancelled before it has the
 * database to itself is not made.
 *
 * # What it looks like
 *
 * Names, types, the primary key and the foreign keys are those of the database.
 * The id is the primary key if that is one column of INTEGER or TEXT affinity,
 * with or without a rowid. Other tables, virtual ones and views can be listed,
 * searched and counted; their records have no ids and cannot be found or
 * written. Rows whose key is NULL, a blob, a fraction or not UTF-8 have no id
 * either and come last. Generated columns are read and never written, values
 * for them are ignored.
 *
 * A record has the values as SQLite stores them, whatever the column was
 * declared as: int64, double, text, bytes or null. In a column declared BOOL or
 * BOOLEAN 0 and 1 are booleans. TEXT that is not UTF-8 or contains a NUL
 * arrives as bytes. Dates are text. A nested array or dictionary is stored as
 * JSON text and read back as such text.
 *
 * Conditions, search and order run in SQLite and mean what [class@Query] says,
 * not what the column's collation or affinity would make of them.
 *
 * # Long lists
 *
 * A page that follows one that was read before costs the same wherever it is,
 * as long as nobody has changed the file meanwhile and the order has an index;
 * the order of the ids has one. The total of a page is counted once for each
 * state of the file; a list limited to one record leaves it unknown. Before the
 * first list by a column other than an integer key, after each change of the
 * file, the column is read once to see whether it has TEXT that is none.
 *
 * # Writing
 *
 * Each write is a transaction of its own, a batch is one transaction, and so are
 * the writes that wait in the queue of a live table. The record that is answered
 * is read back after it, so that defaults and triggers show. What is answered
 * stays, even if the power goes: whatever journal the database has, it is written
 * to as with `PRAGMA synchronous = EXTRA`. Foreign keys are enforced, although
 * SQLite itself does not insist on it. Columns that a replacement leaves out get
 * their default. A new record without an id gets the next rowid, or a UUID if the
 * key is text. Conflict clauses in the table's definition, such as ON CONFLICT
 * REPLACE, do not apply: an id that exists is %VL_ERROR_EXISTS. So is any other
 * value that has to be unique and is not. A delete-all deletes rows without an
 * id, too.
 *
 * A change with a base, see [method@Change.with_base], is compared with the row
 * in the transaction that makes it. The base has to have the values as they are
 * read from here; of nested ones that is their JSON text, or they themselves.
 *
 * # Changes that are sent again
 *
 * A program that does not hear whether a change was made has to send it again.
 * With [property@SqliteTable:allow-bookkeeping] the table knows by their uids
 * the changes that it has, does not make them again, and answers with the record
 * as it is now; a deletion and a delete-all then tell of no record. It claims
 * %VL_CAPABILITY_IDEMPOTENT for that.
 *
 * What it knows is kept in the database, in the table `vantage_live_applied`
 * that is made with the first change: the uid, the table, the id of the record
 * and when the change was made, written in the transaction of the change. The
 * values of records are not kept there. The last 100,000 changes of the file
 * are remembered, whatever their age. If the database has another table or view
 * of that name, the table leaves it alone and is as without bookkeeping.
 *
 * # Trouble
 *
 * A lock that another program holds is waited for as long as
 * [property@SqliteTable:busy-timeout] says; then the operation fails with
 * %VL_ERROR_UNAVAILABLE, as it does when there is no space left. A file that
 * cannot be written to is %VL_ERROR_READ_ONLY, one that is damaged or no
 * database %VL_ERROR_CORRUPT, one that does not exist %VL_ERROR_NOT_FOUND.
 * Nothing is left half done.
 *
 * # Noticing others
 *
 * Its stream tells, within a quarter of a second, that something in the file
 * was changed by somebody else. It does not know what, and does not tell of
 * writes that a live table of this program has sent, since that tells of them
 * itself, except of what triggers and foreign keys made of them in other
 * tables, and of views.
 *
 * It knows its position, too: what is in a cache that survives the program is
 * still good at the next start if nobody has written to the file in between,
 * see [method@LiveStream.report_live_at]. With a write-ahead log that holds
 * only when what the program wrote has come into the file itself some time
 * before its end, or somebody else has the file open beyond that: the last one
 * to close it moves the log into it, which cannot be told from a write.
 *
 * # Relations
 *
 * A foreign key of one column is a relation: `COLUMN` for the row that it
 * refers to, `TABLE.COLUMN` on the other side for the rows that refer to a
 * record. [method@Table.get_related] answers a [class@ScopedTable].
 *
 * Since: 1.0
 */
struct _VlSqliteTable
{
  GObject parent_instance;

  /* Set by construction, never changed. */
  char *path; /* as it was given */
  char *table_name;
  VlSchema *schema; /* to create, or NULL */
  gboolean allow_bookkeeping;
  char *file; /* absolute, without symbolic links */
  VlSqliteTarget *target;
  VlLiveStream *stream;

  guint busy_timeout; /* atomic */
};

enum
{
  PROP_PATH = 1,
  PROP_TABLE_NAME,
  PROP_SCHEMA,
  PROP_BUSY_TIMEOUT,
  PROP_ALLOW_BOOKKEEPING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void vl_sqlite_table_iface_init (VlTableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (VlSqliteTable,
                               vl_sqlite_table,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, vl_sqlite_table_iface_init))

/* What the jobs do, on the thread of a lane. */

static void
publish (VlSqliteJob *job, VlSqliteLayout *layout)
{
  VlSqliteTarget *target = job->target;
  VlSqliteLayout *old;

  _vl_lock_acquire (&target->lock);
  old = target->layout;
  target->layout = _vl_sqlite_layout_ref (layout);
  _vl_lock_release (&target->lock);

  g_clear_pointer (&old, _vl_sqlite_layout_unref);
}

static gboolean
run_describe (VlSqliteJob *job, VlSqliteSession *session, GError **error)
{
  job->layout = _vl_sqlite_describe (session, job->target->table, error);
  if (job->layout == NULL)
    return FALSE;

  publish (job, job->layout);

  return !job->target->keeps_uids || job->layout->id_column < 0 ||
         _vl_sqlite_applied_check (session, &job->is_idempotent, error);
}

static gboolean
run_list (VlSqliteJob *job, VlSqliteSession *session, GError **error)
{
  job->page = _vl_sqlite_list (session, job->target->table, job->parts, job->offset, job->limit,
                               error);

  _vl_lock_acquire (&job->target->lock);
  job->target->n_steps = session->n_steps;
  _vl_lock_release (&job->target->lock);

  return job->page != NULL;
}

static gboolean
run_find (VlSqliteJob *job, VlSqliteSession *session, GError **error)
{
  return _vl_sqlite_find (session, job->target->table, job->id, &job->record, error);
}

static gboolean
run_count (VlSqliteJob *job, VlSqliteSession *session, GError **error)
{
  return _vl_sqlite_count (session, job->target->table, job->parts, &job->count, error);
}

static gboolean
run_apply (VlSqliteJob *job, VlSqliteSession *session, GError **error)
{
  session->keeps_uids = job->target->keeps_uids;

  return _vl_sqlite_apply (session, job->target->table, job->changes->pdata[0], &job->record,
                           error);
}

static gboolean
run_apply_batch (VlSqliteJob *job, VlSqliteSession *session, GError **error)
{
  session->keeps_uids = job->target->keeps_uids;
  job->outcomes = g_new0 (VlSqliteOutcome, MAX (job->changes->len, 1));

  return _vl_sqlite_apply_batch (session, job->target->table, job->changes, job->outcomes, error);
}

/* How they end, at home. */

static gboolean
failed (VlSqliteJob *job)
{
  if (job->error != NULL)
    _vl_reply_fail_with (job->reply, job->record, job->error);

  return job->error != NULL;
}

static void
described (VlSqliteJob *job)
{
  VlSchema *schema;
  VlCapabilities more = job->is_idempotent ? VL_CAPABILITY_IDEMPOTENT : VL_CAPABILITY_NONE;
  g_autoptr (VlSchema) answer = NULL;

  if (failed (job))
    return;

  schema = job->layout->schema;
  answer = _vl_schema_with_capabilities (schema, vl_schema_get_capabilities (schema) | more);
  vl_reply_return_schema (job->reply, answer);
}

/* The page and the record are to be the caller's alone. */
static void
listed (VlSqliteJob *job)
{
  g_autoptr (VlPage) page = g_steal_pointer (&job->page);

  if (!failed (job))
    vl_reply_return_page (job->reply, page);
}

static void
answered (VlSqliteJob *job)
{
  g_autoptr (VlRecord) record = NULL;

  if (failed (job))
    return;

  record = g_steal_pointer (&job->record);
  vl_reply_return_record (job->reply, record);
}

static void
applied (VlSqliteJob *job)
{
  _vl_sqlite_stream_wrote (job->owner);
  answered (job);
}

static void
counted (VlSqliteJob *job)
{
  if (!failed (job))
    vl_reply_return_count (job->reply, job->count);
}

static void
batch_applied (VlSqliteJob *job)
{
  _vl_sqlite_stream_wrote (job->owner);
  if (failed (job))
    return;

  for (guint i = 0; i < job->changes->len; i++)
    {
      VlSqliteOutcome *outcome = &job->outcomes[i];
      g_autoptr (VlRecord) record = g_steal_pointer (&outcome->record);

      if (outcome->error != NULL)
        _vl_reply_fail_nth_with (job->reply, i, record, outcome->error);
      else
        vl_reply_return_nth (job->reply, i, record);
    }
  vl_reply_finish (job->reply);
}

/* What asks for them, at home. */

static VlSqliteJob *
new_job (VlSqliteTable *self,
         const char *name,
         VlSqliteJobRun run,
         VlSqliteJobDone done,
         VlReply *reply)
{
  VlSqliteJob *job = _vl_sqlite_job_new (self->target, name, run, done);

  job->reply = g_object_ref (reply);
  job->busy_timeout = (guint) g_atomic_int_get (&self->busy_timeout);

  return job;
}

static void
set_query (VlSqliteJob *job, VlQuery *query)
{
  /* Makes the key, which the worker reads. */
  vl_query_get_key (query);

  g_atomic_ref_count_inc (&query->parts->ref_count);
  job->parts = query->parts;
  job->offset = query->offset;
  job->limit = query->limit;
}

static gboolean
vl_sqlite_table_describe (VlTable *table, VlReply *reply, GError **error)
{
  VlSqliteTable *self = VL_SQLITE_TABLE (table);
  VlSqliteJob *job = new_job (self, "describe", run_describe, described, reply);

  if (!_vl_sqlite_stream_hold (VL_SQLITE_STREAM (self->stream), job))
    _vl_sqlite_job_push (job);

  return TRUE;
}

static gboolean
vl_sqlite_table_list (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  VlSqliteJob *job = new_job (VL_SQLITE_TABLE (table), "list", run_list, listed, reply);

  set_query (job, query);
  _vl_sqlite_job_push (job);

  return TRUE;
}

static gboolean
vl_sqlite_table_find (VlTable *table, const char *id, VlReply *reply, GError **error)
{
  VlSqliteJob *job = new_job (VL_SQLITE_TABLE (table), "find", run_find, answered, reply);

  job->id = g_strdup (id);
  _vl_sqlite_job_push (job);

  return TRUE;
}

static gboolean
vl_sqlite_table_count (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  VlSqliteJob *job = new_job (VL_SQLITE_TABLE (table), "count", run_count, counted, reply);

  set_query (job, query);
  _vl_sqlite_job_push (job);

  return TRUE;
}

static const char *
change_name (VlChange *change)
{
  switch (vl_change_get_kind (change))
    {
    case VL_CHANGE_KIND_INSERT:
      return "insert";
    case VL_CHANGE_KIND_REPLACE:
      return "replace";
    case VL_CHANGE_KIND_PATCH:
      return "patch";
    case VL_CHANGE_KIND_DELETE:
      return "delete";
    case VL_CHANGE_KIND_DELETE_ALL:
    default:
      return "delete-all";
    }
}

static gboolean
vl_sqlite_table_apply (VlTable *table, VlChange *change, VlReply *reply, GError **error)
{
  VlSqliteTable *self = VL_SQLITE_TABLE (table);
  VlSqliteJob *job = new_job (self, change_name (change), run_apply, applied, reply);

  job->writes = TRUE;
  job->owner = g_object_ref (self->stream);
  job->changes = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (job->changes, g_object_ref (change));
  _vl_sqlite_job_push (job);

  return TRUE;
}

static gboolean
vl_sqlite_table_apply_batch (VlTable *table, GListModel *changes, VlReply *reply, GError **error)
{
  VlSqliteTable *self = VL_SQLITE_TABLE (table);
  VlSqliteJob *job = new_job (self, "apply-batch", run_apply_batch, batch_applied, reply);
  guint n_changes = g_list_model_get_n_items (changes);

  job->writes = TRUE;
  job->owner = g_object_ref (self->stream);
  job->changes = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n_changes; i++)
    g_ptr_array_add (job->changes, g_list_model_get_item (changes, i));
  _vl_sqlite_job_push (job);

  return TRUE;
}

static VlSqliteRelation *
find_relation (VlSqliteLayout *layout, const char *relation, GError **error)
{
  for (guint i = 0; i < layout->relations->len; i++)
    {
      VlSqliteRelation *candidate = layout->relations->pdata[i];

      if (g_str_equal (candidate->name, relation))
        return candidate;
    }

  g_set_error (error, VL_ERROR, VL_ERROR_INVALID, _ ("The table “%s” has no relation “%s”"),
               layout->table, relation);
  return NULL;
}

/* The value that the related rows have, NULL for null. */
static GVariant *
get_key_value (VlSqliteLayout *layout, VlSqliteRelation *relation, VlRecord *record)
{
  const char *id = vl_record_get_id (record);
  VlSqliteColumn *column;
  gint64 number;

  if (!vl_record_is_null (record, relation->column))
    return vl_record_get_variant (record, relation->column);
  if (id == NULL || layout->id_column < 0)
    return NULL;

  column = &layout->columns[layout->id_column];
  if (!g_str_equal (column->name, relation->column))
    return NULL;
  if (column->is_integer && _vl_id_parse_int64 (id, &number))
    return g_variant_ref_sink (g_variant_new_int64 (number));

  return g_variant_ref_sink (g_variant_new_string (id));
}

static VlTable *
vl_sqlite_table_get_related (VlTable *table, const char *relation, VlRecord *record, GError **error)
{
  VlSqliteTable *self = VL_SQLITE_TABLE (table);
  g_autoptr (VlSqliteLayout) layout = _vl_sqlite_target_get_layout (self->target);
  g_autoptr (VlSqliteTable) other = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (VlQuery) everything = NULL;
  g_autoptr (VlQuery) scope = NULL;
  VlSqliteRelation *found;

  if (layout == NULL)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_FAILED,
                   _ ("The relations of the table “%s” are not known before it is described; "
                      "call describe first"),
                   self->table_name);
      return NULL;
    }

  found = find_relation (layout, relation, error);
  if (found == NULL)
    return NULL;

  value = get_key_value (layout, found, record);
  if (value == NULL)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_NOT_FOUND,
                   _ ("The record “%s” of the table “%s” has no value in “%s”: nothing is related "
                      "to it"),
                   vl_record_get_id (record) != NULL ? vl_record_get_id (record) : "",
                   self->table_name, found->column);
      return NULL;
    }

  other = g_object_new (VL_TYPE_SQLITE_TABLE, "path", self->path, "table-name", found->other_table,
                        "allow-bookkeeping", self->allow_bookkeeping, NULL);
  vl_sqlite_table_set_busy_timeout (other, vl_sqlite_table_get_busy_timeout (self));
  everything = vl_query_new ();
  scope = vl_query_where (everything, found->other_column, VL_OP_EQ, value);

  return VL_TABLE (vl_scoped_table_new (VL_TABLE (other), scope));
}

static VlLiveStream *
vl_sqlite_table_get_stream (VlTable *table)
{
  return g_object_ref (VL_SQLITE_TABLE (table)->stream);
}

static char *
vl_sqlite_table_get_identity (VlTable *table)
{
  VlSqliteTable *self = VL_SQLITE_TABLE (table);

  return g_strconcat (self->file, "#", self->table_name, NULL);
}

static void
vl_sqlite_table_iface_init (VlTableInterface *iface)
{
  iface->describe = vl_sqlite_table_describe;
  iface->list = vl_sqlite_table_list;
  iface->find = vl_sqlite_table_find;
  iface->count = vl_sqlite_table_count;
  iface->apply = vl_sqlite_table_apply;
  iface->apply_batch = vl_sqlite_table_apply_batch;
  iface->get_related = vl_sqlite_table_get_related;
  iface->get_stream = vl_sqlite_table_get_stream;
  iface->get_identity = vl_sqlite_table_get_identity;
}

static void
vl_sqlite_table_constructed (GObject *object)
{
  VlSqliteTable *self = VL_SQLITE_TABLE (object);

  G_OBJECT_CLASS (vl_sqlite_table_parent_class)->constructed (object);

  if (self->path == NULL)
    self->path = g_strdup ("");
  if (self->table_name == NULL)
    self->table_name = g_strdup (self->schema != NULL ? vl_schema_get_table_name (self->schema)
                                                      : "");

  self->file = _vl_file_canonical_path (self->path);
  self->target = _vl_sqlite_target_new (self->file, self->table_name, self->schema);
  self->target->keeps_uids = self->allow_bookkeeping;
  self->stream = _vl_sqlite_stream_new (self->target);
}

static void
vl_sqlite_table_finalize (GObject *object)
{
  VlSqliteTable *self = VL_SQLITE_TABLE (object);

  g_clear_object (&self->stream);
  _vl_sqlite_target_unref (self->target);
  g_clear_object (&self->schema);
  g_free (self->path);
  g_free (self->table_name);
  g_free (self->file);

  G_OBJECT_CLASS (vl_sqlite_table_parent_class)->finalize (object);
}

static void
vl_sqlite_table_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlSqliteTable *self = VL_SQLITE_TABLE (object);

  switch (prop_id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_TABLE_NAME:
      g_value_set_string (value, self->table_name);
      break;
    case PROP_SCHEMA:
      g_value_set_object (value, self->schema);
      break;
    case PROP_BUSY_TIMEOUT:
      g_value_set_uint (value, vl_sqlite_table_get_busy_timeout (self));
      break;
    case PROP_ALLOW_BOOKKEEPING:
      g_value_set_boolean (value, self->allow_bookkeeping);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
vl_sqlite_table_set_property (GObject *object,
                              guint prop_id,
                              const GValue *value,
                              GParamSpec *pspec)
{
  VlSqliteTable *self = VL_SQLITE_TABLE (object);

  switch (prop_id)
    {
    case PROP_PATH:
      self->path = g_value_dup_string (value);
      break;
    case PROP_TABLE_NAME:
      self->table_name = g_value_dup_string (value);
      break;
    case PROP_SCHEMA:
      self->schema = g_value_dup_object (value);
      break;
    case PROP_BUSY_TIMEOUT:
      vl_sqlite_table_set_busy_timeout (self, g_value_get_uint (value));
      break;
    case PROP_ALLOW_BOOKKEEPING:
      self->allow_bookkeeping = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
vl_sqlite_table_class_init (VlSqliteTableClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = vl_sqlite_table_constructed;
  object_class->finalize = vl_sqlite_table_finalize;
  object_class->get_property = vl_sqlite_table_get_property;
  object_class->set_property = vl_sqlite_table_set_property;

  /**
   * VlSqliteTable:path:
   *
   * The path of the database file, as it was given.
   *
   * Since: 1.0
   */
  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL,
                                               G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                                 G_PARAM_STATIC_STRINGS);
  /**
   * VlSqliteTable:table-name:
   *
   * The name of the table or view; by default that of the schema.
   *
   * Since: 1.0
   */
  properties[PROP_TABLE_NAME] = g_param_spec_string ("table-name", NULL, NULL, NULL,
                                                     G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                                       G_PARAM_STATIC_STRINGS);
  /**
   * VlSqliteTable:schema:
   *
   * What to create if it does not exist, or %NULL to create nothing.
   *
   * Since: 1.0
   */
  properties[PROP_SCHEMA] = g_param_spec_object ("schema", NULL, NULL, VL_TYPE_SCHEMA,
                                                 G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                                   G_PARAM_STATIC_STRINGS);
  /**
   * VlSqliteTable:busy-timeout:
   *
   * How long a lock of another program is waited for, in milliseconds.
   *
   * Since: 1.0
   */
  properties[PROP_BUSY_TIMEOUT] = g_param_spec_uint ("busy-timeout", NULL, NULL, 0, G_MAXINT,
                                                     DEFAULT_BUSY_TIMEOUT,
                                                     G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                       G_PARAM_EXPLICIT_NOTIFY);
  /**
   * VlSqliteTable:allow-bookkeeping: (getter get_allow_bookkeeping)
   *
   * Whether a table of our own may be made in the database, to know changes
   * that are sent again.
   *
   * With it the table is %VL_CAPABILITY_IDEMPOTENT. It is never done unasked:
   * the file may be somebody else's.
   *
   * Since: 1.0
   */
  properties[PROP_ALLOW_BOOKKEEPING] = g_param_spec_boolean ("allow-bookkeeping", NULL, NULL, FALSE,
                                                             G_PARAM_READWRITE |
                                                               G_PARAM_CONSTRUCT_ONLY |
                                                               G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
vl_sqlite_table_init (VlSqliteTable *self)
{
  self->busy_timeout = DEFAULT_BUSY_TIMEOUT;
  _vl_table_set_home (VL_TABLE (self));
  _vl_table_set_merges_writes (VL_TABLE (self));
}

guint64
_vl_sqlite_table_get_n_steps (VlSqliteTable *self)
{
  guint64 n_steps;

  _vl_lock_acquire (&self->target->lock);
  n_steps = self->target->n_steps;
  _vl_lock_release (&self->target->lock);

  return n_steps;
}

/**
 * vl_sqlite_table_new:
 * @path: (type filename): the path of the database file
 * @table: the name of a table or view in it
 *
 * Makes a table of an SQLite database.
 *
 * Nothing is opened yet, and nothing is ever created: if the file or the table
 * does not exist, operations fail with %VL_ERROR_NOT_FOUND.
 *
 * Returns: (transfer full): a new table
 *
 * Since: 1.0
 */
VlSqliteTable *
vl_sqlite_table_new (const char *path, const char *table)
{
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (table != NULL, NULL);

  return g_object_new (VL_TYPE_SQLITE_TABLE, "path", path, "table-name", table, NULL);
}

/**
 * vl_sqlite_table_new_with_schema:
 * @path: (type filename): the path of the database file
 * @schema: the name of the table and what it looks like
 *
 * Makes a table of an SQLite database that is created if it does not exist.
 *
 * With the first operation the file is created if there is none, then the
 * table if there is none of that name. A table that exists is used as it is. A
 * new file keeps a write-ahead log (its journal mode is WAL); that of an
 * existing file is not changed. Columns of type %VL_FIELD_TYPE_NULL take values
 * of any type.
 *
 * Returns: (transfer full): a new table
 *
 * Since: 1.0
 */
VlSqliteTable *
vl_sqlite_table_new_with_schema (const char *path, VlSchema *schema)
{
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (VL_IS_SCHEMA (schema), NULL);

  return g_object_new (VL_TYPE_SQLITE_TABLE, "path", path, "schema", schema, NULL);
}

/**
 * vl_sqlite_table_get_path:
 * @self: a table
 *
 * Gets the path of the database file, as it was given.
 *
 * Returns: (type filename): the path
 *
 * Since: 1.0
 */
const char *
vl_sqlite_table_get_path (VlSqliteTable *self)
{
  g_return_val_if_fail (VL_IS_SQLITE_TABLE (self), NULL);

  return self->path;
}

/**
 * vl_sqlite_table_get_table_name:
 * @self: a table
 *
 * Gets the name of the table or view.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
vl_sqlite_table_get_table_name (VlSqliteTable *self)
{
  g_return_val_if_fail (VL_IS_SQLITE_TABLE (self), NULL);

  return self->table_name;
}

/**
 * vl_sqlite_table_get_allow_bookkeeping: (get-property allow-bookkeeping)
 * @self: a table
 *
 * Tells whether a table of our own may be made in the database, to know changes
 * that are sent again.
 *
 * Returns: whether it may
 *
 * Since: 1.0
 */
gboolean
vl_sqlite_table_get_allow_bookkeeping (VlSqliteTable *self)
{
  g_return_val_if_fail (VL_IS_SQLITE_TABLE (self), FALSE);

  return self->allow_bookkeeping;
}

/**
 * vl_sqlite_table_get_busy_timeout:
 * @self: a table
 *
 * Gets how long a lock of another program is waited for.
 *
 * From any thread.
 *
 * Returns: the time, in milliseconds
 *
 * Since: 1.0
 */
guint
vl_sqlite_table_get_busy_timeout (VlSqliteTable *self)
{
  g_return_val_if_fail (VL_IS_SQLITE_TABLE (self), 0);

  return (guint) g_atomic_int_get (&self->busy_timeout);
}

/**
 * vl_sqlite_table_set_busy_timeout:
 * @self: a table
 * @busy_timeout: the time, in milliseconds, 0 to %G_MAXINT
 *
 * Sets how long a lock of another program is waited for before an operation
 * fails with %VL_ERROR_UNAVAILABLE.
 *
 * It counts for operations that begin from now on. The program's main loop goes
 * on meanwhile. 5000 by default.
 *
 * Since: 1.0
 */
void
vl_sqlite_table_set_busy_timeout (VlSqliteTable *self, guint busy_timeout)
{
  g_return_if_fail (VL_IS_SQLITE_TABLE (self));
  g_return_if_fail (busy_timeout <= G_MAXINT);

  if (vl_sqlite_table_get_busy_timeout (self) == busy_timeout)
    return;

  g_atomic_int_set (&self->busy_timeout, (int) busy_timeout);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY_TIMEOUT]);
}
