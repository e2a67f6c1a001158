"""The nearest face of each pixel: against a brute-force reference with exact integer coverage, and ray casting."""

import numpy as np
import pytest
import torch

from bisque3d.testing import OpTests
from tests.ops3d.rasterize_brute_force import brute_force
from tests.ops3d.rasterize_scenes import BAD_RANGES, ball, large_scene, pixel_centres, plane_mesh, project, random_soup

DTYPES = [torch.float32, torch.float64]


def rasterize(verts, faces, size, ranges=None, perspective=True, cull=False, z_clip=-1.0, with_dists=True):
    """Calls the op; `size` is (H, W). Returns results without the K axis."""
    verts, faces = torch.as_tensor(verts), torch.as_tensor(faces, dtype=torch.int64).reshape(-1, 3)
    first, counts = zip(*(ranges if ranges is not None else [(0, len(faces))]))
    results = torch.ops.bisque.rasterize_meshes(
        verts, faces, torch.tensor(first), torch.tensor(counts), *size, 1, 0.0, perspective, False, cull, z_clip, with_dists
    )
    pix_to_face, zbuf, bary, dists = results
    shape = (len(first), *size, 1)
    assert pix_to_face.shape == shape and zbuf.shape == shape and bary.shape == (*shape, 3)
    assert pix_to_face.dtype == torch.int64 and zbuf.dtype == bary.dtype == verts.dtype
    return pix_to_face[..., 0], zbuf[..., 0], bary[..., 0, :], dists[..., 0] if with_dists else None


def rasterize_one(*args, **kwargs):
    return [result[0] if result is not None else None for result in rasterize(*args, **kwargs)]


def hits(verts, faces, size, **kwargs):
    """How many faces cover each pixel: each face is drawn as a mesh of its own."""
    faces = torch.as_tensor(faces).reshape(-1, 3)
    return (rasterize(verts, faces, size, [(f, 1) for f in range(len(faces))], **kwargs)[0] >= 0).sum(0)


def check_against_brute_force(verts, faces, size, perspective, cull=False):
    pix_to_face, zbuf, bary, dists = rasterize_one(verts, faces, size, perspective=perspective, cull=cull)
    pix_to_face, zbuf, bary, dists = (result.numpy() for result in (pix_to_face, zbuf, bary, dists))
    depths, barys, distances = brute_force(verts, faces, size, perspective, cull)
    nearest = depths.min(0)
    covered = np.isfinite(nearest)
    assert np.array_equal(pix_to_face >= 0, covered)
    assert (zbuf[~covered] == -1).all() and (bary[~covered] == -1).all() and (dists[~covered] == -1).all()
    rows, columns = np.nonzero(covered)
    face = pix_to_face[rows, columns]
    # Where two faces are as near as makes no difference, either is right.
    assert (depths[face, rows, columns] <= nearest[rows, columns] * (1 + 1e-4)).all()
    assert (face != depths.argmin(0)[rows, columns]).sum() <= 0.01 * len(face)
    np.testing.assert_allclose(zbuf[rows, columns], depths[face, rows, columns], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(bary[rows, columns], barys[face, rows, columns], rtol=1e-4, atol=2e-4)
    np.testing.assert_allclose(dists[rows, columns], distances[face, rows, columns], rtol=1e-4, atol=1e-5)
    return covered


class TestRasterizeMeshes(OpTests):
    op = "bisque::rasterize_meshes"
    gradients = ["verts"]
    gradcheck_cases = ["two_faces", "blur"]
    tolerance = {dtype: dict(rtol=1e-4, atol=1e-5) for dtype in DTYPES}

    def picture(self, verts, faces, dtype, **options):
        faces = torch.as_tensor(faces)
        ranges = dict(mesh_to_face_first_idx=torch.tensor([0]), num_faces_per_mesh=torch.tensor([len(faces)]))
        return dict(verts=torch.as_tensor(verts).to(dtype), faces=faces, **ranges, height=7, width=9, **options)

    def faces_that_keep_their_pixels(self, dtype, **options):
        """One wider than the picture and one within it, so that small steps change no pixel's face."""
        verts = [[3.1, -3.3, 2], [-3.4, -2.9, 2.5], [0.23, 4.7, 3], [0.41, -0.33, 1], [-0.37, -0.29, 1.2], [0.03, 0.51, 1.1]]
        return self.picture(verts, [[0, 1, 2], [3, 4, 5]], dtype, **options)

    def inputs_two_faces(self, dtype, random):
        return self.faces_that_keep_their_pixels(dtype, faces_per_pixel=2)

    def inputs_blur(self, dtype, random):
        return self.faces_that_keep_their_pixels(dtype, faces_per_pixel=2, blur_radius=1e-2, clip_barycentric_coords=True)

    def inputs_nearest(self, dtype, random):
        return self.picture(*random_soup(5, 12, 1, 0.5, np.float64), dtype)

    def inputs_no_faces(self, dtype, random):
        return self.picture(torch.zeros(3, 3), torch.zeros(0, 3, dtype=torch.int64), dtype)

    def inputs_no_dists(self, dtype, random):
        return self.picture(*random_soup(6, 12, 1, 0.5, np.float64), dtype, perspective_correct=False, with_dists=False)

    def reference(self, verts, faces, height, width, faces_per_pixel=1, blur_radius=0.0, perspective_correct=True, **_):
        if blur_radius > 0 or not len(faces):
            return None, None, None, None
        depths = np.sort(brute_force(verts.numpy(), faces.numpy(), (height, width), perspective_correct)[0], 0)[:faces_per_pixel]
        return None, torch.from_numpy(np.where(np.isfinite(depths), depths, -1)).permute(1, 2, 0)[None].to(verts.dtype), None, None


# --- Coverage and values ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("perspective", [False, True])
@pytest.mark.parametrize("size", [(64, 64), (33, 70), (97, 41), (1, 1), (1, 130), (5, 3)])
def test_random_triangles_match_brute_force(size, perspective, dtype):
    verts, faces = random_soup(sum(size), 60, 1.2, 0.5, dtype)
    check_against_brute_force(verts, faces, size, perspective)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_and_small_triangles_in_several_tiles(dtype):
    small = random_soup(1, 150, 1, 0.05, dtype)
    large = random_soup(2, 20, 2, 4, dtype)
    verts = np.concatenate([small[0], large[0]])
    faces = np.concatenate([small[1], large[1] + len(small[0])])
    faces = faces[np.random.default_rng(3).permutation(len(faces))]
    covered = check_against_brute_force(verts, faces, (150, 200), True)
    assert 0.3 < covered.mean() <= 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_needles_across_many_tiles(dtype):
    rng = np.random.default_rng(15)
    tip = rng.uniform(-1, 1, (60, 1, 2))
    base = rng.uniform(-1, 1, (60, 1, 2))
    ends = [tip, tip + 0.02 * rng.normal(size=(60, 1, 2)), base]
    verts = np.concatenate([np.concatenate(ends, 1), rng.uniform(1, 3, (60, 3, 1))], -1).reshape(-1, 3)
    check_against_brute_force(verts.astype(dtype), np.arange(180).reshape(-1, 3), (200, 330), True)


@pytest.mark.parametrize("cull", [False, True])
def test_culling_matches_brute_force(cull):
    verts, faces = random_soup(4, 80, 1, 0.4, np.float32)
    check_against_brute_force(verts, faces, (60, 60), False, cull)


def test_culling_leaves_counterclockwise_faces():
    verts = np.array([[0.5, -0.5, 1], [-0.5, -0.5, 1], [0, 0.5, 1]], np.float32)  # lower left, lower right, top
    for face, seen in (([0, 1, 2], True), ([0, 2, 1], False)):
        assert (rasterize_one(verts, face, (8, 8), cull=True)[0] >= 0).any().item() == seen
        assert (rasterize_one(verts, face, (8, 8), cull=False)[0] >= 0).any()


def test_orientation_of_the_picture():
    """+X is left and +Y is up: a triangle there covers the upper left pixel."""
    verts = np.array([[1, 1, 1], [0.2, 1, 1], [1, 0.2, 1]], np.float32)
    pix_to_face = rasterize_one(verts, [0, 1, 2], (4, 4))[0]
    assert pix_to_face[0, 0] == 0 and (pix_to_face[2:] == -1).all() and (pix_to_face[:, 2:] == -1).all()


@pytest.mark.parametrize("height, width", [(10, 25), (25, 10)])
def test_ndc_spans_the_shorter_side(height, width):
    # A quad from -1 to 1 covers the middle square, and one that spans the longer side all of the picture.
    square = np.array([[-1, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1]], np.float32)
    faces = [[0, 1, 2], [0, 2, 3]]
    covered = rasterize_one(square, faces, (height, width))[0] >= 0
    assert covered.sum() == min(height, width) ** 2 + (min(height, width) if (height + width) % 2 == 0 else 0)
    long_side = max(height, width) / min(height, width)
    assert (rasterize_one(square * [long_side, long_side, 1], faces, (height, width))[0] >= 0).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("cells", [3, 11])
@pytest.mark.parametrize("centres", [None, 48])
@pytest.mark.parametrize("perspective", [False, True])
def test_each_pixel_of_a_plane_is_covered_once(perspective, centres, cells, dtype):
    for seed in range(4):
        verts, faces = plane_mesh(seed, cells, 1.3, dtype, corner_on_centres=centres)
        count = hits(verts, faces, (48, 48), perspective=perspective)
        assert (count == 1).all()


def test_each_pixel_of_a_plane_of_specks_is_covered_once():
    """60 faces a pixel, most of which hold no pixel centre; slivers too."""
    verts, faces = plane_mesh(5, 44, 1.2, np.float32)
    verts[:, 0] *= 0.05
    assert (hits(verts, faces, (9, 9))[:, 4] == 1).all()
    verts, faces = plane_mesh(6, 300, 1.1, np.float32)
    pix_to_face, zbuf, bary, _ = rasterize_one(verts, faces, (48, 48))
    assert (pix_to_face >= 0).all()
    assert (bary > -0.03).all() and (bary < 1.03).all()
    assert (zbuf > 0.97).all() and (zbuf < 2.03).all()


@pytest.mark.parametrize("scale", [1e3, 1e6, 1e9, 1e12])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_vertices_far_outside_the_picture(scale, dtype):
    for seed in range(3):
        verts, faces = plane_mesh(seed, 2, 1, dtype)
        verts[:, :2] *= dtype(scale)
        verts[:, :2] += dtype(0.3)
        verts[:, 2] = 2
        count = hits(verts, faces, (70, 40))
        assert (count == 1).all()
        bary, zbuf = rasterize_one(verts, faces, (70, 40))[2::-1][:2]
        torch.testing.assert_close(zbuf, torch.full_like(zbuf, 2))
        torch.testing.assert_close(bary.sum(-1), torch.ones_like(zbuf))


@pytest.mark.parametrize("perspective", [False, True])
def test_a_closed_surface_is_entered_as_often_as_left(perspective):
    verts, faces = ball()
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    verts = (verts @ rotation + [0.1, 0.05, 4]) * [2, 2, 1]
    verts = (project(verts) if perspective else verts * [0.4, 0.4, 1]).astype(np.float32)
    all_hits = hits(verts, faces, (80, 80), perspective=perspective)
    front = hits(verts, faces, (80, 80), perspective=perspective, cull=True)
    back = hits(verts, faces[:, ::-1].copy(), (80, 80), perspective=perspective, cull=True)
    assert torch.equal(front, back) and torch.equal(front + back, all_hits)
    assert front.max() == 1 and 1000 < front.sum() < 6400


def test_zero_area_and_slivers():
    verts = np.array([[-1, -1, 1], [0, 0, 1], [1, 1, 1], [0.5, 0.500001, 1]], np.float32)
    faces = [[0, 1, 2], [0, 0, 1], [1, 1, 1], [0, 2, 3]]
    pix_to_face, zbuf, bary, dists = rasterize_one(verts, faces, (16, 16))
    assert not torch.isnan(zbuf).any() and not torch.isnan(bary).any() and not torch.isnan(dists).any()
    covered = pix_to_face >= 0
    assert ((pix_to_face == 3) == covered).all()
    assert (bary[covered] >= 0).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_slivers_thinner_than_the_grid_are_interpolated_along_their_length(dtype):
    rng = np.random.default_rng(16)
    size, count = (32, 32), 600
    start = rng.integers(0, 32, (count, 2)) - 15.5  # pixel centres, in pixels from the middle
    step = rng.integers(1, 6, (count, 2)) * rng.choice([-1, 1], (count, 2))
    corners = np.stack([start - step * 2.3, start + step * 1.7, start + step * 2.9], 1)
    corners += rng.uniform(-2e-4, 2e-4, corners.shape)
    verts = np.concatenate([-corners / 16, rng.uniform(1, 2, (count, 3, 1))], -1).astype(dtype)
    pix_to_face, zbuf, bary, _ = rasterize(
        verts.reshape(-1, 3), np.arange(3 * count).reshape(-1, 3), size, [(f, 1) for f in range(count)], False
    )
    mesh, row, column = np.nonzero(pix_to_face.numpy() >= 0)
    assert len(mesh) > 100
    weights = bary[mesh, row, column].numpy()
    place = (weights[..., None] * corners[mesh]).sum(1) - np.stack([column - 15.5, row - 15.5], -1)
    assert np.abs(place).max() < 0.02
    np.testing.assert_allclose(zbuf[mesh, row, column].numpy(), (weights * verts[mesh, :, 2]).sum(1), rtol=1e-5)


@pytest.mark.parametrize("dtype", DTYPES)
def test_ties_go_to_the_lower_face(dtype):
    verts = torch.tensor([[-1, -1, 2], [1, -1, 2], [0, 1, 2.5]], dtype=dtype)
    pix_to_face = rasterize_one(verts, [[0, 1, 2]] * 200, (32, 32))[0]
    assert set(pix_to_face.unique().tolist()) == {-1, 0}
    # Large and small faces are drawn by different paths: order holds across them.
    verts = torch.tensor([[-1, -1, 2], [1, -1, 2], [0, 1, 2], [9, -9, 2], [-9, -9, 2], [0, 9, 2]], dtype=dtype)
    small, large = [0, 1, 2], [3, 4, 5]
    pix_to_face = rasterize_one(verts, [large, small, large, small], (48, 48), perspective=False)[0]
    assert (pix_to_face == 0).all()
    pix_to_face = rasterize_one(verts, [small, large, small], (48, 48), perspective=False)[0]
    assert set(pix_to_face.unique().tolist()) == {0, 1}


def test_dists_are_optional():
    verts, faces = random_soup(7, 30, 1, 0.5, np.float32)
    wanted = rasterize(verts, faces, (40, 40))
    results = torch.ops.bisque.rasterize_meshes(
        torch.tensor(verts), torch.tensor(faces), torch.tensor([0]), torch.tensor([30]), 40, 40, with_dists=False
    )
    assert results[3].numel() == 0
    for a, b in zip(wanted[:2], results[:2]):
        assert torch.equal(a, b[..., 0])


# --- The near plane -----------------------------------------------------------------------------------------------


def cast_rays(view, faces, size, z_clip):
    """Ray casting in view space: per face bary [F, H, W, 3] and depth; and how safely the pixel is in or out."""
    x, y = pixel_centres(size)
    ray = np.stack(np.broadcast_arrays(-x * 2 / min(size), -y * 2 / min(size), 1.0), -1)
    barys, depths, margins = [], [], []
    for face in faces:
        a, b, c = view[face]
        weights = np.stack([ray @ np.cross(b, c), ray @ np.cross(c, a), ray @ np.cross(a, b)], -1)
        with np.errstate(all="ignore"):
            bary = weights / weights.sum(-1, keepdims=True)
            depth = bary @ view[face, 2]
        barys.append(bary)
        depths.append(depth)
        margins.append(np.minimum(bary.min(-1), depth - z_clip))
    return np.stack(barys), np.stack(depths), np.stack(margins)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("z_clip", [-1.0, 0.01, 0.5])
def test_near_plane_matches_ray_casting(z_clip, dtype):
    rng = np.random.default_rng(8)
    size, checked = (40, 56), 0
    for _ in range(60):
        view = rng.uniform([-2, -2, -2], [2, 2, 3], (3, 3))
        verts = project(view).astype(dtype)
        view = np.concatenate([verts[:, :2].astype(np.float64) * verts[:, 2:], verts[:, 2:]], 1)
        pix_to_face, zbuf, bary, dists = (result.numpy() for result in rasterize_one(verts, [0, 1, 2], size, z_clip=z_clip))
        barys, depths, margins = cast_rays(view, np.array([[0, 1, 2]]), size, max(z_clip, 0))
        safe = np.abs(margins[0]) > 1e-3
        seen = margins[0] > 0
        assert np.array_equal((pix_to_face == 0)[safe], seen[safe])
        seen &= safe
        assert (zbuf[seen] > max(z_clip, 0)).all() and (dists[seen] <= 0).all()
        np.testing.assert_allclose(zbuf[seen], depths[0][seen], rtol=1e-3)
        np.testing.assert_allclose(bary[seen], barys[0][seen], atol=1e-3)
        checked += seen.sum()
    assert checked > 3000


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("z_clip", [-1.0, 1e-3, 0.1])
def test_no_crack_opens_where_the_near_plane_cuts(z_clip, dtype):
    """A ground plane from behind the camera to far before it: below the horizon, each pixel is covered once."""
    for seed in range(4):
        verts, faces = plane_mesh(seed, 6, 50, np.float64)
        view = np.stack([2 * verts[:, 0], np.full(len(verts), -1.0), verts[:, 1] + 20], -1)
        size = (64, 64)
        count = hits(project(view).astype(dtype), faces, size, z_clip=z_clip).numpy()
        _, y = pixel_centres(size)
        ground = np.broadcast_to(1 / np.maximum(y * 2 / 64, 1e-9), size)  # depth of the ground at the pixel
        assert (count[(y[:, 0] > 0) & (ground[:, 0] < 69)] == 1).all()
        assert (count[y[:, 0] < 0] == 0).all()


def test_cut_faces_and_their_neighbours_share_edges():
    """A fan around the view axis from points before the camera to points behind it fills the picture."""
    rng = np.random.default_rng(9)
    for _ in range(10):
        n = rng.integers(3, 12)
        phi = np.arange(n) * 2 * np.pi / n + rng.uniform(0, 1)
        rim = np.stack([3 * np.cos(phi), 3 * np.sin(phi), np.full(n, -0.4)], -1)
        view = np.concatenate([[[0.05, -0.03, 2.0]], rim])
        faces = np.array([(0, 1 + k, 1 + (k + 1) % n) for k in range(n)])
        turned = rng.random(n) < 0.5
        faces[turned] = faces[turned][:, ::-1]
        count = hits(project(view).astype(np.float32), faces, (50, 50), z_clip=0.05)
        assert (count == 1).all()


def test_faces_behind_the_camera():
    view = np.array([[-1, -1, -2], [1, -1, -2], [0, 1, -2.0]])
    verts = project(view).astype(np.float32)
    for z_clip in (-1.0, 0.1):
        assert (rasterize_one(verts, [0, 1, 2], (16, 16), z_clip=z_clip)[0] == -1).all()
    # A vertex behind: the part before the camera is drawn, which without a near plane is that before z = 1e-8.
    view[:, 2] = [2, 2, -1]
    verts = project(view).astype(np.float32)
    for z_clip in (-1.0, 0.0, 0.1):
        assert (rasterize_one(verts, [0, 1, 2], (16, 16), z_clip=z_clip)[0] == 0).any()
    # On a screen where depth is linear, the projection of that vertex is none: the face is left out.
    assert (rasterize_one(verts, [0, 1, 2], (16, 16), perspective=False)[0] == -1).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_linear_depth_is_cut_at_z_clip(dtype):
    verts = np.array([[-1, -3, 0], [1, -3, 0], [0, 3, 6]], dtype)
    whole = rasterize_one(verts + dtype([0, 0, 10]), [0, 1, 2], (30, 30), perspective=False)
    for z_clip in (0.0, 2.0, 3.5):
        pix_to_face, zbuf, bary, _ = rasterize_one(verts, [0, 1, 2], (30, 30), perspective=False, z_clip=z_clip)
        seen = pix_to_face == 0
        expected = (whole[0] == 0) & (whole[1] - 10 >= z_clip)
        unsure = (whole[1] - 10 - z_clip).abs() < 1e-4
        assert torch.equal(seen[~unsure], expected[~unsure]) and seen.any()
        torch.testing.assert_close(bary[seen], whole[2][seen], rtol=1e-4, atol=1e-5)


def test_linear_distances_are_those_to_the_part_that_z_clip_leaves():
    """The depth of the face is y + 2: cut at z = 2, its lower edge is y = 0."""
    verts = np.array([[x, y, y + 2] for x, y in ([-9, -1.5], [9, -1.5], [0, 9])], np.float32)
    pix_to_face, _, _, dists = rasterize_one(verts, [0, 1, 2], (20, 20), perspective=False, z_clip=2.0)
    assert (pix_to_face[:10] == 0).all() and (pix_to_face[10:] == -1).all()
    torch.testing.assert_close(dists[9], torch.full((20,), -(0.05**2)), rtol=1e-3, atol=0)


# --- What users report --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("perspective", [False, True])
def test_small_faces_appear(perspective, dtype):
    """Those that cover a pixel's centre, down to a hundredth of a pixel, whose area in NDC is below 1e-9."""
    size, rng = (512, 512), np.random.default_rng(17)
    for extent in (0.5, 0.05, 0.01):
        row, column = rng.integers(0, 512, (2, 50))
        centre = np.stack([511 / 2 - column, 511 / 2 - row], -1)[:, None] / 256
        corners = np.array([[-1, -1], [1, -1], [0, 1]]) * extent / 256
        verts = np.concatenate([centre + corners, np.full((50, 3, 1), 3.0)], -1).reshape(-1, 3).astype(dtype)
        pix_to_face = rasterize_one(verts, np.arange(150).reshape(-1, 3), size, perspective=perspective)[0]
        assert (pix_to_face[row, column] >= 0).all()
        assert (pix_to_face >= 0).sum() == len({*zip(row.tolist(), column.tolist())})


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("perspective", [False, True])
def test_distant_faces_appear(perspective, dtype):
    for depth in (1e2, 1e5, 1e9, 1e15):
        verts = np.array([[-0.5, -0.5, depth], [0.5, -0.5, 1.5 * depth], [0, 0.5, 2 * depth]], dtype)
        pix_to_face, zbuf, bary, _ = rasterize_one(verts, [0, 1, 2], (32, 32), perspective=perspective)
        seen = pix_to_face == 0
        assert seen.sum() > 100
        np.testing.assert_allclose(zbuf[seen], bary[seen].numpy() @ verts[:, 2], rtol=1e-4)
        assert (zbuf[seen] >= depth * (1 - 1e-5)).all() and (zbuf[seen] <= 2 * depth * (1 + 1e-5)).all()


@pytest.mark.parametrize("perspective", [False, True])
@pytest.mark.parametrize("faces_per_pixel, blur_radius", [(1, 0.0), (4, 0.0), (4, 1e-2)])
def test_nothing_from_behind_the_camera_appears(faces_per_pixel, blur_radius, perspective):
    rng = np.random.default_rng(18)
    view = rng.uniform([-3, -3, -5], [3, 3, -1e-3], (300, 3))
    for z_clip in (-1.0, 0.0, 0.1):
        for verts in (project(view) if perspective else view, -view * [1, 1, -1]):
            verts = torch.tensor(verts, dtype=torch.float32)
            results = torch.ops.bisque.rasterize_meshes(
                verts, torch.arange(300).view(-1, 3), torch.tensor([0]), torch.tensor([100]), 40, 40, faces_per_pixel, blur_radius,
                perspective, z_clip=z_clip,
            )  # fmt: skip
            assert (results[0] == -1).all()


# --- Batches, hostile input, determinism --------------------------------------------------------------------------


def test_batch_of_ragged_meshes_equals_single_meshes():
    verts, faces = random_soup(10, 90, 1.2, 0.4, np.float32)
    ranges = [(0, 20), (20, 0), (20, 45), (65, 1), (66, 24), (10, 30)]
    batch = rasterize(verts, faces, (45, 80), ranges)
    for n, (first, count) in enumerate(ranges):
        single = rasterize_one(verts, faces[first : first + count], (45, 80))
        numbered = torch.where(single[0] >= 0, single[0] + first, single[0])
        assert torch.equal(batch[0][n], numbered)
        for a, b in zip(batch[1:], single[1:]):
            assert torch.equal(a[n], b)


@pytest.mark.parametrize("dtype", DTYPES)
def test_empty_input(dtype):
    none = torch.zeros(0, 3, dtype=dtype)
    results = rasterize(none, torch.zeros(0, 3, dtype=torch.int64), (5, 7), [(0, 0)])
    assert all((result == -1).all() and result.numel() > 0 for result in results)
    empty = torch.zeros(0, dtype=torch.int64)
    faces = torch.zeros(0, 3, dtype=torch.int64)
    for first, height, width in ((empty, 4, 4), (torch.zeros(1, dtype=torch.int64), 0, 4), (torch.zeros(1, dtype=torch.int64), 4, 0)):
        results = torch.ops.bisque.rasterize_meshes(none, faces, first, first, height, width)
        assert results[0].shape == (len(first), height, width, 1) and results[0].numel() == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("z_clip", [-1.0, 0.1])
def test_faces_with_vertices_that_are_no_numbers_are_not_drawn(z_clip, axis, value):
    verts, faces = random_soup(11, 40, 1, 0.5, np.float32)
    clean = rasterize_one(verts, faces[1:], (40, 40), z_clip=z_clip)
    verts[faces[0, 1], axis] = value
    dirty = rasterize_one(verts, faces, (40, 40), z_clip=z_clip)
    assert torch.equal(dirty[0], torch.where(clean[0] >= 0, clean[0] + 1, clean[0]))
    assert torch.equal(dirty[2], clean[2])


def test_huge_values_do_no_harm():
    rng = np.random.default_rng(12)
    verts = (rng.choice([-1, 1], (300, 3)) * 10.0 ** rng.uniform(-40, 38, (300, 3))).astype(np.float32)
    faces = rng.integers(0, 300, (500, 3))
    for perspective in (False, True):
        for z_clip in (-1.0, 1e-30, 1e20):
            pix_to_face, zbuf, bary, _ = rasterize_one(verts, faces, (70, 70), perspective=perspective, z_clip=z_clip)
            assert ((pix_to_face >= -1) & (pix_to_face < 500)).all()
            assert not torch.isnan(zbuf).any() and not torch.isnan(bary).any()


@pytest.mark.parametrize("bad, message", BAD_RANGES)
def test_a_range_outside_the_faces_is_an_error(bad, message):
    verts, faces = torch.ones(3, 3), torch.tensor([[0, 1, 2]] * 22)
    with pytest.raises(RuntimeError, match=f"rasterize_meshes: expected {message} at 1"):
        rasterize(verts, faces, (8, 8), [(0, 22), bad])


@pytest.mark.parametrize("index", [-1, 3, 2**31, 2**62, -(2**63)])
def test_face_index_out_of_range_is_an_error(index):
    verts = torch.ones(3, 3)
    faces = torch.tensor([[0, 1, 2]] * 70 + [[0, index, 1]] + [[2, 1, 0]] * 5)
    with pytest.raises(RuntimeError, match=rf"rasterize_meshes: expected faces to lie in \[0, 3\), but got {index} at \[70, 1\]"):
        rasterize(verts, faces, (8, 8))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_threads_do_not_matter(all_thread_counts, dtype):
    verts, faces = large_scene()
    first, *others = all_thread_counts(lambda: rasterize(verts.astype(dtype), faces, (300, 260), z_clip=0.1))
    for other in others:
        assert all(torch.equal(a, b) for a, b in zip(first, other))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("perspective", [False, True])
def test_simd_targets_do_not_matter(all_simd_targets, perspective, dtype):
    verts, faces = large_scene()
    first, *others = all_simd_targets(
        lambda: rasterize(verts.astype(dtype), faces, (131, 203), perspective=perspective, z_clip=0.1)
    )
    for other in others:
        assert all(torch.equal(a, b) for a, b in zip(first, other))


def test_large_picture():
    verts, faces = plane_mesh(14, 20, 0.9, np.float32)
    pix_to_face = rasterize_one(verts, faces, (2048, 4096), with_dists=False)[0]
    inner = slice(1024 - 880, 1024 + 880), slice(2048 - 880, 2048 + 880)
    assert (pix_to_face[inner] >= 0).all()
    covered = int((pix_to_face >= 0).sum())
    assert abs(covered - 0.81 * 2048 * 2048) < 2048 * 4
