"""Takes as other programs write them: the report of info, and the pictures of render."""

import json
import pathlib

import numpy as np
import pytest

from tests.cli.program import fail, live_link_rows, load, succeed, write_csv, write_model_folder, write_names_take

CASES = pathlib.Path(__file__).parents[1] / "cases"

TRACKING_LOST = "2 rows without values (tracking lost) are filled from the rows around, the first on line 6."
PERCENT = "Values are above 1.5 in 12 of 12 frames; if they are percentages, render with --scale 0.01."


def info(path) -> dict:
    return json.loads(succeed("info", path, "--json").stdout)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("takes")
    succeed("convert", write_model_folder(folder / "obj"), folder / "model.safetensors")
    return folder / "model.safetensors"


@pytest.mark.parametrize(
    ("name", "frames", "filled", "rate", "is_guess", "columns", "notes"),
    [
        ("csv_52_columns.csv", 12, 0, "24", True, 52, []),
        ("csv_blendshapecount_lower_s.csv", 12, 0, "24", True, 61, []),
        ("csv_cut_last_row.csv", 11, 0, "24", True, 61, ["The last row, on line 13, is truncated and was dropped."]),
        ("csv_drop_frame_semicolon.csv", 12, 0, "30000/1001", True, 61, []),
        ("csv_lost_tracking_short_rows.csv", 12, 2, "24", True, 61, [TRACKING_LOST]),
        ("csv_names_only.csv", 12, 0, "30", True, 32, []),
        ("csv_percent.csv", 12, 0, "24", True, 61, [PERCENT]),
        ("json_audio2face.json", 12, 0, "30", False, 52, []),
        ("json_time_flat.json", 12, 0, "30", False, 52, []),
    ],
)
def test_info_of_takes_of_other_programs(name, frames, filled, rate, is_guess, columns, notes):
    found = info(CASES / name)
    assert (found["frames"], found["filled"], found["rate"], found["rate_is_guess"]) == (frames, filled, rate, is_guess)
    assert found["rows"] == frames - filled
    assert len(found["names"]) == columns and found["notes"] == notes
    assert not {"time", "Timecode", "BlendshapeCount"} & set(found["names"])


def csv_values(name: str, column: str) -> list[float]:
    """A column of a CSV, without the program's reader; None where a row does not have it."""
    header, *rows = (line.split(",") for line in (CASES / name).read_text().splitlines())
    place = [n.lower() for n in header].index(column.lower())
    return [float(row[place]) if len(row) > place else None for row in rows]


def rendered(tmp_path, *arguments) -> list[np.ndarray]:
    folder = tmp_path / "pictures"
    succeed("render", *arguments, "--size", 32, "-q", "-o", folder / "%02d.png")
    pictures = [load(path) for path in sorted(folder.iterdir())]
    for path in folder.iterdir():
        path.unlink()
    return pictures


def test_every_take_of_one_performance_gives_the_same_pictures(tmp_path):
    names = ["csv_52_columns.csv", "csv_blendshapecount_lower_s.csv", "csv_drop_frame_semicolon.csv",
             "csv_names_only.csv", "json_audio2face.json", "json_time_flat.json"]  # fmt: skip
    takes = {name: rendered(tmp_path, "demo", "-c", CASES / name) for name in names}
    jaw = csv_values(names[0], "JawOpen")
    assert jaw == csv_values(names[3], "JawOpen") and len(set(jaw)) == 12
    for name, pictures in takes.items():
        assert len(pictures) == 12, name
        assert all(np.array_equal(a, b) for a, b in zip(pictures, takes[names[0]])), name
    still = rendered(tmp_path, "demo", "--set", ",".join(
        f"{shape}={csv_values(names[3], shape)[7]}" for shape in ("jawOpen", "mouthSmileLeft", "mouthSmileRight")
    ))  # fmt: skip
    assert np.array_equal(still[0], takes[names[3]][7])


def test_lost_rows_are_interpolated(tmp_path):
    name = "csv_lost_tracking_short_rows.csv"
    jaw = csv_values(name, "JawOpen")
    assert jaw[4] is None and jaw[5] is None
    values = {"jawOpen": np.interp([4, 5], [3, 6], [jaw[3], jaw[6]])}
    for side in ("Left", "Right"):
        smile = csv_values(name, f"MouthSmile{side}")
        values[f"mouthSmile{side}"] = np.interp([4, 5], [3, 6], [smile[3], smile[6]])
    take = write_names_take(tmp_path / "between.json", **values)
    lost = rendered(tmp_path, "demo", "-c", CASES / name)
    between = rendered(tmp_path, "demo", "-c", take)
    for frame, expected in zip(lost[4:6], between):
        assert np.abs(frame - expected).max() <= 1  # float32 coefficients


def test_percentages_are_reported_and_scaled(tmp_path):
    plain = succeed("render", "demo", "-c", CASES / "csv_percent.csv", "--size", 16, "-o", tmp_path / "a.png")
    assert f"warning: {PERCENT}\n" in plain.stderr
    scaled = succeed("render", "demo", "-c", CASES / "csv_percent.csv", "--scale", 0.01, "--size", 16,
                     "-o", tmp_path / "a.png")  # fmt: skip
    assert "warning" not in scaled.stderr
    pictures = rendered(tmp_path, "demo", "-c", CASES / "csv_percent.csv", "--scale", 0.01)
    values = {f: csv_values("csv_percent.csv", f)[9] / 100 for f in ("JawOpen", "MouthSmileLeft", "MouthSmileRight")}
    still = rendered(tmp_path, "demo", "--set", ",".join(f"{k}={v}" for k, v in values.items()))
    assert np.abs(pictures[9] - still[0]).max() <= 1


@pytest.mark.parametrize(
    ("name", "shapes", "notes"),
    [
        ("glb_reallusion_names.glb", "2 of 2 shapes", []),
        ("glb_two_spellings.glb", "2 of 3 shapes",
         ['note: Shapes "eyeBlinkLeft" and "Blink_L" both match "EyeBlinkLeft"; the first of these is used.']),
    ],
)  # fmt: skip
def test_names_of_other_programs(name, shapes, notes, tmp_path):
    result = succeed("render", CASES / name, "-c", CASES / "csv_52_columns.csv", "--size", 16, "-o", tmp_path / "a.png")
    assert f"2 of 52 shape columns drive {shapes} of the model" in result.stderr
    assert [line for line in result.stderr.splitlines() if line.startswith("note: Shapes")] == notes


def test_a_map_of_names(model, tmp_path):
    take = write_names_take(tmp_path / "take.json", openMouth=[0.5, 1], lid=[1, 0], unknown=[1, 1])
    assert "--map" in fail("render", model, "-c", take, "-o", tmp_path / "a.png")
    names = tmp_path / "names.txt"
    names.write_text("# take, model\nopenMouth,jawOpen\nlid=eyeBlink_L\nabsent\tjawOpen\n")
    result = succeed("render", model, "-c", take, "--map", names, "--size", 16, "-o", tmp_path / "a.png")
    assert "2 of 3 shape columns drive 2 of 5 shapes" in result.stderr
    assert "note: The map lists columns that the take lacks: absent.\n" in result.stderr
    assert "The model lacks: unknown.\n" in result.stderr
    mapped = rendered(tmp_path, model, "-c", take, "--map", names, "--hide", "none")
    plain = write_names_take(tmp_path / "plain.json", jawOpen=[0.5, 1], eyeBlink_L=[1, 0])
    expected = rendered(tmp_path, model, "-c", plain, "--hide", "none")
    assert all(np.array_equal(a, b) for a, b in zip(mapped, expected))
    names.write_text("openMouth\n")
    message = fail("render", model, "-c", take, "--map", names, "-o", tmp_path / "a.png")
    assert message.startswith(f"{names}: line 1: ")
    assert "missing.txt" in fail("render", model, "-c", take, "--map", "missing.txt", "-o", tmp_path / "a.png")


def test_a_bad_row_never_costs_the_take(model, tmp_path):
    path = write_csv(tmp_path / "take.csv", live_link_rows(30), rate=60)
    lines = path.read_text().splitlines()
    time = "00:00:00:{:02d}.000"
    lost = [*lines[:5], time.format(4) + ",0", *lines[6:]]
    bad = {
        "nothing": (lines, 0, None),
        "a lost row": (lost, 1, "1 row without values (tracking lost) is filled from the rows around"),
        "lost rows at the ends": ([lines[0], time.format(0) + ",0", *lines[2:-1], time.format(29) + ",0"], 2,
                                  "2 rows without values"),
        "two rows swapped": ([*lines[:4], lines[6], lines[5], lines[4], *lines[7:]], 0, "2 rows out of order"),
        "a row twice": ([*lines[:5], lines[4], *lines[6:]], 1, "1 row with the time of a later row"),
        "a bad time": ([*lines[:5], "x" + lines[5], *lines[6:]], 1, "1 row without a readable time"),
        "a time of zero": ([lines[0], *(line.replace("00:00:00", "14:20:00") for line in lines[1:5]),
                            lines[1], *(line.replace("00:00:00", "14:20:00") for line in lines[6:])], 1,
                           "1 row more than 60 seconds away from all others"),
        "NaN": ([*lines[:5], lines[5].rpartition(",")[0] + ",nan", *lines[6:]], 0, "1 value without a finite number"),
        "a short row": ([*lines[:5], lines[5].rpartition(",")[0], *lines[6:]], 0, "1 value without a finite number"),
        "a missing column": ([line.rpartition(",")[0] for line in lines], 0, "The count of shapes is not that of the header"),
        "blank lines": ([line + "\n" for line in lines], 0, None),
        "trailing commas": ([line + ",," for line in lines], 0, None),
    }  # fmt: skip
    for what, (content, filled, note) in bad.items():
        path.write_text("\n".join(content) + "\n")
        found = info(path)
        assert (found["frames"], found["filled"]) == (30, filled), what
        assert len(found["notes"]) == (note is not None), (what, found["notes"])
        if note:
            assert found["notes"][0].startswith(note) and "the first on line" in found["notes"][0], what
        report = succeed("render", model, "-c", path, "--size", 16, "-o", tmp_path / "a.png").stderr
        assert ("note: " in report) == (note is not None), what


def test_notes_get_a_line_each(tmp_path):
    (tmp_path / "a.csv").write_text("jawOpen,foo,note,note\n0.5,1,x,y\n0.5\n")
    lines = succeed("info", tmp_path / "a.csv").stdout.splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("notes"))
    assert [line[15:] for line in lines[place : place + 4]] == [
        "The last row, on line 3, is truncated and was dropped.",
        "Only the first column of each name is used; repeated: note.",
        "Columns without any number are dropped: note.",
        "Columns with unknown names: foo.",
    ]
