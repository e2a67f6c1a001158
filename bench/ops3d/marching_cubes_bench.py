from harness import bench, ict, peer

NAME = "marching_cubes_128"


def wavy_sphere():
    """A volume [128, 128, 128] whose surface at 0 has 75,692 triangles."""
    import numpy as np

    axis = np.linspace(-1, 1, 128, dtype=np.float32)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    distance = np.sqrt(x * x + y * y + z * z)
    return distance + np.float32(0.05) * np.sin(9 * x) * np.cos(7 * y) - np.float32(0.7)


@bench(NAME, work="the 75,692 triangles of a wavy sphere in a volume of 128 x 128 x 128")
def ours():
    import torch

    vol = torch.from_numpy(wavy_sphere())[None]
    ops = ict.ops()
    return lambda: ops.marching_cubes(vol, 0.0)


@peer(NAME, "scikit-image marching_cubes, lorensen")
def lorensen():
    from skimage.measure import marching_cubes

    vol = wavy_sphere()
    return lambda: marching_cubes(vol, 0.0, method="lorensen")
