"""The golden cases in tests/golden, by scripts/golden.py: all of them, since what is skipped there would be missed here."""

import pytest

from scripts.golden import CASES, Case, check_of

PATHS = sorted(CASES.glob("*.safetensors"))
NOT_OPS = {"camera_fov_perspective"}  # tests/renderer/cameras


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)])
@pytest.mark.parametrize("path", [path for path in PATHS if path.stem not in NOT_OPS], ids=lambda path: path.stem)
def test_golden(path, device):
    check_of(path)(Case(path, device))
