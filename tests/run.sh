#!/bin/sh
# run.sh: installs what is missing, builds the library and runs its tests
#
# SPDX-License-Identifier: LGPL-2.1-or-later

usage () {
  cat <<'END'
Usage: sh tests/run.sh [OPTION]... [TEST]...

Builds in build/ and runs the tests: all of them, or those named.

  --asan        with the address and undefined behaviour sanitizers, in
                build-asan/, without the bindings and the checks of the sources
  --tsan        with the thread sanitizer, in build-tsan/: only the suite
                threads, the C tests with more than one thread
  --valgrind    the C tests under valgrind
  --suite NAME  only one suite: unit, contract, threads, sim, bindings, demo;
                repeatable
  --help        this text
END
}

set -eu
cd "$(dirname "$0")/.."
. .ci/packages.sh

build=build
compile=yes
setup_options='--werror'
test_options='--no-rebuild --print-errorlogs --timeout-multiplier 3'
packages="$packages_build $packages_test"

while [ $# -gt 0 ]; do
  case $1 in
    --asan)
      build=build-asan
      setup_options="$setup_options -Db_sanitize=address,undefined -Db_lundef=false"
      setup_options="$setup_options -Doptimization=1"
      setup_options="$setup_options -Dintrospection=false -Dvapi=false"
      test_options="$test_options --no-suite checks"
      ;;
    --tsan)
      build=build-tsan
      setup_options="$setup_options -Db_sanitize=thread -Db_lundef=false"
      setup_options="$setup_options -Doptimization=1"
      setup_options="$setup_options -Dintrospection=false -Dvapi=false -Ddemo=false"
      # Builds just the programs that it runs.
      compile=no
      test_options='--print-errorlogs --timeout-multiplier 3 --suite threads'
      ;;
    --valgrind)
      test_options="$test_options --setup valgrind"
      packages="$packages $packages_valgrind"
      ;;
    --suite)
      [ $# -gt 1 ] || { usage >&2; exit 2; }
      test_options="$test_options --suite $2"
      shift
      ;;
    --help)
      usage
      exit 0
      ;;
    -*)
      echo "tests/run.sh: unknown option $1" >&2
      usage >&2
      exit 2
      ;;
    *)
      break
      ;;
  esac
  shift
done

# Results of an earlier run must not be taken for those of this one.
rm -f "$build"/meson-logs/testlog*.json

# Lists of words, split on purpose from here on.
# shellcheck disable=SC2086
need_packages $packages

log=$build/setup.log
mkdir -p "$build"
if [ -f "$build/build.ninja" ]; then
  command="meson configure $build $setup_options"
else
  command="meson setup $build $setup_options"
fi
$command >"$log" 2>&1 || { cat "$log"; exit 1; }

[ "$compile" = no ] || meson compile -C "$build"
exec meson test -C "$build" $test_options "$@"
