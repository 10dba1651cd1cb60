# test-readme.py: the examples of README.md run as printed
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from demotest import BUILD, HANG, SOURCE, Skip, environment, good, main, run, seeded

README = (SOURCE / 'README.md').read_text()

# Lines of code that an example may have.
LONGEST = 15


def block(language):
    found = re.findall(r'^```%s\n(.*?)^```$' % language, README, re.M | re.S)
    assert len(found) == 1, (language, len(found))
    lines = [line for line in found[0].split('\n') if line.strip()]
    assert len(lines) <= LONGEST, (language, len(lines))
    return found[0]


def promised():
    """What README.md says that each of them prints."""
    found = re.search(r'each prints.*?\n\n```\n(.*?)```', README, re.I | re.S)
    assert found, 'README.md does not say what the examples print'
    return found.group(1)


def expect(result):
    assert result.status == 0, result
    assert result.out == promised(), (result.out, promised())


def need_typelib():
    if not os.environ.get('VL_HAS_TYPELIB'):
        raise Skip('built without introspection')


def in_c():
    compiler = shlex.split(os.environ['VL_CC'])
    if os.environ.get('VL_SANITIZED'):
        raise Skip('the library is built with sanitizers')
    if shutil.which('pkg-config') is None:
        raise Skip('pkg-config is not installed')
    seeded()
    Path('tea.c').write_text(block('c'))
    command = re.search(r'^cc tea\.c (.*)$', README, re.M).group(1)
    env = environment(PKG_CONFIG_PATH=str(BUILD / 'meson-uninstalled'))
    subprocess.run('%s tea.c %s' % (shlex.join(compiler), command), shell=True, check=True,
                   env=env, timeout=HANG)
    expect(run(program='./tea'))


def in_python():
    need_typelib()
    python = os.environ.get('VL_PYTHON')
    if not python:
        raise Skip('no Python with gi')
    seeded()
    Path('tea.py').write_text(block('python'))
    expect(run('tea.py', program=python))


def in_gjs():
    need_typelib()
    if shutil.which('gjs') is None:
        raise Skip('gjs is not installed')
    seeded()
    Path('tea.js').write_text(block('js'))
    expect(run('-m', 'tea.js', program='gjs'))


def shape(line):
    """A line without what differs from one run to the next."""
    line = re.sub(r'\d+(?:\.\d+)? (?:µs|ms)( old)?\b', r'TIME\1', line)
    line = re.sub(r'took [\d,]+ times', 'took N times', line)
    return re.sub(r' +', ' ', line).strip()


def the_excerpt_is_what_the_demo_prints():
    excerpt = re.search(r'^```text\n(.*?)^```$', README, re.M | re.S).group(1)
    data = '/usr/share/iso-codes/json/iso_3166-2.json'
    if not Path(data).exists():
        raise Skip('iso-codes is not installed')
    text = good('tour', '--import', data, '--table', 'subdivisions').out
    printed = {shape(line) for line in text.splitlines()}
    for line in excerpt.splitlines():
        # The number of subdivisions is that of the day.
        line = shape(line)
        if line not in ('', '...') and not re.search(r'\d,\d\d\d', line):
            assert line in printed, line


def files_that_are_named_are_there():
    for path in re.findall(r'\]\(([^)#:]+)\)', README):
        assert (SOURCE / path).exists(), path
    for path in re.findall(r'`((?:demo|docs|tests|vantage-live)/[\w./-]*)`', README):
        assert (SOURCE / path).exists(), path


main([
    in_c,
    in_python,
    in_gjs,
    the_excerpt_is_what_the_demo_prints,
    files_that_are_named_are_there,
])
