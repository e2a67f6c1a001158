"""The gradient of rasterize_meshes: PyTorch3D's results and float64 finite differences."""

import itertools

import numpy as np
import pytest
import torch

from tests.ops3d.rasterize_scenes import large_scene, project, random_soup

DTYPES = [torch.float32, torch.float64]
BOOLS = [False, True]
DEFAULTS = dict(
    faces_per_pixel=1, blur_radius=0.0, perspective_correct=True, clip_barycentric_coords=False, cull_backfaces=False,
    z_clip=-1.0, with_dists=True, mesh_to_vert_offset=None,
)  # fmt: skip


def forward(verts, faces, size, ranges=None, **options):
    first, counts = (torch.tensor(column, device=verts.device) for column in zip(*(ranges or [(0, len(faces))])))
    return torch.ops.bisque.rasterize_meshes(verts, faces, first, counts, *size, **options)


def backward(grads, verts, faces, results, **options):
    options = DEFAULTS | options
    return torch.ops.bisque._rasterize_meshes_backward(
        *grads, verts, faces, results[0], results[3], options["perspective_correct"],
        options["clip_barycentric_coords"], options["z_clip"], options["with_dists"], options["mesh_to_vert_offset"],
    )  # fmt: skip


def random_grads(results, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(result.shape, dtype=result.dtype, generator=generator) - 0.5 for result in results[1:]]


def loss(results, grads):
    taken = results[0] >= 0
    total = (results[1] * grads[0])[taken].sum() + (results[2] * grads[1])[taken].sum()
    return total + ((results[3] * grads[2])[taken].sum() if results[3].numel() else 0)


def check_finite_differences(verts, faces, size, directions=12, **options):
    """Along random directions, at pixels whose faces stay the same over the step; the others have no gradient there."""
    faces = torch.as_tensor(faces)
    verts = torch.as_tensor(verts, dtype=torch.float64)
    results = forward(verts, faces, size, **options)
    checked = 0
    for seed in range(directions):
        direction = torch.randn(verts.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
        step = 1e-6
        low, high = (forward(verts + s * step * direction, faces, size, **options) for s in (-1, 1))
        same = (low[0] == results[0]) & (high[0] == results[0]) & (results[0] >= 0)
        if results[3].numel():
            same &= (low[3] < 0) == (high[3] < 0)
        # Where the nearest edge or the clipped coordinate changes, the two one-sided differences do not agree.
        ahead = [(b - a) for a, b in zip(results[1:], high[1:])]
        behind = [(b - a) for a, b in zip(low[1:], results[1:])]
        for a, b in zip(ahead, behind):
            if a.numel():
                bent = (a - b).abs() > 1e-3 * (a.abs() + b.abs()) + 1e-11
                same &= ~(bent.any(-1) if bent.dim() == 5 else bent)
        grads = random_grads(results, seed)
        grads = [torch.where(same[..., None] if g.dim() == 5 else same, g, 0) if g.numel() else g for g in grads]
        expected = (loss(high, grads) - loss(low, grads)) / (2 * step)
        actual = (backward(grads, verts, faces, results, **options) * direction).sum()
        terms = sum(((b - a) / (2 * step) * g).abs().sum() for a, b, g in zip(low[1:], high[1:], grads) if g.numel())
        assert abs(actual - expected) <= 1e-5 * terms + 1e-6
        checked += int(same.sum())
    return checked / directions


@pytest.mark.parametrize("blur_radius", [0.0, 2e-3])
@pytest.mark.parametrize("perspective_correct, clip_barycentric_coords, with_dists", list(itertools.product(BOOLS, BOOLS, BOOLS)))
def test_finite_differences(perspective_correct, clip_barycentric_coords, with_dists, blur_radius):
    verts, faces = random_soup(20, 20, 1, 0.5, np.float64)
    pixels = check_finite_differences(
        verts, faces, (30, 44), faces_per_pixel=4, blur_radius=blur_radius, perspective_correct=perspective_correct,
        clip_barycentric_coords=clip_barycentric_coords, with_dists=with_dists,
    )  # fmt: skip
    assert pixels > 100


@pytest.mark.parametrize("blur_radius", [0.0, 1e-3])
@pytest.mark.parametrize("clip_barycentric_coords", BOOLS)
def test_finite_differences_where_the_near_plane_cuts(clip_barycentric_coords, blur_radius):
    rng = np.random.default_rng(2)
    pixels = 0
    for _ in range(4):
        view = rng.uniform([-2, -2, -1], [2, 2, 4], (15, 3))
        view[np.abs(view[:, 2]) < 0.2, 2] = 0.2
        pixels += check_finite_differences(
            project(view), np.arange(15).reshape(-1, 3), (30, 44), faces_per_pixel=3, blur_radius=blur_radius,
            clip_barycentric_coords=clip_barycentric_coords, z_clip=0.5,
        )  # fmt: skip
    assert pixels > 1500


def test_gradcheck():
    """All of a picture where no pixel changes its face: one face wider than the picture, and one within it, above."""
    verts = torch.tensor([[3.1, -3.3, 2], [-3.4, -2.9, 2.5], [0.23, 4.7, 3], [0.41, -0.33, 1], [-0.37, -0.29, 1.2], [0.03, 0.51, 1.1]])
    verts, faces = verts.double().requires_grad_(), torch.tensor([[0, 1, 2], [3, 4, 5]])

    assert torch.autograd.gradcheck(lambda verts: forward(verts, faces, (7, 9), faces_per_pixel=2)[1:], verts)


@pytest.mark.parametrize("blur_radius", [0.0, 0.3])
@pytest.mark.parametrize("clip_barycentric_coords", BOOLS)
@pytest.mark.parametrize("perspective_correct, z_clip", [(True, 0.5), (True, -1.0), (False, 0.5), (False, 0.0)])
def test_gradcheck_of_faces_that_the_near_plane_cuts(perspective_correct, z_clip, clip_barycentric_coords, blur_radius):
    """One vertex behind, or two; a small step changes neither a pixel's faces nor the edge that is nearest to it."""
    for z in ([2.0, 2.5, -1.0], [-0.7, 3.0, -1.2]):
        view = torch.tensor([[2.6, -1.8], [-2.2, -1.6], [0.3, 2.4]], dtype=torch.float64)
        view = torch.cat([view, torch.tensor(z, dtype=torch.float64)[:, None]], 1)
        verts = torch.tensor(project(view.numpy())) if perspective_correct else view
        verts.requires_grad_()
        options = dict(faces_per_pixel=1, blur_radius=blur_radius, perspective_correct=perspective_correct, z_clip=z_clip)

        def results(verts):
            return forward(verts, torch.tensor([[0, 1, 2]]), (6, 7), clip_barycentric_coords=clip_barycentric_coords, **options)

        pix_to_face, zbuf, _, dists = results(verts)
        assert 5 < (pix_to_face == 0).sum() and (zbuf[(dists < 0) & (pix_to_face == 0)] >= max(z_clip, 0)).all()
        assert (dists > 0).any() == (blur_radius > 0)
        assert torch.autograd.gradcheck(lambda verts: results(verts)[1:], verts, eps=1e-7)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("perspective_correct, clip_barycentric_coords", list(itertools.product(BOOLS, BOOLS)))
def test_the_gradient_of_a_triangle_seen_edge_on_is_finite(perspective_correct, clip_barycentric_coords, dtype):
    """A triangle that turns about an axis in the picture, until its vertices lie on a line to the last bit."""
    taken = 0
    for turn in [0, *np.geomspace(1e-9, 1e-1, 17)]:
        for angle in (0.0, 0.3, np.pi / 4):
            flat = np.array([[-0.8, 0], [0.9, 0], [0.1, np.sin(turn)]]) @ [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
            verts = np.concatenate([flat, [[2.0], [2.5], [2 + np.cos(turn)]]], 1)
            verts = torch.tensor(verts, dtype=dtype, requires_grad=True)
            results = forward(
                verts, torch.tensor([[0, 1, 2]]), (33, 33), faces_per_pixel=2, blur_radius=1e-2,
                perspective_correct=perspective_correct, clip_barycentric_coords=clip_barycentric_coords,
            )  # fmt: skip
            taken += int((results[0] >= 0).sum())
            (grad,) = torch.autograd.grad(loss(results, random_grads(results)), verts)
            assert torch.isfinite(grad).all()
            assert all(torch.isfinite(result).all() for result in results)
    assert taken > 1000


@pytest.mark.parametrize("dtype", DTYPES)
def test_threads_do_not_matter(all_thread_counts, dtype):
    verts, faces = large_scene()
    verts, faces = torch.tensor(verts, dtype=dtype), torch.tensor(faces)
    options = dict(faces_per_pixel=3, blur_radius=1e-4, z_clip=0.1)
    results = forward(verts, faces, (140, 130), **options)
    first, *others = all_thread_counts(lambda: backward(random_grads(results), verts, faces, results, **options))
    assert torch.isfinite(first).all() and (first != 0).any()
    for other in others:
        assert torch.equal(first, other)


def test_float_is_near_double():
    verts, faces = random_soup(21, 40, 1, 0.3, np.float32)
    faces = torch.tensor(faces)
    grads = {}
    for dtype in DTYPES:
        typed = torch.tensor(verts, dtype=dtype)
        results = forward(typed, faces, (50, 40), faces_per_pixel=3)
        grads[dtype] = backward([g.to(dtype) for g in random_grads(results)], typed, faces, results)
    # The same weights: those of float32, and the faces are the same.
    results = forward(torch.tensor(verts), faces, (50, 40), faces_per_pixel=3)
    weights = random_grads(results)
    double = torch.tensor(verts, dtype=torch.float64)
    exact = backward([g.double() for g in weights], double, faces, [r.double() if r.is_floating_point() else r for r in results])
    torch.testing.assert_close(grads[torch.float32].double(), exact, rtol=1e-4, atol=1e-4)


def test_empty_pixels_and_zero_gradients_give_nothing():
    verts, faces = random_soup(22, 10, 1, 0.3, np.float32)
    verts, faces = torch.tensor(verts), torch.tensor(faces)
    verts[faces[3, 0]] = torch.nan
    results = forward(verts, faces, (20, 20), faces_per_pixel=3)
    zeros = [torch.zeros_like(result) for result in results[1:]]
    assert (backward(zeros, verts, faces, results) == 0).all()
    nothing = torch.full_like(results[0], -1)
    grad = backward(random_grads(results), verts, faces, (nothing, *results[1:]))
    assert (grad == 0).all()
    grad = backward(random_grads(results), verts, faces, results)
    assert torch.isfinite(grad).all() and (grad[faces[3]] == 0).all() and (grad != 0).any()


@pytest.mark.parametrize("shape", [(0, 4, 4, 2), (1, 0, 4, 2), (1, 4, 0, 2)])
def test_empty_input(shape):
    results = torch.zeros(shape, dtype=torch.int64), torch.zeros(shape), torch.zeros(*shape, 3), torch.zeros(shape)
    grad = backward(results[1:], torch.ones(3, 3), torch.tensor([[0, 1, 2]]), results)
    assert grad.shape == (3, 3) and (grad == 0).all()


def test_bad_indices_are_errors():
    verts, faces = torch.rand(3, 3) + 0.5, torch.tensor([[0, 1, 2], [0, 1, 3]])
    results = [torch.full((1, 2, 2, 1), 0), *(torch.ones(1, 2, 2, 1, *tail) for tail in ((), (3,), ()))]
    cases = [(value, rf"pix_to_face to lie in \[-1, 2\), but got {value} at \[0, 1, 1, 0\]") for value in (2, 2**62, -2, -(2**63))]
    for value, message in (*cases, (1, r"faces to lie in \[0, 3\), but got 3 at \[1, 2\]")):
        results[0][0, 1, 1, 0] = value
        with pytest.raises(RuntimeError, match=f"_rasterize_meshes_backward: expected {message}"):
            backward(results[1:], verts, faces, results)


def test_bad_offsets_are_errors():
    verts, faces = torch.rand(6, 3) + 0.5, torch.tensor([[0, 1, 2], [3, 4, 2]])
    results = [torch.full((2, 2, 2, 1), 0), *(torch.ones(2, 2, 2, 1, *tail) for tail in ((), (3,), ()))]
    results[0][1, 1, 0, 0] = 1
    cases = [
        ([0, 7], r"mesh_to_vert_offset to lie in \[0, 7\), but got 7 at 1"),
        ([-1, 0], r"mesh_to_vert_offset to lie in \[0, 7\), but got -1 at 0"),
        ([0, 3], r"faces to lie in \[0, 3\), but got 3 at \[1, 0\]"),
        ([0], r"mesh_to_vert_offset to have shape \[N\] = \[2\], but got \[1\]"),
    ]
    for offset, message in cases:
        with pytest.raises(RuntimeError, match=f"_rasterize_meshes_backward: expected {message}"):
            backward(results[1:], verts, faces, results, mesh_to_vert_offset=torch.tensor(offset))


def test_shapes_that_do_not_match_are_errors():
    verts, faces = random_soup(1, 4, 1, 1, np.float32)
    verts, faces = torch.tensor(verts), torch.tensor(faces)
    results = forward(verts, faces, (5, 6))
    grads = random_grads(results)
    cases = [
        (("grad_zbuf",), [grads[0][:, :4], *grads[1:]], results),
        (("grad_bary_coords",), [grads[0], grads[1][..., :2], grads[2]], results),
        (("grad_dists",), [*grads[:2], grads[2].double()], results),
        (("pix_to_face",), grads, (results[0].int(), *results[1:])),
        (("dists",), grads, (*results[:3], results[3][..., 0])),
    ]
    for names, bad_grads, bad_results in cases:
        with pytest.raises(RuntimeError, match=f"_rasterize_meshes_backward: expected {names[0]}"):
            backward(bad_grads, verts, faces, bad_results)


def test_dists_are_there_if_the_flag_says_so():
    verts, faces = random_soup(1, 4, 1, 1, np.float32)
    verts, faces = torch.tensor(verts), torch.tensor(faces)
    results = forward(verts, faces, (5, 6))
    message = r"_rasterize_meshes_backward: expected dists to have shape \[0\] = \[0\], as with_dists is false, but got \[1, 5, 6, 1\]"
    with pytest.raises(RuntimeError, match=message):
        backward(random_grads(results), verts, faces, results, with_dists=False)
    without = *results[:3], torch.zeros(0)
    message = r"expected dists to have shape \[N, H, W, K\] = \[1, 5, 6, 1\], as with_dists is true, but got \[0\]"
    with pytest.raises(RuntimeError, match=message):
        backward(random_grads(results), verts, faces, without)


@pytest.mark.parametrize("shape, size", [((1, 65537, 1, 1), "H"), ((1, 1, 65537, 1), "W")])
def test_pictures_that_are_too_large_are_errors(shape, size):
    results = torch.full(shape, -1), torch.zeros(shape), torch.zeros(*shape, 3), torch.zeros(shape)
    message = rf"_rasterize_meshes_backward: expected {size} of pix_to_face \[N, H, W, K\] to be at most 65536, but got 65537"
    with pytest.raises(RuntimeError, match=message):
        backward(results[1:], torch.ones(3, 3), torch.tensor([[0, 1, 2]]), results)


def test_meta_shape():
    verts, faces = torch.zeros(5, 3, device="meta"), torch.zeros(4, 3, dtype=torch.int64, device="meta")
    n = torch.zeros(2, dtype=torch.int64, device="meta")
    results = torch.ops.bisque.rasterize_meshes(verts, faces, n, n, 6, 7, 3)
    assert [tuple(r.shape) for r in results] == [(2, 6, 7, 3), (2, 6, 7, 3), (2, 6, 7, 3, 3), (2, 6, 7, 3)]
    assert backward(results[1:], verts, faces, results).shape == verts.shape
