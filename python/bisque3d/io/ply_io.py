"""PLY files."""

import io
import warnings
from typing import NamedTuple, Optional, Tuple

import torch

from .._ops import ops
from ..common.datatypes import Device
from ..structures import Meshes, Pointclouds
from ._files import check_corners, geometry_of, local_file, on_cpu, value_errors, warn_each, write_content, written_by
from ._ply_raw import _load_ply_raw, _PlyHeader  # noqa: F401 (PyTorch3D has them here)
from .pluggable_formats import MeshFormatInterpreter, PointcloudFormatInterpreter, endswith
from .utils import PathManager, _check_faces_indices


class _PlyData(NamedTuple):
    """What a PLY file holds; faces is None if it has none."""

    verts: torch.Tensor
    faces: Optional[torch.Tensor]
    verts_colors: Optional[torch.Tensor]
    verts_normals: Optional[torch.Tensor]


def _load_ply(f, *, path_manager: PathManager) -> _PlyData:
    if isinstance(f, io.TextIOBase) and _is_binary(f):
        raise ValueError("Cannot safely read a binary ply file using a Text stream.")
    with local_file(f, path_manager, ".ply") as path, value_errors(lambda text: _words_of(path, text)):
        verts, faces, normals, colors, _, messages = ops.load_ply(path)
    check_corners(messages)
    warn_each([message for message in messages if "skips" not in message or "face" in message])
    optional = (tensor if len(tensor) else None for tensor in (faces, colors, normals))
    return _PlyData(verts, *optional)


def _words_of(path: str, text: str) -> Optional[str]:
    """PyTorch3D's words for what the op says of a file: those of the reader of all elements, if it fails too."""
    try:
        header, _ = _load_ply_raw(path, PathManager())
    except ValueError as error:
        return str(error)
    vertex = next((element for element in header.elements if element.name == "vertex"), None)
    if vertex is None:
        return "The ply file has no vertex element."
    if "property" in text:
        return f"Invalid vertices in file{'.' if vertex.is_fixed_size() else ': did not expect list.'}"
    return "Faces have invalid indices" if "refers to" in text else None


def _is_binary(f: io.TextIOBase) -> bool:
    start = f.tell()
    try:
        lines = (f.readline(), f.readline())
    except UnicodeDecodeError:
        return True
    finally:
        f.seek(start)
    return "binary" in lines[1]


def load_ply(f, *, path_manager: Optional[PathManager] = None) -> Tuple[torch.Tensor, torch.Tensor]:
    """The verts [V, 3] and faces [F, 3] of a PLY file, a path or file object, ascii or binary; polygons are split into triangles.
    ValueError: a malformed file, with the line or byte; a binary file as a text stream."""
    data = _load_ply(f, path_manager=path_manager or PathManager())
    faces = torch.zeros((0, 3), dtype=torch.int64) if data.faces is None else data.faces
    return data.verts, faces


def save_ply(
    f,
    verts: torch.Tensor,
    faces: Optional[torch.Tensor] = None,
    verts_normals: Optional[torch.Tensor] = None,
    ascii: bool = False,
    decimal_places: Optional[int] = None,
    path_manager: Optional[PathManager] = None,
) -> None:
    """Saves verts [V, 3], and faces [F, 3] and normals [V, 3] if given, to a PLY file, a path or file object. `decimal_places` is the number of
    digits after the point in `ascii`; None: as many as restore the same float. ValueError: other shapes, an index out of range."""
    _save_ply(
        f,
        verts=verts,
        faces=faces,
        verts_normals=verts_normals,
        verts_colors=None,
        ascii=ascii,
        decimal_places=decimal_places,
        path_manager=path_manager or PathManager(),
    )


def _save_ply(
    f,
    *,
    verts: torch.Tensor,
    faces: Optional[torch.Tensor],
    verts_normals: Optional[torch.Tensor],
    verts_colors: Optional[torch.Tensor],
    ascii: bool,
    decimal_places: Optional[int] = None,
    colors_as_uint8: bool = False,
    path_manager: PathManager,
) -> None:
    verts, faces = geometry_of(verts, faces)
    if not len(verts):
        warnings.warn("Empty 'verts' provided", stacklevel=3)
    if verts_normals is not None and len(verts_normals) and tuple(verts_normals.shape) != tuple(verts.shape):
        raise ValueError("Argument 'verts_normals' should either be empty or of shape (num_verts, 3).")
    if verts_colors is not None and len(verts_colors) and (verts_colors.dim() != 2 or verts_colors.shape[1] not in (3, 4)):
        raise ValueError("Argument 'verts_colors' should either be empty or of shape (num_verts, 3).")
    _check_faces_indices(faces, max_index=len(verts))
    normals, colors = on_cpu(verts_normals, verts.dtype), on_cpu(verts_colors, verts.dtype)
    options = dict(binary=not ascii, decimal_places=decimal_places, colors_as_uint8=colors_as_uint8)
    with value_errors():
        content = written_by(lambda path: ops.save_ply(path, verts, faces, normals, colors, **options), ".ply")
    write_content(f, path_manager, _with_pytorch3d_header(content))


def _with_pytorch3d_header(content: bytes) -> bytes:
    """Without the op's comment, and with PyTorch3D's name of the corners of faces."""
    header, end, body = content.partition(b"end_header\n")
    return header.replace(b"comment bisque\n", b"").replace(b"vertex_indices", b"vertex_index") + end + body


class MeshPlyFormat(MeshFormatInterpreter):
    """PLY files of meshes: normals and colours of verts are kept."""

    def __init__(self) -> None:
        self.known_suffixes = (".ply",)

    def read(self, path, include_textures: bool, device: Device, path_manager: PathManager, **kwargs) -> Optional[Meshes]:
        if not endswith(path, self.known_suffixes):
            return None
        data = _load_ply(path, path_manager=path_manager)
        faces = torch.zeros((0, 3), dtype=torch.int64) if data.faces is None else data.faces
        textures = None
        if include_textures and data.verts_colors is not None:
            from ..renderer.mesh.textures import TexturesVertex

            textures = TexturesVertex([data.verts_colors.to(device)])
        normals = None if data.verts_normals is None else [data.verts_normals.to(device)]
        return Meshes([data.verts.to(device)], [faces.to(device)], textures=textures, verts_normals=normals)

    def save(
        self,
        data: Meshes,
        path,
        path_manager: PathManager,
        binary: Optional[bool],
        decimal_places: Optional[int] = None,
        colors_as_uint8: bool = False,
        **kwargs,
    ) -> bool:
        if not endswith(path, self.known_suffixes):
            return False
        verts, faces = data.get_mesh_verts_faces(0)
        _save_ply(
            path,
            verts=verts,
            faces=faces,
            verts_normals=data.verts_normals_packed() if data.has_verts_normals() else None,
            verts_colors=_vertex_colors(data),
            ascii=binary is False,
            decimal_places=decimal_places,
            colors_as_uint8=colors_as_uint8,
            path_manager=path_manager,
        )
        return True


def _vertex_colors(data: Meshes) -> Optional[torch.Tensor]:
    """The colours [V, 3] or [V, 4] of a mesh with TexturesVertex; other numbers of channels are left out with a warning."""
    if not hasattr(data.textures, "verts_features_list"):
        return None
    colors = data.textures.verts_features_list()[0]
    if colors.shape[1] not in (3, 4):
        warnings.warn(f"Texture will not be saved as it has {colors.shape[1]} colors, not 3.", stacklevel=3)
        return None
    return colors


class PointcloudPlyFormat(PointcloudFormatInterpreter):
    """PLY files of point clouds: normals are kept, and colours as features."""

    def __init__(self) -> None:
        self.known_suffixes = (".ply",)

    def read(self, path, device: Device, path_manager: PathManager, **kwargs) -> Optional[Pointclouds]:
        if not endswith(path, self.known_suffixes):
            return None
        data = _load_ply(path, path_manager=path_manager)
        fields = (data.verts, data.verts_normals, data.verts_colors)
        return Pointclouds(*(None if field is None else [field.to(device)] for field in fields))

    def save(
        self,
        data: Pointclouds,
        path,
        path_manager: PathManager,
        binary: Optional[bool],
        decimal_places: Optional[int] = None,
        colors_as_uint8: bool = False,
        **kwargs,
    ) -> bool:
        if not endswith(path, self.known_suffixes):
            return False
        points, normals, features = data.get_cloud(0)
        _save_ply(
            path,
            verts=points,
            faces=None,
            verts_normals=normals,
            verts_colors=features,
            ascii=binary is False,
            decimal_places=decimal_places,
            colors_as_uint8=colors_as_uint8,
            path_manager=path_manager,
        )
        return True
