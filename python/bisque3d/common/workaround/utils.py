"""Determinants without a decomposition."""

import torch


def _safe_det_3x3(t: torch.Tensor) -> torch.Tensor:
    """The determinants [N] of matrices [N, 3, 3], as triple products."""
    return (torch.linalg.cross(t[..., 0, :], t[..., 1, :]) * t[..., 2, :]).sum(-1)
