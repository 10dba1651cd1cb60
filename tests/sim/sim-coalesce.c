/* sim-coalesce.c: patches that are sent as one
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Patches to a record that follow upon each other may be sent as one: nothing
 * else to the record stands between them, none is left out, the last value of
 * each field counts, and each of them is compared with what it was based on. What
 * was sent under a uid once takes in no more.
 */

#include "sim.h"

static SimWrite *
find_last (SimWrite *write, VlChange *change)
{
  gint64 w = vl_record_get_int64 (vl_change_get_record (change), "w");

  for (guint i = write->core->writes->len; i > 0; i--)
    {
      SimWrite *other = g_ptr_array_index (write->core->writes, i - 1);

      if (other->row.w == w && !other->is_absorbed)
        return other;
    }

  return NULL;
}

/* What is known of one that may have ended before it was sent. One whose caller has
 * cancelled is withdrawn, unless it had been merged by then, which the list of a live
 * table tells; `perhaps` is what is taken to be so when there is none to ask. */
static gboolean
is_pending (Sim *sim, const SimWrite *write, gboolean perhaps)
{
  if (write->object != NULL)
    return vl_write_get_state (write->object) < VL_WRITE_STATE_APPLIED;

  for (guint i = 0; i < sim->shells->len; i++)
    {
      SimShell *shell = g_ptr_array_index (sim->shells, i);
      GListModel *list;

      if (shell->core != write->core || shell->table == NULL)
        continue;
      list = vl_live_table_get_writes (shell->table);
      for (guint j = 0; j < g_list_model_get_n_items (list); j++)
        {
          g_autoptr (VlWrite) object = g_list_model_get_item (list, j);

          if (g_strcmp0 (write->uid, vl_change_get_uid (vl_write_get_change (object))) == 0)
            return vl_write_get_state (object) < VL_WRITE_STATE_APPLIED;
        }
      return FALSE;
    }

  return perhaps;
}

/* Whether it was over before it could be sent. */
static gboolean
is_gone (Sim *sim, const SimWrite *write)
{
  return write->state != SIM_WRITE_QUEUED || write->is_over || write->is_invalid ||
         write->is_late || write->expected == SIM_EXPECTED_NEVER ||
         (write->withdrawn > 0 && write->withdrawn < sim->step);
}

static gboolean
is_to_same (const SimWrite *a, const SimWrite *b)
{
  return a->kind == VL_CHANGE_KIND_DELETE_ALL || sim_write_is_same_record (a, b);
}

static int
compare_orders (gconstpointer a, gconstpointer b)
{
  const SimWrite *write_a = *(const SimWrite *const *) a;
  const SimWrite *write_b = *(const SimWrite *const *) b;

  return (write_a->order > write_b->order) - (write_a->order < write_b->order);
}

/* All between it and the last. */
static GPtrArray *
collect (Sim *sim, SimWrite *write, SimWrite *last, gboolean perhaps)
{
  GPtrArray *joined = g_ptr_array_new ();

  for (guint i = 0; i < write->core->writes->len && last != write; i++)
    {
      SimWrite *other = g_ptr_array_index (write->core->writes, i);
      gboolean is_doubtful = other->cancel_asked || other->n_before >= sim->config.capacity ||
                             other->was_undescribed ||
                             other->core->last_undescribed >= other->step ||
                             (other->is_done && !other->is_released) ||
                             sim_provisional_may_be_unstored (other);

      if (other->number_in_core != i || other->order <= write->order ||
          other->order > last->order || is_gone (sim, other) ||
          (other != last && is_doubtful && !is_pending (sim, other, perhaps)))
        continue;
      if (other->kind == VL_CHANGE_KIND_PATCH && is_to_same (other, write))
        g_ptr_array_add (joined, other);
      else if ((sim->config.is_strict || is_to_same (other, write)) &&
               (!is_doubtful || is_pending (sim, other, FALSE)))
        sim_fail (sim, "E4: write %u is sent with write %u, and write %u is between them",
                  last->number, write->number, other->number);
    }

  g_ptr_array_sort (joined, compare_orders);

  return joined;
}

static gboolean
has_fields (const SimWrite *write, GPtrArray *joined, VlRecord *fields)
{
  SimRow row = write->row;
  gboolean sets_g = write->sets_g;
  gboolean sets_n = write->sets_n;

  for (guint i = 0; i < joined->len; i++)
    {
      const SimWrite *other = g_ptr_array_index (joined, i);

      sim_row_patch (&row, other);
      sets_g |= other->sets_g;
      sets_n |= other->sets_n;
    }

  return vl_record_has_field (fields, "g") == sets_g &&
         vl_record_has_field (fields, "n") == sets_n &&
         (!sets_g || vl_record_get_int64 (fields, "g") == row.g) &&
         (!sets_n || vl_record_get_int64 (fields, "n") == row.n) &&
         vl_record_get_int64 (fields, "w") == row.w;
}

/* What is sent is what was asked for. */
static void
check_fields (Sim *sim, const SimWrite *write, GPtrArray *joined, VlRecord *fields)
{
  g_autofree char *text = NULL;

  if (has_fields (write, joined, fields))
    return;

  text = vl_record_to_json (fields);
  for (guint i = 0; i < joined->len; i++)
    sim_log (sim, "  it should have write %u",
             ((SimWrite *) g_ptr_array_index (joined, i))->number);
  sim_fail (sim, "E5: write %u is sent, with %u others, as %s, and is not all of them",
            write->number, joined->len, text);
}

/* What one of them alone would have been compared with. */
static void
check_bases (Sim *sim, const SimWrite *write, GPtrArray *joined)
{
  gboolean sets_g = write->sets_g;
  gboolean sets_n = write->sets_n;

  for (guint i = 0; i < joined->len; i++)
    {
      const SimWrite *other = g_ptr_array_index (joined, i);

      if (other->base.exists != write->base.exists ||
          (other->sets_g && !sets_g && other->base.g != write->base.g) ||
          (other->sets_n && !sets_n && other->base.n != write->base.n))
        sim_fail (sim, "E5: write %u is not compared with its base, but with that of write %u",
                  other->number, write->number);
      sets_g |= other->sets_g;
      sets_n |= other->sets_n;
    }
}

/* The master may know the uid. */
static void
check_no_more (Sim *sim, const SimWrite *write, GPtrArray *joined)
{
  for (guint i = 0; write->joined != NULL && i < joined->len; i++)
    {
      const SimWrite *other = g_ptr_array_index (joined, i);

      if (!g_ptr_array_find (write->joined, other, NULL))
        sim_fail (sim, "E11: write %u joins write %u, which was sent without it", other->number,
                  write->number);
    }
}

/* Those that were made one with it in the journal, in an earlier process. */
void
sim_coalesced_take_up (Sim *sim, SimWrite *write, VlChange *change)
{
  SimWrite *last = write->kind == VL_CHANGE_KIND_PATCH ? find_last (write, change) : write;
  g_autoptr (GPtrArray) joined = g_ptr_array_new ();
  guint order;

  if (last == write)
    return;
  /* They had parted, and it was asked for again, which the disk had no room for. */
  order = last != NULL && last->order < write->order ? write->stood_at : write->order;
  if (last == NULL || order == 0 || last->order < order || !is_to_same (last, write) ||
      last->expected == SIM_EXPECTED_NEVER || last->expected == SIM_EXPECTED_FAILED)
    {
      sim_fail (sim, "E5: write %u has the content of another in the journal", write->number);
      return;
    }

  for (guint i = 0; i < write->core->writes->len; i++)
    {
      SimWrite *other = g_ptr_array_index (write->core->writes, i);

      if (other != write && other->number_in_core == i && other->order > order &&
          other->order <= last->order && is_to_same (other, write) &&
          other->kind == VL_CHANGE_KIND_PATCH &&
          (other->expected == SIM_EXPECTED || other->expected == SIM_EXPECTED_PERHAPS))
        g_ptr_array_add (joined, other);
    }
  g_ptr_array_sort (joined, compare_orders);
  check_fields (sim, write, joined, vl_change_get_record (change));
  if (write->absorbed == NULL)
    write->absorbed = g_ptr_array_new ();
  for (guint i = 0; i < joined->len; i++)
    {
      SimWrite *other = g_ptr_array_index (joined, i);

      sim_log (sim, "  and in it write %u", other->number);
      sim_write_leave (sim, other);
      sim_row_patch (&write->row, other);
      write->sets_g |= other->sets_g;
      write->sets_n |= other->sets_n;
      other->is_absorbed = TRUE;
      other->is_owed = other->has_caller && !other->is_done;
      other->state = SIM_WRITE_ANSWERED;
      other->is_over = TRUE;
      other->is_waiting = FALSE;
      other->is_open = FALSE;
      other->shown = SIM_SHOWN_NOT;
      other->expected = SIM_EXPECTED_NOT;
      other->was_in_doubt |= other->n_attempts > 0;
      g_ptr_array_add (write->absorbed, other);
    }
}

/* A patch is sent: which others are in it? */
void
sim_coalesced_take (Sim *sim, SimWrite *write, VlChange *change)
{
  SimWrite *last = find_last (write, change);
  GPtrArray *joined;

  if (last == NULL || (last != write && !sim->config.coalesces))
    {
      sim_fail (sim, "E4: write %u is sent with the content of another", write->number);
      return;
    }

  joined = collect (sim, write, last, TRUE);
  if (!sim->failed && !has_fields (write, joined, vl_change_get_record (change)))
    {
      g_ptr_array_unref (joined);
      joined = collect (sim, write, last, FALSE);
    }
  if (last != write && !g_ptr_array_find (joined, last, NULL))
    sim_fail (sim, "E4: write %u is sent with write %u, and cannot be", last->number,
              write->number);
  check_no_more (sim, write, joined);
  check_fields (sim, write, joined, vl_change_get_record (change));
  check_bases (sim, write, joined);
  g_clear_pointer (&write->joined, g_ptr_array_unref);
  write->joined = joined;
}
