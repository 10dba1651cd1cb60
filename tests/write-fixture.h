/* write-fixture.h: a live table between probes, for tests of its writes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "live-fixture.h"
#include "probe-cache.h"
#include "probe-table.h"

#include "vantage-live/cache/vl-cache-private.h"
#include "vantage-live/live/vl-live-table-private.h"

/* Three products in a memory table, behind a table and a cache that tell what
 * they are asked and answer when they are told to. */
typedef struct
{
  VlMemoryTable *memory;
  ProbeTable *master;
  ProbeCache *cache;
  VlLiveTable *live;
} WriteFixture;

/* Runs what the default context has to run, without waiting. */
static inline void
run_turns (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static inline WriteFixture
write_fixture_new (void)
{
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  WriteFixture f = { 0 };
  LiveFixture part = { 0 };

  part.memory = f.memory = vl_memory_table_new (schema);
  live_fixture_put (&part, "a", "Apple", 1.5);
  live_fixture_put (&part, "b", "Banana", 0.5);
  live_fixture_put (&part, "c", "Cherry", 4.0);
  f.master = probe_table_new (VL_TABLE (f.memory));
  f.cache = probe_cache_new ();
  f.live = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products", "cache",
                         f.cache, "follow-master", FALSE, NULL);

  return f;
}

/* Everything has to go: an object that is still referenced fails the test. */
static inline void
write_fixture_clear (WriteFixture *f)
{
  run_turns ();
  if (f->live != NULL)
    g_assert_finalize_object (f->live);
  run_turns ();
  if (f->master != NULL)
    g_assert_finalize_object (f->master);
  if (f->cache != NULL)
    g_assert_finalize_object (f->cache);
  if (f->memory != NULL)
    g_assert_finalize_object (f->memory);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WriteFixture, write_fixture_clear)

/* An answer that a test waits for. */
typedef struct
{
  GAsyncResult *result;
  guint n_called;
} Answer;

static inline void
answer_clear (Answer *answer)
{
  g_clear_object (&answer->result);
  answer->n_called = 0;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static inline void
answer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->n_called++;
  g_set_object (&answer->result, result);
}

static inline void
answer_wait (Answer *answer)
{
  while (answer->n_called == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (answer->n_called, ==, 1);
}

static inline void
begin_insert (WriteFixture *f, const char *id, GCancellable *cancellable, Answer *answer)
{
  g_autoptr (VlRecord) record = live_fixture_record (id, "new", 9.0);

  vl_table_insert_async (VL_TABLE (f->live), record, cancellable, answer_cb, answer);
}

/* How an insert ended. */
static inline VlRecord *
finish_insert (WriteFixture *f, Answer *answer, GError **error)
{
  answer_wait (answer);

  return vl_table_insert_finish (VL_TABLE (f->live), answer->result, error);
}

static inline void
assert_inserted (WriteFixture *f, Answer *answer, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = finish_insert (f, answer, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_id (record), ==, id);
}

#define assert_insert_failed(f, answer, domain, code)                        \
 G_STMT_START                                                                \
 {                                                                           \
  g_autoptr (GError) failed_ = NULL;                                         \
  g_autoptr (VlRecord) no_record_ = finish_insert ((f), (answer), &failed_); \
  g_assert_error (failed_, (domain), (int) (code));                          \
  g_assert_null (no_record_);                                                \
 }                                                                           \
 G_STMT_END

static inline VlChange *
insert_change (const char *id)
{
  g_autoptr (VlRecord) record = live_fixture_record (id, "new", 9.0);

  return vl_change_new_insert (record);
}

static inline VlChange *
patch_change (const char *id, double price)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) fields = NULL;

  vl_record_builder_set_double (builder, "price", price);
  fields = vl_record_builder_end (builder);

  return vl_change_new_patch (id, fields);
}

/* Reads one of each slot: a list, a record and a count. */
static inline void
read_all (WriteFixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = vl_table_list_sync (VL_TABLE (f->live), NULL, NULL, &error);
  g_autoptr (VlRecord) record = NULL;
  gint64 count;

  g_assert_no_error (error);
  g_assert_nonnull (page);
  record = vl_table_find_sync (VL_TABLE (f->live), "a", NULL, &error);
  g_assert_no_error (error);
  count = vl_table_count_sync (VL_TABLE (f->live), NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (count, ==, vl_page_get_n_records (page));
}

static inline guint
count_misses (WriteFixture *f)
{
  guint before = f->master->n_reads;

  read_all (f);

  return f->master->n_reads - before;
}

/* Nothing, or everything, has to be asked of the master again. */
#define assert_all_hits(f)   g_assert_cmpuint (count_misses (f), ==, 0)
#define assert_all_misses(f) g_assert_cmpuint (count_misses (f), ==, 3)

static inline void
take_lease (VlAnswer *answer, gpointer user_data)
{
  g_assert_no_error (answer->error);
  *(guint64 *) user_data = answer->lease;
}

/* Of what is cached of the live table's master. */
static inline guint64
get_generation (WriteFixture *f)
{
  guint64 generation = 0;
  VlFlight *flight = _vl_cache_send_get_lease (VL_CACHE (f->cache), f->live->core->root, 0,
                                               take_lease, &generation, NULL);

  g_assert_null (flight);

  return generation;
}

/* The record as the master has it, or NULL. */
static inline VlRecord *
look_into_master (WriteFixture *f, const char *id)
{
  return vl_table_find_sync (VL_TABLE (f->memory), id, NULL, NULL);
}

static inline void
assert_master_has (WriteFixture *f, const char *id, gboolean expected)
{
  g_autoptr (VlRecord) record = look_into_master (f, id);

  g_assert_cmpint (record != NULL, ==, expected);
}

/* Writes down what `changed` tells: kind, origin and ids. */
static inline void
write_down_change (VlLiveTable *live, VlLiveEvent *event, GString *heard)
{
  static const char *const kinds[] = { "changed", "inserted", "updated", "deleted" };
  static const char *const origins[] = { "write", "stream", "refresh", "other" };
  const char *const *ids = vl_live_event_get_ids (event);

  if (heard->len > 0)
    g_string_append (heard, "; ");
  g_string_append_printf (heard, "%s by %s:", kinds[vl_live_event_get_kind (event)],
                          origins[vl_live_event_get_origin (event)]);
  if (ids == NULL)
    g_string_append (heard, " ?");
  for (guint i = 0; ids != NULL && ids[i] != NULL; i++)
    g_string_append_printf (heard, " %s", ids[i]);
}

static inline void
listen_to_changes (VlLiveTable *live, GString *heard)
{
  g_signal_connect (live, "changed", G_CALLBACK (write_down_change), heard);
}

/* Asserts what was told, and forgets it. */
#define assert_told(heard, expected)              \
 G_STMT_START                                     \
 {                                                \
  g_assert_cmpstr ((heard)->str, ==, (expected)); \
  g_string_truncate ((heard), 0);                 \
 }                                                \
 G_STMT_END
