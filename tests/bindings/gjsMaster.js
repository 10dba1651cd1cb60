// gjsMaster.js: tables written in JavaScript, as masters
//
// SPDX-License-Identifier: LGPL-2.1-or-later

/* exported GjsMaster, AsyncMaster */

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
