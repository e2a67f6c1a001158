"""The renderer through bisque3d.cpp: Modules by name, scenes of tensors, and the results of bisque3d.renderer."""

import copy
import pickle

import pytest
import torch

import bisque3d.blendshapes
from bisque3d import renderer as python
from bisque3d.renderer.mesh import textures as python_textures
from bisque3d.structures import Meshes, Pointclouds
from bisque3d.utils import ico_sphere

SIZE = 24


@pytest.fixture
def sphere():
    mesh = ico_sphere(2)
    generator = torch.Generator().manual_seed(1)
    return mesh.verts_packed(), mesh.faces_packed(), torch.rand(mesh.verts_packed().shape, generator=generator)


def views():
    return python.look_at_view_transform(dist=2.7, elev=[10.0, -20.0], azim=[30.0, 200.0])


def cpp_scene(cpp, verts, faces, colors):
    """The arguments of MeshRenderer."""
    R, T = views()
    make, objects = cpp.modules.make, cpp.objects
    return (
        objects.make("ops3d.Meshes", verts=[verts] * 2, faces=[faces] * 2),
        objects.make("renderer.TexturesVertex", [colors] * 2),
        make("renderer.FoVPerspectiveCameras", R=R, T=T, fov=50),
        [make("renderer.PointLights", location=[1.0, 2.0, -2.0], diffuse_color=[0.6, 0.5, 0.4])],
        make("renderer.Materials", shininess=20),
    )


def python_images(verts, faces, colors, shader, **settings):
    R, T = views()
    cameras = python.FoVPerspectiveCameras(R=R, T=T, fov=50)
    meshes = Meshes([verts] * 2, [faces] * 2, python_textures.TexturesVertex([colors] * 2))
    rasterizer = python.MeshRasterizer(cameras, python.RasterizationSettings(image_size=SIZE, **settings))
    lights = python.PointLights(location=((1.0, 2.0, -2.0),), diffuse_color=((0.6, 0.5, 0.4),))
    shade = getattr(python, shader)(cameras=cameras, lights=lights, materials=python.Materials(shininess=20))
    return python.MeshRenderer(rasterizer, shade)(meshes)


def make_renderer(cpp, shader="renderer.HardPhongShader", **rasterizer):
    return cpp.modules.make("renderer.MeshRenderer", shader=shader, rasterizer=dict(height=SIZE, width=SIZE, **rasterizer))


@pytest.mark.parametrize(
    "shader, settings",
    [("HardPhongShader", {}), ("SoftPhongShader", dict(blur_radius=1e-4, faces_per_pixel=4)), ("HardFlatShader", {}), ("HardGouraudShader", {})],
)
def test_pictures_and_gradients_are_those_of_python(cpp, sphere, shader, settings):
    verts, faces, colors = sphere
    weights = torch.rand(2, SIZE, SIZE, 4, generator=torch.Generator().manual_seed(2))
    gradients, pictures = [], []
    for way in ("cpp", "python"):
        moved, painted = verts.clone().requires_grad_(), colors.clone().requires_grad_()
        if way == "cpp":
            images = make_renderer(cpp, f"renderer.{shader}", **settings)(*cpp_scene(cpp, moved, faces, painted))
        else:
            images = python_images(moved, faces, painted, shader, **settings)
        (images * weights).sum().backward()
        pictures.append(images.detach())
        gradients.append((moved.grad, painted.grad))
    assert pictures[0].shape == (2, SIZE, SIZE, 4) and (pictures[0][..., 3] > 0).sum() > 100
    torch.testing.assert_close(*pictures, atol=1e-5, rtol=1e-5)
    for mine, theirs in zip(*gradients):
        assert mine.abs().max() > 0
        torch.testing.assert_close(mine, theirs, atol=1e-4, rtol=1e-3)


def test_a_scene_sees_what_python_assigns_to_its_cameras(cpp, sphere):
    verts, faces, colors = sphere
    meshes, textures, cameras, lights, materials = cpp_scene(cpp, verts, faces, colors)
    scene = cpp.objects.make("renderer.Scene", meshes, textures=textures, cameras=cameras, lights=lights, materials=materials)
    assert scene.cameras is cameras and scene.lights[0] is lights[0] and scene.unit == 1
    renderer = make_renderer(cpp)
    before = renderer(scene)
    torch.testing.assert_close(before, renderer(meshes, textures, cameras, lights, materials))
    cameras.T = (cameras.T + torch.tensor([0.0, 0.0, 1.0])).requires_grad_()
    after = renderer(scene)
    assert (before - after).abs().max() > 0.1
    after.sum().backward()
    assert cameras.T.grad.abs().max() > 0


def test_a_scene_sees_that_its_cameras_are_moved(cpp, sphere):
    verts, faces, colors = (tensor.double() if tensor.is_floating_point() else tensor for tensor in sphere)
    meshes, textures, cameras, lights, materials = cpp_scene(cpp, verts, faces, colors)
    scene = cpp.objects.make("renderer.Scene", meshes, textures, cameras, lights, materials)
    torch.nn.ModuleList([cameras]).double()
    assert scene.cameras.R.dtype == torch.float64
    assert make_renderer(cpp)(scene).dtype == torch.float64


def test_cameras_are_copied_and_pickled(cpp):
    R, T = views()
    cameras = cpp.modules.make("renderer.FoVPerspectiveCameras", R=R, T=(2 * T.requires_grad_()), fov=[40])
    points = torch.rand(5, 3)
    leaf = cpp.modules.make("renderer.FoVPerspectiveCameras", R=R, T=2 * T.detach(), fov=40)
    for copied in (copy.deepcopy(cameras), pickle.loads(pickle.dumps(leaf))):
        torch.testing.assert_close(copied(points), cameras(points))
        assert copied.K is None and "K" not in copied.state_dict()


def test_renderers_name_what_a_scene_lacks(cpp, sphere):
    verts, faces, colors = sphere
    meshes, textures, cameras, lights, materials = cpp_scene(cpp, verts, faces, colors)
    scene = cpp.objects.make("renderer.Scene", meshes)
    with pytest.raises(RuntimeError, match="^MeshRenderer: expected cameras, but got none"):
        make_renderer(cpp)(scene)
    fragments = make_renderer(cpp).rasterizer(cameras(verts), faces)
    with pytest.raises(RuntimeError, match="^Shader: expected cameras, but got none"):
        cpp.modules.make("renderer.HardPhongShader")(fragments, scene)
    with pytest.raises(RuntimeError, match="^PointsRenderer: expected clouds with features"):
        cpp.modules.make("renderer.PointsRenderer")(cpp.objects.make("ops3d.Pointclouds", [verts]), cameras)


def test_parts_of_the_renderer_pass_their_values_on(cpp, sphere):
    verts, faces, colors = sphere
    scene = cpp_scene(cpp, verts, faces, colors)
    renderer = make_renderer(cpp, "renderer.SoftPhongShader", faces_per_pixel=2)
    meshes, textures, cameras, lights, materials = scene
    fragments = renderer.rasterizer(meshes, cameras(meshes.verts_packed).contiguous())
    assert fragments.pix_to_face.shape == (4, SIZE, SIZE, 2) and fragments.samples == 1
    R, T = views()
    single = cpp.modules.make("renderer.FoVPerspectiveCameras", R=R[:1], T=T[:1], fov=50)
    fragments = renderer.rasterizer(single(verts), faces)
    one = cpp.objects.make("ops3d.Meshes", verts[None], faces[None])
    whole = cpp.objects.make("renderer.Scene", one, cpp.objects.make("renderer.TexturesVertex", colors[None]), single, lights, materials)
    again = cpp.objects.make("renderer.Fragments", fragments.pix_to_face, fragments.zbuf, fragments.bary_coords, fragments.dists)
    torch.testing.assert_close(renderer.shader(fragments, whole), renderer.shader(again, whole))
    torch.testing.assert_close(renderer.shader(fragments, whole), renderer(whole))


def test_points_are_rendered_as_in_python(cpp):
    generator = torch.Generator().manual_seed(3)
    points, features = torch.rand(40, 3, generator=generator) - 0.5, torch.rand(40, 4, generator=generator)
    R, T = (tensor[:1] for tensor in views())
    clouds = cpp.objects.make("ops3d.Pointclouds", [points], features=[features])
    cameras = cpp.modules.make("renderer.PerspectiveCameras", R=R, T=T, focal_length=2)
    renderer = cpp.modules.make("renderer.PointsRenderer", rasterizer=dict(height=SIZE, width=SIZE, radius=0.1, points_per_pixel=3))
    theirs = python.PointsRenderer(
        python.PointsRasterizer(
            python.PerspectiveCameras(R=R, T=T, focal_length=2.0),
            python.PointsRasterizationSettings(image_size=SIZE, radius=0.1, points_per_pixel=3),
        ),
        python.AlphaCompositor(),
    )
    torch.testing.assert_close(renderer(clouds, cameras), theirs(Pointclouds([points], features=[features])))
    idx = cpp.modules.make("renderer.PointsRasterizer", height=SIZE, width=SIZE, radius=0.1)(clouds, cameras).idx
    assert idx.shape[:3] == (1, SIZE, SIZE) and idx.max() < 40


def test_rays_of_cameras(cpp):
    R, T = views()
    cameras = cpp.modules.make("renderer.FoVPerspectiveCameras", R=R, T=T)
    sampler = cpp.modules.make("renderer.NDCMultinomialRaysampler", image_width=5, image_height=4, n_pts_per_ray=6, min_depth=1, max_depth=3)
    rays = sampler(cameras)
    theirs = python.NDCMultinomialRaysampler(image_width=5, image_height=4, n_pts_per_ray=6, min_depth=1.0, max_depth=3.0)(
        python.FoVPerspectiveCameras(R=R, T=T)
    )
    for name in ("origins", "directions", "lengths", "xys"):
        torch.testing.assert_close(getattr(rays, name), getattr(theirs, name))
    few = cpp.modules.make("renderer.NDCMultinomialRaysampler", image_width=5, image_height=4, n_rays_per_image=3)
    drawn = few(cameras, cpp.objects.make("renderer.RayDraw", places=torch.rand(2, 20)))
    assert drawn.origins.shape == (2, 3, 1, 3)


def test_wrong_arguments_are_named(cpp, sphere):
    verts, faces, colors = sphere
    meshes, textures, cameras, lights, materials = cpp_scene(cpp, verts, faces, colors)
    renderer = make_renderer(cpp)
    overloads = "(Scene) or (Meshes, Textures or None, Cameras or None, a list of Lights, Materials or None)"
    for arguments, sentence in [
        ((meshes, textures, lights[0]), "MeshRenderer: argument 2 of forward: expected Cameras or None, but got PointLights."),
        ((meshes, cameras, cameras), "MeshRenderer: argument 1 of forward: expected Textures or None, but got FoVPerspectiveCameras."),
        ((meshes, textures, cameras, lights[0]), "MeshRenderer: argument 3 of forward: expected a list of Lights, but got PointLights."),
        ((meshes, textures, cameras, [cameras]), "MeshRenderer: argument 3 of forward: expected a list of Lights, but got list."),
        ((meshes, textures, cameras, [None]), "MeshRenderer: argument 3 of forward: expected a list of Lights, but got list."),
        ((meshes,), "MeshRenderer: argument 0 of forward: expected Scene, but got Meshes."),
        ((meshes, textures), f"MeshRenderer: expected the arguments of forward to be {overloads}, but got (Meshes, TexturesVertex)."),
        ((meshes, textures, None), "MeshRenderer: expected cameras, but got none."),
    ]:
        with pytest.raises(RuntimeError) as caught:
            renderer(*arguments)
        assert str(caught.value) == sentence
    rasterizer = cpp.modules.make("renderer.PointsRasterizer")
    clouds = cpp.objects.make("ops3d.Pointclouds", verts[None])
    for arguments, sentence in [
        ((clouds, lights[0]), "PointsRasterizer: argument 1 of forward: expected Cameras, but got PointLights."),
        ((clouds, None), "PointsRasterizer: argument 1 of forward: expected Cameras, but got None."),
        ((meshes, cameras), "PointsRasterizer: argument 0 of forward: expected Pointclouds, but got Meshes."),
        ((clouds,), "PointsRasterizer: forward cannot be called with 1 arguments, expected up to 3."),
    ]:
        with pytest.raises(RuntimeError) as caught:
            rasterizer(*arguments)
        assert str(caught.value) == sentence
    with pytest.raises(RuntimeError) as caught:
        renderer.rasterizer(cameras, verts)
    overloads = "(Tensor, Tensor) or (Meshes, Tensor)"
    assert str(caught.value) == f"MeshRasterizer: expected the arguments of forward to be {overloads}, but got (FoVPerspectiveCameras, Tensor)."


def arguments_of_every_module(cpp, sphere):
    """How each Module of the tree is called, by name; those of ops are functions of tensors."""
    verts, faces, colors = sphere
    meshes, textures, cameras, lights, materials = cpp_scene(cpp, verts, faces, colors)
    scene = cpp.objects.make("renderer.Scene", meshes, textures, cameras, lights, materials)
    fragments = make_renderer(cpp).rasterizer(cameras(verts), faces)
    fragments = cpp.objects.make("renderer.Fragments", fragments.pix_to_face, fragments.zbuf, fragments.bary_coords, fragments.dists)
    clouds = cpp.objects.make("ops3d.Pointclouds", [verts], features=[colors])
    shape = (2, 5, 6)
    composited = (torch.zeros(1, 2, 3, 3, dtype=torch.int64), torch.ones(1, 2, 3, 3), torch.rand(4, 7))
    uv = cpp.objects.make("renderer.TexturesUV", torch.rand(2, 4, 4, 3), faces.expand(2, -1, -1), verts[:, :2].expand(2, -1, -1).contiguous())
    of_uv = cpp.objects.make("renderer.Scene", meshes, uv, cameras, lights)
    calls = {
        "ops3d.GraphConv": (torch.rand(4, 2), torch.tensor([[0, 1], [1, 2]])),
        "ops3d.KNN": (torch.rand(1, 3, 3), torch.rand(1, 4, 3)),
        "ops3d.MarchingCubes": (torch.rand(1, 4, 4, 4),),
        "renderer.AbsorptionOnlyRaymarcher": (torch.rand(*shape, 1),),
        "renderer.EmissionAbsorptionRaymarcher": (torch.rand(*shape, 1), torch.rand(*shape, 3)),
        "renderer.HarmonicEmbedding": (torch.rand(3, 3),),
        "renderer.MeshRasterizer": (cameras(verts), faces),
        "renderer.MeshRenderer": (scene,),
        "renderer.NDCMultinomialRaysampler": (cameras,),
        "renderer.PointsRasterizer": (clouds, cameras),
        "renderer.PointsRenderer": (clouds, cameras),
        "renderer.UVShader": (fragments, of_uv),
    }
    for name in cpp.modules:
        if name.endswith("Cameras"):
            calls[name] = (verts,)
        elif name.endswith("Compositor"):
            calls[name] = composited
        elif name.endswith("Shader") and name not in calls:
            calls[name] = (fragments, scene)
    return calls


# Modules that hold parameters for others and have no forward; and those that are called with a model of their own.
WITHOUT_FORWARD = {"renderer.AmbientLights", "renderer.DirectionalLights", "renderer.Materials", "renderer.PointLights"}
OF_A_MODEL = {"renderer.BlendshapeModel", "renderer.MaterialShader"}


def tensors_of(cpp, result):
    if isinstance(result, torch.Tensor):
        return [result]
    items = [getattr(result, name) for name in dir(result)] if isinstance(result, cpp.Object) else result
    return [item for item in items if isinstance(item, torch.Tensor)]


def test_every_module_of_the_tree_can_be_called(cpp, sphere):
    required = {"ops3d.GraphConv": dict(input_dim=2, output_dim=3)}
    calls = arguments_of_every_module(cpp, sphere)
    built_in = {name for name in cpp.modules if name.split(".")[0] in ("ops3d", "renderer")}
    assert built_in == set(calls) - OF_A_MODEL | WITHOUT_FORWARD | OF_A_MODEL
    for name in sorted(built_in - WITHOUT_FORWARD - OF_A_MODEL):
        result = cpp.modules.make(name, **required.get(name, {}))(*calls[name])
        tensors = tensors_of(cpp, result)
        assert tensors and all(tensor.numel() for tensor in tensors), name


def test_modules_of_a_model_can_be_called(cpp):
    model = cpp.modules.make("renderer.BlendshapeModel")
    theirs = bisque3d.blendshapes.read_model("demo")
    coefficients = torch.rand(1, theirs.num_shapes, requires_grad=True)
    pose = cpp.objects.make("renderer.Pose", head=torch.tensor([[0.2, 0.0, 0.0]]))
    verts = model(coefficients)
    torch.testing.assert_close(verts, theirs(coefficients))
    assert (model(coefficients, pose) - verts).abs().max() > 0
    (gradient,) = torch.autograd.grad(verts.sum(), coefficients)
    assert gradient.abs().max() > 0
    verts = verts.detach() / verts.detach().abs().max()
    R, T = python.look_at_view_transform(3.0, 0.0, 0.0)
    cameras = cpp.modules.make("renderer.FoVPerspectiveCameras", R=R, T=T)
    renderer = make_renderer(cpp, "renderer.MaterialShader")
    images = renderer(cpp.objects.make("ops3d.Meshes", verts, model.faces[None]), None, cameras)
    assert images.shape == (1, SIZE, SIZE, 4) and images[..., 3].sum() > 10


@pytest.mark.parametrize("name", sorted(WITHOUT_FORWARD))
def test_modules_without_a_forward_say_so(cpp, name):
    with pytest.raises(RuntimeError, match="^" + name.split(".")[1] + ": "):
        cpp.modules.make(name)(torch.ones(1))


def test_cameras_and_lights_take_tensors_and_numbers(cpp):
    R, T = views()
    T = T.double().requires_grad_()
    cameras = cpp.modules.make("renderer.FoVPerspectiveCameras", R=R.double(), T=T, fov=40, znear=torch.tensor([0.5, 1.0], dtype=torch.float64))
    assert cameras.T is T and cameras.fov.dtype == torch.float64 and cameras.fov.tolist() == [40, 40]
    assert cameras.K is None and cameras.znear.tolist() == [0.5, 1]
    cameras(torch.rand(3, 3, dtype=torch.float64)).sum().backward()
    assert T.grad.abs().max() > 0
    parameter = cpp.modules.signature("renderer.FoVPerspectiveCameras").parameters["fov"]
    assert parameter.default == 60 and parameter.annotation is torch.Tensor
    light = cpp.modules.make("renderer.PointLights", location=torch.tensor([[1.0, 2.0, 3.0]]), ambient_color=0.25)
    assert light.location.tolist() == [[1, 2, 3]] and light.ambient_color.tolist() == [[0.25] * 3]
    with pytest.raises(RuntimeError, match="^PointLights: expected location to be 3 numbers or a tensor, but got 2 numbers"):
        cpp.modules.make("renderer.PointLights", location=[1, 2])
    with pytest.raises(RuntimeError, match="^renderer.PointLights: expected location to be a tensor, but got a string.$"):
        cpp.modules.make("renderer.PointLights", location="up")
    with pytest.raises(RuntimeError, match=r'^renderer.FoVPerspectiveCameras has no setting "fow", expected one of: R, T, fov, .*\(nearest: fov'):
        cpp.modules.make("renderer.FoVPerspectiveCameras", fow=40)
