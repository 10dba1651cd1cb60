# test-demo-cache.py: a cache in a folder, from one run of vl-demo to the next
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import re
import signal
import stat
import subprocess
from pathlib import Path

from demotest import PROGRAM, environment, good, main, rows, run, seeded


def outcome(*arguments):
    """Of a list in a process of its own, with the ids that it shows."""
    answer = good('list', '--latency', 5, '--json', *arguments).json
    read = answer['reads'][-1]
    assert read['how'] == 'list', answer
    assert (read['outcome'] == 'miss') == read['from_master'], answer
    return read['outcome'], [record['id'] for record in answer['records']]


def hit(*arguments):
    """The ids of a list that is a hit in a new process.

    A process asks the master when the stream has not said where it is within a
    quarter of a second, as may happen on a busy machine: the next one will know.
    """
    for _ in range(20):
        kind, ids = outcome(*arguments)
        if kind == 'hit':
            return ids
    raise AssertionError(f'{arguments} is never a hit')


PRODUCTS = ['coffee', 'matcha', 'tea']


def the_second_list_is_a_hit_in_a_new_process():
    seeded()
    assert outcome() == ('miss', PRODUCTS)
    assert hit() == PRODUCTS
    for _ in range(20):
        text = good('list', '--latency', 5).out
        if 'list   hit' in text:
            break
    assert re.search(r'list   hit +[\d.]+ m?s old +[\d.]+ .s +asynchronous, from the cache', text), text
    assert '/.cache/vantage-live, max-age 60 s' in text, text
    # Another question is another page.
    assert outcome('--order', 'price')[0] == 'miss'
    assert sorted(hit('--order', 'price')) == PRODUCTS
    assert good('get', 'tea', '--json').json['reads'][-1]['outcome'] == 'miss'
    # As with hit(): on a busy machine the word of the stream may be late.
    assert any(good('get', 'tea', '--json').json['reads'][-1]['outcome'] == 'hit'
               for _ in range(20))


def each_run_shows_what_was_written_before_it():
    seeded()
    outcome()
    good('add', 'cake', 'Cake', '4', '--latency', 5)
    assert outcome() == ('miss', ['cake'] + PRODUCTS)
    assert hit() == ['cake'] + PRODUCTS
    good('delete', 'tea', '--latency', 0)
    assert outcome()[1] == ['cake', 'coffee', 'matcha']
    assert hit() == ['cake', 'coffee', 'matcha']
    # By somebody who knows of no cache.
    rows('demo-master.db', "DELETE FROM products WHERE id = 'cake'")
    assert outcome() == ('miss', ['coffee', 'matcha'])
    # With one of its own.
    good('add', 'fig', 'Fig', '1', '--cache', 'elsewhere')
    assert outcome() == ('miss', ['coffee', 'fig', 'matcha'])
    good('add', 'gin', 'Gin', '9', '--cache', 'mem')
    assert outcome() == ('miss', ['coffee', 'fig', 'gin', 'matcha'])


def seed_leaves_no_ghosts():
    table = ['--table', 'clients', '--limit', 0]
    seeded('--rows', 20)
    assert len(outcome(*table)[1]) == 20
    assert len(hit(*table)) == 20
    seeded('--rows', 3)
    assert len(outcome(*table)[1]) == 3
    assert len(hit(*table)) == 3
    # A file that is not the one that it was.
    os.remove('demo-master.db')
    assert run('list', *table).status == 1
    seeded('--rows', 5)
    assert len(outcome(*table)[1]) == 5
    assert len(hit(*table)) == 5


def another_master_shows_no_ghosts():
    seeded('--master', 'one.db')
    seeded('--master', 'two.db')
    rows('two.db', "DELETE FROM products WHERE id <> 'tea'")
    for _ in range(2):
        assert outcome('--master', 'one.db')[1] == PRODUCTS
        assert outcome('--master', 'two.db')[1] == ['tea']
    assert hit('--master', 'one.db') == PRODUCTS
    assert hit('--master', 'two.db') == ['tea']
    # One takes the place of the other, whose log would not be its own.
    rows('one.db', 'PRAGMA wal_checkpoint (TRUNCATE)')
    rows('two.db', 'PRAGMA wal_checkpoint (TRUNCATE)')
    os.rename('two.db', 'one.db')
    assert outcome('--master', 'one.db')[1] == ['tea']
    assert hit('--master', 'one.db') == ['tea']


def clear_erases():
    seeded()
    outcome()
    result = good('clear')
    assert 'Nothing is cached' in result.out, result
    assert outcome() == ('miss', PRODUCTS)
    assert hit() == PRODUCTS
    assert good('clear', '--json').json['cleared'] is True
    for path in Path('.cache').rglob('*'):
        if path.is_file():
            assert 'matcha'.encode() not in path.read_bytes(), path
    # The table need not be there any more.
    outcome()
    os.remove('demo-master.db')
    good('clear')
    assert run('clear', '--cache', 'none').status == 2


def a_folder_can_be_named():
    seeded()
    assert outcome('--cache', 'a/b')[0] == 'miss'
    hit('--cache', 'a/b')
    assert outcome('--cache', 'c')[0] == 'miss'
    assert stat.S_IMODE(os.stat('a/b').st_mode) == 0o700
    text = good('list', '--cache', 'a/b').out
    assert 'cache: the folder a/b, max-age' in text, text
    assert good('list', '--cache', 'a/b', '--json').json['cache'] == 'a/b'
    assert good('list', '--cache', 'mem', '--json').json['cache'] == 'mem'
    assert good('list', '--cache', 'none', '--json').json['cache'] == 'none'


def one_program_has_the_folder():
    seeded()
    outcome()
    watch = subprocess.Popen([PROGRAM, 'watch', '--latency', '0'], stdout=subprocess.PIPE,
                             env=environment(), text=True)
    try:
        while 'Watching' not in watch.stdout.readline():
            pass
        result = good('list', '--latency', 0, '--repeat', 2)
        assert 'is in use' in result.err and result.out.count('list ') == 2, result
        assert re.search(r'list   miss', result.out) and re.search(r'list   hit', result.out), result
        # What it writes is heard of, and what is in the folder is not fresh.
        good('delete', 'tea', '--latency', 0)
    finally:
        watch.send_signal(signal.SIGINT)
        watch.communicate()
    assert outcome()[1] == ['coffee', 'matcha']


def old_copies_are_fetched_again():
    seeded()
    outcome()
    assert outcome('--max-age', '0.0001')[0] == 'miss'
    hit('--max-age', 0)


main([
    the_second_list_is_a_hit_in_a_new_process,
    each_run_shows_what_was_written_before_it,
    seed_leaves_no_ghosts,
    another_master_shows_no_ghosts,
    clear_erases,
    a_folder_can_be_named,
    one_program_has_the_folder,
    old_copies_are_fetched_again,
])
