"""The chamfer distance between point clouds."""

from typing import Optional, Tuple, Union

import torch
from torch.nn import functional

from ..ops.knn import knn_gather, knn_points
from ..ops.utils import is_point
from ..structures.pointclouds import Pointclouds

Points = Union[torch.Tensor, Pointclouds]
Loss = Union[torch.Tensor, Tuple[torch.Tensor, torch.Tensor]]


def _validate_chamfer_reduction_inputs(batch_reduction: Optional[str], point_reduction: Optional[str]) -> None:
    if batch_reduction not in ("mean", "sum", None):
        raise ValueError('batch_reduction must be one of ["mean", "sum"] or None')
    if point_reduction not in ("mean", "sum", "max", None):
        raise ValueError('point_reduction must be one of ["mean", "sum", "max"] or None')
    if point_reduction is None and batch_reduction is not None:
        raise ValueError("Batch reduction must be None if point_reduction is None")


def _handle_pointcloud_input(
    points: Points, lengths: Optional[torch.Tensor], normals: Optional[torch.Tensor]
) -> Tuple[torch.Tensor, torch.Tensor, Optional[torch.Tensor]]:
    """Padded points, lengths and normals of a Pointclouds, or those given. ValueError: other types or shapes."""
    if isinstance(points, Pointclouds):
        return points.points_padded(), points.num_points_per_cloud(), points.normals_padded()
    if not torch.is_tensor(points):
        raise ValueError(
            "The input pointclouds should be either Pointclouds objects or torch.Tensor of shape (minibatch, num_points, 3)."
        )
    if points.ndim != 3:
        raise ValueError("Expected points to be of shape (N, P, D)")
    if normals is not None and normals.ndim != 3:
        raise ValueError("Expected normals to be of shape (N, P, 3)")
    N, P, _ = points.shape
    if lengths is None:
        return points, torch.full((N,), P, dtype=torch.int64, device=points.device), normals
    if tuple(lengths.shape) != (N,):
        raise ValueError("Expected lengths to be of shape (N,)")
    if not torch.compiler.is_compiling() and (lengths > P).any():
        raise ValueError("A length value was too long")
    return points, lengths.to(torch.int64), normals


def chamfer_distance(
    x: Points,
    y: Points,
    x_lengths: Optional[torch.Tensor] = None,
    y_lengths: Optional[torch.Tensor] = None,
    x_normals: Optional[torch.Tensor] = None,
    y_normals: Optional[torch.Tensor] = None,
    weights: Optional[torch.Tensor] = None,
    batch_reduction: Optional[str] = "mean",
    point_reduction: Optional[str] = "mean",
    norm: int = 2,
    single_directional: bool = False,
    abs_cosine: bool = True,
) -> Tuple[Loss, Optional[Loss]]:
    """For each point of x the distance to the nearest point of y in the same cloud (squared for `norm` 2), and the reverse unless
    `single_directional`. x and y are tensors [N, P, D] or Pointclouds.

    Distances are reduced over the points of a cloud by `point_reduction` ("mean", "sum", "max" or None), those of both directions added (for "max"
    the greater is taken), multiplied by `weights` [N], and reduced over clouds by `batch_reduction` ("mean", which divides by the sum of weights,
    "sum" or None). Returns the loss, and that of the normals, 1 - |cos| of the angle between those of a point and its nearest one (1 - cos without
    `abs_cosine`), or None if there are no normals. Without point reduction each is a pair of [N, P1] and [N, P2], or [N, P1] alone.
    Differentiable. ValueError: other reductions or norms, shapes that do not match, weights below 0."""
    _validate_chamfer_reduction_inputs(batch_reduction, point_reduction)
    if norm not in (1, 2):
        raise ValueError("Support for 1 or 2 norm.")
    if point_reduction == "max" and (x_normals is not None or y_normals is not None):
        raise ValueError('Normals must be None if point_reduction is "max"')
    x, x_lengths, x_normals = _handle_pointcloud_input(x, x_lengths, x_normals)
    y, y_lengths, y_normals = _handle_pointcloud_input(y, y_lengths, y_normals)
    if y.shape[0] != x.shape[0] or y.shape[2] != x.shape[2]:
        raise ValueError("y does not have the correct shape.")
    if weights is not None:
        _check_weights(weights, x)
        if not torch.compiler.is_compiling() and point_reduction is not None and not weights.any():
            return _zero_losses(x, weights, batch_reduction)
    options = (weights, point_reduction, norm, abs_cosine)
    loss, normals = _chamfer_distance_single_direction(x, y, x_lengths, y_lengths, x_normals, y_normals, *options)
    if not single_directional:
        other, other_normals = _chamfer_distance_single_direction(y, x, y_lengths, x_lengths, y_normals, x_normals, *options)
        loss = _both(loss, other, point_reduction)
        normals = None if normals is None else _both(normals, other_normals, point_reduction)
    return _reduce_clouds(loss, weights, batch_reduction), _reduce_clouds(normals, weights, batch_reduction)


def _check_weights(weights: torch.Tensor, x: torch.Tensor) -> None:
    if weights.size(0) != x.shape[0]:
        raise ValueError("weights must be of shape (N,).")
    if not torch.compiler.is_compiling() and not (weights >= 0).all():
        raise ValueError("weights cannot be negative.")


def _zero_losses(
    x: torch.Tensor, weights: torch.Tensor, batch_reduction: Optional[str]
) -> Tuple[torch.Tensor, torch.Tensor]:
    """PyTorch3D's results for weights that are all 0: [N, N] without a batch reduction, and a loss of normals always."""
    zeros = x.new_zeros(()) * x[:, :0].sum((1, 2)) + torch.zeros_like(weights[:, None]).to(x.dtype)
    return (zeros, zeros.clone()) if batch_reduction is None else (zeros.sum(), zeros.sum())


def _chamfer_distance_single_direction(
    x: torch.Tensor,
    y: torch.Tensor,
    x_lengths: torch.Tensor,
    y_lengths: torch.Tensor,
    x_normals: Optional[torch.Tensor],
    y_normals: Optional[torch.Tensor],
    weights: Optional[torch.Tensor],
    point_reduction: Optional[str],
    norm: int,
    abs_cosine: bool,
) -> Tuple[torch.Tensor, Optional[torch.Tensor]]:
    """The losses [N] (or [N, P1] without reduction) of the distances and normals from x to y."""
    nearest = knn_points(x, y, lengths1=x_lengths, lengths2=y_lengths, norm=norm, K=1)
    losses = [nearest.dists[..., 0]]
    if x_normals is not None and y_normals is not None:
        near_normals = knn_gather(y_normals, nearest.idx, y_lengths)[..., 0, :]
        cosine = functional.cosine_similarity(x_normals, near_normals, dim=2, eps=1e-6)
        loss = 1 - (cosine.abs() if abs_cosine else cosine)
        losses.append(loss.masked_fill(~is_point(x_lengths, x.shape[1]), 0))
    if weights is not None:
        losses = [loss * weights.reshape(-1, 1) for loss in losses]
    losses = [_reduce_points(loss, x_lengths, point_reduction) for loss in losses]
    return losses[0], losses[1] if len(losses) > 1 else None


def _reduce_points(loss: torch.Tensor, lengths: torch.Tensor, reduction: Optional[str]) -> torch.Tensor:
    if reduction is None:
        return loss
    if reduction == "max":
        return loss.amax(1) if loss.shape[1] > 0 else loss.sum(1)
    return loss.sum(1) / lengths.clamp_min(1) if reduction == "mean" else loss.sum(1)


def _both(first: torch.Tensor, second: torch.Tensor, point_reduction: Optional[str]) -> Loss:
    if point_reduction is None:
        return first, second
    return torch.maximum(first, second) if point_reduction == "max" else first + second


def _reduce_clouds(loss: Optional[Loss], weights: Optional[torch.Tensor], reduction: Optional[str]) -> Optional[Loss]:
    if loss is None or reduction is None:
        return loss
    if reduction == "sum":
        return loss.sum()
    if weights is None:
        return loss.sum() / max(loss.shape[0], 1)
    total = weights.sum()
    return loss.sum() / torch.where(total == 0, 1.0, total)
