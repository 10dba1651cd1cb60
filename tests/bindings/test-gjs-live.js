// test-gjs-live.js: live tables over what is written in JavaScript
//
// SPDX-License-Identifier: LGPL-2.1-or-later

const {assert, assertEqual, assertError, call, expectFullBattery, iterateUntil, main} =
    imports.taptest;
const {GObject, Vl, VlTest} = imports.gi;
const {AsyncMaster, GjsMaster} = imports.gjsMaster;
const {GjsCache} = imports.gjsCache;

function makeLive(master, cache = Vl.MemoryCache.new(0)) {
    return Vl.LiveTable.new(master, 'gjs', cache);
}

// Counts how often it is listed, and fails when told to.
const CountingMaster = GObject.registerClass({
    GTypeName: 'CountingMaster',
    Implements: [Vl.Table],
}, class CountingMaster extends GjsMaster {
    _init() {
        super._init();
        this.nLists = 0;
        this.failure = null;
    }

    vfunc_list(query, reply) {
        this.nLists++;
        if (this.failure !== null)
            throw this.failure;
        return super.vfunc_list(query, reply);
    }
});

// Writes on top of what somebody else has changed since.
function makeConflict(live) {
    const master = live.get_master();
    const base = call(master.insert_async(Vl.Record.new('a', {name: 'Apple'})));
    const patch = Vl.Change.new_patch('a', Vl.Record.new(null, {name: 'Avocado'}));

    call(master.patch_async('a', Vl.Record.new(null, {name: 'Apricot'})));
    return live.write(patch.with_base(base));
}

main({
    'over-a-gjs-master': () => expectFullBattery(makeLive(new GjsMaster())),

    'over-a-master-of-async-functions': () => expectFullBattery(makeLive(new AsyncMaster())),

    'with-a-gjs-cache'() {
        expectFullBattery(makeLive(new GjsMaster(), new GjsCache()));
        expectFullBattery(makeLive(Vl.MemoryTable.new(VlTest.schema()), new GjsCache()));
    },

    'without-a-cache': () => expectFullBattery(makeLive(new GjsMaster(), Vl.NullCache.new())),

    'reads-the-master-once'() {
        const master = new CountingMaster();
        const live = makeLive(master);

        call(live.insert_async(Vl.Record.new('a', {name: 'Apple'})));
        assertEqual(call(live.list_async()).get_ids(), ['a']);
        assert(call(live.list_async()).get_from_cache());
        assertEqual(master.nLists, 1);
    },

    'an-exception-in-the-master-reaches-the-reader'() {
        const master = new CountingMaster();
        const live = makeLive(master);
        let failure = null;

        master.failure = new Vl.Error({code: Vl.Error.REJECTED, message: 'Not you'});
        try {
            call(live.list_async());
        } catch (error) {
            failure = error;
        }
        assertError(failure, Vl.Error.REJECTED, 'Not you');
        master.failure = null;
        assertEqual(call(live.list_async()).get_ids(), []);
    },

    'writes-can-be-watched'() {
        const live = makeLive(new AsyncMaster());
        const write = live.write(Vl.Change.new_insert(Vl.Record.new('a', {name: 'Apple'})));
        const states = [];

        write.connect('notify::state', () => states.push(write.get_state()));
        assertEqual(write.get_state(), Vl.WriteState.QUEUED);
        assert([...live.get_writes()].includes(write));
        iterateUntil(() => write.get_state() === Vl.WriteState.APPLIED);
        assertEqual(states, [Vl.WriteState.SENT, Vl.WriteState.APPLIED]);
        assertEqual(write.get_record().get('name'), 'Apple');
    },

    'a-conflict-is-decided-by-a-handler'() {
        const live = makeLive(Vl.MemoryTable.new(VlTest.schema()));
        const asked = [];

        live.connect('conflict', (_live, _write, current) => {
            asked.push(current.get('name'));
            return Vl.ConflictPolicy.KEEP_LOCAL;
        });
        live.connect('conflict', () => {
            asked.push('the second handler');
            return Vl.ConflictPolicy.FAIL;
        });
        const write = makeConflict(live);

        iterateUntil(() => write.get_state() === Vl.WriteState.APPLIED);
        assertEqual(asked, ['Apricot']);
        assertEqual(write.get_record().get('name'), 'Avocado');
    },

    'a-conflict-that-nobody-decides-follows-the-policy'() {
        const live = makeLive(Vl.MemoryTable.new(VlTest.schema()));

        live.conflict_policy = Vl.ConflictPolicy.KEEP_SERVER;
        const write = makeConflict(live);

        iterateUntil(() => write.get_state() === Vl.WriteState.DISCARDED);
        assertEqual(write.get_record().get('name'), 'Apricot');
        assertEqual(write.dup_error(), null);
    },

    'changes-are-announced'() {
        const live = makeLive(new GjsMaster());
        const events = [];

        live.connect('changed', (_live, event) => events.push(event));
        call(live.insert_async(Vl.Record.new('a', {name: 'Apple'})));
        iterateUntil(() => events.length > 0);
    },

    'refresh-and-close-give-promises'() {
        const live = makeLive(new GjsMaster());

        assertEqual(call(live.refresh_async()).get_ids(), []);
        assertEqual(call(live.close_async()), true);
    },
});
