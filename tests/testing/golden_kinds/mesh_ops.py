"""Golden cases of operators on meshes and of losses."""

import torch

from ..functions import functions
from . import golden_kind


@golden_kind()
def cubify(case) -> dict:
    verts, faces, *_ = case.call(torch.ops.bisque.cubify, case.input("voxels"), 0.5)
    return {"verts": verts, "faces": faces}
