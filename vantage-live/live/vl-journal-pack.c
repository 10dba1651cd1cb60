/* vl-journal-pack.c: the bytes of a variant, written at once
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-journal-pack-private.h"

void
_vl_pack_init (VlPack *self, GByteArray *data)
{
  g_assert (data->len % 8 == 0);

  self->data = data;
  self->ends = g_array_sized_new (FALSE, FALSE, sizeof (guint32), 32);
}

void
_vl_pack_clear (VlPack *self)
{
  g_clear_pointer (&self->ends, g_array_unref);
}

void
_vl_pack_align (VlPack *self, guint alignment)
{
  static const guint8 zeros[8] = { 0 };
  const guint rest = self->data->len % alignment;

  if (rest > 0)
    g_byte_array_append (self->data, zeros, alignment - rest);
}

VlPackContainer
_vl_pack_begin (VlPack *self, guint alignment)
{
  _vl_pack_align (self, alignment);

  return (VlPackContainer){ self->data->len, self->ends->len };
}

void
_vl_pack_mark (VlPack *self, const VlPackContainer *container)
{
  const guint32 end = self->data->len - container->start;

  g_array_append_val (self->ends, end);
}

/* Ends are as wide as the whole container, with them, needs. */
static guint
get_end_size (guint64 length, guint64 n_ends)
{
  if (length + n_ends <= G_MAXUINT8)
    return 1;
  if (length + 2 * n_ends <= G_MAXUINT16)
    return 2;
  if (length + 4 * n_ends <= G_MAXUINT32)
    return 4;

  return 8;
}

static void
put_end (VlPack *self, guint32 end, guint size)
{
  const guint64 bytes = GUINT64_TO_LE ((guint64) end);

  g_byte_array_append (self->data, (const guint8 *) &bytes, size);
}

static void
end_container (VlPack *self, const VlPackContainer *container, gboolean backwards)
{
  const guint n = self->ends->len - container->first_end;
  const guint size = get_end_size (self->data->len - container->start, n);

  for (guint i = 0; i < n; i++)
    {
      guint at = container->first_end + (backwards ? n - 1 - i : i);

      put_end (self, g_array_index (self->ends, guint32, at), size);
    }
  g_array_set_size (self->ends, container->first_end);
}

void
_vl_pack_end_tuple (VlPack *self, const VlPackContainer *container)
{
  end_container (self, container, TRUE);
}

void
_vl_pack_end_array (VlPack *self, const VlPackContainer *container)
{
  end_container (self, container, FALSE);
}

void
_vl_pack_byte (VlPack *self, guint8 value)
{
  g_byte_array_append (self->data, &value, 1);
}

void
_vl_pack_uint32 (VlPack *self, guint32 value)
{
  const guint32 bytes = GUINT32_TO_LE (value);

  _vl_pack_align (self, sizeof bytes);
  g_byte_array_append (self->data, (const guint8 *) &bytes, sizeof bytes);
}

void
_vl_pack_uint64 (VlPack *self, guint64 value)
{
  const guint64 bytes = GUINT64_TO_LE (value);

  _vl_pack_align (self, sizeof bytes);
  g_byte_array_append (self->data, (const guint8 *) &bytes, sizeof bytes);
}

void
_vl_pack_double (VlPack *self, double value)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  _vl_pack_uint64 (self, bits);
}

void
_vl_pack_string (VlPack *self, const char *text, gsize length)
{
  g_byte_array_append (self->data, (const guint8 *) text, (guint) length + 1);
}

void
_vl_pack_bytes (VlPack *self, gconstpointer bytes, gsize length)
{
  if (length > 0)
    g_byte_array_append (self->data, bytes, (guint) length);
}

void
_vl_pack_just (VlPack *self)
{
  _vl_pack_byte (self, 0);
}

void
_vl_pack_type (VlPack *self, const char *type)
{
  _vl_pack_byte (self, 0);
  g_byte_array_append (self->data, (const guint8 *) type, (guint) strlen (type));
}
