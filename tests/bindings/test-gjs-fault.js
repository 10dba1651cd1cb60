// test-gjs-fault.js: an application's tests behind a simulated network
//
// SPDX-License-Identifier: LGPL-2.1-or-later

const {assert, assertEqual, assertError, call, expectFullBattery, main} = imports.taptest;
const {GLib, Vl, VlTest} = imports.gi;
const {GjsMaster} = imports.gjsMaster;

function makeServer(settings = {}) {
    return new Vl.FaultTable({target: Vl.MemoryTable.new(VlTest.schema()), ...settings});
}

function getError(promise) {
    try {
        call(promise);
    } catch (error) {
        return error;
    }
    return null;
}

// One character a read: whether it fails.
function readMany(server, n) {
    let fates = '';

    for (let i = 0; i < n; i++)
        fates += getError(server.find_async('a', null)) === null ? '+' : '-';
    return fates;
}

main({
    'a-seed-repeats-what-happened'() {
        const [first, second, third] = [5, 5, 6].map(seed => {
            const server = makeServer();

            call(server.describe_async(null));
            server.set({seed, error_rate: 0.3});
            return readMany(server, 40);
        });

        assertEqual(first, second);
        assert(first !== third && first.includes('-') && first.includes('+'), first);
    },

    'properties-are-what-they-are-called'() {
        const server = makeServer();
        const notified = [];

        server.connect('notify', (_server, pspec) => notified.push(pspec.get_name()));
        server.eventDelay = 7;
        server.keep_order = true;
        server.lostAckError = Vl.Error.UNAVAILABLE;
        server.set_lost_ack_rate(1);
        server.set_lost_ack_rate(1);
        assertEqual(server.get_event_delay(), 7);
        assertEqual(notified, ['event-delay', 'keep-order', 'lost-ack-error', 'lost-ack-rate']);
        assertError(getError(server.insert_async(Vl.Record.new('a', {name: 'Apple'}), null)),
            Vl.Error.UNAVAILABLE, 'lost its answer');
        assertEqual(call(server.find_async('a', null)).get('name'), 'Apple');
    },

    'a-program-goes-on-without-a-network'() {
        const server = makeServer({latency: 1});
        const live = Vl.LiveTable.new(server, 'fault', Vl.MemoryCache.new(0));

        call(live.insert_async(Vl.Record.new('a', {name: 'Apple'}), null));
        call(live.find_async('a', null));
        server.offline = true;
        assertEqual(call(live.find_async('a', null)).get('name'), 'Apple');
        assertError(getError(live.find_async('b', null)), Vl.Error.UNAVAILABLE, 'network is down');
        server.offline = false;
        assertEqual(call(live.find_async('b', null)), null);
    },

    'times-without-a-network-pass'() {
        const server = makeServer();

        call(server.list_async(null, null));
        server.add_offline_window(0, 20);
        assertError(getError(server.list_async(null, null)), Vl.Error.UNAVAILABLE);
        while (server.is_offline())
            GLib.MainContext.default().iteration(false);
        call(server.list_async(null, null));
    },

    'a-gjs-master-behind-a-bad-line': () => expectFullBattery(
        new Vl.FaultTable({target: new GjsMaster(), jitter: 2})),
});
