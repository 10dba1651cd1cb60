// peer-tanstack.js: TanStack Query hits a fresh page, and forgets pages
//
// SPDX-License-Identifier: LGPL-2.1-or-later

'use strict';

const readline = require('node:readline');
const {QueryClient} = require('@tanstack/query-core');

const PAGE_SIZE = 100;
const N_PAGES = 1000;

function makePage() {
    const page = [];
    for (let i = 0; i < PAGE_SIZE; i++) {
        page.push({
            id: i, name: `Product number ${i}`, city: 'Berlin', price: i * 0.25,
            stock: i * 7919 % 1000, listed: i % 3 !== 0,
        });
    }
    return page;
}

// As many conditions, keys of order and numbers as the other side has.
function makeKey(n) {
    return ['products', {
        where: [['stock', 'ge', 0], ['city', 'ne', 'Vienna']],
        order: ['price', 'name'],
        size: PAGE_SIZE,
        n,
    }];
}

const client = new QueryClient({
    defaultOptions: {queries: {staleTime: Infinity, gcTime: Infinity, retry: false}},
});
const page = makePage();

async function hit(n) {
    let rows = 0;
    for (let i = 0; i < n; i++) {
        const got = await client.fetchQuery({queryKey: makeKey(5), queryFn: makePage});
        rows = got.length;
    }
    return rows;
}

function fill() {
    for (let i = 0; i < N_PAGES; i++)
        client.setQueryData(makeKey(i), page);
}

async function forget(n) {
    for (let i = 0; i < n; i++)
        await client.invalidateQueries({queryKey: ['products']});
    return N_PAGES;
}

const operations = {hit, forget};
// What makes ready for a round is not timed.
const prepare = {hit: () => client.setQueryData(makeKey(5), page), forget: fill};

async function main() {
    for await (const line of readline.createInterface({input: process.stdin})) {
        const [name, n] = line.split(' ');
        prepare[name]();
        const begin = process.hrtime.bigint();
        const rows = await operations[name](Number(n));
        const end = process.hrtime.bigint();
        process.stdout.write(`${end - begin} ${rows}\n`);
    }
}

main();
