/* test-live-conflict.c: records that somebody else has changed, too
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "patient-fixture.h"
#include "sqlite-file.h"

/* A live table over each of the masters that look at what a change is based on. */
typedef struct
{
  SqliteFile file;
  VlTable *master;
  VlLiveTable *live;
} ConflictFixture;

#define SQLITE GINT_TO_POINTER (TRUE)

#define PRODUCTS                                                                 \
 "CREATE TABLE products (id TEXT PRIMARY KEY NOT NULL, name TEXT, price REAL); " \
 "INSERT INTO products VALUES ('a', 'Apple', 1.5), ('b', 'Banana', 0.5), ('c', 'Cherry', 4.0)"

static void
open_database (ConflictFixture *f)
{
  sqlite_file_init (&f->file);
  sqlite_file_run (&f->file, PRODUCTS);
  f->master = VL_TABLE (vl_sqlite_table_new (f->file.path, "products"));
}

static void
fill_memory (ConflictFixture *f)
{
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  LiveFixture part = { .memory = vl_memory_table_new (schema) };

  live_fixture_put (&part, "a", "Apple", 1.5);
  live_fixture_put (&part, "b", "Banana", 0.5);
  live_fixture_put (&part, "c", "Cherry", 4.0);
  f->master = VL_TABLE (part.memory);
}

static void
conflict_set_up (ConflictFixture *f, gconstpointer data)
{
  if (data == SQLITE)
    open_database (f);
  else
    fill_memory (f);
  f->live = g_object_new (VL_TYPE_LIVE_TABLE, "master", f->master, "cache-key", "products",
                          "follow-master", FALSE, "optimistic", TRUE, NULL);
}

static void
conflict_tear_down (ConflictFixture *f, gconstpointer data)
{
  run_turns ();
  g_assert_finalize_object (f->live);
  run_turns ();
  g_clear_object (&f->master);
  sqlite_file_clear (&f->file);
}

static VlRecord *
stored (ConflictFixture *f, const char *id)
{
  g_autoptr (GError) error = NULL;
  VlRecord *record = vl_table_find_sync (f->master, id, NULL, &error);

  g_assert_no_error (error);

  return record;
}

#define assert_fields(record, expected_name, expected_price)                          \
 G_STMT_START                                                                         \
 {                                                                                    \
  g_assert_cmpstr (vl_record_get_string ((record), "name"), ==, (expected_name));     \
  g_assert_cmpfloat (vl_record_get_double ((record), "price"), ==, (expected_price)); \
 }                                                                                    \
 G_STMT_END

#define assert_stored(f, id, expected_name, expected_price)   \
 G_STMT_START                                                 \
 {                                                            \
  g_autoptr (VlRecord) stored_ = stored ((f), (id));          \
  assert_fields (stored_, (expected_name), (expected_price)); \
 }                                                            \
 G_STMT_END

/* Somebody else does. */
static void
put (ConflictFixture *f, const char *id, const char *name, double price)
{
  g_autoptr (VlRecord) record = live_fixture_record (id, name, price);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) done = vl_table_replace_sync (f->master, record, NULL, &error);

  g_assert_no_error (error);
}

static void
take_away (ConflictFixture *f, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) gone = vl_table_delete_sync (f->master, id, NULL, &error);

  g_assert_no_error (error);
}

/* The change, based on what the record is now. Consumes it. */
static VlChange *
based (ConflictFixture *f, VlChange *change, const char *id)
{
  g_autoptr (VlChange) owned = change;
  g_autoptr (VlRecord) base = stored (f, id);

  return vl_change_with_base (change, base);
}

static VlChange *
patch_name (const char *id, const char *name)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) fields = NULL;

  vl_record_builder_set_string (builder, "name", name);
  fields = vl_record_builder_end (builder);

  return vl_change_new_patch (id, fields);
}

static VlChange *
replacement (const char *id)
{
  g_autoptr (VlRecord) record = live_fixture_record (id, "ours", 77);

  return vl_change_new_replace (record);
}

static void
settled (VlWrite *write)
{
  while (vl_write_get_state (write) < VL_WRITE_STATE_APPLIED)
    g_main_context_iteration (NULL, TRUE);
  run_turns ();
}

/* Consumes the change. */
static VlWrite *
write_out (ConflictFixture *f, VlChange *change)
{
  g_autoptr (VlChange) owned = change;
  VlWrite *write = vl_live_table_write (f->live, change);

  settled (write);

  return write;
}

/* As one that somebody waits for. */
static VlOutcome *
call_out (ConflictFixture *f, VlChange *change)
{
  g_autoptr (VlChange) owned = change;
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (GError) error = NULL;

  g_list_store_append (changes, change);
  outcomes = vl_table_apply_many_sync (VL_TABLE (f->live), G_LIST_MODEL (changes), NULL, &error);
  g_assert_no_error (error);

  return g_list_model_get_item (outcomes, 0);
}

static guint
n_listed (ConflictFixture *f)
{
  return g_list_model_get_n_items (vl_live_table_get_writes (f->live));
}

static void
set_policy (ConflictFixture *f, VlConflictPolicy policy)
{
  vl_live_table_set_conflict_policy (f->live, policy);
}

/* --- The policies --- */

static void
test_fail (ConflictFixture *f, gconstpointer data)
{
  g_autoptr (VlChange) change = NULL;
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlRecord) shown = NULL;
  g_autoptr (VlOutcome) outcome = NULL;

  set_policy (f, VL_CONFLICT_POLICY_FAIL);
  change = based (f, patch_change ("a", 2), "a");
  put (f, "a", "Apple", 7);
  write = write_out (f, g_object_ref (change));
  assert_write_state (write, FAILED);
  assert_write_error (write, CONFLICT);

  /* With what is there instead, and what we wanted. */
  assert_fields (vl_write_get_record (write), "Apple", 7);
  g_assert_cmpuint (n_listed (f), ==, 1);
  g_assert_true (vl_write_get_change (write) == change);
  assert_stored (f, "a", "Apple", 7);
  shown = vl_table_find_sync (VL_TABLE (f->live), "a", NULL, NULL);
  assert_fields (shown, "Apple", 7);
  vl_write_discard (write);

  outcome = call_out (f, g_object_ref (change));
  g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_CONFLICT);
  assert_fields (vl_outcome_get_record (outcome), "Apple", 7);
  g_assert_cmpuint (n_listed (f), ==, 0);
}

static void
note_failed (VlLiveTable *live, VlWrite *write, guint *n_failed)
{
  ++*n_failed;
}

static void
test_keep_server (ConflictFixture *f, gconstpointer data)
{
  g_autoptr (VlChange) change = NULL;
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlRecord) shown = NULL;
  g_autoptr (VlOutcome) outcome = NULL;
  guint n_failed = 0;

  g_signal_connect (f->live, "write-failed", G_CALLBACK (note_failed), &n_failed);
  set_policy (f, VL_CONFLICT_POLICY_KEEP_SERVER);
  change = based (f, patch_change ("a", 2), "a");
  put (f, "a", "Apple", 7);
  write = write_out (f, g_object_ref (change));
  assert_write_state (write, DISCARDED);
  g_assert_null (vl_write_dup_error (write));
  assert_fields (vl_write_get_record (write), "Apple", 7);
  g_assert_cmpuint (n_listed (f), ==, 0);
  g_assert_cmpuint (n_failed, ==, 0);
  g_assert_cmpuint (vl_live_stats_get_writes (vl_live_table_get_stats (f->live)), ==, 0);
  assert_stored (f, "a", "Apple", 7);
  shown = vl_table_find_sync (VL_TABLE (f->live), "a", NULL, NULL);
  assert_fields (shown, "Apple", 7);

  outcome = call_out (f, g_object_ref (change));
  g_assert_no_error (vl_outcome_get_error (outcome));
  assert_fields (vl_outcome_get_record (outcome), "Apple", 7);
}

static void
test_keep_local (ConflictFixture *f, gconstpointer data)
{
  g_autoptr (VlChange) patch = NULL;
  g_autoptr (VlChange) replace = NULL;
  g_autoptr (VlChange) deletion = NULL;
  g_autoptr (VlWrite) patched = NULL;
  g_autoptr (VlWrite) replaced = NULL;
  g_autoptr (VlWrite) deleted = NULL;

  set_policy (f, VL_CONFLICT_POLICY_KEEP_LOCAL);
  patch = based (f, patch_change ("a", 2), "a");
  replace = based (f, replacement ("b"), "b");
  deletion = based (f, vl_change_new_delete ("c"), "c");
  put (f, "a", "Apricot", 7);
  put (f, "b", "Blackberry", 7);
  put (f, "c", "Cranberry", 7);
  patched = write_out (f, g_object_ref (patch));
  replaced = write_out (f, g_object_ref (replace));
  deleted = write_out (f, g_object_ref (deletion));
  assert_write_state (patched, APPLIED);
  assert_write_state (replaced, APPLIED);
  assert_write_state (deleted, APPLIED);
  g_assert_cmpuint (vl_write_get_attempts (patched), ==, 2);
  assert_stored (f, "a", "Apricot", 2);
  assert_stored (f, "b", "ours", 77);
  g_assert_null (stored (f, "c"));

  /* What was asked for is still what the caller asked for. */
  g_assert_true (vl_write_get_change (patched) == patch);
}

/* A patch that touches the field another has changed, and one that does not. */
static void
test_merge_fields (ConflictFixture *f, gconstpointer data)
{
  g_autoptr (VlChange) other = NULL;
  g_autoptr (VlChange) same = NULL;
  g_autoptr (VlWrite) merged = NULL;
  g_autoptr (VlWrite) failed = NULL;

  other = based (f, patch_change ("a", 2), "a");
  put (f, "a", "Apricot", 1.5);
  merged = write_out (f, g_object_ref (other));
  assert_write_state (merged, APPLIED);
  assert_stored (f, "a", "Apricot", 2);
  assert_fields (vl_write_get_record (merged), "Apricot", 2);

  same = based (f, patch_name ("b", "Berry"), "b");
  put (f, "b", "Blackberry", 0.5);
  failed = write_out (f, g_object_ref (same));
  assert_write_state (failed, FAILED);
  assert_write_error (failed, CONFLICT);
  assert_fields (vl_write_get_record (failed), "Blackberry", 0.5);
  assert_stored (f, "b", "Blackberry", 0.5);
  vl_write_discard (failed);
}

/* Whole records touch every field, and nobody has seen what would be deleted. */
static void
test_merge_whole (ConflictFixture *f, gconstpointer data)
{
  g_autoptr (VlChange) replace = based (f, replacement ("b"), "b");
  g_autoptr (VlChange) deletion = based (f, vl_change_new_delete ("c"), "c");
  g_autoptr (VlWrite) replaced = NULL;
  g_autoptr (VlWrite) deleted = NULL;

  put (f, "b", "Blackberry", 0.5);
  put (f, "c", "Cherry", 7);
  replaced = write_out (f, g_object_ref (replace));
  deleted = write_out (f, g_object_ref (deletion));
  assert_write_state (replaced, FAILED);
  assert_write_error (replaced, CONFLICT);
  assert_write_state (deleted, FAILED);
  assert_write_error (deleted, CONFLICT);
  assert_stored (f, "b", "Blackberry", 0.5);
  assert_stored (f, "c", "Cherry", 7);
  vl_write_discard (replaced);
  vl_write_discard (deleted);
}

/* Nobody said what it is based on: the last word counts. */
static void
test_without_base (ConflictFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  set_policy (f, VL_CONFLICT_POLICY_FAIL);
  put (f, "a", "Apple", 7);
  write = write_out (f, patch_change ("a", 2));
  assert_write_state (write, APPLIED);
  assert_stored (f, "a", "Apple", 2);
}

/* --- The record is gone --- */

static void
test_gone (ConflictFixture *f, gconstpointer data)
{
  static const VlConflictPolicy policies[] = {
    VL_CONFLICT_POLICY_FAIL,
    VL_CONFLICT_POLICY_KEEP_LOCAL,
    VL_CONFLICT_POLICY_MERGE_FIELDS,
  };
  g_autoptr (VlChange) change = based (f, patch_change ("a", 2), "a");
  g_autoptr (VlOutcome) outcome = NULL;

  take_away (f, "a");
  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      g_autoptr (VlWrite) write = NULL;

      set_policy (f, policies[i]);
      write = write_out (f, g_object_ref (change));
      assert_write_state (write, FAILED);
      assert_write_error (write, CONFLICT);
      g_assert_null (vl_write_get_record (write));
      vl_write_discard (write);
    }
  outcome = call_out (f, g_object_ref (change));
  g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_null (vl_outcome_get_record (outcome));
}

/* What the master has is nothing: who waits for a record hears so. */
static void
test_gone_keep_server (ConflictFixture *f, gconstpointer data)
{
  g_autoptr (VlChange) change = based (f, patch_change ("a", 2), "a");
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlRecord) heard = NULL;
  g_autoptr (VlOutcome) outcome = NULL;

  set_policy (f, VL_CONFLICT_POLICY_KEEP_SERVER);
  take_away (f, "a");
  write = write_out (f, g_object_ref (change));
  assert_write_state (write, DISCARDED);
  g_assert_null (vl_write_get_record (write));
  g_assert_cmpuint (n_listed (f), ==, 0);
  outcome = call_out (f, g_object_ref (change));
  g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_cmpuint (n_listed (f), ==, 0);
}

/* A deletion has what it wants. */
static void
test_gone_deletion (ConflictFixture *f, gconstpointer data)
{
  g_autoptr (VlChange) change = based (f, vl_change_new_delete ("a"), "a");
  g_autoptr (VlWrite) write = NULL;

  set_policy (f, VL_CONFLICT_POLICY_FAIL);
  take_away (f, "a");
  write = write_out (f, g_object_ref (change));
  assert_write_state (write, APPLIED);
}

/* --- Somebody decides --- */

typedef struct
{
  VlConflictPolicy policy;
  guint n_asked;
  gboolean is_gone;
} Judge;

static VlConflictPolicy
decide (VlLiveTable *live, VlWrite *write, VlRecord *current, Judge *judge)
{
  judge->n_asked++;
  g_assert_nonnull (vl_change_get_base (vl_write_get_change (write)));
  assert_write_state (write, SENT);
  g_assert_true ((current == NULL) == judge->is_gone);
  if (current != NULL)
    assert_fields (current, "Apple", 7);

  return judge->policy;
}

static void
test_signal (ConflictFixture *f, gconstpointer data)
{
  static const VlConflictPolicy policies[] = {
    VL_CONFLICT_POLICY_FAIL,
    VL_CONFLICT_POLICY_KEEP_SERVER,
    VL_CONFLICT_POLICY_KEEP_LOCAL,
    VL_CONFLICT_POLICY_MERGE_FIELDS,
  };
  static const VlWriteState states[] = {
    VL_WRITE_STATE_FAILED,
    VL_WRITE_STATE_DISCARDED,
    VL_WRITE_STATE_APPLIED,
    VL_WRITE_STATE_FAILED,
  };

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      Judge first = { .policy = policies[i] };
      Judge second = { .policy = VL_CONFLICT_POLICY_KEEP_LOCAL };
      g_autoptr (VlChange) change = NULL;
      g_autoptr (VlWrite) write = NULL;

      put (f, "a", "Apple", 1.5);
      change = based (f, patch_change ("a", 2), "a");
      put (f, "a", "Apple", 7);
      g_signal_connect (f->live, "conflict", G_CALLBACK (decide), &first);
      g_signal_connect (f->live, "conflict", G_CALLBACK (decide), &second);
      set_policy (f, VL_CONFLICT_POLICY_KEEP_SERVER);
      write = write_out (f, g_object_ref (change));
      g_assert_cmpint (vl_write_get_state (write), ==, states[i]);
      g_assert_cmpuint (first.n_asked, ==, 1);
      g_assert_cmpuint (second.n_asked, ==, 0);
      g_signal_handlers_disconnect_by_data (f->live, &first);
      g_signal_handlers_disconnect_by_data (f->live, &second);
      vl_write_discard (write);
    }
}

static void
test_signal_gone (ConflictFixture *f, gconstpointer data)
{
  Judge judge = { .policy = VL_CONFLICT_POLICY_KEEP_LOCAL, .is_gone = TRUE };
  g_autoptr (VlChange) change = based (f, patch_change ("a", 2), "a");
  g_autoptr (VlWrite) write = NULL;

  take_away (f, "a");
  g_signal_connect (f->live, "conflict", G_CALLBACK (decide), &judge);
  write = write_out (f, g_object_ref (change));
  g_assert_cmpuint (judge.n_asked, ==, 1);
  assert_write_state (write, FAILED);
  vl_write_discard (write);
}

/* Who decides may take the last reference of the live table with it. */
static VlConflictPolicy
drop_and_decide (VlLiveTable *live, VlWrite *write, VlRecord *current, ConflictFixture *f)
{
  g_clear_object (&f->live);

  return VL_CONFLICT_POLICY_KEEP_LOCAL;
}

static void
test_signal_drops (ConflictFixture *f, gconstpointer data)
{
  g_autoptr (VlChange) change = based (f, patch_change ("a", 2), "a");
  g_autoptr (VlWrite) write = NULL;

  put (f, "a", "Apple", 7);
  g_signal_connect (f->live, "conflict", G_CALLBACK (drop_and_decide), f);
  write = vl_live_table_write (f->live, change);
  settled (write);
  assert_write_state (write, APPLIED);
  assert_stored (f, "a", "Apple", 2);
  f->live = g_object_new (VL_TYPE_LIVE_TABLE, "master", f->master, "cache-key", "products", NULL);
}

/* --- Again and again --- */

typedef struct
{
  ConflictFixture *f;
  guint n_left;
} Busybody;

/* Changes the record once more before it is written over. */
static VlConflictPolicy
change_again (VlLiveTable *live, VlWrite *write, VlRecord *current, Busybody *other)
{
  if (other->n_left > 0)
    {
      other->n_left--;
      put (other->f, "a", "Apple", 100 + other->n_left);
    }

  return VL_CONFLICT_POLICY_KEEP_LOCAL;
}

static void
test_again (ConflictFixture *f, gconstpointer data)
{
  Busybody other = { f, 3 };
  g_autoptr (VlChange) change = based (f, patch_change ("a", 2), "a");
  g_autoptr (VlWrite) write = NULL;

  put (f, "a", "Apple", 7);
  g_signal_connect (f->live, "conflict", G_CALLBACK (change_again), &other);
  write = write_out (f, g_object_ref (change));
  assert_write_state (write, APPLIED);
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 5);
  assert_stored (f, "a", "Apple", 2);
}

/* Not for ever: that would keep us from all else. */
static void
test_for_ever (ConflictFixture *f, gconstpointer data)
{
  Busybody other = { f, G_MAXUINT };
  g_autoptr (VlChange) change = based (f, patch_change ("a", 2), "a");
  g_autoptr (VlWrite) write = NULL;
  guint n_attempts;

  put (f, "a", "Apple", 7);
  g_signal_connect (f->live, "conflict", G_CALLBACK (change_again), &other);
  write = write_out (f, g_object_ref (change));
  assert_write_state (write, FAILED);
  assert_write_error (write, CONFLICT);
  n_attempts = vl_write_get_attempts (write);
  g_assert_cmpuint (n_attempts, >, 5);
  g_assert_cmpuint (n_attempts, <, 100);

  /* By hand it is tried as often again. */
  other.n_left = 3;
  g_assert_true (vl_write_retry (write));
  settled (write);
  assert_write_state (write, APPLIED);
}

/* --- A master that tells versions apart, and not fields --- */

static VlChange *
based_on_stored (WriteFixture *f, VlChange *change)
{
  g_autoptr (VlChange) owned = change;
  g_autoptr (VlRecord) base = look_into_master (f, vl_change_get_id (change));

  return vl_change_with_base (change, base);
}

static void
put_behind (WriteFixture *f, const char *id, const char *name, double price)
{
  LiveFixture part = { .memory = f->memory };

  live_fixture_put (&part, id, name, price);
}

static void
test_coarse_disjoint (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlRecord) record = NULL;
  VlChange *change;

  f->master->is_coarse = TRUE;
  change = based_on_stored (f, patch_change ("a", 2));
  put_behind (f, "a", "Apricot", 1.5);
  write = make_write (f, change);
  run_turns ();
  assert_write_state (write, APPLIED);
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 2);
  record = look_into_master (f, "a");
  assert_fields (record, "Apricot", 2);
}

static void
test_coarse_same (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;
  VlChange *change;

  f->master->is_coarse = TRUE;
  change = based_on_stored (f, patch_change ("a", 2));
  put_behind (f, "a", "Apple", 7);
  write = make_write (f, change);
  run_turns ();
  assert_write_state (write, FAILED);
  assert_write_error (write, CONFLICT);
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 1);
  vl_write_discard (write);
}

/* Even if both changed it to the same: only somebody who knows what it means can
 * tell whether that is twice the same or once too often. */
static void
test_coarse_agreed (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;
  VlChange *change;

  f->master->is_coarse = TRUE;
  change = based_on_stored (f, patch_change ("a", 2));
  put_behind (f, "a", "Apricot", 2);
  write = make_write (f, change);
  run_turns ();
  assert_write_state (write, FAILED);
  assert_write_error (write, CONFLICT);
  vl_write_discard (write);
}

/* What others do to the record, one word after the other, each time that we are
 * asked. */
typedef struct
{
  WriteFixture *f;
  const char *names;
  double price; /* with the last of them */
} Others;

static VlConflictPolicy
merge_and_change (VlLiveTable *live, VlWrite *write, VlRecord *current, Others *others)
{
  const char name[] = { *others->names, '\0' };

  if (name[0] == '\0')
    return VL_CONFLICT_POLICY_MERGE_FIELDS;

  others->names++;
  put_behind (others->f, "a", name, *others->names == '\0' ? others->price : 1.5);

  return VL_CONFLICT_POLICY_MERGE_FIELDS;
}

/* Each merge is based on what the master had then. */
static void
test_coarse_again (WriteFixture *f, gconstpointer data)
{
  Others others = { f, "xyz", 1.5 };
  Others rivals = { f, "uvw", 7 };
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlWrite) late = NULL;
  g_autoptr (VlRecord) record = NULL;
  VlChange *change;

  f->master->is_coarse = TRUE;
  change = based_on_stored (f, patch_change ("a", 2));
  put_behind (f, "a", "Apricot", 1.5);
  g_signal_connect (f->live, "conflict", G_CALLBACK (merge_and_change), &others);
  write = make_write (f, change);
  run_turns ();
  assert_write_state (write, APPLIED);
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 5);
  record = look_into_master (f, "a");
  assert_fields (record, "z", 2);
  g_signal_handlers_disconnect_by_data (f->live, &others);

  put_behind (f, "a", "Apple", 1.5);
  change = based_on_stored (f, patch_change ("a", 3));
  put_behind (f, "a", "Apricot", 1.5);
  g_signal_connect (f->live, "conflict", G_CALLBACK (merge_and_change), &rivals);
  late = make_write (f, change);
  run_turns ();
  assert_write_state (late, FAILED);
  assert_fields (vl_write_get_record (late), "w", 7);
  g_signal_handlers_disconnect_by_data (f->live, &rivals);
  vl_write_discard (late);
}

static void
test_coarse_whole (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;
  VlChange *change;

  f->master->is_coarse = TRUE;
  change = based_on_stored (f, replacement ("a"));
  put_behind (f, "a", "Apricot", 1.5);
  write = make_write (f, change);
  run_turns ();
  assert_write_state (write, FAILED);
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 1);
  vl_write_discard (write);
}

/* --- In a batch, and in line --- */

static void
add (GListStore *changes, VlChange *change)
{
  g_autoptr (VlChange) owned = change;

  g_list_store_append (changes, owned);
}

static void
test_batch (ConflictFixture *f, gconstpointer data)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlOutcome) plain = NULL;
  g_autoptr (VlOutcome) failed = NULL;
  g_autoptr (VlOutcome) deleted = NULL;
  g_autoptr (VlOutcome) later = NULL;

  add (changes, based (f, patch_change ("a", 2), "a"));
  add (changes, based (f, patch_change ("b", 2), "b"));
  add (changes, based (f, vl_change_new_delete ("c"), "c"));
  add (changes, patch_change ("b", 3));
  put (f, "b", "Blackberry", 7);
  outcomes = vl_table_apply_many_sync (VL_TABLE (f->live), G_LIST_MODEL (changes), NULL, &error);
  g_assert_no_error (error);
  plain = g_list_model_get_item (outcomes, 0);
  failed = g_list_model_get_item (outcomes, 1);
  deleted = g_list_model_get_item (outcomes, 2);
  later = g_list_model_get_item (outcomes, 3);
  g_assert_no_error (vl_outcome_get_error (plain));
  g_assert_error (vl_outcome_get_error (failed), VL_ERROR, VL_ERROR_CONFLICT);
  assert_fields (vl_outcome_get_record (failed), "Blackberry", 7);
  g_assert_no_error (vl_outcome_get_error (deleted));
  g_assert_no_error (vl_outcome_get_error (later));
  assert_stored (f, "b", "Blackberry", 3);
}

/* One that gets out of the way keeps its place: what was made later to its
 * record goes later. */
static void
test_keeps_place (ConflictFixture *f, gconstpointer data)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;

  set_policy (f, VL_CONFLICT_POLICY_KEEP_LOCAL);
  add (changes, patch_change ("c", 8));
  add (changes, based (f, patch_change ("a", 2), "a"));
  add (changes, patch_change ("b", 2));
  add (changes, patch_change ("a", 3));
  add (changes, patch_change ("b", 3));
  put (f, "a", "Apricot", 7);
  outcomes = vl_table_apply_many_sync (VL_TABLE (f->live), G_LIST_MODEL (changes), NULL, NULL);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);

      g_assert_no_error (vl_outcome_get_error (outcome));
    }
  assert_stored (f, "a", "Apricot", 3);
  assert_stored (f, "b", "Banana", 3);
}

/* Until it is known who wins, and after, the right one is shown. */
static void
note_shown (VlLiveTable *live, VlLiveEvent *event, VlRecord **shown)
{
  g_clear_object (shown);
  *shown = vl_live_table_peek_record (live, "a");
}

static void
test_shown (ConflictFixture *f, gconstpointer data)
{
  g_autoptr (VlChange) change = based (f, patch_change ("a", 2), "a");
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlRecord) before = NULL;
  g_autoptr (VlRecord) shown = NULL;
  g_autoptr (VlRecord) after = NULL;

  set_policy (f, VL_CONFLICT_POLICY_KEEP_SERVER);
  before = vl_table_find_sync (VL_TABLE (f->live), "a", NULL, NULL);
  put (f, "a", "Apple", 7);
  _vl_live_network_set_away (f->live->core, TRUE);
  write = vl_live_table_write (f->live, change);
  shown = vl_live_table_peek_record (f->live, "a");
  assert_fields (shown, "Apple", 2);
  g_signal_connect (f->live, "changed", G_CALLBACK (note_shown), &shown);
  _vl_live_network_set_away (f->live->core, FALSE);
  settled (write);
  g_assert_null (shown);
  after = vl_table_find_sync (VL_TABLE (f->live), "a", NULL, NULL);
  assert_fields (after, "Apple", 7);
}

static void
add_conflict_test (const char *name, void (*test) (ConflictFixture *, gconstpointer))
{
  g_autofree char *memory = g_strconcat ("/live-table/conflict/memory/", name, NULL);
  g_autofree char *sqlite = g_strconcat ("/live-table/conflict/sqlite/", name, NULL);

  g_test_add (memory, ConflictFixture, NULL, conflict_set_up, test, conflict_tear_down);
  g_test_add (sqlite, ConflictFixture, SQLITE, conflict_set_up, test, conflict_tear_down);
}

#define COARSE "/live-table/conflict/coarse/"

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add_conflict_test ("policy/fail", test_fail);
  add_conflict_test ("policy/keep-server", test_keep_server);
  add_conflict_test ("policy/keep-local", test_keep_local);
  add_conflict_test ("policy/merge-fields", test_merge_fields);
  add_conflict_test ("policy/merge-fields-never-merges-whole-records", test_merge_whole);
  add_conflict_test ("without-a-base", test_without_base);
  add_conflict_test ("gone", test_gone);
  add_conflict_test ("gone/keep-server", test_gone_keep_server);
  add_conflict_test ("gone/deletion-has-what-it-wants", test_gone_deletion);
  add_conflict_test ("signal/first-handler-decides", test_signal);
  add_conflict_test ("signal/of-a-record-that-is-gone", test_signal_gone);
  add_conflict_test ("signal/drops-the-live-table", test_signal_drops);
  add_conflict_test ("again/until-it-is-through", test_again);
  add_conflict_test ("again/but-not-for-ever", test_for_ever);
  add_patient_test (COARSE "other-fields-are-merged", test_coarse_disjoint);
  add_patient_test (COARSE "the-same-field-is-a-conflict", test_coarse_same);
  add_patient_test (COARSE "the-same-value-too", test_coarse_agreed);
  add_patient_test (COARSE "merged-with-the-last", test_coarse_again);
  add_patient_test (COARSE "whole-records-are-never-merged", test_coarse_whole);
  add_conflict_test ("batch", test_batch);
  add_conflict_test ("keeps-its-place", test_keeps_place);
  add_conflict_test ("shown", test_shown);

  return g_test_run ();
}
