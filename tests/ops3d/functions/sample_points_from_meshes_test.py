"""sample_points_from_meshes of a batch of meshes (ops3d/functions), against plain torch."""

import math

import pytest
import torch

from tests.testing.functions import functions

TRI = torch.tensor([[0, 1, 2]])


def meshes(dtype=torch.float64):
    """Three meshes, the second of which is empty."""
    random = torch.Generator().manual_seed(0)
    verts = [torch.randn(v, 3, generator=random, dtype=dtype) for v in (6, 0, 4)]
    faces = [torch.tensor([[0, 1, 2], [2, 3, 4], [5, 4, 1]]), torch.zeros(0, 3).long(), torch.tensor([[0, 1, 2], [1, 3, 2]])]
    return verts, faces


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_samples_and_normals(dtype):
    verts, faces = meshes(dtype)
    samples, face_idx, bary, normals = functions.sample_points_from_meshes(verts, faces, 50, True)
    assert samples.shape == normals.shape == bary.shape == (3, 50, 3) and samples.dtype == dtype
    assert not samples[1].any() and not normals[1].any() and (face_idx[1] == -1).all()
    for n, first in ((0, 0), (2, 3)):
        corners = verts[n][faces[n][face_idx[n] - first]]
        torch.testing.assert_close(samples[n], (bary[n, :, :, None] * corners).sum(1))
        expected = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        torch.testing.assert_close(normals[n], expected / expected.norm(dim=1, keepdim=True))


def test_defaults():
    results = functions.sample_points_from_meshes(*meshes())
    assert len(results) == 3 and results[0].shape == (3, 10_000, 3)


def test_manual_seed_repeats_the_samples():
    batches = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        batches.append(functions.sample_points_from_meshes(*meshes(), 20)[0])
    assert torch.equal(batches[0], batches[1]) and not torch.equal(batches[0], batches[2])
    torch.manual_seed(1)
    uniforms = torch.rand(3, 20, 3, dtype=torch.float64)
    assert torch.equal(batches[0], functions.sample_points_from_meshes(*meshes(), uniforms=uniforms)[0])


def test_gradients_of_samples_and_normals():
    verts, faces = meshes()
    uniforms = torch.rand(3, 5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    leaves = [v.requires_grad_() for v in verts]

    def call(*leaves):
        samples, _, _, normals = functions.sample_points_from_meshes(list(leaves), faces, return_normals=True, uniforms=uniforms)
        return samples, normals

    # Moving a vert moves the shares of faces too: the same faces are chosen for a small step.
    assert torch.autograd.gradcheck(call, leaves)


def test_the_normal_of_a_small_face_is_a_unit_vector():
    verts = 1e-6 * torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    normals = functions.sample_points_from_meshes([verts], [TRI], 4, True)[3]
    torch.testing.assert_close(normals, torch.tensor([0.0, 0, 1]).expand(1, 4, 3))


def test_a_face_without_an_area_has_the_normal_zero_and_no_nan():
    verts = torch.tensor([[1.0, 2, 3], [2, 2, 3], [4, 2, 3]], requires_grad=True)
    samples, _, _, normals = functions.sample_points_from_meshes([verts], [TRI], 40, True)
    assert samples.isfinite().all() and not normals.any()
    (samples.sum() + normals.sum()).backward()
    assert verts.grad.isfinite().all()


def test_errors():
    verts, faces = meshes()
    with pytest.raises(RuntimeError, match="sample_points_from_meshes: expected a mesh with faces, but all meshes are empty"):
        functions.sample_points_from_meshes([torch.zeros(0, 3)], [torch.zeros(0, 3).long()])
    with pytest.raises(RuntimeError, match="sample_points_from_meshes: expected num_samples to be at least 0, but got -1"):
        functions.sample_points_from_meshes(verts, faces, -1)
    with pytest.raises(RuntimeError, match=r"sample_points_from_meshes: expected uniforms to have shape \[N, S, 3\]"):
        functions.sample_points_from_meshes(verts, faces, uniforms=torch.rand(2, 5, 3).double())
    for bad in (math.nan, math.inf):
        with pytest.raises(RuntimeError, match="sample_points_from_meshes: expected finite verts, but some are NaN or infinite"):
            functions.sample_points_from_meshes([torch.tensor([[0.0, 0, 0], [1, 0, 0], [bad, 1, 0]])], [TRI])
