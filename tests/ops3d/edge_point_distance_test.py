"""The op edge_point_distance and its gradient, against plain torch in float64."""

import torch

from bisque3d.testing import OpTests
from tests.ops3d import point_distances


class TestEdgePointDistance(OpTests):
    op = "bisque::edge_point_distance"
    gradients = ["points", "segms"]
    gradcheck_cases = ["small"]

    def inputs_many(self, dtype, random):
        return point_distances.inputs(random, dtype, [150, 60], [90, 300], "segms")

    def inputs_small(self, dtype, random):
        return point_distances.inputs(random, dtype, [2, 0, 3], [3, 2, 2], "segms", scale=1.0)

    def inputs_clouds_without_points_or_segms(self, dtype, random):
        return point_distances.inputs(random, dtype, [0, 5, 3, 0], [0, 4, 0, 6], "segms")

    def inputs_no_points(self, dtype, random):
        return point_distances.inputs(random, dtype, [0], [4], "segms")

    def inputs_no_segms(self, dtype, random):
        return point_distances.inputs(random, dtype, [4], [0], "segms")

    def inputs_no_clouds(self, dtype, random):
        return point_distances.inputs(random, dtype, [], [], "segms")

    def reference(self, points, points_first_idx, segms, segms_first_idx):
        squares = point_distances.segment_squares(points.double(), segms.double()).T
        return point_distances.nearest_targets(squares, segms_first_idx, points_first_idx, points.dtype)

    errors = [
        (dict(points=torch.zeros(4, 2)), r"edge_point_distance: expected points to have shape \[P, 3\] = \[\*, 3\], but got \[4, 2\]"),
        (dict(segms=torch.zeros(4, 3)), r"edge_point_distance: expected segms to have shape \[S, 2, 3\] = \[\*, 2, 3\], but got \[4, 3\]"),
        (dict(segms=torch.zeros(4, 2, 3).double()), "edge_point_distance: expected segms to be float32 as points, but got float64"),
        (dict(segms_first_idx=torch.zeros(3, dtype=torch.int64)), r"expected segms_first_idx to have shape \[N\] = \[4\], but got \[3\]"),
        (dict(points_first_idx=torch.tensor([1, 2, 3, 4])), r"edge_point_distance: expected points_first_idx to lie in \[0, 1\), but got 1 at 0"),
        (dict(points_first_idx=torch.tensor([0, 2, 1, 4])), r"edge_point_distance: expected points_first_idx to lie in \[2, 9\), but got 1 at 2"),
        (dict(segms_first_idx=torch.tensor([0, 4, 4, 11])), r"edge_point_distance: expected segms_first_idx to lie in \[4, 11\), but got 11 at 3"),
    ]

