"""bisque render --shading: what the pictures show."""

import itertools
import shutil

import numpy as np
import pytest
from PIL import Image

from tests.cli.program import fail, succeed, write_obj

CLEAR = ("--background", "transparent")


def write_ramp(path, slope):
    """A rectangle around the z axis whose z grows by `slope` per x."""
    verts = [(-1, -1, -slope), (1, -1, slope), (1, 1, slope), (-1, 1, -slope)]
    return write_obj(path, verts, [(0, 1, 2, 3)])


@pytest.mark.parametrize("slope", [-0.5, 0, 0.75])
def test_normals_are_colours(shoot, tmp_path, slope):
    normal = np.array([-slope, 0, 1]) / np.hypot(slope, 1)
    picture = shoot("--shading", "normals", model=write_ramp(tmp_path / "ramp.obj", slope))
    assert np.abs(picture[96, 96] - 255 * (normal + 1) / 2).max() <= 1


def test_normals_are_in_world_space(shoot, flat):
    """A camera on the side sees the same colours."""
    assert np.array_equal(shoot("--shading", "normals", "--azimuth", 40, model=flat)[96, 96], [128, 128, 255])


def test_depth_is_linear_and_near_is_bright(shoot, tmp_path):
    ramp = write_ramp(tmp_path / "ramp.obj", 0.5)
    picture = shoot("--shading", "depth", "--fov", "1", *CLEAR, model=ramp)
    assert (picture[..., 0] == picture[..., 1]).all() and (picture[..., 0] == picture[..., 2]).all()
    row = picture[96]
    columns = np.flatnonzero(row[:, 3] == 255)
    values = row[columns, 0]
    assert values[0] <= 3 and values[-1] >= 252  # from the farthest vertex to the nearest
    assert np.abs(values - np.linspace(values[0], values[-1], len(values))).max() <= 2


def test_a_flat_model_is_all_near(shoot, flat):
    assert (shoot("--shading", "depth", model=flat)[96, 96] == 255).all()


@pytest.mark.parametrize("shading", ["normals", "depth", "textured"])
def test_edges_are_averaged_like_those_of_white_models(shoot, shading):
    assert np.array_equal(shoot("--shading", shading, *CLEAR)[..., 3], shoot(*CLEAR)[..., 3])


@pytest.mark.parametrize("shading", ["normals", "depth"])
def test_the_background_is_unmodified(shoot, shading, flat):
    assert tuple(shoot("--shading", shading, "--background", "#12f0a7", model=flat)[0, 0]) == (0x12, 0xF0, 0xA7)


def test_white_is_the_default(shoot):
    assert np.array_equal(shoot("--shading", "white"), shoot())
    assert not np.array_equal(shoot("--shading", "normals"), shoot())


def test_the_shading_is_reported(tmp_path, flat):
    for shading in ("white", "textured", "normals", "depth"):
        report = succeed("render", flat, "--shading", shading, "--size", 16, "--device", "cpu", "-o", tmp_path / "a.png").stderr
        assert f"shading: {shading}, device: cpu\n" in report


# Textures and materials

COLOURS = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 0]]], np.uint8)  # rows from top to bottom
FULL = ("--margin", "0", "--hide", "none")


@pytest.fixture(scope="module")
def textured(tmp_path_factory):
    """A square with a picture of four colours, whose shape jawOpen moves it a little, as a folder of OBJ files."""
    folder = tmp_path_factory.mktemp("textured")
    Image.fromarray(COLOURS).resize((64, 64), Image.Resampling.NEAREST).save(folder / "skin.png")
    (folder / "square.mtl").write_text("newmtl skin\nKd 1 1 1\nmap_Kd skin.png\n")
    uvs = "vt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\n"
    for name, z in (("neutral", 0), ("jawOpen", 0.01)):
        verts = f"v -1 -1 {z}\nv 1 -1 {z}\nv 1 1 {z}\nv -1 1 {z}\n"
        (folder / f"{name}.obj").write_text(f"mtllib square.mtl\n{verts}{uvs}usemtl skin\nf 1/1 2/2 3/3 4/4\n")
    return folder


def hue(colour):
    """Which channels are bright."""
    return tuple(int(value > 100) for value in colour)


def test_a_texture_is_where_its_uvs_are(shoot, textured):
    picture = shoot("--shading", "textured", *FULL, model=textured)
    for row, column in itertools.product((0, 1), (0, 1)):
        assert hue(picture[48 + 96 * row, 48 + 96 * column]) == hue(COLOURS[row, column])


@pytest.mark.parametrize("extension", [".safetensors", ".glb"])
def test_a_converted_model_keeps_its_textures(shoot, textured, tmp_path, extension):
    copy = tmp_path / f"copy{extension}"
    succeed("convert", textured, copy)
    arguments = ("--shading", "textured", *FULL)
    assert np.array_equal(shoot(*arguments, model=copy), shoot(*arguments, model=textured))


def test_a_picture_that_is_missing_is_reported(shoot, textured, tmp_path):
    folder = shutil.copytree(textured, tmp_path / "model")
    (folder / "skin.png").unlink()
    (folder / "square.mtl").write_text("newmtl skin\nKd 0.2 0.9 0.2\nmap_Kd skin.png\n")
    report = succeed("render", folder, "--shading", "textured", "--size", 16, "-o", tmp_path / "a.png").stderr
    assert "skin.png" in report and "The texture is ignored." in report
    assert hue(shoot("--shading", "textured", *FULL, model=folder)[96, 96]) == (0, 1, 0)


def test_a_model_without_materials_is_white(shoot, flat, tmp_path):
    report = succeed("render", flat, "--shading", "textured", "--size", 16, "-o", tmp_path / "a.png").stderr
    assert "note: the model has no materials, so it is shown in white.\n" in report
    assert np.abs(shoot("--shading", "textured", model=flat) - shoot(model=flat)).max() <= 1


def test_material_colours_are_linear(shoot, tmp_path):
    (tmp_path / "a.mtl").write_text("newmtl a\nKd 0.5 0.5 0.5\n")
    verts = [(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)]
    white = write_obj(tmp_path / "white.obj", verts, [(0, 1, 2, 3)])
    gray = write_obj(tmp_path / "gray.obj", verts, ["mtllib a.mtl", "usemtl a", (0, 1, 2, 3)])
    side = ("--azimuth", 60)  # without a highlight
    lit, half = (shoot("--shading", "textured", *side, model=model)[96, 96, 0] / 255 for model in (white, gray))
    linear = [((value + 0.055) / 1.055) ** 2.4 for value in (lit, half)]
    assert linear[1] == pytest.approx(linear[0] / 2, abs=0.03)


def test_another_shading_is_an_error(tmp_path):
    message = fail("render", "demo", "--shading", "toon", "-o", tmp_path / "a.png")
    assert message == '--shading is "toon"; expected white, textured, normals or depth.'
