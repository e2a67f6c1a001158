"""Golden cases of ops on meshes."""

import torch

from ..functions import functions
from . import Mismatch, golden_kind


@golden_kind()
def vertex_normals(case) -> dict:
    verts, faces = case.input("verts"), case.input("faces")
    normals = case.call(torch.ops.bisque.vertex_normals, verts[None], faces, *functions.vert_faces_of(faces, len(verts)))
    return {"normals": normals.squeeze(0)}


@golden_kind()
def face_areas_normals(case) -> dict:
    areas, normals = case.call(torch.ops.bisque.face_areas_normals, case.input("verts"), case.input("faces"))
    return {"areas": areas, "normals": normals}


@golden_kind()
def graph_conv(case) -> dict:
    verts, weights = case.input("verts"), [case.input(name) for name in ("w0", "b0", "w1", "b1")]
    own, of_neighbours = (torch.nn.functional.linear(verts, *weights[i : i + 2]) for i in (0, 2))
    return {"y": own + case.call(torch.ops.bisque.gather_scatter, of_neighbours, case.input("edges")).cpu()}


@golden_kind()
def marching_cubes(case) -> dict:
    verts, faces, _, _ = case.call(torch.ops.bisque.marching_cubes, case.input("vol"), 0.5, True)
    expected = case.tensors["out.verts"], case.tensors["out.faces"]
    if triangles(verts.cpu(), faces.cpu()) != triangles(*expected):
        raise Mismatch("the triangles are not the same set")
    return dict(zip(("verts", "faces"), expected))  # as sets they are equal


def triangles(verts: torch.Tensor, faces: torch.Tensor) -> list:
    corners = (verts[faces] * 1e4).round().long().tolist()
    return sorted(min(t[i:] + t[:i] for i in range(3)) for t in corners)
