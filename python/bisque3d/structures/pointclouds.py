"""A batch of point clouds of different sizes."""

from typing import List, Optional, Sequence, Tuple, Union

import numpy as np
import torch

from . import utils as struct_utils
from ._batch import Batch, Index, are_equal, bounding_boxes, check_copies, check_new_values, positions_of, write_padded

Values = Union[List[torch.Tensor], torch.Tensor, None]


class Pointclouds(Batch):
    """N clouds of points [P_n, 3], each with normals [P_n, 3] and features [P_n, C] if wanted, in three forms:

    list    one tensor per cloud
    packed  [sum P, 3], one cloud after the other
    padded  [N, max P, 3], with 0 after the points of a cloud

    Each form is computed when it is first asked for, and kept. A cloud may be empty, and so may the batch.
    """

    _INTERNAL_TENSORS = [
        "_points_packed",
        "_points_padded",
        "_normals_packed",
        "_normals_padded",
        "_features_packed",
        "_features_padded",
        "_packed_to_cloud_idx",
        "_cloud_to_packed_first_idx",
        "_num_points_per_cloud",
        "_padded_to_packed_idx",
        "valid",
        "equisized",
    ]
    _LISTS = ["_points_list", "_normals_list", "_features_list"]

    def __init__(self, points: Values, normals: Values = None, features: Values = None) -> None:
        """Lists with one tensor per cloud, or padded tensors [N, P, 3], all of whose points count. ValueError: other types or shapes,
        devices that differ."""
        for name in (*self._INTERNAL_TENSORS, *self._LISTS):
            setattr(self, name, None)
        self.device = torch.device("cpu")
        if isinstance(points, list):
            self._take_list(points)
        elif torch.is_tensor(points):
            if points.dim() != 3 or points.shape[2] != 3:
                raise ValueError(f"Points tensor has incorrect dimensions: {list(points.shape)}, expected [N, P, 3].")
            self._points_padded = points
            self._N = points.shape[0]
            self.device = points.device
            self._set_sizes([points.shape[1]] * self._N)
            self._P = points.shape[1]
        else:
            raise ValueError("Points must be either a list or a tensor with shape (batch_size, P, 3).")
        self._normals_list, self._normals_padded, channels = self._parse_auxiliary_input(normals)
        if channels is not None and channels != 3:
            raise ValueError(f"Normals are expected to be 3-dimensional, but have {channels} channels.")
        self._features_list, self._features_padded, self._C = self._parse_auxiliary_input(features)

    def _take_list(self, points: List[torch.Tensor]) -> None:
        for n, cloud in enumerate(points):
            if cloud.shape[:1] != (0,) and (cloud.dim() != 2 or cloud.shape[1] != 3):
                raise ValueError(f"Clouds in list must be of shape Px3 or empty, but cloud {n} is {list(cloud.shape)}.")
            if cloud.device != points[0].device:
                raise ValueError("All points must be on the same device")
        if points:
            self.device = points[0].device
        self._points_list = points
        self._N = len(points)
        self._set_sizes([cloud.shape[0] for cloud in points])

    def _set_sizes(self, counts: List[int]) -> None:
        """What follows from the numbers of points, which are also kept on the host."""
        self._counts = counts
        self._P = max(counts, default=0)
        self._num_points_per_cloud = torch.tensor(counts, dtype=torch.int64, device=self.device)
        self.valid = torch.tensor([count > 0 for count in counts], dtype=torch.bool, device=self.device)
        self.equisized = are_equal(counts)

    def _parse_auxiliary_input(self, aux_input: Values):
        """The list, the padded tensor and the number of channels of normals or features."""
        if aux_input is None or self._N == 0:
            return None, None, None
        if isinstance(aux_input, list):
            return self._parse_auxiliary_input_list(aux_input)
        if not torch.is_tensor(aux_input):
            raise ValueError("Auxiliary input must be either a list or a tensor with shape (batch_size, P, C).")
        if aux_input.dim() != 3:
            raise ValueError(f"Auxiliary input tensor has incorrect dimensions: {list(aux_input.shape)}, expected [N, P, C].")
        if self._N != aux_input.shape[0]:
            raise ValueError("Points and inputs must be the same length.")
        if self._P != aux_input.shape[1]:
            raise ValueError("Inputs tensor must have the right maximum number of points in each cloud.")
        self._check_device(aux_input)
        return None, aux_input, aux_input.shape[2]

    def _parse_auxiliary_input_list(self, aux_input: List[Optional[torch.Tensor]]):
        if len(aux_input) != self._N:
            raise ValueError("Points and auxiliary input must be the same length.")
        good = [item for count, item in zip(self._counts, aux_input) if count > 0 or (item is not None and item.ndim == 2)]
        for item in good:
            if item.dim() != 2:
                raise ValueError(f"A cloud auxiliary input must be of shape PxC or empty, but one is {list(item.shape)}.")
            if item.shape[1] != good[0].shape[1]:
                raise ValueError("The clouds must have the same number of channels")
            self._check_device(item)
        if not good:
            return None, None, None
        is_good = [count > 0 or (item is not None and item.ndim == 2) for count, item in zip(self._counts, aux_input)]
        items = [item if ok else good[0].new_zeros((0, good[0].shape[1])) for item, ok in zip(aux_input, is_good)]
        for n, (count, item) in enumerate(zip(self._counts, items)):
            if item.shape[0] != count:
                raise ValueError(f"A cloud has mismatched numbers of points and inputs: cloud {n} has {count} and {item.shape[0]}.")
        return items, None, good[0].shape[1]

    def _check_device(self, item: torch.Tensor) -> None:
        if item.device != self.device:
            raise ValueError("All auxiliary inputs must be on the same device as the points.")

    def __getitem__(self, index: Index) -> "Pointclouds":
        """The clouds of an int, slice, list of ints, mask or tensor of ints, with views of their tensors."""
        positions = positions_of(index, self._N)

        def chosen(items):
            return None if items is None else [items[i] for i in positions]

        return self.__class__(points=chosen(self.points_list()), normals=chosen(self.normals_list()), features=chosen(self.features_list()))

    def isempty(self) -> bool:
        """Whether no cloud has points."""
        return not any(self._counts)

    # Forms.

    def points_list(self) -> List[torch.Tensor]:
        """N tensors [P_n, 3]."""
        if self._points_list is None:
            self._points_list = struct_utils.padded_to_list(self._points_padded, self._counts)
        return self._points_list

    def normals_list(self) -> Optional[List[torch.Tensor]]:
        """N tensors [P_n, 3], or None."""
        if self._normals_list is None and self._normals_padded is not None:
            self._normals_list = struct_utils.padded_to_list(self._normals_padded, self._counts)
        return self._normals_list

    def features_list(self) -> Optional[List[torch.Tensor]]:
        """N tensors [P_n, C], or None."""
        if self._features_list is None and self._features_padded is not None:
            self._features_list = struct_utils.padded_to_list(self._features_padded, self._counts)
        return self._features_list

    def points_packed(self) -> torch.Tensor:
        """[sum P, 3]."""
        self._compute_packed()
        return self._points_packed

    def normals_packed(self) -> Optional[torch.Tensor]:
        """[sum P, 3], or None."""
        self._compute_packed()
        return self._normals_packed

    def features_packed(self) -> Optional[torch.Tensor]:
        """[sum P, C], or None."""
        self._compute_packed()
        return self._features_packed

    def points_padded(self) -> torch.Tensor:
        """[N, max P, 3]."""
        self._compute_padded()
        return self._points_padded

    def normals_padded(self) -> Optional[torch.Tensor]:
        """[N, max P, 3], or None."""
        self._compute_padded()
        return self._normals_padded

    def features_padded(self) -> Optional[torch.Tensor]:
        """[N, max P, C], or None."""
        self._compute_padded()
        return self._features_padded

    def num_points_per_cloud(self) -> torch.Tensor:
        """[N] int64."""
        return self._num_points_per_cloud

    def packed_to_cloud_idx(self) -> torch.Tensor:
        """[sum P]: the cloud of each of the packed points."""
        self._compute_packed()
        return self._packed_to_cloud_idx

    def cloud_to_packed_first_idx(self) -> torch.Tensor:
        """[N]: the first of the packed points of each cloud."""
        self._compute_packed()
        return self._cloud_to_packed_first_idx

    def padded_to_packed_idx(self) -> torch.Tensor:
        """[sum P]: the rows of points_padded().reshape(-1, 3) that are points."""
        if self._padded_to_packed_idx is None:
            self._padded_to_packed_idx = struct_utils.padded_rows(self._counts, self._P, self.device)
        return self._padded_to_packed_idx

    def _compute_padded(self, refresh: bool = False) -> None:
        if not refresh and self._points_padded is not None:
            return
        if self._N == 0:
            self._points_padded = torch.zeros((0, 0, 3), device=self.device)
            return

        def padded(items, channels):
            return None if items is None else struct_utils.list_to_padded(items, (self._P, channels), 0.0, self.equisized)

        points, normals, features = self.points_list(), self.normals_list(), self.features_list()
        self._points_padded = padded(points, 3)
        self._normals_padded, self._features_padded = padded(normals, 3), padded(features, self._C)

    def _compute_packed(self, refresh: bool = False) -> None:
        if not refresh and self._points_packed is not None:
            return
        _, self._cloud_to_packed_first_idx, self._packed_to_cloud_idx = struct_utils.indices_of_sizes(self._counts, self.device)
        points, normals, features = self.points_list(), self.normals_list(), self.features_list()
        self._points_packed = torch.cat([p.reshape(-1, 3) for p in points]) if points else torch.zeros((0, 3), device=self.device)
        self._normals_packed = None if normals is None else torch.cat(normals)
        self._features_packed = None if features is None else torch.cat(features)

    # Elements.

    def get_cloud(self, index: int) -> Tuple[torch.Tensor, Optional[torch.Tensor], Optional[torch.Tensor]]:
        """Points, normals and features of one cloud. ValueError: not an int in [0, N)."""
        if not isinstance(index, int):
            raise ValueError("Cloud index must be an integer.")
        if index < 0 or index >= self._N:
            raise ValueError(f"Cloud index must be in the range [0, {self._N}), but is {index}.")
        normals, features = self.normals_list(), self.features_list()
        return self.points_list()[index], normals and normals[index], features and features[index]

    def get_bounding_boxes(self) -> torch.Tensor:
        """[N, 3, 2]: the least and greatest coordinates; infinity and -infinity for a cloud without points."""
        return bounding_boxes(self.points_list(), self.device)

    def inside_box(self, box: torch.Tensor) -> torch.Tensor:
        """[sum P] bool: which of the packed points lie in a box [2, 3] of least and greatest coordinates, or in that of their cloud,
        [N, 2, 3]. ValueError: another shape, a least coordinate above the greatest."""
        if box.dim() not in (2, 3):
            raise ValueError(f"Input box must be of shape (2, 3) or (N, 2, 3), but is {list(box.shape)}.")
        if box.dim() == 3 and box.shape[0] not in (1, self._N):
            raise ValueError(f"Input box dimension is incompatible with pointcloud size: {box.shape[0]} and {self._N}.")
        if not torch.compiler.is_compiling() and (box[..., 0, :] > box[..., 1, :]).any():
            raise ValueError("Input box is invalid: min values larger than max values.")
        boxes = box.expand(self._N, 2, 3)[self.packed_to_cloud_idx()]
        points = self.points_packed()
        return ((points >= boxes[:, 0]) & (points <= boxes[:, 1])).all(dim=-1)

    # Clouds made from these.

    def offset_(self, offsets_packed: torch.Tensor) -> "Pointclouds":
        """Adds offsets [sum P, 3] or [3] to the points. ValueError: another shape."""
        points = self.points_packed()
        if offsets_packed.shape != (3,) and offsets_packed.shape != points.shape:
            raise ValueError(f"Offsets must have dimension (all_p, 3). They are {list(offsets_packed.shape)}.")
        return self._set_points_packed(points + offsets_packed)

    def offset(self, offsets_packed: torch.Tensor) -> "Pointclouds":
        """The same clouds with offsets [sum P, 3] or [3] added to their points."""
        self.points_packed()
        return self._shared().offset_(offsets_packed)

    def scale_(self, scale: Union[float, torch.Tensor]) -> "Pointclouds":
        """Multiplies the points by a number, or by one per cloud, [N]."""
        if torch.is_tensor(scale) and scale.dim() > 0:
            scale = scale.reshape(-1)[self.packed_to_cloud_idx()][:, None]
        return self._set_points_packed(self.points_packed() * scale)

    def scale(self, scale: Union[float, torch.Tensor]) -> "Pointclouds":
        """The same clouds with their points multiplied by a number, or by one per cloud, [N]."""
        self.points_packed()
        return self._shared().scale_(scale)

    def _set_points_packed(self, points: torch.Tensor) -> "Pointclouds":
        self._points_packed = points
        self._points_list = list(points.split(self._counts, 0))
        if self._points_padded is not None:
            self._points_padded = write_padded(self._points_padded, self._points_list)
        return self

    def subsample(self, max_points: Union[int, Sequence[int]]) -> "Pointclouds":
        """At most `max_points` points per cloud (a number for all, or one per cloud), drawn by numpy's global generator; itself if
        no cloud has more. ValueError: a sequence of another length."""
        limits = [max_points] * self._N if isinstance(max_points, int) else [int(limit) for limit in max_points]
        if len(limits) != self._N:
            raise ValueError(f"wrong number of max_points supplied: expected {self._N}, but got {len(limits)}.")
        if all(count <= limit for count, limit in zip(self._counts, limits)):
            return self
        kept = [
            torch.from_numpy(np.random.choice(count, limit, replace=False)).to(self.device) if count > limit else slice(None)
            for count, limit in zip(self._counts, limits)
        ]

        def chosen(items):
            return None if items is None else [item[rows] for item, rows in zip(items, kept)]

        return self.__class__(points=chosen(self.points_list()), normals=chosen(self.normals_list()), features=chosen(self.features_list()))

    def estimate_normals(
        self, neighborhood_size: int = 50, disambiguate_directions: bool = True, assign_to_self: bool = False
    ) -> torch.Tensor:
        """Normals [N, max P, 3] of ops.estimate_pointcloud_normals; `assign_to_self` keeps them."""
        from ..ops.points_normals import estimate_pointcloud_normals

        normals = estimate_pointcloud_normals(
            self, neighborhood_size=neighborhood_size, disambiguate_directions=disambiguate_directions
        )
        if assign_to_self:
            self._normals_list, self._normals_packed = None, None
            self._normals_padded = normals
            if self._points_list is not None or self._points_packed is not None:
                self.normals_list()
            if self._points_packed is not None:
                self._normals_packed = torch.cat(self._normals_list, dim=0)
        return normals

    def extend(self, N: int) -> "Pointclouds":
        """Each cloud N times in a row. ValueError: N is not an int above 0."""
        check_copies(N)

        def repeated(items):
            return None if items is None else [item.clone() for item in items for _ in range(N)]

        return self.__class__(
            points=repeated(self.points_list()), normals=repeated(self.normals_list()), features=repeated(self.features_list())
        )

    def update_padded(
        self,
        new_points_padded: torch.Tensor,
        new_normals_padded: Optional[torch.Tensor] = None,
        new_features_padded: Optional[torch.Tensor] = None,
    ) -> "Pointclouds":
        """Clouds of the same sizes with other points [N, max P, 3], and other normals or features if given. ValueError: another shape."""
        new = self._shared()
        given = {"points": new_points_padded, "normals": new_normals_padded, "features": new_features_padded}
        channels = {"points": 3, "normals": 3, "features": self._C}
        self._compute_padded()
        for name, values in given.items():
            if values is None:
                continue
            check_new_values(values, (self._N, self._P, channels[name]), "number of channels")
            setattr(new, f"_{name}_padded", values)
            setattr(new, f"_{name}_list", None)
            setattr(new, f"_{name}_packed", None)
        if new_features_padded is not None:
            new._C = new_features_padded.shape[-1]
        for name in ("normals", "features"):
            if given[name] is None:
                setattr(new, f"_{name}_padded", getattr(self, f"_{name}_padded"))
        return new


def join_pointclouds_as_batch(pointclouds: Sequence[Pointclouds]) -> Pointclouds:
    """All clouds of a list of batches in one batch. ValueError: a Pointclouds in place of the list, devices or numbers of channels that
    differ, normals or features of some clouds only."""
    if isinstance(pointclouds, Pointclouds) or not isinstance(pointclouds, Sequence):
        raise ValueError("Wrong first argument to join_points_as_batch: expected a list of Pointclouds.")
    if any(clouds.device != pointclouds[0].device for clouds in pointclouds):
        raise ValueError("Pointclouds must all be on the same device")
    joined = {}
    for field in ("points", "normals", "features"):
        lists = [getattr(clouds, f"{field}_list")() for clouds in pointclouds]
        if any(items is None for items in lists):
            if any(items is not None for items in lists):
                raise ValueError(f"Pointclouds in the batch have some fields '{field}' defined and some set to None.")
            joined[field] = None
            continue
        joined[field] = [item for items in lists for item in items]
        if field == "features" and len({item.shape[1] for item in joined[field]}) > 1:
            raise ValueError("Pointclouds must have the same number of features")
    return Pointclouds(**joined)


def join_pointclouds_as_scene(pointclouds: Union[Pointclouds, List[Pointclouds]]) -> Pointclouds:
    """All clouds of a batch, or of a list of batches, as one cloud."""
    if isinstance(pointclouds, list):
        pointclouds = join_pointclouds_as_batch(pointclouds)
    if len(pointclouds) == 1:
        return pointclouds
    fields = (pointclouds.points_packed(), pointclouds.normals_packed(), pointclouds.features_packed())
    return Pointclouds(*(None if field is None else field[None] for field in fields))
