# test-install.py: what is installed suffices for programs in every language
#
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Installs a build into an empty folder, looks at what came, and builds and
# runs programs of somebody who has nothing else of this project.

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# What may be installed, below the prefix.
WANTED = [
    r'include/vantage-live-1/(?:[a-z]+/)?vl-[a-z0-9-]+(?<!-private)\.h',
    r'include/vantage-live-1/vantage-live\.h',
    r'lib.*/libvantage-live-1\.(?:a|so(?:\.[0-9.]+)?)',
    r'lib.*/pkgconfig/vantage-live-1\.pc',
    r'lib.*/girepository-1\.0/Vl-1\.typelib',
    r'lib.*/gi/overrides/Vl\.py',
    r'share/gir-1\.0/Vl-1\.gir',
    r'share/gjs-1\.0/overrides/Vl\.js',
    r'share/vala/vapi/vantage-live-1\.(?:vapi|deps)',
    r'share/locale/\w+/LC_MESSAGES/vantage-live-1\.mo',
    r'share/doc/vantage-live-1/.*',
]
EXPECTED_OUTPUT = re.compile(r'1\.[0-9.]+ Tea\n')


class Report:
    """Results as TAP, one line a check."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, name, complaint):
        self.count += 1
        if complaint:
            self.failed += 1
            print(f'{name}: {complaint}', file=sys.stderr, flush=True)
        print(f'{"not ok" if complaint else "ok"} {self.count} {name}', flush=True)

    def skip(self, name, reason):
        self.count += 1
        print(f'ok {self.count} {name} # SKIP {reason}', flush=True)

    def finish(self):
        print(f'1..{self.count}')
        return 1 if self.failed else 0


def run(command, **variables):
    """What a command printed, and what it has to complain of, or None."""
    result = subprocess.run([str(word) for word in command], env=os.environ | variables,
                            capture_output=True, text=True)
    if result.returncode == 0:
        return result.stdout, None
    words = ' '.join(str(word) for word in command)
    return result.stdout, f'{words}: exit {result.returncode}\n{result.stdout}{result.stderr}'


def run_consumer(command, **variables):
    output, complaint = run(command, **variables)
    if complaint is None and not EXPECTED_OUTPUT.fullmatch(output):
        complaint = f'printed {output!r}'
    return complaint


class Installation:
    """What `meson install` puts into an empty folder."""

    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = folder
        self.root = folder / 'root'
        self.prefix = self.root / arguments.prefix.relative_to('/')
        _, self.complaint = run([*arguments.meson, 'install', '-C', arguments.build,
                                 '--no-rebuild', '--quiet', '--destdir', self.root])
        self.files = sorted(path for path in self.root.rglob('*') if not path.is_dir())

    def find(self, pattern):
        return next((path for path in self.files if path.match(pattern)), None)

    def parent(self, pattern):
        return self.find(pattern).parent

    def unwanted(self):
        for path in self.files:
            if self.prefix not in path.parents:
                yield f'{path.relative_to(self.root)} is outside the prefix'
            elif not any(re.fullmatch(wanted, str(path.relative_to(self.prefix)))
                         for wanted in WANTED):
                yield f'{path.relative_to(self.prefix)} is installed'

    def moved_pkg_config_file(self, libdir):
        """As if the prefix had been where it is only for this test."""
        text = self.find('vantage-live-1.pc').read_text()
        for name, value in (('prefix', self.prefix), ('libdir', libdir)):
            text = re.sub(f'^{name}=.*', f'{name}={value}', text, flags=re.M)
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        (folder / 'vantage-live-1.pc').write_text(text)
        return folder

    def pkg_config(self, *options, libdir=None):
        libdir = libdir or self.parent('pkgconfig/vantage-live-1.pc').parent
        output, complaint = run(['pkg-config', *options, 'vantage-live-1'],
                                PKG_CONFIG_PATH=str(self.moved_pkg_config_file(libdir)))
        if complaint:
            raise SystemExit(complaint)
        return output.split()

    def variables(self):
        """The environment for a prefix where nobody looks by himself."""
        found = {'LD_LIBRARY_PATH': str(self.parent('libvantage-live-1.so'))}
        for name, pattern, above in (('GI_TYPELIB_PATH', 'Vl-1.typelib', 0),
                                     ('GJS_PATH', 'overrides/Vl.js', 1),
                                     ('PYTHONPATH', 'gi/overrides/Vl.py', 2)):
            if self.find(pattern):
                found[name] = str(self.find(pattern).parents[above])
        return found

    def compile(self, source, program, flags, compiler):
        return run([*compiler, source, '-o', program, *flags])[1]


def c_with_shared(installation, source, compiler):
    program = installation.folder / 'shared'
    flags = ['-Wall', '-Wextra', '-Wno-unused-parameter', '-Werror', '-std=c11']
    flags += installation.pkg_config('--cflags', '--libs')
    locales = installation.arguments.prefix / installation.arguments.localedir
    return (installation.compile(source, program, flags, compiler)
            or run_consumer([program, locales], **installation.variables()))


def c_with_static(installation, source, compiler):
    # Alone in a folder, as the linker takes the shared one where it sees it.
    program = installation.folder / 'static'
    libdir = installation.folder / 'archive'
    libdir.mkdir()
    shutil.copy(installation.find('libvantage-live-1.a'), libdir)
    flags = installation.pkg_config('--static', '--cflags', '--libs', libdir=libdir)
    locales = installation.arguments.prefix / installation.arguments.localedir
    return (installation.compile(source, program, flags, compiler)
            or run_consumer([program, locales]))


def vala(installation, source, compiler):
    program = installation.folder / 'vala'
    vapidir = installation.parent('vantage-live-1.vapi')
    flags = ['--quiet', '--fatal-warnings', f'--vapidir={vapidir}', '--pkg=vantage-live-1',
             '--pkg=gio-2.0', f'--directory={installation.folder}', f'--cc={compiler[-1]}',
             '--Xcc=-w']
    flags += [f'--Xcc={flag}' for flag in installation.pkg_config('--cflags', '--libs')]
    _, complaint = run(['valac', *flags, '-o', 'vala', source],
                       PKG_CONFIG_PATH=str(installation.parent('vantage-live-1.pc')))
    return complaint or run_consumer([program], **installation.variables())


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', type=Path, required=True)
    parser.add_argument('--sources', type=Path, required=True)
    parser.add_argument('--prefix', type=Path, required=True)
    parser.add_argument('--localedir', type=Path, required=True)
    parser.add_argument('--meson', action='append', default=[])
    parser.add_argument('--compiler', action='append', default=[])
    return parser.parse_args()


def check_installation(report, installation):
    compiler = installation.arguments.compiler
    sources = installation.arguments.sources
    name = {language: f'a program in {language} needs nothing else'
            for language in ('C', 'Python', 'JavaScript', 'Vala')}

    report.check('only what belongs there is installed', '\n'.join(installation.unwanted()))
    if installation.find('libvantage-live-1.so'):
        report.check(name['C'], c_with_shared(installation, sources / 'consumer.c', compiler))
    if installation.find('libvantage-live-1.a'):
        report.check('a program can link the library statically',
                     c_with_static(installation, sources / 'consumer.c', compiler))

    if not installation.find('Vl-1.typelib') or not installation.find('libvantage-live-1.so'):
        report.skip('programs in other languages', 'built without a typelib for them')
        return
    if installation.find('gi/overrides/Vl.py'):
        report.check(name['Python'], run_consumer([sys.executable, sources / 'consumer.py'],
                                                  **installation.variables()))
    else:
        report.skip(name['Python'], 'PyGObject is missing')
    if shutil.which('gjs'):
        report.check(name['JavaScript'], run_consumer(['gjs', sources / 'consumer.js'],
                                                      **installation.variables()))
    else:
        report.skip(name['JavaScript'], 'gjs is missing')
    if shutil.which('valac') and installation.find('vantage-live-1.vapi'):
        report.check(name['Vala'],
                     vala(installation, sources / 'consumer.vala', compiler))
    else:
        report.skip(name['Vala'], 'valac is missing, or the library was built without a vapi')


def main():
    arguments = parse_arguments()
    report = Report()

    with tempfile.TemporaryDirectory(prefix='vl-install-') as folder:
        installation = Installation(arguments, Path(folder))
        report.check('meson install succeeds', installation.complaint)
        if installation.complaint is None:
            check_installation(report, installation)

    return report.finish()


if __name__ == '__main__':
    sys.exit(main())
