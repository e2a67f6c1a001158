"""The rasterizer in plain NumPy and float64: each face at each pixel, with exact coverage."""

import numpy as np

from tests.ops3d.rasterize_scenes import covers, pixel_centres, pixels_of


def cross(a, b):
    return a[0] * b[1] - a[1] * b[0]


def interpolate(corners, z, size, perspective):
    """Barycentric coordinates [H, W, 3] and depth of all pixels in double precision."""
    corners, z = corners.astype(np.float64), z.astype(np.float64)
    x, y = pixel_centres(size)
    at = [(corner[0] - x, corner[1] - y) for corner in corners]
    weights = [cross(at[1], at[2]), cross(at[2], at[0]), cross(at[0], at[1])]
    if perspective:
        weights = [weights[0] * z[1] * z[2], weights[1] * z[2] * z[0], weights[2] * z[0] * z[1]]
    bary = np.stack(weights, -1) / sum(weights)[..., None]
    return bary, bary @ z


def segment_distance(corners, size):
    """Squared distance in pixels of all pixels to the nearest edge."""
    x, y = pixel_centres(size)
    best = np.inf
    for k in range(3):
        p, q = corners[k].astype(np.float64), corners[(k + 1) % 3].astype(np.float64)
        e = q - p
        t = np.clip(((x - p[0]) * e[0] + (y - p[1]) * e[1]) / max(e @ e, 1e-300), 0, 1)
        best = np.minimum(best, (x - p[0] - t * e[0]) ** 2 + (y - p[1] - t * e[1]) ** 2)
    return best


def brute_force(verts, faces, size, perspective, cull=False):
    """Depth of each face at each pixel [F, H, W] (inf where it is not), barycentric coordinates, distances."""
    pixels = pixels_of(verts, size)
    depths, barys, dists = [], [], []
    for face in faces:
        inside, area = covers(pixels[face], size)
        z = verts[face, 2]
        drawn = inside & (z.min() >= 1e-8) & (not (cull and area > 0))
        with np.errstate(all="ignore"):
            bary, depth = interpolate(pixels[face], z, size, perspective)
        depths.append(np.where(drawn, depth, np.inf))
        barys.append(bary)
        dists.append(-segment_distance(pixels[face], size) * (2 / min(size)) ** 2)
    return np.stack(depths), np.stack(barys), np.stack(dists)
