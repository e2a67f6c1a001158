"""100,000 points on 52,000 triangles."""

import torch
from gpu import Case


def cases():
    verts, faces = torch.randn(26_000, 3, device="cuda"), torch.randint(26_000, (52_000, 3), device="cuda")
    first, count = torch.zeros(1, dtype=torch.int64, device="cuda"), torch.full((1,), 52_000, device="cuda")

    def torch_way():
        corners = verts[faces]
        areas = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).norm(dim=1)
        chosen = corners[areas.multinomial(100_000, replacement=True)]
        root, along = torch.rand(2, 100_000, 1, device="cuda")
        root = root.sqrt()
        return (1 - root) * chosen[:, 0] + root * (1 - along) * chosen[:, 1] + root * along * chosen[:, 2]

    ours = lambda: torch.ops.bisque.sample_points_from_meshes(verts, faces, first, count, torch.rand(1, 100_000, 3, device="cuda"))
    yield Case("sample_points_100k", ours, torch_way, verts.nbytes + faces.nbytes + 100_000 * 44)
