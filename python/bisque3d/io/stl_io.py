"""STL files, which PyTorch3D does not have."""

from typing import Optional

from .._ops import ops
from ..common.datatypes import Device
from ..structures import Meshes
from ._files import geometry_of, local_file, save_by, value_errors, warn_each
from .pluggable_formats import MeshFormatInterpreter, endswith
from .utils import PathManager, _check_faces_indices


class MeshStlFormat(MeshFormatInterpreter):
    """STL files, ascii or binary. Corners with equal coordinates become one vert."""

    def __init__(self) -> None:
        self.known_suffixes = (".stl",)

    def read(
        self, path, include_textures: bool, device: Device, path_manager: PathManager, merge_verts: bool = True, **kwargs
    ) -> Optional[Meshes]:
        if not endswith(path, self.known_suffixes):
            return None
        with local_file(path, path_manager, ".stl") as file, value_errors():
            verts, faces, messages = ops.load_stl(file, merge_verts)
        warn_each(messages)
        return Meshes([verts.to(device)], [faces.to(device)])

    def save(self, data: Meshes, path, path_manager: PathManager, binary: Optional[bool], **kwargs) -> bool:
        if not endswith(path, self.known_suffixes):
            return False
        verts, faces = geometry_of(*data.get_mesh_verts_faces(0))
        _check_faces_indices(faces, max_index=len(verts))
        with value_errors():
            save_by(lambda file: ops.save_stl(file, verts, faces, binary is not False), path, path_manager, ".stl")
        return True
