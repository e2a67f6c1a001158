"""Point clouds added to volumes."""

from typing import Optional, Sequence, Tuple

import torch

from .._ops import ops
from .utils import is_point


def add_pointclouds_to_volumes(
    pointclouds: "Pointclouds",  # noqa: F821
    initial_volumes: "Volumes",  # noqa: F821
    mode: str = "trilinear",
    min_weight: float = 1e-4,
    rescale_features: bool = True,
    _python: bool = False,
) -> "Volumes":  # noqa: F821
    """Adds the features of clouds to the volumes of the same index, in world coordinates: add_points_features_to_volume_densities_features with
    the points of each cloud. Returns new volumes. ValueError: clouds without features, another number of clouds than of volumes, another mode."""
    if len(initial_volumes) != len(pointclouds):
        raise ValueError("'initial_volumes' and 'pointclouds' have to have the same batch size.")
    points, features = pointclouds.points_padded(), pointclouds.features_padded()
    if features is None:
        raise ValueError("'pointclouds' have to have their 'features' defined.")
    new_features, new_densities = add_points_features_to_volume_densities_features(
        points_3d=initial_volumes.world_to_local_coords(points),
        points_features=features,
        volume_densities=initial_volumes.densities(),
        volume_features=initial_volumes.features(),
        mode=mode,
        min_weight=min_weight,
        mask=is_point(pointclouds.num_points_per_cloud(), points.shape[1]),
        grid_sizes=initial_volumes.get_grid_sizes(),
        rescale_features=rescale_features,
        align_corners=initial_volumes.get_align_corners(),
    )
    return initial_volumes.update_padded(new_densities=new_densities, new_features=new_features)


def add_points_features_to_volume_densities_features(
    points_3d: torch.Tensor,
    points_features: torch.Tensor,
    volume_densities: torch.Tensor,
    volume_features: Optional[torch.Tensor],
    mode: str = "trilinear",
    min_weight: float = 1e-4,
    mask: Optional[torch.Tensor] = None,
    grid_sizes: Optional[torch.Tensor] = None,
    rescale_features: bool = True,
    _python: bool = False,
    align_corners: bool = True,
) -> Tuple[torch.Tensor, torch.Tensor]:
    """Adds points to volumes, each to the eight voxels around it ("trilinear") or to the "nearest" one, and divides the features of each voxel by
    its density, which counts as `min_weight` or more (1 for "nearest"), unless `rescale_features` is False.

    Points [N, P, 3] in local coordinates of the volumes, with features [N, P, C] and weights or a mask [N, P], are added to densities
    [N, 1, D, H, W] and features [N, C, D, H, W] (None: zeros); `grid_sizes` [N, 3] are the sizes of each volume in these. Returns new features
    and densities. Differentiable by all but the sizes; "nearest" not by the points. ValueError: another mode, densities of several channels."""
    if volume_densities.shape[1] != 1:
        raise ValueError("Only one-dimensional densities are allowed.")
    if mode not in ("trilinear", "nearest"):
        raise ValueError(f'No such interpolation mode "{mode}"')
    splat = mode == "trilinear"
    if volume_features is None:
        sizes = (len(volume_densities), points_features.shape[2], *volume_densities.shape[2:])
        volume_features = volume_densities.new_zeros(sizes)
    densities, features = _points_to_volumes(
        points_3d, points_features, volume_densities, volume_features, grid_sizes, 1.0, mask, align_corners, splat
    )
    if rescale_features:
        features = features / densities.clamp_min(min_weight if splat else 1.0)
    return features, densities


def _points_to_volumes(
    points_3d: torch.Tensor,
    points_features: torch.Tensor,
    volume_densities: torch.Tensor,
    volume_features: torch.Tensor,
    grid_sizes: Optional[torch.Tensor],
    point_weight: float,
    mask: Optional[torch.Tensor],
    align_corners: bool,
    splat: bool,
) -> Tuple[torch.Tensor, torch.Tensor]:
    """The op: new densities and sums of features. ValueError: sizes that do not match."""
    N, P, _ = _sizes("points_3d", points_3d, (None, None, 3))
    _, _, C = _sizes("points_features", points_features, (N, P, None))
    _sizes("volume_densities", volume_densities, (N, 1, None, None, None))
    _sizes("volume_features", volume_features, (N, C, *volume_densities.shape[2:]))
    if grid_sizes is not None:
        _sizes("grid_sizes", grid_sizes, (N, 3))
    if mask is not None:
        _sizes("mask", mask, (N, P))
        mask = mask.to(points_3d.dtype)
    return ops.points_to_volumes(
        points_3d, points_features, volume_densities, volume_features, grid_sizes, point_weight, mask, align_corners, splat
    )


def _sizes(name: str, tensor: torch.Tensor, expected: Sequence[Optional[int]]) -> torch.Size:
    """The shape, which has these sizes; None is any."""
    shape = tensor.shape
    if len(shape) != len(expected) or any(size is not None and own != size for own, size in zip(shape, expected)):
        raise ValueError(f"Bad {name} shape {tuple(shape)}: expected {tuple('any' if size is None else size for size in expected)}.")
    return shape
