/* fault-fixture.h: a table behind a simulated network, and calls of it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#include "fake-clock.h"

/* A memory table behind a network, described already. */
typedef struct
{
  VlTable *memory;
  VlFaultTable *fault;
  VlTable *table; /* the same */
} Fixture;

static inline void
fixture_set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (VlSchema) schema = NULL;
  g_autoptr (GError) error = NULL;

  fake_clock_begin ();
  self->memory = g_object_new (VL_TYPE_MEMORY_TABLE, NULL);
  self->fault = vl_fault_table_new (self->memory);
  self->table = VL_TABLE (self->fault);
  schema = vl_table_describe_sync (self->table, NULL, &error);
  g_assert_no_error (error);
}

static inline void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  settle ();
  g_assert_finalize_object (self->fault);
  g_assert_finalize_object (self->memory);
  settle ();
  fake_clock_end ();
}

static inline guint
n_stored (Fixture *self)
{
  return vl_memory_table_get_n_records (VL_MEMORY_TABLE (self->memory));
}

static inline VlRecord *
make_record (const char *id)
{
  return vl_record_new (id, NULL);
}

/* What came of one call. */
typedef struct
{
  gboolean ended;
  VlRecord *record;
  GError *error;
} Outcome;

static inline void
outcome_clear (Outcome *self)
{
  g_clear_object (&self->record);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

static inline void
on_inserted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;

  outcome->ended = TRUE;
  outcome->record = vl_table_insert_finish (VL_TABLE (source), result, &outcome->error);
}

static inline void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;

  outcome->ended = TRUE;
  outcome->record = vl_table_find_finish (VL_TABLE (source), result, &outcome->error);
}

static inline void
begin_insert (Fixture *self, const char *id, GCancellable *cancellable, Outcome *outcome)
{
  g_autoptr (VlRecord) record = make_record (id);

  vl_table_insert_async (self->table, record, cancellable, on_inserted, outcome);
  settle ();
}

static inline void
begin_find (Fixture *self, const char *id, Outcome *outcome)
{
  vl_table_find_async (self->table, id, NULL, on_found, outcome);
  settle ();
}

/* Whether a call that takes no time fails, and how. */
static inline GError *
try_find (Fixture *self, const char *id)
{
  g_auto (Outcome) outcome = { 0 };

  begin_find (self, id, &outcome);
  g_assert_true (outcome.ended);

  return g_steal_pointer (&outcome.error);
}

static inline GError *
try_insert (Fixture *self, const char *id)
{
  g_auto (Outcome) outcome = { 0 };

  begin_insert (self, id, NULL, &outcome);
  g_assert_true (outcome.ended);

  return g_steal_pointer (&outcome.error);
}

static inline void
add_test (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, fixture_set_up, test, fixture_tear_down);
}
