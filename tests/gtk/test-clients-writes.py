#!/usr/bin/env python3
# test-clients-writes.py: Clients, when others write too, or the network is bad
#
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: test-clients-writes.py CLIENTS-PROGRAM [TEST...]"""

import os
import sqlite3
import sys
import time
import unicodedata

from clientsui import N_ROWS, NUMBER, PROGRAM, Clients, isolated, main, waiting
import ui

from gi.repository import Atspi

CHANGED = 'Somebody else has changed this.'
LOADING = f'{isolated("Client")}, loading'
NOT_LOADED = f'{isolated("Client")}, could not be loaded'


def button_of(clients, title, words):
    """The one beside a field of the form."""
    field = clients.field(title)
    return clients.find('push button', lambda name: name.startswith(words), field.get_parent())


def open_two_conflicts(clients):
    clients.look_up()
    clients.open_first()
    clients.fill('City', 'Mine')
    clients.fill('Phone', '1')
    clients.execute('UPDATE clients SET city = ?, phone = ?, credit = ? WHERE id = ?',
                    'Theirs', '2', 7, NUMBER)
    clients.wait('both conflicts', lambda: len(clients.all('label', CHANGED)) == 2)
    # What nobody has touched follows.
    clients.wait('the credit', lambda: ui.text_of(clients.field('Credit')) == '7')
    assert ui.text_of(clients.field('City')) == 'Mine'
    assert ui.text_of(clients.field('Phone')) == '1'


def test_conflict(clients):
    open_two_conflicts(clients)
    clients.click(button_of(clients, 'City', 'Keep'))
    clients.wait('one conflict', lambda: len(clients.all('label', CHANGED)) == 1)
    assert ui.text_of(clients.field('City')) == 'Mine'
    clients.click(button_of(clients, 'Phone', 'Take'))
    clients.find_no('label', CHANGED)
    assert ui.text_of(clients.field('Phone')) == '2'
    clients.save()
    clients.wait('the database to have it', lambda: clients.select('city') == 'Mine')
    assert clients.select('phone') == '2' and clients.select('credit') == 7


def test_taken(clients):
    """Nothing is left to be saved."""
    open_two_conflicts(clients)
    for title in 'City', 'Phone':
        clients.click(button_of(clients, title, 'Take'))
    clients.find_no('label', CHANGED)
    save = clients.find('push button', 'Save')
    clients.wait('nothing to save', lambda: not ui.has_state(save, Atspi.StateType.SENSITIVE))
    assert [ui.text_of(clients.field(title)) for title in ('City', 'Phone')] == ['Theirs', '2']


def test_cancelled(clients):
    """What was typed is forgotten, and nobody was asked to write it."""
    name = clients.look_up()
    city = clients.select('city')
    for cancel in (lambda: clients.press('Escape'),
                   lambda: clients.click(clients.find('push button', 'Cancel'))):
        clients.open_first()
        clients.wait('the city there is', lambda: ui.text_of(clients.field('City')) == city)
        clients.fill('City', 'Atlantis')
        cancel()
        clients.find_no('push button', 'Save')
    clients.click(clients.find('push button', 'Add client'))
    clients.fill('Name', 'Nobody')
    clients.press('Escape')
    clients.find_no('push button', 'Save')
    clients.row(name)
    # Whatever had been written before this is written before it.
    clients.edit('Phone', '555 0123')
    clients.wait('the database to have it', lambda: clients.select('phone') == '555 0123')
    assert clients.select('city') == city
    assert clients.select('name', N_ROWS + 1) is None


def edit_some(clients, *numbers):
    for number in numbers:
        clients.look_up(number)
        clients.edit('City', f'Atlantis {number}')


def cities(clients, *numbers):
    return [clients.select('city', number) for number in numbers]


def make_wait(clients, *numbers):
    for number in numbers:
        clients.look_up(number)
    clients.set_network('Offline')
    edit_some(clients, *numbers)
    clients.find('label', f'{len(numbers)} changes waiting')


def test_many(clients):
    """They are counted, and what is done is done to each."""
    some = NUMBER, NUMBER + 1, NUMBER + 2
    before = cities(clients, *some)
    make_wait(clients, *some)
    clients.set_network('Fast')
    # The others are read. That is no reason to send anything.
    clients.look_up(NUMBER + 3)
    clients.find('label', '3 changes waiting')
    assert cities(clients, *some) == before
    clients.click(clients.find('push button', 'Retry'))
    clients.wait('the database to have all', lambda: cities(clients, *some)
                 == [f'Atlantis {number}' for number in some])
    clients.find_no('label', lambda text: 'waiting' in text)


def test_many_discarded(clients):
    some = NUMBER, NUMBER + 1
    before = cities(clients, *some)
    make_wait(clients, *some)
    clients.click(clients.find('push button', 'Discard'))
    clients.find_no('label', lambda text: 'waiting' in text)
    clients.set_network('Fast')
    for number in some:
        name = clients.look_up(number)
        clients.edit('Phone', f'555 {number}')
        clients.wait('the database to have it',
                     lambda: clients.select('phone', number) == f'555 {number}')
        clients.row(name)
    assert cities(clients, *some) == before


def test_many_failed(clients):
    some = NUMBER, NUMBER + 1
    clients.execute('CREATE TRIGGER closed BEFORE DELETE ON clients '
                    'BEGIN SELECT raise(ABORT, "closed today"); END')

    def delete_both():
        for number in some:
            clients.look_up(number)
            clients.open_first()
            clients.click(clients.find('push button', 'Delete'))
            clients.find_no('push button', 'Save')
        clients.find('label', '2 changes could not be saved')

    delete_both()
    clients.click(clients.find('push button', 'Discard'))
    clients.find_no('label', lambda text: 'could not be saved' in text)
    delete_both()
    clients.execute('DROP TRIGGER closed')
    clients.click(clients.find('push button', 'Retry'))
    clients.wait('the database to lose both', lambda: [clients.select('name', number)
                                                       for number in some] == [None, None])
    clients.find_no('label', lambda text: 'could not be saved' in text)


def test_slow(clients):
    """The network that the menu calls so is as slow as was asked for."""
    name = clients.look_up()
    clients.set_network('Slow')
    clients.open_first()
    clients.fill('Name', 'Ada Lovelace')
    before = time.monotonic()
    clients.save()
    clients.row(waiting('Ada Lovelace'))
    assert clients.select('name') == name
    clients.row('Ada Lovelace')
    # There and back.
    assert time.monotonic() - before >= 2
    assert clients.select('name') == 'Ada Lovelace'


def names(clients):
    return [row.get_name() for row in clients.rows()]


def go_to_end(clients):
    clients.press('ctrl+f', 'Tab', 'Tab', 'End')


def test_placeholders(clients):
    """Far down there is something at once, and what it is soon after."""
    last = clients.select('name', 1)
    go_to_end(clients)
    clients.wait('a placeholder', lambda: LOADING in names(clients))
    assert last not in names(clients)
    clients.wait('the last client', lambda: last in names(clients))
    clients.wait('no placeholder', lambda: LOADING not in names(clients))


def test_not_loaded(clients):
    """A row that cannot be had says so, until it can."""
    last = clients.select('name', 1)
    clients.set_network('Offline')
    go_to_end(clients)
    clients.wait('rows that say so', lambda: NOT_LOADED in names(clients))
    clients.wait('no placeholder', lambda: LOADING not in names(clients))
    n_failed = names(clients).count(NOT_LOADED)
    clients.set_network('Fast')
    # Those on the screen; the others are asked for again when somebody comes there.
    clients.wait('the last client', lambda: last in names(clients))
    assert names(clients).count(NOT_LOADED) < n_failed


def start_again(clients, *options):
    """The same, or another one beside it."""
    again = Clients(clients.folder, *options)
    again.wait_for_list()
    return again


def test_restart(clients):
    """What was to be written when the program ended is still to be written."""
    name = clients.look_up()
    clients.set_network('Offline')
    clients.edit('City', 'Atlantis')
    clients.row(waiting(name))
    assert clients.quit() == 0
    assert clients.select('city') != 'Atlantis'
    again = start_again(clients, '--network', 'offline')
    try:
        # The list that was kept says it too.
        again.search(f'.{NUMBER}@')
        again.row(waiting(name))
        again.find('label', '1 change waiting')
        again.set_network('Fast')
        again.wait('the database to have it', lambda: again.select('city') == 'Atlantis')
        again.row(name)
    finally:
        again.quit()


def test_processes(clients):
    """Each keeps what is to be written in a journal of its own, and sees the other's."""
    name = clients.look_up()
    other = start_again(clients)
    try:
        other.look_up()
        other.edit('Name', 'Ada Lovelace')
        clients.row('Ada Lovelace')
        clients.focus_window('Clients')
        clients.edit('Name', name)
        other.row(name)
        for program in clients, other:
            assert 'not kept' not in program.log(), program.log()
    finally:
        assert other.quit() == 0


def scripts(text):
    return {unicodedata.name(c).split()[0] for c in text if c.isalpha()}


def test_defaults(clients):
    """A hundred thousand of them, whose names look like names, in many scripts."""
    folder = os.path.join(clients.folder, 'of its own')
    program = ui.Program([PROGRAM, '--data-dir', folder])
    try:
        program.find('list', 'Clients')
        with sqlite3.connect(os.path.join(folder, 'clients.db')) as db:
            rows = db.execute('SELECT name, city, email FROM clients').fetchall()
    finally:
        assert program.quit() == 0
    assert len(rows) == 100000, len(rows)
    assert len({name for name, _, _ in rows}) > 5000
    assert len({email for _, _, email in rows}) == len(rows)
    seen = set().union(*(scripts(name + city) for name, city, _ in rows))
    assert seen >= {'LATIN', 'CYRILLIC', 'GREEK', 'ARABIC', 'DEVANAGARI', 'CJK', 'HANGUL'}, seen
    assert all(email.isascii() for _, _, email in rows)
    # No name is put together from two of them by mistake.
    assert all(len(scripts(name)) == 1 or scripts(name) <= {'CJK', 'HANGUL', 'HIRAGANA', 'KATAKANA'}
               for name, _, _ in rows)


TESTS = (test_conflict, test_taken, test_cancelled, test_many, test_many_discarded,
         test_many_failed, test_slow, test_placeholders, test_not_loaded, test_restart,
         test_processes, test_defaults)

OPTIONS = {test: ['--latency', '100'] for test in TESTS}
# Nothing is tried again unless somebody says so.
for test in test_many, test_not_loaded:
    OPTIONS[test] = ['--latency', '100', '--retry-after', '3600000']
OPTIONS[test_slow] = ['--latency', '2000', '--network', 'fast']
OPTIONS[test_placeholders] = ['--latency', '1500']

sys.exit(main(TESTS, OPTIONS))
