"""The op sample_texture_uv against a plain torch reference, and torch's grid_sample."""

import math

import pytest
import torch

from bisque3d.testing import OpTests

REPEAT, CLAMP, MIRROR, ZEROS = range(4)


def layouts_of(sizes, wraps):
    """The rows of map_layouts for maps of (height, width) one after another, and how many texels they have."""
    rows, first = [], 0
    for (height, width), wrap in zip(sizes, wraps):
        rows.append([first, height, width, *wrap])
        first += height * width
    return torch.tensor(rows), first


def scene(N=2, H=6, W=9, K=2, F=12, T=20, C=3, wraps=((REPEAT, REPEAT), (CLAMP, MIRROR), (ZEROS, CLAMP)), dtype=torch.float32, reach=2.0, seed=0, **options):
    g = torch.Generator().manual_seed(seed)
    rand = lambda *shape: torch.rand(*shape, generator=g, dtype=torch.float64).to(dtype)
    pix_to_face = torch.randint(-F // 2, F, (N, H, W, K), generator=g).clamp_min(-1)
    bary = rand(N, H, W, K, 3)
    map_layouts, texels = layouts_of([(5, 7), (4, 3), (1, 2)], wraps)
    return dict(pix_to_face=pix_to_face, bary_coords=bary / bary.sum(-1, keepdim=True), faces_uvs=torch.randint(T, (F, 3), generator=g),
                verts_uvs=2 * reach * rand(T, 2) + 0.5 - reach, face_maps=torch.randint(-1, len(map_layouts), (F,), generator=g),
                maps=rand(texels, C), map_layouts=map_layouts, bilinear=True, align_corners=False) | options


def sample(s):
    return torch.ops.bisque.sample_texture_uv(**s)


def texel_index(i: int, size: int, wrap: int, align_corners: bool):
    """The texel that continues a row of `size` at i; None outside of it."""
    if wrap == REPEAT:
        return i % (max(size - 1, 1) if align_corners else size) if size > 1 else 0
    if wrap == MIRROR:
        if align_corners:
            i %= max(2 * (size - 1), 1)
            return min(i, 2 * (size - 1) - i) if i >= size else i
        i %= 2 * size
        return min(i, 2 * size - 1 - i)
    if wrap == CLAMP:
        return min(max(i, 0), size - 1)
    return i if 0 <= i < size else None


def axis(u: float, size: int, wrap: int, bilinear: bool, align_corners: bool):
    """Pairs (texel, weight)."""
    place = u * (size - 1) if align_corners else u * size - 0.5
    base = math.floor(place if bilinear else place + 0.5)
    pairs = [(base, 1 - (place - base)), (base + 1, place - base)] if bilinear else [(base, 1.0)]
    return [(texel_index(i, size, wrap, align_corners), weight) for i, weight in pairs]


def reference(pix_to_face, bary_coords, faces_uvs, verts_uvs, face_maps, maps, map_layouts, bilinear, align_corners):
    """One fragment after another, in double."""
    out = torch.zeros(*pix_to_face.shape, maps.shape[1], dtype=torch.float64)
    for at in (pix_to_face >= 0).nonzero().tolist():
        face = pix_to_face[tuple(at)]
        if face_maps[face] < 0:
            out[tuple(at)] = 1
            continue
        first, height, width, wrap_u, wrap_v = map_layouts[face_maps[face]].tolist()
        u, v = (bary_coords[tuple(at)] @ verts_uvs[faces_uvs[face]]).tolist()
        for i, of_column in axis(u, width, wrap_u, bilinear, align_corners):
            for j, of_row in axis(1 - v, height, wrap_v, bilinear, align_corners):
                if i is not None and j is not None:
                    out[tuple(at)] += of_column * of_row * maps[first + j * width + i].double()
    return out.to(maps.dtype)


class TestSampleTextureUv(OpTests):
    op = "bisque::sample_texture_uv"
    gradients = ["bary_coords", "verts_uvs", "maps"]
    gradcheck_cases = ["tiny", "tiny_aligned"]
    tolerance = {torch.float32: dict(rtol=1e-4, atol=1e-4), torch.float64: dict(rtol=1e-9, atol=1e-11)}

    def inputs_bilinear(self, dtype, random):
        return scene(dtype=dtype)

    def inputs_aligned(self, dtype, random):
        return scene(dtype=dtype, align_corners=True, wraps=((MIRROR, CLAMP), (ZEROS, REPEAT), (REPEAT, ZEROS)), C=4)

    def inputs_nearest(self, dtype, random):
        return scene(dtype=dtype, bilinear=False, wraps=((MIRROR, REPEAT), (CLAMP, ZEROS), (REPEAT, CLAMP)), C=1)

    def inputs_no_pictures(self, dtype, random):
        return scene(N=0, dtype=dtype)

    def inputs_tiny(self, dtype, random):
        return scene(N=1, H=3, W=3, K=1, F=4, T=6, dtype=dtype)

    def inputs_tiny_aligned(self, dtype, random):
        return scene(N=1, H=3, W=3, K=1, F=4, T=6, C=2, dtype=dtype, align_corners=True, wraps=((MIRROR, REPEAT), (CLAMP, ZEROS), (REPEAT, CLAMP)))

    def reference(self, **inputs):
        return reference(**inputs)

    errors = [
        (dict(pix_to_face=torch.zeros(2, 6, 9, dtype=torch.int64)), r"sample_texture_uv: expected pix_to_face to have shape \[N, H, W, K\]"),
        (dict(verts_uvs=torch.zeros(20, 3)), r"expected verts_uvs to have shape \[T, 2\]"),
        (dict(face_maps=torch.zeros(11, dtype=torch.int64)), r"expected face_maps to have shape \[F\] = \[12\], but got \[11\]"),
        (dict(maps=torch.zeros(49, 3, dtype=torch.float64)), "expected maps to be float32 as bary_coords, but got float64"),
        (dict(map_layouts=torch.zeros(3, 3, dtype=torch.int64)), r"expected map_layouts to have shape \[M, 5\]"),
    ]


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)])
def test_values_out_of_range(device):
    """The CPU raises; CUDA skips the fragment, and reads nothing."""
    s = scene(K=1)
    s["pix_to_face"][0, 0, 0] = 3
    s["face_maps"][3] = 0
    change = lambda name, at, value: s | {name: s[name].index_put(tuple(torch.tensor(i) for i in at), torch.tensor(value))}
    for bad, message in [
        (change("pix_to_face", (0, 0, 0, 0), 12), r"expected pix_to_face to lie in \[0, 12\), but got 12 at \[0, 0, 0, 0\]"),
        (change("face_maps", (3,), 3), r"expected face_maps to lie in \[-1, 3\), but got 3 at 3"),
        (change("faces_uvs", (3, 1), 20), r"expected faces_uvs to lie in \[0, 20\), but got 20 at \[3, 1\]"),
        (change("faces_uvs", (3, 2), -1), r"expected faces_uvs to lie in \[0, 20\), but got -1 at \[3, 2\]"),
        (change("map_layouts", (0, 0), -1), r"expected map_layouts to lie in \[0, 15\), but got -1 at \[0, 0\]"),
        (change("map_layouts", (0, 0), 15), r"expected map_layouts to lie in \[0, 15\), but got 15 at \[0, 0\]"),
        (change("map_layouts", (0, 1), 0), r"expected map_layouts to lie in \[1, 50\), but got 0 at \[0, 1\]"),
        (change("map_layouts", (0, 1), 1 << 40), r"expected map_layouts to lie in \[1, 50\), but got 1099511627776 at \[0, 1\]"),
        (change("map_layouts", (0, 2), 11), r"expected map_layouts to lie in \[1, 10\), but got 11 at \[0, 2\]"),
        (change("map_layouts", (0, 4), 4), r"expected map_layouts to lie in \[0, 4\), but got 4 at \[0, 4\]"),
    ]:
        if device == "cpu":
            with pytest.raises(RuntimeError, match=message):
                sample(bad)
        else:
            on_device = {name: value.cuda() if torch.is_tensor(value) else value for name, value in bad.items()}
            assert not sample(on_device).cpu()[0, 0, 0].any()


HOSTILE = [float("nan"), float("inf"), -float("inf"), 1e30, -1e30, 3e9, -3e9, 1e-30, -1e-9, -0.0, 1.0, 2.0, -1.0, 1e5 + 0.25]


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)])
@pytest.mark.parametrize("wrap", range(4))
@pytest.mark.parametrize("align_corners", [False, True])
def test_hostile_uvs(device, wrap, align_corners):
    """softgpu reports a read out of bounds; values are those of the maps."""
    uvs = torch.tensor([[u, v] for u in HOSTILE for v in HOSTILE])
    layouts, texels = layouts_of([(5, 7), (1, 1)], [(wrap, wrap)] * 2)
    for which in range(2):
        s = dict(pix_to_face=torch.arange(len(uvs)).view(1, 1, -1, 1), bary_coords=torch.tensor([1.0, 0, 0]).expand(1, 1, len(uvs), 1, 3).contiguous(),
                 faces_uvs=torch.arange(len(uvs))[:, None].expand(-1, 3).contiguous(), verts_uvs=uvs, face_maps=torch.full((len(uvs),), which),
                 maps=torch.rand(texels, 3) + 1, map_layouts=layouts)
        # 0 times NaN is NaN: where a corner is not finite, so is the coordinate, which then counts as 0.
        got = torch.ops.bisque.sample_texture_uv(**{name: value.to(device) for name, value in s.items()}, align_corners=align_corners).cpu()
        assert got.isfinite().all() and (got <= 2.001).all()
        assert wrap == ZEROS or (got >= 0.999).all()


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("wrap,padding", [(CLAMP, "border"), (MIRROR, "reflection"), (ZEROS, "zeros")])
@pytest.mark.parametrize("bilinear", [False, True])
def test_equals_grid_sample(align_corners, wrap, padding, bilinear):
    """Gradients too, away from the places where they jump."""
    g = torch.Generator().manual_seed(0)
    uvs = (torch.rand(400, 2, generator=g, dtype=torch.float64) * 2.8 - 0.9).requires_grad_()
    image = torch.rand(6, 9, 3, generator=g, dtype=torch.float64).requires_grad_()
    layouts, _ = layouts_of([(6, 9)], [(wrap, wrap)])
    fragments = torch.arange(400).view(1, 20, 20, 1)
    bary = torch.tensor([1.0, 0, 0], dtype=torch.float64).expand(1, 20, 20, 1, 3)
    faces = torch.arange(400)[:, None].expand(-1, 3)
    ours = torch.ops.bisque.sample_texture_uv(fragments, bary, faces, uvs, torch.zeros(400, dtype=torch.int64), image.flatten(0, 1), layouts, bilinear, align_corners)
    grid = torch.stack([2 * uvs[:, 0] - 1, 1 - 2 * uvs[:, 1]], 1).view(1, 20, 20, 2)
    mode = "bilinear" if bilinear else "nearest"
    theirs = torch.nn.functional.grid_sample(image.permute(2, 0, 1)[None], grid, mode, padding, align_corners).permute(0, 2, 3, 1)[..., None, :]
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)
    weights = torch.rand(ours.shape, generator=g, dtype=torch.float64)
    for a, b in zip(torch.autograd.grad((ours * weights).sum(), [uvs, image]), torch.autograd.grad((theirs * weights).sum(), [uvs, image])):
        torch.testing.assert_close(a, b, rtol=1e-8, atol=1e-9)


def test_known_texels_have_known_colors():
    """A map of 2 x 2 texels on a square: the centres of the quarters show the texels, the middle their mean."""
    maps = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]])  # upper left, upper right, lower left, lower right
    layouts, _ = layouts_of([(2, 2)], [(CLAMP, CLAMP)])
    corners = torch.tensor([[0.0, 0], [1, 0], [0, 1]])  # u = bary 1, v = bary 2
    for (u, v), color in {(0.25, 0.75): maps[0], (0.75, 0.75): maps[1], (0.25, 0.25): maps[2], (0.75, 0.25): maps[3],
                          (0.5, 0.5): maps.mean(0), (0.0, 1.0): maps[0], (1.0, 0.0): maps[3]}.items():
        bary = torch.tensor([1 - u - v, u, v]).view(1, 1, 1, 1, 3)
        got = torch.ops.bisque.sample_texture_uv(torch.zeros(1, 1, 1, 1, dtype=torch.int64), bary, torch.arange(3)[None], corners,
                                                 torch.zeros(1, dtype=torch.int64), maps, layouts)
        torch.testing.assert_close(got.view(3), color)


def test_a_repeated_map_has_no_seam():
    """Columns of a period of the map, sampled across u = 0 and u = 1."""
    width = 16
    angle = torch.arange(width, dtype=torch.float64).add(0.5).div(width).mul(2 * math.pi)
    layouts, _ = layouts_of([(1, width)], [(REPEAT, CLAMP)])
    u = torch.linspace(-1.25, 2.25, 3000, dtype=torch.float64)
    verts_uvs = torch.stack([u, torch.full_like(u, 0.5)], 1)
    faces = torch.arange(3000)[:, None].expand(-1, 3)
    bary = torch.tensor([1.0, 0, 0], dtype=torch.float64).expand(1, 1, 3000, 1, 3)
    got = torch.ops.bisque.sample_texture_uv(torch.arange(3000).view(1, 1, -1, 1), bary, faces, verts_uvs, torch.zeros(3000, dtype=torch.int64),
                                             angle.cos()[:, None], layouts).flatten()
    torch.testing.assert_close(got, (2 * math.pi * u).cos(), rtol=0, atol=0.02)
    assert got.diff().abs().max() < 2 * math.pi * 1.01 * (u[1] - u[0])


def sphere(columns=48, rows=24):
    """Verts, faces, and uvs that go once around: the last column of verts_uvs is at u = 1, its verts are those at u = 0."""
    v, u = torch.meshgrid(torch.linspace(0, 1, rows + 1), torch.linspace(0, 1, columns + 1), indexing="ij")
    longitude, latitude = 2 * math.pi * u, math.pi * (v - 0.5)
    # The seam is at -z, towards the camera.
    verts = torch.stack([latitude.cos() * longitude.sin(), latitude.sin(), -latitude.cos() * longitude.cos()], 2)
    i, j = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    at = lambda di, dj: ((i + di) * (columns + 1) + j + dj).flatten()
    faces = torch.cat([torch.stack([at(0, 0), at(0, 1), at(1, 1)], 1), torch.stack([at(0, 0), at(1, 1), at(1, 0)], 1)])
    return verts.flatten(0, 1), faces, torch.stack([u, v], 2).flatten(0, 1)


def test_a_textured_sphere_has_no_seam():
    verts, faces, uvs = sphere()
    view = verts / 1.2 + torch.tensor([0.0, 0, 3])  # orthographic
    one = torch.tensor([0]), torch.tensor([len(faces)])
    pix_to_face, _, bary, _ = torch.ops.bisque.rasterize_meshes(view, faces, *one, 96, 96)
    covered = pix_to_face >= 0
    assert covered.sum() > 3000
    width = 24
    place = (torch.arange(width) + 0.5) / width
    color = (2 * math.pi * place).sin()  # steepest at the seam
    u = (bary * uvs[faces[pix_to_face.clamp_min(0)]][..., 0]).sum(-1)

    def worst(wrap):
        layouts, _ = layouts_of([(1, width)], [(wrap, CLAMP)])
        texels = torch.ops.bisque.sample_texture_uv(pix_to_face, bary, faces, uvs, torch.zeros(len(faces), dtype=torch.int64), color[:, None], layouts)
        return (texels[..., 0] - (2 * math.pi * u).sin())[covered].abs().max()

    assert ((u[covered] < 0.02) | (u[covered] > 0.98)).sum() > 50  # the seam is in the picture
    assert worst(REPEAT) < 0.01
    assert worst(CLAMP) > 0.1


def test_faces_without_a_map_are_white_and_need_no_uvs():
    s = scene()
    s["face_maps"][:] = -1
    s["faces_uvs"][:] = -1
    covered = s["pix_to_face"] >= 0
    assert (sample(s)[covered] == 1).all() and not sample(s)[~covered].any()


@pytest.mark.parametrize("change", [dict(H=0), dict(K=0), dict(C=0)])
def test_empty(change):
    s = scene(**change)
    torch.testing.assert_close(sample(s), reference(**s))


def test_no_faces_uvs_or_maps():
    s = scene(N=1)
    s["pix_to_face"].fill_(-1)
    none = s | dict(faces_uvs=s["faces_uvs"][:0], face_maps=s["face_maps"][:0], verts_uvs=s["verts_uvs"][:0], maps=s["maps"][:0], map_layouts=s["map_layouts"][:0])
    assert not sample(none).any()
