"""Pictures, and the output of rendered frames."""

import os
from collections.abc import Sequence
from fractions import Fraction

import torch

from ._ops import ops

Rate = Fraction | float | str


def read_picture(path: str | os.PathLike) -> torch.Tensor:
    """The pixels of a PNG or JPEG file: [H, W, 3] uint8, or [H, W, 4] with alpha, rows from top to bottom, sRGB. Raises RuntimeError with the file."""
    return ops.load_picture(os.fspath(path))


def write_picture(path: str | os.PathLike, pixels: torch.Tensor) -> None:
    """Writes [H, W, 3] or [H, W, 4] uint8 on the CPU as .png or .jpg, completely or not at all. JPEG has no alpha."""
    ops.save_picture(os.fspath(path), pixels)


def fraction_of(rate: Rate) -> Fraction:
    """A frame rate as a fraction; 29.97 and the other rounded rates of NTSC become n * 1000 / 1001."""
    fraction = Fraction(rate) if isinstance(rate, (str, Fraction)) else Fraction(rate).limit_denominator(1001)
    ntsc = Fraction(round(fraction) * 1000, 1001)
    return ntsc if abs(fraction - ntsc) < Fraction(1, 200) and fraction.denominator != 1 else fraction


class FrameSink:
    """Where frames go: FILE.png or .jpg (one picture), frames/%05d.png or .jpg (one per frame), or FILE.mp4, .mov or .mkv (a video, by ffmpeg).

    >>> with FrameSink("face.png", size=(2, 3)) as sink:
    ...     sink.write(torch.zeros(2, 3, 3, dtype=torch.uint8))

    A video is complete when the block ends, and is removed if it ends with an exception; pictures remain.

    Args:
        path: see above. The folder of a sequence is created.
        size: height and width of the frames.
        rate: frames per second of a video.
        audio: a WAV file, for videos only.
        first_number: of the first picture of a sequence.
    """

    def __init__(
        self, path: str | os.PathLike, size: Sequence[int], rate: Rate = Fraction(30), audio: str | os.PathLike | None = None, first_number: int = 0
    ):
        height, width = size
        rate = fraction_of(rate)
        audio = None if audio is None else os.fspath(audio)
        self._sink = ops._open_frames(os.fspath(path), width, height, rate.numerator, rate.denominator, audio, first_number)

    def write(self, pixels: torch.Tensor) -> None:
        """Writes the next frame, [H, W, 3] or [H, W, 4] uint8 on the CPU."""
        ops._write_frame(self._sink, pixels)

    def __del__(self):
        if hasattr(self, "_sink"):
            ops._close_frames(self._sink, False)

    def __enter__(self) -> "FrameSink":
        return self

    def __exit__(self, kind, error, trace) -> None:
        try:
            ops._close_frames(self._sink, kind is None)
        finally:  # closing twice does nothing
            ops._close_frames(self._sink, False)
