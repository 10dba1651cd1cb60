# test-clients-twins.py: Clients in Python and in JavaScript, on a display
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import shutil
import sys

from demotest import SOURCE, Skip, main, rows, run, seeded

STEPS = SOURCE / 'tests' / 'demo'
CLIENTS = SOURCE / 'demo' / 'clients'
EXPECTED = ['loaded', 'shown', 'searched', 'all again', 'shown as pending', 'saved', 'refused', 'done']


def need(program):
    if not os.environ.get('VL_HAS_TYPELIB'):
        raise Skip('built without introspection')
    if not program or shutil.which(program) is None:
        raise Skip('it is not installed')
    if shutil.which('Xvfb') is None or shutil.which('dbus-run-session') is None:
        raise Skip('there is no Xvfb, or no dbus-run-session')


def has_widgets(*command):
    return run(*command[1:], program=command[0]).status == 0


def expect(*command):
    seeded('--rows', 300, '--master', 'clients.db')
    result = run(SOURCE / 'tests' / 'gtk' / 'under-xvfb.sh', *command, 'clients.db', program='sh')
    assert result.status == 0 and result.out.split('\n')[:-1] == EXPECTED, result
    for line in result.err.splitlines():
        assert 'CRITICAL' not in line and 'Traceback' not in line, result


def expect_silence(*command):
    """As a user starts it: rows come, far down too, and nothing is said on standard error."""
    if shutil.which('xdotool') is None:
        raise Skip('there is no xdotool')
    if run('-c', 'import gi; gi.require_version("Atspi", "2.0"); from gi.repository import Atspi',
           program=sys.executable).status != 0:
        raise Skip('AT-SPI is not installed for Python')
    seeded('--rows', 3000, '--master', 'clients.db')
    ends = [rows('clients.db', f'SELECT name FROM clients ORDER BY name {order}, id {order} LIMIT 1')[0][0]
            for order in ('ASC', 'DESC')]
    assert ends[0] != ends[1], ends
    result = run(SOURCE / 'tests' / 'gtk' / 'under-xvfb.sh', '--accessible', sys.executable,
                 STEPS / 'clients-look.py', *ends, *command, 'clients.db', program='sh')
    assert result.status == 0, result
    assert result.out.splitlines() == ['loaded', 'scrolled down', 'scrolled up', 'silent'], result


def need_python():
    python = os.environ.get('VL_PYTHON')
    need(python)
    if not has_widgets(python, '-c', 'import gi; gi.require_version("Gtk", "4.0"); '
                       'gi.require_version("Adw", "1"); from gi.repository import Gtk; '
                       'assert (Gtk.MAJOR_VERSION, Gtk.MINOR_VERSION) >= (4, 8)'):
        raise Skip('GTK 4.8 or libadwaita is not installed for Python')
    return python


def need_gjs():
    need('gjs')
    if not has_widgets('gjs', '-c', 'imports.gi.versions.Gtk = "4.0"; imports.gi.versions.Adw = "1"; '
                       'imports.gi.Gtk; imports.gi.Adw'):
        raise Skip('GTK 4 or libadwaita is not installed for gjs')


def in_python():
    python = need_python()
    expect(python, STEPS / 'clients-steps.py', CLIENTS / 'clients.py')


def in_gjs():
    need_gjs()
    expect('gjs', '-m', STEPS / 'clients-steps.js', CLIENTS / 'clients.js')


def silent_in_python():
    expect_silence(need_python(), CLIENTS / 'clients.py')


def silent_in_gjs():
    need_gjs()
    expect_silence('gjs', '-m', CLIENTS / 'clients.js')


main([in_python, in_gjs, silent_in_python, silent_in_gjs])
