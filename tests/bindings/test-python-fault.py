# test-python-fault.py: an application's tests behind a simulated network
#
# SPDX-License-Identifier: LGPL-2.1-or-later

from taptest import call, drain, expect_error, expect_full_battery, iterate_until, main
from gi.repository import Vl, VlTest
from python_master import PythonMaster


def make_server(**settings):
    return Vl.FaultTable(target=Vl.MemoryTable.new(VlTest.schema()), **settings)


def write_many(server, n):
    """One character a write: what came of it, and whether it was applied."""
    fates = ''
    for i in range(n):
        before = server.get_target().get_n_records()
        try:
            server.insert_sync(Vl.Record.new('r%d' % before, {'name': 'Apple'}))
            fate = '+'
        except Exception as error:
            fate = '?' if error.matches(Vl.error_quark(), Vl.Error.IN_DOUBT) else '-'
        assert (fate == '-') == (server.get_target().get_n_records() == before)
        fates += fate
    return fates


def a_seed_repeats_what_happened():
    servers = [make_server(seed=seed, error_rate=0.2, lost_ack_rate=0.2) for seed in (5, 5, 6)]
    first, second, third = (write_many(server, 60) for server in servers)
    assert first == second and first != third, (first, third)
    assert set(first) == {'+', '-', '?'}, first
    assert servers[0].get_n_faults() == 60 - first.count('+')


def properties_are_what_they_are_called():
    server = make_server()
    notified = []
    server.connect('notify', lambda server, pspec: notified.append(pspec.name))
    server.props.jitter = 7
    server.props.total_lie_rate = 1.0
    server.props.lost_ack_error = Vl.Error.UNAVAILABLE
    server.set_echo(True)
    assert server.get_jitter() == 7 and server.get_total_lie_rate() == 1.0
    assert server.props.lost_ack_error == Vl.Error.UNAVAILABLE
    assert notified == ['jitter', 'total-lie-rate', 'lost-ack-error', 'echo'], notified
    server.props.jitter = 7
    assert len(notified) == 4
    server.insert_sync(Vl.Record.new('a', {'name': 'Apple'}))
    assert server.list_sync().get_total() != 1


def a_program_goes_on_without_a_network():
    server = make_server(latency=1)
    live = Vl.LiveTable.new(server, 'fault', Vl.MemoryCache.new(0))
    live.insert_sync(Vl.Record.new('a', {'name': 'Apple'}))
    live.find_sync('a')
    server.set_offline(True)
    assert live.find_sync('a')['name'] == 'Apple'
    expect_error(lambda: live.find_sync('b'), Vl.Error.UNAVAILABLE, 'network is down')
    server.set_offline(False)
    live.insert_sync(Vl.Record.new('b', {'name': 'Pear'}))
    assert live.find_sync('b')['name'] == 'Pear'


def times_without_a_network_pass():
    server = make_server()
    server.list_sync()
    server.add_offline_window(0, 20)
    assert server.is_offline() and not server.get_offline()
    expect_error(lambda: server.list_sync(), Vl.Error.UNAVAILABLE)
    while server.is_offline():
        drain()
    server.list_sync()


def the_stream_ends_and_comes_back():
    server = make_server()
    stream = server.get_stream()
    live = Vl.LiveTable.new(server, 'fault', Vl.MemoryCache.new(0))
    iterate_until(lambda: stream.get_state() == Vl.LiveStreamState.LIVE)
    server.set_offline(True)
    assert stream.get_state() == Vl.LiveStreamState.CONNECTING
    assert stream.dup_error().matches(Vl.error_quark(), Vl.Error.UNAVAILABLE)
    server.set_offline(False)
    iterate_until(lambda: stream.get_state() == Vl.LiveStreamState.LIVE)
    call(live.close_async, live.close_finish)


def a_python_master_behind_a_bad_line():
    server = Vl.FaultTable(target=PythonMaster(), jitter=2, keep_order=True)
    expect_full_battery(server)


main([
    a_seed_repeats_what_happened, properties_are_what_they_are_called,
    a_program_goes_on_without_a_network, times_without_a_network_pass,
    the_stream_ends_and_comes_back, a_python_master_behind_a_bad_line,
])
