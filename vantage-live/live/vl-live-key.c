/* vl-live-key.c: what a slot is called in the cache
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-key-private.h"

#include "../table/vl-query.h"

/* Only what would make two keys alike has to be escaped. */
static void
append_part (GString *key, const char *part)
{
  static const char hex[] = "0123456789ABCDEF";

  for (;;)
    {
      gsize plain = strcspn (part, "%/");
      guchar c;

      g_string_append_len (key, part, (gssize) plain);
      part += plain;
      if (*part == '\0')
        return;
      c = (guchar) *part++;
      g_string_append_c (key, '%');
      g_string_append_c (key, hex[c >> 4]);
      g_string_append_c (key, hex[c & 15]);
    }
}

static void
append_number (GString *key, guint64 number)
{
  char digits[21];
  guint at = sizeof digits;

  do
    {
      digits[--at] = (char) ('0' + number % 10);
      number /= 10;
    }
  while (number > 0);
  g_string_append_c (key, '/');
  g_string_append_len (key, digits + at, (gssize) (sizeof digits - at));
}

char *
_vl_live_key_new (const VlSlot *slot)
{
  GString *key = g_string_sized_new (96);

  switch (slot->kind)
    {
    case VL_SLOT_PAGE:
      g_string_append (key, "q/");
      append_part (key, vl_query_get_key (slot->query));
      append_number (key, slot->size);
      append_number (key, slot->n);
      break;
    case VL_SLOT_COUNT:
      g_string_append (key, "n/");
      append_part (key, vl_query_get_key (slot->query));
      break;
    case VL_SLOT_RECORD:
      g_string_append (key, "id/");
      append_part (key, slot->id);
      break;
    default:
      g_assert_not_reached ();
    }

  return g_string_free (key, FALSE);
}

VlQuery *
_vl_live_key_query (const VlSlot *slot)
{
  if (slot->kind == VL_SLOT_RECORD)
    return NULL;
  if (slot->kind == VL_SLOT_COUNT)
    return vl_query_window (slot->query, 0, 0);

  return vl_query_window (slot->query, slot->n * slot->size, slot->size);
}
