"""2,000 points and 52,000 triangles: both directions. torch has no way but all pairs, of which a tenth fills its memory."""

import torch
from gpu import Case


def cases():
    points, first = torch.rand(2000, 3, device="cuda"), torch.zeros(1, dtype=torch.int64, device="cuda")
    tris = torch.rand(52_000, 1, 3, device="cuda") + 0.01 * torch.randn(52_000, 3, 3, device="cuda")
    for op in ("point_face_distance", "face_point_distance"):
        ours = lambda op=op: getattr(torch.ops.bisque, op)(points, first, tris, first)
        yield Case(f"{op}_2k_52k", ours, None, points.nbytes + tris.nbytes)
