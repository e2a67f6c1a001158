"""Batches of 4x4 matrices that transform points and normals, which are row vectors: [x, y, z, 1] M."""

import math
import os
import warnings
from typing import List, Optional, Union

import torch

from ..common._precision import full_precision
from ..common.datatypes import Device, get_device, make_device
from ..common.workaround import _safe_det_3x3
from .rotation_conversions import _axis_angle_rotation
from .se3 import se3_log_map


class Transform3d:
    """N transforms of points and normals. `t.compose(a, b)` is `t` first, then `a`, then `b`; translate(), scale(), rotate() and
    rotate_axis_angle() append one. A batch of one broadcasts against a batch of N. The translation is the last row of a matrix, and a rotation
    that rotates column vectors by R has R^T in the first three rows. Differentiable by what the matrices are made of."""

    def __init__(
        self, dtype: torch.dtype = torch.float32, device: Device = "cpu", matrix: Optional[torch.Tensor] = None
    ) -> None:
        """The identity of a dtype and device, or `matrix` [4, 4] or [N, 4, 4] with its own. ValueError: another shape."""
        if matrix is None:
            matrix = torch.eye(4, dtype=dtype, device=device)
        elif matrix.ndim not in (2, 3):
            raise ValueError('"matrix" has to be a 2- or a 3-dimensional tensor.')
        elif tuple(matrix.shape[-2:]) != (4, 4):
            raise ValueError('"matrix" has to be a tensor of shape (minibatch, 4, 4) or (4, 4).')
        self._matrix = matrix.reshape(-1, 4, 4)
        self._transforms: List[Transform3d] = []  # what follows
        self._lu = None
        self.device = make_device(matrix.device)
        self.dtype = matrix.dtype

    def __len__(self) -> int:
        return max([self._matrix.shape[0], *(len(transform) for transform in self._transforms)])

    def __getitem__(self, index: Union[int, List[int], slice, torch.Tensor]) -> "Transform3d":
        """The transforms of an int, slice, list, mask or tensor of ints, without copies."""
        chosen = self.get_matrix()[[index] if isinstance(index, int) else index]
        return self._with(chosen, [])

    def _with(self, matrix: torch.Tensor, transforms: List["Transform3d"]) -> "Transform3d":
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._matrix, other._transforms = matrix, transforms
        other.device, other.dtype = matrix.device, matrix.dtype
        return other

    def _base(self, matrix: torch.Tensor, transforms: List["Transform3d"]) -> "Transform3d":
        """A Transform3d, which is no Translate, Scale or Rotate."""
        other = Transform3d(matrix=matrix)
        other._transforms = transforms
        return other

    def compose(self, *others: "Transform3d") -> "Transform3d":
        """This transform, then the others in order. ValueError: another type."""
        for other in others:
            if not isinstance(other, Transform3d):
                raise ValueError(f"Only possible to compose Transform3d objects; got {type(other)}")
        if self._transforms or type(self) is Transform3d:
            return self._base(self._matrix.clone(), self._transforms + list(others))
        identity = torch.eye(4, dtype=self.dtype, device=self.device)[None]
        return self._base(identity, [self, *others])  # so that its own inverse is used

    def get_matrix(self) -> torch.Tensor:
        """[N, 4, 4]: the product of all."""
        matrix = self._matrix.clone()
        for other in self._transforms:
            matrix = _broadcast_bmm(matrix, other.get_matrix())
        return matrix

    def get_se3_log(self, eps: float = 1e-4, cos_bound: float = 1e-4) -> torch.Tensor:
        """[N, 6]: se3_log_map of the matrices. ValueError: a transform that is not rigid."""
        return se3_log_map(self.get_matrix(), eps, cos_bound)

    def _get_matrix_inverse(self) -> torch.Tensor:
        return torch.inverse(self._matrix)

    def inverse(self, invert_composed: bool = False) -> "Transform3d":
        """The inverse transform: of each part, in reverse order, or of the product of all if `invert_composed`."""
        if invert_composed:
            return self._base(torch.inverse(self.get_matrix()), [])
        own = self._base(self._get_matrix_inverse(), [])
        if not self._transforms:
            return own
        parts = [transform.inverse() for transform in reversed(self._transforms)]
        return self._base(torch.eye(4, dtype=self.dtype, device=self.device), [*parts, own])

    def stack(self, *others: "Transform3d") -> "Transform3d":
        """The transforms of all in one batch."""
        return self._base(torch.cat([transform.get_matrix() for transform in (self, *others)], dim=0), [])

    def transform_points(self, points: torch.Tensor, eps: Optional[float] = None) -> torch.Tensor:
        """Points [P, 3] or [N, P, 3], divided by their last coordinate, which is kept `eps` away from zero if that is given. Points [P, 3] stay
        so unless there are several transforms. ValueError: another number of dimensions, batches that differ."""
        if points.dim() not in (2, 3):
            raise ValueError(f"Expected points to have dim = 2 or dim = 3: got shape {tuple(points.shape)}")
        ones = points.new_ones(points.shape[:-1] + (1,))
        moved = _broadcast_bmm(torch.cat([points, ones], dim=-1), self.get_matrix())
        w = moved[..., 3:]
        if eps is not None:
            w = torch.where(w < 0, -1.0, 1.0).to(w) * w.abs().clamp_min(eps)
        moved = moved[..., :3] / w
        return moved.reshape(points.shape) if points.dim() == 2 and moved.shape[0] == 1 else moved

    def transform_normals(self, normals: torch.Tensor) -> torch.Tensor:
        """Normals [P, 3] or [N, P, 3] of surfaces that are transformed; their length changes. ValueError: as transform_points."""
        if normals.dim() not in (2, 3):
            raise ValueError(f"Expected normals to have dim = 2 or dim = 3: got shape {tuple(normals.shape)}")
        linear = self.get_matrix()[:, :3, :3]
        moved = _broadcast_bmm(normals, torch.inverse(linear.transpose(1, 2)))
        return moved.reshape(normals.shape) if normals.dim() == 2 and moved.shape[0] == 1 else moved

    def translate(self, *args, **kwargs) -> "Transform3d":
        """Then Translate(...)."""
        return self.compose(Translate(*args, device=self.device, dtype=self.dtype, **kwargs))

    def scale(self, *args, **kwargs) -> "Transform3d":
        """Then Scale(...)."""
        return self.compose(Scale(*args, device=self.device, dtype=self.dtype, **kwargs))

    def rotate(self, *args, **kwargs) -> "Transform3d":
        """Then Rotate(...)."""
        return self.compose(Rotate(*args, device=self.device, dtype=self.dtype, **kwargs))

    def rotate_axis_angle(self, *args, **kwargs) -> "Transform3d":
        """Then RotateAxisAngle(...)."""
        return self.compose(RotateAxisAngle(*args, device=self.device, dtype=self.dtype, **kwargs))

    def clone(self) -> "Transform3d":
        """A copy of all tensors, to which gradients flow."""
        return self._with(self._matrix.clone(), [transform.clone() for transform in self._transforms])

    def to(self, device: Device, copy: bool = False, dtype: Optional[torch.dtype] = None) -> "Transform3d":
        """On another device, of another dtype; itself if both are the same, unless `copy`."""
        device = make_device(device)
        dtype = self.dtype if dtype is None else dtype
        if self.device == device and self.dtype == dtype:
            return self.clone() if copy else self
        transforms = [transform.to(device, copy=copy, dtype=dtype) for transform in self._transforms]
        return self._with(self._matrix.to(device=device, dtype=dtype), transforms)

    def cpu(self) -> "Transform3d":
        """On the CPU; itself if it is there already."""
        return self.to("cpu")

    def cuda(self) -> "Transform3d":
        """On the current GPU; itself if it is there already."""
        return self.to("cuda")


def _affine(linear: torch.Tensor, translation: torch.Tensor) -> torch.Tensor:
    """[N, 4, 4] with these first three rows and columns [N, 3, 3] and this last row [N, 3]."""
    rows = torch.cat([linear, translation[:, None]], 1)
    column = torch.eye(4, dtype=rows.dtype, device=rows.device)[:, 3:]
    return torch.cat([rows, column.expand(len(rows), 4, 1)], 2)


class Translate(Transform3d):
    """Moves points."""

    def __init__(self, x, y=None, z=None, dtype: torch.dtype = torch.float32, device: Optional[Device] = None) -> None:
        """`x` is a tensor [N, 3], or x, y and z are numbers or tensors [N], which are broadcast. ValueError: other shapes."""
        xyz = _handle_input(x, y, z, dtype, device, "Translate")
        eye = torch.eye(3, dtype=dtype, device=xyz.device)
        super().__init__(matrix=_affine(eye.expand(len(xyz), 3, 3), xyz))

    def _get_matrix_inverse(self) -> torch.Tensor:
        return _affine(self._matrix[:, :3, :3], -self._matrix[:, 3, :3])


class Scale(Transform3d):
    """Multiplies coordinates."""

    def __init__(self, x, y=None, z=None, dtype: torch.dtype = torch.float32, device: Optional[Device] = None) -> None:
        """`x` alone is a number or a tensor [N] for all axes, or a tensor [N, 3]; or x, y and z are numbers or tensors [N], which are broadcast.
        ValueError: other shapes."""
        xyz = _handle_input(x, y, z, dtype, device, "scale", allow_singleton=True)
        super().__init__(matrix=_affine(torch.diag_embed(xyz), torch.zeros_like(xyz)))

    def _get_matrix_inverse(self) -> torch.Tensor:
        return torch.diag_embed(1.0 / self._matrix.diagonal(0, 1, 2))


class Rotate(Transform3d):
    """Rotates points."""

    def __init__(
        self,
        R: torch.Tensor,
        dtype: torch.dtype = torch.float32,
        device: Optional[Device] = None,
        orthogonal_tol: float = 1e-5,
    ) -> None:
        """`R` [3, 3] or [N, 3, 3] multiplies row vectors: v R. A matrix that is no rotation warns if PYTORCH3D_CHECK_ROTATION_MATRICES is 1 in
        the environment. ValueError: another shape."""
        R = R[None] if R.dim() == 2 else R
        if R.dim() != 3 or tuple(R.shape[-2:]) != (3, 3):
            raise ValueError(f"R must have shape (3, 3) or (N, 3, 3); got {tuple(R.shape)}")
        R = R.to(device=get_device(R, device), dtype=dtype)
        if os.environ.get("PYTORCH3D_CHECK_ROTATION_MATRICES", "0") == "1":
            _check_valid_rotation_matrix(R, tol=orthogonal_tol)
        super().__init__(matrix=_affine(R, R.new_zeros((len(R), 3))))

    def _get_matrix_inverse(self) -> torch.Tensor:
        return self._matrix.permute(0, 2, 1).contiguous()


class RotateAxisAngle(Rotate):
    """Rotates points about an axis, counterclockwise."""

    def __init__(
        self,
        angle,
        axis: str = "X",
        degrees: bool = True,
        dtype: torch.dtype = torch.float32,
        device: Optional[Device] = None,
    ) -> None:
        """`angle` is a number or a tensor [N], in degrees unless `degrees` is False. ValueError: another axis than X, Y or Z, another shape."""
        if axis.upper() not in ("X", "Y", "Z"):
            raise ValueError(f"Expected axis to be one of ['X', 'Y', 'Z']; got {axis}")
        angle = _handle_angle_input(angle, dtype, device, "RotateAxisAngle")
        angle = angle / 180.0 * math.pi if degrees else angle
        super().__init__(_axis_angle_rotation(axis.upper(), angle).transpose(1, 2), dtype=dtype, device=angle.device)


def _handle_coord(c, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """A number or tensor as a tensor [1] or [N]."""
    if not torch.is_tensor(c):
        return torch.full((1,), c, dtype=dtype, device=device) if isinstance(c, (int, float)) else _handle_coord(torch.as_tensor(c), dtype, device)
    return c.reshape(1).to(device=device, dtype=dtype) if c.dim() == 0 else c.to(device=device, dtype=dtype)


def _handle_input(
    x, y, z, dtype: torch.dtype, device: Optional[Device], name: str, allow_singleton: bool = False
) -> torch.Tensor:
    """[N, 3] of a tensor [N, 3], or of numbers and tensors [N]; `allow_singleton`: x serves all axes if y and z are None."""
    device = get_device(x, device)
    if torch.is_tensor(x) and x.dim() == 2:
        if x.shape[1] != 3:
            raise ValueError(f"Expected tensor of shape (N, 3); got {tuple(x.shape)} (in {name})")
        if y is not None or z is not None:
            raise ValueError(f"Expected y and z to be None (in {name})")
        return x.to(device=device, dtype=dtype)
    if allow_singleton and y is None and z is None:
        y = z = x
    if y is None or z is None:
        raise ValueError(f"Expected x, y and z, or a tensor of shape (N, 3) (in {name})")
    xyz = [_handle_coord(c, dtype, device) for c in (x, y, z)]
    sizes = [c.shape[0] for c in xyz]
    if any(size not in (1, max(sizes)) for size in sizes):
        raise ValueError(f"Got non-broadcastable sizes {sizes} (in {name})")
    return torch.stack([c.expand(max(sizes)) for c in xyz], dim=1)


def _handle_angle_input(x, dtype: torch.dtype, device: Optional[Device], name: str) -> torch.Tensor:
    """A number or tensor as angles [1] or [N]."""
    if torch.is_tensor(x) and x.dim() > 1:
        raise ValueError(f"Expected tensor of shape (N,); got {tuple(x.shape)} (in {name})")
    return _handle_coord(x, dtype, get_device(x, device))


def _broadcast_bmm(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The products [N, P, K] of a [P, K] or [N or 1, P, K] and b [N or 1, K, K], in the dtype of `a`; half types are computed in float32."""
    a = a[None] if a.dim() == 2 else a
    if len(a) != len(b) and 1 not in (len(a), len(b)):
        raise ValueError(f"Expected batch dim for bmm to be equal or 1; got {tuple(a.shape)}, {tuple(b.shape)}")
    dtype = torch.promote_types(torch.promote_types(a.dtype, b.dtype), torch.float32)
    with full_precision(a.device):
        return torch.matmul(a.to(dtype), b.to(dtype)).to(a.dtype)


@torch.no_grad()
def _check_valid_rotation_matrix(R: torch.Tensor, tol: float = 1e-7) -> None:
    """Warns if a matrix of R [N, 3, 3] is no rotation."""
    eye = torch.eye(3, dtype=R.dtype, device=R.device).expand(len(R), 3, 3)
    is_orthogonal = torch.allclose(R.bmm(R.transpose(1, 2)), eye, atol=tol)
    det = _safe_det_3x3(R)
    if not (is_orthogonal and torch.allclose(det, torch.ones_like(det))):
        warnings.warn("R is not a valid rotation matrix", stacklevel=2)
