# test-demo-faults.py: vl-demo over a network that fails
#
# SPDX-License-Identifier: LGPL-2.1-or-later

from demotest import good, main, run, seeded


def the_same_seed_loses_the_same_calls():
    seeded()
    fates = [[run('get', 'tea', '--cache', 'mem', '--latency', 0, '--error-rate', '0.3', '--seed', seed).status
              for seed in range(40)] for _ in range(2)]
    assert fates[0] == fates[1], fates
    # Describing may fail, and reading.
    assert 8 <= fates[0].count(1) <= 32, fates


def a_call_that_is_lost_says_so():
    seeded()
    result = run('list', '--cache', 'mem', '--error-rate', 1)
    assert result.status == 1 and 'has lost the call' in result.err, result
    assert '--error-rate' in result.err and result.err.startswith('vl-demo: '), result


def the_first_line_says_what_is_wrong():
    seeded()
    plain = ['list', '--cache', 'mem', '--latency', 0]
    faulty = [*plain, '--error-rate', 0.2, '--seed']
    seed = next(n for n in range(100) if run(*faulty, n).status == 0)
    text = good(*faulty, seed).out
    assert '(0 ms a call), which loses 20 %% of them, seed %d;' % seed in text, text
    answer = good(*faulty, seed, '--json').json
    assert answer['error_rate'] == 0.2 and answer['offline'] is False, answer
    assert good(*plain, '--json').json['error_rate'] == 0


def offline_nothing_can_be_reached():
    seeded()
    for command in (['list'], ['get', 'tea'], ['patch', 'tea', 'price=3'], ['info']):
        result = run(*command, '--offline', '--cache', 'none')
        assert result.status == 1 and 'network is down' in result.err, result
        assert '--offline' in result.err, result
    assert good('get', 'tea', '--cache', 'mem', '--json').json['records'][0]['price'] == 2.8


def offline_what_a_folder_has_can_be_read():
    seeded()
    good('list', '--cache', 'folder')
    answer = good('list', '--cache', 'folder', '--offline', '--json').json
    assert answer['offline'] is True and len(answer['records']) == 3, answer
    assert answer['reads'][-1]['outcome'] == 'stale', answer
    assert 'which is down' in good('list', '--cache', 'folder', '--offline').out


def likelihoods_go_from_0_to_1():
    seeded()
    for wrong in '-0.1', '1.1', 'often', '', 'nan', '0.5x':
        result = run('list', '--error-rate=' + wrong)
        assert result.status == 2 and 'from 0' in result.err, result
    for wrong in '-1', 'x', '1.5':
        assert run('list', '--seed=' + wrong).status == 2
    good('list', '--cache', 'mem', '--error-rate', 0, '--seed', 2 ** 64 - 1)


def filling_a_table_does_not_fail():
    for command in 'seed', 'tour':
        for option in (['--error-rate', 0.5], ['--offline'], ['--seed', 3]):
            result = run(command, *option)
            assert result.status == 2 and '%s has no options' % command in result.err, result


main([
    the_same_seed_loses_the_same_calls, a_call_that_is_lost_says_so,
    the_first_line_says_what_is_wrong, offline_nothing_can_be_reached,
    offline_what_a_folder_has_can_be_read,
    likelihoods_go_from_0_to_1, filling_a_table_does_not_fail,
])
