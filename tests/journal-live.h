/* journal-live.h: a live table with a journal on a disk in memory, for tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fake-clock.h"
#include "journal-fixture.h"
#include "write-fixture.h"

#include "vantage-live/live/vl-live-show-private.h"
#include "vantage-live/live/vl-write-private.h"

/* One run of a program over a master that outlives it. The journal's worker runs
 * when the test says so. */
typedef struct
{
  VlCapabilities without; /* of what the master says it can do */
  gboolean optimistic;
  gboolean is_away; /* from the beginning */
} RunOptions;

static inline void
world_begin (void)
{
  fixture_begin (1);
  fake_clock_begin ();
}

static inline void
world_end (void)
{
  run_all ();
  fake_clock_end ();
  fixture_end ();
}

static inline VlMemoryTable *
make_memory (void)
{
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  LiveFixture part = { .memory = vl_memory_table_new (schema) };

  live_fixture_put (&part, "a", "Apple", 1.5);
  live_fixture_put (&part, "b", "Banana", 0.5);

  return part.memory;
}

static inline void
use_journal (WriteFixture *f)
{
  g_autoptr (GFile) file = g_file_new_for_path (JOURNAL);

  vl_live_table_set_journal (f->live, file);
}

/* The journal is being opened. */
static inline WriteFixture
begin_run (VlMemoryTable *memory, const RunOptions *options)
{
  WriteFixture f = { 0 };

  f.memory = g_object_ref (memory);
  f.master = probe_table_new (VL_TABLE (f.memory));
  f.cache = probe_cache_new ();
  f.live = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products", "cache",
                         f.cache, "follow-master", FALSE, NULL);
  if (options != NULL)
    {
      f.master->without = options->without;
      vl_live_table_set_optimistic (f.live, options->optimistic);
      _vl_live_network_set_away (f.live->core, options->is_away);
    }
  use_journal (&f);

  return f;
}

/* It is open, and what it had is on its way. */
static inline WriteFixture
start_run (VlMemoryTable *memory, const RunOptions *options)
{
  WriteFixture f = begin_run (memory, options);

  run_all ();
  g_assert_cmpint (vl_live_table_get_journal_state (f.live), ==, VL_JOURNAL_STATE_OPEN);

  return f;
}

/* Nothing is left to be sent. */
static inline void
finish_run (WriteFixture *f)
{
  run_all ();
  g_assert_finalize_object (g_steal_pointer (&f->live));
  run_all ();
  g_assert_finalize_object (g_steal_pointer (&f->master));
  g_assert_finalize_object (g_steal_pointer (&f->cache));
  g_clear_object (&f->memory);
}

/* The program ends right now: the next run finds the journal as it is now, and
 * a master that has what it has now and what it was asked for. */
static inline void
kill_run (WriteFixture *f)
{
  g_autoptr (GBytes) bytes = fake_disk_get (JOURNAL);

  f->master->holds_writes = TRUE;
  _vl_live_network_set_away (f->live->core, TRUE);
  while (f->master->held->len > 0)
    probe_table_answer (f->master);
  run_all ();
  vl_live_table_set_close_timeout (f->live, 1);
  vl_live_table_close_async (f->live, NULL, NULL, NULL);
  fake_clock_advance (1);
  finish_run (f);
  fake_disk_put (JOURNAL, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static inline VlWrite *
write_change (WriteFixture *f, VlChange *change)
{
  g_autoptr (VlChange) owned = change;

  return vl_live_table_write (f->live, owned);
}

static inline void
write_and_forget (WriteFixture *f, VlChange *change)
{
  g_autoptr (VlWrite) write G_GNUC_UNUSED = write_change (f, change);
}

static inline VlWrite *
get_listed (WriteFixture *f, guint i)
{
  VlWrite *write = g_list_model_get_item (vl_live_table_get_writes (f->live), i);

  g_assert_nonnull (write);

  return write;
}

/* "patch a:queued; ...", of what is on the list. */
static inline char *
describe_writes (WriteFixture *f)
{
  static const char *const kinds[] = { "insert", "replace", "patch", "delete", "delete-all" };
  static const char *const states[] = { "recording", "queued", "sent",     "waiting",
                                        "applied",   "failed", "discarded" };
  GListModel *list = vl_live_table_get_writes (f->live);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (VlWrite) write = get_listed (f, i);
      VlChange *change = vl_write_get_change (write);

      g_string_append_printf (text, "%s%s %s:%s", i > 0 ? "; " : "",
                              kinds[vl_change_get_kind (change)], vl_change_get_id (change),
                              states[vl_write_get_state (write)]);
    }

  return g_string_free (text, FALSE);
}

#define assert_listed(f, expected)                \
 G_STMT_START                                     \
 {                                                \
  g_autofree char *listed_ = describe_writes (f); \
  g_assert_cmpstr (listed_, ==, (expected));      \
 }                                                \
 G_STMT_END

#define assert_write_state(write, expected) \
 g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_##expected)

static inline double
get_price (VlMemoryTable *memory, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = vl_table_find_sync (VL_TABLE (memory), id, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (record);

  return vl_record_get_double (record, "price");
}

static inline gint64
count_rows (VlMemoryTable *memory)
{
  return vl_table_count_sync (VL_TABLE (memory), NULL, NULL, NULL);
}

static inline void
online (WriteFixture *f)
{
  _vl_live_network_set_away (f->live->core, FALSE);
  run_all ();
}

/* The next run has nothing to do. */
static inline void
assert_nothing_left (VlMemoryTable *memory)
{
  const RunOptions options = { .is_away = TRUE };
  WriteFixture f = start_run (memory, &options);

  assert_listed (&f, "");
  finish_run (&f);
}
