# test-battery-mutants.py: the battery notices a table that breaks a rule
#
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Each class breaks one rule; the battery must name a check that shows it."""

import functools

from taptest import main
from gi.repository import GLib, Vl, VlTest
from python_master import CheckingMaster, Checks, Conflict, PythonMaster




def fake_record(record):
    return Vl.Record.new(record.get_id(), {'name': 'fake'})


# What a vfunc does wrong, and the check that has to show it.

def insert_overwrites(self, change):
    if change.get_kind() == Vl.ChangeKind.INSERT:
        self.records[change.get_id()] = change.get_record()
        return change.get_record()
    return PythonMaster.apply_now(self, change)


def patch_creates(self, change):
    if change.get_kind() == Vl.ChangeKind.PATCH and change.get_id() not in self.records:
        self.records[change.get_id()] = Vl.Record.new(change.get_id(), {})
    return PythonMaster.apply_now(self, change)


def patch_replaces(self, change):
    if change.get_kind() == Vl.ChangeKind.PATCH and change.get_id() in self.records:
        fields = change.get_record().to_dict()
        self.records[change.get_id()] = Vl.Record.new(change.get_id(), fields)
        return self.records[change.get_id()]
    return PythonMaster.apply_now(self, change)


def replace_merges(self, change):
    old = self.records.get(change.get_id())
    if change.get_kind() == Vl.ChangeKind.REPLACE and old is not None:
        self.records[change.get_id()] = old.merge(change.get_record())
        return self.records[change.get_id()]
    return PythonMaster.apply_now(self, change)


def replace_does_not_create(self, change):
    if change.get_kind() == Vl.ChangeKind.REPLACE and change.get_id() not in self.records:
        raise Vl.error(Vl.Error.NOT_FOUND, 'no ' + change.get_id())
    return PythonMaster.apply_now(self, change)


def delete_of_unknown_fails(self, change):
    if change.get_kind() == Vl.ChangeKind.DELETE and change.get_id() not in self.records:
        raise Vl.error(Vl.Error.NOT_FOUND, 'no ' + change.get_id())
    return PythonMaster.apply_now(self, change)


def delete_tells_lies(self, change):
    result = PythonMaster.apply_now(self, change)
    if change.get_kind() == Vl.ChangeKind.DELETE and result is not None:
        return fake_record(result)
    return result


def writes_answer_something_else(self, change):
    result = PythonMaster.apply_now(self, change)
    if change.get_kind() == Vl.ChangeKind.INSERT:
        return fake_record(result)
    return result


def delete_all_deletes_all(self, query):
    self.records.clear()


def errors_name_nothing(self, change):
    try:
        return PythonMaster.apply_now(self, change)
    except GLib.Error as error:
        raise Vl.error(Vl.Error(error.code), 'It failed') from None


def pick_unordered(self, query):
    return [record for record in self.records.values() if query.matches(record)]


def pick_nulls_first(self, query):
    records = PythonMaster.pick(self, query)
    if query.get_n_orders() == 0:
        return records
    field = query.get_order(0)[0]
    return ([record for record in records if record.is_null(field)] +
            [record for record in records if not record.is_null(field)])


def pick_ids_backwards(self, query):
    records = PythonMaster.pick(self, query)
    if query.get_n_orders() > 0:
        return records
    return list(reversed(records))


def pick_without_search(self, query):
    plain = Vl.Query.parse(query.get_key()).search(None)
    records = [record for record in self.records.values() if plain.matches(record)]
    return sorted(records, key=functools.cmp_to_key(query.compare))


def pick_everything(self, query):
    return sorted(self.records.values(), key=functools.cmp_to_key(query.compare))


def list_without_window(self, query, reply):
    for record in self.pick(query):
        reply.add_record(record)
    reply.finish()


def list_with_wrong_total(self, query, reply):
    for record in self.pick(query):
        reply.add_record(record)
    reply.set_total(len(self.records) + 1)
    reply.finish()


def find_fails_for_unknown(self, id, reply):
    if id not in self.records:
        raise Vl.error(Vl.Error.NOT_FOUND, 'no ' + id)
    reply.return_record(self.records[id])
    return True


def find_ignores_case(self, id, reply):
    found = [record for key, record in self.records.items() if key.lower() == id.lower()]
    reply.return_record(found[0] if found else None)
    return True


def find_rounds_integers(self, id, reply):
    record = self.records.get(id)
    if record is not None and not record.is_null('stock'):
        record = record.merge(Vl.Record.new(None, {'stock': int(float(record['stock'])) >> 1 << 1}))
    reply.return_record(record)
    return True


def count_within_window(self, query, reply):
    reply.return_count(len(self.records_to_delete(query)))
    return True


def describe_with_new_name(self, reply):
    self.n_described = getattr(self, 'n_described', 0) + 1
    builder = Vl.SchemaBuilder.new('things%d' % self.n_described)
    schema = VlTest.schema()
    for i in range(schema.get_n_columns()):
        builder.add_column(schema.get_column_name(i), schema.get_column_type(i),
                           schema.get_column_nullable(i))
    builder.set_id_column('id')
    builder.set_capabilities(schema.get_capabilities())
    reply.return_schema(builder.end())
    return True


# The same of a table that looks at bases and uids.

def conflict_without_record(self, change, current):
    try:
        Checks.check_base(self, change, current)
    except Conflict as conflict:
        raise Conflict(None, str(conflict)) from None


def conflict_with_another_record(self, change, current):
    try:
        Checks.check_base(self, change, current)
    except Conflict as conflict:
        raise Conflict(conflict.current and change.get_base(), str(conflict)) from None


def conflict_names_nothing(self, change, current):
    try:
        Checks.check_base(self, change, current)
    except Conflict as conflict:
        raise Conflict(conflict.current, 'b has changed') from None


def conflict_after_all(self, change):
    uid = change.get_uid()
    current = self.records.get(change.get_id())
    if self.is_known(uid):
        return Checks.apply_checked(self, change, self.records.get, self.apply_now)
    record = self.apply_now(change)
    self.remember(uid, change, record)
    self.check_base(change, current)
    return record


def base_is_ignored(self, change, current):
    pass


def base_of(kind):
    def check_base(self, change, current):
        if change.get_kind() != kind:
            Checks.check_base(self, change, current)

    return check_base


def gone_is_ignored(self, change, current):
    if current is not None:
        Checks.check_base(self, change, current)


def gone_is_a_conflict(self, change, current):
    if current is None and change.get_base() is not None:
        raise Conflict(None, 'b is gone')
    Checks.check_base(self, change, current)


def touches_all(self, change, base):
    return [field for field in base.get_field_names() if field != 'id']


def touches_absent(self, change, base):
    fields = Checks.touched(self, change, base)
    if change.get_kind() == Vl.ChangeKind.PATCH:
        fields += [field for field in change.get_record().get_field_names() if field != 'id']
    return fields


def touches_what_it_has(self, change, base):
    fields = Checks.touched(self, change, base)
    record = change.get_record()
    return [field for field in fields if record is None or record.has_field(field)]


def differ_as_floats(self, then, now):
    if isinstance(then, (int, float)) and isinstance(now, (int, float)):
        return float(then) != float(now)
    return then != now


def differ_by_type(self, then, now):
    return type(then) is not type(now) or then != now


def differ_as_text(self, then, now):
    return str(then) != str(now)


def differ_unless_null(self, then, now):
    return then is not None and now is not None and then != now


def nulls_differ(self, then, now):
    return then is None or now is None or then != now


def knows_nothing(self, uid):
    return False


def remembers_refused(self, change):
    try:
        return Checks.apply_checked(self, change, self.records.get, self.apply_now)
    except GLib.Error:
        self.applied[change.get_uid()] = None
        raise


def base_before_uid(self, change):
    self.check_base(change, self.records.get(change.get_id()))
    return Checks.apply_checked(self, change, self.records.get, self.apply_now)


def answers_as_then(self, change):
    uid = change.get_uid()
    self.then = getattr(self, 'then', {})
    if self.is_known(uid):
        return self.then[uid]
    self.then[uid] = Checks.apply_checked(self, change, self.records.get, self.apply_now)
    return self.then[uid]


def remembers_without_uid(self, uid, change, record):
    Checks.remember(self, uid, change, record)
    self.applied.setdefault(uid, change.get_id())


CHECKING_MUTANTS = [
    ('conflict_record', 'base/patch-of-what-has-changed', {'check_base': conflict_without_record}),
    ('conflict_own_record', 'base/patch-of-what-has-changed',
     {'check_base': conflict_with_another_record}),
    ('conflict_message', 'base/patch-of-what-has-changed', {'check_base': conflict_names_nothing}),
    ('conflict_too_late', 'base/patch-of-what-has-changed', {'apply_one': conflict_after_all}),
    ('no_bases', 'base/patch-of-what-has-changed', {'check_base': base_is_ignored}),
    ('no_base_of_patch', 'base/patch-of', {'check_base': base_of(Vl.ChangeKind.PATCH)}),
    ('no_base_of_replace', 'base/replace-', {'check_base': base_of(Vl.ChangeKind.REPLACE)}),
    ('no_base_of_delete', 'base/delete-touches-all',
     {'check_base': base_of(Vl.ChangeKind.DELETE)}),
    ('gone_patch', 'base/patch-of-what-is-gone', {'check_base': gone_is_ignored}),
    ('gone_delete', 'base/delete-of-what-is-gone', {'check_base': gone_is_a_conflict}),
    ('touches_all', 'base/patch-beside-what-has-changed', {'touched': touches_all}),
    ('touches_absent', 'base/field-that-it-does-not-have', {'touched': touches_absent}),
    ('touches_new', 'base/replace-touches-all', {'touched': touches_what_it_has}),
    ('inexact', 'base/numbers-exactly', {'differ': differ_as_floats}),
    ('by_type', 'base/numbers-exactly', {'differ': differ_by_type}),
    ('as_text', 'base/numbers-exactly', {'differ': differ_as_text}),
    ('null_is_anything', 'base/null-equals-null', {'differ': differ_unless_null}),
    ('null_is_nothing', 'base/null-equals-null', {'differ': nulls_differ}),
    ('knows_nothing', 'repeat/insert', {'is_known': knows_nothing}),
    ('remembers_refused', 'repeat/what-was-refused', {'apply_one': remembers_refused}),
    ('base_before_uid', 'repeat/with-a-base', {'apply_one': base_before_uid}),
    ('answers_as_then', 'repeat/patch', {'apply_one': answers_as_then}),
    ('empty_uid', 'repeat/not-without-a-uid', {'remember': remembers_without_uid}),
]

MUTANTS = [
    ('insert_existing', 'insert/existing-id', {'apply_now': insert_overwrites}),
    ('patch_unknown', 'patch/', {'apply_now': patch_creates}),
    ('patch_all', 'patch/', {'apply_now': patch_replaces}),
    ('replace_some', 'replace/replaces-every-field', {'apply_now': replace_merges}),
    ('replace_unknown', 'replace/creates', {'apply_now': replace_does_not_create}),
    ('delete_unknown', 'delete/', {'apply_now': delete_of_unknown_fails}),
    ('delete_answer', 'delete/deletes', {'apply_now': delete_tells_lies}),
    ('insert_answer', 'insert/stores', {'apply_now': writes_answer_something_else}),
    ('delete_all_query', 'delete-all/by-condition', {'delete_all_now': delete_all_deletes_all}),
    ('error_messages', 'insert/existing-id', {'apply_now': errors_name_nothing}),
    ('no_order', 'list/all-by-id', {'pick': pick_unordered}),
    ('nulls_first', '/by-order', {'pick': pick_nulls_first}),
    ('ids_backwards', 'list/all-by-id', {'pick': pick_ids_backwards}),
    ('no_search', '/by-search', {'pick': pick_without_search}),
    ('no_conditions', 'get-first/by-condition', {'pick': pick_everything}),
    ('no_window', 'window/', {'list_now': list_without_window}),
    ('wrong_total', 'total', {'list_now': list_with_wrong_total}),
    ('find_unknown', 'empty/find', {'do_find': find_fails_for_unknown}),
    ('find_case', 'find/is-exact', {'do_find': find_ignores_case}),
    ('find_rounds', 'find', {'do_find': find_rounds_integers}),
    ('count_window', 'count/ignores-window', {'do_count': count_within_window}),
    ('describe_changes', 'describe/', {'do_describe': describe_with_new_name}),
]


def make_test(name, check, functions, original=PythonMaster):
    table_type = type(original)('Mutant_' + name, (original, Vl.Table), dict(functions))

    def test():
        try:
            n_checks = VlTest.table(table_type())
        except GLib.Error as error:
            assert error.matches(Vl.error_quark(), Vl.Error.FAILED), error
            assert check in error.message, error.message
        else:
            raise AssertionError('%d checks have passed' % n_checks)

    test.__name__ = name
    return test


def the_original_passes():
    assert VlTest.table(PythonMaster()) > 0
    assert VlTest.table(CheckingMaster()) > 0


main([the_original_passes] + [make_test(*mutant) for mutant in MUTANTS] +
     [make_test(*mutant, CheckingMaster) for mutant in CHECKING_MUTANTS])
