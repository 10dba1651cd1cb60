/* fuzz-journal.c: a journal that anybody may have written
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The first byte says what the others are: a file; the notes of a sound file,
 * each behind its length; or one record of a sound file whose bytes were changed
 * afterwards.
 */

#include "fuzz.h"

#include "../fake-disk.h"
#include "vantage-live/base/vl-executor-private.h"
#include "vantage-live/live/vl-live-journal-private.h"

#define JOURNAL "/disk/journal"
#define FILE_ID 42

static GQueue jobs = G_QUEUE_INIT;

typedef struct
{
  VlJobFunc func;
  gpointer user_data;
} Job;

static void
push_job (VlExecutor *executor, VlJobFunc func, gpointer user_data)
{
  Job *job = g_new (Job, 1);

  job->func = func;
  job->user_data = user_data;
  g_queue_push_tail (&jobs, job);
}

static void
run_all (void)
{
  Job *job;

  while ((job = g_queue_pop_head (&jobs)) != NULL || g_main_context_iteration (NULL, FALSE))
    {
      if (job != NULL)
        job->func (job->user_data);
      g_free (job);
    }
}

typedef struct
{
  guint n_writes;
  guint n_malformed;
  guint64 n_damaged;
  gboolean is_open;
} Seen;

static void
opened (const VlJournalFound *found, const GError *error, gpointer user_data)
{
  Seen *seen = user_data;

  g_assert_no_error (error);
  seen->is_open = TRUE;
  seen->n_writes = found->writes->len;
  seen->n_malformed = found->n_malformed;
  seen->n_damaged = found->n_cut + found->n_skipped;
}

static void
recorded (const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
}

/* Opens it, records one more write, and closes it. */
static Seen
use_journal (void)
{
  g_autoptr (VlChange) change = vl_change_new_delete ("one more");
  Seen seen = { 0 };
  VlLiveJournal *journal = _vl_live_journal_open (JOURNAL, opened, &seen, NULL);

  run_all ();
  g_assert_true (seen.is_open);
  g_assert_cmpuint (_vl_live_journal_get_n_unsettled (journal), ==, seen.n_writes);
  _vl_live_journal_record (journal, change, VL_JOURNALED_QUEUED, recorded, NULL, NULL);
  _vl_live_journal_close (journal, NULL, NULL, NULL);
  run_all ();

  return seen;
}

static void
put_notes (const guint8 *data, gsize size)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();

  _vl_journal_append_header (file, FILE_ID);
  while (size > 0)
    {
      const gsize length = MIN (data[0] * 8u, size - 1);
      g_autoptr (GBytes) note = g_bytes_new (data + 1, length);

      _vl_journal_append_record (file, 0, FILE_ID, note);
      data += 1 + length;
      size -= 1 + length;
    }
  fake_disk_put (JOURNAL, file->data, file->len);
}

/* Three records, and changes: where (16 bits) and to what. */
static void
put_changed (const guint8 *data, gsize size)
{
  static const char *const ids[] = { "a", "b", "c" };
  g_autoptr (GByteArray) file = g_byte_array_new ();

  _vl_journal_append_header (file, FILE_ID);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (VlChange) change = vl_change_new_delete (ids[i]);
      g_autoptr (GBytes) note = _vl_note_recorded (i + 1, change, VL_JOURNALED_QUEUED);

      _vl_journal_append_record (file, 0, FILE_ID, note);
    }
  for (gsize i = 0; i + 2 < size; i += 3)
    file->data[(data[i] | data[i + 1] << 8) % file->len] = data[i + 2];
  fake_disk_put (JOURNAL, file->data, file->len);
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  fuzz_set_up ();
  _vl_executor_set_push_func (push_job);

  return 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GRand) rand = NULL;
  Seen first;
  Seen second;

  if (size == 0)
    return 0;

  rand = g_rand_new_with_seed (1);
  fake_disk_install (rand);
  if (data[0] % 3 == 0)
    fake_disk_put (JOURNAL, data + 1, size - 1);
  else if (data[0] % 3 == 1)
    put_notes (data + 1, size - 1);
  else
    put_changed (data + 1, size - 1);

  /* What was wrong is not wrong any more, and nothing is lost. */
  first = use_journal ();
  second = use_journal ();
  g_assert_cmpuint (second.n_damaged, ==, 0);
  g_assert_cmpuint (second.n_malformed, ==, 0);
  g_assert_cmpuint (second.n_writes, ==, first.n_writes + 1);
  fake_disk_uninstall ();

  return 0;
}
