"""Renderers: a rasterizer and a shader."""

from typing import Tuple

import torch
from torch import nn

from .rasterizer import Fragments


class MeshRenderer(nn.Module):
    """Pictures [N, H, W, C] of meshes. Keyword arguments of forward go to the rasterizer and the shader."""

    def __init__(self, rasterizer, shader) -> None:
        super().__init__()
        self.rasterizer = rasterizer
        self.shader = shader

    def to(self, device) -> "MeshRenderer":
        # Rasterizers and shaders may have parts that are no Modules.
        self.rasterizer.to(device)
        self.shader.to(device)
        return self

    def forward(self, meshes_world, **kwargs) -> torch.Tensor:
        fragments = self.rasterizer(meshes_world, **kwargs)
        return self.shader(fragments, meshes_world, **kwargs)


class MeshRendererWithFragments(MeshRenderer):
    """Pictures [N, H, W, C] of meshes, and the fragments that they are made of."""

    def forward(self, meshes_world, **kwargs) -> Tuple[torch.Tensor, Fragments]:
        fragments = self.rasterizer(meshes_world, **kwargs)
        return self.shader(fragments, meshes_world, **kwargs), fragments
