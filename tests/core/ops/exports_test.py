"""The dynamic symbols of op libraries: a library that exports more, such as templates of std, could replace symbols of other libraries in the process."""

import subprocess

import pytest

from tests.build import BUILD

# What core/ops/exports.map lists.
EXPORTED = {"bisque_plugin", "bisque_limit_grain"}
NAMES = ("bisque_core_ops", "bisque_ops", "bisque_face_ops", "acme_ops", "heat_diffusion")
LIBRARIES = [path for name in NAMES for part in ("", "_cuda") if (path := BUILD / f"lib/lib{name}{part}.so").exists()]


def test_the_libraries_are_built():
    assert len(LIBRARIES) >= len(NAMES)


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda path: path.stem)
def test_op_libraries_export_their_entry_alone(library):
    lines = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout.splitlines()
    assert {line.split()[-1] for line in lines} == EXPORTED
