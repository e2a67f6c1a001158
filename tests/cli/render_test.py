"""bisque render: that the pictures show what the options and coefficients say."""

import itertools
import re

import numpy as np
import pytest
from PIL import Image

from tests.cli.program import (
    box, changed, fail, live_link_rows, load, seen, silhouette, succeed, write_csv, write_gltf, write_names_take,
    write_takes,
)  # fmt: skip

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
