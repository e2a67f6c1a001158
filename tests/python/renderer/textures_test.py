"""TexturesVertex and TexturesAtlas, and what all textures do."""

from types import SimpleNamespace

import pytest
import torch

import bisque3d.renderer.mesh.textures as textures_module
from bisque3d.renderer import Textures, TexturesAtlas, TexturesBase, TexturesUV, TexturesVertex
from bisque3d.structures import Meshes

SIZES = ((4, 3), (6, 5), (3, 1))  # verts and faces of the meshes


def rand(*sizes, seed=0):
    return torch.rand(*sizes, generator=torch.Generator().manual_seed(seed))


def vertex_features(channels=3):
    return [rand(verts, channels, seed=i) for i, (verts, _) in enumerate(SIZES)]


def atlases(R=2, channels=3):
    return [rand(faces, R, R, channels, seed=i) for i, (_, faces) in enumerate(SIZES)]


def meshes_with(textures):
    verts = [rand(n, 3, seed=i) for i, (n, _) in enumerate(SIZES)]
    faces = [torch.randint(n, (f, 3), generator=torch.Generator().manual_seed(i)) for i, (n, f) in enumerate(SIZES)]
    return Meshes(verts, faces, textures=textures)


def random_fragments(num_faces, n=2):
    generator = torch.Generator().manual_seed(3)
    pix_to_face = torch.randint(-1, num_faces, (n, 4, 5, 2), generator=generator)
    return SimpleNamespace(pix_to_face=pix_to_face, bary_coords=torch.rand(n, 4, 5, 2, 3, generator=generator).softmax(-1))


def all_textures():
    faces_uvs = [torch.randint(5, (faces, 3), generator=torch.Generator().manual_seed(i)) for i, (_, faces) in enumerate(SIZES)]
    uvs = [rand(5, 2, seed=i) for i in range(3)]
    maps = [rand(4, 3, 3, seed=i) for i in range(3)]
    return [TexturesVertex(vertex_features()), TexturesAtlas(atlases()), TexturesUV(maps, faces_uvs, uvs)]


@pytest.fixture(params=["vertex", "atlas", "uv"])
def textures(request):
    return all_textures()[["vertex", "atlas", "uv"].index(request.param)]


def sampled(textures):
    meshes = meshes_with(textures)
    return meshes.sample_textures(random_fragments(len(meshes.faces_packed())))


def test_vertex_features_in_all_forms():
    features = vertex_features(4)
    padded = torch.zeros(3, 6, 4)
    for i, rows in enumerate(features):
        padded[i, : len(rows)] = rows
    textures = TexturesVertex(features)
    torch.testing.assert_close(textures.verts_features_padded(), padded)
    torch.testing.assert_close(textures.verts_features_packed(), torch.cat(features))
    from_padded = meshes_with(TexturesVertex(padded)).textures  # Meshes gives the numbers of verts
    for result, expected in zip(from_padded.verts_features_list(), features, strict=True):
        torch.testing.assert_close(result, expected)
    torch.testing.assert_close(from_padded.verts_features_packed(), torch.cat(features))


def test_vertex_features_are_interpolated():
    meshes = meshes_with(TexturesVertex(vertex_features(4)))
    fragments = random_fragments(len(meshes.faces_packed()))
    corners = torch.cat(vertex_features(4))[meshes.faces_packed()]
    expected = (corners[fragments.pix_to_face] * fragments.bary_coords[..., None]).sum(-2)
    expected = torch.where(fragments.pix_to_face[..., None] < 0, 0.0, expected)
    torch.testing.assert_close(meshes.sample_textures(fragments), expected)
    torch.testing.assert_close(meshes.textures.faces_verts_textures_packed(meshes.faces_packed()), corners)


def test_atlas_in_all_forms():
    atlas = atlases()
    padded = torch.zeros(3, 5, 2, 2, 3)
    for i, rows in enumerate(atlas):
        padded[i, : len(rows)] = rows
    textures = TexturesAtlas(atlas)
    torch.testing.assert_close(textures.atlas_padded(), padded)
    torch.testing.assert_close(textures.atlas_packed(), torch.cat(atlas))
    from_padded = meshes_with(TexturesAtlas(padded)).textures
    torch.testing.assert_close(from_padded.atlas_packed(), torch.cat(atlas))
    assert [len(each) for each in from_padded.atlas_list()] == [3, 5, 1]


@pytest.mark.parametrize("R", [1, 2, 5])
def test_atlas_texels(R):
    """Each texel is the colour of one of the R^2 small triangles of a face."""
    atlas = rand(3, R, R, 2)
    fragments = random_fragments(3)
    texels = TexturesAtlas([atlas]).sample_textures(fragments)
    for at in torch.cartesian_prod(*(torch.arange(n) for n in (2, 4, 5, 2))).tolist():
        face, (x, y, _) = fragments.pix_to_face[tuple(at)], (fragments.bary_coords[tuple(at)] * R).tolist()
        column, row = int(x), int(y)
        if (x - column) + (y - row) > 1:
            column, row = R - 1 - column, R - 1 - row
        torch.testing.assert_close(texels[tuple(at)], atlas[face, row, column] if face >= 0 else torch.zeros(2))


def test_atlas_at_corners():
    atlas = rand(3, 4, 4, 2)
    corners = TexturesAtlas([atlas]).faces_verts_textures_packed()
    torch.testing.assert_close(corners, torch.stack((atlas[:, 0, 3], atlas[:, 3, 0], atlas[:, 0, 0]), 1))


def test_gradients_arrive_at_the_textures():
    for textures, leaf in zip(all_textures(), ("_verts_features_list", "_atlas_list", "_maps_list")):
        leaves = [tensor.requires_grad_() for tensor in getattr(textures, leaf)]
        sampled(textures).sum().backward()
        assert all(tensor.grad is not None and tensor.grad.abs().sum() > 0 for tensor in leaves)


def test_clone_and_detach(textures):
    name = {TexturesVertex: "_verts_features_list", TexturesAtlas: "_atlas_list", TexturesUV: "_maps_list"}[type(textures)]
    for tensor in getattr(textures, name):
        tensor.requires_grad_()
    expected = sampled(textures)
    clone, detached = textures.clone(), textures.detach()
    torch.testing.assert_close(sampled(clone), expected)
    torch.testing.assert_close(sampled(detached), expected)
    assert sampled(clone).requires_grad and not sampled(detached).requires_grad
    with torch.no_grad():
        getattr(clone, name)[0].fill_(0)
    torch.testing.assert_close(sampled(textures), expected)
    assert clone.valid is not textures.valid and len(clone.valid) == 3


def test_indexing(textures):
    whole = meshes_with(textures)
    for index in (1, slice(1, 3), [2, 0], torch.tensor([2, 0]), torch.tensor([True, False, True]), [True, False, True]):
        part = textures[index]
        assert type(part) is type(textures)
        chosen = torch.arange(3)[index].reshape(-1).tolist()
        assert part._N == len(chosen)
        meshes = Meshes([whole.verts_list()[i] for i in chosen], [whole.faces_list()[i] for i in chosen], textures=part)
        joined = torch.cat([textures[i].faces_verts_textures_packed(whole[i].faces_packed()) for i in chosen])
        torch.testing.assert_close(part.faces_verts_textures_packed(meshes.faces_packed()), joined)
    with pytest.raises(ValueError, match="Invalid index type, expected int, slice, list or tensor; got <class 'str'>"):
        textures["a"]


def test_extend(textures):
    meshes = meshes_with(textures)
    extended = meshes.extend(2)
    assert len(extended.textures.valid) == 6
    corners = extended.textures.faces_verts_textures_packed(extended.faces_packed())
    order = [i for i in range(3) for _ in range(2)]
    expected = torch.cat([textures[i].faces_verts_textures_packed(meshes[i].faces_packed()) for i in order])
    torch.testing.assert_close(corners, expected)
    for number, message in ((0, "N must be > 0"), (-1, "N must be > 0"), (1.5, "N must be an integer")):
        with pytest.raises(ValueError, match=message):
            textures.extend(number)


def test_join_batch(textures):
    whole = meshes_with(textures)
    joined = textures[0].join_batch([textures[[1]], textures[2:]])
    torch.testing.assert_close(
        joined.faces_verts_textures_packed(whole.faces_packed()), textures.faces_verts_textures_packed(whole.faces_packed())
    )
    with pytest.raises(ValueError, match=f"All textures must be of type {type(textures).__name__}"):
        textures.join_batch([object()])


def test_join_scene(textures):
    whole = meshes_with(textures)
    scene = textures.join_scene()
    assert scene._N == 1
    torch.testing.assert_close(
        scene.faces_verts_textures_packed(whole.faces_packed()), textures.faces_verts_textures_packed(whole.faces_packed())
    )


def test_submeshes(textures):
    whole = meshes_with(textures)
    faces = [[torch.tensor([0, 2]), torch.tensor([1])], [torch.tensor([4])], []]
    parts = whole.submeshes(faces)
    assert len(parts) == 3
    corners = parts.textures.faces_verts_textures_packed(parts.faces_packed())
    everything = textures.faces_verts_textures_packed(whole.faces_packed())
    torch.testing.assert_close(corners, everything[[0, 2, 1, 3 + 4]])
    with pytest.raises(IndexError, match="must be of the same length as"):
        textures.submeshes([[]], [[]])


def test_check_shapes(textures):
    assert textures.check_shapes(3, 6, 5)
    assert not textures.check_shapes(2, 6, 5)
    assert not textures.check_shapes(3, 7, 4)
    with pytest.raises(ValueError, match="[Tt]extures"):
        Meshes([rand(3, 3)], [torch.tensor([[0, 1, 2]])], textures=textures)


def test_to_moves_everything(textures):
    moved = textures.clone().to("meta")
    assert moved.device == torch.device("meta") and moved.valid.device.type == "meta"
    for value in vars(moved).values():
        for tensor in value if isinstance(value, list) else [value]:
            assert not torch.is_tensor(tensor) or tensor.device.type == "meta"


def test_isempty(textures):
    assert not textures.isempty()
    textures.valid = torch.zeros(3, dtype=torch.bool)
    assert textures.isempty()
    assert textures[[]].isempty()


def test_float64_pictures_of_float32_textures(textures):
    meshes = meshes_with(textures)
    fragments = random_fragments(len(meshes.faces_packed()))
    fragments.bary_coords = fragments.bary_coords.double()
    result = meshes.sample_textures(fragments)
    assert result.dtype == torch.float64
    torch.testing.assert_close(result.float(), sampled(textures), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: TexturesVertex([rand(2, 3), rand(2)]), r"a list of tensors of shape \(V, C\)"),
        (lambda: TexturesVertex(rand(2, 3)), r"Expected verts_features to be of shape \(N, V, C\); got \(2, 3\)"),
        (lambda: TexturesVertex("a"), "verts_features must be a tensor or list of tensors"),
        (lambda: TexturesAtlas([rand(2, 3, 3, 3), rand(2, 4, 4, 3)]), "with the same value of R"),
        (lambda: TexturesAtlas([rand(2, 3, 2, 3)]), r"a list of tensors of shape \(F, R, R, C\)"),
        (lambda: TexturesAtlas(rand(2, 3)), r"Expected atlas to be of shape \(N, F, R, R, C\); got \(2, 3\)"),
        (lambda: TexturesAtlas(1), "Expected atlas to be a tensor or list"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_base():
    base = TexturesBase()
    for call in (lambda: base.sample_textures(None), base.faces_verts_textures_packed, lambda: base[0]):
        with pytest.raises(NotImplementedError):
            call()
    with pytest.raises(NotImplementedError, match="TexturesBase does not support submeshes"):
        base.submeshes([], [])


def test_helpers_for_own_classes():
    class Own(TexturesBase):
        def __init__(self):
            self.values, self.sizes, self.nothing, self.name = rand(2, 3), [1, 2], None, "a"

        def doubled(self):
            return 2 * self.values

    own = Own()
    extended = own._extend(2, ["values", "doubled", "sizes", "nothing"])
    torch.testing.assert_close(extended["doubled"], 2 * own.values[[0, 0, 1, 1]])
    assert extended["sizes"] == [1, 1, 2, 2] and extended["nothing"] is None
    assert own._getitem(1, ["sizes", "nothing"]) == {"sizes": 2, "nothing": None}
    assert own._getitem([1, 0], ["sizes"]) == {"sizes": [2, 1]}
    own.sizes = ["a"]
    for name, message in (("sizes", "only supports lists of scalars"), ("name", "Property name has unsupported type <class 'str'>")):
        with pytest.raises(ValueError, match=message):
            own._extend(2, [name])


def test_padded_and_lists():
    tensors = [rand(2, 3, 4), rand(5, 3, 4)]
    padded = textures_module._list_to_padded_wrapper(tensors, pad_value=-1.0)
    assert padded.shape == (2, 5, 3, 4) and (padded[0, 2:] == -1).all()
    for result, expected in zip(textures_module._padded_to_list_wrapper(padded, [2, 5]), tensors, strict=True):
        assert torch.equal(result, expected)
    assert textures_module._list_to_padded_wrapper(tensors, pad_size=(7, 12)).shape == (2, 7, 3, 4)
    assert textures_module._list_to_padded_wrapper([rand(0, 3, 4), rand(0, 3, 4)]).shape == (2, 0, 3, 4)
    with pytest.raises(ValueError, match="the same number of dimensions"):
        textures_module._list_to_padded_wrapper([rand(2, 3), rand(2, 4)])
    maps = [rand(2, 4, 4, 3), rand(1, 2, 4, 3)]
    assert textures_module._pad_texture_multiple_maps(maps, align_corners=True).shape == (2, 2, 4, 4, 3)
    assert textures_module._pad_texture_maps([m[0] for m in maps], align_corners=True).shape == (2, 4, 4, 3)


def test_old_name():
    faces, uvs, maps = torch.zeros(1, 2, 3, dtype=torch.int64), rand(1, 3, 2), rand(1, 4, 4, 3)
    for arguments, cls in ((dict(maps=maps, faces_uvs=faces, verts_uvs=uvs), TexturesUV), (dict(verts_rgb=rand(1, 3, 3)), TexturesVertex)):
        with pytest.warns(PendingDeprecationWarning):
            assert type(Textures(**arguments)) is cls
    with pytest.warns(PendingDeprecationWarning), pytest.raises(ValueError, match="requires all three"):
        Textures(maps=maps)


def test_no_meshes():
    for textures in (TexturesVertex([]), TexturesAtlas([]), TexturesUV([], [], [])):
        assert textures.isempty()
        fragments = SimpleNamespace(pix_to_face=torch.full((1, 2, 2, 1), -1), bary_coords=torch.full((1, 2, 2, 1, 3), -1.0))
        arguments = (torch.zeros(0, 3, dtype=torch.int64),) if isinstance(textures, TexturesVertex) else ()
        torch.testing.assert_close(textures.sample_textures(fragments, *arguments), torch.zeros(1, 2, 2, 1, 3))
