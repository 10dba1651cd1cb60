/* clients-row.c: a client in the list
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "clients-row.h"

#include <adwaita.h>

#include "clients-text.h"

struct _ClientsRow
{
  GtkWidget parent_instance;

  ClientsStore *store;
  VlRow *row;

  GtkWidget *box;
  GtkWidget *avatar;
  GtkWidget *title;
  GtkWidget *detail;
  GtkWidget *badge;
};

G_DEFINE_FINAL_TYPE (ClientsRow, clients_row, GTK_TYPE_WIDGET)

static void
clients_row_dispose (GObject *object)
{
  ClientsRow *self = CLIENTS_ROW (object);

  clients_row_set_row (self, NULL);
  g_clear_object (&self->store);
  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (clients_row_parent_class)->dispose (object);
}

static void
clients_row_class_init (ClientsRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clients_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/vantage_live/Clients/clients-row.ui");
  gtk_widget_class_bind_template_child (widget_class, ClientsRow, box);
  gtk_widget_class_bind_template_child (widget_class, ClientsRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, ClientsRow, title);
  gtk_widget_class_bind_template_child (widget_class, ClientsRow, detail);
  gtk_widget_class_bind_template_child (widget_class, ClientsRow, badge);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "client");
}

static void
clients_row_init (ClientsRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

ClientsRow *
clients_row_new (ClientsStore *store)
{
  ClientsRow *self = g_object_new (CLIENTS_TYPE_ROW, NULL);

  self->store = g_object_ref (store);

  return self;
}

/* What is shown */

static char *
make_detail (ClientsRow *self)
{
  const char *const *columns = clients_store_get_detail_columns (self->store);
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  GString *text = g_string_new (NULL);

  for (guint i = 0; columns[i] != NULL; i++)
    {
      g_autofree char *part = vl_row_get_text (self->row, columns[i]);
      g_autofree char *isolated = clients_isolate (part);

      if (*part == '\0')
        continue;
      /* Pango gives the line the direction of the first letter, isolated or not. */
      g_string_append (text, text->len > 0 ? " · " : is_rtl ? CLIENTS_RLM : CLIENTS_LRM);
      g_string_append (text, isolated);
    }

  return g_string_free (text, FALSE);
}

typedef struct
{
  const char *icon; /* NULL = none */
  const char *words;
  const char *style;
} Badge;

static Badge
get_badge (VlRowState state)
{
  switch (state)
    {
    case VL_ROW_STATE_PENDING:
      return (Badge){ "emblem-synchronizing-symbolic", "waiting to be saved", "dim-label" };
    case VL_ROW_STATE_WRITE_FAILED:
      return (Badge){ "dialog-warning-symbolic", "could not be saved", "warning" };
    case VL_ROW_STATE_LOAD_FAILED:
      return (Badge){ "dialog-warning-symbolic", "could not be loaded", "warning" };
    case VL_ROW_STATE_LOADING:
      return (Badge){ NULL, "loading", NULL };
    case VL_ROW_STATE_FRESH:
    case VL_ROW_STATE_STALE:
    case VL_ROW_STATE_GONE:
    default:
      return (Badge){ NULL, NULL, NULL };
    }
}

/* What a screen reader says: of the item of the list, which has the focus. */
static void
show_accessible (ClientsRow *self, const char *title, const char *detail, const char *words)
{
  GtkWidget *item = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autofree char *isolated = clients_isolate (*title != '\0' ? title : "Client");
  g_autofree char *label = NULL;

  if (item == NULL)
    return;

  label = words != NULL ? g_strdup_printf ("%s, %s", isolated, words) : g_strdup (title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (item), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, detail, -1);
}

static void
show_badge (ClientsRow *self, const Badge *badge)
{
  static const char *const styles[] = { "dim-label", "warning" };

  gtk_widget_set_visible (self->badge, badge->icon != NULL);
  if (badge->icon != NULL)
    gtk_image_set_from_icon_name (GTK_IMAGE (self->badge), badge->icon);
  gtk_widget_set_tooltip_text (self->badge, badge->words);
  for (guint i = 0; i < G_N_ELEMENTS (styles); i++)
    {
      if (g_strcmp0 (styles[i], badge->style) == 0)
        gtk_widget_add_css_class (self->badge, styles[i]);
      else
        gtk_widget_remove_css_class (self->badge, styles[i]);
    }
}

static void
show_state (ClientsRow *self)
{
  Badge badge = get_badge (vl_row_get_state (self->row));

  show_badge (self, &badge);
  show_accessible (self, gtk_label_get_label (GTK_LABEL (self->title)),
                   gtk_label_get_label (GTK_LABEL (self->detail)), badge.words);
}

static void
show_record (ClientsRow *self)
{
  g_autofree char *title = vl_row_get_text (self->row,
                                            clients_store_get_title_column (self->store));
  g_autofree char *detail = make_detail (self);

  gtk_label_set_label (GTK_LABEL (self->title), title);
  gtk_label_set_label (GTK_LABEL (self->detail), detail);
  adw_avatar_set_text (ADW_AVATAR (self->avatar), title);
  if (vl_row_get_record (self->row) == NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self), "placeholder");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "placeholder");
  show_state (self);
}

void
clients_row_set_row (ClientsRow *self, VlRow *row)
{
  if (self->row != NULL)
    g_signal_handlers_disconnect_by_data (self->row, self);
  if (!g_set_object (&self->row, row) && row == NULL)
    return;
  if (row == NULL)
    return;

  g_signal_connect_swapped (row, "notify::record", G_CALLBACK (show_record), self);
  g_signal_connect_swapped (row, "notify::state", G_CALLBACK (show_state), self);
  show_record (self);
}

VlRow *
clients_row_get_row (ClientsRow *self)
{
  return self->row;
}
