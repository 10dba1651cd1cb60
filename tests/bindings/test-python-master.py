# test-python-master.py: tables written in Python keep the contract
#
# SPDX-License-Identifier: LGPL-2.1-or-later

from taptest import expect_full_battery, main
from gi.repository import Vl, VlTest
from python_master import (BlockingMaster, CheckingBlockingMaster, CheckingMaster, IdleMaster,
                           PythonMaster, ThreadMaster)


class LimitedMaster(PythonMaster, Vl.Table):
    """A table that can do less, and must not be asked to do more."""

    def __init__(self, missing):
        super().__init__()
        self.missing = missing

    def do_describe(self, reply):
        full = VlTest.schema()
        builder = Vl.SchemaBuilder.new(full.get_table_name())
        for i in range(full.get_n_columns()):
            builder.add_column(full.get_column_name(i), full.get_column_type(i),
                               full.get_column_nullable(i))
        builder.set_id_column(full.get_id_column())
        builder.set_capabilities(Vl.Capabilities(int(full.get_capabilities()) & ~int(self.missing)))
        reply.return_schema(builder.end())
        return True

    def do_list(self, query, reply):
        assert not (query.get_n_orders() and self.missing & Vl.Capabilities.ORDER)
        assert not (query.get_n_conditions() and self.missing & Vl.Capabilities.FILTER)
        assert not (query.get_search() and self.missing & Vl.Capabilities.SEARCH)
        if self.missing & Vl.Capabilities.WINDOW:
            query = query.window(0, 0)
        return PythonMaster.do_list(self, query, reply)

    def do_count(self, query, reply):
        assert not self.missing & Vl.Capabilities.COUNT
        return PythonMaster.do_count(self, query, reply)

    def do_apply(self, change, reply):
        name = change.get_kind().value_nick.replace('-', '_').upper()
        assert not self.missing & getattr(Vl.Capabilities, name)
        return PythonMaster.do_apply(self, change, reply)


def answers_at_once():
    expect_full_battery(PythonMaster())


def answers_later():
    expect_full_battery(IdleMaster())


def answers_from_threads():
    expect_full_battery(ThreadMaster())


def blocks_on_a_thread_of_its_own():
    table = BlockingMaster()
    expect_full_battery(table)
    assert len(table.threads) == 1, 'sqlite3 was used on %d threads' % len(table.threads)


def looks_at_bases_and_uids():
    table = CheckingMaster()
    expect_full_battery(table)
    assert table.applied


def looks_at_bases_and_uids_on_a_thread_of_its_own():
    table = CheckingBlockingMaster()
    expect_full_battery(table)
    assert table.applied


def behind_a_live_table_too():
    live = Vl.LiveTable.new(CheckingMaster(), 'things', Vl.MemoryCache.new(1 << 20))
    expect_full_battery(live)


def can_do_less(name):
    def test():
        expect_full_battery(LimitedMaster(getattr(Vl.Capabilities, name)))

    test.__name__ = 'cannot_' + name.lower()
    return test


def can_do_nothing():
    expect_full_battery(LimitedMaster(VlTest.schema().get_capabilities()))


LESS = ['ORDER', 'FILTER', 'SEARCH', 'WINDOW', 'COUNT', 'INSERT', 'REPLACE', 'PATCH', 'DELETE',
        'DELETE_ALL']

main([answers_at_once, answers_later, answers_from_threads, blocks_on_a_thread_of_its_own,
      looks_at_bases_and_uids, looks_at_bases_and_uids_on_a_thread_of_its_own,
      behind_a_live_table_too] +
     [can_do_less(name) for name in LESS] + [can_do_nothing])
