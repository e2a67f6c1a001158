"""The place of PyTorch3D's renderer of spheres, which does not exist here. Its names can be imported, so that scripts which do not use it run."""

from torch import nn


class _Absent(nn.Module):
    def __init__(self, *args, **kwargs) -> None:
        raise ImportError("bisque3d has no pulsar renderer of spheres; use PointsRenderer, which draws points as discs.")


class Renderer(_Absent):
    """Does not exist here: an ImportError that names PointsRenderer.

    >>> Renderer(256, 256, 100)
    Traceback (most recent call last):
    ImportError: bisque3d has no pulsar renderer of spheres; use PointsRenderer, which draws points as discs.
    """


class PulsarPointsRenderer(_Absent):
    """Does not exist here: see Renderer."""
