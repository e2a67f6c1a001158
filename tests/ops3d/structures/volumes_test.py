"""Volumes (ops3d/structures/volumes.h) against grid_sample and their formula."""

import pytest
import torch
from torch.nn.functional import grid_sample

from tests.testing.functions import functions  # noqa: F401 (loads the library)

Volumes = torch.classes.bisque_functions.Volumes

SIZES = [(4, 3, 5), (2, 6, 3), (1, 2, 7)]  # D, H, W


def random_list(channels, dtype=torch.float32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(channels, *size, dtype=dtype, generator=generator) for size in SIZES]


def places(dtype=torch.float32):
    generator = torch.Generator().manual_seed(5)
    return torch.rand(3, 3, dtype=dtype, generator=generator) + 0.1, torch.randn(3, 3, dtype=dtype, generator=generator)


def check_list(got, expected):
    assert len(got) == len(expected) and all(map(torch.equal, got, expected))


def test_list_and_padded():
    densities, features = random_list(1), random_list(4, seed=1)
    volumes = Volumes(densities, features)
    assert volumes.size() == 3 and torch.equal(volumes.get_grid_sizes(), torch.tensor(SIZES))
    check_list(volumes.densities_list(), densities)
    check_list(volumes.features_list(), features)
    assert volumes.densities().shape == (3, 1, 4, 6, 7) and volumes.features().shape == (3, 4, 4, 6, 7)
    for padded, parts in ((volumes.densities(), densities), (volumes.features(), features)):
        padding = padded.clone()
        for i, (d, h, w) in enumerate(SIZES):
            assert torch.equal(padded[i, :, :d, :h, :w], parts[i])
            padding[i, :, :d, :h, :w] = 0
        assert not padding.any()
    assert Volumes(densities).features() is None and Volumes(densities).features_list() == []


def test_padded():
    densities = torch.randn(2, 1, 3, 4, 5)
    volumes = Volumes.padded(densities, None, None, None)
    assert torch.equal(volumes.get_grid_sizes(), torch.tensor([[3, 4, 5]] * 2))
    check_list(volumes.densities_list(), list(densities))
    assert Volumes.padded(densities[:0], None, None, None).get_coord_grid(True).shape == (0, 3, 4, 5, 3)


def test_tensors_of_one_volume():
    densities = random_list(2)[0]
    volumes = Volumes.padded(densities, densities, None, None)
    check_list(volumes.densities_list(), [densities])
    check_list(volumes.features_list(), [densities])


@pytest.mark.parametrize("align_corners", [True, False])
def test_local_coordinates_are_those_of_grid_sample(align_corners):
    densities = random_list(2, torch.float64)
    volumes = Volumes(densities, align_corners=align_corners)
    grid = volumes.get_coord_grid(False)
    for i, (d, h, w) in enumerate(SIZES):
        own = grid[i, :d, :h, :w]
        torch.testing.assert_close(grid_sample(densities[i][None], own[None], align_corners=align_corners)[0], densities[i])
        assert own.abs().max() <= 1 and (own + own.flip(0, 1, 2)).abs().max() < 1e-12


@pytest.mark.parametrize("align_corners", [True, False])
def test_world_coordinates(align_corners):
    voxel_size, translation = places(torch.float64)
    volumes = Volumes(random_list(1, torch.float64), voxel_size=voxel_size, volume_translation=translation, align_corners=align_corners)
    grid = volumes.get_coord_grid(True)
    for i, (d, h, w) in enumerate(SIZES):
        z, y, x = torch.meshgrid(*(torch.arange(n, dtype=torch.float64) - (n - 1) / 2 for n in (d, h, w)), indexing="ij")
        torch.testing.assert_close(grid[i, :d, :h, :w], torch.stack([x, y, z], -1) * voxel_size[i] - translation[i])
    local = volumes.get_coord_grid(False)
    torch.testing.assert_close(volumes.world_to_local_coords(grid), local)
    torch.testing.assert_close(volumes.local_to_world_coords(local), grid)
    points = torch.randn(3, 5, 3, dtype=torch.float64)
    homogeneous = torch.nn.functional.pad(points, (0, 1), value=1) @ volumes.get_local_to_world_coords_matrix()
    torch.testing.assert_close(homogeneous, torch.nn.functional.pad(volumes.local_to_world_coords(points), (0, 1), value=1))
    assert volumes.world_to_local_coords(points[:, 0]).shape == (3, 3)


def test_forms_of_voxel_size_and_translation():
    densities = random_list(1)
    grid = lambda **place: Volumes(densities, **place).get_coord_grid(True)  # noqa: E731
    voxel_size, translation = places()
    number = torch.tensor(0.5)
    for form in (number, number[None], torch.full((3,), 0.5), torch.full((3, 1), 0.5), torch.full((1, 3), 0.5), torch.full((3, 3), 0.5).double()):
        assert torch.equal(grid(voxel_size=form), grid() * 0.5)
    assert torch.equal(grid(volume_translation=translation[0]), grid(volume_translation=translation[:1]))
    assert torch.equal(grid(volume_translation=translation[0]), grid(volume_translation=translation[[0, 0, 0]]))


def test_index_and_update():
    voxel_size, translation = places()
    densities, features = random_list(1), random_list(2, seed=1)
    volumes = Volumes(densities, features, voxel_size, translation)
    for chosen, order in ((volumes.at(-1), [2]), (volumes.at_tensor(torch.tensor([1, 0, 1])), [1, 0, 1]), (volumes.at_tensor(torch.tensor([True, False, True])), [0, 2])):
        check_list(chosen.densities_list(), [densities[i] for i in order])
        check_list(chosen.features_list(), [features[i] for i in order])
        assert torch.equal(chosen.get_coord_grid(True), volumes.get_coord_grid(True)[order])
    updated = volumes.update_padded(volumes.features(), None)
    check_list(updated.densities_list(), features)
    assert updated.features() is None and torch.equal(updated.get_coord_grid(True), volumes.get_coord_grid(True))
    check_list(volumes.update_padded(volumes.densities(), volumes.densities()).features_list(), densities)


def test_clone_detach_to():
    volumes = Volumes([density.requires_grad_() for density in random_list(1)])
    assert volumes.clone().densities().data_ptr() != volumes.densities().data_ptr() and volumes.clone().densities().requires_grad
    assert not volumes.detach().densities().requires_grad
    assert volumes.to(torch.float64).densities().dtype == volumes.to(torch.float64).get_coord_grid(True).dtype == torch.float64


def test_gradients():
    leaves = [leaf.requires_grad_() for leaf in (*places(torch.float64), *random_list(1, torch.float64))]

    def function(voxel_size, translation, *densities):
        volumes = Volumes(list(densities), [], voxel_size, translation)
        return volumes.get_coord_grid(True), volumes.densities(), volumes.world_to_local_coords(torch.ones(3, 2, 3, dtype=torch.float64))

    assert torch.autograd.gradcheck(function, leaves)


V = torch.zeros(1, 2, 3, 4)
ERRORS = [
    (lambda: Volumes([]), "Volumes: expected densities of one volume or more, but got none"),
    (lambda: Volumes([V[0]]), r"Volumes: expected densities to have shape \[channels, D, H, W\], but got \[2, 3, 4\]"),
    (lambda: Volumes([V.int()]), "Volumes: expected densities to be float32 or float64, but got Int"),
    (lambda: Volumes([V, V.repeat(2, 1, 1, 1)]), "Volumes: expected densities with the same number of channels, but got 1 and 2"),
    (lambda: Volumes([V, V.double()]), "expected all densities and features to have one dtype and device, but got Float on cpu and Double on cpu"),
    (lambda: Volumes([V], [V, V]), "Volumes: expected features of 1 volumes, but got 2"),
    (lambda: Volumes([V], [V[:, :1]]), r"Volumes: expected features of volume 0 to have the size \[2, 3, 4\] of its densities, but got \[1, 3, 4\]"),
    (lambda: Volumes.padded(V[0], None, None, None), r"Volumes: expected densities to have shape \[N, channels, D, H, W\], but got \[2, 3, 4\]"),
    (lambda: Volumes.padded(V[None], V[None, :, 1:], None, None), r"expected features to have the N, D, H and W of densities \[1, 1, 2, 3, 4\], but got \[1, 1, 1, 3, 4\]"),
    (lambda: Volumes([V], voxel_size=torch.ones(2)), r"expected voxel_size to have shape \[\], \[1\], \[N, 1\], \[3\], \[1, 3\] or \[N, 3\] where N = 1, but got \[2\]"),
    (lambda: Volumes([V], volume_translation=torch.ones(1)), r"expected volume_translation to have shape \[3\], \[1, 3\] or \[N, 3\] where N = 1, but got \[1\]"),
    (lambda: Volumes([V], voxel_size=torch.ones(1, dtype=torch.long)), "Volumes: expected voxel_size to be floating-point on cpu, but got Long on cpu"),
    (lambda: Volumes([V]).local_to_world_coords(torch.zeros(2, 3)), r"Volumes::local_to_world_coords: expected points to be Float \[1, ..., 3\] on cpu, but got Float \[2, 3\] on cpu"),
    (lambda: Volumes([V]).world_to_local_coords(torch.zeros(1, 3).double()), "but got Double"),
    (lambda: Volumes([V]).update_padded(torch.zeros(1, 1, 2, 3, 5), None), r"expected densities to have the N, D, H and W of \[1, 1, 2, 3, 4\], but got \[1, 1, 2, 3, 5\]"),
    (lambda: Volumes([V]).at(1), r"Volumes: expected an index in \[-1, 1\), but got 1"),
    (lambda: Volumes([V]).to(torch.int64), "Volumes::to: expected float32 or float64, but got Long"),
]


@pytest.mark.parametrize("make, message", ERRORS, ids=range(len(ERRORS)))
def test_errors(make, message):
    with pytest.raises(RuntimeError, match=message):
        make()
