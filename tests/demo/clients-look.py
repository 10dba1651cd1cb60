# clients-look.py: looks at a twin of Clients as a screen reader does
#
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: clients-look.py FIRST LAST COMMAND...

Starts the program, waits for its rows, scrolls to the last one and back, and
says on standard error whatever the program has said there."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'gtk'))
import ui  # noqa: E402

FIRST, LAST, *COMMAND = sys.argv[1:]


def names(program):
    """What the rows say that are there."""
    return [node.get_name() for view in program.all('list') for node in ui.walk(view)
            if node.get_role_name() == 'label']


def look(program):
    program.wait('the first row', lambda: FIRST in names(program))
    print('loaded', flush=True)
    program.focus_window('Clients')
    program.press('Tab')
    program.press('End')
    program.wait('the last row', lambda: LAST in names(program))
    print('scrolled down', flush=True)
    program.press('Home')
    program.wait('the first row again', lambda: FIRST in names(program))
    print('scrolled up', flush=True)


with tempfile.TemporaryFile('w+') as errors:
    program = ui.Program(COMMAND, stderr=errors)
    try:
        look(program)
        assert program.process.poll() is None, 'it has ended'
    finally:
        program.quit()
        errors.seek(0)
        said = errors.read()
        print('silent' if said == '' else said, flush=True)
