"""TexturesVertex: a feature per vertex."""

from typing import List, Tuple, Union

import torch

from ...ops.interp_face_attrs import interpolate_face_attributes
from ._textures_base import TexturesBase, _list_to_padded_wrapper, _padded_to_list_wrapper


class TexturesVertex(TexturesBase):
    """A feature per vertex, interpolated within faces: a list of [V_n, C] or a tensor [N, V, C]."""

    def __init__(self, verts_features: Union[torch.Tensor, List[torch.Tensor], Tuple[torch.Tensor]]) -> None:
        self._verts_features_list = self._verts_features_padded = None
        if isinstance(verts_features, (tuple, list)):
            if not all(torch.is_tensor(features) and features.ndim == 2 for features in verts_features):
                raise ValueError("Expected verts_features to be a list of tensors of shape (V, C).")
            self._verts_features_list = list(verts_features)
            self._num_verts_per_mesh = [len(features) for features in verts_features]
            self.device = verts_features[0].device if len(verts_features) > 0 else torch.device("cpu")
        elif torch.is_tensor(verts_features):
            if verts_features.ndim != 3:
                raise ValueError(f"Expected verts_features to be of shape (N, V, C); got {tuple(verts_features.shape)}.")
            self._verts_features_padded = verts_features
            self._num_verts_per_mesh = [verts_features.shape[1]] * len(verts_features)
            self.device = verts_features.device
        else:
            raise ValueError("verts_features must be a tensor or list of tensors")
        self._N = len(verts_features)
        self.valid = torch.ones(self._N, dtype=torch.bool, device=self.device)

    def __getitem__(self, index) -> "TexturesVertex":
        selected = self._selected(index, ["verts_features_list", "_num_verts_per_mesh"])
        features = selected["verts_features_list"]
        textures = type(self)(features if features else torch.empty(0, 0, 3, device=self.device))
        textures._num_verts_per_mesh = selected["_num_verts_per_mesh"]
        return textures

    def verts_features_padded(self) -> torch.Tensor:
        if self._verts_features_padded is None:
            features = self._verts_features_list
            self._verts_features_padded = _list_to_padded_wrapper(features) if features else torch.zeros(0, 0, 3, device=self.device)
        return self._verts_features_padded

    def verts_features_list(self) -> List[torch.Tensor]:
        if self._verts_features_list is None:
            self._verts_features_list = _padded_to_list_wrapper(self._verts_features_padded, self._num_verts_per_mesh)
        return self._verts_features_list

    def verts_features_packed(self) -> torch.Tensor:
        features = self.verts_features_list()
        return torch.cat(features) if features else torch.zeros(0, self.verts_features_padded().shape[-1], device=self.device)

    def extend(self, N: int) -> "TexturesVertex":
        extended = self._extend(N, ["verts_features_padded", "_num_verts_per_mesh"])
        textures = type(self)(extended["verts_features_padded"])
        textures._num_verts_per_mesh = extended["_num_verts_per_mesh"]
        return textures

    def sample_textures(self, fragments, faces_packed=None) -> torch.Tensor:
        corners = self.faces_verts_textures_packed(faces_packed).to(fragments.bary_coords.dtype)
        return interpolate_face_attributes(fragments.pix_to_face, fragments.bary_coords, corners)

    def submeshes(self, vertex_ids_list: List[List[torch.Tensor]], faces_ids_list: List[List[torch.Tensor]]) -> "TexturesVertex":
        if len(vertex_ids_list) != len(self.verts_features_list()):
            raise IndexError("verts_features_list must be of the same length as vertex_ids_list.")
        parts = zip(vertex_ids_list, self.verts_features_list())
        return type(self)([features[ids] for ids_of_parts, features in parts for ids in ids_of_parts])

    def faces_verts_textures_packed(self, faces_packed=None) -> torch.Tensor:
        return self.verts_features_packed()[faces_packed]

    def join_batch(self, textures: List["TexturesVertex"]) -> "TexturesVertex":
        """The textures of all meshes, these and those of the list."""
        if not all(isinstance(other, TexturesVertex) for other in textures):
            raise ValueError("All textures must be of type TexturesVertex.")
        joined = type(self)([features for each in (self, *textures) for features in each.verts_features_list()])
        joined._num_verts_per_mesh = [size for each in (self, *textures) for size in each._num_verts_per_mesh]
        return joined

    def join_scene(self) -> "TexturesVertex":
        """The textures of one mesh that has all verts."""
        return type(self)([self.verts_features_packed()])

    def check_shapes(self, batch_size: int, max_num_verts: int, max_num_faces: int) -> bool:
        return self.verts_features_padded().shape[:-1] == (batch_size, max_num_verts)
