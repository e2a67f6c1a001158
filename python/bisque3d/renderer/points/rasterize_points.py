"""Rasterizing of point clouds, over the op `rasterize_points`."""

import torch

from ..._ops import ops
from ..mesh.rasterize_meshes import pix_to_non_square_ndc
from ..utils import parse_image_size

# PyTorch3D's limit of bins along the longer side of a picture. There are no bins here; the limit is checked for code that relies on it.
kMaxPointsPerBin = 22

Fragments = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def rasterize_points(
    pointclouds,
    image_size: int | list[int] | tuple[int, int] = 256,
    radius: float | list | tuple | torch.Tensor = 0.01,
    points_per_pixel: int = 8,
    bin_size: int | None = None,
    max_points_per_bin: int | None = None,
) -> Fragments:
    """Finds for each pixel the `points_per_pixel` nearest points whose discs cover its center.

    The points are in NDC, with their depth in view space as z. `radius` is a number, or [N, P] in the padded order of the points. `bin_size`
    and `max_points_per_bin` have no effect, since no point is dropped.

    Returns idx, int32, indices into the packed points; zbuf; and dists, squared distances in NDC; each [N, H, W, points_per_pixel] in the
    order of depth, -1 where no point is. zbuf and dists are differentiable by the points. Raises ValueError for a radius of another type
    or shape, and for a bin_size that PyTorch3D refuses.
    """
    height, width = map(int, parse_image_size(image_size))
    _check_bin_size(bin_size, max(height, width))
    points = pointclouds.points_packed()
    radii = None if isinstance(radius, float) else _format_radius(radius, pointclouds).detach()
    idx, zbuf, dists = ops.rasterize_points(
        points,
        pointclouds.cloud_to_packed_first_idx(),
        pointclouds.num_points_per_cloud(),
        radii,
        height,
        width,
        float(radius) if radii is None else 0.0,
        int(points_per_pixel),
    )
    return idx.int(), zbuf, dists


def _check_bin_size(bin_size: int | None, longer: int) -> None:
    if not bin_size:
        return
    bins = 1 + (longer - 1) // bin_size
    if bins >= kMaxPointsPerBin:
        raise ValueError(f"bin_size too small, number of points per bin must be less than {kMaxPointsPerBin}; got {bins}.")


def _format_radius(radius: float | list | tuple | torch.Tensor, pointclouds) -> torch.Tensor:
    """The radius of each packed point."""
    points = pointclouds.points_packed()
    if isinstance(radius, float):
        return points.new_full([points.shape[0]], radius)
    if isinstance(radius, (list, tuple)):
        radius = torch.tensor(radius)
    if not isinstance(radius, torch.Tensor):
        raise ValueError(f"radius must be a float, list, tuple or tensor; got {type(radius)}.")
    radius = radius.to(points)
    clouds, longest = len(pointclouds), pointclouds.points_padded().shape[1]
    if clouds == 1 and radius.ndim == 1:
        radius = radius[None]
    if tuple(radius.shape) != (clouds, longest):
        raise ValueError(f"radius must be of shape (N, P): got {tuple(radius.shape)}, expected {(clouds, longest)}.")
    return radius.reshape(-1)[pointclouds.padded_to_packed_idx()]


def rasterize_points_python(
    pointclouds,
    image_size: int | list[int] | tuple[int, int] = 256,
    radius: float | list | tuple | torch.Tensor = 0.01,
    points_per_pixel: int = 8,
) -> Fragments:
    """The same as rasterize_points as a loop over all pixels in plain torch, which is slow: to read, and to compare with."""
    height, width = parse_image_size(image_size)
    points = pointclouds.points_packed()
    squared_radii = _format_radius(radius, pointclouds).square()
    shape = len(pointclouds), height, width, points_per_pixel
    idx = torch.full(shape, -1, dtype=torch.int32, device=points.device)
    zbuf, dists = points.new_full(shape, -1), points.new_full(shape, -1)
    for n, (first, count) in enumerate(zip(pointclouds.cloud_to_packed_first_idx().tolist(), pointclouds.num_points_per_cloud().tolist())):
        cloud, radii = points[first : first + count], squared_radii[first : first + count]
        for row in range(height):
            y = pix_to_non_square_ndc(height - 1 - row, height, width)  # +Y is up
            for column in range(width):
                x = pix_to_non_square_ndc(width - 1 - column, width, height)  # +X is left
                distances = (cloud[:, 0] - x).square() + (cloud[:, 1] - y).square()
                hits = ((distances < radii) & (cloud[:, 2] >= 0)).nonzero()[:, 0]
                nearest = hits[cloud[hits, 2].argsort(stable=True)][:points_per_pixel]
                place = n, row, column, slice(len(nearest))
                idx[place] = (nearest + first).int()
                zbuf[place] = cloud[nearest, 2]
                dists[place] = distances[nearest]
    return idx, zbuf, dists
