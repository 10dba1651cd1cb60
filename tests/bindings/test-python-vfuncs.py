# test-python-vfuncs.py: what becomes of vfuncs that go wrong in Python
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import gc
import threading

from taptest import call, drain, expect_error, iterate_until, main
from gi.repository import Gio, GLib, GObject, Vl, VlTest
from python_master import PythonMaster

# PyGObject prints the exceptions that vfuncs raise; they are on purpose.


class Scripted(PythonMaster, Vl.Table):
    """A table whose find does what a test says."""

    def __init__(self, find):
        super().__init__()
        self.find = find
        self.replies = []

    def do_find(self, id, reply):
        return self.find(self, reply)


class Warnings:
    """Collects the warnings of the library meanwhile."""

    def __enter__(self):
        self.messages = []
        self.handler = GLib.log_set_handler(
            'vantage-live', GLib.LogLevelFlags.LEVEL_WARNING,
            lambda domain, level, message, *data: self.messages.append(message), None)
        return self.messages

    def __exit__(self, *error):
        GLib.log_remove_handler('vantage-live', self.handler)


RECORD = Vl.Record.new('a', {'name': 'Apple'})
OTHER = Vl.Record.new('b', {'name': 'Banana'})


def find(table, cancellable=None):
    """Finds asynchronously."""
    return call(lambda *args: table.find_async('a', *args), table.find_finish)


def raises_an_error_of_the_library():
    def vfunc(table, reply):
        raise Vl.error(Vl.Error.CONFLICT, 'Somebody else was faster')

    expect_error(lambda: find(Scripted(vfunc)), Vl.Error.CONFLICT, 'Somebody else')


def raises_an_error_of_another_domain():
    def vfunc(table, reply):
        raise GLib.Error.new_literal(Gio.io_error_quark(), 'Gone', Gio.IOErrorEnum.BROKEN_PIPE)

    try:
        find(Scripted(vfunc))
        raise AssertionError('no error')
    except GLib.Error as error:
        assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.BROKEN_PIPE), error


def raises_an_exception():
    def vfunc(table, reply):
        raise ValueError('on purpose')

    expect_error(lambda: find(Scripted(vfunc)), Vl.Error.FAILED,
                 '.find() raised or did not return TRUE')


def raises_an_exception_in_sync():
    def vfunc(table, reply):
        raise ValueError('on purpose')

    table = Scripted(vfunc)
    expect_error(lambda: table.find_sync('a', None), Vl.Error.FAILED, '.find() raised')


def returns_false():
    expect_error(lambda: find(Scripted(lambda table, reply: False)), Vl.Error.FAILED,
                 '.find() raised or did not return TRUE')


def returns_nothing():
    expect_error(lambda: find(Scripted(lambda table, reply: None)), Vl.Error.FAILED,
                 '.find() raised or did not return TRUE')


def returns_nothing_but_has_answered():
    def vfunc(table, reply):
        reply.return_record(RECORD)

    assert find(Scripted(vfunc)) == RECORD


def raises_after_it_has_answered():
    def vfunc(table, reply):
        reply.return_record(RECORD)
        raise Vl.error(Vl.Error.CONFLICT, 'Too late')

    with Warnings() as warnings:
        assert find(Scripted(vfunc)) == RECORD
    assert len(warnings) == 1 and 'Too late' in warnings[0], warnings


def answers_nobody():
    def vfunc(table, reply):
        reply.return_record(None)
        return True

    assert find(Scripted(vfunc)) is None


def answers_twice():
    def vfunc(table, reply):
        reply.return_record(RECORD)
        reply.return_record(OTHER)
        return True

    with Warnings() as warnings:
        assert find(Scripted(vfunc)) == RECORD
    assert len(warnings) == 1 and 'find()' in warnings[0], warnings


def fails_after_an_answer():
    def vfunc(table, reply):
        reply.return_record(RECORD)
        reply.fail(Vl.Error.CONFLICT, 'Too late')
        return True

    with Warnings() as warnings:
        assert find(Scripted(vfunc)) == RECORD
    assert len(warnings) == 1, warnings


def answers_with_the_wrong_kind():
    answers = [
        lambda reply: reply.return_count(1),
        lambda reply: reply.return_schema(VlTest.schema()),
        lambda reply: reply.return_lookup(None, False, 1),
        lambda reply: reply.return_nth(0, RECORD),
        lambda reply: reply.add_record(RECORD),
        lambda reply: reply.finish(),
        lambda reply: reply.return_done(),
    ]
    for answer in answers:
        def vfunc(table, reply):
            answer(reply)
            return True

        expect_error(lambda: find(Scripted(vfunc)), Vl.Error.FAILED, '.find()')


def answers_with_something_that_is_no_record():
    def vfunc(table, reply):
        reply.return_record('text')
        return True

    expect_error(lambda: find(Scripted(vfunc)), Vl.Error.FAILED, '.find() raised')


def fails_with_an_exception():
    def vfunc(table, reply):
        reply.fail(KeyError('x'))
        return True

    expect_error(lambda: find(Scripted(vfunc)), Vl.Error.FAILED, 'KeyError')


def fails_with_a_code_and_a_message():
    def vfunc(table, reply):
        reply.fail(Vl.Error.UNAVAILABLE, 'The server does not answer')
        return True

    expect_error(lambda: find(Scripted(vfunc)), Vl.Error.UNAVAILABLE, 'The server does not answer')


def drops_its_reply():
    expect_error(lambda: find(Scripted(lambda table, reply: True)), Vl.Error.FAILED,
                 '.find() dropped its reply without an answer')


def drops_its_reply_later():
    def vfunc(table, reply):
        table.replies.append(reply)
        GLib.idle_add(table.replies.clear)
        return True

    expect_error(lambda: find(Scripted(vfunc)), Vl.Error.FAILED, '.find() dropped its reply')


def answers_later():
    def vfunc(table, reply):
        GLib.idle_add(lambda: reply.return_record(RECORD) and False)
        return True

    assert find(Scripted(vfunc)) == RECORD


def answers_from_a_thread():
    def vfunc(table, reply):
        threading.Thread(target=lambda: reply.return_record(RECORD)).start()
        return True

    for _ in range(100):
        assert find(Scripted(vfunc)) == RECORD


def two_threads_answer():
    threads = []

    def vfunc(table, reply):
        for record in (RECORD, OTHER):
            threads.append(threading.Thread(target=reply.return_record, args=(record,)))
            threads[-1].start()
        return True

    with Warnings():
        for _ in range(50):
            assert find(Scripted(vfunc)).get_id() in ('a', 'b')
        # The later one of two warns, and must find the handler in place.
        for thread in threads:
            thread.join()


def answers_after_the_caller_has_cancelled():
    def vfunc(table, reply):
        table.replies.append(reply)
        return True

    table = Scripted(vfunc)
    table.describe_sync(None)
    cancellable = Gio.Cancellable()
    results = []
    table.find_async('a', cancellable, lambda source, result: results.append(result))
    assert not table.replies[0].get_cancellable().is_cancelled()
    cancellable.cancel()
    iterate_until(lambda: results)
    try:
        table.find_finish(results[0])
        raise AssertionError('no error')
    except GLib.Error as error:
        assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED), error
    assert table.replies[0].get_cancellable().is_cancelled()
    table.replies[0].return_record(RECORD)
    table.replies.clear()
    drain()
    assert len(results) == 1


def uses_itself_in_sync():
    def vfunc(table, reply):
        reply.return_count(table.count_sync(None, None))
        return True

    expect_error(lambda: find(Scripted(vfunc)), Vl.Error.FAILED)


def calls_itself_asynchronously():
    def vfunc(table, reply):
        table.count_async(None, None, lambda source, result: reply.return_record(
            Vl.Record.new('a', {'stock': table.count_finish(result)})))
        return True

    assert find(Scripted(vfunc))['stock'] == 0


def sync_in_a_callback():
    table = PythonMaster()
    counts = []
    table.insert_async(RECORD, None, lambda source, result: counts.append(
        source.insert_finish(result) and source.count_sync(None, None)))
    iterate_until(lambda: counts)
    assert counts == [1], counts


def sync_on_another_thread():
    table = PythonMaster()
    answers = []

    def work():
        table.insert_sync(RECORD, None)
        answers.append(table.find_sync('a', None))

    thread = threading.Thread(target=work)
    thread.start()
    iterate_until(lambda: not thread.is_alive() or GLib.MainContext.default().wakeup())
    assert answers == [RECORD], answers


def leaves_optional_vfuncs_out():
    class Bare(GObject.Object, Vl.Table):
        def do_describe(self, reply):
            reply.return_schema(VlTest.schema())
            return True

        def do_list(self, query, reply):
            reply.finish()
            return True

        def do_find(self, id, reply):
            reply.return_record(None)
            return True

    table = Bare()
    assert table.get_identity() is None
    assert table.get_stream() is None
    expect_error(lambda: table.get_related('x', RECORD), Vl.Error.UNSUPPORTED)
    expect_error(lambda: table.insert_sync(RECORD, None), Vl.Error.UNSUPPORTED)
    assert len(table.list_sync(None, None)) == 0


def leaves_required_vfuncs_out():
    class Empty(GObject.Object, Vl.Table):
        pass

    table = Empty()
    expect_error(lambda: table.describe_sync(None), Vl.Error.UNSUPPORTED)
    expect_error(lambda: table.list_sync(None, None), Vl.Error.UNSUPPORTED)


def get_stream_raises():
    class Raising(PythonMaster, Vl.Table):
        def do_get_stream(self):
            raise ValueError('on purpose')

        def do_get_identity(self):
            raise ValueError('on purpose')

    assert Raising().get_stream() is None
    assert Raising().get_identity() is None


def has_an_identity_and_a_stream():
    stream = Vl.LiveStream.new()

    class Full(PythonMaster, Vl.Table):
        def do_get_stream(self):
            return stream

        def do_get_identity(self):
            return 'python:things'

        def do_get_related(self, relation, record):
            if relation != 'parts':
                raise Vl.error(Vl.Error.NOT_FOUND, 'no relation ' + relation)
            return PythonMaster()

    table = Full()
    for _ in range(100):
        assert table.get_identity() == 'python:things'
        assert table.get_stream() is stream
    gc.collect()
    assert isinstance(table.get_related('parts', RECORD), PythonMaster)
    expect_error(lambda: table.get_related('others', RECORD), Vl.Error.NOT_FOUND, 'others')


def batch_is_answered_one_by_one():
    class Batching(PythonMaster, Vl.Table):
        def do_describe(self, reply):
            schema = VlTest.schema()
            builder = Vl.SchemaBuilder.new('things')
            builder.add_column('id', Vl.FieldType.STRING, False)
            builder.add_column('name', Vl.FieldType.STRING, True)
            builder.set_id_column('id')
            builder.set_capabilities(schema.get_capabilities() | Vl.Capabilities.BATCH)
            reply.return_schema(builder.end())
            return True

        def do_apply_batch(self, changes, reply):
            reply.return_nth(0, changes[0].get_record())
            reply.fail_nth(1, Vl.Error.REJECTED, 'No')
            # The third is left out.
            reply.finish()
            return True

    changes = Gio.ListStore.new(Vl.Change)
    for id in ('x', 'y', 'z'):
        changes.append(Vl.Change.new_insert(Vl.Record.new(id, {'name': id})))
    outcomes = Batching().apply_many_sync(changes, None)
    assert outcomes[0].get_record().get_id() == 'x'
    assert outcomes[0].get_error() is None
    assert outcomes[1].get_error().matches(Vl.error_quark(), Vl.Error.REJECTED)
    assert outcomes[2].get_error().matches(Vl.error_quark(), Vl.Error.FAILED)


# Blocking tables

class Blocking(Vl.BlockingTable):
    def do_describe_blocking(self, reply):
        reply.return_schema(VlTest.schema())
        return True

    def do_find_blocking(self, id, reply):
        raise ValueError('on purpose')

    def do_list_blocking(self, query, reply):
        raise Vl.error(Vl.Error.UNAVAILABLE, 'Not now')

    def do_count_blocking(self, query, reply):
        reply.return_count(threading.get_ident() != MAIN_THREAD)
        return True


MAIN_THREAD = threading.get_ident()


def blocking_raises():
    table = Blocking()
    expect_error(lambda: find(table), Vl.Error.FAILED, 'raised or did not return TRUE')
    expect_error(lambda: table.list_sync(None, None), Vl.Error.UNAVAILABLE, 'Not now')


def blocking_is_off_the_main_thread():
    assert Blocking().count_sync(None, None) == 1


def blocking_leaves_vfuncs_out():
    expect_error(lambda: Blocking().insert_sync(RECORD, None), Vl.Error.UNSUPPORTED)


# The functions of other classes

def a_subclass_must_name_the_interface():
    sibling = Blocking()
    try:
        class Wrong(Vl.BlockingTable):
            def do_get_identity(self):
                return 'wrong'
    except TypeError as error:
        assert 'name Vl.Table among its bases' in str(error), error
        assert 'do_get_identity' in str(error), error
    else:
        raise AssertionError('the class %r could be made' % Wrong)
    assert sibling.get_identity() is None
    assert Blocking().get_identity() is None


def a_subclass_that_names_the_interface_changes_no_sibling():
    class Right(Vl.BlockingTable, Vl.Table):
        def do_get_identity(self):
            return 'right'

    assert Right().get_identity() == 'right'
    assert Blocking().get_identity() is None


def a_subclass_of_a_script_must_name_it_too():
    class Base(PythonMaster, Vl.Table):
        def do_get_identity(self):
            return 'base'

    try:
        class Wrong(Base):
            def do_get_identity(self):
                return 'wrong'
    except TypeError as error:
        assert 'name Vl.Table among its bases' in str(error), error
    else:
        raise AssertionError('the class %r could be made' % Wrong)

    class Right(Base, Vl.Table):
        def do_get_identity(self):
            return 'right'

    class Plain(Base):
        pass

    assert [Base().get_identity(), Right().get_identity(), Plain().get_identity()] == [
        'base', 'right', 'base']


def a_cache_must_name_the_interface_too():
    class Base(GObject.Object, Vl.Cache):
        def do_peek(self, root, key):
            return None

    try:
        class Wrong(Base):
            def do_peek(self, root, key):
                return None
    except TypeError as error:
        assert 'name Vl.Cache among its bases' in str(error), error
    else:
        raise AssertionError('the class %r could be made' % Wrong)


main([
    raises_an_error_of_the_library, raises_an_error_of_another_domain, raises_an_exception,
    raises_an_exception_in_sync, returns_false, returns_nothing, returns_nothing_but_has_answered,
    raises_after_it_has_answered, answers_nobody, answers_twice, fails_after_an_answer,
    answers_with_the_wrong_kind, answers_with_something_that_is_no_record, fails_with_an_exception,
    fails_with_a_code_and_a_message, drops_its_reply, drops_its_reply_later, answers_later,
    answers_from_a_thread, two_threads_answer, answers_after_the_caller_has_cancelled,
    uses_itself_in_sync, calls_itself_asynchronously, sync_in_a_callback, sync_on_another_thread,
    leaves_optional_vfuncs_out, leaves_required_vfuncs_out, get_stream_raises,
    has_an_identity_and_a_stream, batch_is_answered_one_by_one, blocking_raises,
    blocking_is_off_the_main_thread, blocking_leaves_vfuncs_out,
    a_subclass_must_name_the_interface, a_subclass_that_names_the_interface_changes_no_sibling,
    a_subclass_of_a_script_must_name_it_too, a_cache_must_name_the_interface_too,
])
