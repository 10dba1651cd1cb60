#!/bin/sh
# under-xvfb.sh: runs a program on a display of its own; with --accessible first,
# as screen readers see it
#
# SPDX-License-Identifier: LGPL-2.1-or-later

command -v Xvfb > /dev/null && command -v dbus-run-session > /dev/null || {
  echo '1..0 # SKIP there is no Xvfb, or no dbus-run-session'
  exit 0
}

a11y=none
if [ "$1" = --accessible ]; then
  a11y=atspi
  shift
fi

folder=$(mktemp -d)
mkfifo "$folder/display"
# Else it begins anew whenever its last client goes, and turns others away meanwhile:
# the services of accessibility come and go before the program is there.
# A key that a busy machine lets go of late does not repeat.
Xvfb -displayfd 3 -screen 0 1280x1024x24 -nolisten tcp -noreset -r \
  3> "$folder/display" 2> /dev/null &
server=$!
# Until it has gone it may take the socket of the next one of its number with it.
trap 'kill "$server" 2> /dev/null; wait "$server"; rm -rf "$folder"' EXIT
read -r number < "$folder/display"

export DISPLAY=":$number" GDK_BACKEND=x11 GSK_RENDERER=cairo XDG_RUNTIME_DIR="$folder"
export GTK_A11Y="$a11y" GSETTINGS_BACKEND=memory
# What the services of the session say is no output of the program.
exec 4>&1
# shellcheck disable=SC2016
dbus-run-session -- sh -c 'exec "$@" >&4 4>&-' sh "$@" >&2
