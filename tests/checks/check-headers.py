# check-headers.py: each header compiles alone, the umbrella also as C++
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import house

PACKAGES = ['gio-2.0', 'json-glib-1.0', 'sqlite3']


def flags(source, build):
    cflags = subprocess.run(['pkg-config', '--cflags', *PACKAGES],
                            capture_output=True, text=True, check=True).stdout.split()
    folders = [source / house.LIBRARY, build / house.LIBRARY, build]
    return cflags + [f'-I{folder}' for folder in folders]


def compile_alone(command, text, suffix):
    """What the compiler has to say about one small source."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f'alone{suffix}'
        path.write_text(text)
        result = subprocess.run([*command, '-fsyntax-only', str(path)],
                                capture_output=True, text=True)
    return [] if result.returncode == 0 else result.stderr.splitlines()[:5]


def incomplete_headers(source, build, compiler):
    command = [*compiler, '-std=c11', '-D_GNU_SOURCE', '-DVL_COMPILATION', '-Wall', '-Werror',
               '-Wno-unused-function', *flags(source, build)]

    def compile_header(path):
        header = path.relative_to(house.LIBRARY)
        return [f'{path}: {line}'
                for line in compile_alone(command, f'#include "{header}"\n', '.c')]

    headers = list(house.c_files(source, house.LIBRARY, suffixes=('.h',)))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for findings in pool.map(compile_header, headers):
            yield from findings


def umbrella_findings(source, build, command, suffix):
    program = '#include <vantage-live.h>\nint main (void) { return VL_ERROR_FAILED == 0; }\n'
    return compile_alone([*command, '-Wall', '-Wextra', '-Werror', *flags(source, build)],
                         program, suffix)


def main():
    arguments = house.parse_arguments()
    source, build = arguments.source, arguments.build
    compiler = arguments.compiler or ['cc']
    report = house.Report()

    report.check('each header compiles alone', incomplete_headers(source, build, compiler))
    report.check('the umbrella compiles as C', umbrella_findings(source, build, compiler, '.c'))
    title = 'the umbrella compiles as C++'
    names = [name for name in ('g++', 'clang++') if shutil.which(name)]
    for name in names:
        report.check(f'{title} with {name}', umbrella_findings(source, build, [name], '.cc'))
    if not names:
        report.skip(title, 'neither g++ nor clang++ is there')
    return report.finish()


if __name__ == '__main__':
    sys.exit(main())
