/* journal-fixture.h: a journal whose worker runs when the test says so
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <string.h>
#include <vantage-live.h>

#include "fake-disk.h"
#include "vantage-live/base/vl-executor-private.h"
#include "vantage-live/base/vl-journal-file-private.h"

#define JOURNAL "/disk/journal"

/* --- The worker --- */

typedef struct
{
  VlJobFunc func;
  gpointer user_data;
} FixtureJob;

static GQueue fixture_jobs = G_QUEUE_INIT;

static void
fixture_push (VlExecutor *executor, VlJobFunc func, gpointer user_data)
{
  FixtureJob *job = g_new (FixtureJob, 1);

  job->func = func;
  job->user_data = user_data;
  g_queue_push_tail (&fixture_jobs, job);
}

/* One turn of the worker. */
static inline gboolean
run_job (void)
{
  FixtureJob *job = g_queue_pop_head (&fixture_jobs);

  if (job == NULL)
    return FALSE;

  job->func (job->user_data);
  g_free (job);

  return TRUE;
}

static inline void
run_all (void)
{
  while (run_job () || g_main_context_iteration (NULL, FALSE))
    ;
}

/* --- Warnings --- */

static guint fixture_warnings;

static void
fixture_count_warning (const char *domain,
                       GLogLevelFlags level,
                       const char *message,
                       gpointer user_data)
{
  fixture_warnings++;
}

static inline guint
take_warnings (void)
{
  guint n = fixture_warnings;

  fixture_warnings = 0;

  return n;
}

/* --- An open journal and what was heard of it --- */

typedef struct
{
  VlJournalFile *file;
  gboolean is_answered;
  GPtrArray *records; /* of char *: what it had */
  guint64 n_cut;
  guint64 n_skipped;
  char *aside;
  GError *error;

  GString *heard; /* of appends, in order: the number, and an ! after a failed one */
  GError *last_error;
  guint n_failed; /* appends, not rewrites */
  guint n_dropped;
} Journal;

typedef struct
{
  Journal *journal;
  guint number;
  gboolean is_rewrite;
} Append;

static void
journal_opened (const VlJournalReplay *replay, const GError *error, gpointer user_data)
{
  Journal *self = user_data;

  g_assert_false (self->is_answered);
  g_assert_true ((replay == NULL) == (error != NULL));
  self->is_answered = TRUE;
  self->records = g_ptr_array_new_with_free_func (g_free);
  if (error != NULL)
    {
      self->error = g_error_copy (error);
      return;
    }
  self->n_cut = replay->n_cut;
  self->n_skipped = replay->n_skipped;
  self->aside = g_strdup (replay->aside);
  for (guint i = 0; i < replay->records->len; i++)
    {
      gsize length;
      const char *text = g_bytes_get_data (g_ptr_array_index (replay->records, i), &length);

      g_ptr_array_add (self->records, g_strndup (length > 0 ? text : "", length));
    }
}

static void
journal_dropped (gpointer user_data)
{
  ((Journal *) user_data)->n_dropped++;
}

static inline void
journal_begin (Journal *self, const char *path)
{
  *self = (Journal){ 0 };
  self->heard = g_string_new (NULL);
  self->file = _vl_journal_file_open (path, journal_opened, self, journal_dropped);
}

static inline void
journal_open (Journal *self)
{
  journal_begin (self, JOURNAL);
  run_all ();
  g_assert_true (self->is_answered);
}

static void
append_done (const GError *error, gpointer user_data)
{
  Append *append = user_data;
  Journal *self = append->journal;

  g_string_append_printf (self->heard, "%s%u%s", self->heard->len > 0 ? " " : "", append->number,
                          error != NULL ? "!" : "");
  if (error != NULL)
    {
      g_clear_error (&self->last_error);
      self->last_error = g_error_copy (error);
      self->n_failed += !append->is_rewrite;
    }
  g_free (append);
}

static void
append_dropped (gpointer user_data)
{
  Append *append = user_data;

  append->journal->n_dropped++;
  g_free (append);
}

static inline void
journal_append (Journal *self, guint number, const char *text)
{
  g_autoptr (GBytes) record = g_bytes_new (text, strlen (text));
  Append *append = g_new0 (Append, 1);

  append->journal = self;
  append->number = number;
  _vl_journal_file_append (self->file, record, append_done, append, append_dropped);
}

/* Replaces what it has by these texts. */
static inline void
journal_rewrite (Journal *self, guint number, const char *const *texts, guint n_texts)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  Append *append = g_new0 (Append, 1);

  for (guint i = 0; i < n_texts; i++)
    g_ptr_array_add (records, g_bytes_new (texts[i], strlen (texts[i])));
  append->journal = self;
  append->number = number;
  append->is_rewrite = TRUE;
  _vl_journal_file_rewrite (self->file, records, self->n_failed, FALSE, append_done, append,
                            append_dropped);
}

static inline void
journal_clear (Journal *self)
{
  if (self->file != NULL)
    _vl_journal_file_close (g_steal_pointer (&self->file), NULL, NULL, NULL);
  run_all ();
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_clear_pointer (&self->aside, g_free);
  g_clear_error (&self->error);
  g_clear_error (&self->last_error);
  g_string_free (self->heard, TRUE);
}

/* The power goes, and comes back. */
static inline void
journal_crash (Journal *self)
{
  fake_disk.is_off = TRUE;
  journal_clear (self);
  fake_disk_restart ();
}

static inline void
assert_records (Journal *self, const char *expected)
{
  g_autofree char *found = NULL;

  g_assert_no_error (self->error);
  g_ptr_array_add (self->records, NULL);
  found = g_strjoinv (" ", (char **) self->records->pdata);
  g_ptr_array_set_size (self->records, (int) self->records->len - 1);
  g_assert_cmpstr (found, ==, expected);
}

/* Opens it, closes it, and compares what it has. */
static inline void
assert_journal (const char *expected)
{
  Journal journal;

  journal_open (&journal);
  assert_records (&journal, expected);
  journal_clear (&journal);
}

static inline GBytes *
make_file (const char *const *texts)
{
  Journal journal;

  journal_open (&journal);
  for (guint i = 0; texts[i] != NULL; i++)
    {
      journal_append (&journal, i, texts[i]);
      run_all ();
    }
  journal_clear (&journal);

  return fake_disk_get (JOURNAL);
}

static inline void
assert_error (const GError *error, VlError code, const char *part)
{
  g_assert_error (error, VL_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, part));
}
static inline void
assert_refused (const char *path, VlError code, const char *part)
{
  Journal journal;

  journal_begin (&journal, path);
  journal_append (&journal, 1, "one");
  run_all ();
  assert_error (journal.error, code, part);
  g_assert_nonnull (strstr (journal.error->message, path));
  g_assert_cmpstr (journal.heard->str, ==, "1!");
  g_assert_error (journal.last_error, VL_ERROR, (int) code);
  journal_clear (&journal);
}

/* --- The whole --- */

static GRand *fixture_rand;

static inline void
fixture_begin (guint32 seed)
{
  fixture_rand = g_rand_new_with_seed (seed);
  fake_disk_install (fixture_rand);
  _vl_executor_set_push_func (fixture_push);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  g_log_set_handler ("vantage-live", G_LOG_LEVEL_WARNING, fixture_count_warning, NULL);
  take_warnings ();
}

static inline void
fixture_end (void)
{
  g_assert_true (g_queue_is_empty (&fixture_jobs));
  _vl_executor_set_push_func (NULL);
  fake_disk_uninstall ();
  g_rand_free (fixture_rand);
}
