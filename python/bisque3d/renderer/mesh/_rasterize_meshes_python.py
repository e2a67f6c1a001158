"""A rasterizer in plain torch, to compare with: each face at all pixels."""

from typing import Optional, Sequence, Tuple, Union

import torch

from ..utils import parse_image_size
from .clip import ClipFrustum, clip_faces, convert_clipped_rasterization_to_original_faces

kEpsilon = 1e-8


def non_square_ndc_range(S1: int, S2: int) -> float:
    """The length in NDC of a side of S1 pixels, where the other has S2: 2 for the shorter."""
    return 2.0 * max(S1, S2) / S2 if S1 > S2 else 2.0


def pix_to_non_square_ndc(i, S1: int, S2: int):
    """The coordinate in NDC of the centre of pixel i of a side of S1 pixels, from -X or -Y."""
    length = non_square_ndc_range(S1, S2)
    return -length / 2 + (length * i + length / 2) / S1


def edge_function(p, v0, v1):
    """Twice the signed area of the triangle (p, v0, v1): above 0 where p is on the right of the edge from v0 to v1."""
    return (p[0] - v0[0]) * (v1[1] - v0[1]) - (p[1] - v0[1]) * (v1[0] - v0[0])


def barycentric_coordinates(p, v0, v1, v2) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The coordinates of points in a triangle."""
    area = edge_function(v2, v0, v1)
    area = torch.where(area == 0, kEpsilon, area)
    return edge_function(p, v1, v2) / area, edge_function(p, v2, v0) / area, edge_function(p, v0, v1) / area


def barycentric_coordinates_clip(bary: Sequence[torch.Tensor]) -> Tuple[torch.Tensor, ...]:
    """The coordinates with those below 0 set to 0, scaled to a sum of 1."""
    clipped = [coordinate.clamp_min(0) for coordinate in bary]
    total = sum(clipped).clamp_min(1e-5)
    return tuple(coordinate / total for coordinate in clipped)


def _check_dimensions(*points) -> None:
    if len({len(point) for point in points}) > 1:
        raise ValueError("All points must have the same number of coordinates")


def point_line_distance(p: torch.Tensor, v0: torch.Tensor, v1: torch.Tensor) -> torch.Tensor:
    """The squared distance of points to a line segment. Coordinates are the first dimension."""
    _check_dimensions(p, v0, v1)
    edge = v1 - v0
    square = (edge * edge).sum(0)
    t = ((edge * (p - v0)).sum(0) / torch.where(square == 0, 1.0, square)).clamp(0, 1)
    return (v0 + t * edge - p).square().sum(0)


def point_triangle_distance(p: torch.Tensor, v0: torch.Tensor, v1: torch.Tensor, v2: torch.Tensor) -> torch.Tensor:
    """The squared distance of points to the outline of a triangle."""
    _check_dimensions(p, v0, v1, v2)
    return torch.minimum(torch.minimum(point_line_distance(p, v0, v1), point_line_distance(p, v0, v2)), point_line_distance(p, v1, v2))


def _pixel_centres(height: int, width: int, like: torch.Tensor) -> torch.Tensor:
    """[2, H, W]: x and y in NDC."""
    rows, columns = (torch.arange(size - 1, -1, -1, device=like.device).to(like.dtype) for size in (height, width))
    y, x = pix_to_non_square_ndc(rows, height, width), pix_to_non_square_ndc(columns, width, height)
    return torch.stack(torch.meshgrid(x, y, indexing="xy"))


class _Face:
    """One face at all pixels: z [H, W], infinite where it does not take the pixel; bary [H, W, 3]; dist [H, W], signed."""

    def __init__(self, verts: torch.Tensor, pixels: torch.Tensor, blur_radius: float, perspective_correct: bool, clip: bool):
        corners = [vertex[:2, None, None] for vertex in verts]
        z = verts[:, 2]
        bary = torch.stack(barycentric_coordinates(pixels, *corners), -1)
        is_inside = ((bary > 0) | ((bary == 0) & _owned_edges(verts))).all(-1)
        if perspective_correct:
            weighted = bary * torch.stack((z[1] * z[2], z[0] * z[2], z[0] * z[1]))
            bary = weighted / weighted.sum(-1, keepdim=True)
        self.bary = torch.stack(barycentric_coordinates_clip(bary.unbind(-1)), -1) if clip else bary
        depth = (self.bary * z).sum(-1)
        distance = point_triangle_distance(pixels, *corners)
        self.dist = torch.where(is_inside, -distance, distance)
        self.z = torch.where((depth >= 0) & (is_inside | (distance < blur_radius)), depth, torch.inf)


def _owned_edges(verts: torch.Tensor) -> torch.Tensor:
    """Whether pixel centres on the edges before each vertex, [3], belong to the face: those on left and top ones do."""
    edges = (verts.roll(-2, 0) - verts.roll(-1, 0))[:, :2] / edge_function(*verts)
    # A coordinate grows from its edge inwards, along (edge y, -edge x). +X is left and +Y up.
    return (edges[:, 1] < 0) | ((edges[:, 1] == 0) & (edges[:, 0] > 0))


def _drop_farther_halves(faces: Sequence[_Face], numbers: Sequence[int], neighbors: torch.Tensor) -> None:
    """Of two parts of one face that take a pixel, the nearer to it takes it."""
    place = {number: i for i, number in enumerate(numbers)}
    for i, number in enumerate(numbers):
        other = place.get(int(neighbors[number]))
        if other is not None and other > i:
            a, b = faces[i], faces[other]
            both, is_nearer = torch.isfinite(a.z) & torch.isfinite(b.z), b.dist < a.dist
            a.z, b.z = torch.where(both & is_nearer, torch.inf, a.z), torch.where(both & ~is_nearer, torch.inf, b.z)


def rasterize_meshes_python(
    meshes,
    image_size: Union[int, Tuple[int, int]] = 256,
    blur_radius: float = 0.0,
    faces_per_pixel: int = 8,
    perspective_correct: bool = False,
    clip_barycentric_coords: bool = False,
    cull_backfaces: bool = False,
    z_clip_value: Optional[float] = None,
    cull_to_frustum: bool = True,
    clipped_faces_neighbor_idx: Optional[torch.Tensor] = None,
) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Like rasterize_meshes, slowly, but that faces with a vertex behind the camera are left out unless z_clip_value is given, and that
    cull_to_frustum leaves out faces beyond a side of [-1, 1]."""
    height, width = parse_image_size(image_size)
    verts = meshes.verts_packed()
    clipped = clip_faces(
        verts[meshes.faces_packed()],
        meshes.mesh_to_faces_packed_first_idx(),
        meshes.num_faces_per_mesh(),
        ClipFrustum(-1, 1, -1, 1, perspective_correct=perspective_correct, z_clip_value=z_clip_value, cull=cull_to_frustum),
    )
    face_verts = clipped.face_verts
    neighbors = clipped_faces_neighbor_idx if clipped_faces_neighbor_idx is not None else clipped.clipped_faces_neighbor_idx
    areas = edge_function(*(face_verts[:, i].T for i in range(3)))
    is_drawn = (areas > kEpsilon if cull_backfaces else areas.abs() > kEpsilon) & (face_verts[:, :, 2] >= kEpsilon).all(1)
    pixels = _pixel_centres(height, width, verts)
    pictures = []
    for first, count in zip(clipped.mesh_to_face_first_idx.tolist(), clipped.num_faces_per_mesh.tolist()):
        numbers = [face for face in range(first, first + count) if is_drawn[face]]
        faces = [_Face(face_verts[face], pixels, blur_radius, perspective_correct, clip_barycentric_coords) for face in numbers]
        if neighbors is not None:
            _drop_farther_halves(faces, numbers, neighbors)
        pictures.append(_nearest(faces, numbers, faces_per_pixel, pixels))
    if not pictures:
        return tuple(part[None][:0] for part in _nearest([], [], faces_per_pixel, pixels))
    pix_to_face, zbuf, bary, dists = (torch.stack(parts) for parts in zip(*pictures))
    pix_to_face, bary = convert_clipped_rasterization_to_original_faces(pix_to_face, bary, clipped)
    return pix_to_face, zbuf, bary, dists


def _nearest(faces: Sequence[_Face], numbers: Sequence[int], k: int, pixels: torch.Tensor):
    """pix_to_face, zbuf, bary_coords and dists of the k nearest faces, [H, W, k]."""
    sizes = (*pixels.shape[1:], k)
    if not faces:
        values, bary = pixels.new_full(sizes, -1), pixels.new_full((*sizes, 3), -1)
        return values.to(torch.int64), values, bary, values.clone()
    z, order = torch.stack([face.z for face in faces], -1).sort(dim=-1, stable=True)
    z, order = z[..., :k], order[..., :k]
    bary = torch.stack([face.bary for face in faces], -2).gather(-2, order[..., None].expand(*order.shape, 3))
    dists = torch.stack([face.dist for face in faces], -1).gather(-1, order)
    found = torch.isfinite(z)
    values = (
        torch.where(found, torch.tensor(numbers, device=z.device)[order], -1),
        torch.where(found, z, -1.0),
        torch.where(found[..., None], bary, -1.0),
        torch.where(found, dists, -1.0),
    )
    missing = k - z.shape[-1]
    pads = ((0, missing), (0, missing), (0, 0, 0, missing), (0, missing))
    return tuple(torch.nn.functional.pad(value, pad, value=-1) for value, pad in zip(values, pads))
