# check-api.py: what is public is listed, installed, exported and documented
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import json
import re
import subprocess
import sys
from pathlib import PurePosixPath

import house

UMBRELLA = 'vantage-live.h'
GUARD = '#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)'


def umbrella_findings(source):
    text = house.read(source, f'{house.LIBRARY}/{UMBRELLA}')
    listed = set(re.findall(r'#include "([^"]+)"', text))
    expected = {str(path) for path in house.public_headers(source)} - {UMBRELLA}
    expected |= {name for name in house.GENERATED_HEADERS if name != 'vl-config.h'}
    yield from (f'{path} is not in {UMBRELLA}' for path in sorted(expected - listed))
    yield from (f'{path} is in {UMBRELLA} but is no public header'
                for path in sorted(listed - expected))


def guard_findings(source):
    for path in house.public_headers(source):
        if path.name != UMBRELLA and GUARD not in house.read(source, house.LIBRARY / path):
            yield f'{path} can be included directly'


def installed_headers(build):
    installed = json.loads((build / 'meson-info' / 'intro-installed.json').read_text())
    for target in installed.values():
        path = PurePosixPath(target)
        if path.suffix == '.h':
            parts = path.parts
            yield '/'.join(parts[parts.index('include') + 2:])


def install_findings(source, build):
    installed = set(installed_headers(build))
    expected = {str(path) for path in house.public_headers(source)}
    expected |= {name for name in house.GENERATED_HEADERS if name != 'vl-config.h'}
    yield from (f'{path} is not installed' for path in sorted(expected - installed))
    yield from (f'{path} is installed' for path in sorted(installed - expected))


def exported(library):
    listing = subprocess.run(['nm', '-D', '--defined-only', str(library)],
                             capture_output=True, text=True, check=True).stdout
    return {line.split()[-1].split('@')[0] for line in listing.splitlines()
            if line.split()[-2] in 'TDBRVWu'}


def export_findings(source, build, library):
    symbols = exported(library)
    declared = {name: annotated for name, annotated, _ in house.declarations(source, build)}
    for name in sorted(symbols - set(declared)):
        yield f'{name} is exported but no public header declares it'
    for name, annotated in declared.items():
        if annotated and name not in symbols:
            yield f'{name} is declared but not exported: is it written?'


def unannotated(source, build):
    for name, annotated, header in house.declarations(source, build):
        if not annotated:
            yield f'{header}: {name} has no VL_AVAILABLE_IN_*'


def doc_findings(source, build):
    blocks = {name: text for name, text, _ in house.doc_blocks(source)}
    for name, _, header in house.declarations(source, build):
        if name.endswith('_get_type') or header in house.GENERATED_HEADERS:
            continue
        if name not in blocks:
            yield f'{header}: {name}() is not documented'
        elif not re.search(r'^ \* Since: \d+\.\d+$', blocks[name], re.M):
            yield f'{name}() does not say since when it exists'


def type_doc_findings(source):
    blocks = {name: text for name, text, _ in house.doc_blocks(source)}
    for path in house.public_headers(source):
        text = house.strip_comments(house.read(source, house.LIBRARY / path))
        names = re.findall(r'G_DECLARE_\w+\s*\(\s*(\w+)', text)
        names += re.findall(r'^\} (Vl\w+);', text, re.M)
        for name in names:
            if 'Since: ' not in blocks.get(name, ''):
                yield f'{path}: {name} is not documented, or not since when'


def main():
    arguments = house.parse_arguments()
    source, build = arguments.source, arguments.build
    report = house.Report()

    report.check('the umbrella lists every public header', umbrella_findings(source))
    report.check('public headers cannot be included directly', guard_findings(source))
    report.check('just the public headers are installed', install_findings(source, build))
    report.check('every declaration is annotated', unannotated(source, build))
    report.check('every function is documented', doc_findings(source, build))
    report.check('every type is documented', type_doc_findings(source))
    if arguments.library:
        report.check('the annotated symbols are the exported ones',
                     export_findings(source, build, arguments.library))
    return report.finish()


if __name__ == '__main__':
    sys.exit(main())
