#!/bin/sh
# collect_runtime.sh PREFIX ROOT: collects under ROOT the files that the bisque installed in PREFIX needs to run: PREFIX without its headers, and the libraries
# of libtorch's wheel that it loads, at their paths. PREFIX/debian-packages lists the packages of all other libraries: Debian and Ubuntu have different names
# for some.
set -eu
prefix=$1; root=$2
mkdir -p "$root$prefix"
cp -a "$prefix/." "$root$prefix"
rm -rf "$root$prefix/include" "$root$prefix/lib/cmake"
ldd "$prefix/bin/bisque" | awk '$2 == "=>" { print $3 }' | while read -r library; do
  case $library in
    "$prefix"/*) ;;
    */site-packages/*) cp -L --parents "$(realpath -s "$library")" "$root" ;;
    /*) folder=${library%/*}; dpkg -S "*/${folder##*/}/${library##*/}" | cut -d : -f 1 ;;
    *) echo "collect_runtime: $prefix/bin/bisque needs a library that is not found; see ldd $prefix/bin/bisque." >&2; exit 1 ;;
  esac
done > "$root$prefix/debian-packages.all"
sort -u "$root$prefix/debian-packages.all" > "$root$prefix/debian-packages"
rm "$root$prefix/debian-packages.all"
