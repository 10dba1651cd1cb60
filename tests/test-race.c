/* test-race.c: what the thread sanitizer catches, and what it lets pass
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Only part of a build under -fsanitize=thread. Each case is run twice in a
 * process of its own: once with a race on purpose, which has to be reported,
 * and once with the same work handed over properly, which must not be.
 * Otherwise silence would prove nothing.
 */

#include <gio/gio.h>

#include "base/vl-cancel-watch-private.h"
#include "base/vl-context-private.h"
#include "base/vl-executor-private.h"
#include "base/vl-handoff-private.h"
#include "base/vl-lock-private.h"

#define N_STEPS 100

typedef struct
{
  gboolean races;
  VlLock lock;
  VlCondition changed;
  gboolean flag;       /* under the lock */
  int value;           /* what is raced for */
  gboolean is_changed; /* behind its back */
  gboolean is_read;    /* since */
  GMainContext *context;
  gpointer object;
} Case;

static void
case_init (Case *self, gboolean races)
{
  *self = (Case){ .races = races };
  _vl_lock_init (&self->lock);
  _vl_condition_init (&self->changed);
  self->context = g_main_context_new ();
}

static void
case_clear (Case *self)
{
  g_main_context_unref (self->context);
  _vl_condition_destroy (&self->changed);
  _vl_lock_destroy (&self->lock);
}

static void
set_flag (Case *self)
{
  _vl_lock_acquire (&self->lock);
  self->flag = TRUE;
  _vl_condition_broadcast (&self->changed);
  _vl_lock_release (&self->lock);
}

static void
wait_for_flag (Case *self)
{
  _vl_lock_acquire (&self->lock);
  while (!self->flag)
    _vl_condition_wait (&self->changed, &self->lock, -1);
  _vl_lock_release (&self->lock);
}

/* Two threads count; without the lock if it is to race. */

static gpointer
count (gpointer data)
{
  Case *self = data;

  for (guint i = 0; i < N_STEPS; i++)
    {
      if (!self->races)
        _vl_lock_acquire (&self->lock);
      self->value++;
      if (!self->races)
        _vl_lock_release (&self->lock);
    }

  return NULL;
}

static void
run_lock (Case *self)
{
  GThread *one = g_thread_new ("one", count, self);
  GThread *two = g_thread_new ("two", count, self);

  g_thread_join (one);
  g_thread_join (two);
  g_assert_true (self->races || self->value == 2 * N_STEPS);
}

/* What is told comes after the word that it is there, if it is to race. */

static gpointer
tell (gpointer data)
{
  Case *self = data;

  if (!self->races)
    self->value = 1;
  set_flag (self);
  if (self->races)
    self->value = 1;

  return NULL;
}

static void
run_condition (Case *self)
{
  GThread *thread = g_thread_new ("tell", tell, self);

  wait_for_flag (self);
  g_assert_true (self->races || self->value == 1);
  g_assert_cmpint (self->value, <=, 1);
  g_thread_join (thread);
}

/* What a job works on is changed behind its back, if it is to race. Both wait for each
 * other in a way that puts nothing in order: a lock that either takes by chance in
 * between could do that. */

static void
change_behind (Case *self)
{
  self->value = 1;
  __atomic_store_n (&self->is_changed, TRUE, __ATOMIC_RELAXED);
  while (!__atomic_load_n (&self->is_read, __ATOMIC_RELAXED))
    g_thread_yield ();
}

static void
read_value (gpointer data)
{
  Case *self = data;

  while (self->races && !__atomic_load_n (&self->is_changed, __ATOMIC_RELAXED))
    g_thread_yield ();
  g_assert_cmpint (self->value, <=, 1);
  __atomic_store_n (&self->is_read, TRUE, __ATOMIC_RELAXED);
  set_flag (self);
}

static void
run_executor (Case *self)
{
  g_autoptr (VlExecutor) executor = _vl_executor_new ("work");

  if (!self->races)
    self->value = 1;
  _vl_executor_push (executor, read_value, self);
  if (self->races)
    change_behind (self);
  wait_for_flag (self);
}

/* The same at home on another thread, which turns its context before anything
 * was ever posted there. */

static gpointer
turn_context (gpointer data)
{
  Case *self = data;
  gboolean done = FALSE;

  while (!done)
    {
      g_main_context_iteration (self->context, TRUE);
      _vl_lock_acquire (&self->lock);
      done = self->flag;
      _vl_lock_release (&self->lock);
    }

  return NULL;
}

static void
read_at_home (gpointer data, gboolean orphaned)
{
  g_assert_false (orphaned);
  read_value (data);
}

static void
run_handoff (Case *self)
{
  GThread *thread = g_thread_new ("home", turn_context, self);
  g_autoptr (VlHandoff) handoff = _vl_handoff_get (self->context);

  if (!self->races)
    self->value = 1;
  _vl_handoff_post (handoff, read_at_home, self);
  if (self->races)
    change_behind (self);
  wait_for_flag (self);
  g_thread_join (thread);
}

/* A thread takes over a context that another one has let go of; the other
 * goes on all the same, if it is to race. */

static gpointer
use_context (gpointer data)
{
  Case *self = data;

  while (!_vl_context_acquire (self->context))
    g_thread_yield ();
  self->value++;
  _vl_context_release (self->context);
  if (self->races)
    self->value++;

  return NULL;
}

static void
run_context (Case *self)
{
  GThread *one = g_thread_new ("one", use_context, self);
  GThread *two = g_thread_new ("two", use_context, self);

  g_thread_join (one);
  g_thread_join (two);
}

/* Whoever fires a cancellable meets a watch that another thread made. */

static void
hear_cancel (gpointer data)
{
  Case *self = data;

  self->value++;
}

static gpointer
cancel (gpointer data)
{
  Case *self = data;
  guint id = g_signal_lookup ("cancelled", G_TYPE_CANCELLABLE);

  while (!g_signal_has_handler_pending (self->object, id, 0, FALSE))
    g_thread_yield ();
  g_cancellable_cancel (self->object);
  if (self->races)
    self->value++;

  return NULL;
}

static void
run_cancel (Case *self)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  VlCancelWatch *watch;
  GThread *thread;

  self->object = cancellable;
  thread = g_thread_new ("cancel", cancel, self);
  watch = _vl_cancel_watch_start (self->context, cancellable, hear_cancel, self);
  while (self->value == 0)
    g_main_context_iteration (self->context, TRUE);
  g_thread_join (thread);
  _vl_cancel_watch_clear (&watch);
}

/* Two threads look at an object, and the last to let go of it clears it; one
 * of them changes it, if it is to race. */

#define TEST_TYPE_THING (test_thing_get_type ())

G_DECLARE_FINAL_TYPE (TestThing, test_thing, TEST, THING, GObject)

struct _TestThing
{
  GObject parent_instance;

  int value;
};

G_DEFINE_FINAL_TYPE (TestThing, test_thing, G_TYPE_OBJECT)

static void
test_thing_finalize (GObject *object)
{
  TEST_THING (object)->value = 0;

  G_OBJECT_CLASS (test_thing_parent_class)->finalize (object);
}

static void
test_thing_class_init (TestThingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_thing_finalize;
}

static void
test_thing_init (TestThing *self)
{
  self->value = 1;
}

static gpointer
look_at_thing (gpointer data)
{
  Case *self = data;
  g_autoptr (TestThing) thing = self->object;

  g_assert_cmpint (thing->value, >=, 1);
  if (self->races)
    thing->value++;

  return NULL;
}

static void
run_reference (Case *self)
{
  GThread *one;
  GThread *two;

  self->object = g_object_new (TEST_TYPE_THING, NULL);
  g_object_ref (self->object);
  one = g_thread_new ("one", look_at_thing, self);
  two = g_thread_new ("two", look_at_thing, self);
  g_thread_join (one);
  g_thread_join (two);
}

/* One thread makes a class, and another makes an object of it; or just looks
 * at what the class was made of, if it is to race. */

typedef struct
{
  GObject parent_instance;
} LateThing;

typedef struct
{
  GObjectClass parent_class;
} LateThingClass;

static int late_value;

static GType late_thing_get_type (void);

G_DEFINE_TYPE (LateThing, late_thing, G_TYPE_OBJECT)

static void
late_thing_finalize (GObject *object)
{
  g_assert_cmpint (late_value, ==, 1);

  G_OBJECT_CLASS (late_thing_parent_class)->finalize (object);
}

static void
late_thing_class_init (LateThingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = late_thing_finalize;
  late_value = 1;
}

static void
late_thing_init (LateThing *self)
{
}

static gpointer
make_class (gpointer data)
{
  g_object_unref (g_object_new (late_thing_get_type (), NULL));

  return NULL;
}

static gpointer
use_class (gpointer data)
{
  Case *self = data;

  while (g_type_class_peek (late_thing_get_type ()) == NULL)
    g_thread_yield ();
  if (self->races)
    g_assert_cmpint (late_value, <=, 1);
  else
    make_class (NULL);

  return NULL;
}

static void
run_class (Case *self)
{
  GThread *one;
  GThread *two;

  late_thing_get_type ();
  one = g_thread_new ("one", make_class, self);
  two = g_thread_new ("two", use_class, self);
  g_thread_join (one);
  g_thread_join (two);
}

static const struct
{
  const char *name;
  void (*run) (Case *self);
} cases[] = {
  { "lock", run_lock },           { "condition", run_condition }, { "executor", run_executor },
  { "handoff", run_handoff },     { "context", run_context },     { "cancel", run_cancel },
  { "reference", run_reference }, { "class", run_class },
};

static void
run_case (gconstpointer data, gboolean races)
{
  Case self;

  case_init (&self, races);
  cases[GPOINTER_TO_UINT (data)].run (&self);
  case_clear (&self);
}

static void
run_racing (gconstpointer data)
{
  run_case (data, TRUE);
}

static void
run_in_order (gconstpointer data)
{
  run_case (data, FALSE);
}

static void
test_caught (gconstpointer data)
{
  g_autofree char *path = g_strdup_printf ("/race/%s/subprocess/racing",
                                           cases[GPOINTER_TO_UINT (data)].name);

  g_test_trap_subprocess (path, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*SUMMARY: ThreadSanitizer: data race *test-race.c:*");
}

static void
test_quiet (gconstpointer data)
{
  g_autofree char *path = g_strdup_printf ("/race/%s/subprocess/in-order",
                                           cases[GPOINTER_TO_UINT (data)].name);

  g_test_trap_subprocess (path, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr_unmatched ("*ThreadSanitizer*");
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } tests[] = {
    { "is-caught", test_caught },
    { "is-quiet-in-order", test_quiet },
    { "subprocess/racing", run_racing },
    { "subprocess/in-order", run_in_order },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      for (guint j = 0; j < G_N_ELEMENTS (tests); j++)
        {
          g_autofree char *path = g_strdup_printf ("/race/%s/%s", cases[i].name, tests[j].name);

          g_test_add_data_func (path, GUINT_TO_POINTER (i), tests[j].func);
        }
    }

  return g_test_run ();
}
