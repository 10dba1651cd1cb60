# test-lists-doc.py: the examples of docs/lists.md run as printed
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from demotest import BUILD, HANG, SOURCE, Skip, environment, main, run, seeded

PAGE = (SOURCE / 'docs' / 'lists.md').read_text()
UNDER_XVFB = str(SOURCE / 'tests' / 'gtk' / 'under-xvfb.sh')



def blocks(language):
    return re.findall(r'^```%s\n(.*?)^```$' % language, PAGE, re.M | re.S)


C_PROGRAM = r'''
#include <gtk/gtk.h>
#include <vantage-live.h>

%(view)s

static void
collect (GtkWidget *widget, GString *texts)
{
  if (GTK_IS_LABEL (widget) && *gtk_label_get_text (GTK_LABEL (widget)) != 0)
    g_string_append_printf (texts, "%%s\n", gtk_label_get_text (GTK_LABEL (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect (child, texts);
}

static void
show (GtkWidget *view)
{
  GtkWidget *window = gtk_window_new ();
  GString *texts = g_string_new (NULL);
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  gtk_window_set_child (GTK_WINDOW (window), scrolled);
  gtk_window_present (GTK_WINDOW (window));
  while (g_strrstr (texts->str, "Tea") == NULL)
    {
      g_main_context_iteration (NULL, TRUE);
      g_string_truncate (texts, 0);
      collect (view, texts);
    }
  g_print ("%%s", texts->str);
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  gtk_init ();
  %(list)s
  if (argc == 1)
    show (make_view (G_LIST_MODEL (list)));
  else
    {
      g_autofree char *text = NULL;
      g_autoptr (GBytes) bytes = NULL;
      gsize length;

      g_type_ensure (VL_TYPE_ROW);
      g_file_get_contents (argv[1], &text, &length, NULL);
      bytes = g_bytes_new (text, length);
      show (gtk_list_view_new (
        GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (list)))),
        gtk_builder_list_item_factory_new_from_bytes (NULL, bytes)));
    }
  return 0;
}
'''

PYTHON_PROGRAM = '''
import sys
import gi
gi.require_version('Gtk', '4.0')
gi.require_version('Vl', '1')
from gi.repository import GLib, GObject, Gtk, Vl

%(blocks)s

def until(condition):
    while not condition():
        GLib.MainContext.default().iteration(True)

def texts(widget):
    found = [widget.get_text()] if isinstance(widget, Gtk.Label) and widget.get_text() else []
    child = widget.get_first_child()
    while child is not None:
        found += texts(child)
        child = child.get_next_sibling()
    return found

Gtk.init()
master = Vl.SqliteTable.new('demo-master.db', 'products')
live = Vl.LiveTable.new(master, 'products', None)
model = Vl.LiveList.new(live, Vl.Query.new().order_by('name'))

if len(sys.argv) > 1:
    factory = Gtk.BuilderListItemFactory.new_from_bytes(None, GLib.Bytes.new(open(sys.argv[1], 'rb').read()))
    view = Gtk.ListView(model=Gtk.NoSelection(model=model), factory=factory)
else:
    view = make_view(model)
window = Gtk.Window(child=Gtk.ScrolledWindow(child=view))
window.present()
until(lambda: 'Tea' in ' '.join(texts(view)))
for text in texts(view):
    print(text)

product = first_product(model)
assert product.name == model.get_item(0).get_text('name'), product.name
change = price_change(model.get_item(0).get_record(), 99.5)
assert change.to_dict() == {'price': 99.5}, change.to_dict()

entry = Gtk.Entry()
row = model.get_item(0)
edit = edit_product(live, row, entry)
before = entry.get_text()
assert before == row.get_text('name')
entry.set_text(before + '!')
save(edit, print)
until(lambda: not edit.get_dirty() and not edit.get_saving())
until(lambda: row.get_text('name') == before + '!')
until(lambda: product.name == before + '!')
edit.get_field('price').set_text('dear')
refused = []
save(edit, refused.append)
until(lambda: refused)
window.destroy()
'''

JS_PROGRAM = '''
imports.gi.versions.Gtk = '4.0';
imports.gi.versions.Vl = '1';
const {GLib, GObject, Gtk, Vl} = imports.gi;

%(blocks)s

function texts(widget) {
    let found = widget instanceof Gtk.Label && widget.label ? [widget.label] : [];
    for (let child = widget.get_first_child(); child !== null; child = child.get_next_sibling())
        found = found.concat(texts(child));
    return found;
}

Gtk.init();
const master = Vl.SqliteTable.new('demo-master.db', 'products');
const live = Vl.LiveTable.new(master, 'products', null);
const view = makeView(Vl.LiveList.new(live, Vl.Query.new().order_by('name', false)));
const window = new Gtk.Window({child: new Gtk.ScrolledWindow({child: view})});
window.present();
while (!texts(view).join(' ').includes('Tea'))
    GLib.MainContext.default().iteration(true);
texts(view).forEach(text => print(text));
window.destroy();
'''


def expect(*command):
    if shutil.which('Xvfb') is None or shutil.which('dbus-run-session') is None:
        raise Skip('there is no Xvfb, or no dbus-run-session')
    seeded()
    names = sqlite_names()
    result = run(UNDER_XVFB, *command, program='sh', env={'G_DEBUG': 'fatal-criticals'})
    assert result.status == 0 and result.out.splitlines() == names, (names, result)
    assert 'Traceback' not in result.err and 'JS ERROR' not in result.err, result


def sqlite_names():
    from demotest import rows
    return [name for name, in rows('demo-master.db', 'SELECT name FROM products ORDER BY name')]


def build():
    if os.environ.get('VL_SANITIZED'):
        raise Skip('the library is built with sanitizers')
    env = environment(PKG_CONFIG_PATH=str(BUILD / 'meson-uninstalled'))
    if shutil.which('pkg-config') is None or subprocess.run(
            ['pkg-config', '--exists', 'gtk4 >= 4.8'], env=env).returncode != 0:
        raise Skip('GTK 4.8 is not installed')
    list_, view = blocks('c')
    Path('view.c').write_text(C_PROGRAM % {'list': list_, 'view': view})
    compiler = shlex.join(shlex.split(os.environ['VL_CC']))
    subprocess.run('%s view.c -o view $(pkg-config --cflags --libs gtk4 vantage-live-1)' % compiler,
                   shell=True, check=True, env=env, timeout=HANG)


def in_c():
    build()
    expect('./view')


def in_a_ui_file():
    build()
    Path('row.ui').write_text(blocks('xml')[0])
    expect('./view', 'row.ui')


def need_script(program):
    if not os.environ.get('VL_HAS_TYPELIB'):
        raise Skip('built without introspection')
    if not program or shutil.which(program) is None:
        raise Skip('it is not installed')
    python = os.environ.get('VL_PYTHON')
    if not python or run('-c', 'import gi; gi.require_version("Gtk", "4.0"); '
                         'from gi.repository import Gtk', program=python).status != 0:
        raise Skip('GTK 4 is not installed for scripts')


def in_python():
    python = os.environ.get('VL_PYTHON')
    need_script(python)
    Path('view.py').write_text(PYTHON_PROGRAM % {'blocks': '\n\n'.join(blocks('python'))})
    Path('row.ui').write_text(blocks('xml')[0])
    expect(python, 'view.py')
    expect(python, 'view.py', 'row.ui')


def in_gjs():
    need_script('gjs')
    Path('view.js').write_text(JS_PROGRAM % {'blocks': '\n\n'.join(blocks('js'))})
    expect('gjs', 'view.js')


def what_is_named_is_there():
    headers = '\n'.join(path.read_text() for path in (SOURCE / 'vantage-live').rglob('*.h'))
    for name in re.findall(r'`(vl_\w+)\(\)`', PAGE):
        assert re.search(r'\b%s \(' % name, headers), name
    for path in re.findall(r'`((?:demo|docs|tests|vantage-live)/[\w./-]*)`', PAGE):
        assert (SOURCE / path).exists(), path


main([in_c, in_a_ui_file, in_python, in_gjs, what_is_named_is_there])
