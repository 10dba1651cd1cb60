# test-demo-watch.py: watch prints what other programs change
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import json
import shutil
import signal
import subprocess
import threading

from demotest import HANG, PROGRAM, Skip, environment, good, main, rows, seeded


class Watch:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([PROGRAM, 'watch', '--latency', '2', *arguments],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=environment(), text=True)
        self.guard = threading.Timer(HANG, self.process.kill)
        self.guard.start()

    def line(self):
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return line

    def until(self, word):
        while True:
            line = self.line()
            if word in line:
                return line

    def record(self, kind):
        while True:
            change = json.loads(self.line())
            if change['kind'] == kind:
                return change

    def end(self, how=signal.SIGINT):
        self.process.send_signal(how)
        self.process.communicate()
        self.guard.cancel()
        return self.process.returncode


def changes_of_the_sqlite3_shell():
    shell = shutil.which('sqlite3')
    if shell is None:
        raise Skip('sqlite3 is not installed')
    seeded()
    watch = Watch()
    watch.until('Watching 3 of 3')
    for sql, words in {
            "UPDATE products SET price = 9.5 WHERE id = 'tea'": ['updated', 'tea: price 2.8 → 9.5'],
            "INSERT INTO products VALUES ('x', 'Ünïcode 茶', 1)": ['inserted', 'x: name Ünïcode 茶'],
            "DELETE FROM products WHERE id = 'coffee'": ['deleted', 'coffee: name Café crème'],
    }.items():
        subprocess.run([shell, 'demo-master.db', sql], check=True)
        line = watch.until(words[0])
        assert words[1] in line, line
    assert watch.end() == 0


def changes_as_json_lines():
    seeded()
    watch = Watch('--json')
    watch.record('watching')
    good('patch', 'tea', 'name=a "quoted"\ntext')
    change = watch.record('updated')
    assert change['id'] == 'tea', change
    assert change['records'] == [{'id': 'tea', 'name': 'a "quoted"\ntext', 'price': 2.8}], change
    good('delete', 'tea')
    assert watch.record('deleted')['id'] == 'tea'
    assert watch.end(signal.SIGTERM) == 0


def changes_elsewhere_are_told_but_not_shown():
    seeded()
    watch = Watch('--where', 'id=tea')
    watch.until('Watching 1 of 1')
    rows('demo-master.db', 'UPDATE products SET price = 1 WHERE id = ?', 'matcha')
    watch.until('nothing in the records watched')
    rows('demo-master.db', 'UPDATE products SET price = 1 WHERE id = ?', 'tea')
    assert 'tea: price 2.8 → 1' in watch.until('updated')
    assert watch.end() == 0


main([
    changes_of_the_sqlite3_shell,
    changes_as_json_lines,
    changes_elsewhere_are_told_but_not_shown,
])
