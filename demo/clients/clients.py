# clients.py: a list of clients that does not wait for its table
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys

import gi

for name, version in (('Adw', '1'), ('Gtk', '4.0'), ('Vl', '1')):
    gi.require_version(name, version)

from gi.repository import Adw, GLib, GObject, Gtk, Pango, Vl  # noqa: E402

FIELDS = {'name': 'Name', 'city': 'City', 'balance': 'Balance'}
STATES = {Vl.RowState.PENDING: 'saving …', Vl.RowState.WRITE_FAILED: 'not saved',
          Vl.RowState.LOAD_FAILED: 'not loaded'}


class ClientRow(Gtk.Box):
    """One row of the view; while it is bound it follows a Vl.Row."""

    def __init__(self):
        super().__init__(spacing=12, margin_top=8, margin_bottom=8, margin_start=12, margin_end=12)
        self.name = Gtk.Label(xalign=0, hexpand=True, ellipsize=Pango.EllipsizeMode.END)
        self.city = Gtk.Label(css_classes=['dim-label'], ellipsize=Pango.EllipsizeMode.END)
        self.state = Gtk.Label(css_classes=['accent'])
        for label in (self.name, self.city, self.state):
            self.append(label)

    def bind(self, row):
        self.row = row
        self.handlers = [row.connect('notify::' + name, self.show_row) for name in ('record', 'state')]
        self.show_row(row)

    def unbind(self):
        for handler in self.handlers:
            self.row.disconnect(handler)
        self.row = None

    def show_row(self, row, pspec=None):
        self.name.set_label('…' if row.get_loading() else row.get_text('name'))
        self.city.set_label(row.get_text('city'))
        self.state.set_label(STATES.get(row.get_state(), ''))


class EditDialog(Adw.Window):
    """A form: its entries are bound to the fields, and show what is wrong with them."""

    def __init__(self, table, row, **properties):
        super().__init__(modal=True, title='Edit Client', default_width=340, **properties)
        self.edit = Vl.RecordEdit.new_for_row(table, row)
        self.entries = {}
        group = Adw.PreferencesGroup(margin_top=12, margin_bottom=12, margin_start=12, margin_end=12)
        for column, title in FIELDS.items():
            entry = self.entries[column] = Adw.EntryRow(title=title)
            field = self.edit.get_field(column)
            flags = GObject.BindingFlags.SYNC_CREATE | GObject.BindingFlags.BIDIRECTIONAL
            field.bind_property('text', entry, 'text', flags)
            field.connect('notify::error', self.show_error, entry)
            group.add(entry)
        save = Gtk.Button(label='Save', css_classes=['suggested-action'])
        save.connect('clicked', self.save)
        header = Adw.HeaderBar()
        header.pack_end(save)
        content = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
        content.append(header)
        content.append(group)
        self.set_content(content)

    def show_error(self, field, pspec, entry):
        entry.set_tooltip_text(field.get_error())
        (entry.add_css_class if field.get_error() else entry.remove_css_class)('error')

    def save(self, *_):
        # Nobody waits: what is refused comes back, with the reason on its field.
        self.set_visible(False)
        self.edit.save_async(None, self.saved)

    def saved(self, edit, result):
        try:
            edit.save_finish(result)
            self.destroy()
        except GLib.Error:
            self.present()


class Window(Adw.ApplicationWindow):
    def __init__(self, path, **properties):
        super().__init__(title='Clients', default_width=380, default_height=680, **properties)
        self.server = Vl.FaultTable(target=Vl.SqliteTable.new(path, 'clients'), latency=300)
        self.table = Vl.LiveTable(master=self.server, cache_key='clients', optimistic=True)
        self.model = Vl.LiveList.new(self.table, self.make_query(''))
        factory = Gtk.SignalListItemFactory()
        factory.connect('setup', lambda factory, item: item.set_child(ClientRow()))
        factory.connect('bind', lambda factory, item: item.get_child().bind(item.get_item()))
        factory.connect('unbind', lambda factory, item: item.get_child().unbind())
        self.view = Gtk.ListView(model=Gtk.NoSelection(model=self.model), factory=factory,
                                 single_click_activate=True)
        self.view.connect('activate', lambda view, position: self.open(position))
        self.search = Gtk.SearchEntry(hexpand=True, placeholder_text='Search')
        self.search.connect('search-changed', self.searched)
        content = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
        content.append(Adw.HeaderBar(title_widget=self.search))
        content.append(Gtk.ScrolledWindow(child=self.view, vexpand=True))
        self.set_content(content)

    def make_query(self, text):
        return Vl.Query().search(text).order_by('name')

    def searched(self, entry):
        # The rows that are there stay until the first page of the others is.
        self.model.set_query(self.make_query(entry.get_text()))

    def open(self, position):
        row = self.model.get_item(position)
        if row.get_record() is None:
            return None
        dialog = EditDialog(self.table, row, transient_for=self)
        dialog.present()
        return dialog


def main(path='demo-clients.db'):
    app = Adw.Application(application_id='org.vantage_live.ClientsPython')
    app.connect('activate', lambda app: Window(path, application=app).present())
    return app.run()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
