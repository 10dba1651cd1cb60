/* clients-window.c: the list, and the form beside it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "clients-window.h"

#include "clients-edit-sheet.h"
#include "clients-hiding.h"
#include "clients-row.h"
#include "clients-text.h"
#include "clients-writes-banner.h"

/* Seconds to think better of it. */
#define UNDO_TIMEOUT 8

/* Deletions that can be undone, one after the other. */
#define MAX_UNDO 16

/* Columns that the menu offers to sort by. */
#define MAX_ORDERS 6

struct _ClientsWindow
{
  AdwApplicationWindow parent_instance;

  ClientsStore *store;
  VlLiveList *list;
  GtkSingleSelection *selection;
  GQueue refused;     /* of VlRecordEdit: to be shown when there is room */
  GQueue deletions;   /* of Deletion: the last one is undone first */
  gboolean has_begun; /* the keyboard was given to the list */

  GtkWidget *toasts;
  GtkWidget *leaflet;
  GtkWidget *main_page;
  GtkWidget *search;
  GtkWidget *sort;
  GtkWidget *banner;
  GtkWidget *stack;
  GtkWidget *view;
  GtkWidget *progress;
  GtkWidget *nothing;
  GtkWidget *failure;
  GtkWidget *sheet;
};

G_DEFINE_FINAL_TYPE (ClientsWindow, clients_window, ADW_TYPE_APPLICATION_WINDOW)

typedef struct
{
  VlWrite *write;
  VlRecord *record;
  AdwToast *toast;
} Deletion;

static void
deletion_free (gpointer data)
{
  Deletion *deletion = data;

  g_object_unref (deletion->write);
  g_object_unref (deletion->record);
  g_object_unref (deletion->toast);
  g_free (deletion);
}

/* On a phone a name takes a line of its own, and what is said of it the next: the
 * title that a toast has is cut after the first. */
static AdwToast *
make_toast (const char *words)
{
  AdwToast *toast = adw_toast_new ("");
  GtkWidget *title = gtk_label_new (words);

  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (title), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (title), 2);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "heading");
  adw_toast_set_custom_title (toast, title);

  return toast;
}

static gboolean
has_focus (ClientsWindow *self, GtkWidget *widget)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  return focus != NULL && (focus == widget || gtk_widget_is_ancestor (focus, widget));
}

static char *
dup_title (ClientsWindow *self, VlRecord *record)
{
  g_autofree char *title = vl_row_dup_text (NULL, record,
                                            clients_store_get_title_column (self->store));

  return *title != '\0' ? g_steal_pointer (&title) : g_strdup ("Client");
}

/* The list */

/* What the library says is for the log. */
static void
show_failure (ClientsWindow *self, const GError *error)
{
  g_autofree char *words = clients_store_describe_failure (self->store, error);
  g_autofree char *escaped = g_markup_escape_text (words, -1);
  const char *page = gtk_stack_get_visible_child_name (GTK_STACK (self->stack));

  if (g_strcmp0 (page, "failure") != 0)
    g_message ("%s", error->message);
  adw_status_page_set_description (ADW_STATUS_PAGE (self->failure), escaped);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "failure");
}

/* Who has no mouse begins where the clients are, and not at the menus. */
static void
begin_in_list (ClientsWindow *self)
{
  if (self->has_begun)
    return;

  self->has_begun = TRUE;
  if (!has_focus (self, self->search) && !has_focus (self, self->sheet))
    gtk_widget_grab_focus (self->view);
}

static void
show_state (ClientsWindow *self)
{
  VlLoadState state = vl_live_list_get_load_state (self->list);
  gboolean is_searched = *gtk_editable_get_text (GTK_EDITABLE (self->search)) != '\0';
  g_autoptr (GError) error = vl_live_list_dup_error (self->list);
  const char *page = "loading";

  if (g_list_model_get_n_items (G_LIST_MODEL (self->list)) > 0)
    page = "list";
  else if (state == VL_LOAD_STATE_COMPLETE)
    page = "nothing";

  if (error != NULL && g_str_equal (page, "loading") && state == VL_LOAD_STATE_FAILED)
    {
      show_failure (self, error);
      return;
    }
  adw_status_page_set_title (ADW_STATUS_PAGE (self->nothing),
                             is_searched ? "No Results" : "No Clients");
  adw_status_page_set_description (ADW_STATUS_PAGE (self->nothing),
                                   is_searched ? "Try a different search." : "Add the first one.");
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), page);
  if (g_str_equal (page, "list"))
    begin_in_list (self);
}

static VlQuery *
make_query (ClientsWindow *self)
{
  g_autoptr (GVariant) order = g_action_group_get_action_state (G_ACTION_GROUP (self), "sort");
  const char *column = g_variant_get_string (order, NULL);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search));
  gboolean is_descending = g_str_has_prefix (column, "-");
  g_autoptr (VlQuery) query = vl_query_new ();

  if (*text != '\0')
    {
      VlQuery *searched = vl_query_search (query, text);

      g_object_unref (query);
      query = searched;
    }
  if (*column == '\0')
    return g_steal_pointer (&query);

  return vl_query_order_by (query, column + is_descending, is_descending);
}

/* With each keystroke: the list asks once they rest, and keeps what it shows
 * until it has something else. */
static void
update_query (ClientsWindow *self)
{
  g_autoptr (VlQuery) query = NULL;

  if (self->list == NULL)
    return;

  query = make_query (self);
  vl_live_list_set_query (self->list, query);
}

static void
on_setup (ClientsWindow *self, GtkListItem *item)
{
  gtk_list_item_set_child (item, GTK_WIDGET (clients_row_new (self->store)));
}

static void
on_bind (ClientsWindow *self, GtkListItem *item)
{
  clients_row_set_row (CLIENTS_ROW (gtk_list_item_get_child (item)), gtk_list_item_get_item (item));
}

static void
on_unbind (ClientsWindow *self, GtkListItem *item)
{
  clients_row_set_row (CLIENTS_ROW (gtk_list_item_get_child (item)), NULL);
}

static void
on_retry (ClientsWindow *self)
{
  if (self->list != NULL)
    vl_live_list_retry (self->list);
}

/* Rows that could not be loaded are not to wait until somebody scrolls. */
static void
on_network (ClientsWindow *self)
{
  if (g_strcmp0 (clients_store_get_network (self->store), "offline") != 0)
    on_retry (self);
}

/* The form */

static void
open_sheet (ClientsWindow *self, VlRecordEdit *edit)
{
  clients_edit_sheet_set_edit (CLIENTS_EDIT_SHEET (self->sheet), self->store, edit);
  adw_leaflet_set_visible_child (ADW_LEAFLET (self->leaflet), self->sheet);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.save", edit != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.close-sheet", edit != NULL);
  /* Where there is room for one of them only, the leaflet gives the focus to whatever
   * comes next in the page that it turns to. */
  clients_edit_sheet_focus (CLIENTS_EDIT_SHEET (self->sheet));
}

static void
close_sheet (ClientsWindow *self)
{
  g_autoptr (VlRecordEdit) refused = g_queue_pop_head (&self->refused);

  if (refused != NULL)
    {
      open_sheet (self, refused);
      return;
    }
  open_sheet (self, NULL);
  adw_leaflet_set_visible_child (ADW_LEAFLET (self->leaflet), self->main_page);
  gtk_widget_grab_focus (self->view);
}

static void
on_activate (ClientsWindow *self, guint position)
{
  g_autoptr (VlRow) row = g_list_model_get_item (G_LIST_MODEL (self->selection), position);
  g_autoptr (VlRecordEdit) edit = NULL;

  if (row == NULL)
    return;

  edit = vl_record_edit_new_for_row (VL_TABLE (clients_store_get_live (self->store)), row);
  open_sheet (self, edit);
}

/* It comes back with its drafts, and the reasons on its fields. */
static void
come_back (ClientsWindow *self, VlRecordEdit *edit, const GError *error)
{
  g_autofree char *title = dup_title (self, vl_record_edit_get_record (edit));
  g_autofree char *isolated = clients_isolate (title);
  g_autofree char *words = g_strdup_printf ("Not saved: “%s”", isolated);

  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), make_toast (words));
  if (clients_edit_sheet_get_edit (CLIENTS_EDIT_SHEET (self->sheet)) == NULL)
    open_sheet (self, edit);
  else if (clients_edit_sheet_get_edit (CLIENTS_EDIT_SHEET (self->sheet)) != edit)
    g_queue_push_tail (&self->refused, g_object_ref (edit));
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ClientsWindow) self = user_data;
  VlRecordEdit *edit = VL_RECORD_EDIT (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record G_GNUC_UNUSED = vl_record_edit_save_finish (edit, result, &error);

  if (error == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      self->store == NULL)
    return;

  come_back (self, edit, error);
}

/* Nobody waits for it: the list shows what comes of it. */
static void
on_save (ClientsWindow *self)
{
  g_autoptr (VlRecordEdit) edit = NULL;

  if (!g_set_object (&edit, clients_edit_sheet_get_edit (CLIENTS_EDIT_SHEET (self->sheet))))
    return;

  vl_record_edit_save_async (edit, NULL, on_saved, g_object_ref (self));
  close_sheet (self);
}

/* The draft goes with the form. */
static void
on_cancelled (ClientsWindow *self)
{
  close_sheet (self);
}

/* Deleting */

/* What has not gone to the master is withdrawn, and what it has refused forgotten;
 * else, and if nobody knows whether it has, the record is put back by another write,
 * which the queue sends after it. */
static void
undo (ClientsWindow *self, Deletion *deletion)
{
  g_autoptr (GError) error = vl_write_dup_error (deletion->write);
  g_autoptr (VlChange) change = NULL;
  g_autoptr (VlWrite) insertion = NULL;

  if (vl_write_get_state (deletion->write) == VL_WRITE_STATE_FAILED)
    vl_write_discard (deletion->write);
  else if (g_error_matches (error, VL_ERROR, VL_ERROR_IN_DOUBT) ||
           !vl_write_cancel (deletion->write))
    {
      change = vl_change_new_insert (deletion->record);
      insertion = vl_live_table_write (clients_store_get_live (self->store), change);
    }
  adw_toast_dismiss (deletion->toast);
}

static void
on_undo_clicked (AdwToast *toast, ClientsWindow *self)
{
  for (GList *link = self->deletions.head; link != NULL; link = link->next)
    {
      Deletion *deletion = link->data;

      if (deletion->toast != toast)
        continue;
      g_queue_delete_link (&self->deletions, link);
      undo (self, deletion);
      deletion_free (deletion);
      return;
    }
}

/* Each toast undoes what it says; the last one is on top. */
static AdwToast *
offer_undo (ClientsWindow *self, VlRecord *record)
{
  g_autofree char *title = dup_title (self, record);
  g_autofree char *isolated = clients_isolate (title);
  g_autofree char *words = g_strdup_printf (CLIENTS_LRM "“%s” deleted", isolated);
  AdwToast *toast = make_toast (words);

  adw_toast_set_button_label (toast, "Undo");
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (on_undo_clicked), self, 0);
  adw_toast_set_timeout (toast, UNDO_TIMEOUT);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), g_object_ref (toast));

  return toast;
}

/* At once, and not when the toast is gone: who closes the window then has
 * deleted it. */
static void
delete_record (ClientsWindow *self, VlRecord *record)
{
  g_autoptr (VlChange) change = vl_change_new_delete (vl_record_get_id (record));
  Deletion *deletion = g_new0 (Deletion, 1);

  deletion->write = vl_live_table_write (clients_store_get_live (self->store), change);
  deletion->record = g_object_ref (record);
  deletion->toast = offer_undo (self, record);
  g_queue_push_tail (&self->deletions, deletion);
  if (self->deletions.length > MAX_UNDO)
    deletion_free (g_queue_pop_head (&self->deletions));
}

static VlRecord *
get_record_of_form (ClientsWindow *self)
{
  VlRecordEdit *edit = clients_edit_sheet_get_edit (CLIENTS_EDIT_SHEET (self->sheet));

  return edit != NULL ? vl_record_edit_get_record (edit) : NULL;
}

static void
on_delete (ClientsWindow *self)
{
  g_autoptr (VlRecord) record = NULL;

  if (!g_set_object (&record, get_record_of_form (self)))
    return;

  close_sheet (self);
  delete_record (self, record);
}

/* Of the list: what has the keyboard, selected or not. */
static VlRecord *
get_focused_record (ClientsWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  GtkWidget *child = focus != NULL ? gtk_widget_get_first_child (focus) : NULL;
  VlRow *row = CLIENTS_IS_ROW (child) ? clients_row_get_row (CLIENTS_ROW (child)) : NULL;

  return row != NULL ? vl_row_get_record (row) : NULL;
}

/* Beside a form that is open somebody may have gone on in the list. */
static gboolean
is_of_form (ClientsWindow *self, VlRecord *record)
{
  VlRecord *in_form = get_record_of_form (self);

  return in_form != NULL && g_strcmp0 (vl_record_get_id (in_form), vl_record_get_id (record)) == 0;
}

/* Actions */

static void
action_add (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ClientsWindow *self = CLIENTS_WINDOW (widget);
  g_autoptr (VlRecordEdit)
    edit = vl_record_edit_new (VL_TABLE (clients_store_get_live (self->store)), NULL);

  open_sheet (self, edit);
}

static void
action_search (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ClientsWindow *self = CLIENTS_WINDOW (widget);

  adw_leaflet_set_visible_child (ADW_LEAFLET (self->leaflet), self->main_page);
  gtk_widget_grab_focus (self->search);
}

static void
action_refresh (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ClientsWindow *self = CLIENTS_WINDOW (widget);

  if (self->list == NULL)
    return;

  vl_live_table_invalidate (clients_store_get_live (self->store));
  vl_live_list_refresh (self->list);
}

static void
action_save (GtkWidget *widget, const char *name, GVariant *parameter)
{
  on_save (CLIENTS_WINDOW (widget));
}

static void
action_delete (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ClientsWindow *self = CLIENTS_WINDOW (widget);
  VlRecord *record = get_focused_record (self);

  if (record == NULL || is_of_form (self, record))
    on_delete (self);
  else
    delete_record (self, record);
}

static void
action_undo (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ClientsWindow *self = CLIENTS_WINDOW (widget);
  Deletion *deletion = g_queue_pop_tail (&self->deletions);

  if (deletion == NULL)
    return;

  undo (self, deletion);
  deletion_free (deletion);
}

static void
action_close_sheet (GtkWidget *widget, const char *name, GVariant *parameter)
{
  on_cancelled (CLIENTS_WINDOW (widget));
}

static void
on_sort (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  g_simple_action_set_state (action, value);
  update_query (user_data);
}

/* The window */

static void
clients_window_dispose (GObject *object)
{
  ClientsWindow *self = CLIENTS_WINDOW (object);

  if (self->list != NULL)
    g_signal_handlers_disconnect_by_data (self->list, self);
  if (self->store != NULL)
    g_signal_handlers_disconnect_by_data (self->store, self);
  g_queue_clear_full (&self->refused, g_object_unref);
  g_clear_object (&self->list);
  g_queue_clear_full (&self->deletions, deletion_free);
  g_clear_object (&self->store);

  G_OBJECT_CLASS (clients_window_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, ClientsWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, ClientsWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, ClientsWindow, main_page);
  gtk_widget_class_bind_template_child (widget_class, ClientsWindow, search);
  gtk_widget_class_bind_template_child (widget_class, ClientsWindow, sort);
  gtk_widget_class_bind_template_child (widget_class, ClientsWindow, banner);
  gtk_widget_class_bind_template_child (widget_class, ClientsWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, ClientsWindow, view);
  gtk_widget_class_bind_template_child (widget_class, ClientsWindow, progress);
  gtk_widget_class_bind_template_child (widget_class, ClientsWindow, nothing);
  gtk_widget_class_bind_template_child (widget_class, ClientsWindow, failure);
  gtk_widget_class_bind_template_child (widget_class, ClientsWindow, sheet);
}

static void open_store (ClientsWindow *self);

static void
on_try_again (ClientsWindow *self)
{
  if (self->list == NULL)
    open_store (self);
  else
    on_retry (self);
}

static void
bind_callbacks (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_callback (widget_class, update_query);
  gtk_widget_class_bind_template_callback (widget_class, on_setup);
  gtk_widget_class_bind_template_callback (widget_class, on_bind);
  gtk_widget_class_bind_template_callback (widget_class, on_unbind);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_try_again);
  gtk_widget_class_bind_template_callback (widget_class, on_save);
  gtk_widget_class_bind_template_callback (widget_class, on_cancelled);
  gtk_widget_class_bind_template_callback (widget_class, on_delete);
  gtk_widget_class_install_action (widget_class, "win.add", NULL, action_add);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, action_search);
  gtk_widget_class_install_action (widget_class, "win.refresh", NULL, action_refresh);
  gtk_widget_class_install_action (widget_class, "win.save", NULL, action_save);
  gtk_widget_class_install_action (widget_class, "win.delete", NULL, action_delete);
  gtk_widget_class_install_action (widget_class, "win.undo", NULL, action_undo);
  gtk_widget_class_install_action (widget_class, "win.close-sheet", NULL, action_close_sheet);
  /* The accelerators of the application come before whatever has the focus: in a
   * text these two delete a word, and undo what was typed. */
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, GDK_CONTROL_MASK, "win.delete",
                                       NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_z, GDK_CONTROL_MASK, "win.undo", NULL);
}

static void
clients_window_class_init (ClientsWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clients_window_dispose;
  g_type_ensure (CLIENTS_TYPE_EDIT_SHEET);
  g_type_ensure (CLIENTS_TYPE_WRITES_BANNER);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/vantage_live/Clients/clients-window.ui");
  bind_children (widget_class);
  bind_callbacks (widget_class);
}

static void
clients_window_init (ClientsWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_queue_init (&self->refused);
  g_queue_init (&self->deletions);
  clients_hide_children_while_unmapped (self->leaflet);
  clients_hide_children_while_unmapped (self->stack);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.add", FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.save", FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.close-sheet", FALSE);
}

/* Opening */

static void
add_order (GMenu *menu, const char *column, const char *words, gboolean is_descending)
{
  g_autofree char *target = g_strconcat (is_descending ? "-" : "", column, NULL);
  g_autoptr (GMenuItem) item = g_menu_item_new (words, NULL);

  g_menu_item_set_action_and_target (item, "win.sort", "s", target);
  g_menu_append_item (menu, item);
}

static void
make_sort_menu (ClientsWindow *self, VlSchema *schema)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  const char *id = vl_schema_get_id_column (schema);
  guint n_orders = 0;

  for (guint i = 0; i < vl_schema_get_n_columns (schema) && n_orders < MAX_ORDERS; i++)
    {
      const char *name = vl_schema_get_column_name (schema, i);
      VlFieldType type = vl_schema_get_column_type (schema, i);
      gboolean is_number = type == VL_FIELD_TYPE_INT64 || type == VL_FIELD_TYPE_DOUBLE;
      g_autofree char *words = g_strdup_printf (is_number ? "By %s, highest first" : "By %s", name);

      if (g_strcmp0 (name, id) == 0 || (type != VL_FIELD_TYPE_STRING && !is_number))
        continue;
      add_order (menu, name, words, is_number);
      n_orders++;
    }
  if (id != NULL)
    add_order (menu, id, "Newest first", TRUE);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->sort), G_MENU_MODEL (menu));
}

/* Only once there is the menu: of items whose action is there before them GTK does
 * not tell a screen reader that one of them is chosen. */
static void
add_sort_action (ClientsWindow *self, const char *order)
{
  g_autoptr (GSimpleAction) action = g_simple_action_new_stateful ("sort", G_VARIANT_TYPE_STRING,
                                                                   g_variant_new_string (order));

  g_signal_connect_object (action, "change-state", G_CALLBACK (on_sort), self, 0);
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
}

static void
show_list (ClientsWindow *self)
{
  VlLiveTable *live = clients_store_get_live (self->store);
  VlSchema *schema = clients_store_get_schema (self->store);
  const char *title = clients_store_get_title_column (self->store);
  const char *id = vl_schema_get_id_column (schema);
  g_autofree char *order = NULL;
  g_autoptr (VlQuery) query = NULL;

  make_sort_menu (self, schema);
  order = id != NULL ? g_strconcat ("-", id, NULL) : g_strdup (title != NULL ? title : "");
  add_sort_action (self, order);
  query = make_query (self);
  self->list = vl_live_list_new (VL_TABLE (live), query);
  g_signal_connect_swapped (self->list, "notify::load-state", G_CALLBACK (show_state), self);
  g_signal_connect_swapped (self->list, "notify::n-items", G_CALLBACK (show_state), self);
  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->list)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_list_view_set_model (GTK_LIST_VIEW (self->view), GTK_SELECTION_MODEL (self->selection));
  g_object_unref (self->selection);
  clients_writes_banner_set_live (CLIENTS_WRITES_BANNER (self->banner), live);
  gtk_widget_set_sensitive (self->search, vl_schema_can (schema, VL_CAPABILITY_SEARCH));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.add", TRUE);
  show_state (self);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ClientsWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_open = clients_store_open_finish (CLIENTS_STORE (source), result, &error);

  if (self->store == NULL || self->list != NULL)
    return;
  if (is_open)
    {
      show_list (self);
      return;
    }
  show_failure (self, error);
}

static void
open_store (ClientsWindow *self)
{
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "loading");
  clients_store_open_async (self->store, on_opened, g_object_ref (self));
}

static void
show_progress (ClientsWindow *self)
{
  double progress = clients_store_get_progress (self->store);

  gtk_widget_set_visible (self->progress, progress >= 0);
  if (progress >= 0)
    gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress), progress);
}

ClientsWindow *
clients_window_new (GtkApplication *application, ClientsStore *store)
{
  ClientsWindow *self = g_object_new (CLIENTS_TYPE_WINDOW, "application", application, NULL);

  self->store = g_object_ref (store);
  g_signal_connect_swapped (store, "notify::progress", G_CALLBACK (show_progress), self);
  g_signal_connect_swapped (store, "notify::network", G_CALLBACK (on_network), self);
  if (clients_store_get_is_ready (store))
    show_list (self);
  else
    open_store (self);

  return self;
}

VlLiveList *
clients_window_get_list (ClientsWindow *self)
{
  return self->list;
}

GtkListView *
clients_window_get_view (ClientsWindow *self)
{
  return GTK_LIST_VIEW (self->view);
}
