# test-python-cache.py: a cache written in Python keeps the contract
#
# SPDX-License-Identifier: LGPL-2.1-or-later

from taptest import expect_full_cache_battery, main
from python_cache import PythonCache


def passes_the_battery():
    expect_full_cache_battery(PythonCache())


main([passes_the_battery])
