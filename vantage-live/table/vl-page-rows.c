/* vl-page-rows.c: the rows of a page, shared by all its views
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-block-builder-private.h"
#include "vl-page-rows-private.h"
#include "vl-record-private.h"

#include "../base/vl-checksum-private.h"

/* Up to this many rows an id is searched for row by row. */
#define MAX_LINEAR 8

/* Open addressing; a bucket holds a position + 1, 0 is free. */
typedef struct
{
  guint mask;
  guint buckets[];
} VlPageIndex;

static void
clear_run (gpointer data)
{
  VlPageRun *run = data;

  g_clear_pointer (&run->block, _vl_block_unref);
  g_clear_pointer (&run->mark, _vl_page_mark_unref);
}

VlPageRuns *
_vl_page_runs_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (VlPageRun));
}

void
_vl_page_runs_add_part (VlPageRuns *runs, const VlPageRun *run, guint first, guint n_rows)
{
  VlPageRun part = { run->block, run->mark, run->first + first, n_rows, 0 };

  if (n_rows == 0)
    return;

  if (runs->len > 0)
    {
      VlPageRun *last = &g_array_index (runs, VlPageRun, runs->len - 1);

      if (last->block == part.block && last->mark == part.mark &&
          last->first + last->n_rows == part.first)
        {
          last->n_rows += n_rows;
          return;
        }
      part.position = last->position + last->n_rows;
    }

  _vl_block_ref (part.block);
  if (part.mark != NULL)
    _vl_page_mark_ref (part.mark);
  g_array_append_val (runs, part);
}

void
_vl_page_runs_add (VlPageRuns *runs, VlBlock *block, guint first, guint n_rows)
{
  const VlPageRun run = { .block = block, .first = first, .n_rows = n_rows };

  _vl_page_runs_add_part (runs, &run, 0, n_rows);
}

VlPageRows *
_vl_page_runs_end (VlPageRuns *runs)
{
  VlPageRows *self = g_malloc0 (sizeof (VlPageRows) + runs->len * sizeof (VlPageRun));

  self->ref_count = 1;
  self->n_runs = runs->len;
  if (runs->len > 0)
    {
      const VlPageRun *last = &g_array_index (runs, VlPageRun, runs->len - 1);

      memcpy (self->runs, runs->data, runs->len * sizeof (VlPageRun));
      self->n_rows = last->position + last->n_rows;
    }
  g_array_unref (runs);

  return self;
}

VlPageRows *
_vl_page_rows_ref (VlPageRows *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
_vl_page_rows_unref (VlPageRows *self)
{
  gpointer *slots;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  slots = self->slots;
  for (guint i = 0; slots != NULL && i < self->n_rows; i++)
    g_clear_object (&slots[i]);
  g_free (slots);
  g_free (self->index);
  for (guint i = 0; i < self->n_runs; i++)
    clear_run (&self->runs[i]);
  g_free (self);
}

/* The last run that starts at or before the position. */
static const VlPageRun *
find_run (VlPageRows *self, guint position)
{
  guint low = 0;
  guint high = self->n_runs;

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (self->runs[middle].position <= position)
        low = middle;
      else
        high = middle;
    }

  return &self->runs[low];
}

VlBlock *
_vl_page_rows_get (VlPageRows *self, guint position, guint *row)
{
  const VlPageRun *run = find_run (self, position);

  *row = run->first + (position - run->position);

  return run->block;
}

static gpointer *
ensure_slots (VlPageRows *self)
{
  gpointer *slots = g_atomic_pointer_get (&self->slots);

  if (slots != NULL)
    return slots;

  slots = g_new0 (gpointer, self->n_rows);
  if (g_atomic_pointer_compare_and_exchange (&self->slots, NULL, slots))
    return slots;

  g_free (slots);

  return g_atomic_pointer_get (&self->slots);
}

VlRecord *
_vl_page_rows_get_record (VlPageRows *self, guint position)
{
  gpointer *slot = ensure_slots (self) + position;
  VlRecord *record = g_atomic_pointer_get (slot);
  const VlPageRun *run;

  if (record != NULL)
    return g_object_ref (record);

  run = find_run (self, position);
  if (run->mark != NULL)
    _vl_page_mark_read (run->mark);
  record = _vl_record_new_for_row (run->block, run->first + (position - run->position));
  g_object_ref (record);
  if (g_atomic_pointer_compare_and_exchange (slot, NULL, record))
    return record;

  /* Another thread was quicker. */
  g_object_unref (record);
  g_object_unref (record);

  return g_object_ref (g_atomic_pointer_get (slot));
}

void
_vl_page_rows_use_records (VlPageRows *self, VlRecord *const *records)
{
  gpointer *slots = ensure_slots (self);

  for (guint i = 0; i < self->n_rows; i++)
    slots[i] = g_object_ref (records[i]);
}

void
_vl_page_rows_set_mark (VlPageRows *self, VlPageMark *mark)
{
  for (guint i = 0; i < self->n_runs; i++)
    {
      /* Handed on to a reader who counts for itself. */
      if (self->runs[i].mark != NULL)
        _vl_page_mark_read (self->runs[i].mark);
      g_clear_pointer (&self->runs[i].mark, _vl_page_mark_unref);
      self->runs[i].mark = _vl_page_mark_ref (mark);
    }
}

void
_vl_page_rows_mark_read (VlPageRows *self)
{
  for (guint i = 0; i < self->n_runs; i++)
    if (self->runs[i].mark != NULL)
      _vl_page_mark_read (self->runs[i].mark);
}

/* Ids of one text have one hash, be they kept as text or as integers. */
static guint
hash_id (const VlCell *id)
{
  gint64 number = id->int64;
  guint64 hash;

  if (id->type == VL_FIELD_TYPE_STRING && !_vl_id_parse_int64 (id->data, &number))
    hash = _vl_checksum (id->data, id->length, 0);
  else
    hash = (guint64) number * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return (guint) (hash ^ hash >> 32);
}

/* `id` with the integer that its text is, if it is one, in `number`. */
static gboolean
has_id (VlPageRows *self, guint position, const VlCell *id, const gint64 *number)
{
  guint row;
  VlBlock *block = _vl_page_rows_get (self, position, &row);
  VlCell cell;

  if (!_vl_block_read_id (block, row, &cell))
    return FALSE;
  if (cell.type == VL_FIELD_TYPE_INT64)
    return number != NULL && cell.int64 == *number;

  return cell.length == id->length && memcmp (cell.data, id->data, cell.length) == 0;
}

static gboolean
find_linear (VlPageRows *self, const VlCell *id, const gint64 *number, guint *position)
{
  for (guint i = 0; i < self->n_rows; i++)
    if (has_id (self, i, id, number))
      {
        *position = i;
        return TRUE;
      }

  return FALSE;
}

static gboolean
same_id_at (VlPageRows *self, guint position, const VlCell *id)
{
  char text[24];
  VlCell cell = *id;
  gint64 number = id->int64;
  gboolean is_number;

  if (id->type == VL_FIELD_TYPE_INT64)
    {
      cell.data = text;
      cell.length = (gsize) g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, id->int64);
      is_number = TRUE;
    }
  else
    is_number = _vl_id_parse_int64 (id->data, &number);

  return has_id (self, position, &cell, is_number ? &number : NULL);
}

/* The bucket of that id, or the free one where it would be. */
static guint
find_bucket (VlPageRows *self, const VlPageIndex *index, const VlCell *id)
{
  guint bucket = hash_id (id) & index->mask;

  while (index->buckets[bucket] != 0 && !same_id_at (self, index->buckets[bucket] - 1, id))
    bucket = (bucket + 1) & index->mask;

  return bucket;
}

static VlPageIndex *
make_index (VlPageRows *self)
{
  gsize size = 32;
  VlPageIndex *index;

  while (size < (gsize) self->n_rows * 2)
    size *= 2;

  index = g_malloc0 (sizeof (VlPageIndex) + size * sizeof (guint));
  index->mask = (guint) (size - 1);

  for (guint i = 0; i < self->n_rows; i++)
    {
      guint row;
      VlBlock *block = _vl_page_rows_get (self, i, &row);
      guint bucket;
      VlCell id;

      if (!_vl_block_read_id (block, row, &id))
        continue;
      bucket = find_bucket (self, index, &id);
      if (index->buckets[bucket] == 0)
        index->buckets[bucket] = i + 1;
    }

  return index;
}

static const VlPageIndex *
ensure_index (VlPageRows *self)
{
  VlPageIndex *index = g_atomic_pointer_get (&self->index);

  if (index != NULL)
    return index;

  index = make_index (self);
  if (g_atomic_pointer_compare_and_exchange (&self->index, NULL, index))
    return index;

  g_free (index);

  return g_atomic_pointer_get (&self->index);
}

gboolean
_vl_page_rows_find (VlPageRows *self, const char *id, guint *position)
{
  VlCell cell = { .type = VL_FIELD_TYPE_STRING, .data = id, .length = strlen (id) };
  const VlPageIndex *index;
  gint64 number;
  guint found;

  if (self->n_rows <= MAX_LINEAR)
    return find_linear (self, &cell, _vl_id_parse_int64 (id, &number) ? &number : NULL, position);

  index = ensure_index (self);
  found = index->buckets[find_bucket (self, index, &cell)];
  if (found == 0)
    return FALSE;
  *position = found - 1;

  return TRUE;
}

VlBlock *
_vl_page_rows_flatten (VlPageRows *self)
{
  g_auto (VlBlockBuilder) builder = { 0 };

  if (self->n_runs == 1 && self->runs[0].n_rows == self->runs[0].block->n_rows)
    return _vl_block_ref (self->runs[0].block);

  _vl_block_builder_init (&builder, VL_BLOCK_IDS_FOLLOW);
  for (guint i = 0; i < self->n_runs; i++)
    for (guint row = 0; row < self->runs[i].n_rows; row++)
      _vl_block_builder_add_row (&builder, self->runs[i].block, self->runs[i].first + row);

  return _vl_block_builder_end (&builder);
}

gsize
_vl_page_rows_get_n_bytes (VlPageRows *self)
{
  gsize n_bytes = sizeof (VlPageRows) + self->n_runs * sizeof (VlPageRun);
  g_autoptr (GHashTable) seen = NULL;

  if (self->n_runs == 1)
    return n_bytes + _vl_block_get_n_bytes (self->runs[0].block);

  seen = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < self->n_runs; i++)
    if (g_hash_table_add (seen, self->runs[i].block))
      n_bytes += _vl_block_get_n_bytes (self->runs[i].block);

  return n_bytes;
}
