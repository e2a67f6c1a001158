"""Blending against the formulas in plain torch."""

from types import SimpleNamespace

import pytest
import torch

from bisque3d.renderer import BlendParams, hard_rgb_blend, sigmoid_alpha_blend, softmax_rgb_blend

DTYPE = torch.float64


@pytest.fixture
def fragments():
    generator = torch.Generator().manual_seed(0)
    pix_to_face = torch.randint(-1, 4, (2, 3, 4, 5), generator=generator).sort(-1, descending=True).values
    rand = lambda *sizes: torch.rand(*sizes, dtype=DTYPE, generator=generator)  # noqa: E731
    zbuf = torch.where(pix_to_face < 0, -1.0, rand(2, 3, 4, 5).sort(-1).values * 8 + 1)
    dists = torch.where(pix_to_face < 0, -1.0, (rand(2, 3, 4, 5) - 0.5) * 1e-3)
    return SimpleNamespace(pix_to_face=pix_to_face, zbuf=zbuf.requires_grad_(), dists=dists.requires_grad_())


@pytest.fixture
def colors():
    return torch.rand(2, 3, 4, 5, 3, dtype=DTYPE, generator=torch.Generator().manual_seed(1)).requires_grad_()


def expected_softmax(colors, fragments, sigma, gamma, background, znear, zfar):
    is_face = fragments.pix_to_face >= 0
    covered = torch.sigmoid(-fragments.dists / sigma) * is_face
    nearness = (zfar - fragments.zbuf) / (zfar - znear) * is_face
    nearest = nearness.amax(-1, keepdim=True).clamp_min(1e-10)
    weights = covered * ((nearness - nearest) / gamma).exp()
    of_background = ((1e-10 - nearest) / gamma).exp().clamp_min(1e-10)
    rgb = ((weights[..., None] * colors).sum(-2) + of_background * background) / (weights.sum(-1, keepdim=True) + of_background)
    return torch.cat((rgb, 1 - (1 - covered).prod(-1)[..., None]), -1)


@pytest.mark.parametrize("planes", [(1.0, 10.0), (torch.tensor([1.0, 0.5]), torch.tensor([10.0, 12.0])), (torch.tensor([1.0]), 9)])
def test_softmax(colors, fragments, planes):
    params = BlendParams(1e-4, 1e-2, (0.2, 0.5, 0.7))
    znear, zfar = (torch.as_tensor(plane, dtype=DTYPE).reshape(-1, 1, 1, 1) for plane in planes)
    expected = expected_softmax(colors, fragments, 1e-4, 1e-2, torch.tensor([0.2, 0.5, 0.7], dtype=DTYPE), znear, zfar)
    torch.testing.assert_close(softmax_rgb_blend(colors, fragments, params, *planes), expected)


def test_softmax_gradients(colors, fragments):
    background = torch.tensor([0.2, 0.5, 0.7], dtype=DTYPE, requires_grad=True)
    leaves = (colors, fragments.zbuf, fragments.dists, background)
    weights = torch.rand(2, 3, 4, 4, dtype=DTYPE)
    expected = expected_softmax(colors, fragments, 1e-4, 1e-2, background, 1.0, 10.0)
    result = softmax_rgb_blend(colors, fragments, BlendParams(1e-4, 1e-2, background), 1.0, 10.0)
    torch.testing.assert_close(result, expected)
    gradients = [torch.autograd.grad((picture * weights).sum(), leaves) for picture in (result, expected)]
    for gradient, truth in zip(*gradients):
        torch.testing.assert_close(gradient, truth)


def test_widths_and_planes_have_gradients(colors, fragments):
    leaves = [torch.tensor(value, dtype=DTYPE, requires_grad=True) for value in (1e-3, 1e-2, [1.0, 0.5], [10.0, 12.0])]
    sigma, gamma, znear, zfar = leaves
    background = torch.tensor([0.2, 0.5, 0.7], dtype=DTYPE)
    weights = torch.rand(2, 3, 4, 4, dtype=DTYPE)
    result = softmax_rgb_blend(colors, fragments, BlendParams(sigma, gamma, background), znear, zfar)
    expected = expected_softmax(colors, fragments, sigma, gamma, background, *(plane.view(-1, 1, 1, 1) for plane in (znear, zfar)))
    torch.testing.assert_close(result, expected, rtol=1e-5, atol=1e-7)
    gradients = [torch.autograd.grad((picture * weights).sum(), leaves) for picture in (result, expected)]
    for gradient, truth in zip(*gradients):
        torch.testing.assert_close(gradient, truth, rtol=1e-5, atol=1e-7)
    alpha = sigmoid_alpha_blend(colors, fragments, BlendParams(sigma=sigma))[..., 3].sum()
    covered = torch.sigmoid(-fragments.dists / sigma) * (fragments.pix_to_face >= 0)
    truth = torch.autograd.grad((1 - (1 - covered).prod(-1)).sum(), sigma)
    torch.testing.assert_close(torch.autograd.grad(alpha, sigma), truth)


def test_sigmoid(colors, fragments):
    covered = torch.sigmoid(-fragments.dists / 1e-3) * (fragments.pix_to_face >= 0)
    expected = torch.cat((colors[..., 0, :], 1 - (1 - covered).prod(-1)[..., None]), -1)
    torch.testing.assert_close(sigmoid_alpha_blend(colors, fragments, BlendParams(sigma=1e-3)), expected)


@pytest.mark.parametrize("channels", [1, 3, 6])
def test_hard(fragments, channels):
    colors = torch.rand(2, 3, 4, 5, channels, dtype=DTYPE, requires_grad=True)
    background = torch.rand(channels, dtype=DTYPE, requires_grad=True)
    picture = hard_rgb_blend(colors, fragments, BlendParams(background_color=background))
    for at in torch.cartesian_prod(*(torch.arange(n) for n in (2, 3, 4))).tolist():
        is_face = fragments.pix_to_face[(*at, 0)] >= 0
        expected = colors[(*at, 0)] if is_face else background
        torch.testing.assert_close(picture[tuple(at)], torch.cat((expected, is_face.to(DTYPE)[None])))
    picture.sum().backward()
    torch.testing.assert_close(background.grad, (fragments.pix_to_face[..., 0] < 0).sum().to(DTYPE).expand(channels))


def test_backgrounds(fragments, colors):
    pictures = [
        hard_rgb_blend(colors, fragments, BlendParams(background_color=background))
        for background in ((0.1, 0.2, 0.3), [0.1, 0.2, 0.3], torch.tensor([0.1, 0.2, 0.3], dtype=DTYPE))
    ]
    torch.testing.assert_close(pictures[0], pictures[1])
    torch.testing.assert_close(pictures[0], pictures[2])
    assert BlendParams() == (1e-4, 1e-4, (1.0, 1.0, 1.0))


def test_planes_of_each_mesh():
    """Four cameras see two meshes: znear [2] is that of each mesh."""
    fragments = SimpleNamespace(pix_to_face=torch.zeros(4, 1, 1, 1, dtype=torch.int64), zbuf=torch.ones(4, 1, 1, 1), dists=torch.zeros(4, 1, 1, 1))
    colors = torch.zeros(4, 1, 1, 1, 3)
    params = BlendParams(1e-4, 1.0)
    result = softmax_rgb_blend(colors, fragments, params, torch.tensor([0.0, 0.5]), torch.tensor([2.0, 3.0]))
    expected = softmax_rgb_blend(colors, fragments, params, torch.tensor([0.0, 0.0, 0.5, 0.5]), torch.tensor([2.0, 2.0, 3.0, 3.0]))
    torch.testing.assert_close(result, expected)
    with pytest.raises(ValueError, match="Expected znear of 1, of each mesh or of each of the 4 pictures"):
        softmax_rgb_blend(colors, fragments, params, torch.zeros(3), 1.0)


def test_no_pictures_and_no_faces():
    for n, k in ((0, 2), (2, 0)):
        zeros = torch.zeros(n, 2, 2, k)
        fragments = SimpleNamespace(pix_to_face=zeros.long(), zbuf=zeros, dists=zeros)
        colors = torch.zeros(n, 2, 2, k, 3)
        for picture in (softmax_rgb_blend(colors, fragments, BlendParams()), sigmoid_alpha_blend(colors, fragments, BlendParams())):
            assert picture.shape == (n, 2, 2, 4)
