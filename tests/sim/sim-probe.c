/* sim-probe.c: somebody else who uses the cache on disk
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Collects leases, and tries what old ones are good for: nothing (D2). Looks,
 * when the program has begun again, at all that is there.
 */

#include "sim.h"

typedef struct
{
  Sim *sim;
  SimCore *core;
  guint64 lease;    /* 0 = none yet */
  guint asked;      /* numbers in the order of what happens */
  guint answered;   /* likewise */
  guint n_jobs;     /* that the disk had done when it was asked for, and nothing was left */
  guint64 expected; /* what the file had then, 0 = nobody knows */
  gboolean is_old;
  guint old_at;    /* likewise: since when that is known */
  gboolean judges; /* those that were answered before it was asked for */
} Lease;

typedef struct
{
  Sim *sim;
  SimCore *core;
  SimDiskEntry *entry; /* not ours */
  char *key;
  gboolean done;
} Look;

static char *
root_of (SimCore *core)
{
  return g_strconcat (core->key, "@sim%3Aclients", NULL);
}

/* Leases */

static void
judge (Lease *lease, Lease *other)
{
  if (other->core != lease->core || other->lease == 0)
    return;

  /* One that was asked for before may still be on its way. */
  if (other->is_old && lease->asked > other->old_at && other->lease == lease->lease)
    sim_fail (lease->sim, "D2: the lease %" G_GUINT64_FORMAT " of %s is there again", lease->lease,
              lease->core->key);
  if (lease->judges && other->answered < lease->asked && other->lease != lease->lease &&
      !other->is_old)
    {
      other->is_old = TRUE;
      other->old_at = lease->answered;
    }
}

static void
leased (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Lease *lease = user_data;
  Sim *sim = lease->sim;

  if (!vl_cache_get_lease_finish (VL_CACHE (source), result, &lease->lease, NULL) || sim->failed ||
      sim->is_crashing)
    {
      lease->lease = 0;
      return;
    }

  lease->answered = ++sim->n_asked;
  if (lease->expected != 0 && lease->n_jobs == sim_disk_count_done (sim->disk) &&
      lease->lease != lease->expected)
    sim_fail (sim, "D2: the lease %" G_GUINT64_FORMAT " of %s is not its generation", lease->lease,
              lease->core->key);
  for (guint i = 0; i < sim->leases->len; i++)
    judge (lease, g_ptr_array_index (sim->leases, i));
}

static void
ask_lease (Sim *sim, SimCore *core, gboolean judges)
{
  Lease *lease = g_new0 (Lease, 1);
  g_autofree char *root = root_of (core);

  lease->sim = sim;
  lease->core = core;
  lease->asked = ++sim->n_asked;
  lease->judges = judges;
  lease->n_jobs = sim_disk_count_done (sim->disk);
  lease->expected = sim_disk_get_generation (sim->disk, core);
  g_ptr_array_add (sim->leases, lease);
  vl_cache_get_lease_async (sim->cache, root, NULL, leased, lease);
}

/* The root was invalidated, now or a while ago: a lease that was given out
 * before and is not the one of now will never be any good again. */
void
sim_probe_invalidated (Sim *sim, SimCore *core)
{
  for (guint i = 0; i < sim->leases->len && sim->cache != NULL; i++)
    {
      Lease *lease = g_ptr_array_index (sim->leases, i);

      if (lease->core != core || lease->lease == 0 || lease->is_old)
        continue;
      ask_lease (sim, core, TRUE);
      return;
    }
}

static void
check_not_fresh (Look *look, gboolean fresh)
{
  if (fresh && !look->sim->failed && !look->sim->is_crashing)
    sim_fail (look->sim, "D2: what was stored under an old lease is fresh");
}

static void
looked_old (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Look *look = user_data;
  gboolean fresh = FALSE;
  g_autoptr (VlPage) page = vl_cache_lookup_finish (VL_CACHE (source), result, &fresh, NULL, NULL);

  check_not_fresh (look, page != NULL && fresh);
  g_free (look->key);
  g_free (look);
}

static void
stored_old (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Look *look = user_data;
  g_autofree char *root = root_of (look->core);
  g_autoptr (VlPage) page = NULL;

  vl_cache_store_finish (VL_CACHE (source), result, NULL);
  page = vl_cache_peek (VL_CACHE (source), root, look->key);
  check_not_fresh (look, page != NULL && !vl_page_get_is_stale (page));
  vl_cache_lookup_async (VL_CACHE (source), root, look->key, NULL, looked_old, look);
}

static void
try_old_lease (Sim *sim, Lease *lease)
{
  g_autofree char *root = root_of (lease->core);
  const SimVersion *state = sim_data_peek (sim->data, 0);
  g_autoptr (VlPage) page = sim_rows_to_page (sim->schema, state, NULL, 0, 0);
  Look *look = g_new0 (Look, 1);

  sim->counts[SIM_COUNT_OLD_LEASES]++;
  look->sim = sim;
  look->core = lease->core;
  look->key = g_strdup_printf ("probe/%u", sim->step);
  vl_cache_store_async (sim->cache, root, look->key, page, lease->lease, NULL, stored_old, look);
}

typedef struct
{
  Sim *sim;
  SimCore *core;
  gboolean clears;
  guint version; /* when it was asked for */
} Elsewhere;

static void
done_elsewhere (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Elsewhere *elsewhere = user_data;
  Sim *sim = elsewhere->sim;
  gboolean done = elsewhere->clears ? vl_cache_clear_finish (VL_CACHE (source), result, NULL)
                                    : vl_cache_invalidate_finish (VL_CACHE (source), result, NULL);

  if (sim->failed || sim->is_crashing)
    return;

  elsewhere->core->n_elsewhere--;
  elsewhere->core->last_elsewhere = sim->step;
  if (done)
    sim_oracle_known (sim, elsewhere->core, elsewhere->version);
}

/* From the moment on in which it is asked for, whoever peeks sees it. */
static void
check_forgotten (Sim *sim, GPtrArray *entries, const Elsewhere *elsewhere)
{
  for (guint i = 0; i < entries->len; i++)
    {
      SimDiskEntry *entry = g_ptr_array_index (entries, i);
      g_autoptr (VlPage) page = NULL;

      if (entry->core != elsewhere->core)
        continue;
      page = vl_cache_peek (sim->cache, entry->root, entry->key);
      if (page != NULL && (elsewhere->clears || !vl_page_get_is_stale (page)))
        sim_fail (sim, "D3: %s/%s is still there for those who peek", entry->core->key, entry->key);
    }
}

/* Another live table, of another thread, has heard of something. */
void
sim_probe_invalidate (Sim *sim, SimCore *core, gboolean clears)
{
  g_autoptr (GPtrArray) entries = sim_disk_dup_entries (sim->disk);
  g_autofree char *root = root_of (core);
  Elsewhere *elsewhere = g_new0 (Elsewhere, 1);

  sim_log (sim, "  %s is %s elsewhere", root, clears ? "cleared" : "invalidated");
  elsewhere->sim = sim;
  elsewhere->core = core;
  elsewhere->clears = clears;
  elsewhere->version = sim_data_get_version (sim->data);
  core->last_elsewhere = sim->step;
  if (core->n_elsewhere++ == 0)
    core->elsewhere = elsewhere->version;
  if (clears)
    vl_cache_clear_async (sim->cache, root, NULL, done_elsewhere, elsewhere);
  else
    vl_cache_invalidate_async (sim->cache, root, NULL, done_elsewhere, elsewhere);
  check_forgotten (sim, entries, elsewhere);
}

/* When nothing is under way the memory in front of the file calls nothing fresh
 * that the file does not. */
static void
compare_memory (Sim *sim)
{
  g_autoptr (GPtrArray) entries = sim_disk_dup_entries (sim->disk);

  for (guint i = 0; i < entries->len; i++)
    {
      SimDiskEntry *entry = g_ptr_array_index (entries, i);
      g_autoptr (VlPage) page = vl_cache_peek (sim->cache, entry->root, entry->key);

      if (page != NULL && !vl_page_get_is_stale (page) && !entry->is_current && !entry->is_here)
        sim_fail (sim, "D3: %s/%s is fresh in memory, and stale in the file", entry->core->key,
                  entry->key);
    }
}

void
sim_probe_step (Sim *sim, const SimStep *step)
{
  Lease *lease;

  if (sim->disk == NULL)
    return;
  if (sim_disk_count_jobs (sim->disk) == 0)
    compare_memory (sim);

  lease = sim->leases->len > 0 ? g_ptr_array_index (sim->leases, step->b % sim->leases->len) : NULL;
  if (step->a % 2 == 0 && lease != NULL && lease->is_old && lease->lease != 0)
    try_old_lease (sim, lease);
  else
    ask_lease (sim, &sim->cores[step->c % SIM_N_CORES], FALSE);
}

/* All that is there */

static void
check_found (Look *look, VlPage *page, gboolean fresh)
{
  Sim *sim = look->sim;
  SimDiskEntry *entry = look->entry;
  SimCore *core = entry->core;

  if (page == NULL)
    return;

  sim->counts[SIM_COUNT_MARKED_AFTER] += entry->is_current && entry->is_marked && !fresh;
  if (!fresh)
    return;

  if (vl_page_get_is_stale (page))
    sim_fail (sim, "%s/%s is fresh, and flagged as stale", core->key, entry->key);
  if (!entry->is_current)
    sim_fail (sim, "D3: %s/%s was stale before the program began again", core->key, entry->key);
  if (entry->is_marked)
    sim_fail (sim, "D5: %s/%s is fresh, and its root was marked", core->key, entry->key);
  if (!sim_entry_is_of (sim, entry->key, page, core->known))
    sim_fail (sim, "D5: %s/%s is fresh, and older than version %u", core->key, entry->key,
              core->known);
}

static void
looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Look *look = user_data;
  gboolean fresh = FALSE;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage)
    page = vl_cache_lookup_finish (VL_CACHE (source), result, &fresh, NULL, &error);

  look->done = TRUE;
  if (error != NULL)
    sim_fail (look->sim, "after the beginning: %s", error->message);
  else if (!look->sim->failed)
    check_found (look, page, fresh);
}

/* Before anybody else asks. */
void
sim_probe_all (Sim *sim, GPtrArray *entries)
{
  for (guint i = 0; i < entries->len && !sim->failed; i++)
    {
      SimDiskEntry *entry = g_ptr_array_index (entries, i);
      Look look = { .sim = sim, .entry = entry };

      vl_cache_lookup_async (sim->cache, entry->root, entry->key, NULL, looked, &look);
      while (!look.done)
        {
          sim_disk_work (sim->disk);
          g_main_context_iteration (sim->context, FALSE);
        }
    }
}
