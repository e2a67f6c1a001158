"""The volume of the intersection of boxes by another way than the op's: the corners of the body are the points where three of all planes meet
that lie below the others, and its volume is a sum over its faces. In float64, for convex boxes."""

import itertools

import torch

FACES = [[0, 1, 2, 3], [4, 5, 6, 7], [0, 1, 5, 4], [2, 3, 7, 6], [0, 3, 7, 4], [1, 2, 6, 5]]
TOLERANCE = 1e-6  # relative to the size of the boxes


def planes_of(box: torch.Tensor) -> torch.Tensor:
    """[6, 4]: outward normals, and offsets."""
    quads = box[torch.tensor(FACES)]
    normals = torch.linalg.cross(quads[:, 1] - quads[:, 0], quads[:, 3] - quads[:, 0])
    normals = normals / normals.norm(dim=1, keepdim=True)
    normals = normals * ((quads.mean(1) - box.mean(0)) * normals).sum(1, keepdim=True).sign()
    return torch.cat((normals, (normals * quads.mean(1)).sum(1, keepdim=True)), 1)


def different(rows: torch.Tensor) -> torch.Tensor:
    kept = []
    for row in rows:
        if all((row - other).abs().max() > 2 * TOLERANCE for other in kept):
            kept.append(row)
    return torch.stack(kept) if kept else rows[:0]


def face_area(points: torch.Tensor, normal: torch.Tensor) -> torch.Tensor:
    """Of the convex polygon with these corners, in any order."""
    around = points - points.mean(0)
    first = around[around.norm(dim=1).argmax()]
    first = first / first.norm()
    second = torch.linalg.cross(normal, first)
    order = torch.atan2(around @ second, around @ first).argsort()
    polygon = around[order]
    return torch.linalg.cross(polygon, polygon.roll(-1, 0)).sum(0).norm() / 2


def volume_of(planes: torch.Tensor) -> float:
    planes = different(planes)
    triples = torch.tensor(list(itertools.combinations(range(len(planes)), 3)))
    normals, offsets = planes[triples][..., :3], planes[triples][..., 3:]
    meet = torch.linalg.det(normals).abs() > 1e-9
    points = torch.linalg.solve(normals[meet], offsets[meet]).squeeze(-1)
    points = different(points[(points @ planes[:, :3].T <= planes[:, 3] + TOLERANCE).all(1)])
    volume = 0.0
    if len(points) >= 4:
        center = points.mean(0)
        for plane in planes:
            on = points[(points @ plane[:3] - plane[3]).abs() <= 2 * TOLERANCE]
            if len(on) >= 3:
                volume += float((plane[3] - plane[:3] @ center) * face_area(on, plane[:3]) / 3)
    return volume


def overlaps(boxes1: torch.Tensor, boxes2: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """vol and iou [N, M], float64."""
    boxes1, boxes2 = boxes1.double(), boxes2.double()
    volumes1, volumes2 = ([volume_of(planes_of(box)) for box in boxes] for boxes in (boxes1, boxes2))
    vol = torch.zeros(len(boxes1), len(boxes2), dtype=torch.float64)
    iou = vol.clone()
    for i, first in enumerate(boxes1):
        for j, second in enumerate(boxes2):
            vol[i, j] = volume_of(torch.cat((planes_of(first), planes_of(second))))
            iou[i, j] = vol[i, j] / (volumes1[i] + volumes2[j] - vol[i, j])
    return vol, iou
