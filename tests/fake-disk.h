/* fake-disk.h: a disk in memory that can be full, fail, and lose its power
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* Files and folders that the library's file operations work on in place of
 * real ones. It remembers what was synced: when the power goes, a sector that
 * was not is what it was before, or what it became, or was in between, and one
 * may be half of each; of what was done to the names in a folder some first
 * part is left. A sync that fails loses what it was to write, and no other sync
 * of that file brings it back, or helps. For one thread. */
typedef struct
{
  guint n_ops; /* operations so far */
  guint n_writes;
  guint n_syncs;        /* of files */
  guint n_folder_syncs; /* of folders */
  guint n_modes;        /* changes of who may read a file */

  /* What goes wrong. */
  guint crash_at;   /* the power goes with this operation, 0 = never */
  gint64 room;      /* bytes that fit, -1 = any number */
  guint fail_syncs; /* so many of the next ones */
  guint fail_folder_syncs;
  guint fail_writes;
  guint fail_truncates;
  guint fail_renames;
  gboolean short_writes; /* never all that was asked for */
  gboolean interrupts;   /* of every other read, write and sync */
  gboolean read_only;

  gboolean is_off; /* the power has gone */
} FakeDisk;

extern FakeDisk fake_disk;

/* An empty disk with the folder "/disk" in place of the real one. */
void fake_disk_install (GRand *rand);
void fake_disk_uninstall (void);

/* What is left after the power has gone, or goes now; nothing is open. */
void fake_disk_restart (void);

GBytes *fake_disk_get (const char *path);
void fake_disk_put (const char *path, gconstpointer data, gsize length);
void fake_disk_put_link (const char *path);
void fake_disk_set_owner (const char *path, guint uid);
guint fake_disk_get_mode (const char *path);
gboolean fake_disk_has (const char *path);
guint fake_disk_count (const char *prefix);
