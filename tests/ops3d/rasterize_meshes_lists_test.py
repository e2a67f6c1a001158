"""The K nearest faces of each pixel, with blur, clipping, culling and a near plane: against PyTorch3D and brute force."""

import itertools

import numpy as np
import pytest
import torch

from tests.ops3d.rasterize_scenes import GRID, covers, large_scene, pixel_centres, pixels_of, project, random_soup
from tests.testing.golden import read_golden

DTYPES = [torch.float32, torch.float64]
BOOLS = [False, True]


def rasterize(verts, faces, size, ranges=None, **options):
    """The op's results; `size` is (H, W)."""
    verts, faces = torch.as_tensor(verts), torch.as_tensor(faces, dtype=torch.int64).reshape(-1, 3)
    first, counts = (torch.tensor(column) for column in zip(*(ranges or [(0, len(faces))])))
    return torch.ops.bisque.rasterize_meshes(verts, faces, first, counts, *size, **options)


def golden(case, dtype):
    tensors, args = read_golden(f"rasterize_meshes_{case}")
    verts = torch.cat([tensors["in.verts0"], tensors["in.verts1"]]).to(dtype)
    n0, n1 = len(tensors["in.faces0"]), len(tensors["in.faces1"])
    faces = torch.cat([tensors["in.faces0"], tensors["in.faces1"] + len(tensors["in.verts0"])])
    return tensors, verts, faces, args.pop("image_size"), [(0, n0), (n0, n1)], args


def assert_nearly_all_close(actual, expected):
    """0.1 % may differ: float32 results of a few slivers."""
    wrong = (actual - expected).abs() > 1e-5 + 1e-4 * expected.abs()
    assert wrong.sum() <= 1e-3 * wrong.numel() and wrong.sum() <= 3


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", range(5))
def test_golden(case, dtype):
    tensors, verts, faces, size, ranges, args = golden(case, dtype)
    pix_to_face, *results = rasterize(verts, faces, size, ranges, **args)
    assert torch.equal(pix_to_face, tensors["out.pix_to_face"])
    for name, result in zip(("zbuf", "bary", "dists"), results):
        assert_nearly_all_close(result, tensors[f"out.{name}"].to(dtype))


# --- Brute force --------------------------------------------------------------------------------------------------


def visible(corners, z, z_clip, perspective):
    """The polygon [n, 2] in pixels that the near plane leaves of a face."""
    if not perspective and z_clip < 0:
        return corners
    near = max(z_clip, 1e-8) if perspective else z_clip
    points = []
    for k in range(3):
        m = (k + 1) % 3
        if z[k] >= near:
            points.append(corners[k])
        if (z[k] >= near) != (z[m] >= near):
            a, b = (k, m) if z[k] >= near else (m, k)
            t = (z[a] - near) / (z[a] - z[b])
            weights = z / near if perspective else np.ones(3)
            points.append((1 - t) * weights[a] * corners[a] + t * weights[b] * corners[b])
    return np.array(points).reshape(-1, 2)


def outline_distance(points, size):
    x, y = pixel_centres(size)
    best = np.full(size, np.inf)
    for p, q in zip(points, np.roll(points, -1, 0)):
        e = q - p
        t = np.clip(((x - p[0]) * e[0] + (y - p[1]) * e[1]) / max(e @ e, 1e-300), 0, 1)
        best = np.minimum(best, (x - p[0] - t * e[0]) ** 2 + (y - p[1] - t * e[1]) ** 2)
    return best * (2 / min(size)) ** 2


def brute_force_face(verts, face, size, blur_radius, perspective_correct, clip_barycentric_coords, cull_backfaces, z_clip):
    """Where a face is taken [H, W], its values there, and whether that is beyond doubt (no rounding may change it)."""
    pixels, z = pixels_of(verts, size)[face].astype(np.float64), verts[face, 2].astype(np.float64)
    nothing = np.zeros(size, bool)
    if not perspective_correct and z_clip < 0 and z.min() < 1e-8:
        return nothing, None, None, None, ~nothing
    points = visible(pixels, z, z_clip, perspective_correct)
    if len(points) < 3:
        return nothing, None, None, None, ~nothing
    fans = [covers(points[[0, k + 1, k + 2]], size) for k in range(len(points) - 2)]
    inside = np.any([fan[0] for fan in fans], 0)
    area = sum(fan[1] for fan in fans)
    if area == 0 or (cull_backfaces and area > 0):
        return nothing, None, None, None, ~nothing
    x, y = pixel_centres(size)
    at = [(corner[0] - x, corner[1] - y) for corner in pixels]
    weights = np.stack([at[k][0] * at[m][1] - at[m][0] * at[k][1] for k, m in ((1, 2), (2, 0), (0, 1))], -1)
    sign = np.sign(weights.sum(-1).mean())
    if perspective_correct:
        weights = weights * [z[1] * z[2], z[2] * z[0], z[0] * z[1]]
        sign *= np.sign(z.prod())
    unsure = np.abs(weights.sum(-1)) < 1e-3 * np.abs(weights).sum(-1)
    if clip_barycentric_coords:
        weights = np.maximum(sign * weights, 0)
    with np.errstate(all="ignore"):
        bary = weights / weights.sum(-1, keepdims=True)
        depth = bary @ z
    dists = outline_distance(points, size)
    with np.errstate(invalid="ignore"):
        taken = (inside | (dists < blur_radius)) & (depth >= 0)
        near = inside | (dists < 1.01 * blur_radius)
        unsure = near & (unsure | (np.abs(depth) < 1e-4))
        unsure |= np.abs(dists - blur_radius) < 1e-4 * blur_radius + 1e-9
    # A vertex's rounding to the grid moves edges by this; so thin a face is interpolated on the grid.
    unsure |= dists < (2 / min(size) / GRID * 4) ** 2
    if abs(area) / GRID**2 < np.abs(points - points[0]).sum() / 64:
        unsure |= near
    return taken, depth, bary, np.where(inside, -dists, dists), ~unsure


def check_against_brute_force(verts, faces, size, k, **options):
    """All pixels that no rounding can change."""
    settings = dict(blur_radius=0.0, perspective_correct=True, clip_barycentric_coords=False, cull_backfaces=False, z_clip=-1.0)
    results = rasterize(verts, faces, size, faces_per_pixel=k, **options)
    pix_to_face, zbuf, bary, dists = (result[0].numpy() for result in results)
    each = [brute_force_face(verts, face, size, **(settings | options)) for face in faces]
    sure = np.all([face[4] for face in each], 0)
    depths = np.stack([np.where(face[0], face[1], np.inf) if face[1] is not None else np.full(size, np.inf) for face in each])
    rows, columns = np.nonzero(sure)
    checked = 0
    for row, column in zip(rows, columns):
        order = np.argsort(depths[:, row, column], kind="stable")
        order = order[np.isfinite(depths[order, row, column])]
        gaps = np.diff(depths[order[: k + 1], row, column])
        if (gaps < 1e-4).any():
            continue
        order = order[:k]
        assert pix_to_face[row, column, : len(order)].tolist() == order.tolist()
        for result in (pix_to_face, zbuf, bary, dists):
            assert (result[row, column, len(order) :] == -1).all()
        for place, face in enumerate(order):
            _, depth, face_bary, distance, _ = each[face]
            np.testing.assert_allclose(zbuf[row, column, place], depth[row, column], rtol=1e-3, atol=1e-4)
            np.testing.assert_allclose(bary[row, column, place], face_bary[row, column], rtol=1e-3, atol=1e-3)
            np.testing.assert_allclose(dists[row, column, place], distance[row, column], rtol=1e-3, atol=1e-6)
            checked += 1
    return checked


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("k, blur_radius", [(1, 1e-3), (3, 0.0), (3, 1e-3), (9, 1e-2), (40, 1e-4)])
@pytest.mark.parametrize("perspective_correct, clip_barycentric_coords, cull_backfaces", list(itertools.product(BOOLS, BOOLS, BOOLS)))
def test_lists_match_brute_force(perspective_correct, clip_barycentric_coords, cull_backfaces, k, blur_radius, dtype):
    verts, faces = random_soup(k + 2, 20, 1, 0.5, dtype)
    checked = check_against_brute_force(
        verts, faces, (30, 44), k, blur_radius=blur_radius, perspective_correct=perspective_correct,
        clip_barycentric_coords=clip_barycentric_coords, cull_backfaces=cull_backfaces,
    )  # fmt: skip
    assert checked > 60


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("blur_radius", [0.0, 1e-3])
@pytest.mark.parametrize("z_clip", [0.5, 0.0, -1.0])
@pytest.mark.parametrize("perspective_correct, cull_backfaces", list(itertools.product(BOOLS, BOOLS)))
def test_lists_of_faces_that_the_near_plane_cuts_match_brute_force(perspective_correct, cull_backfaces, z_clip, blur_radius, dtype):
    rng = np.random.default_rng(1)
    checked = 0
    for _ in range(6):
        view = rng.uniform([-2, -2, -1], [2, 2, 4], (18, 3))
        view[np.abs(view[:, 2]) < 0.1, 2] = 0.1
        verts = (project(view) if perspective_correct else view * [0.4, 0.4, 1]).astype(dtype)
        faces = np.arange(18).reshape(-1, 3)
        checked += check_against_brute_force(
            verts, faces, (30, 44), 4, blur_radius=blur_radius, perspective_correct=perspective_correct,
            cull_backfaces=cull_backfaces, z_clip=z_clip,
        )  # fmt: skip
    assert checked > (300 if perspective_correct or z_clip >= 0 else 60)


# --- Properties ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("z_clip", [-1.0, 0.1])
@pytest.mark.parametrize("perspective_correct, cull_backfaces", list(itertools.product(BOOLS, BOOLS)))
def test_the_first_of_k_is_what_the_path_for_one_face_finds(perspective_correct, cull_backfaces, z_clip, dtype):
    options = dict(perspective_correct=perspective_correct, cull_backfaces=cull_backfaces, z_clip=z_clip)
    scenes = [random_soup(2, 80, 1, 0.5, dtype), random_soup(3, 400, 1, 0.05, dtype)]
    if z_clip > 0:
        scenes.append((large_scene()[0].astype(dtype), large_scene()[1]))
    if perspective_correct:
        view = np.random.default_rng(19).uniform([-2, -2, -1], [2, 2, 4], (150, 3))
        scenes.append((project(view).astype(dtype), np.arange(150).reshape(-1, 3)))
    for verts, faces in scenes:
        one = rasterize(verts, faces, (100, 140), **options)
        many = [result[:, :, :, :1] for result in rasterize(verts, faces, (100, 140), faces_per_pixel=2, **options)]
        same = one[0] == many[0]
        # Where two faces are as deep but for a rounding, either may come first.
        assert (~same).sum() <= 2 and torch.allclose(one[1], many[1], rtol=1e-4)
        for a, b in zip(one, many):
            assert torch.equal(a[same], b[same])


@pytest.mark.parametrize("dtype", DTYPES)
def test_lists_rise_and_are_cut_at_k(dtype):
    verts, faces = random_soup(4, 60, 1, 0.6, np.float64)
    verts = torch.tensor(verts, dtype=dtype)
    for options in ({}, {"blur_radius": 1e-3}, {"blur_radius": 1e-3, "clip_barycentric_coords": True}):
        long = rasterize(verts, faces, (40, 40), faces_per_pixel=70, **options)
        assert (long[0][..., -1] == -1).all()  # so that nothing is cut
        face, depth = long[0], torch.where(long[0] >= 0, long[1], torch.inf)
        assert (depth.diff() >= 0)[torch.isfinite(depth[..., 1:])].all()
        ties = torch.isfinite(depth[..., 1:]) & (depth.diff() == 0)
        assert (face.diff()[ties] > 0).all()
        for k in (1, 2, 7):
            for a, b in zip(rasterize(verts, faces, (40, 40), faces_per_pixel=k, **options), long):
                if k > 1 or options:
                    assert torch.equal(a, b[:, :, :, :k])


@pytest.mark.parametrize("dtype", DTYPES)
def test_ties_go_to_the_lower_face(dtype):
    verts = torch.tensor([[-1, -1, 2], [1, -1, 2], [0, 1, 2], [9, -9, 2], [-9, -9, 2], [0, 9, 2]], dtype=dtype)
    small, large = [0, 1, 2], [3, 4, 5]
    for faces in ([small] * 4, [large, small, large, small], [small, large, small, small]):
        face = rasterize(verts, faces, (150, 150), faces_per_pixel=3, perspective_correct=False)[0]
        middle = face[0, 90, 75].tolist()
        assert middle == [0, 1, 2]


def test_clipped_coordinates_are_those_of_a_point_of_the_face():
    verts, faces = random_soup(5, 30, 1, 0.5, np.float32)
    face, zbuf, bary, dists = rasterize(
        verts, faces, (40, 40), faces_per_pixel=5, blur_radius=1e-2, clip_barycentric_coords=True
    )
    taken, z = face >= 0, torch.tensor(verts)[torch.tensor(faces), 2]
    assert (bary[taken] >= 0).all() and (dists[taken] > 0).any()
    torch.testing.assert_close(bary[taken].sum(-1), torch.ones(int(taken.sum())))
    torch.testing.assert_close(zbuf[taken], (bary[taken] * z[face[taken]]).sum(-1))


def test_distances_outside_are_below_the_blur():
    verts, faces = random_soup(6, 30, 1, 0.5, np.float32)
    face, _, _, dists = rasterize(verts, faces, (40, 40), faces_per_pixel=8, blur_radius=3e-3)
    outside = (face >= 0) & (dists > 0)
    assert outside.any() and (dists[outside] < 3e-3).all() and dists[outside].max() > 2e-3
    without = rasterize(verts, faces, (40, 40), faces_per_pixel=8, blur_radius=3e-3, with_dists=False)
    assert torch.equal(without[0], face) and without[3].numel() == 0


@pytest.mark.parametrize("blur_radius", [1.0, 1e6, 1e300])
def test_a_blur_wider_than_the_picture(blur_radius):
    verts = torch.tensor([[0.1, -0.1, 1], [-0.1, -0.1, 1], [0, 0.1, 1], [60.0, 60, 2], [61, 60, 2], [60, 61, 2]])
    face = rasterize(verts, [[0, 1, 2], [3, 4, 5]], (70, 90), faces_per_pixel=2, blur_radius=blur_radius)[0]
    assert (face[0, 35, 45, 0] == 0) and (face[0, :, :, 1] == (1 if blur_radius > 1e4 else -1)).all()
    if blur_radius > 4:
        assert (face[..., 0] == 0).all()


def test_huge_values_do_no_harm():
    rng = np.random.default_rng(12)
    verts = (rng.choice([-1, 1], (300, 3)) * 10.0 ** rng.uniform(-40, 38, (300, 3))).astype(np.float32)
    faces = rng.integers(0, 300, (300, 3))
    for perspective_correct, clip, z_clip in itertools.product(BOOLS, BOOLS, (-1.0, 1e-30, 1e20)):
        face, zbuf, *_ = rasterize(
            verts, faces, (40, 40), faces_per_pixel=3, blur_radius=1e-2, perspective_correct=perspective_correct,
            clip_barycentric_coords=clip, z_clip=z_clip,
        )  # fmt: skip
        assert ((face >= -1) & (face < 300)).all() and not torch.isnan(zbuf).any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_threads_do_not_matter(all_thread_counts, dtype):
    verts, faces = large_scene()
    verts = torch.tensor(verts, dtype=dtype)
    first, *others = all_thread_counts(
        lambda: rasterize(verts, faces, (140, 130), faces_per_pixel=4, blur_radius=1e-4, z_clip=0.1)
    )
    for other in others:
        assert all(torch.equal(a, b) for a, b in zip(first, other))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("perspective_correct, clip_barycentric_coords", list(itertools.product(BOOLS, BOOLS)))
def test_simd_targets_do_not_matter(all_simd_targets, perspective_correct, clip_barycentric_coords, dtype):
    verts, faces = large_scene()
    verts = torch.tensor(verts, dtype=dtype)
    options = dict(perspective_correct=perspective_correct, clip_barycentric_coords=clip_barycentric_coords, z_clip=0.1)
    first, *others = all_simd_targets(
        lambda: rasterize(verts, faces, (91, 130), faces_per_pixel=3, blur_radius=1e-3, **options)
    )
    for other in others:
        assert all(torch.equal(a, b) for a, b in zip(first, other))


def test_meshes_of_a_batch_are_apart():
    verts, faces = random_soup(10, 60, 1.2, 0.4, np.float32)
    ranges = [(0, 20), (20, 0), (15, 45)]
    options = dict(faces_per_pixel=3, blur_radius=1e-3)
    batch = rasterize(verts, faces, (45, 80), ranges, **options)
    for n, (first, count) in enumerate(ranges):
        single = rasterize(verts, faces[first : first + count], (45, 80), **options)
        assert torch.equal(batch[0][n], torch.where(single[0][0] >= 0, single[0][0] + first, -1))
        assert all(torch.equal(a[n], b[0]) for a, b in zip(batch[1:], single[1:]))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"faces_per_pixel": 0}, "faces_per_pixel to be at least 1, but got 0"),
        ({"faces_per_pixel": 65537}, "faces_per_pixel to be at most 65536, but got 65537"),
        ({"blur_radius": -1e-9}, "blur_radius to be at least 0, but got -1e-09"),
        ({"blur_radius": float("nan")}, "blur_radius to be finite, but got nan"),
        ({"blur_radius": float("inf")}, "blur_radius to be finite, but got inf"),
    ],
)
def test_options_out_of_range_are_errors(options, message):
    verts, faces = random_soup(1, 2, 1, 1, np.float32)
    with pytest.raises(RuntimeError, match=f"rasterize_meshes: expected {message}"):
        rasterize(verts, faces, (4, 4), **options)


@pytest.mark.parametrize("size, message", [
    ((-1, 4), "height to be at least 0, but got -1"),
    ((65537, 4), "height to be at most 65536, but got 65537"),
    ((4, -1), "width to be at least 0, but got -1"),
    ((4, 65537), "width to be at most 65536, but got 65537"),
])  # fmt: skip
def test_sizes_out_of_range_are_errors(size, message):
    verts, faces = random_soup(1, 2, 1, 1, np.float32)
    with pytest.raises(RuntimeError, match=f"rasterize_meshes: expected {message}"):
        rasterize(verts, faces, size)
