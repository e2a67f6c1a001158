#!/bin/sh
# demo.sh: renders the demo head as a picture and as a video, and prints their paths.
set -eu
cd "$(dirname "$0")/.."
mkdir -p out
build/bin/bisque render demo --set mouthSmileLeft=0.35,mouthSmileRight=0.35 --azimuth 22 --elevation 4 --size 512 \
  --samples 16 --output out/demo.png --quiet
build/bin/bisque render demo --coefficients demo --size 512 --output out/demo.mp4 --quiet
echo "demo: $PWD/out/demo.png and $PWD/out/demo.mp4"
