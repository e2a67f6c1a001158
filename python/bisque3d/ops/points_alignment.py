"""Rigid and similarity transforms between point clouds."""

import warnings
from typing import List, NamedTuple, Optional, Union

import torch

from .._ops import ops
from ..structures import utils as struct_utils
from .knn import knn_points
from .utils import convert_pointclouds_to_tensor, eyes, is_point, is_pointclouds, wmean

Points = Union[torch.Tensor, "Pointclouds"]  # noqa: F821


class SimilarityTransform(NamedTuple):
    """s x R + T for row vectors x."""

    R: torch.Tensor
    T: torch.Tensor
    s: torch.Tensor


class ICPSolution(NamedTuple):
    """What iterative_closest_point returns."""

    converged: bool
    rmse: Optional[torch.Tensor]
    Xt: Points
    RTs: SimilarityTransform
    t_history: List[SimilarityTransform]


def iterative_closest_point(
    X: Points,
    Y: Points,
    init_transform: Optional[SimilarityTransform] = None,
    max_iterations: int = 100,
    relative_rmse_thr: float = 1e-6,
    estimate_scale: bool = False,
    allow_reflection: bool = False,
    verbose: bool = False,
) -> ICPSolution:
    """Aligns clouds X [N, P1, D] to Y [N, P2, D], tensors or Pointclouds: in turns, finds the nearest point in Y of each point of the moved X, and
    the transform of X to these, until the rmse of every cloud falls by no more than the share `relative_rmse_thr`. The result is a local
    optimum.

    Returns ICPSolution(converged, rmse [N], Xt: X after the transform, in the form of X, RTs, t_history: the transform after each
    iteration). Differentiable as far as nearest points do not change. ValueError: sizes that do not match, another init_transform."""
    x, num_x = convert_pointclouds_to_tensor(X)
    y, num_y = convert_pointclouds_to_tensor(Y)
    if x.shape[2] != y.shape[2] or x.shape[0] != y.shape[0]:
        raise ValueError("Point sets X and Y have to have the same number of batches and data dimensions.")
    N, P, D = x.shape
    within = is_point(num_x, P)
    weights = (within & (num_y > 0)[:, None]).to(x.dtype)
    transform = SimilarityTransform(eyes(D, N, x.device, x.dtype), x.new_zeros((N, D)), x.new_ones(N))
    if init_transform is not None:
        transform = _checked_transform(init_transform, N, D)
    moved = _apply_similarity_transform(x, *transform)
    rmse, converged, history = None, False, []
    for iteration in range(max_iterations):
        nearest = knn_points(moved, y, lengths1=num_x, lengths2=num_y, K=1, return_nn=True).knn[:, :, 0]
        transform = _align(x, nearest, weights, within, estimate_scale, allow_reflection, 1e-9)
        moved = _apply_similarity_transform(x, *transform)
        history.append(transform)
        before = rmse
        squares = (moved - nearest).square().sum(2, keepdim=True)
        rmse = wmean(squares, weights).sqrt()[:, 0, 0]
        if verbose:
            print(f"ICP iteration {iteration}: mean/max rmse = {rmse.mean():1.2e}/{rmse.max():1.2e}")
        if before is not None and (before - rmse <= relative_rmse_thr * before).all():
            converged = True
            break
    if verbose:
        print(f"ICP has{'' if converged else ' not'} converged in {len(history)} iterations.")
    if is_pointclouds(X):
        moved = X.update_padded(moved.masked_fill(~within[..., None], 0))
    return ICPSolution(converged, rmse, moved, transform, history)


def _checked_transform(given: SimilarityTransform, N: int, D: int) -> SimilarityTransform:
    try:
        R, T, s = given
        fits = tuple(R.shape) == (N, D, D) and tuple(T.shape) == (N, D) and tuple(s.shape) == (N,)
    except (TypeError, ValueError, AttributeError):
        fits = False
    if not fits:
        raise ValueError(
            "The initial transformation init_transform has to be a named tuple SimilarityTransform with elements (R, T, s), "
            f"expected R {[N, D, D]}, T {[N, D]} and s {[N]}."
        )
    return SimilarityTransform(R, T, s)


# Singular values of the cross-correlation up to this leave the rotation ambiguous.
AMBIGUOUS_ROT_SINGULAR_THR = 1e-15


def corresponding_points_alignment(
    X: Points,
    Y: Points,
    weights: Union[torch.Tensor, List[torch.Tensor], None] = None,
    estimate_scale: bool = False,
    allow_reflection: bool = False,
    eps: float = 1e-9,
) -> SimilarityTransform:
    """The transform with the least sum of weights * |s X R + T - Y|^2, of corresponding points X and Y [N, P, D], tensors or Pointclouds
    (Umeyama, Least-squares estimation of transformation parameters between two point patterns, 1991).

    `weights` are [N, P], or a list of tensors [P_n]. Without `estimate_scale` s is 1; `allow_reflection` permits an R of determinant -1.
    Returns SimilarityTransform(R [N, D, D], T [N, D], s [N]). Degenerate clouds, which leave the rotation open, warn, and give one
    of the possible rotations. Differentiable, also for degenerate and symmetric clouds. ValueError: sizes that do not match."""
    x, num_points = convert_pointclouds_to_tensor(X)
    y, num_points_y = convert_pointclouds_to_tensor(Y)
    # A tensor's clouds all have its size; the numbers of points of Pointclouds are values.
    has_lengths = (is_pointclouds(X) or is_pointclouds(Y)) and not torch.compiler.is_compiling()
    if x.shape != y.shape or (has_lengths and not torch.equal(num_points, num_points_y)):
        raise ValueError("Point sets X and Y have to have the same number of batches, points and dimensions.")
    if weights is not None:
        weights = _padded_weights(weights, num_points)
        if tuple(x.shape[:2]) != tuple(weights.shape):
            raise ValueError("weights should have the same first two dimensions as X.")
    within = is_point(num_points, x.shape[1])
    shares = within.to(x.dtype) if weights is None else within * weights.to(x.dtype)
    is_small = x.shape[1] <= x.shape[2] or bool(has_lengths and (num_points <= x.shape[2]).any())
    if is_small:
        warnings.warn(
            "The size of one of the point clouds is <= dim+1. corresponding_points_alignment cannot return a unique rotation.", stacklevel=2
        )
    may_warn = not is_small and not torch.compiler.is_compiling()
    return _align(x, y, shares, within, estimate_scale, allow_reflection, eps, may_warn)


def _padded_weights(weights: Union[torch.Tensor, List[torch.Tensor]], num_points: torch.Tensor) -> torch.Tensor:
    if not isinstance(weights, list):
        return weights
    if any(count != len(items) for count, items in zip(num_points.tolist(), weights)):
        raise ValueError("number of weights should equal to the number of points in the point cloud.")
    return struct_utils.list_to_padded([items[..., None] for items in weights])[..., 0]


def _align(
    X: torch.Tensor,
    Y: torch.Tensor,
    weights: torch.Tensor,
    within: torch.Tensor,
    estimate_scale: bool,
    allow_reflection: bool,
    eps: float,
    may_warn: bool = False,
) -> SimilarityTransform:
    X, Y = (points.masked_fill(~within[..., None], 0) for points in (X, Y))  # beyond a cloud may be any value
    x_mean, y_mean = wmean(X, weights, eps=eps), wmean(Y, weights, eps=eps)
    x, y = X - x_mean, Y - y_mean
    weighted = x * weights[..., None]
    total = weights.sum(1).clamp_min(eps)
    covariance = weighted.transpose(1, 2) @ y / total[:, None, None]
    if may_warn and (torch.linalg.svdvals(covariance.detach()) <= AMBIGUOUS_ROT_SINGULAR_THR).any():
        warnings.warn(
            "Excessively low rank of cross-correlation between aligned point clouds. "
            "corresponding_points_alignment cannot return a unique rotation.",
            stacklevel=3,
        )
    R = ops.nearest_rotation(covariance, allow_reflection)
    s = X.new_ones(len(X))
    if estimate_scale:
        variance = (weighted * x).sum((1, 2)) / total
        s = (R * covariance).sum((1, 2)) / variance.clamp_min(eps)
    T = y_mean[:, 0] - s[:, None] * (x_mean @ R)[:, 0]
    return SimilarityTransform(R, T, s)


def _apply_similarity_transform(X: torch.Tensor, R: torch.Tensor, T: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
    """s X R + T of points [N, P, D]."""
    return s[:, None, None] * (X @ R) + T[:, None]
