/* vl-disk-private.h: pages in a database file
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <stdarg.h>

#include "../base/vl-folder-private.h"
#include "../base/vl-sqlite-private.h"
#include "../vl-types.h"

G_BEGIN_DECLS

/* What a page counts for in the budget beside its bytes and its key. */
#define VL_DISK_ENTRY_OVERHEAD 128

/* How many entries one sweep takes away: about a millisecond. */
#define VL_DISK_SWEEP 50

/* Roots are few and are all kept in memory. One that has no row yet, because
 * nothing was stored under it, has the id 0. */
typedef struct
{
  char *name;
  gint64 id;
  guint64 generation;
  guint64 here;       /* that of entries which are fresh for this process alone; 0 = none */
  gboolean is_open;   /* the crash mark is set, and would survive a crash */
  gboolean has_fresh; /* there may be entries of this generation */
  gboolean has_stale; /* there may be entries of others */
} VlDiskRoot;

/* The database file of a cache: entries and their generations. It belongs to
 * one thread at a time, the worker. Whatever fails in a transaction leaves it
 * unusable: it is then rebuilt (the file was damaged) or abandoned. */
typedef struct
{
  char *folder_path;
  char *path;     /* of the database file */
  char *new_path; /* of one that is to take its place */

  VlFolder *folder; /* locked; NULL = not ours */
  VlSqlite *sqlite; /* NULL = closed */

  GHashTable *roots;       /* name -> VlDiskRoot */
  guint64 last_generation; /* of any root */
  gint64 stamp;            /* counts stores: the clock of what was used when */
  gint64 n_bytes;
  gint64 n_pages;
  gboolean is_synced;  /* a commit is on the disk when it has returned */
  gboolean is_changed; /* the three above, since they were written */
  GHashTable *touched; /* ids whose stamp is to be written with the next change */

  /* Until the end of a transaction that only looks for pages, and for several:
   * what has the data of the last one. */
  gboolean reads_many;
  sqlite3_blob *blob;

  /* Whether the entry was used lately without the file being asked, since this
   * was asked last. It is spared then, unless nothing went the last time. */
  gboolean (*take_used) (const char *root_name, const char *key, gpointer user_data);
  gpointer used_data;
  gboolean spares_none;

  /* What was cleared is still in the file, which is being written anew without
   * it: entries up to an id are in the new one. */
  gboolean is_erasing;
  gboolean is_copying; /* there is a new one, attached as `next` */
  gint64 copied;
  GHashTable *changed; /* ids up to that one that have changed since */
  gint64 kept_bytes;   /* in the new one */
  gint64 kept_pages;
} VlDisk;

/* What a lookup found. */
typedef struct
{
  VlPage *page; /* NULL = a miss */
  gboolean fresh;
  guint64 generation;
} VlDiskFound;

/* vl-disk.c: the file */
VlDisk *_vl_disk_new (const char *folder_path);
void _vl_disk_free (VlDisk *self);

/* Locks the folder and opens the file; one that is damaged, foreign or of
 * another version is set aside. FALSE: there is nothing to work with. */
gboolean _vl_disk_open (VlDisk *self, GError **error);

/* After an error: sets the file aside and begins a new one. Marks that are set
 * stay set. */
gboolean _vl_disk_rebuild (VlDisk *self, const char *reason, GError **error);

/* After an error: leaves nothing behind that a later process could take for
 * fresh. FALSE when that could not be done. `is_erased` tells whether there is
 * nothing at all. */
gboolean _vl_disk_abandon (VlDisk *self, gboolean *is_erased);

/* Whether the error says that what is in the file is not right. */
gboolean _vl_disk_is_damage (const GError *error);

/* Erases the files that were set aside, for good. A folder that was in the way
 * stays. */
gboolean _vl_disk_forget_aside (VlDisk *self, GError **error);

/* A file beside, empty and not synced; and what becomes of it. */
gboolean _vl_disk_make_new (VlDisk *self, GError **error);
void _vl_disk_drop_new (VlDisk *self);
gboolean _vl_disk_use_new (VlDisk *self, GError **error);

/* Statements. `sql` is a literal. `types` has a letter for each argument: i a
 * gint64, t a text, b a GBytes. What is prepared is kept, and reset by whoever
 * has used it. */
sqlite3_stmt *_vl_disk_prepare (VlDisk *self,
                                GError **error,
                                const char *sql,
                                const char *types,
                                ...);
gboolean _vl_disk_run (VlDisk *self, GError **error, const char *sql, const char *types, ...);

/* vl-disk-entries.c: what is in it, all within a transaction */
/* Whether so much waits to be written that the next transaction has to. */
gboolean _vl_disk_has_to_write (VlDisk *self);
gboolean _vl_disk_begin (VlDisk *self, gboolean writes, gboolean synced, GError **error);
gboolean _vl_disk_commit (VlDisk *self, GError **error);

gboolean _vl_disk_lookup (VlDisk *self,
                          const char *root_name,
                          const char *key,
                          VlDiskFound *found,
                          GError **error);
void _vl_disk_end_reading (VlDisk *self);
guint64 _vl_disk_get_lease (VlDisk *self, const char *root_name);

/* `stored_fresh` tells whether the page is there, and fresh, be it for this process
 * alone: then the mark is set. */
gboolean _vl_disk_store (VlDisk *self,
                         const char *root_name,
                         const char *key,
                         VlPage *page,
                         guint64 lease,
                         guint64 max_bytes,
                         gboolean *stored_fresh,
                         GError **error);
gboolean _vl_disk_remove (VlDisk *self, const char *root_name, const char *key, GError **error);
gboolean _vl_disk_invalidate (VlDisk *self, const char *root_name, GError **error);
gboolean _vl_disk_mark (VlDisk *self, const char *root_name, gboolean is_open, GError **error);

/* Whether the transaction that does it has to be on the disk before it is
 * answered. */
gboolean _vl_disk_mark_needs_sync (VlDisk *self, const char *root_name);
gboolean _vl_disk_invalidate_needs_sync (VlDisk *self, const char *root_name);

VlDiskRoot *_vl_disk_ensure_root (VlDisk *self, const char *name);
VlDiskRoot *_vl_disk_add_root (VlDisk *self, const char *name, gint64 id);
gboolean _vl_disk_write_root (VlDisk *self, VlDiskRoot *root, GError **error);
guint64 _vl_disk_root_checksum (const VlDiskRoot *root);
gboolean _vl_disk_delete_entry (VlDisk *self, gint64 id, gint64 size, GError **error);

/* vl-disk-erase.c, outside of transactions: what is cleared is gone, but its
 * bytes are in the file until `is_erasing` is not set any more. */
gboolean _vl_disk_clear (VlDisk *self, const char *root_name, GError **error);

/* Does a part of it, of some milliseconds. */
gboolean _vl_disk_erase (VlDisk *self, GError **error);

/* The entry is not what the new file has. */
void _vl_disk_erase_changed (VlDisk *self, gint64 id);
void _vl_disk_erase_stop (VlDisk *self);

/* How many entries are a part; 0 = as many as is good. For tests. */
void _vl_disk_erase_set_part (guint n_entries);

/* vl-disk-sweep.c: takes away a few entries, stale ones first, in a
 * transaction of its own, when there are more bytes than `max_bytes`. */
gboolean _vl_disk_sweep (VlDisk *self, guint64 max_bytes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlDisk, _vl_disk_free)

G_END_DECLS
