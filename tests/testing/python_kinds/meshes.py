"""Golden cases of meshes."""

import torch

from bisque3d import loss, ops
from bisque3d.ops.cubify import cubify as cubified
from bisque3d.ops.marching_cubes import marching_cubes as surfaces
from bisque3d.structures import Meshes, Pointclouds

from . import golden_kind


def batch(case) -> Meshes:
    count = sum(name.startswith("in.faces") for name in case.tensors)
    return Meshes(*([case.input(f"{kind}{i}") for i in range(count)] for kind in ("verts", "faces")))


def single(case) -> Meshes:
    return Meshes([case.input("verts")], [case.input("faces")])


@golden_kind
def edges(case) -> dict:
    meshes = single(case)
    return {"edges": meshes.edges_packed(), "faces_to_edges": meshes.faces_packed_to_edges_packed()}


@golden_kind
def vertex_normals(case) -> dict:
    return {"normals": single(case).verts_normals_packed()}


@golden_kind
def face_areas_normals(case) -> dict:
    areas, normals = ops.mesh_face_areas_normals(case.input("verts"), case.input("faces"))
    return {"areas": areas, "normals": normals}


@golden_kind
def graph_conv(case) -> dict:
    verts = case.input("verts")
    conv = ops.GraphConv(verts.shape[1], case.input("w0").shape[0]).to(verts.dtype)
    named = {"w0.weight": "w0", "w0.bias": "b0", "w1.weight": "w1", "w1.bias": "b1"}
    weights = {name: case.input(given) for name, given in named.items()}
    return {"y": torch.func.functional_call(conv, weights, (verts, case.input("edges")))}


@golden_kind
def marching_cubes(case) -> dict:
    (verts,), (faces,) = surfaces(case.input("vol"), 0.5)
    return {"verts": verts, "faces": faces}


@golden_kind
def cubify(case) -> dict:
    meshes = cubified(case.input("voxels"), 0.5)
    return {"verts": torch.cat(meshes.verts_list()), "faces": torch.cat(meshes.faces_list())}


@golden_kind
def vert_align(case) -> dict:
    return {"y": ops.vert_align(case.input("feats"), case.input("verts"))}


@golden_kind
def laplacian(case) -> dict:
    return {"L": ops.laplacian(case.input("verts"), case.input("edges")).to_dense()}


@golden_kind
def cot_laplacian(case) -> dict:
    matrix, inv_areas = ops.cot_laplacian(case.input("verts"), case.input("faces"))
    return {"L": matrix.to_dense(), "inv_areas": inv_areas}


@golden_kind
def taubin(case) -> dict:
    return {"verts": ops.taubin_smoothing(single(case), num_iter=5).verts_packed()}


@golden_kind
def subdivide(case) -> dict:
    new = ops.SubdivideMeshes()(single(case))
    precomputed = ops.SubdivideMeshes(single(case))(single(case))
    assert torch.equal(new.faces_packed(), precomputed.faces_packed())
    return {"verts": new.verts_packed(), "faces": new.faces_packed()}


@golden_kind
def iou_box3d(case) -> dict:
    vol, iou = ops.box3d_overlap(case.input("boxes1"), case.input("boxes2"))
    return {"vol": vol, "iou": iou}


@golden_kind
def interpolate_face_attributes(case) -> dict:
    return {"y": ops.interpolate_face_attributes(*(case.input(name) for name in ("pix_to_face", "bary", "attrs")))}


@golden_kind
def mesh_loss_edge(case) -> dict:
    # The recorded results have this target, which their arguments do not mention.
    return {"loss": loss.mesh_edge_loss(batch(case), case.args.get("target_length", 0.1))}


@golden_kind
def mesh_loss_normal_consistency(case) -> dict:
    return {"loss": loss.mesh_normal_consistency(batch(case))}


@golden_kind
def mesh_loss_laplacian_uniform(case) -> dict:
    return {"loss": loss.mesh_laplacian_smoothing(batch(case), "uniform")}


@golden_kind
def mesh_loss_laplacian_cot(case) -> dict:
    return {"loss": loss.mesh_laplacian_smoothing(batch(case), "cot")}


@golden_kind
def mesh_loss_laplacian_cotcurv(case) -> dict:
    return {"loss": loss.mesh_laplacian_smoothing(batch(case), "cotcurv")}


def clouds(case) -> Pointclouds:
    return Pointclouds([case.input(f"pts{i}") for i in range(sum(name.startswith("in.pts") for name in case.tensors))])


@golden_kind
def point_mesh_face(case) -> dict:
    area = case.args.get("min_triangle_area", 5e-3)  # PyTorch3D's default
    return {"loss": loss.point_mesh_face_distance(batch(case), clouds(case), min_triangle_area=area)}


@golden_kind
def point_mesh_edge(case) -> dict:
    return {"loss": loss.point_mesh_edge_distance(batch(case), clouds(case))}
