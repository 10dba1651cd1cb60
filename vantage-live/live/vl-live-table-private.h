/* vl-live-table-private.h: the inside of a live table, for its other files
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../stream/vl-live-stream-private.h"
#include "vl-live-call-private.h"
#include "vl-live-table.h"

G_BEGIN_DECLS

/* A stream that the shells of a core listen to; vl-live-table-sources.c. */
typedef struct _VlLiveSource VlLiveSource;

struct _VlLiveTable
{
  GObject parent_instance;

  VlTable *master;
  char *cache_key;
  VlCache *cache;
  VlLiveCore *core; /* NULL from dispose on */

  guint page_size;
  guint max_age;
  VlReadPolicy read_policy;
  gboolean follow_master;
  guint close_timeout;
  gint is_closed; /* atomic */

  GPtrArray *sources;       /* of VlLiveSource, each counted once; home only, or in dispose */
  VlLiveStream *own_stream; /* the master's, that follow-master listens to */
};

/* vl-live-table-iface.c */
void _vl_live_table_iface_init (VlTableInterface *iface);
static inline VlLiveView
_vl_live_table_get_view (VlLiveTable *self)
{
  return (VlLiveView){
    .options = { .policy = self->read_policy, .max_age = self->max_age },
    .page_size = self->page_size,
  };
}
/* From any thread. */
gboolean _vl_live_table_is_closed (VlLiveTable *self, GError **error);

/* vl-live-table-settings.c: FALSE when it has no such property. */
void _vl_live_table_install_settings (GObjectClass *klass);
gboolean _vl_live_table_get_setting (VlLiveTable *self, guint id, GValue *value);
gboolean _vl_live_table_set_setting (VlLiveTable *self, guint id, const GValue *value);

/* vl-live-table-journal.c: the same. */
void _vl_live_table_install_journal (GObjectClass *klass);
gboolean _vl_live_table_get_journal_property (VlLiveTable *self, guint id, GValue *value);
gboolean _vl_live_table_set_journal_property (VlLiveTable *self, guint id, const GValue *value);

/* vl-live-table-ops.c; from any thread, answers at home only. */
VlPage *_vl_live_table_get_at_hand (VlTable *table, VlQuery *query);

/* vl-live-table-sources.c; at home, but for the last two. */
void _vl_live_table_attach (VlLiveTable *self, VlLiveStream *stream);
void _vl_live_table_detach (VlLiveTable *self, VlLiveStream *stream);
void _vl_live_table_detach_all (VlLiveTable *self);
/* Drops a reference at home, whatever thread this is. */
void _vl_live_table_give_back (VlLiveTable *self, gpointer object);

G_END_DECLS
