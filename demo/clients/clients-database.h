/* clients-database.h: the database, which plays the one far away
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define CLIENTS_TABLE "clients"

/* How many of the rows are written, out of how many; in the thread that asked. */
typedef void (*ClientsProgressFunc) (guint n_done, guint n_rows, gpointer user_data);

/* Fills a new file, in a thread. It is there as a whole in the end, or not at
 * all; one that is there is left alone. */
void clients_database_create_async (const char *path,
                                    guint n_rows,
                                    guint64 seed,
                                    ClientsProgressFunc progress,
                                    gpointer progress_data,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean clients_database_create_finish (GAsyncResult *result, GError **error);

G_END_DECLS
