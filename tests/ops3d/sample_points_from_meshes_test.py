"""The op sample_points_from_meshes and its gradient, against torch's searchsorted."""

import math

import pytest
import torch

from bisque3d.testing import OpTests

NAN, INF = math.nan, math.inf


def first_of(sizes: list) -> torch.Tensor:
    return torch.tensor(sizes, dtype=torch.int64).cumsum(0) - torch.tensor(sizes, dtype=torch.int64)


class TestSamplePointsFromMeshes(OpTests):
    op = "bisque::sample_points_from_meshes"
    gradients = ["verts"]
    gradcheck_cases = ["small"]

    def meshes(self, V, sizes, S, dtype, random):
        faces = torch.randint(max(V, 1), (sum(sizes), 3), generator=random.generator)
        return dict(
            verts=random(V, 3, dtype=dtype), faces=faces, mesh_to_faces_packed_first_idx=first_of(sizes),
            num_faces_per_mesh=torch.tensor(sizes, dtype=torch.int64),
            uniforms=torch.rand(len(sizes), S, 3, generator=random.generator, dtype=torch.float64).to(dtype),
        )  # fmt: skip

    def inputs_many(self, dtype, random):
        return self.meshes(40, [50, 0, 7, 300], 400, dtype, random)

    def inputs_small(self, dtype, random):
        faces = torch.tensor([[0, 1, 2], [1, 2, 3], [3, 4, 5], [0, 4, 2], [5, 1, 3]])
        return {**self.meshes(6, [3, 2], 4, dtype, random), "faces": faces}

    def inputs_faces_between_meshes(self, dtype, random):
        """Faces that are those of no mesh."""
        inputs = self.meshes(20, [10, 6], 50, dtype, random)
        return {**inputs, "num_faces_per_mesh": torch.tensor([8, 5])}

    def inputs_no_faces(self, dtype, random):
        return self.meshes(4, [0, 0], 5, dtype, random)

    def inputs_no_meshes(self, dtype, random):
        return self.meshes(4, [], 5, dtype, random)

    def inputs_no_samples(self, dtype, random):
        return self.meshes(4, [3], 0, dtype, random)

    def reference(self, verts, faces, mesh_to_faces_packed_first_idx, num_faces_per_mesh, uniforms):
        N, S, _ = uniforms.shape
        samples, idx, bary = torch.zeros_like(uniforms), torch.full((N, S), -1), torch.zeros_like(uniforms)
        for n, (first, count) in enumerate(zip(mesh_to_faces_packed_first_idx.tolist(), num_faces_per_mesh.tolist())):
            if count == 0:
                continue
            corners = verts.double()[faces[first : first + count]]
            areas = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).norm(dim=1)
            sums = areas.cumsum(0)
            idx[n] = first + torch.searchsorted(sums / sums[-1], uniforms[n, :, 0].double().contiguous(), right=True)
            root, along = uniforms[n, :, 1].sqrt(), uniforms[n, :, 2]
            bary[n] = torch.stack((1 - root, root * (1 - along), root * along), -1)
            samples[n] = (bary[n, :, :, None] * verts[faces[idx[n]]]).sum(1)
        return samples, idx, bary

    errors = [
        (dict(uniforms=torch.rand(2, 5)), r"sample_points_from_meshes: expected uniforms to have shape \[N, S, 3\]"),
        (dict(num_faces_per_mesh=torch.tensor([11, 5])), r"expected num_faces_per_mesh to lie in \[0, 11\), but got 11 at 0"),
        (dict(num_faces_per_mesh=torch.tensor([8, -1])), r"expected num_faces_per_mesh to lie in \[0, 7\), but got -1 at 1"),
        (dict(mesh_to_faces_packed_first_idx=torch.tensor([1, 10])), r"mesh_to_faces_packed_first_idx to lie in \[0, 1\), but got 1 at 0"),
        (dict(mesh_to_faces_packed_first_idx=torch.tensor([0, 17])), r"mesh_to_faces_packed_first_idx to lie in \[0, 17\), but got 17 at 1"),
        (dict(faces=torch.full((16, 3), 20)), r"sample_points_from_meshes: expected faces to lie in \[0, 20\), but got 20 at \[0, 0\]"),
    ]


def sample(verts, faces, uniforms, sizes=None):
    sizes = sizes or [len(faces)]
    return torch.ops.bisque.sample_points_from_meshes(verts, faces, first_of(sizes), torch.tensor(sizes), uniforms)


def rand(*sizes, seed=0, dtype=torch.float32):
    return torch.rand(*sizes, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def test_samples_are_evenly_distributed():
    """Of a square of four triangles of different areas: each cell of a grid has as many, but for three standard deviations or so."""
    verts = torch.tensor([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0.3, 0.2, 0]])
    faces = torch.tensor([[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]])
    samples, _, bary = sample(verts, faces, rand(1, 160_000, 3))
    assert (bary >= 0).all()
    torch.testing.assert_close(bary.sum(-1), torch.ones(1, 160_000))
    cells = (samples[0, :, :2] * 4).long().clamp(0, 3)
    counts = torch.bincount(4 * cells[:, 0] + cells[:, 1], minlength=16).double()
    assert ((counts - 10_000).abs() < 400).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_face_without_an_area_is_never_chosen(dtype):
    verts = torch.tensor([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0.5, 0, 0], [2, 2, 2]], dtype=dtype)
    faces = torch.tensor([[0, 1, 3], [4, 4, 4], [0, 1, 2], [1, 1, 2], [0, 0, 0], [2, 1, 0], [4, 4, 1]])
    uniforms = rand(1, 1000, 3, dtype=dtype)
    uniforms[0, :4, 0] = torch.tensor([0, 1 - 1e-7, 0.5, 0.49999], dtype=dtype)
    samples, idx, _ = sample(verts, faces, uniforms)
    assert set(idx.flatten().tolist()) == {2, 5} and samples.isfinite().all()


def test_the_shares_of_small_and_large_meshes_of_a_batch():
    """Each mesh has its own scale: areas of 1e-20 and 1e20 beside each other."""
    tri = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [-3, 0, 0]])
    verts = torch.cat((1e-10 * tri, 1e10 * tri))
    faces = torch.tensor([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]])
    _, idx, _ = sample(verts, faces, rand(2, 40_000, 3), [2, 2])
    assert (idx == 0).sum().item() == pytest.approx(10_000, abs=400) and (idx == 2).sum().item() == pytest.approx(10_000, abs=400)
    assert ((idx[0] == 0) | (idx[0] == 1)).all() and ((idx[1] == 2) | (idx[1] == 3)).all()


def test_many_faces_have_equal_shares():
    faces = torch.arange(3 * 4096).reshape(-1, 3)
    verts = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]).repeat(4096, 1)
    uniforms = rand(1, 4096, 3)
    uniforms[0, :, 0] = (torch.arange(4096) + 0.5) / 4096
    assert torch.equal(sample(verts, faces, uniforms)[1][0], torch.arange(4096))


def test_a_mesh_without_any_area():
    """All faces are chosen alike, and nothing is NaN."""
    verts = torch.tensor([[1.0, 2, 3], [2, 2, 3], [4, 2, 3]], requires_grad=True)
    samples, idx, _ = sample(verts, torch.tensor([[0, 0, 0], [0, 1, 2], [1, 1, 2], [2, 2, 2]]), rand(1, 4000, 3))
    assert torch.bincount(idx.flatten(), minlength=4).sub(1000).abs().max() < 150
    torch.testing.assert_close(samples[..., 1:], torch.tensor([2.0, 3]).expand(1, 4000, 2))
    samples.sum().backward()
    torch.testing.assert_close(verts.grad.sum(0), torch.full((3,), 4000.0))


def test_empty_meshes_of_a_batch_give_zeros():
    verts, faces = torch.eye(3, requires_grad=True), torch.tensor([[0, 1, 2]])
    samples, idx, bary = sample(verts, faces, rand(3, 6, 3), [0, 1, 0])
    for part in (samples[::2], bary[::2]):
        assert not part.any()
    assert (idx[::2] == -1).all() and (idx[1] == 0).all()
    torch.testing.assert_close(samples[1].sum(-1), torch.ones(6))
    samples[::2].sum().backward()
    assert not verts.grad.any()


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
def test_a_face_that_is_not_finite_is_never_chosen(bad):
    verts = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [bad, 0, 0]])
    samples, idx, _ = sample(verts, torch.tensor([[3, 1, 2], [0, 1, 2], [0, 3, 2]]), rand(1, 100, 3))
    assert (idx == 1).all() and samples.isfinite().all()
    samples, idx, _ = sample(verts, torch.tensor([[3, 1, 2]]), rand(1, 100, 3))
    assert (idx == -1).all() and not samples.any()


def test_uniforms_out_of_range_count_as_the_nearest_end():
    verts = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 1]])
    faces = torch.tensor([[0, 1, 2], [1, 2, 3]])
    ends = [sample(verts, faces, torch.full((1, 1, 3), x)) for x in (0.0, 1.0)]
    for value, expected in ((-5.0, ends[0]), (NAN, ends[0]), (-INF, ends[0]), (7.0, ends[1]), (INF, ends[1])):
        for result, other in zip(sample(verts, faces, torch.full((1, 1, 3), value)), expected):
            assert torch.equal(result, other)
    assert [idx.item() for _, idx, _ in ends] == [0, 1]


def test_a_bad_face_of_the_gradient_is_reported():
    verts, faces = torch.eye(3), torch.tensor([[0, 1, 2]])
    call = torch.ops.bisque._sample_points_from_meshes_backward
    with pytest.raises(RuntimeError, match=r"expected face_idx to lie in \[-1, 1\), but got 1 at \[0, 1\]"):
        call(torch.ones(1, 2, 3), verts, faces, torch.tensor([[0, 1]]), torch.ones(1, 2, 3))
    with pytest.raises(RuntimeError, match=r"expected faces to lie in \[0, 3\), but got 3 at \[0, 2\]"):
        call(torch.ones(1, 1, 3), verts, torch.tensor([[0, 1, 3]]), torch.tensor([[0]]), torch.ones(1, 1, 3))


def cuda_results(op, *arguments):
    return [result.cpu() for result in op(*(a.cuda() for a in arguments))]


@pytest.mark.cuda
def test_cuda_chooses_the_same_faces():
    verts, faces = torch.randn(50, 3), torch.randint(50, (700, 3))
    arguments = verts, faces, first_of([700, 0]), torch.tensor([700, 0]), rand(2, 300, 3)
    op = torch.ops.bisque.sample_points_from_meshes
    for result, expected in zip(cuda_results(op, *arguments), op(*arguments)):
        torch.testing.assert_close(result, expected, rtol=0, atol=0)


@pytest.mark.cuda
def test_cuda_never_chooses_a_bad_face():
    verts, faces = torch.randn(4, 3), torch.tensor([[0, 1, 9], [0, 1, 2], [-1, 2, 3], [1 << 40, 0, 0]])
    arguments = verts, faces, torch.tensor([0, -7, 3, 1 << 40]), torch.tensor([9, -1, 1 << 40, 1 << 62]), rand(4, 30, 3)
    samples, idx, _ = cuda_results(torch.ops.bisque.sample_points_from_meshes, *arguments)
    assert ((idx == 1) | (idx == -1)).all() and samples.isfinite().all() and (idx[0] == 1).all()
