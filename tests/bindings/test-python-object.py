# test-python-object.py: records as objects of a class written in Python
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import gc

from taptest import drain, expect_error, iterate_until, main
from gi.repository import Gio, GLib, GObject, Vl, VlTest


class Client(GObject.Object):
    id = GObject.Property(type=str)
    first_name = GObject.Property(type=str)
    age = GObject.Property(type=int, minimum=0, maximum=150)
    balance = GObject.Property(type=float)
    good = GObject.Property(type=bool, default=False)
    bus = GObject.Property(type=Gio.BusType, default=Gio.BusType.NONE)
    tags = GObject.Property(type=GObject.TYPE_STRV)
    since = GObject.Property(type=GLib.DateTime)

    @GObject.Property(type=str, flags=GObject.ParamFlags.READABLE)
    def label(self):
        return '%s (%d)' % (self.first_name, self.age)


def make_record(**fields):
    return Vl.Record.new('7', {'first_name': 'Ada', 'age': 36, 'balance': 2, 'good': 1,
                               'bus': 'system', 'tags': ['a', 'b'], 'label': 'ignored',
                               'since': '2025-02-28', **fields})


def a_record_fills_an_object():
    client = make_record().to_object(Client)
    assert type(client) is Client
    assert client.id == '7' and client.first_name == 'Ada' and client.age == 36
    assert client.balance == 2.0 and client.good is True
    assert client.bus == Gio.BusType.SYSTEM
    assert client.tags == ['a', 'b'], client.tags
    assert client.since.get_year() == 2025
    assert client.label == 'Ada (36)'


def what_does_not_fit_is_an_error():
    expect_error(lambda: make_record(age='old').to_object(Client), Vl.Error.INVALID, '“age”')
    expect_error(lambda: make_record(age=151).to_object(Client), Vl.Error.INVALID, '151')
    expect_error(lambda: make_record(age=None).to_object(Client), Vl.Error.INVALID, 'null')


def only_what_has_changed_notifies():
    client = make_record().to_object(Client)
    heard = []
    client.connect('notify', lambda client, pspec: heard.append(pspec.name))
    assert make_record().fill_object(client)
    assert heard == [], heard
    assert make_record(first_name='Grace').fill_object(client)
    assert heard == ['first-name'], heard
    expect_error(lambda: make_record(first_name='Joan', age=-1).fill_object(client),
                 Vl.Error.INVALID)
    assert client.first_name == 'Grace'


def what_is_written_back_is_what_was_edited():
    record = make_record()
    client = record.to_object(Client)
    assert Vl.Record.from_object(client, record) == record
    client.first_name = 'Grace'
    client.good = False
    patch = record.diff(Vl.Record.from_object(client, record))
    assert patch.to_dict() == {'first_name': 'Grace', 'good': 0}, patch


def a_new_one_is_a_record():
    record = Vl.Record.from_object(Client(first_name='Ada', age=36, bus=Gio.BusType.SESSION))
    assert record.get_id() is None
    assert record['first_name'] == 'Ada' and record['age'] == 36 and record['bus'] == 'session'
    assert 'label' not in record
    assert Vl.Record.from_object(Client(id='8')).get_id() == '8'


class Goods(GObject.Object):
    name = GObject.Property(type=str)
    stock = GObject.Property(type=GObject.TYPE_INT64)


def rows_have_objects():
    live = Vl.LiveTable.new(Vl.MemoryTable.new(VlTest.schema()), 'objects', None)
    for i in range(3):
        live.insert_sync(Vl.Record.new('%d' % i, {'name': 'name %d' % i, 'stock': i}))
    model = Vl.LiveList.new(live, None)
    model.set_object_type(Goods)
    iterate_until(lambda: model.get_load_state() == Vl.LoadState.COMPLETE)
    row = model[1]
    goods = row.get_object()
    assert type(goods) is Goods and goods.name == 'name 1' and goods.stock == 1
    heard = []
    goods.connect('notify', lambda goods, pspec: heard.append(pspec.name))
    del goods
    gc.collect()
    live.patch_sync('1', Vl.Record.new(None, {'name': 'other'}))
    iterate_until(lambda: heard)
    drain()
    assert heard == ['name'], heard
    assert row.props.object.name == 'other' and row.props.object.stock == 1


main([
    a_record_fills_an_object, what_does_not_fit_is_an_error, only_what_has_changed_notifies,
    what_is_written_back_is_what_was_edited, a_new_one_is_a_record, rows_have_objects,
])
