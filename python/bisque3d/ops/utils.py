"""Means, covariances and rows of point clouds."""

from typing import Optional, Tuple, Union

import torch

from .knn import _rows_at, knn_points


def masked_gather(points: torch.Tensor, idx: torch.Tensor) -> torch.Tensor:
    """points [N, P, D] at idx [N, K] or [N, L, K]: the sizes of idx, then D; 0 where idx is -1. ValueError: batches that do not match, an idx
    of other dimensions."""
    if len(idx) != len(points):
        raise ValueError("points and idx must have the same batch dimension")
    if idx.ndim not in (2, 3):
        raise ValueError(f"idx format is not supported {tuple(idx.shape)}")
    is_none = idx < 0
    return _rows_at(points, idx.masked_fill(is_none, 0), is_none)


def wmean(
    x: torch.Tensor,
    weight: Optional[torch.Tensor] = None,
    dim: Union[int, Tuple[int, ...]] = -2,
    keepdim: bool = True,
    eps: float = 1e-9,
) -> torch.Tensor:
    """The mean of x [..., D] in `dim`, with weights [...] that broadcast if given, whose sum counts as `eps` or more. ValueError: weights that
    do not broadcast."""
    if weight is None:
        weight = torch.ones((1,), dtype=x.dtype, device=x.device)
    sizes = zip(x.shape[-2::-1], weight.shape[::-1])
    if any(points != weights and points != 1 and weights != 1 for points, weights in sizes):
        raise ValueError("wmean: weights are not compatible with the tensor")
    weights = weight.to(x.dtype).expand(torch.broadcast_shapes(x.shape[:-1], weight.shape))[..., None]
    return (x * weights).sum(dim=dim, keepdim=keepdim) / weights.sum(dim=dim, keepdim=keepdim).clamp_min(eps)


def eyes(dim: int, N: int, device: Optional[torch.device] = None, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """N identity matrices [N, dim, dim]."""
    return torch.eye(dim, device=device, dtype=dtype).repeat(N, 1, 1)


def is_pointclouds(pcl) -> bool:
    """Whether it has the methods points_padded and num_points_per_cloud."""
    return hasattr(pcl, "points_padded") and hasattr(pcl, "num_points_per_cloud")


def convert_pointclouds_to_tensor(pcl) -> Tuple[torch.Tensor, torch.Tensor]:
    """Padded points and the numbers of points [N] of a Pointclouds, or of a tensor [N, P, D]. ValueError: another type."""
    if is_pointclouds(pcl):
        return pcl.points_padded(), pcl.num_points_per_cloud()
    if torch.is_tensor(pcl):
        return pcl, torch.full((pcl.shape[0],), pcl.shape[1], dtype=torch.int64, device=pcl.device)
    raise ValueError("The inputs X, Y should be either Pointclouds objects or tensors.")


def is_point(lengths: torch.Tensor, longest: int) -> torch.Tensor:
    """[N, longest] bool: which rows of a padded tensor are within the lengths [N]."""
    return torch.arange(longest, device=lengths.device) < lengths[:, None]


def get_point_covariances(
    points_padded: torch.Tensor, num_points_per_cloud: torch.Tensor, neighborhood_size: int
) -> Tuple[torch.Tensor, torch.Tensor]:
    """For each point of [N, P, D] the covariance [N, P, D, D] of its `neighborhood_size` nearest neighbours, and these [N, P, K, D]."""
    cloud = points_padded.detach()
    idx = knn_points(cloud, cloud, num_points_per_cloud, num_points_per_cloud, K=neighborhood_size).idx
    neighbors = _rows_at(points_padded, idx, torch.zeros_like(idx, dtype=torch.bool))
    centered = neighbors - neighbors.mean(2, keepdim=True)
    return centered.transpose(-1, -2) @ centered / neighborhood_size, neighbors
