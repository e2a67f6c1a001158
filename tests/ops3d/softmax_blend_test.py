import torch

from bisque3d.testing import OpTests


def fragments(dtype, random, *sizes):
    faces = torch.randint(-1, 5, sizes, generator=random.generator)
    zbuf = torch.rand(*sizes, generator=random.generator, dtype=dtype) * 6 + 2
    return dict(colors=random(*sizes, 3, dtype=dtype), pix_to_face=faces, zbuf=zbuf, dists=random(*sizes, dtype=dtype) * 0.1)


class TestSoftmaxBlend(OpTests):
    op = "bisque::softmax_blend"
    gradients = ["colors", "zbuf", "dists"]
    gradcheck_cases = ["some", "sharp"]

    def inputs_some(self, dtype, random):
        return self.with_options(dtype, random, 2, 3, 4, 3, sigma=0.1, gamma=0.2)

    def inputs_sharp(self, dtype, random):
        """The background's weight is at its limit."""
        return self.with_options(dtype, random, 2, 3, 2, 3, sigma=0.1, gamma=0.01)

    def inputs_many(self, dtype, random):
        return self.with_options(dtype, random, 1, 40, 50, 4, sigma=0.05, gamma=0.1)

    def inputs_no_faces(self, dtype, random):
        return self.with_options(dtype, random, 1, 2, 2, 0, sigma=0.1, gamma=0.1)

    def with_options(self, dtype, random, *sizes, sigma, gamma):
        znear, zfar = (torch.full(sizes[:1], value, dtype=dtype) for value in (1.0, 10.0))
        given = fragments(dtype, random, *sizes)
        return given | dict(background=random(3, dtype=dtype), znear=znear, zfar=zfar, sigma=sigma, gamma=gamma)

    def reference(self, colors, pix_to_face, zbuf, dists, background, znear, zfar, sigma, gamma):
        is_face = pix_to_face >= 0
        covered = torch.sigmoid(-dists / sigma) * is_face
        znear, zfar = znear.view(-1, 1, 1, 1), zfar.view(-1, 1, 1, 1)
        nearness = torch.where(is_face, (zfar - zbuf) / (zfar - znear), 0)
        nearest = torch.cat([nearness, torch.full_like(nearness[..., :1] if nearness.shape[-1] else zbuf.new_empty(*zbuf.shape[:-1], 1), 1e-10)], -1)
        nearest = nearest.max(-1, keepdim=True).values
        weights = covered * torch.exp((nearness - nearest) / gamma)
        behind = torch.exp((1e-10 - nearest) / gamma).clamp(min=1e-10)
        rgb = ((weights[..., None] * colors).sum(-2) + behind * background) / (weights.sum(-1, keepdim=True) + behind)
        return torch.cat([rgb, 1 - (1 - covered).prod(-1, keepdim=True)], -1)

    errors = [
        (dict(sigma=0.0), "softmax_blend: expected sigma"),
        (dict(gamma=-1.0), "softmax_blend: expected gamma"),
        (dict(background=torch.zeros(4)), "softmax_blend: expected background to have shape"),
    ]
