/* patient-fixture.h: a live table that sends its writes again, for tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fake-clock.h"
#include "write-fixture.h"

#include "vantage-live/base/vl-random-private.h"
#include "vantage-live/live/vl-live-core-private.h"
#include "vantage-live/live/vl-write-private.h"

/* Longer than the first wait, and shorter than the second may be. */
#define FIRST_WAIT 1000

/* What `--seed` repeats. */
static inline guint64
patient_random (void)
{
  return (guint64) (guint32) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();
}

/* Optimistic, with time that stands still until it is told otherwise. */
static inline void
patient_set_up (WriteFixture *f, gconstpointer data)
{
  fake_clock_begin ();
  _vl_random_set_func (patient_random);
  *f = write_fixture_new ();
  vl_live_table_set_optimistic (f->live, TRUE);
}

static inline void
patient_tear_down (WriteFixture *f, gconstpointer data)
{
  write_fixture_clear (f);
  run_turns ();
  _vl_random_set_func (NULL);
  fake_clock_end ();
}

static inline void
add_patient_test (const char *path, void (*test) (WriteFixture *, gconstpointer))
{
  g_test_add (path, WriteFixture, NULL, patient_set_up, test, patient_tear_down);
}

/* Makes the change, which is consumed. */
static inline VlWrite *
make_write (WriteFixture *f, VlChange *change)
{
  g_autoptr (VlChange) owned = change;

  return vl_live_table_write (f->live, owned);
}

static inline VlChange *
insert_change_without_id (void)
{
  return insert_change (NULL);
}

static inline guint
get_n_listed (WriteFixture *f)
{
  return g_list_model_get_n_items (vl_live_table_get_writes (f->live));
}

static inline VlWrite *
get_listed (WriteFixture *f, guint i)
{
  return g_list_model_get_item (vl_live_table_get_writes (f->live), i);
}

static inline double
get_stored_price (WriteFixture *f, const char *id)
{
  g_autoptr (VlRecord) record = look_into_master (f, id);

  g_assert_nonnull (record);

  return vl_record_get_double (record, "price");
}

/* As the live table shows it. */
static inline double
get_shown_price (WriteFixture *f, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = vl_table_find_sync (VL_TABLE (f->live), id, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (record);

  return vl_record_get_double (record, "price");
}

#define assert_write_state(write, expected) \
 g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_##expected)

#define assert_state(f, expected) \
 g_assert_cmpint (vl_live_table_get_state ((f)->live), ==, VL_LIVE_STATE_##expected)

#define assert_write_error(write, code)                   \
 G_STMT_START                                             \
 {                                                        \
  g_autoptr (GError) why_ = vl_write_dup_error ((write)); \
  g_assert_error (why_, VL_ERROR, (int) VL_ERROR_##code); \
 }                                                        \
 G_STMT_END
