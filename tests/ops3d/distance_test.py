"""The ops *_distance on hard input: small, thin and degenerate triangles, ties, trees of some depth, and values that are not finite."""

import math

import pytest
import torch

from bisque3d.testing.threads import results_with_threads
from tests.ops3d import point_distances

OPS = ["point_face_distance", "face_point_distance", "point_edge_distance", "edge_point_distance"]
ONE = torch.tensor([0])
NAN, INF = math.nan, math.inf


def call(op: str, points, simplices, **options):
    """The op for one cloud; for edges, the segments are the first two corners of the triangles."""
    return getattr(torch.ops.bisque, op)(points, ONE, simplices if "face" in op else simplices[:, :2], ONE, **options)


def queries_of(op, points, simplices):
    return points if op.startswith("point") else simplices


def torus_inputs(dtype=torch.float32):
    verts, faces = point_distances.torus(90, 40, dtype)
    random = torch.Generator().manual_seed(0)
    near = verts[torch.randint(len(verts), (200,), generator=random)]
    far = torch.randn(200, 3, generator=random, dtype=dtype)
    return torch.cat((near, near + 0.01 * far, 2 * far, torch.zeros(1, 3, dtype=dtype))), verts[faces]


@pytest.mark.parametrize("scale", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_small_triangles_are_exact(scale, dtype):
    """PyTorch3D's triangles below an area of 5e-3 are their sides."""
    tri = scale * torch.tensor([[[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]], dtype=dtype)
    points = scale * torch.tensor([[0.25, 0.25, 1], [0.5, 0.25, -0.01], [0.1, 0.2, 1e-3], [2, 0, 0], [-1, -1, 1]], dtype=dtype)
    expected = scale**2 * torch.tensor([1.0, 1e-4, 1e-6, 1, 3], dtype=torch.float64)
    dists, _ = call("point_face_distance", points, tri)
    torch.testing.assert_close(dists.double(), expected, rtol=1e-6 if dtype == torch.float32 else 1e-12, atol=0)
    closest, idxs = call("face_point_distance", points, tri)
    assert idxs == 2 and closest == dists[2]


@pytest.mark.parametrize("height", [1e-1, 1e-3, 1e-5])
def test_thin_triangles_in_float32(height):
    random = torch.Generator().manual_seed(1)
    tris = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0.6, height, 0]]) @ torch.linalg.qr(torch.randn(50, 3, 3, generator=random)).Q
    points = torch.cat((0.01 * torch.randn(50, 3, generator=random) + tris.mean(1), torch.randn(50, 3, generator=random)))
    expected = point_distances.face_squares(points.double(), tris.double()).amin(1)
    torch.testing.assert_close(call("point_face_distance", points, tris)[0].double(), expected, rtol=1e-5, atol=1e-14)


def test_far_from_the_origin():
    points, tris = torus_inputs(torch.float64)
    moved = call("point_face_distance", points[200:] + 1e5, tris + 1e5)[0]
    torch.testing.assert_close(moved, call("point_face_distance", points[200:], tris)[0], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_degenerate_triangle_is_its_longest_side_or_a_point(dtype):
    a, b, c = torch.randn(3, 3, generator=torch.Generator().manual_seed(2)).to(dtype)
    tris = torch.stack([torch.stack(t) for t in ((a, b, a), (a, a, b), (a, (a + b) / 2, b), (b, 3 * a - 2 * b, a), (c, c, c))])
    segments = torch.stack([torch.stack(s) for s in ((a, b), (a, b), (a, b), (b, 3 * a - 2 * b), (c, c))])
    points = torch.randn(20, 3, generator=torch.Generator().manual_seed(3)).to(dtype)
    for tri, segment in zip(tris, segments):
        of_tri = points.clone().requires_grad_(), tri[None].clone().requires_grad_()
        dists, _ = call("point_face_distance", *of_tri)
        torch.testing.assert_close(dists.detach(), point_distances.segment_squares(points, segment[None])[:, 0])
        for gradient in torch.autograd.grad(dists.sum(), of_tri):
            assert gradient.isfinite().all()
        assert call("face_point_distance", points, tri[None])[0] == dists.min()


def test_min_triangle_area_is_pytorch3ds_convention():
    """A smaller triangle is its sides, also below a point above it."""
    tri, points = torch.tensor([[[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]]), torch.tensor([[0.25, 0.25, 1]])
    for area, expected in ((0.0, 1.0), (0.5, 1.0), (0.51, 1.0625), (INF, 1.0625)):
        for op in ("point_face_distance", "face_point_distance"):
            assert call(op, points, tri, min_triangle_area=area)[0].item() == pytest.approx(expected)
    leaf = tri.clone().requires_grad_()
    call("point_face_distance", points, leaf, min_triangle_area=0.51)[0].backward()
    torch.testing.assert_close(leaf.grad, torch.tensor([[[0.0, -0.375, -1.5], [0, -0.125, -0.5], [0, 0, 0]]]))


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_tree_finds_what_a_pass_over_all_targets_finds(op, dtype):
    """Few queries are compared with all targets, more of them search a tree."""
    points, tris = torus_inputs(dtype)
    if op.startswith("point"):
        some = torch.arange(0, len(points), 7)
        parts = [call(op, points[i : i + 1], tris) for i in some]
    else:
        some = torch.arange(0, len(tris), 97)
        parts = [call(op, points, tris[i : i + 1]) for i in some]
    dists, idxs = call(op, points, tris)
    assert torch.equal(dists[some], torch.cat([dist for dist, _ in parts]))
    assert torch.equal(idxs[some], torch.cat([idx for _, idx in parts]))


@pytest.mark.parametrize("op", OPS)
def test_a_tree_in_float64_against_plain_torch(op):
    points, tris = torus_inputs(torch.float64)
    tris = tris[::2]
    squares = point_distances.face_squares(points, tris) if "face" in op else point_distances.segment_squares(points, tris[:, :2])
    dists, idxs = call(op, points, tris)
    squares = squares if op.startswith("point") else squares.T
    torch.testing.assert_close(dists, squares.amin(1), rtol=1e-9, atol=1e-15)
    torch.testing.assert_close(squares.gather(1, idxs[:, None])[:, 0], squares.amin(1), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("op", OPS)
def test_ties_go_to_the_lowest_index(op):
    points, tris = torus_inputs()
    if op.startswith("point"):
        _, idxs = call(op, points, tris)
        assert torch.equal(call(op, points, torch.cat((tris, tris)))[1], idxs)
        at_vert = call(op, tris[:, 0], tris)[1]  # of the six faces around it, the first
        verts = tris[:, :2] if "edge" in op else tris
        first = [(verts == corner).all(-1).any(-1).nonzero()[0].item() for corner in tris[::50, 0]]
        assert at_vert[::50].tolist() == first
    else:
        _, idxs = call(op, points, tris)
        assert torch.equal(call(op, torch.cat((points, points)), tris)[1], idxs)
        assert (idxs >= 0).all() and (idxs < len(points)).all()


@pytest.mark.parametrize("op", OPS)
def test_results_do_not_depend_on_the_number_of_threads(op):
    points, tris = torus_inputs()
    one, two, three = results_with_threads(lambda: call(op, points, tris))
    assert all(torch.equal(a, b) and torch.equal(a, c) for a, b, c in zip(one, two, three))


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize("op", OPS)
def test_what_is_not_finite_is_never_the_nearest(op, bad):
    points, tris = torus_inputs()
    bad_points, bad_tris = points.clone(), tris.clone()
    bad_points[::3, 1] = bad
    bad_tris[::3, 1, 2] = bad
    dists, idxs = call(op, bad_points, bad_tris)
    if op.startswith("point"):
        expected = call(op, points, tris[torch.arange(len(tris)) % 3 > 0])[0]
        targets, keep = bad_tris[:, :2] if "edge" in op else bad_tris, torch.arange(len(points)) % 3 > 0
    else:
        expected = call(op, points[torch.arange(len(points)) % 3 > 0], tris)[0]
        targets, keep = bad_points, torch.arange(len(tris)) % 3 > 0
    assert torch.equal(dists[keep], expected[keep])
    assert targets[idxs[keep]].isfinite().all()
    assert dists[~keep].isnan().all() and (idxs[~keep] == -1).all()


@pytest.mark.parametrize("op", OPS)
def test_targets_that_are_not_finite_are_as_none(op):
    points, tris = torch.randn(4, 3), torch.randn(5, 3, 3)
    if op.startswith("point"):
        tris[:, 0, 0] = NAN
    else:
        points[:, 0] = NAN
    leaves = points.requires_grad_(), tris.requires_grad_()
    dists, idxs = call(op, *leaves)
    assert not dists.any() and (idxs == -1).all()
    assert not any(gradient.any() for gradient in torch.autograd.grad(dists.sum(), leaves))


def test_queries_that_are_not_finite_have_no_gradient():
    points = torch.tensor([[NAN, 0, 0], [0, 0, 1], [0, INF, 0]], requires_grad=True)
    dists, _ = call("point_face_distance", points, torch.eye(3)[None])
    dists.nansum().backward()
    assert points.grad.isfinite().all() and not points.grad[[0, 2]].any()


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize(("dtype", "huge"), [(torch.float32, 1e30), (torch.float64, 1e200)])
def test_distances_that_overflow_are_infinite(op, dtype, huge):
    points, tris = torch.randn(20, 3, dtype=dtype), torch.randn(30, 3, 3, dtype=dtype)
    dists, idxs = call(op, huge * points, tris)
    assert (dists == INF).all() and (idxs >= 0).all()
    dists, idxs = call(op, huge * points, huge * tris)
    assert not dists.isnan().any() and (idxs >= 0).all()


def test_large_triangles_in_float32():
    """Products of their coordinates overflow in float32."""
    points, tris = torch.randn(20, 3, generator=torch.Generator().manual_seed(4)), torch.randn(30, 3, 3, generator=torch.Generator().manual_seed(5))
    expected = call("point_face_distance", points, tris)
    dists, idxs = call("point_face_distance", 2.0**60 * points, 2.0**60 * tris)
    assert torch.equal(dists, 2.0**120 * expected[0]) and torch.equal(idxs, expected[1])


@pytest.mark.parametrize("op", OPS)
def test_a_bad_index_is_reported(op):
    points, tris = torch.randn(4, 3), torch.randn(5, 3, 3)
    simplices = tris if "face" in op else tris[:, :2]
    queries = queries_of(op, points, simplices)
    targets = simplices if queries is points else points
    idxs = torch.zeros(len(queries), dtype=torch.int64)
    idxs[2] = len(targets)
    options = (0.0,) if "face" in op else ()
    with pytest.raises(RuntimeError, match=rf"_{op}_backward: expected idxs to lie in \[-1, {len(targets)}\), but got {len(targets)} at 2"):
        getattr(torch.ops.bisque, f"_{op}_backward")(torch.ones(len(queries)), points, simplices, idxs, *options)


def on_cuda(op, *arguments):
    return [result.cpu() for result in getattr(torch.ops.bisque, op)(*(a.cuda() if isinstance(a, torch.Tensor) else a for a in arguments))]


@pytest.mark.cuda
@pytest.mark.parametrize("op", OPS)
def test_cuda_defines_values_that_are_not_finite(op):
    points, tris = torch.randn(9, 3), torch.randn(12, 3, 3)
    points[[0, 4], [0, 1]] = torch.tensor([NAN, INF])
    tris[[0, 5], [0, 1], [1, 2]] = torch.tensor([-INF, NAN])
    simplices = tris if "face" in op else tris[:, :2].contiguous()
    expected = getattr(torch.ops.bisque, op)(points, ONE, simplices, ONE)
    for result, other in zip(on_cuda(op, points, ONE, simplices, ONE), expected):
        torch.testing.assert_close(result, other, equal_nan=True, rtol=0, atol=0)


@pytest.mark.cuda
@pytest.mark.parametrize("op", OPS)
def test_cuda_clamps_first_indices(op):
    points, tris = torch.randn(6, 3), torch.randn(7, 3, 3)
    simplices = tris if "face" in op else tris[:, :2].contiguous()
    dists, idxs = on_cuda(op, points, torch.tensor([-5, 3, 1 << 40]), simplices, torch.tensor([0, -9, 1 << 40]))
    assert dists.isfinite().all() and (idxs >= -1).all() and (idxs < (7 if op.startswith("point") else 6)).all()


@pytest.mark.cuda
def test_cuda_skips_bad_indices_of_the_gradient():
    points, tris = torch.randn(4, 3), torch.randn(5, 3, 3)
    got = on_cuda("_point_face_distance_backward", torch.ones(4), points, tris, torch.tensor([0, 5, -2, 1 << 40]), 0.0)
    expected = torch.ops.bisque._point_face_distance_backward(torch.ones(4), points, tris, torch.tensor([0, -1, -1, -1]), 0.0)
    for result, other in zip(got, expected):
        torch.testing.assert_close(result, other)


@pytest.mark.cuda
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_cuda_raises_where_it_is_asked_to_check(dtype, monkeypatch):
    monkeypatch.setenv("BISQUE_CHECK_CUDA", "1")
    points, tris = torch.randn(6, 3, dtype=dtype), torch.randn(7, 3, 3, dtype=dtype)
    with pytest.raises(RuntimeError, match=r"point_face_distance: expected points_first_idx to lie in \[0, 7\), but got 9 at 1"):
        on_cuda("point_face_distance", points, torch.tensor([0, 9]), tris, torch.tensor([0, 2]))
