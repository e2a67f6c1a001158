"""Pictures of point clouds."""

from .compositor import AlphaCompositor, NormWeightedCompositor, WeightedCompositor
from .rasterize_points import rasterize_points
from .rasterizer import PointFragments, PointsRasterizationSettings, PointsRasterizer
from .renderer import PointsRenderer

__all__ = [
    "AlphaCompositor",
    "NormWeightedCompositor",
    "PointFragments",
    "PointsRasterizationSettings",
    "PointsRasterizer",
    "PointsRenderer",
    "WeightedCompositor",
    "rasterize_points",
]


def __getattr__(name: str):
    if name == "PulsarPointsRenderer":
        from . import pulsar  # noqa: F401  raises ImportError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
