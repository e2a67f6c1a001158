"""Golden cases of neighbours among points."""

import torch

from ..functions import functions
from . import golden_kind


@golden_kind()
def ball_query(case) -> dict:
    arguments = [case.input(name) for name in ("p1", "p2", "lengths1", "lengths2")]
    dists, idx = case.call(torch.ops.bisque.ball_query, *arguments, case.args["K"], case.args["radius"])
    return {"dists": dists, "idx": idx}


@golden_kind()
def farthest_points(case) -> dict:
    points = case.input("points")
    idx = case.call(torch.ops.bisque.sample_farthest_points, points, case.input("lengths"), case.args["K"])
    return {"points": functions.masked_gather(points, idx.cpu()), "idx": idx}


@golden_kind(on_cpu_only=True)
def chamfer(case) -> dict:
    tensors = {name: case.input(name) for name in ("x", "y", "x_normals", "y_normals")}
    loss, loss_normals, *_ = functions.chamfer_distance(**tensors, **case.args)
    return {"loss": loss, "loss_normals": loss_normals}
