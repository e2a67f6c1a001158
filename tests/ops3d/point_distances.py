"""What the tests of the ops *_distance share: the distances in plain torch, in float64, and inputs."""

import torch


def segment_squares(points: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
    """Squared distances [P, S] of points [P, 3] to segments [S, 2, 3]."""
    a, b = segments.unbind(1)
    along = b - a
    lengths = along.square().sum(-1)
    share = ((points[:, None] - a) * along).sum(-1) / torch.where(lengths > 0, lengths, 1.0)
    return (points[:, None] - a - share.clamp(0, 1)[..., None] * along).square().sum(-1)


def face_squares(points: torch.Tensor, tris: torch.Tensor, min_triangle_area: float = 0.0) -> torch.Tensor:
    """Squared distances [P, F] of points [P, 3] to triangles [F, 3, 3]: those to the sides, and to the point of the plane that solves the
    normal equations, where it lies within."""
    squares = torch.stack([segment_squares(points, tris[:, [i, (i + 1) % 3]]) for i in range(3)]).amin(0)
    sides = torch.stack((tris[:, 1] - tris[:, 0], tris[:, 2] - tris[:, 0]), 1)  # [F, 2, 3]
    gram = sides @ sides.mT
    determinants = torch.linalg.det(gram)
    areas = determinants.clamp_min(0).sqrt() / 2
    good = (areas > 0) & (areas >= min_triangle_area)
    gram = torch.where(good[:, None, None], gram, torch.eye(2, dtype=gram.dtype))
    offsets = points[:, None] - tris[:, 0]  # [P, F, 3]
    shares = torch.linalg.solve(gram, (sides @ offsets[..., None]))  # [P, F, 2, 1]
    within = good & (shares >= 0).all(-2)[..., 0] & (shares.sum(-2)[..., 0] <= 1)
    inner = (offsets - (sides.mT @ shares)[..., 0]).square().sum(-1)
    return torch.where(within, torch.minimum(inner, squares), squares)


def nearest_targets(squares: torch.Tensor, query_first, target_first, dtype) -> tuple:
    """The least of each row of squares [queries, targets] in its cloud, and the lowest index that has it."""
    num_queries, num_targets = squares.shape
    dists, idxs = torch.zeros(num_queries, dtype=dtype), torch.full((num_queries,), -1)
    query_ends = [*query_first[1:].tolist(), num_queries]
    target_ends = [*target_first[1:].tolist(), num_targets]
    for q0, q1, t0, t1 in zip(query_first.tolist(), query_ends, target_first.tolist(), target_ends):
        if q1 > q0 and t1 > t0:
            of_cloud = squares[q0:q1, t0:t1].to(dtype)
            dists[q0:q1] = of_cloud.amin(1)
            indices = torch.where(of_cloud == dists[q0:q1, None], torch.arange(t0, t1), num_targets)
            idxs[q0:q1] = indices.amin(1)
    return dists, idxs


def inputs(random, dtype, num_points: list, num_simplices: list, name: str, scale: float = 0.2, **options) -> dict:
    """Clouds of normally distributed points, and of simplices of about the size `scale`; `name` is "tris" or "segms"."""
    corners = 3 if name == "tris" else 2
    first = lambda sizes: torch.tensor(sizes, dtype=torch.int64).cumsum(0) - torch.tensor(sizes, dtype=torch.int64)
    simplices = random(sum(num_simplices), 1, 3, dtype=dtype) + scale * random(sum(num_simplices), corners, 3, dtype=dtype)
    points = random(sum(num_points), 3, dtype=dtype)
    return {"points": points, "points_first_idx": first(num_points), name: simplices, f"{name}_first_idx": first(num_simplices), **options}


def torus(rings: int, sides: int, dtype=torch.float32) -> tuple:
    """The verts and faces of a torus."""
    around, across = (2 * torch.pi * torch.arange(n, dtype=torch.float64) / n for n in (rings, sides))
    radius = 1 + 0.3 * across.cos()
    x, y = (radius * part[:, None] for part in (around.cos(), around.sin()))
    verts = torch.stack((x, y, (0.3 * across.sin()).expand(rings, sides)), -1).reshape(-1, 3).to(dtype)
    i = torch.arange(rings)[:, None].expand(rings, sides)
    j = torch.arange(sides).expand(rings, sides)
    vert = lambda di, dj: ((i + di) % rings * sides + (j + dj) % sides).flatten()
    a, b, c, d = vert(0, 0), vert(1, 0), vert(0, 1), vert(1, 1)
    return verts, torch.cat((torch.stack((a, b, c), 1), torch.stack((c, b, d), 1)))
