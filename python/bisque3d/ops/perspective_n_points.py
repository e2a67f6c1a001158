"""Camera poses from points in space and in the picture: the EPnP algorithm (Lepetit, Moreno-Noguer and Fua, EPnP: An accurate O(n) solution to
the PnP problem, 2009)."""

from typing import List, NamedTuple, Optional, Tuple

import torch

from ..common.workaround import symeig3x3
from .points_alignment import _align
from .utils import wmean

_TINY = 1e-30


class EpnpSolution(NamedTuple):
    """What efficient_pnp returns: x_cam [N, P, 3] are the points in the camera's frame of which the pose R [N, 3, 3], T [N, 3] was found, err_2d
    [N] the mean distance between projected points and y, err_3d [N] the mean squared distance between x R + T and x_cam."""

    x_cam: torch.Tensor
    R: torch.Tensor
    T: torch.Tensor
    err_2d: torch.Tensor
    err_3d: torch.Tensor


def efficient_pnp(
    x: torch.Tensor, y: torch.Tensor, weights: Optional[torch.Tensor] = None, skip_quadratic_eq: bool = False
) -> EpnpSolution:
    """The rotation and translation of a camera with y = Proj(x R + T), Proj([x, y, z]) = [x / z, y / z], in least squares, of points x [N, P, 3],
    at least 4 and not all in one plane, y [N, P, 2], and weights [N, P]. `skip_quadratic_eq` takes the eigenvector of the smallest eigenvalue
    alone, for 6 points or more.

    Computed in float64. Points in one plane or on a line give no NaN, but no good pose: look at err_2d. Differentiable for six points and
    more. ValueError: sizes that do not match, fewer points."""
    if x.dim() != 3 or x.shape[2] != 3 or x.shape[1] < 4:
        raise ValueError(f"efficient_pnp: expected x to be [N, P, 3] with at least 4 points, but got {list(x.shape)}.")
    if tuple(y.shape) != (*x.shape[:2], 2):
        raise ValueError(f"efficient_pnp: expected y to be [N, P, 2] with the N and P of x {list(x.shape)}, but got {list(y.shape)}.")
    points, picture = x.double(), y.double()
    shares = torch.ones_like(points[..., 0]) if weights is None else weights.double()
    if tuple(shares.shape) != tuple(x.shape[:2]):
        raise ValueError(f"efficient_pnp: expected weights to be {list(x.shape[:2])}, but got {list(shares.shape)}.")
    control, alphas = _define_control_points(points, shares)
    kernel = _null_space(picture, alphas, shares)
    candidates = [kernel[..., 0]]
    if not skip_quadratic_eq:
        candidates += [(kernel @ case[:, None, :, None]).squeeze(3) for case in _coefficients(kernel, control)]
    solutions = [_pose_of(c_cam, alphas, points, picture, shares) for c_cam in candidates]
    errors = torch.stack([solution.err_2d for solution in solutions]).nan_to_num(torch.inf, torch.inf, torch.inf)
    best, batch = errors.argmin(0), torch.arange(len(x), device=x.device)
    return EpnpSolution(*(torch.stack(column)[best, batch].to(x.dtype) for column in zip(*solutions)))


def _define_control_points(x: torch.Tensor, weights: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """Four control points [N, 4, 3]: the mean, and one along each principal axis, at the standard deviation. Each point is a sum of control
    points, weighted by its alphas [N, P, 4]."""
    mean = wmean(x, weights)
    centered = x - mean
    total = weights.sum(1).clamp_min(_TINY)[:, None, None]
    values, axes = symeig3x3((centered * weights[..., None]).transpose(1, 2) @ centered / total)
    # A direction in which the points have no extent gets a small one, so that the control points span space.
    deviations = values.maximum(values.amax(1, keepdim=True) * 1e-12).clamp_min(_TINY).sqrt()
    points = torch.cat([mean, mean + axes.transpose(1, 2) * deviations[..., None]], 1)
    along = centered @ axes / deviations[:, None]
    return points, torch.cat([1 - along.sum(2, keepdim=True), along], 2)


def _null_space(y: torch.Tensor, alphas: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """The four directions [N, 4, 3, 4] of control points in the camera's frame that reproject best, the best one first."""
    zeros = torch.zeros_like(alphas)
    u = torch.stack([alphas, zeros, -y[..., 0:1] * alphas], 3).flatten(2)
    v = torch.stack([zeros, alphas, -y[..., 1:2] * alphas], 3).flatten(2)
    rows = torch.cat([u, v], 1)  # [N, 2 P, 12]
    weighted = rows * torch.cat([weights, weights], 1)[..., None]
    return torch.linalg.eigh(weighted.transpose(1, 2) @ rows)[1][..., :4].reshape(-1, 4, 3, 4)


def _differences(points: torch.Tensor) -> torch.Tensor:
    """Of each pair of the four control points: [N, 4, ...] gives [N, 6, ...]."""
    return points[:, [0, 0, 0, 1, 1, 2]] - points[:, [1, 2, 3, 2, 3, 3]]


def _solve_products(directions: torch.Tensor, distances: torch.Tensor, columns: List[Tuple[int, int]]) -> torch.Tensor:
    """The squared distances of control points are linear in the products B_ij of the coefficients of the four directions. Of these, `columns` are
    solved for, pairs (i, j); the others count as zero. [N, columns]"""
    rows = [(directions[..., i] * directions[..., j]).sum(2) * (1 if i == j else 2) for i, j in columns]
    return (torch.linalg.pinv(torch.stack(rows, 2), rcond=1e-12) @ distances[..., None]).squeeze(2)


def _root(product: torch.Tensor) -> torch.Tensor:
    return product.abs().clamp_min(_TINY).sqrt()


def _sign(value: torch.Tensor) -> torch.Tensor:
    return torch.where(value < 0, -1.0, 1.0).to(value.dtype)


def _coefficients(kernel: torch.Tensor, control: torch.Tensor) -> List[torch.Tensor]:
    """Coefficients [N, 4] of the directions, for three guesses of which of them matter, the cases of the paper, and refined."""
    directions = _differences(kernel)
    distances = _differences(control).square().sum(2)
    zeros = torch.zeros_like(distances[:, 0])
    one = _solve_products(directions, distances, [(0, 0), (0, 1), (0, 2), (0, 3)])
    cases = [one * _sign(one[:, :1]) / _root(one[:, :1])]
    for has_third in (False, True):
        columns = [(0, 0), (0, 1), (1, 1)] + ([(0, 2), (1, 2)] if has_third else [])
        products = _solve_products(directions, distances, columns)
        b00, b01, b11 = products[:, 0], products[:, 1], products[:, 2]
        first = _root(b00) * _sign(b01)
        second = torch.where((b00 < 0) == (b11 < 0), _root(b11), zeros)
        third = products[:, 3] * _sign(b00) / first if has_third else zeros
        cases.append(torch.stack([first, second, third, zeros], 1))
    return cases + [_refined(case, directions, distances) for case in cases]


def _refined(coefficients: torch.Tensor, directions: torch.Tensor, distances: torch.Tensor) -> torch.Tensor:
    """Steps of Gauss and Newton towards coefficients [N, 4] of which the control points have the right distances."""
    identity = torch.eye(4, dtype=directions.dtype, device=directions.device)
    for _ in range(6):
        sides = directions @ coefficients[:, None, :, None]  # [N, 6, 3, 1]
        residuals = sides.square().sum((2, 3)) - distances
        slopes = 2 * (sides.transpose(2, 3) @ directions).squeeze(2)  # [N, 6, 4]
        normal = slopes.transpose(1, 2) @ slopes
        damping = normal.diagonal(0, 1, 2).sum(1)[:, None, None] * 1e-9 + _TINY
        step = torch.linalg.solve(normal + damping * identity, slopes.transpose(1, 2) @ residuals[..., None])
        coefficients = coefficients - step.squeeze(2)
    return coefficients


def _pose_of(
    control: torch.Tensor, alphas: torch.Tensor, x: torch.Tensor, y: torch.Tensor, weights: torch.Tensor
) -> EpnpSolution:
    """The pose of which the control points in the camera's frame are a multiple."""
    x_cam = alphas @ control
    x_cam = x_cam * _sign(wmean(x_cam[..., 2:], weights))  # in front of the camera
    # The scale of a direction is arbitrary: eps must not cut it.
    everywhere = torch.ones_like(weights, dtype=torch.bool)
    R, T, s = _align(x, x_cam, weights, everywhere, estimate_scale=True, allow_reflection=False, eps=_TINY)
    scale = s.clamp_min(_TINY)
    x_cam, T = x_cam / scale[:, None, None], T / scale[:, None]
    moved = x @ R + T[:, None]
    depth = moved[..., 2:]
    projected = moved[..., :2] / torch.where(depth == 0, _TINY, depth)
    err_2d = wmean((projected - y).norm(dim=2, keepdim=True), weights)[:, 0, 0]
    err_3d = wmean((moved - x_cam).square().sum(2, keepdim=True), weights)[:, 0, 0]
    return EpnpSolution(x_cam, R, T, err_2d, err_3d)
