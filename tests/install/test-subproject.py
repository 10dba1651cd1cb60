# test-subproject.py: the library works inside of another meson project
#
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Once linked statically, once with the shared library.

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LEFT_OUT = ['introspection', 'vapi']


def run(command, folder):
    result = subprocess.run([str(word) for word in command], cwd=folder,
                            capture_output=True, text=True)
    if result.returncode != 0:
        print(' '.join(str(word) for word in command), result.stdout, result.stderr,
              sep='\n', file=sys.stderr, flush=True)
    return result


def make_project(folder, sources, library):
    """A project of its own with the library in subprojects/, by a link."""
    shutil.copy(sources / 'subproject' / 'meson.build', folder)
    shutil.copy(sources / 'consumer.c', folder)
    (folder / 'subprojects').mkdir()
    os.symlink(library, folder / 'subprojects' / 'vantage-live', target_is_directory=True)


def set_up(folder, meson, kind):
    options = [f'-Dvantage-live:{option}=false' for option in LEFT_OUT]
    # Debugging symbols and optimization would only take time.
    return run([*meson, 'setup', kind, f'-Ddefault_library={kind}', '-Dbuildtype=plain',
                *options, '--werror', '--wrap-mode=nodownload'], folder)


def targets(build, folder):
    listing = run(['ninja', '-C', build, '-t', 'targets', 'all'], folder).stdout
    return [line.split(':')[0] for line in listing.splitlines()]


def works(folder, meson, kind):
    return (set_up(folder, meson, kind).returncode == 0
            and run(['ninja', '-C', kind, 'consumer'], folder).returncode == 0
            and re.fullmatch(r'1\.[0-9.]+ Tea\n', run([f'./{kind}/consumer'], folder).stdout)
            and loads_library(folder / kind / 'consumer') == (kind == 'shared'))


def loads_library(program):
    """Whether it needs the shared library when it starts."""
    return 'libvantage-live-1.so' in run(['ldd', program], program.parent).stdout


def has_no_junk(folder):
    junk = [name for name in targets('static', folder)
            if re.search(r'/(?:tests|demo)/', name) and not name.startswith('/')]
    if junk:
        print('built in a subproject:', *junk[:10], file=sys.stderr, flush=True)
    return not junk


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--library', type=Path, required=True)
    parser.add_argument('--sources', type=Path, required=True)
    parser.add_argument('--meson', action='append', default=[])
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    if not shutil.which('ninja'):
        print('1..0 # SKIP ninja is missing')
        return 0

    failed = 0
    print('1..3')
    with tempfile.TemporaryDirectory(prefix='vl-subproject-') as name:
        folder = Path(name)
        make_project(folder, arguments.sources, arguments.library)
        results = [
            ('a program can link it statically', works(folder, arguments.meson, 'static')),
            ('neither tests nor demo are built', has_no_junk(folder)),
            ('a program can link the shared library', works(folder, arguments.meson, 'shared')),
        ]
    for number, (title, result) in enumerate(results, 1):
        failed += not result
        print(f'{"ok" if result else "not ok"} {number} {title}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
