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
failed=
for target in "$@"; do
  ninja -C "$build" "tests/fuzz/fuzz-$target" >"$build/build.log" ||
    { cat "$build/build.log"; exit 1; }
  mkdir -p "$build/corpus/$target" "$build/findings/$target"
  echo "fuzz-$target: $seconds s"
  if ! "$build/tests/fuzz/fuzz-$target" -max_total_time="$seconds" -timeout=10 \
      -max_len=8192 -artifact_prefix="$build/findings/$target/" \
      "$build/corpus/$target" "tests/fuzz/corpus/$target" >"$build/fuzz-$target.log" 2>&1; then
    tail -n 60 "$build/fuzz-$target.log"
    failed="$failed $target"
  else
    tail -n 2 "$build/fuzz-$target.log"
  fi
done
[ -z "$failed" ] || { echo "Failed:$failed"; exit 1; }
