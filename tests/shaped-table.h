/* shaped-table.h: a master that says of itself what a test wants
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

/* It passes on to its target what it is asked, but schema, identity and
 * relations are as the test has set them. */
#define TYPE_SHAPED_TABLE (shaped_table_get_type ())
G_DECLARE_FINAL_TYPE (ShapedTable, shaped_table, TEST, SHAPED_TABLE, GObject)

ShapedTable *shaped_table_new (VlTable *target);
/* NULL = as the target. */
void shaped_table_set_schema (ShapedTable *self, VlSchema *schema);
void shaped_table_set_identity (ShapedTable *self, const char *identity);
/* Any relation then leads there. */
void shaped_table_set_related (ShapedTable *self, VlTable *related);
/* What get_stream answers; none unless it is set. */
void shaped_table_set_stream (ShapedTable *self, VlLiveStream *stream);
/* Flags pages as stale copies that were fetched then; 0 = no longer. */
void shaped_table_set_stale (ShapedTable *self, gint64 fetched_at);
/* How many of the replies it was given were cancelled. */
guint shaped_table_get_n_cancelled (ShapedTable *self);
/* The lists that it was asked for, as "OFFSET+LIMIT " each. */
const char *shaped_table_get_lists (ShapedTable *self);
void shaped_table_forget_lists (ShapedTable *self);
