#!/bin/bash
# arm_root.sh: unpacks Debian's arm64 packages into .arm/root, for the cross build and for qemu. The apt of this machine only downloads them: it
# resolves them for an empty arm64 system with its state in .arm/apt, so the machine itself gets no foreign architecture. Needs no root.
set -euo pipefail
cd "$(dirname "$0")/.."
root=.arm/root
packages=$(sed 's/#.*//' scripts/apt-packages.txt scripts/apt-openblas.txt scripts/apt-arm-root.txt | grep -E '^(lib|nlohmann|zlib|python3$)')
stamp=$(cat "$0" - /etc/os-release <<<"$packages" | sha256sum | cut -c1-64)
[ "$(cat $root/.stamp 2>/dev/null)" = "$stamp" ] && exit 0

echo "setup: unpacking arm64 packages into $root"
rm -rf .arm/apt $root
mkdir -p .arm/apt/lists/partial .arm/apt/cache/archives/partial $root/usr/lib $root/usr/bin
: >.arm/apt/status
apt=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User= -o Debug::NoLocking=true
  -o Dir::State="$PWD/.arm/apt" -o Dir::State::status="$PWD/.arm/apt/status" -o Dir::Cache="$PWD/.arm/apt/cache")
{ "${apt[@]}" update && "${apt[@]}" install --download-only --no-install-recommends -y $packages; } >.arm/apt/log 2>&1 ||
  { tail -5 .arm/apt/log >&2; echo "setup: apt-get could not download the arm64 packages (its last output is above)." >&2; exit 1; }
# As on an installed system, /lib is /usr/lib; links must not lead out of the root.
ln -s usr/lib usr/bin $root/
for package in .arm/apt/cache/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C $root
done
find $root -type l -lname '/*' | while read -r link; do ln -sfnr "$root$(readlink "$link")" "$link"; done
# CMake packages that name their files by absolute paths.
grep -rl '"/usr' $root/usr/lib --include=*.cmake | xargs -r sed -i 's#"/usr#"${CMAKE_SYSROOT}/usr#g'
ln -s openblas-pthread/libopenblas.so.0 $root/usr/lib/aarch64-linux-gnu/  # as its postinst does
# What libtorch reads of an ARM machine, and qemu 7 does not emulate; a program under qemu finds these files before the machine's own.
mkdir -p $root/proc
for i in 0 1; do
  cpu=$root/sys/devices/system/cpu/cpu$i/regs/identification
  mkdir -p "$cpu"
  echo 0x00000000410fd083 >"$cpu/midr_el1"
  printf 'processor\t: %s\nFeatures\t: fp asimd crc32 cpuid\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd08\n\n' $i
done >$root/proc/cpuinfo
rm -rf .arm/apt
echo "$stamp" >$root/.stamp
