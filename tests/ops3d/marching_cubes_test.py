"""The op marching_cubes against single cells put together and what holds of any closed surface."""

import itertools
import math

import pytest
import torch

from bisque3d.testing import OpTests

DTYPES = [torch.float32, torch.float64]


def march(vol, isolevel=None, local=False):
    return torch.ops.bisque.marching_cubes(vol, isolevel, local)


def meshes(vol, isolevel=None, local=False):
    """A list of (verts, faces)."""
    verts, faces, num_verts, num_faces = march(vol, isolevel, local)
    assert verts.dtype == vol.dtype and faces.dtype == num_verts.dtype == num_faces.dtype == torch.int64
    assert verts.shape == (num_verts.sum(), 3) and faces.shape == (num_faces.sum(), 3)
    return list(zip(verts.split(num_verts.tolist()), faces.split(num_faces.tolist())))


def triangles(verts, faces, digits=4):
    """Oriented triangles as a sorted list, each turned so that its least corner comes first."""
    result = []
    for corners in (verts[faces].double() * 10**digits).round().long().tolist():
        first = corners.index(min(corners))
        result.append(corners[first:] + corners[:first])
    return sorted(result)


def directed_edges(faces):
    """How often each edge is run through from a to b."""
    counts = {}
    for a, b, c in faces.tolist():
        for edge in ((a, b), (b, c), (c, a)):
            counts[edge] = counts.get(edge, 0) + 1
    return counts


def assert_closed(faces):
    counts = directed_edges(faces)
    assert all(counts.get((b, a)) == count for (a, b), count in counts.items())


def euler(verts, faces):
    return len(verts) - len(directed_edges(faces)) // 2 + len(faces)


def assert_sound(verts, faces):
    """Vertices are used, no two are one point, and no triangle has one twice."""
    assert torch.equal(faces.unique(), torch.arange(len(verts)))
    assert len(verts.unique(dim=0)) == len(verts)
    assert (faces != faces.roll(1, 1)).all()


def assert_on_edges(vol, verts, isolevel, **close):
    """Each vertex lies on an edge of the grid, or is a grid point, where the volume between two grid points is isolevel."""
    lower, upper = verts.floor().long(), verts.ceil().long()
    assert ((lower != upper).sum(1) <= 1).all()
    a, b = (vol[p[:, 2], p[:, 1], p[:, 0]] for p in (lower, upper))
    along = (verts - lower).sum(1)
    torch.testing.assert_close(a + along * (b - a), torch.full_like(a, isolevel), **close)


def border_outside(vol, value):
    vol[:, [0, -1]] = value
    vol[:, :, [0, -1]] = value
    vol[..., [0, -1]] = value
    return vol


def random_volume(*size, dtype=torch.float32, seed=0):
    return torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def integer_volume(*size, dtype=torch.float32, seed=0):
    """Full of values that equal an isolevel of 0."""
    return torch.randint(-2, 3, size, generator=torch.Generator().manual_seed(seed)).to(dtype)


def grid(size):
    axis = torch.linspace(-1, 1, size, dtype=torch.float64)
    return torch.meshgrid(axis, axis, axis, indexing="ij")


# --- The table ----------------------------------------------------------------------------------------------------


def all_cells(cells=1):
    """Volumes of `cells` cells along z, with each pattern of inside and outside."""
    points = 4 * (cells + 1)
    patterns = torch.arange(1 << points)
    inside = patterns[:, None] >> torch.arange(points) & 1
    return (1 - 2 * inside).double().view(-1, cells + 1, 2, 2)


def test_a_cell_uses_each_edge_that_changes_sign_and_no_other():
    for vol, (verts, faces) in zip(all_cells(), meshes(all_cells(), 0.0)):
        expected = []
        for a, b in itertools.combinations(itertools.product((0, 1), repeat=3), 2):
            if sum(i != j for i, j in zip(a, b)) == 1 and vol[a] != vol[b]:
                expected.append([(i + j) / 2 for i, j in zip(a, b)][::-1])
        assert sorted(verts.tolist()) == sorted(expected)
        assert torch.equal(faces.unique(), torch.arange(len(verts)))


@pytest.mark.parametrize("axes", [(0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 2, 1)])
def test_neighbouring_cells_fit(axes):
    vol = all_cells(2).permute(axes)
    middle = 3 - axes.index(1)  # the axis, of x, y and z, along which there are two cells
    for verts, faces in meshes(vol, 0.0):
        counts = directed_edges(faces)
        for (a, b), count in counts.items():
            back = counts.get((b, a), 0)
            assert count <= 1 and back <= 1
            assert back or verts[a, middle] != 1 or verts[b, middle] != 1, "an open edge between two cells"


def test_a_corner_inside_faces_outwards():
    vol = torch.ones(1, 2, 2, 2)
    vol[0, 0, 0, 0] = 0
    ((verts, faces),) = meshes(vol)
    assert triangles(verts, faces, 1) == [[[0, 0, 5], [5, 0, 0], [0, 5, 0]]]


# --- Whole volumes ------------------------------------------------------------------------------------------------


def by_single_cells(vol, isolevel):
    """The triangles of all cells, each marched as a volume of its own."""
    corners = vol.unfold(0, 2, 1).unfold(1, 2, 1).unfold(2, 2, 1)
    result = []
    places = itertools.product(*(range(n) for n in corners.shape[:3]))
    for (z, y, x), (verts, faces) in zip(places, meshes(corners.reshape(-1, 2, 2, 2), isolevel)):
        result += triangles(verts + torch.tensor([x, y, z]), faces)
    return sorted(result)


class TestMarchingCubes(OpTests):
    op = "bisque::marching_cubes"
    gradcheck_cases = ["batch"]
    data_dependent = True

    def inputs_batch(self, dtype, random):
        return dict(vol=random(3, 3, 4, 33, dtype=dtype))

    def inputs_isolevel(self, dtype, random):
        return dict(vol=random(1, 4, 5, 6, dtype=dtype), isolevel=0.25, return_local_coords=False)

    def inputs_no_cells(self, dtype, random):
        return dict(vol=random(2, 0, 4, 5, dtype=dtype), isolevel=0.0)

    def reference(self, vol, isolevel=None, return_local_coords=True):
        """How many triangles there are; what they are is tested below."""
        if not vol.numel():
            return None, None, None, torch.zeros(len(vol), dtype=torch.int64)
        levels = [(v.min() + v.max()).item() / 2 if isolevel is None else isolevel for v in vol]
        return None, None, None, torch.tensor([len(by_single_cells(v, level)) for v, level in zip(vol, levels)])


@pytest.mark.parametrize("make", [random_volume, integer_volume])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [(2, 2, 2), (3, 4, 5), (2, 3, 33), (3, 2, 34), (2, 2, 65), (5, 4, 31), (4, 3, 32)])
def test_equals_its_cells(make, dtype, size):
    vol = make(1, *size, dtype=dtype)
    ((verts, faces),) = meshes(vol, 0.0)
    assert triangles(verts, faces) == by_single_cells(vol[0], 0.0)
    assert_sound(verts, faces)


@pytest.mark.parametrize("make", [random_volume, integer_volume])
@pytest.mark.parametrize("size", [(4, 5, 6), (3, 3, 3), (9, 8, 70), (12, 12, 12)])
def test_surface_inside_the_border_is_closed(make, size):
    vol = border_outside(make(2, *size, dtype=torch.float64), 1.0)
    vol[:, 1, 1, 1] = -1
    for v, (verts, faces) in zip(vol, meshes(vol, 0.0)):
        assert len(faces) > 0
        assert_closed(faces)
        assert_sound(verts, faces)
        assert_on_edges(v, verts, 0.0, rtol=0, atol=1e-12)


def test_random_float_vertices_lie_at_the_interpolation():
    vol = random_volume(1, 9, 10, 40)
    ((verts, _),) = meshes(vol, 0.3)
    assert_on_edges(vol[0], verts, 0.3, rtol=0, atol=2e-5)


def test_sphere():
    z, y, x = grid(24)
    ((verts, faces),) = meshes((x * x + y * y + z * z).sqrt()[None], 0.8, local=True)
    assert_closed(faces)
    assert euler(verts, faces) == 2
    torch.testing.assert_close(
        verts.norm(dim=1), torch.full((len(verts),), 0.8, dtype=torch.float64), rtol=0, atol=4e-3
    )
    a, b, c = verts[faces].unbind(1)
    volume = (a * torch.linalg.cross(b, c)).sum() / 6  # positive where faces look away from the inside
    assert math.isclose(volume, 4 / 3 * math.pi * 0.8**3, rel_tol=0.01)


def test_torus():
    z, y, x = grid(30)
    ((verts, faces),) = meshes((((x * x + y * y).sqrt() - 0.6) ** 2 + z * z).sqrt()[None], 0.25)
    assert_closed(faces)
    assert euler(verts, faces) == 0


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("level", [2, 31, 32])
def test_plane_through_grid_points_is_whole(axis, level):
    # All values of one layer equal the isolevel: 5 x 6 points are the vertices, and two triangles a square.
    size = [5, 6]
    size.insert(2 - axis, 40)
    along = [1, 1, 1]
    along[2 - axis] = 40
    vol = torch.arange(40.0).view(along).expand(size)
    ((verts, faces),) = meshes(vol[None], float(level))
    assert len(verts) == 30 and len(faces) == 40 and (verts[:, axis] == level).all()
    assert_sound(verts, faces)
    a, b, c = verts[faces].unbind(1)
    area = torch.linalg.cross(b - a, c - a).sum(0) / 2
    assert area[axis] == 4 * 5 and area.abs().sum() == 4 * 5  # towards the greater values


def test_cube_at_the_isolevel_has_its_eight_corners():
    vol = torch.zeros(1, 5, 5, 5)
    vol[:, 1:3, 1:3, 1:3] = 1
    ((verts, faces),) = meshes(vol, 1.0)
    assert sorted(verts.tolist()) == [list(p) for p in itertools.product((1.0, 2.0), repeat=3)]
    assert len(faces) == 12
    assert_closed(faces)


def test_scale_of_values_does_not_matter():
    vol = random_volume(1, 6, 6, 6)
    tiny, plain = meshes(vol * 2.0**-60, 0.0)[0], meshes(vol, 0.0)[0]
    assert torch.equal(tiny[0], plain[0]) and torch.equal(tiny[1], plain[1])


# --- Coordinates, isolevels, batches ------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_local_coordinates_span_minus_one_to_one(dtype):
    vol = random_volume(1, 4, 7, 35, dtype=dtype)
    ((plain, faces),) = meshes(vol, 0.0)
    ((local, same),) = meshes(vol, 0.0, local=True)
    assert torch.equal(faces, same)
    torch.testing.assert_close(local, 2 * plain / torch.tensor([34, 6, 3]) - 1)
    assert local.min() == -1 and local.max() == 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_isolevel_is_halfway_of_each_volume_by_default(dtype):
    vol = random_volume(3, 5, 6, 50, dtype=dtype) * torch.tensor([1, 10, 0.1]).view(3, 1, 1, 1) + torch.tensor(
        [0, 5, -1]
    ).view(3, 1, 1, 1)
    vol = vol.to(dtype)
    for v, (verts, faces) in zip(vol, meshes(vol)):
        ((expected, expected_faces),) = meshes(v[None], (0.5 * v.max() + 0.5 * v.min()).item())
        assert len(faces) > 0 and torch.equal(verts, expected) and torch.equal(faces, expected_faces)


def test_extremes_in_every_place_are_found():
    for size in ((2, 2, 2), (2, 3, 37)):
        count = math.prod(size)
        for place in range(count):
            vol = torch.zeros(count)
            vol[place], vol[place - 1] = 3, -1
            with_default, with_number = march(vol.view(1, *size)), march(vol.view(1, *size), 1.0)
            assert all(torch.equal(a, b) for a, b in zip(with_default, with_number))


def test_ragged_batch_is_its_volumes():
    vol = random_volume(5, 4, 5, 36)
    vol[1], vol[4] = 1.0, -1.0  # nothing to see, first and last
    vol[3] *= torch.rand(4, 5, 36) < 0.05
    vol[4, 2, 2, 2] = 1
    verts, faces, num_verts, num_faces = march(vol, 0.1)
    assert num_faces[1] == 0 and num_faces[4] == 8 and num_verts[4] == 6
    for i, (verts, faces) in enumerate(meshes(vol, 0.1)):
        ((expected, expected_faces),) = meshes(vol[i : i + 1], 0.1)
        assert torch.equal(verts, expected) and torch.equal(faces, expected_faces)


@pytest.mark.parametrize(
    "size",
    [(0, 3, 3, 3), (2, 0, 3, 3), (2, 3, 0, 3), (2, 3, 3, 0), (2, 1, 3, 3), (2, 3, 1, 3), (2, 3, 3, 1), (0, 0, 0, 0)],
)
@pytest.mark.parametrize("isolevel", [0.0, None])
def test_no_cells_no_mesh(size, isolevel):
    verts, faces, num_verts, num_faces = march(random_volume(*size), isolevel)
    assert verts.shape == faces.shape == (0, 3)
    assert torch.equal(num_verts, torch.zeros(size[0], dtype=torch.int64)) and torch.equal(num_faces, num_verts)


@pytest.mark.parametrize("isolevel", [0.0, None])
def test_constant_volume_has_no_mesh(isolevel):
    for value in (0.0, 1.0, -1.0):
        assert len(march(torch.full((1, 3, 4, 40), value), isolevel)[1]) == 0


def test_non_contiguous():
    vol = random_volume(2, 6, 5, 40)
    for strided in (
        vol.permute(0, 3, 2, 1),
        vol[:, ::2],
        vol.repeat_interleave(2, 3)[..., ::2],
        vol[:1].expand(3, 6, 5, 40),
    ):
        assert not strided.is_contiguous()
        assert all(torch.equal(a, b) for a, b in zip(march(strided, 0.0), march(strided.contiguous(), 0.0)))


@pytest.mark.parametrize("make", [random_volume, integer_volume])
def test_same_for_any_number_of_threads(make, all_thread_counts):
    vol = make(3, 20, 30, 100)
    for isolevel in (0.0, None):
        one, *others = all_thread_counts(lambda: march(vol, isolevel))
        assert all(torch.equal(a, b) for other in others for a, b in zip(one, other))


@pytest.mark.parametrize("dtype", DTYPES)
def test_same_for_any_simd_target(dtype, all_simd_targets):
    vol = integer_volume(2, 7, 8, 75, dtype=dtype)
    vol[0, 2:4] = float("nan")
    for isolevel in (0.0, None):
        best, *others = all_simd_targets(lambda: march(vol, isolevel))
        assert all(torch.equal(a, b) for other in others for a, b in zip(best, other))


# --- NaN, infinities, errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_is_outside(dtype):
    vol = border_outside(random_volume(1, 8, 8, 40, dtype=dtype), 1.0)
    holes = torch.rand(vol.shape, generator=torch.Generator().manual_seed(1)) < 0.2
    ((verts, faces),) = meshes(vol.masked_fill(holes, float("nan")), 0.0)
    filled = vol.masked_fill(holes, 1.0)
    ((expected, expected_faces),) = meshes(filled, 0.0)
    assert torch.equal(faces, expected_faces) and verts.isfinite().all()
    # Next to NaN a vertex is the middle of its edge, elsewhere it is where it was.
    moved = (verts != expected).any(1)
    assert 0 < moved.sum() < len(verts) and ((verts[moved] % 1 == 0.5).sum(1) == 1).all()
    # The extremes leave NaN out.
    assert torch.equal(
        march(vol.masked_fill(holes, float("nan")))[1],
        march(filled, (vol[~holes].max() + vol[~holes].min()).item() / 2)[1],
    )


def test_nan_alone_has_no_mesh():
    for isolevel in (0.0, None):
        assert len(march(torch.full((1, 4, 4, 40), float("nan")), isolevel)[0]) == 0


def test_infinities():
    vol = torch.ones(1, 2, 2, 2)
    vol[0, 0, 0, 0] = -float("inf")
    vol[0, 0, 0, 1] = float("inf")
    ((verts, faces),) = meshes(vol, 0.0)
    assert verts.isfinite().all() and len(faces) == 1
    assert sorted(verts.tolist()) == [[0, 0, 0.5], [0, 0.5, 0], [0.5, 0, 0]]
    assert march(vol)[0].shape == (0, 3)  # no halfway between them


def test_greatest_floats_have_a_halfway():
    vol = torch.full((1, 2, 2, 2), 3e38)
    vol[0, 0, 0, 0] = 2.9e38
    ((verts, _),) = meshes(vol)
    torch.testing.assert_close(verts.sum(1), torch.full((3,), 0.5), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "vol,isolevel,message",
    [
        (
            torch.zeros(2, 2, 2),
            None,
            r"marching_cubes: expected vol to have shape \[N, D, H, W\] = \[\*, \*, \*, \*\], but got \[2, 2, 2\]",
        ),
        (
            torch.zeros(1, 2, 2, 2, dtype=torch.int32),
            None,
            "marching_cubes: expected vol to be float32 or float64, but got int32",
        ),
        (torch.zeros(1, 2, 2, 2), float("nan"), "marching_cubes: expected isolevel to be a number or None, but got nan"),
        (torch.zeros(1, 2, 2, 2), float("-inf"), "marching_cubes: expected isolevel to be finite, but got -inf"),
        (
            torch.zeros(1, 2, 2, 2, device="meta"),
            None,
            "marching_cubes: expected vol to hold values, which decide the sizes of the results, but got a meta tensor",
        ),
        (torch.zeros(1, 2, device="meta"), None, r"expected vol to have shape \[N, D, H, W\]"),
        (torch.zeros(1, 2, 2, 2, device="meta"), float("inf"), "expected isolevel to be finite"),
    ],
)
def test_error_messages(vol, isolevel, message):
    with pytest.raises(RuntimeError, match=message):
        march(vol, isolevel)


def test_defaults_and_names():
    op = torch.ops.bisque.marching_cubes
    assert [result.name for result in op.default._schema.returns] == ["verts", "faces", "num_verts", "num_faces"]
    vol = random_volume(1, 4, 4, 4)
    assert all(torch.equal(a, b) for a, b in zip(op(vol), op(vol, None, True)))


# --- CUDA ---------------------------------------------------------------------------------------------------------



@pytest.mark.cuda
@pytest.mark.parametrize("make", [random_volume, integer_volume])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("isolevel,local", [(0.0, False), (0.25, True), (None, True)])
def test_cuda_equals_cpu(make, dtype, isolevel, local):
    for size in ((2, 5, 6, 37), (1, 2, 2, 2), (1, 18, 16, 10)):
        vol = make(*size, dtype=dtype)
        for ours, expected in zip(march(vol.cuda(), isolevel, local), march(vol, isolevel, local)):
            assert ours.is_cuda and torch.equal(ours.cpu(), expected)


@pytest.mark.cuda
def test_cuda_with_nan_and_infinities():
    vol = random_volume(2, 6, 5, 40)
    vol[0, 1, :, 5:9], vol[0, 3, 2, 7], vol[1, 2, 2, 2] = float("nan"), float("inf"), float("nan")
    for isolevel in (0.0, None):
        for ours, expected in zip(march(vol.cuda(), isolevel), march(vol, isolevel)):
            assert torch.equal(ours.cpu(), expected)


@pytest.mark.cuda
@pytest.mark.parametrize("size", [(0, 3, 3, 3), (2, 1, 3, 3), (2, 3, 3, 0)])
def test_cuda_no_cells_no_mesh(size):
    verts, faces, num_verts, num_faces = march(torch.zeros(size).cuda())
    assert verts.shape == faces.shape == (0, 3) and verts.is_cuda
    assert torch.equal(num_verts.cpu(), torch.zeros(size[0], dtype=torch.int64)) and not num_faces.cpu().any()


def test_opcheck_with_sizes_that_depend_on_data():
    torch.library.opcheck(torch.ops.bisque.marching_cubes.default, (random_volume(2, 4, 5, 6),))


def test_compiles_into_one_graph():
    @torch.compile(fullgraph=True, dynamic=True, backend="aot_eager")
    def count(vol):
        verts, faces, _, num_faces = torch.ops.bisque.marching_cubes(vol * 2, 0.0)
        return verts.sum(), faces.shape[0], num_faces

    for size in ((1, 4, 5, 6), (2, 6, 4, 5)):
        vol = random_volume(*size)
        verts, faces, _, num_faces = march(vol * 2, 0.0, True)
        total, number, counts = count(vol)
        torch.testing.assert_close(total, verts.sum())
        assert number == len(faces) and torch.equal(counts, num_faces)


def test_is_not_differentiable_and_says_nothing(recwarn):
    vol = random_volume(1, 4, 4, 4).requires_grad_()
    assert not march(vol, 0.0)[0].requires_grad
    assert not recwarn.list
