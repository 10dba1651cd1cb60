# test-demo-tour.py: the tour shows what it says, and run.sh starts it
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import re
import shutil
from pathlib import Path

from demotest import BUILD, SOURCE, SUBDIVISIONS, Skip, good, main, rows, run


def reads_of(answer, title):
    step = next(step['step'] for step in answer['steps'] if step['title'] == title)
    return [read['outcome'] for read in answer['reads']
            if read['step'] == step and read['how'] != 'peek']


def each_step_shows_what_it_says():
    answer = good('tour', '--rows', 250, '--latency', 20, '--json').json
    assert reads_of(answer, 'The first read is a miss') == ['miss']
    assert reads_of(answer, 'The second is a hit') == ['hit']
    assert reads_of(answer, 'Other pages, other questions') == ['hit', 'miss', 'hit']
    assert reads_of(answer, 'One record') == ['miss', 'hit']
    assert reads_of(answer, 'Reading one\'s own write') == ['miss']
    assert reads_of(answer, 'An event from elsewhere') == ['hit', 'miss', 'hit']
    assert reads_of(answer, 'The network fails')[1:] == ['stale', 'miss']
    assert reads_of(answer, 'The program starts again') == ['hit']
    again = answer['reads'][-1]
    assert again['age_ms'] > 0 and not again['from_master'], again
    patch, refused = answer['writes']
    assert patch['states'] == ['queued', 'sent', 'applied'], patch
    assert patch['call_ms'] < patch['time_ms'], patch
    assert refused['states'][-1] == 'failed', refused
    assert answer['stats']['joins'] == 9, answer['stats']
    assert answer['times_ms']['hit'] > 0, answer['times_ms']


def every_step_is_explained():
    text = good('tour', '--rows', 100, '--latency', 5).out
    numbers = [int(number) for number in re.findall(r'^(\d+)\. [A-Z]', text, re.M)]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= 12, text
    for step in re.split(r'^\d+\. ', text, flags=re.M)[1:]:
        title, explanation = step.split('\n')[:2]
        assert len(explanation) > 20, step
    assert '(5 ms)' in text and '100 generated clients' in ' '.join(text.split()), text


def the_shell_was_heard():
    if shutil.which('sqlite3') is None:
        raise Skip('sqlite3 is not installed')
    text = good('tour', '--rows', 100, '--latency', 5).out
    assert 'The live table heard of it after' in text, text
    assert rows('demo-master.db', "SELECT count(*) FROM clients WHERE name LIKE '% (by the shell)'"
                ) == [(1,)]


def a_cache_in_memory_does_not_outlive_the_tour():
    text = good('tour', '--rows', 100, '--latency', 5, '--cache', 'mem').out
    assert 'starts again' not in text and 'cache in memory' in ' '.join(text.split()), text


def without_a_network_the_tour_says_so():
    text = good('tour', '--rows', 100, '--latency', 0).out
    assert 'without a simulated network' in text and 'Down:' not in text, text


def names_with_quotes_do_not_trip_it():
    Path("it's.json").write_text('[{"id": "o\'clock", "na\\"me": "it\'s \\"so\\""}, {"id": "b"}]')
    good('tour', '--import', "it's.json", '--table', 'a "b" \'c\'', '--latency', 1)
    good('tour', '--rows', 1, '--latency', 1)
    result = run('tour', '--rows', 0)
    assert result.status == 2, result


def stage():
    """A tree in which run.sh finds everything built, and nothing to install."""
    for folder in 'tree/demo', 'tree/.ci', 'tree/bin', 'elsewhere':
        os.makedirs(folder)
    shutil.copy(SOURCE / 'demo' / 'run.sh', 'tree/demo')
    shutil.copy(SOURCE / '.ci' / 'packages.sh', 'tree/.ci')
    os.makedirs('tree/build/demo/vl-demo')
    Path('tree/build/build.ninja').touch()
    os.symlink(BUILD / 'demo' / 'vl-demo' / 'vl-demo', 'tree/build/demo/vl-demo/vl-demo')
    stubs = {
        'meson': '#!/bin/sh\necho "$@"\n',
        'dpkg-query': '#!/bin/sh\necho "install ok installed"\n',
    }
    for name, text in stubs.items():
        Path('tree/bin', name).write_text(text)
        os.chmod(Path('tree/bin', name), 0o755)
    return {'PATH': '%s:%s' % (Path('tree/bin').resolve(), os.environ['PATH'])}


def run_sh_hands_on_what_it_was_given():
    env = stage()
    script = str(Path('tree/demo/run.sh').resolve())
    shell = dict(program='/bin/sh', env=env, cwd='elsewhere')
    good(script, 'seed', **shell)
    assert Path('elsewhere/demo-master.db').exists()
    answer = good(script, 'list', '--where', 'name=Tea with milk', '--json', **shell)
    assert [record['id'] for record in answer.json['records']] == ['tea'], answer
    missing = run(script, 'list', '--master', 'no.db', **shell)
    assert missing.status == 1 and 'sh demo/run.sh seed --master no.db' in missing.err, missing
    assert run(script, 'sing', **shell).status == 2


def run_sh_alone_is_the_tour_on_real_data():
    if not Path(SUBDIVISIONS).exists():
        raise Skip('iso-codes is not installed')
    env = stage()
    result = good(str(Path('tree/demo/run.sh').resolve()), program='/bin/sh', env=env,
                  cwd='elsewhere')
    assert 'objects of iso_3166-2.json' in ' '.join(result.out.split()), result
    assert 'Sant Julià de Lòria' in result.out, result
    assert 'In short' in result.out and 'sh demo/run.sh watch' in result.out, result


main([
    each_step_shows_what_it_says,
    every_step_is_explained,
    the_shell_was_heard,
    a_cache_in_memory_does_not_outlive_the_tour,
    without_a_network_the_tour_says_so,
    names_with_quotes_do_not_trip_it,
    run_sh_hands_on_what_it_was_given,
    run_sh_alone_is_the_tour_on_real_data,
])
