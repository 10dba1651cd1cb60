/* test-journal-crash.c: what a journal has after the power went
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Whoever writes a journal here does the same for the same seed, until the power
 * goes with some operation on the disk. What is there afterwards has to be: each
 * record that was answered and is not covered by a rewrite; perhaps some that
 * were not answered, or that a rewrite left out; nothing twice, and all in the
 * order they were appended.
 */

#include "journal-fixture.h"

#define N_SEEDS  400 /* VL_TEST_SEEDS says otherwise */
#define N_STEPS  12
#define N_ROUNDS 4

typedef struct
{
  gboolean is_answered; /* must be there */
  gboolean is_dead;     /* need not be */
  gboolean is_refused;  /* may be, until something else was recorded */
  gboolean is_gone;     /* must not be */
} Fact;

typedef struct
{
  GArray *facts; /* of Fact, by number */
  Journal journal;
  guint n_failed;
} World;

static guint n_gaps;

typedef struct
{
  World *world;
  guint number;
} Waiting;

static void
world_answered (const GError *error, gpointer user_data)
{
  Waiting *waiting = user_data;
  Fact *facts = (Fact *) (void *) waiting->world->facts->data;

  facts[waiting->number].is_answered = error == NULL;
  facts[waiting->number].is_refused = error != NULL;
  waiting->world->n_failed += error != NULL;
  for (guint i = 0; error == NULL && i < waiting->number; i++)
    facts[i].is_gone |= facts[i].is_refused;
  g_free (waiting);
}

static GBytes *
make_record (guint number, guint length)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text, "%u ", number);
  while (text->len < length)
    g_string_append_c (text, (char) ('a' + text->len % 26));

  return g_string_free_to_bytes (text);
}

static void
world_append (World *self)
{
  static const guint lengths[] = { 0, 20, 100, 500, 3000 };
  const Fact fact = { 0 };
  Waiting *waiting = g_new0 (Waiting, 1);
  g_autoptr (GBytes) record = NULL;

  waiting->world = self;
  waiting->number = self->facts->len;
  g_array_append_val (self->facts, fact);
  record = make_record (waiting->number, lengths[g_rand_int_range (fixture_rand, 0, 5)]);
  _vl_journal_file_append (self->journal.file, record, world_answered, waiting, g_free);
}

/* Leaves out some of what is there. What it takes along was appended before,
 * answered or not. */
static void
world_rewrite (World *self)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < self->facts->len; i++)
    {
      Fact *fact = &g_array_index (self->facts, Fact, i);

      if (!fact->is_answered || g_rand_int_range (fixture_rand, 0, 3) == 0)
        fact->is_dead = TRUE;
      if (!fact->is_dead)
        g_ptr_array_add (records, make_record (i, 30));
    }
  _vl_journal_file_rewrite (self->journal.file, records, self->n_failed, FALSE, NULL, NULL, NULL);
}

static void
world_check (World *self)
{
  g_autofree gboolean *found = g_new0 (gboolean, self->facts->len + 1);
  gint64 last = -1;

  g_assert_no_error (self->journal.error);
  for (guint i = 0; i < self->journal.records->len; i++)
    {
      const char *text = g_ptr_array_index (self->journal.records, i);
      const gint64 number = g_ascii_strtoll (text, NULL, 10);

      /* Something was lost here. */
      if (text[0] == '\0')
        {
          n_gaps++;
          continue;
        }
      g_assert_cmpint (number, >, last);
      g_assert_cmpint (number, <, self->facts->len);
      g_assert_true (g_ascii_isdigit (text[0]));
      found[number] = TRUE;
      last = number;
    }
  for (guint i = 0; i < self->facts->len; i++)
    {
      Fact *fact = &g_array_index (self->facts, Fact, i);

      g_assert_true (found[i] || !fact->is_answered || fact->is_dead);
      g_assert_false (found[i] && fact->is_gone);
      /* Whether it was promised or not: from here on it is one that is there,
       * or one that is not. */
      fact->is_answered = found[i];
      fact->is_dead = !found[i];
      fact->is_refused = FALSE;
    }
}

static void
world_step (World *self)
{
  switch (g_rand_int_range (fixture_rand, 0, 8))
    {
    case 0:
      world_rewrite (self);
      break;
    case 1:
    case 2:
      run_job ();
      break;
    case 3:
      run_all ();
      break;
    default:
      for (guint i = (guint) g_rand_int_range (fixture_rand, 1, 4); i > 0; i--)
        world_append (self);
      break;
    }
}

/* One opening and what is done with it, until the power goes with the n-th
 * operation (0 = when all is done). FALSE when it did not get so far. */
static gboolean
world_round (World *self, guint crash_at)
{
  gboolean crashed;

  journal_open (&self->journal);
  world_check (self);
  fake_disk.crash_at = crash_at > 0 ? fake_disk.n_ops + crash_at : 0;
  for (guint i = 0; i < N_STEPS; i++)
    world_step (self);
  run_all ();
  crashed = fake_disk.is_off;
  journal_crash (&self->journal);
  self->n_failed = 0;

  return crashed;
}

/* The power may go while it is opened, too: after a crash of the first. */
static gboolean
world_open_and_crash (World *self, guint crash_at)
{
  gboolean crashed;

  fake_disk.crash_at = fake_disk.n_ops + crash_at;
  journal_begin (&self->journal, JOURNAL);
  run_all ();
  crashed = fake_disk.is_off;
  if (!crashed)
    world_check (self);
  journal_crash (&self->journal);
  self->n_failed = 0;

  return crashed;
}

static void
world_end (World *self)
{
  journal_open (&self->journal);
  world_check (self);
  journal_clear (&self->journal);
  g_assert_cmpuint (fake_disk_count (JOURNAL ".new"), ==, 0);
  g_array_unref (self->facts);
  fixture_end ();
}

static void
world_begin (World *self, guint32 seed)
{
  *self = (World){ 0 };
  fixture_begin (seed);
  self->facts = g_array_new (FALSE, TRUE, sizeof (Fact));
}

static guint
get_n_seeds (void)
{
  const char *text = g_getenv ("VL_TEST_SEEDS");

  if (text != NULL)
    return (guint) g_ascii_strtoull (text, NULL, 10);

  return g_getenv ("VL_TEST_QUICK") != NULL ? N_SEEDS / 20 : N_SEEDS;
}

/* The same story, with the power going at each of its operations. */
static void
test_each_operation (void)
{
  guint n_crashes = 0;

  for (guint32 seed = 1; seed <= MAX (get_n_seeds () / 10, 1); seed++)
    for (guint n = 1;; n++)
      {
        gboolean crashed;
        World world;

        world_begin (&world, seed);
        crashed = world_round (&world, n);
        world_end (&world);
        n_crashes += crashed;
        if (!crashed)
          break;
      }
  g_test_message ("%u crashes", n_crashes);
  g_assert_cmpuint (n_crashes, >, 20);
}

static void
test_opening (void)
{
  guint n_crashes = 0;

  for (guint32 seed = 1; seed <= MAX (get_n_seeds () / 4, 1); seed++)
    for (guint n = 1;; n++)
      {
        gboolean crashed;
        World world;

        world_begin (&world, seed);
        world_round (&world, 1 + (guint) g_rand_int_range (fixture_rand, 0, 60));
        crashed = world_open_and_crash (&world, n);
        world_end (&world);
        n_crashes += crashed;
        if (!crashed)
          break;
      }
  g_test_message ("%u crashes", n_crashes);
  g_assert_cmpuint (n_crashes, >, 20);
}

static void
test_many_rounds (void)
{
  n_gaps = 0;
  for (guint32 seed = 1; seed <= get_n_seeds (); seed++)
    {
      World world;

      world_begin (&world, seed);
      for (guint i = 0; i < N_ROUNDS; i++)
        world_round (&world, (guint) g_rand_int_range (fixture_rand, 0, 80));
      world_end (&world);
    }
  g_test_message ("%u gaps", n_gaps);
  g_assert_true (n_gaps > 0 || get_n_seeds () < N_SEEDS);
}

/* Some of what is done to the disk fails, and then the power goes. */
static void
test_failures (void)
{
  for (guint32 seed = 1; seed <= get_n_seeds (); seed++)
    {
      World world;

      world_begin (&world, seed);
      world_round (&world, 0);
      for (guint i = 0; i < N_ROUNDS; i++)
        {
          journal_open (&world.journal);
          world_check (&world);
          for (guint step = 0; step < N_STEPS; step++)
            {
              fake_disk.fail_syncs = g_rand_int_range (fixture_rand, 0, 4) == 0;
              fake_disk.fail_writes = g_rand_int_range (fixture_rand, 0, 6) == 0;
              fake_disk.fail_truncates = g_rand_int_range (fixture_rand, 0, 3) == 0;
              fake_disk.fail_folder_syncs = g_rand_int_range (fixture_rand, 0, 4) == 0;
              fake_disk.fail_renames = g_rand_int_range (fixture_rand, 0, 6) == 0;
              world_step (&world);
            }
          run_all ();
          journal_crash (&world.journal);
          world.n_failed = 0;
        }
      world_end (&world);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/journal-crash/at-each-operation", test_each_operation);
  g_test_add_func ("/journal-crash/at-each-operation-of-opening", test_opening);
  g_test_add_func ("/journal-crash/again-and-again", test_many_rounds);
  g_test_add_func ("/journal-crash/after-failures", test_failures);

  return g_test_run ();
}
