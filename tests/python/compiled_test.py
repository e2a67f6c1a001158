"""Losses and renders as one compiled graph (torch.compile with fullgraph=True), exported, and under autocast: results and gradients are those of
eager code. Graphs of the other losses are in compile_test.py."""

import pytest
import torch
from bisque3d import loss, renderer
from bisque3d.renderer import (
    AlphaCompositor,
    EmissionAbsorptionRaymarcher,
    FoVPerspectiveCameras,
    HarmonicEmbedding,
    ImplicitRenderer,
    MeshRasterizer,
    MeshRenderer,
    NDCMultinomialRaysampler,
    PointLights,
    PointsRasterizationSettings,
    PointsRasterizer,
    PointsRenderer,
    RasterizationSettings,
    SoftPhongShader,
    TexturesUV,
    TexturesVertex,
    VolumeRenderer,
    look_at_view_transform,
    ray_bundle_to_ray_points,
)
from bisque3d.renderer.implicit.sample_pdf import sample_pdf
from bisque3d.structures import Meshes, Pointclouds, Volumes
from bisque3d.utils import ico_sphere
from torch._dynamo.testing import CompileCounterWithBackend

VERTS = torch.tensor([[1.0, 1, 1], [-1, -1, 1], [-1, 1, -1], [1, -1, -1]]) * 0.6
FACES = torch.tensor([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]])
OFFSETS = torch.tensor([[0.02, 0.01, 0.03], [0.01, -0.02, 0.0], [-0.01, 0.02, 0.01], [0.0, 0.01, -0.03]])
R, T = look_at_view_transform(3.0, 20.0, 30.0)
CAMERAS = FoVPerspectiveCameras(R=R, T=T)
LIGHTS = PointLights(location=[[0.0, 2.0, -3.0]])
SETTINGS = RasterizationSettings(image_size=12, blur_radius=1e-4, faces_per_pixel=2)


def points(*sizes, seed=0):
    return torch.rand(sizes, generator=torch.Generator().manual_seed(seed))


X, Y = points(2, 30, 3), points(2, 25, 3, seed=1)

LOSSES = {
    "chamfer_distance": (lambda x: loss.chamfer_distance(Pointclouds(x), Pointclouds(Y))[0], X),
    "mesh_edge_loss": (lambda d: loss.mesh_edge_loss(Meshes((VERTS + d)[None], FACES[None])), OFFSETS),
    "mesh_normal_consistency": (lambda d: loss.mesh_normal_consistency(Meshes([VERTS + d], [FACES])), OFFSETS),
    "mesh_laplacian_smoothing": (lambda d: loss.mesh_laplacian_smoothing(Meshes([VERTS + d], [FACES]), "cot"), OFFSETS),
}


def render_mesh(offsets):
    render = MeshRenderer(MeshRasterizer(CAMERAS, SETTINGS), SoftPhongShader(cameras=CAMERAS, lights=LIGHTS))
    return render(Meshes([VERTS + offsets], [FACES], TexturesVertex([VERTS.abs()])))


def render_padded_mesh(offsets):
    render = MeshRenderer(MeshRasterizer(CAMERAS, SETTINGS), SoftPhongShader(cameras=CAMERAS, lights=LIGHTS))
    return render(Meshes((VERTS + offsets)[None], FACES[None], TexturesVertex(VERTS.abs()[None])))


def render_map(texture_map):
    textures = TexturesUV(maps=texture_map, faces_uvs=FACES[None], verts_uvs=VERTS[None, :, :2] * 0.5 + 0.5)
    return MeshRenderer(MeshRasterizer(CAMERAS, SETTINGS), SoftPhongShader(cameras=CAMERAS, lights=LIGHTS))(Meshes([VERTS], [FACES], textures))


def render_from(azimuth):
    R, T = look_at_view_transform(2.7, 10.0, azimuth)
    cameras = FoVPerspectiveCameras(R=R, T=T)
    render = MeshRenderer(MeshRasterizer(cameras, SETTINGS), SoftPhongShader(cameras=cameras, lights=LIGHTS))
    return render(Meshes([VERTS], [FACES], TexturesVertex([VERTS.abs()])))


def render_points(points):
    rasterizer = PointsRasterizer(CAMERAS, PointsRasterizationSettings(image_size=12, radius=0.2))
    return PointsRenderer(rasterizer, AlphaCompositor((1.0, 1.0, 1.0)))(Pointclouds([points], features=[points]))


SAMPLER = NDCMultinomialRaysampler(image_width=4, image_height=3, n_pts_per_ray=6, min_depth=1.0, max_depth=5.0)


def render_field(weight):
    def field(ray_bundle, **_):
        points = ray_bundle_to_ray_points(ray_bundle)
        return (points * weight).sum(-1, keepdim=True).sigmoid(), HarmonicEmbedding(2)(points * weight)

    return ImplicitRenderer(SAMPLER, EmissionAbsorptionRaymarcher())(CAMERAS, field)[0]


def render_volume(densities):
    volumes = Volumes(densities, densities.expand(-1, 3, -1, -1, -1), voxel_size=0.3)
    return VolumeRenderer(SAMPLER, EmissionAbsorptionRaymarcher())(CAMERAS, volumes)[0]


BALL_VERTS, BALL_FACES = ico_sphere(1).get_mesh_verts_faces(0)
BALL_COLORS = points(len(BALL_VERTS), 3, seed=3)


def textures_of(kind):
    if kind == "vertex":
        return TexturesVertex([BALL_COLORS])
    if kind == "atlas":
        return renderer.TexturesAtlas([BALL_COLORS[BALL_FACES].mean(1)[:, None, None]])
    return TexturesUV(BALL_COLORS[:12].view(1, 3, 4, 3), [BALL_FACES], [BALL_COLORS[:, :2]])


def cameras_of(kind):
    R, T = look_at_view_transform(2.7, 10.0, 20.0)
    pixels = dict(focal_length=40.0, principal_point=((16.0, 12.0),), in_ndc=False, image_size=((24, 32),))
    return {
        "fov": lambda: FoVPerspectiveCameras(R=R, T=T),
        "several": lambda: FoVPerspectiveCameras(R=R, T=T, fov=(40.0, 60.0)),
        "pixels": lambda: renderer.PerspectiveCameras(R=R, T=T, **pixels),
        "orthographic": lambda: renderer.FoVOrthographicCameras(R=R, T=T),
    }[kind]()


def render_ball(shader, texture="vertex", camera="fov", lights=PointLights):
    cameras = cameras_of(camera)
    parts = {} if shader == "SoftSilhouetteShader" else dict(cameras=cameras, lights=lights())
    settings = RasterizationSettings((24, 32), blur_radius=1e-4, faces_per_pixel=3)
    render = MeshRenderer(MeshRasterizer(cameras, settings), getattr(renderer, shader)(**parts))
    return lambda verts: render(Meshes([verts], [BALL_FACES], textures=textures_of(texture)))


SHADERS = {
    "SoftPhongShader": render_ball("SoftPhongShader"),
    "HardPhongShader": render_ball("HardPhongShader", texture="uv", camera="several"),
    "HardGouraudShader": render_ball("HardGouraudShader", camera="orthographic"),
    "HardFlatShader": render_ball("HardFlatShader", texture="atlas"),
    "SoftDepthShader": render_ball("SoftDepthShader", camera="pixels"),
    "SoftSilhouetteShader": render_ball("SoftSilhouetteShader"),
    "DirectionalLights": render_ball("SoftPhongShader", camera="pixels", lights=renderer.DirectionalLights),
    "AmbientLights": render_ball("SoftPhongShader", lights=renderer.AmbientLights),
}

RENDERS = {
    "MeshRenderer": (render_mesh, OFFSETS),
    "padded Meshes": (render_padded_mesh, OFFSETS),
    "TexturesUV": (render_map, points(1, 8, 8, 3)),
    "cameras": (render_from, torch.tensor([20.0])),
    "PointsRenderer": (render_points, points(20, 3) - 0.5),
    "ImplicitRenderer": (render_field, torch.tensor(0.5)),
    "VolumeRenderer": (render_volume, points(1, 1, 4, 4, 4)),
    "sample_pdf": (lambda bins: sample_pdf(bins, Y[0, :4, 0], 9, det=True), torch.arange(5.0)),
    **{name: (render, BALL_VERTS) for name, render in SHADERS.items()},
}


def results(function, argument, autocast: bool = False) -> list[torch.Tensor]:
    leaf = argument.clone().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):  # as in training, not around the gradient
        result = function(leaf)
    weights = points(*result.shape, seed=2)
    return [result.detach(), torch.autograd.grad((result * weights).sum(), leaf)[0]]


@pytest.fixture(autouse=True)
def without_earlier_graphs():
    torch._dynamo.reset()


@pytest.mark.parametrize("name", [*LOSSES, *RENDERS])
def test_compiled(name):
    function, argument = (LOSSES | RENDERS)[name]
    # aot_eager traces all that inductor does, forward and backward, and generates no code.
    compiled = torch.compile(function, fullgraph=True, backend="aot_eager")
    expected = results(function, argument)
    assert expected[1].abs().max() > 0
    for ours, theirs in zip(results(compiled, argument), expected):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)


def test_compiled_module_with_a_mesh_as_argument():
    eager = MeshRenderer(MeshRasterizer(CAMERAS, SETTINGS), SoftPhongShader(cameras=CAMERAS, lights=LIGHTS))
    compiled, mesh = torch.compile(eager, fullgraph=True, backend="aot_eager"), Meshes([VERTS], [FACES], TexturesVertex([VERTS.abs()]))
    for ours, theirs in zip(*(results(lambda d: render(mesh.offset_verts(d)), OFFSETS) for render in (compiled, eager))):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)


def seen(eye, fov, location):
    """A picture of the ball with all that it is made of."""
    R, T = look_at_view_transform(eye=eye)
    cameras = FoVPerspectiveCameras(R=R, T=T, fov=fov)
    shader = SoftPhongShader(cameras=cameras, lights=PointLights(location=location))
    render = MeshRenderer(MeshRasterizer(cameras, RasterizationSettings(24, blur_radius=1e-4, faces_per_pixel=3)), shader)
    return render(Meshes([BALL_VERTS], [BALL_FACES], textures=textures_of("vertex")))


def test_cameras_and_lights_in_compiled_functions():
    runs = []
    for function in (seen, torch.compile(seen, fullgraph=True, backend="aot_eager")):
        leaves = [torch.tensor(value, requires_grad=True) for value in ([[1.0, 1.0, 2.5]], [50.0], [[0.0, 2.0, 2.0]])]
        picture = function(*leaves)
        runs.append((picture, *torch.autograd.grad(picture.sum(), leaves)))
    for value, expected in zip(*runs):
        torch.testing.assert_close(value, expected)


def test_one_graph_serves_all_sizes():
    counter = CompileCounterWithBackend("aot_eager")
    compiled = torch.compile(lambda x, y: loss.chamfer_distance(x, y)[0], fullgraph=True, backend=counter, dynamic=True)
    for n in (20, 31, 42):
        x, y = points(2, n, 3), points(2, n + 5, 3, seed=1)
        for ours, theirs in zip(results(lambda x: compiled(x, y), x), results(lambda x: loss.chamfer_distance(x, y)[0], x)):
            torch.testing.assert_close(ours, theirs)
    assert counter.frame_count == 1


def test_padding_of_faces_is_an_error_in_compiled_code():
    compiled = torch.compile(lambda faces: loss.mesh_edge_loss(Meshes(VERTS[None], faces[None])), fullgraph=True, backend="aot_eager")
    compiled(FACES)
    with pytest.raises(RuntimeError, match="Meshes: in compiled code padded faces cannot have padding; give lists of verts and faces."):
        compiled(torch.cat([FACES[:3], torch.full([1, 3], -1)]))


class Wrapped(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


@pytest.mark.parametrize("name", ["mesh_edge_loss", "mesh_laplacian_smoothing", "MeshRenderer", "TexturesUV", "ImplicitRenderer", "VolumeRenderer"])
def test_exported(name):
    function, argument = (LOSSES | RENDERS)[name]
    program = torch.export.export(Wrapped(function), (argument,))
    other = argument * 0.9
    for ours, theirs in zip(results(program.module(), other), results(function, other)):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)


class Ball(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.verts = torch.nn.Parameter(BALL_VERTS.clone())
        cameras = cameras_of("fov")
        self.render = MeshRenderer(MeshRasterizer(cameras, RasterizationSettings(24)), renderer.HardPhongShader(cameras=cameras))

    def forward(self, colors):
        return self.render(Meshes([self.verts], [BALL_FACES], textures=TexturesVertex([colors])))


def test_exported_module_with_parameters():
    ball = Ball()
    exported = torch.export.export(ball, (BALL_COLORS,)).module()
    for colors in (BALL_COLORS, BALL_COLORS * 0.5):
        torch.testing.assert_close(exported(colors), ball(colors))


@pytest.mark.parametrize("name, dim", [("chamfer_distance", 1), ("PointsRenderer", 0)])
def test_exported_with_any_size(name, dim):
    function, argument = (LOSSES | RENDERS)[name]
    program = torch.export.export(Wrapped(function), (argument,), dynamic_shapes={"x": {dim: torch.export.Dim("n", min=2)}})
    other = torch.cat([argument, argument[:, :9] * 0.8 if dim else argument[:9] * 0.8], dim)
    for ours, theirs in zip(results(program.module(), other), results(function, other)):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    "name", ["chamfer_distance", "mesh_normal_consistency", "cameras", "PointsRenderer", "ImplicitRenderer", "VolumeRenderer", *SHADERS]
)
def test_autocast(name):
    """Geometry keeps its precision."""
    function, argument = (LOSSES | RENDERS)[name]
    for ours, theirs in zip(results(function, argument, autocast=True), results(function, argument)):
        torch.testing.assert_close(ours, theirs)


def test_autocast_of_half_inputs():
    """What a network gives under autocast: the ops get it in float32."""
    half = X.bfloat16().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        value = loss.chamfer_distance(half, Y)[0]
    torch.testing.assert_close(value, loss.chamfer_distance(half.float(), Y)[0])
    assert value.dtype == torch.float32 and torch.autograd.grad(value, half)[0].dtype == torch.bfloat16
    with pytest.raises(RuntimeError, match="knn_points: expected p1 to be float32 or float64, but got bfloat16"):
        torch.ops.bisque.knn_points(half, Y.bfloat16(), None, None)
