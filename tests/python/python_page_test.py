"""Every code block of docs/python.md runs; wheel_test.py runs the commands for authors of ops."""

import re
import subprocess
import sys

import pytest

from tests.build import ROOT

PAGE = (ROOT / "docs/python.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.S)
SHOWN = [r"0\.0\d+", r"torch.Size\(\[1, 64, 64, 4\]\) tensor\(True\)", r"52 of 52 shape columns drive 52 of 52 shapes", r"0\.7"]


def test_there_are_blocks():
    assert len(BLOCKS) == len(SHOWN)


@pytest.mark.parametrize("block, shown", list(zip(BLOCKS, SHOWN)))
def test_block(block, shown, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "python"))
    result = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-3000:]
    assert re.search(shown, result.stdout), result.stdout
    written = sorted(path.name for path in tmp_path.rglob("*.png"))
    assert written == (["000.png", "001.png", "002.png", "smile.png"] if "render_take" in block else [])
