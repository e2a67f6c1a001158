"""The K nearest faces at each pixel."""

from typing import List, Optional, Sequence, Tuple, Union

import torch

from ..._ops import ops
from ..utils import parse_image_size
from ._rasterize_meshes_python import (
    barycentric_coordinates,
    barycentric_coordinates_clip,
    edge_function,
    kEpsilon,
    non_square_ndc_range,
    pix_to_non_square_ndc,
    point_line_distance,
    point_triangle_distance,
    rasterize_meshes_python,
)

__all__ = [
    "barycentric_coordinates",
    "barycentric_coordinates_clip",
    "edge_function",
    "kEpsilon",
    "kMaxFacesPerBin",
    "non_square_ndc_range",
    "pix_to_non_square_ndc",
    "point_line_distance",
    "point_triangle_distance",
    "rasterize_meshes",
    "rasterize_meshes_python",
]

kMaxFacesPerBin = 22  # PyTorch3D's bound on the number of bins along a side


def rasterize_meshes(
    meshes,
    image_size: Union[int, List[int], Tuple[int, int]] = 256,
    blur_radius: float = 0.0,
    faces_per_pixel: int = 8,
    bin_size: Optional[int] = None,
    max_faces_per_bin: Optional[int] = None,
    perspective_correct: bool = False,
    clip_barycentric_coords: bool = False,
    cull_backfaces: bool = False,
    z_clip_value: Optional[float] = None,
    cull_to_frustum: bool = False,
) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Rasterizes N meshes whose verts have x and y in NDC and z in view space, by the op rasterize_meshes.

    A face takes the pixels that it covers, and those nearer to it than a squared distance of blur_radius. Faces behind z_clip_value,
    or behind the camera, are cut. bin_size, max_faces_per_bin and cull_to_frustum have no effect on the results.

    Returns pix_to_face [N, H, W, K] int64, an index into faces_packed(); zbuf [N, H, W, K]; bary_coords [N, H, W, K, 3]; and dists
    [N, H, W, K], the signed squared distances in NDC to the nearest edge, negative inside. All are -1 where no face is.
    """
    image_size = parse_image_size(image_size)
    check_bin_size(bin_size, image_size)
    return call_op(
        meshes.verts_packed(),
        meshes.faces_packed(),
        meshes.mesh_to_faces_packed_first_idx(),
        meshes.num_faces_per_mesh(),
        image_size,
        faces_per_pixel=faces_per_pixel,
        blur_radius=blur_radius,
        perspective_correct=perspective_correct,
        clip_barycentric_coords=clip_barycentric_coords,
        cull_backfaces=cull_backfaces,
        z_clip_value=z_clip_value,
    )


def call_op(
    verts: torch.Tensor,
    faces: torch.Tensor,
    first: torch.Tensor,
    counts: torch.Tensor,
    image_size: Tuple[int, int],
    *,
    faces_per_pixel: int,
    blur_radius: float,
    perspective_correct: bool,
    clip_barycentric_coords: bool,
    cull_backfaces: bool,
    z_clip_value: Optional[float] = None,
    vert_offset: Optional[torch.Tensor] = None,
) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """The op rasterize_meshes, whose arguments may be numbers of numpy here. vert_offset [N] is added to the faces of each mesh.

    >>> verts, faces = torch.tensor([[1.0, 1, 2], [-1, 1, 2], [0, -1, 2]]), torch.tensor([[0, 1, 2]])
    >>> options = dict(perspective_correct=False, clip_barycentric_coords=False, cull_backfaces=False)
    >>> call_op(verts, faces, torch.tensor([0]), torch.tensor([1]), (1, 1), faces_per_pixel=1, blur_radius=0, **options)[1].item()
    2.0
    """
    return ops.rasterize_meshes(
        verts,
        faces,
        first,
        counts,
        *(int(side) for side in image_size),
        int(faces_per_pixel),
        float(blur_radius),
        bool(perspective_correct),
        bool(clip_barycentric_coords),
        bool(cull_backfaces),
        -1.0 if z_clip_value is None else float(z_clip_value),
        mesh_to_vert_offset=vert_offset,
    )


class _RasterizeFaceVerts:
    """rasterize_meshes of faces [F, 3, 3], under the name that PyTorch3D's autograd Function has."""

    @staticmethod
    def apply(
        face_verts: torch.Tensor,
        mesh_to_face_first_idx: torch.Tensor,
        num_faces_per_mesh: torch.Tensor,
        clipped_faces_neighbor_idx: torch.Tensor,
        image_size: Union[List[int], Tuple[int, int]] = (256, 256),
        blur_radius: float = 0.01,
        faces_per_pixel: int = 0,
        bin_size: int = 0,
        max_faces_per_bin: int = 0,
        perspective_correct: bool = False,
        clip_barycentric_coords: bool = False,
        cull_backfaces: bool = False,
        z_clip_value: Optional[float] = None,
        cull_to_frustum: bool = True,
    ) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        faces = torch.arange(3 * len(face_verts), device=face_verts.device).view(-1, 3)
        has_halves = bool((clipped_faces_neighbor_idx >= 0).any())
        results = call_op(
            face_verts.reshape(-1, 3),
            faces,
            mesh_to_face_first_idx,
            num_faces_per_mesh,
            parse_image_size(image_size),
            faces_per_pixel=2 * faces_per_pixel if has_halves else faces_per_pixel,
            blur_radius=blur_radius,
            perspective_correct=perspective_correct,
            clip_barycentric_coords=clip_barycentric_coords,
            cull_backfaces=cull_backfaces,
        )
        return _without_farther_halves(results, clipped_faces_neighbor_idx, faces_per_pixel) if has_halves else results


def _without_farther_halves(results: Sequence[torch.Tensor], neighbors: torch.Tensor, k: int) -> Tuple[torch.Tensor, ...]:
    """The k nearest faces of 2 k, where of two halves of a face that take a pixel the one nearer to it does."""
    pix_to_face, dists = results[0], results[3]
    number = torch.arange(pix_to_face.shape[-1], device=pix_to_face.device)
    other = torch.where(pix_to_face < 0, -1, neighbors[pix_to_face.clamp_min(0)])
    is_other = (other[..., :, None] == pix_to_face[..., None, :]) & (other[..., :, None] >= 0)
    is_nearer = (dists[..., None, :] < dists[..., :, None]) | ((dists[..., None, :] == dists[..., :, None]) & (number < number[:, None]))
    is_dropped = (is_other & is_nearer).any(-1) | (pix_to_face < 0)
    order = is_dropped.to(torch.uint8).sort(dim=-1, stable=True).indices[..., :k]
    is_empty = is_dropped.gather(-1, order)
    pix_to_face, zbuf, dists = (torch.where(is_empty, -1, part.gather(-1, order)) for part in (pix_to_face, results[1], dists))
    bary = results[2].gather(-2, order[..., None].expand(*order.shape, 3))
    return pix_to_face, zbuf, torch.where(is_empty[..., None], -1, bary), dists


def check_bin_size(bin_size: Optional[int], image_size: Tuple[int, int]) -> None:
    """Error (ValueError): a bin size that PyTorch3D refuses. The number of bins has no effect here.

    >>> check_bin_size(4, (512, 256))
    Traceback (most recent call last):
    ValueError: bin_size too small, expected fewer than 22 bins along a side; got 128.
    """
    if bin_size:
        bins = 1 + (max(image_size) - 1) // bin_size
        if bins >= kMaxFacesPerBin:
            raise ValueError(f"bin_size too small, expected fewer than {kMaxFacesPerBin} bins along a side; got {bins}.")
