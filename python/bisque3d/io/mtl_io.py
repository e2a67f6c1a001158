"""Materials and pictures of OBJ files, and the texture atlas that is made of them."""

import os
import warnings
from typing import Dict, List, Optional, Tuple

import numpy as np
import torch

from ..common.datatypes import Device
from .utils import PathManager, _open_file, _read_image

_COLORS = {"Ka": "ambient_color", "Kd": "diffuse_color", "Ks": "specular_color", "Ns": "shininess"}


def load_mtl(
    f, *, material_names: List[str], data_dir: str, device: Device = "cpu", path_manager: PathManager
) -> Tuple[Dict[str, Dict[str, torch.Tensor]], Dict[str, torch.Tensor]]:
    """The materials of an MTL file by name: ambient_color, diffuse_color and specular_color [3] and shininess [1], as far as the file has them;
    and the pictures [H, W, 3] from 0 to 1 that are in `data_dir`. Those of `material_names`, or if there are none, a file's only material.
    A picture that does not exist is a warning. ValueError: a malformed file or picture, several materials without `material_names`."""
    colors, files = _parse_mtl(f, path_manager, device)
    if not material_names and len(colors) > 1:
        raise ValueError("Multiple materials but no usemtl declarations in the obj file")
    names = material_names or list(colors)
    images = {}
    for name in names:
        if name not in files:
            continue
        path = os.path.join(data_dir, files[name])
        if path_manager.isfile(path):
            images[name] = torch.from_numpy(_read_image(path, path_manager, format="RGB") / 255.0).to(device)
        else:
            warnings.warn(f"Texture file does not exist: {path}", stacklevel=2)
    return {name: colors[name] for name in names if name in colors}, images


def _parse_mtl(
    f, path_manager: PathManager, device: Device = "cpu"
) -> Tuple[Dict[str, Dict[str, torch.Tensor]], Dict[str, str]]:
    """The values and the picture of each material."""
    colors: Dict[str, Dict[str, torch.Tensor]] = {}
    files: Dict[str, str] = {}
    name = ""
    with _open_file(f, path_manager, "r") as file:
        for line in file:
            line = line.decode() if isinstance(line, bytes) else line
            words = line.split()
            if len(words) < 2:
                continue
            if words[0] == "newmtl":
                name = words[1]
                colors[name] = {}
            elif words[0] == "map_Kd":
                rest = line.strip()[len("map_Kd") :].strip()  # a name may have spaces, but after options
                files[name] = words[-1] if rest.startswith("-") else rest
            elif words[0] in _COLORS and words[1] not in ("spectral", "xyz"):  # curves and CIE colours are left out
                colors.setdefault(name, {})[_COLORS[words[0]]] = torch.tensor(_values_of(line, words), device=device)
    return colors, files


def _values_of(line: str, words: List[str]) -> List[float]:
    """The number after Ns, or three after another keyword, where one stands for all."""
    try:
        values = [float(word) for word in words[1:4] if not word.startswith("#")]
    except ValueError:
        values = []
    if words[0] == "Ns" and values:
        return values[:1]
    if len(values) not in (1, 3):
        raise ValueError(f"load_mtl: expected {'a number' if words[0] == 'Ns' else 'three numbers'} after {words[0]}, got {line.strip()!r}.")
    return values * 3 if len(values) == 1 else values


def make_mesh_texture_atlas(
    material_properties: Dict[str, Dict[str, torch.Tensor]],
    texture_images: Dict[str, torch.Tensor],
    face_material_names: np.ndarray,
    faces_uvs: torch.Tensor,
    verts_uvs: torch.Tensor,
    texture_size: int,
    texture_wrap: Optional[str],
) -> torch.Tensor:
    """A map [F, R, R, 3] for each face, R = texture_size: its material's picture, or its diffuse colour, or white. `face_material_names` [F] is
    "" for a face without one. Outside [0, 1] pictures repeat or are clamped, as `texture_wrap` says."""
    device = verts_uvs.device
    atlas = torch.ones((len(faces_uvs), texture_size, texture_size, 3), dtype=verts_uvs.dtype, device=device)
    for name, properties in material_properties.items():
        if "diffuse_color" in properties:
            atlas[_faces_of(face_material_names, name, device)] = properties["diffuse_color"].to(atlas)
    if not texture_images:
        return atlas
    corners = verts_uvs[faces_uvs.clamp_min(0)]
    if texture_wrap == "repeat":
        if (corners > 1).any() or (corners < 0).any():
            warnings.warn(
                "Texture UV coordinates outside the range [0, 1]. The integer part will be ignored to form a repeating pattern.", stacklevel=2
            )
            corners = corners % 1
    elif texture_wrap == "clamp":
        corners = corners.clamp(0.0, 1.0)
    has_uvs = (faces_uvs >= 0).all(1)
    for name, image in texture_images.items():
        faces = _faces_of(face_material_names, name, device) & has_uvs
        atlas[faces] = make_material_atlas(image[..., :3].flip(0).to(atlas), corners[faces], texture_size)
    return atlas


def _faces_of(names: np.ndarray, name: str, device: torch.device) -> torch.Tensor:
    return torch.from_numpy(np.asarray(names == name)).to(device)


def make_material_atlas(image: torch.Tensor, faces_verts_uvs: torch.Tensor, texture_size: int) -> torch.Tensor:
    """Maps [F, R, R, 3] of triangles with corners [F, 3, 2] in a picture [H, W, 3] whose first row is at v = 0. Cell (y, x) of a map is the centre of
    one of the R^2 small triangles: those that point up where x + y < R, else those that point down (Liu et al., Soft Rasterizer, 2019)."""
    R = texture_size
    steps = torch.arange(R, dtype=faces_verts_uvs.dtype, device=faces_verts_uvs.device)
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    is_up = x + y < R
    w0 = torch.where(is_up, x + 1 / 3, R - 1 - x + 2 / 3) / R
    w1 = torch.where(is_up, y + 1 / 3, R - 1 - y + 2 / 3) / R
    weights = torch.stack([w0, w1, 1 - w0 - w1], -1)
    return _bilinear_interpolation_vectorized(image, torch.einsum("yxk,fkc->fyxc", weights, faces_verts_uvs))


def _bilinear_interpolation_vectorized(image: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
    """A picture [H, W, D] at places [N, R, R, 2] in [0, 1], from the centre of its first pixel to that of its last one: [N, R, R, D]."""
    samples = torch.nn.functional.grid_sample(
        image.movedim(-1, 0)[None], (grid * 2 - 1).reshape(1, len(grid), grid.shape[1] * grid.shape[2], 2), align_corners=True, padding_mode="border"
    )
    return samples[0].movedim(0, -1).reshape(grid.shape[:-1] + image.shape[-1:])


_bilinear_interpolation_grid_sample = _bilinear_interpolation_vectorized
