"""Renderers of fields and volumes."""

from collections.abc import Callable

import torch
import torch.nn.functional as F

from ...structures import Volumes
from ...transforms import Transform3d
from ..cameras import CamerasBase
from .raysampling import HeterogeneousRayBundle, RayBundle
from .utils import _validate_ray_bundle_variables, ray_bundle_variables_to_ray_points

Rays = RayBundle | HeterogeneousRayBundle


class ImplicitRenderer(torch.nn.Module):
    """Cameras -> raysampler -> volumetric function -> raymarcher -> pictures.

    `raysampler(cameras=, volumetric_function=)` gives rays, and `raymarcher(rays_densities=, rays_features=, ray_bundle=)` renders them.
    Raises ValueError if one is not callable.
    """

    def __init__(self, raysampler: Callable, raymarcher: Callable) -> None:
        super().__init__()
        _check_callable("raysampler", raysampler)
        _check_callable("raymarcher", raymarcher)
        self.raysampler = raysampler
        self.raymarcher = raymarcher

    def forward(self, cameras: CamerasBase, volumetric_function: Callable, **kwargs) -> tuple[torch.Tensor, Rays]:
        """Pictures [N, ..., C], with the opacity last for EmissionAbsorptionRaymarcher, and the rays.

        `volumetric_function(ray_bundle=, cameras=)` gives the densities [N, ..., P, 1] and features [N, ..., P, C] at the points of the rays
        (ray_bundle_to_ray_points). The arguments by name go to all three.
        """
        _check_callable("volumetric_function", volumetric_function)
        ray_bundle = self.raysampler(cameras=cameras, volumetric_function=volumetric_function, **kwargs)
        densities, features = volumetric_function(ray_bundle=ray_bundle, cameras=cameras, **kwargs)
        images = self.raymarcher(rays_densities=densities, rays_features=features, ray_bundle=ray_bundle, **kwargs)
        return images, ray_bundle


def _check_callable(name: str, value) -> None:
    if not callable(value):
        raise ValueError(f'"{name}" has to be a "Callable" object. Got {type(value)}.')


class VolumeRenderer(torch.nn.Module):
    """Renders Volumes: an ImplicitRenderer whose function is a VolumeSampler."""

    def __init__(self, raysampler: Callable, raymarcher: Callable, sample_mode: str = "bilinear") -> None:
        super().__init__()
        self.renderer = ImplicitRenderer(raysampler, raymarcher)
        self._sample_mode = sample_mode

    def forward(self, cameras: CamerasBase, volumes: Volumes, **kwargs) -> tuple[torch.Tensor, Rays]:
        """Pictures of the volumes, whose densities are opacities per sample, and the rays."""
        sampler = VolumeSampler(volumes, sample_mode=self._sample_mode)
        return self.renderer(cameras=cameras, volumetric_function=sampler, **kwargs)


class VolumeSampler(torch.nn.Module):
    """Samples N volumes at the points of N sets of rays.

    `sample_mode` is "bilinear", between the voxels around a point, or "nearest". `padding_mode` says what lies outside of a volume: "zeros",
    "border" or "reflection". Raises ValueError if `volumes` are no Volumes, and for a padding other than zeros of volumes of different sizes.
    """

    def __init__(self, volumes: Volumes, sample_mode: str = "bilinear", padding_mode: str = "zeros") -> None:
        super().__init__()
        if not isinstance(volumes, Volumes):
            raise ValueError(f"'volumes' have to be an instance of the 'Volumes' class. Got {type(volumes)}.")
        self._volumes = volumes
        self._sample_mode = sample_mode
        self._padding_mode = padding_mode
        if padding_mode != "zeros" and self._has_padding():
            raise ValueError(f"VolumeSampler: expected padding_mode to be zeros for volumes of different sizes, but got {padding_mode!r}.")

    def _has_padding(self) -> bool:
        padded = self._volumes.densities().shape[-3:]
        return any(tuple(sizes) != tuple(padded) for sizes in self._volumes.get_grid_sizes().tolist())

    def _get_ray_directions_transform(self) -> Transform3d:
        """From world to local coordinates, without the translation."""
        matrix = self._volumes.get_world_to_local_coords_transform().get_matrix()
        last_row = torch.eye(4, dtype=matrix.dtype, device=matrix.device)[3:].expand(matrix.shape[0], 1, 4)
        return Transform3d(matrix=torch.cat([matrix[:, :3], last_row], 1))

    def forward(self, ray_bundle: Rays, **kwargs) -> tuple[torch.Tensor, torch.Tensor]:
        """Densities [N, ..., P, D] and features [N, ..., P, C] at the points of the rays; C = 0 for volumes without features.

        Differentiable by volumes and rays. Raises ValueError for rays of other shapes or another number of batch elements.
        """
        _validate_ray_bundle_variables(ray_bundle.origins, ray_bundle.directions, ray_bundle.lengths)
        densities, features = self._volumes.densities(), self._volumes.features()
        shape = ray_bundle.origins.shape
        if densities.shape[0] != shape[0]:
            raise ValueError(f"Input volumes have to have the same batch size as rays. Got {densities.shape[0]} volumes and rays {tuple(shape)}.")
        rows = shape[0], shape[1:-1].numel(), 3
        origins = self._volumes.world_to_local_coords(ray_bundle.origins.reshape(rows))
        directions = self._get_ray_directions_transform().transform_points(ray_bundle.directions.reshape(rows))
        points = ray_bundle_variables_to_ray_points(origins.reshape(shape), directions.reshape(shape), ray_bundle.lengths)
        sampled = [self._sample(grid, points) for grid in (densities, features) if grid is not None]
        return (sampled[0], sampled[1]) if features is not None else (sampled[0], sampled[0][..., :0])

    def _sample(self, grid: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        batch, channels = grid.shape[:2]
        values = F.grid_sample(
            grid,
            self._in_padded(points.reshape(batch, points.shape[1:-1].numel(), 3), grid)[:, :, None, None],
            mode=self._sample_mode,
            padding_mode=self._padding_mode,
            align_corners=self._volumes.get_align_corners(),
        )
        return values.flatten(2).transpose(1, 2).reshape(*points.shape[:-1], channels)

    def _in_padded(self, points: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
        """From coordinates over each volume's own voxels to those over the padded tensor, which may be larger."""
        own = self._volumes.get_grid_sizes().to(points).flip(1)[:, None]
        padded = points.new_tensor(grid.shape[-3:]).flip(0)
        # The first voxel is at -1, or without align_corners the border before it.
        scale = (own - 1) / (padded - 1).clamp_min(1) if self._volumes.get_align_corners() else own / padded
        same = own == padded
        return torch.where(same, points, points * scale + (scale - 1))
