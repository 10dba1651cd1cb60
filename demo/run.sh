#!/bin/sh
# run.sh: installs what is missing, builds the library and shows it
#
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# sh demo/run.sh              walks through it, on the subdivisions of countries
#                             that Debian's iso-codes lists
# sh demo/run.sh COMMAND ...  runs vl-demo COMMAND ..., for example seed, list
#                             or --help
# sh demo/run.sh clients ...  starts Clients, which has a window; for example
#                             with --rows 1000000, --network offline or --help
# sh demo/run.sh clients-python [PATH]
# sh demo/run.sh clients-gjs [PATH]
#                             opens a list of clients, in a window; they are those
#                             of the SQLite file, or 100,000 generated ones

set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/.ci/packages.sh"

build=$root/build
log=$build/demo.log
data=/usr/share/iso-codes/json/iso_3166-2.json

program=vl-demo
packages="$packages_build $packages_demo"
if [ "${1:-}" = clients ]; then
  shift
  program=clients
  packages="$packages_build $packages_clients"
fi

# What the program prints stays alone on the standard output.
# Lists of words, split on purpose.
# shellcheck disable=SC2086
need_packages $packages >&2

mkdir -p "$build"
if [ ! -f "$build/build.ninja" ]; then
  echo "Setting up build/ ..." >&2
  meson setup "$build" "$root" --werror >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
fi
# A build directory that was set up before GTK was here does not know of Clients.
if [ $program = clients ] &&
   ! meson introspect "$build" --targets | grep -q '"name": "clients"'; then
  meson setup --reconfigure "$build" "$root" >"$log" 2>&1 ||
    { cat "$log" >&2; exit 1; }
fi
[ -x "$build/demo/$program/$program" ] || echo "Building in build/ (a minute or less) ..." >&2
meson compile -C "$build" $program >"$log" 2>&1 || { cat "$log" >&2; exit 1; }

[ $program != clients ] || exec "$build/demo/clients/clients" "$@"

VL_DEMO_PROGRAM='sh demo/run.sh'
export VL_DEMO_PROGRAM

# clients_in LANGUAGE [PATH]: the window, with the library that was built here.
clients_in () {
  # shellcheck disable=SC2086
  need_packages $packages_gtk >&2
  meson compile -C "$build" Vl-1.typelib >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  path=${2:-demo-clients.db}
  [ -f "$path" ] || "$build/demo/vl-demo/vl-demo" seed --rows 100000 --master "$path" --cache none >&2
  case $1 in
    python) set -- "$python" "$root/demo/clients/clients.py" "$path" ;;
    gjs) set -- gjs -m "$root/demo/clients/clients.js" "$path" ;;
  esac
  exec meson devenv -C "$build" -w "$PWD" "$@"
}

python=/usr/bin/python3
[ -x "$python" ] || python=python3
case ${1:-} in
  clients-python | clients-gjs) clients_in "${1#clients-}" "${2:-}" ;;
esac

if [ $# -gt 0 ]; then
  exec "$build/demo/vl-demo/vl-demo" "$@"
fi
if [ -r "$data" ]; then
  exec "$build/demo/vl-demo/vl-demo" tour --import "$data" --table subdivisions
fi
echo "$data is not there; the tour takes generated clients instead." >&2
exec "$build/demo/vl-demo/vl-demo" tour
