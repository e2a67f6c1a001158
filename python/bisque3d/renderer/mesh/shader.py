"""Shaders: from fragments to pictures [N, H, W, C]."""

import warnings
from typing import Optional

import torch
from torch import nn

from ...common.datatypes import Device
from ..blending import BlendParams, hard_rgb_blend, sigmoid_alpha_blend, softmax_rgb_blend
from ..lighting import PointLights
from ..materials import Materials
from ..utils import TensorProperties
from .rasterizer import Fragments
from .shading import _phong_shading_with_pixels, flat_shading, gouraud_shading, phong_shading

__all__ = [
    "BlendParams",
    "HardDepthShader",
    "HardFlatShader",
    "HardGouraudShader",
    "HardPhongShader",
    "ShaderBase",
    "SoftDepthShader",
    "SoftGouraudShader",
    "SoftPhongShader",
    "SoftSilhouetteShader",
    "SplatterPhongShader",
    "TexturedSoftPhongShader",
]


class ShaderBase(nn.Module):
    """Base of shaders with cameras, lights, materials and blend_params. Keyword arguments of forward replace them."""

    def __init__(
        self,
        device: Device = "cpu",
        cameras: Optional[TensorProperties] = None,
        lights: Optional[TensorProperties] = None,
        materials: Optional[Materials] = None,
        blend_params: Optional[BlendParams] = None,
    ) -> None:
        super().__init__()
        self.lights = lights if lights is not None else PointLights(device=device)
        self.materials = materials if materials is not None else Materials(device=device)
        self.cameras = cameras
        self.blend_params = blend_params if blend_params is not None else BlendParams()

    def _get_cameras(self, **kwargs):
        cameras = kwargs.get("cameras", self.cameras)
        if cameras is None:
            raise ValueError("Cameras must be specified either at initialization or in the forward pass of the shader.")
        return cameras

    def to(self, device: Device) -> "ShaderBase":
        # Cameras, lights and materials may be no Modules.
        if self.cameras is not None:
            self.cameras = self.cameras.to(device)
        self.materials = self.materials.to(device)
        self.lights = self.lights.to(device)
        return self

    def _scene(self, kwargs):
        """What lights the meshes."""
        return dict(
            lights=kwargs.get("lights", self.lights),
            cameras=self._get_cameras(**kwargs),
            materials=kwargs.get("materials", self.materials),
        )

    def _blend_hard(self, colors: torch.Tensor, fragments: Fragments, kwargs) -> torch.Tensor:
        return hard_rgb_blend(colors, fragments, kwargs.get("blend_params", self.blend_params))

    def _blend_soft(self, colors: torch.Tensor, fragments: Fragments, kwargs) -> torch.Tensor:
        cameras = self._get_cameras(**kwargs)
        znear, zfar = kwargs.get("znear", getattr(cameras, "znear", 1.0)), kwargs.get("zfar", getattr(cameras, "zfar", 100.0))
        return softmax_rgb_blend(colors, fragments, kwargs.get("blend_params", self.blend_params), znear=znear, zfar=zfar)


class HardPhongShader(ShaderBase):
    """Lights each pixel; the nearest face counts. [N, H, W, 4]"""

    def forward(self, fragments: Fragments, meshes, **kwargs) -> torch.Tensor:
        scene = self._scene(kwargs)
        nearest = _nearest(fragments)
        colors = phong_shading(meshes=meshes, fragments=nearest, texels=meshes.sample_textures(nearest), **scene)
        return self._blend_hard(colors, nearest, kwargs)


class SoftPhongShader(ShaderBase):
    """Lights each face of a pixel, and blends them by softmax_rgb_blend. [N, H, W, 4]"""

    def forward(self, fragments: Fragments, meshes, **kwargs) -> torch.Tensor:
        scene = self._scene(kwargs)
        colors = phong_shading(meshes=meshes, fragments=fragments, texels=meshes.sample_textures(fragments), **scene)
        return self._blend_soft(colors, fragments, kwargs)


class HardGouraudShader(ShaderBase):
    """Lights each vertex; the nearest face counts. Meshes have TexturesVertex. [N, H, W, 4]"""

    def forward(self, fragments: Fragments, meshes, **kwargs) -> torch.Tensor:
        scene = self._scene(kwargs)
        nearest = _nearest(fragments)
        return self._blend_hard(gouraud_shading(meshes=meshes, fragments=nearest, **scene), nearest, kwargs)


class SoftGouraudShader(ShaderBase):
    """Lights each vertex, and blends the faces of a pixel by softmax_rgb_blend. Meshes have TexturesVertex. [N, H, W, 4]"""

    def forward(self, fragments: Fragments, meshes, **kwargs) -> torch.Tensor:
        scene = self._scene(kwargs)
        colors = gouraud_shading(meshes=meshes, fragments=fragments, **scene)
        return self._blend_soft(colors, fragments, kwargs)


def TexturedSoftPhongShader(
    device: Device = "cpu",
    cameras: Optional[TensorProperties] = None,
    lights: Optional[TensorProperties] = None,
    materials: Optional[Materials] = None,
    blend_params: Optional[BlendParams] = None,
) -> SoftPhongShader:
    """The old name of SoftPhongShader."""
    warnings.warn("TexturedSoftPhongShader is deprecated, use SoftPhongShader instead.", PendingDeprecationWarning, stacklevel=2)
    return SoftPhongShader(device=device, cameras=cameras, lights=lights, materials=materials, blend_params=blend_params)


class HardFlatShader(ShaderBase):
    """Lights each face; the nearest one counts. [N, H, W, 4]"""

    def forward(self, fragments: Fragments, meshes, **kwargs) -> torch.Tensor:
        scene = self._scene(kwargs)
        nearest = _nearest(fragments)
        colors = flat_shading(meshes=meshes, fragments=nearest, texels=meshes.sample_textures(nearest), **scene)
        return self._blend_hard(colors, nearest, kwargs)


class SoftSilhouetteShader(nn.Module):
    """White, with an alpha that is differentiable by the silhouette; see sigmoid_alpha_blend. [N, H, W, 4]

    Rasterize with blur_radius = log(1 / 1e-4 - 1) * sigma.
    """

    def __init__(self, blend_params: Optional[BlendParams] = None) -> None:
        super().__init__()
        self.blend_params = blend_params if blend_params is not None else BlendParams()

    def forward(self, fragments: Fragments, meshes, **kwargs) -> torch.Tensor:
        white = torch.ones_like(fragments.bary_coords)
        return sigmoid_alpha_blend(white, fragments, kwargs.get("blend_params", self.blend_params))


class SplatterPhongShader(ShaderBase):
    """Lights each pixel, and splats its colour on the pixels around, by SplatterBlender. [N, H, W, 4]

    Source: Cole et al., Differentiable Surface Rendering via Non-Differentiable Sampling (2021).
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.splatter_blender = None
        self._shape = None

    def to(self, device: Device) -> "SplatterPhongShader":
        if self.splatter_blender is not None:
            self.splatter_blender.to(device)
        return super().to(device)

    def forward(self, fragments: Fragments, meshes, **kwargs) -> torch.Tensor:
        from ..splatter_blend import SplatterBlender

        scene = self._scene(kwargs)
        texels = meshes.sample_textures(fragments)
        colors, positions = _phong_shading_with_pixels(meshes=meshes, fragments=fragments.detach(), texels=texels, **scene)
        shape = colors.shape[:-1]
        if self._shape != shape:
            self._shape, self.splatter_blender = shape, SplatterBlender(tuple(shape), colors.device)
        blend_params = kwargs.get("blend_params", self.blend_params)
        self.check_blend_params(blend_params)
        return self.splatter_blender(colors, positions, scene["cameras"], fragments.pix_to_face < 0, blend_params)

    def check_blend_params(self, blend_params: BlendParams) -> None:
        """Warns of an unusual sigma."""
        if blend_params.sigma != 0.5:
            warnings.warn(f"SplatterPhongShader received sigma={blend_params.sigma}, in pixels; values other than 0.5 are unusual.")


class HardDepthShader(ShaderBase):
    """The depth of the nearest face; zfar of the cameras, or 100, where there is none. [N, H, W, 1]"""

    def forward(self, fragments: Fragments, meshes, **kwargs) -> torch.Tensor:
        cameras = self._get_cameras(**kwargs)
        zbuf = fragments.zbuf[..., :1]
        return torch.where(fragments.pix_to_face[..., :1] < 0, _far_plane(cameras, kwargs, zbuf), zbuf)


class SoftDepthShader(ShaderBase):
    """The mean depth of the faces of a pixel by what each covers of it, as far as those before leave, and of zfar. [N, H, W, 1]"""

    def forward(self, fragments: Fragments, meshes, **kwargs) -> torch.Tensor:
        if fragments.dists is None:
            raise ValueError("SoftDepthShader requires Fragments.dists to be present.")
        cameras = self._get_cameras(**kwargs)
        zbuf, is_face = fragments.zbuf, fragments.pix_to_face >= 0
        covered = torch.where(is_face, torch.sigmoid(-fragments.dists / self.blend_params.sigma), 0.0)
        filled = covered.cumsum(3).clamp_max(1)
        share = filled.diff(dim=3, prepend=torch.zeros_like(filled[..., :1]))
        far = _far_plane(cameras, kwargs, zbuf)
        return (share * torch.where(is_face, zbuf, 0.0)).sum(3, keepdim=True) + (1 - filled[..., -1:]) * far


def _nearest(fragments: Fragments) -> Fragments:
    """The nearest face of each pixel alone: the others need no light."""
    if fragments.pix_to_face.shape[3] <= 1:
        return fragments
    dists = None if fragments.dists is None else fragments.dists[..., :1]
    return Fragments(fragments.pix_to_face[..., :1], fragments.zbuf[..., :1], fragments.bary_coords[..., :1, :], dists)


def _far_plane(cameras, kwargs, zbuf: torch.Tensor) -> torch.Tensor:
    """[N, 1, 1, 1] or [1, 1, 1, 1]"""
    zfar = kwargs.get("zfar", getattr(cameras, "zfar", 100.0))
    return torch.as_tensor(zfar, dtype=zbuf.dtype, device=zbuf.device).reshape(-1, 1, 1, 1)
