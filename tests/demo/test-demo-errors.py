# test-demo-errors.py: what is wrong is said on standard error, with a status
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import subprocess
from pathlib import Path

from demotest import HANG, PROGRAM, environment, good, main, rows, run, seeded


def refused(*arguments, says=()):
    result = run(*arguments)
    assert result.status == 2 and result.out == '', (arguments, result)
    assert result.err.startswith('vl-demo: ') and '--help' in result.err, (arguments, result)
    for word in [says] if isinstance(says, str) else says:
        assert word in result.err, (arguments, word, result)


def failed(*arguments, says=(), **options):
    result = run(*arguments, **options)
    assert result.status == 1, (arguments, result)
    assert result.err.startswith('vl-demo: '), (arguments, result)
    assert 'CRITICAL' not in result.err and 'WARNING' not in result.err, (arguments, result)
    for word in [says] if isinstance(says, str) else says:
        assert word in result.err, (arguments, word, result)
    return result


def odd_command_lines_are_refused():
    seeded()
    refused(says='a command is missing')
    refused('sing', says=['“sing”', 'event-then-list'])
    refused('', says='“”')
    refused('list', '--nonsense', says='--nonsense')
    refused('list', 'tea', says='“tea”')
    refused('get', says='ID')
    refused('get', 'a', 'b', says='“b”')
    refused('add', says='NAME PRICE')
    refused('patch', 'tea', says='FIELD=VALUE')
    refused('delete', says='ID')
    refused('seed', '--search', 'x', says='--search')
    refused('get', 'tea', '--limit', '3', says='--limit')
    refused('info', '--id', 'x', says='--id')
    refused('seed', '--rows', '3', '--import', 'x.json', says='exclude')
    refused('tour', '--cache', 'none', says='cache')
    refused('list', '--master', '', says='--master')


def odd_numbers_are_refused():
    seeded()
    for option in '--page', '--limit', '--repeat', '--latency':
        for value in '-1', 'x', '1.5', '', '99999999999999999999', ' 1', '0x10':
            refused('list', '%s=%s' % (option, value), says=option)
    refused('list', '--page', '0', says='from 1')
    refused('list', '--repeat', '0', says='from 1')
    refused('seed', '--rows', '-5', says='--rows')
    for value in '-1', 'x', 'inf', 'nan', '':
        refused('list', '--max-age=' + value, says='--max-age')
    refused('list', '--cache', '', says='mem, none or')
    refused('clear', '--cache', 'mem', says='folder')


def fields_that_are_not_there_are_refused():
    seeded()
    refused('list', '--where', 'colour=red', says=['“colour”', 'id, name, price'])
    refused('list', '--where', 'price', says='FIELD=VALUE')
    refused('list', '--where', 'price=cheap', says='“cheap”')
    refused('list', '--order', 'colour', says=['“colour”', 'id, name, price'])
    refused('list', '--order', 'price:down', says='price:down')
    refused('patch', 'tea', 'colour=red', says='“colour”')
    refused('patch', 'tea', 'price=', says='number')
    refused('add', 'x', 'X', 'cheap', says='“cheap”')
    refused('add', 'x', 'X', says='FIELD=VALUE')
    assert rows('demo-master.db', 'SELECT count(*) FROM products') == [(3,)]


def what_follows_two_dashes_is_no_option():
    seeded()
    good('add', '--', '--x', 'Debt', '-3')
    assert good('get', '--json', '--', '--x').json['records'][0]['price'] == -3
    good('delete', '--', '--x')
    assert rows('demo-master.db', 'SELECT count(*) FROM products') == [(3,)]


def a_missing_file_is_named_and_not_made():
    for command in ['list'], ['info'], ['stats'], ['get', 'x'], ['add', 'x'], ['delete', 'x'], \
            ['patch', 'x', 'y=z'], ['event-then-list'], ['watch']:
        result = failed(*command, '--master', 'no such.db', says='no such.db')
        if command[0] != 'get':
            assert 'seed --master' in result.err, result
    assert not Path('no such.db').exists()


def a_missing_table_is_named():
    seeded()
    failed('list', '--table', 'nope', says=['demo-master.db', 'nope', '--table'])


def files_that_are_no_database_are_named():
    Path('text.db').write_text('This is no database. ' * 100)
    failed('list', '--master', 'text.db', says=['text.db', '--master'])
    assert Path('text.db').read_text().startswith('This is no database.')
    os.mkdir('folder.db')
    failed('list', '--master', 'folder.db', says='folder.db')


def a_folder_that_is_not_there_is_named():
    failed('seed', '--master', 'no/such/folder/x.db', says=['no/such/folder/x.db', 'folder first'])


def a_locked_file_is_unavailable_and_says_so():
    import sqlite3
    seeded()
    holder = sqlite3.connect('demo-master.db', isolation_level=None)
    holder.execute('BEGIN IMMEDIATE')
    # Waits as long as the master's busy timeout says.
    result = failed('add', 'x', 'X', '1', says=['demo-master.db', 'try again'])
    assert 'failed' in result.out, result
    holder.execute('ROLLBACK')
    good('add', 'x', 'X', '1')


def bad_json_is_named_with_its_place():
    for text, words in {
            '[{"a": 1}, {"a": }]': ['1:'],
            '': [],
            '"text"': ['array of objects'],
            '{"a": [], "b": []}': ['array of objects'],
            '{"a": 3}': ['array of objects'],
            '[{"a": 1}, 2]': ['element 2'],
            '[]': ['no objects'],
            '[{}]': ['no objects'],
    }.items():
        Path('bad.json').write_text(text)
        failed('seed', '--import', 'bad.json', says=['vl-demo: bad.json'] + words)
    Path('bad.json').write_bytes(b'[{"a": "\xff"}]')
    failed('seed', '--import', 'bad.json', says=['bad.json', 'UTF-8'])
    failed('seed', '--import', 'missing.json', says='missing.json')
    assert not Path('demo-master.db').exists()


def a_table_with_other_columns_is_left_alone():
    rows('demo-master.db', 'CREATE TABLE products (id TEXT PRIMARY KEY, precious TEXT)')
    rows('demo-master.db', "INSERT INTO products VALUES ('a', 'b')")
    result = failed('seed', says=['demo-master.db', 'products', '--table'])
    assert 'patch' not in result.err, result
    assert rows('demo-master.db', 'SELECT * FROM products') == [('a', 'b')]
    good('seed', '--table', 'other')


def output_that_cannot_be_written_is_a_failure():
    seeded()
    if not Path('/dev/full').exists():
        return
    with open('/dev/full', 'w') as full:
        done = subprocess.run([PROGRAM, 'list', '--json'], stdout=full, stderr=subprocess.PIPE,
                              env=environment(), timeout=HANG)
    assert done.returncode == 1 and b'output' in done.stderr, done


main([
    odd_command_lines_are_refused,
    odd_numbers_are_refused,
    fields_that_are_not_there_are_refused,
    what_follows_two_dashes_is_no_option,
    a_missing_file_is_named_and_not_made,
    a_missing_table_is_named,
    files_that_are_no_database_are_named,
    a_folder_that_is_not_there_is_named,
    a_locked_file_is_unavailable_and_says_so,
    bad_json_is_named_with_its_place,
    a_table_with_other_columns_is_left_alone,
    output_that_cannot_be_written_is_a_failure,
])
