"""Random points on the surfaces of meshes."""

from typing import Tuple, Union

import torch

from .._ops import ops

Samples = Union[torch.Tensor, Tuple[torch.Tensor, torch.Tensor], Tuple[torch.Tensor, torch.Tensor, torch.Tensor]]


def sample_points_from_meshes(
    meshes: "Meshes",  # noqa: F821
    num_samples: int = 10000,
    return_normals: bool = False,
    return_textures: bool = False,
) -> Samples:
    """Points [N, num_samples, 3], evenly distributed over the surface of each mesh, drawn by torch.rand; then, if wanted, the unit normals of their
    faces and the texels there [N, num_samples, C]. All are 0 for a mesh without faces. Differentiable by the verts.
    ValueError: no mesh has faces, verts that are not finite, no textures."""
    if meshes.isempty():
        raise ValueError("Meshes are empty.")
    verts, faces = meshes.verts_packed(), meshes.faces_packed()
    if not torch.compiler.is_compiling() and not verts.isfinite().all():
        raise ValueError("Meshes contain nan or inf.")
    if return_textures and meshes.textures is None:
        raise ValueError("Meshes do not contain textures.")
    uniforms = torch.rand((len(meshes), num_samples, 3), dtype=verts.dtype, device=verts.device)
    first, count = meshes.mesh_to_faces_packed_first_idx(), meshes.num_faces_per_mesh()
    samples, face_idx, bary_coords = ops.sample_points_from_meshes(verts, faces, first, count, uniforms)
    results = [samples]
    if return_normals:
        results.append(_normals_of(verts, faces, face_idx))
    if return_textures:
        results.append(_textures_of(meshes, face_idx, bary_coords))
    return tuple(results) if len(results) > 1 else samples


def _normals_of(verts: torch.Tensor, faces: torch.Tensor, face_idx: torch.Tensor) -> torch.Tensor:
    """Of the faces of the samples. The op face_areas_normals would shorten the normals of small faces."""
    v0, v1, v2 = verts[faces[face_idx.clamp_min(0)]].unbind(2)
    cross = torch.linalg.cross(v1 - v0, v2 - v0)
    squares = cross.square().sum(-1, keepdim=True)
    has_normal = (squares > 0) & (face_idx >= 0)[..., None]
    return torch.where(has_normal, cross / torch.where(has_normal, squares, 1.0).sqrt(), 0.0)


def _textures_of(meshes: "Meshes", face_idx: torch.Tensor, bary_coords: torch.Tensor) -> torch.Tensor:  # noqa: F821
    from ..renderer.mesh.rasterizer import Fragments

    pix_to_face, bary = face_idx[:, :, None, None], bary_coords[:, :, None, None]
    nothing = torch.zeros_like(bary[..., 0])
    fragments = Fragments(pix_to_face=pix_to_face, zbuf=nothing, bary_coords=bary, dists=nothing)
    texels = meshes.sample_textures(fragments)[:, :, 0, 0]
    return texels.masked_fill((face_idx < 0)[..., None], 0)


def _rand_barycentric_coords(
    size1: int, size2: int, dtype: torch.dtype, device: torch.device
) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Three weights [size1, size2] of random points of a triangle, evenly distributed."""
    u, v = torch.rand(2, size1, size2, dtype=dtype, device=device)
    root = u.sqrt()
    return 1 - root, root * (1 - v), root * v
