"""Renderers of meshes."""

from .clip import ClipFrustum, ClippedFaces, clip_faces, convert_clipped_rasterization_to_original_faces
from .rasterize_meshes import rasterize_meshes
from .rasterizer import MeshRasterizer, RasterizationSettings
from .renderer import MeshRenderer, MeshRendererWithFragments
from .shader import (
    BlendParams,
    HardDepthShader,
    HardFlatShader,
    HardGouraudShader,
    HardPhongShader,
    SoftDepthShader,
    SoftGouraudShader,
    SoftPhongShader,
    SoftSilhouetteShader,
    SplatterPhongShader,
    TexturedSoftPhongShader,
)
from .shading import gouraud_shading, phong_shading
from .textures import Textures, TexturesAtlas, TexturesBase, TexturesUV, TexturesVertex

__all__ = [name for name in globals() if not name.startswith("_")]
