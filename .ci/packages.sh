# packages.sh: what is needed to build, to test and to show, and how to get it.
# A fragment for tests/run.sh, demo/run.sh and .ci/run; the names are Debian's.
#
# SPDX-License-Identifier: LGPL-2.1-or-later

packages_build='gcc libc6-dev meson ninja-build pkg-config gettext
  libglib2.0-dev libjson-glib-dev libsqlite3-dev
  gobject-introspection libgirepository1.0-dev valac'
packages_test='g++ binutils clang-format git gjs iso-codes python3 python3-gi sqlite3
  libgtk-4-dev libadwaita-1-dev adwaita-icon-theme gir1.2-gtk-4.0 gir1.2-adw-1 xvfb xauth dbus
  at-spi2-core gir1.2-atspi-2.0 xdotool'
packages_demo='iso-codes sqlite3 python3 python3-gi gjs'
packages_clients='libgtk-4-dev libadwaita-1-dev adwaita-icon-theme fonts-noto-core fonts-noto-cjk'
packages_gtk='python3 python3-gi gjs gir1.2-gtk-4.0 gir1.2-adw-1'
packages_valgrind='valgrind libc6-dbg'

is_installed () {
  dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

# as_root COMMAND...: runs it as root, or fails without asking for a password.
as_root () {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

# need_packages NAME...: installs those that are missing. Where that is not
# possible it says which they are and goes on: they may be there in another way.
need_packages () {
  command -v dpkg-query >/dev/null 2>&1 || return 0

  missing=
  for package in "$@"; do
    is_installed "$package" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0

  echo "Installing:$missing"
  # Split on purpose: one word a package.
  # shellcheck disable=SC2086
  if as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
       --no-install-recommends $missing >/dev/null 2>&1; then
    return 0
  fi
  if as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null &&
     as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
       --no-install-recommends $missing >/dev/null; then
    return 0
  fi
  echo "Could not install them. As root:  apt-get install$missing" >&2
}
