// test-gjs-values.js: records, pages, queries, promises and errors in JavaScript
//
// SPDX-License-Identifier: LGPL-2.1-or-later

const {assert, assertEqual, assertError, call, main} = imports.taptest;
const {Gio, GLib, Vl, VlTest} = imports.gi;

const FIELDS = {
    name: 'Äpfel 🍎',
    price: 1.5,
    stock: 42,
    active: true,
    note: null,
    nested: {list: [1, 'two', 3.5], deep: {x: false}},
};

function sorted(object) {
    return Object.fromEntries(Object.entries(object).sort(([a], [b]) => a < b ? -1 : 1));
}

function expectThrow(type, callback) {
    try {
        callback();
    } catch (error) {
        assert(error instanceof type, `${error}`);
        return error;
    }
    throw new Error(`expected ${type.name}`);
}

function makeTable(...ids) {
    const table = Vl.MemoryTable.new(VlTest.schema());

    ids.forEach(id => table.insert_sync(Vl.Record.new(id, {name: id.toUpperCase()}), null));
    return table;
}

main({
    'a-record-gives-javascript-values'() {
        const record = Vl.Record.new('a', FIELDS);

        assertEqual(record.get_id(), 'a');
        for (const [name, value] of Object.entries(FIELDS))
            assertEqual(record.get(name), value, name);
        assertEqual(record.get('nonsense'), undefined);
        assertEqual(record.get('id'), 'a');
        assertEqual(sorted(record.deepUnpack()), sorted(FIELDS));
        assertEqual([...record].length, Object.keys(FIELDS).length);
        assertEqual(record.get_field_type('stock'), Vl.FieldType.INT64);
        assertEqual(record.get_field_type('price'), Vl.FieldType.DOUBLE);
    },

    'a-record-takes-bytes-and-dates'() {
        const record = Vl.Record.new('a', {
            data: new Uint8Array([0, 255]),
            none: new Uint8Array([]),
            when: new Date(Date.UTC(2024, 1, 29)),
        });

        assertEqual([...record.get('data')], [0, 255]);
        assertEqual(record.get('none').length, 0);
        assertEqual(record.get('when'), '2024-02-29T00:00:00.000Z');
        assertEqual(record.get_date_time('when').get_year(), 2024);
    },

    'a-record-takes-variants'() {
        const fields = new GLib.Variant('a{sv}', {x: new GLib.Variant('i', 5)});

        assertEqual(Vl.Record.new('a', fields).get('x'), 5);
        assertEqual(Vl.Record.new('a', {x: new GLib.Variant('i', 5)}).get('x'), 5);
        assertEqual(Vl.Record.new('a').get_field_names().length, 0);
        assertEqual(Vl.Record.new(null, {x: 1}).get_id(), null);
    },

    'integers-beyond-2-to-53-are-exact'() {
        for (const value of [2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
            const record = Vl.Record.new('a', {x: value});

            assertEqual(record.get('x'), value);
            assertEqual(record.get_variant('x').print(false), `${value}`);
        }
        assertEqual(Vl.Record.new('a', {x: 2 ** 53}).get_field_type('x'), Vl.FieldType.DOUBLE);
        expectThrow(RangeError, () => Vl.Record.new('a', {x: 2n ** 63n}));
    },

    'what-a-record-cannot-hold-is-said'() {
        const error = expectThrow(TypeError, () => Vl.Record.new('a', {field: () => {}}));

        assert(error.message.includes('field'), error.message);
    },

    'a-record-becomes-json'() {
        assertEqual(JSON.parse(JSON.stringify(Vl.Record.new('a', {x: 1, y: null}))),
            {id: 'a', x: 1, y: null});
    },

    'a-page-can-be-iterated'() {
        const page = makeTable('b', 'a', 'c').list_sync(null, null);

        assertEqual([...page].map(record => record.get_id()), ['a', 'b', 'c']);
        assertEqual(page.get_ids(), ['a', 'b', 'c']);
        assertEqual(page.get_item(1).get('name'), 'B');
        assertEqual(JSON.parse(JSON.stringify(page)).map(row => row.id), ['a', 'b', 'c']);
        assert(page instanceof Gio.ListModel);
        assertEqual([...makeTable().list_sync(null, null)], []);
    },

    'a-page-goes-through-bytes'() {
        const page = makeTable('a', 'b').list_sync(null, null);
        const again = Vl.Page.new_from_bytes(page.to_bytes());

        assertEqual(again.to_json(), page.to_json());
        try {
            Vl.Page.new_from_bytes(new GLib.Bytes(new Uint8Array([1, 2, 3])));
        } catch (error) {
            assertError(error, Vl.Error.CORRUPT);
            return;
        }
        throw new Error('nonsense was a page');
    },

    'a-query-takes-javascript-values'() {
        const record = Vl.Record.new('a', FIELDS);
        const query = new Vl.Query();

        for (const [condition, expected] of [
            [['price', Vl.Op.GT, 1], true],
            [['price', Vl.Op.EQ, 1.5], true],
            [['name', Vl.Op.CONTAINS, 'pfel'], true],
            [['stock', Vl.Op.EQ, 42n], true],
            [['stock', Vl.Op.IN, [1, 2]], false],
            [['price', Vl.Op.IN, [1, 1.5, 'x']], true],
            [['note', Vl.Op.IS_NULL], true],
            [['active', Vl.Op.EQ, false], false],
            [['price', Vl.Op.EQ, new GLib.Variant('d', 1.5)], true],
        ])
            assertEqual(query.where(...condition).matches(record), expected, `${condition}`);
    },

    'a-query-is-built-in-steps'() {
        const query = new Vl.Query().order_by('name').order_by('price', true).window(10, 5);

        assertEqual(query.get_order(1), ['price', true]);
        assertEqual(query.get_offset(), 10);
        assert(Vl.Query.parse(query.get_key()).equal(query.window(0, 0)));
    },

    'calls-give-promises'() {
        const table = makeTable('a');

        assertEqual(call(table.describe_async()).get_table_name(), 'things');
        assertEqual(call(table.list_async()).get_ids(), ['a']);
        assertEqual(call(table.list_async(null, null)).get_ids(), ['a']);
        assertEqual(call(table.find_async('a')).get('name'), 'A');
        assertEqual(call(table.find_async('nobody')), null);
        assertEqual(call(table.count_async()), 1);
        assertEqual(call(table.insert_async(Vl.Record.new('b', {stock: 1}))).get('stock'), 1);
        assertEqual(call(table.replace_async(Vl.Record.new('b', {stock: 2}))).get('stock'), 2);
        assertEqual(call(table.patch_async('b', Vl.Record.new(null, {stock: 3}))).get('stock'), 3);
        assertEqual(call(table.find_many_async(['b', 'a'])).get_ids(), ['b', 'a']);
        assertEqual(call(table.get_first_async()).get_id(), 'a');
        assertEqual(call(table.delete_async('b')).get_id(), 'b');
        assertEqual(call(table.delete_all_async()), true);

        const changes = Gio.ListStore.new(Vl.Change);
        changes.append(Vl.Change.new_delete('x'));
        const outcomes = call(table.apply_many_async(changes));
        assertEqual(outcomes.get_n_items(), 1);
        assertEqual([...outcomes].map(outcome => outcome.get_error()), [null]);
        assertEqual([...table.apply_many_sync(changes, null)].length, 1);
    },

    'callbacks-still-work'() {
        const table = makeTable('a');
        let count = null;

        table.count_async(null, null, (source, result) => {
            count = source.count_finish(result);
        });
        while (count === null)
            GLib.MainContext.default().iteration(true);
        assertEqual(count, 1);
    },

    'promises-are-rejected-with-errors'() {
        const table = makeTable('a');

        try {
            call(table.insert_async(Vl.Record.new('a', {})));
        } catch (error) {
            assert(error.matches(Vl.Error, Vl.Error.EXISTS), `${error}`);
            assert(!error.matches(Vl.Error, Vl.Error.CONFLICT));
            assert(error instanceof Vl.Error);
            assertEqual(error.code, Vl.Error.EXISTS);
            return;
        }
        throw new Error('inserted twice');
    },

    'a-cache-gives-promises-too'() {
        const cache = Vl.MemoryCache.new(1 << 20);
        const page = makeTable('a').list_sync(null, null);
        const [miss, , lease] = call(cache.lookup_async('root', 'key'));

        assertEqual(miss, null);
        assertEqual(call(cache.store_async('root', 'key', page, lease)), true);
        const [hit, fresh] = call(cache.lookup_async('root', 'key'));
        assertEqual(hit.get_ids(), ['a']);
        assertEqual(fresh, true);
        assertEqual(call(cache.invalidate_async('root')), true);
        assertEqual(call(cache.lookup_async('root', 'key'))[1], false);
    },

    'a-page-is-built-cell-by-cell'() {
        const builder = Vl.PageBuilder.new(VlTest.schema());
        const width = VlTest.schema().get_n_columns();

        for (const text of ['a', 'Äpfel 🍎']) {
            builder.append_string(text);
            for (let i = 1; i < width; i++)
                builder.append_null();
            builder.end_row();
        }
        assertEqual(builder.end().get_ids(), ['a', 'Äpfel 🍎']);
    },

    'enumerations-have-names'() {
        const nicks = ['NOT_FOUND', 'EXISTS', 'CONFLICT', 'UNSUPPORTED', 'INVALID', 'UNAVAILABLE',
            'REJECTED', 'IN_DOUBT', 'TIMED_OUT', 'READ_ONLY', 'QUEUE_FULL', 'CLOSED', 'CORRUPT',
            'FAILED'];

        assertEqual(nicks.map(name => Vl.Error[name]), nicks.map((_, i) => i));
        assertEqual(Vl.Op.NOT_NULL, 10);
        assertEqual(Vl.ChangeKind.DELETE_ALL, 4);
        assertEqual(Vl.Capabilities.ORDER | Vl.Capabilities.FILTER, 3);
    },
});
