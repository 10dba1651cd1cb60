/* vl-journal-codec.c: what a journal says of writes, as bytes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "vl-journal-codec-private.h"
#include "vl-journal-pack-private.h"

#include "../table/vl-change.h"
#include "../table/vl-query.h"
#include "../table/vl-record-builder-private.h"
#include "../table/vl-record-private.h"
#include "../vl-error.h"

#define VERSION     1
#define PREFIX_SIZE 8

/* More writes than there can be: the next one has a number, too. */
#define MAX_NUMBER ((guint64) G_MAXINT64)

#define RECORD_TYPE   "(msmsa(sv))"
#define RECORDED_TYPE "(tyyaymaym" RECORD_TYPE "m" RECORD_TYPE "m(stu))"
#define MERGED_TYPE   "(at" RECORDED_TYPE ")"
#define STATE_TYPE    "(tyum(sis))"
#define SETTLED_TYPE  "(tym(ss))"
#define RENAMED_TYPE  "(ss)"

/* --- Writing --- */

/* The bytes of a note, as far as its body. */
static GByteArray *
begin_note (VlNoteKind kind, VlJournaledState state)
{
  const guint8 prefix[PREFIX_SIZE] = { (guint8) kind, VERSION, (guint8) state };
  GByteArray *data = g_byte_array_sized_new (512);

  g_byte_array_append (data, prefix, sizeof prefix);

  return data;
}

static GVariant *
to_little_endian (GVariant *value)
{
#if G_BYTE_ORDER == G_BIG_ENDIAN
  g_autoptr (GVariant) owned = g_variant_ref_sink (value);

  return g_variant_byteswap (owned);
#else
  return g_variant_ref_sink (value);
#endif
}

/* A note that is seldom written. */
static GBytes *
make_note (VlNoteKind kind, GVariant *body)
{
  GByteArray *data = begin_note (kind, 0);
  g_autoptr (GVariant) value = to_little_endian (body);

  if (g_variant_get_size (value) > 0)
    g_byte_array_append (data, g_variant_get_data (value), (guint) g_variant_get_size (value));

  return g_byte_array_free_to_bytes (data);
}

static void
pack_text (VlPack *pack, const char *text)
{
  _vl_pack_string (pack, text, strlen (text));
}

static void
pack_maybe_text (VlPack *pack, const char *text)
{
  if (text == NULL)
    return;

  pack_text (pack, text);
  _vl_pack_just (pack);
}

/* A variant keeps its bytes, so that it can be nested as deep as it likes. */
static void
pack_variant (VlPack *pack, VlBlock *block, const VlCell *cell)
{
  g_autoptr (GVariant) value = to_little_endian (_vl_block_cell_to_variant (block, cell));
  const VlPackContainer body = _vl_pack_begin (pack, 8);

  pack_text (pack, cell->variant_type);
  _vl_pack_mark (pack, &body);
  _vl_pack_bytes (pack, g_variant_get_data (value), g_variant_get_size (value));
  _vl_pack_end_tuple (pack, &body);
  _vl_pack_type (pack, "(say)");
}

/* As a variant: `v`. */
static void
pack_cell (VlPack *pack, VlBlock *block, const VlCell *cell)
{
  _vl_pack_align (pack, 8);
  switch (cell->type)
    {
    case VL_FIELD_TYPE_BOOLEAN:
      _vl_pack_byte (pack, cell->boolean != FALSE);
      _vl_pack_type (pack, "b");
      break;
    case VL_FIELD_TYPE_INT64:
      _vl_pack_uint64 (pack, (guint64) cell->int64);
      _vl_pack_type (pack, "x");
      break;
    case VL_FIELD_TYPE_DOUBLE:
      _vl_pack_double (pack, cell->real);
      _vl_pack_type (pack, "d");
      break;
    case VL_FIELD_TYPE_STRING:
      _vl_pack_string (pack, cell->data, cell->length);
      _vl_pack_type (pack, "s");
      break;
    case VL_FIELD_TYPE_BYTES:
      _vl_pack_bytes (pack, cell->data, cell->length);
      _vl_pack_type (pack, "ay");
      break;
    case VL_FIELD_TYPE_VARIANT:
      pack_variant (pack, block, cell);
      break;
    case VL_FIELD_TYPE_NULL:
    default:
      _vl_pack_type (pack, "mv");
      break;
    }
}

/* Whether the id is an integer, and this slot the field that it stands in. */
static gboolean
is_id_field (VlBlock *block, guint row, guint slot)
{
  VlCell cell;

  return slot == block->id_column && _vl_block_read_id (block, row, &cell) &&
         cell.type == VL_FIELD_TYPE_INT64;
}

static void
pack_fields (VlPack *pack, VlRecord *record, guint id_slot)
{
  guint row;
  VlBlock *block = _vl_record_get_row (record, &row);
  const VlPackContainer fields = _vl_pack_begin (pack, 8);

  for (guint slot = 0; slot < _vl_record_get_n_slots (record); slot++)
    {
      VlCell cell;
      const char *name = _vl_record_get_slot (record, slot, &cell);
      VlPackContainer field;

      if (name == NULL || slot == id_slot)
        continue;
      field = _vl_pack_begin (pack, 8);
      pack_text (pack, name);
      _vl_pack_mark (pack, &field);
      pack_cell (pack, block, &cell);
      _vl_pack_end_tuple (pack, &field);
      _vl_pack_mark (pack, &fields);
    }
  _vl_pack_end_array (pack, &fields);
}

static void
pack_record (VlPack *pack, VlRecord *record)
{
  const VlPackContainer body = _vl_pack_begin (pack, 8);
  guint id_slot = G_MAXUINT;
  const char *id_field = NULL;
  guint row;
  VlBlock *block = _vl_record_get_row (record, &row);

  for (guint slot = 0; slot < _vl_record_get_n_slots (record) && id_field == NULL; slot++)
    {
      VlCell cell;

      if (!is_id_field (block, row, slot))
        continue;
      id_slot = slot;
      id_field = _vl_record_get_slot (record, slot, &cell);
    }
  pack_maybe_text (pack, vl_record_get_id (record));
  _vl_pack_mark (pack, &body);
  pack_maybe_text (pack, id_field);
  _vl_pack_mark (pack, &body);
  pack_fields (pack, record, id_slot);
  _vl_pack_end_tuple (pack, &body);
}

static void
pack_maybe_record (VlPack *pack, VlRecord *record)
{
  _vl_pack_align (pack, 8);
  if (record == NULL)
    return;

  pack_record (pack, record);
  _vl_pack_just (pack);
}

static void
pack_maybe_query (VlPack *pack, VlQuery *query)
{
  VlPackContainer body;

  _vl_pack_align (pack, 8);
  if (query == NULL)
    return;

  body = _vl_pack_begin (pack, 8);
  pack_text (pack, vl_query_get_key (query));
  _vl_pack_mark (pack, &body);
  _vl_pack_uint64 (pack, vl_query_get_offset (query));
  _vl_pack_uint32 (pack, vl_query_get_limit (query));
  _vl_pack_end_tuple (pack, &body);
  _vl_pack_just (pack);
}

static void
pack_change (VlPack *pack, guint64 number, VlChange *change)
{
  const VlPackContainer body = _vl_pack_begin (pack, 8);

  _vl_pack_uint64 (pack, number);
  _vl_pack_byte (pack, (guint8) vl_change_get_kind (change));
  _vl_pack_byte (pack, (guint8) vl_change_get_origin (change));
  pack_text (pack, vl_change_get_uid (change));
  _vl_pack_mark (pack, &body);
  pack_maybe_text (pack, vl_change_get_id (change));
  _vl_pack_mark (pack, &body);
  pack_maybe_record (pack, vl_change_get_record (change));
  _vl_pack_mark (pack, &body);
  pack_maybe_record (pack, vl_change_get_base (change));
  _vl_pack_mark (pack, &body);
  pack_maybe_query (pack, vl_change_get_query (change));
  _vl_pack_end_tuple (pack, &body);
}

GBytes *
_vl_note_recorded (guint64 number, VlChange *change, VlJournaledState state)
{
  GByteArray *data = begin_note (VL_NOTE_RECORDED, state);
  g_auto (VlPack) pack;

  _vl_pack_init (&pack, data);
  pack_change (&pack, number, change);

  return g_byte_array_free_to_bytes (data);
}

GBytes *
_vl_note_merged (guint64 number, GArray *others, VlChange *change)
{
  GByteArray *data = begin_note (VL_NOTE_MERGED, 0);
  g_auto (VlPack) pack;
  VlPackContainer body;

  _vl_pack_init (&pack, data);
  body = _vl_pack_begin (&pack, 8);
  for (guint i = 0; i < others->len; i++)
    _vl_pack_uint64 (&pack, g_array_index (others, guint64, i));
  _vl_pack_mark (&pack, &body);
  pack_change (&pack, number, change);
  _vl_pack_end_tuple (&pack, &body);

  return g_byte_array_free_to_bytes (data);
}

GBytes *
_vl_note_state (guint64 number, VlJournaledState state, guint attempts, const GError *error)
{
  GVariant *body = NULL;

  if (error != NULL)
    {
      g_autofree char *message = g_utf8_make_valid (error->message, -1);

      body = g_variant_new ("(sis)", g_quark_to_string (error->domain), error->code, message);
    }

  return make_note (VL_NOTE_STATE,
                    g_variant_new ("(tyu@m(sis))", number, (guchar) state, attempts,
                                   g_variant_new_maybe (G_VARIANT_TYPE ("(sis)"), body)));
}

GBytes *
_vl_note_settled (guint64 number, VlSettledOutcome outcome, const char *from, const char *to)
{
  GByteArray *data = begin_note (VL_NOTE_SETTLED, 0);
  g_auto (VlPack) pack;
  VlPackContainer body;

  _vl_pack_init (&pack, data);
  body = _vl_pack_begin (&pack, 8);
  _vl_pack_uint64 (&pack, number);
  _vl_pack_byte (&pack, (guint8) outcome);
  if (to != NULL)
    {
      const VlPackContainer names = _vl_pack_begin (&pack, 1);

      pack_text (&pack, from);
      _vl_pack_mark (&pack, &names);
      pack_text (&pack, to);
      _vl_pack_end_tuple (&pack, &names);
      _vl_pack_just (&pack);
    }
  _vl_pack_end_tuple (&pack, &body);

  return g_byte_array_free_to_bytes (data);
}

GBytes *
_vl_note_renamed (const char *from, const char *to)
{
  return make_note (VL_NOTE_RENAMED, g_variant_new (RENAMED_TYPE, from, to));
}

/* --- Reading --- */

/* A new reference, or NULL when these are not the bytes of such a value. */
static GVariant *
from_little_endian (GBytes *bytes, const char *type)
{
  g_autoptr (GVariant) value = NULL;

  value = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), bytes, FALSE));
  if (!g_variant_is_normal_form (value))
    return NULL;
#if G_BYTE_ORDER == G_BIG_ENDIAN
  return g_variant_byteswap (value);
#else
  return g_steal_pointer (&value);
#endif
}

static gboolean
read_variant (VlRecordBuilder *builder, const char *name, GVariant *body)
{
  g_autoptr (GVariant) data = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GVariant) value = NULL;
  const char *type;

  g_variant_get (body, "(&s@ay)", &type, &data);
  if (!g_variant_type_string_is_valid (type) || !g_variant_type_is_definite (G_VARIANT_TYPE (type)))
    return FALSE;

  bytes = g_variant_get_data_as_bytes (data);
  value = from_little_endian (bytes, type);
  if (value == NULL)
    return FALSE;
  vl_record_builder_set_variant (builder, name, value);

  return TRUE;
}

static gboolean
read_field (VlRecordBuilder *builder, const char *name, GVariant *value)
{
  static const char *const plain[] = { "b", "x", "d", "s", "ay" };
  const char *type = g_variant_get_type_string (value);

  if (g_str_equal (type, "(say)"))
    return read_variant (builder, name, value);
  if (g_str_equal (type, "mv") && g_variant_n_children (value) == 0)
    {
      vl_record_builder_set_null (builder, name);
      return TRUE;
    }

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    if (g_str_equal (type, plain[i]))
      {
        vl_record_builder_set_variant (builder, name, value);
        return TRUE;
      }

  return FALSE;
}

/* NULL when there is something in it that no record has. */
static VlRecord *
read_record (GVariant *body)
{
  g_autoptr (VlRecordBuilder) builder = NULL;
  g_autoptr (GVariantIter) fields = NULL;
  const char *id;
  const char *id_field;
  const char *name;
  GVariant *value;
  gint64 number;

  g_variant_get (body, "(m&sm&sa(sv))", &id, &id_field, &fields);
  builder = vl_record_builder_new (id_field == NULL ? id : NULL);
  if (id_field != NULL)
    {
      if (id == NULL || !_vl_id_parse_int64 (id, &number))
        return NULL;
      _vl_record_builder_set_id_field (builder, id_field, number);
    }

  while (g_variant_iter_next (fields, "(&sv)", &name, &value))
    {
      g_autoptr (GVariant) owned = value;

      if (g_strcmp0 (name, id_field) == 0 || !read_field (builder, name, owned))
        return NULL;
    }

  return vl_record_builder_end (builder);
}

/* TRUE with NULL when there is none. */
static gboolean
read_maybe_record (GVariant *parent, guint index, VlRecord **record)
{
  g_autoptr (GVariant) maybe = g_variant_get_child_value (parent, index);
  g_autoptr (GVariant) body = g_variant_get_maybe (maybe);

  *record = body != NULL ? read_record (body) : NULL;

  return body == NULL || *record != NULL;
}

static gboolean
read_maybe_query (GVariant *parent, guint index, VlQuery **query)
{
  g_autoptr (GVariant) maybe = g_variant_get_child_value (parent, index);
  g_autoptr (GVariant) body = g_variant_get_maybe (maybe);
  g_autoptr (VlQuery) whole = NULL;
  const char *key;
  guint64 offset;
  guint32 limit;

  if (body == NULL)
    return TRUE;

  g_variant_get (body, "(&stu)", &key, &offset, &limit);
  whole = vl_query_parse (key, NULL);
  if (whole == NULL)
    return FALSE;
  *query = vl_query_window (whole, offset, limit);

  return TRUE;
}

static VlChange *
make_change (guint kind, const char *id, VlRecord *record, VlQuery *query)
{
  switch (kind)
    {
    case VL_CHANGE_KIND_INSERT:
      return record != NULL ? vl_change_new_insert (record) : NULL;
    case VL_CHANGE_KIND_REPLACE:
      return record != NULL ? vl_change_new_replace (record) : NULL;
    case VL_CHANGE_KIND_PATCH:
      return record != NULL && id != NULL ? vl_change_new_patch (id, record) : NULL;
    case VL_CHANGE_KIND_DELETE:
      return id != NULL ? vl_change_new_delete (id) : NULL;
    case VL_CHANGE_KIND_DELETE_ALL:
      return vl_change_new_delete_all (query);
    default:
      return NULL;
    }
}

static gboolean
read_recorded (VlNote *self, GVariant *body)
{
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (VlRecord) base = NULL;
  g_autoptr (VlQuery) query = NULL;
  g_autoptr (VlChange) plain = NULL;
  g_autoptr (VlChange) with_base = NULL;
  g_autoptr (VlChange) with_uid = NULL;
  guchar kind;
  guchar origin;
  const char *uid;
  const char *id;

  g_variant_get (body, "(tyy^&aym^&ay@m" RECORD_TYPE "@m" RECORD_TYPE "@m(stu))", &self->number,
                 &kind, &origin, &uid, &id, NULL, NULL, NULL);
  if (origin > VL_ORIGIN_OTHER || !read_maybe_record (body, 5, &record) ||
      !read_maybe_record (body, 6, &base) || !read_maybe_query (body, 7, &query))
    return FALSE;
  plain = make_change (kind, id, record, query);
  if (plain == NULL)
    return FALSE;

  with_base = vl_change_with_base (plain, base);
  with_uid = vl_change_with_uid (with_base, uid);
  self->change = vl_change_with_origin (with_uid, (VlOrigin) origin);

  return TRUE;
}

static gboolean
read_merged (VlNote *self, GVariant *body)
{
  g_autoptr (GVariant) others = g_variant_get_child_value (body, 0);
  g_autoptr (GVariant) recorded = g_variant_get_child_value (body, 1);
  gsize n;
  const guint64 *numbers = g_variant_get_fixed_array (others, &n, sizeof (guint64));

  if (n > G_MAXUINT / sizeof (guint64))
    return FALSE;
  self->others = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_array_append_vals (self->others, numbers, (guint) n);

  return read_recorded (self, recorded);
}

/* Only domains whose codes mean the same in each version are kept. */
static GError *
read_error (const char *domain, gint32 code, const char *message)
{
  if (g_str_equal (domain, g_quark_to_string (VL_ERROR)) && code >= 0 && code <= VL_ERROR_FAILED)
    return g_error_new_literal (VL_ERROR, code, message);
  if (g_str_equal (domain, g_quark_to_string (G_IO_ERROR)) && code >= 0)
    return g_error_new_literal (G_IO_ERROR, code, message);

  return g_error_new_literal (VL_ERROR, VL_ERROR_FAILED, message);
}

static gboolean
read_state (VlNote *self, GVariant *body)
{
  g_autoptr (GVariant) maybe = NULL;
  g_autoptr (GVariant) inner = NULL;
  guchar state;
  guint32 attempts;

  g_variant_get (body, "(tyu@m(sis))", &self->number, &state, &attempts, &maybe);
  if (state >= VL_N_JOURNALED)
    return FALSE;
  self->state = (VlJournaledState) state;
  self->attempts = attempts;

  inner = g_variant_get_maybe (maybe);
  if (inner != NULL)
    {
      const char *domain;
      const char *message;
      gint32 code;

      g_variant_get (inner, "(&si&s)", &domain, &code, &message);
      self->error = read_error (domain, code, message);
    }

  return TRUE;
}

static gboolean
read_settled (VlNote *self, GVariant *body)
{
  g_autoptr (GVariant) maybe = NULL;
  g_autoptr (GVariant) names = NULL;
  guchar outcome;

  g_variant_get (body, "(ty@m(ss))", &self->number, &outcome, &maybe);
  if (outcome >= VL_N_SETTLED)
    return FALSE;
  self->outcome = (VlSettledOutcome) outcome;
  names = g_variant_get_maybe (maybe);
  if (names != NULL)
    g_variant_get (names, "(ss)", &self->from, &self->to);

  return TRUE;
}

static gboolean
read_renamed (VlNote *self, GVariant *body)
{
  g_variant_get (body, "(ss)", &self->from, &self->to);

  return TRUE;
}

typedef struct
{
  VlNoteKind kind;
  const char *type;
  gboolean (*read) (VlNote *self, GVariant *body);
} NoteReader;

static const NoteReader readers[] = {
  { VL_NOTE_RECORDED, RECORDED_TYPE, read_recorded },
  { VL_NOTE_MERGED, MERGED_TYPE, read_merged },
  { VL_NOTE_STATE, STATE_TYPE, read_state },
  { VL_NOTE_SETTLED, SETTLED_TYPE, read_settled },
  { VL_NOTE_RENAMED, RENAMED_TYPE, read_renamed },
};

static gboolean
read_body (VlNote *self, const guint8 *data, GBytes *rest)
{
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    if (data[0] == (guint8) readers[i].kind)
      {
        g_autoptr (GVariant) body = from_little_endian (rest, readers[i].type);

        self->kind = readers[i].kind;
        return body != NULL && readers[i].read (self, body) && self->number <= MAX_NUMBER;
      }

  return FALSE;
}

static gboolean
read_prefix (VlNote *self, const guint8 *data)
{
  static const guint8 zeros[PREFIX_SIZE] = { 0 };

  self->state = (VlJournaledState) data[2];

  return data[1] == VERSION && memcmp (data + 3, zeros + 3, PREFIX_SIZE - 3) == 0 &&
         (data[2] == 0 || (data[0] == VL_NOTE_RECORDED && data[2] == VL_JOURNALED_SENT));
}

gboolean
_vl_note_read (VlNote *self, GBytes *bytes, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  *self = (VlNote){ 0 };
  if (length >= PREFIX_SIZE && read_prefix (self, data))
    {
      g_autoptr (GBytes) rest = g_bytes_new_from_bytes (bytes, PREFIX_SIZE, length - PREFIX_SIZE);

      if (read_body (self, data, rest))
        return TRUE;
    }

  _vl_note_clear (self);
  g_set_error_literal (error, VL_ERROR, VL_ERROR_CORRUPT,
                       _ ("A note in the journal makes no sense, or was written by another version "
                          "of this library"));

  return FALSE;
}

void
_vl_note_clear (VlNote *self)
{
  g_clear_object (&self->change);
  g_clear_pointer (&self->others, g_array_unref);
  g_clear_error (&self->error);
  g_clear_pointer (&self->from, g_free);
  g_clear_pointer (&self->to, g_free);
}
