# clientsui.py: Clients, as the tests see and use it
#
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Each test has a database, and a program, of its own. What comes of them is TAP."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import traceback

try:
    import ui
except (ImportError, ValueError) as error:
    print(f'1..0 # SKIP {error}')
    sys.exit(0)

from gi.repository import Atspi

PROGRAM = os.path.abspath(sys.argv[1])
N_ROWS = 3000
# Of this one the number in the address is looked for.
NUMBER = 1234


LRM, LRI, FSI, PDI = '\u200e', '\u2066', '\u2068', '\u2069'


def isolated(text):
    """Within other words: it has a direction of its own."""
    return (FSI if any(c.isalpha() for c in text) else LRI) + text + PDI


def waiting(name):
    return f'{isolated(name)}, waiting to be saved'


class Skip(Exception):
    pass


class Clients(ui.Program):
    def __init__(self, folder, *options):
        self.folder = folder
        self.database = os.path.join(folder, 'clients.db')
        with open(os.path.join(folder, 'log'), 'wb') as log:
            super().__init__([PROGRAM, '--data-dir', folder, '--database', self.database,
                              '--rows', str(N_ROWS), *(options or ('--latency', '100'))],
                             stderr=log)

    def wait_for_list(self):
        self.find('list', 'Clients')
        self.focus_window('Clients')

    def log(self):
        with open(os.path.join(self.folder, 'log'), encoding='utf-8') as log:
            return log.read()

    # The database, as somebody else sees it.

    def select(self, column, number=NUMBER):
        with sqlite3.connect(self.database) as db:
            row = db.execute(f'SELECT {column} FROM clients WHERE id = ?', (number,)).fetchone()
        return row[0] if row is not None else None

    def moons(self, name):
        with sqlite3.connect(self.database) as db:
            row = db.execute('SELECT moons FROM planets WHERE name = ?', (name,)).fetchone()
        return row[0] if row is not None else None

    def shell(self, statement):
        """What somebody else types, who has nothing but the sqlite3 shell."""
        if shutil.which('sqlite3') is None:
            raise Skip('there is no sqlite3 shell')
        subprocess.run(['sqlite3', '-cmd', '.timeout 5000', self.database, statement], check=True)

    def execute(self, statement, *values):
        with sqlite3.connect(self.database) as db:
            db.execute(statement, values)

    # The list

    def search(self, text):
        self.type_into(self.find('entry', 'Search clients'), text)

    def rows(self, starts_with=''):
        return [row for clients in self.all('list', 'Clients') for row in self.rows_of(clients)
                if row.get_name().startswith(starts_with)]

    def rows_of(self, clients):
        return [row for row in ui.children_of(clients) if row.get_role_name() == 'list item']

    def row(self, name):
        """The one whose label is that, with its state, and no other."""
        return self.wait(f'the row “{name}”',
                         lambda: next((row for row in self.rows() if row.get_name() == name), None))

    def look_up(self, number=NUMBER):
        name = self.select('name', number)
        self.search(f'.{number}@')
        self.wait(f'“{name}” alone', lambda: [row.get_name() for row in self.rows()] == [name])
        return name

    def open_first(self):
        """Of the window that has the keyboard."""
        self.press('ctrl+f')
        self.wait('the search to have the focus', lambda: any(
            self.has_focus(search) for search in self.all('entry', 'Search clients')))
        # Past the menu, and what a banner offers.
        self.press(*['Tab'] * (4 if self.all('push button', 'Retry') else 2), 'Return')
        return self.find('push button', 'Save')

    # The form

    def has_form(self):
        return bool(self.all('push button', 'Save'))

    def field(self, title):
        return self.find('text', title)

    def fill(self, title, text):
        self.type_into(self.field(title), text)

    def save(self):
        save = self.find('push button', 'Save')
        self.wait('Save to be possible', lambda: ui.has_state(save, Atspi.StateType.SENSITIVE))
        self.click(save)

    def edit(self, title, text):
        self.open_first()
        self.fill(title, text)
        self.save()

    # The keyboard

    def has_focus(self, node):
        return any(ui.has_state(part, Atspi.StateType.FOCUSED) for part in ui.walk(node))

    def wait_for_focus(self, node):
        self.wait(f'“{node.get_name()}” to have the focus', lambda: self.has_focus(node))
        return node

    def focus_of_list(self):
        return next((row for row in self.rows()
                     if ui.has_state(row, Atspi.StateType.FOCUSED)), None)

    # The network

    def set_network(self, name):
        self.choose('Network', name)

    def items(self):
        return self.all('radio menu item')

    def choose(self, menu, name):
        def chosen():
            return [item.get_name() for item in self.items()
                    if ui.has_state(item, Atspi.StateType.CHECKED)]

        button = self.all('push button', menu)[-1]
        self.click(button)
        self.click(self.find('radio menu item', name))
        self.wait('the menu to go', lambda: not self.items())
        self.click(button)
        self.wait(f'“{name}” to be what is chosen', lambda: chosen() == [name])
        self.press('Escape')
        self.wait('the menu to go', lambda: not self.items())


def run(test, options, prepare, has_list):
    folder = tempfile.mkdtemp(prefix='vl-clients-')
    clients = None
    try:
        prepare(folder)
        clients = Clients(folder, *(option.format(folder=folder) for option in options))
        if has_list:
            clients.wait_for_list()
        test(clients)
        status = clients.quit()
        assert status == 0, f'ended with {status}'
    finally:
        if clients is not None:
            clients.quit()
        with open(os.path.join(folder, 'log'), encoding='utf-8') as log:
            sys.stderr.write(log.read())
        shutil.rmtree(folder)


def main(tests, options=None, prepare=None, failures=()):
    """options and prepare say for a test what Clients is started with, and what there
    is before; failures do not begin with a list."""
    wanted = sys.argv[2:]
    tests = [test for test in tests if not wanted or test.__name__ in wanted]
    if shutil.which('xdotool') is None:
        print('1..0 # SKIP there is no xdotool')
        return 0
    print(f'1..{len(tests)}', flush=True)
    n_failed = 0
    for number, test in enumerate(tests, 1):
        name = test.__name__.replace('test_', '').replace('_', ' ')
        try:
            run(test, (options or {}).get(test, []),
                (prepare or {}).get(test, lambda folder: None), test not in failures)
            print(f'ok {number} {name}', flush=True)
        except Skip as reason:
            print(f'ok {number} {name} # SKIP {reason}', flush=True)
        except Exception as error:  # the others are still worth running
            n_failed += 1
            traceback.print_exc()
            print(f'not ok {number} {name}', flush=True)
            print(''.join(f'# {line}\n' for line in str(error).splitlines()), flush=True)
    return 1 if n_failed else 0
