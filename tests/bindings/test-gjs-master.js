// test-gjs-master.js: tables written in JavaScript keep the contract
//
// SPDX-License-Identifier: LGPL-2.1-or-later

const {expectFullBattery, main} = imports.taptest;
const {AsyncMaster, CheckingMaster, GjsMaster} = imports.gjsMaster;
const {Vl} = imports.gi;

main({
    'answers-at-once': () => expectFullBattery(new GjsMaster()),
    'looks-at-bases-and-uids': () => expectFullBattery(new CheckingMaster()),
    'behind-a-live-table-too': () => expectFullBattery(Vl.LiveTable.new(new CheckingMaster(),
        'things', Vl.MemoryCache.new(1 << 20))),
    'answers-from-async-functions': () => expectFullBattery(new AsyncMaster()),
});
