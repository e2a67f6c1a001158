"""torch.compile of whole renders, and autocast."""

import pytest
import torch

from bisque3d import renderer
from bisque3d.structures import Meshes
from bisque3d.utils import ico_sphere

BALL = ico_sphere(1)
FACES, VERTS = BALL.faces_packed(), BALL.verts_packed()
SHADERS = ["HardPhongShader", "SoftPhongShader", "HardGouraudShader", "HardFlatShader", "SoftDepthShader", "SoftSilhouetteShader"]


def textures(kind, colors):
    if kind == "vertex":
        return renderer.TexturesVertex([colors])
    if kind == "atlas":
        return renderer.TexturesAtlas([colors[FACES].mean(1)[:, None, None]])
    maps = colors[:12].view(1, 3, 4, 3)
    return renderer.TexturesUV(maps, [FACES], [colors[:, :2]])


def cameras(kind):
    R, T = renderer.look_at_view_transform(2.7, 10.0, 20.0)
    pixels = dict(focal_length=40.0, principal_point=((16.0, 12.0),), in_ndc=False, image_size=((24, 32),))
    return {
        "fov": lambda: renderer.FoVPerspectiveCameras(R=R, T=T),
        "several": lambda: renderer.FoVPerspectiveCameras(R=R, T=T, fov=(40.0, 60.0)),
        "pixels": lambda: renderer.PerspectiveCameras(R=R, T=T, **pixels),
        "orthographic": lambda: renderer.FoVOrthographicCameras(R=R, T=T),
    }[kind]()


def picture_of(shader="SoftPhongShader", texture="vertex", camera="fov", lights=renderer.PointLights):
    seen_by = cameras(camera)
    parts = {} if shader == "SoftSilhouetteShader" else dict(cameras=seen_by, lights=lights())
    settings = renderer.RasterizationSettings((24, 32), blur_radius=1e-4, faces_per_pixel=3)
    render = renderer.MeshRenderer(renderer.MeshRasterizer(seen_by, settings), getattr(renderer, shader)(**parts))

    def picture(verts, colors):
        return render(Meshes([verts], [FACES], textures=textures(texture, colors)))

    return picture


CASES = [
    dict(),
    dict(shader="HardPhongShader", texture="uv", camera="several"),
    dict(shader="HardGouraudShader", camera="orthographic"),
    dict(shader="HardFlatShader", texture="atlas", lights=renderer.AmbientLights),
    dict(shader="SoftDepthShader", camera="pixels"),
    dict(shader="SoftSilhouetteShader"),
    dict(camera="pixels", lights=renderer.DirectionalLights),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.get("shader", "SoftPhongShader"))
def test_compiled_renders(case):
    picture = picture_of(**case)
    colors = torch.rand(len(VERTS), 3, generator=torch.Generator().manual_seed(0))
    results = []
    torch._dynamo.reset()
    for function in (picture, torch.compile(picture, fullgraph=True, backend="aot_eager")):
        verts = VERTS.clone().requires_grad_()
        result = function(verts, colors)
        results.append((result, *torch.autograd.grad(result.sum(), verts)))
    for value, expected in zip(*results):
        torch.testing.assert_close(value, expected)
    assert results[0][0].std() > 0.01


def seen(eye, fov, location, colors):
    """A picture with all that it is made of."""
    R, T = renderer.look_at_view_transform(eye=eye)
    cameras = renderer.FoVPerspectiveCameras(R=R, T=T, fov=fov)
    settings = renderer.RasterizationSettings(24, blur_radius=1e-4, faces_per_pixel=3)
    shader = renderer.SoftPhongShader(cameras=cameras, lights=renderer.PointLights(location=location))
    render = renderer.MeshRenderer(renderer.MeshRasterizer(cameras, settings), shader)
    return render(Meshes([VERTS], [FACES], textures=renderer.TexturesVertex([colors])))


def test_cameras_and_lights_in_compiled_functions():
    colors = torch.rand(len(VERTS), 3)
    results = []
    torch._dynamo.reset()
    for function in (seen, torch.compile(seen, fullgraph=True, backend="aot_eager")):
        leaves = [torch.tensor(value, requires_grad=True) for value in ([[1.0, 1.0, 2.5]], [50.0], [[0.0, 2.0, 2.0]])]
        picture = function(*leaves, colors)
        results.append((picture, *torch.autograd.grad(picture.sum(), leaves)))
    for value, expected in zip(*results):
        torch.testing.assert_close(value, expected)


class Ball(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.verts = torch.nn.Parameter(VERTS.clone())
        seen_by = cameras("fov")
        shader = renderer.HardPhongShader(cameras=seen_by)
        self.render = renderer.MeshRenderer(renderer.MeshRasterizer(seen_by, renderer.RasterizationSettings(24)), shader)

    def forward(self, colors):
        return self.render(Meshes([self.verts], [FACES], textures=renderer.TexturesVertex([colors])))


def test_exported_render():
    ball, colors = Ball(), torch.rand(len(VERTS), 3)
    exported = torch.export.export(ball, (colors,)).module()
    for _ in range(2):
        torch.testing.assert_close(exported(colors), ball(colors))
        colors = torch.rand(len(VERTS), 3)


@pytest.mark.parametrize("shader", SHADERS)
def test_autocast_leaves_the_geometry_as_it_is(shader):
    picture, colors = picture_of(shader), torch.rand(len(VERTS), 3)
    expected = picture(VERTS, colors)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        result = picture(VERTS, colors)
        R, T = renderer.look_at_view_transform(2.7, 10.0, 20.0)
    torch.testing.assert_close(result, expected)
    torch.testing.assert_close((R, T), renderer.look_at_view_transform(2.7, 10.0, 20.0))
