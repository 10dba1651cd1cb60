/* list-fixture.h: a list, and what it emits, as strings
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fake-clock.h"
#include "list-master.h"

#define LIST_EVERYTHING                                                                      \
 (VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER | VL_CAPABILITY_SEARCH | VL_CAPABILITY_WINDOW | \
  VL_CAPABILITY_COUNT)

#define LIST_WRITES                                                                           \
 (VL_CAPABILITY_INSERT | VL_CAPABILITY_REPLACE | VL_CAPABILITY_PATCH | VL_CAPABILITY_DELETE | \
  VL_CAPABILITY_ASSIGN_ID)

/* A list and a view of it: whatever the view has been told of is in the mirror,
 * which holds the rows like a program with a collector does. A test that leaves
 * an emission unchecked fails. */
typedef struct
{
  ListMaster *master;
  VlLiveList *list;
  GString *changes;
  GPtrArray *mirror; /* of VlRow */
  gboolean mirrors;
  guint n_notifies; /* of n-items */
  guint in_call;    /* of the list model */
} ListFixture;

static inline VlRow *
list_fixture_get (ListFixture *f, guint position)
{
  VlRow *row;

  f->in_call++;
  row = g_list_model_get_item (G_LIST_MODEL (f->list), position);
  f->in_call--;

  return row;
}

static inline void
list_fixture_mirror (ListFixture *f, guint position, guint removed, guint added)
{
  g_assert_cmpuint (position + removed, <=, f->mirror->len);
  if (removed > 0)
    g_ptr_array_remove_range (f->mirror, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (f->mirror, (int) (position + i), list_fixture_get (f, position + i));
  g_assert_cmpuint (f->mirror->len, ==, g_list_model_get_n_items (G_LIST_MODEL (f->list)));
}

static inline void
list_fixture_changed (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  ListFixture *f = data;

  g_assert_cmpuint (f->in_call, ==, 0);
  g_string_append_printf (f->changes, "%s%u", f->changes->len > 0 ? " " : "", position);
  if (removed > 0)
    g_string_append_printf (f->changes, "-%u", removed);
  if (added > 0)
    g_string_append_printf (f->changes, "+%u", added);
  if (f->mirrors)
    list_fixture_mirror (f, position, removed, added);
}

static inline void
list_fixture_notified (GObject *object, GParamSpec *pspec, gpointer data)
{
  ((ListFixture *) data)->n_notifies++;
}

static inline void
list_fixture_watch (ListFixture *f, VlLiveList *list)
{
  f->list = list;
  f->changes = g_string_new (NULL);
  f->mirror = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect (list, "items-changed", G_CALLBACK (list_fixture_changed), f);
  g_signal_connect (list, "notify::n-items", G_CALLBACK (list_fixture_notified), f);
}

/* Pages of 10. */
static inline ListFixture *
list_fixture_new (const char *words)
{
  ListFixture *f = g_new0 (ListFixture, 1);

  f->master = list_master_new (LIST_EVERYTHING);
  list_master_set (f->master, words);
  list_fixture_watch (f,
                      g_object_new (VL_TYPE_LIVE_LIST, "table", f->master, "page-size", 10, NULL));

  return f;
}

static inline char *
list_fixture_take_changes (ListFixture *f)
{
  char *changes = g_strdup (f->changes->str);

  g_string_truncate (f->changes, 0);

  return changes;
}

/* A frame goes by, and what comes of it. */
static inline void
pass_frame (void)
{
  fake_clock_advance (16);
}

/* Long enough for anything but a retry. */
static inline void
pass_while (void)
{
  fake_clock_advance (250);
  fake_clock_advance (250);
}

static inline void
list_fixture_free (ListFixture *f)
{
  g_assert_cmpstr (f->changes->str, ==, "");
  g_signal_handlers_disconnect_by_data (f->list, f);
  g_ptr_array_unref (f->mirror);
  settle ();
  g_assert_finalize_object (f->list);
  settle ();
  if (f->master != NULL)
    g_assert_finalize_object (f->master);
  g_string_free (f->changes, TRUE);
  g_free (f);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ListFixture, list_fixture_free)

/* Ids, and a dot for a placeholder. Nothing may be emitted meanwhile. */
static inline char *
list_fixture_to_string (ListFixture *f)
{
  GString *string = g_string_new (NULL);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (f->list));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (VlRow) row = list_fixture_get (f, i);

      g_assert_nonnull (row);
      g_string_append_printf (string, "%s%s", i > 0 ? " " : "",
                              vl_row_get_record (row) != NULL ? vl_row_get_id (row) : ".");
    }
  g_assert_null (list_fixture_get (f, n));

  return g_string_free (string, FALSE);
}

#define assert_model(f, expected)                       \
 G_STMT_START                                           \
 {                                                      \
  g_autofree char *model_ = list_fixture_to_string (f); \
  g_assert_cmpstr (model_, ==, (expected));             \
 }                                                      \
 G_STMT_END

#define assert_changes(f, expected)                          \
 G_STMT_START                                                \
 {                                                           \
  g_autofree char *changes_ = list_fixture_take_changes (f); \
  g_assert_cmpstr (changes_, ==, (expected));                \
 }                                                           \
 G_STMT_END

/* The rows of some positions, to be held. */
static inline GPtrArray *
list_fixture_hold (ListFixture *f, guint first, guint n)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (rows, list_fixture_get (f, first + i));

  return rows;
}

/* Counts the notifications of a row's property. */
static inline void
count_notify (GObject *object, GParamSpec *pspec, gpointer data)
{
  (*(guint *) data)++;
}
