"""The K nearest faces at each pixel."""

from typing import List, Optional, Tuple, Union

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
    return ops.rasterize_meshes(
        meshes.verts_packed(),
        meshes.faces_packed(),
        meshes.mesh_to_faces_packed_first_idx(),
        meshes.num_faces_per_mesh(),
        *image_size,
        faces_per_pixel,
        float(blur_radius),
        perspective_correct,
        clip_barycentric_coords,
        cull_backfaces,
        -1.0 if z_clip_value is None else float(z_clip_value),
    )


def check_bin_size(bin_size: Optional[int], image_size: Tuple[int, int]) -> None:
    """Error (ValueError): a bin size that PyTorch3D refuses. The number of bins has no effect here."""
    if bin_size:
        bins = 1 + (max(image_size) - 1) // bin_size
        if bins >= kMaxFacesPerBin:
            raise ValueError(f"bin_size too small, expected fewer than {kMaxFacesPerBin} bins along a side; got {bins}.")
