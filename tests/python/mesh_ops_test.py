"""Operators of meshes and voxels of the Python package, against plain torch."""

import math

import pytest
import torch

from bisque3d import ops
from bisque3d.ops.cubify import cubify, ravel_index, unravel_index
from bisque3d.ops.graph_conv import GatherScatter, gather_scatter, gather_scatter_python
from bisque3d.ops.interp_face_attrs import interpolate_face_attributes_python
from bisque3d.ops.iou_box3d import _box_planes, _box_triangles
from bisque3d.ops.marching_cubes import marching_cubes, marching_cubes_naive
from bisque3d.ops.points_to_volumes import _points_to_volumes
from bisque3d.ops.sample_points_from_meshes import _rand_barycentric_coords
from bisque3d.ops.subdivide_meshes import create_faces_index, create_verts_index
from bisque3d.structures import Meshes, Pointclouds, Volumes, join_meshes_as_batch
from bisque3d.utils import checkerboard, ico_sphere, torus

PIXELS = torch.zeros(1, 1, 1, 1)


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def close(actual, expected, **tolerance):
    torch.testing.assert_close(actual, expected, **tolerance)


class TestMeshOps:
    def test_packed_and_padded(self):
        inputs, first = torch.rand(6, 2, 4), torch.tensor([0, 3, 3])
        for rows in (inputs, inputs[:, 0], inputs[:, 0, 0], inputs[:, :0]):
            padded = ops.packed_to_padded(rows, first, 4)
            assert padded.shape == (3, 4) + rows.shape[1:] and torch.equal(padded[0, :3], rows[:3]) and (padded[1] == 0).all()
            assert torch.equal(ops.padded_to_packed(padded, first, 6), rows)
        last = ops.packed_to_padded(inputs, first, 4).movedim(1, 3)
        assert torch.equal(ops.padded_to_packed(last, first, 6, max_size_dim=3), inputs)

    def test_areas_and_normals(self):
        mesh = ico_sphere(2)
        areas, normals = ops.mesh_face_areas_normals(mesh.verts_packed(), mesh.faces_packed())
        centers = mesh.verts_packed()[mesh.faces_packed()].mean(1)
        assert ((normals * centers).sum(1) > 0.9).all() and abs(areas.sum() - 4 * math.pi) < 0.5

    def test_laplacians(self):
        verts = torch.rand(4, 3, dtype=torch.float64)
        edges = torch.tensor([[0, 1], [0, 2], [1, 2]])
        uniform = ops.laplacian(verts, edges).to_dense()
        expected = torch.tensor([[-1, 0.5, 0.5, 0], [0.5, -1, 0.5, 0], [0.5, 0.5, -1, 0], [0, 0, 0, -1]], dtype=torch.float64)
        close(uniform, expected)
        lengths = ops.norm_laplacian(verts, edges).to_dense()
        close(lengths[0, 1], 1 / (verts[0] - verts[1]).norm())
        assert torch.equal(lengths, lengths.mT) and (lengths.diagonal() == 0).all()
        right = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]], dtype=torch.float64)
        cots, inverse = ops.cot_laplacian(right, torch.tensor([[0, 1, 2]]))
        close(cots.to_dense(), torch.tensor([[0.0, 1, 1], [1, 0, 0], [1, 0, 0]], dtype=torch.float64))
        close(inverse, torch.full((3, 1), 2.0, dtype=torch.float64))
        assert torch.autograd.gradcheck(lambda v: ops.cot_laplacian(v, torch.tensor([[0, 1, 2]]))[0].to_dense(), right.requires_grad_())

    def test_taubin_smooths(self):
        sphere = ico_sphere(3)
        noisy = sphere.offset_verts(torch.randn_like(sphere.verts_packed()) / 50)
        smooth = ops.taubin_smoothing(noisy)

        def roughness(mesh):
            return (mesh.verts_packed().norm(dim=1) - 1).std()

        assert roughness(smooth) < roughness(noisy) / 2 and torch.equal(noisy.faces_packed(), smooth.faces_packed())
        alone = Meshes([torch.rand(4, 3)], [torch.tensor([[0, 1, 2]])])
        close(ops.taubin_smoothing(alone).verts_packed()[3], alone.verts_packed()[3])
        assert len(ops.taubin_smoothing(Meshes([], []))) == 0

    def test_sample_points(self):
        verts, faces = torch.tensor([[0.0, 0, 0], [3, 0, 0], [0, 1, 0], [0, -2, 0]]), torch.tensor([[0, 1, 2], [0, 3, 1]])
        meshes = Meshes([verts, verts[:0]], [faces, faces[:0]])
        points, normals = ops.sample_points_from_meshes(meshes, 3000, return_normals=True)
        assert (points[1] == 0).all() and (normals[1] == 0).all()
        close(normals[0], torch.tensor([0.0, 0, 1]).expand(3000, 3))
        x, y = points[0, :, 0], points[0, :, 1]
        assert (x >= 0).all() and (x / 3 + y.clamp_min(0) <= 1 + 1e-6).all() and (x / 3 - y.clamp_max(0) / 2 <= 1 + 1e-6).all()
        assert abs((y > 0).float().mean() - 1 / 3) < 0.04 and abs(x.mean() - 1) < 0.06
        torch.manual_seed(1)
        first = ops.sample_points_from_meshes(meshes, 10)
        torch.manual_seed(1)
        assert torch.equal(first, ops.sample_points_from_meshes(meshes, 10))
        w = torch.stack(_rand_barycentric_coords(2, 500, torch.float64, "cpu"))
        assert (w >= 0).all() and w.dtype == torch.float64
        close(w.sum(0), torch.ones(2, 500, dtype=torch.float64))
        close(w.mean((1, 2)), torch.full((3,), 1 / 3, dtype=torch.float64), atol=0.03, rtol=0)

    def test_subdivide(self):
        meshes = join_meshes_as_batch([ico_sphere(0), torus(1, 3, 4, 5), Meshes([torch.zeros(0, 3)], [torch.zeros(0, 3).long()])])
        feats = torch.rand(len(meshes.verts_packed()), 2)
        finer, new_feats = ops.SubdivideMeshes()(meshes, feats)
        for n in range(3):
            verts, edges = meshes[n].verts_packed(), meshes[n].edges_packed()
            close(finer.verts_list()[n], torch.cat([verts, verts[edges].mean(1)]))
        V = meshes.num_verts_per_mesh()
        assert torch.equal(finer.num_faces_per_mesh(), 4 * meshes.num_faces_per_mesh())
        assert torch.equal(finer.num_verts_per_mesh(), V + meshes.num_edges_per_mesh())
        areas = [mesh.faces_areas_packed().sum() for mesh in (meshes, finer)]
        close(*areas)
        close(finer.faces_normals_packed()[:20], meshes.faces_normals_packed()[:20])
        first = meshes[0]
        close(new_feats[: len(finer.verts_list()[0])], torch.cat([feats[:12], feats[:12][first.edges_packed()].mean(1)]))
        subdivide = ops.SubdivideMeshes(first)
        twice, twice_feats = subdivide(first.extend(2), torch.cat([feats[:12]] * 2))
        assert torch.equal(twice.faces_list()[1], finer.faces_list()[0]) and twice_feats.shape == (2, 42, 2)
        close(twice.verts_list()[1], finer.verts_list()[0])
        close(subdivide.subdivide_homogeneous(first).verts_packed(), ops.SubdivideMeshes().subdivide_heterogenerous(first).verts_packed())
        faces = subdivide.subdivide_faces(first)
        assert torch.equal(faces, finer.faces_list()[0])
        with pytest.raises(ValueError, match="features need to be of shape"):
            subdivide(first, torch.rand(12))

    def test_orders_of_subdivision(self):
        assert create_verts_index(torch.tensor([2, 1]), torch.tensor([1, 2])).tolist() == [0, 1, 3, 2, 4, 5]
        assert create_faces_index(torch.tensor([1, 2])).tolist() == [0, 3, 6, 9, 1, 2, 4, 5, 7, 8, 10, 11]

    @pytest.mark.parametrize("isolevel", [None, 0.5])
    def test_marching_cubes(self, isolevel):
        axis = torch.linspace(-1, 1, 20)
        z, y, x = torch.meshgrid(axis, axis, axis, indexing="ij")
        volumes = torch.stack([(x * x + y * y + z * z).sqrt(), torch.ones(20, 20, 20)])
        verts, faces = marching_cubes(volumes, isolevel)
        radius = 0.5 if isolevel else float(volumes[0].max() + volumes[0].min()) / 2
        is_inside = (verts[0].abs() < 0.99).all(1)
        close(verts[0].norm(dim=1)[is_inside], torch.full((int(is_inside.sum()),), radius), atol=0.01, rtol=0)
        corners = faces[0].flatten().tolist()
        assert list(dict.fromkeys(corners)) == list(range(len(verts[0])))  # verts are numbered as faces use them
        assert len(verts[1]) == len(faces[1]) == 0 and Meshes(verts, faces).valid.tolist() == [True, False]
        for a, b in zip(marching_cubes_naive(volumes, isolevel), (verts, faces)):
            close(a[0], b[0])
        in_grid = marching_cubes(volumes, isolevel, return_local_coords=False)[0][0]
        close(in_grid / 19 * 2 - 1, verts[0])

    @pytest.mark.parametrize(["align", "low", "high"], [("topleft", -1.0, 3.0), ("corner", -1.0, 1.0), ("center", -2.0, 2.0)])
    def test_cubify(self, align, low, high):
        voxels = torch.tensor([1.0, 0.2]).reshape(2, 1, 1, 1).repeat(1, 2, 2, 2)
        meshes = cubify(voxels, 0.5, align=align)
        assert meshes.num_verts_per_mesh().tolist() == [26, 0] and meshes.num_faces_per_mesh().tolist() == [48, 0]
        assert meshes.verts_packed().min() == low and meshes.verts_packed().max() == high
        assert len(cubify(torch.zeros(0, 2, 2, 2), 0.5)) == 0
        with pytest.raises(ValueError, match="Align mode must be one of"):
            cubify(voxels, 0.5, align="?")

    def test_linear_indices(self):
        places = torch.stack(torch.meshgrid(*(torch.arange(n) for n in (2, 3, 4, 5)), indexing="ij"), -1).reshape(-1, 4)
        assert torch.equal(unravel_index(torch.arange(120), (2, 3, 4, 5)), places)
        assert ravel_index(places[:60, 1:], (3, 4, 5)).tolist() == list(range(60))
        for make, message in (
            (lambda: unravel_index(torch.arange(3), (2, 3, 4)), "Expects a 4-element list"),
            (lambda: ravel_index(places, (2, 3, 4, 5)), "Expects a 3-element list"),
            (lambda: ravel_index(places, (3, 4, 5)), "Expects an index tensor of shape Nx3"),
        ):
            with pytest.raises(ValueError, match=message):
                make()

    def test_cubify_of_colours(self):
        pytest.importorskip("bisque3d.renderer.mesh.textures")
        feats = torch.rand(1, 3, 2, 2, 2)
        meshes = cubify(torch.ones(1, 2, 2, 2), 0.5, feats=feats, align="center")
        colors = meshes.textures.atlas_packed()[:, 0, 0]
        centers = meshes.verts_packed()[meshes.faces_packed()].mean(1)
        x, y, z = (centers / 2 + 0.5).clamp(0, 1).round().long().unbind(1)
        assert torch.equal(colors, feats[0, :, z, y, x].mT)

    def test_boxes(self):
        unit = torch.tensor([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1.0]])
        vol, iou = ops.box3d_overlap(unit[None], torch.stack([unit, unit + 0.5, unit + 2]))
        close(vol, torch.tensor([[1, 1 / 8, 0]]))
        close(iou, torch.tensor([[1, 1 / 15, 0]]))
        for plane in _box_planes:
            assert (unit[plane] == unit[plane[0]]).all(0).sum() == 1
        corners = unit[torch.tensor(_box_triangles)]
        areas = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).norm(dim=1) / 2
        close(areas, torch.full((12,), 0.5))
        bent = unit.clone()
        bent[0, 2] = 0.3
        with pytest.raises(ValueError, match="Plane vertices are not coplanar"):
            ops.box3d_overlap(unit[None], bent[None])
        with pytest.raises(ValueError, match="Planes have zero areas"):
            ops.box3d_overlap(unit[None], (unit * torch.tensor([1, 1, 0.0]))[None])
        with pytest.raises(ValueError, match=r"of shape \(8, 3\)"):
            ops.box3d_overlap(unit, unit[None])

    def test_textures_of_samples(self):
        textures = pytest.importorskip("bisque3d.renderer.mesh.textures")
        sphere = ico_sphere(1)
        mesh = Meshes(sphere.verts_list(), sphere.faces_list(), textures.TexturesVertex(sphere.verts_list()))
        points, normals, texels = ops.sample_points_from_meshes(mesh, 50, return_normals=True, return_textures=True)
        close(texels, points)
        assert normals.shape == (1, 50, 3)

    def test_checkerboard(self):
        pytest.importorskip("bisque3d.renderer.mesh.textures")
        floor = checkerboard(2, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
        x, y, z = floor.verts_packed()[floor.faces_packed()].mean(1).unbind(1)
        is_red = floor.textures.atlas_packed()[:, 0, 0, 0] == 1
        assert torch.equal(is_red, ((x + 2).floor() + (y + 2).floor()) % 2 == 0) and (z == 0).all() and len(x) == 32
        close(floor.faces_normals_packed(), torch.tensor([0.0, 0, 1]).expand(32, 3))
        with pytest.raises(ValueError, match="a radius of 1 or more, but got 0"):
            checkerboard(0)

    def test_interpolation(self):
        pix_to_face = torch.tensor([0, -1, 1]).reshape(1, 1, 3, 1).int()
        bary, attributes = torch.rand(1, 1, 3, 1, 3), torch.rand(2, 3, 4, dtype=torch.float64)
        values = ops.interpolate_face_attributes(pix_to_face, bary, attributes)
        close(interpolate_face_attributes_python(pix_to_face, bary, attributes), values)
        expected = torch.einsum("pk,pkd->pd", bary.double().reshape(3, 3), attributes[[0, 0, 1]]).reshape(1, 1, 3, 1, 4)
        expected[:, :, 1] = 0
        close(values, expected)

    def test_vert_align(self):
        feats = [torch.rand(2, 3, 5, 6), torch.rand(2, 1, 4, 4)]
        meshes = Meshes([torch.rand(4, 3) * 2 - 1, torch.rand(6, 3) * 2 - 1], [torch.tensor([[0, 1, 2]])] * 2)
        sampled = ops.vert_align(feats, meshes)
        assert sampled.shape == (2, 6, 4) and torch.equal(ops.vert_align(feats, meshes, return_packed=True), torch.cat([sampled[0, :4], sampled[1]]))
        corner = ops.vert_align(feats[0], torch.tensor([[[-1.0, -1, 0], [1, -1, 0]]]).repeat(2, 1, 1))
        close(corner, torch.stack([feats[0][:, :, 0, 0], feats[0][:, :, 0, 5]], 1))
        clouds = Pointclouds(meshes.verts_list())
        assert torch.equal(ops.vert_align(feats, clouds, return_packed=True), ops.vert_align(feats, meshes, return_packed=True))

    @pytest.mark.parametrize("directed", [False, True])
    def test_graph_conv(self, directed):
        conv = ops.GraphConv(3, 5, directed=directed)
        assert (conv.w0.bias == 0).all() and repr(conv) == f"GraphConv(3 -> 5, directed={directed})"
        verts, edges = torch.rand(4, 3), torch.tensor([[0, 1], [2, 1]])
        adjacency = torch.zeros(4, 4)
        adjacency[edges[:, 0], edges[:, 1]] = 1
        adjacency = adjacency if directed else adjacency + adjacency.mT
        close(conv(verts, edges), conv.w0(verts) + adjacency @ conv.w1(verts))
        close(gather_scatter(verts, edges, directed), adjacency @ verts)
        close(gather_scatter_python(verts, edges, directed), adjacency @ verts)
        close(GatherScatter.apply(verts, edges, directed), adjacency @ verts)
        assert conv(torch.zeros(0, 3), torch.zeros(0, 2).long()).shape == (0, 5) and (ops.GraphConv(3, 5, "zero").w1.weight == 0).all()

    @pytest.mark.parametrize(
        ["make", "message"],
        [
            (lambda: ops.packed_to_padded(torch.zeros(3).long(), torch.tensor([0]), 3), "input has to be of type"),
            (lambda: ops.packed_to_padded(torch.zeros(3), torch.tensor([[0]]), 3), "only be 1-dimensional"),
            (lambda: ops.packed_to_padded(torch.zeros(3), torch.tensor([0]).int(), 3), "torch.int64"),
            (lambda: ops.padded_to_packed(torch.zeros(1, 3), torch.tensor([0]), 3.0), "num_inputs has to be int"),
            (lambda: ops.mesh_face_areas_normals(torch.rand(3), torch.zeros(1, 3).long()), "verts need to be of shape Vx3"),
            (lambda: ops.mesh_face_areas_normals(torch.rand(3, 3), torch.zeros(3).long()), "faces need to be of shape Fx3"),
            (lambda: ops.mesh_face_areas_normals(torch.rand(3, 3), torch.zeros(1, 3)), "of type torch.int64"),
            (lambda: ops.sample_points_from_meshes(Meshes([], [])), "Meshes are empty"),
            (lambda: ops.sample_points_from_meshes(ico_sphere(0).scale_verts(torch.nan)), "contain nan or inf"),
            (lambda: ops.sample_points_from_meshes(ico_sphere(0), return_textures=True), "do not contain textures"),
            (lambda: ops.interpolate_face_attributes(PIXELS, PIXELS[..., None], torch.rand(2, 4, 1)), "only have three vertices"),
            (lambda: ops.interpolate_face_attributes(PIXELS[0], PIXELS[..., None], torch.rand(2, 3, 1)), "pix_to_face must have shape"),
            (lambda: ops.vert_align(torch.rand(1, 2, 3, 3), torch.rand(4, 3)), "should be 3 dimensional"),
            (lambda: ops.vert_align(torch.rand(1, 2, 3, 3), 5), "must be a tensor or have"),
            (lambda: ops.vert_align(torch.rand(2, 3, 3), torch.rand(1, 4, 3)), r"shape \(N, C, H, W\)"),
            (lambda: ops.vert_align(torch.rand(2, 2, 3, 3), torch.rand(1, 4, 3)), "inconsistent batch"),
            (lambda: ops.GraphConv(3, 5, "?"), "Invalid GraphConv initialization"),
            (lambda: gather_scatter(torch.rand(3), torch.zeros(1, 2).long()), "input can only have 2"),
            (lambda: gather_scatter(torch.rand(3, 1), torch.zeros(2).long()), "edges can only have 2"),
            (lambda: gather_scatter(torch.rand(3, 1), torch.zeros(1, 3).long()), r"shape \(num_edges, 2\)"),
            (lambda: gather_scatter(torch.zeros(3, 1).long(), torch.zeros(1, 2).long()), "of type torch.float32"),
        ],
    )
    def test_errors(self, make, message):
        with pytest.raises(ValueError, match=message):
            make()


class TestVolumeOps:
    @pytest.mark.parametrize("mode", ["trilinear", "nearest"])
    def test_points_at_voxels(self, mode):
        sizes = (3, 4, 5)
        volumes = Volumes(torch.zeros(2, 1, *sizes), features=torch.zeros(2, 2, *sizes), voxel_size=0.5)
        centers = volumes.get_coord_grid()
        points = [centers[0, 1, 2, 3].repeat(2, 1), centers[1, 0, 0, 4][None]]
        feats = [torch.tensor([[1.0, 2], [3, 4]]), torch.tensor([[5.0, 6]])]
        added = ops.add_pointclouds_to_volumes(Pointclouds(points, features=feats), volumes, mode=mode)
        assert added.densities().sum() == 3 and added.densities()[0, 0, 1, 2, 3] == 2 and added.densities()[1, 0, 0, 0, 4] == 1
        close(added.features()[0, :, 1, 2, 3], torch.tensor([2.0, 3]))
        close(added.features()[1, :, 0, 0, 4], torch.tensor([5.0, 6]))
        sums = ops.add_pointclouds_to_volumes(Pointclouds(points, features=feats), volumes, mode=mode, rescale_features=False)
        close(sums.features()[0, :, 1, 2, 3], torch.tensor([4.0, 6]))
        assert volumes.densities().sum() == 0

    @pytest.mark.parametrize("splat", [True, False])
    def test_gradient(self, splat):
        points, feats = torch.rand(1, 4, 3, dtype=torch.float64) * 1.6 - 0.8, torch.rand(1, 4, 2, dtype=torch.float64)
        densities, features = torch.zeros(1, 1, 3, 4, 5, dtype=torch.float64), torch.zeros(1, 2, 3, 4, 5, dtype=torch.float64)
        mask = torch.tensor([[1, 0, 1, 1]])

        def add(points, feats):
            return _points_to_volumes(points, feats, densities, features, torch.tensor([[3, 4, 5]]), 2.0, mask, True, splat)

        assert torch.autograd.gradcheck(add, [points.requires_grad_(), feats.requires_grad_()])
        given = dict(points_3d=points, points_features=feats, volume_densities=densities, volume_features=None)
        assert ops.add_points_features_to_volume_densities_features(**given)[0].shape == (1, 2, 3, 4, 5)

    @pytest.mark.parametrize(
        ["make", "message"],
        [
            (lambda v, c: ops.add_pointclouds_to_volumes(c[0], v), "same batch size"),
            (lambda v, c: ops.add_pointclouds_to_volumes(Pointclouds(c.points_list()), v), "'features' defined"),
            (lambda v, c: ops.add_pointclouds_to_volumes(c, v, mode="?"), "No such interpolation mode"),
            (lambda v, c: ops.add_pointclouds_to_volumes(c, v.update_padded(torch.zeros(2, 2, 3, 3, 3))), "Only one-dimensional densities"),
        ],
    )
    def test_errors(self, make, message):
        clouds = Pointclouds(torch.rand(2, 5, 3), features=torch.rand(2, 5, 1))
        with pytest.raises(ValueError, match=message):
            make(Volumes(torch.zeros(2, 1, 3, 3, 3)), clouds)

    @pytest.mark.parametrize(
        ["name", "value", "message"],
        [
            ("points_3d", torch.rand(2, 5, 2), r"Bad points_3d shape \(2, 5, 2\): expected \('any', 'any', 3\)"),
            ("points_features", torch.rand(2, 4, 1), r"Bad points_features shape \(2, 4, 1\): expected \(2, 5, 'any'\)"),
            ("volume_densities", torch.zeros(3, 1, 3, 3, 3), "Bad volume_densities shape"),
            ("volume_features", torch.zeros(2, 2, 3, 3, 3), r"Bad volume_features shape \(2, 2, 3, 3, 3\): expected \(2, 1, 3, 3, 3\)"),
            ("grid_sizes", torch.tensor([3, 3, 3]), "Bad grid_sizes shape"),
            ("mask", torch.ones(2, 4), r"Bad mask shape \(2, 4\): expected \(2, 5\)"),
        ],
    )
    def test_errors_of_shapes(self, name, value, message):
        given = dict(points_3d=torch.rand(2, 5, 3), points_features=torch.rand(2, 5, 1), volume_densities=torch.zeros(2, 1, 3, 3, 3))
        given |= dict(volume_features=torch.zeros(2, 1, 3, 3, 3), grid_sizes=torch.full((2, 3), 3), mask=torch.ones(2, 5))
        assert ops.add_points_features_to_volume_densities_features(**given)[1].sum() > 0
        with pytest.raises(ValueError, match=message):
            ops.add_points_features_to_volume_densities_features(**(given | {name: value}))
