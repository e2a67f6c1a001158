"""Takes rendered to pictures and videos."""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import torch

from ..renderer.cameras import FoVPerspectiveCameras
from ._frames import FrameSink, Rate, fraction_of
from ._model import BlendshapeModel, read_model
from ._renderer import BlendshapeRenderer, to_picture
from ._takes import Binding, Take, bind, coefficients_of, read_take, values_at


def render_take(
    model: BlendshapeModel | str | os.PathLike,
    take: Take | str | os.PathLike | None,
    path: str | os.PathLike,
    *,
    size: int | Sequence[int] = 512,
    binding: Binding | None = None,
    overrides: Mapping[str, float] | None = None,
    camera: FoVPerspectiveCameras | None = None,
    samples: int = 4,
    shading: str = "white",
    background: Sequence[float] | None = (48 / 255, 52 / 255, 58 / 255),
    rate: Rate | None = None,
    start: int = 0,
    end: int | None = None,
    with_angles: bool = True,
    audio: str | os.PathLike | None = None,
    device: torch.device | str = "cpu",
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Renders a take to a picture, numbered pictures or a video, as the program `bisque render` does, and returns the number of frames.

    Args:
        model, take: or their files; without a take, one moment with coefficients of 0.
        path: FILE.png or .jpg (the first frame), frames/%05d.png or .jpg, or FILE.mp4, .mov or .mkv, which needs the program ffmpeg.
        size: the side, or height and width, in pixels.
        binding: of the take to the model; default: `bind(take, model)`.
        overrides: coefficients by name that replace those of the take.
        camera: default: one that fits the model.
        samples: per pixel: 1, 4 or 16.
        shading: "white" or "textured".
        background: sRGB from 0 to 1; None: transparent, for .png.
        rate: frames per second of the output; default: those of the take.
        start, end: the part of the take in its frames; `end` is excluded.
        with_angles: False: the head and the eyes do not turn.
        audio: a WAV file for a video.
        device: where frames are rendered.
        progress: called with the number of written frames and of all.
    """
    model = model if isinstance(model, BlendshapeModel) else read_model(model)
    take = read_take(take) if isinstance(take, (str, os.PathLike)) else take
    height, width = (size, size) if isinstance(size, int) else size
    seconds = _seconds_of(take, start, end)
    rate = fraction_of(rate) if rate is not None else take.rate if take else Fraction(30)
    num_frames = max(1, math.floor(seconds * rate + Fraction(1, 2))) if _has_frames(path) else 1
    moments = _Moments(model, take, binding, overrides, start, with_angles)
    device = torch.device(device)
    was_on = model.neutral.device
    renderer = BlendshapeRenderer(model, camera, (height, width), samples, shading).to(device)
    try:
        with torch.inference_mode(), FrameSink(path, (height, width), rate, audio, start) as sink:
            for frame in range(num_frames):
                coefficients, angles = moments.at(frame / rate)
                image = renderer(coefficients.to(device), **{part: values.to(device) for part, values in angles.items()})
                sink.write(to_picture(image[0], background).cpu())
                if progress:
                    progress(frame + 1, num_frames)
    finally:
        model.to(was_on)
    return num_frames


def _has_frames(path: str | os.PathLike) -> bool:
    name = os.fspath(path)
    return "%" in name or os.path.splitext(name)[1].lower() in (".mp4", ".mov", ".mkv")


def _seconds_of(take: Take | None, start: int, end: int | None) -> Fraction:
    if take is None:
        if start != 0 or end is not None:
            raise ValueError("render_take: start and end are those of a take, expected one.")
        return Fraction(0)
    end = take.num_frames if end is None else end
    if not 0 <= start < take.num_frames:
        raise ValueError(f"render_take: start is {start}; the take has frames 0 to {take.num_frames - 1}.")
    if not start < end <= take.num_frames:
        raise ValueError(f"render_take: end is {end}; expected one after start ({start}) and at most {take.num_frames}.")
    return (end - start) / take.rate


class _Moments:
    """Coefficients and angles over time."""

    def __init__(self, model: BlendshapeModel, take: Take | None, binding: Binding | None, overrides, start: int, with_angles: bool):
        self.take, self.start, self.with_angles = take, start, with_angles
        self.binding = binding if binding or take is None else bind(take, model)
        self.overrides = coefficients_of(overrides or {}, model)

    def at(self, seconds: Fraction) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        if self.take is None:
            return self.overrides.nan_to_num(0)[None], {}
        values = values_at(self.take, float(self.start + seconds * self.take.rate))
        coefficients = torch.where(self.overrides.isnan(), self.binding.coefficients(values), self.overrides)
        return coefficients, self.binding.angles(values) if self.with_angles else {}
