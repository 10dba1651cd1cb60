# check-gir.py: what other languages see of the library is complete
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import house

CORE = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'

CALLABLES = [CORE + name for name in ('constructor', 'method', 'function', 'virtual-method')]
DOCUMENTED = CALLABLES[:3] + [CORE + name for name in (
    'class', 'interface', 'record', 'enumeration', 'bitfield', 'property', 'constant',
    'callback')] + [GLIB + 'signal']

# Python, gjs, Vala and GObject take these for themselves.
TAKEN = set('''in is not from import as with del pass lambda out ref owned base params signal lock
    get set connect disconnect emit notify bind init props get_property set_property
    delete new class template'''.split())


def skipped_names(source):
    """Functions that are left out of the bindings on purpose."""
    for name, text, _ in house.doc_blocks(source):
        if re.match(r'[\w:]+\w: ?\(skip\)', text):
            yield name


def owners(namespace):
    for element in namespace:
        if element.tag in (CORE + 'class', CORE + 'interface', CORE + 'record'):
            yield element


def not_introspectable(source, namespace):
    skipped = set(skipped_names(source))
    for owner in [namespace, *owners(namespace)]:
        for element in owner:
            if element.get('introspectable') != '0' or element.tag == CORE + 'function-macro':
                continue
            if element.get(C + 'identifier') in skipped:
                continue
            # Structures of classes are not for other languages.
            if element.get(GLIB + 'is-gtype-struct-for'):
                continue
            yield f'{owner.get("name")}.{element.get("name")} is not introspectable'


def signature(callable_element):
    """Types of the arguments, of the result, and whether it throws."""
    result = callable_element.find(CORE + 'return-value')
    arguments = [type_of(parameter)
                 for parameter in callable_element.findall(f'{CORE}parameters/{CORE}parameter')]
    return arguments, type_of(result), callable_element.get('throws')


def type_of(element):
    for child in element:
        if child.tag in (CORE + 'type', CORE + 'array'):
            return child.get(C + 'type'), child.get('name')
        if child.tag == CORE + 'varargs':
            return '...', None
    return None


def by_name(owner, tag):
    return {element.get('name'): element for element in owner.findall(CORE + tag)}


def clashing_vfuncs(namespace):
    interfaces = by_name(namespace, 'interface')
    for owner in owners(namespace):
        methods = by_name(owner, 'method')
        vfuncs = by_name(owner, 'virtual-method')
        for name in sorted(set(methods) & set(vfuncs)):
            if signature(methods[name]) != signature(vfuncs[name]):
                yield f'{owner.get("name")}.{name}: vfunc and method differ'
        if owner.tag == CORE + 'class':
            for implemented in owner.findall(CORE + 'implements'):
                other = interfaces.get(implemented.get('name'))
                taken = by_name(other, 'virtual-method') if other is not None else {}
                for name in sorted(set(taken) & set(vfuncs)):
                    yield f'{owner.get("name")}.{name}: also a vfunc of {other.get("name")}'


def taken_names(namespace):
    for owner in owners(namespace):
        for tag in CALLABLES[1:]:
            for element in owner.findall(tag):
                if element.get('name') in TAKEN:
                    yield f'{owner.get("name")}.{element.get("name")} is a word of a language'


def undocumented(namespace):
    for owner in [namespace, *owners(namespace)]:
        for element in owner:
            if element.tag not in DOCUMENTED or element.get(GLIB + 'is-gtype-struct-for'):
                continue
            if element.get(C + 'identifier', '').endswith('_get_type'):
                continue
            # Empty structures stand for what is private of a class.
            if element.get('disguised') == '1' or element.get('name').startswith('_'):
                continue
            name = f'{owner.get("name")}.{element.get("name")}'
            if element.find(CORE + 'doc') is None:
                yield f'{name} ({element.tag.split("}")[1]}) is not documented'
            elif element.get('version') is None:
                yield f'{name} ({element.tag.split("}")[1]}) does not say since when'


def undocumented_arguments(namespace):
    for owner in [namespace, *owners(namespace)]:
        for tag in CALLABLES[:3] + [GLIB + 'signal']:
            for element in owner.findall(tag):
                for parameter in element.findall(f'{CORE}parameters/{CORE}parameter'):
                    if parameter.find(CORE + 'doc') is None and parameter.get('name') != '...':
                        yield (f'{owner.get("name")}.{element.get("name")}: '
                               f'argument {parameter.get("name")} is not documented')


def link_targets(namespace):
    """What documentation can point to, written as in a link."""
    for owner in namespace:
        name = owner.get('name')
        yield name
        yield owner.get(C + 'identifier')
        yield owner.get(C + 'type')
        for element in owner:
            separator = {CORE + 'property': ':', GLIB + 'signal': '::'}.get(element.tag, '.')
            yield f'{name}{separator}{element.get("name")}'
            yield element.get(C + 'identifier')


def dead_links(namespace):
    targets = set(link_targets(namespace))
    for element in namespace.iter():
        if element.tag != CORE + 'doc' or not element.text:
            continue
        for link, target in re.findall(r'(\[[a-z]+@([^]]+)\])', element.text):
            # Those of other libraries are named with their namespace.
            if target not in targets and not re.match('(?:GLib|GObject|Gio)[.]', target):
                yield f'{link} leads nowhere'
        for constant in re.findall(r'%VL_\w+', element.text):
            if constant[1:] not in targets:
                yield f'{constant} leads nowhere'


def vapi_conflicts(source, gir):
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run(['vapigen', '--library=check', f'--directory={folder}',
                                 f'--metadatadir={source / house.LIBRARY}', '--pkg=gio-2.0',
                                 str(gir)],
                                capture_output=True, text=True)
    if result.returncode != 0:
        yield f'vapigen failed: {result.stderr[:400]}'
    for line in (result.stdout + result.stderr).splitlines():
        if 'conflicts with' in line:
            yield line


def main():
    arguments = house.parse_arguments()
    namespace = ElementTree.parse(arguments.gir).getroot().find(CORE + 'namespace')
    report = house.Report()

    report.check('nothing is hidden from the bindings by accident',
                 not_introspectable(arguments.source, namespace))
    report.check('vfuncs and methods of one name have one signature', clashing_vfuncs(namespace))
    report.check('no name is a word of a language', taken_names(namespace))
    report.check('everything is documented', undocumented(namespace))
    report.check('every argument is documented', undocumented_arguments(namespace))
    report.check('every link leads somewhere', dead_links(namespace))
    if shutil.which('vapigen'):
        report.check('vapigen sees no conflict', vapi_conflicts(arguments.source, arguments.gir))
    else:
        report.skip('vapigen sees no conflict', 'vapigen is missing')
    return report.finish()


if __name__ == '__main__':
    sys.exit(main())
