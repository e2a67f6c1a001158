"""Golden cases of ops on points."""

import torch

from . import ATOL, golden_kind


@golden_kind()
def knn(case) -> dict:
    arguments = [case.input(name) for name in ("p1", "p2", "lengths1", "lengths2")]
    dists, idx = case.call(torch.ops.bisque.knn_points, *arguments, case.args["K"], case.args["norm"])
    expected = case.tensors["out.idx"]
    # For equal distances either index is correct: then the distances are compared.
    tied = (idx.cpu() != expected) & ((dists.detach().cpu() - case.tensors["out.dists"]).abs() <= ATOL)
    return {"dists": dists, "idx": torch.where(tied, expected, idx.cpu())}


@golden_kind()
def packed_to_padded(case) -> dict:
    arguments = case.input("x"), case.input("first_idxs"), case.args["max_size"]
    return {"y": case.call(torch.ops.bisque.packed_to_padded, *arguments)}
