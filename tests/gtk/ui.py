# ui.py: a program as a screen reader sees it, and the keyboard
#
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Drives a GTK program over AT-SPI.

Nothing here sleeps: a wait turns the main loop, which looks again when the
program says that something has changed, and now and then in between, since not
every change is told."""

import os
import signal
import subprocess
import sys
import warnings

import gi

gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402

warnings.simplefilter('ignore', DeprecationWarning)

LOOK_AGAIN = 50  # milliseconds
# When something that never comes is given up: no test expects to get here.
GIVE_UP = int(os.environ.get('VL_UI_PATIENCE', '180'))  # seconds


# What is asked of a node that has gone meanwhile ends in one of these; PyGObject
# finds no error to raise when AT-SPI has not set one.
GONE = (GLib.Error, SystemError)


class Missing(AssertionError):
    pass


def children_of(node):
    try:
        children = [node.get_child_at_index(i) for i in range(node.get_child_count())]
    except GONE:
        # Gone since.
        return []
    return [child for child in children if child is not None]


def walk(node, is_top=True):
    """The node, and all of what is shown under it; of a list no more than the list,
    unless it is the list that was asked for."""
    try:
        if not is_top and not has_state(node, Atspi.StateType.VISIBLE):
            return
        is_list = node.get_role_name() == 'list'
    except GONE:
        return
    yield node
    if is_list and not is_top:
        return
    for child in children_of(node):
        yield from walk(child, False)


def has_state(node, state):
    return node.get_state_set().contains(state)


def text_of(node):
    return Atspi.Text.get_text(node, 0, Atspi.Text.get_character_count(node))


def describe(node, depth=0):
    """What is on the screen, as text, for the log of a test that fails."""
    lines = []
    for part, level in _levels(node, depth):
        try:
            role = part.get_role_name()
            text = f': {text_of(part)}' if role in ('entry', 'text') else ''
            lines.append(f'{"  " * level}{role} “{part.get_name()}”{text}')
        except GONE:
            continue
    return '\n'.join(lines)


def _levels(node, depth):
    if depth > 0 and not has_state(node, Atspi.StateType.VISIBLE):
        return
    yield node, depth
    for child in children_of(node):
        yield from _levels(child, depth + 1)


class Program:
    """A program that runs, until it is told to quit."""

    def __init__(self, arguments, environment=None, stderr=None):
        Atspi.init()
        self.context = GLib.MainContext.default()
        self.process = subprocess.Popen(arguments, env={**os.environ, **(environment or {})},
                                        stderr=stderr)
        self.listener = Atspi.EventListener.new(lambda event: None)
        for kind in ('object:children-changed', 'object:state-changed', 'object:text-changed',
                     'object:property-change', 'window:activate'):
            self.listener.register(kind)
        self.root = self.wait('the program on the bus', self._find_root)

    def _find_root(self):
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            program = desktop.get_child_at_index(i)
            if (program is not None and program.get_process_id() == self.process.pid
                    and program.get_child_count() > 0):
                return program
        return None

    # Waiting

    def wait(self, what, condition):
        """Turns the main loop until the condition gives something, which is returned."""
        late = []
        again = GLib.timeout_add(LOOK_AGAIN, lambda: GLib.SOURCE_CONTINUE)
        alarm = GLib.timeout_add_seconds(GIVE_UP, lambda: late.append(True) or GLib.SOURCE_CONTINUE)
        try:
            while True:
                try:
                    found = condition()
                except GONE:
                    # It has gone while it was looked at.
                    found = None
                if found:
                    return found
                if self.process.poll() is not None:
                    raise Missing(f'{what}: the program has ended with {self.process.returncode}')
                if late:
                    print(describe(self.root) if hasattr(self, 'root') else '', file=sys.stderr)
                    raise Missing(f'{what} has not come')
                self.context.iteration(True)
        finally:
            GLib.source_remove(again)
            GLib.source_remove(alarm)

    # Finding

    def all(self, role=None, name=None, under=None):
        found = []
        for node in walk(under or self.root):
            try:
                if role is not None and node.get_role_name() != role:
                    continue
                if name is not None and not self._is_called(node, name):
                    continue
            except GONE:
                continue
            found.append(node)
        return found

    @staticmethod
    def _is_called(node, name):
        called = node.get_name()
        return name(called) if callable(name) else called == name

    def find(self, role=None, name=None, under=None):
        what = f'{role or "anything"} {name if isinstance(name, str) else ""}'
        return self.wait(what, lambda: next(iter(self.all(role, name, under)), None))

    def find_no(self, role=None, name=None, under=None):
        self.wait(f'no {role} {name}', lambda: not self.all(role, name, under))

    # Doing

    def click(self, node):
        assert Atspi.Action.do_action(node, 0), f'{node.get_name()} cannot be clicked'

    def type_into(self, node, text):
        assert Atspi.EditableText.set_text_contents(node, text), f'{node.get_name()} is not editable'

    def press(self, *keys):
        """Keys as X names them, for the window that has the focus."""
        subprocess.run(['xdotool', 'key', '--clearmodifiers', *keys], check=True)

    def windows(self, title):
        """What X calls them, of this program alone."""
        return subprocess.run(['xdotool', 'search', '--onlyvisible', '--all', '--pid',
                               str(self.process.pid), '--name', title],
                              capture_output=True, text=True).stdout.split()

    def focus_window(self, title):
        number = self.wait(f'a window “{title}”', lambda: self.windows(title))[0]
        subprocess.run(['xdotool', 'windowfocus', number], check=True)

    def width(self, title):
        shown = subprocess.run(['xdotool', 'getwindowgeometry', '--shell', self.windows(title)[0]],
                               capture_output=True, text=True, check=True).stdout
        return int(dict(line.split('=') for line in shown.split())['WIDTH'])

    def quit(self):
        """Ends it, and says how it ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait()
