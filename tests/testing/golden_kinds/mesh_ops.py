"""Golden cases of operators on meshes and of losses."""

import torch

from ..functions import functions
from . import golden_kind


@golden_kind()
def cubify(case) -> dict:
    verts, faces, *_ = case.call(torch.ops.bisque.cubify, case.input("voxels"), 0.5)
    return {"verts": verts, "faces": faces}


@golden_kind(on_cpu_only=True)
def vert_align(case) -> dict:
    return {"y": functions.vert_align([case.input("feats")], case.input("verts"))}


@golden_kind(on_cpu_only=True)
def laplacian(case) -> dict:
    return {"L": functions.laplacian(case.input("verts"), case.input("edges")).to_dense()}


@golden_kind(on_cpu_only=True)
def cot_laplacian(case) -> dict:
    matrix, inv_areas = functions.cot_laplacian(case.input("verts"), case.input("faces"))
    return {"L": matrix.to_dense(), "inv_areas": inv_areas}


@golden_kind(on_cpu_only=True)
def taubin(case) -> dict:
    (verts,) = functions.taubin_smoothing([case.input("verts")], [case.input("faces")], num_iter=5)
    return {"verts": verts}


@golden_kind(on_cpu_only=True)
def subdivide(case) -> dict:
    (verts,), (faces,) = functions.subdivide_meshes([case.input("verts")], [case.input("faces")])
    return {"verts": verts, "faces": faces}


def meshes_of(case) -> list:
    """The lists of verts and faces of a case: verts0, verts1, ..., faces0, faces1, ..."""
    count = sum(name.startswith("in.faces") for name in case.tensors)
    return [[case.input(f"{kind}{i}") for i in range(count)] for kind in ("verts", "faces")]


@golden_kind(on_cpu_only=True)
def mesh_loss_edge(case) -> dict:
    # The recorded results have this target, which their arguments do not mention.
    return {"loss": functions.mesh_edge_loss(*meshes_of(case), case.args.get("target_length", 0.1))}


@golden_kind(on_cpu_only=True)
def mesh_loss_normal_consistency(case) -> dict:
    return {"loss": functions.mesh_normal_consistency(*meshes_of(case))}


@golden_kind(on_cpu_only=True)
def mesh_loss_laplacian_uniform(case) -> dict:
    return {"loss": functions.mesh_laplacian_smoothing(*meshes_of(case), 0)}


@golden_kind(on_cpu_only=True)
def mesh_loss_laplacian_cot(case) -> dict:
    return {"loss": functions.mesh_laplacian_smoothing(*meshes_of(case), 1)}


@golden_kind(on_cpu_only=True)
def mesh_loss_laplacian_cotcurv(case) -> dict:
    return {"loss": functions.mesh_laplacian_smoothing(*meshes_of(case), 2)}
