/* clients-field-row.c: a field of the form, and what is wrong with it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "clients-field-row.h"

#include <string.h>

struct _ClientsFieldRow
{
  GtkBox parent_instance;

  VlField *field;
  gboolean is_setting;

  GtkWidget *title;
  GtkWidget *entry;
  GtkWidget *toggle;
  GtkWidget *reason;
  GtkWidget *conflict;
};

G_DEFINE_FINAL_TYPE (ClientsFieldRow, clients_field_row, GTK_TYPE_BOX)

static void
on_keep (ClientsFieldRow *self)
{
  vl_field_keep (self->field);
}

static void
on_take (ClientsFieldRow *self)
{
  vl_field_revert (self->field);
}

static void
clients_field_row_dispose (GObject *object)
{
  ClientsFieldRow *self = CLIENTS_FIELD_ROW (object);

  if (self->field != NULL)
    g_signal_handlers_disconnect_by_data (self->field, self);
  g_clear_object (&self->field);

  G_OBJECT_CLASS (clients_field_row_parent_class)->dispose (object);
}

static void
clients_field_row_class_init (ClientsFieldRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clients_field_row_dispose;
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/vantage_live/Clients/clients-field-row.ui");
  gtk_widget_class_bind_template_child (widget_class, ClientsFieldRow, title);
  gtk_widget_class_bind_template_child (widget_class, ClientsFieldRow, entry);
  gtk_widget_class_bind_template_child (widget_class, ClientsFieldRow, toggle);
  gtk_widget_class_bind_template_child (widget_class, ClientsFieldRow, reason);
  gtk_widget_class_bind_template_child (widget_class, ClientsFieldRow, conflict);
  gtk_widget_class_bind_template_callback (widget_class, on_keep);
  gtk_widget_class_bind_template_callback (widget_class, on_take);
}

static void
clients_field_row_init (ClientsFieldRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* Which table, record and file it was is for a log. What the database says of the
 * field comes last, in parentheses, and after the kind of its constraint. */
static char *
dup_reason (const char *error)
{
  const char *said = strrchr (error, '(');
  const char *kind;

  if (said == NULL || !g_str_has_suffix (error, ")"))
    return g_strdup (error);

  kind = strstr (said, "CHECK constraint failed: ");
  said = kind != NULL ? kind + strlen ("CHECK constraint failed: ") : said + 1;

  return g_strndup (said, strlen (said) - 1);
}

static void
show_error (ClientsFieldRow *self)
{
  const char *whole = vl_field_get_error (self->field);
  g_autofree char *error = whole != NULL ? dup_reason (whole) : NULL;

  gtk_label_set_label (GTK_LABEL (self->reason), error != NULL ? error : "");
  gtk_widget_set_tooltip_text (self->reason, whole);
  gtk_widget_set_visible (self->reason, error != NULL);
  if (error != NULL)
    gtk_widget_add_css_class (self->entry, "error");
  else
    gtk_widget_remove_css_class (self->entry, "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID,
                               error != NULL ? GTK_ACCESSIBLE_INVALID_TRUE
                                             : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  error != NULL ? error : "", -1);
}

/* A truth has a switch, which knows no null. */
static void
show_truth (ClientsFieldRow *self)
{
  g_autoptr (GVariant) value = vl_field_dup_value (self->field);
  gboolean is_true = value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) &&
                     g_variant_get_boolean (value);

  self->is_setting = TRUE;
  gtk_switch_set_active (GTK_SWITCH (self->toggle), is_true);
  self->is_setting = FALSE;
}

static void
on_toggled (ClientsFieldRow *self)
{
  if (!self->is_setting)
    vl_field_set_value (self->field,
                        g_variant_new_boolean (gtk_switch_get_active (GTK_SWITCH (self->toggle))));
}

static void
bind_truth (ClientsFieldRow *self)
{
  gtk_widget_set_visible (self->entry, FALSE);
  gtk_widget_set_visible (self->toggle, TRUE);
  g_signal_connect_swapped (self->field, "notify::value", G_CALLBACK (show_truth), self);
  g_signal_connect_swapped (self->toggle, "notify::active", G_CALLBACK (on_toggled), self);
  show_truth (self);
}

ClientsFieldRow *
clients_field_row_new (VlField *field, const char *title)
{
  ClientsFieldRow *self = g_object_new (CLIENTS_TYPE_FIELD_ROW, NULL);

  self->field = g_object_ref (field);
  gtk_label_set_label (GTK_LABEL (self->title), title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->toggle), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, -1);
  if (vl_field_get_field_type (field) == VL_FIELD_TYPE_BOOLEAN)
    bind_truth (self);
  else
    g_object_bind_property (field, "text", self->entry, "text",
                            G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_object_bind_property (field, "conflict", self->conflict, "visible", G_BINDING_SYNC_CREATE);
  g_signal_connect_swapped (field, "notify::error", G_CALLBACK (show_error), self);
  show_error (self);

  return self;
}

gboolean
clients_field_row_is_wrong (ClientsFieldRow *self)
{
  return vl_field_get_error (self->field) != NULL;
}

void
clients_field_row_focus (ClientsFieldRow *self)
{
  gtk_widget_grab_focus (gtk_widget_get_visible (self->entry) ? self->entry : self->toggle);
}
