/* vl-live-list-ops.c: what can be asked of a list
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-list-private.h"

static gboolean
is_whole (gpointer page, gpointer rest, gpointer user_data)
{
  return !((VlListRest *) rest)->is_torn;
}

/**
 * vl_live_list_retry:
 * @self: a list
 *
 * Asks again, now, for what could not be had.
 *
 * Since: 1.0
 */
void
vl_live_list_retry (VlLiveList *self)
{
  g_return_if_fail (VL_IS_LIVE_LIST (self));

  if (self->error == NULL)
    return;

  _vl_live_list_look_again (self, TRUE);
  g_hash_table_foreach_remove (self->rests, is_whole, NULL);
  g_hash_table_remove_all (self->torn);
  g_clear_error (&self->error);
  self->recounts = TRUE;
  _vl_live_list_schedule (self, 0);
}

/**
 * vl_live_list_refresh:
 * @self: a list
 *
 * Asks again for what is looked at, past anything that is cached. What turns
 * out to be the same stays as it is.
 *
 * Since: 1.0
 */
void
vl_live_list_refresh (VlLiveList *self)
{
  g_return_if_fail (VL_IS_LIVE_LIST (self));

  self->is_refreshing = TRUE;
  _vl_live_list_refill (self);
  self->refilled_at = 0;
  _vl_live_list_schedule (self, 0);
}

/**
 * vl_live_list_find_position:
 * @self: a list
 * @id: the id of a record
 * @position: (out) (optional): where to put the position of the record
 *
 * Finds a record among those that are at hand: the ones that are looked at, and
 * those that somebody holds a row of. The table is not asked.
 *
 * Returns: %TRUE if the record is in the list and at hand
 *
 * Since: 1.0
 */
gboolean
vl_live_list_find_position (VlLiveList *self, const char *id, guint *position)
{
  guint found;

  g_return_val_if_fail (VL_IS_LIVE_LIST (self), FALSE);
  g_return_val_if_fail (id != NULL, FALSE);

  if (!_vl_live_list_find_known (self, id, &found))
    return FALSE;

  if (position != NULL)
    *position = found;
  return TRUE;
}
