"""Meshes for the tests of the rasterizer, and its coverage of pixels in exact integers."""

import functools

import numpy as np

GRID = 4096  # units of the coverage grid in a pixel


# The first face and the number of faces of the second of two meshes, of 22 faces in all, and what is wrong with them.
BAD_RANGES = [
    ((-1, 3), r"mesh_to_face_first_idx to lie in \[0, 20\), but got -1"),
    ((20, 3), r"mesh_to_face_first_idx to lie in \[0, 20\), but got 20"),
    ((0, -1), r"num_faces_per_mesh to lie in \[0, 23\), but got -1"),
    ((0, 23), r"num_faces_per_mesh to lie in \[0, 23\), but got 23"),
    ((2**62, 2**62), rf"num_faces_per_mesh to lie in \[0, 23\), but got {2**62}"),
]


def pixels_of(verts, size):
    """Vertices in pixels from the middle of the picture, +x right, +y down, as the op rounds them."""
    scale = verts.dtype.type(min(size) / 2)
    return verts[:, :2] * -scale


def pixel_centres(size):
    height, width = size
    return np.arange(width) - (width - 1) / 2, (np.arange(height) - (height - 1) / 2)[:, None]


def edge_values(p, q, size):
    """The exact edge function of p -> q (grid coordinates) at all pixel centres."""
    height, width = size
    x = np.arange(width, dtype=object) * GRID - (width - 1) * GRID // 2
    y = (np.arange(height, dtype=object) * GRID - (height - 1) * GRID // 2)[:, None]
    return (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0])


def covers(corners, size):
    """Pixels that a triangle in pixels covers, and twice its area on the grid: exact integers of any size."""
    grid = [[int(c) for c in corner] for corner in np.rint(corners * GRID)]
    area = (grid[1][0] - grid[0][0]) * (grid[2][1] - grid[0][1]) - (grid[1][1] - grid[0][1]) * (grid[2][0] - grid[0][0])
    if area == 0:
        return np.zeros(size, bool), 0
    if area < 0:
        grid[1], grid[2] = grid[2], grid[1]
    inside = np.ones(size, bool)
    for k in range(3):
        p, q = grid[k], grid[(k + 1) % 3]
        dx, dy = q[0] - p[0], q[1] - p[1]
        owner = dy < 0 or (dy == 0 and dx > 0)
        inside &= (edge_values(p, q, size) >= (0 if owner else 1)).astype(bool)
    return inside, area


def random_soup(seed, num_faces, spread, extent, dtype):
    """Triangles of all sizes around the picture, of either winding."""
    rng = np.random.default_rng(seed)
    centre = rng.uniform(-spread, spread, (num_faces, 1, 3))
    verts = centre + extent * rng.normal(size=(num_faces, 3, 3)) * rng.uniform(0.02, 1, (num_faces, 1, 1))
    verts[..., 2] = rng.uniform(1, 5, (num_faces, 1)) + 0.5 * rng.uniform(-1, 1, (num_faces, 3))
    return verts.reshape(-1, 3).astype(dtype), np.arange(3 * num_faces).reshape(-1, 3)


def plane_mesh(seed, cells, reach, dtype, jitter=0.15, corner_on_centres=None):
    """A triangulated square [-reach, reach]^2 at z = 1 to 2, without folds, each face of random winding and first corner."""
    rng = np.random.default_rng(seed)
    axis = np.linspace(-reach, reach, cells + 1)
    x, y = np.meshgrid(axis, axis)
    verts = np.stack([x, y, rng.uniform(1, 2, x.shape)], -1)
    verts[1:-1, 1:-1, :2] += rng.uniform(-jitter, jitter, (cells - 1, cells - 1, 2)) * (2 * reach / cells)
    if corner_on_centres is not None:  # half of the vertices on pixel centres, and so many edges through others
        step = 2 / corner_on_centres
        on = rng.random(x.shape) < 0.5
        snapped = (np.round(verts[..., :2] / step - 0.5) + 0.5) * step
        verts[..., :2] = np.where(on[..., None], snapped, verts[..., :2])
    index = np.arange((cells + 1) ** 2).reshape(cells + 1, cells + 1)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))])
    for face in faces:
        face[:] = np.roll(face[:: rng.choice([-1, 1])], rng.integers(3))
    return verts.reshape(-1, 3).astype(dtype), faces


def ball(rings=12, sectors=18):
    """A closed sphere, counterclockwise from outside as the screen shows it."""
    theta = np.linspace(0, np.pi, rings + 1)[1:-1]
    phi = np.arange(sectors) * 2 * np.pi / sectors
    middle = np.stack(
        [np.outer(np.sin(theta), np.cos(phi)), np.outer(np.sin(theta), np.sin(phi)), np.outer(np.cos(theta), np.ones(sectors))],
        -1,
    ).reshape(-1, 3)
    verts = np.concatenate([middle, [[0, 0, 1], [0, 0, -1]]])
    faces = []
    for s in range(sectors):
        n = (s + 1) % sectors
        faces += [(len(middle), s, n), (len(middle) + 1, len(middle) - sectors + n, len(middle) - sectors + s)]
        for r in range(rings - 2):
            a, b, c, d = r * sectors + s, (r + 1) * sectors + s, (r + 1) * sectors + n, r * sectors + n
            faces += [(a, b, c), (a, c, d)]
    return verts, np.array(faces)


def project(view):
    """NDC of points in view space, for a camera with a focal length of 1."""
    return np.concatenate([view[:, :2] / view[:, 2:], view[:, 2:]], 1)


@functools.cache
def large_scene():
    verts, faces = ball(120, 200)
    verts = project(verts * 1.5 + [0.1, 0, 4]).astype(np.float32)
    big = np.array([[9, 9, 30], [-9, 9, 30], [0, -9, 0.5], [9, -2, -3], [-9, -2, -3], [0, -0.6, 9]], np.float32)
    big[3:] = project(big[3:])
    order = np.random.default_rng(13).permutation(len(faces) + 2)
    faces = np.concatenate([faces, [[len(verts), len(verts) + 1, len(verts) + 2], [len(verts) + 3, len(verts) + 4, len(verts) + 5]]])
    return np.concatenate([verts, big]), faces[order]
