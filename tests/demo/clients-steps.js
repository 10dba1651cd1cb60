// clients-steps.js: uses clients.js as somebody in front of it would
//
// SPDX-License-Identifier: LGPL-2.1-or-later

import Adw from 'gi://Adw?version=1';
import GLib from 'gi://GLib';
import Gtk from 'gi://Gtk?version=4.0';
import System from 'system';
import Vl from 'gi://Vl?version=1';

const [path, database] = System.programArgs;
let status = 1;

function until(condition, what) {
    return new Promise((resolve, reject) => {
        let turns = 3000;

        GLib.timeout_add(GLib.PRIORITY_DEFAULT, 20, () => {
            if (condition()) {
                print(what);
                resolve();
                return GLib.SOURCE_REMOVE;
            }
            if (--turns > 0)
                return GLib.SOURCE_CONTINUE;
            reject(new Error(what));
            return GLib.SOURCE_REMOVE;
        });
    });
}

function check(condition, what) {
    if (!condition)
        throw new Error(what);
}

function atRest(window) {
    return !window.model.loading && window.model.pending === 0;
}

// What the labels of the view say.
function texts(widget) {
    if (widget instanceof Gtk.Label)
        return [widget.label];

    let found = [];

    for (let child = widget.get_first_child(); child !== null; child = child.get_next_sibling())
        found = found.concat(texts(child));
    return found;
}

async function use(window) {
    const {model, search, server} = window;

    await until(() => atRest(window) && model.n_items === 300, 'loaded');
    await until(() => texts(window.view).includes(model.get_item(0).get_text('name')), 'shown');
    search.text = 'Anna';
    await until(() => atRest(window) && model.n_items > 0 && model.n_items < 300, 'searched');
    search.text = '';
    await until(() => atRest(window) && model.n_items === 300, 'all again');

    const row = model.get_item(0);
    let dialog = window.open(0);

    dialog.entries.name.text = 'Aaron Ångström';
    dialog.save();
    await until(() => texts(window.view).includes('Aaron Ångström') && texts(window.view).includes('saving …'),
        'shown as pending');
    await until(() => row.state === Vl.RowState.FRESH && atRest(window), 'saved');
    check(server.get_target().find_sync(row.id, null).get('name') === 'Aaron Ångström', 'stored');

    dialog = window.open(0);
    dialog.entries.city.text = 'Nowhere';
    server.push_error(new GLib.Error(Vl.Error, Vl.Error.REJECTED, '“city” is not known'));
    dialog.save();
    check(!dialog.visible, 'nobody waits');
    await until(() => dialog.visible, 'refused');
    check(dialog.entries.city.tooltip_text === '“city” is not known', 'the reason');
    check(dialog.entries.city.has_css_class('error'), 'the field');
    check(dialog.entries.city.text === 'Nowhere', 'the draft');
    print('done');
    status = 0;
}

async function activated(application) {
    application.hold();
    try {
        const clients = await import(`file://${path}`);
        const window = new clients.Window(database, {application});

        window.present();
        await use(window);
    } catch (error) {
        printerr(`${error}\n${error.stack}`);
    }
    application.quit();
}

const application = new Adw.Application();

application.connect('activate', () => {
    activated(application);
});
application.run([]);
System.exit(status);
