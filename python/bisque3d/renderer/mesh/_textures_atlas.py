"""TexturesAtlas: a grid of texels per face."""

from typing import List, Union

import torch

from ..._ops import ops
from ._textures_base import TexturesBase, _list_to_padded_wrapper, _padded_to_list_wrapper


class TexturesAtlas(TexturesBase):
    """R x R texels per face: a list of [F_n, R, R, C] or a tensor [N, F, R, R, C]. Texels are not interpolated."""

    def __init__(self, atlas: Union[torch.Tensor, List[torch.Tensor]]) -> None:
        self._atlas_list = self._atlas_padded = None
        if isinstance(atlas, (list, tuple)):
            fits = all(torch.is_tensor(each) and each.ndim == 4 and each.shape[1] == each.shape[2] == atlas[0].shape[1] for each in atlas)
            if not fits:
                raise ValueError("Expected atlas to be a list of tensors of shape (F, R, R, C) with the same value of R.")
            self._atlas_list = list(atlas)
            self._num_faces_per_mesh = [len(each) for each in atlas]
            self.device = atlas[0].device if len(atlas) > 0 else torch.device("cpu")
        elif torch.is_tensor(atlas):
            if atlas.ndim != 5:
                raise ValueError(f"Expected atlas to be of shape (N, F, R, R, C); got {tuple(atlas.shape)}.")
            self._atlas_padded = atlas
            self._num_faces_per_mesh = [atlas.shape[1]] * len(atlas)
            self.device = atlas.device
        else:
            raise ValueError("Expected atlas to be a tensor or list")
        self._N = len(atlas)
        self.valid = torch.ones(self._N, dtype=torch.bool, device=self.device)

    def __getitem__(self, index) -> "TexturesAtlas":
        selected = self._selected(index, ["atlas_list", "_num_faces_per_mesh"])
        textures = type(self)(selected["atlas_list"])
        textures._num_faces_per_mesh = selected["_num_faces_per_mesh"]
        return textures

    def atlas_padded(self) -> torch.Tensor:
        if self._atlas_padded is None:
            self._atlas_padded = _list_to_padded_wrapper(self._atlas_list) if self._atlas_list else torch.zeros(0, 0, 0, 0, 3, device=self.device)
        return self._atlas_padded

    def atlas_list(self) -> List[torch.Tensor]:
        if self._atlas_list is None:
            self._atlas_list = _padded_to_list_wrapper(self._atlas_padded, self._num_faces_per_mesh)
        return self._atlas_list

    def atlas_packed(self) -> torch.Tensor:
        atlas = self.atlas_list()
        return torch.cat(atlas) if atlas else torch.zeros(0, *self.atlas_padded().shape[2:], device=self.device)

    def extend(self, N: int) -> "TexturesAtlas":
        extended = self._extend(N, ["atlas_padded", "_num_faces_per_mesh"])
        textures = type(self)(extended["atlas_padded"])
        textures._num_faces_per_mesh = extended["_num_faces_per_mesh"]
        return textures

    def sample_textures(self, fragments, **kwargs) -> torch.Tensor:
        atlas = self.atlas_packed().to(fragments.bary_coords.dtype)
        return ops.sample_texture_atlas(fragments.pix_to_face, fragments.bary_coords, atlas)

    def submeshes(self, vertex_ids_list: List[List[torch.Tensor]], faces_ids_list: List[List[torch.Tensor]]) -> "TexturesAtlas":
        if len(faces_ids_list) != len(self.atlas_list()):
            raise IndexError("faces_ids_list must be of the same length as atlas_list.")
        parts = zip(faces_ids_list, self.atlas_list())
        return type(self)([atlas[ids] for ids_of_parts, atlas in parts for ids in ids_of_parts])

    def faces_verts_textures_packed(self, faces_packed=None) -> torch.Tensor:
        atlas = self.atlas_packed()
        return torch.stack((atlas[:, 0, -1], atlas[:, -1, 0], atlas[:, 0, 0]), 1)

    def join_batch(self, textures: List["TexturesAtlas"]) -> "TexturesAtlas":
        """The textures of all meshes, these and those of the list."""
        if not all(isinstance(other, TexturesAtlas) for other in textures):
            raise ValueError("All textures must be of type TexturesAtlas.")
        joined = type(self)([atlas for each in (self, *textures) for atlas in each.atlas_list()])
        joined._num_faces_per_mesh = [size for each in (self, *textures) for size in each._num_faces_per_mesh]
        return joined

    def join_scene(self) -> "TexturesAtlas":
        """The textures of one mesh that has all faces."""
        return type(self)([self.atlas_packed()])

    def check_shapes(self, batch_size: int, max_num_verts: int, max_num_faces: int) -> bool:
        return self.atlas_padded().shape[:2] == (batch_size, max_num_faces)
