"""The ICT head and points in its box, for the benchmarks of distances between points and meshes. Needs the fixture ict."""

from harness import ict


def head(heads: int = 1) -> tuple:
    """verts [26,719 heads, 3] and faces [52,220 heads, 3] of a mesh of some heads beside each other."""
    import torch

    scene = ict.scene()
    verts, faces = scene["verts"][0], scene["faces"]
    width = verts[:, 0].max() - verts[:, 0].min()
    moved = [verts + torch.tensor([i * width, 0, 0]) for i in range(heads)]
    return torch.cat(moved), torch.cat([faces + i * len(verts) for i in range(heads)])


def points_around(verts, num_points: int):
    """Points evenly distributed over the box of some verts."""
    import torch

    low, high = verts.amin(0), verts.amax(0)
    return low + (high - low) * torch.rand(num_points, 3, generator=torch.Generator().manual_seed(0))


def edges_of(faces):
    """The edges of faces, each once: [E, 2]."""
    import torch

    edges = torch.cat([faces[:, [i, (i + 1) % 3]] for i in range(3)]).sort(1).values
    return torch.unique(edges, dim=0)


def call(op: str, verts, simplices, num_points: int = 2000):
    """A call of an op of ops3d/*_distance; `simplices` are faces or edges."""
    import torch

    ops, first = ict.ops(), torch.tensor([0])
    arguments = points_around(verts, num_points), first, verts[simplices], first
    return lambda: getattr(ops, op)(*arguments)
