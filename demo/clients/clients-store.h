/* clients-store.h: the clients, and the network between us and them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

G_BEGIN_DECLS

typedef struct
{
  char *database; /* NULL = one of our own */
  char *table;
  char *data_dir; /* NULL = where the data of users go */
  char *network;  /* NULL = "slow" */
  int n_rows;
  int seed;
  int latency;     /* milliseconds, of the slow network */
  int retry_after; /* milliseconds at least, 0 = as the library has it */
  double error_rate;
} ClientsOptions;

void clients_options_clear (ClientsOptions *self);

#define CLIENTS_TYPE_STORE (clients_store_get_type ())
G_DECLARE_FINAL_TYPE (ClientsStore, clients_store, CLIENTS, STORE, GObject)

ClientsStore *clients_store_new (const ClientsOptions *options);

/* Makes the clients up if there are none, and asks for their columns. May be
 * called again after it has failed. */
void clients_store_open_async (ClientsStore *self,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean clients_store_open_finish (ClientsStore *self, GAsyncResult *result, GError **error);

/* 0 to 1; -1 while nothing is made up. */
double clients_store_get_progress (ClientsStore *self);
gboolean clients_store_get_is_ready (ClientsStore *self);
VlLiveTable *clients_store_get_live (ClientsStore *self);
VlSchema *clients_store_get_schema (ClientsStore *self);
/* The columns that name a client, and say more about it; NULL = none. */
const char *clients_store_get_title_column (ClientsStore *self);
const char *const *clients_store_get_detail_columns (ClientsStore *self);

/* Why they cannot be shown, as a sentence. */
char *clients_store_describe_failure (ClientsStore *self, const GError *error);

/* Which of "fast", "slow", "flaky" and "offline" it is. */
const char *clients_store_get_network (ClientsStore *self);
void clients_store_set_network (ClientsStore *self, const char *network);

/* Keeps what is still to be written for the next time. */
void clients_store_close (ClientsStore *self);

G_END_DECLS
