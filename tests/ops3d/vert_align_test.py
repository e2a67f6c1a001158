"""vert_align against torch.nn.functional.grid_sample."""

import pytest
import torch

from tests.testing.functions import functions

MODES, PADDINGS = ["bilinear", "nearest"], ["zeros", "border", "reflection"]


def random(*sizes, dtype=torch.float64):
    return torch.randn(*sizes, generator=torch.Generator().manual_seed(sum(sizes)), dtype=dtype)


@pytest.mark.parametrize("mode", range(2))
@pytest.mark.parametrize("padding", range(3))
@pytest.mark.parametrize("align_corners", [True, False])
def test_samples_all_maps(mode, padding, align_corners):
    feats, verts = [random(2, 3, 5, 6), random(2, 1, 8, 4)], random(2, 7, 3)
    sampled = [torch.nn.functional.grid_sample(f, verts[:, None, :, :2], MODES[mode], PADDINGS[padding], align_corners)[:, :, 0] for f in feats]
    expected = torch.cat(sampled, 1).transpose(1, 2)
    got = functions.vert_align(feats, verts, False, mode, padding, align_corners)
    torch.testing.assert_close(got, expected)
    torch.testing.assert_close(functions.vert_align(feats, verts, True, mode, padding, align_corners), expected.reshape(14, 4))


def test_a_pixel_of_a_map():
    feats = torch.arange(12.0).view(1, 1, 3, 4)
    verts = torch.tensor([[[-1.0, -1, 9], [1, -1, 9], [-1, 1, 9], [1 / 3, 0, 9]]])
    assert functions.vert_align([feats], verts).flatten().tolist() == pytest.approx([0, 3, 8, 6], abs=1e-5)


def test_gradients():
    feats, verts = random(2, 3, 5, 6), 0.9 * torch.tanh(random(2, 7, 3))
    assert torch.autograd.gradcheck(lambda f, v: functions.vert_align([f], v), (feats.requires_grad_(), verts.requires_grad_()))


def test_meshes_and_clouds_of_different_sizes():
    feats, points = [random(2, 3, 5, 6)], [random(4, 3), random(2, 3)]
    faces = [torch.tensor([[0, 1, 2]]), torch.zeros(0, 3, dtype=torch.int64)]
    padded = torch.nn.utils.rnn.pad_sequence(points, batch_first=True)
    expected = functions.vert_align(feats, padded)
    for align, given in ((functions.vert_align_meshes, (points, faces)), (functions.vert_align_clouds, (points,))):
        torch.testing.assert_close(align(feats, *given), expected)
        torch.testing.assert_close(align(feats, *given, return_packed=True), torch.cat([expected[0], expected[1, :2]]))


@pytest.mark.parametrize("N, V, C", [(0, 3, 2), (2, 0, 2), (2, 3, 0)])
def test_nothing(N, V, C):
    feats, verts = random(N, C, 4, 4).requires_grad_(), random(N, V, 3).requires_grad_()
    got = functions.vert_align([feats], verts)
    assert got.shape == (N, V, C)
    assert all(g.shape == x.shape for g, x in zip(torch.autograd.grad(got.sum(), (feats, verts)), (feats, verts)))


def test_coordinates_that_are_no_numbers_stay_in_the_map():
    verts = torch.tensor([[[float("nan"), 0, 0], [float("inf"), 0, 0], [0, float("-inf"), 0], [1e30, 0, 0]]])
    for mode in range(2):
        for padding in range(3):
            assert functions.vert_align([torch.ones(1, 2, 4, 4)], verts, False, mode, padding).shape == (1, 4, 2)


def test_bad_arguments():
    feats, verts = torch.zeros(2, 3, 5, 6), torch.zeros(2, 7, 3)
    for given, message in (
        (([feats], torch.zeros(7, 3)), r"vert_align: expected verts to be \[N, V, 3\], but got \[7, 3\]\."),
        (([], verts), r"vert_align: expected at least one feature map, but got none\."),
        (([feats[0]], verts), r"vert_align: expected feats to be \[N, C, H, W\] with N = 2 as verts, but got \[3, 5, 6\]\."),
        (([feats[:1]], verts), r"vert_align: expected feats to be \[N, C, H, W\] with N = 2 as verts, but got \[1, 3, 5, 6\]\."),
        (([feats.double()], verts), r"vert_align: expected feats of float on cpu as verts, but got double on cpu\."),
        (([feats[:, :, :0]], verts), r"vert_align: expected feats to have pixels, but got \[2, 3, 0, 6\]\."),
    ):
        with pytest.raises(RuntimeError, match=message):
            functions.vert_align(*given)
