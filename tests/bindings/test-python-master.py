# test-python-master.py: tables written in Python keep the contract
#
# SPDX-License-Identifier: LGPL-2.1-or-later

from taptest import expect_full_battery, main
from python_master import BlockingMaster, IdleMaster, PythonMaster, ThreadMaster


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


main([answers_at_once, answers_later, answers_from_threads, blocks_on_a_thread_of_its_own])
