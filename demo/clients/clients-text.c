/* clients-text.c: texts of the table within texts of ours
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "clients-text.h"

/* LEFT-TO-RIGHT ISOLATE, FIRST STRONG ISOLATE, POP DIRECTIONAL ISOLATE. */
#define LRI "\u2066"
#define FSI "\u2068"
#define PDI "\u2069"

static gboolean
has_letters (const char *text)
{
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      if (g_unichar_isalpha (g_utf8_get_char (at)))
        return TRUE;
    }

  return FALSE;
}

/* A city in Hebrew has the direction of its own letters, and turns neither what is
 * next to it around nor all of the line. Where there are no letters FriBidi (1.0.8)
 * looks for some beyond the end: a number is written as it is anywhere else. */
char *
clients_isolate (const char *text)
{
  return g_strconcat (has_letters (text) ? FSI : LRI, text, PDI, NULL);
}
