# test-install.py: what is installed suffices for programs in every language
#
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Installs a build into an empty folder, looks at what came, and builds and
# runs programs of somebody who has nothing else of this project. With --debian
# it makes the build first, shared and static, in the layout of that
# distribution and without what it would not allow.

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
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
# What a Debian package has, and where others look for it: TRIPLET stands for
# the architecture.
DEBIAN_LAYOUT = [
    'usr/include/vantage-live-1/vantage-live.h',
    'usr/lib/TRIPLET/libvantage-live-1.a',
    'usr/lib/TRIPLET/libvantage-live-1.so',
    'usr/lib/TRIPLET/libvantage-live-1.so.0',
    'usr/lib/TRIPLET/pkgconfig/vantage-live-1.pc',
]
DEBIAN_BINDINGS = [
    'usr/lib/TRIPLET/girepository-1.0/Vl-1.typelib',
    'usr/lib/python3/dist-packages/gi/overrides/Vl.py',
    'usr/share/gir-1.0/Vl-1.gir',
    'usr/share/gjs-1.0/overrides/Vl.js',
]
DEBIAN_OPTIONS = ['--prefix=/usr', '--sysconfdir=/etc', '--localstatedir=/var',
                  '--buildtype=plain', '--default-library=both', '--wrap-mode=nodownload',
                  '-Dtests=false', '-Ddemo=false']
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


def contents(path):
    """The bytes of a file; those for debuggers are no part of what it does."""
    data = path.read_bytes()
    if data.startswith((b'\x7fELF', b'!<arch>')):
        with tempfile.NamedTemporaryFile() as stripped:
            _, complaint = run(['strip', '--strip-debug', '-o', stripped.name, path])
            return data if complaint else Path(stripped.name).read_bytes()
    return data


def loads_library(program):
    """Whether it needs the shared library when it starts."""
    return 'libvantage-live-1.so' in run(['ldd', program])[0]


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
        self.home = folder / 'home'
        self.home.mkdir()
        self.began = time.time()
        _, self.complaint = run([*arguments.meson, 'install', '-C', arguments.build,
                                 '--no-rebuild', '--quiet', '--destdir', self.root],
                                HOME=str(self.home), TMPDIR=str(self.home),
                                XDG_CACHE_HOME=str(self.home / 'cache'))
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

    def touched(self):
        """What was written elsewhere: at home, or where it will be in the end."""
        yield from (f'{path} was made' for path in self.home.rglob('*'))
        for path in self.files:
            real = Path('/') / path.relative_to(self.root)
            if real.exists() and real.stat().st_mtime >= self.began:
                yield f'{real} was written'

    def betrayed(self):
        """Files that say where they were built, or installed for this test."""
        # Relative names of source files are in assertions.
        places = [self.arguments.build, self.arguments.library, self.root]
        pattern = '|'.join(rf'(?<!\.){re.escape(str(place))}(?![\w.-])' for place in places)
        for path in self.files:
            found = re.search(pattern.encode(), contents(path))
            if found:
                yield f'{path.relative_to(self.root)} has {found.group(0).decode()}'

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
    complaint = installation.compile(source, program, flags, compiler)
    if complaint is None and loads_library(program):
        complaint = 'the program loads the shared library'
    return complaint or run_consumer([program, locales])


def vala(installation, source, compiler):
    program = installation.folder / 'vala'
    vapidir = installation.parent('vantage-live-1.vapi')
    flags = ['--quiet', '--fatal-warnings', f'--vapidir={vapidir}', '--pkg=vantage-live-1',
             '--pkg=gio-2.0', f'--directory={installation.folder}', f'--cc={compiler[0]}',
             '--Xcc=-w']
    flags += [f'--Xcc={flag}' for flag in installation.pkg_config('--cflags', '--libs')]
    _, complaint = run(['valac', *flags, '-o', 'vala', source],
                       PKG_CONFIG_PATH=str(installation.parent('vantage-live-1.pc')))
    return complaint or run_consumer([program], **installation.variables())


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', type=Path)
    parser.add_argument('--sources', type=Path, required=True)
    parser.add_argument('--library', type=Path, required=True)
    parser.add_argument('--prefix', type=Path, required=True)
    parser.add_argument('--localedir', type=Path, required=True)
    parser.add_argument('--debian', action='store_true')
    parser.add_argument('--without-introspection', action='store_true')
    parser.add_argument('--meson', action='append', default=[])
    parser.add_argument('--compiler', action='append', default=[])
    return parser.parse_args()


def check_installation(report, installation):
    compiler = installation.arguments.compiler
    sources = installation.arguments.sources
    name = {language: f'a program in {language} needs nothing else'
            for language in ('C', 'Python', 'JavaScript', 'Vala')}

    report.check('only what belongs there is installed', '\n'.join(installation.unwanted()))
    report.check('nothing is touched elsewhere', '\n'.join(installation.touched()))
    report.check('nothing says where it was built', '\n'.join(installation.betrayed()))
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


def source_files(library):
    """The names of all files, but for those of git and of builds."""
    found = set()
    for folder, folders, names in os.walk(library):
        folders[:] = [name for name in folders
                      if name != '.git' and not (Path(folder) / name / 'meson-info').exists()]
        found |= {str(Path(folder) / name) for name in names}
    return found


def triplet(compiler):
    return run([*compiler, '-print-multiarch'])[0].strip()


def make_debian_build(arguments, folder):
    """Builds the library as a Debian package would."""
    arguments.prefix = Path('/usr')
    arguments.localedir = Path('share/locale')
    arguments.build = folder / 'build'
    options = [*DEBIAN_OPTIONS, f'--libdir=lib/{triplet(arguments.compiler)}']
    if arguments.without_introspection:
        options += ['-Dintrospection=false', '-Dvapi=false']
    _, complaint = run([*arguments.meson, 'setup', arguments.build, arguments.library, *options])
    return complaint or run(['ninja', '-C', arguments.build])[1]


def check_debian(report, installation, before):
    arguments = installation.arguments
    wanted = DEBIAN_LAYOUT + ([] if arguments.without_introspection else DEBIAN_BINDINGS)
    wanted = [name.replace('TRIPLET', triplet(arguments.compiler)) for name in wanted]
    if not installation.find('gi/overrides/Vl.py'):
        wanted = [name for name in wanted if not name.endswith('Vl.py')]
    report.check('everything is where a package has it',
                 '\n'.join(name for name in wanted if not (installation.root / name).exists()))
    report.check('the sources are as they were',
                 '\n'.join(sorted(source_files(arguments.library) - before)))


def main():
    arguments = parse_arguments()
    report = Report()

    with tempfile.TemporaryDirectory(prefix='vl-install-') as name:
        folder = Path(name)
        before = source_files(arguments.library)
        complaint = None
        if arguments.debian:
            if not shutil.which('ninja') or not triplet(arguments.compiler):
                print('1..0 # SKIP this is not Debian, or ninja is missing')
                return 0
            complaint = make_debian_build(arguments, folder)
            report.check('a package can be built', complaint)
        if complaint is None:
            installation = Installation(arguments, folder)
            report.check('meson install succeeds', installation.complaint)
            if installation.complaint is None:
                check_installation(report, installation)
            if installation.complaint is None and arguments.debian:
                check_debian(report, installation, before)

    return report.finish()


if __name__ == '__main__':
    sys.exit(main())
