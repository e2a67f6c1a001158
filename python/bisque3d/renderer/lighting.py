"""Lights, and how surfaces reflect them (Phong)."""

from typing import Optional

import torch
import torch.nn.functional as F

from ..common.datatypes import Device
from .utils import TensorProperties, convert_to_tensors_and_broadcast

_COLORS = ("ambient_color", "diffuse_color", "specular_color")


def diffuse(normals: torch.Tensor, color, direction) -> torch.Tensor:
    """Diffuse light at points with normals [N, ..., 3], by Lambert's law: color max(0, n . l).

    color and direction, which is towards the light, are [N, 3], [1, 3] or of the shape of the normals. Packed normals [P, 3] take
    values [P, 3].
    """
    normals, color, direction = convert_to_tensors_and_broadcast(normals, color, direction, dtype=normals.dtype, device=normals.device)
    cosine = (_unit(normals) * _unit(_beside_points(direction, normals))).sum(-1, keepdim=True)
    return _beside_points(color, normals) * F.relu(cosine)


def specular(points: torch.Tensor, normals: torch.Tensor, direction, color, camera_position, shininess) -> torch.Tensor:
    """The light of highlights at points [N, ..., 3]: color max(0, v . r)^shininess where n . l > 0.

    v is towards the camera at camera_position, and r is the reflection of the direction l towards the light. shininess is [N], the
    others are as for diffuse. A highlight of 0 has the gradient 0.
    """
    if points.shape != normals.shape:
        raise ValueError(f"Expected points and normals to have the same shape: got {tuple(points.shape)}, {tuple(normals.shape)}.")
    points, color, direction, camera_position, shininess = convert_to_tensors_and_broadcast(
        points, color, direction, camera_position, shininess, dtype=points.dtype, device=points.device
    )
    n, l = _unit(normals), _unit(_beside_points(direction, points))  # noqa: E741
    cosine = (n * l).sum(-1)
    view = _unit(_beside_points(camera_position, points) - points)
    highlight = (view * (2 * cosine[..., None] * n - l)).sum(-1)
    exponent = shininess if shininess.shape == highlight.shape else shininess.reshape(-1, *(1,) * (highlight.dim() - 1))
    is_lit = (cosine > 0) & (highlight > 0)
    # Where it is not lit, the power of 0, whose derivatives would be infinite.
    power = torch.where(is_lit, torch.where(is_lit, highlight, 1.0) ** exponent, torch.zeros_like(highlight) ** exponent.detach())
    return _beside_points(color, points) * power[..., None]


class DirectionalLights(TensorProperties):
    """Lights far away in a direction [N, 3]. Colours are [N, 3]; batches of 1 are for all."""

    def __init__(
        self,
        ambient_color=((0.5, 0.5, 0.5),),
        diffuse_color=((0.3, 0.3, 0.3),),
        specular_color=((0.2, 0.2, 0.2),),
        direction=((0, 1, 0),),
        device: Device = "cpu",
    ) -> None:
        super().__init__(
            device=device, ambient_color=ambient_color, diffuse_color=diffuse_color, specular_color=specular_color, direction=direction
        )
        _check_triples(self, *_COLORS, "direction")

    def clone(self) -> "DirectionalLights":
        return super().clone(type(self)(device=self.device))

    def diffuse(self, normals: torch.Tensor, points: Optional[torch.Tensor] = None) -> torch.Tensor:
        """Diffuse light at points with these normals: see the function `diffuse`."""
        return diffuse(normals=normals, color=self.diffuse_color, direction=self.direction)

    def specular(self, normals: torch.Tensor, points: torch.Tensor, camera_position, shininess) -> torch.Tensor:
        """The light of highlights: see the function `specular`."""
        return specular(
            points=points, normals=normals, color=self.specular_color, direction=self.direction, camera_position=camera_position, shininess=shininess
        )


class PointLights(TensorProperties):
    """Lights at a location [N, 3]. Colours are [N, 3]; batches of 1 are for all."""

    def __init__(
        self,
        ambient_color=((0.5, 0.5, 0.5),),
        diffuse_color=((0.3, 0.3, 0.3),),
        specular_color=((0.2, 0.2, 0.2),),
        location=((0, 1, 0),),
        device: Device = "cpu",
    ) -> None:
        super().__init__(
            device=device, ambient_color=ambient_color, diffuse_color=diffuse_color, specular_color=specular_color, location=location
        )
        _check_triples(self, *_COLORS, "location")

    def clone(self) -> "PointLights":
        return super().clone(type(self)(device=self.device))

    def reshape_location(self, points: torch.Tensor) -> torch.Tensor:
        """The location beside points [P, 3] or [N, ..., 3]."""
        if self.location.ndim == points.ndim:
            return self.location
        return self.location.reshape(-1, *(1,) * (points.ndim - 2), 3)

    def diffuse(self, normals: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        """Diffuse light at points with these normals: see the function `diffuse`."""
        return diffuse(normals=normals, color=self.diffuse_color, direction=self.reshape_location(points) - points)

    def specular(self, normals: torch.Tensor, points: torch.Tensor, camera_position, shininess) -> torch.Tensor:
        """The light of highlights: see the function `specular`."""
        direction = self.reshape_location(points) - points
        return specular(
            points=points, normals=normals, color=self.specular_color, direction=direction, camera_position=camera_position, shininess=shininess
        )


class AmbientLights(TensorProperties):
    """Light of the same colour everywhere, [N, C] with any number of channels; white by default, so that surfaces show their textures."""

    def __init__(self, *, ambient_color=None, device: Device = "cpu") -> None:
        super().__init__(ambient_color=((1.0, 1.0, 1.0),) if ambient_color is None else ambient_color, device=device)

    def clone(self) -> "AmbientLights":
        return super().clone(type(self)(device=self.device))

    def diffuse(self, normals: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        """Zero."""
        return self._zeros_channels(points)

    def specular(self, normals: torch.Tensor, points: torch.Tensor, camera_position, shininess) -> torch.Tensor:
        """Zero."""
        return self._zeros_channels(points)

    def _zeros_channels(self, points: torch.Tensor) -> torch.Tensor:
        return points.new_zeros(*points.shape[:-1], self.ambient_color.shape[-1])


def _unit(vectors: torch.Tensor) -> torch.Tensor:
    return F.normalize(vectors, dim=-1, eps=1e-6)


def _beside_points(values: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """Values [N, 3] as [N, 1, ..., 3], beside points [N, ..., 3]; values of the shape of the points remain."""
    return values if values.shape == points.shape else values.reshape(-1, *(1,) * (points.dim() - 2), 3)


def _check_triples(lights: TensorProperties, *names: str) -> None:
    for name in names:
        values = getattr(lights, name)
        if values.shape[-1] != 3:
            raise ValueError(f"Expected {name} to have shape (N, 3); got {tuple(values.shape)}.")
