from harness import bench, ict, peer

NAME = "quaternion_to_matrix_100k"


def inputs():
    import torch

    return torch.randn(100_000, 4, generator=torch.Generator().manual_seed(0))


@bench(NAME, work="100,000 rotation matrices of quaternions")
def ours():
    ops, rows = ict.ops(), inputs()
    return lambda: ops.quaternion_to_matrix(rows)


@peer(NAME, "torch, nine products and a stack")
def plain():
    import torch

    rows = inputs()

    def call():
        w, x, y, z = rows.unbind(1)
        two = 2 / rows.square().sum(1)
        elements = [1 - two * (y * y + z * z), two * (x * y - z * w), two * (x * z + y * w)]
        elements += [two * (x * y + z * w), 1 - two * (x * x + z * z), two * (y * z - x * w)]
        elements += [two * (x * z - y * w), two * (y * z + x * w), 1 - two * (x * x + y * y)]
        return torch.stack(elements, 1).view(-1, 3, 3)

    return call
