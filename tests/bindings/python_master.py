# python_master.py: tables written in Python, as masters
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import functools
import sqlite3
import threading

from gi.repository import GLib, GObject, Vl, VlTest


class PythonMaster(GObject.Object, Vl.Table):
    """A table over a dictionary, which answers before its vfuncs return."""

    def __init__(self, schema=None):
        super().__init__()
        self.schema = schema or VlTest.schema()
        self.records = {}

    def answer(self, reply, function):
        """Answers the reply by what the function returns or raises."""
        function()

    def do_describe(self, reply):
        self.answer(reply, lambda: reply.return_schema(self.schema))
        return True

    def do_list(self, query, reply):
        self.answer(reply, lambda: self.list_now(query, reply))
        return True

    def do_find(self, id, reply):
        self.answer(reply, lambda: reply.return_record(self.records.get(id)))
        return True

    def do_count(self, query, reply):
        self.answer(reply, lambda: reply.return_count(len(self.pick(query))))
        return True

    def do_apply(self, change, reply):
        self.answer(reply, lambda: reply.return_record(self.apply_now(change)))
        return True

    # A Python class need not implement the optional vfuncs.

    def pick(self, query):
        records = [record for record in self.records.values() if query.matches(record)]
        return sorted(records, key=functools.cmp_to_key(query.compare))

    def list_now(self, query, reply):
        records = self.pick(query)
        first = query.get_offset()
        limit = query.get_limit()
        for record in records[first:first + limit if limit > 0 else None]:
            reply.add_record(record)
        reply.set_total(len(records))
        reply.finish()

    def apply_now(self, change):
        kind = change.get_kind()
        id = change.get_id()
        old = self.records.get(id)
        if kind == Vl.ChangeKind.DELETE_ALL:
            return self.delete_all_now(change.get_query())
        if kind == Vl.ChangeKind.DELETE:
            return self.records.pop(id, None)
        if kind == Vl.ChangeKind.INSERT and old is not None:
            raise Vl.error(Vl.Error.EXISTS, 'The table things has a record %s already' % id)
        if kind == Vl.ChangeKind.PATCH:
            if old is None:
                raise Vl.error(Vl.Error.NOT_FOUND, 'The table things has no record %s' % id)
            self.records[id] = old.merge(change.get_record())
        else:
            self.records[id] = change.get_record()
        return self.records[id]

    def delete_all_now(self, query):
        for record in self.records_to_delete(query):
            del self.records[record.get_id()]
        return None

    def records_to_delete(self, query):
        if query is None:
            return list(self.records.values())
        first = query.get_offset()
        limit = query.get_limit()
        return self.pick(query)[first:first + limit if limit > 0 else None]


class IdleMaster(PythonMaster):
    """Answers from the main loop."""

    def answer(self, reply, function):
        def run():
            try:
                function()
            except GLib.Error as error:
                reply.fail(error)
            return GLib.SOURCE_REMOVE

        source = GLib.Idle(priority=GLib.PRIORITY_DEFAULT)
        source.set_callback(lambda *_: run())
        source.attach(GLib.MainContext.get_thread_default())


class ThreadMaster(PythonMaster):
    """Answers each call from a new thread."""

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()

    def answer(self, reply, function):
        def run():
            with self.lock:
                try:
                    function()
                except GLib.Error as error:
                    reply.fail(error)

        threading.Thread(target=run, daemon=True).start()


class BlockingMaster(Vl.BlockingTable):
    """A table over sqlite3, whose objects must stay on one thread."""

    COLUMNS = ('id', 'name', 'price', 'stock', 'active', 'note', 'data', 'mixed')

    def __init__(self):
        super().__init__()
        self.connection = None
        self.threads = set()

    def open(self):
        self.threads.add(threading.get_ident())
        if self.connection is None:
            self.connection = sqlite3.connect(':memory:', isolation_level=None)
            self.connection.execute(
                'CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT, price REAL, stock INTEGER, '
                'active INTEGER, note TEXT, data BLOB, mixed)')
        return self.connection

    def to_record(self, row):
        fields = dict(zip(self.COLUMNS, row))
        if fields['active'] is not None:
            fields['active'] = bool(fields['active'])
        return Vl.Record.new(row[0], fields)

    def find_now(self, id):
        row = self.open().execute('SELECT * FROM things WHERE id = ?', (id,)).fetchone()
        return None if row is None else self.to_record(row)

    def pick(self, query):
        records = [self.to_record(row) for row in self.open().execute('SELECT * FROM things')]
        if query is None:
            return records
        records = [record for record in records if query.matches(record)]
        return sorted(records, key=functools.cmp_to_key(query.compare))

    def cut(self, records, query):
        if query is None:
            return records
        first = query.get_offset()
        limit = query.get_limit()
        return records[first:first + limit if limit > 0 else None]

    def do_describe_blocking(self, reply):
        self.open()
        reply.return_schema(VlTest.schema())
        return True

    def do_list_blocking(self, query, reply):
        records = self.pick(query)
        for record in self.cut(records, query):
            reply.add_record(record)
        reply.set_total(len(records))
        reply.finish()
        return True

    def do_find_blocking(self, id, reply):
        reply.return_record(self.find_now(id))
        return True

    def do_count_blocking(self, query, reply):
        reply.return_count(len(self.pick(query)))
        return True

    def do_apply_blocking(self, change, reply):
        reply.return_record(self.apply_now(change))
        return True

    def apply_now(self, change):
        kind = change.get_kind()
        id = change.get_id()
        if kind == Vl.ChangeKind.DELETE_ALL:
            for record in self.cut(self.pick(change.get_query()), change.get_query()):
                self.open().execute('DELETE FROM things WHERE id = ?', (record.get_id(),))
            return None
        old = self.find_now(id)
        if kind == Vl.ChangeKind.DELETE:
            self.open().execute('DELETE FROM things WHERE id = ?', (id,))
            return old
        if kind == Vl.ChangeKind.INSERT and old is not None:
            raise Vl.error(Vl.Error.EXISTS, 'The table things has a record %s already' % id)
        if kind == Vl.ChangeKind.PATCH and old is None:
            raise Vl.error(Vl.Error.NOT_FOUND, 'The table things has no record %s' % id)
        record = change.get_record()
        self.store(id, old.merge(record) if kind == Vl.ChangeKind.PATCH else record)
        return self.find_now(id)

    def store(self, id, record):
        values = [id] + [record.get(column) for column in self.COLUMNS[1:]]
        self.open().execute('INSERT OR REPLACE INTO things VALUES (?, ?, ?, ?, ?, ?, ?, ?)', values)


# What the tables below can do beyond the others.
CHECKS = (Vl.Capabilities.CHECK_BASE | Vl.Capabilities.IDEMPOTENT | Vl.Capabilities.BATCH)


def schema_with(more):
    """The schema of the battery, with more capabilities."""
    plain = VlTest.schema()
    builder = Vl.SchemaBuilder.new(plain.get_table_name())
    for i in range(plain.get_n_columns()):
        builder.add_column(plain.get_column_name(i), plain.get_column_type(i),
                           plain.get_column_nullable(i))
    builder.set_id_column(plain.get_id_column())
    builder.set_capabilities(plain.get_capabilities() | more)
    return builder.end()


class Conflict(Exception):
    """Somebody else was quicker."""

    def __init__(self, current, message):
        super().__init__(message)
        self.current = current


class Checks:
    """What a table needs to look at the bases and the uids of changes."""

    def init_checks(self):
        self.applied = {}

    def apply_checked(self, change, current, apply):
        """The record to answer; raises Conflict."""
        uid = change.get_uid()
        if self.is_known(uid):
            id = self.applied[uid]
            return None if id is None else current(id)
        self.check_base(change, current(change.get_id()))
        record = apply(change)
        self.remember(uid, change, record)
        return record

    def is_known(self, uid):
        return uid in self.applied

    def remember(self, uid, change, record):
        if uid:
            deletes = change.get_kind() == Vl.ChangeKind.DELETE
            self.applied[uid] = None if deletes or record is None else record.get_id()

    def check_base(self, change, current):
        base = change.get_base()
        kind = change.get_kind()
        if base is None or kind in (Vl.ChangeKind.INSERT, Vl.ChangeKind.DELETE_ALL):
            return
        if current is None:
            if kind != Vl.ChangeKind.DELETE:
                raise Conflict(None, 'The record %s is gone' % change.get_id())
            return
        differences = [field for field in self.touched(change, base)
                       if self.differ(base.get(field), current.get(field))]
        if differences:
            raise Conflict(current, 'The record %s has changed: %s'
                           % (change.get_id(), ', '.join(differences)))

    def touched(self, change, base):
        fields = [field for field in base.get_field_names() if field != 'id']
        if change.get_kind() == Vl.ChangeKind.PATCH:
            return [field for field in fields if change.get_record().has_field(field)]
        return fields

    def differ(self, then, now):
        return then != now


class CheckingMaster(Checks, PythonMaster, Vl.Table):
    """A table that looks at the bases of changes and knows those that it has."""

    def __init__(self):
        super().__init__(schema_with(CHECKS))
        self.init_checks()

    def apply_one(self, change):
        return self.apply_checked(change, self.records.get, self.apply_now)

    def do_apply(self, change, reply):
        try:
            reply.return_record(self.apply_one(change))
        except Conflict as conflict:
            reply.fail_conflict(conflict.current, str(conflict))
        return True

    def do_apply_batch(self, changes, reply):
        for i, change in enumerate(changes):
            try:
                reply.return_nth(i, self.apply_one(change))
            except Conflict as conflict:
                reply.fail_nth_conflict(i, conflict.current, str(conflict))
            except GLib.Error as error:
                reply.fail_nth(i, error)
        reply.finish()
        return True


class CheckingBlockingMaster(Checks, BlockingMaster):
    """The same on a thread of its own."""

    def __init__(self):
        super().__init__()
        self.init_checks()

    def apply_one(self, change):
        return self.apply_checked(change, self.find_now, self.apply_now)

    def do_describe_blocking(self, reply):
        reply.return_schema(schema_with(CHECKS))
        return True

    do_apply_blocking = CheckingMaster.do_apply
    do_apply_batch_blocking = CheckingMaster.do_apply_batch
