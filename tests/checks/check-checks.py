# check-checks.py: each check complains about what it is there to find
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import importlib
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import house

structure = importlib.import_module('check-structure')
api = importlib.import_module('check-api')
gir = importlib.import_module('check-gir')

HEAD = '/* {}: a sample\n *\n * SPDX-License-Identifier: LGPL-2.1-or-later\n */\n\n'

GIR = '''
<namespace xmlns="http://www.gtk.org/introspection/core/1.0"
           xmlns:c="http://www.gtk.org/introspection/c/1.0"
           xmlns:glib="http://www.gtk.org/introspection/glib/1.0" name="Vl">
  <interface name="Table">
    <virtual-method name="list">
      <return-value><type name="gboolean" c:type="gboolean"/></return-value>
    </virtual-method>
    <virtual-method name="find" introspectable="0">
      <return-value><type name="gboolean" c:type="gboolean"/></return-value>
    </virtual-method>
    <method name="list" c:identifier="vl_table_list">
      <return-value><type name="Page" c:type="VlPage*"/></return-value>
      <parameters><parameter name="query"><type name="Query"/></parameter></parameters>
    </method>
    <method name="get" c:identifier="vl_table_get">
      <return-value><type name="Page" c:type="VlPage*"/></return-value>
    </method>
  </interface>
  <class name="Master">
    <doc>A [iface@Table], see [method@Table.get], [method@Table.lost],
      [property@Table:size], [enum@Colour], [iface@Gio.ListModel] and %VL_OP_LIKE.</doc>
    <implements name="Table"/>
    <virtual-method name="find">
      <return-value><type name="gboolean" c:type="gboolean"/></return-value>
    </virtual-method>
  </class>
</namespace>
'''


class Tree:
    """A source tree with one file, gone when the test is done."""

    def __init__(self, path, text, head=True):
        self.path, self.text, self.head = path, text, head

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        root = Path(self.folder.name)
        self.add('po/POTFILES.in', '')
        self.add('vantage-live/vantage-live.h', '')
        self.add('vantage-live/vl-types.h', '')
        self.add('vantage-live/live/vl-live-table.h', '')
        self.add(self.path, (HEAD.format(Path(self.path).name) if self.head else '') + self.text)
        return root

    def add(self, path, text):
        target = Path(self.folder.name) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def __exit__(self, *_):
        self.folder.cleanup()


def complains(find, path, text, about):
    """Nothing if `find` says `about` of a tree with that file."""
    with Tree(path, text) as root:
        findings = list(find(root))
    if not any(about in finding for finding in findings):
        return [f'{text!r} in {path} passed: {findings}']
    return []


def accepts(find, path, text):
    with Tree(path, text) as root:
        return [finding for finding in find(root) if path.split('/')[-1] in finding]


def structure_tests(report):
    cell = 'vantage-live/table/vl-cell.c'
    forbidden = lambda root: structure.uses(root, structure.ONLY_IN_BASE,
                                            lambda path: path.parts[0] == 'base')
    locks = lambda root: structure.uses(root, structure.LOCKS, lambda path: False)
    handoffs = lambda root: structure.uses(root, structure.HANDOFFS, lambda path: False)

    for path, target in ((cell, '../live/vl-live-table.h'), (cell, '../vantage-live.h'),
                         ('vantage-live/cache/vl-x.c', '../masters/vl-y.h'),
                         ('vantage-live/masters/vl-x.c', '../cache/vl-y.h'),
                         ('vantage-live/live/vl-x.c', '../model/vl-y.h'),
                         ('vantage-live/base/vl-x.h', '../table/vl-cell.h'),
                         ('vantage-live/vl-types.h', 'table/vl-cell.h')):
        report.check(f'{path} may not include {target}',
                     complains(structure.wrong_arrows, path, f'#include "{target}"\n', 'include'))
    report.check('downward includes are accepted', accepts(
        structure.wrong_arrows, 'vantage-live/live/vl-x.c', '#include "../cache/vl-cache.h"\n'))

    for call in ('g_timeout_add (1, f, NULL);', 'g_usleep (5);', 'x = g_get_real_time ();',
                 'g_random_int ();', 'g_thread_new (NULL, f, NULL);',
                 'g_task_run_in_thread (task, f);'):
        report.check(f'outside base nobody calls {call}',
                     complains(forbidden, cell, call + '\n', 'uses'))
    report.check('base may', accepts(forbidden, 'vantage-live/base/vl-x.c', 'g_usleep (5);\n'))
    report.check('comments and strings may', accepts(
        forbidden, cell, '/* g_usleep (5); */\nchar *x = "g_usleep (5);";\n'))
    for words in ('GMutex lock;', 'g_mutex_lock (&self->mutex);', 'g_rec_mutex_lock (m);',
                  'g_rw_lock_reader_lock (l);', 'g_cond_signal (c);', 'mtx_lock (&m);',
                  'g_once (&once, f, NULL);'):
        report.check(f'a lock is found in {words}', complains(locks, cell, words + '\n', 'uses'))
    for words in ('GAsyncQueue *queue;', 'g_async_queue_push (q, x);', 'g_idle_add (f, x);',
                  'g_source_attach (s, c);', 'g_main_context_acquire (c);',
                  'g_thread_pool_push (p, x, NULL);', 'g_atomic_ref_count_dec (&x->count);'):
        report.check(f'a hand-over is found in {words}',
                     complains(handoffs, cell, words + '\n', 'uses'))
    for words in ('pthread_mutex_lock (&m);', 'x = g_ptr_array_ref (y);', '_vl_tsan_acquire (x);'):
        report.check(f'outside base nobody says {words}',
                     complains(forbidden, cell, words + '\n', 'uses'))
    for words in ('__attribute__ ((no_sanitize ("thread")))', 'AnnotateIgnoreReadsBegin (a, 1);'):
        report.check(f'what hides a race is found in {words}', complains(
            structure.silencers, cell, words + '\nvoid f (void);\n', 'uses'))
    allowed = 'called_from_lib:libglib-2.0\n'
    report.check('one suppression is accepted', structure.more_suppressions(allowed))
    report.check('another suppression is found',
                 [] if structure.more_suppressions(allowed + 'race:vl_page_new\n') else ['passed'])

    body = '  g_print ("x");\n'
    report.check('a long function is found', complains(
        structure.functions_too_long, cell, f'static void\nlong_one (void)\n{{\n{body * 60}}}\n',
        'long_one() has 63 lines'))
    report.check('a short function is accepted', accepts(
        structure.functions_too_long, cell,
        f'void late (int a);\n\nstatic void\nshort_one (void)\n{{\n{body * 50}}}\n'))
    report.check('a long file is found', complains(
        structure.too_long, cell, 'int a;\n' * 900, 'lines'))
    report.check('a message is found', complains(
        structure.untranslated_list, cell, 'g_print (_ ("Hello"));\n', 'not in po/POTFILES.in'))
    report.check('a message with a macro in it is found', complains(
        structure.broken_messages, cell, 'x = _ ("a"\n  "%" G_GSIZE_FORMAT " b");\n', 'goes on'))
    report.check('a message in pieces is accepted', accepts(
        structure.broken_messages, cell, 'x = f (_ ("a \\"%s\\" "\n  "b"), _ ("c"));\n'))
    report.check('a private path is found', complains(
        lambda root: structure.machine_paths(root, Path('/b')), cell,
        'char *x = "' + '/'.join(['', 'home', 'someone', 'file']) + '";\n', 'one machine'))


def api_tests(report):
    header = 'vantage-live/table/vl-page.h'
    declared = ('VL_AVAILABLE_IN_1_0\nint vl_page_good (void);\n'
                'struct _A { void (*vl_member) (void); };\nGType vl_page_bad (int a);\n'
                'VL_AVAILABLE_IN_1_0\nG_DECLARE_FINAL_TYPE (VlPage, vl_page, VL, PAGE, GObject)\n')
    nowhere = Path('/nonexistent')

    report.check('a header that the umbrella lacks is found', complains(
        api.umbrella_findings, header, '', 'table/vl-page.h is not in'))
    report.check('a header without its guard is found', complains(
        api.guard_findings, header, '', 'directly'))
    report.check('a missing annotation is found', complains(
        lambda root: api.unannotated(root, nowhere), header, declared, 'vl_page_bad'))
    report.check('missing documentation is found', complains(
        lambda root: api.doc_findings(root, nowhere), header, declared, 'vl_page_good()'))
    report.check('a type without documentation is found', complains(
        api.type_doc_findings, header, declared, 'VlPage'))
    with Tree(header, declared) as root:
        names = {name: annotated for name, annotated, _ in house.declarations(root, nowhere)}
    report.check('declarations are read', [] if names == {
        'vl_page_get_type': True, 'vl_page_good': True, 'vl_page_bad': False} else [str(names)])


def gir_tests(report):
    namespace = ElementTree.fromstring(GIR)

    def says(find, *expected):
        found = list(find)
        missing = [text for text in expected if not any(text in finding for finding in found)]
        return [f'{missing} not in {found}'] if missing else []

    with Tree('vantage-live/table/vl-page.h', '') as root:
        report.check('a vfunc that is not introspectable is found', says(
            gir.not_introspectable(root, namespace), 'Table.find'))
    report.check('clashing vfuncs are found', says(
        gir.clashing_vfuncs(namespace), 'Table.list: vfunc and method', 'Master.find: also'))
    report.check('names that are taken are found', says(gir.taken_names(namespace), 'Table.get'))
    report.check('missing descriptions are found', says(
        gir.undocumented(namespace), 'Vl.Table (interface)', 'Table.list (method)'))
    nowhere = ['[method@Table.lost]', '[property@Table:size]', '[enum@Colour]', '%VL_OP_LIKE']
    found = list(gir.dead_links(namespace))
    report.check('links that lead nowhere are found', says(found, *nowhere))
    report.check('links that lead somewhere are accepted', found[len(nowhere):])
    report.check('missing descriptions of arguments are found', says(
        gir.undocumented_arguments(namespace), 'argument query'))


def main():
    report = house.Report()
    structure_tests(report)
    api_tests(report)
    gir_tests(report)
    return report.finish()


if __name__ == '__main__':
    sys.exit(main())
