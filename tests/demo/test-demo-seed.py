# test-demo-seed.py: tables from generated rows and from JSON files
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import json
from pathlib import Path

from demotest import SUBDIVISIONS, Skip, good, main, on_terminal, rows, run


def write(name, value):
    Path(name).write_text(json.dumps(value, ensure_ascii=False))


def listed(table, *arguments):
    return good('list', '--table', table, '--limit', 0, '--json', *arguments).json['records']


def clients_are_generated_in_many_scripts():
    good('seed', '--rows', 300)
    records = listed('clients')
    assert len(records) == 300 and records[0]['id'] == 'c0000001', records[0]
    names = ''.join(record['name'] for record in records)
    for first, last in 'az', 'Ѐӿ', 'ͰϿ', '一鿿', 'ぁヿ', '가힣', '؀ۿ', 'ऀॿ', '฀๿':
        assert any(first <= char <= last for char in names), (first, last)
    assert {record['active'] for record in records} == {True, False}


def clients_are_the_same_every_time():
    good('seed', '--rows', 50)
    first = listed('clients')
    good('seed', '--rows', 50, '--table', 'again')
    assert listed('again') == first


def no_rows_are_a_table_all_the_same():
    good('seed', '--rows', 0)
    assert listed('clients') == []


def fewer_rows_replace_more():
    good('seed', '--rows', 1200)
    good('seed', '--rows', 10)
    assert len(listed('clients')) == 10


def an_array_is_imported_with_its_types():
    write('things.json', [
        {'name': 'one', 'id': 'a', 'count': 1, 'size': 1, 'good': True, 'tags': ['x', 2],
         'any': 'text', 'none': None},
        {'id': 'b', 'name': 'ünï', 'count': 9007199254740993, 'size': 2.5, 'good': False, 'any': 3},
        {'id': 'c', 'extra': 'more'},
    ])
    result = good('seed', '--import', 'things.json')
    assert '3 objects of things.json' in result.out, result
    info = good('info', '--table', 'things', '--json').json
    types = {column['name']: column['type'] for column in info['columns']}
    assert info['id_column'] == 'id', info
    assert types['count'] == 'int64' and types['size'] == 'double', types
    assert types['good'] == 'boolean' and types['name'] == 'string', types
    a, b, c = listed('things')
    assert a['count'] == 1 and b['count'] == 9007199254740993 and c['count'] is None, (a, b, c)
    assert a['size'] == 1 and a['good'] is True and b['good'] is False, (a, b)
    assert a['any'] == 'text' and b['any'] == 3 and a['none'] is None, (a, b)
    assert json.loads(a['tags']) == ['x', 2], a
    assert c['extra'] == 'more' and a['extra'] is None, (a, c)


def the_first_member_that_tells_rows_apart_is_the_id():
    write('codes.json', {'codes': [{'kind': 'x', 'code': 5, 'name': 'n'},
                                   {'kind': 'x', 'code': 40, 'name': 'm'}]})
    good('seed', '--import', 'codes.json')
    assert good('info', '--table', 'codes', '--json').json['id_column'] == 'code'
    assert [record['id'] for record in listed('codes')] == ['5', '40']


def rows_that_nothing_tells_apart_are_numbered():
    write('same.json', [{'row': 'x'}, {'row': 'x'}, {'row': None}])
    good('seed', '--import', 'same.json')
    records = listed('same')
    assert [record['_row'] for record in records] == [1, 2, 3], records
    assert [record['row'] for record in records] == ['x', 'x', None], records


def a_table_is_named_after_the_file_or_as_told():
    write('odd name-2.json', [{'id': 'a'}])
    good('seed', '--import', 'odd name-2.json')
    assert listed('odd_name_2') == [{'id': 'a'}]
    good('seed', '--import', 'odd name-2.json', '--table', 'my table')
    assert listed('my table') == [{'id': 'a'}]


def the_subdivisions_of_countries():
    if not Path(SUBDIVISIONS).exists():
        raise Skip('iso-codes is not installed')
    good('seed', '--import', SUBDIVISIONS, '--table', 'subdivisions')
    expected = json.loads(Path(SUBDIVISIONS).read_text())['3166-2']
    assert rows('demo-master.db', 'SELECT count(*) FROM subdivisions') == [(len(expected),)]
    answer = good('list', '--table', 'subdivisions', '--where', 'type=Parish', '--order',
                  'name:desc', '--limit', 3, '--json').json
    parishes = [item for item in expected if item['type'] == 'Parish']
    parishes.sort(key=lambda item: item['code'])
    parishes.sort(key=lambda item: item['name'].encode(), reverse=True)
    assert answer['total'] == len(parishes), answer
    assert [record['code'] for record in answer['records']] == [
        item['code'] for item in parishes[:3]], answer
    record = good('get', 'AD-06', '--table', 'subdivisions', '--json').json['records'][0]
    assert record['id'] == record['code'] == 'AD-06', record
    assert record['name'] == 'Sant Julià de Lòria' and record['parent'] is None, record


def seeding_has_no_network_unless_it_is_asked_for():
    assert 'without a simulated network' in good('seed').out
    assert 'behind a simulated network (2 ms a call)' in good('seed', '--latency', 2).out


def seed_as_json():
    answer = good('seed', '--rows', 7, '--json').json
    assert answer['seeded'] == 7 and answer['records'] == [], answer


def long_imports_show_progress_on_a_terminal():
    # With a network of 120 ms there is time for two lines at least.
    status, text = on_terminal('seed', '--rows', 1500, '--latency', 120)
    assert status == 0 and 'generated clients: 500 of 1,500 (33 %)' in text, text
    assert '1,500 generated clients, in ' in text, text
    result = run('seed', '--rows', 1500)
    assert result.err == '', result


main([
    clients_are_generated_in_many_scripts,
    clients_are_the_same_every_time,
    no_rows_are_a_table_all_the_same,
    fewer_rows_replace_more,
    an_array_is_imported_with_its_types,
    the_first_member_that_tells_rows_apart_is_the_id,
    rows_that_nothing_tells_apart_are_numbered,
    a_table_is_named_after_the_file_or_as_told,
    the_subdivisions_of_countries,
    seeding_has_no_network_unless_it_is_asked_for,
    seed_as_json,
    long_imports_show_progress_on_a_terminal,
])
