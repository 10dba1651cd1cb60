/* vl-journal-format-private.h: what stands in a journal file
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The file, in the byte order of the machine:
 *
 *   header    VlJournalHeader
 *   records   VlJournalHead, the bytes of the record, zeros up to a multiple of 8
 *
 * Each record names the file it belongs to, and its checksum covers the place
 * where it stands: what was left of another file, or of this one at another
 * place, is no record, and what is inside of a record is not taken for one.
 * So the records behind a damaged one can be found again, those behind a
 * damaged header too. Raise VL_JOURNAL_VERSION with every change. */
#define VL_JOURNAL_MAGIC        "VlJournl"
#define VL_JOURNAL_RECORD_MAGIC "VlJr"
#define VL_JOURNAL_VERSION      1
#define VL_JOURNAL_BYTE_ORDER   0x0a0b

/* No record is longer. */
#define VL_JOURNAL_MAX_RECORD (1u << 30)

typedef struct
{
  char magic[8];
  guint16 version;
  guint16 byte_order;
  guint32 reserved; /* 0 */
  guint64 id;
  guint64 checksum; /* of what stands before it */
} VlJournalHeader;

typedef struct
{
  char magic[4];
  guint32 length;
  guint64 id;
  guint64 checksum; /* of the record with its zeros, seeded by id, place and length */
} VlJournalHead;

G_STATIC_ASSERT (sizeof (VlJournalHeader) == 32);
G_STATIC_ASSERT (sizeof (VlJournalHead) == 24);

typedef enum
{
  VL_JOURNAL_EMPTY,   /* nothing, or a header that was never finished */
  VL_JOURNAL_OURS,    /* whole, but for a tail that may be torn */
  VL_JOURNAL_DAMAGED, /* there is damage in front of sound records */
  VL_JOURNAL_FOREIGN, /* another version, or something else */
} VlJournalKind;

/* What a file holds. */
typedef struct
{
  const char *problem; /* why it is foreign, translated */
  GPtrArray *records;  /* of GBytes, in order */
  guint64 id;
  guint64 length;    /* up to the end of the last sound record */
  guint64 n_cut;     /* bytes behind that */
  guint64 n_skipped; /* bytes in front of it that are damaged */
  guint n_before;    /* how many records stand in front of the last damage */
} VlJournalScan;

VlJournalKind _vl_journal_scan (VlJournalScan *self, GBytes *data);
void _vl_journal_scan_clear (VlJournalScan *self);

void _vl_journal_append_header (GByteArray *data, guint64 id);

/* `place` is where `data` will begin in the file. */
void _vl_journal_append_record (GByteArray *data, guint64 place, guint64 id, GBytes *record);
gsize _vl_journal_get_room (gsize length);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VlJournalScan, _vl_journal_scan_clear)

G_END_DECLS
