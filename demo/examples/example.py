# example.py: a live table over the products of an SQLite file
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys

import gi
gi.require_version('Vl', '1')
from gi.repository import GLib, Vl


def read_products(live, when):
    page = live.list_sync(Vl.Query().order_by('price', descending=True), None)
    print('%s: %d products from the %s, %s first' % (
        when, len(page), 'cache' if page.get_from_cache() else 'master', page[0].get_id()))


def main(path='demo-master.db'):
    master = Vl.SqliteTable.new(path, 'products')
    live = Vl.LiveTable.new(master, 'products', None)
    try:
        read_products(live, 'first')
        read_products(live, 'second')
        stored = live.patch_sync('tea', Vl.Record.new(None, {'price': 4.75}), None)
        print('%s costs %.2f now' % (stored['name'], stored['price']))
        read_products(live, 'third')
    except GLib.Error as error:
        sys.exit(error.message)


main(*sys.argv[1:])
