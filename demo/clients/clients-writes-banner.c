/* clients-writes-banner.c: how many changes wait, and what to do with them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "clients-writes-banner.h"

#include "clients-hiding.h"

struct _ClientsWritesBanner
{
  AdwBin parent_instance;

  VlLiveTable *live;
  GListModel *writes;
  GPtrArray *heard; /* what is in the model, in its order */

  GtkWidget *revealer;
  GtkWidget *words;
};

G_DEFINE_FINAL_TYPE (ClientsWritesBanner, clients_writes_banner, ADW_TYPE_BIN)

static gpointer
copy_write (gconstpointer write, gpointer data)
{
  return g_object_ref ((gpointer) write);
}

/* One write after the other: they leave the list as that is done. */
static void
each_write (ClientsWritesBanner *self, void (*func) (VlWrite *write))
{
  g_autoptr (GPtrArray) writes = g_ptr_array_copy (self->heard, copy_write, NULL);

  for (guint i = 0; i < writes->len; i++)
    func (writes->pdata[i]);
}

static void
retry (VlWrite *write)
{
  vl_write_retry (write);
}

static void
on_retry (ClientsWritesBanner *self)
{
  each_write (self, retry);
}

static void
on_discard (ClientsWritesBanner *self)
{
  each_write (self, vl_write_discard);
}

static void
clients_writes_banner_dispose (GObject *object)
{
  ClientsWritesBanner *self = CLIENTS_WRITES_BANNER (object);

  if (self->writes != NULL)
    g_signal_handlers_disconnect_by_data (self->writes, self);
  for (guint i = 0; i < self->heard->len; i++)
    g_signal_handlers_disconnect_by_data (self->heard->pdata[i], self);
  g_ptr_array_set_size (self->heard, 0);
  g_clear_object (&self->writes);
  g_clear_object (&self->live);

  G_OBJECT_CLASS (clients_writes_banner_parent_class)->dispose (object);
}

static void
clients_writes_banner_finalize (GObject *object)
{
  g_ptr_array_unref (CLIENTS_WRITES_BANNER (object)->heard);

  G_OBJECT_CLASS (clients_writes_banner_parent_class)->finalize (object);
}

static void
clients_writes_banner_class_init (ClientsWritesBannerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clients_writes_banner_dispose;
  G_OBJECT_CLASS (klass)->finalize = clients_writes_banner_finalize;
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/vantage_live/Clients/clients-writes-banner.ui");
  gtk_widget_class_bind_template_child (widget_class, ClientsWritesBanner, revealer);
  gtk_widget_class_bind_template_child (widget_class, ClientsWritesBanner, words);
  gtk_widget_class_bind_template_callback (widget_class, on_retry);
  gtk_widget_class_bind_template_callback (widget_class, on_discard);
}

static void
clients_writes_banner_init (ClientsWritesBanner *self)
{
  self->heard = g_ptr_array_new_with_free_func (g_object_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
  clients_hide_children_while_unmapped (self->revealer);
}

static char *
make_words (guint n_waiting, guint n_failed)
{
  if (n_failed == 1)
    return g_strdup ("1 change could not be saved");
  if (n_failed > 0)
    return g_strdup_printf ("%u changes could not be saved", n_failed);
  if (n_waiting == 1)
    return g_strdup ("1 change waiting");

  return g_strdup_printf ("%u changes waiting", n_waiting);
}

/* What is on its way, and has met with nothing, is not worth a banner: it would
 * come and go with each save. */
static void
show (ClientsWritesBanner *self)
{
  guint n_waiting = 0;
  guint n_failed = 0;
  gboolean is_held_up = vl_live_table_get_state (self->live) == VL_LIVE_STATE_OFFLINE;
  g_autofree char *words = NULL;

  for (guint i = 0; i < self->heard->len; i++)
    {
      VlWriteState state = vl_write_get_state (self->heard->pdata[i]);

      n_failed += state == VL_WRITE_STATE_FAILED;
      n_waiting += state == VL_WRITE_STATE_WAITING || state == VL_WRITE_STATE_QUEUED ||
                   state == VL_WRITE_STATE_SENT;
      is_held_up |= state == VL_WRITE_STATE_WAITING;
    }
  words = make_words (n_waiting, n_failed);
  if (n_failed > 0 || (n_waiting > 0 && is_held_up))
    gtk_label_set_label (GTK_LABEL (self->words), words);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer),
                                 n_failed > 0 || (n_waiting > 0 && is_held_up));
}

static void
on_writes_changed (GListModel *writes, guint position, guint removed, guint added, gpointer data)
{
  ClientsWritesBanner *self = data;

  for (guint i = 0; i < removed; i++)
    g_signal_handlers_disconnect_by_data (self->heard->pdata[position + i], self);
  if (removed > 0)
    g_ptr_array_remove_range (self->heard, position, removed);
  for (guint i = 0; i < added; i++)
    {
      VlWrite *write = g_list_model_get_item (writes, position + i);

      g_signal_connect_swapped (write, "notify::state", G_CALLBACK (show), self);
      g_ptr_array_insert (self->heard, (int) (position + i), write);
    }
  show (self);
}

void
clients_writes_banner_set_live (ClientsWritesBanner *self, VlLiveTable *live)
{
  g_return_if_fail (self->live == NULL);

  self->live = g_object_ref (live);
  self->writes = g_object_ref (vl_live_table_get_writes (live));
  g_signal_connect (self->writes, "items-changed", G_CALLBACK (on_writes_changed), self);
  g_signal_connect_object (live, "notify::state", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  on_writes_changed (self->writes, 0, 0, g_list_model_get_n_items (self->writes), self);
}
