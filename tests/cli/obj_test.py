"""OBJ files and folders as other programs write them, through the program."""

import json
import resource

import numpy as np
import pytest

from tests.build import ROOT
from tests.cli.program import fail, load, silhouette, succeed, write_model_folder, write_obj

CASES = ROOT / "tests" / "cases"


def info(path, limit: int | None = None) -> dict:
    """`limit` is that of the program's data, in bytes."""
    options = {}
    if limit:
        options["preexec_fn"] = lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    result = succeed("info", "--json", path, **options)
    assert result.stderr == ""
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    ("name", "verts", "triangles", "num_warnings"),
    [("obj_backslash", 600, 1152, 0), ("obj_bom", 5, 2, 0), ("obj_concave_ngon", 8, 6, 0),
     ("obj_two_corner_face", 600, 1152, 1)],
)  # fmt: skip
def test_files_of_other_programs(name, verts, triangles, num_warnings):
    found = info(CASES / f"{name}.obj")
    assert (found["verts"], found["triangles"], len(found["warnings"])) == (verts, triangles, num_warnings)


def test_the_notch_of_a_concave_face_stays_open(tmp_path):
    succeed("render", CASES / "obj_concave_ngon.obj", "-o", tmp_path / "u.png", "--size", "64", "--background", "transparent", "-q")
    shown = silhouette(load(tmp_path / "u.png"))
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    u = shown[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    width = u.shape[1]
    assert not u[: u.shape[0] // 2, width * 3 // 8 : width * 5 // 8].any()
    assert u[:, : width // 5].all() and u[:, -(width // 5) :].all()


def test_hidden_files_are_ignored():
    assert info(CASES / "folder_appledouble")["shape_names"] == ["eyeBlink_L", "jawOpen"]


def test_another_order_of_verts_is_reported(tmp_path):
    folder = CASES / "folder_vertex_order"
    (warning,) = info(folder)["warnings"]
    assert warning.startswith(f"{folder}/jawOpen.obj: ") and "order" in warning
    result = succeed("convert", folder, tmp_path / "model.safetensors")
    assert warning in result.stderr
    result = succeed("render", folder, "--set", "jawOpen=1", "-o", tmp_path / "face.png", "--size", "16")
    assert warning in result.stderr


def test_two_rest_shapes_are_an_error_that_names_both(tmp_path):
    folder = write_model_folder(tmp_path / "model")
    (folder / "grid_neutral.obj").rename(folder / "grid_basis.obj")
    assert info(folder)["shapes"] == 5
    (folder / "base.obj").write_bytes((folder / "grid_basis.obj").read_bytes())
    message = fail("info", folder)
    assert "base.obj" in message and "grid_basis.obj" in message


@pytest.mark.parametrize("size", [100_000, 400_000])
def test_a_face_of_very_many_corners_takes_little_time_and_memory(size, tmp_path):
    """A zigzag that crosses itself, as one face, which has no triangulation; clipping all its ears would take minutes."""
    steps = np.arange(size)
    verts = np.stack([steps * 7919 % 1000, steps * 104729 % 997, np.zeros(size)], 1)
    found = info(write_obj(tmp_path / "zigzag.obj", verts, [range(size)]), limit=1 << 30)
    assert found["triangles"] == size - 2
    assert len(found["warnings"]) == 1 and "concave" in found["warnings"][0]
