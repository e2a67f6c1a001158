"""The op cubify against a cube per voxel, and what holds of any closed surface."""

import itertools

import pytest
import torch

from bisque3d.testing import OpTests, same

TOP_LEFT, CORNER, CENTER = range(3)
SIDES = [(0, -1), (1, 1), (2, -1), (1, -1), (0, 1), (2, 1)]  # axis (x, y, z) and direction, in the order of the faces


def cubes(solid):
    """The exposed sides of the voxels of bool [D, H, W], as sets of corners (y, x, z), in the order of the op."""
    D, H, W = solid.shape
    sides = []
    for y, x, z in itertools.product(range(H), range(W), range(D)):
        if not solid[z, y, x]:
            continue
        for axis, direction in SIDES:
            place = [x, y, z]
            place[axis] += direction
            if all(0 <= i < n for i, n in zip(place, (W, H, D))) and solid[place[2], place[1], place[0]]:
                continue
            ranges = [[x, x + 1], [y, y + 1], [z, z + 1]]
            ranges[axis] = ranges[axis][max(direction, 0) :][:1]
            sides.append({(b, a, c) for a in ranges[0] for b in ranges[1] for c in ranges[2]})
    return sides


def grid_verts(solid):
    """The corners of the exposed sides in order, as x, y, z."""
    corners = sorted(set().union(*cubes(solid)))
    return torch.tensor([(x, y, z) for y, x, z in corners], dtype=torch.float64).reshape(-1, 3)


def meshes(voxels, thresh=0.5, align=CORNER):
    verts, faces, _, num_verts, num_faces = torch.ops.bisque.cubify(voxels, thresh, align)
    return list(zip(verts.split(num_verts.tolist()), faces.split(num_faces.tolist())))


def in_voxels(verts, solid):
    """Vertices of CORNER as corners of voxels."""
    D, H, W = solid.shape
    return (verts.double() + 1) / 2 * torch.tensor([W, H, D])


class TestCubify(OpTests):
    op = "bisque::cubify"
    gradcheck_cases = ["batch"]
    data_dependent = True

    def inputs_batch(self, dtype, random):
        return dict(voxels=random(3, 5, 4, 6, dtype=dtype), thresh=0.3, return_face_voxels=True)

    def inputs_center(self, dtype, random):
        return dict(voxels=random(2, 33, 2, 3, dtype=dtype), thresh=0.0, align=CENTER)

    def inputs_corner(self, dtype, random):
        return dict(voxels=random(1, 65, 3, 2, dtype=dtype), thresh=0.0, align=CORNER)

    def inputs_one_voxel(self, dtype, random):
        return dict(voxels=random(1, 1, 1, 1, dtype=dtype), thresh=-100.0)

    def inputs_no_voxels(self, dtype, random):
        return dict(voxels=random(2, 0, 3, 4, dtype=dtype), thresh=0.0)

    def inputs_no_meshes(self, dtype, random):
        return dict(voxels=random(0, 3, 3, 4, dtype=dtype), thresh=0.0)

    def reference(self, voxels, thresh, align=TOP_LEFT, return_face_voxels=False):
        sizes = torch.tensor(voxels.shape[:0:-1], dtype=torch.float64)
        steps = sizes if align == CORNER else torch.where(sizes == 1, sizes, sizes - 1)
        verts = [(grid_verts(v >= thresh) - (0.5 if align == CENTER else 0)) * 2 / steps - 1 for v in voxels]
        num_verts = torch.tensor([len(v) for v in verts], dtype=torch.int64)
        num_faces = torch.tensor([2 * len(cubes(v >= thresh)) for v in voxels], dtype=torch.int64)
        return torch.cat(verts or [torch.zeros(0, 3)]).to(voxels.dtype), None, None, num_verts, num_faces

    errors = [
        (dict(voxels=torch.zeros(3, 3, 3)), r"cubify: expected voxels to have shape \[N, D, H, W\]"),
        (dict(voxels=torch.zeros(1, 3, 3, 3, dtype=torch.bool)), r"cubify: expected voxels to be float32 or float64"),
        (dict(align=3), r"cubify: expected align to be one of 0, 1, 2, but got 3"),
    ]


def random_voxels(*size, seed=0):
    return torch.rand(size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("size", [(4, 5, 6), (1, 1, 1), (34, 3, 2), (31, 2, 2), (32, 2, 3)])
@pytest.mark.parametrize("share", [0.2, 0.8])
def test_faces_are_the_exposed_sides_in_order(size, share):
    voxels = random_voxels(2, *size)
    for v, (verts, faces) in zip(voxels >= share, meshes(voxels, share)):
        corners = in_voxels(verts, v).round().long()[:, [1, 0, 2]]
        pairs = faces.reshape(-1, 2, 3)  # the two triangles of a side
        expected = cubes(v)
        assert len(pairs) == len(expected)
        for pair, side in zip(pairs, expected):
            assert {tuple(c) for c in corners[pair.flatten()].tolist()} == side
            shared = set(pair[0].tolist()) & set(pair[1].tolist())
            assert len(shared) == 2  # a diagonal, so that the two cover the side


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_surface_is_closed_and_its_volume_is_that_of_the_voxels(share):
    voxels = random_voxels(3, 7, 6, 40)
    for v, (verts, faces) in zip(voxels >= share, meshes(voxels, share)):
        edges = torch.cat([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).tolist()
        counts = {}
        for a, b in edges:
            counts[a, b] = counts.get((a, b), 0) + 1
        assert all(counts.get((b, a)) == count for (a, b), count in counts.items())
        a, b, c = in_voxels(verts, v)[faces].unbind(1)
        volume = (a * torch.linalg.cross(b, c)).sum() / 6  # positive: counter-clockwise seen from outside
        assert volume.item() == pytest.approx(int(v.sum()))


def test_vertices_are_shared_and_used():
    verts, faces = meshes(random_voxels(1, 6, 7, 8))[0]
    assert len(verts.unique(dim=0)) == len(verts)
    assert torch.equal(faces.unique(), torch.arange(len(verts)))


def test_a_thresh_is_compared_in_the_dtype_of_the_voxels():
    # 0.1 as float32 is greater than 0.1 as float64.
    assert len(meshes(torch.full((1, 1, 1, 1), 0.1), 0.1)[0][0]) == 8


def test_nan_is_empty_and_infinity_is_not():
    voxels = torch.tensor([float("nan"), float("inf"), float("-inf")]).view(3, 1, 1, 1)
    assert [len(faces) for _, faces in meshes(voxels, -1e30)] == [0, 12, 0]
    assert [len(faces) for _, faces in meshes(voxels, float("-inf"))] == [0, 12, 12]
    assert [len(faces) for _, faces in meshes(voxels, float("inf"))] == [0, 12, 0]
    assert [len(faces) for _, faces in meshes(voxels, float("nan"))] == [0, 0, 0]


def test_face_voxels_gather_features():
    voxels = random_voxels(2, 3, 4, 5)
    verts, faces, face_voxels, num_verts, num_faces = torch.ops.bisque.cubify(voxels, 0.5, CORNER, True)
    mesh = torch.repeat_interleave(torch.arange(2), num_faces)
    firsts = num_verts.cumsum(0) - num_verts
    D, H, W = 3, 4, 5
    z, y, x = face_voxels // (H * W) % D, face_voxels // W % H, face_voxels % W
    assert torch.equal(mesh, face_voxels // (D * H * W))
    assert (voxels.flatten()[face_voxels] >= 0.5).all()
    corners = in_voxels(verts[faces + firsts[mesh][:, None]], voxels[0])
    centers = torch.stack([x, y, z], 1) + 0.5
    assert (corners - centers[:, None]).abs().max().item() == pytest.approx(0.5, abs=1e-5)  # corners of this voxel


@pytest.mark.cuda
def test_cuda_equals_the_cpu_bit_for_bit():
    voxels = random_voxels(2, 35, 3, 4)
    for align in (TOP_LEFT, CORNER, CENTER):
        cpu, cuda = (torch.ops.bisque.cubify(v, 0.4, align, True) for v in (voxels, voxels.cuda()))
        assert all(same(a, b.cpu()) for a, b in zip(cpu, cuda))
