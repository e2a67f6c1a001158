"""The inputs of rows. Each is made once per run under out/bench, or reports why it cannot be made."""

import os
import pathlib
import subprocess

from harness import ROOT, WORK

BISQUE = ROOT / "build/bin/bisque"


class Missing(Exception):
    """A fixture's data are not on this machine; the message says which."""


class Failed(Exception):
    """Making a fixture failed."""


def ict() -> None:
    """ict.safetensors, the converted ICT model, and ict_scene.safetensors, frames of it for Python's rows."""
    data = pathlib.Path(os.environ["BISQUE_SHARED"]) / "data"
    for path in (data / "ict_face", data / "live_link/dao.csv"):
        if not path.exists():
            raise Missing(f"{path} does not exist (BISQUE_SHARED is the folder that holds data/)")
    run(BISQUE, "convert", data / "ict_face", WORK / "ict.safetensors")
    run(ROOT / "build/bin/bisque_bench", "--write-ict-scene", WORK / "ict_scene.safetensors")


def demo_picture() -> None:
    """demo.png, the demo head at 512 x 512."""
    run(BISQUE, "render", "demo", "--size", "512", "--output", WORK / "demo.png", "--quiet")


def run(*command) -> None:
    code = subprocess.run([str(part) for part in command], cwd=ROOT, stdout=subprocess.DEVNULL).returncode
    if code != 0:
        raise Failed(f"{pathlib.Path(command[0]).name} {command[1]} ended with exit status {code}")


FIXTURES = {"ict": ict, "demo_picture": demo_picture}
