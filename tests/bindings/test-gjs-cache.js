// test-gjs-cache.js: a cache written in JavaScript keeps the contract
//
// SPDX-License-Identifier: LGPL-2.1-or-later

const {expectFullCacheBattery, main} = imports.taptest;
const {GjsCache} = imports.gjsCache;

main({
    'passes-the-battery': () => expectFullCacheBattery(new GjsCache()),
});
