"""OBJ files."""

import contextlib
import os
import re
import warnings
from collections import namedtuple
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Tuple

import numpy as np
import torch

from .._ops import ops
from ..common.datatypes import Device
from ..structures import Meshes, join_meshes_as_batch
from ._files import copy_of, geometry_of, is_local, on_cpu, png_of, read_bytes, value_errors, warn_each, words_by, write_content, written_by
from .mtl_io import load_mtl, make_mesh_texture_atlas
from .pluggable_formats import MeshFormatInterpreter, endswith
from .utils import PathManager, _check_faces_indices

_Faces = namedtuple("Faces", "verts_idx normals_idx textures_idx materials_idx")
_Aux = namedtuple("Properties", "normals verts_uvs material_colors texture_images texture_atlas")

_PHRASES = [
    (r"has \d+ numbers, expected at least 1", "A line does not have 2 values."),
    (r"has \d+ numbers, expected at least 3", "A line does not have 3 values."),
    (r"refers to", "Faces have invalid indices"),
    (r"(?:[^/\s]*/){3}", "Face vertices can only have 3 properties."),
]


class _Content(NamedTuple):
    """What the op load_obj returns."""

    verts: torch.Tensor
    faces: torch.Tensor
    normals: torch.Tensor
    normal_faces: torch.Tensor
    uvs: torch.Tensor
    uv_faces: torch.Tensor
    colors: torch.Tensor
    face_groups: torch.Tensor
    group_names: List[str]
    materials: torch.Tensor
    material_textures: torch.Tensor
    textures: List[str]
    texture_options: torch.Tensor
    warnings: List[str]


def load_obj(
    f,
    load_textures: bool = True,
    create_texture_atlas: bool = False,
    texture_atlas_size: int = 4,
    texture_wrap: Optional[str] = "repeat",
    device: Device = "cpu",
    path_manager: Optional[PathManager] = None,
) -> Tuple[torch.Tensor, _Faces, _Aux]:
    """The mesh of an OBJ file, a path or file object, with polygons split into triangles, and its materials.

    Returns verts [V, 3]; faces: verts_idx, normals_idx, textures_idx [F, 3] (-1 where a face has none) and materials_idx [F] (-1 for none); aux:
    normals [N, 3] and verts_uvs [T, 2] or None, and with `load_textures` material_colors and texture_images, by name as load_mtl returns them, or
    None; with `create_texture_atlas` also texture_atlas [F, R, R, 3], R = texture_atlas_size, of make_mesh_texture_atlas. `texture_wrap` is
    "repeat", "clamp" or None. A missing material file or picture is a warning. ValueError: a malformed file, with the line, another texture_wrap."""
    if texture_wrap not in ("repeat", "clamp", None):
        raise ValueError(f"texture_wrap must be one of ['repeat', 'clamp'] or None, got {texture_wrap}")
    path_manager = path_manager or PathManager()
    data_dir = os.path.dirname(f) if isinstance(f, (str, Path)) else "./"
    text = read_bytes(f, path_manager)
    content = _parse(text, f)
    _check_consistent(text, content, f"{f}" if is_local(f) else "data.obj")
    material_names = _material_names(text)
    materials_idx = _material_indices(content, material_names)
    colors, images = None, None
    if load_textures:
        colors, images = _load_materials(material_names, _material_file(text, data_dir), data_dir, device, path_manager)
    if colors and not material_names:  # the only material of the file is that of all faces
        material_names = [next(iter(colors))]
        materials_idx = materials_idx.clamp_min(0)
    uv_faces = _index_rows(content.uv_faces, content.faces)
    atlas = None
    if create_texture_atlas and load_textures and colors is not None:
        names = np.array([*material_names, ""])[materials_idx.numpy()]
        arguments = (colors, images, names, uv_faces.to(device), content.uvs.to(device), texture_atlas_size, texture_wrap)
        atlas = make_mesh_texture_atlas(*arguments)
    indices = (content.faces, _index_rows(content.normal_faces, content.faces), uv_faces, materials_idx)
    faces = _Faces(*(rows.to(device) for rows in indices))
    normals, uvs = (rows.to(device) if len(rows) else None for rows in (content.normals, content.uvs))
    return content.verts.to(device), faces, _Aux(normals, uvs, colors, images, atlas)


def _parse(text: bytes, f) -> _Content:
    """By the op, which takes files with faces."""
    has_faces = re.search(rb"^[ \t]*f[ \t]", text, re.M)
    if not has_faces:
        if not re.search(rb"^[ \t]*v[ \t]", text, re.M):
            return _Content(*_EMPTY)
        text += b"\nf 1 1 1\n"
    source = contextlib.nullcontext(str(f)) if has_faces and is_local(f) else copy_of(text, os.path.basename(f) if is_local(f) else "data.obj")
    try:
        with source as path, value_errors(words_by(_PHRASES)):
            content = _Content(*ops.load_obj(path))
    except ValueError as error:
        return _with_invalid_faces(text, error)
    warn_each([warning for warning in content.warnings if "material" not in warning])
    if has_faces:
        return content
    without = {name: getattr(content, name)[:0] for name in ("faces", "normal_faces", "uv_faces", "face_groups")}
    return content._replace(**without)


def _with_invalid_faces(text: bytes, error: ValueError) -> _Content:
    """Faces that refer to rows beyond the last of the file are only a warning, as in PyTorch3D: the op gets such rows, which are cut afterwards."""
    match = _BEYOND_THE_LAST.search(str(error))
    index, count = (int(match[2]), int(match[3])) if match else (0, 0)
    if not 0 < index - count <= _MOST_ADDED_ROWS:
        raise error
    warnings.warn(str(error), stacklevel=4)
    row, field = _ADDED_ROWS[match[1]]
    content = _parse(text + b"\n" + row * (index - count), None)
    return content._replace(**{field: getattr(content, field)[:count]})


_BEYOND_THE_LAST = re.compile(r"refers to (vertex|texture coordinate|normal) (\d+), but the file has (\d+)\.")
_ADDED_ROWS = {"vertex": (b"v 0 0 0\n", "verts"), "texture coordinate": (b"vt 0 0\n", "uvs"), "normal": (b"vn 0 0 1\n", "normals")}
_MOST_ADDED_ROWS = 1_000_000


def _check_consistent(text: bytes, content: _Content, name: str) -> None:
    """ValueError: texture coordinates of one number, faces of which some corners lack what others have. The op takes both."""
    may_lack_v = (content.uvs[:, 1] == 0).any()  # what the op gives a line of one number
    if may_lack_v and (line := re.search(rb"^[ \t]*vt[ \t]+[^\s#]+[ \t]*\r?$", text, re.M)):
        raise ValueError(f"Texture does not have 2 values. Line: {line.group().decode(errors='replace').strip()} ({name})")
    for rows in (content.normal_faces, content.uv_faces):
        is_missing = rows < 0
        mixed = (is_missing.any(1) & ~is_missing.all(1)).nonzero()
        if len(mixed):
            raise ValueError(f"Face {mixed[0].item()} is an illegal statement. Vertex properties are inconsistent. ({name})")


_ROWS, _INDICES = torch.zeros((0, 3)), torch.zeros((0, 3), dtype=torch.int64)
_EMPTY = (_ROWS, _INDICES, _ROWS, _INDICES, torch.zeros((0, 2)), _INDICES, _ROWS, _INDICES[:, 0], [], _ROWS, _INDICES[:, 0], [], _ROWS, [])


def _index_rows(rows: torch.Tensor, faces: torch.Tensor) -> torch.Tensor:
    """[F, 3], -1 if the file has none."""
    return rows if len(rows) == len(faces) else torch.full_like(faces, -1)


def _material_names(text: bytes) -> List[str]:
    """Those of usemtl lines, in their order."""
    names = re.findall(rb"^[ \t]*usemtl[ \t]+(\S+)", text, re.M)
    return list(dict.fromkeys(name.decode(errors="replace") for name in names))


def _material_indices(content: _Content, names: List[str]) -> torch.Tensor:
    """[F] indices into names; groups of a file without materials are none."""
    places = {name: i for i, name in enumerate(names)}
    of_groups = [places.get((group.split() or [""])[0], -1) for group in content.group_names] if names else [-1] * len(content.group_names)
    return torch.tensor([*of_groups, -1], dtype=torch.int64)[content.face_groups]


def _material_file(text: bytes, data_dir: str) -> Optional[str]:
    lines = re.findall(rb"^[ \t]*mtllib\b[ \t]*(.*?)[ \t]*\r?$", text, re.M)
    if not lines:
        return None
    if not lines[-1]:
        raise ValueError("material file name is not specified")
    return os.path.join(data_dir, lines[-1].decode(errors="replace"))


def _load_materials(
    material_names: List[str], f: Optional[str], data_dir: str, device: Device, path_manager: PathManager
) -> Tuple[Optional[Dict], Optional[Dict]]:
    if f is None:
        warnings.warn("No mtl file provided", stacklevel=3)
        return None, None
    if not path_manager.exists(f):
        warnings.warn(f"Mtl file does not exist: {f}", stacklevel=3)
        return None, None
    return load_mtl(f, material_names=material_names, data_dir=data_dir, device=device, path_manager=path_manager)


def load_objs_as_meshes(
    files: list,
    device: Optional[Device] = None,
    load_textures: bool = True,
    create_texture_atlas: bool = False,
    texture_atlas_size: int = 4,
    texture_wrap: Optional[str] = "repeat",
    path_manager: Optional[PathManager] = None,
) -> Meshes:
    """The meshes of OBJ files in one batch, with a TexturesAtlas if `create_texture_atlas`, else with a TexturesUV of the first picture of each
    file that has one. Arguments as of load_obj."""
    meshes = []
    for f in files:
        verts, faces, aux = load_obj(
            f, load_textures, create_texture_atlas, texture_atlas_size, texture_wrap, device or "cpu", path_manager
        )
        meshes.append(Meshes(verts=[verts], faces=[faces.verts_idx], textures=_textures_of(faces, aux, create_texture_atlas)))
    return meshes[0] if len(meshes) == 1 else join_meshes_as_batch(meshes)


def _textures_of(faces: _Faces, aux: _Aux, create_texture_atlas: bool):
    if aux.texture_atlas is None and (create_texture_atlas or not aux.texture_images or aux.verts_uvs is None):
        return None
    from ..renderer.mesh.textures import TexturesAtlas, TexturesUV

    if create_texture_atlas:
        return TexturesAtlas(atlas=[aux.texture_atlas])
    image = next(iter(aux.texture_images.values()))
    return TexturesUV(verts_uvs=[aux.verts_uvs], faces_uvs=[faces.textures_idx], maps=image[None])


def save_obj(
    f,
    verts: torch.Tensor,
    faces: torch.Tensor,
    decimal_places: Optional[int] = None,
    path_manager: Optional[PathManager] = None,
    *,
    normals: Optional[torch.Tensor] = None,
    faces_normals_idx: Optional[torch.Tensor] = None,
    verts_uvs: Optional[torch.Tensor] = None,
    faces_uvs: Optional[torch.Tensor] = None,
    texture_map: Optional[torch.Tensor] = None,
) -> None:
    """Saves verts [V, 3] and faces [F, 3] to an OBJ file, a path or file object; normals [N, 3] and their indices [F, 3]; verts_uvs [T, 2] and
    faces_uvs [F, 3]. With these and a `texture_map` [H, W, 3] also NAME.mtl and NAME.png beside the path. `decimal_places` is the number of
    digits after the point; None: as many as restore the same float. ValueError: other shapes, an index out of range."""
    verts, faces = geometry_of(verts, faces)
    if (normals is None) != (faces_normals_idx is None):
        raise ValueError("'normals' and 'faces_normals_idx' must both be None or neither.")
    _check_rows("faces_normals_idx", faces_normals_idx, 3, "num_faces")
    _check_rows("faces_uvs", faces_uvs, 3, "num_faces")
    _check_rows("normals", normals, 3, "num_verts")
    _check_rows("verts_uvs", verts_uvs, 2, "num_verts")
    if texture_map is not None and (texture_map.dim() != 3 or texture_map.shape[2] != 3):
        raise ValueError("'texture_map' should either be empty or of shape (H, W, 3).")
    if not len(verts) and not len(faces):
        warnings.warn("Empty 'verts' and 'faces' arguments provided", stacklevel=2)
    path_manager = path_manager or PathManager()
    has_texture = all(item is not None for item in (verts_uvs, faces_uvs, texture_map))
    header = ""
    if has_texture:
        path = Path(f)
        header = f"\nmtllib {path.stem}.mtl\nusemtl mesh\n\n"
    rows = dict(normals=on_cpu(normals), normal_faces=on_cpu(faces_normals_idx, torch.int64))
    if faces_uvs is not None and verts_uvs is not None:
        rows |= dict(uvs=on_cpu(verts_uvs), uv_faces=on_cpu(faces_uvs, torch.int64))
    text = _geometry_text(verts, faces, decimal_places, rows)
    write_content(f, path_manager, (header + text).encode())
    if has_texture:
        _save_material(path, texture_map, path_manager)


def _check_rows(name: str, rows: Optional[torch.Tensor], columns: int, count: str) -> None:
    if rows is not None and len(rows) and (rows.dim() != 2 or rows.shape[1] != columns):
        raise ValueError(f"'{name}' should either be empty or of shape ({count}, {columns}).")


def _geometry_text(verts: torch.Tensor, faces: torch.Tensor, decimal_places: Optional[int], rows: dict) -> str:
    """The lines that the op writes, without its comment and the line break after the last face, as PyTorch3D writes them."""
    if not len(verts) and not len(faces):
        return ""
    _check_faces_indices(faces, max_index=len(verts))
    rows = {name: value if value is None or not value.is_floating_point() else value.to(verts.dtype) for name, value in rows.items()}
    with value_errors(lambda text: "Faces have invalid indices"):
        text = written_by(lambda path: ops.save_obj(path, verts, faces, **rows, decimal_places=decimal_places), ".obj").decode()
    text = text.split("\n", 1)[1]
    return text.removesuffix("\n") if len(faces) else text


def _save_material(path: Path, texture_map: torch.Tensor, path_manager: PathManager) -> None:
    lines = ["newmtl mesh", f"map_Kd {path.stem}.png", "# Test colors", "Ka 1.000 1.000 1.000  # white"]
    lines += ["Kd 1.000 1.000 1.000  # white", "Ks 0.000 0.000 0.000  # black", "Ns 10.0", ""]
    write_content(path.with_suffix(".mtl"), path_manager, "\n".join(lines).encode())
    write_content(path.with_suffix(".png"), path_manager, png_of(texture_map))


class MeshObjFormat(MeshFormatInterpreter):
    """OBJ files of meshes, with textures."""

    def __init__(self) -> None:
        self.known_suffixes = (".obj",)

    def read(
        self,
        path,
        include_textures: bool,
        device: Device,
        path_manager: PathManager,
        create_texture_atlas: bool = False,
        texture_atlas_size: int = 4,
        texture_wrap: Optional[str] = "repeat",
        **kwargs,
    ) -> Optional[Meshes]:
        if not endswith(path, self.known_suffixes):
            return None
        return load_objs_as_meshes(
            [path], device, include_textures, create_texture_atlas, texture_atlas_size, texture_wrap, path_manager
        )

    def save(
        self, data: Meshes, path, path_manager: PathManager, binary: Optional[bool], decimal_places: Optional[int] = None, **kwargs
    ) -> bool:
        if not endswith(path, self.known_suffixes):
            return False
        textures = {}
        if hasattr(data.textures, "maps_list"):
            textures = dict(
                verts_uvs=data.textures.verts_uvs_list()[0],
                faces_uvs=data.textures.faces_uvs_list()[0],
                texture_map=data.textures.maps_list()[0],
            )
        verts, faces = data.get_mesh_verts_faces(0)
        save_obj(path, verts, faces, decimal_places, path_manager, **textures)
        return True
