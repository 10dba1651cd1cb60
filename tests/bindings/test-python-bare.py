# test-python-bare.py: objects that a script makes without their constructor
#
# SPDX-License-Identifier: LGPL-2.1-or-later

"""`Vl.Query ()` is g_object_new(): it must give something, and never crash."""

from taptest import main
from gi.repository import Gio, GLib, GObject, Vl, VlTest

# What a bare one answers makes no sense to anybody, but it is an answer.
SKIPPED = {
    # Ends a row of a page without columns, which is a programmer error.
    ('PageBuilder', 'append_null'), ('PageBuilder', 'end_row'),
}


def getters(info):
    for method in info.get_methods():
        name = method.get_name()
        if method.is_constructor() or not method.is_method() or method.get_arguments():
            continue
        if (info.get_name(), name) not in SKIPPED:
            yield name


def make_test(name):
    def test():
        kind = getattr(Vl, name)
        bare = GObject.new(kind.__gtype__)
        for method in getters(kind.__info__):
            try:
                getattr(bare, method)()
            except GLib.Error:
                pass
        for prop in kind.list_properties():
            bare.get_property(prop.name)
        repr(bare)

    test.__name__ = 'bare_' + name
    return test


def a_bare_query_asks_for_everything():
    assert Vl.Query() == Vl.Query.new()
    assert Vl.Query().where('x', Vl.Op.EQ, 1) == Vl.Query.new().where('x', Vl.Op.EQ, 1)
    assert Vl.Query().matches(Vl.Record.new('a', {}))


def a_bare_schema_is_empty():
    assert Vl.SchemaBuilder().end().get_n_columns() == 0
    assert Vl.Schema().get_table_name() == ''
    assert not Vl.Schema().has_column('id')


def expect_error_or_answer(function):
    try:
        function()
    except GLib.Error as error:
        assert error.message


def bare_tables_can_be_called():
    for kind in (Vl.MemoryTable, Vl.ScopedTable, Vl.FaultTable):
        table = kind()
        for function in (
                table.describe_sync, table.list_sync, table.count_sync, table.get_first_sync,
                table.get_identity, table.get_stream, table.get_schema, table.delete_all_sync,
                lambda: table.find_sync('a'),
                lambda: table.insert_sync(Vl.Record()),
                lambda: table.get_related('x', Vl.Record())):
            expect_error_or_answer(function)


def a_bare_change_is_refused():
    table = Vl.MemoryTable.new(VlTest.schema())
    changes = Gio.ListStore.new(Vl.Change)
    changes.append(Vl.Change())
    outcomes = table.apply_many_sync(changes)
    assert outcomes[0].get_error().matches(Vl.error_quark(), Vl.Error.INVALID)


NAMES = ['Change', 'FaultTable', 'LiveEvent', 'LiveStats', 'LiveStream', 'MemoryCache', 'MemoryTable', 'NullCache',
         'Outcome', 'Page', 'PageBuilder', 'Query', 'Record', 'RecordBuilder', 'Reply', 'Schema',
         'SchemaBuilder', 'ScopedTable', 'Write']

main([make_test(name) for name in NAMES] + [a_bare_query_asks_for_everything, a_bare_schema_is_empty,
                                         bare_tables_can_be_called, a_bare_change_is_refused])
