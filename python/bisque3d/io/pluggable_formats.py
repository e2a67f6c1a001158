"""What a file format of meshes or point clouds provides."""

import pathlib
from typing import Optional, Tuple

from ..common.datatypes import Device
from ..structures import Meshes, Pointclouds
from .utils import PathManager, PathOrStr


def endswith(path: PathOrStr, suffixes: Tuple[str, ...]) -> bool:
    """Whether a path has one of the suffixes; a file object has each."""
    if isinstance(path, pathlib.Path):
        return path.suffix.lower() in suffixes
    return path.lower().endswith(suffixes) if isinstance(path, str) else True


class MeshFormatInterpreter:
    """A file format of meshes, for IO.register_meshes_format."""

    def read(
        self, path: PathOrStr, include_textures: bool, device: Device, path_manager: PathManager, **kwargs
    ) -> Optional[Meshes]:
        """The mesh of a file, or None if the file is of another format."""
        raise NotImplementedError()

    def save(self, data: Meshes, path: PathOrStr, path_manager: PathManager, binary: Optional[bool], **kwargs) -> bool:
        """Writes a mesh; False if the path is of another format."""
        raise NotImplementedError()


class PointcloudFormatInterpreter:
    """A file format of point clouds, for IO.register_pointcloud_format."""

    def read(self, path: PathOrStr, device: Device, path_manager: PathManager, **kwargs) -> Optional[Pointclouds]:
        """The cloud of a file, or None if the file is of another format."""
        raise NotImplementedError()

    def save(
        self, data: Pointclouds, path: PathOrStr, path_manager: PathManager, binary: Optional[bool], **kwargs
    ) -> bool:
        """Writes a cloud; False if the path is of another format."""
        raise NotImplementedError()
