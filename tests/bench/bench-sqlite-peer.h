/* bench-sqlite-peer.h: SQLite used directly, the way a careful program does
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sqlite3.h>
#include <vantage-live.h>

/* A client as all these benchmarks know it: six fields, about 100 bytes. */
typedef struct
{
  gint64 id;
  char name[24];
  char email[32];
  char city[16];
  double balance;
  gboolean active;
} PeerClient;

#define PEER_N_COLUMNS 6

#define PEER_TABLE                                                                        \
 "CREATE TABLE client (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, " \
 "city TEXT NOT NULL, balance REAL NOT NULL, active BOOLEAN NOT NULL)"

#define PEER_COLUMNS "id, name, email, city, balance, active"

void peer_client (PeerClient *self, gint64 id);
VlRecord *peer_client_to_record (const PeerClient *self);
VlSchema *peer_schema (void);

/* Every failure ends the program: a benchmark that goes on would lie. */
sqlite3 *peer_open (const char *path);
void peer_exec (sqlite3 *db, const char *sql);
sqlite3_stmt *peer_prepare (sqlite3 *db, const char *sql);
void peer_done (sqlite3_stmt *statement); /* steps to SQLITE_DONE and resets */
gint64 peer_get_int64 (sqlite3 *db, const char *sql);
void peer_bind_client (sqlite3_stmt *statement, const PeerClient *client);

/* A database with the table of clients, and `n_rows` of them from id 1 on. */
void peer_make_clients (const char *path, gint64 n_rows);

/* What a row comes to when every cell of it is read. */
guint64 peer_sum_row (sqlite3_stmt *statement);
guint64 peer_sum_record (VlRecord *record);

/* All cells of the row, one after the other, into `buffer`; what is left of it. */
char *peer_copy_row (sqlite3_stmt *statement, char *buffer);

/* A folder that goes with all that is in it. */
char *peer_folder_new (void);
void peer_folder_free (char *path);

/* Turns the main context until *n_left is 0. */
void peer_wait (const guint *n_left);

/* Nanoseconds, and what one of `n` operations took since then. */
guint64 peer_now (void);
double peer_each (guint64 began, guint n);

/* Granted beside some ratios; nanoseconds for all `n`. A bare hand-off to a dedicated
 * thread that waits for one, and back into the main context. */
double peer_hop (gpointer unused, guint n);

/* A GTask that is made, ends, and calls back in a turn of its own. */
double peer_turn (gpointer unused, guint n);
