/* test-cache.c: how a cache is called, whatever it is
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "base/vl-clock-private.h"
#include "cache/vl-cache-private.h"

#define LEASE G_GUINT64_CONSTANT (4711)

typedef enum
{
  OP_LOOKUP,
  OP_STORE,
  OP_REMOVE,
  OP_INVALIDATE,
  OP_CLEAR,
  OP_GET_LEASE,
  OP_OPEN,
  OP_CLOSE,
  N_OPS
} Op;

static const char *const op_names[N_OPS] = { "lookup", "store",     "remove", "invalidate",
                                             "clear",  "get_lease", "open",   "close" };

/* What the scripted cache does with a reply. */
typedef enum
{
  MODE_AT_ONCE,
  MODE_KEEP,
  MODE_THREAD,
  MODE_DROP,
  MODE_FALSE,
  MODE_FALSE_WITH_ERROR,
} Mode;

/* A cache that does what the test tells it. */
#define SCRIPTED_TYPE_CACHE (scripted_cache_get_type ())
G_DECLARE_FINAL_TYPE (ScriptedCache, scripted_cache, SCRIPTED, CACHE, GObject)

struct _ScriptedCache
{
  GObject parent_instance;

  Mode mode;
  guint n_calls;
  Op op; /* of the last call */
  char *root;
  char *key;
  guint64 lease;
  VlPage *page;   /* answered by lookup, or stored */
  VlReply *reply; /* kept by MODE_KEEP */
  GThread *thread;
};

static void scripted_cache_iface_init (VlCacheInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ScriptedCache,
                               scripted_cache,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_CACHE, scripted_cache_iface_init))

/* One that implements nothing. */
#define BARE_TYPE_CACHE (bare_cache_get_type ())
G_DECLARE_FINAL_TYPE (BareCache, bare_cache, BARE, CACHE, GObject)

struct _BareCache
{
  GObject parent_instance;
};

static void
bare_cache_iface_init (VlCacheInterface *iface)
{
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BareCache,
                               bare_cache,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_CACHE, bare_cache_iface_init))

static void
bare_cache_class_init (BareCacheClass *klass)
{
}

static void
bare_cache_init (BareCache *self)
{
}

static void
answer (ScriptedCache *self, VlReply *reply)
{
  if (self->op == OP_LOOKUP)
    vl_reply_return_lookup (reply, self->page, self->page != NULL, LEASE);
  else if (self->op == OP_GET_LEASE)
    vl_reply_return_lookup (reply, NULL, FALSE, LEASE);
  else
    vl_reply_return_done (reply);
}

static gpointer
answer_on_thread (gpointer user_data)
{
  ScriptedCache *self = user_data;

  answer (self, self->reply);
  return NULL;
}

static gboolean
called (ScriptedCache *self,
        Op op,
        const char *root,
        const char *key,
        VlReply *reply,
        GError **error)
{
  self->n_calls++;
  self->op = op;
  g_free (self->root);
  self->root = g_strdup (root);
  g_free (self->key);
  self->key = g_strdup (key);
  switch (self->mode)
    {
    case MODE_AT_ONCE:
      answer (self, reply);
      return TRUE;
    case MODE_KEEP:
      g_set_object (&self->reply, reply);
      return TRUE;
    case MODE_THREAD:
      g_set_object (&self->reply, reply);
      self->thread = g_thread_new ("answer", answer_on_thread, self);
      return TRUE;
    case MODE_DROP:
      return TRUE;
    case MODE_FALSE:
      return FALSE;
    case MODE_FALSE_WITH_ERROR:
      g_set_error_literal (error, VL_ERROR, VL_ERROR_CORRUPT, "The cache is made of cheese");
      return FALSE;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
scripted_lookup (VlCache *cache, const char *root, const char *key, VlReply *reply, GError **error)
{
  return called (SCRIPTED_CACHE (cache), OP_LOOKUP, root, key, reply, error);
}

static gboolean
scripted_store (VlCache *cache,
                const char *root,
                const char *key,
                VlPage *page,
                guint64 lease,
                VlReply *reply,
                GError **error)
{
  ScriptedCache *self = SCRIPTED_CACHE (cache);

  g_set_object (&self->page, page);
  self->lease = lease;
  return called (self, OP_STORE, root, key, reply, error);
}

static gboolean
scripted_remove (VlCache *cache, const char *root, const char *key, VlReply *reply, GError **error)
{
  return called (SCRIPTED_CACHE (cache), OP_REMOVE, root, key, reply, error);
}

static gboolean
scripted_invalidate (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  return called (SCRIPTED_CACHE (cache), OP_INVALIDATE, root, NULL, reply, error);
}

static gboolean
scripted_clear (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  return called (SCRIPTED_CACHE (cache), OP_CLEAR, root, NULL, reply, error);
}

static gboolean
scripted_get_lease (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  return called (SCRIPTED_CACHE (cache), OP_GET_LEASE, root, NULL, reply, error);
}

static gboolean
scripted_open (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  return called (SCRIPTED_CACHE (cache), OP_OPEN, root, NULL, reply, error);
}

static gboolean
scripted_close (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  return called (SCRIPTED_CACHE (cache), OP_CLOSE, root, NULL, reply, error);
}

static VlPage *
scripted_peek (VlCache *cache, const char *root, const char *key)
{
  ScriptedCache *self = SCRIPTED_CACHE (cache);

  return self->page != NULL ? g_object_ref (self->page) : NULL;
}

static void
scripted_cache_iface_init (VlCacheInterface *iface)
{
  iface->lookup = scripted_lookup;
  iface->store = scripted_store;
  iface->remove = scripted_remove;
  iface->invalidate = scripted_invalidate;
  iface->clear = scripted_clear;
  iface->get_lease = scripted_get_lease;
  iface->open = scripted_open;
  iface->close = scripted_close;
  iface->peek = scripted_peek;
}

static void
scripted_cache_finalize (GObject *object)
{
  ScriptedCache *self = SCRIPTED_CACHE (object);

  if (self->thread != NULL)
    g_thread_join (self->thread);
  g_free (self->root);
  g_free (self->key);
  g_clear_object (&self->page);
  g_clear_object (&self->reply);

  G_OBJECT_CLASS (scripted_cache_parent_class)->finalize (object);
}

static void
scripted_cache_class_init (ScriptedCacheClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = scripted_cache_finalize;
}

static void
scripted_cache_init (ScriptedCache *self)
{
}

static ScriptedCache *
scripted_cache_new (Mode mode)
{
  ScriptedCache *self = g_object_new (SCRIPTED_TYPE_CACHE, NULL);

  self->mode = mode;
  return self;
}

static VlPage *
make_page (void)
{
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (NULL);
  g_autoptr (VlRecord) record = vl_record_new ("a", NULL);

  vl_page_builder_add_record (builder, record);
  return vl_page_builder_end (builder);
}

/* One call of the public functions, whichever. */
typedef struct
{
  Op op;
  GAsyncResult *result;
  GMainContext *context; /* that the callback ran in */
  VlPage *page;
  gboolean fresh;
  guint64 lease;
  GError *error;
} Call;

static void
call_clear (Call *call)
{
  g_clear_object (&call->result);
  g_clear_object (&call->page);
  g_clear_error (&call->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

static void
call_returned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;

  g_assert_null (call->result);
  call->result = g_object_ref (result);
  call->context = g_main_context_get_thread_default ();
}

static void
call_begin (Call *call, Op op, gpointer object, GCancellable *cancellable)
{
  VlCache *cache = VL_CACHE (object);
  g_autoptr (VlPage) page = make_page ();

  call->op = op;
  switch (op)
    {
    case OP_LOOKUP:
      vl_cache_lookup_async (cache, "root", "q/key", cancellable, call_returned, call);
      break;
    case OP_STORE:
      vl_cache_store_async (cache, "root", "q/key", page, LEASE, cancellable, call_returned, call);
      break;
    case OP_REMOVE:
      vl_cache_remove_async (cache, "root", "q/key", cancellable, call_returned, call);
      break;
    case OP_INVALIDATE:
      vl_cache_invalidate_async (cache, "root", cancellable, call_returned, call);
      break;
    case OP_CLEAR:
      vl_cache_clear_async (cache, "root", cancellable, call_returned, call);
      break;
    case OP_GET_LEASE:
      vl_cache_get_lease_async (cache, "root", cancellable, call_returned, call);
      break;
    case OP_OPEN:
      vl_cache_open_async (cache, "root", cancellable, call_returned, call);
      break;
    case OP_CLOSE:
      vl_cache_close_async (cache, "root", cancellable, call_returned, call);
      break;
    case N_OPS:
    default:
      g_assert_not_reached ();
    }
}

static gboolean
call_finish (Call *call, VlCache *cache)
{
  switch (call->op)
    {
    case OP_LOOKUP:
      call->page = vl_cache_lookup_finish (cache, call->result, &call->fresh, &call->lease,
                                           &call->error);
      return call->error == NULL;
    case OP_STORE:
      return vl_cache_store_finish (cache, call->result, &call->error);
    case OP_REMOVE:
      return vl_cache_remove_finish (cache, call->result, &call->error);
    case OP_INVALIDATE:
      return vl_cache_invalidate_finish (cache, call->result, &call->error);
    case OP_CLEAR:
      return vl_cache_clear_finish (cache, call->result, &call->error);
    case OP_GET_LEASE:
      return vl_cache_get_lease_finish (cache, call->result, &call->lease, &call->error);
    case OP_OPEN:
      return vl_cache_open_finish (cache, call->result, &call->error);
    case OP_CLOSE:
      return vl_cache_close_finish (cache, call->result, &call->error);
    case N_OPS:
    default:
      g_assert_not_reached ();
    }
}

/* Turns the context until the call has returned; TRUE = without an error. */
static gboolean
call_wait (Call *call, gpointer cache)
{
  gboolean ok;

  while (call->result == NULL)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  ok = call_finish (call, VL_CACHE (cache));
  g_assert_cmpint (ok, ==, call->error == NULL);
  return ok;
}

static void
turn (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_at_once (void)
{
  for (Op op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedCache) cache = scripted_cache_new (MODE_AT_ONCE);
      g_auto (Call) call = { 0 };

      call_begin (&call, op, cache, NULL);
      g_assert_null (call.result);
      g_assert_true (call_wait (&call, cache));
      g_assert_cmpuint (cache->n_calls, ==, 1);
      g_assert_cmpint (cache->op, ==, op);
      g_assert_cmpstr (cache->root, ==, "root");
      g_assert_cmpstr (cache->key, ==, op <= OP_REMOVE ? "q/key" : NULL);
      if (op == OP_LOOKUP || op == OP_GET_LEASE)
        g_assert_cmpuint (call.lease, ==, LEASE);
      if (op == OP_STORE)
        g_assert_cmpuint (cache->lease, ==, LEASE);
      g_clear_object (&call.result);
      g_assert_finalize_object (g_steal_pointer (&cache));
    }
}

static void
test_later (void)
{
  for (Op op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedCache) cache = scripted_cache_new (MODE_KEEP);
      g_auto (Call) call = { 0 };

      call_begin (&call, op, cache, NULL);
      turn ();
      g_assert_null (call.result);
      answer (cache, cache->reply);
      g_assert_null (call.result);
      g_assert_true (call_wait (&call, cache));
      if (op == OP_LOOKUP || op == OP_GET_LEASE)
        g_assert_cmpuint (call.lease, ==, LEASE);
    }
}

static void
test_thread (void)
{
  for (Op op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedCache) cache = scripted_cache_new (MODE_THREAD);
      g_auto (Call) call = { 0 };

      call_begin (&call, op, cache, NULL);
      g_assert_true (call_wait (&call, cache));
      g_assert_null (call.context);
    }
}

static void
test_context (void)
{
  for (Op op = 0; op < N_OPS; op++)
    {
      g_autoptr (GMainContext) context = g_main_context_new ();
      g_autoptr (ScriptedCache) cache = scripted_cache_new (MODE_THREAD);
      g_auto (Call) call = { 0 };

      g_main_context_push_thread_default (context);
      call_begin (&call, op, cache, NULL);
      g_assert_true (call_wait (&call, cache));
      g_assert_true (call.context == context);
      g_main_context_pop_thread_default (context);
    }
}

static void
test_page (void)
{
  g_autoptr (ScriptedCache) cache = scripted_cache_new (MODE_AT_ONCE);
  g_auto (Call) hit = { 0 };
  g_auto (Call) untold = { 0 };

  cache->page = make_page ();
  call_begin (&hit, OP_LOOKUP, cache, NULL);
  g_assert_true (call_wait (&hit, cache));
  g_assert_true (hit.page == cache->page);
  g_assert_true (hit.fresh);
  g_assert_cmpuint (hit.lease, ==, LEASE);

  call_begin (&untold, OP_LOOKUP, cache, NULL);
  while (untold.result == NULL)
    g_main_context_iteration (NULL, TRUE);
  untold.page = vl_cache_lookup_finish (VL_CACHE (cache), untold.result, NULL, NULL, NULL);
  g_assert_true (untold.page == cache->page);
}

static void
test_failures (void)
{
  for (Op op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedCache) cache = scripted_cache_new (MODE_FALSE_WITH_ERROR);
      g_auto (Call) told = { 0 };
      g_auto (Call) untold = { 0 };
      g_auto (Call) dropped = { 0 };
      g_autofree char *name = g_strdup_printf ("ScriptedCache.%s()", op_names[op]);

      call_begin (&told, op, cache, NULL);
      g_assert_false (call_wait (&told, cache));
      g_assert_error (told.error, VL_ERROR, VL_ERROR_CORRUPT);

      cache->mode = MODE_FALSE;
      call_begin (&untold, op, cache, NULL);
      g_assert_false (call_wait (&untold, cache));
      g_assert_error (untold.error, VL_ERROR, VL_ERROR_FAILED);
      g_assert_nonnull (strstr (untold.error->message, name));

      cache->mode = MODE_DROP;
      call_begin (&dropped, op, cache, NULL);
      g_assert_false (call_wait (&dropped, cache));
      g_assert_error (dropped.error, VL_ERROR, VL_ERROR_FAILED);
      g_assert_nonnull (strstr (dropped.error->message, name));
    }
}

static void
test_missing (void)
{
  g_autoptr (BareCache) cache = g_object_new (BARE_TYPE_CACHE, NULL);

  for (Op op = 0; op < N_OPS; op++)
    {
      g_auto (Call) call = { 0 };
      g_autofree char *name = g_strdup_printf ("BareCache does not implement %s()", op_names[op]);

      call_begin (&call, op, cache, NULL);
      if (op == OP_OPEN || op == OP_CLOSE)
        {
          g_assert_true (call_wait (&call, cache));
          continue;
        }
      g_assert_false (call_wait (&call, cache));
      g_assert_error (call.error, VL_ERROR, VL_ERROR_FAILED);
      g_assert_nonnull (strstr (call.error->message, name));
    }
  g_assert_null (vl_cache_peek (VL_CACHE (cache), "root", "q/key"));
}

static void
test_cancelled_before (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  for (Op op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedCache) cache = scripted_cache_new (MODE_AT_ONCE);
      g_auto (Call) call = { 0 };

      call_begin (&call, op, cache, cancellable);
      g_assert_null (call.result);
      g_assert_false (call_wait (&call, cache));
      g_assert_error (call.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (cache->n_calls, ==, 0);
    }
}

static gpointer
cancel_on_thread (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return NULL;
}

static void
test_cancelled_meanwhile (void)
{
  for (Op op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedCache) cache = scripted_cache_new (MODE_KEEP);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_auto (Call) call = { 0 };

      call_begin (&call, op, cache, cancellable);
      turn ();
      g_thread_join (g_thread_new ("cancel", cancel_on_thread, cancellable));
      g_assert_false (call_wait (&call, cache));
      g_assert_error (call.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_true (g_cancellable_is_cancelled (vl_reply_get_cancellable (cache->reply)));
      answer (cache, cache->reply);
      turn ();
      g_clear_object (&call.result);
      g_assert_finalize_object (g_steal_pointer (&cache));
    }
}

/* A clock that stands still, with timers that the test lets go off. */
typedef struct
{
  guint delay;
  VlTimerFunc func;
  gpointer user_data;
} StillTimer;

static GPtrArray *still_timers;

static gint64
still_now (void)
{
  return 1;
}

static gpointer
still_start (GMainContext *context, guint delay, VlTimerFunc func, gpointer user_data)
{
  StillTimer *timer = g_new (StillTimer, 1);

  *timer = (StillTimer){ delay, func, user_data };
  g_ptr_array_add (still_timers, timer);
  return timer;
}

static void
still_cancel (gpointer handle)
{
  if (g_ptr_array_remove (still_timers, handle))
    g_free (handle);
}

static void
test_timeout (void)
{
  static const VlClockBackend still = { still_now, still_now, still_start, still_cancel };

  _vl_clock_set_backend (&still);
  still_timers = g_ptr_array_new ();
  for (Op op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedCache) cache = scripted_cache_new (MODE_KEEP);
      g_auto (Call) call = { 0 };
      g_autofree StillTimer *timer = NULL;

      call_begin (&call, op, cache, NULL);
      g_assert_cmpuint (still_timers->len, ==, 1);
      timer = g_ptr_array_steal_index (still_timers, 0);
      g_assert_cmpuint (timer->delay, ==, 30000);
      timer->func (timer->user_data);
      g_assert_cmpint (call_wait (&call, cache), ==, op == OP_LOOKUP);
      g_assert_null (call.page);
      g_assert_false (call.fresh);
      g_assert_cmpuint (call.lease, ==, 0);
      if (op != OP_LOOKUP)
        g_assert_error (call.error, VL_ERROR, VL_ERROR_TIMED_OUT);
      g_assert_true (g_cancellable_is_cancelled (vl_reply_get_cancellable (cache->reply)));
    }
  g_assert_cmpuint (still_timers->len, ==, 0);
  g_clear_pointer (&still_timers, g_ptr_array_unref);
  _vl_clock_set_backend (NULL);
}

static void
store_answer (VlAnswer *given, gpointer user_data)
{
  VlAnswer *kept = user_data;

  g_assert_cmpint (kept->count, ==, 0);
  *kept = *given;
  kept->count = 1;
  *given = (VlAnswer){ 0 };
}

static void
count_drop (gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
test_send (void)
{
  g_autoptr (ScriptedCache) cache = scripted_cache_new (MODE_AT_ONCE);
  g_autoptr (BareCache) bare = g_object_new (BARE_TYPE_CACHE, NULL);
  g_auto (VlAnswer) hit = { 0 };
  g_auto (VlAnswer) failed = { 0 };

  cache->page = make_page ();
  g_assert_null (
    _vl_cache_send_lookup (VL_CACHE (cache), "root", "q/key", 0, store_answer, &hit, NULL));
  g_assert_cmpint (hit.count, ==, 1);
  g_assert_true (hit.page == cache->page);
  g_assert_true (hit.fresh);
  g_assert_cmpuint (hit.lease, ==, LEASE);

  g_assert_null (
    _vl_cache_send_invalidate (VL_CACHE (bare), "root", 0, store_answer, &failed, NULL));
  g_assert_error (failed.error, VL_ERROR, VL_ERROR_FAILED);

  g_assert_true (_vl_cache_has_open (VL_CACHE (cache)));
  g_assert_false (_vl_cache_has_open (VL_CACHE (bare)));
}

static void G_GNUC_NORETURN
forbid_answer (VlAnswer *given, gpointer user_data)
{
  g_assert_not_reached ();
}

static void
test_send_cancelled (void)
{
  g_autoptr (ScriptedCache) cache = scripted_cache_new (MODE_KEEP);
  VlFlight *flight;
  guint n_drops = 0;

  flight = _vl_cache_send_lookup (VL_CACHE (cache), "root", "q/key", 1000, forbid_answer, &n_drops,
                                  count_drop);
  g_assert_nonnull (flight);
  _vl_flight_cancel (flight);
  g_assert_cmpuint (n_drops, ==, 1);
  answer (cache, cache->reply);
  turn ();
  g_assert_cmpuint (n_drops, ==, 1);
}

static void
test_peek (void)
{
  g_autoptr (ScriptedCache) cache = scripted_cache_new (MODE_AT_ONCE);
  g_autoptr (VlPage) page = NULL;

  g_assert_null (vl_cache_peek (VL_CACHE (cache), "root", "q/key"));
  cache->page = make_page ();
  page = vl_cache_peek (VL_CACHE (cache), "root", "q/key");
  g_assert_true (page == cache->page);
}

static void
note_root (VlCache *cache, const char *root, gpointer user_data)
{
  g_ptr_array_add (user_data, g_strdup (root != NULL ? root : "(all)"));
}

static void
test_signal (void)
{
  g_autoptr (BareCache) cache = g_object_new (BARE_TYPE_CACHE, NULL);
  g_autoptr (GPtrArray) roots = g_ptr_array_new_with_free_func (g_free);

  g_signal_connect (cache, "invalidated", G_CALLBACK (note_root), roots);
  vl_cache_emit_invalidated (VL_CACHE (cache), "client");
  vl_cache_emit_invalidated (VL_CACHE (cache), NULL);
  g_assert_cmpuint (roots->len, ==, 2);
  g_assert_cmpstr (roots->pdata[0], ==, "client");
  g_assert_cmpstr (roots->pdata[1], ==, "(all)");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cache/call/answered-at-once-returns-later", test_at_once);
  g_test_add_func ("/cache/call/answered-later", test_later);
  g_test_add_func ("/cache/call/answered-from-a-thread", test_thread);
  g_test_add_func ("/cache/call/answer-comes-to-the-callers-context", test_context);
  g_test_add_func ("/cache/call/lookup-carries-page-freshness-and-lease", test_page);
  g_test_add_func ("/cache/call/failures-name-the-vfunc", test_failures);
  g_test_add_func ("/cache/call/missing-vfunc-fails-but-for-open-and-close", test_missing);
  g_test_add_func ("/cache/call/cancelled-before-never-reaches-the-cache", test_cancelled_before);
  g_test_add_func ("/cache/call/cancelled-meanwhile", test_cancelled_meanwhile);
  g_test_add_func ("/cache/call/lookup-that-times-out-is-a-miss", test_timeout);
  g_test_add_func ("/cache/send/answers-inside-the-call", test_send);
  g_test_add_func ("/cache/send/cancelled-drops-the-data", test_send_cancelled);
  g_test_add_func ("/cache/peek/is-optional", test_peek);
  g_test_add_func ("/cache/invalidated/names-the-root-or-all", test_signal);

  return g_test_run ();
}
