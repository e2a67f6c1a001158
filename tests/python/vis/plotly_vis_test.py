"""Figures with plotly: what the traces hold, and the axes and cameras of the subplots."""

import pytest
import torch
from bisque3d.renderer import FoVPerspectiveCameras, HeterogeneousRayBundle, RayBundle, TexturesAtlas, TexturesVertex, look_at_view_transform
from bisque3d.structures import Meshes, Pointclouds

pytest.importorskip("plotly")
from bisque3d.vis import AxisArgs, Lighting, get_camera_wireframe, plot_batch_individually, plot_scene  # noqa: E402
from bisque3d.vis.plotly_vis import _scale_camera_to_bounds  # noqa: E402

VERTS = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [50, 50, 50]])  # no face has the last one
FACES = torch.tensor([[0, 1, 2], [0, 1, 3]])


def meshes(count=1, textures=None):
    return Meshes([VERTS + n for n in range(count)], [FACES] * count, textures)


def clouds(count=1, channels=3, size=10):
    return Pointclouds(torch.rand(count, size, 3), features=torch.rand(count, size, channels) if channels else None)


def cameras(count=1):
    return FoVPerspectiveCameras(*[0.1, 10.0], R=look_at_view_transform(3, 0, torch.arange(count) * 30.0)[0], T=torch.tensor([[0.0, 0, 3]]).expand(count, 3))


def rays(count=2, rays=4, samples=5):
    return RayBundle(torch.rand(count, rays, 3), torch.rand(count, rays, 3), torch.linspace(1, 2, samples).expand(count, rays, samples), torch.rand(count, rays, 2))


def points_of(trace):
    return torch.stack([torch.as_tensor(trace[axis].copy()) for axis in "xyz"], 1)


def test_meshes():
    figure = plot_scene({"title": {"mesh": meshes(2)}}, lighting=Lighting(ambient=0.5))
    (trace,) = figure.data
    assert trace.type == "mesh3d" and trace.name == "mesh" and trace.lighting.ambient == 0.5
    assert figure.layout.annotations[0].text == "title"
    points = points_of(trace)
    torch.testing.assert_close(points[:4], VERTS[:4])
    assert points.max() < 3  # a vert without faces is moved to the middle of the others
    assert trace.i.tolist() == [0, 0, 5, 5] and trace.j.tolist() == [1, 1, 6, 6] and trace.k.tolist() == [2, 3, 7, 8]
    middle = points[[0, 1, 2, 3, 5, 6, 7, 8], 0].mean().item()
    assert figure.layout.scene.xaxis.range == pytest.approx((middle - 2, middle + 2))
    assert figure.layout.scene.aspectmode == "cube"


def test_colors():
    (trace,) = plot_scene({"": {"": meshes(1, TexturesVertex(torch.full([1, 5, 3], 0.5)))}}).data
    assert trace.vertexcolor.shape == (5, 3) and (trace.vertexcolor == 127.5).all()
    (trace,) = plot_scene({"": {"": meshes(1, TexturesAtlas([torch.full([2, 1, 1, 3], 0.2)]))}}).data
    assert trace.vertexcolor is None and torch.as_tensor(trace.facecolor).allclose(torch.tensor(51.0))
    cloud = Pointclouds([torch.zeros(1, 3)], features=[torch.tensor([[1.0, 0.5, 2.0]])])
    assert plot_scene({"": {"": cloud}}).data[0].marker.color == ("rgb(255, 127, 255)",)
    cloud = Pointclouds([torch.zeros(1, 3)], features=[torch.tensor([[1.0, 0.5, 0.0, 0.25]])])
    assert plot_scene({"": {"": cloud}}).data[0].marker.color == ("rgba(255, 127, 0, 0.25)",)
    assert plot_scene({"": {"": clouds(channels=5)}}).data[0].marker.color is None


@pytest.mark.parametrize("channels", [0, 3])
def test_clouds(channels):
    cloud = clouds(2, channels)
    (trace,) = plot_scene({"": {"cloud": cloud}}, pointcloud_marker_size=3).data
    torch.testing.assert_close(points_of(trace), cloud.points_packed())
    assert trace.mode == "markers" and trace.marker.size == 3
    (trace,) = plot_scene({"": {"cloud": cloud}}, pointcloud_max_points=4).data
    assert len(trace.x) == 8


def test_cameras():
    (trace,) = plot_scene({"": {"cameras": cameras(2)}}, camera_scale=0.5).data
    points = points_of(trace)
    assert points.shape == (32, 3) and points[[15, 31]].isnan().all() and not points[:15].isnan().any()
    wires = cameras(2).get_world_to_view_transform().inverse().transform_points(get_camera_wireframe(0.5))
    torch.testing.assert_close(points[16:31], wires[1])


@pytest.mark.parametrize("kind", ["RayBundle", "HeterogeneousRayBundle"])
def test_rays(kind):
    bundle = rays() if kind == "RayBundle" else HeterogeneousRayBundle(*rays(), torch.tensor([0, 3]), torch.tensor([1, 1]))
    lines, points = plot_scene({"": {"rays": bundle}}, raybundle_ray_line_width=2, raybundle_ray_point_marker_size=4).data
    assert (lines.name, points.name) == ("rays", "rays_points") and lines.line.width == 2 and points.marker.size == 4
    expected = bundle.origins[..., None, :] + bundle.lengths[..., None] * bundle.directions[..., None, :]
    torch.testing.assert_close(points_of(points), expected.reshape(-1, 3))
    torch.testing.assert_close(points_of(lines)[:2], expected[0, 0, [0, -1]])
    assert points_of(lines)[2::3].isnan().all()
    lines, points = plot_scene({"": {"rays": bundle}}, raybundle_max_rays=3, raybundle_max_points_per_ray=2).data
    assert len(lines.x) == 9 and len(points.x) == 6


def test_subplots():
    figure = plot_scene({"a": {"m": meshes(), "c": clouds()}, "b": {"c": clouds()}, "c": {"c": clouds()}}, ncols=2, xaxis={"visible": False}, axis_args=AxisArgs(showgrid=True))
    assert [trace.scene for trace in figure.data] == ["scene", "scene", "scene2", "scene3"]
    assert figure.layout.scene.xaxis.visible is False and figure.layout.scene2.yaxis.showgrid is True
    assert [annotation.text for annotation in figure.layout.annotations] == ["a", "b", "c"]


def test_viewpoints():
    R, T = look_at_view_transform(eye=((0.0, 0.0, 4.0),), at=((0.0, 0.0, 1.0),))
    cloud = Pointclouds([torch.tensor([[-1.0, -1, -1], [1, 1, 1]])])  # the axes are from -2 to 2
    figure = plot_scene({"a": {"c": cloud}, "b": {"c": cloud}}, viewpoint_cameras=FoVPerspectiveCameras(R=R, T=T))
    for scene in (figure.layout.scene, figure.layout.scene2):
        assert (scene.camera.eye.x, scene.camera.eye.y, scene.camera.eye.z) == pytest.approx((0, 0, 2), abs=1e-6)
        assert scene.camera.up.y == pytest.approx(0.5) and scene.camera.center.z == pytest.approx(1.5)
    with pytest.warns(UserWarning, match="Invalid number 2 of viewpoint cameras were provided. Either 1 or 1 cameras are required"):
        figure = plot_scene({"a": {"c": cloud}}, viewpoint_cameras=cameras(2))
    assert figure.layout.scene.camera.up.y == 1
    assert _scale_camera_to_bounds(3.0, (1.0, 5.0), True) == 0 and _scale_camera_to_bounds(3.0, (1.0, 5.0), False) == 1.5


def test_batches():
    figure = plot_batch_individually([meshes(3), clouds(1), cameras(3), rays(3)], ncols=2)
    assert [a.text for a in figure.layout.annotations] == ["subplot 1", "subplot 2", "subplot 3"]
    assert [trace.name for trace in figure.data[:5]] == ["trace1-1", "trace1-2", "trace1-3", "trace1-4", "trace1-4_points"] and len(figure.data) == 15
    torch.testing.assert_close(points_of(figure.data[5])[:4], VERTS[:4] + 1)
    figure = plot_batch_individually([meshes(3), clouds(1)], extend_struct=False, subplot_titles=["a", "b", "c"])
    assert len(figure.data) == 4 and figure.layout.annotations[2].text == "c"
    assert len(plot_batch_individually(clouds(2)).data) == 2
    bundle = HeterogeneousRayBundle(*(tensor.flatten(0, 1)[:, None] for tensor in rays(2, 3)), torch.tensor([0, 1]), torch.tensor([2, 4]))
    figure = plot_batch_individually(bundle)
    assert [len(trace.x) for trace in figure.data] == [6, 10, 12, 20]


def test_errors():
    with pytest.raises(ValueError, match="struct 3 is not a Cameras, Meshes, Pointclouds, RayBundle or HeterogeneousRayBundle object."):
        plot_scene({"": {"": 3}})
    with pytest.warns(UserWarning, match="No structs to plot"):
        assert plot_batch_individually([]) is None
    with pytest.raises(ValueError, match="invalid batch size 2 provided"):
        plot_batch_individually([meshes(3), clouds(2)])
    with pytest.raises(ValueError, match="invalid number of subplot titles: expected 2, but got 1."):
        plot_batch_individually([meshes(2)], subplot_titles=["a"])
    with pytest.raises(ValueError, match="No data is provided with at least one element"):
        plot_batch_individually([clouds()[:0]])


def test_empty_structures():
    assert len(plot_scene({"": {"mesh": Meshes([VERTS[:0]], [FACES[:0]]), "cloud": Pointclouds([torch.zeros(0, 3)])}}).data) == 2
