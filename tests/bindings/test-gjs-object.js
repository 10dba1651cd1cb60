// test-gjs-object.js: records as objects of a class written in JavaScript
//
// SPDX-License-Identifier: LGPL-2.1-or-later

const {assert, assertEqual, assertError, call, iterateUntil, main} = imports.taptest;
const {Gio, GObject, Vl, VlTest} = imports.gi;

const {READWRITE, READABLE} = GObject.ParamFlags;

const Client = GObject.registerClass({
    GTypeName: 'TestClient',
    Properties: {
        'id': GObject.ParamSpec.string('id', '', '', READWRITE, null),
        'first-name': GObject.ParamSpec.string('first-name', '', '', READWRITE, null),
        'age': GObject.ParamSpec.int('age', '', '', READWRITE, 0, 150, 0),
        'balance': GObject.ParamSpec.double('balance', '', '', READWRITE, -1e9, 1e9, 0),
        'good': GObject.ParamSpec.boolean('good', '', '', READWRITE, false),
        'bus': GObject.ParamSpec.enum('bus', '', '', READWRITE, Gio.BusType, Gio.BusType.NONE),
        'label': GObject.ParamSpec.string('label', '', '', READABLE, null),
    },
}, class Client extends GObject.Object {
    get label() {
        return `${this.first_name} (${this.age})`;
    }
});

const Goods = GObject.registerClass({
    Properties: {
        name: GObject.ParamSpec.string('name', '', '', READWRITE, null),
        stock: GObject.ParamSpec.int64('stock', '', '', READWRITE, 0, 1000, 0),
    },
}, class Goods extends GObject.Object {});

function makeRecord(fields = {}) {
    return Vl.Record.new('7', {
        first_name: 'Ada', age: 36, balance: 2, good: 1, bus: 'system', label: 'ignored', ...fields,
    });
}

function failure(func) {
    try {
        func();
    } catch (error) {
        return error;
    }
    throw new Error('expected an error');
}

main({
    'a-record-fills-an-object'() {
        const client = makeRecord().to_object(Client);

        assert(client instanceof Client);
        assertEqual([client.id, client.first_name, client.age], ['7', 'Ada', 36]);
        assertEqual([client.balance, client.good, client.bus], [2, true, Gio.BusType.SYSTEM]);
        assertEqual(client.label, 'Ada (36)');
    },

    'what-does-not-fit-is-an-error'() {
        assertError(failure(() => makeRecord({age: 'old'}).to_object(Client)), Vl.Error.INVALID, '“age”');
        assertError(failure(() => makeRecord({age: 151}).to_object(Client)), Vl.Error.INVALID, '151');
        assertError(failure(() => makeRecord({age: null}).to_object(Client)), Vl.Error.INVALID, 'null');
    },

    'only-what-has-changed-is-set'() {
        const client = makeRecord().to_object(Client);
        const heard = [];

        client.connect('notify', (_client, pspec) => heard.push(pspec.name));
        assert(makeRecord().fill_object(client));
        assertEqual(heard, []);
        assert(makeRecord({first_name: 'Grace'}).fill_object(client));
        assertEqual(Array.from(new Set(heard)), ['first-name']);
        assertEqual(client.first_name, 'Grace');
    },

    'what-is-written-back-is-what-was-edited'() {
        const record = makeRecord();
        const client = record.to_object(Client);

        assert(Vl.Record.from_object(client, record).equal(record));
        client.first_name = 'Grace';
        client.good = false;
        assertEqual(record.diff(Vl.Record.from_object(client, record)).deepUnpack(),
            {first_name: 'Grace', good: 0});
    },

    'a-new-one-is-a-record'() {
        const record = Vl.Record.from_object(new Client({first_name: 'Ada', age: 36}), null);

        assertEqual(record.get_id(), null);
        assertEqual([record.get('first_name'), record.get('age')], ['Ada', 36]);
        assert(!record.has_field('label'));
    },

    'rows-have-objects'() {
        const live = Vl.LiveTable.new(Vl.MemoryTable.new(VlTest.schema()), 'objects', null);

        for (let i = 0; i < 3; i++)
            call(live.insert_async(Vl.Record.new(String(i), {name: `name ${i}`, stock: i}), null));

        const model = Vl.LiveList.new(live, null);
        const heard = [];

        model.set_object_type(Goods);
        iterateUntil(() => model.load_state === Vl.LoadState.COMPLETE);

        const row = model.get_item(1);
        const goods = row.object;

        assert(goods instanceof Goods);
        assertEqual([goods.name, goods.stock], ['name 1', 1]);
        goods.connect('notify::name', () => heard.push(goods.name));
        call(live.patch_async('1', Vl.Record.new(null, {name: 'other'}), null));
        iterateUntil(() => heard.includes('other'));
        assert(row.object === goods);
        assertEqual(goods.stock, 1);
    },
});
