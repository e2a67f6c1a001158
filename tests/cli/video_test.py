"""bisque render to a video, and what it tells while it works. The ffmpeg program writes and reads it."""

import json
import os
import pty
import shutil
import subprocess

import numpy as np
import pytest

from tests.cli.program import (
    BISQUE, live_link_rows, load, succeed, write_csv, write_model_folder, write_names_take, write_wav,
)  # fmt: skip

pytestmark = pytest.mark.skipif(
    not (shutil.which("ffmpeg") and shutil.which("ffprobe")), reason="ffmpeg and ffprobe are not installed"
)


def probe(path) -> tuple[dict, dict | None]:
    """The output of ffprobe for the video's and the audio's stream."""
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", path]
    streams = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["streams"]
    found = {stream["codec_type"]: stream for stream in streams}
    return found["video"], found.get("audio")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("video")
    succeed("convert", write_model_folder(folder / "obj"), folder / "model.safetensors")
    return folder / "model.safetensors"


@pytest.fixture
def film(model, tmp_path):
    """Renders 30 rows at 60 Hz to a video of this name, and gives its path and what the program said."""
    take = write_csv(tmp_path / "take.csv", live_link_rows(30), rate=60)

    def render(name, *arguments, size=64):
        path = tmp_path / name
        given = ("--size", size, "--take-fps", 60, *arguments)
        result = succeed("render", model, "-c", take, "--hide", "none", *given, "-o", path)
        assert result.stdout == ""
        return path, result.stderr

    return render


@pytest.mark.parametrize("name", ["a.mp4", "b.MOV", "c.mkv"])
def test_stream(film, name):
    path, _ = film(name)
    video, audio = probe(path)
    assert audio is None
    assert video["codec_name"] == "h264" and video["pix_fmt"] == "yuv420p"
    assert (video["width"], video["height"]) == (64, 64)
    assert video["nb_read_frames"] == "30" and video["r_frame_rate"] == "60/1"
    tags = ("color_space", "color_primaries", "color_transfer", "color_range")
    assert [video[tag] for tag in tags] == ["bt709", "bt709", "bt709", "tv"]
    assert sorted(os.listdir(path.parent)) == sorted([name, "take.csv"])


def test_odd_sizes_are_made_even(film):
    video, _ = probe(film("a.mp4", size="63x37")[0])
    assert (video["width"], video["height"]) == (64, 38)


def test_another_rate_and_a_part(film):
    video, _ = probe(film("a.mp4", "--fps", "29.97", "--start", 10, "--end", 20)[0])
    assert video["r_frame_rate"] == "30000/1001" and video["nb_read_frames"] == "5"


def test_frames_show_what_the_pictures_show(film, tmp_path):
    path, _ = film("a.mp4", "--background", "#204080", size=256)
    film("%02d.png", "--background", "#204080", size=256)
    exact = ["-sws_flags", "accurate_rnd+full_chroma_int+bicubic"]
    command = ["ffmpeg", "-v", "error", "-i", path, *exact, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    decoded = subprocess.run(command, capture_output=True, check=True).stdout
    frames = np.frombuffer(decoded, np.uint8).reshape(30, 256, 256, 3).astype(int)
    for i in (0, 15, 29):
        assert np.abs(frames[i] - load(tmp_path / f"{i:02d}.png")).mean() < 2
    assert np.abs(frames[0, :10, :10] - [0x20, 0x40, 0x80]).max() <= 3


@pytest.mark.parametrize(("seconds", "told"), [(0.5, ""), (0.2, "ends before the video"), (2, "is cut")])
def test_audio_is_as_long_as_the_video_and_told(film, tmp_path, seconds, told):
    path, said = film("a.mp4", "--audio", write_wav(tmp_path / "a.wav", seconds))
    line = next(line for line in said.splitlines() if line.startswith("audio: "))
    assert f"audio: {seconds:.3f} s, video: 0.500 s" in line
    assert told in line and (told or line.endswith("0.500 s"))
    video, audio = probe(path)
    assert audio["codec_name"] == "aac" and video["nb_read_frames"] == "30"
    assert float(audio["duration"]) == pytest.approx(0.5, abs=0.1)


def test_one_moment_is_a_video_of_one_frame(model, tmp_path):
    succeed("render", model, "--set", "jawOpen=1", "-q", "--size", 64, "-o", tmp_path / "a.mp4")
    assert probe(tmp_path / "a.mp4")[0]["nb_read_frames"] == "1"


def test_an_older_video_is_replaced(film):
    path, _ = film("a.mp4")
    path.write_bytes(b"old")
    assert probe(film("a.mp4")[0])[0]["nb_read_frames"] == "30"


def test_progress_is_lines_where_stderr_is_no_terminal(film):
    said = film("a.mp4")[1]
    assert "\r" not in said and "\x1b" not in said
    lines = [line for line in said.splitlines() if line.startswith("rendering ")]
    assert lines[0].endswith(": 0 of 30 frames") and " 15 of 30 frames, " in "".join(lines)
    assert ": 30 frames in " in lines[-1] and lines[-1].endswith("/s)")


def test_progress_is_a_bar_on_a_terminal(model, tmp_path):
    take = write_names_take(tmp_path / "take.json", jawOpen=np.linspace(0, 1, 60))
    arguments = ["render", model, "-c", take, "--size", "256", "-o", tmp_path / ("long" * 10 + ".mp4")]
    child, terminal = pty.fork()
    if child == 0:
        os.environ.pop("TERM", None)
        os.execv(BISQUE, [str(BISQUE), *map(str, arguments)])
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # EIO: the other side is closed
            break
        if not part:
            break
        shown += part
    assert os.waitpid(child, 0)[1] == 0
    text = shown.decode()
    steps = [step for step in text.split("\r") if " of 60 frames" in step]
    assert len(steps) > 1
    assert all(len(step.split("\x1b")[0].strip("\n")) < 80 for step in steps)
    assert any(step.split("\x1b")[0].endswith(" left") for step in steps)  # the name gives way, not the time
    assert text.rstrip().split("\r")[-1].endswith("/s)")


def test_a_real_take(ict_folder, tmp_path):
    model = tmp_path / "ict.safetensors"
    succeed("convert", ict_folder, model)
    dao = ict_folder.parent / "live_link" / "dao.packets"
    said = succeed("render", model, "-c", dao, "--size", 64, "-o", tmp_path / "dao.mp4").stderr
    assert "take: 187 frames at 60 Hz, 7 of them filled in" in said
    video, _ = probe(tmp_path / "dao.mp4")
    assert video["nb_read_frames"] == "187" and video["r_frame_rate"] == "60/1"
