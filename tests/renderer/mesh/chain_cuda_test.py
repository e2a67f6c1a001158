"""From coefficients to a picture, and the gradient back, on CUDA. The ops run there. What is between them runs in ATen on the CPU, because softgpu
runs no ATen kernels."""

import pytest
import torch

from tests.testing.functions import functions

ops = torch.ops.bisque


def small_model(dtype):
    """A bumpy grid of 5 x 5 verts with two shapes."""
    g = torch.Generator().manual_seed(3)
    y, x = torch.meshgrid(torch.linspace(-1, 1, 5), torch.linspace(-1, 1, 5), indexing="ij")
    neutral = torch.stack([x, y, 0.2 * torch.rand(5, 5, generator=g)], 2).reshape(-1, 3).to(dtype)
    corner = (torch.arange(4)[:, None] * 5 + torch.arange(4)).reshape(-1)
    faces = torch.cat([torch.stack([corner, corner + 1, corner + 6], 1), torch.stack([corner, corner + 6, corner + 5], 1)])
    deltas = (torch.rand(50, 3, generator=g) - 0.5).to(dtype)
    shape = torch.arange(2, dtype=torch.int32).repeat(25)
    return neutral, deltas, shape, torch.arange(26) * 2, faces


def picture(coefficients, model, device):
    neutral, deltas, shape, vert_offsets, faces = model
    put = lambda *tensors: [tensor.to(device) for tensor in tensors]
    number = lambda *values: torch.tensor(values, dtype=neutral.dtype)
    verts = ops.blendshapes(*put(coefficients, neutral, deltas, shape, vert_offsets)).cpu()
    normals = ops.vertex_normals(*put(verts, faces, *functions.vert_faces_of(faces, len(neutral)))).cpu()[0]
    depth = 3 - verts[0, :, 2:]
    projected = torch.cat([2 * verts[0, :, :2] / depth, depth], 1)
    pix_to_face, zbuf, bary_coords, dists = ops.rasterize_meshes(
        *put(projected, faces, torch.tensor([0]), torch.tensor([len(faces)])), 10, 12, faces_per_pixel=3, blur_radius=1e-2, clip_barycentric_coords=True
    )
    lights = put(number(0, 0, 3)[None], number(1, 2, 3, 0, -2, 1, 4, 1).view(1, 2, 4), number(*[0.6, 0.4] * 3).view(1, 2, 3),
                 number(*[0.3] * 6).view(1, 2, 3), number(0.1, 0.1, 0.2)[None], number(8.0))  # fmt: skip
    colors = ops.phong_shading(*put(verts[0], normals, faces), pix_to_face, bary_coords, None, *lights, reflection=True, channels=3)
    return ops.softmax_blend(colors, pix_to_face, zbuf, dists, *put(number(0.2, 0.5, 0.7), number(1.0), number(10.0)), 1e-3, 1e-2).cpu()


def picture_and_gradient(dtype, device):
    coefficients = torch.tensor([[0.3, -0.2]], dtype=dtype, requires_grad=True)
    image = picture(coefficients, small_model(dtype), device)
    weights = torch.rand(image.shape, generator=torch.Generator().manual_seed(1), dtype=dtype)
    (image * weights).sum().backward()
    return image.detach(), coefficients.grad


@pytest.mark.cuda
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_cuda_gives_the_picture_and_gradient_of_the_cpu(dtype):
    image, gradient = picture_and_gradient(dtype, "cuda")
    expected_image, expected_gradient = picture_and_gradient(dtype, "cpu")
    assert expected_image.std() > 0.05 and expected_gradient.abs().min() > 0
    tolerance = dict(rtol=1e-4, atol=1e-5) if dtype == torch.float32 else dict(rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(image, expected_image, **tolerance)
    torch.testing.assert_close(gradient, expected_gradient, **tolerance)


def test_the_gradient_is_that_of_finite_differences():
    model = small_model(torch.float64)
    coefficients = torch.tensor([[0.3, -0.2]], dtype=torch.float64, requires_grad=True)
    torch.autograd.gradcheck(lambda c: picture(c, model, "cpu")[..., :3], coefficients, eps=1e-7, atol=1e-4)
