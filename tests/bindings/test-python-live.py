# test-python-live.py: live tables over what is written in Python
#
# SPDX-License-Identifier: LGPL-2.1-or-later

from taptest import call, drain, expect_error, expect_full_battery, iterate_until, main
from gi.repository import Gio, GLib, Vl, VlTest
from python_cache import PythonCache
from python_master import BlockingMaster, IdleMaster, PythonMaster, ThreadMaster


def make_live(master, cache=None):
    return Vl.LiveTable.new(master, 'python', cache or Vl.MemoryCache.new(0))


def list_page(live, query=None):
    return call(live.list_async, live.list_finish, query)


def over_a_python_master():
    expect_full_battery(make_live(PythonMaster()))


def over_masters_that_answer_later():
    expect_full_battery(make_live(IdleMaster()))
    expect_full_battery(make_live(ThreadMaster()))
    expect_full_battery(make_live(BlockingMaster()))


def with_a_python_cache():
    expect_full_battery(make_live(PythonMaster(), PythonCache()))
    expect_full_battery(make_live(Vl.MemoryTable.new(VlTest.schema()), PythonCache()))


def without_a_cache():
    expect_full_battery(make_live(PythonMaster(), Vl.NullCache.new()))


class CountingMaster(PythonMaster, Vl.Table):
    """Counts how often it is listed, and fails when told to."""

    def __init__(self):
        super().__init__()
        self.n_lists = 0
        self.failure = None

    def do_list(self, query, reply):
        self.n_lists += 1
        if self.failure is not None:
            raise self.failure
        return PythonMaster.do_list(self, query, reply)


def reads_the_master_once():
    master = CountingMaster()
    live = make_live(master)
    live.insert_sync(Vl.Record.new('a', {'name': 'Apple'}))
    assert list_page(live).get_ids() == ['a']
    assert list_page(live).get_ids() == ['a']
    assert list_page(live).get_from_cache()
    assert master.n_lists == 1, master.n_lists


def an_exception_in_the_master_reaches_the_reader():
    master = CountingMaster()
    live = make_live(master)
    master.failure = Vl.error(Vl.Error.REJECTED, 'Not you')
    expect_error(lambda: list_page(live), Vl.Error.REJECTED, 'Not you')
    master.failure = ValueError('on purpose')
    expect_error(lambda: list_page(live), Vl.Error.FAILED, 'raised or did not return TRUE')
    master.failure = None
    assert list_page(live).get_ids() == []


def writes_can_be_watched():
    live = make_live(IdleMaster())
    write = live.write(Vl.Change.new_insert(Vl.Record.new('a', {'name': 'Apple'})))
    states = []
    write.connect('notify::state', lambda write, pspec: states.append(write.get_state().value_nick))
    assert write.get_state() == Vl.WriteState.QUEUED
    assert live.get_pending_writes() == 1
    iterate_until(lambda: write.get_state() == Vl.WriteState.APPLIED)
    assert states == ['sent', 'applied'], states
    assert write.get_record()['name'] == 'Apple'
    assert write.dup_error() is None
    assert live.get_pending_writes() == 0


def a_write_that_fails_says_why():
    live = make_live(PythonMaster())
    failed = []
    live.connect('write-failed', lambda live, write: failed.append(write))
    write = live.write(Vl.Change.new_patch('nobody', Vl.Record.new(None, {'stock': 1})))
    iterate_until(lambda: write.get_state() == Vl.WriteState.FAILED)
    assert write.dup_error().matches(Vl.error_quark(), Vl.Error.NOT_FOUND)
    iterate_until(lambda: failed)
    assert failed == [write]


def make_conflict(live):
    """Writes on top of what somebody else has changed since."""
    master = live.get_master()
    base = master.insert_sync(Vl.Record.new('a', {'name': 'Apple'}))
    master.patch_sync('a', Vl.Record.new(None, {'name': 'Apricot'}))
    patch = Vl.Change.new_patch('a', Vl.Record.new(None, {'name': 'Avocado'}))
    return live.write(patch.with_base(base))


def a_conflict_is_decided_by_a_handler():
    live = make_live(Vl.MemoryTable.new(VlTest.schema()))
    asked = []

    def decide(live, write, current):
        asked.append((write, current['name']))
        return Vl.ConflictPolicy.KEEP_LOCAL

    live.connect('conflict', decide)
    write = make_conflict(live)
    iterate_until(lambda: write.get_state() == Vl.WriteState.APPLIED)
    assert asked == [(write, 'Apricot')], asked
    assert write.get_record()['name'] == 'Avocado'


def a_conflict_is_decided_by_the_first_handler():
    live = make_live(Vl.MemoryTable.new(VlTest.schema()))
    asked = []
    live.connect('conflict', lambda *args: Vl.ConflictPolicy.KEEP_SERVER)
    live.connect('conflict', lambda *args: asked.append(args))
    write = make_conflict(live)
    iterate_until(lambda: write.get_state() == Vl.WriteState.DISCARDED)
    assert write.get_record()['name'] == 'Apricot'
    assert asked == []


def a_conflict_that_nobody_decides_fails_with_what_is_there():
    live = make_live(Vl.MemoryTable.new(VlTest.schema()))
    live.set_conflict_policy(Vl.ConflictPolicy.FAIL)
    write = make_conflict(live)
    iterate_until(lambda: write.get_state() == Vl.WriteState.FAILED)
    assert write.dup_error().matches(Vl.error_quark(), Vl.Error.CONFLICT)
    assert write.get_record()['name'] == 'Apricot'
    write.discard()
    assert write.get_state() == Vl.WriteState.DISCARDED


def changes_are_announced():
    live = make_live(PythonMaster())
    events = []
    live.connect('changed', lambda live, event: events.append(event))
    live.insert_sync(Vl.Record.new('a', {'name': 'Apple'}))
    iterate_until(lambda: events)
    assert 'a' in (events[0].get_ids() or ['a'])


def peeks_do_not_wait():
    live = make_live(PythonMaster())
    assert live.peek_page(None) is None
    live.insert_sync(Vl.Record.new('a', {'name': 'Apple'}))
    list_page(live)
    assert live.peek_page(None).get_ids() == ['a']
    call(live.find_async, live.find_finish, 'a')
    assert live.peek_record('a')['name'] == 'Apple'


def statistics_can_be_read():
    live = make_live(PythonMaster())
    list_page(live)
    list_page(live)
    stats = live.get_stats()
    assert stats.get_hits() == 1 and stats.get_misses() >= 1, (stats.get_hits(), stats.get_misses())


def it_can_be_closed():
    live = make_live(PythonMaster())
    assert call(live.close_async, live.close_finish) is True
    expect_error(lambda: list_page(live), Vl.Error.CLOSED)


def a_master_that_never_answers_can_be_cancelled():
    class Silent(PythonMaster, Vl.Table):
        replies = []

        def do_list(self, query, reply):
            self.replies.append(reply)
            return True

    live = make_live(Silent())
    cancellable = Gio.Cancellable()
    results = []
    live.list_async(None, cancellable, lambda source, result: results.append(result))
    iterate_until(lambda: Silent.replies)
    cancellable.cancel()
    iterate_until(lambda: results)
    try:
        live.list_finish(results[0])
        raise AssertionError('no error')
    except GLib.Error as error:
        assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED), error
    Silent.replies[0].finish()
    drain()


main([
    over_a_python_master, over_masters_that_answer_later, with_a_python_cache, without_a_cache,
    reads_the_master_once, an_exception_in_the_master_reaches_the_reader, writes_can_be_watched,
    a_write_that_fails_says_why, a_conflict_is_decided_by_a_handler,
    a_conflict_is_decided_by_the_first_handler,
    a_conflict_that_nobody_decides_fails_with_what_is_there, changes_are_announced, peeks_do_not_wait, statistics_can_be_read,
    it_can_be_closed, a_master_that_never_answers_can_be_cancelled,
])
