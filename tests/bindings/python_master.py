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
