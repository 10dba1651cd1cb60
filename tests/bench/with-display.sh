#!/bin/sh
# with-display.sh: runs the benchmark on a display of its own where there can be
# one, else as it is, without what wants a display
#
# SPDX-License-Identifier: LGPL-2.1-or-later

if command -v Xvfb > /dev/null && command -v dbus-run-session > /dev/null; then
  exec sh "$(dirname "$0")/../gtk/under-xvfb.sh" "$@"
fi
exec "$@"
