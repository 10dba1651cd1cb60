/* test-sqlite-cache-power.c: a cache on a disk that loses what was not synced
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A seed decides what is read, written and invalidated, when the program or the
 * machine dies, and what is left on the disk. The cache is driven as a live
 * table drives it: the mark before a write, the lease before a fetch. One seed
 * is run again by VL_TEST_SEED=SEED, more of them by VL_TEST_SEEDS=NUMBER.
 */

#include <sqlite3.h>
#include <stdlib.h>

#include "cache-folder.h"
#include "forgetful-file.h"
#include "forgetful-vfs.h"
#include "stepped-jobs.h"

#include "vantage-live/base/vl-random-private.h"
#include "vantage-live/cache/vl-disk-private.h"

#define N_SEEDS   400
#define N_QUICK   20
#define N_LIVES   6
#define N_STEPS   120
#define N_ROOTS   3
#define N_KEYS    5
#define N_FETCHES 4

/* What the world does wrong, for the test to notice. */
typedef enum
{
  SOUND,
  DISK_LIES,      /* what is synced is lost all the same */
  MARKS_ARE_LATE, /* the write is sent before its mark is answered */
  MARKS_ARE_NOT,  /* the write is sent without one */
  NEVER_MIND,     /* what somebody else changed is not invalidated */
} Flaw;

typedef enum
{
  QUIET,
  MARKING,
  MARKED,
  UNMARKING,
  INVALIDATING,
  CLEARING,
} RootState;

/* A root, and what the master has under it: each key has the same version. */
typedef struct
{
  char *name;
  RootState state;
  gboolean is_written; /* while it is marked */
  gboolean is_old;     /* somebody else changed it; it is to be invalidated */

  guint version;
  guint settled; /* nothing older is fresh in this life */
  guint guarded; /* nothing older is fresh in the next */
  guint firm;    /* the same, should the disk have taken nothing at the end */

  guint cleared;     /* no text with such a number, or a lower one, is there */
  guint64 max_lease; /* of those that were heard of */
} Root;

/* A page on its way from the master into the cache. */
typedef enum
{
  FETCH_NONE,
  FETCH_ASKING,
  FETCH_LEASED,
  FETCH_READ,
  FETCH_STORING,
} FetchState;

typedef struct
{
  FetchState state;
  guint root;
  guint key;
  guint64 lease;
  VlPage *page;
} Fetch;

typedef struct
{
  CacheFolder folder;
  VlCache *cache;
  GRand *rand;
  Flaw flaw;
  guint32 seed;
  guint life;
  gboolean has_fault; /* this life: the disk fails once, or from some time on */
  gboolean had_fault; /* this life or before: it may have left a damaged file */
  guint n_texts;      /* numbers them */
  guint n_calls;      /* on their way */
  Root roots[N_ROOTS];
  Fetch fetches[N_FETCHES];
  guint n_wrong;
} World;

typedef struct
{
  guint fresh;
  guint stale;
  guint missing;
  guint power_losses;
  guint kills;
  guint degraded;
} Counters;

static Counters counters;

/* A request, with what was known when it was made. */
typedef struct
{
  World *world;
  guint life;
  guint root;
  guint key;
  Fetch *fetch; /* NULL = just to see */
  guint version;
  guint settled;
  guint cleared;
  guint64 max_lease;
  guint n_texts;
} Call;

static guint
any_below (World *world, guint n)
{
  return g_rand_int (world->rand) % n;
}

G_GNUC_PRINTF (2, 3)
static void
complain (World *world, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  world->n_wrong++;
  if (world->flaw != SOUND)
    return;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_test_message ("seed %u, life %u: %s", world->seed, world->life, message);
}

static Call *
call_new (World *world, guint root, guint key, Fetch *fetch)
{
  Call *call = g_new0 (Call, 1);

  world->n_calls++;
  call->world = world;
  call->life = world->life;
  call->root = root;
  call->key = key;
  call->fetch = fetch;
  call->version = world->roots[root].version;
  call->settled = world->roots[root].settled;
  call->cleared = world->roots[root].cleared;
  call->max_lease = world->roots[root].max_lease;
  call->n_texts = world->n_texts;

  return call;
}

/* TRUE if it is of this life: what the dead hear nobody has heard. */
static gboolean
call_ends (Call *call, const GError *error)
{
  gboolean counts = call->life == call->world->life && !forgetful_disk_is_dead ();

  call->world->n_calls--;
  if (counts && error != NULL && !call->world->has_fault)
    complain (call->world, "a call failed: %s", error->message);

  return counts && error == NULL;
}

static char *
key_text (guint key)
{
  return g_strdup_printf ("key-%u", key);
}

/* --- What the cache says --- */

static void
check_text (World *world, Call *call, VlPage *page, gboolean fresh)
{
  Root *root = &world->roots[call->root];
  g_autofree char *text = page_text (page);
  guint root_index, key, version, number;

  g_assert_cmpint (sscanf (text, "secret %u %u %u %u", &root_index, &key, &version, &number), ==,
                   4);
  if (root_index != call->root || key != call->key)
    complain (world, "asked for %u/%u, got “%s”", call->root, call->key, text);
  if (version > root->version)
    complain (world, "“%s” is of the future", text);
  if (fresh && version < call->settled)
    complain (world, "“%s” is fresh, but there is version %u", text, call->settled);
  if (number <= call->cleared)
    complain (world, "“%s” was cleared", text);
  counters.fresh += fresh;
  counters.stale += !fresh;
}

/* Those of the memory that takes the place of the file are others. */
static void
check_lease (World *world, VlSqliteCache *cache, Call *call, guint64 lease)
{
  Root *root = &world->roots[call->root];

  if (vl_sqlite_cache_get_is_degraded (cache))
    return;
  if (lease == 0 || lease >= G_GUINT64_CONSTANT (1) << 53 || lease < call->max_lease)
    complain (world, "lease %" G_GUINT64_FORMAT " after %" G_GUINT64_FORMAT, lease,
              call->max_lease);
  root->max_lease = MAX (root->max_lease, lease);
}

static void
on_looked_up (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  World *world = call->world;
  g_autoptr (GError) error = NULL;
  gboolean fresh = FALSE;
  guint64 lease = 0;
  g_autoptr (VlPage)
    page = vl_cache_lookup_finish (VL_CACHE (object), result, &fresh, &lease, &error);

  if (!call_ends (call, error))
    return;

  check_lease (world, VL_SQLITE_CACHE (object), call, lease);
  if (page != NULL)
    check_text (world, call, page, fresh);
  else
    counters.missing++;

  if (call->fetch != NULL)
    {
      call->fetch->lease = lease;
      call->fetch->state = fresh ? FETCH_NONE : FETCH_LEASED;
    }
}

static void
look_up (World *world, guint root, guint key, Fetch *fetch)
{
  g_autofree char *text = key_text (key);

  vl_cache_lookup_async (world->cache, world->roots[root].name, text, NULL, on_looked_up,
                         call_new (world, root, key, fetch));
}

/* --- Reading --- */

static void
on_stored (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (GError) error = NULL;

  vl_cache_store_finish (VL_CACHE (object), result, &error);
  if (call_ends (call, error))
    call->fetch->state = FETCH_NONE;
}

static gboolean
is_closed (Root *root)
{
  return root->state == INVALIDATING || root->state == CLEARING;
}

static void
step_fetch (World *world, Fetch *fetch)
{
  Root *root = &world->roots[fetch->root];
  g_autofree char *text = NULL;
  g_autofree char *key = NULL;

  switch (fetch->state)
    {
    case FETCH_NONE:
      fetch->root = any_below (world, N_ROOTS);
      fetch->key = any_below (world, N_KEYS);
      if (is_closed (&world->roots[fetch->root]))
        break;
      fetch->state = FETCH_ASKING;
      look_up (world, fetch->root, fetch->key, fetch);
      break;
    case FETCH_LEASED:
      text = g_strdup_printf ("secret %u %u %u %u.", fetch->root, fetch->key, root->version,
                              ++world->n_texts);
      g_clear_object (&fetch->page);
      fetch->page = text_page (text, any_below (world, 8) == 0 ? 30000 : 200);
      fetch->state = FETCH_READ;
      break;
    case FETCH_READ:
      if (is_closed (root))
        break;
      key = key_text (fetch->key);
      fetch->state = FETCH_STORING;
      vl_cache_store_async (world->cache, root->name, key, fetch->page, fetch->lease, NULL,
                            on_stored, call_new (world, fetch->root, fetch->key, fetch));
      break;
    case FETCH_ASKING:
    case FETCH_STORING:
    default:
      break;
    }
}

/* --- Writing --- */

static void
apply_write (Root *root)
{
  root->version++;
  root->guarded = root->firm = root->version;
  root->is_written = TRUE;
}

static void
on_marked (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (GError) error = NULL;

  vl_cache_open_finish (VL_CACHE (object), result, &error);
  if (call_ends (call, error))
    call->world->roots[call->root].state = MARKED;
  else if (error != NULL)
    call->world->roots[call->root].state = QUIET;
}

static void
on_unmarked (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (GError) error = NULL;

  vl_cache_close_finish (VL_CACHE (object), result, &error);
  if (call_ends (call, error))
    call->world->roots[call->root].state = QUIET;
}

/* What was asked for then is not fresh any more. */
static void
settle (Root *root, VlSqliteCache *cache, guint version)
{
  root->settled = version;
  root->guarded = MAX (root->guarded, version);
  if (!vl_sqlite_cache_get_is_degraded (cache))
    root->firm = root->guarded;
}

static void
on_invalidated (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  Root *root = &call->world->roots[call->root];
  g_autoptr (GError) error = NULL;

  vl_cache_invalidate_finish (VL_CACHE (object), result, &error);
  if (!call_ends (call, error))
    return;
  settle (root, VL_SQLITE_CACHE (object), call->version);
  root->state = QUIET;
}

static void
on_cleared (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  Root *root = &call->world->roots[call->root];
  g_autoptr (GError) error = NULL;

  vl_cache_clear_finish (VL_CACHE (object), result, &error);
  root->state = QUIET;
  if (!call_ends (call, error))
    return;

  /* What is stored later may have been fetched before, but comes stale. */
  settle (root, VL_SQLITE_CACHE (object), call->version);
  root->cleared = call->n_texts;
}

static void
invalidate (World *world, guint index)
{
  Root *root = &world->roots[index];

  root->state = INVALIDATING;
  root->is_written = FALSE;
  root->is_old = FALSE;
  vl_cache_invalidate_async (world->cache, root->name, NULL, on_invalidated,
                             call_new (world, index, 0, NULL));
}

static void
clear (World *world, guint index)
{
  Root *root = &world->roots[index];

  /* What was fetched before is not to be put back. */
  for (guint i = 0; i < N_FETCHES; i++)
    {
      if (world->fetches[i].root == index && world->fetches[i].state != FETCH_NONE)
        return;
    }
  root->state = CLEARING;
  root->is_old = FALSE;
  vl_cache_clear_async (world->cache, root->name, NULL, on_cleared,
                        call_new (world, index, 0, NULL));
}

static void
step_quiet (World *world, guint index)
{
  Root *root = &world->roots[index];

  if (world->flaw == MARKS_ARE_NOT)
    {
      apply_write (root);
      root->state = MARKED;
      return;
    }

  switch (any_below (world, 12))
    {
    case 0:
      clear (world, index);
      break;
    case 1:
      /* Nobody marks what somebody else does. */
      root->version++;
      root->is_old = TRUE;
      if (world->flaw == NEVER_MIND)
        root->settled = root->guarded = root->firm = root->version;
      break;
    case 2:
      invalidate (world, index);
      break;
    default:
      root->state = MARKING;
      if (world->flaw == MARKS_ARE_LATE)
        apply_write (root);
      vl_cache_open_async (world->cache, root->name, NULL, on_marked,
                           call_new (world, index, 0, NULL));
      break;
    }
}

static void
step_root (World *world, guint index)
{
  Root *root = &world->roots[index];

  switch (root->state)
    {
    case QUIET:
      if (root->is_old && world->flaw != NEVER_MIND)
        invalidate (world, index);
      else
        step_quiet (world, index);
      break;
    case MARKED:
      if (any_below (world, 3) > 0)
        {
          apply_write (root);
        }
      else if (root->is_written || root->is_old)
        {
          invalidate (world, index);
        }
      else
        {
          root->state = UNMARKING;
          vl_cache_close_async (world->cache, root->name, NULL, on_unmarked,
                                call_new (world, index, 0, NULL));
        }
      break;
    case MARKING:
    case UNMARKING:
    case INVALIDATING:
    case CLEARING:
    default:
      break;
    }
}

/* --- Lives --- */

static void
world_open (World *world)
{
  guint64 memory_bytes = any_below (world, 2) == 0 ? 0 : 1000000;
  guint64 max_bytes = any_below (world, 4) == 0 ? 20000 : 0;

  world->cache = g_object_new (VL_TYPE_SQLITE_CACHE, "folder", world->folder.path, "memory-bytes",
                               memory_bytes, "max-bytes", max_bytes, NULL);
}

static void
world_close (World *world)
{
  g_clear_object (&world->cache);
  stepped_jobs_do_all ();
  if (world->n_calls > 0)
    g_error ("VL_TEST_SEED=%u: %u calls were not answered", world->seed, world->n_calls);
  for (guint i = 0; i < N_FETCHES; i++)
    {
      world->fetches[i].state = FETCH_NONE;
      g_clear_object (&world->fetches[i].page);
    }
  world->life++;
  for (guint i = 0; i < N_ROOTS; i++)
    {
      world->roots[i].state = QUIET;
      world->roots[i].is_written = FALSE;
      world->roots[i].settled = world->roots[i].guarded;
      world->roots[i].firm = world->roots[i].guarded;
    }
}

/* The bytes of what was cleared are gone, too. */
static void
check_erased (World *world)
{
  g_autoptr (GDir) dir = g_dir_open (world->folder.path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (world->folder.path, name, NULL);
      g_autofree char *data = NULL;
      gsize length = 0;
      char *p;

      if (strstr (name, "aside") != NULL)
        continue;
      g_assert_true (g_file_get_contents (path, &data, &length, NULL));
      p = data;
      while ((p = memmem (p, length - (gsize) (p - data), "secret ", 7)) != NULL)
        {
          guint root, key, version, number;
          char end;

          /* One that is torn may be another. */
          if (sscanf (p, "secret %u %u %u %u%c", &root, &key, &version, &number, &end) == 5 &&
              end == '.' && root < N_ROOTS && number <= world->roots[root].cleared)
            complain (world, "%s has “%.16s”, which was cleared", name, p);
          p++;
        }
    }
}

static void
check_degraded (World *world)
{
  g_autoptr (GError) error = vl_sqlite_cache_dup_error (VL_SQLITE_CACHE (world->cache));

  counters.degraded += error != NULL;
  if (error != NULL && (!world->has_fault || g_atomic_int_get (&n_warnings) == 0))
    complain (world, "it works from memory alone: %s", error->message);
  else if (!world->had_fault && g_atomic_int_get (&n_warnings) > 0)
    complain (world, "it warned: %s", last_warning);
}

/* Something that does not work, once or from now on. */
static void
add_fault (World *world)
{
  static const struct
  {
    ForgetfulOp op;
    int code;
  } faults[] = {
    { FORGETFUL_OPEN, SQLITE_CANTOPEN }, { FORGETFUL_READ, SQLITE_IOERR },
    { FORGETFUL_READ, SQLITE_CORRUPT },  { FORGETFUL_READ, SQLITE_NOTADB },
    { FORGETFUL_WRITE, SQLITE_IOERR },   { FORGETFUL_WRITE, SQLITE_FULL },
    { FORGETFUL_WRITE, SQLITE_CORRUPT }, { FORGETFUL_SYNC, SQLITE_IOERR },
    { FORGETFUL_SYNC, SQLITE_FULL },     { FORGETFUL_TRUNCATE, SQLITE_IOERR },
    { FORGETFUL_REMOVE, SQLITE_IOERR },  { FORGETFUL_RENAME, SQLITE_IOERR },
    { FORGETFUL_LOOK, SQLITE_IOERR },    { FORGETFUL_LOCK, SQLITE_BUSY },
  };
  guint n = 1 + any_below (world, 2);

  world->has_fault = world->had_fault = TRUE;
  while (n-- > 0)
    {
      guint i = any_below (world, G_N_ELEMENTS (faults));
      gboolean is_frequent = faults[i].op == FORGETFUL_WRITE || faults[i].op == FORGETFUL_READ;
      guint at = 1 + any_below (world, is_frequent ? 80 : 15);

      forgetful_disk_fail (faults[i].op, at, any_below (world, 2), faults[i].code);
    }
}

/* A disk that takes nothing at all, not even that the file is given up, cannot
 * be told of invalidations either. Marks fail then. */
static void
check_guarded (World *world)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  if (!vl_sqlite_cache_get_is_degraded (VL_SQLITE_CACHE (world->cache)))
    return;
  vl_cache_open_async (world->cache, "probe", NULL, keep_result, &result);
  stepped_jobs_do_all ();
  if (!forgetful_disk_is_dead () && vl_cache_open_finish (world->cache, result, &error))
    return;
  for (guint i = 0; i < N_ROOTS; i++)
    world->roots[i].guarded = world->roots[i].firm;
}

/* All that is left is looked at. */
static void
check_all (World *world)
{
  for (guint i = 0; i < N_ROOTS * N_KEYS; i++)
    look_up (world, i / N_KEYS, i % N_KEYS, NULL);
  stepped_jobs_do_all ();
  check_degraded (world);
}

static void
step (World *world)
{
  switch (any_below (world, 12))
    {
    case 0:
      step_root (world, any_below (world, N_ROOTS));
      break;
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
      step_fetch (world, &world->fetches[any_below (world, N_FETCHES)]);
      break;
    case 7:
    case 8:
      stepped_jobs_do_all ();
      break;
    default:
      stepped_jobs_do_one ();
      g_main_context_iteration (NULL, FALSE);
      break;
    }
}

static void
live_and_die (World *world)
{
  gboolean power_lost = any_below (world, 4) > 0;
  guint n_steps = any_below (world, N_STEPS);

  take_warnings ();
  if (any_below (world, 3) == 0)
    add_fault (world);
  world_open (world);
  if (any_below (world, 3) == 0)
    forgetful_disk_kill_at (1 + any_below (world, 40));
  else
    check_all (world);
  for (guint i = 0; i < n_steps && !forgetful_disk_is_dead (); i++)
    step (world);
  if (!forgetful_disk_is_dead ())
    check_degraded (world);
  check_guarded (world);

  if (any_below (world, 6) == 0)
    {
      /* In peace. What is written is not synced by that. */
      forgetful_disk_kill_at (0);
      world_close (world);
    }
  forgetful_disk_kill ();
  world_close (world);
  forgetful_disk_revive (power_lost);
  check_erased (world);
  forgetful_disk_forgive ();
  world->has_fault = FALSE;
  counters.power_losses += power_lost;
  counters.kills += !power_lost;
}

static GRand *library_rand;

static guint64
library_random (void)
{
  return (guint64) g_rand_int (library_rand) << 32 | g_rand_int (library_rand);
}

static guint
run_seed (guint32 seed, Flaw flaw)
{
  World world = { .seed = seed, .flaw = flaw, .rand = g_rand_new_with_seed (seed) };

  g_rand_set_seed (library_rand, seed);
  cache_folder_init (&world.folder);
  g_assert_cmpint (g_mkdir (world.folder.path, 0700), ==, 0);
  forgetful_disk_begin (world.folder.path, g_rand_int (world.rand));
  forgetful_disk_set_lies (flaw == DISK_LIES);
  for (guint i = 0; i < N_ROOTS; i++)
    world.roots[i].name = g_strdup_printf ("root-%u", i);

  for (guint i = 0; i < N_LIVES; i++)
    live_and_die (&world);
  take_warnings ();
  world_open (&world);
  check_all (&world);
  world_close (&world);

  for (guint i = 0; i < N_ROOTS; i++)
    g_free (world.roots[i].name);
  forgetful_disk_end ();
  cache_folder_clear (&world.folder);
  g_rand_free (world.rand);

  return world.n_wrong;
}

static void
get_seeds (guint *first, guint *n)
{
  const char *one = g_getenv ("VL_TEST_SEED");
  const char *many = g_getenv ("VL_TEST_SEEDS");

  *first = one != NULL ? (guint) strtoul (one, NULL, 10) : 0;
  *n = g_getenv ("VL_TEST_QUICK") != NULL ? N_QUICK : N_SEEDS;
  if (one != NULL || many != NULL)
    *n = one != NULL ? 1 : (guint) strtoul (many, NULL, 10);
}

static void
setup (void)
{
  library_rand = g_rand_new ();
  _vl_random_set_func (library_random);
  stepped_jobs_begin ();
  forgetful_vfs_begin ();
  forgetful_files_begin ();
  _vl_disk_erase_set_part (3);
}

static void
teardown (void)
{
  _vl_disk_erase_set_part (0);
  forgetful_files_end ();
  forgetful_vfs_end ();
  stepped_jobs_end ();
  _vl_random_set_func (NULL);
  g_clear_pointer (&library_rand, g_rand_free);
}

static void
test_sound (void)
{
  guint first;
  guint n;

  setup ();
  counters = (Counters){ 0 };
  get_seeds (&first, &n);
  for (guint i = first; i < first + n; i++)
    {
      if (run_seed (i, SOUND) > 0)
        g_error ("VL_TEST_SEED=%u", i);
    }
  g_test_message ("%u power losses, %u kills, %u without the file; %u fresh, %u stale, %u missing",
                  counters.power_losses, counters.kills, counters.degraded, counters.fresh,
                  counters.stale, counters.missing);
  g_assert_cmpuint (counters.fresh, >, n);
  g_assert_cmpuint (counters.stale, >, n);
  teardown ();
}

/* What nobody would notice would be no test. */
static void
test_flaw (gconstpointer data)
{
  Flaw flaw = GPOINTER_TO_UINT (data);
  guint i = 0;

  setup ();
  while (run_seed (i, flaw) == 0)
    g_assert_cmpuint (++i, <, 100);
  g_test_message ("noticed after %u seeds", i + 1);
  teardown ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sqlite-cache/power/what-is-left-is-right", test_sound);
  g_test_add_data_func ("/sqlite-cache/power/notices/a-disk-that-lies",
                        GUINT_TO_POINTER (DISK_LIES), test_flaw);
  g_test_add_data_func ("/sqlite-cache/power/notices/marks-after-the-write",
                        GUINT_TO_POINTER (MARKS_ARE_LATE), test_flaw);
  g_test_add_data_func ("/sqlite-cache/power/notices/writes-without-marks",
                        GUINT_TO_POINTER (MARKS_ARE_NOT), test_flaw);
  g_test_add_data_func ("/sqlite-cache/power/notices/changes-that-are-not-invalidated",
                        GUINT_TO_POINTER (NEVER_MIND), test_flaw);

  return g_test_run ();
}
