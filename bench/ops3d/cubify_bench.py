from harness import bench, ict, peer

NAME = "cubify_128"


def ball():
    """A volume [128, 128, 128], solid within a wavy sphere."""
    import numpy as np

    axis = np.linspace(-1, 1, 128, dtype=np.float32)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    distance = np.sqrt(x * x + y * y + z * z)
    return np.float32(0.7) - distance + np.float32(0.05) * np.sin(9 * x) * np.cos(7 * y)


@bench(NAME, work="the sides of the voxels within a wavy sphere in a volume of 128 x 128 x 128")
def ours():
    import torch

    ops, voxels = ict.ops(), torch.from_numpy(ball())[None]
    return lambda: ops.cubify(voxels, 0.0)


@peer(NAME, "torch masks + unique")
def masks():
    import torch

    voxels = torch.from_numpy(ball())

    def sides():
        solid = torch.nn.functional.pad(voxels >= 0, (1, 1, 1, 1, 1, 1))
        corners = []
        for axis in range(3):
            for direction in (-1, 1):
                exposed = (solid & ~solid.roll(-direction, axis)).nonzero() - 1
                exposed[:, axis] += direction == 1
                u, w = (torch.eye(3, dtype=torch.int64)[(axis + k) % 3] for k in (1, 2))
                corners.append(torch.stack([exposed, exposed + u, exposed + u + w, exposed + w], 1))
        corners = torch.cat(corners) @ torch.tensor([129 * 129, 129, 1])
        verts, quads = corners.unique(return_inverse=True)
        return verts, torch.cat([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])

    return sides
