"""bisque info: models, takes, pictures and sounds, plain and as JSON."""

import ctypes
import json
import os
import struct

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from tests.cli.program import (
    LIVE_LINK, SHAPES, fail, live_link_rows, succeed, write_csv, write_gltf, write_model_folder, write_obj,
    write_takes, write_wav,
)  # fmt: skip


def info(path, **options) -> dict:
    result = succeed("info", "--json", path, **options)
    assert result.stderr == ""
    return json.loads(result.stdout)


def test_demo_head_has_the_52_shapes_and_two_eyeballs():
    found = info("demo")
    assert found["kind"] == "model" and found["verts"] >= 3000 and found["triangles"] > found["verts"]
    assert found["shapes"] == 52 == len(found["shape_names"])
    arkit = {name[0].lower() + name[1:] for name in LIVE_LINK[:52]}
    assert set(found["shape_names"]) == arkit
    assert found["eyeballs"] == ["left", "right"]


def test_obj_folder(tmp_path):
    found = info(write_model_folder(tmp_path / "model"))
    assert (found["verts"], found["triangles"], found["shapes"]) == (81, 128, 5)
    assert found["shape_names"] == list(SHAPES)
    assert found["groups"] == ["M_West", "M_EyeLashes"]
    # Rows above 0.5 and below -0.5 are 2 each of 9 verts; the middle's 3 rows, x > 0 (4 columns) and the rest (5).
    assert found["deltas"] == 2 * 4 + 2 * 5 + 3 * 4 + 3 * 5 + 2 * 9


def test_gltf_and_single_obj(tmp_path):
    found = info(write_gltf(tmp_path / "model.gltf"))
    assert (found["verts"], found["triangles"], found["shape_names"]) == (81, 128, list(SHAPES))
    found = info(write_obj(tmp_path / "quad.obj", [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], [(0, 1, 2, 3)]))
    assert (found["verts"], found["triangles"], found["shapes"], found["shape_names"]) == (4, 2, 0, [])


def opens_of(path, action) -> int:
    """How many times the file is opened during an action, by inotify."""
    libc, IN_OPEN, IN_CLOSE_NOWRITE = ctypes.CDLL(None), 0x20, 0x10
    watcher = libc.inotify_init1(os.O_NONBLOCK)
    try:
        # Equal events in a row become one; each close is between two opens.
        assert libc.inotify_add_watch(watcher, os.fsencode(path), IN_OPEN | IN_CLOSE_NOWRITE) >= 0
        action()
        events = os.read(watcher, 4096)
    finally:
        os.close(watcher)
    return sum(mask & IN_OPEN != 0 for _, mask, _, _ in struct.iter_unpack("iIII", events))


def test_a_safetensors_file_is_opened_once(tmp_path):
    tensors, take, model = (tmp_path / f"{name}.safetensors" for name in ("tensors", "take", "model"))
    save_file({"a": np.zeros(3, np.float32), "b": np.ones((2, 2), np.int64)}, tensors, {"made": "by hand"})
    save_file({"values": np.zeros((4, 1), np.float32)}, take, {"names": '["jawOpen"]', "fps": "60"})
    succeed("convert", write_model_folder(tmp_path / "model"), model)
    assert opens_of(tensors, lambda: [tensors.read_bytes() for _ in range(3)]) == 3
    for path, kind in ((tensors, "tensors"), (take, "take"), (model, "model")):
        found = {}
        assert opens_of(path, lambda: found.update(info(path))) == 1, path
        assert found["kind"] == kind


def test_every_form_of_take(tmp_path):
    paths = write_takes(tmp_path / "takes", live_link_rows(5))
    assert len(paths) == 8
    for path in paths:
        found = info(path)
        assert found["kind"] == "take" and found["frames"] == 5 and found["rows"] == 5 and found["filled"] == 0, path
        assert {name.lower() for name in found["names"]} == {name.lower() for name in LIVE_LINK}
        is_told = path.name in ("take.packets", "take.gesichter", "rows.json", "plain.npy", "take.safetensors")
        assert found["rate_is_guess"] != is_told, path
        if is_told:
            assert found["rate"] == "60" and found["seconds"] == pytest.approx(5 / 60)


def test_a_gap_is_filled_and_counted(tmp_path):
    found = info(write_csv(tmp_path / "gap.csv", live_link_rows(4), numbers=[28, 29, 33, 34]))
    assert (found["rows"], found["frames"], found["filled"]) == (4, 7, 3)
    assert found["rate"] == "48" and found["rate_is_guess"]  # the smallest usual rate above frame 34


def test_pictures_and_sounds(tmp_path):
    Image.fromarray(np.zeros((5, 7, 4), np.uint8)).save(tmp_path / "a.png")
    Image.fromarray(np.zeros((5, 7), np.uint8)).save(tmp_path / "A.JPG")
    found = info(tmp_path / "a.png")
    assert (found["kind"], found["width"], found["height"], found["channels"]) == ("picture", 7, 5, 4)
    found = info(tmp_path / "A.JPG")
    assert (found["width"], found["height"], found["channels"], found["bit_depth"]) == (7, 5, 1, 8)
    found = info(write_wav(tmp_path / "a.wav", 0.5))
    assert found["kind"] == "sound" and found["channels"] == 1 and found["sample_rate"] == 16000
    assert found["bit_depth"] == 16 and found["seconds"] == pytest.approx(0.5)


def test_plain_tensors(tmp_path):
    save_file({"weight": np.zeros((3, 2), np.float32)}, tmp_path / "net.safetensors", {"made": "by hand"})
    found = info(tmp_path / "net.safetensors")
    assert [(t["name"], t["dtype"], t["shape"]) for t in found["tensors"]] == [("weight", "float32", [3, 2])]
    assert found["values"] == {"made": "by hand"}


def test_plain_text_has_a_line_a_field(tmp_path):
    path = write_csv(tmp_path / "take.csv", live_link_rows(3))
    lines = succeed("info", path).stdout.splitlines()
    fields = dict(line.split(maxsplit=1) for line in lines)
    assert list(fields) == list(info(path))
    assert fields["frames"] == "3" and fields["names"].startswith("EyeBlinkLeft, EyeLookDownLeft")


def test_names_that_are_no_utf8_still_give_json(tmp_path):
    path = tmp_path / "odd.obj"
    path.write_bytes(b"v 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl caf\xe9\nf 1 2 3\n")
    assert len(info(path)["groups"]) == 1


def test_a_missing_or_unknown_file(tmp_path):
    for name in ("missing", "missing.glb", "missing.csv", "missing.png", "missing.wav", "missing.safetensors"):
        assert name in fail("info", tmp_path / name)
    (tmp_path / "notes.doc").write_text("hello")
    message = fail("info", tmp_path / "notes.doc")
    assert "notes.doc" in message and ".csv, .packets, .gesichter, .json, " in message and ".glb" in message


def test_lengths_in_headers_are_not_believed(tmp_path):
    (tmp_path / "huge.safetensors").write_bytes(struct.pack("<Q", 1 << 62) + b"{}")
    (tmp_path / "huge.packets").write_bytes(struct.pack(">I", 0xFFFFFFFF) + bytes(100))
    header = struct.pack(">IIBBBBB", 1 << 30, 1 << 30, 8, 6, 0, 0, 0)
    (tmp_path / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + bytes(4))
    for name in ("huge.safetensors", "huge.packets", "huge.png"):
        assert name in fail("info", tmp_path / name)


def test_real_models_and_takes(ict_folder):
    found = info(ict_folder)
    assert (found["verts"], found["triangles"], found["shapes"]) == (26719, 52220, 60)
    assert found["eyeballs"] == ["left", "right"] and len(found["groups"]) == 12
    takes = ict_folder.parent / "live_link"
    for name, is_guess in (("dao.csv", True), ("dao.packets", False), ("dao.gesichter", False)):
        found = info(takes / name)
        assert (found["frames"], found["rows"], found["filled"]) == (187, 180, 7)
        assert found["rate"] == "60" and found["rate_is_guess"] == is_guess
        assert found["names"] == LIVE_LINK
