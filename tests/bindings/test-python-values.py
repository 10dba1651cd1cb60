# test-python-values.py: records, pages, queries and errors in Python
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import datetime
import json

from taptest import call, expect_error, main
from gi.repository import Gio, GLib, Vl, VlTest

FIELDS = {
    'name': 'Äpfel 🍎',
    'price': 1.5,
    'stock': (1 << 63) - 1,
    'active': True,
    'note': None,
    'data': b'\x00\xff',
    'nested': {'list': [1, 'two', 3.0, None], 'deep': {'x': False}},
}


def raises(kind, function):
    try:
        result = function()
    except kind as error:
        return error
    raise AssertionError('expected %s, got %r' % (kind.__name__, result))


def make_page(*ids):
    table = Vl.MemoryTable.new(VlTest.schema())
    for id in ids:
        table.insert_sync(Vl.Record.new(id, {'name': id.upper()}), None)
    return table.list_sync(None, None)


# Records

def a_record_is_a_mapping():
    record = Vl.Record.new('a', FIELDS)
    assert record.get_id() == 'a'
    assert record['name'] == 'Äpfel 🍎'
    assert record['price'] == 1.5 and isinstance(record['price'], float)
    assert record['stock'] == (1 << 63) - 1 and isinstance(record['stock'], int)
    assert record['active'] is True
    assert record['note'] is None
    assert record['data'] == b'\x00\xff'
    assert record['nested'] == FIELDS['nested']
    assert record.to_dict() == FIELDS
    assert dict(record) == FIELDS
    assert sorted(record) == sorted(FIELDS)
    assert len(record) == len(FIELDS)
    assert 'name' in record and 'note' in record and 'nonsense' not in record
    assert record.get('nonsense', 7) == 7 and record.get('price') == 1.5
    raises(KeyError, lambda: record['nonsense'])
    assert "'a'" in repr(record)


def the_id_can_be_asked_for_like_a_field():
    record = Vl.Record.new('a', {'name': 'x'})
    assert record['id'] == 'a' and 'id' in record
    assert 'id' not in record.to_dict()


def a_record_takes_variants_too():
    record = Vl.Record.new('a', GLib.Variant('a{sv}', {'x': GLib.Variant('i', 5)}))
    assert record['x'] == 5
    assert record.get_field_type('x') == Vl.FieldType.INT64
    assert Vl.Record.new('a', {'x': GLib.Variant('t', 5)})['x'] == 5
    assert Vl.Record.new('a', None).to_dict() == {}
    assert Vl.Record.new(None, {'x': 1}).get_id() is None


def dates_are_text():
    when = datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.timezone.utc)
    record = Vl.Record.new('a', {'when': when, 'day': datetime.date(2024, 2, 29)})
    assert record['when'] == '2024-02-29T12:30:00+00:00'
    assert record['day'] == '2024-02-29'
    assert record.get_date_time('when').to_unix() == int(when.timestamp())


def what_a_record_cannot_hold_is_said():
    error = raises(TypeError, lambda: Vl.Record.new('a', {'field': object()}))
    assert 'field' in str(error) and 'object' in str(error), error
    error = raises(OverflowError, lambda: Vl.Record.new('a', {'field': 1 << 63}))
    assert 'field' in str(error), error
    raises(TypeError, lambda: Vl.Record.new('a', {5: 'x'}))


def records_are_true_and_equal():
    assert Vl.Record.new('a', {})
    assert Vl.Record.new('a', {'x': 1}) == Vl.Record.new('a', {'x': 1})
    assert Vl.Record.new('a', {'x': 1}) != Vl.Record.new('a', {'x': 2})
    assert Vl.Record.new('a', {'x': 1}) != Vl.Record.new('b', {'x': 1})
    assert Vl.Record.new('a', {'x': 1}) != 'a'
    assert len({Vl.Record.new('a', {'x': 1}), Vl.Record.new('a', {'x': 1})}) == 1


def a_builder_takes_values():
    builder = Vl.RecordBuilder.new('a')
    for name, value in FIELDS.items():
        builder[name] = value
    builder['gone'] = 1
    del builder['gone']
    assert builder.end().to_dict() == FIELDS


def a_builder_takes_values_of_its_own_type():
    builder = Vl.RecordBuilder.new('a')
    builder.set_value('integer', 5)
    builder.set_value('text', 'x')
    builder.set_value('null', None)
    builder.set_value('double', 2.5)
    builder.set_value('boolean', True)
    assert builder.end().to_dict() == {
        'integer': 5, 'text': 'x', 'null': None, 'double': 2.5, 'boolean': True}
    error = expect_error(lambda: builder.set_value('things', [1, 2]), Vl.Error.INVALID)
    assert 'things' in error.message, error


def integers_beyond_2_to_53_are_exact():
    for value in ((1 << 53) + 1, -(1 << 53) - 1, (1 << 63) - 1, -(1 << 63)):
        record = Vl.Record.new('a', {'x': value})
        assert record['x'] == value
        assert record.get_int64('x') == value
        assert record.get_variant('x').unpack() == value
        assert json.loads(record.to_json())['x'] == value


def values_can_be_got_as_such():
    record = Vl.Record.new('a', FIELDS)
    ok, value = record.get_value('stock')
    assert ok and value == FIELDS['stock'], value
    ok, value = record.get_value('note')
    assert value is None
    ok, value = record.get_value('nonsense')
    assert not ok and value is None


# Pages

def a_page_is_a_sequence():
    page = make_page('b', 'a', 'c')
    assert len(page) == 3
    assert [record.get_id() for record in page] == ['a', 'b', 'c']
    assert page[0].get_id() == 'a' and page[-1].get_id() == 'c'
    assert [record.get_id() for record in page[1:]] == ['b', 'c']
    assert page.get_ids() == ['a', 'b', 'c']
    assert page.to_list()[1]['name'] == 'B'
    assert 'a' in page and 'x' not in page
    assert page[1] in page
    raises(IndexError, lambda: page[3])
    raises(IndexError, lambda: page[-4])


def a_page_is_a_list_model():
    page = make_page('a', 'b')
    assert isinstance(page, Gio.ListModel)
    assert page.get_n_items() == 2
    assert page.get_item(1).get_id() == 'b'
    assert page.get_item(2) is None


def an_empty_page_is_true():
    page = make_page()
    assert len(page) == 0
    assert page
    assert bool(page) is True
    assert list(page) == []


def a_page_goes_through_json():
    page = make_page('a', 'b')
    assert [row['id'] for row in json.loads(page.to_json())] == ['a', 'b']


def a_page_goes_through_bytes():
    page = make_page('a', 'b')
    again = Vl.Page.new_from_bytes(page.to_bytes())
    assert again.to_list() == page.to_list()
    expect_error(lambda: Vl.Page.new_from_bytes(GLib.Bytes.new(b'nonsense')), Vl.Error.CORRUPT)


def a_page_is_built_cell_by_cell():
    builder = Vl.PageBuilder.new(VlTest.schema())
    width = VlTest.schema().get_n_columns()
    for text in ('a', 'Äpfel 🍎'):
        builder.append_string(text)
        for _ in range(width - 1):
            builder.append_null()
        builder.end_row()
    assert builder.end().get_ids() == ['a', 'Äpfel 🍎']


# Queries

def a_query_takes_python_values():
    record = Vl.Record.new('a', FIELDS)
    query = Vl.Query.new()
    cases = [
        (('price', Vl.Op.GT, 1), True),
        (('price', Vl.Op.EQ, 1.5), True),
        (('name', Vl.Op.CONTAINS, 'pfel'), True),
        (('stock', Vl.Op.EQ, (1 << 63) - 1), True),
        (('stock', Vl.Op.IN, [1, 2]), False),
        (('price', Vl.Op.IN, [1, 1.5, 'x']), True),
        (('note', Vl.Op.IS_NULL), True),
        (('active', Vl.Op.EQ, False), False),
        (('data', Vl.Op.EQ, b'\x00\xff'), True),
        (('price', Vl.Op.EQ, GLib.Variant('d', 1.5)), True),
    ]
    for condition, expected in cases:
        assert query.where(*condition).matches(record) is expected, condition


def queries_are_equal_by_what_they_ask():
    first = Vl.Query.new().where('a', Vl.Op.EQ, 1).where('b', Vl.Op.EQ, 2)
    second = Vl.Query.new().where('b', Vl.Op.EQ, 2).where('a', Vl.Op.EQ, 1)
    assert first == second and hash(first) == hash(second)
    assert first != first.search('x')
    assert Vl.Query.parse(first.get_key()) == first


def a_query_is_built_in_steps():
    query = Vl.Query.new().order_by('name').order_by('price', True).window(10, 5)
    assert query.get_n_orders() == 2
    assert query.get_order(1) == ('price', True)
    assert (query.get_offset(), query.get_limit()) == (10, 5)


# Errors and enumerations

def errors_match():
    table = Vl.MemoryTable.new(VlTest.schema())
    record = Vl.Record.new('a', {'name': 'x'})
    table.insert_sync(record, None)
    try:
        table.insert_sync(record, None)
        raise AssertionError('inserted twice')
    except GLib.Error as error:
        assert error.matches(Vl.error_quark(), Vl.Error.EXISTS)
        assert not error.matches(Vl.error_quark(), Vl.Error.CONFLICT)
        assert error.domain == 'vl-error-quark'
        assert error.code == Vl.Error.EXISTS
        assert Vl.Error(error.code).value_nick == 'exists'


def error_nicks_stay():
    nicks = [Vl.Error(code).value_nick for code in range(14)]
    assert nicks == ['not-found', 'exists', 'conflict', 'unsupported', 'invalid', 'unavailable',
                     'rejected', 'in-doubt', 'timed-out', 'read-only', 'queue-full', 'closed',
                     'corrupt', 'failed'], nicks


def an_error_can_be_made():
    error = Vl.error(Vl.Error.CONFLICT, 'Somebody was faster')
    assert error.matches(Vl.error_quark(), Vl.Error.CONFLICT)
    assert error.message == 'Somebody was faster'


def enumerations_have_names():
    assert Vl.Op.NOT_IN.value_nick == 'not-in'
    assert Vl.ChangeKind.DELETE_ALL.value_nick == 'delete-all'
    assert Vl.FieldType.INT64.value_nick == 'int64'
    assert Vl.LiveEventKind.INSERTED.value_nick == 'inserted'
    assert Vl.LiveStreamState.CONNECTING.value_nick == 'connecting'
    assert Vl.Origin.REFRESH.value_nick == 'refresh'
    assert Vl.ReadPolicy.STALE_WHILE_REVALIDATE.value_nick == 'stale-while-revalidate'
    both = Vl.Capabilities.ORDER | Vl.Capabilities.ASSIGN_ID
    assert {'assign-id', 'order'} <= set(both.value_nicks), both.value_nicks


def asynchronous_calls_come_back():
    table = Vl.MemoryTable.new(VlTest.schema())
    call(table.insert_async, table.insert_finish, Vl.Record.new('a', {'stock': 1}))
    found = call(table.find_async, table.find_finish, 'a')
    assert found['stock'] == 1
    assert call(table.count_async, table.count_finish, None) == 1
    assert call(table.find_async, table.find_finish, 'nobody') is None


def trailing_arguments_can_be_left_out():
    table = Vl.MemoryTable.new(VlTest.schema())
    table.insert_sync(Vl.Record.new('a', {'stock': 1}))
    assert table.list_sync().get_ids() == ['a']
    assert table.count_sync() == 1


def changes_are_made_of_records():
    change = Vl.Change.new_patch('a', Vl.Record.new(None, {'x': 1}))
    assert change.get_kind() == Vl.ChangeKind.PATCH
    assert change.get_record()['x'] == 1
    assert change.get_id() == 'a'
    assert len(change.get_uid()) == 36


main([
    a_record_is_a_mapping, the_id_can_be_asked_for_like_a_field, a_record_takes_variants_too,
    dates_are_text, what_a_record_cannot_hold_is_said, records_are_true_and_equal,
    a_builder_takes_values, a_builder_takes_values_of_its_own_type,
    integers_beyond_2_to_53_are_exact, values_can_be_got_as_such, a_page_is_a_sequence,
    a_page_is_a_list_model, an_empty_page_is_true, a_page_goes_through_json,
    a_page_goes_through_bytes, a_page_is_built_cell_by_cell, a_query_takes_python_values,
    queries_are_equal_by_what_they_ask,
    a_query_is_built_in_steps, errors_match, error_nicks_stay, an_error_can_be_made,
    enumerations_have_names, asynchronous_calls_come_back, trailing_arguments_can_be_left_out,
    changes_are_made_of_records,
])
