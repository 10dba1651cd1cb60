# clients-steps.py: uses clients.py as somebody in front of it would
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import importlib.util
import sys

specification = importlib.util.spec_from_file_location('clients', sys.argv[1])
clients = importlib.util.module_from_spec(specification)
specification.loader.exec_module(clients)

from gi.repository import Adw, GLib, Vl  # noqa: E402


def until(condition, what):
    late = []
    GLib.timeout_add_seconds(60, lambda: late.append(True))
    GLib.timeout_add(20, lambda: GLib.SOURCE_CONTINUE)
    while not condition():
        GLib.MainContext.default().iteration(True)
        assert not late, what
    print(what, flush=True)


def at_rest(window):
    return not window.model.get_loading() and window.model.get_pending() == 0


def texts(window):
    """What the labels of the view say."""
    found, widgets = [], [window.view]
    while widgets:
        widget = widgets.pop()
        if isinstance(widget, clients.ClientRow):
            found.append([label.get_label() for label in (widget.name, widget.state)])
        child = widget.get_first_child()
        while child is not None:
            widgets.append(child)
            child = child.get_next_sibling()
    return found


def use(app):
    window = clients.Window(sys.argv[2], application=app)
    window.present()
    until(lambda: at_rest(window) and window.model.get_n_items() == 300, 'loaded')
    name = window.model.get_item(0).get_text('name')
    until(lambda: [name, ''] in texts(window), 'shown')
    window.search.set_text('Anna')
    until(lambda: at_rest(window) and 0 < window.model.get_n_items() < 300, 'searched')
    window.search.set_text('')
    until(lambda: at_rest(window) and window.model.get_n_items() == 300, 'all again')

    row = window.model.get_item(0)
    dialog = window.open(0)
    dialog.entries['name'].set_text('Aaron Ångström')
    dialog.save()
    until(lambda: ['Aaron Ångström', 'saving …'] in texts(window), 'shown as pending')
    until(lambda: row.get_state() == Vl.RowState.FRESH and at_rest(window), 'saved')
    stored = window.server.get_target().find_sync(row.get_id(), None)
    assert stored['name'] == 'Aaron Ångström', stored

    dialog = window.open(0)
    dialog.entries['city'].set_text('Nowhere')
    window.server.push_error(Vl.error(Vl.Error.REJECTED, '“city” is not known'))
    dialog.save()
    assert not dialog.get_visible()
    until(dialog.get_visible, 'refused')
    assert dialog.entries['city'].get_tooltip_text() == '“city” is not known'
    assert dialog.entries['city'].has_css_class('error')
    assert dialog.entries['city'].get_text() == 'Nowhere'
    print('done', flush=True)


def activated(app):
    try:
        use(app)
    finally:
        app.quit()


app = Adw.Application()
app.connect('activate', activated)
app.run()
