/* shown-fixture.h: what a live table shows, and writes to it, in a word
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#include "fake-clock.h"
#include "live-ask.h"
#include "live-fixture.h"

/* The rows as "a:Apple b:Banana"; a provisional id is "new". */
static inline char *
describe (VlPage *page)
{
  g_autoptr (GString) rows = g_string_new (NULL);

  for (guint i = 0; i < vl_page_get_n_records (page); i++)
    {
      g_autoptr (VlRecord) row = vl_page_get_record (page, i);

      g_string_append_printf (rows, "%s%s:%s", i > 0 ? " " : "",
                              vl_record_is_provisional (row) ? "new" : vl_record_get_id (row),
                              vl_record_get_string (row, "name"));
    }

  return g_string_free (g_steal_pointer (&rows), FALSE);
}

#define assert_page(page, expected)         \
 G_STMT_START                               \
 {                                          \
  g_autofree char *rows_ = describe (page); \
  g_assert_cmpstr (rows_, ==, (expected));  \
 }                                          \
 G_STMT_END

/* What a peek shows now, and what a read gets. */
#define assert_shown(f, query, expected)                                     \
 G_STMT_START                                                                \
 {                                                                           \
  g_autoptr (VlPage) peeked_ = vl_live_table_peek_page ((f)->live, (query)); \
  g_autoptr (Ask) ask_ = NULL;                                               \
  if (peeked_ != NULL)                                                       \
   assert_page (peeked_, (expected));                                        \
  ask_ = ask_list ((f)->live, (query));                                      \
  settle ();                                                                 \
  while (!ask_->is_done)                                                     \
   fake_clock_advance (10);                                                  \
  g_assert_no_error (ask_->error);                                           \
  assert_page (ask_->page, (expected));                                      \
 }                                                                           \
 G_STMT_END

static inline void
assert_pending (LiveFixture *f, VlQuery *query, gboolean expected)
{
  g_autoptr (VlPage) page = vl_live_table_peek_page (f->live, query);

  g_assert_nonnull (page);
  g_assert_cmpint (vl_page_get_has_pending (page), ==, expected);
}

static inline VlRecord *
named (const char *id, const char *name)
{
  return live_fixture_record (id, name, 1.0);
}

static inline VlWrite *
patch (LiveFixture *f, const char *id, const char *field, const char *value)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) fields = NULL;
  g_autoptr (VlChange) change = NULL;

  if (g_str_equal (field, "price"))
    vl_record_builder_set_double (builder, field, g_ascii_strtod (value, NULL));
  else
    vl_record_builder_set_string (builder, field, value);
  fields = vl_record_builder_end (builder);
  change = vl_change_new_patch (id, fields);

  return vl_live_table_write (f->live, change);
}

static inline VlWrite *
insert (LiveFixture *f, const char *id, const char *name)
{
  g_autoptr (VlRecord) record = named (id, name);
  g_autoptr (VlChange) change = vl_change_new_insert (record);

  return vl_live_table_write (f->live, change);
}

static inline VlWrite *delete (LiveFixture *f, const char *id)
{
  g_autoptr (VlChange) change = vl_change_new_delete (id);

  return vl_live_table_write (f->live, change);
}
