#!/bin/sh
# check-vapi.sh: nothing of the library is lost on its way to Vala
#
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: check-vapi.sh VAPIGEN GIR METADATA-DIR

set -u
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT

echo 1..4
"$1" --library=vantage-live-1 --directory="$folder" --metadatadir="$3" --pkg=gio-2.0 "$2" \
  > "$folder/output" 2>&1
status=$?
vapi="$folder/vantage-live-1.vapi"

result () {
  if [ "$1" -eq 0 ]; then echo "ok $2"; else echo "not ok $2"; failed=1; cat "$folder/output" >&2; fi
}
failed=0

result "$status" "1 vapigen-succeeds"

# vapigen drops a method that has the name of a vfunc of another shape.
! grep -i 'conflicts with' "$folder/output" >&2
result $? "2 nothing-conflicts"

! grep -i '[1-9][0-9]* warning\|warning:\|error' "$folder/output" >&2
result $? "3 no-warnings"

# The enumeration must not be called Error, and what is optional is virtual.
grep -q 'errordomain TableError' "$vapi" &&
  for vfunc in count apply apply_batch get_related get_stream get_identity open close peek; do
    grep -q "public virtual [A-Za-z.?]* $vfunc (" "$vapi" || { echo "$vfunc is not virtual" >&2; false; break; }
  done
result $? "4 metadata-is-used"

exit $failed
