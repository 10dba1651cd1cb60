/* clients-edit-sheet.c: the form
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "clients-edit-sheet.h"

#include "clients-field-row.h"
#include "clients-hiding.h"

struct _ClientsEditSheet
{
  AdwBin parent_instance;

  VlRecordEdit *edit;

  GtkWidget *stack;
  GtkWidget *heading;
  GtkWidget *cancel;
  GtkWidget *save;
  GtkWidget *remove;
  GtkWidget *fields;
};

enum
{
  SIGNAL_SAVE,
  SIGNAL_CANCELLED,
  SIGNAL_DELETE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ClientsEditSheet, clients_edit_sheet, ADW_TYPE_BIN)

static void
on_save (ClientsEditSheet *self)
{
  g_signal_emit (self, signals[SIGNAL_SAVE], 0);
}

static void
on_cancel (ClientsEditSheet *self)
{
  g_signal_emit (self, signals[SIGNAL_CANCELLED], 0);
}

static void
on_delete (ClientsEditSheet *self)
{
  g_signal_emit (self, signals[SIGNAL_DELETE], 0);
}

static void
clients_edit_sheet_dispose (GObject *object)
{
  ClientsEditSheet *self = CLIENTS_EDIT_SHEET (object);

  if (self->edit != NULL)
    g_signal_handlers_disconnect_by_data (self->edit, self);
  g_clear_object (&self->edit);

  G_OBJECT_CLASS (clients_edit_sheet_parent_class)->dispose (object);
}

static guint
add_signal (const char *name)
{
  return g_signal_new (name, CLIENTS_TYPE_EDIT_SHEET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
}

static void
clients_edit_sheet_class_init (ClientsEditSheetClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clients_edit_sheet_dispose;
  signals[SIGNAL_SAVE] = add_signal ("save");
  signals[SIGNAL_CANCELLED] = add_signal ("cancelled");
  signals[SIGNAL_DELETE] = add_signal ("delete");
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/vantage_live/Clients/clients-edit-sheet.ui");
  gtk_widget_class_bind_template_child (widget_class, ClientsEditSheet, stack);
  gtk_widget_class_bind_template_child (widget_class, ClientsEditSheet, heading);
  gtk_widget_class_bind_template_child (widget_class, ClientsEditSheet, cancel);
  gtk_widget_class_bind_template_child (widget_class, ClientsEditSheet, save);
  gtk_widget_class_bind_template_child (widget_class, ClientsEditSheet, remove);
  gtk_widget_class_bind_template_child (widget_class, ClientsEditSheet, fields);
  gtk_widget_class_bind_template_callback (widget_class, on_save);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel);
  gtk_widget_class_bind_template_callback (widget_class, on_delete);
}

static void
clients_edit_sheet_init (ClientsEditSheet *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  clients_hide_children_while_unmapped (self->stack);
}

/* A new client can be saved as it is: the table says what is missing. */
static void
show_state (ClientsEditSheet *self)
{
  gboolean is_new = vl_record_edit_get_record (self->edit) == NULL;

  gtk_widget_set_sensitive (self->save, is_new || vl_record_edit_get_dirty (self->edit));
  gtk_widget_set_visible (self->remove, !is_new);
  adw_window_title_set_title (ADW_WINDOW_TITLE (self->heading),
                              is_new ? "New Client" : "Edit Client");
}

/* "first_name" is "First name" to people. */
static char *
make_title (const char *column)
{
  g_autofree char *words = g_strdelimit (g_strdup (column), "_-", ' ');
  g_autofree char *first = g_utf8_substring (words, 0, g_utf8_strlen (words, -1) > 0 ? 1 : 0);
  g_autofree char *upper = g_utf8_strup (first, -1);

  return g_strconcat (upper, words + strlen (first), NULL);
}

/* A key that is a name is given by who makes the record, and stays; one that is a
 * number is given by the table. */
static gboolean
is_hidden (ClientsEditSheet *self, VlSchema *schema, guint column)
{
  VlFieldType type = vl_schema_get_column_type (schema, column);

  if (g_strcmp0 (vl_schema_get_column_name (schema, column), vl_schema_get_id_column (schema)) != 0)
    return type == VL_FIELD_TYPE_BYTES;

  return type != VL_FIELD_TYPE_STRING || vl_record_edit_get_record (self->edit) != NULL;
}

static void
add_fields (ClientsEditSheet *self, VlSchema *schema)
{
  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    {
      const char *name = vl_schema_get_column_name (schema, i);
      g_autofree char *title = make_title (name);

      if (is_hidden (self, schema, i))
        continue;
      gtk_box_append (GTK_BOX (self->fields),
                      GTK_WIDGET (
                        clients_field_row_new (vl_record_edit_get_field (self->edit, name),
                                               title)));
    }
}

/* Whose form it is, where no field of it says so. */
static void
show_key (ClientsEditSheet *self, ClientsStore *store)
{
  VlRecord *record = vl_record_edit_get_record (self->edit);
  const char *key = vl_schema_get_id_column (clients_store_get_schema (store));
  gboolean is_title = record != NULL &&
                      g_strcmp0 (key, clients_store_get_title_column (store)) == 0;
  g_autofree char *words = is_title ? vl_row_dup_text (NULL, record, key) : g_strdup ("");

  adw_window_title_set_subtitle (ADW_WINDOW_TITLE (self->heading), words);
}

void
clients_edit_sheet_set_edit (ClientsEditSheet *self, ClientsStore *store, VlRecordEdit *edit)
{
  GtkWidget *child;

  if (self->edit == edit)
    return;

  if (self->edit != NULL)
    g_signal_handlers_disconnect_by_data (self->edit, self);
  while ((child = gtk_widget_get_first_child (self->fields)) != NULL)
    gtk_box_remove (GTK_BOX (self->fields), child);
  g_set_object (&self->edit, edit);
  gtk_window_set_default_widget (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                 edit != NULL ? self->save : NULL);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), edit != NULL ? "form" : "nothing");
  if (edit == NULL)
    return;

  add_fields (self, clients_store_get_schema (store));
  show_key (self, store);
  g_signal_connect_swapped (edit, "notify::dirty", G_CALLBACK (show_state), self);
  g_signal_connect_swapped (edit, "notify::record", G_CALLBACK (show_state), self);
  show_state (self);
}

VlRecordEdit *
clients_edit_sheet_get_edit (ClientsEditSheet *self)
{
  return self->edit;
}

void
clients_edit_sheet_focus (ClientsEditSheet *self)
{
  GtkWidget *first = gtk_widget_get_first_child (self->fields);
  GtkWidget *wrong = first;

  while (wrong != NULL && !clients_field_row_is_wrong (CLIENTS_FIELD_ROW (wrong)))
    wrong = gtk_widget_get_next_sibling (wrong);
  if (first != NULL)
    clients_field_row_focus (CLIENTS_FIELD_ROW (wrong != NULL ? wrong : first));
}
