"""bisque3d.blendshapes: pictures and the output of frames."""

import json
import subprocess
from fractions import Fraction

import numpy
import pytest
import torch
from PIL import Image

from bisque3d.blendshapes import FrameSink, read_picture, write_picture
from bisque3d.blendshapes._frames import fraction_of


def pixels(*sizes) -> torch.Tensor:
    return torch.randint(0, 256, sizes, dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("channels", [3, 4])
def test_png(tmp_path, channels):
    picture = pixels(5, 7, channels)
    write_picture(tmp_path / "a.png", picture)
    assert (numpy.asarray(Image.open(tmp_path / "a.png")) == picture.numpy()).all()
    assert torch.equal(read_picture(tmp_path / "a.png"), picture)
    encoded = torch.tensor(list((tmp_path / "a.png").read_bytes()), dtype=torch.uint8)
    assert torch.equal(torch.ops.bisque.decode_picture(encoded, "a"), picture)


def test_jpeg(tmp_path):
    write_picture(tmp_path / "a.jpg", torch.full((16, 16, 3), 100, dtype=torch.uint8))
    assert (read_picture(tmp_path / "a.jpg").int() - 100).abs().max() <= 2


@pytest.mark.parametrize("picture", [torch.zeros(2, 2, 3), pixels(2, 2, 2), pixels(2, 6)])
def test_other_tensors_are_errors(tmp_path, picture):
    with pytest.raises(RuntimeError, match=r"save_picture: expected pixels to be uint8 \[H, W, 3\] or \[H, W, 4\] on the CPU"):
        write_picture(tmp_path / "a.png", picture)


def test_errors_name_the_file(tmp_path):
    with pytest.raises(RuntimeError, match="a.gif"):
        write_picture(tmp_path / "a.gif", pixels(2, 2, 3))
    (tmp_path / "b.png").write_bytes(b"no picture")
    with pytest.raises(RuntimeError, match="b.png"):
        read_picture(tmp_path / "b.png")
    with pytest.raises(RuntimeError, match=r"decode_picture: expected bytes to be uint8 \[N\] on the CPU"):
        torch.ops.bisque.decode_picture(torch.zeros(3), "a")


def test_a_sequence(tmp_path):
    frames = pixels(3, 4, 6, 3)
    with FrameSink(tmp_path / "new/%02d.png", (4, 6), first_number=7) as sink:
        for frame in frames:
            sink.write(frame)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["07.png", "08.png", "09.png"]
    assert torch.equal(read_picture(tmp_path / "new/08.png"), frames[1])


def test_a_video(tmp_path):
    with FrameSink(tmp_path / "a.mp4", (16, 32), "29.97") as sink:
        for _ in range(5):
            sink.write(pixels(16, 32, 3))
    command = ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_streams", "-of", "json", tmp_path / "a.mp4"]
    (stream,) = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["streams"]
    assert (stream["width"], stream["height"], stream["nb_read_frames"], stream["r_frame_rate"]) == (32, 16, "5", "30000/1001")


def test_an_exception_leaves_no_video(tmp_path):
    with pytest.raises(ValueError, match="mine"):
        with FrameSink(tmp_path / "a.mp4", (16, 16)) as sink:
            sink.write(pixels(16, 16, 3))
            raise ValueError("mine")
    assert list(tmp_path.iterdir()) == []


def test_a_sink_that_is_not_used_leaves_no_file(tmp_path):
    sink = FrameSink(tmp_path / "a.mp4", (16, 16))
    del sink
    assert list(tmp_path.iterdir()) == []


def test_errors_of_a_sink(tmp_path):
    with pytest.raises(RuntimeError, match="a.webm"):
        FrameSink(tmp_path / "a.webm", (16, 16))
    with pytest.raises(RuntimeError, match="a frame has 8 x 8 pixels, expected 16 x 16"):
        with FrameSink(tmp_path / "a.png", (16, 16)) as sink:
            sink.write(pixels(8, 8, 3))
    with pytest.raises(RuntimeError, match="is no open sink, expected a number of open_frames"):
        sink.write(pixels(16, 16, 3))


@pytest.mark.parametrize("rate, fraction", [(30, 30), (24.0, 24), (59.94, Fraction(60000, 1001)), ("24000/1001", Fraction(24000, 1001)), ("12.5", Fraction(25, 2))])
def test_rates(rate, fraction):
    assert fraction_of(rate) == fraction
