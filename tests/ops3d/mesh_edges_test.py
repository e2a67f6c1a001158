"""The op mesh_edges against torch.unique."""

import pytest
import torch

from bisque3d.testing import OpTests


def mesh(V, F, dtype, random):
    return dict(verts=random(V, 3, dtype=dtype), faces=torch.randint(max(V, 1), (F, 3), generator=random.generator))


class TestMeshEdges(OpTests):
    op = "bisque::mesh_edges"
    data_dependent = True

    def inputs_many(self, dtype, random):
        return mesh(1500, 3000, dtype, random)

    def inputs_few_verts(self, dtype, random):  # the same edges many times, and edges from a vertex to itself
        return mesh(4, 50, dtype, random)

    def inputs_fan(self, dtype, random):
        rim = torch.arange(1, 300)
        return dict(verts=random(300, 3, dtype=dtype), faces=torch.stack([torch.zeros_like(rim), rim, rim.roll(-1)], 1))

    def inputs_no_faces(self, dtype, random):
        return mesh(5, 0, dtype, random)

    def inputs_no_verts(self, dtype, random):
        return mesh(0, 0, dtype, random)

    def reference(self, verts, faces):
        half_edges = faces[:, [[1, 2], [2, 0], [0, 1]]].sort(-1).values
        edges, inverse = torch.unique(half_edges.reshape(-1, 2), dim=0, return_inverse=True)
        return edges, inverse.view(-1, 3)

    errors = [
        (dict(faces=torch.zeros(2, 4, dtype=torch.long)), r"mesh_edges: expected faces to have shape \[F, 3\] = \[\*, 3\], but got \[2, 4\]"),
        (dict(faces=torch.zeros(2, 3, dtype=torch.int32)), "mesh_edges: expected faces to be int64, but got int32"),
        (dict(faces=torch.tensor([[0, 1, 2], [0, 300, 1]])), r"mesh_edges: expected faces to lie in \[0, 300\), but got 300 at \[1, 1\]"),
        (dict(faces=torch.tensor([[0, 1, -1]])), r"mesh_edges: expected faces to lie in \[0, 300\), but got -1 at \[0, 2\]"),
    ]


@pytest.mark.cuda
def test_cuda_raises_the_first_index_out_of_range():
    faces = torch.tensor([[0, 1, 2], [1, 7, 2], [-5, 0, 1]])
    with pytest.raises(RuntimeError, match=r"mesh_edges: expected faces to lie in \[0, 3\), but got 7 at \[1, 1\]"):
        torch.ops.bisque.mesh_edges(torch.zeros(3, 3).cuda(), faces.cuda())
