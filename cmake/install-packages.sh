#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# install-packages.sh demo|check: installs the Debian packages that are missing, and says so.
# Does nothing, and needs neither root nor a network, when all of them are there.
set -euo pipefail

purpose=${1:?usage: install-packages.sh demo|check}
list=$(dirname "$(readlink -f "$0")")/debian-packages.txt

missing=()
while read -r package needed_by program; do
    [[ -z $package || $package == \#* ]] && continue
    [[ $needed_by == demo || $needed_by == "$purpose" ]] || continue
    [[ -n $program ]] && command -v "$program" >/dev/null && continue
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $status == installed ]] || missing+=("$package")
done < "$list"
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
    command -v sudo >/dev/null || {
        echo "These packages are missing and there is neither root nor sudo: ${missing[*]}" >&2
        exit 1
    }
    as_root=(sudo)
fi
echo "== installing ${#missing[@]} packages: ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}"
