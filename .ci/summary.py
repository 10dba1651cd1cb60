# summary.py: counts the results of test runs and closes with one plain line
#
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Arguments are build folders. Every result that a test reports counts: each
# line of TAP, or the test itself where it reports none. A test that crashed or
# ran out of time counts as one failure more, a build without results as one.

import json
import re
import sys
from pathlib import Path

PASSED = ('OK', 'EXPECTEDFAIL')


def protocols(build):
    tests = json.loads((build / 'meson-info' / 'intro-tests.json').read_text())
    return {test['name']: test['protocol'] for test in tests}


def count_tap(output):
    """Passed, failed and skipped lines of TAP."""
    passed = failed = 0
    skipped = []
    for line in output.splitlines():
        match = re.match(r'(not )?ok\b[ \d]*(.*)', line)
        if not match:
            continue
        skip = re.search(r'#\s*skip\S*\s*(.*)', line, re.I)
        if skip and not match.group(1):
            skipped.append(match.group(2))
        elif match.group(1) and not re.search(r'#\s*todo', line, re.I):
            failed += 1
        else:
            passed += 1
    return passed, failed, skipped


def count_test(test, protocol):
    result = test['result']
    if protocol == 'tap':
        passed, failed, skipped = count_tap(test.get('stdout') or '')
        if passed or failed or skipped:
            if result not in PASSED + ('SKIP',) and failed == 0:
                failed = 1
            return passed, failed, [f'{test["name"]}: {name}' for name in skipped]
    if result == 'SKIP':
        return 0, 0, [test['name']]
    return (1, 0, []) if result in PASSED else (0, 1, [])


def count_build(build):
    """What one run brought, or None if it did not get as far as a result."""
    passed = failed = 0
    skipped = []
    logs = sorted(build.glob('meson-logs/testlog*.json'))
    tests = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
    if not tests:
        return None
    protocol_of = protocols(build)
    for test in tests:
        name = test['name'].split(' / ')[-1]
        counts = count_test(test, protocol_of.get(name, 'exitcode'))
        passed += counts[0]
        failed += counts[1]
        skipped += counts[2]
        if counts[1]:
            print(f'{build.name}: {name} failed ({test["result"]})')
    return passed, failed, skipped


def main():
    passed = failed = n_skipped = 0
    for build in map(Path, sys.argv[1:]):
        counts = count_build(build)
        if counts is None:
            print(f'{build.name}: no results')
            failed += 1
            continue
        passed += counts[0]
        failed += counts[1]
        n_skipped += len(counts[2])
        for name in counts[2]:
            print(f'{build.name}: skipped {name}')
    line = f'{passed} passed, {failed} failed'
    if n_skipped:
        line += f', {n_skipped} skipped'
    print(line)
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
