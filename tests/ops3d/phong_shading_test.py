"""The op phong_shading against a plain torch reference."""

import pytest
import torch
from torch.nn.functional import normalize

from bisque3d.testing import OpTests

GRADIENTS = ["verts", "normals", "bary_coords", "texels", "camera_position", "lights", "light_diffuse", "light_specular", "ambient", "shininess"]


def scene(N=2, H=12, W=20, K=1, V=50, F=40, L=3, samples=1, dtype=torch.float32, seed=0, texels=True, **options):
    """Random fragments, some of them background. Every other light is a point."""
    g = torch.Generator().manual_seed(seed)
    rand = lambda *shape: torch.rand(*shape, generator=g, dtype=torch.float64).to(dtype)
    pix_to_face = torch.randint(-F // 2, F, (N, H * samples, W * samples, K), generator=g).clamp_min(-1)
    bary = rand(*pix_to_face.shape, 3)
    bary = torch.where(pix_to_face[..., None] < 0, torch.tensor(-1, dtype=dtype), bary / bary.sum(-1, keepdim=True))
    kinds = (torch.arange(L) % 2).to(dtype).expand(N, L)
    given = dict(verts=rand(V, 3) * 2 - 1, normals=normalize(rand(V, 3) * 2 - 1, dim=1), faces=torch.randint(V, (F, 3), generator=g),
                 pix_to_face=pix_to_face, bary_coords=bary, texels=rand(*bary.shape), camera_position=rand(N, 3) + 2,
                 lights=torch.cat([rand(N, L, 3) * 4 - 2, kinds[..., None]], 2), light_diffuse=rand(N, L, 3),
                 light_specular=rand(N, L, 3), ambient=rand(N, 3), shininess=10 * rand(N) + 2)
    return given | dict(texels=given["texels"] if texels else None) | dict(wrap=0.2, reflection=False, samples=samples, channels=4) | options


def shade(s):
    return torch.ops.bisque.phong_shading(**s)


def unit(x):
    return x / x.norm(dim=-1, keepdim=True).clamp_min(1e-6)


def reference(s):
    of_picture = lambda values: values[:, None, None, None]  # the same at all fragments
    covered = s["pix_to_face"] >= 0
    corners = s["faces"][s["pix_to_face"].clamp_min(0)]
    mix = lambda values: (values[corners] * s["bary_coords"][..., None]).sum(-2)
    position, normal = mix(s["verts"]), unit(mix(s["normals"]))
    view = unit(of_picture(s["camera_position"]) - position)
    diffuse, specular = of_picture(s["ambient"]).expand_as(position), torch.zeros_like(position)
    for l in range(s["lights"].shape[1]):
        light = of_picture(s["lights"][:, l])
        towards = unit(light[..., :3] - light[..., 3:] * position)
        facing = (normal * towards).sum(-1, keepdim=True)
        other = view if s["reflection"] else normal
        against = 2 * facing * normal - towards if s["reflection"] else unit(towards + view)
        cosine = (other * against).sum(-1, keepdim=True).clamp_min(0)
        diffuse = diffuse + of_picture(s["light_diffuse"][:, l]) * ((facing + s["wrap"]) / (1 + s["wrap"])).clamp_min(0)
        specular = specular + of_picture(s["light_specular"][:, l]) * cosine ** s["shininess"][:, None, None, None, None] * (facing > 0)
    color = diffuse * (1 if s["texels"] is None else s["texels"]) + specular
    rgba = torch.cat([color, torch.ones_like(color[..., :1])], -1).where(covered[..., None], torch.zeros((), dtype=color.dtype))
    n, h, w, k = rgba.shape[0], rgba.shape[1] // s["samples"], rgba.shape[2] // s["samples"], s["samples"]
    return rgba.view(n, h, k, w, k, rgba.shape[3], 4).mean((2, 4))[..., : s["channels"]]


class PhongTests(OpTests):
    op = "bisque::phong_shading"
    tolerance = {torch.float32: dict(rtol=2e-5, atol=2e-5), torch.float64: dict(rtol=1e-10, atol=1e-10)}
    cuda_tolerance = {torch.float32: dict(rtol=1e-4, atol=1e-4), torch.float64: dict(rtol=1e-9, atol=1e-10)}

    def reference(self, **inputs):
        return reference(inputs)


class TestPhongShading(PhongTests):
    op = "bisque::phong_shading"
    gradients = GRADIENTS
    gradcheck_cases = ["tiny", "tiny_reflection", "tiny_samples"]

    def inputs_blinn(self, dtype, random):
        return scene(dtype=dtype)

    def inputs_reflection(self, dtype, random):
        return scene(K=3, W=7, dtype=dtype, reflection=True, wrap=0.0, channels=3)

    def inputs_samples(self, dtype, random):
        return scene(W=7, samples=2, dtype=dtype, seed=1)

    def inputs_no_pictures(self, dtype, random):
        return scene(N=0, dtype=dtype)

    def inputs_tiny(self, dtype, random):
        return scene(N=2, H=2, W=2, K=2, V=7, F=6, L=2, dtype=dtype)

    def inputs_tiny_reflection(self, dtype, random):
        return scene(N=1, H=2, W=3, V=7, F=6, L=2, dtype=dtype, reflection=True, wrap=0.0, channels=3)

    def inputs_tiny_samples(self, dtype, random):
        return scene(N=1, H=1, W=2, K=2, V=7, F=6, L=1, samples=2, dtype=dtype)

    errors = [
        (dict(verts=torch.zeros(50, 2)), r"phong_shading: expected verts to have shape \[V, 3\]"),
        (dict(normals=torch.zeros(49, 3)), r"expected normals to have shape \[V, 3\] = \[50, 3\], but got \[49, 3\]"),
        (dict(faces=torch.zeros(40, 3)), "expected faces to be int64, but got float32"),
        (dict(pix_to_face=torch.zeros(2, 12, 20, dtype=torch.int64)), r"expected pix_to_face to have shape \[N, SH, SW, K\]"),
        (dict(bary_coords=torch.zeros(2, 12, 20, 1, 2)), r"expected bary_coords to have shape \[N, SH, SW, K, 3\]"),
        (dict(texels=torch.zeros(2, 12, 20, 2, 3)), r"expected texels to have shape \[N, SH, SW, K, 3\]"),
        (dict(camera_position=torch.zeros(1, 3)), r"expected camera_position to have shape \[N, 3\] = \[2, 3\]"),
        (dict(lights=torch.zeros(2, 3, 3)), r"expected lights to have shape \[N, L, 4\]"),
        (dict(light_diffuse=torch.zeros(2, 2, 3)), r"expected light_diffuse to have shape \[N, L, 3\] = \[2, 3, 3\]"),
        (dict(light_specular=torch.zeros(2, 3, 4)), r"expected light_specular to have shape \[N, L, 3\] = \[2, 3, 3\]"),
        (dict(ambient=torch.zeros(2, 3, dtype=torch.float64)), "expected ambient to be float32 as verts, but got float64"),
        (dict(shininess=torch.zeros(3)), r"expected shininess to have shape \[N\] = \[2\], but got \[3\]"),
        (dict(samples=3), "expected samples to be one of 1, 2, 4, but got 3"),
        (dict(samples=4, texels=None, pix_to_face=torch.zeros(2, 12, 18, 1, dtype=torch.int64), bary_coords=torch.zeros(2, 12, 18, 1, 3)),
         r"expected SW of pix_to_face \[N, SH, SW, K\] to be a multiple of samples = 4, but got 18"),
        (dict(samples=2, texels=None, pix_to_face=torch.zeros(2, 9, 20, 1, dtype=torch.int64), bary_coords=torch.zeros(2, 9, 20, 1, 3)),
         r"expected SH of pix_to_face \[N, SH, SW, K\] to be a multiple of samples = 2, but got 9"),
        (dict(wrap=-1.0), "expected wrap to be above -1, but got -1"),
        (dict(wrap=float("nan")), "expected wrap to be above -1, but got nan"),
        (dict(channels=5), "expected channels to be one of 3, 4, but got 5"),
    ]


class TestWithoutTexels(PhongTests):
    gradients = [name for name in GRADIENTS if name != "texels"]
    gradcheck_cases = ["tiny"]

    def inputs_white(self, dtype, random):
        return scene(dtype=dtype, texels=False)

    def inputs_tiny(self, dtype, random):
        return scene(N=1, H=2, W=2, V=7, F=6, L=2, dtype=dtype, texels=False)


def gradients(s, names=GRADIENTS, weights=None):
    leaves = {name: s[name].clone().requires_grad_() for name in names}
    result = shade(s | leaves)
    return torch.autograd.grad((result * (torch.ones_like(result) if weights is None else weights)).sum(), leaves.values())


@pytest.mark.parametrize("dtype,tolerance", [(torch.float32, 2e-5), (torch.float64, 1e-10)])
@pytest.mark.parametrize("samples", [1, 2, 4])
@pytest.mark.parametrize("width", [1, 7, 20, 33])
def test_equals_reference(dtype, tolerance, samples, width):
    for K, channels in ((1, 4), (2, 3)):
        s = scene(W=width, K=K, samples=samples, dtype=dtype, channels=channels)
        torch.testing.assert_close(shade(s), reference(s), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("options", [dict(), dict(samples=2), dict(K=3, channels=3), dict(reflection=True)])
def test_gradients_equal_those_of_the_reference(options):
    s = scene(dtype=torch.float64, H=40, W=33, **options)
    weights = torch.randn(shade(s).shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    leaves = {name: s[name].clone().requires_grad_() for name in GRADIENTS}
    expected = torch.autograd.grad((reference(s | leaves) * weights).sum(), leaves.values())
    for name, ours, theirs in zip(GRADIENTS, gradients(s, weights=weights), expected):
        torch.testing.assert_close(ours, theirs, rtol=1e-8, atol=1e-9, msg=lambda text: f"{name}: {text}")
    single = {name: value.float() if torch.is_tensor(value) and value.is_floating_point() else value for name, value in s.items()}
    for name, ours, theirs in zip(GRADIENTS, gradients(single, weights=weights.float()), expected):
        torch.testing.assert_close(ours.double(), theirs, rtol=1e-3, atol=1e-3 * theirs.abs().max().item(), msg=lambda text: f"{name}: {text}")


@pytest.mark.parametrize("shininess", [0.0, 1.0, 200.0, 1e4])
def test_shininess(shininess):
    s = scene(dtype=torch.float64) | dict(shininess=torch.full((2,), shininess, dtype=torch.float64))
    torch.testing.assert_close(shade(s), reference(s), rtol=1e-9, atol=1e-9)


def test_background_is_transparent_black():
    s = scene()
    s["pix_to_face"].fill_(-1)
    assert not shade(s).any()
    assert not any(gradient.any() for gradient in gradients(s))


def test_half_covered_pixel_has_half_the_color():
    s = scene(samples=2, texels=False)
    full = s | dict(pix_to_face=torch.zeros_like(s["pix_to_face"]), bary_coords=torch.full_like(s["bary_coords"], 1 / 3))
    half = full | dict(pix_to_face=full["pix_to_face"].clone())
    half["pix_to_face"][:, :, ::2] = -1
    torch.testing.assert_close(shade(half), shade(full) / 2)


def test_each_picture_has_its_own_lights():
    s = scene(N=3)
    per_picture = ("pix_to_face", "bary_coords", "texels", "camera_position", "lights", "light_diffuse", "light_specular", "ambient", "shininess")
    alone = [shade(s | {name: s[name][n : n + 1] for name in per_picture}) for n in range(3)]
    assert torch.equal(shade(s), torch.cat(alone))


def test_same_for_any_simd_target_and_threads(all_simd_targets, all_thread_counts):
    for dtype in (torch.float32, torch.float64):
        s = scene(H=40, W=75, samples=2, dtype=dtype)
        results = lambda: torch.cat([shade(s).flatten(), *(gradient.flatten() for gradient in gradients(s))])
        one, *others = all_simd_targets(results) + all_thread_counts(results)
        assert len(others) >= 3
        assert all(torch.equal(one, other) for other in others)


def test_nan_stays_in_its_faces():
    s = scene()
    s["verts"][0] = float("nan")
    touched = (s["faces"] == 0).any(1)[s["pix_to_face"].clamp_min(0)] & (s["pix_to_face"] >= 0)
    assert touched.any() and torch.equal(shade(s)[..., :3].isnan().any(-1), touched)


@pytest.mark.parametrize("reflection", [False, True])
@pytest.mark.parametrize("shininess", [0.0, 0.5, 1.0, 64.0])
def test_no_nan_where_a_direction_does_not_exist(reflection, shininess):
    """Normals of zero, a light and a camera at the surface, a light opposite to the camera, highlights of exactly 0."""
    s = scene(N=1, H=4, W=16, V=4, F=2, L=4, reflection=reflection, wrap=0.0)
    s["faces"] = torch.tensor([[0, 1, 2], [1, 2, 3]])
    s["verts"] = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0]])
    s["normals"] = torch.tensor([[0.0, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]])
    s["bary_coords"] = torch.eye(3)[torch.arange(64) % 3].view(1, 4, 16, 1, 3)
    s["camera_position"] = torch.tensor([[1.0, 0, 0]])
    s["lights"] = torch.tensor([[[1.0, 0, 0, 1], [0, 0, 0, 0], [0, 0, -1, 0], [1, 0, 1, 1]]])
    s["shininess"] = torch.full((1,), shininess)
    assert shade(s).isfinite().all()
    assert all(gradient.isfinite().all() for gradient in gradients(s))


def test_faces_out_of_range_are_background():
    s = scene()
    s["pix_to_face"][0, 0, 0] = 1 << 40
    s["faces"][3] = torch.tensor([0, 1, 1 << 40])
    lost = (s["pix_to_face"] == 3) | (s["pix_to_face"] >= len(s["faces"]))
    assert not shade(s)[lost].any()
    by_bary, by_texels = gradients(s, ["bary_coords", "texels"])
    assert not by_bary[lost].any() and not by_texels[lost].any()


@pytest.mark.parametrize("change", [dict(N=0), dict(H=0), dict(W=0), dict(L=0), dict(K=0)])
def test_empty(change):
    s = scene(**change)
    torch.testing.assert_close(shade(s), reference(s), rtol=2e-5, atol=2e-5)
    assert all(gradient.isfinite().all() for gradient in gradients(s))


def test_no_faces():
    s = scene()
    for change in (dict(faces=s["faces"][:0]), dict(verts=s["verts"][:0], normals=s["normals"][:0])):
        assert not shade(s | change).any()
        assert not any(gradient.any() for gradient in gradients(s | change))
