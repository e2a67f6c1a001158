#!/bin/sh
# check_system.sh: fails, in one sentence, on a system for which PyPI has no torch.
machine=$(uname -m)
if [ "$(getconf LONG_BIT)" != 64 ]; then
  echo "setup: this is a 32-bit system ($machine), for which torch has no packages; install a 64-bit one, such as Raspberry Pi OS (64-bit)." >&2
  exit 1
fi
case $machine in
  x86_64 | aarch64) ;;
  *) echo "setup: torch has no packages for $machine on PyPI; Bisque needs an x86-64 or a 64-bit ARM machine (aarch64)." >&2; exit 1 ;;
esac
