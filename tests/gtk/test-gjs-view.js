// test-gjs-view.js: a million rows in a list view, bound from JavaScript
//
// SPDX-License-Identifier: LGPL-2.1-or-later

imports.gi.versions.Gtk = '4.0';

const {assert, iterateUntil, main} = imports.taptest;
const {GLib, GObject, Gtk, Vl, VlTest} = imports.gi;
const System = imports.system;

const N_ROWS = 1000000;
const FRAMES = 100;

// Rows that are bound before the program has them collected.
const COLLECTED = 2000;

// A million records that are made when they are asked for.
const ManyRows = GObject.registerClass({
    Implements: [Vl.Table],
}, class ManyRows extends GObject.Object {
    vfunc_describe(reply) {
        const builder = Vl.SchemaBuilder.new('many');

        builder.add_column('id', Vl.FieldType.STRING, false);
        builder.add_column('name', Vl.FieldType.STRING, false);
        builder.set_id_column('id');
        builder.set_capabilities(Vl.Capabilities.WINDOW | Vl.Capabilities.COUNT);
        reply.return_schema(builder.end());
        return true;
    }

    vfunc_list(query, reply) {
        const first = query.get_offset();
        const end = Math.min(N_ROWS, first + (query.get_limit() || N_ROWS));

        for (let i = first; i < end; i++)
            reply.add_record(Vl.Record.new(String(i).padStart(7, '0'), {name: `row ${i}`}));
        reply.set_total(N_ROWS);
        reply.finish();
        return true;
    }
});

function addSetup(factory) {
    factory.connect('setup', (_factory, item) => {
        item.child = new Gtk.Label();
    });
}

// The row stays with the C code: JavaScript only sees records.
function expressionFactory() {
    const factory = new Gtk.SignalListItemFactory();

    factory.connect('setup', (_factory, item) => {
        const row = Gtk.PropertyExpression.new(Gtk.ListItem, null, 'item');
        const record = Gtk.PropertyExpression.new(Vl.Row, row, 'record');

        item.child = new Gtk.Label();
        new Gtk.ClosureExpression(GObject.TYPE_STRING,
            (_item, value) => Vl.Row.dup_text(null, value, 'name'), [record]).bind(item.child, 'label', item);
    });
    return factory;
}

// The row becomes a JavaScript object, which lives until it is collected. When that
// is gjs decides by how much JavaScript there is, of which a row has next to nothing;
// so the program does, in an idle of its own.
function handlerFactory() {
    const factory = new Gtk.SignalListItemFactory();
    let bound = 0;

    addSetup(factory);
    factory.connect('bind', (_factory, {item: row, child}) => {
        child.label = row.get_text('name');
        child.handler = row.connect('notify::record', () => (child.label = row.get_text('name')));
        if (++bound !== COLLECTED)
            return;
        GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
            bound = 0;
            System.gc();
            return GLib.SOURCE_REMOVE;
        });
    });
    factory.connect('unbind', (_factory, {item: row, child}) => row.disconnect(child.handler));
    return factory;
}

function drag(factory) {
    const model = Vl.LiveList.new(Vl.LiveTable.new(new ManyRows(), 'many', null), null);
    const counting = VlTest.count_items(model);
    const view = new Gtk.ListView({model: new Gtk.NoSelection({model: counting}), factory});
    const scrolled = new Gtk.ScrolledWindow({child: view});
    const window = new Gtk.Window({child: scrolled, default_width: 500, default_height: 700});
    const {vadjustment} = scrolled;
    let frames = 0;
    const passFrames = n => {
        const end = frames + n;

        iterateUntil(() => frames >= end);
    };

    const tick = scrolled.add_tick_callback(() => {
        frames++;
        return GLib.SOURCE_CONTINUE;
    });
    window.present();
    iterateUntil(() => model.get_n_items() === N_ROWS);
    passFrames(5);
    for (let frame = 0; frame <= FRAMES; frame++) {
        vadjustment.value = (vadjustment.upper - vadjustment.page_size) * frame / FRAMES;
        passFrames(1);
    }
    iterateUntil(() => !model.loading);
    passFrames(5);
    assert(model.get_item(N_ROWS - 1).get_text('name') === `row ${N_ROWS - 1}`);

    const most = VlTest.get_items_most(counting);

    System.gc();
    passFrames(5);
    System.gc();
    passFrames(5);

    const alive = VlTest.get_items_alive(counting);

    print(`# ${most} rows at most, ${alive} in the end`);
    // Nothing of it may call back when it is collected.
    scrolled.remove_tick_callback(tick);
    view.model = null;
    view.factory = null;
    window.destroy();
    while (GLib.MainContext.default().iteration(false))
        ;
    System.gc();
    return {most, alive};
}

if (!Gtk.init_check()) {
    print('1..0 # SKIP there is no display');
    System.exit(0);
}
main({
    'rows-of-expressions-are-bounded'() {
        const {most, alive} = drag(expressionFactory());

        assert(most <= 300, `${most} rows`);
        assert(alive <= 300, `${alive} rows`);
    },

    'rows-of-handlers-are-bounded'() {
        const {most, alive} = drag(handlerFactory());

        // What is bound while the idle waits, and what is shown, comes on top.
        assert(most <= COLLECTED + 3 * 300, `${most} rows`);
        assert(alive <= 300, `${alive} rows`);
    },
});
