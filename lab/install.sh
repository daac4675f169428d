#!/usr/bin/env bash
# Installs the real servers the lab suites run against, from Debian's packages. Starts none of them.
set -euo pipefail
cd "$(dirname "$0")"
# One file for each server: what it needs, so that a server of the lab can be added or left out by itself.
mapfile -t packages < <(cat packages/*.txt | tr ' ' '\n' | sort -u | sed '/^$/d')
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then echo "lab: all packages are installed"; exit 0; fi
if [ "$(id -u)" -ne 0 ]; then echo "lab: needs root to install: ${missing[*]}  (run: sudo npm run lab:install)" >&2; exit 1; fi
echo "lab: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# A package that starts a daemon on install would take the default ports: policy-rc.d forbids it for this run only.
made=0
if [ ! -e /usr/sbin/policy-rc.d ]; then printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; made=1; fi
trap '[ "$made" = 0 ] || rm -f /usr/sbin/policy-rc.d' EXIT
# Keystone would make a database of its own on install; the lab makes one for each server it starts.
if [[ " ${missing[*]} " == *" keystone "* ]]; then echo 'keystone keystone/configure_db boolean false' | debconf-set-selections; fi
apt-get -q -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold -y install --no-install-recommends "${missing[@]}"
