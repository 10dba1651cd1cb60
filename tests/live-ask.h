/* live-ask.h: reads whose answers are waited for later, and signals noted down
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

/* One read that is under way, or has ended. Of what it can answer, the part
 * that was asked for is set. */
typedef struct
{
  gboolean is_done;
  GCancellable *cancellable;
  VlPage *page;
  VlRecord *record;
  gint64 count;
  GError *error;
} Ask;

static inline Ask *
ask_new (void)
{
  Ask *ask = g_new0 (Ask, 1);

  ask->cancellable = g_cancellable_new ();

  return ask;
}

static inline void
ask_free (Ask *ask)
{
  g_assert_true (ask->is_done);
  g_clear_object (&ask->cancellable);
  g_clear_object (&ask->page);
  g_clear_object (&ask->record);
  g_clear_error (&ask->error);
  g_free (ask);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ask, ask_free)

static inline void
on_listed (GObject *table, GAsyncResult *result, gpointer user_data)
{
  Ask *ask = user_data;

  g_assert_false (ask->is_done);
  ask->is_done = TRUE;
  ask->page = vl_table_list_finish (VL_TABLE (table), result, &ask->error);
  g_assert_true ((ask->page == NULL) == (ask->error != NULL));
}

static inline Ask *
ask_list (gpointer table, VlQuery *query)
{
  Ask *ask = ask_new ();

  vl_table_list_async (VL_TABLE (table), query, ask->cancellable, on_listed, ask);
  g_assert_false (ask->is_done);

  return ask;
}

static inline void
on_found (GObject *table, GAsyncResult *result, gpointer user_data)
{
  Ask *ask = user_data;

  g_assert_false (ask->is_done);
  ask->is_done = TRUE;
  ask->record = vl_table_find_finish (VL_TABLE (table), result, &ask->error);
}

static inline Ask *
ask_find (gpointer table, const char *id)
{
  Ask *ask = ask_new ();

  vl_table_find_async (VL_TABLE (table), id, ask->cancellable, on_found, ask);

  return ask;
}

static inline void
on_ask_counted (GObject *table, GAsyncResult *result, gpointer user_data)
{
  Ask *ask = user_data;

  g_assert_false (ask->is_done);
  ask->is_done = TRUE;
  ask->count = vl_table_count_finish (VL_TABLE (table), result, &ask->error);
}

static inline Ask *
ask_count (gpointer table, VlQuery *query)
{
  Ask *ask = ask_new ();

  vl_table_count_async (VL_TABLE (table), query, ask->cancellable, on_ask_counted, ask);

  return ask;
}

static inline void
on_refreshed (GObject *table, GAsyncResult *result, gpointer user_data)
{
  Ask *ask = user_data;

  g_assert_false (ask->is_done);
  ask->is_done = TRUE;
  ask->page = vl_live_table_refresh_finish (VL_LIVE_TABLE (table), result, &ask->error);
}

static inline Ask *
ask_refresh (VlLiveTable *live, VlQuery *query)
{
  Ask *ask = ask_new ();

  vl_live_table_refresh_async (live, query, ask->cancellable, on_refreshed, ask);

  return ask;
}

/* Turns the default context until the answer is in. */
static inline void
ask_wait (Ask *ask)
{
  while (!ask->is_done)
    g_main_context_iteration (NULL, TRUE);
}

/* The ids of a page: "abc" for the rows a, b and c. */
static inline char *
page_ids (VlPage *page)
{
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < vl_page_get_n_records (page); i++)
    g_string_append (ids, vl_page_get_record_id (page, i));

  return g_string_free (g_steal_pointer (&ids), FALSE);
}

#define assert_ids(page, expected)              \
 G_STMT_START                                   \
 {                                              \
  g_autofree char *page_ids_ = page_ids (page); \
  g_assert_cmpstr (page_ids_, ==, (expected));  \
 }                                              \
 G_STMT_END

/* The name of the record in the first row. */
#define assert_first_name(page, expected)                                \
 G_STMT_START                                                            \
 {                                                                       \
  g_autoptr (VlRecord) row_ = vl_page_get_record (page, 0);              \
  g_assert_cmpstr (vl_record_get_string (row_, "name"), ==, (expected)); \
 }                                                                       \
 G_STMT_END

/* Where a page came from. */
#define assert_origin(page, cached, stale)                       \
 G_STMT_START                                                    \
 {                                                               \
  g_assert_cmpint (vl_page_get_from_cache (page), ==, (cached)); \
  g_assert_cmpint (vl_page_get_is_stale (page), ==, (stale));    \
 }                                                               \
 G_STMT_END

/* The `changed` signals of a live table. */
typedef struct
{
  guint n_emitted;
  VlOrigin origin; /* of the last one */
} Changes;

static inline void
on_changed (VlLiveTable *live, VlLiveEvent *event, gpointer user_data)
{
  Changes *changes = user_data;

  changes->n_emitted++;
  changes->origin = vl_live_event_get_origin (event);
}

static inline void
watch_changes (VlLiveTable *live, Changes *changes)
{
  g_signal_connect (live, "changed", G_CALLBACK (on_changed), changes);
}
