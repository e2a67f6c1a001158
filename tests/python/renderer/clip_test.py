"""Clipping: the parts of a face cover what is before the plane, and map back to the face."""

import pytest
import torch

from bisque3d.renderer import ClipFrustum, ClippedFaces, clip_faces, convert_clipped_rasterization_to_original_faces

DTYPE = torch.float64


def clipped(faces, sizes=None, z=1.0, perspective=False, **frustum):
    faces = torch.as_tensor(faces, dtype=DTYPE)
    sizes = torch.tensor([len(faces)] if sizes is None else sizes)
    return clip_faces(faces, sizes.cumsum(0) - sizes, sizes, ClipFrustum(perspective_correct=perspective, z_clip_value=z, **frustum))


FACE = torch.tensor([[0.0, 0, 2], [1, 0, 2], [0, 1, 2]], dtype=DTYPE)  # before the plane at z = 1


def with_depths(*z):
    return torch.cat((FACE[:, :2], torch.tensor(z, dtype=DTYPE)[:, None]), 1)


def area(faces):
    return torch.linalg.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0]).norm(dim=1).sum() / 2


def test_nothing_to_clip():
    faces = FACE[None].repeat(2, 1, 1)
    for result in (clipped(faces), clipped(faces, z=None), clipped(faces, left=-1, right=1, top=-1, bottom=1)):
        assert result.face_verts.shape == (2, 3, 3)
        assert result.faces_clipped_to_unclipped_idx is None and result.barycentric_conversion is None
    pix_to_face, bary = torch.tensor([[[[1]]]]), torch.ones(1, 1, 1, 1, 3)
    same = convert_clipped_rasterization_to_original_faces(pix_to_face, bary, result)
    assert same[0] is pix_to_face and same[1] is bary


def test_faces_behind_are_left_out():
    faces = torch.stack((with_depths(0.5, 0.5, 0.5), FACE, with_depths(-1.0, 0.0, 0.9), FACE + 1))
    result = clipped(faces, sizes=[2, 2])
    torch.testing.assert_close(result.face_verts, faces[[1, 3]])
    assert result.faces_clipped_to_unclipped_idx.tolist() == [1, 3]
    assert result.mesh_to_face_first_idx.tolist() == [0, 1] and result.num_faces_per_mesh.tolist() == [1, 1]
    assert result.barycentric_conversion is None


@pytest.mark.parametrize("lone", [0, 1, 2])
@pytest.mark.parametrize("num_behind", [1, 2])
@pytest.mark.parametrize("perspective", [False, True])
def test_cut_faces(lone, num_behind, perspective):
    z = [0.5, 0.5, 0.5] if num_behind == 2 else [2.0, 3.0, 4.0]
    z[lone] = 2.5 if num_behind == 2 else 0.25
    world = with_depths(*z)
    projected = torch.cat((world[:, :2] / world[:, 2:], world[:, 2:]), 1) if perspective else world
    result = clipped(projected[None], perspective=perspective)
    assert len(result.face_verts) == 3 - num_behind
    assert result.faces_clipped_to_unclipped_idx.tolist() == [0] * (3 - num_behind)
    assert result.faces_clipped_to_conversion_idx.tolist() == list(range(3 - num_behind))
    assert result.clipped_faces_neighbor_idx.tolist() == ([-1] if num_behind == 2 else [1, 0])
    assert (result.face_verts[:, :, 2] >= 1 - 1e-12).all()
    # Corners of the parts are where their coordinates say in the face, in the world.
    xy, depths = result.face_verts[:, :, :2], result.face_verts[:, :, 2:]
    parts = torch.cat((xy * depths, depths), 2) if perspective else result.face_verts
    torch.testing.assert_close(result.barycentric_conversion.mT @ world, parts)
    # The parts cover what is before the plane: the whole less the triangle at the lone vertex, or that alone.
    others = [z[i] for i in range(3) if i != lone]
    share = ((z[lone] - 1) / (z[lone] - others[0])) * ((z[lone] - 1) / (z[lone] - others[1]))
    expected = area(world[None]) * (share if num_behind == 2 else 1 - share)
    torch.testing.assert_close(area(parts), expected)
    # The orientation is kept.
    normal = torch.linalg.cross(world[1] - world[0], world[2] - world[0])
    assert all(torch.linalg.cross(part[1] - part[0], part[2] - part[0]) @ normal > 0 for part in parts)


def test_several_meshes_and_an_empty_one():
    whole, one_part, two_parts, none = FACE, with_depths(0.5, 2.0, 0.5), with_depths(2.0, 0.5, 2.0), with_depths(0, 0, 0)
    result = clipped(torch.stack((none, two_parts, whole, one_part, two_parts)), sizes=[2, 0, 3, 0])
    assert result.mesh_to_face_first_idx.tolist() == [0, 2, 2, 6] and result.num_faces_per_mesh.tolist() == [2, 0, 4, 0]
    assert result.faces_clipped_to_unclipped_idx.tolist() == [1, 1, 2, 3, 4, 4]
    assert result.clipped_faces_neighbor_idx.tolist() == [1, 0, -1, -1, 5, 4]
    torch.testing.assert_close(result.face_verts[2], whole)
    assert (result.faces_clipped_to_conversion_idx == -1).tolist() == [False, False, True, False, False, False]


@pytest.mark.parametrize(
    "side, move", [("left", (-3, 0, 0)), ("right", (3, 0, 0)), ("top", (0, -3, 0)), ("bottom", (0, 3, 0)), ("znear", (0, 0, -2)), ("zfar", (0, 0, 9))]
)
def test_culling(side, move):
    bounds = dict(left=-1, right=1, top=-1, bottom=1, znear=1, zfar=9)
    beyond, partly = FACE + torch.tensor(move), FACE.clone()
    axis = max(range(3), key=lambda i: abs(move[i]))
    partly[:2, axis] += move[axis]
    partly[2, axis] = 1.5 if axis == 2 else 0
    faces = torch.stack((beyond, partly, FACE))
    assert clipped(faces, z=None, **{side: bounds[side]}).faces_clipped_to_unclipped_idx.tolist() == [1, 2]
    assert clipped(faces, z=None, cull=False, **{side: bounds[side]}).faces_clipped_to_unclipped_idx is None


def test_conversion():
    result = clipped(torch.stack((with_depths(0.5, 2.0, 3.0), FACE)))
    pix_to_face = torch.tensor([[[[0, 1], [2, -1]]]])
    bary = torch.tensor([[[[[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]], [[0.6, 0.2, 0.2], [-1.0, -1, -1]]]]], dtype=DTYPE)
    faces, converted = convert_clipped_rasterization_to_original_faces(pix_to_face, bary, result)
    assert faces.tolist() == [[[[0, 0], [1, -1]]]]
    for k, part in enumerate((0, 1)):
        torch.testing.assert_close(converted[0, 0, 0, k], result.barycentric_conversion[part] @ bary[0, 0, 0, k])
    torch.testing.assert_close(converted[0, 0, 1], bary[0, 0, 1])


def test_gradients():
    faces = torch.stack((with_depths(0.5, 2.0, 0.25), FACE, with_depths(2.0, 0.5, 3.0))).requires_grad_()
    for perspective in (False, True):

        def clip(faces):
            result = clipped(faces, perspective=perspective)
            return result.face_verts, result.barycentric_conversion

        assert torch.autograd.gradcheck(clip, faces)


def test_no_faces():
    result = clipped(torch.zeros(0, 3, 3), sizes=[0, 0])
    assert len(result.face_verts) == 0 and result.num_faces_per_mesh.tolist() == [0, 0]
    assert isinstance(result, ClippedFaces)
