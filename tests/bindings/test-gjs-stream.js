// test-gjs-stream.js: streams from and in JavaScript
//
// SPDX-License-Identifier: LGPL-2.1-or-later

const {assert, assertEqual, call, iterateUntil, main} = imports.taptest;
const {GLib, GObject, Vl, VlTest} = imports.gi;

function listen(stream) {
    const events = [];

    stream.connect('event', (_source, event) => events.push(event));
    return events;
}

// A stream with a source of its own.
const GjsStream = GObject.registerClass({
    GTypeName: 'GjsStream',
}, class GjsStream extends Vl.LiveStream {
    _init() {
        super._init();
        this.calls = [];
    }

    vfunc_start() {
        this.calls.push('start');
        this.report_live();
    }

    vfunc_stop() {
        this.calls.push('stop');
    }
});

// One that knows where its source is.
const GjsStreamWithPosition = GObject.registerClass({
    GTypeName: 'GjsStreamWithPosition',
}, class GjsStreamWithPosition extends Vl.LiveStream {
    _init(position) {
        super._init();
        this.position = position;
    }

    vfunc_start() {
        this.report_live_at(this.position);
    }
});

const tests = {
    'a-stream-tells-what-is-pushed'() {
        const stream = new Vl.LiveStream();
        const events = listen(stream);

        stream.push(Vl.LiveEvent.new_inserted(Vl.Record.new('a', {stock: 1})));
        stream.push(Vl.LiveEvent.new_updated('b', null));
        stream.push(Vl.LiveEvent.new_deleted('c'));
        stream.push(Vl.LiveEvent.new_changed());
        assertEqual(events.length, 0, 'events in the call');
        iterateUntil(() => events.length === 4);
        assertEqual(events.map(event => event.get_kind()), [
            Vl.LiveEventKind.INSERTED, Vl.LiveEventKind.UPDATED, Vl.LiveEventKind.DELETED,
            Vl.LiveEventKind.CHANGED,
        ]);
        assertEqual(events[0].get_ids(), ['a']);
        assertEqual(events[0].get_record().get('stock'), 1);
        assertEqual(events[2].get_ids(), ['c']);
    },

    'events-carry-what-is-known'() {
        const event = Vl.LiveEvent.new(Vl.LiveEventKind.UPDATED, ['a', 'b'])
            .with_origin(Vl.Origin.STREAM).with_position('42');

        assertEqual(event.get_ids(), ['a', 'b']);
        assertEqual(event.get_origin(), Vl.Origin.STREAM);
        assertEqual(event.get_position(), '42');
        assertEqual(event.get_record(), null);
    },

    'a-subclass-can-push'() {
        const stream = new GjsStream();
        const events = listen(stream);

        stream.push(Vl.LiveEvent.new_deleted('a'));
        iterateUntil(() => events.length === 1);
        assertEqual(events[0].get_ids(), ['a']);
    },

    'a-subclass-starts-stopped'() {
        const stream = new GjsStream();

        assertEqual(stream.get_state(), Vl.LiveStreamState.STOPPED);
        assertEqual(stream.state, Vl.LiveStreamState.STOPPED);
        assertEqual(stream.dup_error(), null);
        assertEqual(stream.calls, []);
    },
};

if (Vl.LiveTable?.new !== undefined) {
    tests['a-subclass-drives-a-live-table'] = () => {
        const master = Vl.MemoryTable.new(VlTest.schema());

        master.insert_sync(Vl.Record.new('a', {name: 'Apple'}), null);
        const live = Vl.LiveTable.new(master, 'gjs-stream', Vl.MemoryCache.new(1 << 20));
        const stream = new GjsStream();

        live.set_follow_master(false);
        live.add_stream(stream);
        iterateUntil(() => stream.get_state() === Vl.LiveStreamState.LIVE);
        assertEqual(stream.calls, ['start']);
        // Becoming live is a gap; what is read after it is fresh.
        while (GLib.MainContext.default().iteration(false));

        call(live.list_async());
        assertEqual(call(live.list_async()).get_ids(), ['a']);
        assert(call(live.list_async()).get_from_cache());

        // Behind its back, and then it is told.
        master.insert_sync(Vl.Record.new('b', {name: 'Banana'}), null);
        assertEqual(call(live.list_async()).get_ids(), ['a']);
        stream.push(Vl.LiveEvent.new_inserted(Vl.Record.new('b', {name: 'Banana'})));
        assertEqual(call(live.list_async()).get_ids(), ['a', 'b']);

        live.remove_stream(stream);
        iterateUntil(() => stream.calls.includes('stop'));
        assertEqual(stream.get_state(), Vl.LiveStreamState.STOPPED);
    };

    tests['a-subclass-knows-where-it-is'] = () => {
        const master = Vl.MemoryTable.new(VlTest.schema());

        master.insert_sync(Vl.Record.new('a', {name: 'Apple'}), null);
        const live = new Vl.LiveTable({
            master,
            cache_key: 'gjs-position',
            cache: Vl.MemoryCache.new(1 << 20),
            follow_master: false,
        });

        // To be attached anew is as good as a new start.
        const run = (position, movesTo) => {
            const stream = new GjsStreamWithPosition(position);

            live.add_stream(stream);
            iterateUntil(() => stream.get_state() === Vl.LiveStreamState.LIVE);
            while (GLib.MainContext.default().iteration(false));
            const page = call(live.list_async());

            if (movesTo !== undefined)
                stream.report_position(movesTo);
            while (GLib.MainContext.default().iteration(false));
            live.remove_stream(stream);
            assert(!page.get_is_stale());
            return page.get_from_cache();
        };

        assert(!run('1'));
        assert(run('1'));
        assert(!run('2'));
        assert(run('2', '3'));
        assert(run('3'));
        assert(!run('2'));
        assert(!run(null));
    };
}

main(tests);
