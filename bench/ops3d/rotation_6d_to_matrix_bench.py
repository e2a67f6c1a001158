from harness import bench, ict, peer

NAME = "rotation_6d_to_matrix_100k"


def inputs():
    import torch

    return torch.randn(100_000, 6, generator=torch.Generator().manual_seed(0))


@bench(NAME, work="100,000 rotation matrices of two vectors")
def ours():
    ops, rows = ict.ops(), inputs()
    return lambda: ops.rotation_6d_to_matrix(rows)


@peer(NAME, "torch normalize + cross")
def plain():
    import torch

    rows = inputs()

    def call():
        x = torch.nn.functional.normalize(rows[:, :3])
        y = torch.nn.functional.normalize(rows[:, 3:] - (x * rows[:, 3:]).sum(1, keepdim=True) * x)
        return torch.stack([x, y, torch.linalg.cross(x, y)], 1)

    return call
