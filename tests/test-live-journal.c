/* test-live-journal.c: the writes of a live table, on the disk
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "journal-fixture.h"
#include "random-query.h"
#include "vantage-live/live/vl-live-journal-private.h"
#include "vantage-live/table/vl-cell-private.h"

#define N_CHANGES 5000
#define N_SEEDS   300
#define N_STEPS   60

static void
set_up (gpointer *fixture, gconstpointer data)
{
  fixture_begin (1);
}

static void
tear_down (gpointer *fixture, gconstpointer data)
{
  fixture_end ();
}

static gboolean
is_quick (void)
{
  return g_getenv ("VL_TEST_QUICK") != NULL;
}

/* --- Bytes --- */

static VlQuery *
random_query (GRand *rand)
{
  g_autoptr (Spec) spec = spec_new_random (rand);
  g_autoptr (VlQuery) query = spec_make_query (spec);

  return vl_query_window (query, random_below (rand, 3) * G_GUINT64_CONSTANT (0x100000001),
                          random_below (rand, 3));
}

static VlChange *
random_plain_change (GRand *rand, VlRecord *record)
{
  g_autoptr (VlQuery) query = NULL;

  switch (random_below (rand, 5))
    {
    case 0:
      return vl_change_new_insert (record);
    case 1:
      return vl_change_new_replace (record);
    case 2:
      return vl_change_new_patch ("patched", record);
    case 3:
      return vl_change_new_delete (random_below (rand, 2) == 0 ? "gone" : "not UTF-8: \xff");
    default:
      query = random_below (rand, 4) != 0 ? random_query (rand) : NULL;
      return vl_change_new_delete_all (query);
    }
}

static VlChange *
random_change (GRand *rand, VlSchema *schema)
{
  g_autoptr (VlChange) plain = NULL;
  g_autoptr (VlChange) based = NULL;
  g_autoptr (VlChange) named = NULL;
  Row row;
  Row base;

  row_init (rand, &row, schema);
  row_init (rand, &base, schema);
  plain = random_plain_change (rand, row.record);
  based = vl_change_with_base (plain, random_below (rand, 2) == 0 ? base.record : NULL);
  named = random_below (rand, 3) != 0 ? g_object_ref (based)
                                      : vl_change_with_uid (based, "uid \xfe");
  row_clear (&row);
  row_clear (&base);

  return vl_change_with_origin (named, (VlOrigin) random_below (rand, VL_ORIGIN_OTHER + 1));
}

static void
assert_same_record (VlRecord *a, VlRecord *b)
{
  VlCell id_a;
  VlCell id_b;

  g_assert_true ((a == NULL) == (b == NULL));
  if (a == NULL)
    return;

  g_assert_true (vl_record_equal (a, b));
  _vl_record_get_id_cell (a, &id_a);
  _vl_record_get_id_cell (b, &id_b);
  g_assert_cmpint (id_a.type, ==, id_b.type);
}

static void
assert_same_change (VlChange *a, VlChange *b)
{
  VlQuery *query_a = vl_change_get_query (a);
  VlQuery *query_b = vl_change_get_query (b);

  g_assert_cmpint (vl_change_get_kind (a), ==, vl_change_get_kind (b));
  g_assert_cmpint (vl_change_get_origin (a), ==, vl_change_get_origin (b));
  g_assert_cmpstr (vl_change_get_id (a), ==, vl_change_get_id (b));
  g_assert_cmpstr (vl_change_get_uid (a), ==, vl_change_get_uid (b));
  assert_same_record (vl_change_get_record (a), vl_change_get_record (b));
  assert_same_record (vl_change_get_base (a), vl_change_get_base (b));
  g_assert_true ((query_a == NULL) == (query_b == NULL));
  if (query_a != NULL)
    {
      g_assert_cmpstr (vl_query_get_key (query_a), ==, vl_query_get_key (query_b));
      g_assert_cmpuint (vl_query_get_offset (query_a), ==, vl_query_get_offset (query_b));
      g_assert_cmpuint (vl_query_get_limit (query_a), ==, vl_query_get_limit (query_b));
    }
}

static void
test_round_trip (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autoptr (VlSchema) schema = row_schema ();

  for (guint i = 0; i < (is_quick () ? N_CHANGES / 20 : N_CHANGES); i++)
    {
      g_autoptr (VlChange) change = random_change (rand, schema);
      g_autoptr (GBytes) bytes = _vl_note_recorded (i, change, VL_JOURNALED_QUEUED);
      g_autoptr (GError) error = NULL;
      g_auto (VlNote) note = { 0 };

      g_assert_true (_vl_note_read (&note, bytes, &error));
      g_assert_no_error (error);
      g_assert_cmpint (note.kind, ==, VL_NOTE_RECORDED);
      g_assert_cmpuint (note.number, ==, i);
      assert_same_change (change, note.change);
    }
}

/* A record may hold what is nested as deep as a variant can be. */
static void
test_deep (void)
{
  GVariant *value = g_variant_new_int32 (1);
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new ("deep");
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (VlChange) change = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_auto (VlNote) note = { 0 };

  for (guint i = 0; i < 120; i++)
    value = g_variant_new_array (NULL, &value, 1);
  vl_record_builder_set_variant (builder, "deep", value);
  record = vl_record_builder_end (builder);
  change = vl_change_new_replace (record);
  bytes = _vl_note_recorded (1, change, VL_JOURNALED_QUEUED);
  g_assert_true (_vl_note_read (&note, bytes, NULL));
  assert_same_change (change, note.change);
}

static void
test_others (void)
{
  g_autoptr (GError) error = g_error_new_literal (VL_ERROR, VL_ERROR_CONFLICT, "it is \xff so");
  g_autoptr (GError) other = g_error_new_literal (G_FILE_ERROR, 4, "other");
  g_autoptr (GBytes) state = _vl_note_state (5, VL_JOURNALED_PARKED, 3, error);
  g_autoptr (GBytes) foreign = _vl_note_state (5, VL_JOURNALED_SENT, 1, other);
  g_autoptr (GBytes) settled = _vl_note_settled (6, VL_SETTLED_APPLIED, "new:1", "17");
  g_autoptr (GBytes) renamed = _vl_note_renamed ("new:2", "18");
  VlNote note;

  g_assert_true (_vl_note_read (&note, state, NULL));
  g_assert_cmpuint (note.number, ==, 5);
  g_assert_cmpint (note.state, ==, VL_JOURNALED_PARKED);
  g_assert_cmpuint (note.attempts, ==, 3);
  g_assert_error (note.error, VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_true (g_str_has_prefix (note.error->message, "it is "));
  _vl_note_clear (&note);

  g_assert_true (_vl_note_read (&note, foreign, NULL));
  g_assert_error (note.error, VL_ERROR, VL_ERROR_FAILED);
  g_assert_cmpstr (note.error->message, ==, "other");
  _vl_note_clear (&note);

  g_assert_true (_vl_note_read (&note, settled, NULL));
  g_assert_cmpint (note.outcome, ==, VL_SETTLED_APPLIED);
  g_assert_cmpstr (note.from, ==, "new:1");
  g_assert_cmpstr (note.to, ==, "17");
  _vl_note_clear (&note);

  g_assert_true (_vl_note_read (&note, renamed, NULL));
  g_assert_cmpint (note.kind, ==, VL_NOTE_RENAMED);
  g_assert_cmpstr (note.to, ==, "18");
  _vl_note_clear (&note);
}

/* Anything but a note is an error, and nothing is worse. */
static void
check_garbage (const guint8 *data, gsize length)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, length);
  g_autoptr (GError) error = NULL;
  g_auto (VlNote) note = { 0 };

  if (_vl_note_read (&note, bytes, &error))
    g_assert_no_error (error);
  else
    g_assert_error (error, VL_ERROR, VL_ERROR_CORRUPT);
}

static void
test_garbage (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autoptr (VlSchema) schema = row_schema ();
  guint8 wrong[] = { VL_NOTE_RENAMED, 2, 0, 0, 0, 0, 0, 0, 'a', 0, 'b', 0, 2 };
  g_autoptr (GBytes) whole = NULL;
  g_auto (VlNote) note = { 0 };

  for (guint i = 0; i < (is_quick () ? 20 : 300); i++)
    {
      g_autoptr (VlChange) change = random_change (rand, schema);
      g_autoptr (GBytes) bytes = _vl_note_recorded (i, change, VL_JOURNALED_QUEUED);
      gsize length;
      const guint8 *data = g_bytes_get_data (bytes, &length);
      g_autofree guint8 *copy = g_memdup2 (data, length);

      for (gsize cut = 0; cut < length; cut += 1 + random_below (rand, 5))
        check_garbage (data, cut);
      for (guint n = 0; n < 50; n++)
        {
          copy[random_below (rand, (guint) length)] ^= (guint8) (1 + random_below (rand, 255));
          check_garbage (copy, length);
        }
    }

  /* Of another version, of another kind, and as it should be. */
  whole = g_bytes_new_static (wrong, sizeof wrong);
  g_assert_false (_vl_note_read (&note, whole, NULL));
  wrong[1] = 1;
  wrong[0] = 'X';
  g_assert_false (_vl_note_read (&note, whole, NULL));
  wrong[0] = VL_NOTE_RENAMED;
  g_assert_true (_vl_note_read (&note, whole, NULL));
  wrong[sizeof wrong - 1] = 200;
  _vl_note_clear (&note);
  g_assert_false (_vl_note_read (&note, whole, NULL));
}

/* --- Writes --- */

typedef struct
{
  VlLiveJournal *journal;
  gboolean is_answered;
  GError *error;
  GPtrArray *writes; /* of VlJournaled */
  guint n_malformed;
  guint64 n_skipped;
  char *aside;
  GString *heard;
} Live;

static void
live_opened (const VlJournalFound *found, const GError *error, gpointer user_data)
{
  Live *self = user_data;

  self->is_answered = TRUE;
  if (error != NULL)
    {
      self->error = g_error_copy (error);
      return;
    }
  self->writes = g_ptr_array_ref (found->writes);
  self->n_malformed = found->n_malformed;
  self->n_skipped = found->n_skipped;
  self->aside = g_strdup (found->aside);
}

static void
live_open (Live *self)
{
  *self = (Live){ 0 };
  self->heard = g_string_new (NULL);
  self->journal = _vl_live_journal_open (JOURNAL, live_opened, self, NULL);
  run_all ();
  g_assert_true (self->is_answered);
}

static void
live_clear (Live *self)
{
  _vl_live_journal_close (self->journal, NULL, NULL, NULL);
  run_all ();
  g_clear_pointer (&self->writes, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_free (self->aside);
  g_string_free (self->heard, TRUE);
}

static void
live_heard (const GError *error, gpointer user_data)
{
  g_string_append (((Live *) user_data)->heard, error == NULL ? "+" : "-");
}

static guint64
live_record (Live *self, VlChange *change)
{
  g_autoptr (VlChange) owned = change;

  return _vl_live_journal_record (self->journal, owned, VL_JOURNALED_QUEUED, live_heard, self,
                                  NULL);
}

static guint64
live_delete (Live *self, const char *id)
{
  return live_record (self, vl_change_new_delete (id));
}

static guint64
live_insert (Live *self, const char *id)
{
  g_autoptr (VlRecord) record = vl_record_new (id, NULL);

  return live_record (self, vl_change_new_insert (record));
}

static void
live_state (Live *self, guint64 number, VlJournaledState state, const GError *error)
{
  _vl_live_journal_set_state (self->journal, number, state, error, live_heard, self, NULL);
}

static void
live_settle (Live *self, guint64 number, const char *real_id)
{
  _vl_live_journal_settle (self->journal, number, VL_SETTLED_APPLIED, real_id, live_heard, self,
                           NULL);
}

/* "ID:STATE+ATTEMPTS", state by its first letter. */
static void
assert_writes (Live *self, const char *expected)
{
  g_autoptr (GString) found = g_string_new (NULL);

  g_assert_no_error (self->error);
  for (guint i = 0; i < self->writes->len; i++)
    {
      const VlJournaled *write = g_ptr_array_index (self->writes, i);

      g_string_append_printf (found, "%s%s:%c%u", i > 0 ? " " : "",
                              vl_change_get_id (write->change), "qspd"[write->state],
                              write -> attempts);
    }
  g_assert_cmpstr (found->str, ==, expected);
}

static void
assert_found (const char *expected)
{
  Live live;

  live_open (&live);
  assert_writes (&live, expected);
  live_clear (&live);
}

static void
test_restart (gpointer *fixture, gconstpointer data)
{
  g_autoptr (GError) conflict = g_error_new_literal (VL_ERROR, VL_ERROR_CONFLICT, "why");
  const VlJournaled *write;
  guint64 numbers[6];
  Live live;

  live_open (&live);
  assert_writes (&live, "");
  for (guint i = 0; i < 6; i++)
    {
      const char id[] = { (char) ('a' + i), '\0' };

      numbers[i] = live_delete (&live, id);
    }
  live_state (&live, numbers[1], VL_JOURNALED_SENT, NULL);
  live_state (&live, numbers[2], VL_JOURNALED_SENT, NULL);
  live_settle (&live, numbers[2], NULL);
  live_state (&live, numbers[3], VL_JOURNALED_SENT, NULL);
  live_state (&live, numbers[3], VL_JOURNALED_SENT, NULL);
  live_state (&live, numbers[3], VL_JOURNALED_PARKED, conflict);
  live_state (&live, numbers[4], VL_JOURNALED_SENT, NULL);
  live_state (&live, numbers[4], VL_JOURNALED_QUEUED, NULL);
  g_assert_cmpuint (_vl_live_journal_get_n_unsettled (live.journal), ==, 5);
  run_all ();
  g_assert_cmpstr (live.heard->str, ==, "++++++++++++++");
  live_clear (&live);

  live_open (&live);
  assert_writes (&live, "a:q0 b:s1 d:p2 e:q1 f:q0");
  write = g_ptr_array_index (live.writes, 2);
  g_assert_error (write->error, VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_cmpstr (write->error->message, ==, "why");
  g_assert_cmpuint (write->number, ==, numbers[3]);
  g_assert_cmpuint (live_delete (&live, "g"), >, numbers[5]);
  live_state (&live, numbers[3], VL_JOURNALED_QUEUED, NULL);
  live_clear (&live);
  /* What had failed gets in line anew. */
  assert_found ("a:q0 b:s1 e:q1 f:q0 g:q0 d:q2");
}

static void
test_replace (gpointer *fixture, gconstpointer data)
{
  g_autoptr (VlChange) other = vl_change_new_delete ("other");
  guint64 number;
  Live live;

  live_open (&live);
  number = live_delete (&live, "a");
  live_delete (&live, "b");
  _vl_live_journal_replace (live.journal, number, other, live_heard, &live, NULL);
  live_clear (&live);

  live_open (&live);
  assert_writes (&live, "other:q0 b:q0");
  assert_same_change (((VlJournaled *) g_ptr_array_index (live.writes, 0))->change, other);
  live_clear (&live);
}

/* It may be sent without a note, and stays that whatever it is replaced by. */
static void
test_recorded_as_sent (gpointer *fixture, gconstpointer data)
{
  g_autoptr (VlChange) change = vl_change_new_delete ("a");
  g_autoptr (VlChange) other = vl_change_new_delete ("other");
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint64 numbers[2];
  Live live;

  live_open (&live);
  for (guint i = 0; i < 2; i++)
    numbers[i] = _vl_live_journal_record (live.journal, change, VL_JOURNALED_SENT, live_heard,
                                          &live, NULL);
  _vl_live_journal_replace (live.journal, numbers[0], other, live_heard, &live, NULL);
  _vl_live_journal_merge (live.journal, numbers[1], none, other, live_heard, &live, NULL);
  live_state (&live, live_delete (&live, "b"), VL_JOURNALED_PARKED_IN_DOUBT, NULL);
  live_clear (&live);

  /* As it was read, and then as it was written anew. */
  live_open (&live);
  assert_writes (&live, "other:s0 other:s0 b:d0");
  live_state (&live, numbers[0], VL_JOURNALED_QUEUED, NULL);
  for (guint i = 0; i < 4000; i++)
    live_settle (&live, live_delete (&live, "c"), NULL);
  run_all ();
  live_clear (&live);
  assert_found ("other:q0 other:s0 b:d0");
}

static void
test_renames (gpointer *fixture, gconstpointer data)
{
  g_autofree char *real = NULL;
  g_autofree char *unknown = NULL;
  guint64 number;
  Live live;

  live_open (&live);
  number = live_insert (&live, "new:1");
  live_delete (&live, "new:1");
  live_insert (&live, "new:2");
  live_delete (&live, "new:2");
  live_settle (&live, number, "17");
  live_clear (&live);

  live_open (&live);
  assert_writes (&live, "new:1:q0 new:2:q0 new:2:q0");
  real = _vl_live_journal_resolve (live.journal, "new:1");
  unknown = _vl_live_journal_resolve (live.journal, "new:2");
  g_assert_cmpstr (real, ==, "17");
  g_assert_null (unknown);
  live_clear (&live);
}

/* Its insert was given up, and nobody has said so of the patch yet. */
static void
test_orphans (gpointer *fixture, gconstpointer data)
{
  guint64 number;
  Live live;

  live_open (&live);
  number = live_insert (&live, "new:1");
  live_delete (&live, "new:1");
  _vl_live_journal_settle (live.journal, number, VL_SETTLED_FAILED, NULL, NULL, NULL, NULL);
  live_clear (&live);

  live_open (&live);
  assert_writes (&live, "new:1:p0");
  g_assert_error (((VlJournaled *) g_ptr_array_index (live.writes, 0))->error, VL_ERROR,
                  VL_ERROR_NOT_FOUND);
  live_clear (&live);
}

/* --- Damage --- */

static void
test_malformed (gpointer *fixture, gconstpointer data)
{
  Journal journal;
  Live live;

  live_open (&live);
  live_delete (&live, "a");
  live_clear (&live);
  journal_open (&journal);
  journal_append (&journal, 1, "no note at all");
  journal_clear (&journal);
  live_open (&live);
  g_assert_cmpuint (live.n_malformed, ==, 1);
  assert_writes (&live, "a:s0");
  live_delete (&live, "b");
  live_clear (&live);
  g_assert_cmpuint (take_warnings (), ==, 1);
  g_assert_cmpuint (fake_disk_count (JOURNAL ".aside"), ==, 1);

  live_open (&live);
  g_assert_cmpuint (live.n_malformed, ==, 0);
  assert_writes (&live, "a:s0 b:q0");
  live_clear (&live);
  g_assert_cmpuint (take_warnings (), ==, 0);
}

/* What was lost may have said that a write was sent, or settled. */
static void
test_damaged (gpointer *fixture, gconstpointer data)
{
  g_autoptr (GBytes) file = NULL;
  g_autofree char *copy = NULL;
  gsize middle;
  guint64 number;
  Live live;

  live_open (&live);
  number = live_delete (&live, "a");
  run_all ();
  file = fake_disk_get (JOURNAL);
  middle = g_bytes_get_size (file);
  g_clear_pointer (&file, g_bytes_unref);
  live_settle (&live, number, NULL);
  live_delete (&live, "b");
  live_clear (&live);

  file = fake_disk_get (JOURNAL);
  copy = g_memdup2 (g_bytes_get_data (file, NULL), g_bytes_get_size (file));
  copy[middle + 30] ^= 1;
  fake_disk_put (JOURNAL, copy, g_bytes_get_size (file));
  live_open (&live);
  assert_writes (&live, "a:s0 b:q0");
  g_assert_cmpuint (live.n_skipped, >, 0);
  g_assert_nonnull (live.aside);
  live_clear (&live);

  /* It stays in doubt. */
  live_open (&live);
  assert_writes (&live, "a:s0 b:q0");
  g_assert_cmpuint (live.n_skipped, ==, 0);
  live_clear (&live);
}

/* --- Failures --- */

static void
test_failures (gpointer *fixture, gconstpointer data)
{
  guint64 a;
  guint64 b;
  Live live;

  live_open (&live);
  a = live_delete (&live, "a");
  b = live_delete (&live, "b");
  run_all ();
  fake_disk.fail_writes = 3;
  live_delete (&live, "c");
  run_all ();
  live_settle (&live, a, NULL);
  run_all ();
  live_state (&live, b, VL_JOURNALED_SENT, NULL);
  run_all ();
  g_assert_cmpstr (live.heard->str, ==, "++---");
  g_assert_cmpuint (_vl_live_journal_get_n_unsettled (live.journal), ==, 1);

  /* What could not be said is said with the next that can be. */
  live_delete (&live, "d");
  run_all ();
  live_clear (&live);
  fake_disk_restart ();
  assert_found ("b:s1 d:q0");
}

/* ... or at the end. */
static void
test_failure_before_close (gpointer *fixture, gconstpointer data)
{
  guint64 a;
  Live live;

  live_open (&live);
  a = live_delete (&live, "a");
  run_all ();
  fake_disk.fail_writes = 1;
  live_settle (&live, a, NULL);
  run_all ();
  live_clear (&live);
  assert_found ("");
}

static void
test_refused (gpointer *fixture, gconstpointer data)
{
  Live live;

  fake_disk.read_only = TRUE;
  live_open (&live);
  g_assert_error (live.error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  live_delete (&live, "a");
  run_all ();
  g_assert_cmpstr (live.heard->str, ==, "-");
  live_clear (&live);
}

/* --- Space --- */

static gsize
file_size (void)
{
  g_autoptr (GBytes) file = fake_disk_get (JOURNAL);

  return g_bytes_get_size (file);
}

static void
test_space (gpointer *fixture, gconstpointer data)
{
  g_autoptr (GString) expected = g_string_new (NULL);
  guint n_renames = 5000;
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;
  Live live;

  live_open (&live);
  live_delete (&live, "stays");
  live_delete (&live, "new:0");
  for (guint i = 0; i < n_renames; i++)
    {
      g_autofree char *id = g_strdup_printf ("new:%u", i);
      guint64 number = live_insert (&live, id);

      live_state (&live, number, VL_JOURNALED_SENT, NULL);
      live_settle (&live, number, id + 4);
      run_all ();
      g_assert_cmpuint (file_size (), <, 800 * 1024);
    }
  g_assert_cmpuint (fake_disk.n_syncs, <, n_renames * 2);
  live_clear (&live);

  live_open (&live);
  assert_writes (&live, "stays:q0 new:0:q0");
  first = _vl_live_journal_resolve (live.journal, "new:0");
  last = _vl_live_journal_resolve (live.journal, "new:4999");
  g_assert_cmpstr (first, ==, "0");
  g_assert_cmpstr (last, ==, "4999");
  live_clear (&live);
}

/* --- All of it, at random --- */

typedef struct
{
  guint64 number;
  gboolean is_recorded;
  gboolean is_failed;
  gboolean settles;
  gboolean is_settled;
  gboolean sends;
  gboolean is_sent;
} Fact;

typedef struct
{
  Live live;
  GPtrArray *facts; /* of Fact, in the order of their numbers */
  guint n_doubts;   /* writes that are in doubt without a reason of their own */
} World;

static void
set_flag (const GError *error, gpointer user_data)
{
  if (error == NULL)
    *(gboolean *) user_data = TRUE;
}

static void
fact_recorded (const GError *error, gpointer user_data)
{
  Fact *fact = user_data;

  fact->is_recorded = error == NULL;
  fact->is_failed = error != NULL;
}

static Fact *
world_pick (World *self)
{
  const guint start = self->facts->len;
  Fact *fact;

  if (start == 0)
    return NULL;
  fact = g_ptr_array_index (self->facts, random_below (fixture_rand, start));

  return fact->is_recorded && !fact->settles ? fact : NULL;
}

static void
world_step (World *self)
{
  VlLiveJournal *journal = self->live.journal;
  g_autoptr (VlChange) change = vl_change_new_delete ("x");
  const guint what = random_below (fixture_rand, 10);
  Fact *fact = world_pick (self);

  if (what < 3)
    {
      fact = g_new0 (Fact, 1);
      g_ptr_array_add (self->facts, fact);
      fact->number = _vl_live_journal_record (journal, change, VL_JOURNALED_QUEUED, fact_recorded,
                                              fact, NULL);
    }
  else if (what == 3 || fact == NULL)
    {
      run_job ();
    }
  else if (what == 4)
    {
      run_all ();
    }
  else if (what < 7)
    {
      fact->sends = TRUE;
      _vl_live_journal_set_state (journal, fact->number, VL_JOURNALED_SENT, NULL, set_flag,
                                  &fact->is_sent, NULL);
    }
  else
    {
      fact->settles = TRUE;
      _vl_live_journal_settle (journal, fact->number, VL_SETTLED_APPLIED, NULL, set_flag,
                               &fact->is_settled, NULL);
    }
}

static VlJournaled *
find_write (World *self, guint64 number)
{
  for (guint i = 0; i < self->live.writes->len; i++)
    {
      VlJournaled *write = g_ptr_array_index (self->live.writes, i);

      if (write->number == number)
        return write;
    }

  return NULL;
}

/* What was said to be there is, and what is there becomes what is known. */
static void
world_check (World *self)
{
  guint64 last = 0;

  g_assert_no_error (self->live.error);
  g_assert_cmpuint (self->live.n_malformed, ==, 0);
  for (guint i = 0; i < self->live.writes->len; i++)
    {
      const VlJournaled *write = g_ptr_array_index (self->live.writes, i);

      g_assert_cmpuint (write->number, >, last);
      last = write->number;
    }
  for (guint i = 0; i < self->facts->len; i++)
    {
      Fact *fact = g_ptr_array_index (self->facts, i);
      const VlJournaled *write = find_write (self, fact->number);

      if (fact->is_recorded && !fact->settles)
        g_assert_nonnull (write);
      if (fact->is_settled)
        g_assert_null (write);
      if (write != NULL && fact->is_sent)
        g_assert_cmpint (write->state, ==, VL_JOURNALED_SENT);
      self->n_doubts += write != NULL && !fact->sends && write->state != VL_JOURNALED_QUEUED;
    }
  if (self->live.n_skipped == 0)
    g_assert_cmpuint (self->n_doubts, ==, 0);
  self->n_doubts = 0;
  g_ptr_array_set_size (self->facts, 0);
  for (guint i = 0; i < self->live.writes->len; i++)
    {
      const VlJournaled *write = g_ptr_array_index (self->live.writes, i);
      Fact *fact = g_new0 (Fact, 1);

      fact->number = write->number;
      fact->is_recorded = TRUE;
      fact->is_sent = fact->sends = write->state == VL_JOURNALED_SENT;
      g_ptr_array_add (self->facts, fact);
    }
}

static void
run_world (guint32 seed, gboolean fails)
{
  World world = { .facts = g_ptr_array_new_with_free_func (g_free) };

  for (guint round = 0; round < 4; round++)
    {
      live_open (&world.live);
      world_check (&world);
      fake_disk.crash_at = fails ? 0 : fake_disk.n_ops + random_below (fixture_rand, 60);
      for (guint i = 0; i < N_STEPS; i++)
        {
          fake_disk.fail_writes = fails && random_below (fixture_rand, 5) == 0;
          fake_disk.fail_syncs = fails && random_below (fixture_rand, 5) == 0;
          world_step (&world);
        }
      run_all ();
      fake_disk.is_off = TRUE;
      live_clear (&world.live);
      fake_disk_restart ();
    }
  live_open (&world.live);
  world_check (&world);
  live_clear (&world.live);
  g_ptr_array_unref (world.facts);
}

static void
test_random (gpointer *fixture, gconstpointer data)
{
  for (guint32 seed = 1; seed <= (is_quick () ? 20 : N_SEEDS); seed++)
    {
      fixture_end ();
      fixture_begin (seed);
      run_world (seed, seed % 2 == 0);
    }
}

#define ADD(path, func) g_test_add ("/live-journal/" path, gpointer, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/live-journal/note/changes-come-back", test_round_trip);
  g_test_add_func ("/live-journal/note/however-deep", test_deep);
  g_test_add_func ("/live-journal/note/states-and-names-come-back", test_others);
  g_test_add_func ("/live-journal/note/anything-else-is-an-error", test_garbage);
  ADD ("restart/writes-and-their-states-in-order", test_restart);
  ADD ("restart/another-change-in-its-place", test_replace);
  ADD ("restart/recorded-as-sent", test_recorded_as_sent);
  ADD ("restart/renames", test_renames);
  ADD ("restart/writes-to-what-was-never-stored-are-parked", test_orphans);
  ADD ("damage/malformed-notes-are-reported-once", test_malformed);
  ADD ("damage/what-was-before-it-is-in-doubt", test_damaged);
  ADD ("failure/what-could-not-be-said-is-said-later", test_failures);
  ADD ("failure/what-could-not-be-said-is-said-at-the-end", test_failure_before_close);
  ADD ("failure/that-it-cannot-be-opened-is-told", test_refused);
  ADD ("space/settled-writes-go-and-names-stay", test_space);
  ADD ("crash/whatever-happens", test_random);

  return g_test_run ();
}
