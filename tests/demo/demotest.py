# demotest.py: runs vl-demo and says as TAP what came of it
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import json
import os
import pty
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

BUILD = Path(os.environ['VL_BUILD_DIR'])
SOURCE = Path(os.environ['VL_SOURCE_DIR'])
PROGRAM = str(BUILD / 'demo' / 'vl-demo' / 'vl-demo')
SUBDIVISIONS = '/usr/share/iso-codes/json/iso_3166-2.json'

# One generous guard against hanging; nothing is asserted about time.
HANG = 120


class Skip(Exception):
    pass


class Run:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return 'status %d\n--- out\n%s\n--- err\n%s' % (self.status, self.out, self.err)


def environment(**extra):
    env = {name: value for name, value in os.environ.items()
           if name not in ('NO_COLOR', 'G_MESSAGES_DEBUG', 'VL_DEMO_PROGRAM')}
    # A cache that outlives the program is that of the test.
    env['XDG_CACHE_HOME'] = os.path.join(os.environ.get('VL_TEST_FOLDER', os.getcwd()), '.cache')
    env.update(extra)
    return env


def run(*arguments, env=None, program=PROGRAM, text=None, cwd=None):
    done = subprocess.run([program, *map(str, arguments)], input=text, capture_output=True,
                          env=environment(**(env or {})), timeout=HANG, cwd=cwd)
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def good(*arguments, **options):
    result = run(*arguments, **options)
    assert result.status == 0, result
    return result


def on_terminal(*arguments, env=None, columns=100):
    """Standard output and error are one terminal; answers status and text."""
    import fcntl
    import struct
    import termios

    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
        os.execve(PROGRAM, [PROGRAM, *map(str, arguments)],
                  environment(**{'TERM': 'xterm', **(env or {})}))
    chunks = []
    while True:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:
            break
        if not chunk:
            break
        chunks.append(chunk)
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), b''.join(chunks).decode().replace('\r\n', '\n')


def rows(path, sql, *arguments):
    connection = sqlite3.connect(path)
    try:
        found = connection.execute(sql, arguments).fetchall()
        connection.commit()
        return found
    finally:
        connection.close()


def seeded(*arguments):
    good('seed', *arguments)


def main(tests):
    """Each test runs in an empty folder of its own."""
    failed = 0
    print('1..%d' % len(tests))
    for number, test in enumerate(tests, 1):
        folder = tempfile.mkdtemp(prefix='vl-demo-')
        name = test.__name__.replace('_', ' ')
        os.chdir(folder)
        os.environ['VL_TEST_FOLDER'] = folder
        try:
            test()
            print('ok %d %s' % (number, name), flush=True)
        except Skip as reason:
            print('ok %d %s # SKIP %s' % (number, name, reason), flush=True)
        except Exception:
            failed += 1
            traceback.print_exc()
            print('not ok %d %s' % (number, name), flush=True)
        finally:
            os.chdir('/')
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failed else 0)
