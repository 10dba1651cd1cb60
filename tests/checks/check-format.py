# check-format.py: the sources are as clang-format leaves them
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import re
import shutil
import subprocess
import sys

import house

# Another version lays out some lines differently.
VERSION = '14'


def formatter():
    for name in (f'clang-format-{VERSION}', 'clang-format'):
        path = shutil.which(name)
        if path:
            shown = subprocess.run([path, '--version'], capture_output=True, text=True).stdout
            if re.search(rf'version {VERSION}\.', shown):
                return path
    return None


def badly_formatted(source, command):
    files = [str(path) for path in house.c_files(source, house.LIBRARY, 'tests', 'demo')]
    result = subprocess.run([command, '--dry-run', '--style=file', *files],
                            cwd=source, capture_output=True, text=True)
    for line in result.stderr.splitlines():
        match = re.match(r'(\S+?):(\d+):\d+: (?:warning|error): ', line)
        if match:
            yield f'{match.group(1)}: clang-format -i would change it'
    if result.returncode != 0:
        yield f'clang-format failed: {result.stderr[:200]}'


def badly_spaced(source):
    for path in house.tracked_files(source):
        data = path.read_bytes()
        relative = path.relative_to(source)
        if b'\0' in data or not data or 'corpus' in relative.parts:
            continue
        if not data.endswith(b'\n'):
            yield f'{relative} does not end in a newline'
        if b'\r' in data:
            yield f'{relative} has carriage returns'
        if path.suffix in ('.c', '.h', '.py', '.js', '.vala', '.sh', '.build'):
            if re.search(rb'[ \t]\n', data):
                yield f'{relative} has blanks at the end of lines'
            if b'\t' in data:
                yield f'{relative} has tabs'


def main():
    source = house.parse_arguments().source
    report = house.Report()

    command = formatter()
    if command:
        report.check('clang-format would change nothing', badly_formatted(source, command))
    else:
        report.skip('clang-format would change nothing', f'clang-format {VERSION} is missing')
    report.check('lines end as they should', badly_spaced(source))
    return report.finish()


if __name__ == '__main__':
    sys.exit(main())
