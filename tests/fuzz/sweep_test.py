"""A short part of the sweep that `make fuzz` runs in full."""

from tests.fuzz.sweep import sweep


def test_spoiled_files_of_every_kind(tmp_path):
    assert sweep(60, 1, tmp_path) == []
