"""PointsRenderer: pictures of point clouds."""

import torch
from torch import nn

from .rasterize_points import _format_radius


class PointsRenderer(nn.Module):
    """Clouds with features -> rasterizer -> a weight 1 - dists / radius^2 for each point -> compositor -> pictures [N, H, W, C].

    `rasterizer` and `compositor` are any callables with the interface of PointsRasterizer and AlphaCompositor.
    """

    def __init__(self, rasterizer, compositor) -> None:
        super().__init__()
        self.rasterizer = rasterizer
        self.compositor = compositor

    def to(self, device) -> "PointsRenderer":
        """Moves both parts; cameras are no Module."""
        self.rasterizer = self.rasterizer.to(device)
        self.compositor = self.compositor.to(device)
        return self

    def forward(self, point_clouds, **kwargs) -> torch.Tensor:
        """Pictures of the clouds. The arguments by name go to both parts."""
        fragments = self.rasterizer(point_clouds, **kwargs)
        settings = kwargs.get("raster_settings", self.rasterizer.raster_settings)
        idx = fragments.idx.long()
        if isinstance(settings.radius, (int, float)):
            squared_radii = settings.radius**2
        else:  # what an empty entry gets is not used
            radii = _format_radius(settings.radius, point_clouds)
            squared_radii = radii.square()[idx.clamp_min(0)] if radii.numel() else 1.0
        weights = 1 - fragments.dists / squared_radii
        images = self.compositor(idx.permute(0, 3, 1, 2), weights.permute(0, 3, 1, 2), point_clouds.features_packed().permute(1, 0), **kwargs)
        return images.permute(0, 2, 3, 1)
