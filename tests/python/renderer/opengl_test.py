"""The rasterizer for scripts that use OpenGL's."""

import torch

from bisque3d.renderer import FoVPerspectiveCameras, MeshRasterizer, RasterizationSettings, SplatterPhongShader
from bisque3d.renderer.mesh import MeshRenderer, TexturesVertex
from bisque3d.renderer.opengl import MeshRasterizerOpenGL
from bisque3d.utils import ico_sphere


def test_pictures_are_those_of_the_rasterizer():
    mesh = ico_sphere(1).offset_verts(torch.tensor([0.0, 0, 3]))
    mesh.textures = TexturesVertex(torch.rand_like(mesh.verts_padded()))
    cameras, settings = FoVPerspectiveCameras(), RasterizationSettings(image_size=(12, 16))
    found, expected = (rasterizer(cameras, settings)(mesh) for rasterizer in (MeshRasterizerOpenGL, MeshRasterizer))
    assert torch.equal(found.pix_to_face, expected.pix_to_face) and torch.equal(found.zbuf, expected.zbuf) and (found.pix_to_face >= 0).any()
    image = MeshRenderer(MeshRasterizerOpenGL(cameras, settings), SplatterPhongShader(cameras=cameras))(mesh)
    assert image.shape == (1, 12, 16, 4) and image[..., 3].max() > 0.9
