/* sim-provisional.c: writes to records that have no id of the master's yet, and looks
 * at them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Who has made a record goes on to change it, by the id that it has until the
 * master gives it one, and afterwards. F6: all of that is sent behind the record,
 * under the master's id, whatever crashed in between; or it fails, since the record
 * was never stored.
 */

#include "sim.h"

#include <string.h>

/* So far back users remember what they have made. */
#define MEMORY 12

#define PREFIX "new:"

/* The write that has made its record, if it has no other name; else itself. */
const SimWrite *
sim_write_get_root (const SimWrite *write)
{
  return write->parent != NULL ? write->parent : write;
}

/* Whether they are to one record, as far as anybody knows. */
gboolean
sim_write_is_same_record (const SimWrite *a, const SimWrite *b)
{
  const SimWrite *root_a = sim_write_get_root (a);
  const SimWrite *root_b = sim_write_get_root (b);

  if (root_a == root_b)
    return TRUE;
  if ((root_a->is_new && !root_a->has_slot) || (root_b->is_new && !root_b->has_slot))
    return FALSE;

  return root_a->slot == root_b->slot;
}

/* One that there was no place for never had an id; and without a journal the live
 * tables that knew of it may have gone. */
static gboolean
has_provisional (Sim *sim, const SimWrite *write)
{
  return write->is_new && write->uid != NULL && !write->is_late && !write->is_invalid &&
         !write->was_refused && write->n_before < sim->config.capacity &&
         (sim->config.has_journal || write->made_at >= write->core->began);
}

/* One that the users of a core have made, or NULL. */
static SimWrite *
choose (Sim *sim, SimCore *core, guint32 how)
{
  guint n = 0;

  for (guint i = core->writes->len; i > core->first_write && n < MEMORY; i--)
    {
      SimWrite *write = g_ptr_array_index (core->writes, i - 1);

      if (has_provisional (sim, write) && (how >> n++) % 4 != 0)
        return write;
    }

  return NULL;
}

/* The user may mean a record of theirs. */
void
sim_provisional_choose (Sim *sim, SimWrite *write, guint32 how)
{
  if (!sim->config.goes_on || how % 3 == 0 ||
      (write->kind != VL_CHANGE_KIND_PATCH && write->kind != VL_CHANGE_KIND_DELETE))
    return;

  write->parent = choose (sim, write->core, how);
  if (write->parent == NULL)
    return;

  write->slot = write->parent->slot;
  write->has_base = FALSE;
  sim->counts[SIM_COUNT_TO_NEW]++;
  sim_log (sim, "  it is to the record of write %u", write->parent->number);
}

/* Or look at it. */
void
sim_provisional_read (SimCall *call, guint32 how)
{
  Sim *sim = call->sim;

  if (!sim->config.goes_on || how % 3 == 0 ||
      (call->op != SIM_OP_FIND && call->op != SIM_OP_PEEK_RECORD))
    return;

  call->made = choose (sim, call->core, how);
  if (call->made == NULL)
    return;

  sim->counts[SIM_COUNT_READ_NEW]++;
  sim_log (sim, "  it is for the record of write %u", call->made->number);
}

/* The id that it asks for. */
char *
sim_call_dup_id (const SimCall *call)
{
  return call->made != NULL ? g_strconcat (PREFIX, call->made->uid, NULL)
                            : g_strdup (sim_id (call->slot));
}

/* The write that has made the record with this id, or NULL. */
const SimWrite *
sim_provisional_find (SimCore *core, const char *id)
{
  if (id == NULL || !g_str_has_prefix (id, PREFIX))
    return NULL;

  for (guint i = core->writes->len; i > 0; i--)
    {
      const SimWrite *write = g_ptr_array_index (core->writes, i - 1);

      if (write->is_new && g_strcmp0 (write->uid, id + strlen (PREFIX)) == 0)
        return write;
    }

  return NULL;
}

/* The id that it is made with. */
char *
sim_write_dup_id (const SimWrite *write)
{
  return write->parent != NULL ? g_strconcat (PREFIX, write->parent->uid, NULL)
                               : g_strdup (sim_id (write->slot));
}

/* It is sent. */
void
sim_provisional_sent (Sim *sim, SimWrite *write, VlChange *change)
{
  guint slot;

  if (write->parent == NULL)
    return;

  if (!write->parent->has_slot || !sim_id_parse (vl_change_get_id (change), &slot) ||
      slot != write->parent->slot)
    {
      sim_fail (sim, "F6: write %u is sent to %s, and is to the record of write %u", write->number,
                vl_change_get_id (change), write->parent->number);
      return;
    }

  write->slot = slot;
  write->has_slot = TRUE;
  sim->counts[SIM_COUNT_TO_RENAMED]++;
}

/* Whether its record is not there, as far as the live table knows. */
gboolean
sim_provisional_may_be_unstored (const SimWrite *write)
{
  const SimWrite *parent = write->parent;

  return parent != NULL &&
         (parent->order > write->order || parent->state != SIM_WRITE_ANSWERED ||
          parent->outcome.failed || parent->was_in_doubt || parent->is_open || !parent->executed);
}

/* Whether it ends because there is no such record. */
gboolean
sim_provisional_is_unstored (Sim *sim, const SimWrite *write, const GError *error)
{
  if (write->parent == NULL || write->n_attempts > 0 ||
      !g_error_matches (error, VL_ERROR, VL_ERROR_NOT_FOUND) ||
      (strstr (error->message, "was never stored") == NULL &&
       strstr (error->message, "is not known here") == NULL))
    return FALSE;

  sim->counts[SIM_COUNT_UNSTORED]++;
  if (!sim_provisional_may_be_unstored (write))
    sim_fail (sim, "F6: write %u has no record, and write %u has stored it", write->number,
              write->parent->number);

  return TRUE;
}
