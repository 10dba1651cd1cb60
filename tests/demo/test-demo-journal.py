# test-demo-journal.py: vl-demo with a journal, from one run to the next
#
# SPDX-License-Identifier: LGPL-2.1-or-later

from pathlib import Path

from demotest import good, main, rows, run, seeded

FOLDER = ['--cache', 'folder', '--journal', 'journal']


def prepare():
    seeded()
    good('list', '--cache', 'folder')


def left(*arguments):
    return good('writes', *arguments, *FOLDER, '--json').json['journal']


def states(*arguments):
    return [(write['kind'], write['id'], write['state']) for write in left(*arguments)]


def price(record):
    records = good('get', record, '--cache', 'none', '--json').json['records']
    return records[0]['price']


def offline_a_write_is_accepted_and_settles_in_another_run():
    prepare()
    answer = good('patch', 'tea', 'price=9', '--offline', *FOLDER, '--json').json
    assert answer['writes'][0]['left'] is True, answer
    assert answer['writes'][0]['states'][0] == 'recording', answer
    text = good('patch', 'tea', 'price=8', '--offline', *FOLDER).out
    assert 'it is in the journal' in text, text
    assert price('tea') == 2.8
    found = states('--offline')
    assert [write[:2] for write in found] == [('patch', 'tea')] * 2, found
    assert price('tea') == 2.8
    assert states() == [('patch', 'tea', 'applied')] * 2
    assert price('tea') == 8
    assert states() == []
    assert 'The journal has no writes.' in good('writes', *FOLDER).out


def without_waiting_it_returns_when_it_is_accepted():
    prepare()
    answer = good('write', 'cup', 'Cup', '5', '--no-wait', '--latency', 1000, *FOLDER, '--json').json
    assert answer['writes'][0]['left'] is True, answer
    assert 'applied' not in answer['writes'][0]['states'], answer
    assert states() == [('write', 'cup', 'applied')]
    assert price('cup') == 5


def without_a_fault_it_is_waited_for():
    prepare()
    answer = good('add', 'cup', 'Cup', '5', *FOLDER, '--json').json
    assert answer['writes'][0]['states'][-1] == 'applied', answer
    assert answer['writes'][0]['left'] is False, answer
    assert states() == []


def what_failed_is_sent_again_or_given_up():
    prepare()
    good('add', 'tea', 'Tea', '1', '--no-wait', *FOLDER)
    good('add', 'cup', 'Cup', '1', '--no-wait', '--offline', *FOLDER)
    found = sorted(states())
    assert found == [('add', 'cup', 'applied'), ('add', 'tea', 'failed')], found
    assert 'such a record already' in left()[0]['error']
    assert states('retry') == [('add', 'tea', 'failed')]
    result = run('writes', 'retry', 2, *FOLDER)
    assert result.status == 1 and 'There is no write 2' in result.err, result
    answer = good('writes', 'discard', 1, *FOLDER, '--json').json
    assert answer['discarded'] == 1 and answer['journal'] == [], answer
    assert states() == []


def what_waits_can_be_given_up():
    prepare()
    good('patch', 'tea', 'price=9', '--offline', *FOLDER)
    assert states('discard', '--offline') == []
    assert states() == []
    assert price('tea') == 2.8


def one_of_those_that_wait_can_be_given_up():
    prepare()
    good('patch', 'tea', 'price=9', '--offline', *FOLDER)
    good('patch', 'matcha', 'price=9', '--offline', *FOLDER)
    good('patch', 'tea', 'price=8', '--offline', *FOLDER)
    waiting = [(write['number'], write['id']) for write in left('--offline')]
    assert waiting == [(1, 'tea'), (2, 'matcha'), (3, 'tea')], waiting
    answer = good('writes', 'discard', 2, '--offline', *FOLDER, '--json').json
    assert answer['discarded'] == 1, answer
    assert [write['id'] for write in answer['journal']] == ['tea', 'tea'], answer
    assert states() == [('patch', 'tea', 'applied')] * 2
    assert price('matcha') == 4.5
    assert price('tea') == 8


def what_waits_is_not_sent_to_be_given_up():
    prepare()
    good('patch', 'tea', 'price=9', '--offline', *FOLDER)
    assert good('writes', 'discard', *FOLDER, '--json').json['discarded'] == 1
    assert states() == []
    assert price('tea') == 2.8


def with_a_journal_the_database_keeps_what_it_has_applied():
    sql = "SELECT count(*) FROM sqlite_master WHERE name = 'vantage_live_applied'"
    prepare()
    good('patch', 'tea', 'price=9')
    assert rows('demo-master.db', sql) == [(0,)]
    good('patch', 'tea', 'price=8', *FOLDER)
    assert rows('demo-master.db', sql) == [(1,)]


def a_damaged_journal_is_told_of():
    prepare()
    good('patch', 'tea', 'price=9', '--offline', *FOLDER)
    with open('journal', 'ab') as journal:
        journal.write(b'\x40\0\0\0half a record')
    result = good('writes', *FOLDER)
    assert 'cut off' in result.err and 'applied' in result.out, result
    Path('journal').write_text('not a journal at all')
    result = good('writes', *FOLDER)
    assert 'journal.aside-1' in result.err, result
    assert Path('journal.aside-1').read_text() == 'not a journal at all'


def a_journal_that_cannot_be_used_is_an_error():
    prepare()
    Path('folder-instead').mkdir()
    result = run('patch', 'tea', 'price=9', '--cache', 'folder', '--journal', 'folder-instead')
    assert result.status == 1 and 'folder-instead' in result.err, result
    assert price('tea') == 2.8


def the_command_line_is_checked():
    seeded()
    for wrong, part in ((['writes'], '--journal'), (['add', 'a', 'A', '1', '--no-wait'], '--journal'),
                        (['list', '--journal', 'j'], 'no option --journal'),
                        (['seed', '--no-wait', '--journal', 'j'], 'no option --journal'),
                        (['writes', 'eat', '--journal', 'j'], 'eat'),
                        (['writes', 'retry', 'x', '--journal', 'j'], 'no number'),
                        (['writes', 'list', '1', '--journal', 'j'], 'no number')):
        result = run(*wrong)
        assert result.status == 2 and part in result.err, result


main([
    offline_a_write_is_accepted_and_settles_in_another_run,
    without_waiting_it_returns_when_it_is_accepted, without_a_fault_it_is_waited_for,
    what_failed_is_sent_again_or_given_up, what_waits_can_be_given_up,
    one_of_those_that_wait_can_be_given_up, what_waits_is_not_sent_to_be_given_up,
    with_a_journal_the_database_keeps_what_it_has_applied,
    a_damaged_journal_is_told_of, a_journal_that_cannot_be_used_is_an_error,
    the_command_line_is_checked,
])
