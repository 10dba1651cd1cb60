// gjsMaster.js: tables written in JavaScript, as masters
//
// SPDX-License-Identifier: LGPL-2.1-or-later

/* exported GjsMaster, AsyncMaster, CheckingMaster */

const {GLib, GObject, Vl, VlTest} = imports.gi;

// A table over a Map, which answers before its vfuncs return.
var GjsMaster = GObject.registerClass({
    GTypeName: 'GjsMaster',
    Implements: [Vl.Table],
}, class GjsMaster extends GObject.Object {
    _init() {
        super._init();
        this._schema = VlTest.schema();
        this._records = new Map();
    }

    vfunc_describe(reply) {
        reply.return_schema(this._schema);
        return true;
    }

    vfunc_list(query, reply) {
        this._list(query, reply);
        return true;
    }

    vfunc_find(id, reply) {
        reply.return_record(this._records.get(id) ?? null);
        return true;
    }

    vfunc_count(query, reply) {
        reply.return_count(this._pick(query).length);
        return true;
    }

    vfunc_apply(change, reply) {
        reply.return_record(this._apply(change));
        return true;
    }

    _pick(query) {
        return [...this._records.values()]
            .filter(record => query.matches(record))
            .sort((a, b) => query.compare(a, b));
    }

    _cut(records, query) {
        const first = query.get_offset();
        const limit = query.get_limit();

        return records.slice(first, limit > 0 ? first + limit : undefined);
    }

    _list(query, reply) {
        const records = this._pick(query);

        this._cut(records, query).forEach(record => reply.add_record(record));
        reply.set_total(records.length);
        reply.finish();
    }

    _apply(change) {
        const id = change.get_id();
        const old = this._records.get(id) ?? null;

        switch (change.get_kind()) {
        case Vl.ChangeKind.DELETE_ALL:
            return this._deleteAll(change.get_query());
        case Vl.ChangeKind.DELETE:
            this._records.delete(id);
            return old;
        case Vl.ChangeKind.INSERT:
            if (old !== null) {
                throw new Vl.Error({
                    code: Vl.Error.EXISTS,
                    message: `The table things has a record ${id} already`,
                });
            }
            this._records.set(id, change.get_record());
            break;
        case Vl.ChangeKind.PATCH:
            if (old === null) {
                throw new Vl.Error({
                    code: Vl.Error.NOT_FOUND,
                    message: `The table things has no record ${id}`,
                });
            }
            this._records.set(id, old.merge(change.get_record()));
            break;
        default:
            this._records.set(id, change.get_record());
        }
        return this._records.get(id);
    }

    _deleteAll(query) {
        if (query === null)
            this._records.clear();
        else
            this._cut(this._pick(query), query).forEach(record => this._records.delete(record.get_id()));
        return null;
    }
});

// A turn of the main loop.
function turn() {
    return new Promise(resolve => {
        GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
            resolve();
            return GLib.SOURCE_REMOVE;
        });
    });
}

// The same with asynchronous functions behind its vfuncs.
var AsyncMaster = GObject.registerClass({
    GTypeName: 'AsyncMaster',
    Implements: [Vl.Table],
}, class AsyncMaster extends GjsMaster {
    vfunc_describe(reply) {
        return reply.follow(this._describeLater(reply));
    }

    vfunc_list(query, reply) {
        return reply.follow(this._listLater(query, reply));
    }

    vfunc_find(id, reply) {
        return reply.follow(this._findLater(id, reply));
    }

    vfunc_count(query, reply) {
        return reply.follow(this._countLater(query, reply));
    }

    vfunc_apply(change, reply) {
        return reply.follow(this._applyLater(change, reply));
    }

    async _describeLater(reply) {
        await turn();
        reply.return_schema(this._schema);
    }

    async _listLater(query, reply) {
        await turn();
        this._list(query, reply);
    }

    async _findLater(id, reply) {
        await turn();
        reply.return_record(this._records.get(id) ?? null);
    }

    async _countLater(query, reply) {
        await turn();
        reply.return_count(this._pick(query).length);
    }

    async _applyLater(change, reply) {
        await turn();
        reply.return_record(this._apply(change));
    }
});

// What a write of a CheckingMaster ends with.
class Conflict extends Error {
    constructor(current, message) {
        super(message);
        this.current = current;
    }
}

// A table that looks at the bases of changes and knows those that it has; it
// answers a turn later.
var CheckingMaster = GObject.registerClass({
    GTypeName: 'CheckingMaster',
    Implements: [Vl.Table],
}, class CheckingMaster extends GjsMaster {
    _init() {
        const plain = VlTest.schema();
        const builder = Vl.SchemaBuilder.new(plain.get_table_name());

        super._init();
        this._applied = new Map();
        for (let i = 0; i < plain.get_n_columns(); i++) {
            builder.add_column(plain.get_column_name(i), plain.get_column_type(i),
                plain.get_column_nullable(i));
        }
        builder.set_id_column(plain.get_id_column());
        builder.set_capabilities(plain.get_capabilities() | Vl.Capabilities.CHECK_BASE |
            Vl.Capabilities.IDEMPOTENT | Vl.Capabilities.BATCH);
        this._schema = builder.end();
    }

    vfunc_apply(change, reply) {
        return reply.follow(this._applyLater(change, reply));
    }

    vfunc_apply_batch(changes, reply) {
        return reply.follow(this._applyBatchLater(changes, reply));
    }

    async _applyLater(change, reply) {
        await turn();
        try {
            reply.return_record(this._applyOne(change));
        } catch (error) {
            if (!(error instanceof Conflict))
                throw error;
            reply.fail_conflict(error.current, error.message);
        }
    }

    async _applyBatchLater(changes, reply) {
        await turn();
        for (let i = 0; i < changes.get_n_items(); i++) {
            try {
                reply.return_nth(i, this._applyOne(changes.get_item(i)));
            } catch (error) {
                if (error instanceof Conflict)
                    reply.fail_nth_conflict(i, error.current, error.message);
                else
                    reply.fail_nth(i, error);
            }
        }
        reply.finish();
    }

    _applyOne(change) {
        const uid = change.get_uid();
        let record;

        if (this._applied.has(uid))
            return this._records.get(this._applied.get(uid)) ?? null;

        this._checkBase(change);
        record = this._apply(change);
        if (uid !== '') {
            this._applied.set(uid, change.get_kind() === Vl.ChangeKind.DELETE
                ? null : record?.get_id());
        }
        return record;
    }

    // Each of these masters keeps what it was given; the query of one field
    // compares as every table has to.
    _differs(then, current, field) {
        const query = then.is_null(field)
            ? Vl.Query.new().where(field, Vl.Op.IS_NULL, null)
            : Vl.Query.new().where(field, Vl.Op.EQ, then.get_variant(field));

        return !query.matches(current);
    }

    _checkBase(change) {
        const base = change.get_base();
        const kind = change.get_kind();
        const id = change.get_id();
        const current = this._records.get(id) ?? null;
        let fields;

        if (base === null || kind === Vl.ChangeKind.INSERT || kind === Vl.ChangeKind.DELETE_ALL)
            return;
        if (current === null) {
            if (kind !== Vl.ChangeKind.DELETE)
                throw new Conflict(null, `The record ${id} is gone`);
            return;
        }

        fields = base.get_field_names().filter(field => field !== 'id' &&
            (kind !== Vl.ChangeKind.PATCH || change.get_record().has_field(field)) &&
            this._differs(base, current, field));
        if (fields.length > 0)
            throw new Conflict(current, `The record ${id} has changed: ${fields.join(', ')}`);
    }
});
