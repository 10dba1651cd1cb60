# test-python-view.py: a million rows in a list view, bound from Python
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys

import gi

gi.require_version('Gtk', '4.0')

from taptest import iterate_until, main
from gi.repository import GLib, GObject, Gtk, Vl, VlTest

N_ROWS = 1000000
FRAMES = 100


class ManyRows(GObject.Object, Vl.Table):
    """A million records that are made when they are asked for."""

    n_lists = 0

    def do_describe(self, reply):
        builder = Vl.SchemaBuilder.new('many')
        builder.add_column('id', Vl.FieldType.STRING, False)
        builder.add_column('name', Vl.FieldType.STRING, False)
        builder.set_id_column('id')
        builder.set_capabilities(Vl.Capabilities.WINDOW | Vl.Capabilities.COUNT)
        reply.return_schema(builder.end())
        return True

    def do_list(self, query, reply):
        self.n_lists += 1
        first = query.get_offset()
        for i in range(first, min(N_ROWS, first + (query.get_limit() or N_ROWS))):
            reply.add_record(Vl.Record.new('%07d' % i, {'name': 'row %d' % i}))
        reply.set_total(N_ROWS)
        reply.finish()
        return True


class Label(Gtk.Label):
    def bind(self, row):
        self.row = row
        self.handler = row.connect('notify::record', self.show_row)
        self.show_row(row)

    def unbind(self):
        self.row.disconnect(self.handler)
        self.row = None

    def show_row(self, row, pspec=None):
        self.set_label(row.get_text('name'))


def make_factory():
    factory = Gtk.SignalListItemFactory()
    factory.connect('setup', lambda factory, item: item.set_child(Label()))
    factory.connect('bind', lambda factory, item: item.get_child().bind(item.get_item()))
    factory.connect('unbind', lambda factory, item: item.get_child().unbind())
    return factory


def rows_alive_are_bounded():
    master = ManyRows()
    model = Vl.LiveList.new(Vl.LiveTable.new(master, 'many', None), None)
    counting = VlTest.count_items(model)
    view = Gtk.ListView(model=Gtk.NoSelection(model=counting), factory=make_factory())
    scrolled = Gtk.ScrolledWindow(child=view)
    window = Gtk.Window(child=scrolled, default_width=500, default_height=700)
    frames = []
    scrolled.add_tick_callback(lambda widget, clock: frames.append(None) or GLib.SOURCE_CONTINUE)
    window.present()

    def pass_frames(n):
        end = len(frames) + n
        iterate_until(lambda: len(frames) >= end)

    iterate_until(lambda: model.get_n_items() == N_ROWS)
    pass_frames(5)
    adjustment = scrolled.get_vadjustment()
    for frame in range(FRAMES + 1):
        top = adjustment.get_upper() - adjustment.get_page_size()
        adjustment.set_value(top * frame / FRAMES)
        pass_frames(1)
    iterate_until(lambda: not model.get_loading())
    pass_frames(5)
    print('# %d rows at most, %d in the end, %d pages' % (
        VlTest.get_items_most(counting), VlTest.get_items_alive(counting), master.n_lists))
    assert model.get_item(N_ROWS - 1).get_text('name') == 'row %d' % (N_ROWS - 1)
    assert VlTest.get_items_most(counting) <= 300
    assert VlTest.get_items_alive(counting) <= 300
    assert master.n_lists <= 5 * (FRAMES + 1)
    window.destroy()


if not Gtk.init_check():
    print('1..0 # SKIP there is no display')
    sys.exit()
main([rows_alive_are_bounded])
