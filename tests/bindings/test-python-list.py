# test-python-list.py: lists bound from Python
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import gc

from taptest import drain, iterate_until, main
from gi.repository import Gio, GObject, Vl, VlTest
from python_master import PythonMaster


def make_live(n=30):
    memory = Vl.MemoryTable.new(VlTest.schema())
    live = Vl.LiveTable.new(memory, 'python', None)
    for i in range(n):
        live.insert_sync(Vl.Record.new('%03d' % i, {'name': 'name %d' % i}))
    return live


class View:
    """What a list view does: keeps rows by what it is told alone."""

    def __init__(self, model):
        self.model = model
        self.changes = []
        self.rows = list(model)
        model.connect('items-changed', self.changed)

    def changed(self, model, position, removed, added):
        self.changes.append((position, removed, added))
        self.rows[position:position + removed] = [model.get_item(position + i)
                                                  for i in range(added)]

    def names(self):
        return [row.get_text('name') for row in self.rows]


def loaded(model):
    return model.get_load_state() == Vl.LoadState.COMPLETE


def binds_a_list():
    live = make_live(5)
    model = Vl.LiveList.new(live, None)
    assert model, 'a list is never false'
    assert model.get_item_type() == Vl.Row.__gtype__
    assert model.props.item_type == Vl.Row.__gtype__
    view = View(model)
    iterate_until(lambda: loaded(model))
    assert view.names() == ['name %d' % i for i in range(5)], view.names()
    assert view.rows[2] is model[2]
    assert model.props.n_items == len(model) == 5
    assert model.find_position('003') == (True, 3)
    assert model.find_position('x')[0] is False


def follows_writes():
    live = make_live(5)
    model = Vl.LiveList.new(live, None)
    view = View(model)
    iterate_until(lambda: loaded(model))
    names = []
    columns = []
    row = view.rows[1]
    row.connect('notify::record', lambda row, pspec: names.append(row.props.record['name']))
    row.connect('changed::name', lambda row, column: columns.append(column))
    view.changes.clear()
    live.patch_sync('001', Vl.Record.new(None, {'name': 'other'}))
    iterate_until(lambda: names)
    drain()
    assert names == ['other'], names
    assert columns == ['name'], columns
    assert view.changes == [], view.changes
    live.insert_sync(Vl.Record.new('0011', {'name': 'new'}))
    iterate_until(lambda: view.changes)
    assert view.changes == [(2, 0, 1)], view.changes
    live.delete_sync('000')
    iterate_until(lambda: len(view.rows) == 5)
    assert view.rows[0] is row


def new_query_keeps_rows():
    model = Vl.LiveList.new(make_live(20), None)
    view = View(model)
    iterate_until(lambda: loaded(model))
    view.changes.clear()
    query = Vl.Query.new().search('name 19')
    model.props.query = query
    assert model.get_loading()
    assert len(view.rows) == 20
    iterate_until(lambda: not model.get_loading())
    assert view.changes == [(0, 20, 0), (0, 0, 1)], view.changes
    assert view.names() == ['name 19']


def over_a_python_master():
    class FailingMaster(PythonMaster, Vl.Table):
        failure = None

        def do_list(self, query, reply):
            if self.failure is not None:
                raise self.failure
            return PythonMaster.do_list(self, query, reply)

    master = FailingMaster()
    master.failure = Vl.error(Vl.Error.UNAVAILABLE, 'no network')
    model = Vl.LiveList.new(master, None)
    view = View(model)
    iterate_until(lambda: model.get_load_state() == Vl.LoadState.FAILED)
    assert model.dup_error().matches(Vl.error_quark(), Vl.Error.UNAVAILABLE)
    assert model.props.error.matches(Vl.error_quark(), Vl.Error.UNAVAILABLE)
    master.failure = None
    model.retry()
    iterate_until(lambda: loaded(model))
    assert model.dup_error() is None
    assert view.rows == []


class Client(GObject.Object):
    name = GObject.Property(type=str)


def has_objects():
    live = make_live(3)
    model = Vl.LiveList.new(live, None)
    calls = []

    def make(record, client, data):
        calls.append(record.get_id())
        client = client or Client()
        client.name = record['name']
        return client

    model.set_object_factory(make, None)
    view = View(model)
    iterate_until(lambda: loaded(model))
    row = view.rows[1]
    client = row.get_object()
    assert isinstance(client, Client) and client.name == 'name 1'
    assert row.props.object is client
    assert calls == ['001'], calls
    live.patch_sync('001', Vl.Record.new(None, {'name': 'other'}))
    iterate_until(lambda: client.name == 'other')
    assert row.get_object() is client


def text_for_expressions():
    record = Vl.Record.new('a', {'number': 7, 'nothing': None, 'text': 'T'})
    assert Vl.Row.dup_text(None, record, 'number') == '7'
    assert Vl.Row.dup_text(None, record, 'nothing') == ''
    assert Vl.Row.dup_text(None, record, 'text') == 'T'
    assert Vl.Row.dup_text(None, None, 'text') == ''


def scrolls_through_many():
    """Whatever the collector holds, pages that are behind are not kept."""
    live = make_live(2000)
    live.set_page_size(20)
    model = Vl.LiveList.new(live, None)
    iterate_until(lambda: not model.get_loading())
    held = []
    for start in range(0, 2000, 100):
        held += [model.get_item(start + i) for i in range(100)]
        iterate_until(lambda: not held[-1].get_loading())
    assert all(row.get_record() is not None for row in held[-100:])
    assert held[0].get_state() == Vl.RowState.STALE, held[0].get_state()
    assert held[-1].get_state() == Vl.RowState.FRESH
    del held
    gc.collect()
    assert model.get_item(5).get_text('name') in ('', 'name 5')


def is_a_list_model():
    model = Vl.LiveList.new(make_live(4), None)
    assert isinstance(model, Gio.ListModel)
    iterate_until(lambda: loaded(model))
    assert model.get_item(99) is None
    assert [row.get_id() for row in model] == ['000', '001', '002', '003']
    assert model.get_item(0).get_state() == Vl.RowState.FRESH
    assert model.get_total_kind() == Vl.TotalKind.EXACT
    assert model.get_pending() == 0


main([
    binds_a_list, follows_writes, new_query_keeps_rows, over_a_python_master, has_objects,
    text_for_expressions, scrolls_through_many, is_a_list_model,
])
