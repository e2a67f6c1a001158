"""The picture that ARM's is compared with, and the memory of the program."""

import subprocess

import numpy as np
import pytest

from tests.build import BUILD, ROOT
from tests.cli.program import load
from tests.testing.limited import run_limited

PICTURE = ROOT / "tests/arm/demo.png"
# `bisque render` with these gives PICTURE; cross_checks.py renders it on ARM.
ARGUMENTS = ["render", "demo", "--set", "jawOpen=0.4,mouthSmileLeft=0.5", "--size", "256", "--quiet", "--output"]


def test_the_kept_picture_is_the_one_of_this_build(tmp_path):
    subprocess.run([BUILD / "bin/bisque", *ARGUMENTS, tmp_path / "demo.png"], check=True)
    assert np.array_equal(load(tmp_path / "demo.png"), load(PICTURE))


@pytest.mark.parametrize("options", [[], ["--samples", "16"], ["--coefficients", "demo", "--start", "0", "--end", "1"]], ids=lambda o: " ".join(o) or "default")
def test_the_demo_head_renders_within_400_mb(options, tmp_path):
    output = tmp_path / ("demo.mp4" if "--coefficients" in options else "demo.png")
    result, peak = run_limited("render", "demo", *options, "--quiet", "--output", output, seconds=60)
    assert result.returncode == 0, result.stderr
    assert peak < 400e6
