# check-structure.py: who may include and call what, and how long things get
#
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import re
import sys
from pathlib import PurePosixPath

import house

# docs/architecture.md draws these arrows: a layer includes itself and these.
BELOW = {
    'base': [],
    'table': ['base'],
    'stream': ['base', 'table'],
    'masters': ['base', 'table', 'stream'],
    'cache': ['base', 'table', 'stream'],
    'live': ['base', 'table', 'stream', 'masters', 'cache'],
    'model': ['base', 'table', 'stream', 'masters', 'cache', 'live'],
}
UMBRELLA = 'vantage-live.h'

# Time, chance, threads and disks belong to base/, where tests replace them; what
# GLib counts the references of, unseen by the thread sanitizer, stays there too.
ONLY_IN_BASE = (
    r'g_get_monotonic_time|g_get_real_time|g_get_current_time|g_date_time_new_now\w*'
    r'|g_timeout_\w+|g_source_set_ready_time|g_timer_\w+|clock_gettime|gettimeofday'
    r'|g_random_\w+|g_rand_\w+|g_uuid_string_random|getrandom'
    r'|g_thread_(?:new|try_new|pool_\w+)|g_task_run_in_thread\w*|pthread_\w+'
    r'|g_usleep|usleep|nanosleep|sleep'
    r'|g_file_get_contents|g_file_set_contents\w*|g_mkdir\w*|g_rename|g_unlink|g_remove'
    r'|g_open|g_fopen|fopen|fsync|ftruncate'
    r'|g_(?:ptr_|byte_)?array_ref|g_hash_table_ref|_vl_tsan_\w+')
LOCKS = (r'GMutex|GRecMutex|GRWLock|GCond|g_mutex_\w+|g_rec_mutex_\w+|g_rw_lock_\w+'
         r'|g_cond_\w+|G_LOCK\w*|G_UNLOCK\w*|GMutexLocker|GStaticMutex|GOnce|g_once'
         r'|g_bit_\w*lock|g_pointer_bit_\w*lock|mtx_\w+|cnd_\w+|thrd_\w+|sem_\w+')
LOCK_HEADER = PurePosixPath('base/vl-lock-private.h')
# What else brings something from one thread to another: the thread sanitizer does
# not see it when GLib does it, and the wrappers in base/ tell it.
HANDOFFS = (r'GAsyncQueue|g_async_queue_\w+|GThreadPool|g_thread_pool_\w+|g_idle_\w+'
            r'|g_source_attach|g_main_context_(?:acquire|release)'
            r'|g_atomic_ref_count_dec|g_atomic_rc_box_\w+')
HANDOFF_HEADERS = (LOCK_HEADER, PurePosixPath('base/vl-context-private.h'))
# The annotations say what GLib orders. Those that would make a race invisible
# are used nowhere.
ANNOTATIONS = r'__tsan_\w+'
SILENCERS = (r'__attribute__\s*\(\(\s*no_sanitize|no_sanitize\w*|__tsan_ignore\w*|Annotate\w+'
             r'|ANNOTATE_\w+|__tsan_default_suppressions|__tsan_default_options')
SUPPRESSIONS = 'tests/tsan.supp'

MAX_FILE_LINES = 900
MAX_FUNCTION_LINES = 60


def library_files(source):
    for path in house.c_files(source, house.LIBRARY):
        yield PurePosixPath(path.relative_to(house.LIBRARY)), house.read(source, path)


def layer_of(path):
    return path.parts[0] if len(path.parts) > 1 else None


def check_include(path, target):
    """A complaint about one #include, or None."""
    layer = layer_of(path)
    resolved = PurePosixPath(os.path.normpath(path.parent / target))
    if resolved.name in house.GENERATED_HEADERS:
        return None
    if layer_of(resolved) is None:
        return f'{path} includes the umbrella' if resolved.name == UMBRELLA else None
    if str(path) == UMBRELLA or layer_of(resolved) == layer:
        return None
    if layer is None or layer_of(resolved) not in BELOW.get(layer, []):
        return f'{path} includes {resolved}: {layer or "the top"} does not stand on ' \
               f'{layer_of(resolved)}'
    return None


def includes(text):
    return re.findall(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', text, re.M)


def wrong_arrows(source):
    for path, text in library_files(source):
        for target in includes(text):
            complaint = check_include(path, target)
            if complaint:
                yield complaint


def unresolved_includes(source):
    for path, text in library_files(source):
        for target in includes(text):
            if PurePosixPath(target).name in house.GENERATED_HEADERS:
                continue
            if not (source / house.LIBRARY / path.parent / target).exists():
                yield f'{path} includes {target}, which is not relative to it'


def private_includes_of_programs(source):
    """Programs see what users see."""
    for path in house.c_files(source, 'demo'):
        for target in re.findall(r'#\s*include\s*[<"]([^>"]+)[>"]', house.read(source, path)):
            if target.endswith('-private.h') or 'vantage-live/' in target:
                yield f'{path} includes {target}'


def uses(source, pattern, excused):
    for path, text in library_files(source):
        if excused(path):
            continue
        for number, line in enumerate(house.strip_comments(text).split('\n'), 1):
            for name in re.findall(rf'(?<![\w>.])({pattern})\b', line):
                yield f'{path}:{number} uses {name}'


def silencers(source):
    for path in house.c_files(source, house.LIBRARY, 'tests', 'demo'):
        for name in re.findall(SILENCERS, house.strip_comments(house.read(source, path))):
            yield f'{path} uses {name}'


def more_suppressions(text):
    """Only what GLib calls is passed over: its own locks cannot be seen."""
    return [f'{SUPPRESSIONS} has {line!r}' for line in text.split('\n')
            if line not in ('', 'called_from_lib:libglib-2.0')]


def functions(text):
    """Name and number of lines of each function, as clang-format leaves them."""
    lines = text.split('\n')
    start = None
    for number, line in enumerate(lines):
        head = re.match(r'([A-Za-z_]\w*) \(', line)
        if head:
            start = (head.group(1), number)
        elif line == '}' and start:
            yield start[0], number - start[1] + 1
            start = None
        elif line.endswith(';') and start and not line.startswith((' ', '{')):
            start = None


def too_long(source):
    for path in house.c_files(source, house.LIBRARY, 'tests', 'demo'):
        text = house.read(source, path)
        n_lines = text.count('\n')
        if n_lines > MAX_FILE_LINES:
            yield f'{path} has {n_lines} lines, more than {MAX_FILE_LINES}'


def is_list(path, name):
    """The properties and signals of a class, the tests of a program."""
    return name.endswith('_class_init') or (path.parts[0] == 'tests' and name == 'main')


def functions_too_long(source):
    for path in house.c_files(source, house.LIBRARY, 'tests', 'demo', suffixes=('.c',)):
        for name, n_lines in functions(house.read(source, path)):
            if n_lines > MAX_FUNCTION_LINES and not is_list(path, name):
                yield f'{path}: {name}() has {n_lines} lines, more than {MAX_FUNCTION_LINES}'


def wrong_first_lines(source):
    for path in house.c_files(source, house.LIBRARY, 'tests', 'demo'):
        text = house.read(source, path)
        if not text.startswith(f'/* {path.name}: '):
            yield f'{path} does not begin with its name and what it is'
        if 'SPDX-License-Identifier: LGPL-2.1-or-later' not in text[:400]:
            yield f'{path} does not name its license'
        if (path.parts[0] == house.LIBRARY and path.suffix == '.c'
                and '#include "vl-config.h"' not in text):
            yield f'{path} does not include vl-config.h'


def untranslated_list(source):
    listed = {line for line in house.read(source, 'po/POTFILES.in').split('\n')
              if line and not line.startswith('#')}
    used = set()
    for path in house.c_files(source, house.LIBRARY, 'demo'):
        text = house.strip_comments(house.read(source, path), strings=False)
        if re.search(r'(?<!\w)(?:_|N_|C_|NC_|Q_|g_dn?gettext|ngettext)\s*\(\s*"', text):
            used.add(str(path))
    yield from (f'{path} has messages but is not in po/POTFILES.in'
                for path in sorted(used - listed))
    yield from (f'{path} is in po/POTFILES.in but has no messages'
                for path in sorted(listed - used))


def broken_messages(source):
    """xgettext sees only the text up to a macro, and nobody can translate that."""
    for path in house.c_files(source, house.LIBRARY, 'demo', suffixes=('.c',)):
        text = house.strip_comments(house.read(source, path), strings=False)
        for match in re.finditer(r'(?<!\w)_ \(((?:\s*"(?:[^"\\\n]|\\.)*")+)\s*([A-Za-z_]\w*)', text):
            yield f'{path}: {match.group(1).strip()} goes on with {match.group(2)}'


def machine_paths(source, build):
    places = '|'.join(['home', 'root', 'work', 'Users', 'mnt', 'builds', 'workspace'])
    pattern = re.compile(rf'(?<![\w.}}>)-])/(?:{places})/\w')
    here = [f'{source.resolve()}/', f'{build.resolve()}/']
    for path in house.tracked_files(source):
        data = path.read_bytes()
        if b'\0' in data:
            continue
        for number, line in enumerate(data.decode('utf-8', 'replace').split('\n'), 1):
            if pattern.search(line) or any(place in line for place in here):
                yield f'{path.relative_to(source)}:{number} names a path of one machine'


def main():
    arguments = house.parse_arguments()
    source, build = arguments.source, arguments.build
    report = house.Report()

    in_base = lambda path: layer_of(path) == 'base'
    nowhere = lambda path: False

    report.check('includes point down, never up or sideways', wrong_arrows(source))
    report.check('includes are relative', unresolved_includes(source))
    report.check('programs include nothing private', private_includes_of_programs(source))
    report.check('time, chance, threads and disks stay in base',
                 uses(source, ONLY_IN_BASE, in_base))
    report.check('locks are VlLock', uses(source, LOCKS, lambda path: path == LOCK_HEADER))
    report.check('threads hand over through the wrappers',
                 uses(source, HANDOFFS, lambda path: path in HANDOFF_HEADERS))
    report.check('the locks tell the thread sanitizer',
                 uses(source, ANNOTATIONS, lambda path: path == LOCK_HEADER))
    report.check('nothing is hidden from the thread sanitizer', silencers(source))
    report.check('the thread sanitizer is told of one suppression',
                 more_suppressions(house.read(source, SUPPRESSIONS)))
    report.check('g_main_context_invoke is used nowhere',
                 uses(source, r'g_main_context_invoke\w*', nowhere))
    report.check('no file is too long', too_long(source))
    report.check('no function is too long', functions_too_long(source))
    report.check('files say what they are', wrong_first_lines(source))
    report.check('POTFILES lists the files with messages', untranslated_list(source))
    report.check('messages are plain text', broken_messages(source))
    report.check('no paths of one machine', machine_paths(source, build))
    return report.finish()


if __name__ == '__main__':
    sys.exit(main())
