/* fuzz-cache.c: the file of a cache on disk
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The first byte says whether the others are a file, or changes to a sound one:
 * where (24 bits) and to what. Whatever is served from it is what was put there.
 */

#include "fuzz.h"

#include "../cache-folder.h"

static char *sound;
static gsize sound_length;

static void
ask (VlCache *cache)
{
  static const char *const keys[] = { "a", "b", "c" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *text = NULL;

      if (look (cache, "root", keys[i], &text) != EXPECT_MISS)
        g_assert_cmpstr (text, ==, keys[i]);
    }
}

static void
use_cache (CacheFolder *folder)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_sqlite_cache_new (folder->path));

  ask (cache);
  put (cache, "root", "a", "a", 10);
  cache_invalidate (cache, "root");
  put (cache, "root", "b", "b", 10);
  ask (cache);
}

static void
use_file (const void *data, gsize length)
{
  g_auto (CacheFolder) folder = { 0 };

  cache_folder_init (&folder);
  g_assert_cmpint (g_mkdir (folder.path, 0700), ==, 0);
  g_assert_true (g_file_set_contents (folder.file, data, (gssize) length, NULL));
  use_cache (&folder);
  cache_folder_wait_free (&folder);
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_auto (CacheFolder) folder = { 0 };

  fuzz_set_up ();
  cache_folder_init (&folder);
  {
    g_autoptr (VlCache) cache = VL_CACHE (vl_sqlite_cache_new (folder.path));

    put (cache, "root", "a", "a", 100);
    put (cache, "root", "c", "c", 20000);
  }
  cache_folder_wait_free (&folder);
  g_assert_true (g_file_get_contents (folder.file, &sound, &sound_length, NULL));

  return 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *copy = NULL;

  if (size == 0)
    return 0;
  if (data[0] % 2 == 1)
    {
      use_file (data + 1, size - 1);
      return 0;
    }

  copy = g_memdup2 (sound, sound_length);
  for (gsize i = 1; i + 3 < size; i += 4)
    copy[(data[i] | (gsize) data[i + 1] << 8 | (gsize) data[i + 2] << 16) % sound_length] = (char)
      data[i + 3];
  use_file (copy, sound_length);

  return 0;
}
