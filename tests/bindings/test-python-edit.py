# test-python-edit.py: a form bound from Python
#
# SPDX-License-Identifier: LGPL-2.1-or-later

from taptest import call, drain, expect_error, iterate_until, main
from gi.repository import GLib, GObject, Vl, VlTest


class Entry(GObject.Object):
    """What of a widget is bound."""
    text = GObject.Property(type=str, default='')
    message = GObject.Property(type=str, default='')


class Form:
    def __init__(self):
        self.server = Vl.FaultTable.new(Vl.MemoryTable.new(VlTest.schema()))
        self.live = Vl.LiveTable.new(self.server, 'form', None)
        self.live.insert_sync(Vl.Record.new('a', {'name': 'Apple', 'stock': 3}))
        self.edit = Vl.RecordEdit.new(self.live, self.live.find_sync('a'))
        self.name = self.edit.get_field('name')
        self.entry = Entry()
        self.name.bind_property('text', self.entry, 'text',
                                GObject.BindingFlags.SYNC_CREATE |
                                GObject.BindingFlags.BIDIRECTIONAL)
        self.name.bind_property('error', self.entry, 'message', GObject.BindingFlags.SYNC_CREATE)

    def save(self):
        return call(self.edit.save_async, self.edit.save_finish)

    def stored(self):
        return self.server.get_target().find_sync('a')


def text_is_bound_both_ways():
    form = Form()
    assert form.entry.text == 'Apple'
    notified = []
    form.edit.connect('notify::dirty', lambda edit, pspec: notified.append(edit.props.dirty))
    form.entry.text = 'Apricot'
    assert form.name.get_text() == 'Apricot' and form.name.props.dirty
    assert form.edit.dup_dirty_fields() == ['name']
    assert form.edit.dup_value('name').unpack() == 'Apricot'
    form.edit.set_value('name', GLib.Variant('s', 'Apple'))
    assert form.entry.text == 'Apple'
    assert not form.edit.get_dirty()
    assert notified == [True, False], notified


def save_sends_what_is_dirty():
    form = Form()
    form.edit.get_field('stock').set_text('4')
    record = form.save()
    assert record['stock'] == 4 and record['name'] == 'Apple'
    assert not form.edit.get_dirty() and not form.edit.get_saving()
    assert form.stored()['stock'] == 4


def text_that_is_no_value():
    form = Form()
    stock = form.edit.get_field('stock')
    stock.props.text = 'many'
    assert stock.get_error()
    expect_error(form.save, Vl.Error.INVALID, 'stock')
    assert stock.get_text() == 'many' and form.stored()['stock'] == 3


def a_refused_save_keeps_the_draft():
    form = Form()
    form.entry.text = ''
    form.server.push_error(Vl.error(Vl.Error.REJECTED, '“name” must not be empty'))
    expect_error(form.save, Vl.Error.REJECTED, 'must not be empty')
    assert form.entry.message == '“name” must not be empty', form.entry.message
    assert form.entry.text == '' and form.name.get_dirty()
    assert form.edit.dup_error().matches(Vl.error_quark(), Vl.Error.REJECTED)
    form.entry.text = 'Avocado'
    assert not form.entry.message
    assert form.save()['name'] == 'Avocado'
    assert form.edit.dup_error() is None


def somebody_else_was_faster():
    form = Form()
    form.entry.text = 'Apricot'
    form.live.patch_sync('a', Vl.Record.new(None, {'name': 'Avocado', 'stock': 9}))
    iterate_until(form.name.get_conflict)
    assert form.entry.text == 'Apricot'
    assert form.edit.get_field('stock').get_text() == '9'
    expect_error(form.save, Vl.Error.CONFLICT)
    assert form.entry.message and form.stored()['name'] == 'Avocado'
    form.name.keep()
    assert not form.name.get_conflict()
    assert form.save()['name'] == 'Apricot'


def revert_takes_it_all_back():
    form = Form()
    form.entry.text = 'Apricot'
    form.edit.get_field('stock').set_text('many')
    form.edit.revert()
    assert form.entry.text == 'Apple' and not form.edit.get_dirty()
    assert form.edit.get_field('stock').get_error() is None


def a_new_record():
    form = Form()
    edit = Vl.RecordEdit.new(form.live, None)
    edit.get_field('name').set_text('Cherry')
    record = call(edit.save_async, edit.save_finish)
    assert record['name'] == 'Cherry' and edit.get_record().get_id() == record.get_id()
    drain()


main([
    text_is_bound_both_ways, save_sends_what_is_dirty, text_that_is_no_value,
    a_refused_save_keeps_the_draft, somebody_else_was_faster, revert_takes_it_all_back,
    a_new_record,
])
