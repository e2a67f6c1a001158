from harness import bench, ict, peer

NAME = "mesh_edges_80k"


def inputs():
    """A grid of 200 x 200 quads, 80,000 triangles."""
    import torch

    i = torch.arange(200 * 201).view(200, 201)[:, :-1].reshape(-1)
    return torch.zeros(201 * 201, 3), torch.stack([i, i + 1, i + 202, i, i + 202, i + 201], 1).view(-1, 3)


@bench(NAME, work="the edges of 80,000 triangles, and the edges of each")
def ours():
    ops, given = ict.ops(), inputs()
    return lambda: ops.mesh_edges(*given)


@peer(NAME, "torch.unique of the sorted pairs, as PyTorch3D does")
def unique():
    import torch

    verts, faces = inputs()

    def edges():
        half_edges = faces[:, [[1, 2], [2, 0], [0, 1]]].sort(-1).values.view(-1, 2)
        keys, inverse = torch.unique(half_edges[:, 0] * len(verts) + half_edges[:, 1], return_inverse=True)
        return torch.stack([keys // len(verts), keys % len(verts)], 1), inverse.view(-1, 3)

    return edges
