"""Faces cut at a near plane, in plain torch. rasterize_meshes cuts faces itself and does not need it.

x and y of verts may be projected; z is the depth in view space.
"""

from typing import List, Optional, Tuple

import torch


class ClippedFaces:
    """Faces of N meshes after clipping, and how they relate to the faces before.

    face_verts [F', 3, 3]; mesh_to_face_first_idx and num_faces_per_mesh [N]. The others are None where nothing was cut:
    faces_clipped_to_unclipped_idx [F'], the face before; faces_clipped_to_conversion_idx [F'], a row of barycentric_conversion
    [T, 3, 3] or -1 where the face is whole: conversion @ bary are the coordinates in the face before; clipped_faces_neighbor_idx
    [F'], the other half of a face that became two, or -1.
    """

    __slots__ = [
        "face_verts",
        "mesh_to_face_first_idx",
        "num_faces_per_mesh",
        "faces_clipped_to_unclipped_idx",
        "barycentric_conversion",
        "faces_clipped_to_conversion_idx",
        "clipped_faces_neighbor_idx",
    ]

    def __init__(
        self,
        face_verts: torch.Tensor,
        mesh_to_face_first_idx: torch.Tensor,
        num_faces_per_mesh: torch.Tensor,
        faces_clipped_to_unclipped_idx: Optional[torch.Tensor] = None,
        barycentric_conversion: Optional[torch.Tensor] = None,
        faces_clipped_to_conversion_idx: Optional[torch.Tensor] = None,
        clipped_faces_neighbor_idx: Optional[torch.Tensor] = None,
    ) -> None:
        self.face_verts = face_verts
        self.mesh_to_face_first_idx = mesh_to_face_first_idx
        self.num_faces_per_mesh = num_faces_per_mesh
        self.faces_clipped_to_unclipped_idx = faces_clipped_to_unclipped_idx
        self.barycentric_conversion = barycentric_conversion
        self.faces_clipped_to_conversion_idx = faces_clipped_to_conversion_idx
        self.clipped_faces_neighbor_idx = clipped_faces_neighbor_idx


class ClipFrustum:
    """What is visible: sides in NDC and depths in view space, None for no bound.

    With cull, faces that are beyond one side are left out. With z_clip_value, faces are cut there; perspective_correct says that x
    and y were divided by the depth.
    """

    __slots__ = ["left", "right", "top", "bottom", "znear", "zfar", "perspective_correct", "cull", "z_clip_value"]

    def __init__(
        self,
        left: Optional[float] = None,
        right: Optional[float] = None,
        top: Optional[float] = None,
        bottom: Optional[float] = None,
        znear: Optional[float] = None,
        zfar: Optional[float] = None,
        perspective_correct: bool = False,
        cull: bool = True,
        z_clip_value: Optional[float] = None,
    ) -> None:
        self.left = left
        self.right = right
        self.top = top
        self.bottom = bottom
        self.znear = znear
        self.zfar = zfar
        self.perspective_correct = perspective_correct
        self.cull = cull
        self.z_clip_value = z_clip_value


def _get_culled_faces(face_verts: torch.Tensor, frustum: ClipFrustum) -> torch.Tensor:
    """Whether all three verts of each face are beyond the same side, [F]."""
    culled = torch.zeros(face_verts.shape[0], dtype=torch.bool, device=face_verts.device)
    if not frustum.cull:
        return culled
    bounds = ((frustum.left, frustum.right), (frustum.top, frustum.bottom), (frustum.znear, frustum.zfar))
    for axis, (lowest, highest) in enumerate(bounds):
        values = face_verts[:, :, axis]
        if lowest is not None:
            culled = culled | (values < lowest).all(1)
        if highest is not None:
            culled = culled | (values > highest).all(1)
    return culled


def _find_verts_intersecting_clipping_plane(
    face_verts: torch.Tensor, p1_face_ind: torch.Tensor, clip_value: float, perspective_correct: bool
) -> Tuple[Tuple[torch.Tensor, ...], List[torch.Tensor]]:
    """Cuts faces [T, 3, 3] of which one vertex, p1_face_ind [T], is on the other side of the plane.

    Returns p1 to p5 [T, 3], the face from that vertex on and where the plane cuts the edges from p1 to p2 and to p3; and their
    barycentric coordinates [T, 3].
    """
    order = (p1_face_ind[:, None] + torch.arange(3, device=face_verts.device)) % 3
    corners = face_verts.gather(1, order[:, :, None].expand(-1, -1, 3)).unbind(1)
    bary = torch.nn.functional.one_hot(order, 3).to(face_verts.dtype).unbind(1)

    def cut(corner: int) -> Tuple[torch.Tensor, torch.Tensor]:
        a, b = corners[0], corners[corner]
        weight = ((a[:, 2] - clip_value) / (a[:, 2] - b[:, 2]))[:, None]
        xy = [p[:, :2] * p[:, 2:] / clip_value if perspective_correct else p[:, :2] for p in (a, b)]
        point = torch.cat((torch.lerp(*xy, weight), torch.lerp(a[:, 2:], b[:, 2:], weight)), 1)
        return point, torch.lerp(bary[0], bary[corner], weight)

    cuts = [cut(1), cut(2)]
    return (*corners, *(point for point, _ in cuts)), [*bary, *(coordinates for _, coordinates in cuts)]


def clip_faces(
    face_verts_unclipped: torch.Tensor, mesh_to_face_first_idx: torch.Tensor, num_faces_per_mesh: torch.Tensor, frustum: ClipFrustum
) -> ClippedFaces:
    """Leaves out faces that are not visible, and cuts those that cross the near plane, of N meshes with faces [F, 3, 3].

    A face with one vertex before the plane becomes a smaller one; a face with two becomes two faces, one after the other.
    """
    culled = _get_culled_faces(face_verts_unclipped, frustum)
    clip_value = frustum.z_clip_value
    depths = face_verts_unclipped[:, :, 2]
    behind = depths < clip_value if clip_value is not None else torch.zeros_like(depths, dtype=torch.bool)
    num_behind = torch.where(culled, 3, behind.sum(1))
    if not (num_behind > 0).any():
        return ClippedFaces(face_verts_unclipped, mesh_to_face_first_idx, num_faces_per_mesh)

    counts = torch.tensor([1, 2, 1, 0], device=num_behind.device)[num_behind]
    ends = torch.nn.functional.pad(counts.cumsum(0), (1, 0))  # [F + 1]: where the parts of each face begin
    first = ends[mesh_to_face_first_idx]
    num_faces = ends[mesh_to_face_first_idx + num_faces_per_mesh] - first
    original = torch.repeat_interleave(torch.arange(len(counts), device=counts.device), counts)
    whole, one_before, two_before = ((num_behind == number).nonzero()[:, 0] for number in (0, 2, 1))
    size = len(original)
    verts = face_verts_unclipped.new_zeros(size, 3, 3).index_copy(0, ends[whole], face_verts_unclipped[whole])
    if len(one_before) + len(two_before) == 0:
        return ClippedFaces(verts, first, num_faces, original)

    def cut(faces: torch.Tensor, is_lone: torch.Tensor):
        lone = is_lone[faces].to(torch.uint8).argmax(1)
        return _find_verts_intersecting_clipping_plane(face_verts_unclipped[faces], lone, clip_value, frustum.perspective_correct)

    places, parts, conversions = [ends[one_before], ends[two_before], ends[two_before] + 1], [], []
    for (points, bary), corners in ((cut(one_before, ~behind), (3, 4, 0)), *((cut(two_before, behind), c) for c in ((3, 1, 4), (4, 1, 2)))):
        parts.append(torch.stack([points[c] for c in corners], 1))
        conversions.append(torch.stack([bary[c] for c in corners], 2))
    for place, part in zip(places, parts):
        verts = verts.index_copy(0, place, part)
    conversion = torch.cat(conversions)
    absent = torch.full((size,), -1, dtype=torch.int64, device=counts.device)
    to_conversion = absent.index_copy(0, torch.cat(places), torch.arange(len(conversion), device=counts.device))
    neighbors = absent.index_copy(0, places[1], places[2]).index_copy(0, places[2], places[1])
    return ClippedFaces(verts, first, num_faces, original, conversion, to_conversion, neighbors)


def convert_clipped_rasterization_to_original_faces(
    pix_to_face_clipped: torch.Tensor, bary_coords_clipped: torch.Tensor, clipped_faces: ClippedFaces
) -> Tuple[torch.Tensor, torch.Tensor]:
    """pix_to_face [N, H, W, K] and bary_coords [N, H, W, K, 3] of clipped faces, as those of the faces before."""
    original = clipped_faces.faces_clipped_to_unclipped_idx
    if original is None or original.numel() == 0:
        return pix_to_face_clipped, bary_coords_clipped
    is_face, face = pix_to_face_clipped >= 0, pix_to_face_clipped.clamp_min(0)
    pix_to_face = torch.where(is_face, original[face], -1)
    if clipped_faces.barycentric_conversion is None:
        return pix_to_face, bary_coords_clipped
    row = clipped_faces.faces_clipped_to_conversion_idx[face]
    is_cut = is_face & (row >= 0)
    matrices = clipped_faces.barycentric_conversion.to(bary_coords_clipped.dtype)[row[is_cut]]
    bary_coords = bary_coords_clipped.clone()
    bary_coords[is_cut] = (matrices @ bary_coords_clipped[is_cut][:, :, None])[:, :, 0]
    return pix_to_face, bary_coords
