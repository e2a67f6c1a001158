"""bisque convert: what is written reads back equal."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.cli.program import (
    SHAPES, fail, grid, load, moved, succeed, write_gltf, write_model_folder, write_obj,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_model_folder(tmp_path_factory.mktemp("convert") / "model")


def info(path) -> dict:
    return json.loads(succeed("info", "--json", path).stdout)


def test_round_trips_are_equal(folder, tmp_path):
    first, second, third = tmp_path / "1.safetensors", tmp_path / "2.glb", tmp_path / "3.safetensors"
    result = succeed("convert", folder, first)
    assert result.stderr == "" and result.stdout == f"{first}: 81 verts, 128 triangles, 5 shapes\n"
    succeed("convert", first, second)
    succeed("convert", second, third)
    assert first.read_bytes() == third.read_bytes()
    assert info(folder) == info(first) == info(second)


def test_the_file_holds_the_models_numbers(folder, tmp_path):
    path = tmp_path / "model.safetensors"
    succeed("convert", folder, path)
    tensors = load_file(path)
    verts, _ = grid()
    assert np.array_equal(tensors["neutral"], verts.astype(np.float32))
    offsets = np.zeros((len(verts), len(SHAPES), 3), np.float32)
    vert_of_delta = np.repeat(np.arange(len(verts)), np.diff(tensors["vert_first"]))
    offsets[vert_of_delta, tensors["delta_shape"]] = tensors["deltas"]
    for i, shape in enumerate(SHAPES):
        assert np.array_equal(offsets[:, i], (moved(verts, shape) - verts).astype(np.float32))


def test_gltf_and_demo_round_trip(tmp_path):
    for source in (write_gltf(tmp_path / "text.gltf"), "demo"):
        first, second, third = tmp_path / "1.glb", tmp_path / "2.safetensors", tmp_path / "3.glb"
        succeed("convert", source, first)
        succeed("convert", first, second)
        succeed("convert", second, third)
        assert first.read_bytes() == third.read_bytes()


def test_a_converted_model_gives_the_same_picture(folder, tmp_path):
    pictures = []
    for name in ("model.safetensors", "model.glb"):
        succeed("convert", folder, tmp_path / name)
    for model in (folder, tmp_path / "model.safetensors", tmp_path / "model.glb", write_gltf(tmp_path / "text.gltf")):
        succeed("render", model, "-q", "--size", 96, "--set", "jawOpen=1,eyeBlinkLeft=0.5", "--hide", "none",
                "-o", tmp_path / "a.png")  # fmt: skip
        pictures.append(load(tmp_path / "a.png"))
    for picture in pictures[1:]:
        assert np.array_equal(picture, pictures[0])
    assert np.ptp(pictures[0]) > 50


def test_a_model_may_replace_itself(folder, tmp_path):
    path = tmp_path / "model.safetensors"
    succeed("convert", folder, path)
    before = path.read_bytes()
    succeed("convert", path, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_extensions_may_be_of_any_case(folder, tmp_path):
    succeed("convert", folder, tmp_path / "A.GLB")
    succeed("convert", tmp_path / "A.GLB", tmp_path / "B.SafeTensors")
    assert info(tmp_path / "B.SafeTensors")["shapes"] == 5


def test_errors_leave_the_target_as_it_was(folder, tmp_path):
    target = tmp_path / "keep.glb"
    target.write_bytes(b"keep")
    assert "nothing.glb" in fail("convert", tmp_path / "nothing.glb", target)
    (tmp_path / "broken.obj").write_text("v 0 0\nf 1 2 3\n")
    assert "broken.obj: line 1" in fail("convert", tmp_path / "broken.obj", target)
    assert target.read_bytes() == b"keep"
    message = fail("convert", folder, tmp_path / "model.obj")
    assert "model.obj" in message and ".safetensors or .glb" in message
    assert "missing" in fail("convert", folder, tmp_path / "missing" / "a.glb")
    (tmp_path / "folder.glb").mkdir()
    assert "directory" in fail("convert", folder, tmp_path / "folder.glb")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.obj", "folder.glb", "keep.glb"]


def test_a_shape_of_another_topology_names_both_counts(folder, tmp_path):
    model = write_model_folder(tmp_path / "model")
    verts, faces = grid(8)
    write_obj(model / "jawOpen.obj", verts, faces)
    message = fail("convert", model, tmp_path / "a.glb")
    assert "jawOpen" in message and "64" in message and "81" in message


def test_real_model_round_trips(ict_folder, tmp_path):
    first, second, third = tmp_path / "1.safetensors", tmp_path / "2.glb", tmp_path / "3.safetensors"
    succeed("convert", ict_folder, first)
    succeed("convert", first, second)
    succeed("convert", second, third)
    assert first.read_bytes() == third.read_bytes()
