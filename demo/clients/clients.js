// clients.js: a list of clients that does not wait for its table
//
// SPDX-License-Identifier: LGPL-2.1-or-later

import Adw from 'gi://Adw?version=1';
import GObject from 'gi://GObject';
import Gtk from 'gi://Gtk?version=4.0';
import Pango from 'gi://Pango';
import System from 'system';
import Vl from 'gi://Vl?version=1';

const FIELDS = {name: 'Name', city: 'City', balance: 'Balance'};
const STATES = {
    [Vl.RowState.PENDING]: 'saving …',
    [Vl.RowState.WRITE_FAILED]: 'not saved',
    [Vl.RowState.LOAD_FAILED]: 'not loaded',
};

// A label of the view: of a property of the row, made text by a function.
function addLabel(box, item, property, show, params) {
    const row = Gtk.PropertyExpression.new(Gtk.ListItem, null, 'item');
    const value = Gtk.PropertyExpression.new(Vl.Row, row, property);
    const label = new Gtk.Label({ellipsize: Pango.EllipsizeMode.END, ...params});

    new Gtk.ClosureExpression(GObject.TYPE_STRING, (_item, of) => show(of), [value]).bind(label, 'label', item);
    box.append(label);
}

function setupItem(factory, item) {
    const box = new Gtk.Box({spacing: 12, margin_top: 8, margin_bottom: 8, margin_start: 12, margin_end: 12});
    const text = column => record => Vl.Row.dup_text(null, record, column);

    addLabel(box, item, 'record', record => record ? text('name')(record) : '…', {xalign: 0, hexpand: true});
    addLabel(box, item, 'record', text('city'), {css_classes: ['dim-label']});
    addLabel(box, item, 'state', state => STATES[state] ?? '', {css_classes: ['accent']});
    item.child = box;
}

// A form: its entries are bound to the fields, and show what is wrong with them.
const EditDialog = GObject.registerClass(class EditDialog extends Adw.Window {
    _init(table, row, params) {
        const group = new Adw.PreferencesGroup({margin_top: 12, margin_bottom: 12, margin_start: 12, margin_end: 12});
        const save = new Gtk.Button({label: 'Save', css_classes: ['suggested-action']});
        const header = new Adw.HeaderBar();
        const content = new Gtk.Box({orientation: Gtk.Orientation.VERTICAL});

        super._init({modal: true, title: 'Edit Client', default_width: 340, ...params});
        this.edit = Vl.RecordEdit.new_for_row(table, row);
        this.entries = {};
        for (const [column, title] of Object.entries(FIELDS)) {
            const entry = this.entries[column] = new Adw.EntryRow({title});
            const field = this.edit.get_field(column);

            field.bind_property('text', entry, 'text', GObject.BindingFlags.SYNC_CREATE | GObject.BindingFlags.BIDIRECTIONAL);
            field.connect('notify::error', () => {
                entry.tooltip_text = field.error;
                entry[field.error ? 'add_css_class' : 'remove_css_class']('error');
            });
            group.add(entry);
        }
        save.connect('clicked', () => this.save());
        header.pack_end(save);
        content.append(header);
        content.append(group);
        this.content = content;
    }

    // Nobody waits: what is refused comes back, with the reason on its field.
    save() {
        this.visible = false;
        this.edit.save_async().then(() => this.destroy(), () => this.present());
    }
});

export const Window = GObject.registerClass(class Window extends Adw.ApplicationWindow {
    _init(path, params) {
        const factory = new Gtk.SignalListItemFactory();
        const content = new Gtk.Box({orientation: Gtk.Orientation.VERTICAL});

        super._init({title: 'Clients', default_width: 380, default_height: 680, ...params});
        this.server = new Vl.FaultTable({target: Vl.SqliteTable.new(path, 'clients'), latency: 300});
        this.table = new Vl.LiveTable({master: this.server, cache_key: 'clients', optimistic: true});
        this.model = Vl.LiveList.new(this.table, this.makeQuery(''));
        factory.connect('setup', setupItem);
        this.view = new Gtk.ListView({model: new Gtk.NoSelection({model: this.model}), factory, single_click_activate: true});
        this.view.connect('activate', (_view, position) => this.open(position));
        this.search = new Gtk.SearchEntry({hexpand: true, placeholder_text: 'Search'});
        // The rows that are there stay until the first page of the others is.
        this.search.connect('search-changed', () => (this.model.query = this.makeQuery(this.search.text)));
        content.append(new Adw.HeaderBar({title_widget: this.search}));
        content.append(new Gtk.ScrolledWindow({child: this.view, vexpand: true}));
        this.content = content;
    }

    makeQuery(text) {
        return Vl.Query.new().search(text).order_by('name', false);
    }

    open(position) {
        const row = this.model.get_item(position);

        if (row.record === null)
            return null;

        const dialog = new EditDialog(this.table, row, {transient_for: this});

        dialog.present();
        return dialog;
    }
});

export function main(path = 'demo-clients.db') {
    const application = new Adw.Application({application_id: 'org.vantage_live.ClientsGjs'});

    application.connect('activate', () => new Window(path, {application}).present());
    return application.run([]);
}

if (import.meta.url.endsWith(System.programInvocationName.split('/').pop()))
    System.exit(main(...System.programArgs));
