/* clients-names.h: people who do not exist
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *name;  /* in the script of the country */
  char *city;  /* likewise */
  char *email; /* no two are the same */
  char *phone;
  double credit;
  gboolean is_active;
} ClientsPerson;

/* The same person for the same seed and number, everywhere and always. */
void clients_person_init (ClientsPerson *self, guint64 seed, guint number);
void clients_person_clear (ClientsPerson *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ClientsPerson, clients_person_clear)

G_END_DECLS
