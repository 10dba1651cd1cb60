/* stall-meter.h: for how long a main loop does not come round, and why
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

/* The program that uses it links the library statically, with
 * -Wl,--wrap= for what stall-meter.c wraps: so every source of the library is timed,
 * and whoever hears of one of its tasks. All times are microseconds. */

typedef enum
{
  STALL_GAP,   /* from one poll to the next */
  STALL_OURS,  /* one dispatch of a source of the library, or the end of one of its
                * tasks, without what is done by those who hear of a change */
  STALL_ALL,   /* the same with that */
  STALL_FRAME, /* a frame of GTK, from its beginning until it is painted */
  STALL_N_KINDS,
} StallKind;

typedef struct
{
  GArray *times[STALL_N_KINDS]; /* of gint64 */
} StallSample;

StallSample *stall_sample_new (void);
void stall_sample_free (StallSample *sample);
void stall_sample_add (StallSample *sample, StallSample *other);
/* `part` of them do not take longer; 0 to 1. */
double stall_sample_get_quantile (StallSample *sample, StallKind kind, double part);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (StallSample, stall_sample_free)

/* Where it goes from now on; NULL = nowhere. The default main context is
 * measured. */
void stall_meter_fill (StallSample *sample);

/* Makes every twentieth dispatch of the library as long as that, to see that it
 * is found out; 0 = none. */
void stall_meter_plant (gint64 time);

/* Measures the frames of this window, which is realized. */
void stall_meter_watch (GtkWidget *window);
