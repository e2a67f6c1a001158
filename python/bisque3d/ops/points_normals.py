"""Normals and principal curvatures of point clouds."""

from typing import Tuple, Union

import torch

from ..common.workaround import symeig3x3
from .utils import convert_pointclouds_to_tensor, get_point_covariances, is_point, wmean

Points = Union[torch.Tensor, "Pointclouds"]  # noqa: F821


def estimate_pointcloud_normals(
    pointclouds: Points,
    neighborhood_size: int = 50,
    disambiguate_directions: bool = True,
    *,
    use_symeig_workaround: bool = True,
) -> torch.Tensor:
    """Normals [N, P, 3] of points [N, P, 3], a tensor or Pointclouds: the first vectors of estimate_pointcloud_local_coord_frames."""
    frames = estimate_pointcloud_local_coord_frames(
        pointclouds, neighborhood_size, disambiguate_directions, use_symeig_workaround=use_symeig_workaround
    )[1]
    return frames[:, :, :, 0]


def estimate_pointcloud_local_coord_frames(
    pointclouds: Points,
    neighborhood_size: int = 50,
    disambiguate_directions: bool = True,
    *,
    use_symeig_workaround: bool = True,
) -> Tuple[torch.Tensor, torch.Tensor]:
    """The principal directions of the neighbourhood of each point of [N, P, 3], a tensor or Pointclouds: eigenvectors of the covariance of its
    `neighborhood_size` nearest neighbours, itself included.

    Returns the eigenvalues [N, P, 3], ascending, and the vectors in columns [N, P, 3, 3]: the normal, the directions of less and of most
    curvature; 0 beyond the points of a cloud. `disambiguate_directions` turns the normal and the last vector to the side on which more of the
    neighbours lie (Tombari, Salti and Di Stefano, Unique signatures of histograms for local surface description, 2010).
    `use_symeig_workaround` has no effect. ValueError: another shape, a cloud with no more points than neighborhood_size."""
    points, num_points = convert_pointclouds_to_tensor(pointclouds)
    if points.dim() != 3 or points.shape[2] != 3:
        raise ValueError("The pointclouds argument has to be of shape (minibatch, N, 3)")
    if not torch.compiler.is_compiling() and ((num_points > 0) & (num_points <= neighborhood_size)).any():
        raise ValueError("The neighborhood_size argument has to be smaller than the size of each of the point clouds.")
    within = is_point(num_points, points.shape[1])
    # Far from the origin, less would be left of the differences between neighbours.
    used = points.masked_fill(~within[..., None], 0)
    centered = used - wmean(used, within)
    covariances, neighbors = get_point_covariances(centered, num_points, neighborhood_size)
    curvatures, frames = symeig3x3(covariances)
    if disambiguate_directions:
        normals = _disambiguate_vector_directions(centered, neighbors, frames[..., 0])
        last = _disambiguate_vector_directions(centered, neighbors, frames[..., 2])
        frames = torch.stack([normals, torch.linalg.cross(normals, last), last], 3)
    return curvatures.masked_fill(~within[..., None], 0), frames.masked_fill(~within[..., None, None], 0)


def _disambiguate_vector_directions(pcl: torch.Tensor, knns: torch.Tensor, vecs: torch.Tensor) -> torch.Tensor:
    """The vectors [N, P, 3], turned to the side on which more of the neighbours [N, P, K, 3] of the points [N, P, 3] lie."""
    offsets = (knns - pcl[:, :, None]).detach()
    along = (offsets @ vecs.detach()[..., None]).squeeze(3)
    return torch.where((along.sign().sum(2) < 0)[..., None], -vecs, vecs)
