/* sqlite-file.h: a database file for a test, and a second look at it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

/* A file in a folder of its own. What is done to it here goes through
 * connections that the library knows nothing of. */
typedef struct
{
  char *folder;
  char *path;
} SqliteFile;

void sqlite_file_init (SqliteFile *self);
void sqlite_file_clear (SqliteFile *self);

/* Any number of statements; fails the test if one fails. */
void sqlite_file_run (SqliteFile *self, const char *sql);

/* The first value of the first row. */
gint64 sqlite_file_get_int64 (SqliteFile *self, const char *sql);
char *sqlite_file_get_text (SqliteFile *self, const char *sql);

/* Turns the default context until it is true. */
#define wait_until(condition)             \
 G_STMT_START                             \
 {                                        \
  while (!(condition))                    \
   g_main_context_iteration (NULL, TRUE); \
 }                                        \
 G_STMT_END

/* Lists everything that a query asks for; fails the test on an error. */
VlPage *list_all (VlSqliteTable *table, VlQuery *query);

/* The values of a column, row by row, joined by commas; "-" for null. */
char *join_column (VlPage *page, const char *column);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SqliteFile, sqlite_file_clear)
