"""bisque render --shading: what the pictures show."""

import numpy as np
import pytest

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
    for shading in ("white", "normals", "depth"):
        report = succeed("render", flat, "--shading", shading, "--size", 16, "--device", "cpu", "-o", tmp_path / "a.png").stderr
        assert f"shading: {shading}, device: cpu\n" in report


def test_another_shading_is_an_error(tmp_path):
    message = fail("render", "demo", "--shading", "toon", "-o", tmp_path / "a.png")
    assert message == '--shading is "toon"; expected white, textured, normals or depth.'
