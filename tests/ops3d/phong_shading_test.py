"""The op phong_shading against a plain torch reference."""

import pytest
import torch

from bisque3d.testing import OpTests


def scene(N=2, H=12, W=20, V=50, F=40, L=3, samples=1, dtype=torch.float32, seed=0):
    """Random fragments, some of them background."""
    g = torch.Generator().manual_seed(seed)
    rand = lambda *shape: torch.rand(*shape, generator=g, dtype=dtype)
    pix_to_face = torch.randint(-F // 2, F, (N, H * samples, W * samples, 1), generator=g).clamp_min(-1)
    bary = rand(N, H * samples, W * samples, 1, 3)
    bary = torch.where(pix_to_face[..., None] < 0, torch.tensor(-1, dtype=dtype), bary / bary.sum(-1, keepdim=True))
    positions = torch.cat([rand(L, 3) * 4 - 2, (torch.arange(L) % 2).to(dtype)[:, None]], 1)
    normals = torch.nn.functional.normalize(rand(V, 3) * 2 - 1, dim=1)
    return dict(verts=rand(V, 3) * 2 - 1, normals=normals, faces=torch.randint(V, (F, 3), generator=g),
                pix_to_face=pix_to_face, bary_coords=bary, camera_position=rand(N, 3) + 2, lights=positions,
                light_colors=rand(L, 3), ambient=rand(3), albedo=rand(3), specular=0.4, shininess=17.5, wrap=0.2,
                samples=samples)


def shade(s):
    return torch.ops.bisque.phong_shading(*s.values())


def unit(x):
    return x / x.norm(dim=-1, keepdim=True).clamp_min(1e-30)


def reference(s):
    covered = s["pix_to_face"][..., 0] >= 0
    corners = s["faces"][s["pix_to_face"][..., 0].clamp_min(0)]
    mix = lambda values: (values[corners] * s["bary_coords"][..., 0, :, None]).sum(-2)
    position, normal = mix(s["verts"]), unit(mix(s["normals"]))
    view = unit(s["camera_position"][:, None, None] - position)
    color = s["ambient"] * s["albedo"]
    for at, light in zip(s["lights"], s["light_colors"]):
        towards = unit(at[:3] - at[3] * position)
        facing = (normal * towards).sum(-1, keepdim=True)
        shine = (normal * unit(towards + view)).sum(-1, keepdim=True).clamp(0, 1) ** s["shininess"]
        diffuse = ((facing + s["wrap"]) / (1 + s["wrap"])).clamp_min(0)
        color = color + light * (diffuse * s["albedo"] + s["specular"] * shine * (facing > 0))
    rgba = torch.cat([color, torch.ones_like(color[..., :1])], -1) * covered[..., None]
    n, h, w, k = rgba.shape[0], rgba.shape[1] // s["samples"], rgba.shape[2] // s["samples"], s["samples"]
    return rgba.view(n, h, k, w, k, 4).mean((2, 4))


class TestPhongShading(OpTests):
    op = "bisque::phong_shading"
    on_cuda_too = False
    tolerance = {torch.float32: dict(rtol=2e-5, atol=2e-5), torch.float64: dict(rtol=1e-10, atol=1e-10)}

    def inputs_small(self, dtype, random):
        return scene(dtype=dtype)

    def inputs_samples(self, dtype, random):
        return scene(W=7, samples=2, dtype=dtype, seed=1)

    def inputs_no_pictures(self, dtype, random):
        return scene(N=0, dtype=dtype)

    def reference(self, **inputs):
        return reference(inputs)


@pytest.mark.parametrize("dtype,tolerance", [(torch.float32, 2e-5), (torch.float64, 1e-10)])
@pytest.mark.parametrize("samples", [1, 2, 4])
@pytest.mark.parametrize("width", [1, 7, 20, 33])
def test_equals_reference(dtype, tolerance, samples, width):
    s = scene(W=width, samples=samples, dtype=dtype)
    torch.testing.assert_close(shade(s), reference(s), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("shininess", [0.0, 1.0, 200.0, 1e4])
def test_shininess(shininess):
    s = scene(dtype=torch.float64) | dict(shininess=shininess)
    torch.testing.assert_close(shade(s), reference(s), rtol=1e-9, atol=1e-9)


def test_background_is_transparent_black():
    s = scene()
    s["pix_to_face"].fill_(-1)
    assert not shade(s).any()


def test_half_covered_pixel_has_half_the_color():
    s = scene(samples=2)
    full = s | dict(pix_to_face=torch.zeros_like(s["pix_to_face"]), bary_coords=torch.full_like(s["bary_coords"], 1 / 3))
    half = full | dict(pix_to_face=full["pix_to_face"].clone())
    half["pix_to_face"][:, :, ::2] = -1
    torch.testing.assert_close(shade(half), shade(full) / 2)


def test_same_for_any_simd_target_and_threads(all_simd_targets, all_thread_counts):
    for dtype in (torch.float32, torch.float64):
        s = scene(H=40, W=75, samples=2, dtype=dtype)
        one, *others = all_simd_targets(lambda: shade(s)) + all_thread_counts(lambda: shade(s))
        assert len(others) >= 3
        assert all(torch.equal(one, other) for other in others)


def test_nan_stays_in_its_faces():
    s = scene()
    s["verts"][0] = float("nan")
    touched = ((s["faces"] == 0).any(1)[s["pix_to_face"].clamp_min(0)] & (s["pix_to_face"] >= 0))[..., 0]
    assert touched.any() and torch.equal(shade(s)[..., :3].isnan().any(-1), touched)


def test_faces_out_of_range_are_background():
    s = scene()
    s["pix_to_face"][0, 0, 0] = 1 << 40
    s["faces"][3] = torch.tensor([0, 1, 1 << 40])
    lost = (s["pix_to_face"] == 3) | (s["pix_to_face"] >= len(s["faces"]))
    assert not shade(s)[lost[..., 0]].any()


@pytest.mark.parametrize("change", [dict(N=0), dict(H=0), dict(W=0), dict(L=0)])
def test_empty(change):
    s = scene(**change)
    torch.testing.assert_close(shade(s), reference(s), rtol=2e-5, atol=2e-5)


def test_no_faces():
    s = scene()
    assert not shade(s | dict(faces=s["faces"][:0])).any()
    assert not shade(s | dict(verts=s["verts"][:0], normals=s["normals"][:0])).any()


def test_non_contiguous_inputs():
    s = scene()
    strided = {k: v.repeat_interleave(2, 0)[::2] if isinstance(v, torch.Tensor) else v for k, v in s.items()}
    assert torch.equal(shade(strided), shade(s))


def test_meta_shape():
    s = {k: v.to("meta") if isinstance(v, torch.Tensor) else v for k, v in scene(samples=2).items()}
    assert shade(s).shape == (2, 12, 20, 4)


@pytest.mark.parametrize("change,message", [
    (dict(verts=torch.zeros(50, 2)), r"phong_shading: expected verts to have shape \[V, 3\]"),
    (dict(normals=torch.zeros(49, 3)), r"expected normals to have shape \[V, 3\] = \[50, 3\], but got \[49, 3\]"),
    (dict(faces=torch.zeros(40, 3)), "expected faces to be int64, but got float32"),
    (dict(pix_to_face=torch.zeros(2, 12, 20, dtype=torch.int64)), r"expected pix_to_face to have shape \[N, SH, SW, 1\]"),
    (dict(bary_coords=torch.zeros(2, 12, 20, 1, 2)), r"expected bary_coords to have shape \[N, SH, SW, 1, 3\]"),
    (dict(camera_position=torch.zeros(1, 3)), r"expected camera_position to have shape \[N, 3\] = \[2, 3\]"),
    (dict(lights=torch.zeros(3, 3)), r"expected lights to have shape \[L, 4\]"),
    (dict(light_colors=torch.zeros(2, 3)), r"expected light_colors to have shape \[L, 3\] = \[3, 3\]"),
    (dict(ambient=torch.zeros(3, dtype=torch.float64)), "expected ambient to be float32 as verts, but got float64"),
    (dict(albedo=torch.zeros(4)), r"expected albedo to have shape \[3\] = \[3\], but got \[4\]"),
    (dict(samples=3), "expected samples to be one of 1, 2, 4, but got 3"),
    (dict(samples=4, pix_to_face=torch.zeros(2, 12, 18, 1, dtype=torch.int64), bary_coords=torch.zeros(2, 12, 18, 1, 3)),
     r"expected SW of pix_to_face \[N, SH, SW, 1\] to be a multiple of samples = 4, but got 18"),
    (dict(samples=2, pix_to_face=torch.zeros(2, 9, 20, 1, dtype=torch.int64), bary_coords=torch.zeros(2, 9, 20, 1, 3)),
     r"expected SH of pix_to_face \[N, SH, SW, 1\] to be a multiple of samples = 2, but got 9"),
    (dict(wrap=-1.0), "expected wrap to be above -1, but got -1"),
    (dict(wrap=float("nan")), "expected wrap to be above -1, but got nan"),
])
def test_error_messages(change, message):
    with pytest.raises(RuntimeError, match=message):
        shade(scene() | change)
