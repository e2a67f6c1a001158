"""Rotations as matrices, quaternions (the real part first), axis and angle, Euler angles and 6 numbers.

Matrices R rotate column vectors, R v, so that row vectors are rotated by v R^T. All tensors have any leading sizes.
"""

from typing import List, Optional

import torch

from .._ops import ops
from ..common.datatypes import Device
from ._smooth import axis_angle_factor, cos_half, safe_sqrt, sin_half_over_angle, square_sum, unit_vectors


def _by_op(op, tensor: torch.Tensor, sizes: tuple) -> torch.Tensor:
    """`op` of [batch, C], reshaped to any leading sizes."""
    if tensor.dtype not in (torch.float32, torch.float64):
        return _by_op(op, tensor.float(), sizes).to(tensor.dtype)
    return op(tensor.reshape(-1, tensor.shape[-1])).reshape(tensor.shape[:-1] + sizes)


def quaternion_to_matrix(quaternions: torch.Tensor) -> torch.Tensor:
    """Matrices [..., 3, 3] of quaternions [..., 4] of any length; zero gives the identity."""
    return _by_op(ops.quaternion_to_matrix, quaternions, (3, 3))


def axis_angle_to_matrix(axis_angle: torch.Tensor, fast: bool = False) -> torch.Tensor:
    """Matrices [..., 3, 3] of vectors [..., 3] along the axis, with the angle as length; exact for any angle. `fast` has no effect."""
    return _by_op(ops.axis_angle_to_matrix, axis_angle, (3, 3))


def rotation_6d_to_matrix(d6: torch.Tensor) -> torch.Tensor:
    """Matrices [..., 3, 3] whose first two rows are those of [..., 6], made orthonormal (Zhou et al., On the Continuity of Rotation
    Representations in Neural Networks, 2019)."""
    return _by_op(ops.rotation_6d_to_matrix, d6, (3, 3))


def matrix_to_rotation_6d(matrix: torch.Tensor) -> torch.Tensor:
    """The first two rows [..., 6] of matrices [..., 3, 3]."""
    return matrix[..., :2, :].clone().reshape(matrix.shape[:-2] + (6,))


def _check_matrix(matrix: torch.Tensor) -> None:
    if matrix.dim() < 2 or matrix.size(-1) != 3 or matrix.size(-2) != 3:
        raise ValueError(f"Invalid rotation matrix shape {matrix.shape}.")


def _copysign(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """`a` with the signs of `b`, where zero is positive."""
    return torch.where((a < 0) != (b < 0), -a, a)


def _sqrt_positive_part(x: torch.Tensor) -> torch.Tensor:
    """sqrt(max(0, x)), with gradient zero where x is not positive."""
    return safe_sqrt(x)


# The matrix 4 q q^T is linear in the elements of R. Its diagonal sums to 4, so that its largest element is 1 or more: the row of that,
# divided by twice its root, is q or -q.
def matrix_to_quaternion(matrix: torch.Tensor) -> torch.Tensor:
    """Quaternions [..., 4] of matrices [..., 3, 3], with a real part that is not negative. ValueError: another shape."""
    _check_matrix(matrix)
    m = matrix.flatten(-2).unbind(-1)
    wx, wy, wz = m[7] - m[5], m[2] - m[6], m[3] - m[1]
    xy, yz, zx = m[1] + m[3], m[5] + m[7], m[6] + m[2]
    diagonal = torch.stack(
        [1 + m[0] + m[4] + m[8], 1 + m[0] - m[4] - m[8], 1 - m[0] + m[4] - m[8], 1 - m[0] - m[4] + m[8]], -1
    )
    ww, xx, yy, zz = diagonal.unbind(-1)
    rows = torch.stack([ww, wx, wy, wz, wx, xx, xy, zx, wy, xy, yy, yz, wz, zx, yz, zz], -1).unflatten(-1, (4, 4))
    largest = diagonal.argmax(-1, keepdim=True)
    row = rows.gather(-2, largest[..., None].expand(matrix.shape[:-2] + (1, 4))).squeeze(-2)
    return standardize_quaternion(row / (2 * diagonal.gather(-1, largest).sqrt()))


def axis_angle_to_quaternion(axis_angle: torch.Tensor) -> torch.Tensor:
    """Quaternions [..., 4] of vectors [..., 3] along the axis, with the angle as length."""
    squares = square_sum(axis_angle)
    return torch.cat([cos_half(squares), sin_half_over_angle(squares) * axis_angle], -1)


def quaternion_to_axis_angle(quaternions: torch.Tensor) -> torch.Tensor:
    """Vectors [..., 3] along the axis, with the angle as length, of quaternions [..., 4] of any length."""
    w, v = quaternions[..., :1], quaternions[..., 1:]
    return axis_angle_factor(square_sum(v), w) * v


def matrix_to_axis_angle(matrix: torch.Tensor, fast: bool = False) -> torch.Tensor:
    """Vectors [..., 3] along the axis, with the angle in [0, pi] as length, of matrices [..., 3, 3]; exact for any angle. `fast` has no
    effect. ValueError: another shape."""
    return quaternion_to_axis_angle(matrix_to_quaternion(matrix))


# The functions of Euler angles compile with torch.jit.script.


def _index_from_letter(letter: str) -> int:
    index = "XYZ".find(letter)
    if len(letter) != 1 or index < 0:
        raise ValueError("letter must be either X, Y or Z.")
    return index


def _axis_angle_rotation(axis: str, angle: torch.Tensor) -> torch.Tensor:
    """Matrices [..., 3, 3] of rotations about the axis X, Y or Z by angles [...]."""
    i = _index_from_letter(axis)
    sin, cos = angle.sin(), angle.cos()
    one, zero = torch.ones_like(angle), torch.zeros_like(angle)
    around_x = torch.stack([one, zero, zero, zero, cos, -sin, zero, sin, cos], -1).reshape(angle.shape + (3, 3))
    return around_x.roll((i, i), (-2, -1))


def _axes(convention: str) -> List[int]:
    if len(convention) != 3:
        raise ValueError("Convention must have 3 letters.")
    if convention[1] in (convention[0], convention[2]):
        raise ValueError(f"Invalid convention {convention}.")
    for letter in convention:
        if letter not in ("X", "Y", "Z"):
            raise ValueError(f"Invalid letter {letter} in convention string.")
    return ["XYZ".find(letter) for letter in convention]


def euler_angles_to_matrix(euler_angles: torch.Tensor, convention: str) -> torch.Tensor:
    """Matrices [..., 3, 3], the product of three rotations about the axes of the convention, such as "XYZ", by angles [..., 3] in radians.
    ValueError: another shape, a convention that is not three letters of which neighbours differ."""
    if euler_angles.dim() == 0 or euler_angles.shape[-1] != 3:
        raise ValueError("Invalid input euler angles.")
    _axes(convention)
    matrices = [_axis_angle_rotation(axis, angle) for axis, angle in zip(convention, torch.unbind(euler_angles, -1))]
    return matrices[0] @ matrices[1] @ matrices[2]


# R = R_i(a) R_j(b) R_k(c). Row i of R gives c and b. With c known, column j of R R_k(-c) = R_i(a) R_j(b) gives a, also where b hides
# which part of the rotation is a and which is c.
def matrix_to_euler_angles(matrix: torch.Tensor, convention: str) -> torch.Tensor:
    """Angles [..., 3] in radians of matrices [..., 3, 3]: the inverse of euler_angles_to_matrix. In gimbal lock the third angle is 0.
    ValueError: another shape, a convention that is not three letters of which neighbours differ."""
    i, j, k = _axes(convention)
    _check_matrix(matrix)
    sign = 1.0 if (i + 1) % 3 == j else -1.0
    third_sign = 1.0 if (k + 1) % 3 == j else -1.0
    other_first, other_third = 3 - i - j, 3 - k - j
    is_proper = i == k

    # Row i holds the sine and cosine of c, times |cos b|, or times |sin b| for proper angles.
    sine = matrix[..., i, j] if is_proper else third_sign * matrix[..., i, j]
    cosine = sign * matrix[..., i, other_third] if is_proper else matrix[..., i, i]
    squares = sine.square() + cosine.square()
    tiny = (16 * (2.0**-52 if matrix.dtype == torch.float64 else 2.0**-23)) ** 2
    length = safe_sqrt(squares, tiny)
    is_locked = squares <= tiny
    third = torch.atan2(torch.where(is_locked, 0.0, sine), torch.where(is_locked, 1.0, cosine))
    second = torch.atan2(length, matrix[..., i, i]) if is_proper else torch.atan2(sign * matrix[..., i, k], length)

    cos_third, sin_third = third.cos()[..., None], third_sign * third.sin()[..., None]
    turned_back = cos_third * matrix[..., j] - sin_third * matrix[..., other_third]  # column j
    first = torch.atan2(sign * turned_back[..., other_first], turned_back[..., j])
    return torch.stack([first, second, third], -1)


def random_quaternions(n: int, dtype: Optional[torch.dtype] = None, device: Optional[Device] = None) -> torch.Tensor:
    """Unit quaternions [n, 4] of evenly distributed rotations, with a real part that is not negative."""
    return standardize_quaternion(unit_vectors(torch.randn((n, 4), dtype=dtype, device=device)))


def random_rotations(n: int, dtype: Optional[torch.dtype] = None, device: Optional[Device] = None) -> torch.Tensor:
    """Matrices [n, 3, 3] of evenly distributed rotations."""
    return quaternion_to_matrix(random_quaternions(n, dtype=dtype, device=device))


def random_rotation(dtype: Optional[torch.dtype] = None, device: Optional[Device] = None) -> torch.Tensor:
    """The matrix [3, 3] of one of evenly distributed rotations."""
    return random_rotations(1, dtype, device)[0]


def standardize_quaternion(quaternions: torch.Tensor) -> torch.Tensor:
    """The same rotations as quaternions [..., 4] with a real part that is not negative."""
    return torch.where(quaternions[..., 0:1] < 0, -quaternions, quaternions)


def quaternion_raw_multiply(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The products of quaternions [..., 4]."""
    aw, ax, ay, az = a.unbind(-1)
    bw, bx, by, bz = b.unbind(-1)
    return torch.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + bw * ax + ay * bz - az * by,
            aw * by + bw * ay + az * bx - ax * bz,
            aw * bz + bw * az + ax * by - ay * bx,
        ],
        -1,
    )


def quaternion_multiply(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The products of quaternions [..., 4], with a real part that is not negative: the rotation b, then a."""
    return standardize_quaternion(quaternion_raw_multiply(a, b))


def quaternion_invert(quaternion: torch.Tensor) -> torch.Tensor:
    """The inverse rotations of unit quaternions [..., 4]."""
    return torch.cat([quaternion[..., :1], -quaternion[..., 1:]], -1)


def quaternion_apply(quaternion: torch.Tensor, point: torch.Tensor) -> torch.Tensor:
    """Points [..., 3] rotated by unit quaternions [..., 4]. ValueError: points that are not 3D."""
    if point.size(-1) != 3:
        raise ValueError(f"Points are not in 3D, {tuple(point.shape)}.")
    as_quaternion = torch.nn.functional.pad(point, (1, 0))
    return quaternion_raw_multiply(quaternion_raw_multiply(quaternion, as_quaternion), quaternion_invert(quaternion))[..., 1:]
