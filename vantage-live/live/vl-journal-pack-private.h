/* vl-journal-pack-private.h: the bytes of a variant, written at once
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Writes the normal form of a variant, little-endian, behind what is in `data`
 * already, whose length is a multiple of 8. Nothing is made for the values in it,
 * which is what takes the time when a GVariant is built.
 *
 * A container begins with its alignment: 8 if anything in it has that, at any
 * depth. Each value in it is put where it belongs; one whose size its type does
 * not tell is followed by _vl_pack_mark(), unless it is the last of a tuple. */
typedef struct
{
  GByteArray *data;
  GArray *ends; /* of guint32: of the values of all containers that are open */
} VlPack;

typedef struct
{
  guint start;
  guint first_end;
} VlPackContainer;

void _vl_pack_init (VlPack *self, GByteArray *data);
void _vl_pack_clear (VlPack *self);

VlPackContainer _vl_pack_begin (VlPack *self, guint alignment);
void _vl_pack_mark (VlPack *self, const VlPackContainer *container);
void _vl_pack_end_tuple (VlPack *self, const VlPackContainer *container);
/* Of values whose size their type does not tell. */
void _vl_pack_end_array (VlPack *self, const VlPackContainer *container);

/* Values: y, u, t or x or d as 8 bytes, s, ay. */
void _vl_pack_byte (VlPack *self, guint8 value);
void _vl_pack_uint32 (VlPack *self, guint32 value);
void _vl_pack_uint64 (VlPack *self, guint64 value);
void _vl_pack_double (VlPack *self, double value);
void _vl_pack_string (VlPack *self, const char *text, gsize length);
void _vl_pack_bytes (VlPack *self, gconstpointer bytes, gsize length);

/* Behind a value whose size its type does not tell: it makes a maybe of it, as an
 * empty value by itself is one that is nothing. */
void _vl_pack_just (VlPack *self);

/* Behind a value that begins at a multiple of 8: it makes a variant of it. */
void _vl_pack_type (VlPack *self, const char *type);
void _vl_pack_align (VlPack *self, guint alignment);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VlPack, _vl_pack_clear)

G_END_DECLS
