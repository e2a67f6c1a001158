"""The op sample_texture_atlas against a plain torch reference."""

import pytest
import torch

from bisque3d.testing import OpTests


def scene(N=2, H=6, W=9, K=2, F=12, R=4, C=3, dtype=torch.float32, seed=0):
    g = torch.Generator().manual_seed(seed)
    rand = lambda *shape: torch.rand(*shape, generator=g, dtype=torch.float64).to(dtype)
    pix_to_face = torch.randint(-F // 2, F, (N, H, W, K), generator=g).clamp_min(-1)
    bary = rand(N, H, W, K, 3)
    return dict(pix_to_face=pix_to_face, bary_coords=bary / bary.sum(-1, keepdim=True), atlas=rand(F, R, R, C))


def sample(s):
    return torch.ops.bisque.sample_texture_atlas(**s)


def reference(pix_to_face, bary_coords, atlas):
    R = atlas.shape[1]
    scaled = bary_coords[..., :2].nan_to_num(nan=0.0) * R
    cell = scaled.floor().clamp(0, R - 1)
    column, row = cell.long().unbind(-1)
    above = (scaled - cell).sum(-1) > 1
    column, row = (torch.where(above, R - 1 - i, i) for i in (column, row))
    covered = pix_to_face >= 0
    return torch.where(covered[..., None], atlas[pix_to_face.clamp_min(0), row, column], torch.zeros((), dtype=atlas.dtype))


class TestSampleTextureAtlas(OpTests):
    op = "bisque::sample_texture_atlas"
    gradients = ["atlas"]

    def inputs_four(self, dtype, random):
        return scene(dtype=dtype)

    def inputs_one(self, dtype, random):
        return scene(N=1, R=1, C=1, dtype=dtype)

    def inputs_no_pictures(self, dtype, random):
        return scene(N=0, dtype=dtype)

    def reference(self, **inputs):
        return reference(**inputs)

    errors = [
        (dict(pix_to_face=torch.zeros(2, 6, 9, dtype=torch.int64)), r"sample_texture_atlas: expected pix_to_face to have shape \[N, H, W, K\]"),
        (dict(atlas=torch.zeros(12, 4, 3, 3)), r"expected atlas to have shape \[F, R, R, C\] = \[\*, \*, 4, \*\], but got \[12, 4, 3, 3\]"),
        (dict(pix_to_face=torch.full((2, 6, 9, 2), 12)), r"expected pix_to_face to lie in \[0, 12\), but got 12 at \[0, 0, 0, 0\]"),
    ]


def test_each_texel_is_a_small_triangle():
    """The centres of the R^2 triangles of a face show R^2 different texels."""
    R = 5
    below = [(i + 1 / 3, j + 1 / 3) for i in range(R) for j in range(R - i)]
    above = [(i + 2 / 3, j + 2 / 3) for i in range(R) for j in range(R - 1 - i)]
    first_two = torch.tensor(below + above) / R
    assert len(first_two) == R * R
    bary = torch.cat([first_two, 1 - first_two.sum(1, keepdim=True)], 1).view(1, 1, -1, 1, 3)
    atlas = torch.arange(R * R, dtype=torch.float32).view(1, R, R, 1)
    got = torch.ops.bisque.sample_texture_atlas(torch.zeros(1, 1, R * R, 1, dtype=torch.int64), bary, atlas)
    assert sorted(got.flatten().tolist()) == list(range(R * R))


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)])
def test_hostile_barycentrics(device):
    """Coordinates outside [0, 1] are the nearest cell: the corner of a face at 1 has a texel."""
    values = torch.tensor([float("nan"), float("inf"), -float("inf"), 1e30, -1e30, 1.0, -0.1, 1.1])
    bary = torch.cartesian_prod(values, values, values).view(1, 1, -1, 1, 3)
    s = dict(pix_to_face=torch.zeros(1, 1, 512, 1, dtype=torch.int64), bary_coords=bary, atlas=torch.rand(1, 4, 4, 3) + 1)
    got = torch.ops.bisque.sample_texture_atlas(**{name: value.to(device) for name, value in s.items()}).cpu()
    assert (got >= 1).all()


@pytest.mark.parametrize("change", [dict(H=0), dict(C=0), dict(K=0)])
def test_empty(change):
    s = scene(**change)
    torch.testing.assert_close(sample(s), reference(**s))


def test_no_texels():
    s = scene()
    assert not sample(s | dict(atlas=s["atlas"][:, :0, :0])).any()
