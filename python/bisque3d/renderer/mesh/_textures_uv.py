"""TexturesUV: texture maps and uv coordinates."""

from typing import Dict, List, Optional, Sequence, Tuple, Union

import torch
import torch.nn.functional as F

from ..._ops import ops
from ._texture_maps import JoinedMaps, padded_maps
from ._textures_base import TexturesBase, _list_to_padded_wrapper, _padded_to_list_wrapper

_Tensors = Union[torch.Tensor, List[torch.Tensor], Tuple[torch.Tensor]]
_WRAP = {"border": 1, "reflection": 2, "zeros": 3}  # as the op sample_texture_uv numbers them
_SAMPLING = ("bilinear", "nearest")


def _check_list(tensors: Sequence[torch.Tensor], name: str, size: int, shape: str) -> None:
    for tensor in tensors:
        if tensor.ndim != 2 or tensor.shape[-1] != size:
            raise ValueError(f"Expected {name} to be of shape {shape}; got {tuple(tensor.shape)}.")


def _check_indices(name: str, mesh: int, indices: torch.Tensor, bound: int) -> None:
    """Error: an index that would name something of another mesh. Not on CUDA, where the check would wait for the GPU."""
    if indices.device.type == "cpu" and not torch.compiler.is_compiling() and indices.numel() > 0 and indices.max() >= bound:
        raise IndexError(f"Expected {name} of mesh {mesh} to be less than {bound}; got {int(indices.max())}.")


class TexturesUV(TexturesBase):
    """A texture map per mesh, or several, with uv coordinates: (0, 0) is the lower left of a map.

    maps         a list of [H_n, W_n, C] or a tensor [N, H, W, C]; with maps_ids of [M_n, H_n, W_n, C] or [N, M, H, W, C]
    faces_uvs    a list of [F_n, 3] or a tensor [N, F, 3]: indices into verts_uvs; a face with a negative one is white
    verts_uvs    a list of [T_n, 2] or a tensor [N, T, 2]
    maps_ids     a list of [F_n] or a tensor [N, F]: which map of its mesh a face has
    padding_mode "border", "reflection" or "zeros", outside of [0, 1]
    align_corners  whether the middles of the first and last texels are at 0 and 1; else their edges are
    sampling_mode  "bilinear" or "nearest"
    """

    def __init__(
        self,
        maps: _Tensors,
        faces_uvs: _Tensors,
        verts_uvs: _Tensors,
        *,
        maps_ids: Optional[_Tensors] = None,
        padding_mode: str = "border",
        align_corners: bool = True,
        sampling_mode: str = "bilinear",
    ) -> None:
        self.padding_mode = padding_mode
        self.align_corners = align_corners
        self.sampling_mode = sampling_mode
        self._set_faces_uvs(faces_uvs)
        self._set_verts_uvs(verts_uvs)
        self._set_maps_ids(maps_ids)
        self._set_maps(maps)
        self.valid = torch.ones(self._N, dtype=torch.bool, device=self.device)

    def _set_faces_uvs(self, faces_uvs: _Tensors) -> None:
        self._faces_uvs_list = self._faces_uvs_padded = None
        if isinstance(faces_uvs, (list, tuple)):
            _check_list(faces_uvs, "faces_uvs", 3, "(F, 3)")
            self._faces_uvs_list = list(faces_uvs)
            self._num_faces_per_mesh = [len(faces) for faces in faces_uvs]
            self.device = faces_uvs[0].device if len(faces_uvs) > 0 else torch.device("cpu")
        elif torch.is_tensor(faces_uvs):
            if faces_uvs.ndim != 3 or faces_uvs.shape[-1] != 3:
                raise ValueError(f"Expected faces_uvs to be of shape (N, F, 3); got {tuple(faces_uvs.shape)}.")
            self._faces_uvs_padded = faces_uvs
            self._num_faces_per_mesh = [faces_uvs.shape[1]] * len(faces_uvs)
            self.device = faces_uvs.device
        else:
            raise ValueError("Expected faces_uvs to be a tensor or list")
        self._N = len(faces_uvs)

    def _set_verts_uvs(self, verts_uvs: _Tensors) -> None:
        self._verts_uvs_list = self._verts_uvs_padded = None
        if isinstance(verts_uvs, (list, tuple)):
            _check_list(verts_uvs, "verts_uvs", 2, "(V, 2)")
            if len(verts_uvs) != self._N:
                raise ValueError("verts_uvs and faces_uvs must have the same batch dimension")
            self._verts_uvs_list = list(verts_uvs)
        elif torch.is_tensor(verts_uvs):
            if verts_uvs.ndim != 3 or verts_uvs.shape[-1] != 2 or verts_uvs.shape[0] != self._N:
                raise ValueError(f"Expected verts_uvs to be of shape (N, V, 2); got {tuple(verts_uvs.shape)}.")
            self._verts_uvs_padded = verts_uvs
        else:
            raise ValueError("Expected verts_uvs to be a tensor or list")
        if any(uvs.device != self.device for uvs in verts_uvs):
            raise ValueError("verts_uvs and faces_uvs must be on the same device")

    def _set_maps_ids(self, maps_ids: Optional[_Tensors]) -> None:
        self._maps_ids_list = self._maps_ids_padded = None
        if maps_ids is None:
            return
        if isinstance(maps_ids, (list, tuple)):
            for ids in maps_ids:
                if ids.ndim != 1:
                    raise ValueError(f"Expected maps_ids to be of shape (F,); got {tuple(ids.shape)}.")
            if len(maps_ids) != self._N:
                raise ValueError("map_ids, faces_uvs and verts_uvs must have the same batch dimension")
            if any(len(ids) != size for ids, size in zip(maps_ids, self._num_faces_per_mesh)):
                raise ValueError("map_ids and faces_uvs must have the same number of faces per mesh")
            self._maps_ids_list = list(maps_ids)
            self._maps_ids_padded = _list_to_padded_wrapper(maps_ids) if self._N > 0 else torch.zeros(0, 0, dtype=torch.int64)
        elif torch.is_tensor(maps_ids):
            if maps_ids.ndim != 2 or maps_ids.shape[0] != self._N:
                raise ValueError(f"Expected maps_ids to be of shape (N, F); got {tuple(maps_ids.shape)}.")
            if maps_ids.shape[1] != max(self._num_faces_per_mesh, default=0):
                raise ValueError("map_ids and faces_uvs must have the same number of faces per mesh")
            self._maps_ids_padded = maps_ids
        else:
            raise ValueError("Expected maps_ids to be a tensor or list")
        if any(ids.device != self.device for ids in maps_ids):
            raise ValueError("maps_ids and verts/faces uvs must be on the same device")

    def _set_maps(self, maps: _Tensors) -> None:
        several = self._maps_ids_padded is not None
        self._maps_list = self._maps_padded = None
        if torch.is_tensor(maps):
            if maps.ndim != (5 if several else 4) or maps.shape[0] != self._N:
                shape = "(N, M, H, W, C)" if several else "(N, H, W, C)"
                raise ValueError(f"Expected maps to be of shape {shape}; got {tuple(maps.shape)}.")
            self._maps_padded = maps
        elif isinstance(maps, (list, tuple)):
            if len(maps) != self._N:
                raise ValueError("Expected one texture map per mesh in the batch.")
            if any(each.ndim != (4 if several else 3) for each in maps):
                raise ValueError("Invalid number of dimensions in texture maps")
            if any(each.shape[-1] != maps[0].shape[-1] for each in maps):
                raise ValueError("Inconsistent number of channels in maps")
            self._maps_list = list(maps)
        else:
            raise ValueError("Expected maps to be a tensor or list of tensors.")
        if any(each.device != self.device for each in maps):
            raise ValueError("maps must be on the same device as verts/faces uvs.")

    def _modes(self) -> Dict[str, Union[str, bool]]:
        return dict(padding_mode=self.padding_mode, align_corners=self.align_corners, sampling_mode=self.sampling_mode)

    def __getitem__(self, index) -> "TexturesUV":
        selected = self._selected(index, ["faces_uvs_list", "verts_uvs_list", "maps_list", "maps_ids_list", "_num_faces_per_mesh"])
        textures = type(self)(
            maps=selected["maps_list"],
            faces_uvs=selected["faces_uvs_list"],
            verts_uvs=selected["verts_uvs_list"],
            maps_ids=selected["maps_ids_list"],
            **self._modes(),
        )
        textures._num_faces_per_mesh = selected["_num_faces_per_mesh"]
        return textures

    def faces_uvs_padded(self) -> torch.Tensor:
        if self._faces_uvs_padded is None:
            faces = self._faces_uvs_list
            self._faces_uvs_padded = _list_to_padded_wrapper(faces) if faces else torch.zeros(0, 0, 3, dtype=torch.int64, device=self.device)
        return self._faces_uvs_padded

    def faces_uvs_list(self) -> List[torch.Tensor]:
        if self._faces_uvs_list is None:
            self._faces_uvs_list = _padded_to_list_wrapper(self._faces_uvs_padded, self._num_faces_per_mesh)
        return self._faces_uvs_list

    def verts_uvs_padded(self) -> torch.Tensor:
        if self._verts_uvs_padded is None:
            uvs = self._verts_uvs_list
            self._verts_uvs_padded = _list_to_padded_wrapper(uvs) if uvs else torch.zeros(0, 0, 2, device=self.device)
        return self._verts_uvs_padded

    def verts_uvs_list(self) -> List[torch.Tensor]:
        if self._verts_uvs_list is None:
            self._verts_uvs_list = list(self._verts_uvs_padded.unbind(0))
        return self._verts_uvs_list

    def maps_ids_padded(self) -> Optional[torch.Tensor]:
        return self._maps_ids_padded

    def maps_ids_list(self) -> Optional[List[torch.Tensor]]:
        if self._maps_ids_list is None and self._maps_ids_padded is not None:
            return _padded_to_list_wrapper(self._maps_ids_padded, self._num_faces_per_mesh)
        return self._maps_ids_list

    def maps_padded(self) -> torch.Tensor:
        """Maps of different sizes are resized to the largest here, but sampled as they are."""
        if self._maps_padded is None:
            several = self._maps_ids_padded is not None
            empty = torch.zeros(0, *(0,) * (3 if several else 2), 3, device=self.device)
            self._maps_padded = padded_maps(self._maps_list, self.align_corners) if self._N > 0 else empty
        return self._maps_padded

    def maps_list(self) -> List[torch.Tensor]:
        return self._maps_list if self._maps_list is not None else list(self._maps_padded.unbind(0))

    def extend(self, N: int) -> "TexturesUV":
        extended = self._extend(N, ["verts_uvs_padded", "faces_uvs_padded", "maps_ids_padded", "_num_faces_per_mesh"])
        maps = self._maps_list
        textures = type(self)(
            maps=self._maps_padded.repeat_interleave(N, 0) if maps is None else [map_.clone() for map_ in maps for _ in range(N)],
            faces_uvs=extended["faces_uvs_padded"],
            verts_uvs=extended["verts_uvs_padded"],
            maps_ids=extended["maps_ids_padded"],
            **self._modes(),
        )
        textures._num_faces_per_mesh = extended["_num_faces_per_mesh"]
        return textures

    def _packed_uvs(self) -> Tuple[torch.Tensor, torch.Tensor]:
        """faces_uvs [F, 3] of all faces, indices into verts_uvs [T, 2] of all meshes."""
        faces, verts = [faces.to(torch.int64) for faces in self.faces_uvs_list()], self.verts_uvs_list()
        if len(faces) == 1:
            return faces[0], verts[0]
        starts, parts = 0, []
        for n, (of_faces, of_verts) in enumerate(zip(faces, verts)):
            _check_indices("faces_uvs", n, of_faces, len(of_verts))
            parts.append(torch.where(of_faces < 0, -1, of_faces + starts))
            starts += len(of_verts)
        return torch.cat(parts), torch.cat(verts)

    def _packed_maps(self) -> Tuple[torch.Tensor, torch.Tensor, List[int]]:
        """The texels [P, C] of all maps, their layouts [M, 5] as sample_texture_uv takes them, and the first map of each mesh."""
        if self.padding_mode not in _WRAP:
            raise ValueError(f"Expected padding_mode to be one of {', '.join(_WRAP)}; got {self.padding_mode}.")
        maps = self._maps_list
        if maps is None:
            padded = self._maps_padded
            maps = [padded[0]] * self._N if padded.stride(0) == 0 else list(padded.unbind(0))
        numbers: Dict[int, int] = {}
        layouts, firsts, num_texels, unique = [], [], 0, []
        for map_ in maps:
            if id(map_) not in numbers:
                numbers[id(map_)] = len(layouts)
                unique.append(map_)
                height, width = map_.shape[-3:-1]
                for _ in range(len(map_) if map_.dim() == 4 else 1):
                    layouts.append([num_texels, height, width, *2 * [_WRAP[self.padding_mode]]])
                    num_texels += height * width
            firsts.append(numbers[id(map_)])
        channels = maps[0].shape[-1]
        if self._maps_list is None and len(unique) == self._N:
            texels = self._maps_padded.reshape(-1, channels)  # a view, where the texels of each map would be copied
        else:
            texels = torch.cat([map_.reshape(-1, channels) for map_ in unique])
        return texels, torch.tensor(layouts), firsts

    def _face_maps(self, faces_uvs: torch.Tensor, firsts: Sequence[int]) -> torch.Tensor:
        """Which map each face has, [F]; -1 for faces without uvs."""
        sizes = [len(faces) for faces in self.faces_uvs_list()]
        ids = self.maps_ids_list()
        if ids is not None:
            for n, (of_mesh, maps) in enumerate(zip(ids, self.maps_list())):
                _check_indices("maps_ids", n, of_mesh, len(maps))
        ids = [0] * self._N if ids is None else ids
        parts = [faces_uvs.new_zeros(size) + (first + of_mesh) for size, first, of_mesh in zip(sizes, firsts, ids)]
        return torch.where((faces_uvs < 0).any(1), -1, parts[0] if len(parts) == 1 else torch.cat(parts))

    def _sample(self, pix_to_face: torch.Tensor, bary_coords: torch.Tensor) -> torch.Tensor:
        if self.sampling_mode not in _SAMPLING:
            raise ValueError(f"Expected sampling_mode to be one of {', '.join(_SAMPLING)}; got {self.sampling_mode}.")
        if self._N == 0:
            return bary_coords.new_zeros(*pix_to_face.shape, self.maps_padded().shape[-1])
        faces_uvs, verts_uvs = self._packed_uvs()
        maps, layouts, firsts = self._packed_maps()
        return ops.sample_texture_uv(
            pix_to_face,
            bary_coords,
            faces_uvs,
            verts_uvs.to(bary_coords.dtype),
            self._face_maps(faces_uvs, firsts),
            maps.to(bary_coords),
            layouts.to(bary_coords.device),
            self.sampling_mode == "bilinear",
            self.align_corners,
        )

    def sample_textures(self, fragments, **kwargs) -> torch.Tensor:
        return self._sample(fragments.pix_to_face, fragments.bary_coords)

    def faces_verts_textures_packed(self, faces_packed=None) -> torch.Tensor:
        verts_uvs = self.verts_uvs_padded()
        num_faces = sum(len(faces) for faces in self.faces_uvs_list())
        faces = torch.arange(num_faces, device=self.device).view(1, -1, 1, 1).expand(-1, -1, 3, -1)
        corners = torch.eye(3, dtype=verts_uvs.dtype, device=self.device).view(1, 1, 3, 1, 3).expand(1, num_faces, -1, -1, -1)
        return self._sample(faces, corners)[0, :, :, 0]

    def _refuse_several_maps(self, method: str) -> None:
        if self.maps_ids_padded() is not None:
            raise NotImplementedError(f"{method} does not support TexturesUV with multiple maps.")

    def join_batch(self, textures: List["TexturesUV"]) -> "TexturesUV":
        """The textures of all meshes, these and those of the list."""
        if not all(isinstance(other, TexturesUV) for other in textures):
            raise ValueError("All textures must be of type TexturesUV.")
        everything = (self, *textures)
        for each in everything:
            each._refuse_several_maps("join_batch")
        for name, mode in self._modes().items():
            if any(getattr(other, name) != mode for other in textures):
                raise ValueError(f"All textures must have the same {name}{' value' if name == 'align_corners' else ''}.")
        joined = type(self)(
            maps=[map_ for each in everything for map_ in each.maps_list()],
            faces_uvs=[faces for each in everything for faces in each.faces_uvs_list()],
            verts_uvs=[uvs for each in everything for uvs in each.verts_uvs_list()],
            **self._modes(),
        )
        joined._num_faces_per_mesh = [size for each in everything for size in each._num_faces_per_mesh]
        return joined

    def join_scene(self) -> "TexturesUV":
        """The textures of one mesh that has all faces: its map has all maps side by side. uvs outside of [0, 1] would point into
        another map, and are not supported. A map that several meshes share, as one tensor, is there once."""
        self._refuse_several_maps("join_scene")
        joined = JoinedMaps(self.maps_list(), self.align_corners, self.padding_mode)
        uvs = [joined.uvs(i, uvs) for i, uvs in enumerate(self.verts_uvs_list())]
        return type(self)(maps=[joined.map()], faces_uvs=[self._packed_uvs()[0]], verts_uvs=[torch.cat(uvs)], **self._modes())

    def centers_for_image(self, index: int) -> torch.Tensor:
        """Where in the map of a single mesh its verts_uvs lie: x and y in pixels [V, 2], on the CPU."""
        self._refuse_several_maps("centers_for_image")
        if self._N != 1:
            raise ValueError("This function only supports plotting textures for one mesh.")
        height, width = self.maps_padded().shape[1:3]
        uvs = self.verts_uvs_list()[index].detach()
        rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        positions = torch.stack((columns, rows))[None].to(uvs)
        grid = uvs * uvs.new_tensor([2.0, -2.0]) + uvs.new_tensor([-1.0, 1.0])
        modes = dict(mode=self.sampling_mode, align_corners=self.align_corners, padding_mode=self.padding_mode)
        return F.grid_sample(positions, grid[None, None], **modes)[0, :, 0].T.cpu()

    def check_shapes(self, batch_size: int, max_num_verts: int, max_num_faces: int) -> bool:
        return self.faces_uvs_padded().shape[:2] == (batch_size, max_num_faces) and self.verts_uvs_padded().shape[0] == batch_size

    def submeshes(self, vertex_ids_list: List[List[torch.Tensor]], faces_ids_list: List[List[torch.Tensor]]) -> "TexturesUV":
        self._refuse_several_maps("submeshes")
        if len(faces_ids_list) != len(self.faces_uvs_list()):
            raise IndexError("faces_uvs_padded must be of the same length as face_ids_list.")
        sources = zip(faces_ids_list, self.maps_list(), self.faces_uvs_list(), self.verts_uvs_list())
        parts = [(map_, faces[ids], uvs) for ids_of_parts, map_, faces, uvs in sources for ids in ids_of_parts]
        maps, faces_uvs, verts_uvs = (list(column) for column in zip(*parts)) if parts else ([], [], [])
        return type(self)(maps=maps, faces_uvs=faces_uvs, verts_uvs=verts_uvs, **self._modes())
