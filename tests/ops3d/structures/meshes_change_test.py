"""Meshes made of other Meshes, against lists."""

import pytest
import torch

from tests.ops3d.structures.mesh_lists import SIZES, Meshes, check_forms, random_lists

VERTS, FACES = random_lists()
N = len(SIZES)


def meshes():
    return Meshes(VERTS, FACES)


def check_selected(changed, order):
    if len(order) == 0:
        assert changed.size() == 0 and changed.verts_packed().shape == changed.faces_packed().shape == (0, 3)
    else:
        check_forms(changed, [VERTS[i] for i in order], [FACES[i] for i in order])


@pytest.mark.parametrize("order", [[2], [5, 0, 3, 3], [-1, -6], [], list(range(N))])
def test_index_list(order):
    check_selected(meshes().at_list(order), order)
    check_selected(meshes().at_tensor(torch.tensor(order, dtype=torch.int32)), order)
    check_selected(meshes().at_tensor(torch.tensor(order, dtype=torch.int64)), order)


def test_index():
    for i in range(-N, N):
        check_selected(meshes().at(i), [i])
        verts, faces = meshes().get_mesh_verts_faces(i)
        assert torch.equal(verts, VERTS[i]) and torch.equal(faces, FACES[i])


def test_mask():
    mask = torch.tensor([True, False, False, True, False, True])
    check_selected(meshes().at_tensor(mask), [0, 3, 5])
    check_selected(meshes().at_tensor(torch.zeros(N, dtype=torch.bool)), [])


def test_split_and_join():
    parts = meshes().split([2, 0, 3, 1])
    for part, order in zip(parts, [[0, 1], [], [2, 3, 4], [5]], strict=True):
        check_selected(part, order)
    check_selected(Meshes.join_as_batch(parts), range(N))
    assert Meshes.join_as_batch([]).size() == 0


def test_extend():
    check_selected(meshes().extend(3), [i for i in range(N) for _ in range(3)])
    check_selected(meshes().extend(1), range(N))


def test_scene():
    for scene in (Meshes.join_as_scene([meshes()]), Meshes.join_as_scene(meshes().split([4, 2]))):
        check_forms(scene, [meshes().verts_packed()], [meshes().faces_packed()])
    empty = Meshes.join_as_scene([Meshes([], [])])
    assert empty.size() == 1 and empty.isempty()


def test_submeshes():
    wanted = [[torch.tensor([3, 0]), torch.tensor([], dtype=torch.long)], [], [], [torch.arange(9) % 2 == 1], [torch.tensor([-1])], []]
    verts, faces = [], []
    for v, f, lists in zip(VERTS, FACES, wanted):
        for indices in lists:
            used, renumbered = f[indices].unique(return_inverse=True)
            verts.append(v[used])
            faces.append(renumbered)
    check_forms(meshes().submeshes(wanted), verts, faces)
    assert meshes().submeshes([[]] * N).size() == 0


def test_offset_scale_update():
    verts = meshes().verts_packed()
    sizes = [v for v, _ in SIZES]
    offsets, scale = torch.randn_like(verts), torch.rand(N)
    by_mesh = scale.repeat_interleave(torch.tensor(sizes))[:, None]
    check = lambda changed, packed: check_forms(changed, list(packed.split(sizes)), FACES)  # noqa: E731
    check(meshes().offset_verts(offsets), verts + offsets)
    check(meshes().offset_verts(offsets[0]), verts + offsets[0])
    check(meshes().offset_verts(offsets.double()), verts + offsets)
    check(meshes().scale_verts(scale), verts * by_mesh)
    check(meshes().scale_verts(torch.tensor(0.5)), verts / 2)
    check(meshes().update_padded(meshes().verts_padded() + 1), verts + 1)


def test_in_place_changes_leave_copies_alone():
    changed = meshes()
    copied = changed.copy()
    changed.offset_verts_(torch.ones(3))
    changed.scale_verts_(2.0)
    assert torch.equal(copied.verts_packed(), torch.cat(VERTS))
    assert torch.equal(changed.verts_packed(), (torch.cat(VERTS) + 1) * 2)
    assert torch.equal(changed.verts_padded()[0], (VERTS[0][: len(VERTS[0])].new_zeros(7, 3).index_copy(0, torch.arange(5), (VERTS[0] + 1) * 2)))


def test_clone_detach_to():
    leaf = VERTS[0].clone().requires_grad_()
    source = Meshes([leaf], [FACES[0]])
    cloned = source.clone()
    assert cloned.verts_packed().data_ptr() != source.verts_packed().data_ptr()
    assert cloned.faces_packed().data_ptr() != source.faces_packed().data_ptr()
    cloned.verts_packed().sum().backward()
    assert torch.equal(leaf.grad, torch.ones_like(leaf))
    assert not source.detach().verts_packed().requires_grad
    check_forms(source.to(torch.float64), [VERTS[0].double()], [FACES[0]])
    source.to(torch.float64).verts_packed().sum().backward()
    check_forms(source.to_device(torch.device("cpu")), [VERTS[0]], [FACES[0]])
    assert source.to_device(torch.device("meta")).verts_packed().device.type == "meta"


def test_gradients_flow_through_changes():
    verts = [torch.randn(4, 3, dtype=torch.float64), torch.randn(5, 3, dtype=torch.float64)]
    faces = [torch.tensor([[0, 1, 2]]), torch.tensor([[1, 2, 3], [4, 2, 1]])]

    def function(*leaves):
        source = Meshes(list(leaves), faces)
        changed = [source.at_list([1, 0]), source.extend(2), source.submeshes([[], [torch.tensor([1])]]), source.scale_verts(leaves[0][:2, 0])]
        return tuple(part.verts_padded() for part in (*changed, Meshes.join_as_scene(changed))) + (source.get_bounding_boxes(),)

    assert torch.autograd.gradcheck(function, [v.requires_grad_() for v in verts])


ERRORS = [
    (lambda m: m.at(N), r"Meshes: expected an index in \[-6, 6\), but got 6"),
    (lambda m: m.at_list([0, -7]), r"Meshes: expected an index in \[-6, 6\), but got -7"),
    (lambda m: m.get_mesh_verts_faces(9), r"Meshes::get_mesh_verts_faces: expected an index in \[-6, 6\), but got 9"),
    (lambda m: m.at_tensor(torch.tensor([0.5])), r"expected indices to be \[M\] int32 or int64, or a mask \[6\] bool, but got Float \[1\]"),
    (lambda m: m.at_tensor(torch.tensor([True])), r"or a mask \[6\] bool, but got Bool \[1\]"),
    (lambda m: m.at_tensor(torch.tensor([[0]])), r"but got Long \[1, 1\]"),
    (lambda m: m.split([2, 3]), "Meshes::split: expected sizes that add up to 6, but their sum is 5"),
    (lambda m: m.split([7, -1]), "Meshes::split: expected sizes of 0 or more, but got -1"),
    (lambda m: m.extend(0), "Meshes::extend: expected a count of 1 or more, but got 0"),
    (lambda m: m.submeshes([]), "Meshes::submeshes: expected face_indices of 6 meshes, but got 0"),
    (lambda m: m.submeshes([[torch.tensor([4])], [], [], [], [], []]), r"Meshes::submeshes: expected an index in \[-4, 4\), but got 4"),
    (lambda m: m.to(torch.float16), "Meshes::to: expected float32 or float64, but got Half"),
    (lambda m: m.offset_verts(torch.zeros(2, 3)), r"Meshes::offset_verts: expected offsets to have shape \[3\] or \[19, 3\], but got \[2, 3\]"),
    (lambda m: m.offset_verts(torch.zeros(3, dtype=torch.long)), "Meshes::offset_verts: expected offsets to be floating-point on cpu, but got Long on cpu"),
    (lambda m: m.scale_verts(torch.zeros(2)), r"Meshes::scale_verts: expected scale to have shape \[\] or \[6\], but got \[2\]"),
    (lambda m: m.scale_verts(torch.zeros(6, device="meta")), "Meshes::scale_verts: expected scale to be floating-point on cpu, but got Float on meta"),
    (
        lambda m: m.update_padded(torch.zeros(6, 5, 3)),
        r"Meshes::update_padded: expected verts_padded to be Float \[6, 7, 3\] on cpu, but got Float \[6, 5, 3\] on cpu",
    ),
    (
        lambda m: Meshes.join_as_batch([m, m.to(torch.float64)]),
        "join_meshes_as_batch: expected meshes of one dtype and device, but got Float on cpu and Double on cpu",
    ),
]


@pytest.mark.parametrize("change, message", ERRORS, ids=range(len(ERRORS)))
def test_errors(change, message):
    with pytest.raises(RuntimeError, match=message):
        change(meshes())
