"""Meshes, Pointclouds and conversions of the Python package, against plain torch."""

import copy
import pickle

import pytest
import torch

from bisque3d.structures import (
    Meshes,
    Pointclouds,
    join_meshes_as_batch,
    join_meshes_as_scene,
    join_pointclouds_as_batch,
    join_pointclouds_as_scene,
    list_to_packed,
    list_to_padded,
    packed_to_list,
    padded_to_list,
    padded_to_packed,
)
from bisque3d.structures.utils import indices_of_sizes, padded_rows

SIZES = [(4, 2), (0, 0), (5, 3), (3, 1)]  # verts and faces


def ragged(dtype=torch.float32):
    generator = torch.Generator().manual_seed(1)
    verts = [torch.rand(V, 3, generator=generator, dtype=dtype) for V, _ in SIZES]
    faces = [torch.stack([torch.randperm(V, generator=generator)[:3] for _ in range(F)]) if F else torch.zeros(0, 3).long() for V, F in SIZES]
    return verts, faces


def batch(dtype=torch.float32):
    return Meshes(*ragged(dtype))


class StubTextures:
    """What Meshes calls of textures."""

    def __init__(self, names):
        self.names = names

    def check_shapes(self, N, V, F):
        return N == len(self.names)

    def __getitem__(self, index):
        return StubTextures([self.names[i] for i in (index if isinstance(index, list) else [index])])

    def clone(self):
        return StubTextures(list(self.names))

    detach = clone

    def to(self, device):
        return StubTextures([f"{name} on {device}" for name in self.names])

    def extend(self, N):
        return StubTextures([name for name in self.names for _ in range(N)])

    def join_batch(self, others):
        return StubTextures(sum((other.names for other in others), self.names))

    def join_scene(self):
        return StubTextures(["+".join(self.names)])

    def sample_textures(self, fragments, faces_packed):
        return fragments, len(faces_packed)

    def submeshes(self, vert_ids, face_ids):
        return StubTextures([name for name, parts in zip(self.names, face_ids) for _ in parts])


class TestMeshes:
    def test_forms_of_a_ragged_batch(self):
        verts, faces = ragged()
        meshes = Meshes(verts, faces)
        assert torch.equal(meshes.verts_packed(), torch.cat(verts))
        assert torch.equal(meshes.faces_packed(), torch.cat([faces[0], faces[2] + 4, faces[3] + 9]))
        assert meshes.verts_padded().shape == (4, 5, 3) and meshes.faces_padded().shape == (4, 3, 3)
        assert torch.equal(meshes.verts_padded()[3], torch.cat([verts[3], torch.zeros(2, 3)]))
        assert (meshes.faces_padded()[1] == -1).all() and torch.equal(meshes.faces_padded()[3, 0], faces[3][0])
        assert meshes.num_verts_per_mesh().tolist() == [4, 0, 5, 3] and meshes.num_faces_per_mesh().tolist() == [2, 0, 3, 1]
        assert meshes.verts_packed_to_mesh_idx().tolist() == [0] * 4 + [2] * 5 + [3] * 3
        assert meshes.faces_packed_to_mesh_idx().tolist() == [0, 0, 2, 2, 2, 3]
        assert meshes.mesh_to_verts_packed_first_idx().tolist() == [0, 4, 4, 9]
        assert meshes.mesh_to_faces_packed_first_idx().tolist() == [0, 2, 2, 5]
        assert torch.equal(meshes.verts_padded().reshape(-1, 3)[meshes.verts_padded_to_packed_idx()], meshes.verts_packed())
        assert meshes.valid.tolist() == [True, False, True, True] and not meshes.equisized and not meshes.isempty() and len(meshes) == 4

    def test_padded_tensors_are_the_same_batch(self):
        meshes = batch()
        padded = Meshes(meshes.verts_padded(), meshes.faces_padded())
        assert padded.num_verts_per_mesh().tolist() == [5] * 4 and padded.num_faces_per_mesh().tolist() == [2, 0, 3, 1]
        for ours, theirs in zip(padded.faces_list(), meshes.faces_list()):
            assert torch.equal(ours, theirs)
        one = Meshes(meshes.verts_list()[0], meshes.faces_list()[0])
        assert len(one) == 1 and one.equisized

    def test_padding_of_faces_in_lists_is_left_out(self):
        meshes = Meshes([torch.rand(3, 3)], [torch.tensor([[0, 1, 2], [-1, -1, -1], [2, 1, 0]], dtype=torch.int32)])
        assert meshes.faces_list()[0].tolist() == [[0, 1, 2], [2, 1, 0]] and meshes.faces_packed().dtype == torch.int64

    def test_edges(self):
        meshes = batch()
        found = [set() for _ in SIZES]
        for n, faces in enumerate(meshes.faces_list()):
            for face in faces.tolist():
                found[n] |= {tuple(sorted((face[i], face[(i + 1) % 3]))) for i in range(3)}
        expected = [(a + first, b + first) for edges, first in zip(found, (0, 4, 4, 9)) for a, b in sorted(edges)]
        assert [tuple(edge) for edge in meshes.edges_packed().tolist()] == expected
        assert meshes.num_edges_per_mesh().tolist() == [len(edges) for edges in found] and meshes.num_edges_per_mesh().dtype == torch.int32
        assert meshes.edges_packed_to_mesh_idx().tolist() == [n for n, edges in enumerate(found) for _ in edges]
        assert meshes.mesh_to_edges_packed_first_idx().tolist() == [sum(map(len, found[:n])) for n in range(4)]
        opposite = meshes.edges_packed()[meshes.faces_packed_to_edges_packed()]
        for corner in range(3):
            others = meshes.faces_packed()[:, [(corner + 1) % 3, (corner + 2) % 3]].sort(1)[0]
            assert torch.equal(opposite[:, corner], others)

    def test_normals_areas_and_laplacian(self):
        meshes = batch(torch.float64)
        v0, v1, v2 = meshes.verts_packed()[meshes.faces_packed()].unbind(1)
        cross = torch.linalg.cross(v1 - v0, v2 - v0)
        torch.testing.assert_close(meshes.faces_areas_packed(), cross.norm(dim=1) / 2)
        torch.testing.assert_close(meshes.faces_normals_packed(), cross / cross.norm(dim=1, keepdim=True))
        sums = torch.zeros(12, 3, dtype=torch.float64)
        for corner in range(3):
            sums = sums.index_add(0, meshes.faces_packed()[:, corner], cross)
        torch.testing.assert_close(meshes.verts_normals_packed(), torch.nn.functional.normalize(sums, eps=1e-6))
        assert [tuple(n.shape) for n in meshes.verts_normals_list()] == [(V, 3) for V, _ in SIZES]
        assert [tuple(n.shape) for n in meshes.faces_normals_list()] == [(F, 3) for _, F in SIZES]
        assert meshes.verts_normals_padded().shape == (4, 5, 3) and (meshes.verts_normals_padded()[1] == 0).all()
        assert meshes.faces_normals_padded().shape == (4, 3, 3) and (meshes.faces_normals_padded()[3, 1:] == 0).all()
        adjacency = torch.zeros(12, 12, dtype=torch.float64)
        a, b = meshes.edges_packed().unbind(1)
        adjacency[a, b] = adjacency[b, a] = 1
        expected = adjacency / adjacency.sum(1, keepdim=True).clamp_min(1) - torch.eye(12, dtype=torch.float64)
        torch.testing.assert_close(meshes.laplacian_packed().to_dense(), expected)

    def test_given_normals_are_kept_until_verts_move_apart(self):
        normals = [torch.rand(V, 3) for V, _ in SIZES]
        meshes = Meshes(*ragged(), verts_normals=normals)
        assert meshes.has_verts_normals() and not batch().has_verts_normals()
        assert torch.equal(meshes.verts_normals_packed(), torch.cat(normals))
        assert torch.equal(meshes.offset_verts(torch.ones(3)).verts_normals_packed(), torch.cat(normals))
        assert not torch.equal(meshes.offset_verts(torch.rand(12, 3)).verts_normals_packed(), torch.cat(normals))
        padded = Meshes(torch.rand(1, 3, 3), torch.tensor([[[0, 1, 2]]]), verts_normals=torch.ones(1, 3, 3))
        assert torch.equal(padded.verts_normals_list()[0], torch.ones(3, 3))

    @pytest.mark.parametrize("cached", [False, True])
    def test_offset_and_scale(self, cached):
        meshes, offsets = batch(), torch.rand(12, 3)
        if cached:
            meshes.verts_padded(), meshes.edges_packed(), meshes.verts_normals_packed(), meshes.faces_areas_packed(), meshes.laplacian_packed()
        before = meshes.verts_packed().clone()
        moved = meshes.offset_verts(offsets)
        fresh = Meshes(list((before + offsets).split([4, 0, 5, 3])), meshes.faces_list())
        for name in ("verts_packed", "verts_padded", "edges_packed", "verts_normals_padded", "faces_areas_packed", "faces_normals_padded"):
            torch.testing.assert_close(getattr(moved, name)(), getattr(fresh, name)())
        assert torch.equal(meshes.verts_packed(), before)
        scale = torch.tensor([2.0, 1.0, 0.5, 3.0])
        scaled = meshes.scale_verts(scale)
        torch.testing.assert_close(scaled.verts_list()[2], meshes.verts_list()[2] * 0.5)
        torch.testing.assert_close(scaled.faces_areas_packed(), meshes.faces_areas_packed() * scale[meshes.faces_packed_to_mesh_idx()] ** 2)
        assert meshes.scale_verts_(2.0) is meshes and torch.equal(meshes.verts_packed(), before * 2)
        assert meshes.offset_verts_(torch.ones(3)) is meshes and torch.equal(meshes.verts_padded()[0, :4], before[:4] * 2 + 1)

    def test_update_padded_keeps_what_follows_from_faces(self):
        meshes = batch()
        meshes.edges_packed(), meshes.verts_normals_packed()
        new = torch.rand(4, 5, 3)
        updated = meshes.update_padded(new)
        assert updated.verts_padded() is new and updated._edges_packed is meshes._edges_packed and updated._verts_normals_packed is None
        assert torch.equal(updated.verts_packed(), new.reshape(-1, 3)[meshes.verts_padded_to_packed_idx()])
        assert updated.num_verts_per_mesh().tolist() == [4, 0, 5, 3] and torch.equal(updated.verts_list()[3], new[3, :3])
        unpacked = batch().update_padded(new)
        assert unpacked._verts_packed is None and torch.equal(unpacked.faces_packed(), meshes.faces_packed())

    def test_gradients_reach_the_verts_that_were_given(self):
        verts, faces = ragged(torch.float64)
        leaves = [v.requires_grad_() for v in verts]
        meshes = Meshes(leaves, faces).offset_verts(torch.rand(12, 3, dtype=torch.float64)).scale_verts(2.0)
        (meshes.verts_padded().sum() + meshes.verts_normals_packed()[:, 0].sum()).backward()
        assert all(leaf.grad is not None for leaf in leaves) and not meshes.detach().verts_packed().requires_grad
        copied = Meshes(leaves, faces).clone()
        assert copied.verts_packed().requires_grad

    @pytest.mark.parametrize("index", [0, -1, slice(1, 3), [2, 0, 2], torch.tensor([3, 0]), torch.tensor([True, False, True, False])])
    def test_index(self, index):
        meshes = batch()
        chosen = meshes[index]
        positions = torch.arange(4)[[index] if isinstance(index, int) else index].tolist()
        assert [tuple(v.shape) for v in chosen.verts_list()] == [(SIZES[n][0], 3) for n in positions]
        assert all(torch.equal(f, meshes.faces_list()[n]) for f, n in zip(chosen.faces_list(), positions, strict=True))

    @pytest.mark.parametrize("index", [1.5, torch.rand(4), torch.zeros(2, 2).long(), "a", torch.tensor([True, False])])
    def test_bad_index(self, index):
        with pytest.raises(IndexError):
            batch()[index]

    def test_copies_share_nothing(self):
        meshes = batch()
        meshes.edges_packed(), meshes.verts_padded()
        for other in (meshes.clone(), copy.deepcopy(meshes), pickle.loads(pickle.dumps(meshes)), meshes.to("cpu", copy=True)):
            for name in ("_verts_packed", "_faces_padded", "_edges_packed"):
                assert torch.equal(getattr(other, name), getattr(meshes, name)) and getattr(other, name) is not getattr(meshes, name)
            other._verts_list[0] += 1
            assert not torch.equal(other._verts_list[0], meshes._verts_list[0])
        assert meshes.to("cpu") is meshes and meshes.cpu() is meshes

    def test_subclasses_stay_so(self):
        class Named(Meshes):
            name = "?"

        meshes = Named(*ragged())
        meshes.name = "mine"
        for other in (meshes.clone(), meshes.detach(), meshes.offset_verts(torch.ones(3)), meshes.update_padded(torch.rand(4, 5, 3))):
            assert type(other) is Named and other.name == "mine"
        assert type(meshes[0]) is Named and type(meshes.extend(2)) is Named

    def test_extend_split_boxes(self):
        meshes = batch()
        assert meshes.extend(2).num_verts_per_mesh().tolist() == [4, 4, 0, 0, 5, 5, 3, 3]
        assert [len(part) for part in meshes.split([1, 3])] == [1, 3]
        boxes = meshes.get_bounding_boxes()
        assert torch.equal(boxes[0, :, 0], meshes.verts_list()[0].amin(0)) and torch.equal(boxes[2, :, 1], meshes.verts_list()[2].amax(0))
        assert (boxes[1, :, 0] == torch.inf).all() and (boxes[1, :, 1] == -torch.inf).all()
        verts, faces = meshes.get_mesh_verts_faces(2)
        assert verts is meshes.verts_list()[2] and faces is meshes.faces_list()[2]

    def test_submeshes(self):
        verts = torch.arange(18.0).reshape(6, 3)
        meshes = Meshes([verts, verts], [torch.tensor([[0, 5, 3], [0, 2, 5], [1, 2, 4]])] * 2)
        parts = meshes.submeshes([[torch.tensor([0, 1]), torch.tensor([2])], []])
        assert parts.num_verts_per_mesh().tolist() == [4, 3]
        assert torch.equal(parts.verts_list()[0], verts[[0, 2, 3, 5]]) and parts.faces_list()[0].tolist() == [[0, 3, 2], [0, 1, 3]]
        assert torch.equal(parts.verts_list()[1], verts[[1, 2, 4]]) and parts.faces_list()[1].tolist() == [[0, 1, 2]]
        assert len(meshes.submeshes(torch.zeros(2, 3, 1).long())) == 6

    def test_textures_follow(self):
        textures = StubTextures(["a", "b", "c", "d"])
        meshes = Meshes(*ragged(), textures)
        assert textures._num_faces_per_mesh == [2, 0, 3, 1] and textures._num_verts_per_mesh == [4, 0, 5, 3]
        assert meshes[2].textures.names == ["c"] and meshes[[3, 0]].textures.names == ["d", "a"]
        assert meshes[meshes.valid].textures.names == ["a", "c", "d"]
        assert meshes.clone().textures is not textures and meshes.extend(2).textures.names == list("aabbccdd")
        assert join_meshes_as_scene(meshes).textures.names == ["a+b+c+d"]
        assert join_meshes_as_batch([meshes, meshes[0]]).textures.names == ["a", "b", "c", "d", "a"]
        assert meshes.update_padded(meshes.verts_padded()).textures is textures and meshes.sample_textures("pixels") == ("pixels", 6)
        assert meshes.submeshes([[torch.tensor([0])], [], [], []]).textures.names == ["a"]
        assert join_meshes_as_batch([meshes], include_textures=False).textures is None

    def test_joins(self):
        meshes = batch()
        both = join_meshes_as_batch([meshes, meshes[[0]]])
        assert both.num_faces_per_mesh().tolist() == [2, 0, 3, 1, 2] and len(join_meshes_as_batch([])) == 0
        for scene in (join_meshes_as_scene(meshes), join_meshes_as_scene([meshes[0], meshes[1:]])):
            assert len(scene) == 1 and torch.equal(scene.verts_packed(), meshes.verts_packed())
            assert torch.equal(scene.faces_packed(), meshes.faces_packed())

    def test_nothing(self):
        for meshes in (Meshes([], []), Meshes(torch.zeros(0, 4, 3), torch.zeros(0, 2, 3).long())):
            assert len(meshes) == 0 and meshes.isempty()
            for name in ("verts_packed", "faces_packed", "edges_packed", "verts_normals_packed", "faces_areas_packed", "num_edges_per_mesh"):
                assert len(getattr(meshes, name)()) == 0
            assert meshes.verts_padded().shape[0] == meshes.faces_normals_padded().shape[0] == 0 and meshes.verts_normals_list() == []
            assert meshes.laplacian_packed().shape == (0, 0) and meshes.get_bounding_boxes().shape == (0, 3, 2)
        empty = Meshes([torch.rand(3, 3), torch.tensor([])], [torch.tensor([]), torch.tensor([])])
        assert empty.isempty() and len(empty.verts_packed()) == 3 and empty.edges_packed().shape == (0, 2)
        assert empty.clone().num_verts_per_mesh().tolist() == [3, 0]

    @pytest.mark.parametrize(
        ["make", "message"],
        [
            (lambda: Meshes(torch.rand(2, 3, 3), [torch.zeros(1, 3)]), "Verts and Faces must be either a list or a tensor"),
            (lambda: Meshes([torch.rand(3, 3)], []), "lists of the same length, but have 1 and 0"),
            (lambda: Meshes([torch.rand(3, 2)], [torch.zeros(1, 3).long()]), r"of mesh 0 have incorrect dimensions: \[3, 2\]"),
            (lambda: Meshes(torch.rand(1, 3, 2), torch.zeros(1, 1, 3)), r"incorrect dimensions: \[1, 3, 2\]"),
            (lambda: Meshes(torch.rand(1, 3, 3), torch.tensor([[[-1, -1, -1], [0, 1, 2]]])), "Padding of faces must be at the end"),
            (lambda: Meshes([torch.rand(3, 3)], [torch.tensor([[0, 1, 3]])]).faces_packed(), r"mesh 0 to be .* 3 verts, but one is \[0, 1, 3\]"),
            (lambda: Meshes([torch.rand(3, 3)], [torch.zeros(1, 3).long()], "red"), "instance of type TexturesBase"),
            (lambda: Meshes(*ragged(), StubTextures(["a"])), "Textures do not match the dimensions of Meshes"),
            (lambda: Meshes(*ragged(), verts_normals=[torch.rand(4, 3)]), "Invalid verts_normals"),
            (lambda: Meshes(*ragged(), verts_normals=torch.rand(3, 5, 3)), "Vertex normals tensor has incorrect dimensions"),
            (lambda: Meshes(*ragged(), verts_normals=1), "verts_normals must be a list or tensor"),
            (lambda: batch().offset_verts(torch.rand(11, 3)), "Verts offsets must have dimension"),
            (lambda: batch().update_padded(torch.rand(3, 5, 3)), "same batch dimension"),
            (lambda: batch().update_padded(torch.rand(4, 6, 3)), "same number of points"),
            (lambda: batch().update_padded(torch.rand(4, 5, 2)), "same dimension"),
            (lambda: batch().update_padded(torch.rand(4, 5)), "must have 3 dimensions, but have 2"),
            (lambda: batch().extend(1.5), "N must be an integer"),
            (lambda: batch().extend(0), "N must be > 0"),
            (lambda: batch().split([1.0, 3.0]), "list of integers"),
            (lambda: batch().get_mesh_verts_faces("a"), "Mesh index must be an integer"),
            (lambda: batch().get_mesh_verts_faces(4), r"in the range \[0, 4\), but is 4"),
            (lambda: batch().sample_textures(None), "does not have textures"),
            (lambda: batch().submeshes([[]]), "exactly one set of submeshes for each mesh: expected 4, but got 1"),
            (lambda: join_meshes_as_batch(batch()), "Wrong first argument to join_meshes_as_batch"),
            (lambda: join_meshes_as_scene(batch(), batch()), "include_textures argument cannot be"),
            (lambda: join_meshes_as_batch([batch(), Meshes(*ragged(), StubTextures(list("abcd")))]), "Inconsistent textures"),
        ],
    )
    def test_errors(self, make, message):
        with pytest.raises(ValueError, match=message):
            make()


def clouds(**names):
    sizes = [4, 0, 6]
    values = {"points": 3, "normals": 3, "features": 2} if not names else {"points": 3}
    return Pointclouds(**{name: [torch.rand(P, C) for P in sizes] for name, C in values.items()})


class TestPointclouds:
    def test_forms_of_a_ragged_batch(self):
        batch = clouds()
        for name, channels in (("points", 3), ("normals", 3), ("features", 2)):
            items = getattr(batch, f"{name}_list")()
            assert torch.equal(getattr(batch, f"{name}_packed")(), torch.cat(items))
            padded = getattr(batch, f"{name}_padded")()
            assert padded.shape == (3, 6, channels) and torch.equal(padded[0, :4], items[0]) and (padded[1] == 0).all()
        assert batch.num_points_per_cloud().tolist() == [4, 0, 6] and batch.packed_to_cloud_idx().tolist() == [0] * 4 + [2] * 6
        assert batch.cloud_to_packed_first_idx().tolist() == [0, 4, 4] and batch.valid.tolist() == [True, False, True]
        assert torch.equal(batch.points_padded().reshape(-1, 3)[batch.padded_to_packed_idx()], batch.points_packed())
        points, normals, features = batch.get_cloud(2)
        assert points.shape == normals.shape == (6, 3) and features.shape == (6, 2)

    def test_padded_and_none(self):
        batch = Pointclouds(torch.rand(2, 5, 3), features=torch.rand(2, 5, 1))
        assert batch.equisized and batch.normals_list() is None and batch.normals_packed() is None and batch.normals_padded() is None
        assert len(batch.features_list()) == 2 and batch.features_packed().shape == (10, 1)
        mixed = Pointclouds([torch.rand(2, 3), torch.zeros(0, 3)], features=[torch.rand(2, 4), None])
        assert mixed.features_list()[1].shape == (0, 4) and mixed.features_padded().shape == (2, 2, 4)
        nothing = Pointclouds([], [])
        assert len(nothing) == 0 and nothing.isempty() and nothing.points_packed().shape == (0, 3) and nothing.normals_list() is None
        assert nothing.points_padded().shape[0] == 0 and nothing.get_bounding_boxes().shape == (0, 3, 2)
        assert len(nothing.padded_to_packed_idx()) == 0 and Pointclouds([torch.zeros(0, 3)]).points_padded().shape == (1, 0, 3)

    def test_offset_scale_update(self):
        batch = clouds()
        batch.points_padded()
        before, offsets = batch.points_packed().clone(), torch.rand(10, 3)
        assert torch.equal(batch.offset(offsets).points_packed(), before + offsets)
        assert torch.equal(batch.scale(torch.tensor([2.0, 1.0, 3.0])).points_list()[2], before[4:] * 3)
        assert torch.equal(batch.points_packed(), before)
        assert torch.equal(batch.offset_(torch.ones(3)).points_padded()[2], before[4:] + 1) and batch.scale_(2) is batch
        new = batch.update_padded(torch.rand(3, 6, 3), new_features_padded=torch.rand(3, 6, 2))
        assert torch.equal(new.normals_packed(), batch.normals_packed()) and new.points_list()[0].shape == (4, 3)
        assert torch.equal(new.features_list()[2], new.features_padded()[2]) and not torch.equal(new.features_packed(), batch.features_packed())

    def test_elements(self):
        batch = clouds()
        assert batch[[2, 0]].num_points_per_cloud().tolist() == [6, 4] and batch[0].normals_packed().shape == (4, 3)
        assert batch.extend(2).num_points_per_cloud().tolist() == [4, 4, 0, 0, 6, 6] and [len(part) for part in batch.split([2, 1])] == [2, 1]
        boxes = batch.get_bounding_boxes()
        assert torch.equal(boxes[2, :, 0], batch.points_list()[2].amin(0)) and boxes[1, 0, 0] == torch.inf
        box = torch.tensor([[0.2, 0.2, 0.2], [0.8, 0.8, 0.8]])
        inside = ((batch.points_packed() >= 0.2) & (batch.points_packed() <= 0.8)).all(1)
        assert torch.equal(batch.inside_box(box), inside) and torch.equal(batch.inside_box(box.expand(3, 2, 3)), inside)
        with pytest.raises(IndexError):
            batch[0.5]

    def test_subsample(self):
        batch = clouds()
        fewer = batch.subsample([2, 5, 3])
        assert fewer.num_points_per_cloud().tolist() == [2, 0, 3] and batch.subsample(6) is batch
        for n in (0, 2):
            rows = (fewer.points_list()[n][:, None] == batch.points_list()[n]).all(2)
            assert (rows.sum(1) == 1).all()
            assert torch.equal(fewer.features_list()[n], batch.features_list()[n][rows.int().argmax(1)])

    def test_copies(self):
        batch = clouds()
        batch.points_packed()
        for other in (batch.clone(), copy.deepcopy(batch), batch.to("cpu", copy=True)):
            other._points_list[0] += 1
            assert not torch.equal(other._points_list[0], batch._points_list[0]) and other._points_packed is not batch._points_packed
        leaf = torch.rand(2, 3, requires_grad=True)
        assert not Pointclouds([leaf]).detach().points_packed().requires_grad and Pointclouds([leaf]).clone().points_padded().requires_grad

    def test_joins(self):
        batch = clouds()
        assert join_pointclouds_as_batch([batch, batch[2]]).num_points_per_cloud().tolist() == [4, 0, 6, 6]
        scene = join_pointclouds_as_scene([batch])
        assert len(scene) == 1 and torch.equal(scene.features_packed(), batch.features_packed())

    def test_estimate_normals(self):
        grid = torch.stack(torch.meshgrid(torch.arange(6.0), torch.arange(6.0), indexing="ij"), -1).reshape(-1, 2)
        plane = torch.nn.functional.pad(grid, (0, 1))
        batch = Pointclouds([plane, plane[:20]])
        normals = batch.estimate_normals(8, assign_to_self=True)
        assert torch.equal(batch.normals_padded(), normals) and batch.normals_packed().shape == (56, 3)
        torch.testing.assert_close(batch.normals_packed().abs(), torch.tensor([0.0, 0, 1]).expand(56, 3))

    @pytest.mark.parametrize(
        ["make", "message"],
        [
            (lambda: Pointclouds(3), "Points must be either a list or a tensor"),
            (lambda: Pointclouds(torch.rand(2, 3)), "Points tensor has incorrect dimensions"),
            (lambda: Pointclouds([torch.rand(2, 4)]), "Clouds in list must be of shape Px3 or empty"),
            (lambda: Pointclouds(torch.rand(1, 2, 3), normals=torch.rand(1, 2, 4)), "Normals are expected to be 3-dimensional"),
            (lambda: Pointclouds(torch.rand(1, 2, 3), features=torch.rand(2, 2, 4)), "same length"),
            (lambda: Pointclouds(torch.rand(1, 2, 3), features=torch.rand(1, 3, 4)), "right maximum"),
            (lambda: Pointclouds(torch.rand(1, 2, 3), features=torch.rand(3, 4)), "Auxiliary input tensor has incorrect dimensions"),
            (lambda: Pointclouds(torch.rand(1, 2, 3), features=3), "Auxiliary input must be either a list or a tensor"),
            (lambda: Pointclouds([torch.rand(2, 3)], features=[]), "same length"),
            (lambda: Pointclouds([torch.rand(2, 3)], features=[torch.rand(3, 1)]), "mismatched numbers of points and inputs"),
            (lambda: Pointclouds([torch.rand(2, 3)], features=[torch.rand(2)]), "must be of shape PxC or empty"),
            (lambda: Pointclouds([torch.rand(2, 3)] * 2, features=[torch.rand(2, 1), torch.rand(2, 2)]), "same number of channels"),
            (lambda: clouds().get_cloud(3), r"in the range \[0, 3\)"),
            (lambda: clouds().get_cloud("a"), "must be an integer"),
            (lambda: clouds().offset(torch.rand(9, 3)), "Offsets must have dimension"),
            (lambda: clouds().subsample([1, 2]), "wrong number of max_points"),
            (lambda: clouds().inside_box(torch.rand(3)), "Input box must be of shape"),
            (lambda: clouds().inside_box(torch.rand(2, 2, 3)), "incompatible with pointcloud size"),
            (lambda: clouds().inside_box(torch.tensor([[1.0, 0, 0], [0, 1, 1]])), "min values larger than max"),
            (lambda: clouds().update_padded(torch.rand(3, 6, 3), torch.rand(3, 6, 2)), "same number of channels"),
            (lambda: clouds().extend(-1), "N must be > 0"),
            (lambda: join_pointclouds_as_batch(clouds()), "Wrong first argument"),
            (lambda: join_pointclouds_as_batch([clouds(), clouds(points=1)]), "'normals' defined and some set to None"),
        ],
    )
    def test_errors(self, make, message):
        with pytest.raises(ValueError, match=message):
            make()


class TestConversions:
    def test_there_and_back(self):
        items = [torch.rand(2, 3), torch.rand(0, 3), torch.rand(4, 3)]
        padded = list_to_padded(items, pad_value=7.0)
        assert padded.shape == (3, 4, 3) and (padded[0, 2:] == 7).all() and (padded[1] == 7).all()
        assert all(torch.equal(a, b) for a, b in zip(padded_to_list(padded, [2, 0, 4]), items))
        packed, sizes, first, of_list = list_to_packed(items)
        assert torch.equal(packed, torch.cat(items)) and of_list.tolist() == [0, 0, 2, 2, 2, 2]
        assert sizes.tolist() == [2, 0, 4] and first.tolist() == [0, 2, 2]
        assert torch.equal(padded_to_packed(padded, [2, 0, 4]), packed) and torch.equal(padded_to_packed(padded, pad_value=7.0), packed)
        assert padded_to_packed(padded).shape == (12, 3) and [len(item) for item in packed_to_list(packed, [2, 0, 4])] == [2, 0, 4]

    def test_indices(self):
        sizes, first, elements = indices_of_sizes([2, 0, 3], "cpu")
        assert sizes.tolist() == [2, 0, 3] and first.tolist() == [0, 2, 2] and elements.tolist() == [0, 0, 2, 2, 2]
        assert padded_rows([2, 0, 3], 3, "cpu").tolist() == [0, 1, 6, 7, 8] and padded_rows([], 0, "cpu").shape == (0,)

    def test_several_dimensions(self):
        items = [torch.rand(2, 3, 1), torch.rand(1, 5, 2), torch.tensor([])]
        padded = list_to_padded(items)
        assert padded.shape == (3, 2, 5, 2) and torch.equal(padded[0, :2, :3, :1], items[0])
        back = padded_to_list(padded, [[2, 3, 1], [1, 5, 2], [0, 0, 0]])
        assert torch.equal(back[1], items[1]) and back[2].numel() == 0 and len(padded_to_list(padded)) == 3
        assert list_to_padded([torch.rand(2)] * 2, equisized=True).shape == (2, 2)

    @pytest.mark.parametrize(
        ["make", "message"],
        [
            (lambda: list_to_padded([torch.rand(2, 3), 5]), "instances of a torch.Tensor"),
            (lambda: list_to_padded([torch.rand(2, 3), torch.rand(2)]), "same number of dimensions"),
            (lambda: list_to_padded([torch.rand(2, 3)], (4,)), "Pad size must contain target size for all dimensions"),
            (lambda: list_to_padded([torch.rand(2, 3)], (1, 3)), r"\[1, 3\] does not hold \[2, 3\]"),
            (lambda: padded_to_list(torch.rand(2, 3), [1]), "Split size must be of same length"),
            (lambda: padded_to_packed(torch.rand(2, 3)), "only 3-dimensional"),
            (lambda: padded_to_packed(torch.rand(2, 3, 1), [1, 2], 0), "Only one of split_size or pad_value"),
            (lambda: padded_to_packed(torch.rand(2, 3, 1), [1]), "Split size must be of same length"),
            (lambda: padded_to_packed(torch.rand(2, 3, 1), [[1], [2]]), "Support only 1-dimensional"),
        ],
    )
    def test_errors(self, make, message):
        with pytest.raises(ValueError, match=message):
            make()
