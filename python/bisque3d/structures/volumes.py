"""A batch of voxel grids of different sizes."""

import copy
from typing import List, Optional, Sequence, Tuple, Union

import torch

from ..common.datatypes import Device, make_device
from ..transforms import Transform3d
from ..transforms.transform3d import Scale
from . import utils as struct_utils

_Vector = Union[torch.Tensor, Sequence[float]]
_TensorBatch = Union[torch.Tensor, List[torch.Tensor], Tuple[torch.Tensor, ...]]
_Index = Union[int, Sequence[int], slice, torch.Tensor]


class Volumes:
    """N voxel grids: densities [N, C, D, H, W], and features [N, F, D, H, W] if wanted. Smaller volumes of a list are padded with 0.

    Local coordinates x, y, z count along the width, height and depth, as those of torch.nn.functional.grid_sample: with `align_corners` the
    centres of the outer voxels are at -1 and 1, else the outer faces. World coordinates are
    local * (size - 1) / 2 * voxel_size - volume_translation (size / 2 without `align_corners`).
    """

    def __init__(
        self,
        densities: _TensorBatch,
        features: Optional[_TensorBatch] = None,
        voxel_size: Union[float, _Vector] = 1.0,
        volume_translation: _Vector = (0.0, 0.0, 0.0),
        align_corners: bool = True,
    ) -> None:
        """Lists of tensors [C, D, H, W], or tensors [N, C, D, H, W]. `voxel_size` is a number, 3 numbers, or a tensor [1], [3], [N, 1] or
        [N, 3]; `volume_translation` is 3 numbers, or a tensor [3], [1, 3] or [N, 3]. ValueError: other shapes, devices that differ."""
        self._densities, grid_sizes = self._convert_densities_features_to_tensor(densities, "densities")
        self.device = self._densities.device
        self.locator = VolumeLocator(
            batch_size=len(self),
            grid_sizes=grid_sizes,
            device=self.device,
            voxel_size=voxel_size,
            volume_translation=volume_translation,
            align_corners=align_corners,
            dtype=self._densities.dtype,
        )
        self._features = None
        if features is not None:
            self._set_densities_features("features", features)

    @staticmethod
    def _convert_densities_features_to_tensor(x: _TensorBatch, var_name: str) -> Tuple[torch.Tensor, torch.Tensor]:
        """The padded tensor, and the sizes [N, 3] of the volumes."""
        if isinstance(x, (list, tuple)):
            if any(item.ndim != 4 for item in x) or len(x) == 0:
                raise ValueError(f"`{var_name}` has to be a list of 4-dim tensors of shape: ({var_name}_dim, depth, height, width)")
            if any(item.shape[0] != x[0].shape[0] for item in x):
                raise ValueError(f"Each entry in the list of `{var_name}` has to have the same number of channels (first dimension in the tensor).")
            sizes = [list(item.shape[1:]) for item in x]
            x = struct_utils.list_to_padded(x)
        elif torch.is_tensor(x):
            if x.ndim != 5:
                raise ValueError(f"`{var_name}` has to be a 5-dim tensor of shape: (minibatch, {var_name}_dim, D, H, W), but is {list(x.shape)}")
            sizes = [list(x.shape[2:])] * len(x)
        else:
            raise ValueError(f"{var_name} must be either a list or a tensor with shape (batch_size, {var_name}_dim, D, H, W).")
        return x, torch.tensor(sizes, dtype=torch.int64, device=x.device).reshape(-1, 3)

    def _set_densities_features(self, var_name: str, x: _TensorBatch) -> None:
        tensor, sizes = self._convert_densities_features_to_tensor(x, var_name)
        if tensor.device != self.device:
            raise ValueError(f"`{var_name}` have to be on the same device as `self.densities`.")
        # A padded tensor has the size of the largest volume.
        is_padded = torch.is_tensor(x) and tensor.shape[2:] == self._densities.shape[2:] and len(tensor) == len(self)
        if not is_padded and not torch.equal(sizes, self.get_grid_sizes()):
            raise ValueError(f"The size of every grid in `{var_name}` has to match the size of the corresponding `densities` grid.")
        setattr(self, f"_{var_name}", tensor)

    def __len__(self) -> int:
        return self._densities.shape[0]

    def __getitem__(self, index: _Index) -> "Volumes":
        """The volumes of an int, slice, list of ints, mask or tensor of ints. IndexError: a float, two dimensions."""
        index = _checked_index(index)
        new = copy.copy(self)
        new._densities = self._densities[index]
        new._features = None if self._features is None else self._features[index]
        new.locator = self.locator._chosen(index)
        return new

    def features(self) -> Optional[torch.Tensor]:
        """[N, F, D, H, W], or None."""
        return self._features

    def densities(self) -> torch.Tensor:
        """[N, C, D, H, W]."""
        return self._densities

    def densities_list(self) -> List[torch.Tensor]:
        """N tensors [C, D_n, H_n, W_n]."""
        return self._features_densities_list(self._densities)

    def features_list(self) -> Optional[List[torch.Tensor]]:
        """N tensors [F, D_n, H_n, W_n], or None."""
        return None if self._features is None else self._features_densities_list(self._features)

    def _features_densities_list(self, x: torch.Tensor) -> List[torch.Tensor]:
        return struct_utils.padded_to_list(x, [[x.shape[1], *size] for size in self.get_grid_sizes().tolist()])

    def get_align_corners(self) -> bool:
        """Whether local coordinates -1 and 1 are the centres of the outer voxels."""
        return self.locator._align_corners

    def update_padded(self, new_densities: torch.Tensor, new_features: Optional[torch.Tensor] = None) -> "Volumes":
        """Volumes of the same sizes and places with other densities, and these features or none. ValueError: another shape."""
        new = copy.copy(self)
        new._set_densities_features("densities", new_densities)
        new._features = None
        if new_features is not None:
            new._set_densities_features("features", new_features)
        return new

    def clone(self) -> "Volumes":
        """A copy of all tensors, to which gradients flow."""
        return self._mapped(torch.Tensor.clone, self.locator.clone())

    def _mapped(self, function, locator: "VolumeLocator") -> "Volumes":
        new = copy.copy(self)
        new._densities = function(self._densities)
        new._features = None if self._features is None else function(self._features)
        new.locator, new.device = locator, locator.device
        return new

    def to(self, device: Device, copy: bool = False) -> "Volumes":
        """On another device; itself if it is there already, unless `copy`."""
        device = make_device(device)
        if self.device == device:
            return self.clone() if copy else self
        return self._mapped(lambda tensor: tensor.to(device), self.locator.to(device))

    def cpu(self) -> "Volumes":
        """On the CPU; itself if it is there already."""
        return self.to("cpu")

    def cuda(self) -> "Volumes":
        """On the current GPU; itself if it is there already."""
        return self.to("cuda")

    def get_grid_sizes(self) -> torch.Tensor:
        """[N, 3] int64: depth, height and width of each volume."""
        return self.locator.get_grid_sizes()

    def get_local_to_world_coords_transform(self) -> Transform3d:
        """The transform from local to world coordinates."""
        return self.locator.get_local_to_world_coords_transform()

    def get_world_to_local_coords_transform(self) -> Transform3d:
        """The transform from world to local coordinates."""
        return self.locator.get_world_to_local_coords_transform()

    def world_to_local_coords(self, points_3d_world: torch.Tensor) -> torch.Tensor:
        """Points [N, ..., 3] in local coordinates."""
        return self.locator.world_to_local_coords(points_3d_world)

    def local_to_world_coords(self, points_3d_local: torch.Tensor) -> torch.Tensor:
        """Points [N, ..., 3] in world coordinates."""
        return self.locator.local_to_world_coords(points_3d_local)

    def get_coord_grid(self, world_coordinates: bool = True) -> torch.Tensor:
        """[N, D, H, W, 3]: the centres of the voxels, in world or local coordinates."""
        return self.locator.get_coord_grid(world_coordinates)


class VolumeLocator:
    """Where the voxels of N grids are: sizes and the transform between local and world coordinates. See Volumes."""

    def __init__(
        self,
        batch_size: int,
        grid_sizes: Union[torch.Tensor, Tuple[int, int, int], List],
        device: torch.device,
        voxel_size: Union[float, _Vector] = 1.0,
        volume_translation: _Vector = (0.0, 0.0, 0.0),
        align_corners: bool = True,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """`grid_sizes` is (depth, height, width) for all grids, or one of these per grid, or a tensor [N, 3]."""
        self.device = make_device(device)
        self.dtype = dtype
        self._batch_size = batch_size
        self._align_corners = align_corners
        self._grid_sizes = self._convert_grid_sizes2tensor(grid_sizes)
        self._resolution = tuple(self._grid_sizes.max(dim=0).values.tolist()) if batch_size > 0 else (0, 0, 0)
        self._set_local_to_world_transform(voxel_size, volume_translation)

    def __len__(self) -> int:
        return self._batch_size

    def _convert_grid_sizes2tensor(self, x) -> torch.Tensor:
        if isinstance(x, (list, tuple)) and x and isinstance(x[0], int):
            x = [x] * self._batch_size
        if isinstance(x, (list, tuple)):
            if any(len(size) != 3 for size in x):
                raise ValueError("`grid_sizes` has to be (depth, height, width), or one of these per grid.")
            x = torch.tensor([[int(extent) for extent in size] for size in x], dtype=torch.int64).reshape(-1, 3)
        if not torch.is_tensor(x) or x.ndim != 2 or tuple(x.shape) != (self._batch_size, 3):
            raise ValueError(f"`grid_sizes` has to be a tensor or list of shape (minibatch, 3), here ({self._batch_size}, 3).")
        return x.to(self.device)

    def _set_local_to_world_transform(
        self, voxel_size: Union[float, _Vector] = 1.0, volume_translation: _Vector = (0.0, 0.0, 0.0)
    ) -> None:
        sizes = self._grid_sizes.flip(1).to(self.dtype)
        steps = (sizes - 1).clamp_min(1) if self._align_corners else sizes
        extents = steps * 0.5 * self._per_volume(voxel_size, "voxel_size", may_be_number=True)
        translation = self._per_volume(volume_translation, "volume_translation", may_be_number=False)
        self._local_to_world_transform = Scale(extents, device=self.device, dtype=self.dtype).translate(-translation)

    def _per_volume(self, x, name: str, may_be_number: bool) -> torch.Tensor:
        """[N, 3]."""
        N = self._batch_size
        if may_be_number and isinstance(x, (int, float)):
            x = torch.full((3,), float(x))
        elif isinstance(x, (list, tuple)):
            x = torch.tensor(x)
        shapes = [(3,), (1, 3), (N, 3)] + ([(), (1,), (1, 1), (N, 1)] if may_be_number else [])
        if not torch.is_tensor(x) or tuple(x.shape) not in shapes:
            raise ValueError(f"{name} has to be {'a number, ' if may_be_number else ''}3 numbers, or a tensor of one of the shapes {shapes}.")
        return x.to(device=self.device, dtype=self.dtype).expand(N, 3)

    def get_coord_grid(self, world_coordinates: bool = True) -> torch.Tensor:
        """[N, D, H, W, 3]: the centres of the voxels, in world or local coordinates."""
        axes = []
        for axis, extent in enumerate(self._resolution):
            own = self._grid_sizes[:, axis : axis + 1].to(self.dtype)
            voxels = torch.arange(extent, dtype=self.dtype, device=self.device)
            if self._align_corners:
                axes.append((2 * voxels - (own - 1)) / (own - 1).clamp_min(1))
            else:
                axes.append((2 * voxels + 1 - own) / own)
        shape = (self._batch_size, *self._resolution)
        z, y, x = axes[0][:, :, None, None], axes[1][:, None, :, None], axes[2][:, None, None, :]
        local = torch.stack([x.expand(shape), y.expand(shape), z.expand(shape)], 4)
        return self.local_to_world_coords(local) if world_coordinates else local

    def get_local_to_world_coords_transform(self) -> Transform3d:
        """The transform from local to world coordinates."""
        return self._local_to_world_transform

    def get_world_to_local_coords_transform(self) -> Transform3d:
        """The transform from world to local coordinates."""
        return self._local_to_world_transform.inverse()

    def world_to_local_coords(self, points_3d_world: torch.Tensor) -> torch.Tensor:
        """Points [N, ..., 3] in local coordinates."""
        return _transformed(self.get_world_to_local_coords_transform(), points_3d_world)

    def local_to_world_coords(self, points_3d_local: torch.Tensor) -> torch.Tensor:
        """Points [N, ..., 3] in world coordinates."""
        return _transformed(self.get_local_to_world_coords_transform(), points_3d_local)

    def get_grid_sizes(self) -> torch.Tensor:
        """[N, 3] int64: depth, height and width of each grid."""
        return self._grid_sizes

    def _chosen(self, index) -> "VolumeLocator":
        """The places of some grids; the resolution stays that of the padded tensor."""
        new = copy.copy(self)
        new._grid_sizes = self._grid_sizes[index]
        new._batch_size = len(new._grid_sizes)
        new._local_to_world_transform = self._local_to_world_transform[index]
        return new

    def clone(self) -> "VolumeLocator":
        """A copy of all tensors, to which gradients flow."""
        new = copy.copy(self)
        new._grid_sizes = self._grid_sizes.clone()
        new._local_to_world_transform = self._local_to_world_transform.clone()
        return new

    def to(self, device: Device, copy: bool = False) -> "VolumeLocator":
        """On another device; itself if it is there already, unless `copy`."""
        device = make_device(device)
        if self.device == device:
            return self.clone() if copy else self
        new = self.clone()
        new.device = device
        new._grid_sizes = self._grid_sizes.to(device)
        new._local_to_world_transform = self._local_to_world_transform.to(device)
        return new

    def cpu(self) -> "VolumeLocator":
        """On the CPU; itself if it is there already."""
        return self.to("cpu")

    def cuda(self) -> "VolumeLocator":
        """On the current GPU; itself if it is there already."""
        return self.to("cuda")


def _checked_index(index: _Index):
    if isinstance(index, int):
        return [index]
    if isinstance(index, (slice, list, tuple)):
        return list(index) if isinstance(index, tuple) else index
    if torch.is_tensor(index) and index.dim() == 1 and not index.dtype.is_floating_point:
        return index
    raise IndexError(index)


def _transformed(transform: Transform3d, points: torch.Tensor) -> torch.Tensor:
    rows = points[:, None] if points.dim() == 2 else points.flatten(1, -2)
    return transform.transform_points(rows).reshape(points.shape)
