from harness import bench, ict, point_mesh


def sampling(num_samples: int, heads: int = 1):
    """As a caller does it, with the random numbers."""
    import torch

    ops, (verts, faces) = ict.ops(), point_mesh.head(heads)
    first, count = torch.tensor([0]), torch.tensor([len(faces)])
    return lambda: ops.sample_points_from_meshes(verts, faces, first, count, torch.rand(1, num_samples, 3))


WORK = "{} points on the ICT head's {} triangles, with their random numbers, float32"


@bench("sample_points_100k", work=WORK.format("100,000", "52,220"), needs="ict", recorded=("PyTorch3D on the CPU", 18.2))
def ours():
    return sampling(100_000)


@bench("sample_points_1m", work=WORK.format("a million", "522,200"), note="tenfold of sample_points_100k", needs="ict")
def tenfold():
    return sampling(1_000_000, 10)


@bench("sample_points_backward_100k", work="the gradient of sample_points_100k to the verts", needs="ict")
def backward():
    import torch

    ops, (verts, faces) = ict.ops(), point_mesh.head()
    first, count = torch.tensor([0]), torch.tensor([len(faces)])
    samples, face_idx, bary_coords = ops.sample_points_from_meshes(verts, faces, first, count, torch.rand(1, 100_000, 3))
    grad = torch.ones_like(samples)
    return lambda: ops._sample_points_from_meshes_backward(grad, verts, faces, face_idx, bary_coords)
