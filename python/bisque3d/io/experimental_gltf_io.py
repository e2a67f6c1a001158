"""glTF files (.glb)."""

import json
import struct
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import numpy as np
import torch

from .._ops import ops
from ..common.datatypes import Device
from ..structures import Meshes, join_meshes_as_scene
from ._files import geometry_of, local_file, picture_of_bytes, png_of, value_errors, warn_each, write_content
from .pluggable_formats import MeshFormatInterpreter, endswith
from .utils import PathManager, PathOrStr


class _Content(NamedTuple):
    """What the op load_gltf returns."""

    verts: torch.Tensor
    faces: torch.Tensor
    normals: torch.Tensor
    uvs: torch.Tensor
    uv_faces: torch.Tensor
    colors: torch.Tensor
    face_groups: torch.Tensor
    group_names: List[str]
    materials: torch.Tensor
    material_textures: torch.Tensor
    textures: List[str]
    pictures: List[torch.Tensor]
    texture_options: torch.Tensor
    morph_names: List[str]
    morph_first_idx: torch.Tensor
    morph_verts: torch.Tensor
    morph_offsets: torch.Tensor
    warnings: List[str]


def load_meshes(
    path: PathOrStr, path_manager: PathManager, include_textures: bool = True
) -> List[Tuple[Optional[str], Meshes]]:
    """The default scene of a .glb or .gltf file, placed by its nodes and skins, as a list of one pair: None for its name, and the mesh."""
    with local_file(path, path_manager, ".glb") as file, value_errors():
        content = _Content(*ops.load_gltf(file))
        warn_each(content.warnings)
        return [(None, _mesh_of(content, include_textures))]


def _mesh_of(content: _Content, include_textures: bool) -> Meshes:
    """One mesh, with the colours of its verts, or the pictures of its materials, or their colours."""
    normals = [content.normals] if len(content.normals) else None
    if not include_textures or (not len(content.colors) and not len(content.materials)):
        return Meshes([content.verts], [content.faces], verts_normals=normals)
    from ..renderer.mesh.textures import TexturesUV, TexturesVertex

    if len(content.colors):
        return Meshes([content.verts], [content.faces], TexturesVertex([content.colors]), verts_normals=normals)
    groups = content.face_groups.unique().tolist()
    parts = []
    for group in groups:
        in_group = content.face_groups == group
        faces = content.faces[in_group]
        uv_faces = content.uv_faces[in_group] if len(content.uv_faces) else torch.full_like(faces, -1)
        uvs = content.uvs if len(content.uvs) else torch.zeros((1, 2))
        used, local = torch.unique(faces, return_inverse=True)
        verts, faces = (content.verts, faces) if len(groups) == 1 else (content.verts[used], local)
        textures = TexturesUV([_map_of(content, group)], [uv_faces.clamp_min(0)], [uvs])
        parts.append(Meshes([verts], [faces], textures))
    return join_meshes_as_scene(parts)


def _map_of(content: _Content, group: int) -> torch.Tensor:
    """The picture of a material [H, W, 3], or its colour as one texel; white for faces without one."""
    if group < 0 or group >= len(content.materials):
        return torch.ones((1, 1, 3))
    texture = int(content.material_textures[group])
    if texture < 0:
        return content.materials[group, 3:6].reshape(1, 1, 3)
    if len(content.pictures[texture]):
        return picture_of_bytes(content.pictures[texture].numpy().tobytes(), f"{texture} of the file")
    with open(content.textures[texture], "rb") as file:
        return picture_of_bytes(file.read(), content.textures[texture])


class MeshGlbFormat(MeshFormatInterpreter):
    """.glb files of meshes, with the colours of verts or the pictures of materials as textures."""

    def __init__(self) -> None:
        self.known_suffixes = (".glb",)

    def read(
        self, path, include_textures: bool, device: Device, path_manager: PathManager, **kwargs
    ) -> Optional[Meshes]:
        if not endswith(path, self.known_suffixes):
            return None
        return load_meshes(path, path_manager, include_textures)[0][1].to(device)

    def save(self, data: Meshes, path, path_manager: PathManager, binary: Optional[bool], **kwargs) -> bool:
        if not endswith(path, self.known_suffixes):
            return False
        write_content(path, path_manager, _glb_of(data))
        return True


class _GlbBuilder:
    """The parts of a .glb file."""

    def __init__(self) -> None:
        self.buffer = b""
        self.json: Dict[str, Any] = {"asset": {"version": "2.0", "generator": "bisque"}, "bufferViews": [], "accessors": []}

    def add_view(self, data: bytes, **properties: Any) -> int:
        self.json["bufferViews"].append({"buffer": 0, "byteOffset": len(self.buffer), "byteLength": len(data), **properties})
        self.buffer += data + b"\0" * (-len(data) % 4)
        return len(self.json["bufferViews"]) - 1

    def add_rows(self, rows: torch.Tensor, dtype: type, component: int, kind: str, target: int) -> int:
        values = rows.detach().cpu().numpy().astype(dtype)
        accessor = {"bufferView": self.add_view(values.tobytes(), target=target), "componentType": component, "type": kind, "count": len(values)}
        if kind == "VEC3" and len(values):
            accessor |= {"min": values.min(0).tolist(), "max": values.max(0).tolist()}
        self.json["accessors"].append(accessor)
        return len(self.json["accessors"]) - 1

    def add_floats(self, rows: torch.Tensor, kind: str) -> int:
        return self.add_rows(rows, np.float32, 5126, kind, 34962)

    def finish(self) -> bytes:
        self.json["buffers"] = [{"byteLength": len(self.buffer)}]
        text = json.dumps(self.json).encode()
        text += b" " * (-len(text) % 4)
        chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(self.buffer), 0x004E4942) + self.buffer
        return struct.pack("<III", 0x46546C67, 2, len(chunks) + 12) + chunks


def _glb_of(data: Meshes) -> bytes:
    verts, faces = geometry_of(*data.get_mesh_verts_faces(0))
    builder, textures = _GlbBuilder(), data.textures
    normals = data.verts_normals_packed().detach().cpu() if data.has_verts_normals() else None
    attributes, primitive = {}, {}
    if hasattr(textures, "verts_features_list"):
        colors = textures.verts_features_list()[0]
        attributes["COLOR_0"] = builder.add_floats(colors, f"VEC{colors.shape[1]}")
    elif hasattr(textures, "maps_list"):
        uvs = textures.verts_uvs_list()[0].detach().cpu()
        rows, faces = _one_index(faces, textures.faces_uvs_list()[0].detach().cpu())
        verts, normals, uvs = verts[rows[:, 0]], None if normals is None else normals[rows[:, 0]], uvs[rows[:, 1]]
        attributes["TEXCOORD_0"] = builder.add_floats(torch.stack([uvs[:, 0], 1 - uvs[:, 1]], 1), "VEC2")
        picture = builder.add_view(png_of(textures.maps_list()[0][..., :3]))
        builder.json |= {
            "images": [{"bufferView": picture, "mimeType": "image/png"}],
            "textures": [{"source": 0}],
            "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicFactor": 0.0}}],
        }
        primitive["material"] = 0
    attributes["POSITION"] = builder.add_floats(verts, "VEC3")
    if normals is not None:
        attributes["NORMAL"] = builder.add_floats(normals, "VEC3")
    indices = builder.add_rows(faces.reshape(-1), np.uint32, 5125, "SCALAR", 34963)
    primitive |= {"attributes": attributes, "indices": indices, "mode": 4}
    builder.json |= {"scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}], "meshes": [{"primitives": [primitive]}]}
    return builder.finish()


def _one_index(faces: torch.Tensor, uv_faces: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """glTF has one index per corner: the pairs of vert and uv [V', 2], and faces [F, 3] of these. Verts with one uv stay in order."""
    pairs = torch.stack([faces.reshape(-1), uv_faces.reshape(-1).clamp_min(0)], 1)
    rows, inverse = torch.unique(pairs, dim=0, return_inverse=True)
    return rows, inverse.reshape(-1, 3)
