# taptest.py: what the Python tests of the bindings share
#
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Runs functions as TAP tests, and turns the main context meanwhile."""

import sys
import traceback

import gi

gi.require_version('Vl', '1')
gi.require_version('VlTest', '1')

from gi.repository import GLib, Vl, VlTest  # noqa: E402

# Longer than anything takes that ends at all.
HANG_SECONDS = 60


def iterate_until(condition):
    """Turns the default context until the condition holds."""
    hung = []
    guard = GLib.timeout_source_new_seconds(HANG_SECONDS)
    guard.set_callback(lambda *_: hung.append(True) or False)
    guard.attach(None)
    context = GLib.MainContext.default()
    while not condition() and not hung:
        context.iteration(True)
    guard.destroy()
    if not condition():
        raise AssertionError('nothing happened in %d seconds' % HANG_SECONDS)


def drain():
    """Turns the default context until nothing is left to do."""
    while GLib.MainContext.default().iteration(False):
        pass


def call(begin, finish, *args):
    """Calls an asynchronous pair and waits for what comes of it."""
    results = []
    begin(*args, None, lambda source, result: results.append(result))
    assert not results, 'the callback ran before the call had returned'
    iterate_until(lambda: results)
    assert len(results) == 1
    return finish(results[0])


def expect_error(function, code, text=''):
    """The GLib.Error that the function ends with has that code and text."""
    try:
        result = function()
    except GLib.Error as error:
        assert error.matches(Vl.error_quark(), code), error
        assert text in error.message, error.message
        return error
    raise AssertionError('expected %s, got %r' % (code, result))


def expect_full_battery(table):
    """The battery passes, with as many checks as for the memory table."""
    expected = VlTest.table(Vl.MemoryTable.new(VlTest.schema()))
    got = VlTest.table(table)
    print('# %s: %d checks' % (type(table).__name__, got))
    assert got == expected, 'expected %d checks, got %d' % (expected, got)


def expect_full_cache_battery(cache):
    """Likewise for a cache and the memory cache."""
    expected = VlTest.cache(Vl.MemoryCache.new(1 << 24))
    got = VlTest.cache(cache)
    print('# %s: %d checks' % (type(cache).__name__, got))
    assert got == expected, 'expected %d checks, got %d' % (expected, got)


def main(tests):
    """Runs the functions in order; their names are the tests' names."""
    failed = 0
    print('1..%d' % len(tests))
    for number, test in enumerate(tests, 1):
        name = test.__name__.replace('_', '-')
        try:
            test()
        except Exception:
            failed += 1
            for line in traceback.format_exc().splitlines():
                print('# ' + line, file=sys.stderr)
            print('not ok %d %s' % (number, name))
        else:
            print('ok %d %s' % (number, name))
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
