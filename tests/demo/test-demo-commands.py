# test-demo-commands.py: each command of vl-demo does what it says
#
# SPDX-License-Identifier: LGPL-2.1-or-later

from demotest import PROGRAM, good, main, rows, run, seeded

PRODUCTS = ['coffee', 'matcha', 'tea']


def outcomes(result):
    return [read['outcome'] for read in result.json['reads'] if read['how'] != 'peek']


def ids(result):
    return [record['id'] for record in result.json['records']]


def seed_makes_three_products():
    result = good('seed')
    assert '3 sample products' in result.out, result
    assert rows('demo-master.db', 'SELECT count(*) FROM products') == [(3,)]


def seed_replaces_what_was_there():
    seeded()
    rows('demo-master.db', 'DELETE FROM products WHERE id = ?', 'tea')
    rows('demo-master.db', "INSERT INTO products VALUES ('x', 'X', 1)")
    seeded()
    assert ids(good('list', '--json')) == PRODUCTS


def list_is_an_object_with_records_of_every_column():
    seeded()
    rows('demo-master.db', 'UPDATE products SET name = NULL WHERE id = ?', 'tea')
    answer = good('list', '--json').json
    assert answer['command'] == 'list' and answer['table'] == 'products', answer
    assert answer['total'] == 3 and answer['page'] == 1 and answer['limit'] == 10, answer
    assert all(set(record) == {'id', 'name', 'price'} for record in answer['records']), answer
    assert answer['records'][2] == {'id': 'tea', 'name': None, 'price': 2.8}, answer


def first_a_miss_then_hits():
    seeded()
    result = good('list', '--repeat', 3, '--json')
    assert outcomes(result) == ['miss', 'hit', 'hit'], result
    first, second = [read for read in result.json['reads'] if read['how'] == 'list'][:2]
    assert first['from_master'] and first['network_ms'] == 50, first
    assert not second['from_master'] and second['network_ms'] == 0, second
    assert second['age_ms'] > 0 and second['timed'] == 'asynchronous', second
    peeks = [read for read in result.json['reads'] if read['how'] == 'peek']
    assert [peek['outcome'] for peek in peeks] == ['nothing', 'hit', 'hit'], peeks
    assert all(peek['timed'] == 'peek' for peek in peeks), peeks


def the_second_read_is_a_hit_however_fast_the_first_was():
    # The stream of a master that is near becomes live while the first is read.
    seeded()
    for _ in range(40):
        result = good('list', '--cache', 'mem', '--latency', 0, '--repeat', 2, '--json')
        assert outcomes(result) == ['miss', 'hit'], result


def each_read_says_what_was_timed():
    seeded()
    text = good('list', '--repeat', 2, '--latency', 7).out
    assert 'behind a simulated network (7 ms a call)' in text, text
    assert 'asynchronous, with the simulated network (7 ms)' in text, text
    assert 'asynchronous, from the cache, no network' in text, text
    assert 'peek: the cache in memory, at once' in text, text
    assert ' old ' in text, text
    text = good('list', '--cache', 'mem', '--latency', 0).out
    assert 'without a simulated network' in text, text
    assert 'cache: memory of this process' in text, text
    assert 'asynchronous, from the master, no simulated network' in text, text


def without_a_cache_every_read_is_a_miss():
    seeded()
    assert outcomes(good('list', '--cache', 'none', '--repeat', 2, '--json')) == ['miss', 'miss']
    assert 'cache: none' in good('list', '--cache', 'none').out


def fresh_asks_the_master_each_time():
    seeded()
    assert outcomes(good('list', '--fresh', '--repeat', 2, '--json')) == ['miss', 'miss']


def old_copies_are_no_hits():
    seeded()
    # The second read is at least the network's 20 ms younger than the first.
    result = good('list', '--max-age', '0.001', '--latency', 20, '--repeat', 2, '--json')
    assert outcomes(result) == ['miss', 'miss'], result
    assert outcomes(good('list', '--max-age', 0, '--repeat', 2, '--json')) == ['hit', 'hit']


def pages_begin_at_one():
    seeded('--rows', 25)
    first = good('list', '--table', 'clients', '--limit', 10, '--json').json
    third = good('list', '--table', 'clients', '--limit', 10, '--page', 3, '--json').json
    beyond = good('list', '--table', 'clients', '--page', 9, '--json').json
    everything = good('list', '--table', 'clients', '--limit', 0, '--json').json
    assert [record['id'] for record in first['records']] == [
        'c%07d' % n for n in range(1, 11)], first
    assert third['page'] == 3 and third['offset'] == 20 and len(third['records']) == 5, third
    assert beyond['records'] == [] and beyond['total'] == 25, beyond
    assert len(everything['records']) == 25, everything
    assert 'records 21 to 25 of 25' in good('list', '--table', 'clients', '--page', 3).out


def conditions_and_orders_add_up():
    seeded()
    good('add', 'mate', 'Tea with milk', '5')
    one = good('list', '--where', 'name=Tea with milk', '--where', 'price=5', '--json')
    assert ids(one) == ['mate'], one
    ordered = good('list', '--order', 'name:desc', '--order', 'price', '--json')
    assert ids(ordered) == ['matcha', 'tea', 'mate', 'coffee'], ordered
    assert ids(good('list', '--search', 'MILK tea', '--json')) == ['mate', 'tea']
    assert ids(good('list', '--search', '抹', '--json')) == ['matcha']
    assert ids(good('list', '--where', "name=' OR 1=1 --", '--json')) == []


def null_is_found_by_where():
    seeded()
    rows('demo-master.db', 'UPDATE products SET price = NULL WHERE id = ?', 'tea')
    assert ids(good('list', '--where', 'price=null', '--json')) == ['tea']


def get_reads_one_record():
    seeded()
    result = good('get', 'tea', '--repeat', 2, '--json')
    assert outcomes(result) == ['miss', 'hit'], result
    assert result.json['records'] == [{'id': 'tea', 'name': 'Tea with milk', 'price': 2.8}]
    assert result.json['reads'][-1]['age_ms'] is not None, result
    assert 'Tea with milk' in good('get', 'tea').out


def get_of_an_unknown_record_fails():
    seeded()
    result = run('get', 'nope')
    assert result.status == 1, result
    assert './demo-master.db' in result.err and '“nope”' in result.err, result
    assert 'products' in result.err, result


def add_takes_positions_or_fields():
    seeded()
    result = good('add', 'cocoa', 'Cocoa = good', '3.5', '--json')
    assert result.json['records'] == [{'id': 'cocoa', 'name': 'Cocoa = good', 'price': 3.5}]
    write = result.json['writes'][0]
    assert write['states'][-1] == 'applied' and write['how'] == 'add', write
    assert write['network_ms'] == 50 and write['call_ms'] < write['time_ms'], write
    good('add', 'water', 'name=Water=H2O', 'price=0')
    good('add', 'air')
    assert rows('demo-master.db', 'SELECT * FROM products WHERE id IN (?, ?) ORDER BY id',
                'air', 'water') == [('air', None, None), ('water', 'Water=H2O', 0.0)]


def add_of_a_known_record_fails():
    seeded()
    result = run('add', 'tea', 'Tea', '1')
    assert result.status == 1, result
    assert './demo-master.db' in result.err and '“tea”' in result.err, result
    assert 'patch' in result.err, result
    assert ids(good('list', '--json')) == PRODUCTS


def patch_changes_what_was_named():
    seeded()
    result = good('patch', 'tea', 'price=9', '--json')
    assert result.json['records'] == [{'id': 'tea', 'name': 'Tea with milk', 'price': 9.0}]
    good('patch', 'tea', 'price=null')
    assert rows('demo-master.db', 'SELECT name, price FROM products WHERE id = ?', 'tea') == [
        ('Tea with milk', None)]
    result = run('patch', 'nope', 'price=1')
    assert result.status == 1 and '“nope”' in result.err, result


def delete_answers_what_was_there():
    seeded()
    result = good('delete', 'tea', '--json')
    assert ids(result) == ['tea'], result
    again = good('delete', 'tea')
    assert 'nothing was deleted' in again.out, again
    assert ids(good('list', '--json')) == ['coffee', 'matcha']


def an_event_makes_the_next_read_a_miss():
    seeded()
    for arguments in [], ['--id', 'tea']:
        result = good('event-then-list', '--json', *arguments)
        assert outcomes(result) == ['miss', 'hit', 'miss', 'hit'], result
        assert ids(result) == PRODUCTS, result
    assert result.json['event'] == {'kind': 'updated', 'id': 'tea'}, result
    text = good('event-then-list').out
    assert text.index('miss') < text.index('hit') < text.index('An event lands'), text


def info_names_the_parts():
    seeded()
    text = good('info', '--latency', 3).out
    for part in ('VlSqliteTable', 'VlFaultTable', '(3 ms a call)', 'VlSqliteCache', 'VlLiveTable',
                 'price double', 'insert', 'id column'):
        assert part in text, (part, text)
    answer = good('info', '--json').json
    assert answer['id_column'] == 'id', answer
    assert answer['columns'][2] == {'name': 'price', 'type': 'double'}, answer
    assert 'VlMemoryCache' in good('info', '--cache', 'mem').out
    assert 'VlNullCache' in good('info', '--cache', 'none').out


def stats_count_the_reads():
    seeded()
    stats = good('stats', '--json').json['stats']
    assert stats['misses'] == 1 and stats['fetches'] == 1, stats
    # Two lists and two peeks after the first.
    assert stats['hits'] == 4 and stats['stale_hits'] == 0 and stats['writes'] == 0, stats
    assert 'reads of the master' in good('stats').out


def another_table_of_any_database():
    rows('other.db', 'CREATE TABLE "odd ""name" ("key" INTEGER PRIMARY KEY, "a=b" TEXT, '
         '"o:desc" REAL, data BLOB)')
    rows('other.db', 'INSERT INTO "odd ""name" VALUES (7, ?, 1.5, ?)', 'ünïcode', b'\0\1')
    here = ['--master', 'other.db', '--table', 'odd "name']
    record = good('get', 7, '--json', *here).json['records'][0]
    assert record == {'id': '7', 'key': 7, 'a=b': 'ünïcode', 'o:desc': 1.5, 'data': 'AAE='}, record
    assert ids(good('list', '--where', 'a=b=ünïcode', '--order', 'o:desc', '--json', *here)) == ['7']
    assert ids(good('list', '--order', 'o:desc:desc', '--json', *here)) == ['7']
    good('patch', 7, 'a=b=c=d', *here)
    good('add', 9223372036854775807, 'a=b=last', *here)
    assert rows('other.db', 'SELECT "key", "a=b" FROM "odd ""name"') == [
        (7, 'c=d'), (9223372036854775807, 'last')]
    assert '(2 bytes)' in good('list', *here).out


def views_can_be_read():
    seeded()
    rows('demo-master.db', 'CREATE VIEW cheap AS SELECT name, price FROM products WHERE price < 4')
    answer = good('list', '--table', 'cheap', '--json').json
    assert sorted(record['name'] for record in answer['records']) == ['Café crème', 'Tea with milk']
    assert 'it can be read, not written' in good('info', '--table', 'cheap').out
    result = run('add', 'x', 'name=y', '--table', 'cheap')
    assert result.status == 1 and './demo-master.db' in result.err, result


def debug_says_what_happens_on_standard_error():
    seeded()
    result = good('list', '--debug', '--repeat', 2, '--json')
    assert result.json['records'], result
    lines = [line.split() for line in result.err.splitlines()]
    assert any('read' in words and 'miss' in words for words in lines), result
    assert good('list').err == ''


def what_is_shown_is_one_line_whatever_the_text():
    seeded()
    good('patch', 'tea', 'name=a\nb\x1b[31mc\td')
    text = good('list').out
    assert 'a\\nb\\x1b[31mc\\td' in text and '\x1b' not in text, text
    assert good('get', 'tea', '--json').json['records'][0]['name'] == 'a\nb\x1b[31mc\td'


def the_locale_makes_no_difference():
    seeded()
    plain = good('list', '--search', '抹茶', '--json', env={'LC_ALL': 'C'})
    assert ids(plain) == ['matcha'], plain
    assert '抹茶' in good('list', env={'LC_ALL': 'C'}).out


def the_program_prints_its_own_name_and_version():
    assert good('--version').out.startswith('vl-demo '), PROGRAM
    text = good('--help').out
    for word in ('seed', 'event-then-list', 'tour', '--latency', '--max-age', 'NO_COLOR',
                 'Exit status'):
        assert word in text, (word, text)
    assert 'ID NAME PRICE' in good('add', '--help').out


main([
    seed_makes_three_products,
    seed_replaces_what_was_there,
    list_is_an_object_with_records_of_every_column,
    first_a_miss_then_hits,
    the_second_read_is_a_hit_however_fast_the_first_was,
    each_read_says_what_was_timed,
    without_a_cache_every_read_is_a_miss,
    fresh_asks_the_master_each_time,
    old_copies_are_no_hits,
    pages_begin_at_one,
    conditions_and_orders_add_up,
    null_is_found_by_where,
    get_reads_one_record,
    get_of_an_unknown_record_fails,
    add_takes_positions_or_fields,
    add_of_a_known_record_fails,
    patch_changes_what_was_named,
    delete_answers_what_was_there,
    an_event_makes_the_next_read_a_miss,
    info_names_the_parts,
    stats_count_the_reads,
    another_table_of_any_database,
    views_can_be_read,
    debug_says_what_happens_on_standard_error,
    what_is_shown_is_one_line_whatever_the_text,
    the_locale_makes_no_difference,
    the_program_prints_its_own_name_and_version,
])
