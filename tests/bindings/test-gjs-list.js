// test-gjs-list.js: lists bound from JavaScript
//
// SPDX-License-Identifier: LGPL-2.1-or-later

const {assert, assertEqual, call, iterateUntil, main} = imports.taptest;
const {Gio, GObject, Vl, VlTest} = imports.gi;

const Client = GObject.registerClass({
    Properties: {
        name: GObject.ParamSpec.string('name', '', '', GObject.ParamFlags.READWRITE, ''),
    },
}, class Client extends GObject.Object {});

function makeLive(n = 5) {
    const live = Vl.LiveTable.new(Vl.MemoryTable.new(VlTest.schema()), 'gjs', null);

    for (let i = 0; i < n; i++) {
        const id = String(i).padStart(3, '0');

        call(live.insert_async(Vl.Record.new(id, {name: `name ${i}`}), null));
    }
    return live;
}

// What a list view does: keeps rows by what it is told alone.
class View {
    constructor(model) {
        this.changes = [];
        this.rows = [...model];
        model.connect('items-changed', (_model, position, removed, added) => {
            const rows = [];

            this.changes.push([position, removed, added]);
            for (let i = 0; i < added; i++)
                rows.push(model.get_item(position + i));
            this.rows.splice(position, removed, ...rows);
        });
    }

    get names() {
        return this.rows.map(row => row.get_text('name'));
    }
}

function isLoaded(model) {
    return model.load_state === Vl.LoadState.COMPLETE;
}

main({
    'binds-a-list'() {
        const model = Vl.LiveList.new(makeLive(), null);
        const view = new View(model);

        assert(model instanceof Gio.ListModel);
        iterateUntil(() => isLoaded(model));
        assertEqual(view.names, ['name 0', 'name 1', 'name 2', 'name 3', 'name 4']);
        assert(view.rows[2] === model.get_item(2));
        assertEqual(model.n_items, 5);
        assertEqual(model.find_position('003'), [true, 3]);
    },

    'follows-writes'() {
        const live = makeLive();
        const model = Vl.LiveList.new(live, null);
        const view = new View(model);
        const heard = [];

        iterateUntil(() => isLoaded(model));
        view.changes = [];
        view.rows[1].connect('notify::record', row => heard.push(row.record.name));
        view.rows[1].connect('changed::name', (row, column) => heard.push(column));
        call(live.patch_async('001', Vl.Record.new(null, {name: 'other'}), null));
        iterateUntil(() => heard.length > 1);
        assertEqual(view.changes, []);
        assertEqual(heard[1], 'name');
        assertEqual(view.rows[1].get_text('name'), 'other');
        call(live.insert_async(Vl.Record.new('0011', {name: 'new'}), null));
        iterateUntil(() => view.changes.length > 0);
        assertEqual(view.changes, [[2, 0, 1]]);
    },

    'new-query-keeps-rows'() {
        const model = Vl.LiveList.new(makeLive(), null);
        const view = new View(model);

        iterateUntil(() => isLoaded(model));
        view.changes = [];
        model.query = Vl.Query.new().search('name 3');
        assert(model.loading);
        assertEqual(view.rows.length, 5);
        iterateUntil(() => !model.loading);
        assertEqual(view.changes, [[0, 5, 0], [0, 0, 1]]);
        assertEqual(view.names, ['name 3']);
    },

    'has-objects'() {
        const live = makeLive();
        const model = Vl.LiveList.new(live, null);
        const view = new View(model);

        model.set_object_factory((record, client) => {
            client ??= new Client();
            client.name = record.get_string('name');
            return client;
        });
        iterateUntil(() => isLoaded(model));

        const client = view.rows[1].object;

        assertEqual(client.name, 'name 1');
        assert(client === view.rows[1].get_object());
        // The same one follows its record.
        call(live.patch_async('001', Vl.Record.new(null, {name: 'other'}), null));
        iterateUntil(() => client.name === 'other');
        assert(view.rows[1].object === client);
    },

    'text-for-expressions'() {
        const record = Vl.Record.new('a', {number: 7});

        assertEqual(Vl.Row.dup_text(null, record, 'number'), '7');
        assertEqual(Vl.Row.dup_text(null, null, 'number'), '');
    },
});
