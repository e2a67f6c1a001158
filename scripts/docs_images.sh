#!/bin/sh
# docs_images.sh: renders docs/pictures/ with the built program and, against an installed tree in build/, the examples.
set -eu
cd "$(dirname "$0")/.."
prefix=$PWD/build/docs_images
.venv/bin/cmake --install build --prefix "$prefix" >/dev/null
for example in gallery fit_picture; do
  .venv/bin/cmake -S examples/$example -B "$prefix/$example" -G Ninja -DCMAKE_MAKE_PROGRAM="$PWD/.venv/bin/ninja" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
  .venv/bin/cmake --build "$prefix/$example"
done
"$prefix/gallery/gallery" docs/pictures
"$prefix/fit_picture/fit_picture" "$prefix"
.venv/bin/python scripts/pictures.py "$prefix"
