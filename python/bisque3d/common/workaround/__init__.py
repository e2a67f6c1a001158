"""Eigenvalues and determinants of 3x3 matrices."""

from .symeig3x3 import symeig3x3
from .utils import _safe_det_3x3

__all__ = ["symeig3x3"]
