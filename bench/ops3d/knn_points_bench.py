from harness import bench, ict, peer

CLOUDS = {
    "knn_points_100k_k1": (1, 100_000, 3, 1),
    "knn_points_100k_k8": (1, 100_000, 3, 8),
    "knn_10k": (1, 10_000, 3, 8),
    "knn_points_32x1024_k8": (32, 1024, 3, 8),
    "knn_points_10k_d24_k8": (1, 10_000, 24, 8),
}

PYTORCH3D = {"knn_10k": ("PyTorch3D on the CPU", 408)}


def clouds(name):
    import torch

    N, P, D, _ = CLOUDS[name]
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(N, P, D, generator=generator) for _ in range(2)]


def ours(name):
    ops, (p1, p2) = ict.ops(), clouds(name)
    return lambda: ops.knn_points(p1, p2, None, None, CLOUDS[name][3])


def pykdtree(name):
    from pykdtree.kdtree import KDTree

    p1, p2 = (p.numpy() for p in clouds(name))
    return lambda: [KDTree(b).query(a, k=CLOUDS[name][3], sqr_dists=True) for a, b in zip(p1, p2, strict=True)]


def cdist_topk(name):
    import torch

    p1, p2 = clouds(name)
    return lambda: torch.cdist(p1, p2).topk(CLOUDS[name][3], largest=False)


for row, (N, P, D, K) in CLOUDS.items():
    work = f"the {K} nearest of {P:,} points for each of {P:,}, {D} coordinates, float32"
    note = "the tree is built at each call, the peer's too" if D == 3 else ""
    bench(row, work=work + (f", {N} clouds" if N > 1 else ""), note=note, recorded=PYTORCH3D.get(row))(lambda row=row: ours(row))
    if row in PYTORCH3D:
        continue
    peer_setup, label = (pykdtree, "pykdtree") if D == 3 else (cdist_topk, "torch cdist + topk")
    peer(row, label)(lambda row=row, setup=peer_setup: setup(row))


@bench("knn_points_backward_100k_k8", work="gradients of 100,000 x 8 distances of points to 100,000")
def backward():
    import torch

    ops, (p1, p2) = ict.ops(), clouds("knn_points_100k_k8")
    dists, idx = ops.knn_points(p1, p2, None, None, 8)
    grad = torch.ones_like(dists)
    return lambda: ops._knn_points_backward(grad, p1, p2, None, None, idx, 2, True, True)


@peer("knn_points_backward_100k_k8", "torch autograd of gathered points")
def gathered():
    import torch

    p1, p2 = clouds("knn_points_100k_k8")
    idx = torch.randint(0, p2.shape[1], (1, p1.shape[1], 8), generator=torch.Generator().manual_seed(0))
    grad = torch.ones(1, p1.shape[1], 8)
    p1.requires_grad_(), p2.requires_grad_()
    dists = (p1[:, :, None] - p2[0, idx]).square().sum(3)
    return lambda: torch.autograd.grad(dists, (p1, p2), grad, retain_graph=True)
