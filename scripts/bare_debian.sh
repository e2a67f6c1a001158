#!/bin/bash
# bare_debian.sh, to be sourced by bash: a bare Debian that uses this machine's access to package registries. Needs root.

# bare_debian SUITE ROOT: debootstrap's minbase with ca-certificates, git and make; no compiler, no Python, no CUDA.
bare_debian() {
  local suite=$1 root=$2 mirror="" log
  # The machine's mirror if it is a Debian; else debootstrap's default.
  if grep -qx 'ID=debian' /etc/os-release; then
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Label: Debian' 2>/dev/null | sed -n 1p)
  fi
  log=$(mktemp)
  debootstrap --variant=minbase --include=ca-certificates,git,make "$suite" "$root" $mirror >"$log" 2>&1 ||
    { tail -n 5 "$log" >&2; echo "bare_debian: debootstrap could not make a Debian $suite (its last output is above)." >&2; return 1; }
  rm -f "$log"
  apt-config dump Acquire >"$root/etc/apt/apt.conf.d/99machine"
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  if [ -f /etc/pip.conf ]; then cp /etc/pip.conf "$root/etc/"; fi
  if [ -d /etc/uv ]; then cp -r /etc/uv "$root/etc/"; fi
}

# registry_environment: the lines NAME=value that pip, uv and git need there, without folders of this machine.
registry_environment() {
  env | grep -E '^(PIP_|UV_|SSL_CERT_|REQUESTS_CA_|CURL_CA_|GIT_SSL_|(HTTPS?|NO|ALL|https?|no|all)_(PROXY|proxy)=)' |
    grep -vE '^(PIP_FIND_LINKS|PIP_CACHE_DIR|UV_FIND_LINKS|UV_CACHE_DIR|UV_PYTHON)'
}

# clean_clone DIR: a clone of HEAD of this tree in DIR, for any owner of the tree.
clean_clone() {
  local tree bundle
  tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
  bundle=$(mktemp)
  git -C "$tree" -c safe.directory='*' bundle create -q "$bundle" HEAD
  git -c advice.detachedHead=false clone -q "$bundle" "$1"
  rm -f "$bundle"
}
