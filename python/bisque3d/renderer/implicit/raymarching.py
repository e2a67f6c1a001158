"""Raymarchers: Modules that render rays, over the op `raymarch`."""

import warnings

import torch

from ..._ops import ops


class EmissionAbsorptionRaymarcher(torch.nn.Module):
    """Renders each ray by the emission-absorption model: sample k has the weight density_k times the product of (1 - density_j) for all
    j <= k - surface_thickness.

    >>> march = EmissionAbsorptionRaymarcher()
    >>> march(torch.tensor([[[0.5], [1.0]]]), torch.tensor([[[2.0], [4.0]]]))  # features, opacity
    tensor([[3., 1.]])
    """

    def __init__(self, surface_thickness: int = 1) -> None:
        super().__init__()
        self.surface_thickness = surface_thickness

    def forward(self, rays_densities: torch.Tensor, rays_features: torch.Tensor, eps: float = 1e-10, **kwargs) -> torch.Tensor:
        """Densities [..., P, 1] in [0, 1] and features [..., P, C] -> features and opacities [..., C + 1]. Differentiable.

        eps is added to each 1 - density of a weight, so that no product is exactly 0. Densities out of range are a warning, other shapes a
        ValueError.
        """
        _check_raymarcher_inputs(rays_densities, rays_features, None, z_can_be_none=True)
        _check_density_bounds(rays_densities)
        return _march(rays_densities, rays_features, self.surface_thickness, eps)


class AbsorptionOnlyRaymarcher(torch.nn.Module):
    """Gives the opacity of each ray: 1 - the product of all (1 - density).

    >>> AbsorptionOnlyRaymarcher()(torch.tensor([[[0.5], [0.5]]]))
    tensor([[0.7500]])
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, rays_densities: torch.Tensor, **kwargs) -> torch.Tensor:
        """Densities [..., P, 1] in [0, 1] -> opacities [..., 1]. Differentiable."""
        _check_raymarcher_inputs(rays_densities, None, None, features_can_be_none=True, z_can_be_none=True)
        _check_density_bounds(rays_densities)
        return _march(rays_densities, rays_densities[..., :0], 1, 1e-10)


def _march(densities: torch.Tensor, features: torch.Tensor, surface_thickness: int, eps: float) -> torch.Tensor:
    """The features and opacities [..., C + 1] of rays of any shape."""
    *rays, samples, channels = features.shape
    count = torch.Size(rays).numel()
    rendered, opacities, _ = ops.raymarch(densities.reshape(count, samples), features.reshape(count, samples, channels), surface_thickness, eps)
    return torch.cat([rendered, opacities[:, None]], 1).reshape(*rays, channels + 1)


def _shifted_cumprod(x: torch.Tensor, shift: int = 1) -> torch.Tensor:
    """The cumulative product along the last dimension, moved by `shift`: it begins with ones, and its end is dropped."""
    products = x.cumprod(-1)
    return torch.cat([torch.ones_like(products[..., :shift]), products[..., :-shift]], -1)


def _check_density_bounds(rays_densities: torch.Tensor, bounds: tuple[float, float] = (0.0, 1.0)) -> None:
    """Warns if a density is out of bounds. Compiled code does not look at values."""
    if torch.compiler.is_compiling() or rays_densities.numel() == 0:
        return
    low, high = rays_densities.detach().aminmax()
    if low < bounds[0] or high > bounds[1]:
        warnings.warn(f"One or more elements of rays_densities are outside of valid range {bounds}.", stacklevel=3)


def _check_raymarcher_inputs(
    rays_densities: torch.Tensor,
    rays_features: torch.Tensor | None,
    rays_z: torch.Tensor | None,
    features_can_be_none: bool = False,
    z_can_be_none: bool = False,
    density_1d: bool = True,
) -> None:
    """Raises ValueError unless densities are [..., P, D] (D = 1 if `density_1d`), features [..., P, C] and z [..., P]."""
    needed = {"rays_densities": rays_densities}
    if not z_can_be_none:
        needed["rays_z"] = rays_z
    if not features_can_be_none:
        needed["rays_features"] = rays_features
    for name, value in needed.items():
        if not isinstance(value, torch.Tensor):
            raise ValueError(f"{name} has to be an instance of torch.Tensor. Got {type(value)}.")
    if rays_densities.ndim < 2:
        raise ValueError(f"rays_densities have to have at least two dimensions (..., P, 1). Got shape {tuple(rays_densities.shape)}.")
    if density_1d and rays_densities.shape[-1] != 1:
        raise ValueError(f"The size of the last dimension of rays_densities has to be one. Got shape {tuple(rays_densities.shape)}.")
    samples = rays_densities.shape[:-1]
    if not z_can_be_none and rays_z.shape != samples:
        raise ValueError(f"rays_z have to be of the same shape as rays_densities. Got shapes {tuple(rays_z.shape)} and {tuple(samples)}.")
    if not features_can_be_none and rays_features.shape[:-1] != samples:
        raise ValueError(
            "The first to previous to last dimensions of rays_features have to be the same as all dimensions of rays_densities. "
            f"Got shapes {tuple(rays_features.shape)} and {tuple(rays_densities.shape)}."
        )
