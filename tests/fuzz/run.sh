#!/bin/sh
# run.sh: builds the fuzzers with clang and runs them
#
# SPDX-License-Identifier: LGPL-2.1-or-later

usage () {
  cat <<'END'
Usage: sh tests/fuzz/run.sh [SECONDS [TARGET...]]

Builds in build-fuzz/ and runs each target, or those named, for so many seconds
(20 if not said). What a run has found interesting stays in build-fuzz/corpus,
what made a target fail in build-fuzz/findings; one of these is run again with

  build-fuzz/tests/fuzz/fuzz-TARGET FILE

and belongs into tests/fuzz/corpus/TARGET once it is understood.
END
}

set -eu
case ${1-} in
  -*) usage; exit 0 ;;
esac
cd "$(dirname "$0")/../.."

seconds=${1-20}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- cache journal json page query

build=build-fuzz
mkdir -p "$build"
if [ ! -f "$build/build.ninja" ]; then
  CC=${CC-clang} meson setup "$build" -Dfuzz=true -Db_sanitize=address,undefined \
    -Db_lundef=false -Dintrospection=false -Dvapi=false -Ddemo=false >"$build/setup.log" ||
    { cat "$build/setup.log"; exit 1; }
fi

export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1:strict_string_checks=1
export UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_stacktrace=1
export G_DEBUG=fatal-criticals

run_target () {
  mkdir -p "$build/corpus/$1" "$build/findings/$1"
  rm -f "$build/fuzz-$1.passed"
  "$build/tests/fuzz/fuzz-$1" -max_total_time="$seconds" -timeout=10 \
    -max_len=8192 -artifact_prefix="$build/findings/$1/" \
    "$build/corpus/$1" "tests/fuzz/corpus/$1" >"$build/fuzz-$1.log" 2>&1 &&
    touch "$build/fuzz-$1.passed"
}

programs=
for target in "$@"; do
  programs="$programs tests/fuzz/fuzz-$target"
done
# Names without blanks, split on purpose.
# shellcheck disable=SC2086
ninja -C "$build" $programs >"$build/build.log" || { cat "$build/build.log"; exit 1; }

# As many at a time as there are processors.
n_processors=$(nproc 2>/dev/null || echo 1)
n_running=0
for target in "$@"; do
  run_target "$target" &
  n_running=$((n_running + 1))
  if [ "$n_running" -eq "$n_processors" ]; then
    wait
    n_running=0
  fi
done
wait

failed=
for target in "$@"; do
  echo "fuzz-$target: $seconds s"
  if [ -f "$build/fuzz-$target.passed" ]; then
    tail -n 2 "$build/fuzz-$target.log"
  else
    tail -n 60 "$build/fuzz-$target.log"
    failed="$failed $target"
  fi
done
[ -z "$failed" ] || { echo "Failed:$failed"; exit 1; }
