import torch

from bisque3d.testing import OpTests

from .softmax_blend_test import fragments


class TestSigmoidBlend(OpTests):
    op = "bisque::sigmoid_blend"
    gradients = ["colors", "dists"]
    gradcheck_cases = ["some"]

    def inputs_some(self, dtype, random):
        return self.without_depth(dtype, random, 2, 3, 4, 3)

    def inputs_many(self, dtype, random):
        return self.without_depth(dtype, random, 1, 40, 50, 4)

    def inputs_no_faces(self, dtype, random):
        return self.without_depth(dtype, random, 1, 2, 2, 0)

    def without_depth(self, dtype, random, *sizes):
        given = fragments(dtype, random, *sizes)
        del given["zbuf"]
        return given | dict(sigma=0.1)

    def reference(self, colors, pix_to_face, dists, sigma):
        covered = torch.sigmoid(-dists / sigma) * (pix_to_face >= 0)
        first = colors[..., 0, :] if colors.shape[-2] else colors.sum(-2)
        return torch.cat([first, 1 - (1 - covered).prod(-1, keepdim=True)], -1)

    errors = [(dict(sigma=float("inf")), "sigmoid_blend: expected sigma")]


def test_a_face_that_covers_its_pixel_has_no_gradient_that_is_not_finite():
    dists = torch.tensor([-1.0, -1.0, 1.0]).view(1, 1, 1, 3).requires_grad_()
    result = torch.ops.bisque.sigmoid_blend(torch.zeros(1, 1, 1, 3, 3), torch.zeros(1, 1, 1, 3).long(), dists, 1e-4)
    result.sum().backward()
    assert result[..., 3].item() == 1
    assert dists.grad.flatten().tolist() == [0, 0, 0]
