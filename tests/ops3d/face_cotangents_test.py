"""The op face_cotangents and its gradient, against angles from atan2."""

import math

import pytest
import torch

from bisque3d.testing import OpTests


class TestFaceCotangents(OpTests):
    op = "bisque::face_cotangents"
    gradients = ["verts"]
    gradcheck_cases = ["small"]

    def inputs_many(self, dtype, random):
        return dict(verts=random(300, 3, dtype=dtype), faces=distinct_corners(300, 3000, random.generator))

    def inputs_small(self, dtype, random):
        return dict(verts=random(5, 3, dtype=dtype), faces=distinct_corners(5, 4, random.generator))

    def inputs_large_eps(self, dtype, random):
        return dict(verts=random(5, 3, dtype=dtype), faces=distinct_corners(5, 4, random.generator), eps=0.7)

    def inputs_none(self, dtype, random):
        return dict(verts=random(0, 3, dtype=dtype), faces=torch.zeros(0, 3, dtype=torch.int64))

    # float32: slender triangles have cotangents of a thousand
    tolerance = {torch.float32: dict(rtol=2e-3, atol=1e-4), torch.float64: dict(rtol=1e-9, atol=1e-10)}
    cuda_tolerance = {torch.float32: dict(rtol=1e-3, atol=1e-3), torch.float64: dict(rtol=1e-9, atol=1e-9)}

    def reference(self, verts, faces, eps=1e-12):
        corners = verts.double()[faces]
        cots, areas = [], []
        for i in range(3):
            u, w = (corners[:, (i + k) % 3] - corners[:, i] for k in (1, 2))
            length = torch.linalg.cross(u, w).norm(dim=1)
            area = (length / 2).clamp(min=eps**0.5)
            angle = torch.atan2(length, (u * w).sum(1))
            cots.append(length / (2 * area) / torch.tan(angle))
            areas.append(area)
        return torch.stack(cots, 1).to(verts.dtype), areas[0].to(verts.dtype)

    errors = [
        (dict(faces=torch.zeros(4, 2, dtype=torch.int64)), r"face_cotangents: expected faces to have shape \[F, 3\]"),
        (dict(faces=torch.full((1, 3), 5)), r"face_cotangents: expected faces to lie in \[0, 5\), but got 5 at \[0, 0\]"),
        (dict(eps=-1.0), r"face_cotangents: expected eps to be at least 0"),
    ]


def distinct_corners(V, F, generator):
    return torch.rand(F, V, generator=generator).argsort(1)[:, :3]


def test_of_known_triangles():
    verts = torch.tensor([[0, 0, 0], [1, 0, 0], [0, 1, 0], [-1, 1, 0], [0.5, math.sqrt(0.75), 0]], dtype=torch.float64)
    cots, areas = torch.ops.bisque.face_cotangents(verts, torch.tensor([[0, 1, 2], [0, 1, 3], [0, 1, 4]]))
    # A right angle, an obtuse one of 135 degrees, and angles of 60 degrees.
    expected = [[0, 1, 1], [-1, 2, 3], [3**-0.5] * 3]
    torch.testing.assert_close(cots, torch.tensor(expected, dtype=torch.float64))
    torch.testing.assert_close(areas, torch.tensor([0.5, 0.5, 0.75**0.5 / 2], dtype=torch.float64))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_faces_without_area_are_finite(dtype):
    verts = torch.tensor([[0, 0, 0], [1, 0, 0], [2, 0, 0], [1, 0, 0]], dtype=dtype, requires_grad=True)
    faces = torch.tensor([[0, 1, 2], [0, 0, 1], [1, 1, 1], [1, 3, 2]])
    cots, areas = torch.ops.bisque.face_cotangents(verts, faces)
    torch.testing.assert_close(areas, torch.full((4,), 1e-6, dtype=dtype))
    (gradient,) = torch.autograd.grad(cots.sum() + areas.sum(), verts)
    assert cots.isfinite().all() and gradient.isfinite().all()
    assert torch.equal(torch.autograd.grad(torch.ops.bisque.face_cotangents(verts, faces)[1].sum(), verts)[0], torch.zeros(4, 3, dtype=dtype))


def test_nan_stays_in_its_face():
    verts = torch.eye(5)[:, :3].clone()
    verts[4] = float("nan")
    cots, areas = torch.ops.bisque.face_cotangents(verts, torch.tensor([[0, 1, 2], [1, 2, 4]]))
    assert cots[0].isfinite().all() and areas[0].isfinite() and cots[1].isnan().all() and areas[1].isnan()


@pytest.mark.cuda
def test_cuda_gives_zero_for_faces_out_of_range():
    verts, faces = torch.randn(4, 3), torch.tensor([[0, 1, 2], [1, 4, 2], [-1, 0, 1]])
    cots, areas = torch.ops.bisque.face_cotangents(verts.cuda(), faces.cuda())
    expected, expected_area = torch.ops.bisque.face_cotangents(verts, faces[:1])
    torch.testing.assert_close(cots.cpu(), torch.cat([expected, torch.zeros(2, 3)]))
    torch.testing.assert_close(areas.cpu(), torch.cat([expected_area, torch.zeros(2)]))
