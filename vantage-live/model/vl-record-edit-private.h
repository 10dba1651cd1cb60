/* vl-record-edit-private.h: a form and its fields, for each other
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-field.h"
#include "vl-record-edit.h"

G_BEGIN_DECLS

/* A form belongs to the thread that made it. */
struct _VlRecordEdit
{
  GObject parent_instance;

  VlTable *table;
  VlRow *row;         /* nullable */
  guint n_lives;      /* of the row, when its record was taken */
  VlRecord *record;   /* underneath; NULL = new */
  GHashTable *fields; /* of VlField by name */
  GError *error;      /* why the last save was refused */
  GQueue saves;       /* of GTask: the first is under way */
  VlRecord *sending;  /* the drafts that are being saved; NULL = none */

  GCancellable *describing; /* the table; NULL = it is known, or will not be */
  GCancellable *looking;    /* the record is asked for; NULL = it is not */
  gboolean looks_again;     /* something has changed meanwhile */
  gboolean was_dirty;       /* as it was notified last */
  gboolean could_save;      /* likewise */
};

/* A field outlives its form, but does nothing then. */
struct _VlField
{
  GObject parent_instance;

  VlRecordEdit *edit; /* not a reference; NULL once it has gone */
  char *name;
  VlRecord *draft;   /* of this field alone; NULL = as it is underneath */
  VlRecord *base;    /* likewise: what was underneath when it was touched */
  char *typed;       /* text that is no value; it stands instead of the draft */
  char *text;        /* what get_text() has answered */
  char *error;       /* why it was refused, or cannot be a value */
  gboolean conflict; /* it has changed underneath since it was touched */
};

VlField *_vl_field_new (VlRecordEdit *edit, const char *name);

/* A record of the one field, as it is in `record`; null if it is not there. */
VlRecord *_vl_field_cut (VlField *self, VlRecord *record);

gboolean _vl_field_is_touched (VlField *self);
/* It is known what the column holds. */
void _vl_field_described (VlField *self);
/* The record underneath is another one. */
void _vl_field_follow (VlField *self, VlRecord *before, VlRecord *now);
/* The draft was stored as it is `now`; what was typed since stays. */
void _vl_field_saved (VlField *self, VlRecord *sent, VlRecord *before, VlRecord *now);
/* A draft that was not stored, and is what is underneath, is none. */
void _vl_field_not_saved (VlField *self);
/* Whether the draft is what was sent. */
gboolean _vl_field_was_sent (VlField *self, VlRecord *sent);
void _vl_field_set_error (VlField *self, const char *error);

/* Of the form. */
void _vl_record_edit_set_error (VlRecordEdit *self, const GError *error);
void _vl_record_edit_set_record (VlRecordEdit *self, VlRecord *record);
/* The drafts in `sent` were stored. */
void _vl_record_edit_set_stored (VlRecordEdit *self, VlRecord *record, VlRecord *sent);
GPtrArray *_vl_record_edit_copy_fields (VlRecordEdit *self);
/* Whether the row of the form has no record yet. */
gboolean _vl_record_edit_is_waiting (VlRecordEdit *self);

/* A field was touched, or is not any more. */
void _vl_record_edit_touched (VlRecordEdit *self);
/* It may be possible to save, or not any more. */
void _vl_record_edit_check (VlRecordEdit *self);
VlFieldType _vl_record_edit_get_type (VlRecordEdit *self, const char *name);
gboolean _vl_record_edit_is_nullable (VlRecordEdit *self, const char *name);

G_END_DECLS
