"""Volumes of the Python package, against plain torch."""

import pytest
import torch

from bisque3d.structures import Volumes
from bisque3d.structures.volumes import VolumeLocator


class TestVolumes:
    @pytest.mark.parametrize("align_corners", [True, False])
    def test_grid_sample_at_the_grid_gives_the_volume(self, align_corners):
        densities = torch.rand(2, 3, 4, 5, 6)
        volumes = Volumes(densities, align_corners=align_corners, voxel_size=0.3, volume_translation=(1.0, 2.0, 3.0))
        grid = volumes.get_coord_grid(world_coordinates=False)
        torch.testing.assert_close(torch.nn.functional.grid_sample(densities, grid, align_corners=align_corners), densities)
        world = volumes.get_coord_grid()
        torch.testing.assert_close(world[:, :, :, 1:, 0] - world[:, :, :, :-1, 0], torch.full((2, 4, 5, 5), 0.3))
        torch.testing.assert_close(world.mean((1, 2, 3)), torch.tensor([-1.0, -2.0, -3.0]).expand(2, 3))
        torch.testing.assert_close(volumes.world_to_local_coords(world), grid)
        assert volumes.get_align_corners() is align_corners

    def test_empty_batch(self):
        volumes = Volumes(torch.zeros(0, 1, 3, 4, 5))
        assert len(volumes.get_coord_grid()) == 0 and volumes.densities_list() == []
        assert volumes.world_to_local_coords(torch.zeros(0, 7, 3)).shape == (0, 7, 3)

    def test_points_of_any_sizes(self):
        volumes = Volumes(torch.zeros(2, 1, 3, 4, 5), voxel_size=0.5)
        for sizes in ((), (7,), (2, 7)):
            points = torch.rand(2, *sizes, 3)
            torch.testing.assert_close(volumes.local_to_world_coords(volumes.world_to_local_coords(points)), points)

    def test_lists_of_different_sizes(self):
        densities = [torch.rand(1, 2, 3, 4), torch.rand(1, 5, 1, 2)]
        volumes = Volumes(densities, features=[torch.rand(3, 2, 3, 4), torch.rand(3, 5, 1, 2)])
        assert volumes.get_grid_sizes().tolist() == [[2, 3, 4], [5, 1, 2]] and volumes.densities().shape == (2, 1, 5, 3, 4)
        assert all(torch.equal(a, b) for a, b in zip(volumes.densities_list(), densities)) and len(volumes.features_list()) == 2
        alone = Volumes(densities[0][None])
        torch.testing.assert_close(volumes.get_coord_grid()[0, :2], alone.get_coord_grid()[0])
        assert volumes.get_coord_grid().isfinite().all()
        one = volumes[1]
        assert len(one) == 1 and one.get_grid_sizes().tolist() == [[5, 1, 2]] and torch.equal(one.get_coord_grid()[0], volumes.get_coord_grid()[1])
        updated = volumes.update_padded(torch.rand(2, 1, 5, 3, 4))
        assert updated.features() is None and updated.get_grid_sizes() is volumes.get_grid_sizes()

    @pytest.mark.parametrize("voxel_size", [0.5, (0.5, 0.5, 0.5), *(torch.full(shape, 0.5) for shape in ((1,), (3,), (2, 1), (2, 3)))])
    def test_voxel_sizes(self, voxel_size):
        volumes = Volumes(torch.rand(2, 1, 3, 3, 3), voxel_size=voxel_size)
        torch.testing.assert_close(volumes.local_to_world_coords(torch.ones(2, 1, 3)), torch.full((2, 1, 3), 0.5))

    def test_locator_and_transforms(self):
        volumes = Volumes(torch.rand(2, 1, 2, 3, 5), voxel_size=0.5, volume_translation=[1.0, 2.0, 3.0])
        locator = volumes.locator
        assert isinstance(locator, VolumeLocator) and len(locator) == 2
        points = torch.rand(2, 4, 3)
        for owner in (volumes, locator):
            to_world, to_local = owner.get_local_to_world_coords_transform(), owner.get_world_to_local_coords_transform()
            torch.testing.assert_close(to_world.transform_points(points), volumes.local_to_world_coords(points))
            torch.testing.assert_close(to_local.transform_points(points), volumes.world_to_local_coords(points))
        other = VolumeLocator(2, (2, 3, 5), "cpu", voxel_size=0.5, volume_translation=[1.0, 2.0, 3.0])
        torch.testing.assert_close(other.get_coord_grid(), volumes.get_coord_grid())
        assert volumes.cpu() is volumes and locator.cpu() is locator

    def test_gradient_and_dtype(self):
        size = torch.full((3,), 0.5, dtype=torch.float64, requires_grad=True)
        volumes = Volumes(torch.rand(1, 1, 3, 3, 3, dtype=torch.float64), voxel_size=size)
        volumes.get_coord_grid().square().sum().backward()
        assert size.grad is not None and volumes.get_coord_grid().dtype == torch.float64
        copied = volumes.clone()
        assert copied.densities() is not volumes.densities() and volumes.to("cpu") is volumes and len(volumes.to("cpu", copy=True)) == 1

    @pytest.mark.parametrize(
        ["make", "message"],
        [
            (lambda: Volumes(torch.rand(1, 2, 3, 4)), "5-dim tensor"),
            (lambda: Volumes([torch.rand(2, 3, 4)]), "list of 4-dim tensors"),
            (lambda: Volumes([torch.rand(1, 2, 3, 4), torch.rand(2, 2, 3, 4)]), "same number of channels"),
            (lambda: Volumes(3), "must be either a list or a tensor"),
            (lambda: Volumes(torch.rand(1, 1, 2, 3, 4), torch.rand(1, 2, 2, 3, 5)), "size of every grid in `features`"),
            (lambda: Volumes(torch.rand(2, 1, 2, 3, 4), voxel_size=torch.rand(2)), "voxel_size has to be a number, 3 numbers, or a tensor"),
            (lambda: Volumes(torch.rand(2, 1, 2, 3, 4), volume_translation=1.0), "volume_translation has to be 3 numbers, or a tensor"),
            (lambda: VolumeLocator(2, (2, 3), "cpu"), r"`grid_sizes` has to be \(depth, height, width\)"),
            (lambda: VolumeLocator(2, torch.tensor([[2, 3, 4]]), "cpu"), r"`grid_sizes` has to be .* of shape \(minibatch, 3\), here \(2, 3\)"),
        ],
    )
    def test_errors(self, make, message):
        with pytest.raises(ValueError, match=message):
            make()

    def test_bad_index(self):
        with pytest.raises(IndexError):
            Volumes(torch.rand(1, 1, 2, 3, 4))[torch.rand(1)]
