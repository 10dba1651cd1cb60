// test-gjs-edit.js: a form bound from JavaScript
//
// SPDX-License-Identifier: LGPL-2.1-or-later

const {assert, assertEqual, assertError, call, iterateUntil, main} = imports.taptest;
const {GLib, GObject, Vl, VlTest} = imports.gi;

// What of a widget is bound.
const Entry = GObject.registerClass({
    Properties: {
        text: GObject.ParamSpec.string('text', '', '', GObject.ParamFlags.READWRITE, ''),
        message: GObject.ParamSpec.string('message', '', '', GObject.ParamFlags.READWRITE, ''),
    },
}, class Entry extends GObject.Object {});

class Form {
    constructor() {
        const {BIDIRECTIONAL, SYNC_CREATE} = GObject.BindingFlags;

        this.server = Vl.FaultTable.new(Vl.MemoryTable.new(VlTest.schema()));
        this.live = Vl.LiveTable.new(this.server, 'form', null);
        call(this.live.insert_async(Vl.Record.new('a', {name: 'Apple', stock: 3}), null));
        this.edit = Vl.RecordEdit.new(this.live, call(this.live.find_async('a', null)));
        this.name = this.edit.get_field('name');
        this.entry = new Entry();
        this.name.bind_property('text', this.entry, 'text', SYNC_CREATE | BIDIRECTIONAL);
        this.name.bind_property('error', this.entry, 'message', SYNC_CREATE);
    }

    save() {
        return call(this.edit.save_async(null));
    }

    get stored() {
        return this.server.get_target().find_sync('a', null);
    }
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
    'text-is-bound-both-ways'() {
        const form = new Form();
        const notified = [];

        assertEqual(form.entry.text, 'Apple');
        form.edit.connect('notify::dirty', edit => notified.push(edit.dirty));
        form.entry.text = 'Apricot';
        assertEqual(form.name.text, 'Apricot');
        assert(form.name.dirty);
        assertEqual(form.edit.dup_dirty_fields(), ['name']);
        form.edit.set_value('name', new GLib.Variant('s', 'Apple'));
        assertEqual(form.entry.text, 'Apple');
        assertEqual(notified, [true, false]);
    },

    'save-sends-what-is-dirty'() {
        const form = new Form();

        form.edit.get_field('stock').text = '4';

        const record = form.save();

        assertEqual([record.get('stock'), record.get('name')], [4, 'Apple']);
        assert(!form.edit.dirty && !form.edit.saving);
        assertEqual(form.stored.get('stock'), 4);
    },

    'text-that-is-no-value'() {
        const form = new Form();
        const stock = form.edit.get_field('stock');

        stock.text = 'many';
        assert(stock.error.length > 0);
        assertError(failure(() => form.save()), Vl.Error.INVALID, 'stock');
        assertEqual(stock.text, 'many');
    },

    'a-refused-save-keeps-the-draft'() {
        const form = new Form();

        form.entry.text = '';
        form.server.push_error(new GLib.Error(Vl.Error, Vl.Error.REJECTED, '“name” must not be empty'));
        assertError(failure(() => form.save()), Vl.Error.REJECTED, 'must not be empty');
        assertEqual(form.entry.message, '“name” must not be empty');
        assertEqual(form.entry.text, '');
        assert(form.name.dirty);
        form.entry.text = 'Avocado';
        assertEqual(form.name.error, null);
        assertEqual(form.save().get('name'), 'Avocado');
        assertEqual(form.edit.dup_error(), null);
    },

    'somebody-else-was-faster'() {
        const form = new Form();

        form.entry.text = 'Apricot';
        call(form.live.patch_async('a', Vl.Record.new(null, {name: 'Avocado', stock: 9}), null));
        iterateUntil(() => form.name.conflict);
        assertEqual(form.entry.text, 'Apricot');
        assertEqual(form.edit.get_field('stock').text, '9');
        assertError(failure(() => form.save()), Vl.Error.CONFLICT);
        assertEqual(form.stored.get('name'), 'Avocado');
        form.name.keep();
        assert(!form.name.conflict);
        assertEqual(form.save().get('name'), 'Apricot');
    },

    'revert-takes-it-all-back'() {
        const form = new Form();

        form.entry.text = 'Apricot';
        form.edit.get_field('stock').text = 'many';
        form.edit.revert();
        assertEqual(form.entry.text, 'Apple');
        assert(!form.edit.dirty);
        assertEqual(form.edit.get_field('stock').error, null);
    },
});
