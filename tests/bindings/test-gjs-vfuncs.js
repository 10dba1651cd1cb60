// test-gjs-vfuncs.js: what becomes of vfuncs that go wrong in JavaScript
//
// SPDX-License-Identifier: LGPL-2.1-or-later

const {assert, assertEqual, assertError, call, iterateUntil, main} = imports.taptest;
const {Gio, GLib, GObject, Vl, VlTest} = imports.gi;
const {GjsMaster} = imports.gjsMaster;
const System = imports.system;

// gjs prints the exceptions that vfuncs throw; they are on purpose.

// A table whose find does what a test says.
const Scripted = GObject.registerClass({
    GTypeName: 'Scripted',
    Implements: [Vl.Table],
}, class Scripted extends GjsMaster {
    _init(find) {
        super._init();
        this._find = find;
        this.replies = [];
    }

    vfunc_find(id, reply) {
        return this._find(reply, this);
    }
});

const RECORD = Vl.Record.new('a', {name: 'Apple'});
// The collector begins to sweep after a tenth of these.
const MOST_TURNS = 8000;
const OTHER = Vl.Record.new('b', {name: 'Banana'});

function find(vfunc) {
    return call(new Scripted(vfunc).find_async('a'));
}

function expectError(begin, code, text = '') {
    let result;

    try {
        result = begin();
    } catch (error) {
        assertError(error, code, text);
        return;
    }
    throw new Error(`expected the error ${code}, got ${result}`);
}

function later(callback) {
    GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
        callback();
        return GLib.SOURCE_REMOVE;
    });
}

// While the collector of gjs sweeps, which goes on between its turns, gjs runs no
// vfunc and no callback: it says so, critically, and the vfunc returns nothing.
function untilSweeping(table) {
    let garbage = [];

    for (let turn = 0; turn < MOST_TURNS; turn++) {
        for (let i = 0; i < 200; i++)
            garbage.push({stream: new Vl.LiveStream(), others: [i, `text ${i}`, {}]});
        if (garbage.length > 20000)
            garbage = [];
        try {
            table.find_sync('a', null);
        } catch (error) {
            return error;
        }
    }
    return null;
}

const Bare = GObject.registerClass({
    GTypeName: 'Bare',
    Implements: [Vl.Table],
}, class Bare extends GObject.Object {
    vfunc_describe(reply) {
        reply.return_schema(VlTest.schema());
        return true;
    }

    vfunc_list(query, reply) {
        reply.finish();
        return true;
    }

    vfunc_find(id, reply) {
        reply.return_record(null);
        return true;
    }
});

const Empty = GObject.registerClass({
    GTypeName: 'Empty',
    Implements: [Vl.Table],
}, class Empty extends GObject.Object {});

const stream = new Vl.LiveStream();

const Full = GObject.registerClass({
    GTypeName: 'Full',
    Implements: [Vl.Table],
}, class Full extends GjsMaster {
    vfunc_get_stream() {
        return stream;
    }

    vfunc_get_identity() {
        return 'gjs:things';
    }

    vfunc_get_related(relation, _record) {
        if (relation !== 'parts')
            throw new Vl.Error({code: Vl.Error.NOT_FOUND, message: `no relation ${relation}`});
        return new GjsMaster();
    }
});

main({
    'throws-an-error-of-the-library': () => expectError(() => find(() => {
        throw new Vl.Error({code: Vl.Error.CONFLICT, message: 'Somebody else was faster'});
    }), Vl.Error.CONFLICT, 'Somebody else'),

    'throws-an-error-of-another-domain'() {
        try {
            find(() => {
                throw new Gio.IOErrorEnum({code: Gio.IOErrorEnum.BROKEN_PIPE, message: 'Gone'});
            });
        } catch (error) {
            assert(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.BROKEN_PIPE), `${error}`);
            return;
        }
        throw new Error('no error');
    },

    // gjs carries any exception through C and gives it back.
    'throws-something-else'() {
        try {
            find(() => {
                throw new TypeError('on purpose');
            });
        } catch (error) {
            assert(error.message.includes('on purpose'), error.message);
            return;
        }
        throw new Error('no error');
    },

    'throws-in-sync': () => expectError(() => new Scripted(() => {
        throw new Vl.Error({code: Vl.Error.CONFLICT, message: 'Somebody else was faster'});
    }).find_sync('a', null), Vl.Error.CONFLICT),

    'returns-false': () => expectError(() => find(() => false), Vl.Error.FAILED,
        'Scripted.find() raised or did not return TRUE'),

    'returns-nothing': () => expectError(() => find(() => {}), Vl.Error.FAILED,
        '.find() raised or did not return TRUE'),

    'returns-nothing-but-has-answered'() {
        assert(find(reply => {
            reply.return_record(RECORD);
        }).equal(RECORD));
    },

    'answers-nobody': () => assertEqual(find(reply => {
        reply.return_record(null);
        return true;
    }), null),

    'answers-twice'() {
        assert(find(reply => {
            reply.return_record(RECORD);
            reply.return_record(OTHER);
            return true;
        }).equal(RECORD));
    },

    'fails-after-an-answer'() {
        assert(find(reply => {
            reply.return_record(RECORD);
            reply.fail(new Error('too late'));
            return true;
        }).equal(RECORD));
    },

    'answers-with-the-wrong-kind'() {
        for (const answer of [
            reply => reply.return_count(1),
            reply => reply.return_schema(VlTest.schema()),
            reply => reply.return_lookup(null, false, 1),
            reply => reply.return_nth(0, RECORD),
            reply => reply.add_record(RECORD),
            reply => reply.finish(),
            reply => reply.return_done(),
        ]) {
            expectError(() => find(reply => {
                answer(reply);
                return true;
            }), Vl.Error.FAILED, 'Scripted.find()');
        }
    },

    'fails-with-an-exception': () => expectError(() => find(reply => {
        reply.fail(new RangeError('on purpose'));
        return true;
    }), Vl.Error.FAILED, 'on purpose'),

    'fails-with-a-code': () => expectError(() => find(reply => {
        reply.fail_literal(Vl.Error.UNAVAILABLE, 'The server does not answer');
        return true;
    }), Vl.Error.UNAVAILABLE, 'The server'),

    'answers-later'() {
        assert(find(reply => {
            later(() => reply.return_record(RECORD));
            return true;
        }).equal(RECORD));
    },

    // Not before the collector comes by: nothing else may wait for that.
    'drops-its-reply'() {
        let failure = null;

        new Scripted(() => true).find_async('a').catch(error => {
            failure = error;
        });
        iterateUntil(() => {
            System.gc();
            later(() => {});
            return failure !== null;
        });
        assertError(failure, Vl.Error.FAILED, 'dropped its reply');
    },

    'follows-a-promise'() {
        assert(find(reply => reply.follow(Promise.resolve().then(() => reply.return_record(RECORD))))
            .equal(RECORD));
    },

    'follows-a-promise-that-is-rejected': () => expectError(
        () => find(reply => reply.follow(Promise.reject(new RangeError('on purpose')))),
        Vl.Error.FAILED, 'on purpose'),

    'follows-a-promise-that-is-rejected-with-an-error': () => expectError(
        () => find(reply => reply.follow((async () => {
            await Promise.resolve();
            throw new Vl.Error({code: Vl.Error.TIMED_OUT, message: 'Too slow'});
        })())), Vl.Error.TIMED_OUT, 'Too slow'),

    'is-an-async-function'() {
        assert(find(async reply => {
            await Promise.resolve();
            reply.return_record(RECORD);
        }).equal(RECORD));
    },

    'answers-after-the-caller-has-cancelled'() {
        const table = new Scripted((reply, self) => {
            self.replies.push(reply);
            return true;
        });
        const cancellable = new Gio.Cancellable();
        let failure = null;

        table.describe_sync(null);
        table.find_async('a', cancellable).catch(error => {
            failure = error;
        });
        assert(!table.replies[0].get_cancellable().is_cancelled());
        cancellable.cancel();
        iterateUntil(() => failure !== null);
        assert(failure.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), `${failure}`);
        assert(table.replies[0].get_cancellable().is_cancelled());
        table.replies[0].return_record(RECORD);
        while (GLib.MainContext.default().iteration(false));
    },

    'uses-itself-in-sync': () => expectError(() => find((reply, self) => {
        reply.return_count(self.count_sync(null, null));
        return true;
    }), Vl.Error.FAILED),

    'calls-itself-asynchronously'() {
        const record = find((reply, self) => reply.follow(self.count_async(null)
            .then(count => reply.return_record(Vl.Record.new('a', {stock: count})))));

        assertEqual(record.get('stock'), 0);
    },

    'sync-in-a-callback'() {
        const table = new GjsMaster();
        let count = null;

        table.insert_async(RECORD, null, (source, result) => {
            source.insert_finish(result);
            count = source.count_sync(null, null);
        });
        iterateUntil(() => count !== null);
        assertEqual(count, 1);
    },

    'leaves-optional-vfuncs-out'() {
        const table = new Bare();

        assertEqual(table.get_identity(), null);
        assertEqual(table.get_stream(), null);
        expectError(() => table.get_related('x', RECORD), Vl.Error.UNSUPPORTED);
        expectError(() => call(table.insert_async(RECORD)), Vl.Error.UNSUPPORTED);
        assertEqual(call(table.list_async()).get_n_records(), 0);
    },

    'leaves-required-vfuncs-out': () => expectError(() => call(new Empty().describe_async()),
        Vl.Error.UNSUPPORTED),

    'has-an-identity-and-a-stream'() {
        const table = new Full();

        for (let i = 0; i < 100; i++) {
            assertEqual(table.get_identity(), 'gjs:things');
            assert(table.get_stream() === stream);
        }
        System.gc();
        assert(table.get_related('parts', RECORD) instanceof GjsMaster);
        expectError(() => table.get_related('others', RECORD), Vl.Error.NOT_FOUND, 'others');
        assertEqual(new Bare().get_identity(), null);
    },

    'is-refused-while-garbage-is-swept'() {
        const table = new GjsMaster();
        const context = GLib.MainContext.default();
        const fatal = GLib.log_set_always_fatal(GLib.LogLevelFlags.LEVEL_ERROR);

        for (const id of ['a', 'b', 'c', 'd', 'e', 'f'])
            table._records.set(id, Vl.Record.new(id, {name: `name ${id}`}));

        const model = new Vl.LiveList({table, page_size: 2});

        iterateUntil(() => model.get_n_items() === 6);

        const error = untilSweeping(table);
        const row = model.get_item(5);

        // No function may be called back here.
        for (let i = 0; i < 100000 && row.state !== Vl.RowState.LOAD_FAILED; i++)
            context.iteration(true);

        const {state, error: rowError, record} = row;

        // It ends once it is collected to the end, or goes on being.
        System.gc();
        GLib.log_set_always_fatal(fatal);
        if (error === null) {
            print('# nothing was refused');
            return;
        }
        assertError(error, Vl.Error.FAILED, 'GjsMaster.find() raised or did not return TRUE');
        assertEqual(state, Vl.RowState.LOAD_FAILED);
        assertError(rowError, Vl.Error.FAILED, 'GjsMaster.list() raised or did not return TRUE');
        assertEqual(record, null);
        model.retry();
        iterateUntil(() => row.state === Vl.RowState.FRESH);
        assertEqual(row.get_text('name'), 'name f');
        assertEqual(row.error, null);
    },
});
