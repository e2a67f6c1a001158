"""Whole renders: shaders, settings, several cameras, near planes and gradients."""

import pytest
import torch

from bisque3d import renderer
from bisque3d.renderer import (
    AmbientLights,
    BlendParams,
    DirectionalLights,
    FoVOrthographicCameras,
    FoVPerspectiveCameras,
    Materials,
    MeshRasterizer,
    MeshRenderer,
    MeshRendererWithFragments,
    PointLights,
    RasterizationSettings,
    TexturesVertex,
    look_at_view_transform,
)
from bisque3d.renderer.mesh.rasterizer import Fragments
from bisque3d.renderer.mesh.shader import ShaderBase
from bisque3d.renderer.mesh.shading import flat_shading, gouraud_shading, phong_shading
from bisque3d.structures import Meshes
from bisque3d.utils import ico_sphere

SHADERS = ["HardPhongShader", "SoftPhongShader", "HardGouraudShader", "SoftGouraudShader", "HardFlatShader"]
DEPTH_SHADERS = ["HardDepthShader", "SoftDepthShader"]
SETTINGS = dict(image_size=(20, 24), faces_per_pixel=4, blur_radius=1e-4)


def spheres(levels=(1, 2), dtype=torch.float32):
    """Meshes of different sizes, at different places, with colours."""
    balls = [ico_sphere(level) for level in levels]
    verts = [(ball.verts_packed() + torch.tensor([0.3 * i, 0, 0])).to(dtype) for i, ball in enumerate(balls)]
    colors = [torch.rand(len(v), 3, generator=torch.Generator().manual_seed(i)).to(dtype) for i, v in enumerate(verts)]
    return Meshes(verts, [ball.faces_packed() for ball in balls], textures=TexturesVertex(colors))


def cameras_at(*azimuths, dtype=torch.float32):
    R, T = look_at_view_transform(2.7, 10.0, torch.tensor(azimuths, dtype=dtype))
    return FoVPerspectiveCameras(R=R, T=T)


def render(meshes, cameras, shader="HardPhongShader", settings=None, with_fragments=False, **parts):
    shader = getattr(renderer, shader)(cameras=cameras, **parts)
    rasterizer = MeshRasterizer(cameras, RasterizationSettings(**{**SETTINGS, **(settings or {})}))
    return (MeshRendererWithFragments if with_fragments else MeshRenderer)(rasterizer, shader)(meshes)


LIT = [(shader, lights) for shader in SHADERS for lights in (PointLights, DirectionalLights, AmbientLights)]


@pytest.mark.parametrize("shader, lights", [*LIT, *((shader, PointLights) for shader in DEPTH_SHADERS)])
def test_views_are_as_if_alone(shader, lights):
    """Three cameras see each of two meshes: the pictures are those of single meshes and cameras."""
    meshes, cameras = spheres(), cameras_at(0.0, 40.0, 80.0, 120.0, 200.0, 300.0)
    per_picture = torch.rand(6, 3, generator=torch.Generator().manual_seed(0))
    made = lights(ambient_color=per_picture)
    materials = Materials(specular_color=((0.5, 0.6, 0.7), (0.2, 0.3, 0.4)), shininess=(5.0, 20.0))
    pictures = render(meshes, cameras, shader, lights=made, materials=materials)
    for n in range(6):
        mesh = n // 3
        own = Materials(specular_color=materials.specular_color[mesh : mesh + 1], shininess=materials.shininess[mesh : mesh + 1])
        alone = render(meshes[mesh], cameras[n], shader, lights=lights(ambient_color=per_picture[n : n + 1]), materials=own)
        torch.testing.assert_close(pictures[n], alone[0], rtol=1e-4, atol=1e-5)
    assert pictures[..., -1].std() > 0.1


@pytest.mark.parametrize("kind", ["uv", "several maps", "atlas"])
def test_views_of_textures(kind):
    meshes, cameras = spheres(), cameras_at(0.0, 60.0, 120.0, 200.0)
    faces = meshes.faces_list()
    uvs = [torch.rand(len(v), 2, generator=torch.Generator().manual_seed(i)) for i, v in enumerate(meshes.verts_list())]
    ids = [torch.arange(len(f)) % 2 for f in faces]
    textures = {
        "uv": lambda: renderer.TexturesUV([torch.rand(5, 4, 3), torch.rand(3, 8, 3)], faces, uvs),
        "several maps": lambda: renderer.TexturesUV(torch.rand(2, 2, 5, 4, 3), faces, uvs, maps_ids=ids),
        "atlas": lambda: renderer.TexturesAtlas([torch.rand(len(f), 2, 2, 3) for f in faces]),
    }[kind]()
    meshes = Meshes(meshes.verts_list(), faces, textures=textures)
    pictures = render(meshes, cameras, "SoftPhongShader")
    for n in range(4):
        torch.testing.assert_close(pictures[n], render(meshes[n // 2], cameras[n], "SoftPhongShader")[0], rtol=1e-4, atol=1e-5)
    by_copies = render(meshes.extend(2), cameras, "SoftPhongShader")
    torch.testing.assert_close(pictures, by_copies, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shader", SHADERS)
def test_one_camera_sees_all_meshes(shader):
    meshes, camera = spheres(), cameras_at(30.0)
    pictures = render(meshes, camera, shader)
    for n in range(2):
        torch.testing.assert_close(pictures[n], render(meshes[n], camera, shader)[0], rtol=1e-4, atol=1e-5)


def scene(dtype=torch.float64):
    meshes, cameras = spheres(dtype=dtype), cameras_at(10.0, 70.0, dtype=dtype)
    fragments = MeshRasterizer(cameras, RasterizationSettings(**SETTINGS))(meshes)
    return meshes, cameras, fragments


class OwnPointLights(PointLights):
    """Has the law of PointLights, but is another class: the shader must call it."""


class Half(PointLights):
    def diffuse(self, normals, points):
        return super().diffuse(normals, points) / 2


@pytest.mark.parametrize("shading", [phong_shading, flat_shading])
@pytest.mark.parametrize("cls", [PointLights, DirectionalLights])
def test_the_op_and_the_lights_agree(shading, cls):
    meshes, cameras, fragments = scene()
    texels = meshes.sample_textures(fragments)
    place = torch.rand(2, 3, dtype=torch.float64) * 4
    own = type("Own", (cls,), {})
    name = "location" if cls is PointLights else "direction"
    materials = Materials(diffuse_color=((0.5, 0.6, 0.7),), shininess=(3.0, 9.0))
    colors = {"specular_color": ((0.9, 0.8, 0.7),), name: place}
    results = [shading(meshes, fragments, lights(**colors), cameras, materials, texels) for lights in (cls, own)]
    covered = fragments.pix_to_face >= 0
    torch.testing.assert_close(results[0][covered], results[1][covered])
    assert covered.any() and not covered.all()


def test_lights_of_derived_classes_are_called():
    meshes, cameras, fragments = scene()
    texels, materials = meshes.sample_textures(fragments), Materials()
    none = dict(specular_color=((0.0, 0.0, 0.0),), ambient_color=((0.0, 0.0, 0.0),))
    for shade in (
        lambda lights: phong_shading(meshes, fragments, lights, cameras, materials, texels),
        lambda lights: gouraud_shading(meshes, fragments, lights, cameras, materials),
    ):
        torch.testing.assert_close(shade(Half(**none)), shade(OwnPointLights(**none)) / 2)


def test_gouraud_by_hand():
    meshes, cameras, fragments = scene()
    lights, materials = PointLights(location=((1.0, 2.0, 3.0),)), Materials(shininess=5)
    colors = []
    for n in range(2):
        points, normals = meshes.verts_list()[n], meshes.verts_normals_list()[n]
        center = cameras.get_camera_center()[n : n + 1]
        light = lights.ambient_color + lights.diffuse(normals, points)
        colors.append(meshes.textures.verts_features_list()[n] * light + lights.specular(normals, points, center, materials.shininess))
    corners = torch.cat(colors)[meshes.faces_packed()]
    expected = (corners[fragments.pix_to_face] * fragments.bary_coords[..., None]).sum(-2)
    expected = torch.where(fragments.pix_to_face[..., None] < 0, 0.0, expected)
    torch.testing.assert_close(gouraud_shading(meshes, fragments, lights, cameras, materials), expected)


def test_gouraud_needs_vertex_textures():
    meshes = spheres()
    meshes.textures = renderer.TexturesAtlas([torch.rand(len(f), 1, 1, 3) for f in meshes.faces_list()])
    with pytest.raises(ValueError, match="Mesh textures must be an instance of TexturesVertex"):
        render(meshes, cameras_at(0.0), "HardGouraudShader")


def test_any_number_of_channels_with_ambient_lights():
    meshes = spheres()
    features = [torch.rand(len(v), 5) for v in meshes.verts_list()]
    meshes = Meshes(meshes.verts_list(), meshes.faces_list(), textures=TexturesVertex(features))
    lights, materials = AmbientLights(ambient_color=torch.ones(1, 5)), Materials(*(torch.ones(1, 5) for _ in range(3)))
    params = BlendParams(background_color=torch.arange(5.0))
    picture, fragments = render(
        meshes, cameras_at(0.0), "HardPhongShader", with_fragments=True, lights=lights, materials=materials, blend_params=params
    )
    assert picture.shape == (2, 20, 24, 6)
    texels = meshes.sample_textures(fragments)[..., 0, :]
    covered = fragments.pix_to_face[..., 0] >= 0
    torch.testing.assert_close(picture[covered][:, :5], texels[covered])
    torch.testing.assert_close(picture[~covered][:, :5], torch.arange(5.0).expand(int((~covered).sum()), 5))


def test_hard_shaders_show_the_nearest_face():
    meshes, cameras = spheres(), cameras_at(0.0, 90.0)
    for shader in ("HardPhongShader", "HardGouraudShader", "HardFlatShader", "HardDepthShader"):
        several = render(meshes, cameras, shader, dict(faces_per_pixel=5, blur_radius=0.0))
        torch.testing.assert_close(several, render(meshes, cameras, shader, dict(faces_per_pixel=1, blur_radius=0.0)), rtol=1e-4, atol=1e-5)


def test_depths():
    meshes, cameras = spheres(), FoVPerspectiveCameras(T=torch.tensor([[0.0, 0, 3], [0.0, 0, 4]]), zfar=(10.0, 20.0))
    hard, fragments = render(meshes, cameras, "HardDepthShader", dict(blur_radius=0.0), with_fragments=True)
    nearest, is_face = fragments.zbuf[..., 0], fragments.pix_to_face[..., 0] >= 0
    expected = torch.where(is_face, nearest, torch.tensor([10.0, 20.0])[:, None, None])
    torch.testing.assert_close(hard[..., 0], expected)
    assert hard.shape == (2, 20, 24, 1)
    soft = render(meshes, cameras, "SoftDepthShader", dict(blur_radius=0.0), blend_params=BlendParams(sigma=1e-9))
    torch.testing.assert_close(soft, hard, rtol=1e-3, atol=1e-3)
    with pytest.raises(ValueError, match="SoftDepthShader requires Fragments.dists"):
        renderer.SoftDepthShader(cameras=cameras)(Fragments(fragments.pix_to_face, fragments.zbuf, fragments.bary_coords, None), meshes)


def test_soft_depth_by_hand():
    fragments = Fragments(
        torch.tensor([[[[0, 1], [-1, -1]]]]), torch.tensor([[[[2.0, 3.0], [-1.0, -1.0]]]]), torch.zeros(1, 1, 2, 2, 3), torch.zeros(1, 1, 2, 2)
    )
    shader = renderer.SoftDepthShader(cameras=FoVPerspectiveCameras(zfar=8.0))
    torch.testing.assert_close(shader(fragments, None), torch.tensor([[[[0.5 * 2 + 0.5 * 3], [8.0]]]]))
    torch.testing.assert_close(shader(fragments, None, zfar=5.0)[0, 0, 1, 0], torch.tensor(5.0))


def test_silhouette():
    meshes, cameras = spheres(), cameras_at(0.0)
    fragments = MeshRasterizer(cameras, RasterizationSettings(**SETTINGS))(meshes)
    picture = renderer.SoftSilhouetteShader(BlendParams(sigma=1e-3))(fragments, meshes)
    covered = torch.sigmoid(-fragments.dists / 1e-3) * (fragments.pix_to_face >= 0)
    torch.testing.assert_close(picture[..., 3], 1 - (1 - covered).prod(-1), rtol=1e-4, atol=1e-6)
    assert (picture[..., :3] == 1).all()


def test_arguments_of_calls_replace_parts():
    meshes, cameras = spheres(), cameras_at(0.0)
    lights, materials, params = PointLights(location=((3.0, 0.0, 0.0),)), Materials(shininess=3), BlendParams(background_color=(0.0, 1.0, 0.0))
    settings = RasterizationSettings(**SETTINGS)
    expected = render(meshes, cameras, lights=lights, materials=materials, blend_params=params)
    bare = MeshRenderer(MeshRasterizer(), renderer.HardPhongShader())
    result = bare(meshes, cameras=cameras, lights=lights, materials=materials, blend_params=params, raster_settings=settings)
    torch.testing.assert_close(result, expected)
    moved = bare(meshes, cameras=cameras, raster_settings=settings, T=cameras.T + 1)
    assert not torch.allclose(moved, bare(meshes, cameras=cameras_at(0.0), raster_settings=settings))


def test_errors_without_cameras():
    meshes = spheres()
    for make, message in (
        (lambda: MeshRasterizer()(meshes), "Cameras must be specified either at initialization or in the forward pass of MeshRasterizer"),
        (lambda: MeshRasterizer().transform(meshes), "Cameras must be specified"),
        (lambda: renderer.HardPhongShader()(None, meshes), "Cameras must be specified either at initialization or in the forward pass of the shader"),
        (lambda: MeshRasterizer(cameras_at(0.0, 1.0, 2.0))(meshes), r"Wrong number \(3\) of cameras for 2 meshes"),
        (lambda: MeshRasterizer(cameras_at(0.0, 1.0, 2.0, 3.0)).transform(meshes), r"Wrong number \(4\) of cameras for 2 meshes"),
    ):
        with pytest.raises(ValueError, match=message):
            make()


def test_lights_of_another_batch():
    with pytest.raises(ValueError, match="Expected lights of 1, of each mesh or of each of the 2 pictures, but got a batch of 3"):
        render(spheres(), cameras_at(0.0), lights=PointLights(location=torch.rand(3, 3)))


def test_transform_has_ndc_and_depth():
    meshes, cameras = spheres(), cameras_at(0.0, 90.0)
    projected = MeshRasterizer(cameras).transform(meshes)
    padded = meshes.verts_padded()
    torch.testing.assert_close(projected.verts_padded()[..., :2], cameras.transform_points_ndc(padded)[..., :2])
    torch.testing.assert_close(projected.verts_padded()[..., 2:], cameras.get_world_to_view_transform().transform_points(padded)[..., 2:])


def test_settings():
    settings = RasterizationSettings()
    assert (settings.image_size, settings.blur_radius, settings.faces_per_pixel, settings.cull_backfaces) == (256, 0.0, 1, False)
    unset = ("bin_size", "max_faces_per_bin", "perspective_correct", "clip_barycentric_coords", "z_clip_value")
    assert all(getattr(settings, name) is None for name in unset)
    assert settings.max_faces_opengl == 10_000_000 and settings.cull_to_frustum is False
    assert MeshRasterizer(cameras_at(0.0))(spheres()).pix_to_face.shape == (2, 256, 256, 1)


@pytest.mark.parametrize("clip, blur", [(None, 1e-2), (True, 0.0), (False, 1e-2), (None, 0.0)])
def test_clipping_of_barycentric_coordinates(clip, blur):
    meshes, cameras = spheres(), cameras_at(0.0)
    fragments = MeshRasterizer(cameras, RasterizationSettings(20, blur, 3, clip_barycentric_coords=clip))(meshes)
    lowest = fragments.bary_coords[fragments.pix_to_face >= 0].min()
    assert (lowest < 0) == (clip is False)


def test_perspective_is_that_of_the_camera():
    meshes = spheres()
    for cameras in (FoVPerspectiveCameras(T=((0.0, 0, 3),)), FoVOrthographicCameras(T=((0.0, 0, 3),))):
        fragments = [
            MeshRasterizer(cameras, RasterizationSettings(20, perspective_correct=correct))(meshes) for correct in (None, cameras.is_perspective())
        ]
        assert torch.equal(fragments[0].bary_coords, fragments[1].bary_coords)


@pytest.mark.parametrize("cls", [FoVPerspectiveCameras, renderer.PerspectiveCameras, FoVOrthographicCameras])
def test_a_floor_that_reaches_behind_the_camera(cls):
    """It is cut, not left out, and has gradients: the picture below the horizon is floor, also under the camera."""
    verts = torch.tensor([[-90.0, -1, -90], [90, -1, -90], [90, -1, 90], [-90, -1, 90]], requires_grad=True)
    meshes = Meshes([verts], [torch.tensor([[0, 1, 2], [0, 2, 3]])])
    up = 20.0 if cls is FoVOrthographicCameras else 0.0
    R, T = look_at_view_transform(eye=((0.0, 0.0, 0.0),), at=((0.0, -0.3 if up else 0.0, 1.0),))
    fragments = MeshRasterizer(cls(R=R, T=T), RasterizationSettings(20))(meshes)
    below = fragments.pix_to_face[0, 11:, :, 0]
    assert (below >= 0).all() and (fragments.zbuf[0, 11:] > 0).all()
    fragments.zbuf[0, 11:].sum().backward()
    assert verts.grad.isfinite().all() and verts.grad.abs().sum() > 0


def test_near_plane():
    """Half of znear, or z_clip_value."""
    verts = torch.tensor([[-9.0, -9, 0.8], [9, -9, 0.8], [0, 9, 0.8]])
    meshes, cameras = Meshes([verts], [torch.tensor([[0, 1, 2]])]), FoVPerspectiveCameras(znear=1.0)
    assert (MeshRasterizer(cameras, RasterizationSettings(8))(meshes).pix_to_face >= 0).all()
    assert (MeshRasterizer(cameras, RasterizationSettings(8, z_clip_value=0.9))(meshes).pix_to_face < 0).all()
    cameras.znear = torch.tensor([1.7])
    assert (MeshRasterizer(cameras, RasterizationSettings(8))(meshes).pix_to_face < 0).all()
    cameras.znear[0] = 1.0
    assert (MeshRasterizer(cameras, RasterizationSettings(8))(meshes).pix_to_face >= 0).all()


def test_culling_of_backfaces():
    meshes, cameras = spheres(), cameras_at(0.0)
    drawn = [MeshRasterizer(cameras, RasterizationSettings(20, faces_per_pixel=2, cull_backfaces=cull))(meshes).pix_to_face for cull in (False, True)]
    assert (drawn[0][..., 1] >= 0).any() and (drawn[1][..., 1] < 0).all()
    torch.testing.assert_close(drawn[0][..., 0], drawn[1][..., 0])


@pytest.mark.parametrize("shader", ["SoftPhongShader", "SoftGouraudShader", "HardFlatShader", "SoftDepthShader"])
def test_gradients_of_whole_renders(shader):
    """Of all inputs, against differences along a random direction, with the faces of each pixel as they are."""
    meshes = spheres(levels=(0, 1), dtype=torch.float64)
    torch.manual_seed(0)
    verts = meshes.verts_packed() + torch.rand_like(meshes.verts_packed()) * 0.05
    inputs = [verts, meshes.textures.verts_features_packed(), torch.tensor([[0.5, 2.0, 3.0]]).double(), torch.tensor([60.0]).double()]
    inputs += [torch.tensor([[0.6, 0.5, 0.4]]).double(), torch.tensor([4.0]).double(), torch.tensor([[0.1, 0.0, 3.0]]).double()]

    def picture(verts, colors, location, fov, diffuse, shininess, T):
        sizes = [len(v) for v in meshes.verts_list()]
        made = Meshes(list(verts.split(sizes)), meshes.faces_list(), textures=TexturesVertex(list(colors.split(sizes))))
        lit = dict(lights=PointLights(location=location), materials=Materials(diffuse_color=diffuse, shininess=shininess))
        parts = {} if "Depth" in shader else lit
        settings = dict(image_size=12, faces_per_pixel=3, blur_radius=1e-2)
        pictures, fragments = render(
            made, FoVPerspectiveCameras(T=T, fov=fov), shader, settings, True, blend_params=BlendParams(1e-2, 1e-2), **parts
        )
        return pictures, fragments.pix_to_face

    leaves = [tensor.clone().requires_grad_() for tensor in inputs]
    pictures, faces = picture(*leaves)
    weights = torch.rand_like(pictures)
    gradients = torch.autograd.grad((pictures * weights).sum(), leaves, allow_unused=True)
    compared = 0
    for i, gradient in enumerate(gradients):
        if gradient is None:
            assert "Depth" in shader or i == 6
            continue
        for seed in range(3):
            direction = torch.rand(inputs[i].shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)) - 0.5
            sides = [picture(*inputs[:i], inputs[i] + sign * 1e-6 * direction, *inputs[i + 1 :]) for sign in (1, -1)]
            same = ((sides[0][1] == faces) & (sides[1][1] == faces)).all(-1)[..., None]
            if not same.all():
                continue  # a face comes into a pixel: there is no derivative
            difference = ((sides[0][0] - sides[1][0]) * weights).sum() / 2e-6
            torch.testing.assert_close((gradient * direction).sum(), difference, rtol=1e-4, atol=1e-5)
            compared += 1
    assert compared >= 3


def test_gradients_with_fragments_detached():
    meshes, cameras = spheres(), cameras_at(0.0)
    verts = meshes.verts_packed().requires_grad_()
    fragments = MeshRasterizer(cameras, RasterizationSettings(**SETTINGS))(meshes)
    detached = fragments.detach()
    assert all(not getattr(detached, name).requires_grad for name in ("zbuf", "bary_coords", "dists"))
    assert Fragments(fragments.pix_to_face, fragments.zbuf, fragments.bary_coords, None).detach().dists is None
    with pytest.raises(AttributeError):
        fragments.zbuf = None
    assert verts.requires_grad


@pytest.mark.parametrize("shader", SHADERS + DEPTH_SHADERS)
def test_empty_meshes_and_no_pictures(shader):
    empty = Meshes([torch.zeros(0, 3)], [torch.zeros(0, 3, dtype=torch.int64)], textures=TexturesVertex([torch.zeros(0, 3)]))
    picture = render(empty, cameras_at(0.0), shader, blend_params=BlendParams(background_color=(0.1, 0.2, 0.3)))
    if shader in DEPTH_SHADERS:
        assert (picture == 100).all()
    else:
        torch.testing.assert_close(picture[0, 0, 0], torch.tensor([0.1, 0.2, 0.3, 0.0]))
        assert (picture == picture[:, :1, :1]).all()


def test_no_meshes():
    pictures = render(Meshes([], [], textures=TexturesVertex([])), cameras_at(0.0), "SoftPhongShader")
    assert pictures.shape == (0, 20, 24, 4)


def test_an_empty_mesh_among_others():
    ball = ico_sphere(1)
    verts, faces = [torch.zeros(0, 3), ball.verts_packed()], [torch.zeros(0, 3, dtype=torch.int64), ball.faces_packed()]
    meshes = Meshes(verts, faces, textures=TexturesVertex([torch.zeros(0, 3), torch.rand(len(verts[1]), 3)]))
    for shader in SHADERS:
        pictures = render(meshes, cameras_at(0.0, 20.0), shader)
        assert (pictures[0, ..., 3] == 0).all() and (pictures[1, ..., 3] > 0.9).any()


def test_hostile_verts():
    """NaN and infinite verts draw nothing, and the rest is drawn."""
    meshes = spheres(levels=(1, 1))
    verts = [v.clone() for v in meshes.verts_list()]
    verts[0][0], verts[0][1, 1] = torch.nan, torch.inf
    broken = Meshes(verts, meshes.faces_list(), textures=meshes.textures)
    pictures = render(broken, cameras_at(0.0), "HardFlatShader")
    torch.testing.assert_close(pictures[1], render(meshes, cameras_at(0.0), "HardFlatShader")[1])
    assert pictures[0, ..., 3].sum() > 10


class FittedCamera(torch.nn.Module):
    """As in PyTorch3D's tutorial: R and T are arguments of each call."""

    def __init__(self, meshes, render, target):
        super().__init__()
        self.meshes, self.renderer = meshes, render
        self.register_buffer("target", target)
        self.camera_position = torch.nn.Parameter(torch.tensor([1.0, 1.5, 3.0]))

    def forward(self):
        R = renderer.look_at_rotation(self.camera_position[None])
        T = -torch.bmm(R.transpose(1, 2), self.camera_position[None, :, None])[:, :, 0]
        image = self.renderer(meshes_world=self.meshes.clone(), R=R, T=T)
        return (image[..., 3] - self.target).square().sum()


def test_a_camera_is_fitted():
    meshes = spheres(levels=(1,))
    meshes = meshes.update_padded(meshes.verts_padded() * torch.tensor([1.0, 0.5, 0.3]))
    cameras, params = FoVPerspectiveCameras(), BlendParams(sigma=1e-3, gamma=1e-3)
    settings = RasterizationSettings(image_size=32, blur_radius=5e-3, faces_per_pixel=20)
    render = MeshRenderer(MeshRasterizer(cameras, settings), renderer.SoftSilhouetteShader(params))
    R, T = look_at_view_transform(3.0, 20.0, 40.0)
    target = render(meshes, R=R, T=T)[..., 3].detach()
    model = FittedCamera(meshes, render, target)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.08)
    losses = []
    for _ in range(40):
        optimizer.zero_grad()
        loss = model()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] > 10 and losses[-1] < 0.2 * losses[0]


def test_shaders_have_one_base():
    for name in (*SHADERS, *DEPTH_SHADERS, "SplatterPhongShader"):
        shader = getattr(renderer, name)()
        assert isinstance(shader, ShaderBase) and isinstance(shader.lights, PointLights) and isinstance(shader.materials, Materials)


def test_to_moves_all_parts():
    cameras = cameras_at(0.0)
    made = MeshRenderer(MeshRasterizer(cameras), renderer.SoftPhongShader(cameras=cameras))
    assert made.to("meta") is made
    for tensor in (made.rasterizer.cameras.R, made.shader.cameras.R, made.shader.lights.location, made.shader.materials.shininess):
        assert tensor.device.type == "meta"
    assert MeshRasterizer().to("meta").cameras is None


def test_modules_can_be_hooked_and_derived():
    class Red(renderer.HardPhongShader):
        def forward(self, fragments, meshes, **kwargs):
            return super().forward(fragments, meshes, **kwargs) * torch.tensor([1.0, 0, 0, 1])

    cameras, seen = cameras_at(0.0), []
    made = MeshRenderer(MeshRasterizer(cameras, RasterizationSettings(**SETTINGS)), Red(cameras=cameras))
    made.rasterizer.register_forward_hook(lambda module, inputs, fragments: seen.append(fragments))
    picture = made(spheres())
    assert (picture[..., 1:3] == 0).all() and len(seen) == 1 and isinstance(seen[0], Fragments)


def test_old_name_of_the_soft_phong_shader():
    with pytest.warns(PendingDeprecationWarning, match="use SoftPhongShader instead"):
        assert type(renderer.mesh.TexturedSoftPhongShader()) is renderer.SoftPhongShader


def test_blend_params_of_the_splatter():
    shader = renderer.SplatterPhongShader()
    with pytest.warns(UserWarning, match="received sigma=0.1, in pixels"):
        shader.check_blend_params(BlendParams(sigma=0.1))


def test_public_names():
    for module in (renderer, renderer.mesh):
        assert all(hasattr(module, name) for name in module.__all__)
