# house.py: what the checks of the source tree share
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

LIBRARY = 'vantage-live'
GENERATED_HEADERS = ('vl-config.h', 'vl-enums.h', 'vl-version.h')


class Report:
    """Results as TAP, one line a check; what is wrong goes to stderr."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, name, findings):
        findings = list(dict.fromkeys(findings))
        self.count += 1
        if findings:
            self.failed += 1
            for finding in findings:
                print(f'{name}: {finding}', file=sys.stderr, flush=True)
        print(f'{"not ok" if findings else "ok"} {self.count} {name}', flush=True)

    def skip(self, name, reason):
        self.count += 1
        print(f'ok {self.count} {name} # SKIP {reason}', flush=True)

    def finish(self):
        print(f'1..{self.count}')
        return 1 if self.failed else 0


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--source', type=Path, required=True)
    parser.add_argument('--build', type=Path, required=True)
    parser.add_argument('--library', type=Path)
    parser.add_argument('--gir', type=Path)
    parser.add_argument('--compiler', action='append', default=[])
    return parser.parse_args()


def tracked_files(source):
    """Every file of the project: those git knows, or all in a tarball."""
    if (source / '.git').exists():
        # The folder may belong to somebody else, as in a container.
        listing = subprocess.run(
            ['git', '-c', f'safe.directory={source}', 'ls-files', '-z',
             '--cached', '--others', '--exclude-standard'],
            cwd=source, capture_output=True)
        if listing.returncode == 0:
            names = listing.stdout.decode().split('\0')
            return sorted(source / name for name in names
                          if name and (source / name).is_file())
    found = []
    for folder, folders, files in os.walk(source):
        folders[:] = [name for name in folders
                      if name != '.git' and not (Path(folder) / name / 'meson-info').exists()]
        found += [Path(folder) / name for name in files]
    return sorted(found)


def c_files(source, *folders, suffixes=('.c', '.h')):
    for path in tracked_files(source):
        relative = path.relative_to(source)
        if path.suffix in suffixes and relative.parts[0] in folders:
            yield relative


def public_headers(source):
    """Paths inside vantage-live/ of the headers that are installed from it."""
    for path in c_files(source, LIBRARY, suffixes=('.h',)):
        if not path.name.endswith('-private.h'):
            yield path.relative_to(LIBRARY)


def read(source, relative):
    return (source / relative).read_text(encoding='utf-8')


def strip_comments(text, strings=True):
    """Blanks comments and, if asked to, string contents; lines stay lines."""
    def blank(match):
        token = match.group(0)
        if token.startswith('/'):
            return re.sub(r'[^\n]', ' ', token)
        return '""' if strings and token.startswith('"') else token

    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'',
                  blank, text, flags=re.S)


def doc_blocks(source):
    """Every documentation block: what it documents, its text and its file."""
    for path in c_files(source, LIBRARY):
        text = read(source, path)
        for match in re.finditer(r'^/\*\*\n \* ([^\n]*)\n(.*?)\*/', text, re.S | re.M):
            head = match.group(1).strip()
            name = re.match(r'(?:SECTION:)?([\w:-]*\w)', head)
            if name:
                yield name.group(1), head + '\n' + match.group(2), path


def declarations(source, build):
    """What the public headers declare: (name, annotated?, header)."""
    headers = [(source / LIBRARY / path, str(path)) for path in public_headers(source)]
    headers += [(build / LIBRARY / name, name) for name in GENERATED_HEADERS
                if (build / LIBRARY / name).exists()]
    for path, shown in headers:
        text = strip_comments(path.read_text(encoding='utf-8'))
        text = re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', '', text, flags=re.M)
        for name, annotated in declared_in(text):
            yield name, annotated, shown


def declared_in(text):
    available = r'(?P<available>VL_AVAILABLE_IN_\w+\s+)?(?:G_GNUC_\w+\s+)*'
    for match in re.finditer(
            available + r'G_DECLARE_\w+\s*\(\s*\w+\s*,\s*(?P<prefix>\w+)', text):
        yield match.group('prefix') + '_get_type', bool(match.group('available'))
    # Bodies of structures hold function pointers, which are no declarations.
    text = re.sub(r'\{[^{}]*\}', '', text)
    for match in re.finditer(
            available + r'^(?:extern\s+)?[A-Za-z_][\w \t*]*?[ *](?P<name>vl_\w+)\s*\(',
            text, re.M):
        yield match.group('name'), bool(match.group('available'))
