"""Operators of points and helpers of the Python package, against plain torch."""

import math
import types

import pytest
import torch

from bisque3d import ops
from bisque3d.common import get_device, make_device
from bisque3d.common.compat import meshgrid_ij, prod
from bisque3d.common.linear_with_repeat import LinearWithRepeat
from bisque3d.common.workaround import _safe_det_3x3, symeig3x3
from bisque3d.ops.ball_query import ball_query
from bisque3d.ops.knn import _KNN
from bisque3d.ops.perspective_n_points import EpnpSolution
from bisque3d.ops.points_alignment import ICPSolution, SimilarityTransform, _apply_similarity_transform
from bisque3d.ops.sample_farthest_points import sample_farthest_points_naive
from bisque3d.ops.utils import convert_pointclouds_to_tensor, is_point, is_pointclouds, masked_gather
from bisque3d.structures import Pointclouds
from bisque3d.transforms import random_rotations
from bisque3d.utils import ico_sphere, torus


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def close(actual, expected, **tolerance):
    torch.testing.assert_close(actual, expected, **tolerance)


class TestNeighbors:
    @pytest.mark.parametrize("norm", [1, 2])
    def test_knn(self, norm):
        p1, p2 = torch.rand(3, 7, 2), torch.rand(3, 9, 2)
        lengths1, lengths2 = torch.tensor([7, 0, 4]), torch.tensor([9, 5, 2])
        nearest = ops.knn_points(p1, p2, lengths1, lengths2.int(), norm=norm, K=3, return_nn=True)
        assert isinstance(nearest, _KNN) and nearest._fields == ("dists", "idx", "knn")
        offsets = p1[:, :, None] - p2[:, None]
        every = offsets.abs().sum(3) if norm == 1 else offsets.square().sum(3)
        every = every.masked_fill(torch.arange(9) >= lengths2[:, None, None], torch.inf)
        dists, idx = every.topk(3, largest=False)
        missing = (torch.arange(7) >= lengths1[:, None])[..., None] | dists.isinf()
        close(nearest.dists, dists.masked_fill(missing, 0))
        assert torch.equal(nearest.idx, idx.masked_fill(missing, 0))
        expected = p2[torch.arange(3)[:, None, None], nearest.idx]
        beyond = (torch.arange(3) >= lengths2[:, None]).reshape(3, 1, 3, 1)
        close(nearest.knn, expected.masked_fill(beyond, 0))
        assert torch.equal(ops.knn_gather(p2, nearest.idx, lengths2), nearest.knn) and ops.knn_points(p1, p2).knn is None

    def test_more_neighbors_than_points(self):
        p1, p2 = torch.rand(1, 2, 3), torch.rand(1, 1, 3)
        assert (ops.knn_points(p1, p2, K=3, return_nn=True).knn[:, :, 1:] == 0).all()
        assert ops.knn_points(p1, torch.rand(1, 0, 3), K=2, return_nn=True).knn.shape == (1, 2, 2, 3)

    def test_ball_query(self):
        p1, p2 = torch.rand(2, 6, 3), torch.rand(2, 20, 3)
        dists, idx, knn = ball_query(p1, p2, lengths2=torch.tensor([20, 8]), K=4, radius=0.5)
        for n, i in ((n, i) for n in range(2) for i in range(6)):
            squares = (p1[n, i] - p2[n, : (20, 8)[n]]).square().sum(1)
            inside = (squares < 0.25).nonzero().flatten()[:4]
            assert idx[n, i].tolist() == inside.tolist() + [-1] * (4 - len(inside))
            close(dists[n, i, : len(inside)], squares[inside])
            close(knn[n, i, : len(inside)], p2[n, inside])
        assert (knn[idx == -1] == 0).all() and ball_query(p1, p2, return_nn=False).knn is None

    @pytest.mark.parametrize("random_start_point", [False, True])
    @pytest.mark.parametrize("K", [3, [3, 0, 5], torch.tensor([1, 2, 9])])
    def test_farthest_points(self, K, random_start_point):
        points, lengths = torch.rand(3, 8, 3), torch.tensor([8, 0, 5])
        if random_start_point:
            idx = ops.sample_farthest_points(points, lengths, K, random_start_point)[1]
            starts = torch.stack([ops.sample_farthest_points(points, lengths, 1, True)[1][:, 0] for _ in range(40)])
            assert starts[:, 0].unique().numel() > 3 and (starts[:, 1] == -1).all() and starts[:, 2].max() <= 4
        else:
            selected, idx = ops.sample_farthest_points(points, lengths, K)
            expected, expected_idx = sample_farthest_points_naive(points, lengths, K)
            assert torch.equal(idx, expected_idx) and torch.equal(selected, expected) and torch.equal(masked_gather(points, idx), selected)
        wanted = [3] * 3 if isinstance(K, int) else torch.as_tensor(K).tolist()
        assert (idx >= 0).sum(1).tolist() == [min(k, P) for k, P in zip(wanted, [8, 0, 5])]

    @pytest.mark.parametrize(
        ["make", "message"],
        [
            (lambda: ops.knn_points(torch.rand(2, 3, 3), torch.rand(1, 3, 3)), "same batch dimension"),
            (lambda: ball_query(torch.rand(2, 3, 3), torch.rand(2, 3, 2)), "same point dimension"),
            (lambda: ops.knn_points(torch.rand(2, 3, 3), torch.rand(2, 3, 3), norm=3), "1 or 2 norm"),
            (lambda: ops.knn_gather(torch.rand(2, 3, 3), torch.zeros(1, 3, 1).long()), "same batch dimension"),
            (lambda: masked_gather(torch.rand(2, 3, 3), torch.zeros(1, 3).long()), "same batch dimension"),
            (lambda: masked_gather(torch.rand(2, 3, 3), torch.zeros(2).long()), "idx format is not supported"),
            (lambda: ops.sample_farthest_points(torch.rand(2, 3, 3), torch.tensor([1])), "points and lengths must have same batch"),
            (lambda: ops.sample_farthest_points(torch.rand(2, 3, 3), torch.tensor([1, 4])), "A value in lengths was too large"),
            (lambda: ops.sample_farthest_points(torch.rand(2, 3, 3), K=[1]), "K and points must have the same batch"),
            (lambda: sample_farthest_points_naive(torch.rand(2, 3, 3), torch.tensor([1, 4])), "Invalid lengths. The greatest is 4"),
        ],
    )
    def test_errors(self, make, message):
        with pytest.raises(ValueError, match=message):
            make()

    def test_empty_batches(self):
        x = torch.zeros(0, 60, 3)
        assert ops.knn_points(x, x[:, :5], K=2, return_nn=True).knn.shape == (0, 60, 2, 3)
        assert masked_gather(x, torch.zeros(0, 4, 2).long()).shape == (0, 4, 2, 3)
        assert ops.estimate_pointcloud_normals(x).shape == (0, 60, 3)
        assert ops.iterative_closest_point(x, x).Xt.shape == x.shape


class TestAlignment:
    def similar(self, N, P, scale=1.7):
        X, R, T = torch.randn(N, P, 3, dtype=torch.float64), random_rotations(N, torch.float64), torch.randn(N, 3, dtype=torch.float64)
        return X, R, T, scale * (X @ R) + T[:, None]

    def test_corresponding_points(self):
        X, R, T, Y = self.similar(4, 10)
        found = ops.corresponding_points_alignment(X, Y, estimate_scale=True)
        for actual, expected in zip(found, (R, T, torch.full((4,), 1.7, dtype=torch.float64))):
            close(actual, expected)
        assert isinstance(found, SimilarityTransform)
        close(_apply_similarity_transform(X, *found), Y)
        outlier = Y.clone()
        outlier[:, 0] += 100
        weights = torch.ones(4, 10, dtype=torch.float64).index_fill(1, torch.tensor([0]), 0)
        for given in (weights, list(weights)):
            close(ops.corresponding_points_alignment(X, outlier, given, estimate_scale=True).R, R)
        clouds = [Pointclouds([points[0], points[1, :6]]) for points in (X, Y)]
        ragged = ops.corresponding_points_alignment(*clouds, estimate_scale=True)
        close(ragged.R, R[:2])
        assert (ops.corresponding_points_alignment(X, Y).s == 1).all()

    def test_reflection(self):
        X, R, T, _ = self.similar(2, 10)
        mirrored = (X * torch.tensor([1.0, 1, -1])) @ R
        assert (torch.linalg.det(ops.corresponding_points_alignment(X, mirrored).R) > 0).all()
        close(torch.linalg.det(ops.corresponding_points_alignment(X, mirrored, allow_reflection=True).R), -torch.ones(2, dtype=torch.float64))

    def test_degenerate_clouds_warn(self):
        X, _, _, Y = self.similar(2, 3)
        with pytest.warns(UserWarning, match=r"size of one of the point clouds is <= dim\+1"):
            ops.corresponding_points_alignment(X, Y)
        with pytest.warns(UserWarning, match="Excessively low rank"):
            found = ops.corresponding_points_alignment(torch.zeros(1, 9, 3), torch.zeros(1, 9, 3))
        assert found.R.isfinite().all()

    def test_gradient(self):
        X, _, _, Y = self.similar(2, 6)
        given = [tensor.requires_grad_() for tensor in (X, Y + torch.randn_like(Y) / 10, torch.rand(2, 6, dtype=torch.float64) + 0.5)]
        assert torch.autograd.gradcheck(lambda *g: ops.corresponding_points_alignment(*g, estimate_scale=True), given)

    def test_iterative_closest_point(self, capsys):
        X = torch.rand(2, 60, 3, dtype=torch.float64)
        R = torch.linalg.matrix_exp(torch.tensor([[0, 0.1, 0], [-0.1, 0, 0.05], [0, -0.05, 0]], dtype=torch.float64)).expand(2, 3, 3)
        Y = X @ R + 0.01
        solution = ops.iterative_closest_point(X, Y.flip(1), verbose=True)
        assert isinstance(solution, ICPSolution) and solution.converged and len(solution.t_history) > 1 and "converged" in capsys.readouterr().out
        close(solution.RTs.R, R)
        close(solution.Xt, Y)
        assert (solution.rmse < 1e-6).all()
        clouds = Pointclouds([X[0], X[1, :40]]), Pointclouds([Y[0], Y[1]])
        ragged = ops.iterative_closest_point(*clouds, init_transform=solution.RTs)
        assert isinstance(ragged.Xt, Pointclouds) and ragged.Xt.num_points_per_cloud().tolist() == [60, 40]
        close(ragged.RTs.R, R)
        none = ops.iterative_closest_point(X, Y, max_iterations=0)
        assert none.rmse is None and not none.converged and torch.equal(none.Xt, X)

    def test_camera_pose(self):
        x, R, T, _ = self.similar(5, 8)
        T = T + torch.tensor([0.0, 0, 8])
        seen = x @ R + T[:, None]
        y = seen[..., :2] / seen[..., 2:]
        found = ops.efficient_pnp(x.float(), y.float())
        assert isinstance(found, EpnpSolution) and found._fields == ("x_cam", "R", "T", "err_2d", "err_3d") and found.R.dtype == torch.float32
        close(found.R.double(), R, atol=1e-3, rtol=0)
        close(found.T.double(), T, atol=1e-2, rtol=0)
        weights = torch.ones(5, 8)
        weights[:, 0] = 0
        wrong = y.clone()
        wrong[:, 0] += 1
        close(ops.efficient_pnp(x, wrong, weights).R, R, atol=1e-4, rtol=0)
        given = [x.requires_grad_(), y.requires_grad_()]
        assert torch.autograd.gradcheck(lambda *g: ops.efficient_pnp(*g, skip_quadratic_eq=True).R, given, atol=1e-3)

    def test_cameras(self):
        class Cameras(types.SimpleNamespace):
            def clone(self):
                return Cameras(R=self.R.clone(), T=self.T.clone())

            def get_camera_center(self):
                return -(self.T[:, None] @ self.R.mT)[:, 0]

        src = Cameras(R=random_rotations(6, torch.float64), T=torch.randn(6, 3, dtype=torch.float64))
        turn, move, scale = random_rotations(1, torch.float64), torch.randn(1, 3, dtype=torch.float64), 2.5
        tgt = Cameras(R=turn @ src.R, T=(move @ src.R)[:, 0] + src.T * scale)
        for mode in ("centers", "extrinsics"):
            aligned = ops.corresponding_cameras_alignment(src, tgt, mode=mode)
            close(aligned.R, tgt.R)
            close(aligned.T, tgt.T)
        with pytest.raises(ValueError, match="mode has to be one of"):
            ops.corresponding_cameras_alignment(src, tgt, mode="?")
        with pytest.raises(ValueError, match="same number of cameras"):
            ops.corresponding_cameras_alignment(src, Cameras(R=tgt.R[:1], T=tgt.T[:1]))

    @pytest.mark.parametrize(
        ["make", "message"],
        [
            (lambda: ops.corresponding_points_alignment(torch.rand(1, 9, 3), torch.rand(1, 8, 3)), "same number of batches, points"),
            (lambda: ops.corresponding_points_alignment(*[Pointclouds([torch.rand(9, 3), torch.rand(n, 3)]) for n in (5, 6)]), "same number of"),
            (lambda: ops.corresponding_points_alignment(torch.rand(1, 9, 3), torch.rand(1, 9, 3), torch.rand(1, 8)), "first two dimensions as X"),
            (lambda: ops.corresponding_points_alignment(torch.rand(1, 9, 3), torch.rand(1, 9, 3), [torch.rand(8)]), "number of weights"),
            (lambda: ops.corresponding_points_alignment([1], torch.rand(1, 9, 3)), "either Pointclouds objects or tensors"),
            (lambda: ops.iterative_closest_point(torch.rand(1, 9, 3), torch.rand(2, 9, 3)), "same number of batches and data dimensions"),
            (lambda: ops.iterative_closest_point(torch.rand(1, 9, 3), torch.rand(1, 9, 3), (1, 2)), "init_transform has to be"),
            (lambda: ops.efficient_pnp(torch.rand(1, 3, 3), torch.rand(1, 3, 2)), "at least 4 points"),
            (lambda: ops.efficient_pnp(torch.rand(1, 5, 3), torch.rand(1, 4, 2)), "expected y to be"),
            (lambda: ops.efficient_pnp(torch.rand(1, 5, 3), torch.rand(1, 5, 2), torch.rand(1, 4)), "expected weights to be"),
        ],
    )
    def test_errors(self, make, message):
        with pytest.raises(ValueError, match=message):
            make()


class TestLocalGeometry:
    def test_frames(self):
        points = torch.randn(2, 40, 3, dtype=torch.float64) * torch.tensor([1.0, 0.5, 0.1])
        curvatures, frames = ops.estimate_pointcloud_local_coord_frames(points, 12, disambiguate_directions=False)
        covariances, neighbors = ops.get_point_covariances(points, torch.tensor([40, 40]), 12)
        idx = torch.cdist(points, points).topk(12, largest=False)[1]
        expected = torch.stack([cloud[rows] for cloud, rows in zip(points, idx)])
        close(neighbors, expected)
        centered = expected - expected.mean(2, keepdim=True)
        close(covariances, centered.mT @ centered / 12)
        close(covariances @ frames, frames * curvatures[..., None, :])
        turned = ops.estimate_pointcloud_normals(points, 12)
        assert ((turned * frames[..., 0]).sum(2).abs() > 0.999).all()
        in_front = ((expected - points[:, :, None]) * turned[:, :, None]).sum(3).sign().sum(2)
        assert (in_front >= 0).all()

    def test_ragged(self):
        clouds = Pointclouds([torch.rand(30, 3), torch.rand(20, 3)])
        normals = ops.estimate_pointcloud_normals(clouds, 8)
        assert (normals[1, 20:] == 0).all()
        close(normals[1, :20], ops.estimate_pointcloud_normals(clouds.points_list()[1][None], 8)[0], atol=1e-4, rtol=1e-3)
        with pytest.raises(ValueError, match="neighborhood_size argument"):
            ops.estimate_pointcloud_normals(clouds, 20)
        with pytest.raises(ValueError, match=r"shape \(minibatch, N, 3\)"):
            ops.estimate_pointcloud_normals(torch.rand(2, 30, 2))

    def test_wmean(self):
        x, weights = torch.rand(4, 5, 3), torch.rand(4, 5)
        close(ops.wmean(x), x.mean(-2, keepdim=True))
        close(ops.wmean(x, weights, keepdim=False), (x * weights[..., None]).sum(1) / weights.sum(1, keepdim=True))
        close(ops.wmean(x, weights[:1], dim=(0, 1)), ops.wmean(x, weights[:1].expand(4, 5), dim=(0, 1)))
        assert (ops.wmean(x, torch.zeros(4, 5)) == 0).all()
        with pytest.raises(ValueError, match="not compatible"):
            ops.wmean(x, torch.rand(4, 4))

    def test_eigenvalues(self):
        matrices = torch.randn(5, 2, 3, 3, dtype=torch.float64)
        matrices = matrices + matrices.mT
        values, vectors = symeig3x3(matrices)
        close(values, torch.linalg.eigvalsh(matrices))
        close(matrices @ vectors, vectors * values[..., None, :])
        assert symeig3x3(matrices, eigenvectors=False)[1] is None
        close(_safe_det_3x3(matrices[0]), torch.linalg.det(matrices[0]))
        with pytest.raises(ValueError, match=r"inputs of shape \(\.\.\., 3, 3\)"):
            symeig3x3(torch.rand(3, 4))


class TestCommon:
    def test_linear_with_repeat(self):
        layer = LinearWithRepeat(7, 5)
        x, y = torch.rand(2, 3, 4), torch.rand(2, 3)
        joined = torch.cat([x, y[:, None].expand(2, 3, 3)], -1)
        close(layer((x, y)), torch.nn.functional.linear(joined, layer.weight, layer.bias))
        assert LinearWithRepeat(7, 5, bias=False).bias is None and layer.weight.abs().max() <= 1 / math.sqrt(7)
        before = layer.weight.clone()
        layer.reset_parameters()
        assert not torch.equal(layer.weight, before)

    def test_grids(self):
        rows, columns = meshgrid_ij(torch.arange(2), torch.arange(3))
        assert rows.tolist() == [[0, 0, 0], [1, 1, 1]] and columns.tolist() == [[0, 1, 2]] * 2
        assert torch.equal(meshgrid_ij([torch.arange(2), torch.arange(3)])[1], columns) and prod([2, 3], start=4) == 24

    def test_points_and_sizes(self):
        clouds = Pointclouds([torch.rand(3, 3), torch.rand(1, 3)])
        points, sizes = convert_pointclouds_to_tensor(clouds)
        assert is_pointclouds(clouds) and not is_pointclouds(points) and sizes.tolist() == [3, 1]
        assert is_point(sizes, 3).tolist() == [[True, True, True], [True, False, False]]
        padded, sizes = convert_pointclouds_to_tensor(points)
        assert padded is points and sizes.tolist() == [3, 3]
        with pytest.raises(ValueError, match="either Pointclouds objects or tensors"):
            convert_pointclouds_to_tensor([points])

    def test_devices(self):
        assert make_device("cpu") == torch.device("cpu") and get_device(torch.rand(1)) == get_device(1.0) == torch.device("cpu")
        assert get_device(1.0, "meta") == torch.device("meta")

    def test_simple_meshes(self):
        for level in range(3):
            sphere = ico_sphere(level)
            assert sphere.num_faces_per_mesh().item() == 20 * 4**level
            close(sphere.verts_packed().norm(dim=1), torch.ones(len(sphere.verts_packed())), atol=1e-4, rtol=0)
        ring = torus(1.0, 3.0, 8, 12)
        verts = ring.verts_packed()
        close((verts[:, :2].norm(dim=1) - 3) ** 2 + verts[:, 2] ** 2, torch.ones(96))
        middles = verts[ring.faces_packed()].mean(1)
        outwards = middles - torch.nn.functional.pad(torch.nn.functional.normalize(middles[:, :2]) * 3, (0, 1))
        assert ((ring.faces_normals_packed() * outwards).sum(1) > 0).all()
        assert len(ring.edges_packed()) == 3 * 96
        with pytest.raises(ValueError, match="level must be >= 0"):
            ico_sphere(-1)
        for name in ("sides", "rings"):
            with pytest.raises(ValueError, match=f"{name} must be > 0"):
                torus(1, 2, **(dict(sides=3, rings=3) | {name: 0}))
