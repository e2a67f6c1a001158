from harness import bench, ict, peer

NAME = "gather_scatter_ict"
COLUMNS = 64


def edges_of(scene):
    import torch

    faces = scene["faces"]
    both = torch.cat([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).sort(1)[0]
    return both.unique(dim=0).contiguous()


def values(scene):
    import torch

    return torch.randn(scene["verts"].shape[1], COLUMNS, generator=torch.Generator().manual_seed(0))


@bench(NAME, work="sums over the neighbours of the ICT head's 26,719 verts, 64 columns", needs="ict")
def ours():
    scene = ict.scene()
    ops, input, edges = ict.ops(), values(scene), edges_of(scene)
    return lambda: ops.gather_scatter(input, edges)


@peer(NAME, "torch index_add, both directions")
def index_add():
    import torch

    scene = ict.scene()
    input, (a, b) = values(scene), (x.contiguous() for x in edges_of(scene).unbind(1))
    return lambda: torch.zeros_like(input).index_add_(0, a, input[b]).index_add_(0, b, input[a])
