# test-examples.py: one program in four languages does one thing
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import shutil

from demotest import BUILD, SOURCE, Skip, main, run, seeded

EXAMPLES = SOURCE / 'demo' / 'examples'
BUILT = BUILD / 'demo' / 'examples'

EXPECTED = '''\
first: 3 products from the master, matcha first
second: 3 products from the cache, matcha first
Tea with milk costs 4.75 now
third: 3 products from the master, tea first
'''


def expect(program, *arguments):
    seeded()
    result = run(*arguments, program=str(program))
    assert result.status == 0 and result.out == EXPECTED and result.err == '', result
    result = run(*arguments, 'missing.db', program=str(program))
    assert result.status == 1 and 'missing.db' in result.err, result


def need_typelib():
    if not os.environ.get('VL_HAS_TYPELIB'):
        raise Skip('built without introspection')


def in_c():
    expect(BUILT / 'example-c')


def in_python():
    need_typelib()
    python = os.environ.get('VL_PYTHON')
    if not python:
        raise Skip('no Python with gi')
    expect(python, EXAMPLES / 'example.py')


def in_gjs():
    need_typelib()
    if shutil.which('gjs') is None:
        raise Skip('gjs is not installed')
    expect('gjs', '-m', EXAMPLES / 'example.js')


def in_vala():
    if not (BUILT / 'example-vala').exists():
        raise Skip('built without Vala')
    expect(BUILT / 'example-vala')


main([in_c, in_python, in_gjs, in_vala])
