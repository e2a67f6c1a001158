from harness import bench, ict, peer

NAME = "weighted_gather_scatter_ict"


def graph():
    """Values of three columns, the sides of all faces, and their weights."""
    import torch

    scene, generator = ict.scene(), torch.Generator().manual_seed(0)
    faces = scene["faces"]
    edges = torch.cat([faces[:, [1, 2]], faces[:, [2, 0]], faces[:, [0, 1]]])
    return scene["verts"][0].contiguous(), edges, torch.rand(len(edges), generator=generator)


@bench(NAME, work="weighted sums over the sides of the ICT head's faces, 3 columns", needs="ict")
def ours():
    ops, (input, edges, weights) = ict.ops(), graph()
    return lambda: ops.weighted_gather_scatter(input, edges, weights)


@peer(NAME, "torch sparse matrix, made and multiplied")
def sparse():
    import torch

    input, edges, weights = graph()

    def product():
        half = torch.sparse_coo_tensor(edges.T, weights, (len(input), len(input)))
        return (half + half.T) @ input

    return product
