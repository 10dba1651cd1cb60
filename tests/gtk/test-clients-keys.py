#!/usr/bin/env python3
# test-clients-keys.py: Clients, as somebody uses it who has a keyboard and no mouse
#
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: test-clients-keys.py CLIENTS-PROGRAM [TEST...]"""

import sys

from clientsui import LRM, NUMBER, isolated, main
import ui

from gi.repository import Atspi


def find_undo(clients):
    return clients.find('push button', lambda name: name.startswith('Undo'))


def deleted(name):
    return f'{LRM}“{isolated(name)}” deleted'


def test_begin(clients):
    """The keyboard is where the clients are."""
    clients.wait('a row to have the focus', clients.focus_of_list)
    clients.press('Return')
    clients.find('label', 'Edit Client')


def test_shortcuts(clients):
    name = clients.look_up()
    clients.press('ctrl+n')
    clients.find('label', 'New Client')
    clients.wait_for_focus(clients.field('Name'))
    clients.press('Escape')
    clients.find_no('push button', 'Save')
    clients.wait('the row to have the focus again', clients.focus_of_list)
    # What is in the form by then is saved, with either key.
    clients.press('Return')
    clients.wait_for_focus(clients.field('Name'))
    clients.fill('City', 'Atlantis')
    clients.press('ctrl+s')
    clients.find_no('push button', 'Save')
    clients.wait('the database to have it', lambda: clients.select('city') == 'Atlantis')
    clients.open_first()
    clients.fill('City', 'Avalon')
    clients.press('Return')
    clients.find_no('push button', 'Save')
    clients.wait('the database to have it', lambda: clients.select('city') == 'Avalon')
    clients.row(name)


def test_windows(clients):
    clients.press('ctrl+question')
    clients.find('label', 'Undo a deletion')
    clients.press('Escape')
    clients.wait('the list again', lambda: len(clients.all('frame')) == 1)
    clients.focus_window('Clients')
    clients.press('ctrl+shift+n')
    clients.wait('two windows', lambda: len(clients.all('frame')) == 2)
    clients.press('ctrl+w')
    clients.wait('one window', lambda: len(clients.all('frame')) == 1)
    clients.focus_window('Clients')
    clients.press('ctrl+q')
    assert clients.process.wait(ui.GIVE_UP) == 0


def test_delete(clients):
    name = clients.look_up()
    clients.press('ctrl+f', 'Tab', 'Tab')
    clients.wait('the row to have the focus', clients.focus_of_list)
    clients.press('ctrl+Delete')
    clients.find('label', deleted(name))
    clients.wait('the database to lose it', lambda: clients.select('name') is None)
    clients.press('ctrl+z')
    clients.row(name)
    clients.wait('the database to have it again', lambda: clients.select('name') == name)


def test_delete_beside_a_form(clients):
    """What is meant is where the keyboard is."""
    clients.choose('Sort', 'By name')
    clients.open_first()
    opened = ui.text_of(clients.field('Name'))
    clients.press('ctrl+f', 'Tab', 'Tab')
    clients.wait('a row to have the focus', clients.focus_of_list)
    clients.press('Down', 'Down')
    other = clients.wait('another row to have it', lambda: next(
        (row.get_name() for row in [clients.focus_of_list()]
         if row is not None and row.get_name() != opened), None))
    clients.press('ctrl+Delete')
    clients.find('label', deleted(other))
    assert ui.text_of(clients.field('Name')) == opened


def test_words(clients):
    """In a text the keys do what they do in any."""
    clients.look_up()
    clients.open_first()
    clients.press('Tab')
    city = clients.wait_for_focus(clients.field('City'))
    clients.fill('City', 'New York')
    clients.press('Home', 'ctrl+Delete')
    clients.wait('a word to go', lambda: ui.text_of(city) == ' York')
    clients.press('ctrl+z')
    clients.wait('it to be there again', lambda: ui.text_of(city) == 'New York')
    assert clients.select('name') is not None


def test_undo_each(clients):
    """The button of a toast undoes what the toast says, the keys the last that was deleted."""
    names = []
    for number in NUMBER, NUMBER + 1, NUMBER + 2:
        names.append(clients.look_up(number))
        clients.open_first()
        clients.click(clients.find('push button', 'Delete'))
        clients.find('label', deleted(names[-1]))
        clients.wait('the database to lose it', lambda: clients.select('name', number) is None)
    undo = find_undo(clients)
    toast = clients.wait('which one it is', lambda: [
        label.get_name() for label in clients.all('label') if label.get_name().endswith('deleted')])
    assert toast == [deleted(names[2])], toast
    clients.click(undo)
    clients.wait('the last', lambda: clients.select('name', NUMBER + 2) == names[2])
    # Of those before it the keys undo the one that is not undone yet.
    clients.find('label', deleted(names[1]))
    clients.press('ctrl+z')
    clients.wait('the one before', lambda: clients.select('name', NUMBER + 1) == names[1])
    clients.find('label', deleted(names[0]))
    assert clients.select('name') is None
    clients.click(find_undo(clients))
    clients.wait('the first', lambda: clients.select('name') == names[0])
    clients.find_no('label', lambda text: text.endswith('deleted'))
    clients.press('ctrl+z')
    clients.look_up()
    clients.find_no('label', lambda text: 'change' in text)


def test_undo_of_what_failed(clients):
    """The database still has it: there is nothing to put back."""
    name = clients.look_up()
    clients.execute('CREATE TRIGGER closed BEFORE DELETE ON clients '
                    'BEGIN SELECT raise(ABORT, "closed today"); END')
    clients.open_first()
    clients.click(clients.find('push button', 'Delete'))
    clients.find('label', '1 change could not be saved')
    clients.click(find_undo(clients))
    clients.row(name)
    clients.find_no('label', lambda text: 'could not be saved' in text)


def test_switch(clients):
    active = clients.select('active')
    clients.look_up()
    clients.open_first()
    switch = clients.find('check box', 'Active')
    clients.wait('the switch to be as the record', lambda: active == ui.has_state(
        switch, Atspi.StateType.CHECKED))
    clients.press('Tab', 'Tab', 'Tab', 'Tab', 'Tab')
    clients.wait_for_focus(switch)
    clients.press('space')
    clients.wait('the switch to turn', lambda: active != ui.has_state(
        switch, Atspi.StateType.CHECKED))
    clients.press('ctrl+s')
    clients.wait('the database to have it', lambda: clients.select('active') == 1 - active)
    clients.open_first()
    switch = clients.find('check box', 'Active')
    clients.wait('the switch to follow', lambda: active != ui.has_state(
        switch, Atspi.StateType.CHECKED))
    clients.execute('UPDATE clients SET active = ? WHERE id = ?', active, NUMBER)
    clients.wait('it to follow somebody else', lambda: active == ui.has_state(
        switch, Atspi.StateType.CHECKED))


# Whatever can be used: what it is, and what it is called.
HEADER = [('push button', 'Add client'), ('push button', 'Network'), ('push button', 'Main menu'),
          ('push button', 'Sort'), ('entry', 'Search clients'), ('list', 'Clients')]
FORM = [('push button', 'Cancel'), ('push button', 'Save'), ('push button', 'Delete'),
        ('text', 'Name'), ('text', 'City'), ('text', 'Email'), ('text', 'Phone'),
        ('text', 'Credit'), ('check box', 'Active')]
BANNER = [('push button', 'Retry'), ('push button', 'Discard')]
OF_THE_WINDOW = ('Minimize', 'Maximize', 'Close')
USEFUL = ('push button', 'toggle button', 'entry', 'text', 'check box', 'list', 'list item',
          'radio menu item', 'check menu item', 'menu item', 'switch', 'spin button')


def useful(clients):
    return {(node.get_role_name(), node.get_name()) for node in ui.walk(clients.root)
            if node.get_role_name() in USEFUL and node.get_name() not in OF_THE_WINDOW}


def wait_for_useful(clients, *wanted):
    """Those and no others."""
    wanted = set(wanted)
    try:
        clients.wait('all of it', lambda: useful(clients) == wanted)
    except ui.Missing as error:
        raise ui.Missing(f'{error}: {useful(clients) ^ wanted}') from error


def test_roles(clients):
    """Whatever can be used says what it is, and nothing else is there to be used."""
    name = clients.look_up()
    wait_for_useful(clients, *HEADER)
    assert [(row.get_role_name(), row.get_name()) for row in clients.rows()] \
        == [('list item', name)]
    clients.open_first()
    wait_for_useful(clients, *HEADER, *FORM)
    clients.press('ctrl+n')
    wait_for_useful(clients, *HEADER, *[part for part in FORM if part[1] != 'Delete'])
    clients.press('Escape')
    wait_for_useful(clients, *HEADER)
    clients.set_network('Offline')
    clients.edit('City', 'Atlantis')
    wait_for_useful(clients, *HEADER, *BANNER)
    for menu, kind, items in (
            ('Network', 'radio menu item', ('Fast', 'Slow', 'Flaky', 'Offline')),
            ('Sort', 'radio menu item', ('By name', 'By city', 'By email', 'By phone',
                                         'By credit, highest first', 'Newest first'))):
        clients.click(clients.all('push button', menu)[-1])
        wait_for_useful(clients, *HEADER, *BANNER, *[(kind, item) for item in items])
        clients.press('Escape')
        wait_for_useful(clients, *HEADER, *BANNER)


def test_phone(clients):
    """The list or the form, and nothing that would not fit."""
    def check(*parts):
        wait_for_useful(clients, *parts)
        assert clients.width('Clients') == 360, clients.width('Clients')

    clients.look_up()
    check(*HEADER)
    clients.set_network('Offline')
    clients.edit('City', 'Atlantis')
    check(*HEADER, *BANNER)
    clients.click(clients.find('push button', 'Discard'))
    check(*HEADER)
    clients.set_network('Fast')
    clients.open_first()
    check(*FORM)
    clients.fill('City', 'Avalon')
    clients.fill('Phone', '555')
    clients.execute('UPDATE clients SET city = ?, phone = ? WHERE id = ?', 'Camelot', '556', NUMBER)
    clients.wait('two conflicts', lambda: len(clients.all(
        'push button', lambda name: name.startswith('Keep'))) == 2)
    assert clients.width('Clients') == 360, clients.width('Clients')
    clients.press('Escape')
    check(*HEADER)
    clients.edit('Email', 'an address that is not one, and is longer than any line of a phone')
    clients.find('label', lambda text: 'someone@somewhere' in text)
    check(*FORM, ('push button', 'GtkImage'))
    clients.click(clients.find('push button', 'Delete'))
    find_undo(clients)
    assert clients.width('Clients') == 360, clients.width('Clients')


TESTS = (test_begin, test_shortcuts, test_windows, test_delete, test_delete_beside_a_form,
         test_words, test_undo_each, test_undo_of_what_failed, test_switch, test_roles, test_phone)

OPTIONS = {test: ['--latency', '100'] for test in TESTS}
OPTIONS[test_phone] = ['--latency', '100', '--width', '360']

sys.exit(main(TESTS, OPTIONS))
