#!/usr/bin/env python3
# test-clients-ui.py: Clients, as somebody uses it who does not see it
#
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: test-clients-ui.py CLIENTS-PROGRAM [TEST...]"""

import os
import re
import sqlite3
import sys

from clientsui import LRM, N_ROWS, NUMBER, PDI, isolated, main, waiting
import ui

from gi.repository import Atspi


def test_search(clients):
    names = {row.get_name() for row in clients.wait('rows', clients.rows)}
    assert len(names) > 3, names
    name = clients.look_up()
    clients.search('nobody at all is called like this')
    clients.find('label', 'No Results')
    clients.search(f'.{NUMBER}@')
    clients.row(name)


def test_sort(clients):
    def first_name(order):
        with sqlite3.connect(clients.database) as db:
            return db.execute(f'SELECT name FROM clients ORDER BY {order} LIMIT 1').fetchone()[0]

    def sort(words, order):
        clients.choose('Sort', words)
        clients.wait(f'the list {words}', lambda: clients.rows()[0].get_name() == first_name(order))

    sort('By name', 'name')
    sort('By credit, highest first', 'credit DESC, id')
    sort('Newest first', 'id DESC')


def test_edit(clients):
    name = clients.look_up()
    clients.open_first()
    clients.wait('the form to be filled in', lambda: ui.text_of(clients.field('Name')) == name)
    clients.fill('Name', 'Ada Lovelace')
    clients.save()
    # At once, before the master has it.
    clients.row(waiting('Ada Lovelace'))
    clients.find_no('push button', 'Save')
    clients.row('Ada Lovelace')
    clients.wait('the database to have it', lambda: clients.select('name') == 'Ada Lovelace')


def test_offline(clients):
    name = clients.look_up()
    clients.set_network('Offline')
    clients.open_first()
    clients.fill('City', 'Atlantis')
    clients.save()
    clients.row(waiting(name))
    clients.find('label', '1 change waiting')
    # There is no network: that it is sent once more changes nothing, and loses nothing.
    clients.click(clients.find('push button', 'Retry'))
    clients.row(waiting(name))
    assert clients.select('city') != 'Atlantis'
    clients.set_network('Fast')
    clients.row(name)
    clients.find_no('label', '1 change waiting')
    clients.wait('the database to have it', lambda: clients.select('city') == 'Atlantis')


def edit_city(clients, city):
    clients.open_first()
    clients.fill('City', city)
    clients.save()


def test_flaky(clients):
    """Some calls fail, and others take long; nothing is lost, and nobody has to help."""
    name = clients.look_up()
    clients.set_network('Flaky')
    for attempt in range(40):
        city = f'Atlantis {attempt}'
        edit_city(clients, city)
        failed = clients.wait('an end, or a failure', lambda: clients.select('city') == city and 'no'
                              or clients.all('label', '1 change waiting') and 'yes')
        clients.wait('the database to have it', lambda: clients.select('city') == city)
        clients.row(name)
        if failed == 'yes':
            break
    assert failed == 'yes', 'nothing has failed'
    clients.find_no('label', '1 change waiting')


def test_retry(clients):
    """What waits, and would for an hour, is sent when somebody says so."""
    name = clients.look_up()
    clients.set_network('Offline')
    edit_city(clients, 'Atlantis')
    clients.find('label', '1 change waiting')
    clients.set_network('Fast')
    # The network is there: the others are read. That is no reason to send anything.
    clients.look_up(NUMBER + 1)
    clients.search(f'.{NUMBER}@')
    clients.row(waiting(name))
    assert clients.all('label', '1 change waiting')
    assert clients.select('city') != 'Atlantis'
    clients.click(clients.find('push button', 'Retry'))
    clients.wait('the database to have it', lambda: clients.select('city') == 'Atlantis')
    clients.row(name)
    clients.find_no('label', '1 change waiting')


FAILED = '1 change could not be saved'


def delete_in_vain(clients):
    clients.execute('CREATE TRIGGER closed BEFORE DELETE ON clients '
                    'BEGIN SELECT raise(ABORT, "closed today"); END')
    clients.open_first()
    clients.click(clients.find('push button', 'Delete'))
    clients.find('label', FAILED)
    clients.execute('DROP TRIGGER closed')
    assert clients.select('name') is not None


def test_failed(clients):
    """What the database has refused waits for nothing but somebody."""
    clients.look_up()
    delete_in_vain(clients)
    clients.click(clients.find('push button', 'Retry'))
    clients.wait('the database to lose it', lambda: clients.select('name') is None)
    clients.find_no('label', FAILED)
    clients.find('label', 'No Results')


def test_discard_failed(clients):
    name = clients.look_up()
    delete_in_vain(clients)
    clients.click(clients.find('push button', 'Discard'))
    clients.find_no('label', FAILED)
    clients.row(name)
    # A write after it is sent, and it is not.
    edit_city(clients, 'Atlantis')
    clients.wait('the database to have it', lambda: clients.select('city') == 'Atlantis')
    clients.row(name)


def test_discard(clients):
    name = clients.look_up()
    city = clients.select('city')
    clients.set_network('Offline')
    clients.open_first()
    clients.fill('City', 'Atlantis')
    clients.save()
    clients.find('label', '1 change waiting')
    clients.click(clients.find('push button', 'Discard'))
    clients.row(name)
    clients.find_no('label', '1 change waiting')
    clients.set_network('Fast')
    # Whatever is written to the record after it would come after it.
    clients.open_first()
    clients.fill('Phone', '555 0123')
    clients.save()
    clients.wait('the database to have it', lambda: clients.select('phone') == '555 0123')
    assert clients.select('city') == city


def has_focus(clients, title):
    field = clients.field(title)
    clients.wait(f'{title} to have the focus',
                 lambda: ui.has_state(field, Atspi.StateType.FOCUSED))
    return field


def test_refused(clients):
    name = clients.look_up()
    clients.open_first()
    has_focus(clients, 'Name')
    clients.fill('Email', 'nowhere')
    clients.fill('City', 'Atlantis')
    clients.save()
    # The form comes back, with the drafts, and the reason where it belongs.
    reason = clients.find('label', lambda text: 'someone@somewhere' in text)
    # Neither the file nor the kind of constraint, which are for a log.
    assert reason.get_name() == '“email” has to look like someone@somewhere', reason.get_name()
    assert reason.get_parent() == clients.field('Email').get_parent()
    assert ui.text_of(clients.field('Email')) == 'nowhere'
    assert ui.text_of(clients.field('City')) == 'Atlantis'
    # It has the keyboard, and a screen reader says why.
    email = has_focus(clients, 'Email')
    # GTK 4.8 takes one for the other.
    assert (ui.has_state(email, Atspi.StateType.INVALID_ENTRY)
            or ui.has_state(email, Atspi.StateType.INVALID))
    assert email.get_description() == reason.get_name(), email.get_description()
    assert clients.select('email') != 'nowhere'
    clients.fill('Email', 'ada@example.org')
    clients.save()
    clients.wait('the database to have it', lambda: clients.select('email') == 'ada@example.org')
    assert clients.select('city') == 'Atlantis'
    clients.search('ada@example.org')
    clients.row(name)


def test_refused_on_a_phone(clients):
    """There is room for the list or the form."""
    test_refused(clients)


def test_refused_later(clients):
    """A form that is open meanwhile is left alone; the refused one comes after it."""
    clients.look_up()
    clients.open_first()
    clients.fill('Email', 'nowhere')
    clients.save()
    clients.find_no('push button', 'Save')
    clients.click(clients.find('push button', 'Add client'))
    clients.fill('Name', 'Grace Hopper')
    clients.find('label', lambda text: text.startswith('Not saved'))
    assert ui.text_of(clients.field('Name')) == 'Grace Hopper'
    clients.click(clients.find('push button', 'Cancel'))
    clients.find('label', lambda text: 'someone@somewhere' in text)
    assert ui.text_of(clients.field('Email')) == 'nowhere'
    has_focus(clients, 'Email')


def test_any_table(clients):
    """A table that somebody else has made."""
    clients.wait('all of them', lambda: sorted(row.get_name() for row in clients.rows())
                 == sorted(PLANETS))
    clients.choose('Sort', 'By moons, highest first')
    clients.wait('Mars to come first', lambda: clients.rows()[0].get_name() == 'Mars')
    # Which of them has the focus only the form tells: the tree has the rows in the
    # order in which they were made, and that is not the one on the screen.
    for moons in '7', '-1', '8':
        clients.open_first()
        name = clients.find('label', lambda name: name in PLANETS).get_name()
        edit_moons(clients, name, moons)
    for moons, name in enumerate(PLANETS, 20):
        clients.search(name[:3])
        # The others stay until the search is over.
        clients.wait(f'{name} alone', lambda: [row.get_name() for row in clients.rows()] == [name])
        clients.open_first()
        clients.find('label', name)
        edit_moons(clients, name, str(moons))
    clients.search('Pluto')
    clients.find('label', 'No Results')
    clients.click(clients.find('push button', 'Add client'))
    # The key is not a number that the table gives.
    clients.fill('Name', 'Pluto')
    edit_moons(clients, 'Pluto', '5')


PLANETS = {'Venus': 0, 'Earth': 1, 'Mars': 2}


def edit_moons(clients, name, moons):
    """In the form that is open."""
    before = clients.moons(name)
    clients.wait('the form to be filled in', lambda: ui.text_of(clients.field('Moons'))
                 == ('' if before is None else str(before)))
    clients.fill('Moons', moons)
    clients.save()
    clients.find_no('push button', 'Save')
    clients.wait('the database to have it', lambda: clients.moons(name) == int(moons))
    clients.row(name)


def make_planets(folder):
    with sqlite3.connect(os.path.join(folder, 'clients.db')) as db:
        db.execute('CREATE TABLE planets (name TEXT PRIMARY KEY NOT NULL, moons INTEGER)')
        db.executemany('INSERT INTO planets VALUES (?, ?)', PLANETS.items())


def check_failure(clients, words, *logged):
    """A sentence for everybody on the screen, and the whole truth in the log."""
    clients.find('label', 'Clients Cannot Be Loaded')
    clients.find('label', re.sub('“(.*?)”', lambda name: f'“{isolated(name[1])}”', words))
    clients.wait('the log', lambda: all(part in clients.log() for part in logged))
    shown = '\n'.join(node.get_name() or '' for node in clients.all('label'))
    assert clients.folder not in shown and '(' not in shown, shown


def test_no_table(clients):
    check_failure(clients, 'There is no table “moons” in “clients.db”.', clients.database)
    # It may come yet.
    clients.execute('CREATE TABLE moons (name TEXT PRIMARY KEY NOT NULL, planet TEXT)')
    clients.execute("INSERT INTO moons VALUES ('Phobos', 'Mars')")
    clients.click(clients.find('push button', 'Try Again'))
    clients.row('Phobos')


def test_no_file(clients):
    check_failure(clients, 'There is no file “clients.db”.', clients.database)


def test_no_database(clients):
    check_failure(clients, LRM + '“notes & <b>plans.txt” is not an SQLite database, or it is damaged.',
                  os.path.join(clients.folder, NOTES))


def test_folder(clients):
    check_failure(clients, LRM + '“clients.db” is a folder. Choose the file of an SQLite database.',
                  clients.database)


def test_no_network(clients):
    check_failure(clients, 'There is no network. Try again when it is back.', '(describe)')
    clients.set_network('Fast')
    clients.click(clients.find('push button', 'Try Again'))
    clients.wait('rows', clients.rows)


NOTES = 'notes & <b>plans.txt'


def make_notes(folder):
    with open(os.path.join(folder, NOTES), 'w', encoding='utf-8') as notes:
        notes.write('Neither a table nor a database. ' * 100)


def test_delete(clients):
    name = clients.look_up()
    email = clients.select('email')
    clients.open_first()
    clients.click(clients.find('push button', 'Delete'))
    clients.wait('the row to go', lambda: not clients.rows())
    clients.wait('the database to lose it', lambda: clients.select('name') is None)
    clients.click(clients.find('push button', lambda name: name.startswith('Undo')))
    clients.row(name)
    clients.wait('the database to have it again', lambda: clients.select('email') == email)


def test_delete_offline(clients):
    name = clients.look_up()
    clients.set_network('Offline')
    clients.open_first()
    clients.click(clients.find('push button', 'Delete'))
    clients.wait('the row to go', lambda: not clients.rows())
    clients.click(clients.find('push button', lambda name: name.startswith('Undo')))
    clients.row(name)
    clients.find_no('label', '1 change waiting')
    assert clients.select('name') == name


def test_add(clients):
    clients.search('grace@example.org')
    clients.find('label', 'No Results')
    clients.click(clients.find('push button', 'Add client'))
    clients.fill('Name', 'Grace Hopper')
    clients.fill('Email', 'grace@example.org')
    clients.save()
    clients.row(waiting('Grace Hopper'))
    clients.row('Grace Hopper')
    clients.wait('the database to have it', lambda: clients.select('name', N_ROWS + 1) is not None)
    assert len(clients.rows('Grace Hopper')) == 1


def details(row):
    """What is seen, and what a screen reader says."""
    return [node.get_name() for node in ui.walk(row) if node.get_role_name() == 'label'][-1], \
        row.get_description()


# Who lives in two directions: a name, a city, an address.
PEOPLE = [('דנה לוי', 'חיפה', 'dana@example.org'), ('Dana', '+49 30', 'תל אביב 7')]


def make_people(folder):
    with sqlite3.connect(os.path.join(folder, 'clients.db')) as db:
        db.execute('CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, city TEXT, email TEXT)')
        db.executemany('INSERT INTO people (name, city, email) VALUES (?, ?, ?)', PEOPLE)


def test_directions(clients):
    """Neither part of a line turns the other around, or all of it."""
    for name, city, email in PEOPLE:
        line = f'{LRM}{isolated(city)} · {isolated(email)}'
        row = clients.row(name)
        assert details(row) == (line, line), (details(row), line)
    clients.set_network('Offline')
    clients.open_first()
    clients.fill('City', 'Atlantis')
    clients.save()
    name = clients.wait('a row that waits', lambda: next((
        row.get_name() for row in clients.rows() if 'waiting' in row.get_name()), None))
    assert name in [waiting(person[0]) for person in PEOPLE], name
    clients.set_network('Fast')
    clients.row(name[1:name.index(PDI)])


def test_two_windows(clients):
    def wait_for(*names):
        for window in windows:
            clients.wait(f'{names} in both', lambda: [row.get_name() for row in clients.rows_of(
                clients.find('list', 'Clients', window))] == list(names))

    name = clients.look_up()
    clients.press('ctrl+shift+n')
    clients.wait('two windows', lambda: len(clients.all('frame')) == 2)
    windows = clients.all('frame')
    for window in windows:
        search = clients.find('entry', 'Search clients', under=window)
        clients.type_into(search, f'.{NUMBER}@')
    wait_for(name)
    clients.execute('UPDATE clients SET name = ? WHERE id = ?', 'Elsewhere', NUMBER)
    wait_for('Elsewhere')
    # What is written in one of them the other has at once, before the master.
    clients.open_first()
    clients.fill('Name', 'Here')
    clients.save()
    wait_for(waiting('Here'))
    wait_for('Here')
    clients.wait('the database to have it', lambda: clients.select('name') == 'Here')
    clients.open_first()
    clients.click(clients.find('push button', 'Delete'))
    for window in windows:
        clients.find('label', 'No Results', under=window)
    clients.click(clients.find('push button', lambda name: name.startswith('Undo')))
    wait_for('Here')


def test_shell(clients):
    """Nobody tells the program: it sees what has been done to the file."""
    name = clients.look_up()
    email = clients.select('email')
    clients.shell(f"UPDATE clients SET name = 'Typed Elsewhere' WHERE id = {NUMBER}")
    clients.row('Typed Elsewhere')
    assert [row.get_name() for row in clients.rows()] == ['Typed Elsewhere']
    clients.shell(f"INSERT INTO clients (name, email) VALUES ('Typed Anew', 'x{email}')")
    clients.wait('both', lambda: sorted(row.get_name() for row in clients.rows())
                 == ['Typed Anew', 'Typed Elsewhere'])
    clients.shell(f'DELETE FROM clients WHERE id = {NUMBER}')
    clients.wait('the other to go', lambda: [row.get_name() for row in clients.rows()]
                 == ['Typed Anew'])
    # A form that is open has what is typed elsewhere.
    clients.open_first()
    clients.wait('the form', lambda: ui.text_of(clients.field('Name')) == 'Typed Anew')
    clients.shell(f"UPDATE clients SET name = '{name}' WHERE name = 'Typed Anew'")
    clients.wait('the form to follow', lambda: ui.text_of(clients.field('Name')) == name)


def test_names(clients):
    """Whatever can be used says what it is."""
    clients.look_up()
    clients.open_first()
    useful = ('push button', 'toggle button', 'entry', 'text', 'check box', 'list item', 'switch')
    for node in ui.walk(clients.root):
        if node.get_role_name() in useful:
            what = [node.get_name()] + [child.get_name() for child in ui.walk(node)]
            assert any(what), f'{node.get_role_name()} without a name\n{ui.describe(clients.root)}'


TESTS = (test_search, test_sort, test_edit, test_offline, test_flaky, test_retry, test_failed,
         test_discard, test_discard_failed, test_refused, test_refused_on_a_phone,
         test_refused_later, test_delete, test_delete_offline, test_add, test_two_windows, test_shell, test_names,
         test_any_table, test_directions, test_no_table, test_no_file, test_no_database, test_folder,
         test_no_network)

# These do not begin with a list.
FAILURES = (test_no_table, test_no_file, test_no_database, test_folder, test_no_network)


# What is under way is to be seen on its way.
OPTIONS = {test_edit: ['--latency', '1500'], test_add: ['--latency', '1500'],
           test_two_windows: ['--latency', '1500'],
           test_refused_later: ['--latency', '1500'],
           test_retry: ['--latency', '100', '--retry-after', '3600000'],
           test_refused_on_a_phone: ['--latency', '100', '--width', '360'],
           test_any_table: ['--table', 'planets'],
           test_directions: ['--table', 'people', '--latency', '100'],
           test_no_table: ['--table', 'moons'],
           test_no_file: ['--table', 'moons'],
           test_no_database: ['--table', 'plans', '--database', '{folder}/' + NOTES],
           test_folder: ['--table', 'moons'],
           test_no_network: ['--network', 'offline']}

# What there is before.
PREPARE = {test_any_table: make_planets, test_directions: make_people,
           test_no_table: make_planets,
           test_no_database: make_notes,
           test_folder: lambda folder: os.mkdir(os.path.join(folder, 'clients.db'))}


sys.exit(main(TESTS, OPTIONS, PREPARE, FAILURES))
