"""bisque render: that the pictures show what the options and coefficients say."""

import itertools
import pathlib
import re

import numpy as np
import pytest
from PIL import Image

from tests.cli.program import (
    box, fail, live_link_rows, load, silhouette, succeed, write_csv, write_gltf, write_model_folder,
    write_names_take, write_obj, write_takes,
)  # fmt: skip


@pytest.fixture(scope="module")
def shoot(tmp_path_factory):
    """Renders one picture of 192 x 192 with these arguments; each is rendered once."""
    folder = tmp_path_factory.mktemp("shots")
    made = {}

    def picture(*arguments, model="demo") -> np.ndarray:
        key = (str(model), *map(str, arguments))
        if key not in made:
            path = folder / f"{len(made)}.png"
            size = () if "--size" in arguments else ("--size", 192)
            result = succeed("render", model, *arguments, *size, "-q", "-o", path)
            assert result.stdout == "" == result.stderr
            made[key] = load(path)
        return made[key]

    return picture


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("render")
    return write_model_folder(folder / "obj")


@pytest.fixture(scope="module")
def small(tmp_path_factory, model):
    path = tmp_path_factory.mktemp("small") / "model.safetensors"
    succeed("convert", model, path)
    return path


def changed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a - b).max(2) > 6


# Where things are in the neutral demo head at 192 x 192: the eyes at row 80, the mouth at row 130.


def test_the_jaw_opens_the_lower_face_alone(shoot):
    difference = changed(shoot(), shoot("--set", "jawOpen=1"))
    left, top, right, bottom = box(difference)
    assert top > 85 and bottom < 180
    assert difference[115:160].sum() > 400


@pytest.mark.parametrize(("shape", "columns"), [("eyeBlinkLeft", slice(96, 192)), ("eyeBlinkRight", slice(0, 96))])
def test_a_lid_closes_over_its_own_eye(shoot, shape, columns):
    """The subject's left eye is on the right of the picture."""
    difference = changed(shoot(), shoot("--set", f"{shape}=1"))
    assert difference.sum() > 40 and difference[:, columns].sum() == difference.sum()
    left, top, right, bottom = box(difference)
    assert 55 < top and bottom < 100


def test_brows_smile_and_pucker_move_their_parts(shoot):
    top_of = {shape: box(changed(shoot(), shoot("--set", f"{shape}=1")))[1] for shape in ("mouthPucker", "browInnerUp")}
    assert top_of["browInnerUp"] < 75 < 95 < top_of["mouthPucker"]
    left = changed(shoot(), shoot("--set", "mouthSmileLeft=1"))
    assert left[:, 96:].sum() > 5 * left[:, :96].sum()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jawOpen=0.5", "JawOpen=0.5"),
        ("eyeBlinkLeft=1", "eyeBlink_L=1"),
        ("eyeBlinkLeft=1", "EYE_BLINK_LEFT=1"),
        ("browInnerUp=1", "browInnerUp_L=1,browInnerUp_R=1"),
        ("browInnerUp=0.5", "BrowInnerUpLeft=1"),
        ("jawOpen=0.5,eyeBlinkLeft=1", " eyeBlinkLeft = +1 , jawOpen = 5e-1"),
    ],
)
def test_spellings_of_set(shoot, one, other):
    assert np.array_equal(shoot("--set", one), shoot("--set", other))
    assert not np.array_equal(shoot("--set", one), shoot())


def test_a_whole_name_sets_both_halves_of_a_model_that_divides_it(shoot, model):
    def held(text):
        return shoot("--set", text, "--hide", "none", model=model)

    assert np.array_equal(held("browInnerUp=1"), held("browInnerUp_L=1,browInnerUp_R=1"))
    assert not np.array_equal(held("browInnerUp=1"), held("browInnerUp_L=1"))


def test_set_holds_a_shape_of_a_take(shoot, tmp_path):
    take = write_names_take(tmp_path / "take.json", jawOpen=1, eyeBlinkLeft=1)
    assert np.array_equal(shoot("-c", take, "--set", "jawOpen=0"), shoot("--set", "eyeBlinkLeft=1"))


def test_a_set_of_nothing_is_the_neutral_face(shoot):
    assert np.array_equal(shoot("--set", ""), shoot())


def test_every_form_of_take_gives_the_same_picture(shoot, small, tmp_path):
    paths = write_takes(tmp_path / "takes", live_link_rows(3))
    # The middle row: jawOpen 0.5, eyeBlinkLeft 0.25.
    expected = shoot("--set", "jawOpen=0.5,eyeBlink_L=0.25", "--hide", "none", model=small)
    for path in paths:
        assert np.array_equal(shoot("-c", path, "--start", 1, "--hide", "none", model=small), expected), path


def test_every_form_of_model_gives_the_same_picture(shoot, model, tmp_path):
    arguments = ("--set", "jawOpen=1", "--hide", "none")
    expected = shoot(*arguments, model=model)
    assert np.array_equal(shoot(*arguments, model=write_gltf(tmp_path / "grid.gltf")), expected)
    neutral = model / "grid_neutral.obj"
    assert np.array_equal(shoot("--hide", "none", model=neutral), shoot("--hide", "none", model=model))
    # .glb and .safetensors: convert_test.py


# The head's and the eyes' rotations


def turned(shoot, tmp_path, **angles):
    take = write_names_take(tmp_path / ("-".join(f"{k}{v}" for k, v in angles.items()) + ".json"), jawOpen=0, **angles)
    return lambda *arguments: shoot("-c", take, *arguments)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return (a & b).sum() / (a | b).sum()


CLEAR = ("--background", "transparent", "--distance", "90", "--size", "128")


@pytest.mark.parametrize(("angle", "camera"), [("headYaw", "--azimuth"), ("headPitch", "--elevation")])
def test_the_head_turns_against_the_camera(shoot, tmp_path, angle, camera):
    """Yaw is positive to the subject's right, which shows what a camera on the left sees; pitch is positive down, which
    shows what a camera above sees."""
    head = silhouette(turned(shoot, tmp_path, **{angle: 0.4})(*CLEAR))
    degrees = np.degrees(0.4)
    right_way = silhouette(shoot(camera, degrees, *CLEAR))
    wrong_way = silhouette(shoot(camera, -degrees, *CLEAR))
    assert overlap(head, right_way) > 0.985 > 0.95 > overlap(head, wrong_way)


def test_the_head_rolls_towards_its_left_shoulder(shoot, tmp_path):
    head = turned(shoot, tmp_path, headRoll=0.4)(*CLEAR)
    upright = Image.fromarray(shoot(*CLEAR).astype(np.uint8))
    clockwise = np.asarray(upright.rotate(-np.degrees(0.4), Image.Resampling.BILINEAR)).astype(int)
    assert overlap(silhouette(head), silhouette(clockwise)) > 0.98


def test_still_leaves_rotations_out(shoot, tmp_path):
    turn = turned(shoot, tmp_path, headYaw=0.4, leftEyePitch=0.4)
    assert np.array_equal(turn("--still"), shoot())
    assert not np.array_equal(turn(), shoot())


@pytest.mark.parametrize("side", ["Left", "Right"])
def test_an_eye_turns_its_own_iris(shoot, tmp_path, side):
    """Positive yaw is towards the subject's right, the left of the picture; positive pitch is down."""
    skin = "M_Face,M_Ears,M_GumsTongue,M_Teeth"

    def place(**angles):
        """Where the iris is: what differs where it is not drawn."""
        turn = turned(shoot, tmp_path, **angles)
        iris = changed(turn("--hide", skin, "--size", 384), turn("--hide", f"{skin},M_Iris{side}", "--size", 384))
        assert iris.sum() > 10
        rows, columns = np.nonzero(iris)
        return np.array([columns.mean(), rows.mean()])

    rest = place(headYaw=0)
    assert (rest[0] > 192) == (side == "Left")
    eye = side.lower() + "Eye"
    yaw, pitch = place(**{eye + "Yaw": 0.3}) - rest, place(**{eye + "Pitch": 0.3}) - rest
    assert yaw[0] < -1.5 and abs(yaw[1]) < 1
    assert pitch[1] > 1.5 and abs(pitch[0]) < 1
    face = turned(shoot, tmp_path, **{eye + "Yaw": 0.3})()
    columns = np.flatnonzero(changed(face, shoot()).any(0))
    assert len(columns) and ((columns > 96) == (side == "Left")).all()


def test_a_take_of_angles_alone_turns_the_head(shoot, tmp_path):
    take = write_names_take(tmp_path / "yaw.json", headYaw=0.4)
    assert np.array_equal(shoot("-c", take), turned(shoot, tmp_path, headYaw=0.4)())


def test_a_take_for_a_model_without_shapes(model, tmp_path):
    take = write_names_take(tmp_path / "take.json", jawOpen=1)
    message = fail("render", model / "grid_neutral.obj", "-c", take, "-q", "-o", tmp_path / "a.png")
    assert "grid_neutral.obj" in message and "no shape name in common" in message
    message = fail("render", model / "grid_neutral.obj", "--set", "jawOpen=1", "-q", "-o", tmp_path / "a.png")
    assert "it has no shapes" in message


# The camera


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    """A square from -1 to 1 that faces +Z."""
    verts = [(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)]
    return write_obj(tmp_path_factory.mktemp("flat") / "flat.obj", verts, [(0, 1, 2, 3)])


@pytest.fixture(scope="module")
def flag(tmp_path_factory):
    """Upright in the plane x = 0, and lying in the plane y = -1, both wider at +Z, the front."""
    upright = [(0, -1, -1), (0, -1, 1), (0, 1, 1)]
    lying = [(-1, -1, 1), (1, -1, 1), (0, -1, -1)]
    return write_obj(tmp_path_factory.mktemp("flag") / "flag.obj", upright + lying, [(0, 1, 2), (3, 4, 5)])


def seen(shoot, model, *arguments, size="200"):
    return silhouette(shoot("--background", "transparent", "--size", size, *arguments, model=model))


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


# Pictures


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#12f0a7", (0x12, 0xF0, 0xA7)),
        ("#abc", (0xAA, 0xBB, 0xCC)),
        ("white", (255, 255, 255)),
        ("black", (0, 0, 0)),
        ("gray", (128, 128, 128)),
    ],
)
def test_background_colours(shoot, flat, text, colour):
    assert tuple(shoot("--background", text, "--size", "40", model=flat)[0, 0]) == colour


def to_linear(values):
    values = values / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def to_srgb(values):
    return 255 * np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("ground", ["white", "#204080"])
def test_a_transparent_picture_laid_on_a_ground_is_the_picture_on_that_ground(shoot, ground):
    """So colours are not premultiplied, and edges have no dark or light fringe."""
    clear = shoot("--background", "transparent", "--samples", 16)
    opaque = shoot("--background", ground, "--samples", 16)
    alpha = clear[..., 3:] / 255
    assert ((alpha > 0.1) & (alpha < 0.9)).sum() > 100
    behind = to_linear(np.broadcast_to(opaque[0, 0], opaque.shape))
    laid = to_srgb(alpha * to_linear(clear[..., :3]) + (1 - alpha) * behind)
    assert np.abs(laid - opaque).max() <= 2


def test_edge_pixels_of_a_transparent_picture_have_the_colour_inside(shoot, flat):
    picture = shoot("--background", "transparent", "--samples", 16, "--margin", "0.081", model=flat)
    inside, edge = picture[..., 3] == 255, (picture[..., 3] > 0) & (picture[..., 3] < 255)
    assert edge.any()
    assert picture[edge][:, :3].min() >= picture[inside][:, :3].min() - 3


def test_samples_refine_the_edges_and_nothing_else(shoot):
    pictures = {n: shoot("--samples", n, "--background", "transparent") for n in (1, 4, 16)}
    assert set(np.unique(pictures[1][..., 3])) == {0, 255}
    assert len(np.unique(pictures[4][..., 3])) == 5 and len(np.unique(pictures[16][..., 3])) == 17
    inside = pictures[1][..., 3] + pictures[4][..., 3] + pictures[16][..., 3] == 3 * 255
    for a, b in itertools.combinations(pictures.values(), 2):
        assert np.abs(a - b)[inside].mean() < 1.5
        assert np.abs(a[..., 3].sum() - b[..., 3].sum()) < 0.005 * a[..., 3].sum()


@pytest.mark.parametrize(("size", "shape"), [("1", (1, 1)), ("7x5", (5, 7)), ("1X99", (99, 1)), ("33x64", (64, 33))])
def test_sizes(shoot, size, shape):
    assert shoot("--size", size).shape == (*shape, 3)


def test_the_longest_side(shoot, flat):
    assert shoot("--size", "1x16384", model=flat).shape == (16384, 1, 3)


def test_jpeg(tmp_path, shoot):
    succeed("render", "demo", "-q", "--size", 192, "-o", tmp_path / "a.JPG")
    picture = load(tmp_path / "a.JPG")
    assert np.abs(picture - shoot()).mean() < 2


def test_the_picture_is_the_same_for_any_number_of_threads(tmp_path):
    def frames(threads):
        folder = tmp_path / str(threads)
        succeed("render", "demo", "-c", "demo", "--start", 20, "--end", 23, "-q", "--size", 128,
                "-o", folder / "%d.png", env={"OMP_NUM_THREADS": str(threads)})  # fmt: skip
        succeed("render", "demo", "-q", "-o", folder / "one.png", env={"OMP_NUM_THREADS": str(threads)})
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    expected = frames(1)
    assert len(expected) == 4
    assert frames(2) == expected and frames(3) == expected


def test_huge_values_give_a_picture_all_the_same(shoot, model, tmp_path):
    for value in ("1e30", "-1e38"):
        assert shoot("--set", f"jawOpen={value}", model=model).shape == (192, 192, 3)
    take = write_names_take(tmp_path / "huge.json", jawOpen=1e38, headYaw=3e38)
    assert shoot("-c", take).shape == (192, 192, 3)


# Groups that are not drawn


def test_hidden_groups(shoot, model):
    west = seen(shoot, model, "--hide", "M_EyeLashes")
    both = seen(shoot, model, "--hide", "none")
    assert np.allclose(box(both), (16, 16, 184, 184), atol=1)
    assert np.allclose(box(west), (16, 16, 100, 184), atol=1)
    assert np.array_equal(seen(shoot, model), west)  # lashes are left out unless asked for
    assert not seen(shoot, model, "--hide", "M_West,M_EyeLashes").any()


def test_what_is_left_out_by_itself_is_told(model, tmp_path):
    result = succeed("render", model, "--size", 16, "-o", tmp_path / "a.png")
    assert "M_EyeLashes" in result.stderr and "--hide none" in result.stderr


# Several frames


def frame_numbers(folder):
    return sorted(int(re.sub(r"\D", "", path.name)) for path in folder.iterdir())


@pytest.fixture
def sequence(small, tmp_path):
    """Renders a take of 6 rows at 30 Hz as numbered pictures, and gives them by name."""
    take = write_names_take(tmp_path / "take.json", jawOpen=np.linspace(0, 1, 6), eyeBlink_L=[0, 1, 0, 1, 0, 1])

    def render(*arguments, name="%05d.png"):
        folder = tmp_path / "new" / str(len(list(tmp_path.glob("new/*"))))
        if "%" not in name:
            folder.mkdir(parents=True)
        result = succeed("render", small, "-c", take, "--hide", "none", "--size", 32, *arguments, "-o", folder / name)
        return {path.name: load(path) for path in sorted(folder.iterdir())}, result

    return render


def test_numbers_and_folder_of_a_sequence(sequence):
    frames, result = sequence()
    assert list(frames) == [f"{i:05d}.png" for i in range(6)]
    assert result.stdout == "" and "6 frames at 30 Hz" in result.stderr
    some, _ = sequence("--start", 2, "--end", 5, name="face_%d.png")
    assert list(some) == ["face_2.png", "face_3.png", "face_4.png"]
    for i in (2, 3, 4):
        assert np.array_equal(some[f"face_{i}.png"], frames[f"{i:05d}.png"])
    assert len({picture.tobytes() for picture in frames.values()}) == 6


def test_one_picture_shows_the_first_frame(sequence):
    frames, _ = sequence()
    for start in (0, 3, 5):
        one, _ = sequence("--start", start, name="one.png")
        assert np.array_equal(one["one.png"], frames[f"{start:05d}.png"])


def test_another_frame_rate_shows_the_same_times(sequence):
    frames, _ = sequence()
    twice, _ = sequence("--fps", 60)
    half, _ = sequence("--fps", 15)
    assert len(twice) == 12 and len(half) == 3
    for i in range(6):
        assert np.array_equal(twice[f"{2 * i:05d}.png"], frames[f"{i:05d}.png"])
    for i in range(3):
        assert np.array_equal(half[f"{i:05d}.png"], frames[f"{2 * i:05d}.png"])
    between, before, after = twice["00001.png"], frames["00000.png"], frames["00001.png"]
    assert not np.array_equal(between, before) and not np.array_equal(between, after)


def test_the_rate_of_a_take_may_be_overruled(sequence, small, tmp_path):
    assert "6 frames at 30000/1001 Hz" in sequence("--take-fps", "29.97")[1].stderr
    csv = write_csv(tmp_path / "take.csv", live_link_rows(4), numbers=[0, 1, 2, 3])
    arguments = ("render", small, "-c", csv, "--size", 16, "-o", tmp_path / "a.png")
    assert "4 frames at 24 Hz (assumed" in succeed(*arguments).stderr
    assert "4 frames at 60 Hz\n" in succeed(*arguments, "--take-fps", 60).stderr
    assert "120 frames at 50 Hz" in succeed("render", "demo", "-c", "demo", "--take-fps", 50, "--size", 16,
                                            "-o", tmp_path / "a.png").stderr  # fmt: skip


def test_the_report_tells_what_was_bound_and_what_not(small, tmp_path):
    take = write_names_take(tmp_path / "take.json", JawOpen=1, tongueOut=1, browInnerUp=1, headYaw=0)
    report = succeed("render", small, "-c", take, "--size", 16, "-o", tmp_path / "a.png").stderr
    assert "2 of 3 shape columns drive 3 of 5 shapes of the model; head and eye angles: 1 of 9." in report
    assert "The model lacks: tongueOut.\n" in report
    assert "The take lacks: eyeBlink_L, eyeBlink_R.\n" in report


def test_quiet_prints_nothing(sequence):
    _, result = sequence("--quiet")
    assert result.stdout == "" == result.stderr


def test_takes_of_a_real_model(ict_folder, shoot, tmp_path):
    model = tmp_path / "ict.safetensors"
    succeed("convert", ict_folder, model)
    open_jaw = changed(shoot(model=model), shoot("--set", "jawOpen=1", model=model))
    assert open_jaw[:36].sum() == 0 and open_jaw[96:140].sum() > 1000  # the forehead, the mouth and chin
    blink = changed(shoot(model=model), shoot("--set", "eyeBlinkLeft=1", model=model))
    assert blink[:, 96:].sum() == blink.sum() > 30
    assert np.array_equal(shoot("--set", "eyeBlinkLeft=1", model=model), shoot("--set", "eyeBlink_L=1", model=model))
    dao = ict_folder.parent / "live_link"
    kinds = [shoot("-c", dao / f"dao.{kind}", "--start", 60, model=model) for kind in ("csv", "packets", "gesichter")]
    assert all(np.array_equal(picture, kinds[0]) for picture in kinds)
