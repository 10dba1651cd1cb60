// example.js: a live table over the products of an SQLite file
//
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import System from 'system';
import Vl from 'gi://Vl?version=1';

async function readProducts(live, when) {
    const page = await live.list_async(new Vl.Query().order_by('price', true));
    const origin = page.get_from_cache() ? 'cache' : 'master';

    print(`${when}: ${page.get_n_records()} products from the ${origin}, ${page.get_record_id(0)} first`);
}

async function main(path = 'demo-master.db') {
    const master = Vl.SqliteTable.new(path, 'products');
    const live = Vl.LiveTable.new(master, 'products', null);

    await readProducts(live, 'first');
    await readProducts(live, 'second');
    const stored = await live.patch_async('tea', Vl.Record.new(null, {price: 4.75}));
    print(`${stored.get('name')} costs ${stored.get('price').toFixed(2)} now`);
    await readProducts(live, 'third');
}

const loop = new GLib.MainLoop(null, false);
let status = 0;

main(...System.programArgs).catch(error => {
    printerr(error.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
