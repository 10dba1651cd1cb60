// test-gjs-master.js: tables written in JavaScript keep the contract
//
// SPDX-License-Identifier: LGPL-2.1-or-later

const {expectFullBattery, main} = imports.taptest;
const {AsyncMaster, GjsMaster} = imports.gjsMaster;

main({
    'answers-at-once': () => expectFullBattery(new GjsMaster()),
    'answers-from-async-functions': () => expectFullBattery(new AsyncMaster()),
});
