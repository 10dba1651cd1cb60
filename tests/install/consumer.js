// consumer.js: a script of somebody who has installed the library
//
// SPDX-License-Identifier: LGPL-2.1-or-later

imports.gi.versions.Vl = '1';
const {Vl} = imports.gi;

const builder = Vl.SchemaBuilder.new('product');
builder.add_column('id', Vl.FieldType.STRING, false);
builder.add_column('name', Vl.FieldType.STRING, true);
builder.set_id_column('id');

const live = Vl.LiveTable.new(Vl.MemoryTable.new(builder.end()), 'product', null);
// Objects as fields and the iteration come of the overrides.
const tea = Vl.Record.new('tea', {name: 'Tea'});
const stored = live.insert_sync(tea, null);
if ([...live.list_sync(null, null)].length !== 1)
    throw new Error('one record was expected');
let refused = null;
try {
    live.insert_sync(tea, null);
} catch (error) {
    refused = error;
}
if (!refused || !refused.matches(Vl.Error, Vl.Error.EXISTS))
    throw new Error(`the second insertion ended in ${refused}`);
print(Vl.VERSION_S, stored.get_string('name'));
