"""The op face_areas_normals and its gradient, against torch."""

import pytest
import torch

from bisque3d.testing import OpTests


class TestFaceAreasNormals(OpTests):
    op = "bisque::face_areas_normals"
    gradients = ["verts"]
    gradcheck_cases = ["small"]

    def mesh(self, V, F, dtype, random):
        first, second, third = (torch.randint(V, (F,), generator=random.generator) if V else torch.zeros(0, dtype=torch.int64) for _ in range(3))
        faces = torch.stack((first, second, third), 1)
        different = (first != second) & (second != third) & (third != first)  # of others torch's own cross product is not zero
        return dict(verts=random(V, 3, dtype=dtype), faces=faces[different])

    def inputs_many(self, dtype, random):
        return self.mesh(1500, 3000, dtype, random)

    def inputs_small(self, dtype, random):
        return dict(verts=random(5, 3, dtype=dtype), faces=torch.tensor([[0, 1, 2], [2, 1, 3], [4, 0, 3]]))

    def inputs_no_faces(self, dtype, random):
        return self.mesh(4, 0, dtype, random)

    def inputs_no_verts(self, dtype, random):
        return self.mesh(0, 0, dtype, random)

    def reference(self, verts, faces):
        a, b, c = verts[faces].unbind(1)
        crosses = torch.linalg.cross(b - a, c - a)
        lengths = crosses.norm(dim=-1)
        return lengths / 2, crosses / lengths.clamp_min(1e-6)[:, None]

    errors = [
        (dict(verts=torch.zeros(4, 2)), r"face_areas_normals: expected verts to have shape \[V, 3\] = \[\*, 3\], but got \[4, 2\]"),
        (dict(faces=torch.zeros(2, 3, dtype=torch.int32)), "face_areas_normals: expected faces to be int64, but got int32"),
    ]


def test_a_face_without_an_area_is_zero_and_has_no_gradient():
    verts = torch.tensor([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]], requires_grad=True)
    areas, normals = torch.ops.bisque.face_areas_normals(verts, torch.tensor([[0, 1, 2], [1, 1, 0]]))
    assert not areas.any() and not normals.any()
    (areas.sum() + normals.sum()).backward()
    assert not verts.grad.any()


def test_a_face_shorter_than_the_clamp():
    # A cross product of 0.8e-6: normals are a linear function of it.
    verts = 9e-4 * torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]], dtype=torch.float64)
    function = lambda verts: torch.ops.bisque.face_areas_normals(verts, torch.tensor([[0, 1, 2]]))
    assert torch.autograd.gradcheck(function, (verts.requires_grad_(),), eps=1e-9)


@pytest.mark.parametrize("bad", [7, -1, 1 << 40])
def test_a_bad_index_is_reported(bad):
    verts, faces = torch.randn(4, 3, requires_grad=True), torch.tensor([[0, 1, 2], [0, bad, 2]])
    with pytest.raises(RuntimeError, match=rf"face_areas_normals: expected faces to lie in \[0, 4\), but got {bad} at \[1, 1\]"):
        torch.ops.bisque.face_areas_normals(verts, faces)
    with pytest.raises(RuntimeError, match=rf"_face_areas_normals_backward: expected faces to lie in \[0, 4\), but got {bad}"):
        torch.ops.bisque._face_areas_normals_backward(torch.zeros(2), torch.zeros(2, 3), verts.detach(), faces)


@pytest.mark.cuda
def test_cuda_gives_zero_for_a_bad_index():
    verts, faces = torch.randn(4, 3), torch.tensor([[0, 1, 2], [0, 9, 2], [-1, 1, 1 << 40]])
    areas, normals = (x.cpu() for x in torch.ops.bisque.face_areas_normals(verts.cuda(), faces.cuda()))
    assert areas[0] > 0 and not areas[1:].any() and not normals[1:].any()
    grads = torch.ones(3).cuda(), torch.ones(3, 3).cuda()
    got = torch.ops.bisque._face_areas_normals_backward(*grads, verts.cuda(), faces.cuda()).cpu()
    expected = torch.ops.bisque._face_areas_normals_backward(torch.ones(1), torch.ones(1, 3), verts, faces[:1])
    torch.testing.assert_close(got, expected)
