# consumer.py: a script of somebody who has installed the library
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version('Vl', '1')

from gi.repository import GLib, Vl  # noqa: E402

builder = Vl.SchemaBuilder.new('product')
builder.add_column('id', Vl.FieldType.STRING, False)
builder.add_column('name', Vl.FieldType.STRING, True)
builder.set_id_column('id')

live = Vl.LiveTable.new(Vl.MemoryTable.new(builder.end()), 'product', None)
# Dictionaries and the square brackets come of the overrides.
tea = Vl.Record.new('tea', {'name': 'Tea'})
stored = live.insert_sync(tea, None)
assert len(live.list_sync(None, None)) == 1
try:
    live.insert_sync(tea, None)
except GLib.Error as error:
    assert error.matches(Vl.error_quark(), Vl.Error.EXISTS), error
else:
    raise AssertionError('the record was inserted twice')
print(Vl.VERSION_S, stored['name'])
