/* fuzz.h: what the targets of the fuzzer share
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <vantage-live.h>

/* Every target has these two. They are called by the fuzzer of clang, or by
 * replay.c with the files of a corpus. */
int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static inline void
fuzz_ignore_log (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
}

G_GNUC_NORETURN static inline void
fuzz_abort (int signum)
{
  abort ();
}

/* Warnings are what damage is told by; anything worse is a finding. */
static inline void
fuzz_set_up (void)
{
  /* By which GLib ends the program; the fuzzer keeps no input of that. */
  signal (SIGTRAP, fuzz_abort);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  g_log_set_handler ("vantage-live", G_LOG_LEVEL_WARNING, fuzz_ignore_log, NULL);
}
