"""Intersections of boxes."""

from typing import Tuple

import torch

from .._ops import ops

# The corners around each side of a box, and the two triangles of each side.
_box_planes = [[0, 1, 2, 3], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]
_box_triangles = [[plane[0], plane[i], plane[i + 1]] for plane in _box_planes for i in (1, 2)]


def box3d_overlap(boxes1: torch.Tensor, boxes2: torch.Tensor, eps: float = 1e-4) -> Tuple[torch.Tensor, torch.Tensor]:
    """The volumes [N, M] of the intersections of boxes1 [N, 8, 3] and boxes2 [M, 8, 3], and the intersections over unions [N, M].

    Corners 0 to 3 lie around a side, 4 to 7 around the opposite one: the unit box is [0,0,0], [1,0,0], [1,1,0], [0,1,0], [0,0,1], [1,0,1],
    [1,1,1], [0,1,1]. Not differentiable. ValueError: other shapes, sides that are not plane within `eps` or have no area, corners in another
    order, values that are not finite."""
    if any(box.dim() != 3 or tuple(box.shape[1:]) != (8, 3) for box in (boxes1, boxes2)):
        raise ValueError("Each box in the batch must be of shape (8, 3)")
    try:
        return ops.iou_box3d(boxes1.detach(), boxes2.detach(), eps)
    except RuntimeError as error:
        text = str(error)
        if "coplanar" in text:
            raise ValueError(f"Plane vertices are not coplanar. {text}") from None
        if "area" in text:
            raise ValueError(f"Planes have zero areas. {text}") from None
        raise ValueError(text) from None
