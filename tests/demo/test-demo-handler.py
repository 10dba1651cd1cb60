# test-demo-handler.py: the handler cannot tell a live table from its master
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import json

from demotest import BUILD, SOURCE, good, main, run, seeded

HANDLER = str(BUILD / 'demo' / 'handler' / 'vl-handler')


def ask(requests, *arguments):
    text = ''.join((request if isinstance(request, str) else
                    json.dumps(request, ensure_ascii=False)) + '\n' for request in requests)
    result = good(*arguments, program=HANDLER, text=text.encode())
    return [json.loads(line) for line in result.out.splitlines()]


def it_answers_requests():
    seeded()
    answers = ask([
        {'op': 'describe'},
        {'op': 'list', 'order': ['-price'], 'limit': 2},
        {'op': 'list', 'search': '抹茶'},
        {'op': 'list', 'where': {'price': 2.8}},
        {'op': 'list', 'offset': 1, 'limit': 1},
        {'op': 'count'},
        {'op': 'find', 'id': 'tea'},
        {'op': 'find', 'id': 'nope'},
    ])
    assert all(answer['ok'] for answer in answers), answers
    described, priced, searched, found, second, count, tea, nope = answers
    assert described['table'] == 'products', described
    assert described['columns'] == {'id': 'string', 'name': 'string', 'price': 'double'}, described
    ids = [[record['id'] for record in answer['records']]
           for answer in (priced, searched, found, second, tea, nope)]
    assert ids == [['matcha', 'coffee'], ['matcha'], ['tea'], ['matcha'], ['tea'], []], ids
    assert priced['total'] == 3 and count['count'] == 3, (priced, count)


REQUESTS = [
    {'op': 'list'}, {'op': 'list'}, {'op': 'count'},
    {'op': 'insert', 'record': {'id': 'x', 'name': 'X', 'price': 1}},
    {'op': 'list', 'order': ['name']}, {'op': 'count'},
    {'op': 'insert', 'record': {'id': 'x'}},
    {'op': 'patch', 'id': 'x', 'record': {'price': 7.5}}, {'op': 'find', 'id': 'x'},
    {'op': 'replace', 'record': {'id': 'x', 'name': 'Y'}}, {'op': 'find', 'id': 'x'},
    {'op': 'delete', 'id': 'x'}, {'op': 'delete', 'id': 'x'}, {'op': 'find', 'id': 'x'},
    {'op': 'patch', 'id': 'x', 'record': {'price': 1}},
    {'op': 'list', 'where': {'colour': 'red'}}, {'op': 'list', 'order': ['colour']},
    {'op': 'list', 'where': {'price': None}}, {'op': 'count', 'search': 'tea'},
]


def it_cannot_tell_who_answers():
    seeded()
    plain = ask(REQUESTS)
    assert ask(REQUESTS, '--live') == plain, plain
    assert [answer['ok'] for answer in plain].count(False) == 4, plain


def odd_requests_are_answered_too():
    seeded()
    for request in ('', 'nonsense', '[]', '3', '"op"', '{}', '{"op": 3}', '{"op": "sing"}',
                    '{"op": "find"}', '{"op": "find", "id": 3}', '{"op": "insert"}',
                    '{"op": "list", "limit": -1}', '{"op": "list", "limit": "x"}',
                    '{"op": "list", "where": 3}', '{"op": "list", "order": "price"}',
                    '{"op": "list", "order": [3]}', '{"op": "list", "search": 3}'):
        answers = ask([request, {'op': 'count'}])
        assert answers[-1] == {'ok': True, 'count': 3}, (request, answers)
        if request:
            assert answers[0]['ok'] is False and answers[0]['error']['code'] == 'invalid', (
                request, answers)
            assert answers[0]['error']['message'], (request, answers)
    raw = run(program=HANDLER, text=b'{"op": "find", "id": "\xff"}\n')
    assert json.loads(raw.out)['ok'] is False, raw
    assert run('extra', program=HANDLER).status == 2


def it_knows_of_no_cache():
    for name in 'handler.c', 'handler.h':
        text = (SOURCE / 'demo' / 'handler' / name).read_text()
        for word in 'vl_live', 'VlLive', 'vl_cache', 'VlCache', 'vl_sqlite', 'from_cache':
            assert word not in text, (name, word)


main([
    it_answers_requests,
    it_cannot_tell_who_answers,
    odd_requests_are_answered_too,
    it_knows_of_no_cache,
])
