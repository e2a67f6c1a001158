"""Cameras aligned to others."""

from typing import Tuple

import torch

from .._ops import ops
from .points_alignment import corresponding_points_alignment


def corresponding_cameras_alignment(
    cameras_src: "CamerasBase",  # noqa: F821
    cameras_tgt: "CamerasBase",  # noqa: F821
    estimate_scale: bool = True,
    mode: str = "extrinsics",
    eps: float = 1e-9,
) -> "CamerasBase":  # noqa: F821
    """A copy of N cameras in a world that is rotated, moved and, if `estimate_scale`, scaled, so that they agree with N target cameras as
    well as possible: their centres (`mode` "centers"), or rotations and translations ("extrinsics").
    ValueError: other numbers of cameras, another mode."""
    if cameras_src.R.shape[0] != cameras_tgt.R.shape[0]:
        raise ValueError("cameras_src and cameras_tgt have to contain the same number of cameras!")
    if mode == "centers":
        align = _align_camera_centers
    elif mode == "extrinsics":
        align = _align_camera_extrinsics
    else:
        raise ValueError("mode has to be one of (centers, extrinsics)")
    R, T, s = align(cameras_src, cameras_tgt, estimate_scale=estimate_scale, eps=eps)
    aligned = cameras_src.clone()
    aligned.R = R @ cameras_src.R
    aligned.T = (T[:, None] @ cameras_src.R)[:, 0] + cameras_src.T * s
    return aligned


def _align_camera_centers(
    cameras_src, cameras_tgt, estimate_scale: bool = True, eps: float = 1e-9
) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The inverse of the transform from centres to centres."""
    src, tgt = cameras_src.get_camera_center(), cameras_tgt.get_camera_center()
    R, T, s = corresponding_points_alignment(src[None], tgt[None], estimate_scale=estimate_scale, eps=eps)
    inverse = R.transpose(1, 2)
    return inverse, -(T[:, None] @ inverse)[:, 0], s[0]


def _align_camera_extrinsics(cameras_src, cameras_tgt, estimate_scale: bool = True, eps: float = 1e-9):
    """The rotation nearest to the mean of R' R^T, and the scale and offset that map T R^T to T' R^T."""
    R = ops.nearest_rotation((cameras_tgt.R @ cameras_src.R.transpose(1, 2)).mean(0, keepdim=True))
    A = (cameras_src.R @ cameras_src.T[:, :, None])[:, :, 0]
    B = (cameras_src.R @ cameras_tgt.T[:, :, None])[:, :, 0]
    A_mean, B_mean = A.mean(0, keepdim=True), B.mean(0, keepdim=True)
    s = torch.ones((), dtype=A.dtype, device=A.device)
    if estimate_scale and len(A) > 1:
        a, b = A - A_mean, B - B_mean
        s = (a * b).mean() / a.square().mean().clamp_min(eps)
    return R, B_mean - s * A_mean, s
