// Vl.js: what makes vantage-live feel at home in gjs
//
// SPDX-License-Identifier: LGPL-2.1-or-later

/* exported _init */

const {GLib} = imports.gi;

let Vl;

// Values

function toVariant(value) {
    if (value === null || value === undefined)
        return new GLib.Variant('ms', null);
    if (value instanceof GLib.Variant)
        return value;
    if (value instanceof Uint8Array)
        return GLib.Variant.new_from_bytes(new GLib.VariantType('ay'), new GLib.Bytes(value), true);
    if (value instanceof GLib.Bytes)
        return GLib.Variant.new_from_bytes(new GLib.VariantType('ay'), value, true);
    if (value instanceof Date)
        return new GLib.Variant('s', value.toISOString());
    if (value instanceof GLib.DateTime)
        return new GLib.Variant('s', value.format_iso8601());
    if (Array.isArray(value))
        return new GLib.Variant('av', value.map(toVariant));

    switch (typeof value) {
    case 'boolean':
        return new GLib.Variant('b', value);
    case 'string':
        return new GLib.Variant('s', value);
    case 'number':
        // A number without a fraction is an integer while it is exact.
        return new GLib.Variant(Number.isSafeInteger(value) && !Object.is(value, -0) ? 'x' : 'd', value);
    case 'bigint':
        if (BigInt.asIntN(64, value) !== value)
            throw new RangeError(`${value} does not fit into 64 bits`);
        return GLib.Variant.parse(new GLib.VariantType('x'), value.toString(), null, null);
    case 'object':
        return toVariantDict(value);
    default:
        throw new TypeError(`A value of the type ${typeof value} cannot be kept in a record`);
    }
}

function toVariantDict(fields) {
    const variants = {};

    for (const [name, value] of Object.entries(fields)) {
        try {
            variants[name] = toVariant(value);
        } catch (error) {
            error.message = `${name}: ${error.message}`;
            throw error;
        }
    }
    return new GLib.Variant('a{sv}', variants);
}

function toFields(fields) {
    if (fields === null || fields === undefined || fields instanceof GLib.Variant)
        return fields ?? null;
    return toVariantDict(fields);
}

// A number where that is exact, else a BigInt.
function getInteger(record, field) {
    const text = record.get_variant(field).print(false);
    const number = Number(text);

    return Number.isSafeInteger(number) ? number : BigInt(text);
}

function getValue(record, field) {
    switch (record.get_field_type(field)) {
    case Vl.FieldType.NULL:
        return null;
    case Vl.FieldType.BOOLEAN:
        return record.get_boolean(field);
    case Vl.FieldType.INT64:
        return getInteger(record, field);
    case Vl.FieldType.DOUBLE:
        return record.get_double(field);
    case Vl.FieldType.STRING:
        return record.get_string(field);
    case Vl.FieldType.BYTES:
        return record.get_bytes(field).toArray();
    default:
        return record.get_variant(field).recursiveUnpack();
    }
}

function initRecord() {
    const newRecord = Vl.Record.new;
    const proto = Vl.Record.prototype;

    Vl.Record.new = function (id = null, fields = null) {
        return newRecord(id, toFields(fields));
    };

    // undefined when there is no such field; null when it is null.
    proto.get = function (field) {
        if (this.has_field(field))
            return getValue(this, field);
        return field === 'id' ? this.get_id() : undefined;
    };

    // All fields as a plain object.
    proto.deepUnpack = function () {
        return Object.fromEntries(this);
    };

    // For JSON.stringify(): the id and the fields.
    proto.toJSON = function () {
        return JSON.parse(this.to_json());
    };

    proto[Symbol.iterator] = function* () {
        for (const field of this.get_field_names())
            yield [field, getValue(this, field)];
    };
}

// Lists

function* iterate() {
    const nItems = this.get_n_items();

    for (let i = 0; i < nItems; i++)
        yield this.get_item(i);
}

// Answers of a type that is not ours, where gjs does not iterate it itself.
function makeIterable(proto, name) {
    const method = proto[name];

    proto[name] = function (...args) {
        const model = method.apply(this, args);

        if (model !== null && model[Symbol.iterator] === undefined)
            model[Symbol.iterator] = iterate;
        return model;
    };
}

function initLists() {
    const proto = Vl.Page.prototype;

    makeIterable(Vl.Table.prototype, 'apply_many_finish');
    makeIterable(Vl.Table.prototype, 'apply_many_sync');
    makeIterable(Vl.LiveTable.prototype, 'get_writes');

    proto[Symbol.iterator] = iterate;
    if (Vl.LiveList !== undefined)
        Vl.LiveList.prototype[Symbol.iterator] = iterate;

    proto.toJSON = function () {
        return JSON.parse(this.to_json());
    };
    proto.get_ids = function () {
        return Array.from({length: this.get_n_records()}, (_, i) => this.get_record_id(i));
    };
}

function initPageBuilder() {
    const proto = Vl.PageBuilder.prototype;
    const appendString = proto.append_string;

    // The length is in bytes and only of use in C.
    proto.append_string = function (value, length = -1) {
        appendString.call(this, value, length);
    };
}

function initQuery() {
    const proto = Vl.Query.prototype;
    const where = proto.where;
    const orderBy = proto.order_by;

    proto.where = function (field, op, value = null) {
        const none = op === Vl.Op.IS_NULL || op === Vl.Op.NOT_NULL;

        return where.call(this, field, op, none ? null : toVariant(value));
    };
    proto.order_by = function (field, descending = false) {
        return orderBy.call(this, field, descending);
    };
}

// Promises

// Works only before the method is looked up for the first time, hence here.
// What is left out between the arguments and the callback is null.
function promisify(proto, name) {
    const begin = proto[`${name}_async`];
    const finish = proto[`${name}_finish`];

    if (begin === undefined || finish === undefined)
        return;

    proto[`${name}_async`] = function (...args) {
        const nBefore = begin.length - 1;

        if (args.length > nBefore)
            return begin.apply(this, args);
        while (args.length < nBefore)
            args.push(null);

        return new Promise((resolve, reject) => {
            begin.call(this, ...args, (source, result) => {
                try {
                    resolve(finish.call(this, result));
                } catch (error) {
                    reject(error);
                }
            });
        });
    };
}

const PROMISES = {
    Table: ['describe', 'list', 'find', 'count', 'insert', 'replace', 'patch', 'delete',
        'delete_all', 'apply_many', 'find_many', 'get_first'],
    Cache: ['lookup', 'store', 'remove', 'invalidate', 'clear', 'get_lease', 'open', 'close'],
    LiveTable: ['refresh', 'close'],
    RecordEdit: ['save'],
};

function initPromises() {
    for (const [type, names] of Object.entries(PROMISES)) {
        if (Vl[type] !== undefined)
            names.forEach(name => promisify(Vl[type].prototype, name));
    }
}

// Replies

function toError(error) {
    if (error instanceof GLib.Error)
        return error;
    return new Vl.Error({code: Vl.Error.FAILED, message: `${error}`});
}

function initReply() {
    const proto = Vl.Reply.prototype;
    const fail = proto.fail;
    const failNth = proto.fail_nth;

    // Anything that can be thrown will do.
    proto.fail = function (error) {
        fail.call(this, toError(error));
    };
    proto.fail_nth = function (index, error) {
        failNth.call(this, index, toError(error));
    };

    // The end of an asynchronous vfunc: return reply.follow(this._list(reply)).
    // A rejection fails the reply, which nobody else would do before the
    // timeout. A promise that is fulfilled has answered the reply itself.
    proto.follow = function (promise) {
        Promise.resolve(promise).catch(error => this.fail(error));
        return true;
    };
}

function _init() {
    Vl = this;

    initRecord();
    initLists();
    initPromises();
    initPageBuilder();
    initQuery();
    initReply();
}
