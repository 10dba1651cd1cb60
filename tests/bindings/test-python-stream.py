# test-python-stream.py: streams from and in Python
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import gc
import threading

from taptest import drain, iterate_until, main
from gi.repository import Vl


class Listener:
    """Keeps the events that a stream has told of."""

    def __init__(self, stream):
        self.events = []
        self.threads = set()
        stream.connect('event', self.on_event)

    def on_event(self, stream, event):
        self.threads.add(threading.get_ident())
        self.events.append(event)

    def wait(self, n_events):
        iterate_until(lambda: len(self.events) >= n_events)
        return self.events


def a_stream_tells_what_is_pushed():
    stream = Vl.LiveStream.new()
    listener = Listener(stream)
    stream.push(Vl.LiveEvent.new_inserted(Vl.Record.new('a', {'stock': 1})))
    stream.push(Vl.LiveEvent.new_updated('b', None))
    stream.push(Vl.LiveEvent.new_deleted('c'))
    stream.push(Vl.LiveEvent.new_changed())
    events = listener.wait(4)
    kinds = [event.get_kind().value_nick for event in events]
    assert kinds == ['inserted', 'updated', 'deleted', 'changed'], kinds
    assert events[0].get_ids() == ['a']
    assert events[0].get_record()['stock'] == 1
    assert events[2].get_ids() == ['c']
    assert not events[3].get_ids()


def events_carry_what_is_known():
    event = (Vl.LiveEvent.new(Vl.LiveEventKind.UPDATED, ['a', 'b'])
             .with_origin(Vl.Origin.STREAM).with_position('42'))
    assert event.get_ids() == ['a', 'b']
    assert event.get_origin() == Vl.Origin.STREAM
    assert event.get_position() == '42'
    assert event.get_record() is None
    assert Vl.LiveEvent.new_updated('b', None).with_renamed_from('a').get_renamed_from() == 'a'


def pushes_from_threads_come_home():
    stream = Vl.LiveStream.new()
    listener = Listener(stream)

    def work(number):
        for i in range(50):
            stream.push(Vl.LiveEvent.new_deleted('%d-%d' % (number, i)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    events = listener.wait(200)
    for thread in threads:
        thread.join()
    assert listener.threads == {threading.get_ident()}
    assert len({event.get_ids()[0] for event in events}) == 200
    # Each thread's own come in their order.
    for number in range(4):
        own = [event.get_ids()[0] for event in events
               if event.get_ids()[0].startswith('%d-' % number)]
        assert own == ['%d-%d' % (number, i) for i in range(50)], own


class PythonStream(Vl.LiveStream):
    """A stream with a source of its own."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def do_start(self):
        self.calls.append('start')
        self.report_live()

    def do_stop(self):
        self.calls.append('stop')


def a_subclass_can_push():
    stream = PythonStream()
    listener = Listener(stream)
    stream.push(Vl.LiveEvent.new_deleted('a'))
    assert listener.wait(1)[0].get_ids() == ['a']


def a_subclass_starts_stopped():
    stream = PythonStream()
    assert stream.get_state() == Vl.LiveStreamState.STOPPED
    assert stream.get_property('state') == Vl.LiveStreamState.STOPPED
    assert stream.dup_error() is None
    assert stream.calls == []


tests = [a_stream_tells_what_is_pushed, events_carry_what_is_known, pushes_from_threads_come_home,
         a_subclass_can_push, a_subclass_starts_stopped]


# What needs a live table.

def list_ids(live):
    pages = []
    live.list_async(None, None, lambda source, result: pages.append(source.list_finish(result)))
    iterate_until(lambda: pages)
    return pages[0]


def a_subclass_drives_a_live_table():
    from gi.repository import VlTest

    master = Vl.MemoryTable.new(VlTest.schema())
    master.insert_sync(Vl.Record.new('a', {'name': 'Apple'}), None)
    live = Vl.LiveTable.new(master, 'python-stream', Vl.MemoryCache.new(1 << 20))
    live.set_follow_master(False)
    stream = PythonStream()
    live.add_stream(stream)
    iterate_until(lambda: stream.get_state() == Vl.LiveStreamState.LIVE)
    assert stream.calls == ['start'], stream.calls
    # Becoming live is a gap; what is read after it is fresh.
    drain()

    list_ids(live)
    assert list_ids(live).get_ids() == ['a']
    assert list_ids(live).get_from_cache()

    # Behind its back, and then it is told.
    master.insert_sync(Vl.Record.new('b', {'name': 'Banana'}), None)
    assert list_ids(live).get_ids() == ['a']
    stream.push(Vl.LiveEvent.new_inserted(Vl.Record.new('b', {'name': 'Banana'})))
    page = list_ids(live)
    assert page.get_ids() == ['a', 'b'], page.get_ids()

    live.remove_stream(stream)
    iterate_until(lambda: 'stop' in stream.calls)
    assert stream.get_state() == Vl.LiveStreamState.STOPPED


class PythonStreamWithPosition(Vl.LiveStream):
    """A stream that knows where its source is."""

    def __init__(self, position):
        super().__init__()
        self.position = position

    def do_start(self):
        self.report_live_at(self.position)


def a_subclass_knows_where_it_is():
    from gi.repository import VlTest

    master = Vl.MemoryTable.new(VlTest.schema())
    master.insert_sync(Vl.Record.new('a', {'name': 'Apple'}), None)
    cache = Vl.MemoryCache.new(1 << 20)

    def run(position, moves_to=None):
        live = Vl.LiveTable(master=master, cache_key='python-position', cache=cache,
                            follow_master=False)
        stream = PythonStreamWithPosition(position)
        live.add_stream(stream)
        iterate_until(lambda: stream.get_state() == Vl.LiveStreamState.LIVE)
        drain()
        page = list_ids(live)
        drain()
        if moves_to is not None:
            stream.report_position(moves_to)
            drain()
        live.remove_stream(stream)
        return page.get_from_cache(), page.get_is_stale()

    def run_alone(*args):
        answer = run(*args)
        gc.collect()
        drain()
        return answer

    assert run_alone('1') == (False, False)
    assert run_alone('1') == (True, False)
    assert run_alone('2') == (False, False)
    assert run_alone('2', '3') == (True, False)
    assert run_alone('3') == (True, False)
    assert run_alone('2') == (False, False)
    assert run_alone(None) == (False, False)


if hasattr(Vl.LiveTable, 'new'):
    tests.append(a_subclass_drives_a_live_table)
    tests.append(a_subclass_knows_where_it_is)

main(tests)
