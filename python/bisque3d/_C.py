"""PyTorch3D's extension module: its functions and their argument orders, over the ops.

Programs call these below the public functions. As there, none records a gradient; the gradients are functions of their own. What only
splits the work (`version`, `bin_size`, `max_faces_per_bin`, `max_points`, ...) is accepted and has no effect. Not here: the coarse and
fine halves of the rasterizers, and pulsar.
"""

from typing import Optional, Sequence, Tuple

import torch
from torch import Tensor

from ._ops import ops

Pair = Tuple[Tensor, Tensor]
_no_gradient = torch.no_grad()


# Points.


@_no_gradient
def knn_points_idx(p1: Tensor, p2: Tensor, lengths1: Tensor, lengths2: Tensor, norm: int, K: int, version: int = -1) -> Pair:
    """The indices and distances of the K nearest neighbours."""
    dists, idx = ops.knn_points(p1, p2, lengths1, lengths2, K, norm)
    return idx, dists


@_no_gradient
def knn_points_backward(p1: Tensor, p2: Tensor, lengths1: Tensor, lengths2: Tensor, idxs: Tensor, norm: int, grad_dists: Tensor) -> Pair:
    """The gradient of the distances of knn_points_idx."""
    return ops._knn_points_backward(grad_dists, p1, p2, lengths1, lengths2, idxs, norm, True, True)


def knn_check_version(version: int, D: int, K: int) -> bool:
    """Whether knn_points_idx takes this version: it takes all."""
    return True


@_no_gradient
def ball_query(p1: Tensor, p2: Tensor, lengths1: Tensor, lengths2: Tensor, K: int, radius: float, skip_points_outside_cube: bool = False) -> Pair:
    """The indices and distances of the first K points within the radius."""
    dists, idx = ops.ball_query(p1, p2, lengths1, lengths2, K, radius)
    return idx, dists


@_no_gradient
def sample_farthest_points(points: Tensor, lengths: Tensor, K: Tensor, start_idxs: Tensor) -> Tensor:
    """Indices of K[n] points of cloud n, each the farthest from those before."""
    most = int(K.max()) if len(K) else 0
    return ops.sample_farthest_points(points, lengths, most, K, start_idxs)


@_no_gradient
def points_to_volumes_forward(
    points_3d: Tensor,
    points_features: Tensor,
    volume_densities: Tensor,
    volume_features: Tensor,
    grid_sizes: Tensor,
    mask: Tensor,
    point_weight: float,
    align_corners: bool,
    splat: bool,
) -> None:
    """Adds points to the volumes in place."""
    densities, features = ops.points_to_volumes(
        points_3d, points_features, volume_densities, volume_features, grid_sizes, point_weight, mask.to(points_3d.dtype), align_corners, splat
    )
    volume_densities.copy_(densities)
    volume_features.copy_(features)


@_no_gradient
def sample_pdf(bins: Tensor, weights: Tensor, outputs: Tensor, eps: float) -> None:
    """Replaces numbers in [0, 1] by samples of the distribution that bins and weights give."""
    outputs.copy_(ops.sample_pdf(bins, weights, outputs.shape[-1], outputs, eps))


# Meshes.


@_no_gradient
def face_areas_normals_forward(verts: Tensor, faces: Tensor) -> Pair:
    """Areas and unit normals of faces."""
    return ops.face_areas_normals(verts, faces)


@_no_gradient
def face_areas_normals_backward(grad_areas: Tensor, grad_normals: Tensor, verts: Tensor, faces: Tensor) -> Tensor:
    """The gradient of face_areas_normals_forward."""
    return ops._face_areas_normals_backward(grad_areas, grad_normals, verts, faces)


@_no_gradient
def packed_to_padded(inputs_packed: Tensor, first_idxs: Tensor, max_size: int) -> Tensor:
    """[F, D] to [N, max_size, D]."""
    return ops.packed_to_padded(inputs_packed, first_idxs, max_size)


@_no_gradient
def padded_to_packed(inputs_padded: Tensor, first_idxs: Tensor, num_inputs: int) -> Tensor:
    """[N, max_size, D] to [num_inputs, D]."""
    return ops.padded_to_packed(inputs_padded, first_idxs, num_inputs)


@_no_gradient
def gather_scatter(input: Tensor, edges: Tensor, directed: bool, backward: bool) -> Tensor:
    """The sum over the neighbours of each vertex."""
    return ops.gather_scatter(input, edges, directed, backward)


@_no_gradient
def interp_face_attrs_forward(pix_to_face: Tensor, barycentric_coords: Tensor, face_attrs: Tensor) -> Tensor:
    """Attributes [P, D] at pixels [P]."""
    values = ops.interpolate_face_attributes(pix_to_face[None, None, None], barycentric_coords[None, None, None], face_attrs)
    return values[0, 0, 0]


@_no_gradient
def interp_face_attrs_backward(pix_to_face: Tensor, barycentric_coords: Tensor, face_attrs: Tensor, grad_pix_attrs: Tensor) -> Pair:
    """The gradient of interp_face_attrs_forward."""
    of_pixels = (tensor[None, None, None] for tensor in (grad_pix_attrs, pix_to_face, barycentric_coords))
    grad_bary_coords, grad_face_attrs = ops._interpolate_face_attributes_backward(*of_pixels, face_attrs, True, True)
    return grad_bary_coords[0, 0, 0], grad_face_attrs


@_no_gradient
def iou_box3d(boxes1: Tensor, boxes2: Tensor) -> Pair:
    """The volume of the intersection, and intersection over union, of each pair of boxes."""
    return ops.iou_box3d(boxes1, boxes2)


def _distances(op, backward_op, of_points: bool, *options: str):
    """The functions of a distance between points and triangles or segments."""

    @_no_gradient
    def forward(points: Tensor, points_first_idx: Tensor, others: Tensor, others_first_idx: Tensor, max_size: int, *values: float) -> Pair:
        return op(points, points_first_idx, others, others_first_idx, *values)

    @_no_gradient
    def backward(points: Tensor, others: Tensor, idxs: Tensor, grad_dists: Tensor, *values: float) -> Pair:
        return backward_op(grad_dists, points, others, idxs, *(values or (0.0,) * len(options)))

    of, to = ("each point", "the nearest face or edge") if of_points else ("each face or edge", "the nearest point")
    forward.__doc__ = f"Squared distance of {of} to {to} of its element of the batch, and that one's index."
    backward.__doc__ = "The gradient of these distances."
    return forward, backward


point_face_dist_forward, point_face_dist_backward = _distances(ops.point_face_distance, ops._point_face_distance_backward, True, "min_triangle_area")
face_point_dist_forward, face_point_dist_backward = _distances(ops.face_point_distance, ops._face_point_distance_backward, False, "min_triangle_area")
point_edge_dist_forward, point_edge_dist_backward = _distances(ops.point_edge_distance, ops._point_edge_distance_backward, True)
edge_point_dist_forward, edge_point_dist_backward = _distances(ops.edge_point_distance, ops._edge_point_distance_backward, False)


def _pairs(points: Tensor, others: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    """Every point with every other, as a batch with one of each."""
    p, q = len(points), len(others)
    return points.repeat_interleave(q, 0), others.repeat(p, 1, 1), torch.arange(p * q, device=points.device)


def _distance_tables(op, backward_op):
    """The functions of a table of distances."""

    @_no_gradient
    def forward(points: Tensor, others: Tensor, *values: float) -> Tensor:
        all_points, all_others, each = _pairs(points, others)
        return op(all_points, each, all_others, each, *values)[0].view(len(points), len(others))

    @_no_gradient
    def backward(points: Tensor, others: Tensor, grad_dists: Tensor, *values: float) -> Pair:
        all_points, all_others, each = _pairs(points, others)
        grads = backward_op(grad_dists.reshape(-1), all_points, all_others, each, *values)
        p, q = len(points), len(others)
        return grads[0].view(p, q, 3).sum(1), grads[1].view(p, q, *others.shape[1:]).sum(0)

    forward.__doc__ = "Squared distances [P, Q] of all points to all faces or edges."
    backward.__doc__ = "The gradient of these distances."
    return forward, backward


point_face_array_dist_forward, point_face_array_dist_backward = _distance_tables(ops.point_face_distance, ops._point_face_distance_backward)
point_edge_array_dist_forward, point_edge_array_dist_backward = _distance_tables(ops.point_edge_distance, ops._point_edge_distance_backward)


@_no_gradient
def mesh_normal_consistency_find_verts(edge_num: Tensor) -> Tensor:
    """Pairs of rows that belong to one edge; `edge_num` are the numbers of rows of each edge, whose rows follow one another."""
    first = edge_num.cumsum(0) - edge_num
    pairs = [torch.combinations(torch.arange(int(n)), 2) + int(start) for n, start in zip(edge_num.cpu(), first.cpu()) if n > 1]
    return torch.cat(pairs).to(edge_num.device) if pairs else edge_num.new_zeros((0, 2))


@_no_gradient
def marching_cubes(vol: Tensor, isolevel: float) -> Tuple[Tensor, Tensor, Tensor]:
    """Verts, faces and ids of the verts of one volume [D, H, W]."""
    verts, faces, _, _ = ops.marching_cubes(vol[None], isolevel, False)
    return verts, faces, torch.arange(len(verts), device=verts.device)


# Pictures.


@_no_gradient
def rasterize_points(
    points: Tensor,
    cloud_to_packed_first_idx: Tensor,
    num_points_per_cloud: Tensor,
    image_size: Sequence[int],
    radius: Tensor,
    points_per_pixel: int,
    bin_size: int = 0,
    max_points_per_bin: int = 0,
) -> Tuple[Tensor, Tensor, Tensor]:
    """The nearest points of each pixel: idx (int32), zbuf and dists."""
    idx, zbuf, dists = ops.rasterize_points(
        points, cloud_to_packed_first_idx, num_points_per_cloud, radius, image_size[0], image_size[1], points_per_pixel=points_per_pixel
    )
    return idx.int(), zbuf, dists


_rasterize_points_naive = rasterize_points


@_no_gradient
def rasterize_points_backward(points: Tensor, idx: Tensor, grad_zbuf: Tensor, grad_dists: Tensor) -> Tensor:
    """The gradient of rasterize_points."""
    return ops._rasterize_points_backward(grad_zbuf, grad_dists, points, idx.long())


def _rows_of_faces(face_verts: Tensor) -> Tuple[Tensor, Tensor]:
    return face_verts.reshape(-1, 3), torch.arange(3 * len(face_verts), device=face_verts.device).view(-1, 3)


@_no_gradient
def _rasterize_meshes_naive(
    face_verts: Tensor,
    mesh_to_face_first_idx: Tensor,
    num_faces_per_mesh: Tensor,
    clipped_faces_neighbor_idx: Optional[Tensor],
    image_size: Sequence[int],
    blur_radius: float,
    faces_per_pixel: int,
    perspective_correct: bool,
    clip_barycentric_coords: bool,
    cull_backfaces: bool,
) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    """The nearest faces of each pixel: pix_to_face, zbuf, barycentric coordinates and signed distances, of faces [F, 3, 3]."""
    if clipped_faces_neighbor_idx is not None and (clipped_faces_neighbor_idx != -1).any():
        raise ValueError("_C.rasterize_meshes: expected clipped_faces_neighbor_idx to be -1; pass z_clip to torch.ops.bisque.rasterize_meshes in its place.")
    verts, faces = _rows_of_faces(face_verts)
    height, width = image_size
    return ops.rasterize_meshes(
        verts,
        faces,
        mesh_to_face_first_idx,
        num_faces_per_mesh,
        height,
        width,
        faces_per_pixel,
        blur_radius,
        perspective_correct,
        clip_barycentric_coords,
        cull_backfaces,
    )


def rasterize_meshes(
    face_verts: Tensor,
    mesh_to_face_first_idx: Tensor,
    num_faces_per_mesh: Tensor,
    clipped_faces_neighbor_idx: Optional[Tensor],
    image_size: Sequence[int],
    blur_radius: float,
    faces_per_pixel: int,
    bin_size: int,
    max_faces_per_bin: int,
    perspective_correct: bool,
    clip_barycentric_coords: bool,
    cull_backfaces: bool,
) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    """As _rasterize_meshes_naive."""
    return _rasterize_meshes_naive(
        face_verts,
        mesh_to_face_first_idx,
        num_faces_per_mesh,
        clipped_faces_neighbor_idx,
        image_size,
        blur_radius,
        faces_per_pixel,
        perspective_correct,
        clip_barycentric_coords,
        cull_backfaces,
    )


@_no_gradient
def rasterize_meshes_backward(
    face_verts: Tensor,
    pix_to_face: Tensor,
    grad_zbuf: Tensor,
    grad_bary: Tensor,
    grad_dists: Tensor,
    perspective_correct: bool,
    clip_barycentric_coords: bool,
) -> Tensor:
    """The gradient of rasterize_meshes, [F, 3, 3]. Pixels within a face are those whose centre it covers."""
    verts, faces = _rows_of_faces(face_verts)
    dists = -_is_inside(face_verts, pix_to_face).to(face_verts.dtype)  # only its sign counts
    return ops._rasterize_meshes_backward(
        grad_zbuf, grad_bary, grad_dists, verts, faces, pix_to_face, dists + 0.5, perspective_correct, clip_barycentric_coords, -1.0
    ).view_as(face_verts)


def _is_inside(face_verts: Tensor, pix_to_face: Tensor) -> Tensor:
    """Whether the pixel's centre lies in the face, for each entry [N, H, W, K]."""
    if len(face_verts) == 0:
        return torch.zeros_like(pix_to_face, dtype=torch.bool)
    _, height, width, _ = pix_to_face.shape
    unit = 2 / min(height, width)
    like = dict(dtype=face_verts.dtype, device=face_verts.device)
    x = ((width - 1) / 2 - torch.arange(width, **like))[None, :, None] * unit
    y = ((height - 1) / 2 - torch.arange(height, **like))[:, None, None] * unit
    corners = face_verts[pix_to_face.clamp(min=0)]
    sides = []
    for k in range(3):
        a, b = corners[..., k, :], corners[..., (k + 1) % 3, :]
        sides.append((b[..., 0] - a[..., 0]) * (y - a[..., 1]) - (b[..., 1] - a[..., 1]) * (x - a[..., 0]))
    sides = torch.stack(sides, -1)
    return (sides >= 0).all(-1) | (sides <= 0).all(-1)


def _composites(mode: int, what: str):
    @_no_gradient
    def forward(features: Tensor, alphas: Tensor, points_idx: Tensor) -> Tensor:
        return ops.composite(features, alphas, points_idx, mode)

    @_no_gradient
    def backward(grad_outputs: Tensor, features: Tensor, alphas: Tensor, points_idx: Tensor) -> Pair:
        return ops._composite_backward(grad_outputs, features, alphas, points_idx, mode, True, True)

    forward.__doc__ = f"{what} of the features of each pixel's points."
    backward.__doc__ = "The gradient of this picture."
    return forward, backward


accum_alphacomposite, accum_alphacomposite_backward = _composites(0, "Alpha compositing")
accum_weightedsum, accum_weightedsum_backward = _composites(1, "The weighted sum")
accum_weightedsumnorm, accum_weightedsumnorm_backward = _composites(2, "The weighted mean")


@_no_gradient
def sigmoid_alpha_blend(distances: Tensor, pix_to_face: Tensor, sigma: float) -> Tensor:
    """The alpha [N, H, W] of faces whose outlines are soft."""
    colors = distances.new_zeros((*distances.shape, 3))
    return ops.sigmoid_blend(colors, pix_to_face, distances, sigma)[..., 3]


@_no_gradient
def sigmoid_alpha_blend_backward(grad_alphas: Tensor, alphas: Tensor, distances: Tensor, pix_to_face: Tensor, sigma: float) -> Tensor:
    """The gradient of sigmoid_alpha_blend."""
    grad_rgba = torch.nn.functional.pad(grad_alphas[..., None], (3, 0))
    return ops._sigmoid_blend_backward(grad_rgba, pix_to_face, distances, sigma, False, True)[1]
