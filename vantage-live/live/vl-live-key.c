/* vl-live-key.c: what a slot is called in the cache
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-key-private.h"

#include <string.h>

#include "../table/vl-query-private.h"

/* Of a guint64. */
#define MAX_DIGITS 20

/* Two letters and a slash before the key, and two numbers behind it. */
#define MAX_AROUND 64

/* Only what would make two keys alike has to be escaped. */
static char *
write_escaped (char *at, const char *text)
{
  static const char hex[] = "0123456789ABCDEF";

  for (; *text != '\0'; text++)
    {
      guchar c = (guchar) *text;

      if (c != '%' && c != '/')
        {
          *at++ = *text;
          continue;
        }
      *at++ = '%';
      *at++ = hex[c >> 4];
      *at++ = hex[c & 15];
    }

  return at;
}

static char *
write_plain (char *at, const char *text, gsize length)
{
  memcpy (at, text, length);

  return at + length;
}

/* Most pages have small numbers. */
static char *
write_number (char *at, guint64 number)
{
  guint n_digits = 1;

  *at++ = '/';
  for (guint64 limit = 10; number >= limit && n_digits < MAX_DIGITS; limit *= 10)
    n_digits++;
  for (guint i = n_digits - 1; i > 0; i--, number /= 10)
    at[i] = (char) ('0' + number % 10);
  at[0] = (char) ('0' + number);

  return at + n_digits;
}

/* Makes room for `length` characters and what may stand around them. */
static char *
make_room (VlSlotKey *self, gsize length)
{
  self->text = length + MAX_AROUND <= sizeof self->room ? self->room
                                                        : g_malloc (length + MAX_AROUND);

  return self->text;
}

void
_vl_slot_key_init (VlSlotKey *self, const VlSlot *slot)
{
  const VlQueryKey *key;
  char *at;

  switch (slot->kind)
    {
    case VL_SLOT_PAGE:
      key = _vl_query_get_key (slot->query);
      at = make_room (self, key->path_length);
      at = write_plain (at, "q/", 2);
      at = write_plain (at, key->path, key->path_length);
      at = write_number (at, slot->size);
      at = write_number (at, slot->n);
      break;
    case VL_SLOT_COUNT:
      key = _vl_query_get_key (slot->query);
      at = make_room (self, key->path_length);
      at = write_plain (at, "n/", 2);
      at = write_plain (at, key->path, key->path_length);
      break;
    case VL_SLOT_RECORD:
      at = make_room (self, 3 * strlen (slot->id));
      at = write_plain (at, "id/", 3);
      at = write_escaped (at, slot->id);
      break;
    default:
      g_assert_not_reached ();
    }
  *at = '\0';
}

VlQuery *
_vl_live_key_query (const VlSlot *slot)
{
  if (slot->kind == VL_SLOT_RECORD)
    return NULL;
  if (slot->kind == VL_SLOT_COUNT)
    return vl_query_window (slot->query, 0, 0);

  /* The common case, a window that is a page: nothing is made for it. */
  if (slot->query->offset == slot->n * slot->size && slot->query->limit == slot->size)
    return g_object_ref (slot->query);

  return vl_query_window (slot->query, slot->n * slot->size, slot->size);
}
