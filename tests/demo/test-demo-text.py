# test-demo-text.py: columns align, and colours stay where they are wanted
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import json
import unicodedata
from pathlib import Path

from demotest import good, main, on_terminal, seeded

NAMES = ['plain', '日本語', 'ｆｕｌｌ', '한국어', 'café', 'cafe\u0301', 'zero\u200bwidth', 'שלום',
         'ไทยดี', '抹茶 latte', '']


def width(text):
    total = 0
    for char in text:
        if unicodedata.category(char) in ('Mn', 'Me', 'Cf'):
            continue
        total += 2 if unicodedata.east_asian_width(char) in 'WF' else 1
    return total


def table(text):
    """The lines between the first blank one and the line that counts."""
    lines = text.split('\n')
    return lines[lines.index('') + 1:-2]


def seed_names():
    Path('names.json').write_text(json.dumps(
        [{'id': 'r%02d' % i, 'name': name, 'mark': '|'} for i, name in enumerate(NAMES)]))
    good('seed', '--import', 'names.json')


def columns_align_in_any_script():
    seed_names()
    lines = table(good('list', '--table', 'names', '--limit', 0).out)
    assert len(lines) == len(NAMES) + 1, lines
    column = width(lines[0][:lines[0].index('mark')])
    for line in lines[1:]:
        assert width(line[:line.index('|')]) == column, (column, line)


def numbers_stand_to_the_right():
    seeded()
    good('patch', 'tea', 'price=1234.5')
    lines = table(good('list').out)
    ends = {width(line) for line in lines}
    assert len(ends) == 1, lines
    assert lines[0].endswith('price') and lines[3].endswith('1234.5'), lines


def long_text_is_cut_on_a_terminal_only():
    Path('long.json').write_text(json.dumps([{'id': 'a', 'text': '長い' * 100, 'mark': '|'}]))
    good('seed', '--import', 'long.json')
    assert '長い' * 100 in good('list', '--table', 'long').out
    status, text = on_terminal('list', '--table', 'long', columns=60, env={'NO_COLOR': '1'})
    lines = table(text)
    assert status == 0 and '…' in text, text
    assert all(width(line) <= 60 for line in lines), lines
    assert lines[1].endswith('|'), lines


def colours_only_on_a_terminal():
    seeded()
    assert '\x1b' not in good('list').out
    status, text = on_terminal('list', '--repeat', '2')
    assert status == 0 and '\x1b[32mhit' in text, text
    for env in {'NO_COLOR': '1'}, {'TERM': 'dumb'}:
        status, text = on_terminal('list', env=env)
        assert status == 0 and '\x1b' not in text, text
    status, text = on_terminal('list', env={'NO_COLOR': ''})
    assert '\x1b[' in text, text


def json_is_json_on_a_terminal_too():
    seeded()
    status, text = on_terminal('list', '--json')
    assert status == 0 and len(json.loads(text)['records']) == 3, text


main([
    columns_align_in_any_script,
    numbers_stand_to_the_right,
    long_text_is_cut_on_a_terminal_only,
    colours_only_on_a_terminal,
    json_is_json_on_a_terminal_too,
])
