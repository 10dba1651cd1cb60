/* stall-meter.c: for how long a main loop does not come round, and why
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "stall-meter.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

/* All of this is used by one thread, that of the main loop. */
static StallSample *current;

static gint64 woken_at;
static gint64 frame_began_at;
static gint64 planted;
static guint n_dispatches;
static gboolean is_ours; /* what is under way is timed */
static gint64 n_inside;  /* what is spent in views, in the dispatch under way */

/* The time, less what the thread has waited for a processor: that is not our
 * doing, nor that of GTK. */
static gint64
now (void)
{
  static int file = -2;
  char text[96];
  gssize n;
  long long ran, waited;

  if (file == -2)
    file = open ("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  n = file >= 0 ? pread (file, text, sizeof text - 1, 0) : -1;
  if (n <= 0)
    return g_get_monotonic_time ();

  text[n] = '\0';
  if (sscanf (text, "%lld %lld", &ran, &waited) != 2)
    return g_get_monotonic_time ();

  return g_get_monotonic_time () - waited / 1000;
}

StallSample *
stall_sample_new (void)
{
  StallSample *self = g_new0 (StallSample, 1);

  for (guint i = 0; i < STALL_N_KINDS; i++)
    self->times[i] = g_array_new (FALSE, FALSE, sizeof (gint64));

  return self;
}

void
stall_sample_free (StallSample *self)
{
  for (guint i = 0; i < STALL_N_KINDS; i++)
    g_array_unref (self->times[i]);
  g_free (self);
}

void
stall_sample_add (StallSample *self, StallSample *other)
{
  for (guint i = 0; i < STALL_N_KINDS; i++)
    g_array_append_vals (self->times[i], other->times[i]->data, other->times[i]->len);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 first = *(const gint64 *) a;
  gint64 second = *(const gint64 *) b;

  return (first > second) - (first < second);
}

double
stall_sample_get_quantile (StallSample *self, StallKind kind, double part)
{
  GArray *times = self->times[kind];
  guint place;

  if (times->len == 0)
    return 0;

  g_array_sort (times, compare_times);
  place = (guint) ceil (part * times->len);

  return (double) g_array_index (times, gint64, MAX (place, 1) - 1);
}

static void
note (StallKind kind, gint64 time)
{
  if (current != NULL)
    g_array_append_val (current->times[kind], time);
}

static int
measured_poll (GPollFD *fds, guint n_fds, int timeout)
{
  int n;

  if (woken_at > 0)
    note (STALL_GAP, now () - woken_at);
  n = g_poll (fds, n_fds, timeout);
  woken_at = now ();

  return n;
}

void
stall_meter_fill (StallSample *sample)
{
  g_main_context_set_poll_func (NULL, measured_poll);
  current = sample;
}

/* The frames */

static void
frame_begins (GdkFrameClock *clock, gpointer data)
{
  frame_began_at = now ();
}

static void
frame_ends (GdkFrameClock *clock, gpointer data)
{
  if (frame_began_at > 0)
    note (STALL_FRAME, now () - frame_began_at);
  frame_began_at = 0;
}

void
stall_meter_watch (GtkWidget *window)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);

  g_signal_connect (clock, "before-paint", G_CALLBACK (frame_begins), NULL);
  g_signal_connect_after (clock, "after-paint", G_CALLBACK (frame_ends), NULL);
}

/* The sources of the library */

typedef struct
{
  GSourceFuncs funcs;
  GSourceFuncs *inner;
} TimedFuncs;

GSource *__real_g_source_new (GSourceFuncs *funcs, guint size);
GSource *__wrap_g_source_new (GSourceFuncs *funcs, guint size);
GTask *__real_g_task_new (gpointer source,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
GTask *__wrap_g_task_new (gpointer source,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
void __real_g_list_model_items_changed (GListModel *model, guint p, guint removed, guint added);
void __wrap_g_list_model_items_changed (GListModel *model, guint p, guint removed, guint added);
void __real_g_object_notify_by_pspec (GObject *object, GParamSpec *pspec);
void __wrap_g_object_notify_by_pspec (GObject *object, GParamSpec *pspec);

void
stall_meter_plant (gint64 time)
{
  planted = time;
}

static void
block (gint64 time)
{
  gint64 until = now () + time;

  while (now () < until)
    ;
}

/* TRUE if it is the outermost of ours in the main loop, and is to be ended. */
static gboolean
ours_begin (gint64 *began_at)
{
  if (is_ours || !g_main_context_is_owner (g_main_context_default ()))
    return FALSE;

  is_ours = TRUE;
  n_inside = 0;
  *began_at = now ();

  return TRUE;
}

static void
ours_end (gint64 began_at)
{
  gint64 time;

  if (planted > 0 && ++n_dispatches % 20 == 0)
    block (planted);
  time = now () - began_at;
  note (STALL_OURS, time - n_inside);
  note (STALL_ALL, time);
  is_ours = FALSE;
}

static gboolean
timed_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  GSourceFuncs *inner = ((TimedFuncs *) source->source_funcs)->inner;
  gint64 began_at = 0;
  gboolean is_timed = ours_begin (&began_at);
  gboolean goes_on = inner->dispatch (source, callback, user_data);

  if (is_timed)
    ours_end (began_at);

  return goes_on;
}

/* Kept for good: there are as many as the library has kinds of sources. */
static GSourceFuncs *
get_timed_funcs (GSourceFuncs *inner)
{
  static GMutex mutex;
  static GHashTable *kinds;
  TimedFuncs *timed;

  g_mutex_lock (&mutex);
  if (kinds == NULL)
    kinds = g_hash_table_new (NULL, NULL);
  timed = g_hash_table_lookup (kinds, inner);
  if (timed == NULL)
    {
      timed = g_new0 (TimedFuncs, 1);
      timed->funcs = *inner;
      timed->funcs.dispatch = timed_dispatch;
      timed->inner = inner;
      g_hash_table_insert (kinds, inner, timed);
    }
  g_mutex_unlock (&mutex);

  return &timed->funcs;
}

GSource *
__wrap_g_source_new (GSourceFuncs *funcs, guint size)
{
  return __real_g_source_new (get_timed_funcs (funcs), size);
}

/* The tasks of the library, which come back in sources of GIO. Who hears of them is
 * mostly the library, too: a list that has asked a table. */

typedef struct
{
  GAsyncReadyCallback callback;
  gpointer user_data;
} TimedTask;

static void
timed_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  TimedTask task = *(TimedTask *) user_data;
  gint64 began_at = 0;
  gboolean is_timed = ours_begin (&began_at);

  g_free (user_data);
  task.callback (source, result, task.user_data);
  if (is_timed)
    ours_end (began_at);
}

GTask *
__wrap_g_task_new (gpointer source,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  TimedTask *task;

  if (callback == NULL)
    return __real_g_task_new (source, cancellable, callback, user_data);

  task = g_new (TimedTask, 1);
  *task = (TimedTask){ callback, user_data };

  return __real_g_task_new (source, cancellable, timed_ready, task);
}

/* What is done by those who hear of something; the outermost of them counts. That
 * is GTK and Clients, and two of the library: a form, which takes the record of its
 * row, and what tells the rows of a list how their writes fare. What those do is
 * seen in STALL_GAP only. */
static guint n_told;
static gint64 told_at;

static void
tell_begin (void)
{
  if (n_told++ == 0)
    told_at = now ();
}

static void
tell_end (void)
{
  if (--n_told == 0)
    n_inside += now () - told_at;
}

void
__wrap_g_list_model_items_changed (GListModel *model, guint p, guint removed, guint added)
{
  tell_begin ();
  __real_g_list_model_items_changed (model, p, removed, added);
  tell_end ();
}

void
__wrap_g_object_notify_by_pspec (GObject *object, GParamSpec *pspec)
{
  gboolean is_home = g_main_context_is_owner (g_main_context_default ());

  if (is_home)
    tell_begin ();
  __real_g_object_notify_by_pspec (object, pspec);
  if (is_home)
    tell_end ();
}
