"""Errors of the program: one line, the right exit code, no file left behind."""

import concurrent.futures
import os
import shutil
import subprocess
import tempfile

import numpy as np
import pytest
from PIL import Image

from tests.build import ROOT
from tests.cli.program import (
    fail, live_link_rows, load, message_of, run, succeed, write_csv, write_gltf, write_model_folder, write_names_take,
    write_obj, write_small_model, write_takes, write_wav,
)  # fmt: skip

SMALL = ("--size", "16", "-q")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_small_model(tmp_path_factory.mktemp("errors"))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("", "subcommand"),
        ("rendr demo", "rendr"),
        ("--frob", "--frob"),
        ("render", "model"),
        ("render demo", "--output"),
        ("render demo -o a.png --frob", "--frob"),
        ("render demo extra -o a.png", "extra"),
        ("render demo -o a.png --size", "--size"),
        ("render demo -o a.png --offset 1 2", "--offset"),
        ("render demo -o a.png --fov 20 --fov 30", "--fov"),
        ("info", "file"),
        ("info demo demo", "demo"),
        ("convert demo", "output"),
        ("doctor now", "now"),
    ],
)
def test_a_wrong_command_line_is_2(arguments, named, tmp_path):
    message = fail(*arguments.split(), code=2, cwd=tmp_path)
    assert named in message and "--help" in message or "is not a command; expected render" in message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--samples", "abc", "a whole number"),
        ("--samples", "2", "1, 4 or 16"),
        ("--samples", "-1", "1, 4 or 16"),
        ("--start", "x", "a whole number"),
        ("--start", "99999999999999999999", "a whole number"),
        ("--fov", "nan", "a number"),
        ("--fov", "1e999", "a number"),
        ("--fov", "0", "0.1 to 179"),
        ("--fov", "180", "0.1 to 179"),
        ("--azimuth", "inf", "a number"),
        ("--elevation", "90", "-89.9 to 89.9"),
        ("--margin", "0.5", "0 to 0.49"),
        ("--distance", "-5", "0 to"),
        ("--distance", "1e10", "0 to 1e+09"),
        ("--frame", "face", "head, all or auto"),
        ("--offset", "0 nan 0", "a number"),
        ("--offset", "1e30 0 0", "from -1e+09"),
        ("--size", "0", "from 1 to 16384"),
        ("--size", "-1", "from 1 to 16384"),
        ("--size", "64x", "WIDTHxHEIGHT"),
        ("--size", "64x64x64", "WIDTHxHEIGHT"),
        ("--background", "red", "#rrggbb"),
        ("--background", "#+1+1+1", "#rrggbb"),
        ("--fps", "0", "1 to 1000 Hz"),
        ("--fps", "abc", "30000/1001"),
        ("--take-fps", "1001", "1 to 1000 Hz"),
        ("--scale", "0", "1e-06 to 1e+06"),
        ("--scale", "nan", "a number"),
        ("--start", "-1", "frames 0 to 119"),
        ("--start", "120", "frames 0 to 119"),
        ("--end", "0", "at most 120"),
        ("--end", "-1", "at most 120"),
        ("--end", "121", "at most 120"),
        ("--hide", "M_Nose", "M_Face"),
        ("--set", "jawOpne=1", "jawOpen"),
        ("--set", "jawOpen", "NAME=NUMBER"),
        ("--set", "jawOpen=nan", "NAME=NUMBER"),
        ("--set", "jawOpen=1e99", "NAME=NUMBER"),
        ("--set", "=1", "NAME=NUMBER"),
        ("--set", "jawOpen=1,JawOpen=0", "one value"),
        ("--set", "headYaw=1", "an angle"),
    ],
)
def test_a_bad_value_is_1_and_named_with_what_would_be_right(option, value, expected, tmp_path):
    values = value.split() if option == "--offset" else [value]
    message = fail("render", "demo", "-c", "demo", "-q", "-o", "a.png", option, *values, cwd=tmp_path)
    assert option in message or option == "--hide"
    assert expected in message and message.endswith(".")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--output", "--coefficients", "--audio", "--fps", "--size", "--hide", "--map", "--frame"])
def test_an_empty_value_is_not_taken_for_none(option, tmp_path):
    output = () if option == "--output" else ("-o", "a.png")
    assert option in fail("render", "demo", *output, option, "", cwd=tmp_path)


def test_options_that_need_another(model, tmp_path):
    def rejected(*arguments):
        return fail("render", model, *SMALL, *arguments, cwd=tmp_path)

    for option, value in (("--start", 5), ("--end", 5), ("--take-fps", 30), ("--map", "m"), ("--scale", 2)):
        assert "--coefficients" in rejected("-o", "a.png", option, value)
    assert "no alpha" in rejected("-o", "a.jpg", "--background", "transparent")
    assert "no alpha" in rejected("-o", "a.mp4", "--background", "transparent")
    assert "no audio" in rejected("-o", "a.png", "--audio", write_wav(tmp_path / "a.wav", 0.1))
    assert os.listdir(tmp_path) == ["a.wav"]


def test_nearest_names_are_offered_best_first():
    message = fail("render", "demo", "-o", "a.png", "--set", "mouthSmileLeft=1,eyeBlnkLeft=1")
    assert "eyeBlnkLeft" in message and "the nearest are eyeBlinkLeft, " in message


def test_outputs_that_cannot_be_written(model, tmp_path):
    def rejected(output):
        return fail("render", model, *SMALL, "-o", output, cwd=tmp_path)

    for name in ("folder.png", "folder.mp4"):
        (tmp_path / name).mkdir()
        assert name in rejected(name)
    (tmp_path / "file").write_text("")
    for name in ("a.gif", "a", "missing/a.png", "missing/a.mp4", "file/%d.png", "/proc/a.png", "/proc/a.mp4"):
        assert name in rejected(name)
    for name in ("100%.png", "%d_%d.png", "%d/a.png", "%5d.png", "%s.png"):
        assert "frames/%05d.png" in rejected(name)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.mp4", "folder.png"]


def test_a_read_only_folder():
    """Root may write everywhere: it runs the program as the user nobody, who cannot see pytest's own folders."""
    nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        for name in ("a.png", "a.mp4", "%d.png", "x/%d.png"):
            message = fail("render", "demo", *SMALL, "-o", f"{folder}/{name}", cwd=folder, **nobody)
            assert "Permission denied" in message and folder in message
        os.chmod(folder, 0o755)


def test_a_failure_leaves_an_older_file_alone(model, tmp_path):
    take = write_names_take(tmp_path / "other.json", foo=[0, 1], bar=[0, 1])
    names = ["a.png", "a.mp4"]
    for name in names:
        (tmp_path / name).write_bytes(b"keep")
        assert "no shape name in common" in fail("render", model, "-c", take, *SMALL, "-o", tmp_path / name)
        assert "--set" in fail("render", model, "--set", "nose=1", *SMALL, "-o", tmp_path / name)
    assert all((tmp_path / name).read_bytes() == b"keep" for name in names)
    assert sorted(os.listdir(tmp_path)) == sorted([*names, "other.json"])


def test_a_full_device(model, tmp_path):
    for name in ("full.png", "full.glb"):
        (tmp_path / name).symlink_to("/dev/full")
    assert "No space left" in fail("render", model, *SMALL, "-o", tmp_path / "full.png")
    assert "No space left" in fail("convert", model, tmp_path / "full.glb")
    with open("/dev/full", "w") as full:
        for arguments in (("info", model), ("doctor",), ("--help",), ("convert", model, tmp_path / "a.glb")):
            result = run(*arguments, capture_output=False, stdout=full, stderr=subprocess.PIPE)
            assert result.returncode == 1 and "No space left" in result.stderr
    # Nobody can read what a full stderr does not take: the picture counts.
    with open("/dev/full", "w") as full:
        result = run("render", model, "-o", tmp_path / "b.png", "--size", 16, capture_output=False, stderr=full)
        assert result.returncode == 0 and load(tmp_path / "b.png").shape == (16, 16, 3)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a small file system")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_leaves_nothing(small_disk, tmp_path):
    (small_disk / "ballast").write_bytes(bytes(52 << 10))
    for name in ("a.png", "a.mp4"):
        (small_disk / name).write_bytes(b"keep")
        message = fail("render", "demo", "-q", "--size", 512, "-o", small_disk / name)
        assert name in message and "space" in message.lower()
        assert (small_disk / name).read_bytes() == b"keep"
    for name in ("a.glb", "a.safetensors"):
        assert "space" in fail("convert", "demo", small_disk / name).lower()
    assert "space" in fail("render", "demo", "-c", "demo", "--end", 4, "-q", "-o", small_disk / "%d.png").lower()
    assert sorted(os.listdir(small_disk)) == ["a.mp4", "a.png", "ballast"]


def test_without_ffmpeg_a_video_is_rejected_and_pictures_are_not(model, tmp_path):
    environment = {"PATH": str(tmp_path)}
    message = fail("render", model, *SMALL, "-o", tmp_path / "a.mp4", env=environment)
    assert "ffmpeg" in message and "install" in message
    assert os.listdir(tmp_path) == []
    succeed("render", model, *SMALL, "-o", tmp_path / "a.png", env=environment)


def test_an_ffmpeg_that_fails(model, tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "ffmpeg").write_text("#!/bin/sh\necho 'Unknown encoder libx264' >&2\nexit 1\n")
    (programs / "ffmpeg").chmod(0o755)
    message = fail("render", model, *SMALL, "-o", tmp_path / "a.mp4", env={"PATH": f"{programs}:/bin:/usr/bin"})
    assert "Unknown encoder libx264" in message
    assert os.listdir(tmp_path) == ["bin"]


def damaged(data: bytes):
    """Ways to damage a file."""
    yield b""
    yield data[: len(data) // 2]
    yield data[:-1]
    yield np.random.default_rng(1).bytes(1000)


# Takes of rows lose their last row where they are cut.
MAY_BE_WHOLE = {".csv": (1, 2), ".packets": (1, 2)}


def check_damaged(paths, *arguments):
    """Each file, damaged in each way, is an error that contains its name; `{}` in the arguments stands for the file."""
    cases = []
    for path in paths:
        for i, data in enumerate(damaged(path.read_bytes())):
            copy = path.parent / f"damaged{i}" / path.name
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(data)
            names = path.with_suffix(".names.json")
            if names.exists():
                shutil.copy(names, copy.parent)
            cases.append((copy, i in MAY_BE_WHOLE.get(path.suffix, ())))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = pool.map(lambda case: run(*(case[0] if a == "{}" else a for a in arguments)), cases)
        for (copy, may_be_whole), result in zip(cases, runs):
            if not (may_be_whole and result.returncode == 0):
                assert copy.name in message_of(result), copy


def test_damaged_models(model, tmp_path):
    picture = tmp_path / "a.png"
    copy = tmp_path / "m.safetensors"
    shutil.copy(model, copy)
    succeed("convert", model, tmp_path / "m.glb")
    gltf = write_gltf(tmp_path / "m.gltf")
    folder = write_model_folder(tmp_path / "m")
    check_damaged([copy, tmp_path / "m.glb", gltf], "info", "{}")
    for bytes_ in damaged((tmp_path / "m.bin").read_bytes()):
        (tmp_path / "m.bin").write_bytes(bytes_)
        message = fail("render", gltf, *SMALL, "-o", picture)
        assert "m.bin" in message or "m.gltf: buffers[0]" in message
    (tmp_path / "m.bin").unlink()
    assert "m.bin" in fail("render", gltf, *SMALL, "-o", picture)
    for data in list(damaged((folder / "jawOpen.obj").read_bytes()))[:2]:
        (folder / "jawOpen.obj").write_bytes(data)
        assert "jawOpen" in fail("convert", folder, tmp_path / "b.glb")
    assert not picture.exists() and not (tmp_path / "b.glb").exists()


def test_damaged_takes(model, tmp_path):
    paths = write_takes(tmp_path / "takes", live_link_rows(3))
    check_damaged(paths, "info", "{}")
    path = paths[-1]
    path.write_bytes(path.read_bytes()[:200])
    assert path.name in fail("render", model, "-c", path, *SMALL, "-o", tmp_path / "a.png")
    assert os.listdir(tmp_path) == ["takes"]


def test_damaged_pictures_and_sounds(model, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (9, 9, 3), np.uint8)
    for name in ("a.png", "a.jpg"):
        Image.fromarray(pixels).save(tmp_path / name)
        data = (tmp_path / name).read_bytes()
        for bytes_ in (b"", data[:20], b"x" * 100):  # info reads no more than the header
            (tmp_path / name).write_bytes(bytes_)
            assert name in fail("info", tmp_path / name)
    sound = write_wav(tmp_path / "a.wav", 0.1)
    check_damaged([sound], "render", model, *SMALL, "--audio", "{}", "-o", tmp_path / "a.mp4")
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"names": ["jawOpen"], "rows": [[NaN]]}', "no row with values"),
        ('{"names": ["jawOpen"], "rows": [[1e300]]}', "no row with values"),
        ('{"names": ["jawOpen"], "rows": [["x"]]}', "no row with values"),
        ('{"names": ["jawOpen"], "rows": [[1, 2]]}', "frame 0"),
        ('{"names": ["jawOpen"], "rows": []}', "no frame"),
        ('{"names": ["jawOpen"], "rows": [[1]]', "byte"),
        ("[" * 100000, "JSON"),
    ],
)
def test_json_without_a_take(model, tmp_path, content, words):
    take = tmp_path / "take.json"
    take.write_text(content)
    assert words in fail("render", model, "-c", take, *SMALL, "-o", tmp_path / "a.png")


def test_csv_without_a_take(model, tmp_path):
    take = write_csv(tmp_path / "take.csv", live_link_rows(3))
    lines = take.read_text().splitlines()
    bad = {
        "no row": lines[:1],
        "no header": [line.replace(":", "") for line in lines[1:]],
        "no number": [lines[0], ",".join(["x"] * 63)],
        "a gap": [*lines[:2], lines[2].replace("00:00:", "10:00:")],
    }
    for what, content in bad.items():
        take.write_text("\n".join(content) + "\n")
        assert "take.csv" in fail("render", model, "-c", take, *SMALL, "-o", tmp_path / "a.png"), what


def test_models_that_hold_nothing_to_draw(tmp_path):
    (tmp_path / "empty").mkdir()
    assert "empty" in fail("render", tmp_path / "empty", *SMALL, "-o", tmp_path / "a.png")
    points = write_obj(tmp_path / "points.obj", [(0, 0, 0)], [])
    assert "no faces" in fail("render", points, *SMALL, "-o", tmp_path / "a.png")
    outside = write_obj(tmp_path / "outside.obj", [(0, 0, 0)], [(0, 1, 2)])
    assert "outside.obj: line 2" in fail("render", outside, *SMALL, "-o", tmp_path / "a.png")
    other = write_obj(tmp_path / "nan.obj", [(0, 0, 0), (1, 0, float("nan")), (0, 1, 0)], [(0, 1, 2)])
    assert "nan.obj: line 2" in fail("render", other, *SMALL, "-o", tmp_path / "a.png")


def test_swapped_arguments(model, tmp_path):
    take = write_names_take(tmp_path / "take.json", jawOpen=1)
    assert "take.json" in fail("render", take, "-c", model, *SMALL, "-o", tmp_path / "a.png")
    assert "model.safetensors" in fail("render", "demo", "-c", model, *SMALL, "-o", tmp_path / "a.png")
    shutil.copy(take, tmp_path / "take.csv")
    message = fail("render", model, "-c", tmp_path / "take.csv", *SMALL, "-o", tmp_path / "a.png")
    assert "begins like a .json" in message


@pytest.mark.parametrize("name", ["a b's \"c\"", "ünïcödé 面", "-q", "a:b", "x" * 240, os.fsdecode(b"caf\xe9")])
def test_names_of_every_kind(model, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    copy = tmp_path / f"{name}.safetensors"
    shutil.copy(model, copy)
    picture = f"./{name}.png"
    succeed("render", "./" + copy.name, "-o", picture, *SMALL)
    assert load(picture).shape == (16, 16, 3)
    if shutil.which("ffmpeg") and name in ("-q", "a:b"):  # which ffmpeg might take for something else
        succeed("render", "./" + copy.name, "-o", f"./{name}.mp4", *SMALL)
    assert name in fail("info", f"./{name}.glb")


def test_a_name_that_is_too_long_and_one_of_two_lines(model, tmp_path):
    message = fail("render", model, *SMALL, "-o", tmp_path / ("x" * 300 + ".png"))
    assert "File name too long" in message
    assert "a\\nb.glb" in fail("info", "a\nb.glb")


def test_a_pipe_without_a_writer_is_not_waited_for(model, tmp_path):
    os.mkfifo(tmp_path / "a.safetensors")
    for arguments in (["info"], ["diff", model], ["convert", tmp_path / "b.glb"]):
        command, *others = arguments
        names = [tmp_path / "a.safetensors", *others]
        assert "is a pipe or a device, expected a regular file" in fail(command, *names)


def test_a_wav_of_one_hertz_is_rejected(model, tmp_path):
    shutil.copy(ROOT / "tests/fuzz/corpus/wav/one_hertz.wav", tmp_path / "a.wav")
    message = fail("render", model, *SMALL, "--audio", tmp_path / "a.wav", "-o", tmp_path / "a.mp4")
    assert message == f"{tmp_path / 'a.wav'}: its sample rate is 1 Hz, expected 1000 to 1000000 Hz."
    assert os.listdir(tmp_path) == ["a.wav"]


def test_too_large_a_picture_is_rejected_before_memory_runs_out(model, tmp_path):
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if memory > 110 << 30:
        pytest.skip("this machine has the memory")
    message = fail("render", model, "-q", "--size", 16384, "--samples", 16, "-o", tmp_path / "a.png")
    assert "16384x16384" in message and "GiB" in message
