"""Faces that the rasterizer leaves out because of their shape, against exact integer areas."""

import numpy as np
import pytest
import torch

from bisque3d.testing import OpTests
from tests.ops3d.rasterize_scenes import BAD_RANGES, covers, pixels_of, project, random_soup

SIZE = (40, 56)


def count(verts, faces, ranges=None, **options):
    first, counts = (torch.tensor(column) for column in zip(*(ranges or [(0, len(faces))])))
    results = torch.ops.bisque.count_degenerate_faces(torch.as_tensor(verts), torch.as_tensor(faces), first, counts, *SIZE, **options)
    return [result.tolist() for result in results]


def ranges_of(*ranges):
    first, counts = zip(*ranges)
    return dict(mesh_to_face_first_idx=torch.tensor(first), num_faces_per_mesh=torch.tensor(counts))


class TestCountDegenerateFaces(OpTests):
    op = "bisque::count_degenerate_faces"

    def soup(self, dtype, random, num_faces):
        """Every fifth face has a vertex twice, every seventh one that is no number."""
        verts, faces = random_soup(1, num_faces, 1, 0.3, np.float64)
        faces[::5, 2] = faces[::5, 0]
        verts[faces[::7, 1], 0] = np.nan
        return dict(verts=torch.tensor(verts, dtype=dtype), faces=torch.tensor(faces))

    def inputs_meshes(self, dtype, random):
        return self.soup(dtype, random, 90) | ranges_of((0, 30), (10, 0), (20, 70)) | dict(height=40, width=56)

    def inputs_many_faces(self, dtype, random):
        return self.soup(dtype, random, 1000) | ranges_of((0, 1000)) | dict(height=9, width=7, perspective_correct=False)

    def inputs_shared_faces(self, dtype, random):
        given = self.soup(dtype, random, 20)
        moved = given["verts"] + torch.tensor([0.1, 0.2, 0.3], dtype=dtype)
        return dict(
            given, verts=torch.cat([given["verts"], moved]), **ranges_of((0, 20), (0, 20)), height=40, width=56,
            mesh_to_vert_offset=torch.tensor([0, 60]),
        )  # fmt: skip

    def inputs_no_meshes(self, dtype, random):
        empty = torch.zeros(0, dtype=torch.int64)
        return self.soup(dtype, random, 2) | dict(mesh_to_face_first_idx=empty, num_faces_per_mesh=empty, height=4, width=4)

    def reference(self, verts, faces, mesh_to_face_first_idx, num_faces_per_mesh, height, width, mesh_to_vert_offset=None, **_):
        """Of faces before the camera."""
        counts = []
        for n, (first, length) in enumerate(zip(mesh_to_face_first_idx.tolist(), num_faces_per_mesh.tolist())):
            corners = verts.numpy()[faces[first : first + length].numpy() + (0 if mesh_to_vert_offset is None else int(mesh_to_vert_offset[n]))]
            finite = np.isfinite(corners).all((1, 2))
            flat = [covers(pixels_of(face, (height, width)), (1, 1))[1] == 0 for face in corners[finite]]
            counts.append([int((~finite).sum()), sum(flat)])
        return tuple(torch.tensor(counts, dtype=torch.int64).view(-1, 2).unbind(1))

    errors = [
        (dict(height=-1), "count_degenerate_faces: expected height to be at least 0, but got -1"),
        (dict(width=65537), "count_degenerate_faces: expected width to be at most 65536, but got 65537"),
        (dict(mesh_to_vert_offset=torch.zeros(2, dtype=torch.int64)), r"expected mesh_to_vert_offset to have shape \[N\] = \[1\], but got \[2\]"),
        (dict(mesh_to_vert_offset=torch.tensor([3001])), r"expected mesh_to_vert_offset to lie in \[0, 3001\), but got 3001 at 0"),
    ]


def test_faces_that_are_not_seen_for_another_reason_do_not_count():
    view = np.array([[-1, -1, -2], [1, -1, -2], [0, 1, -2.0], [50, 50, 1], [51, 50, 1], [50, 51, 1]])
    faces = [[0, 1, 2], [3, 4, 5], [3, 5, 4]]
    for perspective_correct in (False, True):
        assert count(project(view), faces, perspective_correct=perspective_correct) == [[0], [0]]


def test_the_area_is_that_of_the_part_before_the_near_plane():
    """A face seen edge-on, whose plane contains the camera, is cut to a line."""
    view = np.array([[1.0, 0, 2], [-1, 0, 2], [0.3, 0, -1], [0, 1, 2]])
    assert count(project(view), [[0, 1, 2], [0, 1, 3]]) == [[0], [1]]
    assert count(project(view), [[0, 1, 2]], z_clip=3.0) == [[0], [0]]


@pytest.mark.parametrize("bad, message", BAD_RANGES)
def test_a_range_outside_the_faces_is_an_error(bad, message):
    with pytest.raises(RuntimeError, match=f"count_degenerate_faces: expected {message} at 1"):
        count(torch.ones(3, 3), torch.tensor([[0, 1, 2]] * 22), [(0, 22), bad])


def test_a_face_index_out_of_range_is_an_error():
    with pytest.raises(RuntimeError, match=r"count_degenerate_faces: expected faces to lie in \[0, 3\), but got 3 at \[0, 2\]"):
        count(torch.ones(3, 3), torch.tensor([[0, 1, 3]]))
