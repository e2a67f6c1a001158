"""Rays, and the points along them."""

import dataclasses
from typing import NamedTuple

import torch


class RayBundle(NamedTuple):
    """Rays in world space, and the lengths at which a field is evaluated along them.

    origins [..., 3], directions [..., 3], which need not have length 1, lengths [..., P] in multiples of the directions, and xys [..., 2],
    where the rays pass through the picture.

    >>> RayBundle(torch.zeros(2, 3), torch.ones(2, 3), torch.ones(2, 8), torch.zeros(2, 2)).lengths.shape
    torch.Size([2, 8])
    """

    origins: torch.Tensor
    directions: torch.Tensor
    lengths: torch.Tensor
    xys: torch.Tensor


@dataclasses.dataclass
class HeterogeneousRayBundle:
    """Rays of which each camera may have another number. Besides the tensors of RayBundle: camera_ids [M], the cameras that have rays, and
    camera_counts [M], how many consecutive rays belong to each.

    >>> rays = HeterogeneousRayBundle(*torch.zeros(3, 2, 3), torch.zeros(2, 2), camera_ids=torch.tensor([4]), camera_counts=torch.tensor([2]))
    >>> rays.camera_ids
    tensor([4])
    """

    origins: torch.Tensor
    directions: torch.Tensor
    lengths: torch.Tensor
    xys: torch.Tensor
    camera_ids: torch.Tensor | None = None
    camera_counts: torch.Tensor | None = None


def ray_bundle_to_ray_points(ray_bundle: RayBundle | HeterogeneousRayBundle) -> torch.Tensor:
    """The points origins + lengths * directions of all rays, [..., P, 3].

    >>> rays = RayBundle(torch.zeros(1, 3), torch.tensor([[0.0, 0.0, 2.0]]), torch.tensor([[1.0, 3.0]]), torch.zeros(1, 2))
    >>> ray_bundle_to_ray_points(rays)[0, :, 2]
    tensor([2., 6.])
    """
    return ray_bundle_variables_to_ray_points(ray_bundle.origins, ray_bundle.directions, ray_bundle.lengths)


def ray_bundle_variables_to_ray_points(rays_origins: torch.Tensor, rays_directions: torch.Tensor, rays_lengths: torch.Tensor) -> torch.Tensor:
    """The same for origins [..., 3], directions [..., 3] and lengths [..., P].

    >>> ray_bundle_variables_to_ray_points(torch.ones(5, 3), torch.ones(5, 3), torch.zeros(5, 2)).shape
    torch.Size([5, 2, 3])
    """
    return rays_origins[..., None, :] + rays_lengths[..., :, None] * rays_directions[..., None, :]


def _validate_ray_bundle_variables(rays_origins: torch.Tensor, rays_directions: torch.Tensor, rays_lengths: torch.Tensor) -> None:
    """Raises ValueError unless the shapes are [N, ..., 3], [N, ..., 3] and [N, ..., P]."""
    names = "rays_origins, rays_directions and rays_lengths"
    tensors = rays_origins, rays_directions, rays_lengths
    got = f" Got shapes {', '.join(str(tuple(tensor.shape)) for tensor in tensors)}."
    if len({tensor.ndim for tensor in tensors}) > 1:
        raise ValueError(f"{names} have to have the same number of dimensions." + got)
    if rays_origins.ndim <= 2:
        raise ValueError(f"{names} have to have at least 3 dimensions." + got)
    if len({tensor.shape[:-1] for tensor in tensors}) > 1:
        raise ValueError(f"The shapes of {names} may differ only in the last dimension." + got)
    if rays_origins.shape[-1] != 3 or rays_directions.shape[-1] != 3:
        raise ValueError("The size of the last dimension of rays_origins/rays_directions has to be 3." + got)
