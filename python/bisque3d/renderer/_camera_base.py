"""What all cameras have in common, and transforms between NDC and pixels."""

from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

import torch
import torch.nn.functional as F

from ..transforms import Transform3d
from .utils import TensorProperties, common_float_dtype

# The view of a camera at the origin.
_R = torch.eye(3)[None]  # [1, 3, 3]
_T = torch.zeros(1, 3)

BatchFloat = Union[float, Sequence[float], torch.Tensor]
ImageSize = Optional[Union[List, Tuple, torch.Tensor]]


def matrix_transform(matrix: torch.Tensor) -> Transform3d:
    return Transform3d(matrix=matrix, device=matrix.device)


def matrices_of(elements: Sequence, size: int, dtype: torch.dtype, device) -> torch.Tensor:
    """[N, 4, 4] for row vectors. The sixteen elements are those of matrices for column vectors, by rows: numbers, or tensors [N] or [1]."""
    constants = {number: torch.full((size,), number, dtype=dtype, device=device) for number in {e for e in elements if not torch.is_tensor(e)}}
    columns = [element.to(dtype) if torch.is_tensor(element) else constants[element] for element in elements]
    by_columns = [columns[4 * row + column] for column in range(4) for row in range(4)]
    return torch.stack(torch.broadcast_tensors(*by_columns), 1).view(-1, 4, 4)


class CamerasBase(TensorProperties):
    """N cameras. Keyword arguments of most methods replace parameters for that call; R and T also for later ones.

    Spaces: world; view (+X left, +Y up, +Z into the picture; view = world R + T, row vectors); NDC (+X left, +Y up, the shorter
    side of the picture spans [-1, 1]); screen (pixels, +X right, +Y down from the upper left corner). A class that derives from
    this one has get_projection_transform, or transform_points where its projection is no matrix, and unproject_points.
    """

    _FIELDS: Tuple[str, ...] = ()  # the parameters that indexing selects from and join_cameras_as_batch joins
    _SHARED_FIELDS: Tuple[str, ...] = ()  # those of them that all cameras of a batch share

    def get_projection_transform(self, **kwargs) -> Transform3d:
        """The transform from view space to NDC, or to the screen if in_ndc() is false."""
        raise NotImplementedError()

    def unproject_points(self, xy_depth: torch.Tensor, **kwargs) -> torch.Tensor:
        """World points, or view points, of points (x, y, depth) in the space that transform_points returns."""
        raise NotImplementedError()

    def is_perspective(self) -> bool:
        raise NotImplementedError()

    def in_ndc(self) -> bool:
        """Whether the parameters are in NDC; else they are in pixels."""
        raise NotImplementedError()

    def get_znear(self):
        return getattr(self, "znear", None)

    def get_image_size(self):
        """(height, width) of the pictures [N, 2]; None if it was not given."""
        return getattr(self, "image_size", None)

    def get_camera_center(self, **kwargs) -> torch.Tensor:
        """The positions of the cameras in world space, [N, 3]."""
        return self.get_world_to_view_transform(**kwargs).inverse().get_matrix()[:, 3, :3]

    def get_world_to_view_transform(self, **kwargs) -> Transform3d:
        self.R = kwargs.get("R", self.R)
        self.T = kwargs.get("T", self.T)
        dtype = self._float_dtype(kwargs)
        return get_world_to_view_transform(R=self.R.to(dtype), T=self.T.to(dtype))

    def get_full_projection_transform(self, **kwargs) -> Transform3d:
        """The transform from world space to NDC, or to the screen if in_ndc() is false."""
        to_view = self.get_world_to_view_transform(**kwargs)
        return to_view.compose(self.get_projection_transform(**kwargs))

    def get_ndc_camera_transform(self, **kwargs) -> Transform3d:
        """The transform from the space in which the cameras project to NDC."""
        if self.in_ndc():
            return Transform3d(device=self.device, dtype=self._float_dtype(kwargs))
        return get_screen_to_ndc_transform(self, with_xyflip=False, image_size=kwargs.get("image_size", self.get_image_size()))

    def transform_points(self, points: torch.Tensor, eps: Optional[float] = None, **kwargs) -> torch.Tensor:
        """World points [P, 3] or [N, P, 3] in NDC, or on the screen if in_ndc() is false.

        With eps, points are divided by no depth that is nearer to 0 than it, so that gradients are finite.
        """
        return self.get_full_projection_transform(**kwargs).transform_points(points, eps=eps)

    def transform_points_ndc(self, points: torch.Tensor, eps: Optional[float] = None, **kwargs) -> torch.Tensor:
        """World points in NDC."""
        to_ndc = self.get_full_projection_transform(**kwargs)
        if not self.in_ndc():
            to_ndc = to_ndc.compose(self.get_ndc_camera_transform(**kwargs))
        return to_ndc.transform_points(points, eps=eps)

    def transform_points_screen(self, points: torch.Tensor, eps: Optional[float] = None, with_xyflip: bool = True, **kwargs) -> torch.Tensor:
        """World points on the screen; without with_xyflip, +X is left and +Y up there too."""
        points_ndc = self.transform_points_ndc(points, eps=eps, **kwargs)
        image_size = kwargs.get("image_size", self.get_image_size())
        to_screen = get_ndc_to_screen_transform(self, with_xyflip=with_xyflip, image_size=image_size)
        return to_screen.transform_points(points_ndc, eps=eps)

    def clone(self) -> "CamerasBase":
        return super().clone(type(self)(device=self.device))

    def __getitem__(self, index: Union[int, List[int], torch.Tensor]) -> "CamerasBase":
        """Cameras with the parameters of some: an int, a list of ints, or a tensor of ints or bools [N]."""
        is_tensor = torch.is_tensor(index) and index.dtype in (torch.int64, torch.bool)
        is_list = isinstance(index, list) and all(isinstance(i, int) and not isinstance(i, bool) for i in index)
        if not (isinstance(index, int) or is_tensor or is_list):
            raise ValueError(f"Invalid index type, expected int, List[int] or Bool/LongTensor; got {type(index)}.")
        index = [index] if isinstance(index, int) else index
        if is_tensor and index.dtype == torch.bool:
            if index.shape != (len(self),):
                raise ValueError(f"Boolean index of shape {tuple(index.shape)} does not match cameras, of which there are {len(self)}.")
        elif len(index) > 0 and int(max(index)) >= len(self):
            raise IndexError(f"Index {int(max(index))} is out of bounds for select cameras, of which there are {len(self)}.")
        kwargs = {}
        for field in self._FIELDS:
            value = getattr(self, field, None)
            if torch.is_tensor(value):
                value = value[index]
            elif value is not None and not isinstance(value, (str, bool)):
                raise ValueError(f"Field {field} type is not supported for indexing")
            if value is not None:
                kwargs[field.removeprefix("_")] = value
        return self.__class__(device=self.device, **kwargs)

    def _float_dtype(self, overrides: Dict[str, Any]) -> torch.dtype:
        names = {"R", "T", *self._FIELDS}
        return common_float_dtype(*(overrides.get(name, getattr(self, name, None)) for name in names))


def get_world_to_view_transform(R: torch.Tensor = _R, T: torch.Tensor = _T) -> Transform3d:
    """The transform of world points X to X R + T. R is [N, 3, 3], T is [N, 3]."""
    if T.shape[0] != R.shape[0]:
        raise ValueError(f"Expected R, T to have the same batch dimension; got {R.shape[0]}, {T.shape[0]}.")
    if T.dim() != 2 or T.shape[1] != 3:
        raise ValueError(f"Expected T to have shape (N, 3); got {tuple(T.shape)}.")
    if R.dim() != 3 or R.shape[1:] != (3, 3):
        raise ValueError(f"Expected R to have shape (N, 3, 3); got {tuple(R.shape)}.")
    dtype = common_float_dtype(R, T)
    rows = F.pad(R.to(dtype), (0, 1)), F.pad(T[:, None].to(dtype), (0, 1), value=1.0)
    return matrix_transform(torch.cat(rows, 1))


def half_sides(image_size, dtype: torch.dtype, device) -> Tuple[Tuple[torch.Tensor, torch.Tensor], torch.Tensor]:
    """Half the width and height of pictures of (height, width), and the pixels in a unit of NDC; [N] or [1] each."""
    if image_size is None:
        raise ValueError("For NDC to screen conversion, image_size=(height, width) needs to be specified.")
    half_height, half_width = (torch.as_tensor(image_size, device=device).view(-1, 2).to(dtype) / 2).unbind(1)
    return (half_width, half_height), torch.minimum(half_width, half_height)


def get_ndc_to_screen_transform(cameras, with_xyflip: bool = False, image_size: ImageSize = None) -> Transform3d:
    """The transform from NDC to pixels from the upper left corner. image_size: (height, width), or a row of them for each camera."""
    dtype = cameras._float_dtype({}) if isinstance(cameras, CamerasBase) else torch.float32
    (half_width, half_height), scale = half_sides(image_size, dtype, cameras.device)
    sign = -1.0 if with_xyflip else 1.0
    elements = [sign * scale, 0.0, 0.0, -sign * half_width, 0.0, sign * scale, 0.0, -sign * half_height, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    return matrix_transform(matrices_of(elements, cameras._N, dtype, cameras.device))


def get_screen_to_ndc_transform(cameras, with_xyflip: bool = False, image_size: ImageSize = None) -> Transform3d:
    """The inverse of get_ndc_to_screen_transform."""
    return get_ndc_to_screen_transform(cameras, with_xyflip=with_xyflip, image_size=image_size).inverse()


def nearest_plane(cameras) -> Optional[float]:
    """The smallest znear of the cameras, if they have one. It is remembered, since a number from a tensor waits for a GPU and
    interrupts torch.compile."""
    znear = cameras.get_znear()
    if not torch.is_tensor(znear):
        return znear
    known = getattr(cameras, "_nearest_plane", None)
    if known is None or known[0] is not znear or (not torch.compiler.is_compiling() and znear._version != known[1]):
        remember_nearest_plane(cameras, znear.min().item() if znear.numel() > 0 else None)
    return cameras._nearest_plane[2]


def remember_nearest_plane(cameras, znear: Optional[float]) -> None:
    tensor = cameras.get_znear()
    cameras._nearest_plane = tensor, 0 if torch.compiler.is_compiling() else tensor._version, znear


def try_get_projection_transform(cameras: CamerasBase, cameras_kwargs: Dict[str, Any]) -> Optional[Transform3d]:
    """The projection of the cameras; None if it is not linear."""
    try:
        return cameras.get_projection_transform(**cameras_kwargs)
    except NotImplementedError:
        return None
