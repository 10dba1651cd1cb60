// taptest.js: what the gjs tests of the bindings share
//
// SPDX-License-Identifier: LGPL-2.1-or-later

/* exported assert, assertEqual, assertError, call, iterateUntil, main, expectFullBattery,
   expectFullCacheBattery */

imports.gi.versions.Vl = '1';
imports.gi.versions.VlTest = '1';

const {GLib, Vl, VlTest} = imports.gi;
const System = imports.system;

// Longer than anything takes that ends at all.
const HANG_SECONDS = 60;

function assert(condition, message = 'a condition does not hold') {
    if (!condition)
        throw new Error(message);
}

function assertEqual(got, expected, what = 'values') {
    const [a, b] = [got, expected].map(value => typeof value === 'object'
        ? JSON.stringify(value) : `${typeof value} ${String(value)}`);

    assert(a === b, `${what}: expected ${b}, got ${a}`);
}

// The function ends with that error of the library, or the promise does.
function assertError(error, code, text = '') {
    assert(error instanceof GLib.Error && error.matches(Vl.Error, code),
        `expected the error ${code}, got ${error}`);
    assert(error.message.includes(text), `expected “${text}” in “${error.message}”`);
}

function iterateUntil(condition) {
    const context = GLib.MainContext.default();
    let hung = false;
    const guard = GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, HANG_SECONDS, () => {
        hung = true;
        return GLib.SOURCE_CONTINUE;
    });

    while (!condition() && !hung)
        context.iteration(true);
    GLib.source_remove(guard);
    assert(condition(), `nothing happened in ${HANG_SECONDS} seconds`);
}

// Waits for a promise from code that is not asynchronous.
function call(promise) {
    let done = false, result, failure = null;

    promise.then(value => {
        result = value;
        done = true;
    }, error => {
        failure = error;
        done = true;
    });
    iterateUntil(() => done);
    if (failure !== null)
        throw failure;
    return result;
}

function expectFullBattery(table) {
    const expected = VlTest.table(Vl.MemoryTable.new(VlTest.schema()));
    const got = VlTest.table(table);

    print(`# ${table.constructor.name}: ${got} checks`);
    assertEqual(got, expected, 'checks');
}

function expectFullCacheBattery(cache) {
    const expected = VlTest.cache(Vl.MemoryCache.new(1 << 24));
    const got = VlTest.cache(cache);

    print(`# ${cache.constructor.name}: ${got} checks`);
    assertEqual(got, expected, 'checks');
}

// Runs the functions of an object; their names are the tests' names. Not in an
// asynchronous function: promises would not resolve in a loop below it.
function main(tests) {
    const entries = Object.entries(tests);
    let failed = 0;

    print(`1..${entries.length}`);
    entries.forEach(([name, test], i) => {
        try {
            test();
            print(`ok ${i + 1} ${name}`);
        } catch (error) {
            failed++;
            `${error}\n${error.stack}`.split('\n').forEach(line => printerr(`# ${line}`));
            print(`not ok ${i + 1} ${name}`);
        }
    });
    System.exit(failed > 0 ? 1 : 0);
}
