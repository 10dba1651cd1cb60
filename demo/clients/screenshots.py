#!/usr/bin/env python3
# screenshots.py: takes the pictures of Clients that docs/ shows
#
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: sh tests/gtk/under-xvfb.sh --accessible /usr/bin/python3 \\
           demo/clients/screenshots.py CLIENTS-PROGRAM [FOLDER]

Writes PNGs to FOLDER, which is docs/screenshots unless it is given. Needs what
the tests of Clients need, ImageMagick, and the fonts that `sh demo/run.sh clients`
installs (fonts-noto-core, fonts-noto-cjk): with others all pictures change."""

import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'gtk'))

import ui  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
FOLDER = sys.argv[2] if len(sys.argv) > 2 else os.path.join(ROOT, 'docs', 'screenshots')
HEIGHT = 720
# Of these clients the number in the address is looked for.
CHANGED = 1234
# Fewer tint the plain ones: those of the avatars take most of them.
N_COLOURS = 256
# What fontconfig takes for any text that it can, and for what else there is in names.
FONT = 'Noto Sans'
OTHER_FONTS = 'Noto Sans Devanagari', 'Noto Sans CJK SC'


class Camera(ui.Program):
    def __init__(self, folder, width, style, network):
        self.width = width
        super().__init__([PROGRAM, '--data-dir', folder, '--database',
                          os.path.join(folder, 'clients.db'), '--width', str(width), '--height',
                          str(HEIGHT), '--style', style, '--network', network])

    def take(self, name):
        """The window as it is once it has stopped changing."""
        window = self.wait('the window', lambda: subprocess.run(
            ['xdotool', 'search', '--onlyvisible', '--name', 'Clients'],
            capture_output=True, text=True).stdout.split())[0]
        path = os.path.join(FOLDER, f'{name}.png')
        seen = []

        def is_still():
            picture = subprocess.run(['import', '-window', window, 'rgb:-'], capture_output=True,
                                     check=True).stdout
            seen.append(picture)
            return len(seen) > 3 and seen[-1] == seen[-2] == seen[-3]

        self.wait(f'{name} to be still', is_still)
        subprocess.run(['import', '-window', window, '-strip', '-dither', 'None', '-colors',
                        str(N_COLOURS), f'png8:{path}'], check=True)

    def rows(self):
        return [row for row in ui.children_of(self.find('list', 'Clients'))
                if row.get_role_name() == 'list item' and row.get_name()]

    def search(self, text):
        self.type_into(self.find('entry', 'Search clients'), text)

    def set_network(self, name):
        # A button in a button: the one inside can be clicked.
        self.click(self.wait('Network', lambda: self.all('push button', 'Network'))[-1])
        self.click(self.find('radio menu item', name))
        self.find_no('radio menu item', name)

    def look_up(self, number):
        self.search(f'.{number}@')
        self.wait('one row', lambda: len(self.rows()) == 1)

    def open_first(self):
        self.focus_window('Clients')
        self.press('ctrl+f')
        self.wait('the search to have the focus', lambda: any(
            ui.has_state(node, ui.Atspi.StateType.FOCUSED)
            for node in ui.walk(self.find('entry', 'Search clients'))))
        self.press('Tab', 'Tab', 'Return')
        self.find('push button', 'Save')
        self.wait('the form to be filled in',
                  lambda: ui.text_of(self.find('text', 'Name')) != '')


def take_all(folder, width, style):
    camera = Camera(folder, width, style, 'fast')
    try:
        camera.wait('rows', lambda: len(camera.rows()) > 3)
        camera.take(f'clients-{width}-{style}')
        camera.search('nobody at all')
        camera.find('label', 'No Results')
        camera.take(f'empty-{width}-{style}')
        camera.look_up(CHANGED)
        camera.open_first()
        city = ui.text_of(camera.find('text', 'City'))
        camera.press('Escape')
        camera.find_no('push button', 'Save')
        camera.take(f'search-{width}-{style}')
        camera.set_network('Offline')
        camera.open_first()
        camera.type_into(camera.find('text', 'City'), 'Atlantis')
        camera.click(camera.find('push button', 'Save'))
        camera.find('label', '1 change waiting')
        camera.take(f'waiting-{width}-{style}')
        camera.click(camera.find('push button', 'Discard'))
        camera.find_no('label', '1 change waiting')
        camera.set_network('Fast')
        camera.open_first()
        # What was discarded is shown until the record has been read again.
        camera.wait('the city there was',
                    lambda: ui.text_of(camera.find('text', 'City')) == city)
        camera.take(f'edit-{width}-{style}')
        camera.type_into(camera.find('text', 'Email'), 'nowhere')
        camera.click(camera.find('push button', 'Save'))
        camera.find('label', lambda text: 'someone@somewhere' in text)
        camera.take(f'refused-{width}-{style}')
    finally:
        camera.quit()


# The first page cannot be had, and nothing has been cached.
def take_failure(folder, width, style):
    camera = Camera(folder, width, style, 'offline')
    try:
        camera.find('push button', 'Try Again')
        camera.take(f'failure-{width}-{style}')
    finally:
        camera.quit()


def check_fonts():
    taken = subprocess.run(['fc-match', '-f', '%{family[0]}', 'sans'], capture_output=True,
                           text=True, check=True).stdout
    there = subprocess.run(['fc-list', '-f', '%{family}\n'], capture_output=True, text=True,
                           check=True).stdout
    if taken != FONT or any(font not in there for font in OTHER_FONTS):
        sys.exit(f'Text would be set in {taken}: install fonts-noto-core and fonts-noto-cjk')


def main():
    check_fonts()
    os.makedirs(FOLDER, exist_ok=True)
    for width in 360, 1200:
        for style in 'light', 'dark':
            folder = tempfile.mkdtemp(prefix='vl-clients-')
            try:
                take_all(folder, width, style)
                shutil.rmtree(folder)
                take_failure(folder, width, style)
            finally:
                shutil.rmtree(folder, ignore_errors=True)


main()
