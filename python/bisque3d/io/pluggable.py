"""Files of any registered format."""

from collections import deque
from typing import Deque, Optional

from ..common.datatypes import Device
from ..structures import Meshes, Pointclouds
from .experimental_gltf_io import MeshGlbFormat
from .obj_io import MeshObjFormat
from .off_io import MeshOffFormat
from .pluggable_formats import MeshFormatInterpreter, PointcloudFormatInterpreter
from .ply_io import MeshPlyFormat, PointcloudPlyFormat
from .stl_io import MeshStlFormat
from .utils import PathManager, PathOrStr


class IO:
    """Loads and saves meshes (.obj, .off, .ply, .stl, .glb) and point clouds (.ply), and formats that are registered, the last one first.

    >>> import torch
    >>> from bisque3d.io import IO
    >>> from bisque3d.utils import ico_sphere
    >>> IO().save_mesh(ico_sphere(1), "/tmp/sphere.ply")
    >>> IO().load_mesh("/tmp/sphere.ply").verts_packed().shape
    torch.Size([42, 3])
    """

    def __init__(self, include_default_formats: bool = True, path_manager: Optional[PathManager] = None) -> None:
        """`path_manager` opens paths that are strings: an iopath PathManager, or None for local files."""
        self.path_manager = PathManager() if path_manager is None else path_manager
        self.mesh_interpreters: Deque[MeshFormatInterpreter] = deque()
        self.pointcloud_interpreters: Deque[PointcloudFormatInterpreter] = deque()
        if include_default_formats:
            self.register_default_formats()

    def register_default_formats(self) -> None:
        """Registers the formats above."""
        for meshes in (MeshGlbFormat(), MeshStlFormat(), MeshObjFormat(), MeshOffFormat(), MeshPlyFormat()):
            self.register_meshes_format(meshes)
        self.register_pointcloud_format(PointcloudPlyFormat())

    def register_meshes_format(self, interpreter: MeshFormatInterpreter) -> None:
        """Adds a format of meshes, which is tried first. ValueError: another type."""
        if not isinstance(interpreter, MeshFormatInterpreter):
            raise ValueError("Invalid interpreter")
        self.mesh_interpreters.appendleft(interpreter)

    def register_pointcloud_format(self, interpreter: PointcloudFormatInterpreter) -> None:
        """Adds a format of point clouds, which is tried first. ValueError: another type."""
        if not isinstance(interpreter, PointcloudFormatInterpreter):
            raise ValueError("Invalid interpreter")
        self.pointcloud_interpreters.appendleft(interpreter)

    def load_mesh(self, path: PathOrStr, include_textures: bool = True, device: Device = "cpu", **kwargs) -> Meshes:
        """The mesh of a file, with its textures unless `include_textures` is False. Further arguments are those of the format. ValueError: no format
        for this path, a malformed file."""
        for interpreter in self.mesh_interpreters:
            mesh = interpreter.read(
                path, include_textures=include_textures, path_manager=self.path_manager, device=device, **kwargs
            )
            if mesh is not None:
                return mesh
        raise ValueError(f"No mesh interpreter found to read {path}.")

    def save_mesh(
        self, data: Meshes, path: PathOrStr, binary: Optional[bool] = None, include_textures: bool = True, **kwargs
    ) -> None:
        """Writes one mesh, as `binary` or text where a format has both. ValueError: no format for this path, several meshes."""
        if not isinstance(data, Meshes):
            raise ValueError("Meshes object expected.")
        if len(data) != 1:
            raise ValueError("Can only save a single mesh.")
        if not include_textures and data.textures is not None:
            data = Meshes(data.verts_list(), data.faces_list())
        for interpreter in self.mesh_interpreters:
            if interpreter.save(data, path, path_manager=self.path_manager, binary=binary, **kwargs):
                return
        raise ValueError(f"No mesh interpreter found to write to {path}.")

    def load_pointcloud(self, path: PathOrStr, device: Device = "cpu", **kwargs) -> Pointclouds:
        """The point cloud of a file. ValueError: no format for this path, a malformed file."""
        for interpreter in self.pointcloud_interpreters:
            clouds = interpreter.read(path, path_manager=self.path_manager, device=device, **kwargs)
            if clouds is not None:
                return clouds
        raise ValueError(f"No point cloud interpreter found to read {path}.")

    def save_pointcloud(self, data: Pointclouds, path: PathOrStr, binary: Optional[bool] = None, **kwargs) -> None:
        """Writes one cloud, as `binary` or text where a format has both. ValueError: no format for this path, several clouds."""
        if not isinstance(data, Pointclouds):
            raise ValueError("Pointclouds object expected.")
        if len(data) != 1:
            raise ValueError("Can only save a single point cloud.")
        for interpreter in self.pointcloud_interpreters:
            if interpreter.save(data, path, path_manager=self.path_manager, binary=binary, **kwargs):
                return
        raise ValueError(f"No point cloud interpreter found to write to {path}.")
