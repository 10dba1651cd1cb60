/* vl-reply-parts.c: answers that are put together of parts
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-flight-private.h"

#include "../base/vl-log-private.h"
#include "../vl-error.h"
#include "vl-page-builder.h"
#include "vl-page.h"
#include "vl-record.h"

/**
 * vl_reply_add_record:
 * @self: a reply
 * @record: the next record of the page
 *
 * Adds a record to the page that [method@Reply.finish] will answer with.
 *
 * This and [method@Reply.set_total] let a script answer `list` without a
 * [class@PageBuilder].
 *
 * Since: 1.0
 */
void
vl_reply_add_record (VlReply *self, VlRecord *record)
{
  VlFlight *flight;

  g_return_if_fail (VL_IS_REPLY (self));
  g_return_if_fail (VL_IS_RECORD (record));

  flight = self->flight;
  if (!_vl_flight_expects (flight, VL_ANSWER_PAGE))
    return;

  _vl_lock_acquire (&flight->lock);
  if (!flight->answered)
    {
      if (flight->rows == NULL)
        flight->rows = vl_page_builder_new (NULL);
      vl_page_builder_add_record (flight->rows, record);
    }
  _vl_lock_release (&flight->lock);
}

/**
 * vl_reply_set_total:
 * @self: a reply
 * @total: how many records meet the query in all, or -1 if that is not known
 *
 * Sets the total of the page that [method@Reply.finish] will answer with.
 *
 * Since: 1.0
 */
void
vl_reply_set_total (VlReply *self, gint64 total)
{
  VlFlight *flight;

  g_return_if_fail (VL_IS_REPLY (self));

  flight = self->flight;
  if (!_vl_flight_expects (flight, VL_ANSWER_PAGE))
    return;

  _vl_lock_acquire (&flight->lock);
  flight->total = MAX (total, -1);
  _vl_lock_release (&flight->lock);
}

/* Takes `record` and `error` over. */
static void
flight_answer_nth (VlFlight *flight, guint index, VlRecord *record, GError *error)
{
  g_autoptr (VlRecord) own_record = record;
  g_autoptr (GError) own_error = error;
  gboolean taken = FALSE, late;

  if (!_vl_flight_expects (flight, VL_ANSWER_BATCH))
    return;

  _vl_lock_acquire (&flight->lock);
  if (!flight->answered && flight->state != FLIGHT_ENDED && index < flight->answer.n_items &&
      !flight->answer.items[index].answered)
    {
      VlBatchItem *item = &flight->answer.items[index];

      item->answered = TRUE;
      item->record = g_steal_pointer (&own_record);
      item->error = g_steal_pointer (&own_error);
      taken = TRUE;
    }
  late = flight->state == FLIGHT_ENDED && !flight->answered;
  _vl_lock_release (&flight->lock);

  if (!taken && !late)
    _vl_log_warning ("%s.%s() answered item %u of a batch that is over, too short, or has that "
                     "answer; it is ignored",
                     g_type_name (flight->info.type), flight->info.vfunc, index);
}

/**
 * vl_reply_return_nth:
 * @self: a reply
 * @index: the position of the change in the batch
 * @record: (nullable): the record as it is stored now, as in
 *   [method@Reply.return_record]
 *
 * Answers one change of a batch.
 *
 * It counts when [method@Reply.finish] is called.
 *
 * Since: 1.0
 */
void
vl_reply_return_nth (VlReply *self, guint index, VlRecord *record)
{
  g_return_if_fail (VL_IS_REPLY (self));
  g_return_if_fail (record == NULL || VL_IS_RECORD (record));

  flight_answer_nth (self->flight, index, record != NULL ? g_object_ref (record) : NULL, NULL);
}

/**
 * vl_reply_fail_nth:
 * @self: a reply
 * @index: the position of the change in the batch
 * @error: what went wrong with it
 *
 * Fails one change of a batch.
 *
 * It counts when [method@Reply.finish] is called.
 *
 * Since: 1.0
 */
void
vl_reply_fail_nth (VlReply *self, guint index, const GError *error)
{
  g_return_if_fail (VL_IS_REPLY (self));
  g_return_if_fail (error != NULL);

  flight_answer_nth (self->flight, index, NULL, g_error_copy (error));
}

static void
flight_finish_page (VlFlight *flight)
{
  g_autoptr (VlPageBuilder) rows = NULL;
  VlAnswer answer = { 0 };
  gint64 total;

  _vl_lock_acquire (&flight->lock);
  rows = g_steal_pointer (&flight->rows);
  total = flight->total;
  _vl_lock_release (&flight->lock);

  if (rows == NULL)
    rows = vl_page_builder_new (NULL);
  vl_page_builder_set_total (rows, total);
  answer.page = vl_page_builder_end (rows);
  _vl_flight_answer (flight, &answer);
}

static void
flight_finish_batch (VlFlight *flight)
{
  VlAnswer answer = { 0 };
  gboolean answered, finishing;

  _vl_lock_acquire (&flight->lock);
  answered = flight->answered || flight->state == FLIGHT_ENDED;
  finishing = !answered && flight->answer.items == NULL;
  if (!answered)
    {
      answer = flight->answer;
      flight->answer = (VlAnswer){ 0 };
    }
  _vl_lock_release (&flight->lock);

  /* Another thread is between here and its answer. */
  if (finishing)
    return;

  for (guint i = 0; i < answer.n_items; i++)
    {
      if (!answer.items[i].answered)
        answer.items[i].error = _vl_flight_error (flight, VL_ERROR_FAILED,
                                                  _ ("left a change of a batch without an answer"));
    }
  _vl_flight_answer (flight, &answer);
}

/**
 * vl_reply_finish:
 * @self: a reply
 *
 * Answers with what was collected.
 *
 * For `list` that is the page of the records added with
 * [method@Reply.add_record]; for `apply_batch` the answers given with
 * [method@Reply.return_nth] and [method@Reply.fail_nth]. A change of the batch
 * that has none fails with %VL_ERROR_FAILED.
 *
 * Since: 1.0
 */
void
vl_reply_finish (VlReply *self)
{
  g_return_if_fail (VL_IS_REPLY (self));

  if (self->flight->info.kind == VL_ANSWER_BATCH)
    flight_finish_batch (self->flight);
  else if (_vl_flight_expects (self->flight, VL_ANSWER_PAGE))
    flight_finish_page (self->flight);
}
