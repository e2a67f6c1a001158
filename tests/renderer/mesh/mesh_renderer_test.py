"""MeshRenderer with every shader."""

import math
import subprocess
import sys

import pytest
import torch

from bisque3d.testing import threads  # noqa: F401  (loads the ops)
from tests.testing.functions import functions
from tests.testing.mesh_shapes import icosphere

classes = torch.classes.bisque_functions
F64 = torch.float64
LIT = ["HardPhong", "SoftPhong", "HardGouraud", "SoftGouraud", "HardFlat"]
SHADERS = [*LIT, "SoftSilhouette", "HardDepth", "SoftDepth", "Normals", "ID"]
SOFT = {"blur_radius": 2e-3, "faces_per_pixel": 6.0, "sigma": 1e-3, "gamma": 1e-2}


def cameras(n: int = 1, kind: str = "fov_perspective", dist: float = 3.0, **values):
    azim = torch.linspace(0, 90 * (n - 1), n)
    R, T = functions.look_at_view_transform({"dist": torch.tensor(dist), "azim": azim, "elev": torch.tensor(10.0)})
    return classes.Cameras(kind, {"R": R.double(), "T": T.double(), **values}, {})


def render(shader, meshes, view, textures=(), lights=(), materials=None, unit=1.0, kind="vertex", **settings):
    return functions.render(shader, settings, meshes, kind if textures else "none", list(textures), view, list(lights), materials, unit)


def image(*args, **kwargs):
    return render(*args, **kwargs)[0]


def spheres(count: int = 2):
    """Meshes of different sizes, and colours of their verts."""
    meshes = [icosphere(level) for level in range(count)]
    verts = [verts + torch.tensor([0.2 * i, 0.1, 0]) for i, (verts, _) in enumerate(meshes)]
    generator = torch.Generator().manual_seed(1)
    return verts, [faces for _, faces in meshes], [torch.rand(len(v), 3, generator=generator, dtype=F64) for v in verts]


def point_light(x, y, z, **colors):
    return classes.Lights("point", {"location": torch.tensor([[x, y, z]], dtype=F64), **colors})


@pytest.mark.parametrize("shader", SHADERS)
def test_an_entry_of_a_mixed_batch_is_that_mesh_alone(shader):
    verts, faces, colors = spheres(3)
    view, lights = cameras(3), [point_light(1, 2, 3), point_light(-2, 0, 1)]
    batch = image(shader, classes.Meshes(verts, faces), view, colors, lights, **SOFT)
    for i in range(3):
        alone = image(shader, classes.Meshes(verts[i : i + 1], faces[i : i + 1]), view.at(i), colors[i : i + 1], lights, **SOFT)
        if shader == "ID":
            before = sum(len(f) for f in faces[:i])
            alone = torch.where(alone < 0, alone, alone + before)
        torch.testing.assert_close(batch[i], alone[0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shader", SHADERS)
@pytest.mark.parametrize("num_meshes", [1, 2])
def test_several_cameras_share_meshes(shader, num_meshes):
    verts, faces, colors = spheres(num_meshes)
    meshes, views = classes.Meshes(verts, faces), 3
    view, lights = cameras(num_meshes * views), [point_light(1, 2, 3)]
    pictures = image(shader, meshes, view, colors, lights, **SOFT)
    assert len(pictures) == num_meshes * views
    for b in range(num_meshes):
        for v in range(views):
            alone = image(shader, classes.Meshes(verts[b : b + 1], faces[b : b + 1]), view.at(b * views + v), colors[b : b + 1], lights, **SOFT)
            if shader == "ID":
                alone = torch.where(alone < 0, alone, alone + sum(len(f) for f in faces[:b]))
            torch.testing.assert_close(pictures[b * views + v], alone[0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shader", SHADERS)
def test_a_single_camera_sees_all_meshes(shader):
    verts, faces, colors = spheres(2)
    lights = [point_light(1, 2, 3)]
    pictures = image(shader, classes.Meshes(verts, faces), cameras(), colors, lights, **SOFT)
    assert len(pictures) == 2
    for b in range(2):
        alone = image(shader, classes.Meshes(verts[b : b + 1], faces[b : b + 1]), cameras(), colors[b : b + 1], lights, **SOFT)
        if shader == "ID":
            alone = torch.where(alone < 0, alone, alone + sum(len(f) for f in faces[:b]))
        torch.testing.assert_close(pictures[b], alone[0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shader", LIT)
def test_lights_add(shader):
    verts, faces, colors = spheres(1)
    meshes, view = classes.Meshes(verts, faces), cameras()
    zero = torch.zeros(1, 3, dtype=F64)
    key = point_light(1, 2, 3, ambient_color=zero)
    sun = classes.Lights("directional", {"direction": torch.tensor([[-1.0, 0, 0]], dtype=F64), "ambient_color": zero})
    sky = classes.Lights("ambient", {"ambient_color": torch.tensor([[0.1, 0.2, 0.3]], dtype=F64)})
    settings = {**SOFT, "background": 0.0}
    both = image(shader, meshes, view, colors, [key, sun, sky], **settings)[..., :3]
    each = [image(shader, meshes, view, colors, [light], **settings)[..., :3] for light in (key, sun, sky)]
    torch.testing.assert_close(both, sum(each), rtol=1e-10, atol=1e-10)
    assert all(picture.max() > 0.05 for picture in each)


@pytest.mark.parametrize("shader", LIT)
def test_lights_and_materials_per_mesh_and_per_picture(shader):
    verts, faces, colors = spheres(2)
    meshes, view = classes.Meshes(verts, faces), cameras(4)

    def scene(rows):
        light = classes.Lights("point", {"location": torch.tensor([[1.0, 2, 3], [-2, 1, 1]], dtype=F64)[rows]})
        shininess = torch.tensor([3.0, 60.0], dtype=F64)[rows]
        material = classes.Materials({"shininess": shininess, "diffuse_color": torch.rand(2, 3, dtype=F64, generator=torch.Generator().manual_seed(2))[rows]})
        return [light], material

    per_mesh = image(shader, meshes, view, colors, *scene([0, 1]), **SOFT)
    per_picture = image(shader, meshes, view, colors, *scene([0, 0, 1, 1]), **SOFT)
    torch.testing.assert_close(per_mesh, per_picture)
    first = image(shader, classes.Meshes(verts[:1], faces[:1]), view.select(torch.tensor([0, 1])), colors[:1], *scene([0]), **SOFT)
    torch.testing.assert_close(per_mesh[:2], first)


def test_a_flat_wall_has_the_phong_colour():
    """A square seen from the front, lit by one light, against the formula at each pixel."""
    verts = torch.tensor([[-9.0, -9, 0], [9, -9, 0], [9, 9, 0], [-9, 9, 0]], dtype=F64)
    faces, color = torch.tensor([[0, 1, 2], [0, 2, 3]]), torch.tensor([0.9, 0.5, 0.2], dtype=F64)
    T = torch.tensor([[0.0, 0, 4]], dtype=F64)
    R = torch.diag(torch.tensor([-1.0, 1, -1], dtype=F64))[None]  # at (0, 0, 4), looks along -Z
    view = classes.Cameras("fov_perspective", {"R": R, "T": T}, {})
    light, size = torch.tensor([1.0, 0.5, 2], dtype=F64), 16
    picture = image("HardPhong", classes.Meshes([verts], [faces]), view, [color.expand(4, 3)], [point_light(*light.tolist())],
                    classes.Materials({"shininess": torch.tensor([5.0], dtype=F64)}), height=float(size), width=float(size))
    center = 1 - (2 * torch.arange(size, dtype=F64) + 1) / size
    y, x = torch.meshgrid(center, -center, indexing="ij")  # +X of the world is right in this picture
    points = torch.stack([x, y, torch.zeros_like(x)], -1) * 4 * math.tan(math.pi / 6)
    to_light = torch.nn.functional.normalize(light - points, dim=-1)
    reflected = torch.stack([-to_light[..., 0], -to_light[..., 1], to_light[..., 2]], -1)
    to_camera = torch.nn.functional.normalize(torch.tensor([0.0, 0, 4], dtype=F64) - points, dim=-1)
    highlight = (reflected * to_camera).sum(-1, keepdim=True).clamp_min(0) ** 5
    expected = (0.5 + 0.3 * to_light[..., 2:]) * color + 0.2 * highlight
    torch.testing.assert_close(picture[0, ..., :3], expected, rtol=1e-9, atol=1e-9)
    assert (picture[..., 3] == 1).all()


def test_gouraud_and_flat_colours_are_those_of_verts_and_faces():
    verts = torch.tensor([[-2.0, -2, 0], [2, -2, 0], [0, 2, 0]], dtype=F64)
    meshes, colors = classes.Meshes([verts], [torch.tensor([[0, 1, 2]])]), torch.eye(3, dtype=F64)
    view, light = cameras(), point_light(1, 1, 3)
    camera, shininess = view.get_camera_center(), torch.tensor([64.0], dtype=F64)
    normal = torch.tensor([0.0, 0, 1], dtype=F64)

    def reflection(points):
        points = points[None]
        normals = normal.expand_as(points)
        return 0.5 + light.diffuse(normals, points)[0], light.specular(normals, points, camera, shininess)[0]

    ndc = view.forward(verts[None], 1.0)[0]
    diffuse, specular = reflection(verts)
    corners = diffuse * colors + specular
    gouraud, faces, zbuf = render("HardGouraud", meshes, view, [colors], [light], height=24.0, width=24.0)
    covered = faces[0, ..., 0] == 0
    pixel = 1 - (2 * torch.arange(24, dtype=F64) + 1) / 24
    y, x = torch.meshgrid(pixel, pixel, indexing="ij")
    # Barycentric coordinates in 3D: the screen's divided by depth, normalised.
    screen = torch.linalg.solve(torch.cat([ndc[:, :2].T, torch.ones(1, 3, dtype=F64)]), torch.stack([x, y, torch.ones_like(x)]).flatten(1))
    weights = (screen / ndc[:, 2:]).T.view(24, 24, 3)
    weights = weights / weights.sum(-1, keepdim=True)
    torch.testing.assert_close(gouraud[0, ..., :3][covered], (weights @ corners)[covered], rtol=1e-9, atol=1e-9)
    diffuse, specular = reflection(verts.mean(0, keepdim=True))
    flat = image("HardFlat", meshes, view, [colors], [light], height=24.0, width=24.0)
    torch.testing.assert_close(flat[0, ..., :3][covered], (weights @ colors * diffuse + specular)[covered], rtol=1e-9, atol=1e-9)
    assert covered.sum() > 100 and (gouraud[0][~covered] == torch.tensor([1.0, 1, 1, 0], dtype=F64)).all()


def test_without_textures_the_surface_is_white():
    verts, faces, colors = spheres(2)
    meshes, view = classes.Meshes(verts, faces), cameras(2)
    for shader in LIT:
        white = image(shader, meshes, view, [torch.ones_like(c) for c in colors], **SOFT)
        torch.testing.assert_close(image(shader, meshes, view, **SOFT), white)


def test_soft_shaders_equal_hard_ones_inside():
    verts, faces, colors = spheres(1)
    meshes, view = classes.Meshes(verts, faces), cameras()
    for kind in ("Phong", "Gouraud"):
        hard = image(f"Hard{kind}", meshes, view, colors, height=48.0, width=48.0)
        soft = image(f"Soft{kind}", meshes, view, colors, height=48.0, width=48.0, sigma=1e-13, gamma=1e-8)
        inside = hard[..., 3] == 1
        torch.testing.assert_close(soft[inside], hard[inside], rtol=1e-3, atol=1e-3)


def test_depth_shaders():
    verts, faces, _ = spheres(1)
    meshes, zfar = classes.Meshes(verts, faces), torch.tensor([7.0], dtype=F64)
    view = cameras(zfar=zfar)
    hard, pix_to_face, zbuf = render("HardDepth", meshes, view)
    torch.testing.assert_close(hard, torch.where(pix_to_face < 0, zfar, zbuf))
    soft = image("SoftDepth", meshes, view, faces_per_pixel=4.0, sigma=1e-9)
    torch.testing.assert_close(soft, hard, rtol=1e-6, atol=1e-6)
    assert image("HardDepth", meshes, cameras(kind="perspective"), height=2.0)[0, 0, 0, 0] == 100
    # A face that half covers leaves the other half to the far plane.
    blurred, pix_to_face, _ = render("SoftDepth", meshes, view, **SOFT)
    assert ((blurred > hard.min() - 0.1) & (blurred <= 7)).all()


def test_normals_shader():
    verts, faces, _ = spheres(1)
    meshes, view = classes.Meshes(verts, faces), cameras()
    world, local = (image("Normals", meshes, view, in_view_space=flag) for flag in (0.0, 1.0))
    covered = world[..., 3] == 1
    torch.testing.assert_close(world[covered][:, :3].norm(dim=-1), torch.ones(int(covered.sum()), dtype=F64))
    assert (world[~covered] == 0).all()
    torch.testing.assert_close(world[..., :3] @ view.get("R")[0], local[..., :3])
    assert (local[covered][:, 2] < 0.1).all()  # towards the camera
    colors = image("Normals", meshes, view, as_colors=1.0)
    torch.testing.assert_close(colors[covered][:, :3], (world[covered][:, :3] + 1) / 2)
    assert (colors[~covered] == 0).all()


def test_id_shader():
    verts, faces, _ = spheres(2)
    ids, pix_to_face, _ = render("ID", classes.Meshes(verts, faces), cameras(2), faces_per_pixel=3.0)
    assert ids.dtype == torch.int64 and torch.equal(ids, pix_to_face[..., :1])
    of_meshes = image("ID", classes.Meshes(verts, faces), cameras(2), of_meshes=1.0)
    assert [of_meshes[i].unique().tolist() for i in range(2)] == [[-1, 0], [-1, 1]]


def test_uv_shader():
    verts = torch.tensor([[-9.0, -9, 0], [9, -9, 0], [9, 9, 0], [-9, 9, 0]], dtype=F64)
    faces = torch.tensor([[0, 1, 2], [0, 2, 3]])
    uvs = torch.tensor([[0.0, 0], [1, 0], [1, 1], [0, 1]], dtype=F64)
    textures = [torch.zeros(1, 2, 2, 3, dtype=F64), faces[None], uvs[None]]
    R = torch.diag(torch.tensor([-1.0, 1, -1], dtype=F64))[None]
    view = classes.Cameras("orthographic", {"R": R, "T": torch.tensor([[0.0, 0, 4]], dtype=F64), "focal_length": torch.tensor([1 / 9], dtype=F64)}, {})
    picture = image("UV", classes.Meshes([verts], [faces]), view, textures, kind="uv", height=4.0, width=4.0)
    steps = (torch.arange(4, dtype=F64) + 0.5) / 4
    v, u = torch.meshgrid(steps.flip(0), steps, indexing="ij")
    torch.testing.assert_close(picture[0], torch.stack([u, v, torch.zeros_like(u), torch.ones_like(u)], -1))


def test_orthographic_equals_perspective_at_long_focal_length():
    verts, faces, colors = spheres(1)
    meshes, distance = classes.Meshes(verts, faces), 1e6
    R = torch.diag(torch.tensor([-1.0, 1, -1], dtype=F64))[None]
    view = {"R": R, "T": torch.tensor([[0.0, 0, distance]], dtype=F64)}
    far = classes.Cameras("perspective", {**view, "focal_length": torch.tensor([0.8 * distance], dtype=F64)}, {})
    flat = classes.Cameras("orthographic", {**view, "focal_length": torch.tensor([0.8], dtype=F64)}, {})
    for shader in ("HardPhong", "HardFlat", "SoftSilhouette"):
        settings = {**SOFT, "height": 40.0, "width": 40.0} if shader.startswith("Soft") else {"height": 40.0, "width": 40.0}
        a, b = (image(shader, meshes, camera, colors if "Soft" not in shader else (), **settings) for camera in (far, flat))
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


def test_nothing_from_behind_the_camera_appears():
    verts, faces, colors = spheres(1)
    for kind in ("fov_perspective", "perspective", "orthographic"):
        view = cameras(kind=kind)
        behind = verts[0] + 2 * view.get_camera_center()
        picture, pix_to_face, _ = render("SoftPhong", classes.Meshes([behind], faces), view, colors, **SOFT)
        assert (pix_to_face < 0).all() and (picture[..., 3] == 0).all(), kind


@pytest.mark.parametrize("kind", ["fov_perspective", "perspective"])
def test_a_floor_under_the_camera_fills_the_lower_half(kind):
    """Faces that lie partly behind the camera are cut, not dropped."""
    verts = torch.tensor([[-90.0, -1, -50], [90, -1, -50], [90, -1, 900], [-90, -1, 900]], dtype=F64).requires_grad_()
    meshes = classes.Meshes([verts], [torch.tensor([[0, 1, 2], [0, 2, 3]])])
    view = classes.Cameras(kind, {"T": torch.zeros(1, 3, dtype=F64)}, {})  # at the origin, looks along +Z
    picture, _, zbuf = render("HardPhong", meshes, view, height=20.0, width=20.0)
    assert (picture[0, :10, :, 3] == 0).all() and (picture[0, 10:, :, 3] == 1).all()
    y = (2 * torch.arange(10, 20, dtype=F64) + 1) / 20 - 1
    slope = math.tan(math.pi / 6) if kind == "fov_perspective" else 1.0
    torch.testing.assert_close(zbuf[0, 10:, :, 0], (1 / (y * slope))[:, None].expand(10, 20))
    picture.sum().backward()
    assert verts.grad.isfinite().all()


def test_orthographic_cameras_cut_faces_behind_them():
    """A ramp rises from y = -1 at z = -1 behind the camera to y = 1 at z = 1: the half before the camera is above the middle."""
    verts = torch.tensor([[-9.0, -1, -1], [9, -1, -1], [9, 1, 1], [-9, 1, 1]], dtype=F64).requires_grad_()
    meshes = classes.Meshes([verts], [torch.tensor([[0, 1, 2], [0, 2, 3]])])
    view = classes.Cameras("orthographic", {"T": torch.zeros(1, 3, dtype=F64)}, {})
    picture, _, zbuf = render("HardPhong", meshes, view, height=20.0, width=20.0)
    assert (picture[0, :10, :, 3] == 1).all() and (picture[0, 10:, :, 3] == 0).all()
    y = 1 - (2 * torch.arange(10, dtype=F64) + 1) / 20
    torch.testing.assert_close(zbuf[0, :10, :, 0], y[:, None].expand(10, 20))
    picture.sum().backward()
    assert verts.grad.isfinite().all()


def test_textures_are_lit():
    """A map of one colour is that colour on the verts."""
    verts, faces, _ = spheres(1)
    meshes, view, lights = classes.Meshes(verts, faces), cameras(), [point_light(1, 2, 3)]
    color = torch.tensor([0.9, 0.4, 0.1], dtype=F64)
    uvs = torch.rand(1, len(verts[0]), 2, generator=torch.Generator().manual_seed(1), dtype=F64)
    textures = [color.expand(1, 4, 5, 3).contiguous(), faces[0][None], uvs]
    for shader in ("HardPhong", "SoftPhong", "HardFlat"):
        mapped = image(shader, meshes, view, textures, lights, kind="uv", **SOFT)
        torch.testing.assert_close(mapped, image(shader, meshes, view, [color.expand(len(verts[0]), 3)], lights, **SOFT))


def test_the_unit_of_the_verts():
    verts, faces, colors = spheres(1)
    view, light = cameras(), point_light(1, 2, 3)
    for shader in ("HardPhong", "HardGouraud", "SoftPhong"):
        expected = image(shader, classes.Meshes(verts, faces), view, colors, [light], **SOFT)
        scaled = image(shader, classes.Meshes([verts[0] / 4], faces), view, colors, [light], unit=4.0, **SOFT)
        torch.testing.assert_close(scaled, expected)


def small_scene():
    """Two triangles that overlap, seen in a picture of 6 x 6 pixels."""
    verts = torch.tensor([[-1.1, -0.9, 0.1], [1.2, -0.8, 0.0], [0.1, 1.3, 0.3], [-0.7, -0.3, 0.9], [0.9, -0.6, 1.1], [0.2, 0.8, 0.8]], dtype=F64)
    return verts, torch.tensor([[0, 1, 2], [3, 4, 5]])


@pytest.mark.parametrize("shader", ["SoftPhong", "HardPhong", "SoftGouraud", "HardFlat", "SoftSilhouette", "SoftDepth", "Normals"])
def test_gradients_of_the_whole_chain(shader):
    verts, faces = small_scene()
    generator = torch.Generator().manual_seed(3)

    def rand(*sizes):
        return torch.rand(*sizes, generator=generator, dtype=F64)

    R, T = functions.look_at_view_transform({"dist": torch.tensor(3.0, dtype=F64), "azim": torch.tensor([10.0], dtype=F64)})
    inputs = [verts, rand(6, 3), R, T, 50 + 10 * rand(1), torch.tensor([[1.0, 1.5, 2.5]], dtype=F64), rand(1, 3), 2 + rand(1)]

    def picture(verts, colors, R, T, fov, location, diffuse, shininess):
        view = classes.Cameras("fov_perspective", {"R": R, "T": T, "fov": fov}, {})
        light = classes.Lights("point", {"location": location, "diffuse_color": diffuse})
        settings = {"height": 6.0, "width": 6.0, "blur_radius": 0.05, "faces_per_pixel": 2.0, "sigma": 0.02, "gamma": 0.05}
        meshes = classes.Meshes([verts], [faces])
        return image(shader, meshes, view, [colors], [light], classes.Materials({"shininess": shininess}), **settings)

    assert torch.autograd.gradcheck(picture, [x.requires_grad_() for x in inputs], atol=1e-5, rtol=1e-3)


@pytest.mark.parametrize("shader", ["SoftPhong", "SoftGouraud", "SoftSilhouette", "SoftDepth"])
def test_faces_at_one_depth_have_finite_gradients(shader):
    verts, faces = small_scene()
    leaf = verts.float().requires_grad_()
    colors = torch.rand(6, 3).requires_grad_()
    meshes = classes.Meshes([leaf], [torch.cat([faces[:1]] * 5)])
    view = classes.Cameras("fov_perspective", {"T": torch.tensor([[0.0, 0.0, 3.0]])}, {})
    picture = image(shader, meshes, view, [colors], height=16.0, width=16.0, blur_radius=1e-2, faces_per_pixel=8.0)
    assert picture.isfinite().all()
    picture.sum().backward()
    assert leaf.grad.isfinite().all() and leaf.grad.abs().max() > 0


def test_dtypes_of_lights_and_background_are_converted():
    verts, faces, colors = spheres(1)
    light = classes.Lights("point", {"location": torch.tensor([[1.0, 2.0, 3.0]])})  # float32
    picture = image("SoftPhong", classes.Meshes(verts, faces), cameras(), colors, [light], classes.Materials({}), **SOFT)
    assert picture.dtype == F64


def test_a_hundred_cameras_need_the_memory_of_their_pictures():
    """Faces, normals and textures are not copied: a mesh of 80,000 faces in pictures of 4 x 4 pixels, in a process of its own."""
    code = """
import resource, sys, torch
sys.path[:0] = ["python", "."]
from tests.renderer.mesh.mesh_renderer_test import cameras, classes, icosphere, image
verts, faces = icosphere(6, dtype=torch.float32)
meshes, color = classes.Meshes([verts], [faces]), torch.rand(len(verts), 3)
R, T = (cameras(100).get(name).float() for name in "RT")
def view(n):
    return classes.Cameras("fov_perspective", {"R": R[:n], "T": T[:n]}, {})
image("HardPhong", meshes, view(2), [color], height=4.0, width=4.0)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
image("HardPhong", meshes, view(100), [color], height=4.0, width=4.0)
print(len(verts), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    num_verts, kilobytes = map(int, process.stdout.split())
    # The projected verts, [100, V, 3] float32, exist two or three times. Faces for each camera would be 100 * 3 * 8 bytes per face, 4 times as much.
    assert kilobytes * 1024 < 5 * 100 * num_verts * 12


def test_no_meshes_and_empty_meshes():
    verts, faces, colors = spheres(1)
    nothing = (torch.zeros(0, 3, dtype=F64), torch.zeros(0, 3, dtype=torch.int64))
    batch = classes.Meshes([nothing[0], verts[0]], [nothing[1], faces[0]])
    for shader in SHADERS:
        pictures = image(shader, batch, cameras(2), [torch.zeros(0, 3, dtype=F64), colors[0]], **SOFT)
        assert pictures[0].flatten(0, 1).unique(dim=0).shape[0] == 1, shader  # all background
        only = image(shader, classes.Meshes([nothing[0]], [nothing[1]]), cameras(1), [torch.zeros(0, 3, dtype=F64)], **SOFT)
        assert torch.equal(only[0], pictures[0])


def test_errors():
    verts, faces, colors = spheres(2)
    meshes, view = classes.Meshes(verts, faces), cameras(2)
    with pytest.raises(RuntimeError, match="MeshRenderer: expected cameras, but got none"):
        image("HardPhong", meshes, None, colors)
    with pytest.raises(RuntimeError, match="MeshRenderer: expected a number of cameras that is a multiple of the 2 meshes, but got 3"):
        image("HardPhong", meshes, cameras(3), colors)
    lights = [classes.Lights("point", {"location": torch.zeros(3, 3)})]
    with pytest.raises(RuntimeError, match="expected lights for all, each of the 2 meshes or each of the 2 pictures, but got a batch of 3"):
        image("HardPhong", meshes, view, colors, lights)
    with pytest.raises(RuntimeError, match="expected materials for all, each of the 2 meshes"):
        image("HardPhong", meshes, view, colors, [], classes.Materials({"shininess": torch.ones(3)}))
    with pytest.raises(RuntimeError, match="expected textures of 2 meshes, but got those of 1"):
        image("HardPhong", meshes, view, colors[:1])
    with pytest.raises(RuntimeError, match="expected textures with 3 channels, but got 4"):
        image("HardPhong", meshes, view, [torch.ones(len(c), 4, dtype=F64) for c in colors])
    with pytest.raises(RuntimeError, match="expected TexturesVertex with 3 channels for each of the .* verts for Gouraud shading"):
        image("HardGouraud", meshes, view, colors[:1])
    with pytest.raises(RuntimeError, match="expected fragments with dists for a soft shader"):
        image("SoftPhong", meshes, view, colors, with_dists=0.0)
    with pytest.raises(RuntimeError, match="expected fragments with dists for SoftSilhouetteShader"):
        image("SoftSilhouette", meshes, view, with_dists=0.0)
    with pytest.raises(RuntimeError, match="SoftDepthShader: expected sigma to be above 0, but got 0"):
        image("SoftDepth", meshes, view, sigma=0.0)
    with pytest.raises(RuntimeError, match="Shader: expected sigma and gamma to be above 0"):
        image("HardPhong", meshes, view, gamma=-1.0)
    with pytest.raises(RuntimeError, match="UVShader: expected TexturesUV, but got other textures"):
        image("UV", meshes, view, colors)
    with pytest.raises(RuntimeError, match="UVShader: expected TexturesUV, but got none"):
        image("UV", meshes, view)
    with pytest.raises(RuntimeError, match=r"hard_rgb_blend: expected colors \[N, H, W, K, 3\]"):
        functions.hard_rgb_blend(torch.zeros(1, 2, 2, 1, 3), torch.zeros(1, 2, 3, 1, dtype=torch.int64), torch.zeros(3))
