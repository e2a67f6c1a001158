"""TexturesUV against torch's grid_sample."""

from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F

from bisque3d.renderer import TexturesUV

DTYPE = torch.float64
FACES = (3, 5)  # faces of two meshes


def rand(*sizes, seed=0):
    return torch.rand(*sizes, dtype=DTYPE, generator=torch.Generator().manual_seed(seed))


def given(low=-0.3, high=1.3):
    faces = [torch.randint(6, (n, 3), generator=torch.Generator().manual_seed(n)) for n in FACES]
    return faces, [rand(6, 2, seed=i) * (high - low) + low for i in range(2)]


def fragments(n=2):
    generator = torch.Generator().manual_seed(7)
    pix_to_face = torch.randint(-1, sum(FACES), (n, 5, 6, 2), generator=generator)
    return SimpleNamespace(pix_to_face=pix_to_face, bary_coords=torch.rand(n, 5, 6, 2, 3, dtype=DTYPE, generator=generator).softmax(-1))


def reference(maps_of_faces, faces, uvs, at, mode, padding_mode, align_corners):
    """One fragment after the other."""
    corners = torch.cat([u[f] for f, u in zip(faces, uvs)])
    texels = torch.zeros(*at.pix_to_face.shape, maps_of_faces[0].shape[-1], dtype=DTYPE)
    for index in at.pix_to_face.ge(0).nonzero().tolist():
        index = tuple(index)
        face = at.pix_to_face[index]
        u, v = at.bary_coords[index] @ corners[face]
        grid = torch.stack((2 * u - 1, 1 - 2 * v)).view(1, 1, 1, 2)
        picture = maps_of_faces[face].permute(2, 0, 1)[None]
        texels[index] = F.grid_sample(picture, grid, mode=mode, padding_mode=padding_mode, align_corners=align_corners)[0, :, 0, 0]
    return texels


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
@pytest.mark.parametrize("padding_mode", ["border", "reflection", "zeros"])
@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("form", ["list", "padded", "shared", "expanded"])
def test_texels(mode, padding_mode, align_corners, form):
    faces, uvs = given()
    padded = rand(2, 7, 4, 3)
    maps = {"list": list(padded), "padded": padded, "shared": [padded[0]] * 2, "expanded": padded[:1].expand(2, -1, -1, -1)}[form]
    textures = TexturesUV(maps, faces, uvs, padding_mode=padding_mode, align_corners=align_corners, sampling_mode=mode)
    of_faces = [maps[0]] * FACES[0] + [maps[1]] * FACES[1]
    expected = reference(of_faces, faces, uvs, fragments(), mode, padding_mode, align_corners)
    torch.testing.assert_close(textures.sample_textures(fragments()), expected)


def test_maps_of_different_sizes_are_sampled_as_they_are():
    faces, uvs = given()
    maps = [rand(7, 4, 3), rand(3, 9, 3, seed=1)]
    textures = TexturesUV(maps, faces, uvs)
    expected = reference([maps[0]] * FACES[0] + [maps[1]] * FACES[1], faces, uvs, fragments(), "bilinear", "border", True)
    torch.testing.assert_close(textures.sample_textures(fragments()), expected)
    twice = textures.extend(2)
    assert [tuple(map_.shape) for map_ in twice.maps_list()] == [(7, 4, 3)] * 2 + [(3, 9, 3)] * 2
    torch.testing.assert_close(twice.faces_verts_textures_packed()[FACES[0] :][: FACES[0]], textures.faces_verts_textures_packed()[: FACES[0]])
    padded = textures.maps_padded()
    assert padded.shape == (2, 7, 9, 3)
    resized = F.interpolate(maps[1].permute(2, 0, 1)[None], size=(7, 9), mode="bilinear", align_corners=True)
    torch.testing.assert_close(padded[1], resized[0].permute(1, 2, 0))


@pytest.mark.parametrize("form", ["list", "padded"])
def test_several_maps_per_mesh(form):
    faces, uvs = given()
    maps = [rand(3, 7, 4, 3), rand(2, 7, 4, 3, seed=1)]
    ids = [torch.tensor([2, 0, 1]), torch.tensor([0, 1, 1, 0, 1])]
    if form == "list":
        textures = TexturesUV(maps, faces, uvs, maps_ids=ids)
    else:
        padded = torch.stack((maps[0], F.pad(maps[1], (0, 0, 0, 0, 0, 0, 0, 1))))
        pad = torch.nn.utils.rnn.pad_sequence
        textures = TexturesUV(padded, pad(faces, True, -1), torch.stack(uvs), maps_ids=pad(ids, True))
        textures._num_faces_per_mesh = list(FACES)  # as Meshes does
    of_faces = [maps[n][i] for n in range(2) for i in ids[n]]
    expected = reference(of_faces, faces, uvs, fragments(), "bilinear", "border", True)
    torch.testing.assert_close(textures.sample_textures(fragments()), expected)
    at = SimpleNamespace(pix_to_face=fragments().pix_to_face.clamp_max(4), bary_coords=fragments().bary_coords)
    second = TexturesUV([maps[1]], faces[1:], uvs[1:], maps_ids=ids[1:])
    torch.testing.assert_close(textures[1].sample_textures(at), second.sample_textures(at))
    assert textures.maps_padded().shape == (2, 3, 7, 4, 3)
    for result, expected in zip(textures.maps_ids_list(), ids, strict=True):
        torch.testing.assert_close(result, expected)
    torch.testing.assert_close(textures.maps_ids_padded(), torch.nn.utils.rnn.pad_sequence(ids, True))
    extended = textures.extend(2)
    assert extended.maps_ids_padded().shape == (4, 5)
    corners = textures.faces_verts_textures_packed()
    order = torch.cat((torch.arange(3), torch.arange(3), torch.arange(3, 8), torch.arange(3, 8)))
    torch.testing.assert_close(extended.faces_verts_textures_packed(), corners[order])
    for method, call in (
        ("join_batch", lambda: textures.join_batch([])),
        ("join_scene", textures.join_scene),
        ("centers_for_image", lambda: textures.centers_for_image(0)),
        ("submeshes", lambda: textures.submeshes([[]], [[]])),
    ):
        with pytest.raises(NotImplementedError, match=f"{method} does not support TexturesUV with multiple maps"):
            call()


def test_a_map_of_another_mesh_is_an_error():
    faces, uvs = given()
    ids = [torch.tensor([0, 1, 2]), torch.zeros(5, dtype=torch.int64)]
    textures = TexturesUV([rand(2, 4, 4, 3), rand(2, 4, 4, 3)], faces, uvs, maps_ids=ids)
    with pytest.raises(IndexError, match="Expected maps_ids of mesh 0 to be less than 2; got 2"):
        textures.sample_textures(fragments())


def test_values_at_corners():
    faces, uvs = given(0, 1)
    maps = rand(2, 7, 4, 3)
    corners = TexturesUV(maps, faces, uvs).faces_verts_textures_packed()
    for n, first in ((0, 0), (1, FACES[0])):
        grid = (uvs[n] * torch.tensor([2.0, -2.0]) + torch.tensor([-1.0, 1.0]))[faces[n]][None]
        expected = F.grid_sample(maps[n].permute(2, 0, 1)[None], grid, align_corners=True)[0].permute(1, 2, 0)
        torch.testing.assert_close(corners[first : first + FACES[n]], expected)


def test_faces_without_uvs_are_white():
    faces, uvs = given()
    faces[1][2] = -1
    at = fragments()
    texels = TexturesUV(rand(2, 7, 4, 3), faces, uvs).sample_textures(at)
    chosen = at.pix_to_face == FACES[0] + 2
    assert chosen.any()
    torch.testing.assert_close(texels[chosen], torch.ones_like(texels[chosen]))


def test_gradients():
    faces, uvs = given(0.1, 0.9)
    at = fragments()
    maps = [rand(5, 4, 2), rand(3, 6, 2, seed=1)]
    leaves = [tensor.requires_grad_() for tensor in (*maps, *uvs, at.bary_coords)]

    def sample(a, b, u, v, bary):
        return TexturesUV([a, b], faces, [u, v]).sample_textures(SimpleNamespace(pix_to_face=at.pix_to_face, bary_coords=bary))

    assert torch.autograd.gradcheck(sample, leaves)


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("padding_mode", ["border", "zeros"])
def test_join_scene_samples_the_same(align_corners, padding_mode):
    faces, uvs = given(0, 1)
    if padding_mode == "zeros" and not align_corners:
        uvs = [uv * 0.6 + 0.2 for uv in uvs]  # within the middles of the outer texels
    maps = [rand(7, 4, 3), rand(3, 9, 3, seed=1)]
    textures = TexturesUV(maps, faces, uvs, align_corners=align_corners, padding_mode=padding_mode)
    scene = textures.join_scene()
    torch.testing.assert_close(scene.sample_textures(fragments()), textures.sample_textures(fragments()))
    assert len(scene.maps_list()) == 1 and scene.align_corners == align_corners and scene.padding_mode == padding_mode


def test_join_scene_has_shared_maps_once():
    faces, uvs = given(0, 1)
    map_ = rand(7, 4, 3)
    scene = TexturesUV([map_, map_], faces, uvs).join_scene()
    torch.testing.assert_close(scene.maps_padded()[0], map_)
    twice = TexturesUV([map_, map_.clone()], faces, uvs).join_scene()
    assert twice.maps_padded()[0].numel() == 2 * map_.numel()
    single = TexturesUV([map_], faces[:1], uvs[:1]).join_scene()
    torch.testing.assert_close(single.maps_padded()[0], map_)
    torch.testing.assert_close(single.verts_uvs_list()[0], uvs[0])


def test_join_scene_gradients():
    faces, uvs = given(0.1, 0.9)
    maps = [rand(5, 4, 2).requires_grad_(), rand(3, 6, 2, seed=1).requires_grad_()]
    for align_corners in (True, False):
        at = fragments()
        textures = TexturesUV(maps, faces, uvs, align_corners=align_corners)
        gradients = [torch.autograd.grad(t.sample_textures(at).square().sum(), maps) for t in (textures, textures.join_scene())]
        for gradient, expected in zip(*gradients):
            torch.testing.assert_close(gradient, expected)


def test_join_batch_of_other_modes():
    faces, uvs = given()
    maps = rand(2, 4, 4, 3)
    textures = TexturesUV(maps, faces, uvs)
    for mode, message in (
        (dict(padding_mode="zeros"), "the same padding_mode"),
        (dict(align_corners=False), "the same align_corners value"),
        (dict(sampling_mode="nearest"), "the same sampling_mode"),
    ):
        with pytest.raises(ValueError, match=f"All textures must have {message}"):
            textures.join_batch([TexturesUV(maps, faces, uvs, **mode)])


@pytest.mark.parametrize("align_corners", [True, False])
def test_centers_for_image(align_corners):
    uvs = rand(9, 2) * 0.8 + 0.1
    textures = TexturesUV(rand(1, 8, 5, 3), [torch.zeros(1, 3, dtype=torch.int64)], [uvs], align_corners=align_corners)
    x, y = textures.centers_for_image(0).unbind(1)
    u, v = uvs.unbind(1)
    torch.testing.assert_close(x, u * 4 if align_corners else u * 5 - 0.5)
    torch.testing.assert_close(y, (1 - v) * 7 if align_corners else (1 - v) * 8 - 0.5)
    with pytest.raises(ValueError, match="only supports plotting textures for one mesh"):
        textures.extend(2).centers_for_image(0)


def test_lists_and_padded():
    faces, uvs = given()
    textures = TexturesUV(rand(2, 4, 4, 3), faces, uvs)
    assert textures.faces_uvs_padded().shape == (2, 5, 3) and textures.verts_uvs_padded().shape == (2, 6, 2)
    padded = TexturesUV(rand(2, 4, 4, 3), textures.faces_uvs_padded(), textures.verts_uvs_padded())
    assert [len(f) for f in padded.faces_uvs_list()] == [5, 5] and [len(v) for v in padded.verts_uvs_list()] == [6, 6]
    assert len(padded.maps_list()) == 2 and padded.maps_ids_list() is None and padded.maps_ids_padded() is None


def arguments(**changes):
    faces, uvs = given()
    return {**dict(maps=rand(2, 4, 4, 3), faces_uvs=faces, verts_uvs=uvs), **changes}


IDS = [torch.zeros(n, dtype=torch.int64) for n in FACES]
META = torch.device("meta")


@pytest.mark.parametrize(
    "changes, message",
    [
        (dict(faces_uvs=[torch.zeros(3, 2)] * 2), r"Expected faces_uvs to be of shape \(F, 3\); got \(3, 2\)"),
        (dict(faces_uvs=torch.zeros(2, 3)), r"Expected faces_uvs to be of shape \(N, F, 3\); got \(2, 3\)"),
        (dict(faces_uvs="a"), "Expected faces_uvs to be a tensor or list"),
        (dict(verts_uvs=[rand(3, 3)] * 2), r"Expected verts_uvs to be of shape \(V, 2\); got \(3, 3\)"),
        (dict(verts_uvs=[rand(3, 2)]), "verts_uvs and faces_uvs must have the same batch dimension"),
        (dict(verts_uvs=rand(1, 3, 2)), r"Expected verts_uvs to be of shape \(N, V, 2\); got \(1, 3, 2\)"),
        (dict(verts_uvs="a"), "Expected verts_uvs to be a tensor or list"),
        (dict(verts_uvs=rand(2, 3, 2).to(META)), "verts_uvs and faces_uvs must be on the same device"),
        (dict(maps=rand(1, 4, 4, 3)), r"Expected maps to be of shape \(N, H, W, C\); got \(1, 4, 4, 3\)"),
        (dict(maps=[rand(4, 4, 3)]), "Expected one texture map per mesh in the batch"),
        (dict(maps=[rand(4, 3)] * 2), "Invalid number of dimensions in texture maps"),
        (dict(maps=[rand(4, 4, 3), rand(4, 4, 1)]), "Inconsistent number of channels in maps"),
        (dict(maps="a"), "Expected maps to be a tensor or list of tensors"),
        (dict(maps=rand(2, 4, 4, 3).to(META)), "maps must be on the same device as verts/faces uvs"),
        (dict(maps_ids=IDS), r"Expected maps to be of shape \(N, M, H, W, C\); got \(2, 4, 4, 3\)"),
        (dict(maps_ids=[torch.zeros(3, 1)] * 2), r"Expected maps_ids to be of shape \(F,\); got \(3, 1\)"),
        (dict(maps_ids=IDS[:1]), "must have the same batch dimension"),
        (dict(maps_ids=IDS[::-1]), "must have the same number of faces per mesh"),
        (dict(maps_ids=torch.zeros(1, 5)), r"Expected maps_ids to be of shape \(N, F\); got \(1, 5\)"),
        (dict(maps_ids=torch.zeros(2, 4)), "must have the same number of faces per mesh"),
        (dict(maps_ids=torch.zeros(2, 5, device=META)), "maps_ids and verts/faces uvs must be on the same device"),
        (dict(maps_ids="a"), "Expected maps_ids to be a tensor or list"),
    ],
)
def test_errors(changes, message):
    with pytest.raises(ValueError, match=message):
        TexturesUV(**arguments(**changes))


def test_modes_are_checked():
    with pytest.raises(ValueError, match="Expected padding_mode to be one of border, reflection, zeros; got wrap"):
        TexturesUV(**arguments(padding_mode="wrap")).sample_textures(fragments())
    with pytest.raises(ValueError, match="Expected sampling_mode to be one of bilinear, nearest; got bicubic"):
        TexturesUV(**arguments(sampling_mode="bicubic")).sample_textures(fragments())


def test_an_index_out_of_range_is_an_error():
    faces, uvs = given()
    faces[0][0, 0] = 6
    at = SimpleNamespace(pix_to_face=torch.zeros(1, 1, 1, 1, dtype=torch.int64), bary_coords=torch.ones(1, 1, 1, 1, 3, dtype=DTYPE) / 3)
    with pytest.raises(RuntimeError, match="expected faces_uvs to lie in"):
        TexturesUV(rand(1, 4, 4, 3), faces[:1], uvs[:1]).sample_textures(at)
    with pytest.raises(IndexError, match="Expected faces_uvs of mesh 0 to be less than 6; got 6"):
        TexturesUV(rand(2, 4, 4, 3), faces, uvs).sample_textures(at)
