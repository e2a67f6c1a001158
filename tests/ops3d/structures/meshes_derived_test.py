"""What follows from the verts and faces of Meshes, against plain torch."""

import pytest
import torch

from tests.ops3d.structures.mesh_lists import SIZES, Meshes, padded, random_lists


def derived(sizes=SIZES, dtype=torch.float64):
    verts, faces = random_lists(sizes, dtype)
    return Meshes(verts, faces), verts, faces


def reference_edges(faces):
    return torch.unique(faces[:, [[1, 2], [2, 0], [0, 1]]].sort(-1).values.reshape(-1, 2), dim=0, return_inverse=True)


def reference_normals(verts, faces):
    corners = verts[faces]
    crosses = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    sums = torch.zeros_like(verts)
    for corner in range(3):
        sums = sums.index_add(0, faces[:, corner], crosses)
    return torch.nn.functional.normalize(sums, dim=1, eps=1e-6)


def reference_areas_normals(verts, faces):
    corners = verts[faces]
    crosses = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return crosses.norm(dim=1) / 2, torch.nn.functional.normalize(crosses, dim=1, eps=1e-6)


@pytest.mark.parametrize("sizes", [SIZES, [(8, 20)], [(0, 0)] * 2, [(3, 0)]])
def test_edges(sizes):
    meshes, verts, faces = derived(sizes)
    edges, inverse = reference_edges(meshes.faces_packed())
    assert torch.equal(meshes.edges_packed(), edges)
    assert torch.equal(meshes.faces_packed_to_edges_packed(), inverse.view(-1, 3))
    counts = torch.tensor([len(reference_edges(f)[0]) for f in faces])
    assert torch.equal(meshes.num_edges_per_mesh(), counts)
    assert torch.equal(meshes.edges_packed_to_mesh_idx(), torch.arange(len(sizes)).repeat_interleave(counts))
    assert torch.equal(meshes.mesh_to_edges_packed_first_idx(), counts.cumsum(0) - counts)


def test_no_meshes():
    meshes = Meshes([], [])
    for name in ("edges_packed", "num_edges_per_mesh", "edges_packed_to_mesh_idx", "faces_areas_packed", "verts_normals_packed", "verts_normals_padded"):
        assert getattr(meshes, name)().numel() == 0
    assert meshes.laplacian_packed().shape == (0, 0) and meshes.get_bounding_boxes().shape == (0, 3, 2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_sparse_matrices(dtype):
    meshes, verts, faces = derived(dtype=dtype)
    size = sum(map(len, verts))
    adjacency, laplacian = torch.zeros(size, size, dtype=dtype), -torch.eye(size, dtype=dtype)
    degrees = torch.bincount(meshes.edges_packed().flatten(), minlength=size)
    for a, b in meshes.edges_packed().tolist():
        for i, j in ((a, b), (b, a)):
            adjacency[i, j] = float(i != j)
            laplacian[i, j] += 1 / degrees[i].to(dtype)
    torch.testing.assert_close(meshes.adjacency_packed().to_dense(), adjacency)
    torch.testing.assert_close(meshes.laplacian_packed().to_dense(), laplacian)


@pytest.mark.parametrize("name, reference", [("verts_normals", reference_normals), ("faces_normals", lambda v, f: reference_areas_normals(v, f)[1])])
def test_normals(name, reference):
    meshes, verts, faces = derived()
    normals = [reference(v, f) for v, f in zip(verts, faces)]
    for form, expected in (("packed", torch.cat(normals)), ("list", normals), ("padded", padded(normals, 0))):
        torch.testing.assert_close(getattr(meshes, f"{name}_{form}")(), expected)


def test_areas():
    meshes, verts, faces = derived()
    torch.testing.assert_close(meshes.faces_areas_packed(), torch.cat([reference_areas_normals(v, f)[0] for v, f in zip(verts, faces)]))


@pytest.mark.parametrize("name", ["verts_normals_packed", "verts_normals_padded", "faces_normals_packed", "faces_normals_padded", "faces_areas_packed"])
def test_gradients(name):
    _, verts, faces = derived([(4, 2), (0, 0), (3, 2)])
    function = lambda *leaves: getattr(Meshes(list(leaves), faces), name)()  # noqa: E731
    assert torch.autograd.gradcheck(function, [v.requires_grad_() for v in verts])


def test_normals_without_autograd_then_with():
    meshes, _, _ = derived()
    moved = meshes.offset_verts(torch.zeros_like(meshes.verts_packed()).requires_grad_())
    with torch.no_grad():
        assert not moved.verts_normals_packed().requires_grad and not moved.faces_areas_packed().requires_grad
    assert moved.verts_normals_packed().requires_grad and moved.faces_areas_packed().requires_grad


def test_assigned_normals():
    verts, faces = random_lists()
    normals = [torch.randn_like(v) for v in verts]
    meshes = Meshes(verts, faces, normals)
    assert meshes.has_verts_normals() and not Meshes(verts, faces).has_verts_normals()
    for changed, order in ((meshes, range(6)), (meshes.at_list([3, 0]), [3, 0]), (meshes.extend(2), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])):
        assert torch.equal(changed.verts_normals_packed(), torch.cat([normals[i] for i in order]))
        assert torch.equal(changed.verts_normals_padded(), padded([normals[i] for i in order], 0))
    for changed in (meshes.clone(), meshes.detach(), meshes.offset_verts(torch.ones(3)), Meshes.join_as_batch([meshes])):
        assert torch.equal(changed.verts_normals_packed(), torch.cat(normals))
    assert meshes.to(torch.float64).verts_normals_packed().dtype == torch.float64
    for changed in (meshes.offset_verts(torch.ones_like(meshes.verts_packed())), meshes.scale_verts(torch.tensor(2.0))):
        assert not changed.has_verts_normals()
    assert not Meshes.join_as_batch([meshes, Meshes(verts, faces)]).has_verts_normals()
    assert torch.equal(Meshes.padded(verts[0][None], faces[0][None], normals[0][None]).verts_normals_packed(), normals[0])


def test_bounding_boxes():
    meshes, verts, _ = derived()
    boxes = [torch.stack([v.amin(0), v.amax(0)], 1) if len(v) else torch.tensor([[torch.inf, -torch.inf]] * 3, dtype=v.dtype) for v in verts]
    assert torch.equal(meshes.get_bounding_boxes(), torch.stack(boxes))
    assert torch.equal(derived([(0, 0)])[0].get_bounding_boxes(), boxes[1][None])


def test_topology_is_computed_once_for_meshes_whose_verts_move():
    meshes, _, _ = derived()
    edges = meshes.edges_packed()
    assert meshes.offset_verts(torch.ones(3)).edges_packed().data_ptr() == edges.data_ptr()


def test_errors_of_normals():
    verts, faces = random_lists([(3, 1)])
    with pytest.raises(RuntimeError, match="Meshes: expected verts_normals of 1 meshes, but got 2"):
        Meshes(verts, faces, verts * 2)
    with pytest.raises(RuntimeError, match=r"Meshes: expected verts_normals to be like their verts, Float \[3, 3\] on cpu, but got Double \[3, 3\] on cpu"):
        Meshes(verts, faces, [verts[0].double()])
