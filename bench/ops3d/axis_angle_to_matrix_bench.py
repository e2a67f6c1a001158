from harness import bench, ict, peer

NAME = "axis_angle_to_matrix_100k"


def inputs():
    import torch

    return torch.randn(100_000, 3, generator=torch.Generator().manual_seed(0))


@bench(NAME, work="100,000 rotation matrices of an axis and an angle")
def ours():
    ops, rows = ict.ops(), inputs()
    return lambda: ops.axis_angle_to_matrix(rows)


@peer(NAME, "torch, Rodrigues without care for small angles")
def plain():
    import torch

    rows = inputs()

    def call():
        x, y, z = rows.unbind(1)
        angle, zero = rows.norm(dim=1)[:, None, None], torch.zeros_like(x)
        skew = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], 1).view(-1, 3, 3) / angle
        return torch.eye(3) + angle.sin() * skew + (1 - angle.cos()) * (skew @ skew)

    return call
