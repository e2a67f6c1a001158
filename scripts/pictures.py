"""Renders the pictures of README and docs with the built program: docs/pictures/."""

import pathlib
import subprocess
import tempfile

from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIDE = 360
# Options of `bisque render demo`, one line per picture.
EXPRESSIONS = [
    "--azimuth 20 --elevation 3",
    "--azimuth -25 --set mouthSmileLeft=0.9,mouthSmileRight=0.9,cheekSquintLeft=0.6,cheekSquintRight=0.6,eyeSquintLeft=0.3,eyeSquintRight=0.3",
    "--azimuth 8 --set jawOpen=0.7,browInnerUp=0.9,browOuterUpLeft=0.8,browOuterUpRight=0.8,eyeWideLeft=0.7,eyeWideRight=0.7",
    "--azimuth -18 --set eyeBlinkRight=1,browDownRight=0.7,mouthPucker=0.8,cheekSquintRight=0.5",
]


def main() -> None:
    folder = ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    strip = Image.new("RGB", (SIDE * len(EXPRESSIONS), SIDE))
    with tempfile.TemporaryDirectory() as work:
        for i, options in enumerate(EXPRESSIONS):
            picture = pathlib.Path(work) / "face.png"
            subprocess.run([ROOT / "build" / "bin" / "bisque", "render", "demo", *options.split(), "--size", str(SIDE),
                            "--samples", "16", "--margin", "0.05", "-q", "-o", picture], check=True)
            strip.paste(Image.open(picture), (i * SIDE, 0))
    strip.save(folder / "demo.png", optimize=True)
    print(folder / "demo.png")


if __name__ == "__main__":
    main()
