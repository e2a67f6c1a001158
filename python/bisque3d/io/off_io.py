"""OFF files."""

import re
import warnings
from typing import Optional

import torch

from .._ops import ops
from ..common.datatypes import Device
from ..structures import Meshes
from ._files import check_corners, geometry_of, local_file, on_cpu, save_by, value_errors, warn_each
from .pluggable_formats import MeshFormatInterpreter, endswith
from .ply_io import _vertex_colors
from .utils import PathManager, _check_faces_indices


class MeshOffFormat(MeshFormatInterpreter):
    """OFF files: colours of verts as TexturesVertex, colours of faces as TexturesAtlas with one texel each, and normals of verts."""

    def __init__(self) -> None:
        self.known_suffixes = (".off",)

    def read(self, path, include_textures: bool, device: Device, path_manager: PathManager, **kwargs) -> Optional[Meshes]:
        if not endswith(path, self.known_suffixes):
            return None
        with local_file(path, path_manager, ".off") as file, value_errors(lambda text: _words_of(file)):
            verts, faces, normals, colors, face_colors, messages = ops.load_off(file)
        check_corners(messages)
        warn_each(messages)
        textures = _textures_of(colors.to(device), face_colors.to(device)) if include_textures else None
        normals = [normals.to(device)] if len(normals) else None
        return Meshes([verts.to(device)], [faces.to(device)], textures=textures, verts_normals=normals)

    def save(
        self, data: Meshes, path, path_manager: PathManager, binary: Optional[bool], decimal_places: Optional[int] = None, **kwargs
    ) -> bool:
        if not endswith(path, self.known_suffixes):
            return False
        verts, faces = data.get_mesh_verts_faces(0)
        normals = data.verts_normals_packed() if data.has_verts_normals() else None
        _save_off(
            path,
            verts=verts,
            verts_normals=normals,
            verts_colors=_vertex_colors(data),
            faces=faces,
            faces_colors=_face_colors(data),
            decimal_places=decimal_places,
            path_manager=path_manager,
        )
        return True


def _words_of(path: str) -> Optional[str]:
    """PyTorch3D's words for what is wrong with the lines of a file, None for what is wrong within them."""
    with open(path, "rb") as file:
        lines = [words for words in (line.split(b"#")[0].split() for line in file) if words]
    if lines and re.fullmatch(rb"\w*off", lines[0][0], re.I):
        lines[:1] = [lines[0][1:]] if len(lines[0]) > 1 else []
    counts, *rows = lines or [[]]
    if len(counts) != 3 or not all(word.isdigit() for word in counts):
        return f"Invalid counts line: {b' '.join(counts)!r}"
    num_verts, num_faces, _ = map(int, counts)
    if len(rows) < num_verts:
        return "Not enough vertex data."
    if len({len(row) for row in rows[:num_verts]}) > 1:
        return "Bad vertex data."
    if len(rows) < num_verts + num_faces:
        return "Not enough face data." if len(rows) > num_verts else "Premature end of file"
    return f"Extra data at end of file: {b' '.join(rows[num_verts + num_faces])!r}" if len(rows) > num_verts + num_faces else None


def _textures_of(colors: torch.Tensor, face_colors: torch.Tensor):
    if not len(colors) and not len(face_colors):
        return None
    from ..renderer.mesh.textures import TexturesAtlas, TexturesVertex

    if len(colors):
        if len(face_colors):
            warnings.warn("Faces colors ignored because vertex colors provided too.", stacklevel=3)
        return TexturesVertex([colors])
    return TexturesAtlas([face_colors[:, None, None]])


def _face_colors(data: Meshes) -> Optional[torch.Tensor]:
    """Of a TexturesAtlas with one texel per face."""
    atlas = data.textures.atlas_list()[0] if hasattr(data.textures, "atlas_list") else None
    return atlas[:, 0, 0] if atlas is not None and atlas.shape[1] == 1 else None


def _save_off(
    file,
    *,
    verts: torch.Tensor,
    verts_normals: Optional[torch.Tensor] = None,
    verts_colors: Optional[torch.Tensor] = None,
    faces: Optional[torch.Tensor] = None,
    faces_colors: Optional[torch.Tensor] = None,
    decimal_places: Optional[int] = None,
    path_manager: PathManager,
) -> None:
    verts, faces = geometry_of(verts, faces)
    _check_colors("verts_colors", verts_colors, len(verts), "verts")
    _check_colors("faces_colors", faces_colors, len(faces), "faces")
    _check_faces_indices(faces, max_index=len(verts))
    rows = [on_cpu(rows, verts.dtype) for rows in (verts_normals, verts_colors, faces_colors)]
    with value_errors():
        save_by(lambda path: ops.save_off(path, verts, faces, *rows, decimal_places), file, path_manager, ".off")


def _check_colors(name: str, colors: Optional[torch.Tensor], count: int, of: str) -> None:
    if colors is None or not len(colors):
        return
    if colors.dim() != 2 or colors.shape[1] not in (3, 4):
        raise ValueError(f"{name} should have shape (num_{of}, C) with C 3 or 4.")
    if colors.shape[0] != count:
        raise ValueError(f"{name} should have the same length as {of}.")
