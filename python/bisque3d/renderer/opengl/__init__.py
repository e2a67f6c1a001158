"""The place of PyTorch3D's rasterizer on OpenGL."""

from .rasterizer_opengl import MeshRasterizerOpenGL

__all__ = ["MeshRasterizerOpenGL"]
