"""Meshes (ops3d/structures/meshes.h) against plain torch."""

import pytest
import torch

from tests.ops3d.structures.mesh_lists import SIZES, Meshes, check_forms, padded, random_lists

@pytest.mark.parametrize("sizes", [SIZES, [(6, 3)], [(4, 3)] * 3, [(0, 0)] * 2, [(2, 0), (0, 0)]])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("index_dtype", [torch.int32, torch.int64])
def test_list(sizes, dtype, index_dtype):
    verts, faces = random_lists(sizes, dtype)
    meshes = Meshes(verts, [f.to(index_dtype) for f in faces])
    check_forms(meshes, verts, faces)
    assert meshes.isempty() == (not any(v and f for v, f in sizes))
    assert meshes.equisized() == (len(set(sizes)) == 1)


def test_packed_is_what_the_data_layer_makes():
    verts, faces = random_lists()
    expected = Meshes(verts, faces)
    packed = expected.verts_packed(), expected.faces_packed().int(), expected.num_verts_per_mesh(), expected.num_faces_per_mesh()
    check_forms(Meshes.packed(*packed), verts, faces)


def test_padded():
    verts, faces = random_lists([(6, 3), (6, 0), (6, 5)])
    check_forms(Meshes.padded(torch.stack(verts), torch.nn.functional.pad(padded(faces, -1), (0, 0, 0, 2), value=-1), None), verts, faces)


def test_no_meshes():
    for meshes in (Meshes([], []), Meshes.padded(torch.zeros(0, 4, 3), torch.zeros(0, 2, 3, dtype=torch.long), None)):
        assert meshes.size() == 0 and meshes.isempty() and not meshes.equisized()
        assert meshes.verts_list() == [] and meshes.faces_list() == []
        assert meshes.verts_packed().shape == (0, 3) and meshes.faces_packed().shape == (0, 3)
        assert meshes.verts_padded().shape == (0, 0, 3) and meshes.faces_padded().shape == (0, 0, 3)
        assert meshes.num_verts_per_mesh().shape == meshes.verts_packed_to_mesh_idx().shape == (0,)


def test_padding_in_a_list_of_faces_is_left_out():
    verts, faces = random_lists([(4, 3), (3, 2)])
    padding = torch.full((2, 3), -1)
    check_forms(Meshes(verts, [torch.cat([faces[0][:1], padding, faces[0][1:]]), faces[1]]), verts, faces)


def test_empty_tensor_is_an_empty_mesh():
    verts, faces = random_lists([(4, 3), (0, 0)])
    check_forms(Meshes([verts[0], torch.zeros(0)], [faces[0], torch.zeros(0, dtype=torch.long)]), verts, faces)


@pytest.mark.parametrize("form", ["verts_packed", "verts_padded"])
def test_gradients_flow_to_each_list_element(form):
    verts, faces = random_lists()
    verts = [v.requires_grad_() for v in verts]
    result = getattr(Meshes(verts, faces), form)()
    weights = torch.randn_like(result)
    (result * weights).sum().backward()
    for i, v in enumerate(verts):
        own = weights[i, : len(v)] if form == "verts_padded" else weights.split([len(v) for v in verts])[i]
        assert torch.equal(v.grad, own)


def test_what_was_computed_without_autograd_is_computed_again_with_it():
    verts, faces = random_lists()
    meshes = Meshes([v.requires_grad_() for v in verts], faces)
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            assert not meshes.verts_padded().requires_grad
            meshes.verts_padded_to_packed_idx()
    assert meshes.verts_padded().requires_grad
    meshes.verts_padded().sum().backward()


def test_indices_made_in_inference_mode_serve_autograd():
    verts, faces = random_lists()
    meshes = Meshes(verts, faces)
    with torch.inference_mode():
        meshes.verts_packed_to_mesh_idx()
    values = torch.ones(len(verts), requires_grad=True)
    values[meshes.verts_packed_to_mesh_idx()].sum().backward()
    assert torch.equal(values.grad, meshes.num_verts_per_mesh().float())


def one(**replaced):
    arguments = dict(verts=[torch.zeros(3, 3)], faces=[torch.tensor([[0, 1, 2]])]) | replaced
    return lambda: Meshes(arguments["verts"], arguments["faces"])


def one_padded(**replaced):
    arguments = dict(verts=torch.zeros(2, 3, 3), faces=torch.tensor([[[0, 1, 2]]] * 2)) | replaced
    return lambda: Meshes.padded(arguments["verts"], arguments["faces"], None)


ERRORS = [
    (one(faces=[]), "expected as many faces as verts, but got 0 and 1"),
    (one(verts=[torch.zeros(3, 2)]), r"expected verts of mesh 0 to have shape \[\*, 3\], but got \[3, 2\]"),
    (one(faces=[torch.zeros(1, 4, dtype=torch.long)]), r"expected faces of mesh 0 to have shape \[\*, 3\], but got \[1, 4\]"),
    (one(verts=[torch.zeros(3, 3).half()]), "expected verts to be float32 or float64, but got Half"),
    (one(faces=[torch.zeros(1, 3)]), "expected faces to be int32 or int64, but got Float"),
    (one(faces=[torch.tensor([[0, 1, 3]])]), r"expected faces of mesh 0 to be indices of its 3 verts, but one is \[0, 1, 3\]"),
    (one(faces=[torch.tensor([[0, -2, 1]])]), r"expected faces of mesh 0 to be indices of its 3 verts, but one is \[0, -2, 1\]"),
    (one(verts=[torch.zeros(0, 3)]), r"expected faces of mesh 0 to be indices of its 0 verts"),
    (
        one(verts=[torch.zeros(3, 3), torch.zeros(2, 3)], faces=[torch.tensor([[0, 1, 2]]), torch.tensor([[0, 1, 2]])]),
        r"expected faces of mesh 1 to be indices of its 2 verts, but one is \[0, 1, 2\]",
    ),
    (
        one(verts=[torch.zeros(3, 3), torch.zeros(3, 3).double()], faces=[torch.zeros(0, 3, dtype=torch.long)] * 2),
        "expected verts of one dtype, but got Float and Double",
    ),
    (one(faces=[torch.zeros(1, 3, dtype=torch.long, device="meta")]), "expected verts and faces on one device, but got faces on meta and verts on cpu"),
    (one_padded(verts=torch.zeros(2, 3)), r"expected verts to have shape \[N, \*, 3\], but got \[2, 3\]"),
    (one_padded(faces=torch.zeros(2, 3, dtype=torch.long)), r"expected faces to have shape \[N, \*, 3\], but got \[2, 3\]"),
    (one_padded(verts=torch.zeros(1, 3, 3)), "expected as many faces as verts, but got 2 and 1"),
    (
        one_padded(faces=torch.tensor([[[0, 1, 2], [0, 1, 2]], [[-1, -1, -1], [0, 1, 2]]])),
        "expected padded faces to have their padding of -1 at the end, but those of mesh 1 have a face after it",
    ),
    (
        lambda: Meshes.packed(torch.zeros(3, 3), torch.tensor([[0, 1, 2]]), torch.tensor([2]), torch.tensor([1])),
        "expected num_verts_per_mesh and num_faces_per_mesh to add up to the 3 verts and 1 faces, but they have 1 and 1 meshes and the sums 2 and 1",
    ),
    (
        lambda: Meshes.packed(torch.zeros(4, 3), torch.tensor([[0, 1, 2]]), torch.tensor([2, 2]), torch.tensor([1, 0])),
        r"expected faces of mesh 0 to be indices of its 2 verts, but one is \[0, 1, 2\]",
    ),
]


@pytest.mark.parametrize("make, message", ERRORS, ids=range(len(ERRORS)))
def test_errors(make, message):
    with pytest.raises(RuntimeError, match="Meshes: " + message):
        make()


def test_tensors_of_one_mesh():
    verts, faces = random_lists([(4, 3)])
    check_forms(Meshes.padded(verts[0], faces[0], None), verts, faces)
    assert torch.equal(Meshes.padded(verts[0], faces[0], verts[0]).verts_normals_packed(), verts[0])


def test_made_in_inference_mode():
    verts, faces = random_lists()
    with torch.inference_mode():
        meshes = Meshes([v + 0 for v in verts], faces)
        inside = meshes.edges_packed(), meshes.verts_normals_packed(), meshes.verts_padded()
    for got, expected in zip(inside, (meshes.edges_packed(), meshes.verts_normals_packed(), meshes.verts_padded())):
        assert torch.equal(got, expected)
