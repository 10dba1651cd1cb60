/* clients-failure.h: why there are no clients to be seen, in words for everybody
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

G_BEGIN_DECLS

/* What was to be shown, and over what. */
typedef struct
{
  const char *database; /* a path */
  const char *table;
  gboolean is_offline;
} ClientsSource;

char *clients_failure_describe (const GError *error, const ClientsSource *source);

G_END_DECLS
