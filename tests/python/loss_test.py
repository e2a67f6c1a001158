"""Losses of the Python package, against plain torch."""

import pytest
import torch

from bisque3d import loss
from bisque3d.loss.point_mesh_distance import edge_point_distance, face_point_distance, point_edge_distance, point_face_distance
from bisque3d.structures import Meshes, Pointclouds
from bisque3d.utils import ico_sphere, torus


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def close(actual, expected, **tolerance):
    torch.testing.assert_close(actual, expected, **tolerance)


def one_way(x, y, norm=2):
    """For lists of clouds: the distances of the points of each."""
    dists = [torch.cdist(a, b, p=float(norm)).min(1)[0] if len(b) else torch.zeros(len(a)) for a, b in zip(x, y)]
    return [d**2 for d in dists] if norm == 2 else dists


class TestChamfer:
    sizes = (torch.tensor([7, 3, 5]), torch.tensor([9, 9, 2]))

    def clouds(self, dtype=torch.float64):
        x, y = torch.rand(3, 7, 3, dtype=dtype), torch.rand(3, 9, 3, dtype=dtype)
        lists = [[cloud[:P] for cloud, P in zip(points, sizes)] for points, sizes in zip((x, y), self.sizes)]
        return x, y, lists

    @pytest.mark.parametrize("norm", [1, 2])
    @pytest.mark.parametrize("batch_reduction", ["mean", "sum", None])
    @pytest.mark.parametrize("point_reduction", ["mean", "sum", "max"])
    @pytest.mark.parametrize("single_directional", [False, True])
    def test_reductions(self, norm, batch_reduction, point_reduction, single_directional):
        x, y, (x_list, y_list) = self.clouds()
        weights = torch.tensor([1.0, 0, 3], dtype=torch.float64)
        reduce = {"mean": torch.mean, "sum": torch.sum, "max": torch.amax}[point_reduction]
        ways = [torch.stack([reduce(d) for d in one_way(*pair, norm)]) for pair in ((x_list, y_list), (y_list, x_list))]
        expected = ways[0] if single_directional else torch.maximum(*ways) if point_reduction == "max" else sum(ways)
        for given, scale in ((None, torch.ones(3, dtype=torch.float64)), (weights, weights)):
            total = expected * scale
            if batch_reduction:
                total = total.sum() / (scale.sum() if batch_reduction == "mean" else 1)
            arguments = dict(weights=given, norm=norm, batch_reduction=batch_reduction, point_reduction=point_reduction)
            actual, normals = loss.chamfer_distance(x, y, *self.sizes, single_directional=single_directional, **arguments)
            close(actual, total)
            assert normals is None
            from_clouds = loss.chamfer_distance(Pointclouds(x_list), Pointclouds(y_list), single_directional=single_directional, **arguments)
            close(from_clouds[0], total)

    def test_without_reduction(self):
        x, y, (x_list, y_list) = self.clouds()
        normals = torch.nn.functional.normalize(torch.randn(3, 9, 3, dtype=torch.float64), dim=2)
        arguments = dict(x_normals=normals[:, :7], y_normals=normals, batch_reduction=None, point_reduction=None)
        (from_x, from_y), (normals_x, normals_y) = loss.chamfer_distance(x, y, *self.sizes, **arguments)
        for n in range(3):
            close(from_x[n, : len(x_list[n])], one_way(x_list, y_list)[n])
            close(from_y[n, : len(y_list[n])], one_way(y_list, x_list)[n])
        assert (from_x[1, 3:] == 0).all() and (normals_x[1, 3:] == 0).all() and normals_y.shape == (3, 9)
        alone = loss.chamfer_distance(x, y, *self.sizes, single_directional=True, **arguments)
        assert torch.equal(alone[0], from_x) and torch.equal(alone[1], normals_x)

    @pytest.mark.parametrize("abs_cosine", [True, False])
    def test_normals(self, abs_cosine):
        x, y, _ = self.clouds()
        x_normals, y_normals = torch.randn(3, 7, 3, dtype=torch.float64), torch.randn(3, 9, 3, dtype=torch.float64)
        _, actual = loss.chamfer_distance(x, y, x_normals=x_normals, y_normals=y_normals, abs_cosine=abs_cosine)
        expected = 0
        for a, b, m, n in ((x, y, x_normals, y_normals), (y, x, y_normals, x_normals)):
            nearest = torch.cdist(a, b).argmin(2)
            cosine = torch.cosine_similarity(m, n.gather(1, nearest[..., None].expand(-1, -1, 3)), dim=2)
            expected = expected + (1 - (cosine.abs() if abs_cosine else cosine)).mean()
        close(actual, expected)

    def test_gradient(self):
        x, y, _ = self.clouds()
        normals = torch.randn(3, 9, 3, dtype=torch.float64)
        given = [tensor.requires_grad_() for tensor in (x, y, normals[:, :7].clone(), normals)]
        assert torch.autograd.gradcheck(lambda x, y, m, n: loss.chamfer_distance(x, y, *self.sizes, m, n), given)

    def test_empty_clouds(self):
        y = torch.rand(2, 4, 3, requires_grad=True)
        distance, _ = loss.chamfer_distance(torch.rand(2, 5, 3), y, x_lengths=torch.tensor([5, 0]))
        distance.backward()
        assert distance.isfinite() and y.grad.isfinite().all()
        nothing, _ = loss.chamfer_distance(torch.zeros(0, 5, 3, requires_grad=True), torch.zeros(0, 4, 3))
        assert nothing == 0 and nothing.requires_grad

    def test_weights_of_zero(self):
        x = torch.rand(3, 5, 3, requires_grad=True)
        for reduction, shape in (("mean", ()), ("sum", ()), (None, (3, 3))):
            for value in loss.chamfer_distance(x, x, weights=torch.zeros(3), batch_reduction=reduction):
                assert value.shape == shape and (value == 0).all() and value.requires_grad

    @pytest.mark.parametrize(
        ["arguments", "message"],
        [
            (dict(batch_reduction="max"), "batch_reduction must be one of"),
            (dict(point_reduction="min"), "point_reduction must be one of"),
            (dict(point_reduction=None), "Batch reduction must be None if point_reduction is None"),
            (dict(norm=3), "Support for 1 or 2 norm"),
            (dict(point_reduction="max", x_normals=torch.rand(2, 5, 3)), 'Normals must be None if point_reduction is "max"'),
            (dict(x=torch.rand(5, 3)), r"Expected points to be of shape \(N, P, D\)"),
            (dict(x=[1]), "either Pointclouds objects or torch.Tensor"),
            (dict(x_lengths=torch.tensor([1])), r"Expected lengths to be of shape \(N,\)"),
            (dict(x_lengths=torch.tensor([1, 6])), "A length value was too long"),
            (dict(x_normals=torch.rand(5, 3)), "Expected normals to be of shape"),
            (dict(y=torch.rand(3, 5, 3)), "y does not have the correct shape"),
            (dict(weights=torch.ones(3)), "weights must be of shape"),
            (dict(weights=-torch.ones(2)), "weights cannot be negative"),
        ],
    )
    def test_errors(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            loss.chamfer_distance(**(dict(x=torch.rand(2, 5, 3), y=torch.rand(2, 6, 3)) | arguments))


def noisy_meshes():
    meshes = Meshes(
        [ico_sphere(1).verts_packed().double(), torch.zeros(0, 3).double(), torus(1.0, 3.0, 5, 6).verts_packed().double()],
        [ico_sphere(1).faces_packed(), torch.zeros(0, 3).long(), torus(1.0, 3.0, 5, 6).faces_packed()],
    )
    return meshes.offset_verts(torch.randn_like(meshes.verts_packed()) / 20)


class TestMeshLosses:
    def test_edges(self):
        meshes = noisy_meshes()
        expected = 0
        for n in (0, 2):
            verts, edges = meshes[n].verts_packed(), meshes[n].edges_packed()
            expected += ((verts[edges[:, 0]] - verts[edges[:, 1]]).norm(dim=1) - 0.3).square().mean() / 3
        close(loss.mesh_edge_loss(meshes, 0.3), expected)

    def test_normals(self):
        meshes = noisy_meshes()
        expected = 0
        for n in (0, 2):
            normals, sides = meshes[n].faces_normals_packed(), meshes[n].faces_packed_to_edges_packed()
            faces = sides.flatten().argsort(stable=True).reshape(-1, 2) // 3  # each edge has two faces
            expected += (1 - (normals[faces[:, 0]] * normals[faces[:, 1]]).sum(1)).mean() / 3
        close(loss.mesh_normal_consistency(meshes), expected)

    @pytest.mark.parametrize("method", ["uniform", "cot", "cotcurv"])
    def test_laplacian(self, method):
        from bisque3d.ops import cot_laplacian

        meshes = noisy_meshes()
        expected = 0
        for n in (0, 2):
            mesh = meshes[n]
            verts = mesh.verts_packed()
            if method == "uniform":
                differences = mesh.laplacian_packed().to_dense() @ verts
            else:
                L, inverse = cot_laplacian(verts, mesh.faces_packed())
                L = L.to_dense()
                total = L.sum(1, keepdim=True)
                differences = L @ verts / total - verts if method == "cot" else (L @ verts - total * verts) * inverse / 4
            expected += differences.norm(dim=1).mean() / 3
        close(loss.mesh_laplacian_smoothing(meshes, method), expected)

    @pytest.mark.parametrize("function", [loss.mesh_edge_loss, loss.mesh_normal_consistency, loss.mesh_laplacian_smoothing])
    def test_gradient_and_nothing(self, function):
        meshes = noisy_meshes()
        offsets = torch.zeros_like(meshes.verts_packed(), requires_grad=True)
        assert torch.autograd.gradcheck(lambda offsets: function(meshes.offset_verts(offsets)), offsets)
        leaf = torch.rand(3, 3, requires_grad=True)
        for empty in (Meshes([], []), Meshes([leaf], [torch.zeros(0, 3).long()])):
            value = function(empty)
            assert value.tolist() == [0.0] and value.requires_grad
        function(Meshes([leaf], [torch.zeros(0, 3).long()])).backward()
        assert (leaf.grad == 0).all()

    def test_normals_of_faces_that_share_no_edge(self):
        verts = torch.rand(6, 3, requires_grad=True)
        value = loss.mesh_normal_consistency(Meshes([verts], [torch.arange(6).reshape(2, 3)]))
        assert value.tolist() == [0.0]
        value.backward()
        assert (verts.grad == 0).all()

    def test_unknown_method(self):
        with pytest.raises(ValueError, match="Method should be one of"):
            loss.mesh_laplacian_smoothing(ico_sphere(0), "?")


def nearest_on_triangle(point, corners):
    """By a dense sampling of the triangle: an upper bound that is close."""
    steps = torch.linspace(0, 1, 201, dtype=point.dtype)
    u, v = torch.meshgrid(steps, steps, indexing="ij")
    inside = u + v <= 1
    weights = torch.stack([u[inside], v[inside], 1 - u[inside] - v[inside]], 1)
    return (weights @ corners - point).square().sum(1).min()


class TestPointMeshDistances:
    def scene(self):
        meshes = Meshes([torch.rand(5, 3).double(), torch.rand(4, 3).double()], [torch.tensor([[0, 1, 2], [2, 3, 4]]), torch.tensor([[0, 1, 3]])])
        return meshes, Pointclouds([torch.rand(4, 3).double(), torch.rand(3, 3).double()])

    def test_faces(self):
        meshes, clouds = self.scene()
        expected = 0
        for n in range(2):
            corners, points = meshes[n].verts_packed()[meshes[n].faces_packed()], clouds.points_list()[n]
            dists = torch.stack([torch.stack([nearest_on_triangle(p, c) for c in corners]) for p in points])
            expected += (dists.min(1)[0].mean() + dists.min(0)[0].mean()) / 2
        close(loss.point_mesh_face_distance(meshes, clouds), expected, atol=1e-3, rtol=0)
        assert loss.point_mesh_face_distance(meshes, clouds, min_triangle_area=100.0) >= loss.point_mesh_face_distance(meshes, clouds)

    def test_edges(self):
        meshes, clouds = self.scene()
        expected = 0
        for n in range(2):
            a, b = meshes[n].verts_packed()[meshes[n].edges_packed()].unbind(1)
            points = clouds.points_list()[n][:, None]
            t = (((points - a) * (b - a)).sum(2) / (b - a).square().sum(1)).clamp(0, 1)
            dists = (a + t[..., None] * (b - a) - points).square().sum(2)
            expected += (dists.min(1)[0].mean() + dists.min(0)[0].mean()) / 2
        close(loss.point_mesh_edge_distance(meshes, clouds), expected)

    @pytest.mark.parametrize("function", [loss.point_mesh_face_distance, loss.point_mesh_edge_distance])
    def test_gradient(self, function):
        meshes, clouds = self.scene()
        offsets = [torch.zeros_like(x, requires_grad=True) for x in (meshes.verts_packed(), clouds.points_packed())]
        assert torch.autograd.gradcheck(lambda a, b: function(meshes.offset_verts(a), clouds.offset(b)), offsets)
        with pytest.raises(ValueError, match="equal sized batches"):
            function(meshes, clouds[0])

    def test_single_functions(self):
        meshes, clouds = self.scene()
        points, first = clouds.points_packed(), clouds.cloud_to_packed_first_idx()
        tris, tris_first = meshes.verts_packed()[meshes.faces_packed()], meshes.mesh_to_faces_packed_first_idx()
        segms, segms_first = meshes.verts_packed()[meshes.edges_packed()], meshes.mesh_to_edges_packed_first_idx()
        assert point_face_distance(points, first, tris, tris_first, 4).shape == (7,)
        assert face_point_distance(points, first, tris, tris_first, 4).shape == (3,)
        assert point_edge_distance(points, first, segms, segms_first, 4).shape == (7,)
        assert edge_point_distance(points, first, segms, segms_first, 9).shape == (len(segms),)
