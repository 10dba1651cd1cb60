// gjsCache.js: a cache written in JavaScript
//
// SPDX-License-Identifier: LGPL-2.1-or-later

/* exported GjsCache */

const {GObject, Vl} = imports.gi;

// A Map of roots; each a generation and a Map of pages.
var GjsCache = GObject.registerClass({
    GTypeName: 'GjsCache',
    Implements: [Vl.Cache],
}, class GjsCache extends GObject.Object {
    _init() {
        super._init();
        // A generation never comes again, whatever happens to its root.
        this._lastGeneration = 0;
        this._roots = new Map();
    }

    _root(name) {
        if (!this._roots.has(name))
            this._roots.set(name, {generation: ++this._lastGeneration, pages: new Map()});
        return this._roots.get(name);
    }

    vfunc_lookup(name, key, reply) {
        const root = this._root(name);
        const entry = root.pages.get(key) ?? null;

        reply.return_lookup(entry?.page ?? null, entry?.lease === root.generation, root.generation);
        return true;
    }

    vfunc_get_lease(name, reply) {
        reply.return_lookup(null, false, this._root(name).generation);
        return true;
    }

    vfunc_store(name, key, page, lease, reply) {
        const root = this._root(name);

        // Of an old generation: stored as stale.
        if (!page.get_has_pending())
            root.pages.set(key, {page, lease: lease === root.generation ? lease : 0});
        reply.return_done();
        return true;
    }

    vfunc_remove(name, key, reply) {
        this._root(name).pages.delete(key);
        reply.return_done();
        return true;
    }

    vfunc_invalidate(name, reply) {
        this._root(name).generation = ++this._lastGeneration;
        this.emit_invalidated(name);
        reply.return_done();
        return true;
    }

    vfunc_clear(name, reply) {
        const names = name === null ? [...this._roots.keys()] : [name];

        for (const each of names) {
            const root = this._root(each);

            root.pages.clear();
            root.generation = ++this._lastGeneration;
        }
        this.emit_invalidated(name);
        reply.return_done();
        return true;
    }
});
