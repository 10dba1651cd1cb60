# test-clients-twins.py: Clients in Python and in JavaScript, on a display
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import shutil

from demotest import SOURCE, Skip, main, run, seeded

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


def in_python():
    python = os.environ.get('VL_PYTHON')
    need(python)
    if not has_widgets(python, '-c', 'import gi; gi.require_version("Gtk", "4.0"); '
                       'gi.require_version("Adw", "1"); from gi.repository import Gtk; '
                       'assert (Gtk.MAJOR_VERSION, Gtk.MINOR_VERSION) >= (4, 8)'):
        raise Skip('GTK 4.8 or libadwaita is not installed for Python')
    expect(python, STEPS / 'clients-steps.py', CLIENTS / 'clients.py')


def in_gjs():
    need('gjs')
    if not has_widgets('gjs', '-c', 'imports.gi.versions.Gtk = "4.0"; imports.gi.versions.Adw = "1"; '
                       'imports.gi.Gtk; imports.gi.Adw'):
        raise Skip('GTK 4 or libadwaita is not installed for gjs')
    expect('gjs', '-m', STEPS / 'clients-steps.js', CLIENTS / 'clients.js')


main([in_python, in_gjs])
