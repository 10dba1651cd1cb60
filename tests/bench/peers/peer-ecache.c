/* peer-ecache.c: Evolution's cache of objects gets and puts a page
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <libebackend/libebackend.h>

#include "peer.h"

#define PAGE_SIZE 100

/* What is kept is text: here the page as JSON. */
static char *pages[2];
static ECache *cache;
static guint n_put;

typedef ECache PeerCache;
typedef ECacheClass PeerCacheClass;

static GType peer_cache_get_type (void);
G_DEFINE_TYPE (PeerCache, peer_cache, E_TYPE_CACHE)

static void
peer_cache_class_init (PeerCacheClass *klass)
{
}

static void
peer_cache_init (PeerCache *self)
{
}

static char *
make_page (guint first)
{
  g_autoptr (GString) page = g_string_new ("[");

  for (guint i = first; i < first + PAGE_SIZE; i++)
    g_string_append_printf (page,
                            "%s{\"id\":%u,\"name\":\"Product number %u\",\"city\":\"Berlin\","
                            "\"price\":%u.25,\"stock\":%u,\"listed\":%u}",
                            i > first ? "," : "", i, i, i, i * 7919 % 1000, i % 3 != 0);
  g_string_append_c (page, ']');

  return g_string_free (g_steal_pointer (&page), FALSE);
}

static guint
get (guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *page = e_cache_get (cache, "page", NULL, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert (page != NULL);
    }

  return PAGE_SIZE;
}

static guint
put (guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;

      e_cache_put (cache, "page", NULL, pages[n_put++ % 2], NULL, E_CACHE_IS_ONLINE, NULL, &error);
      g_assert_no_error (error);
    }

  return PAGE_SIZE;
}

int
main (int argc, char **argv)
{
  static const PeerOperation operations[] = { { "get", get }, { "put", put } };
  g_autofree char *file = g_build_filename (argv[2], "ecache.db", NULL);
  g_autoptr (GError) error = NULL;

  pages[0] = make_page (0);
  pages[1] = make_page (PAGE_SIZE);
  cache = g_object_new (peer_cache_get_type (), NULL);
  e_cache_initialize_sync (cache, file, NULL, NULL, &error);
  g_assert_no_error (error);
  put (1);
  peer_serve (operations, G_N_ELEMENTS (operations));
  g_object_unref (cache);

  return 0;
}
