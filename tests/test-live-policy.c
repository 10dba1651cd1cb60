/* test-live-policy.c: what each read policy makes of a copy and of a master
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "live-ask.h"
#include "live-fixture.h"
#include "slow-cache.h"

/* What is cached when the read is made. */
typedef enum
{
  FRESH,
  STALE,
  MISS,
  N_COPIES,
} Copy;

/* How the master is. */
typedef enum
{
  WELL,
  UNAVAILABLE,
  TIMED_OUT,
  REJECTING,
  N_MASTERS,
} Master;

/* How the read ends. The name in the first row tells the copy from the master's
 * new answer. */
typedef enum
{
  HIT,    /* the copy, as a fresh one */
  OLD,    /* the copy, flagged stale */
  BEHIND, /* likewise, and the master is asked behind it */
  NEWS,   /* the master's answer */
  KEPT,   /* the copy, flagged stale, after the master was asked in vain */
  NONE,   /* not-found, without asking the master */
  ERROR,  /* the master's error */
} End;

static const struct
{
  VlReadPolicy policy;
  End ends[N_COPIES][N_MASTERS];
} expected[] = {
  /* clang-format off */
  { VL_READ_POLICY_CACHE_FIRST, {
    /*           well    unavailable  timed-out  rejecting */
    [FRESH] = { HIT,    HIT,         HIT,       HIT    },
    [STALE] = { NEWS,   KEPT,        KEPT,      ERROR  },
    [MISS]  = { NEWS,   ERROR,       ERROR,     ERROR  } } },
  { VL_READ_POLICY_STALE_WHILE_REVALIDATE, {
    [FRESH] = { HIT,    HIT,         HIT,       HIT    },
    [STALE] = { BEHIND, BEHIND,      BEHIND,    BEHIND },
    [MISS]  = { NEWS,   ERROR,       ERROR,     ERROR  } } },
  { VL_READ_POLICY_MASTER_FIRST, {
    [FRESH] = { NEWS,   KEPT,        KEPT,      ERROR  },
    [STALE] = { NEWS,   KEPT,        KEPT,      ERROR  },
    [MISS]  = { NEWS,   ERROR,       ERROR,     ERROR  } } },
  { VL_READ_POLICY_CACHE_ONLY, {
    [FRESH] = { HIT,    HIT,         HIT,       HIT    },
    [STALE] = { OLD,    OLD,         OLD,       OLD    },
    [MISS]  = { NONE,   NONE,        NONE,      NONE   } } },
  { VL_READ_POLICY_MASTER_ONLY, {
    [FRESH] = { NEWS,   ERROR,       ERROR,     ERROR  },
    [STALE] = { NEWS,   ERROR,       ERROR,     ERROR  },
    [MISS]  = { NEWS,   ERROR,       ERROR,     ERROR  } } },
  /* clang-format on */
};

/* What is read. */
typedef enum
{
  A_PAGE,
  A_RECORD,
  N_SLOTS,
} Slot;

static void
push_error (LiveFixture *f, VlError code)
{
  g_autoptr (GError) error = g_error_new (VL_ERROR, (int) code, "The network of the test is odd");

  vl_fault_table_push_error (f->master, error);
}

/* Brings cache and master into the state of one cell of the table. */
static VlError
prepare (LiveFixture *f, Copy copy, Master master)
{
  if (copy != MISS)
    {
      g_autoptr (VlPage) page = live_fixture_list (f, NULL);
      g_autoptr (VlRecord) record = vl_table_find_sync (VL_TABLE (f->live), "a", NULL, NULL);

      g_assert_nonnull (page);
      g_assert_nonnull (record);
    }
  else
    {
      g_autoptr (VlSchema) schema = vl_table_describe_sync (VL_TABLE (f->live), NULL, NULL);

      g_assert_nonnull (schema);
    }
  if (copy == STALE)
    vl_live_table_invalidate (f->live);
  settle ();
  live_fixture_put (f, "a", "Apricot", 9.0);

  if (master == UNAVAILABLE)
    push_error (f, VL_ERROR_UNAVAILABLE);
  else if (master == REJECTING)
    push_error (f, VL_ERROR_REJECTED);
  else if (master == TIMED_OUT)
    vl_fault_table_set_never_answer (f->master, TRUE);

  return master == UNAVAILABLE ? VL_ERROR_UNAVAILABLE
         : master == TIMED_OUT ? VL_ERROR_TIMED_OUT
                               : VL_ERROR_REJECTED;
}

static void
check_page (VlPage *page, gboolean is_copy, gboolean is_stale)
{
  g_assert_nonnull (page);
  assert_ids (page, "abc");
  assert_first_name (page, is_copy ? "Apple" : "Apricot");
  assert_origin (page, is_copy, is_stale);
}

static void
check_record (VlRecord *record, gboolean is_copy)
{
  g_assert_nonnull (record);
  g_assert_cmpstr (vl_record_get_string (record, "name"), ==, is_copy ? "Apple" : "Apricot");
}

static void
check_end (Ask *ask, Slot slot, End end, VlError code, guint64 n_reads)
{
  gboolean is_copy = end == HIT || end == OLD || end == BEHIND || end == KEPT;

  g_assert_true (ask->is_done);
  if (end == NONE || end == ERROR)
    {
      int wanted = end == NONE ? (int) VL_ERROR_NOT_FOUND : (int) code;

      g_assert_error (ask->error, VL_ERROR, wanted);
      g_assert_null (ask->page);
      g_assert_null (ask->record);
    }
  else
    {
      g_assert_no_error (ask->error);
      if (slot == A_PAGE)
        check_page (ask->page, is_copy, is_copy && end != HIT);
      else
        check_record (ask->record, is_copy);
    }
  g_assert_cmpuint (n_reads, ==, end == HIT || end == OLD || end == NONE ? 0 : 1);
}

static void
check_cell (VlReadPolicy policy, Slot slot, Copy copy, Master master, End end, SlowCache *cache)
{
  g_auto (LiveFixture) f = live_fixture_new (cache != NULL ? VL_CACHE (cache) : NULL);
  g_autoptr (Ask) ask = NULL;
  VlError code = prepare (&f, copy, master);
  guint64 n_reads = vl_fault_table_get_n_reads (f.master);

  g_test_message ("policy %d, slot %d, copy %d, master %d", policy, slot, copy, master);
  vl_live_table_set_read_policy (f.live, policy);
  ask = slot == A_PAGE ? ask_list (f.live, NULL) : ask_find (f.live, "a");
  settle ();
  /* Only who waits for a master that does not answer is still waiting. */
  g_assert_cmpint (ask->is_done, ==,
                   master != TIMED_OUT || (end != NEWS && end != KEPT && end != ERROR));
  fake_clock_advance (30000);
  check_end (ask, slot, end, code, vl_fault_table_get_n_reads (f.master) - n_reads);
}

/* With a cache that can be peeked at, and with one that has to be asked. */
static void
test_table (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);

  for (Slot slot = A_PAGE; slot < N_SLOTS; slot++)
    for (Copy copy = FRESH; copy < N_COPIES; copy++)
      for (Master master = WELL; master < N_MASTERS; master++)
        {
          VlReadPolicy policy = expected[row].policy;
          End end = expected[row].ends[copy][master];
          g_autoptr (SlowCache) blind = slow_cache_new ();

          slow_cache_set_blind (blind);
          check_cell (policy, slot, copy, master, end, NULL);
          check_cell (policy, slot, copy, master, end, blind);
        }
}

/* The copy is as it was after each kind of failure, and serves. */
static void
test_failed_refresh (void)
{
  static const VlError codes[] = { VL_ERROR_UNAVAILABLE, VL_ERROR_REJECTED, VL_ERROR_FAILED };
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  Changes changes = { 0 };

  g_assert_nonnull (first);
  watch_changes (f.live, &changes);
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr (Ask) ask = NULL;
      g_autoptr (VlPage) page = NULL;

      push_error (&f, codes[i]);
      ask = ask_refresh (f.live, NULL);
      ask_wait (ask);
      g_assert_error (ask->error, VL_ERROR, (int) codes[i]);

      page = live_fixture_list (&f, NULL);
      assert_ids (page, "abc");
      assert_origin (page, TRUE, FALSE);
    }
  settle ();
  g_assert_cmpuint (changes.n_emitted, ==, 0);
}

/* A stale copy that could not be refreshed stays, stale. */
static void
test_failed_revalidation (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  Changes changes = { 0 };

  g_assert_nonnull (first);
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_STALE_WHILE_REVALIDATE);
  vl_live_table_invalidate (f.live);
  settle ();
  watch_changes (f.live, &changes);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (VlPage) page = NULL;

      push_error (&f, VL_ERROR_REJECTED);
      page = live_fixture_list (&f, NULL);
      settle ();
      check_page (page, TRUE, TRUE);
      g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2 + i);
    }
  g_assert_cmpuint (changes.n_emitted, ==, 0);
}

static void
test_revalidation (gboolean differs)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (VlPage) second = NULL;
  g_autoptr (VlPage) third = NULL;
  Changes changes = { 0 };

  g_assert_nonnull (first);
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_STALE_WHILE_REVALIDATE);
  vl_live_table_invalidate (f.live);
  settle ();
  watch_changes (f.live, &changes);
  if (differs)
    live_fixture_put (&f, "a", "Apricot", 9.0);

  second = live_fixture_list (&f, NULL);
  check_page (second, TRUE, TRUE);
  settle ();
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
  g_assert_cmpuint (changes.n_emitted, ==, differs);
  if (differs)
    g_assert_cmpint (changes.origin, ==, VL_ORIGIN_REFRESH);

  third = live_fixture_list (&f, NULL);
  assert_first_name (third, differs ? "Apricot" : "Apple");
  assert_origin (third, TRUE, FALSE);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
}

static void
test_revalidation_differs (void)
{
  test_revalidation (TRUE);
}

static void
test_revalidation_alike (void)
{
  test_revalidation (FALSE);
}

/* Many who look at a stale copy make one fetch. */
static void
test_revalidation_is_shared (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);

  g_assert_nonnull (first);
  vl_fault_table_set_latency (f.master, 100);
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_STALE_WHILE_REVALIDATE);
  vl_live_table_invalidate (f.live);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (VlPage) page = live_fixture_list (&f, NULL);

      check_page (page, TRUE, TRUE);
    }
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
  fake_clock_advance (100);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
}

static void
check_refresh (VlReadPolicy policy, gboolean differs)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (VlPage) fresh = NULL;
  g_autoptr (VlPage) after = NULL;
  g_autoptr (GError) error = NULL;
  Changes changes = { 0 };

  g_assert_nonnull (first);
  watch_changes (f.live, &changes);
  vl_live_table_set_read_policy (f.live, policy);
  if (differs)
    live_fixture_put (&f, "a", "Apricot", 9.0);

  fresh = vl_live_table_refresh_sync (f.live, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_first_name (fresh, differs ? "Apricot" : "Apple");
  assert_origin (fresh, FALSE, FALSE);
  settle ();
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
  g_assert_cmpuint (changes.n_emitted, ==, differs);
  if (differs)
    g_assert_cmpint (changes.origin, ==, VL_ORIGIN_REFRESH);

  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_ONLY);
  after = live_fixture_list (&f, NULL);
  assert_first_name (after, differs ? "Apricot" : "Apple");
  assert_origin (after, TRUE, FALSE);
}

static void
test_refresh_each_policy (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      check_refresh (expected[i].policy, TRUE);
      check_refresh (expected[i].policy, FALSE);
    }
}

/* One that lands on a fetch under way tells of what that brings. */
static void
test_refresh_joins (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (Ask) read = NULL;
  g_autoptr (Ask) refresh = NULL;
  Changes changes = { 0 };

  g_assert_nonnull (first);
  vl_live_table_invalidate (f.live);
  settle ();
  watch_changes (f.live, &changes);
  live_fixture_put (&f, "a", "Apricot", 9.0);
  vl_fault_table_set_latency (f.master, 100);
  read = ask_list (f.live, NULL);
  fake_clock_advance (10);
  refresh = ask_refresh (f.live, NULL);
  fake_clock_advance (90);
  check_page (read->page, FALSE, FALSE);
  check_page (refresh->page, FALSE, FALSE);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
  g_assert_cmpuint (changes.n_emitted, ==, 1);
}

static void
test_max_age (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = NULL;
  g_autoptr (VlPage) young = NULL;
  g_autoptr (VlPage) old = NULL;
  g_autoptr (VlPage) unlimited = NULL;

  vl_live_table_set_max_age (f.live, 1000);
  first = live_fixture_list (&f, NULL);
  live_fixture_put (&f, "a", "Apricot", 9.0);
  fake_clock_advance (1000);
  young = live_fixture_list (&f, NULL);
  check_page (young, TRUE, FALSE);

  fake_clock_advance (1);
  g_assert_null (vl_live_table_peek_page (f.live, NULL));
  vl_live_table_set_max_age (f.live, 0);
  unlimited = live_fixture_list (&f, NULL);
  check_page (unlimited, TRUE, FALSE);
  vl_live_table_set_max_age (f.live, 1000);
  old = live_fixture_list (&f, NULL);
  check_page (old, FALSE, FALSE);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
  /* That was no needless fetch. */
  g_assert_cmpuint (vl_live_stats_get_repeats (vl_live_table_get_stats (f.live)), ==, 0);
}

/* The age is that of the question, not that of the answer. */
static void
test_fetched_at (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (Ask) ask = NULL;
  g_autoptr (VlPage) page = NULL;
  gint64 asked;

  vl_fault_table_set_latency (f.master, 400);
  ask = ask_list (f.live, NULL);
  fake_clock_advance (400); /* describe */
  asked = fake_clock_real ();
  fake_clock_advance (400);
  g_assert_true (ask->is_done);
  g_assert_cmpint (vl_page_get_fetched_at (ask->page), ==, asked);

  fake_clock_advance (500);
  page = live_fixture_list (&f, NULL);
  assert_origin (page, TRUE, FALSE);
  g_assert_cmpint (vl_page_get_fetched_at (page), ==, asked);
}

/* The clock was put back: a copy from the future is no longer believed. */
static void
test_from_the_future (gconstpointer data)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (VlPage) only = NULL;
  g_autoptr (VlPage) second = NULL;
  g_autoptr (VlPage) third = NULL;

  g_assert_nonnull (first);
  vl_live_table_set_max_age (f.live, GPOINTER_TO_UINT (data));
  live_fixture_put (&f, "a", "Apricot", 9.0);
  fake_clock_put_back (500);
  g_assert_null (vl_live_table_peek_page (f.live, NULL));
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_ONLY);
  only = live_fixture_list (&f, NULL);
  check_page (only, TRUE, TRUE);

  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_FIRST);
  second = live_fixture_list (&f, NULL);
  check_page (second, FALSE, FALSE);
  third = live_fixture_list (&f, NULL);
  assert_first_name (third, "Apricot");
  assert_origin (third, TRUE, FALSE);
}

/* What is there at once, by policy, of a fresh and of a stale copy. */
static void
test_peek (void)
{
  static const struct
  {
    VlReadPolicy policy;
    gboolean fresh;
    gboolean stale;
  } cells[] = {
    { VL_READ_POLICY_CACHE_FIRST, TRUE, FALSE },
    { VL_READ_POLICY_STALE_WHILE_REVALIDATE, TRUE, TRUE },
    { VL_READ_POLICY_MASTER_FIRST, FALSE, FALSE },
    { VL_READ_POLICY_CACHE_ONLY, TRUE, TRUE },
    { VL_READ_POLICY_MASTER_ONLY, FALSE, FALSE },
  };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (cells); i++)
    {
      gboolean is_stale = i >= G_N_ELEMENTS (cells);
      guint cell = i % G_N_ELEMENTS (cells);
      gboolean there = is_stale ? cells[cell].stale : cells[cell].fresh;
      g_auto (LiveFixture) f = live_fixture_new (NULL);
      g_autoptr (VlPage) page = NULL;
      g_autoptr (VlRecord) record = NULL;

      g_assert_null (vl_live_table_peek_page (f.live, NULL));
      g_assert_null (vl_live_table_peek_record (f.live, "a"));
      prepare (&f, is_stale ? STALE : FRESH, WELL);
      vl_live_table_set_read_policy (f.live, cells[cell].policy);
      page = vl_live_table_peek_page (f.live, NULL);
      record = vl_live_table_peek_record (f.live, "a");
      g_assert_cmpint (page != NULL, ==, there);
      g_assert_cmpint (record != NULL, ==, there);
      if (there)
        check_page (page, TRUE, is_stale);
      if (there)
        check_record (record, TRUE);
      settle ();
      g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
    }
}

int
main (int argc, char *argv[])
{
  static const char *const names[] = { "cache-first", "stale-while-revalidate", "master-first",
                                       "cache-only", "master-only" };
  int status;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  fake_clock_advance (10000);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strconcat ("/live-table/policy/", names[i], NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_table);
    }
  g_test_add_func ("/live-table/policy/peek", test_peek);
  g_test_add_func ("/live-table/policy/max-age", test_max_age);
  g_test_add_func ("/live-table/policy/fetched-when-it-was-asked", test_fetched_at);
  g_test_add_data_func ("/live-table/policy/from-the-future", GUINT_TO_POINTER (0),
                        test_from_the_future);
  g_test_add_data_func ("/live-table/policy/from-the-future-with-max-age", GUINT_TO_POINTER (60000),
                        test_from_the_future);
  g_test_add_func ("/live-table/refresh/whatever-the-policy", test_refresh_each_policy);
  g_test_add_func ("/live-table/refresh/joins-and-tells", test_refresh_joins);
  g_test_add_func ("/live-table/refresh/failed-costs-no-data", test_failed_refresh);
  g_test_add_func ("/live-table/revalidate/tells-what-differs", test_revalidation_differs);
  g_test_add_func ("/live-table/revalidate/keeps-quiet-when-alike", test_revalidation_alike);
  g_test_add_func ("/live-table/revalidate/is-shared", test_revalidation_is_shared);
  g_test_add_func ("/live-table/revalidate/failed-costs-no-data", test_failed_revalidation);
  status = g_test_run ();

  fake_clock_end ();

  return status;
}
