/* test-handoff.c: bringing work home
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib.h>

#include "base/vl-handoff-private.h"

#define N_POSTERS 4
#define N_POSTS   2000

typedef struct
{
  GMainContext *context;
  VlHandoff *handoff;
  GString *trace;
  GThread *home;
  guint next[N_POSTERS];
  guint n_run;
  gint n_orphaned; /* atomic */
} Fixture;

typedef struct
{
  Fixture *fixture;
  guint poster;
  guint number;
} Post;

static void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  fixture->context = g_main_context_new ();
  fixture->handoff = _vl_handoff_get (fixture->context);
  fixture->trace = g_string_new (NULL);
  fixture->home = g_thread_self ();
}

static void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->handoff, _vl_handoff_unref);
  g_clear_pointer (&fixture->context, g_main_context_unref);
  g_string_free (fixture->trace, TRUE);
}

static void
run_until_idle (Fixture *fixture)
{
  while (g_main_context_iteration (fixture->context, FALSE))
    ;
}

static void
run_numbered (gpointer user_data, gboolean orphaned)
{
  g_autofree Post *post = user_data;
  Fixture *fixture = post->fixture;

  g_assert_false (orphaned);
  g_assert_true (g_thread_self () == fixture->home);
  g_assert_cmpuint (post->number, ==, fixture->next[post->poster]);
  fixture->next[post->poster]++;
  fixture->n_run++;
}

static gpointer
post_numbered (gpointer user_data)
{
  g_autofree Post *template = user_data;

  for (guint i = 0; i < N_POSTS; i++)
    {
      Post *post = g_memdup2 (template, sizeof *template);

      post->number = i;
      _vl_handoff_post (template->fixture->handoff, run_numbered, post);
    }

  return NULL;
}

static Post *
post_new (Fixture *fixture, guint number)
{
  Post *post = g_new0 (Post, 1);

  post->fixture = fixture;
  post->number = number;

  return post;
}

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  GThread *threads[N_POSTERS];

  for (guint i = 0; i < N_POSTERS; i++)
    {
      Post *template = post_new (fixture, 0);

      template->poster = i;
      threads[i] = g_thread_new ("poster", post_numbered, template);
    }
  while (fixture->n_run < N_POSTERS * N_POSTS)
    g_main_context_iteration (fixture->context, TRUE);
  for (guint i = 0; i < N_POSTERS; i++)
    g_thread_join (threads[i]);
  run_until_idle (fixture);
  g_assert_cmpuint (fixture->n_run, ==, N_POSTERS * N_POSTS);
}

static void
trace_orphaned (gpointer user_data, gboolean orphaned)
{
  g_autofree Post *post = user_data;

  g_string_append_printf (post->fixture->trace, "%s%u ", orphaned ? "orphan" : "", post->number);
}

static void
trace_and_nest (gpointer user_data, gboolean orphaned)
{
  g_autofree Post *post = user_data;

  g_string_append_printf (post->fixture->trace, "(%u ", post->number);
  run_until_idle (post->fixture);
  g_string_append_printf (post->fixture->trace, "%u) ", post->number);
}

static void
trace_and_post (gpointer user_data, gboolean orphaned)
{
  g_autofree Post *post = user_data;

  g_string_append_printf (post->fixture->trace, "%u ", post->number);
  _vl_handoff_post (post->fixture->handoff, trace_orphaned,
                    post_new (post->fixture, post->number + 10));
}

static void
test_not_before_post_returns (Fixture *fixture, gconstpointer data)
{
  _vl_handoff_post (fixture->handoff, trace_orphaned, post_new (fixture, 1));
  g_assert_cmpstr (fixture->trace->str, ==, "");
  run_until_idle (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "1 ");
  g_assert_false (g_main_context_pending (fixture->context));
}

static void
test_shared (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VlHandoff) again = _vl_handoff_get (fixture->context);
  g_autoptr (VlHandoff) other = _vl_handoff_get (NULL);
  g_autoptr (VlHandoff) pushed = NULL;

  g_main_context_push_thread_default (fixture->context);
  pushed = _vl_handoff_get (NULL);
  g_main_context_pop_thread_default (fixture->context);

  g_assert_true (again == fixture->handoff);
  g_assert_true (pushed == fixture->handoff);
  g_assert_true (other != fixture->handoff);
  g_assert_true (_vl_handoff_get_context (other) == g_main_context_default ());
  g_assert_true (_vl_handoff_get_context (again) == fixture->context);
}

static void
test_nested_loop (Fixture *fixture, gconstpointer data)
{
  _vl_handoff_post (fixture->handoff, trace_and_nest, post_new (fixture, 1));
  _vl_handoff_post (fixture->handoff, trace_and_nest, post_new (fixture, 2));
  _vl_handoff_post (fixture->handoff, trace_orphaned, post_new (fixture, 3));
  run_until_idle (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "(1 (2 3 2) 1) ");
}

static void
test_fair (Fixture *fixture, gconstpointer data)
{
  _vl_handoff_post (fixture->handoff, trace_and_post, post_new (fixture, 1));
  _vl_handoff_post (fixture->handoff, trace_and_post, post_new (fixture, 2));
  g_assert_true (g_main_context_iteration (fixture->context, FALSE));
  g_assert_cmpstr (fixture->trace->str, ==, "1 2 ");
  g_assert_true (g_main_context_iteration (fixture->context, FALSE));
  g_assert_cmpstr (fixture->trace->str, ==, "1 2 11 12 ");
}

static void
trace_and_post_on (gpointer user_data, gboolean orphaned)
{
  g_autofree Post *post = user_data;

  g_string_append_printf (post->fixture->trace, "%u ", post->number);
  if (!orphaned)
    _vl_handoff_post_on (post->fixture->handoff, trace_and_post_on,
                         post_new (post->fixture, post->number + 10));
}

/* In order with what was posted before it, once a turn. */
static void
test_post_on (Fixture *fixture, gconstpointer data)
{
  _vl_handoff_post (fixture->handoff, trace_and_post, post_new (fixture, 1));
  _vl_handoff_post_on (fixture->handoff, trace_and_post_on, post_new (fixture, 2));
  _vl_handoff_post (fixture->handoff, trace_and_post, post_new (fixture, 3));
  g_assert_true (g_main_context_iteration (fixture->context, FALSE));
  g_assert_cmpstr (fixture->trace->str, ==, "1 2 3 11 12 ");
  g_assert_true (g_main_context_iteration (fixture->context, FALSE));
  g_assert_cmpstr (fixture->trace->str, ==, "1 2 3 11 12 13 22 32 ");
}

static void
nest_and_post_on (gpointer user_data, gboolean orphaned)
{
  g_autofree Post *post = user_data;

  trace_orphaned (post_new (post->fixture, post->number), orphaned);
  _vl_handoff_post_on (post->fixture->handoff, trace_orphaned,
                       post_new (post->fixture, post->number + 10));
  g_assert_true (g_main_context_iteration (post->fixture->context, FALSE));
}

/* A nested loop may be through with what the turn around it has grown by. */
static void
test_post_on_nested (Fixture *fixture, gconstpointer data)
{
  _vl_handoff_post (fixture->handoff, nest_and_post_on, post_new (fixture, 1));
  _vl_handoff_post (fixture->handoff, trace_orphaned, post_new (fixture, 2));
  g_assert_true (g_main_context_iteration (fixture->context, FALSE));
  g_assert_cmpstr (fixture->trace->str, ==, "1 2 11 ");
  g_assert_false (g_main_context_iteration (fixture->context, FALSE));
}

static void
test_context_goes (Fixture *fixture, gconstpointer data)
{
  _vl_handoff_post (fixture->handoff, trace_and_post, post_new (fixture, 1));
  _vl_handoff_post (fixture->handoff, trace_orphaned, post_new (fixture, 2));
  g_clear_pointer (&fixture->context, g_main_context_unref);
  g_assert_cmpstr (fixture->trace->str, ==, "1 orphan11 orphan2 ");

  g_assert_null (_vl_handoff_get_context (fixture->handoff));
  _vl_handoff_post (fixture->handoff, trace_orphaned, post_new (fixture, 3));
  g_assert_cmpstr (fixture->trace->str, ==, "1 orphan11 orphan2 orphan3 ");
}

static gpointer
post_and_drop (gpointer user_data)
{
  Fixture *fixture = user_data;

  _vl_handoff_post (fixture->handoff, run_numbered, post_new (fixture, 0));
  g_clear_pointer (&fixture->handoff, _vl_handoff_unref);

  return NULL;
}

static void
test_last_unref_elsewhere (Fixture *fixture, gconstpointer data)
{
  g_thread_join (g_thread_new ("dropper", post_and_drop, fixture));
  g_assert_null (fixture->handoff);
  run_until_idle (fixture);
  g_assert_cmpuint (fixture->n_run, ==, 1);

  /* A later user of the context gets a working one. */
  fixture->handoff = _vl_handoff_get (fixture->context);
  _vl_handoff_post (fixture->handoff, run_numbered, post_new (fixture, 1));
  run_until_idle (fixture);
  g_assert_cmpuint (fixture->n_run, ==, 2);
}

static void
count_orphan (gpointer user_data, gboolean orphaned)
{
  g_atomic_int_add ((gint *) user_data, orphaned ? 1 : 0);
}

typedef struct
{
  VlHandoff *handoff;
  gint n_orphaned;
} DeadPosts;

static gpointer
post_into_the_end (gpointer user_data)
{
  DeadPosts *posts = user_data;

  for (guint i = 0; i < 100; i++)
    _vl_handoff_post (posts->handoff, count_orphan, &posts->n_orphaned);
  _vl_handoff_unref (posts->handoff);

  return NULL;
}

/* The context dies on one thread while another posts and drops. */
static void
test_race_with_end (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 500; i++)
    {
      GMainContext *context = g_main_context_new ();
      DeadPosts posts = { _vl_handoff_get (context), 0 };
      GThread *thread = g_thread_new ("poster", post_into_the_end, &posts);

      if (i % 2 == 0)
        g_thread_yield ();
      g_main_context_unref (context);
      g_thread_join (thread);
      g_assert_cmpint (posts.n_orphaned, ==, 100);
    }
}

static gpointer
get_and_drop (gpointer user_data)
{
  Fixture *fixture = user_data;

  for (guint i = 0; i < N_POSTS; i++)
    {
      g_autoptr (VlHandoff) handoff = _vl_handoff_get (fixture->context);

      _vl_handoff_post (handoff, count_orphan, &fixture->n_orphaned);
    }

  return NULL;
}

static void
test_get_and_drop_race (Fixture *fixture, gconstpointer data)
{
  GThread *threads[N_POSTERS];

  g_clear_pointer (&fixture->handoff, _vl_handoff_unref);
  for (guint i = 0; i < N_POSTERS; i++)
    threads[i] = g_thread_new ("dropper", get_and_drop, fixture);
  for (guint i = 0; i < N_POSTERS; i++)
    g_thread_join (threads[i]);
  g_clear_pointer (&fixture->context, g_main_context_unref);
  g_assert_cmpint (fixture->n_orphaned, ==, N_POSTERS * N_POSTS);
}

static gpointer
wake_later (gpointer user_data)
{
  Fixture *fixture = user_data;

  _vl_handoff_post (fixture->handoff, run_numbered, post_new (fixture, fixture->next[0]));

  return NULL;
}

/* Would hang if a post did not end the wait of a context that sleeps. */
static void
test_wakes (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 100; i++)
    {
      GThread *thread = g_thread_new ("waker", wake_later, fixture);

      while (fixture->n_run == i)
        g_main_context_iteration (fixture->context, TRUE);
      g_thread_join (thread);
    }
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

static void
trace_post (gpointer user_data, gboolean orphaned)
{
  Post *post = user_data;

  g_string_append_printf (post->fixture->trace, "%u", post->number);
  g_free (post);
}

static void
post_traced (Fixture *fixture, VlHandoff *handoff, guint number)
{
  Post *post = g_new (Post, 1);

  *post = (Post){ fixture, 0, number };
  _vl_handoff_post (handoff, trace_post, post);
}

/* What is held back is sent off in order: by the last uncork, or by a post to
 * another handoff. */
static void
test_corked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (VlHandoff) other = _vl_handoff_get (context);

  post_traced (fixture, fixture->handoff, 0);
  _vl_handoff_cork ();
  post_traced (fixture, fixture->handoff, 1);
  _vl_handoff_cork ();
  post_traced (fixture, fixture->handoff, 2);
  _vl_handoff_uncork ();
  run_until_idle (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "0");

  post_traced (fixture, other, 3);
  run_until_idle (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "012");
  post_traced (fixture, fixture->handoff, 4);
  g_assert_true (g_main_context_iteration (context, FALSE));
  g_assert_cmpstr (fixture->trace->str, ==, "0123");

  _vl_handoff_uncork ();
  run_until_idle (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "01234");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/handoff/runs-after-post-returned", test_not_before_post_returns);
  ADD ("/handoff/one-for-each-context", test_shared);
  ADD ("/handoff/posts-of-each-thread-run-in-order-at-home", test_threads);
  ADD ("/handoff/post-wakes-a-sleeping-context", test_wakes);
  ADD ("/handoff/nested-loop-goes-on-with-the-next", test_nested_loop);
  ADD ("/handoff/later-posts-wait-for-the-next-turn", test_fair);
  ADD ("/handoff/what-goes-on-runs-in-the-same-turn-once", test_post_on);
  ADD ("/handoff/what-goes-on-in-a-nested-loop", test_post_on_nested);
  ADD ("/handoff/context-that-goes-orphans-what-is-queued", test_context_goes);
  ADD ("/handoff/last-unref-elsewhere-leaves-posts-to-home", test_last_unref_elsewhere);
  ADD ("/handoff/posts-race-with-the-end-of-the-context", test_race_with_end);
  ADD ("/handoff/get-races-with-the-last-unref", test_get_and_drop_race);

  ADD ("/handoff/held-back-and-sent-off-at-once", test_corked);

  return g_test_run ();
}
