"""The op point_face_distance and its gradient, against plain torch in float64."""

import torch

from bisque3d.testing import OpTests
from tests.ops3d import point_distances


class TestPointFaceDistance(OpTests):
    op = "bisque::point_face_distance"
    gradients = ["points", "tris"]
    gradcheck_cases = ["small"]

    def inputs_many(self, dtype, random):
        return point_distances.inputs(random, dtype, [150, 60], [90, 300], "tris")

    def inputs_small(self, dtype, random):
        return point_distances.inputs(random, dtype, [2, 0, 3], [3, 2, 2], "tris", scale=1.0)

    def inputs_small_areas(self, dtype, random):
        return point_distances.inputs(random, dtype, [60], [40], "tris", min_triangle_area=0.02)

    def inputs_clouds_without_points_or_tris(self, dtype, random):
        return point_distances.inputs(random, dtype, [0, 5, 3, 0], [0, 4, 0, 6], "tris")

    def inputs_no_points(self, dtype, random):
        return point_distances.inputs(random, dtype, [0], [4], "tris")

    def inputs_no_tris(self, dtype, random):
        return point_distances.inputs(random, dtype, [4], [0], "tris")

    def inputs_no_clouds(self, dtype, random):
        return point_distances.inputs(random, dtype, [], [], "tris")

    def reference(self, points, points_first_idx, tris, tris_first_idx, min_triangle_area=0.0):
        squares = point_distances.face_squares(points.double(), tris.double(), min_triangle_area)
        return point_distances.nearest_targets(squares, points_first_idx, tris_first_idx, points.dtype)

    errors = [
        (dict(points=torch.zeros(4, 2)), r"point_face_distance: expected points to have shape \[P, 3\] = \[\*, 3\], but got \[4, 2\]"),
        (dict(tris=torch.zeros(4, 3)), r"point_face_distance: expected tris to have shape \[F, 3, 3\] = \[\*, 3, 3\], but got \[4, 3\]"),
        (dict(tris=torch.zeros(4, 3, 3).double()), "point_face_distance: expected tris to be float32 as points, but got float64"),
        (dict(tris_first_idx=torch.zeros(3, dtype=torch.int64)), r"expected tris_first_idx to have shape \[N\] = \[4\], but got \[3\]"),
        (dict(points_first_idx=torch.tensor([1, 2, 3, 4])), r"point_face_distance: expected points_first_idx to lie in \[0, 1\), but got 1 at 0"),
        (dict(points_first_idx=torch.tensor([0, 2, 1, 4])), r"point_face_distance: expected points_first_idx to lie in \[2, 9\), but got 1 at 2"),
        (dict(tris_first_idx=torch.tensor([0, 4, 4, 11])), r"point_face_distance: expected tris_first_idx to lie in \[4, 11\), but got 11 at 3"),
        (dict(min_triangle_area=-1.0), "point_face_distance: expected min_triangle_area to be at least 0, but got -1"),
    ]

