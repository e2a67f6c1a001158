"""MeshRasterizerOpenGL, without OpenGL."""

from ..mesh.rasterizer import MeshRasterizer


class MeshRasterizerOpenGL(MeshRasterizer):
    """MeshRasterizer under another name: no OpenGL is used, so that it runs without a GPU, and any cameras and settings are accepted.
    `dists` is computed too; PyTorch3D gives None."""


__all__ = ["MeshRasterizerOpenGL"]
