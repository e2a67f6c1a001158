"""PointsRasterizer: `rasterize_points` as a Module, for clouds in world space."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import nn

from ...structures import Pointclouds
from ..cameras import try_get_projection_transform
from .rasterize_points import rasterize_points


class PointFragments(NamedTuple):
    """The points of each pixel, nearest first; entries without a point are -1.

    idx, int32, are indices into the packed points, zbuf are depths in view space, dists are squared distances in NDC between the pixel's
    center and the point; each [N, H, W, points_per_pixel].

    >>> PointFragments(*torch.zeros(3, 1, 2, 2, 1)).zbuf.shape
    torch.Size([1, 2, 2, 1])
    """

    idx: torch.Tensor
    zbuf: torch.Tensor
    dists: torch.Tensor


@dataclass
class PointsRasterizationSettings:
    """Options of rasterizing points: see rasterize_points.

    >>> PointsRasterizationSettings(image_size=(128, 256)).radius
    0.01
    """

    image_size: int | tuple[int, int] = 256
    radius: float | torch.Tensor = 0.01
    points_per_pixel: int = 8
    bin_size: int | None = None
    max_points_per_bin: int | None = None


class PointsRasterizer(nn.Module):
    """Rasterizes point clouds as cameras see them. `cameras` and `raster_settings` of a call replace those of the Module."""

    def __init__(self, cameras=None, raster_settings: PointsRasterizationSettings | None = None) -> None:
        super().__init__()
        self.cameras = cameras
        self.raster_settings = raster_settings if raster_settings is not None else PointsRasterizationSettings()

    def transform(self, point_clouds: Pointclouds, **kwargs) -> Pointclouds:
        """The clouds with x and y in NDC and z in view space. Raises ValueError without cameras."""
        cameras = kwargs.get("cameras", self.cameras)
        if cameras is None:
            raise ValueError("Cameras must be specified either at initialization or in the forward pass of PointsRasterizer.")
        eps = kwargs.get("eps")
        world = point_clouds.points_padded()
        view = cameras.get_world_to_view_transform(**kwargs).transform_points(world, eps=eps)
        to_ndc = cameras.get_ndc_camera_transform(**kwargs)
        projection = try_get_projection_transform(cameras, kwargs)
        if projection is not None:
            ndc = projection.compose(to_ndc).transform_points(view, eps=eps)
        else:  # cameras with a distortion have no matrix
            ndc = to_ndc.transform_points(cameras.transform_points(world, eps=eps), eps=eps)
        return point_clouds.update_padded(torch.cat([ndc[..., :2], view[..., 2:]], -1))

    def to(self, device) -> "PointsRasterizer":
        """Moves the cameras, which are no Module."""
        if self.cameras is not None:
            self.cameras = self.cameras.to(device)
        return self

    def forward(self, point_clouds: Pointclouds, **kwargs) -> PointFragments:
        """The fragments of clouds in world space."""
        settings = kwargs.get("raster_settings", self.raster_settings)
        projected = self.transform(point_clouds, **kwargs)
        return PointFragments(
            *rasterize_points(
                projected,
                image_size=settings.image_size,
                radius=settings.radius,
                points_per_pixel=settings.points_per_pixel,
                bin_size=settings.bin_size,
                max_points_per_bin=settings.max_points_per_bin,
            )
        )
