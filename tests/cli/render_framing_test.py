"""bisque render: the camera, and what of a model it frames."""

import pathlib

import numpy as np
import pytest

from tests.cli.program import box, changed, fail, seen, silhouette, succeed, write_names_take, write_obj


@pytest.fixture(scope="module")
def flag(tmp_path_factory):
    """Upright in the plane x = 0, and lying in the plane y = -1, both wider at +Z, the front."""
    upright = [(0, -1, -1), (0, -1, 1), (0, 1, 1)]
    lying = [(-1, -1, 1), (1, -1, 1), (0, -1, -1)]
    return write_obj(tmp_path_factory.mktemp("flag") / "flag.obj", upright + lying, [(0, 1, 2), (3, 4, 5)])


def test_the_default_framing_leaves_the_margin(shoot, flat):
    assert np.allclose(box(seen(shoot, flat)), (16, 16, 184, 184), atol=1)
    assert np.allclose(box(seen(shoot, flat, "--margin", 0.25)), (50, 50, 150, 150), atol=1)
    assert np.allclose(box(seen(shoot, flat, "--margin", 0)), (0, 0, 200, 200), atol=1)


def test_wide_and_tall_pictures_show_the_model_undistorted(shoot, flat):
    assert np.allclose(box(seen(shoot, flat, size="300x200")), (66, 16, 234, 184), atol=1)
    assert np.allclose(box(seen(shoot, flat, size="200x300")), (16, 66, 184, 234), atol=1)


def test_fov_and_distance(shoot, flat):
    """A square of side 2 at distance d fills 1 / (d tan(fov / 2)) of the picture's shorter side."""
    for fov, distance in ((20, 10), (40, 20)):
        expected = 200 / (distance * np.tan(np.radians(fov) / 2))
        for size in ("200", "300x200", "200x300"):
            left, top, right, bottom = box(seen(shoot, flat, "--fov", fov, "--distance", distance, size=size))
            assert right - left == pytest.approx(expected, abs=2) == bottom - top


def test_offset_moves_the_point_that_is_looked_at(shoot, flat):
    left, top, right, bottom = box(seen(shoot, flat, "--fov", 20, "--distance", 20, "--offset", 1, 0.5, 0))
    unit = 200 / (20 * np.tan(np.radians(10))) / 2
    assert (left + right) / 2 == pytest.approx(100 - unit, abs=1.5)
    assert (top + bottom) / 2 == pytest.approx(100 + unit / 2, abs=1.5)


def test_azimuth_is_towards_the_models_left_and_elevation_up(shoot, flag):
    upright = seen(shoot, flag, "--azimuth", 90)  # from +X the front is on the left
    columns = np.flatnonzero(upright[60])
    assert len(columns) and columns.mean() < 100
    columns = np.flatnonzero(seen(shoot, flag, "--azimuth", -90)[60])
    assert len(columns) and columns.mean() > 100
    from_above = seen(shoot, flag, "--elevation", 80)  # the front, which is wide, is below
    assert from_above[120:].sum() > 2 * from_above[:80].sum()


# Bodies, seams, stray vertices and units

CASES = pathlib.Path(__file__).parents[1] / "cases"


def tube(verts: list, faces: list, x: float, rings, sides: int = 16):
    """Adds a tube around a vertical axis at (x, 0); a ring is its height and its radius."""
    first = len(verts)
    for y, radius in rings:
        verts += [(x + radius * np.sin(a), y, radius * np.cos(a)) for a in np.arange(sides) * 2 * np.pi / sides]
    for r in range(len(rings) - 1):
        for s in range(sides):
            a, b = first + r * sides + s, first + r * sides + (s + 1) % sides
            faces.append((a, b, b + sides, a + sides))


@pytest.fixture(scope="module")
def figure(tmp_path_factory):
    """A person of 1.72 units whose shapes move the face, with hands up; its nose shows where it looks."""
    verts, faces = [], []
    tube(verts, faces, 0, [(0, 0.14), (0.8, 0.16), (1.2, 0.2), (1.38, 0.15)])
    tube(verts, faces, 0, [(1.38, 0.05), (1.42, 0.05), (1.46, 0.05), (1.5, 0.05)])
    for x in (-0.5, 0.5):
        tube(verts, faces, x, [(1.2, 0.04), (1.65, 0.04)])
    angles = np.linspace(-np.pi / 2, np.pi / 2, 13)
    tube(verts, faces, 0, [(1.6 + 0.12 * np.sin(a), 0.12 * np.cos(a) + 1e-4) for a in angles])
    nose = len(verts)
    verts += [(-0.02, 1.59, 0.1), (0.02, 1.59, 0.1), (0, 1.63, 0.1), (0, 1.59, 0.2)]
    faces += [(nose, nose + 1, nose + 3), (nose + 1, nose + 2, nose + 3), (nose + 2, nose, nose + 3)]
    verts = np.array(verts)
    folder = tmp_path_factory.mktemp("figure") / "figure"
    folder.mkdir()
    write_obj(folder / "neutral.obj", verts, faces)
    for shape, low, high in (("jawOpen", 1.5, 1.58), ("browInnerUp", 1.62, 1.68)):
        moved_verts = verts.copy()
        moved_verts[(verts[:, 1] > low) & (verts[:, 1] < high) & (verts[:, 2] > 0.05)] += (0, 0.01, 0)
        write_obj(folder / f"{shape}.obj", moved_verts, faces)
    return folder


def test_a_body_is_framed_on_its_head(shoot, figure):
    head, whole = seen(shoot, figure), seen(shoot, figure, "--frame", "all")
    assert np.array_equal(head, seen(shoot, figure, "--frame", "head"))
    assert head.sum() > 4 * whole[:60].sum()
    left, top, right, bottom = box(head)
    assert 14 < top < 30, "the crown is near the margin; the nose before it takes a part"
    left, top, right, bottom = box(head[:100])
    assert 120 < right - left < 180, "no hands beside the head"
    left, top, right, bottom = box(whole)
    assert abs(top - 16) <= 4 and abs(bottom - 184) <= 4
    result = succeed("render", figure, "--size", 16, "-o", figure.parent / "a.png")
    assert "framed on the head" in result.stderr and "--frame all" in result.stderr
    for argument in ("head", "all"):
        result = succeed("render", figure, "--size", 16, "--frame", argument, "-o", figure.parent / "a.png")
        assert "framed on the head" not in result.stderr


@pytest.mark.parametrize("kind", ["obj", "safetensors", "glb"])
def test_the_head_of_a_body_turns_and_the_body_stays(shoot, figure, tmp_path, kind):
    model = figure
    if kind != "obj":
        model = tmp_path / f"figure.{kind}"
        succeed("convert", figure, model)
    arguments = ("--frame", "all", "--size", "300")
    take = write_names_take(tmp_path / "take.json", jawOpen=0, headYaw=1.2)
    turn = ("-c", take)
    turned_head = changed(shoot(*turn, *arguments, model=model), shoot(*arguments, model=model))
    left, top, right, bottom = box(turned_head)
    scale = 300 * (1 - 2 * 0.08) / 1.72  # pixels in a unit of the model, about
    assert turned_head.sum() > 30
    assert bottom < 24 + (1.72 - 1.36) * scale, "the shoulders and what is below stay"
    assert 150 - 0.25 * scale < left and right < 150 + 0.25 * scale, "the hands stay"
    clear = ("--background", "transparent", *arguments)
    new = silhouette(shoot(*turn, *clear, model=model)) & ~silhouette(shoot(*clear, model=model))
    assert new.sum() > 10 and np.nonzero(new)[1].max() < 150, "the nose goes to the subject's right"


def test_a_head_alone_is_framed_whole(shoot):
    assert np.array_equal(shoot("--frame", "all"), shoot())


def test_frame_head_needs_a_head(flat, tmp_path):
    message = fail("render", flat, "-q", "--frame", "head", "-o", tmp_path / "a.png")
    assert message == f"--frame is head, but no shape of {flat} moves a vertex, so its head is unknown; expected all."


@pytest.mark.parametrize("name", ["obj_loose_vertex.obj", "hostile/stray.obj"])
def test_a_vertex_that_no_face_uses_is_not_framed(shoot, tmp_path, name):
    lines = (CASES / name).read_text().splitlines()
    numbers = [int(part.split("/")[0]) for line in lines if line.startswith("f ") for part in line.split()[1:]]
    verts = [line for line in lines if line.startswith("v ")]
    unused = set(range(1, len(verts) + 1)) - set(numbers)
    assert len(unused) == 1
    (stray,) = unused
    # The same mesh with that vertex in the middle of the others.
    verts[stray - 1] = verts[numbers[0] - 1]
    tame = tmp_path / "tame.obj"
    tame.write_text("\n".join(verts + [line for line in lines if not line.startswith("v ")]) + "\n")
    picture = seen(shoot, CASES / name)
    assert np.array_equal(picture, seen(shoot, tame))
    left, top, right, bottom = box(picture)
    assert max(right - left, bottom - top) == pytest.approx(168, abs=2)


def test_a_uv_seam_is_smooth(shoot):
    """The head's columns of vertices are evenly shaded from one to the next; a crease at the seam would be a step."""
    picture = shoot("--size", "400", model=CASES / "glb_uv_seam.glb")
    row = picture[200].mean(1)
    inside = np.flatnonzero(np.abs(row - row[0]) > 20)
    steps = np.abs(np.diff(row[inside[0] + 12 : inside[-1] - 12]))
    assert len(steps) > 200 and steps.max() < 4


@pytest.mark.parametrize("scale", [1e-20, 1e-7, 1e6, 1e20])
def test_models_of_any_unit_render_alike(shoot, model, tmp_path, scale):
    arguments = ("--set", "jawOpen=0.5,eyeBlink_L=1", "--hide", "none", "--azimuth", "20")
    expected = shoot(*arguments, model=model)
    folder = tmp_path / "scaled"
    folder.mkdir()
    for path in model.iterdir():
        lines = path.read_text().splitlines()
        scaled = [
            "v " + " ".join(f"{float(x) * scale:.9g}" for x in line.split()[1:]) if line.startswith("v ") else line
            for line in lines
        ]
        (folder / path.name).write_text("\n".join(scaled) + "\n")
    picture = shoot(*arguments, model=folder)
    assert np.abs(picture - expected).mean() < 0.05
    assert changed(picture, expected).sum() < 40
    # Lengths are in the model's unit, whatever it is.
    near, far = (seen(shoot, folder, "--hide", "none", "--distance", d * scale) for d in (10, 20))
    assert near.sum() == pytest.approx(4 * far.sum(), rel=0.1)
    message = fail("render", folder, "-q", "--distance", max(scale, 1) * 1e11, "-o", tmp_path / "a.png")
    assert message.startswith("--distance is ")
