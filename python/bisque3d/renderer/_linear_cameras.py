"""Cameras whose projection is a matrix: those of a field of view, and those of a focal length."""

import math
from typing import Any, Dict, Optional, Sequence, Tuple, Union

import torch

from ..common.datatypes import Device
from ..transforms import Transform3d
from ._camera_base import _R, _T, BatchFloat, CamerasBase, ImageSize, half_sides, matrices_of, matrix_transform, nearest_plane, remember_nearest_plane
from .utils import common_float_dtype

FocalLength = Union[float, Sequence[Tuple[float]], Sequence[Tuple[float, float]], torch.Tensor]


class _LinearCameras(CamerasBase):
    """The parameter K [N, 4, 4], if it is given, replaces the matrix that others make."""

    def _calibration_matrix(self, overrides: Dict[str, Any]) -> torch.Tensor:
        """[N, 4, 4] for row vectors."""
        raise NotImplementedError()

    def get_projection_transform(self, **kwargs) -> Transform3d:
        K = kwargs.get("K", self.K)
        if K is None:
            return matrix_transform(self._calibration_matrix(kwargs))
        if K.shape != (self._N, 4, 4):
            raise ValueError(f"Expected K to have shape of ({self._N}, 4, 4); got {tuple(K.shape)}.")
        return matrix_transform(K.transpose(1, 2).to(self._float_dtype(kwargs)))

    def _tensors(self, values: Sequence, dtype: torch.dtype) -> Sequence[torch.Tensor]:
        return [torch.as_tensor(value, device=self.device).to(dtype) for value in values]

    def _unproject(self, xy_depth: torch.Tensor, projection: Transform3d, scaled_depth: bool, world_coordinates: bool, overrides) -> torch.Tensor:
        """Solves the projection for x and y at the depth z of view space, or at a depth that is projected too."""
        matrix = projection.get_matrix().to(xy_depth.dtype)

        def k(row: int, column: int) -> torch.Tensor:  # of the matrix for column vectors
            return matrix[:, column, row, None]

        x, y, depth = (xy_depth[None] if xy_depth.dim() == 2 else xy_depth).unbind(-1)
        z = (k(2, 3) - depth * k(3, 3)) / (depth * k(3, 2) - k(2, 2)) if scaled_depth else depth
        w = k(3, 2) * z + k(3, 3)
        x, y = x * w - (k(0, 2) * z + k(0, 3)), y * w - (k(1, 2) * z + k(1, 3))
        determinant = k(0, 0) * k(1, 1) - k(0, 1) * k(1, 0)
        view_x, view_y = (k(1, 1) * x - k(0, 1) * y) / determinant, (k(0, 0) * y - k(1, 0) * x) / determinant
        points = torch.stack(torch.broadcast_tensors(view_x, view_y, z), -1)
        if world_coordinates:
            points = self.get_world_to_view_transform(**overrides).inverse().transform_points(points)
        return points[0] if xy_depth.dim() == 2 and points.shape[0] == 1 else points


class _FoVCameras(_LinearCameras):
    """Cameras with planes znear and zfar, between which depths are projected to [0, 1]."""

    _PARAMETERS: Tuple[str, ...]  # the arguments of compute_projection_matrix

    def __init__(self, znear: BatchFloat, **kwargs) -> None:
        super().__init__(znear=znear, **kwargs)
        if isinstance(znear, (int, float)):
            remember_nearest_plane(self, float(znear))
        elif self.device.type != "meta" and not torch.compiler.is_compiling():
            nearest_plane(self)

    def in_ndc(self) -> bool:
        return True

    def _calibration_matrix(self, overrides: Dict[str, Any]) -> torch.Tensor:
        values = (overrides.get(name, getattr(self, name)) for name in self._PARAMETERS)
        return self.compute_projection_matrix(*values).transpose(1, 2)

    def unproject_points(
        self, xy_depth: torch.Tensor, world_coordinates: bool = True, scaled_depth_input: bool = False, **kwargs
    ) -> torch.Tensor:
        """World points, or view points, of points (x, y in NDC, depth) [P, 3] or [N, P, 3].

        The depth is that of view space, or with scaled_depth_input the projected one, from 0 to 1.
        """
        return self._unproject(xy_depth, self.get_projection_transform(**kwargs), scaled_depth_input, world_coordinates, kwargs)


class FoVPerspectiveCameras(_FoVCameras):
    """Perspective cameras with a vertical field of view `fov`. aspect_ratio is that of a pixel, width to height."""

    _FIELDS = ("K", "znear", "zfar", "aspect_ratio", "fov", "R", "T", "degrees")
    _SHARED_FIELDS = ("degrees",)
    _PARAMETERS = ("znear", "zfar", "fov", "aspect_ratio", "degrees")

    def __init__(
        self,
        znear: BatchFloat = 1.0,
        zfar: BatchFloat = 100.0,
        aspect_ratio: BatchFloat = 1.0,
        fov: BatchFloat = 60.0,
        degrees: bool = True,
        R: torch.Tensor = _R,
        T: torch.Tensor = _T,
        K: Optional[torch.Tensor] = None,
        device: Device = "cpu",
    ) -> None:
        super().__init__(device=device, znear=znear, zfar=zfar, aspect_ratio=aspect_ratio, fov=fov, R=R, T=T, K=K)
        self.degrees = degrees

    def is_perspective(self) -> bool:
        return True

    def compute_projection_matrix(self, znear, zfar, fov, aspect_ratio, degrees: bool) -> torch.Tensor:
        """K [N, 4, 4] for column vectors."""
        values = znear, zfar, fov, aspect_ratio
        dtype = self._float_dtype(dict(zip(self._PARAMETERS, values)))
        znear, zfar, fov, aspect_ratio = self._tensors(values, dtype)
        if degrees:
            fov = fov * (math.pi / 180)
        scale, range_scale = 1 / torch.tan(fov / 2), zfar / (zfar - znear)
        elements = [scale / aspect_ratio, 0.0, 0.0, 0.0, 0.0, scale, 0.0, 0.0, 0.0, 0.0, range_scale, -znear * range_scale, 0.0, 0.0, 1.0, 0.0]
        return matrices_of(elements, self._N, dtype, self.device).transpose(1, 2)


class FoVOrthographicCameras(_FoVCameras):
    """Orthographic cameras that see the box from (min_x, min_y, znear) to (max_x, max_y, zfar), scaled by scale_xyz [N, 3]."""

    _FIELDS = ("K", "znear", "zfar", "R", "T", "max_y", "min_y", "max_x", "min_x", "scale_xyz")
    _PARAMETERS = ("znear", "zfar", "max_x", "min_x", "max_y", "min_y", "scale_xyz")

    def __init__(
        self,
        znear: BatchFloat = 1.0,
        zfar: BatchFloat = 100.0,
        max_y: BatchFloat = 1.0,
        min_y: BatchFloat = -1.0,
        max_x: BatchFloat = 1.0,
        min_x: BatchFloat = -1.0,
        scale_xyz=((1.0, 1.0, 1.0),),
        R: torch.Tensor = _R,
        T: torch.Tensor = _T,
        K: Optional[torch.Tensor] = None,
        device: Device = "cpu",
    ) -> None:
        sides = dict(znear=znear, zfar=zfar, max_y=max_y, min_y=min_y, max_x=max_x, min_x=min_x, scale_xyz=scale_xyz)
        super().__init__(device=device, **sides, R=R, T=T, K=K)

    def is_perspective(self) -> bool:
        return False

    def compute_projection_matrix(self, znear, zfar, max_x, min_x, max_y, min_y, scale_xyz) -> torch.Tensor:
        """K [N, 4, 4] for column vectors."""
        values = znear, zfar, max_x, min_x, max_y, min_y, scale_xyz
        dtype = self._float_dtype(dict(zip(self._PARAMETERS, values)))
        znear, zfar, max_x, min_x, max_y, min_y, scale_xyz = self._tensors(values, dtype)
        width, height, depth = max_x - min_x, max_y - min_y, zfar - znear
        scale_x, scale_y, scale_z = scale_xyz.reshape(-1, 3).unbind(1)
        elements = [2 / width * scale_x, 0.0, 0.0, -(max_x + min_x) / width, 0.0, 2 / height * scale_y, 0.0, -(max_y + min_y) / height]
        elements += [0.0, 0.0, scale_z / depth, -znear / depth, 0.0, 0.0, 0.0, 1.0]
        return matrices_of(elements, self._N, dtype, self.device).transpose(1, 2)


class _FocalLengthCameras(_LinearCameras):
    """Cameras with a focal length [N], [N, 1] or [N, 2] and a principal point [N, 2], in NDC or, if in_ndc is false, in pixels.

    Those in pixels need image_size, (height, width) of the pictures [N, 2], to be converted to NDC.
    """

    _FIELDS = ("K", "R", "T", "focal_length", "principal_point", "_in_ndc", "image_size")
    _SHARED_FIELDS = ("_in_ndc",)
    _POINT_ROW: int  # the row of the matrix for row vectors that has the principal point

    def __init__(
        self,
        focal_length: FocalLength = 1.0,
        principal_point=((0.0, 0.0),),
        R: torch.Tensor = _R,
        T: torch.Tensor = _T,
        K: Optional[torch.Tensor] = None,
        device: Device = "cpu",
        in_ndc: bool = True,
        image_size: ImageSize = None,
    ) -> None:
        super().__init__(
            device=device, focal_length=focal_length, principal_point=principal_point, R=R, T=T, K=K, _in_ndc=in_ndc, image_size=image_size
        )
        if image_size is not None and (self.image_size < 1).any():
            raise ValueError("Image_size provided has invalid values")
        if self.focal_length.ndim == 1:
            self.focal_length = self.focal_length[:, None]
        self.focal_length = self.focal_length.expand(-1, 2)

    def in_ndc(self) -> bool:
        return self._in_ndc

    def unproject_points(self, xy_depth: torch.Tensor, world_coordinates: bool = True, from_ndc: bool = False, **kwargs) -> torch.Tensor:
        """World points, or view points, of points (x, y, depth in view space) [P, 3] or [N, P, 3].

        x and y are in the space of the cameras' parameters, or with from_ndc in NDC.
        """
        projection = self.get_projection_transform(**kwargs)
        if from_ndc:
            projection = projection.compose(self.get_ndc_camera_transform(**kwargs))
        return self._unproject(xy_depth, projection, False, world_coordinates, kwargs)

    def get_principal_point(self, **kwargs) -> torch.Tensor:
        """[N, 2]"""
        return self.get_projection_transform(**kwargs).get_matrix()[:, self._POINT_ROW, :2]

    def get_ndc_camera_transform(self, **kwargs) -> Transform3d:
        """The transform to NDC. The principal point is given from the upper left corner of the picture, +X right and +Y down, but points
        are projected with +X left and +Y up: they are moved by twice the point."""
        if self.in_ndc():
            return super().get_ndc_camera_transform(**kwargs)
        dtype = self._float_dtype(kwargs)
        (half_width, half_height), scale = half_sides(kwargs.get("image_size", self.get_image_size()), dtype, self.device)
        x, y = self.get_principal_point(**kwargs).unbind(1)
        shift_x, shift_y = (half_width - 2 * x) / scale, (half_height - 2 * y) / scale
        elements = [1 / scale, 0.0, 0.0, shift_x, 0.0, 1 / scale, 0.0, shift_y, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]
        return matrix_transform(matrices_of(elements, self._N, dtype, self.device))

    def _calibration_matrix(self, overrides: Dict[str, Any]) -> torch.Tensor:
        values = (overrides.get(name, getattr(self, name)) for name in ("focal_length", "principal_point"))
        focal, point = self._tensors(values, self._float_dtype(overrides))
        return _get_sfm_calibration_matrix(self._N, self.device, focal, point, not self.is_perspective()).transpose(1, 2)


class PerspectiveCameras(_FocalLengthCameras):
    """Perspective cameras with a focal length and a principal point."""

    _POINT_ROW = 2

    def is_perspective(self) -> bool:
        return True


class OrthographicCameras(_FocalLengthCameras):
    """Orthographic cameras with a scale, called focal_length as in PerspectiveCameras, and a principal point."""

    _POINT_ROW = 3

    def is_perspective(self) -> bool:
        return False


def _get_sfm_calibration_matrix(N: int, device: Device, focal_length, principal_point, orthographic: bool = False) -> torch.Tensor:
    """K [N, 4, 4] for column vectors, of a focal length (a number, [N], [N, 1] or [N, 2]) and a principal point [N, 2]."""
    focal, point = (torch.as_tensor(value, device=device) for value in (focal_length, principal_point))
    dtype = common_float_dtype(focal, point)
    fx, fy = (focal.reshape(-1, 1) if focal.ndim < 2 else focal).expand(-1, 2).unbind(1)
    px, py = point.reshape(-1, 2).unbind(1)
    if orthographic:
        elements = [fx, 0.0, 0.0, px, 0.0, fy, 0.0, py, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    else:
        elements = [fx, 0.0, px, 0.0, 0.0, fy, py, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]
    return matrices_of(elements, N, dtype, device).transpose(1, 2)
