# Vl.py: what makes vantage-live feel at home in Python
#
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Sugar for `from gi.repository import Vl`.

Nothing here is needed to use the library: it turns records and pages into
things that can be indexed, and Python values into GVariants.
"""

import datetime

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import GLib

Vl = get_introspection_module('Vl')

__all__ = []


# Values

_INT64_MIN = -(1 << 63)
_INT64_MAX = (1 << 63) - 1


def _bytes_variant(value):
    return GLib.Variant.new_from_bytes(GLib.VariantType.new('ay'),
                                       GLib.Bytes.new(bytes(value)), True)


def _variant(value):
    """A Python value as the GVariant that a field of that type is made of."""
    if value is None:
        return GLib.Variant('ms', None)
    if isinstance(value, GLib.Variant):
        return value
    if isinstance(value, bool):
        return GLib.Variant('b', value)
    if isinstance(value, int):
        if not _INT64_MIN <= value <= _INT64_MAX:
            raise OverflowError('%d does not fit into 64 bits' % value)
        return GLib.Variant('x', value)
    if isinstance(value, float):
        return GLib.Variant('d', value)
    if isinstance(value, str):
        return GLib.Variant('s', value)
    if isinstance(value, GLib.Bytes):
        return _bytes_variant(value.get_data() or b'')
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _bytes_variant(value)
    if isinstance(value, (datetime.datetime, datetime.date)):
        return GLib.Variant('s', value.isoformat())
    if isinstance(value, GLib.DateTime):
        return GLib.Variant('s', value.format_iso8601())
    if isinstance(value, dict):
        return _variant_dict(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return GLib.Variant('av', [_variant(item) for item in value])
    raise TypeError('a value of the type %s cannot be kept in a record'
                    % type(value).__name__)


def _variant_dict(fields):
    variants = {}
    for name, value in fields.items():
        if not isinstance(name, str):
            raise TypeError('the name of a field must be text, not %r' % (name,))
        try:
            variants[name] = _variant(value)
        except (TypeError, OverflowError) as error:
            raise type(error)('%s: %s' % (name, error)) from None
    return GLib.Variant('a{sv}', variants)


def _fields(fields):
    if fields is None:
        return None
    if isinstance(fields, GLib.Variant):
        return fields
    return _variant_dict(dict(fields))


def _unpack(record, field):
    kind = record.get_field_type(field)
    if kind == Vl.FieldType.NULL:
        return None
    if kind == Vl.FieldType.BOOLEAN:
        return record.get_boolean(field)
    if kind == Vl.FieldType.INT64:
        return record.get_int64(field)
    if kind == Vl.FieldType.DOUBLE:
        return record.get_double(field)
    if kind == Vl.FieldType.STRING:
        return record.get_string(field)
    if kind == Vl.FieldType.BYTES:
        return record.get_bytes(field).get_data() or b''
    return record.get_variant(field).unpack()


# Records and pages

class Record(Vl.Record):
    """A record is a read-only mapping of field names to Python values."""

    @staticmethod
    def new(id=None, fields=None):
        return Vl.Record.new(id, _fields(fields))

    def __getitem__(self, field):
        if self.has_field(field):
            return _unpack(self, field)
        if field == 'id':
            return self.get_id()
        raise KeyError(field)

    def get(self, field, default=None):
        return self[field] if field in self else default

    def __contains__(self, field):
        return isinstance(field, str) and (field == 'id' or self.has_field(field))

    def keys(self):
        return list(self.get_field_names())

    def values(self):
        return [_unpack(self, field) for field in self.get_field_names()]

    def items(self):
        return [(field, _unpack(self, field)) for field in self.get_field_names()]

    def to_dict(self):
        return dict(self.items())

    def __iter__(self):
        return iter(self.keys())

    def __len__(self):
        return len(self.get_field_names())

    # A record without fields is a record all the same.
    def __bool__(self):
        return True

    def __eq__(self, other):
        if not isinstance(other, Vl.Record):
            return NotImplemented
        return self.equal(other)

    def __hash__(self):
        return hash(self.get_id())

    def __repr__(self):
        return '<Vl.Record %r %r>' % (self.get_id(), self.to_dict())


Record = override(Record)
__all__.append('Record')


class RecordBuilder(Vl.RecordBuilder):
    def __setitem__(self, field, value):
        self.set_variant(field, _variant(value))

    def __delitem__(self, field):
        self.unset(field)

    def __bool__(self):
        return True


RecordBuilder = override(RecordBuilder)
__all__.append('RecordBuilder')


class Page(Vl.Page):
    """A page is a read-only sequence of records."""

    def __len__(self):
        return self.get_n_records()

    # An empty page is an answer, not a miss.
    def __bool__(self):
        return True

    def __getitem__(self, position):
        length = self.get_n_records()
        if isinstance(position, slice):
            return [self.get_record(i) for i in range(*position.indices(length))]
        if position < 0:
            position += length
        if not 0 <= position < length:
            raise IndexError('a page of %d records has none at %d' % (length, position))
        return self.get_record(position)

    def __iter__(self):
        for position in range(self.get_n_records()):
            yield self.get_record(position)

    def __contains__(self, item):
        if isinstance(item, Vl.Record):
            return any(record == item for record in self)
        return isinstance(item, str) and self.find(item)[0]

    def get_ids(self):
        return [self.get_record_id(i) for i in range(self.get_n_records())]

    def to_list(self):
        return [record.to_dict() for record in self]

    def __repr__(self):
        return '<Vl.Page of %d, from %d, of %d in all>' % (
            self.get_n_records(), self.get_offset(), self.get_total())


Page = override(Page)
__all__.append('Page')


class PageBuilder(Vl.PageBuilder):
    # The length is in bytes and only of use in C.
    def append_string(self, value, length=-1):
        Vl.PageBuilder.append_string(self, value, length)


PageBuilder = override(PageBuilder)
__all__.append('PageBuilder')


# Queries

class Query(Vl.Query):
    def where(self, field, op, value=None):
        if op in (Vl.Op.IS_NULL, Vl.Op.NOT_NULL):
            return Vl.Query.where(self, field, op, None)
        return Vl.Query.where(self, field, op, _variant(value))

    def order_by(self, field, descending=False):
        return Vl.Query.order_by(self, field, descending)

    def __eq__(self, other):
        if not isinstance(other, Vl.Query):
            return NotImplemented
        return self.equal(other)

    def __hash__(self):
        return hash(self.get_key())

    def __repr__(self):
        return '<Vl.Query %s>' % self.get_key()


Query = override(Query)
__all__.append('Query')


# Errors

def error(code, message):
    """An error to raise in a vfunc: raise Vl.error(Vl.Error.NOT_FOUND, 'text')."""
    return GLib.Error.new_literal(Vl.error_quark(), message, int(code))


__all__.append('error')


class Reply(Vl.Reply):
    def fail(self, error, message=None):
        """Takes an exception, or a Vl.Error and a message."""
        if message is not None:
            self.fail_literal(error, message)
        elif isinstance(error, GLib.Error):
            Vl.Reply.fail(self, error)
        else:
            self.fail_literal(Vl.Error.FAILED, _describe(error))

    def fail_nth(self, index, error, message=None):
        if message is not None:
            error = globals()['error'](error, message)
        elif not isinstance(error, GLib.Error):
            error = globals()['error'](Vl.Error.FAILED, _describe(error))
        Vl.Reply.fail_nth(self, index, error)


def _describe(exception):
    return '%s: %s' % (type(exception).__name__, exception)


Reply = override(Reply)
__all__.append('Reply')


# Interfaces

def _check_bases(cls, interface, name):
    """Refuses to change the table of functions of another class.

    PyGObject gives a class a copy of an interface's functions only when the
    class names the interface itself. A class that overrides one of them and
    does not would change the class it is derived from, and every other class
    derived from that one.
    """
    if interface in cls.__bases__:
        return
    for vfunc in interface.__info__.get_vfuncs():
        if 'do_' + vfunc.get_name() in cls.__dict__:
            raise TypeError('%s overrides do_%s(): name %s among its bases'
                            % (cls.__name__, vfunc.get_name(), name))


class Table(Vl.Table):
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        _check_bases(cls, Table, 'Vl.Table')


Table = override(Table)
__all__.append('Table')


class Cache(Vl.Cache):
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        _check_bases(cls, Cache, 'Vl.Cache')


Cache = override(Cache)
__all__.append('Cache')


# What later versions of the library add: there when the typelib has it.

if hasattr(Vl, 'LiveList'):
    class LiveList(Vl.LiveList):
        # A list that has not loaded yet is a list all the same.
        def __bool__(self):
            return True

    LiveList = override(LiveList)
    __all__.append('LiveList')
