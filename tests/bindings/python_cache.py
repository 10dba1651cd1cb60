# python_cache.py: a cache written in Python
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import itertools

from gi.repository import GObject, Vl


class PythonCache(GObject.Object, Vl.Cache):
    """A dictionary of roots; each a generation and a dictionary of pages."""

    def __init__(self):
        super().__init__()
        # A generation never comes again, whatever happens to its root.
        self.next_generation = itertools.count(1)
        self.generations = {}
        self.pages = {}

    def lease(self, root):
        if root not in self.generations:
            self.generations[root] = next(self.next_generation)
        return self.generations[root]

    def do_lookup(self, root, key, reply):
        page, generation = self.pages.get((root, key), (None, 0))
        fresh = page is not None and generation == self.lease(root)
        reply.return_lookup(page, fresh, self.lease(root))
        return True

    def do_get_lease(self, root, reply):
        reply.return_lookup(None, False, self.lease(root))
        return True

    def do_store(self, root, key, page, lease, reply):
        if not page.get_has_pending():
            # Of an old generation: stored as stale.
            self.pages[root, key] = (page, lease if lease == self.lease(root) else 0)
        reply.return_done()
        return True

    def do_remove(self, root, key, reply):
        self.pages.pop((root, key), None)
        reply.return_done()
        return True

    def do_invalidate(self, root, reply):
        self.generations[root] = next(self.next_generation)
        self.emit_invalidated(root)
        reply.return_done()
        return True

    def do_clear(self, root, reply):
        for name in [root] if root is not None else list(self.generations):
            self.pages = {key: entry for key, entry in self.pages.items() if key[0] != name}
            self.generations[name] = next(self.next_generation)
        self.emit_invalidated(root)
        reply.return_done()
        return True
