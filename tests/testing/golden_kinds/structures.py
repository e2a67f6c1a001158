"""Golden cases of Meshes."""

import torch

from . import golden_kind


@golden_kind()
def edges(case) -> dict:
    edges, faces_to_edges = case.call(torch.ops.bisque.mesh_edges, case.input("verts"), case.input("faces"))
    return {"edges": edges, "faces_to_edges": faces_to_edges}
