"""pictures.py FOLDER: demo.png of docs/pictures/, which the built program renders, and fit_picture.png, of the pictures in FOLDER."""

import pathlib
import subprocess
import sys
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


def strip_of(pictures: list[Image.Image]) -> Image.Image:
    strip = Image.new("RGB", (sum(picture.width for picture in pictures), pictures[0].height))
    for i, picture in enumerate(pictures):
        strip.paste(picture, (i * picture.width, 0))
    return strip


def main() -> None:
    folder = ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    with tempfile.TemporaryDirectory() as work:
        for options in EXPRESSIONS:
            picture = pathlib.Path(work) / "face.png"
            subprocess.run([ROOT / "build" / "bin" / "bisque", "render", "demo", *options.split(), "--size", str(SIDE),
                            "--samples", "16", "--margin", "0.05", "-q", "-o", picture], check=True)
            pictures.append(Image.open(picture).convert("RGB"))
    fitting = [Image.open(pathlib.Path(sys.argv[1]) / f"{name}.png") for name in ("target", "start", "fitted")]
    for name, strip in (("demo.png", strip_of(pictures)), ("fit_picture.png", strip_of(fitting))):
        strip.save(folder / name, optimize=True)
        print(folder / name)


if __name__ == "__main__":
    main()
