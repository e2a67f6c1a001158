"""Pictures of point clouds."""

from .compositor import AlphaCompositor, NormWeightedCompositor, WeightedCompositor
from .pulsar import PulsarPointsRenderer
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
    "PulsarPointsRenderer",
    "WeightedCompositor",
    "rasterize_points",
]

