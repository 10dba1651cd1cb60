/* vl-journal-format.c: what stands in a journal file
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "vl-journal-format-private.h"

#include "vl-checksum-private.h"

#define ALIGNMENT 8

gsize
_vl_journal_get_room (gsize length)
{
  return sizeof (VlJournalHead) + (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static guint64
header_checksum (const VlJournalHeader *header)
{
  return _vl_checksum (header, G_STRUCT_OFFSET (VlJournalHeader, checksum), VL_JOURNAL_VERSION);
}

/* `data` is the record with the zeros behind it. */
static guint64
record_checksum (guint64 id, guint64 place, guint32 length, gconstpointer data)
{
  const guint64 seed[] = { id, place, length };

  return _vl_checksum (data, _vl_journal_get_room (length) - sizeof (VlJournalHead),
                       _vl_checksum (seed, sizeof seed, VL_JOURNAL_VERSION));
}

void
_vl_journal_append_header (GByteArray *data, guint64 id)
{
  VlJournalHeader header = {
    .magic = VL_JOURNAL_MAGIC,
    .version = VL_JOURNAL_VERSION,
    .byte_order = VL_JOURNAL_BYTE_ORDER,
    .id = id,
  };

  header.checksum = header_checksum (&header);
  g_byte_array_append (data, (const guint8 *) &header, sizeof header);
}

void
_vl_journal_append_record (GByteArray *data, guint64 place, guint64 id, GBytes *record)
{
  const gsize length = g_bytes_get_size (record);
  const guint start = data->len;
  VlJournalHead head = { .length = (guint32) length, .id = id };
  guint8 *body;

  g_assert (length <= VL_JOURNAL_MAX_RECORD);

  memcpy (head.magic, VL_JOURNAL_RECORD_MAGIC, sizeof head.magic);
  g_byte_array_set_size (data, start + (guint) _vl_journal_get_room (length));
  body = data->data + start + sizeof head;
  memset (body, 0, data->len - start - sizeof head);
  if (length > 0)
    memcpy (body, g_bytes_get_data (record, NULL), length);
  head.checksum = record_checksum (id, place + start, head.length, body);
  memcpy (data->data + start, &head, sizeof head);
}

/* How many bytes the record at `place` takes, 0 = there is none that is sound.
 * While the id of the file is not known, any will do. */
static gsize
check_record (const guint8 *data, gsize length, gsize place, const guint64 *id, VlJournalHead *head)
{
  gsize room;

  if (length - place < sizeof *head)
    return 0;

  memcpy (head, data + place, sizeof *head);
  if (memcmp (head->magic, VL_JOURNAL_RECORD_MAGIC, sizeof head->magic) != 0 ||
      (id != NULL && head->id != *id) || head->length > VL_JOURNAL_MAX_RECORD)
    return 0;

  room = _vl_journal_get_room (head->length);
  if (length - place < room || head->checksum != record_checksum (head->id, place, head->length,
                                                                  data + place + sizeof *head))
    return 0;

  return room;
}

static void
scan_records (VlJournalScan *self, GBytes *bytes, gboolean has_id)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  gsize place = sizeof (VlJournalHeader);
  VlJournalHead head;

  while (place < length)
    {
      gsize room = check_record (data, length, place, has_id ? &self->id : NULL, &head);

      if (room == 0)
        {
          place += MIN (ALIGNMENT, length - place);
          continue;
        }
      if (self->length < place)
        {
          self->n_skipped += place - self->length;
          self->n_before = self->records->len;
        }
      has_id = TRUE;
      self->id = head.id;
      g_ptr_array_add (self->records,
                       g_bytes_new_from_bytes (bytes, place + sizeof head, head.length));
      place += room;
      self->length = place;
    }
  self->n_cut = length - self->length;
}

/* Whether a header that was never finished may be all there is: nothing is
 * recorded before it is on the disk. */
static gboolean
is_unfinished (const guint8 *data, gsize length)
{
  static const char magic[] = VL_JOURNAL_MAGIC;

  if (length > sizeof (VlJournalHeader))
    return FALSE;
  for (gsize i = 0; i < MIN (length, sizeof magic - 1); i++)
    if (data[i] != 0 && data[i] != (guint8) magic[i])
      return FALSE;

  return TRUE;
}

/* What is wrong with a header that is whole and nevertheless not ours. */
static const char *
check_version (const VlJournalHeader *header)
{
  if (memcmp (header->magic, VL_JOURNAL_MAGIC, sizeof header->magic) != 0)
    return NULL;
  if (header->byte_order == GUINT16_SWAP_LE_BE (VL_JOURNAL_BYTE_ORDER))
    return _ ("it comes from a machine of another byte order");
  if (header->checksum != header_checksum (header))
    return NULL;
  if (header->version > VL_JOURNAL_VERSION)
    return _ ("it was written by a newer version of this library");
  if (header->version != VL_JOURNAL_VERSION)
    return _ ("it was written by an older version of this library");

  return NULL;
}

static gboolean
is_sound (const VlJournalHeader *header)
{
  return memcmp (header->magic, VL_JOURNAL_MAGIC, sizeof header->magic) == 0 &&
         header->byte_order == VL_JOURNAL_BYTE_ORDER && header->reserved == 0 &&
         header->checksum == header_checksum (header);
}

VlJournalKind
_vl_journal_scan (VlJournalScan *self, GBytes *bytes)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  VlJournalHeader header = { 0 };

  *self = (VlJournalScan){ 0 };
  self->records = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  if (length >= sizeof header)
    memcpy (&header, data, sizeof header);

  self->problem = check_version (&header);
  if (self->problem != NULL)
    return VL_JOURNAL_FOREIGN;

  if (is_sound (&header))
    {
      self->id = header.id;
      self->length = sizeof header;
      scan_records (self, bytes, TRUE);
      return self->n_skipped > 0 ? VL_JOURNAL_DAMAGED : VL_JOURNAL_OURS;
    }
  if (is_unfinished (data, length))
    {
      self->n_cut = length;
      return VL_JOURNAL_EMPTY;
    }

  scan_records (self, bytes, FALSE);
  if (self->records->len > 0)
    return VL_JOURNAL_DAMAGED;

  self->problem = _ ("it is something else, or its beginning is damaged");
  return VL_JOURNAL_FOREIGN;
}

void
_vl_journal_scan_clear (VlJournalScan *self)
{
  g_clear_pointer (&self->records, g_ptr_array_unref);
}
