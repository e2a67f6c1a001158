"""Objects of C++ classes in Python: made by name, their attributes, and as arguments and results of Modules."""

import copy
import inspect

import pytest
import torch


def test_names_and_signatures(cpp):
    assert {"acme.Image", "ops3d.Meshes", "renderer.Fragments", "renderer.Scene", "renderer.TexturesUV"} <= set(cpp.objects)
    assert "ops3d.Meshes" in cpp.objects and "ops3d.Meshs" not in cpp.objects and len(cpp.objects) == len(cpp.objects.names())
    parameters = cpp.objects.signature("ops3d.Meshes").parameters
    assert list(parameters) == ["verts", "faces", "verts_normals"]
    assert parameters["verts"].default is inspect.Parameter.empty and parameters["verts_normals"].default is None
    assert str(cpp.objects.signature("renderer.RayDraw")).startswith("(places=None, lengths=None, mask=None)")


def test_meshes_of_lists_and_of_tensors(cpp):
    verts, faces = [torch.rand(4, 3), torch.rand(3, 3)], [torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([[0, 1, 2]])]
    meshes = cpp.objects.make("ops3d.Meshes", verts, faces)
    assert isinstance(meshes, cpp.Object) and repr(meshes) == "<C++ Meshes>" and meshes.size == 2
    assert torch.equal(meshes.verts_packed, torch.cat(verts)) and torch.equal(meshes.faces_list[0], faces[0])
    assert meshes.num_faces_per_mesh.tolist() == [2, 1] and meshes.faces_padded.tolist()[1] == [[0, 1, 2], [-1, -1, -1]]
    padded = cpp.objects.make("ops3d.Meshes", verts=torch.rand(2, 4, 3), faces=faces[0].expand(2, 2, 3))
    assert padded.size == 2 and padded.verts_padded.shape == (2, 4, 3)
    assert {"verts_packed", "faces_packed", "edges_packed"} <= set(dir(meshes))


def test_gradients_go_through_objects(cpp):
    verts = torch.rand(4, 3, requires_grad=True)
    meshes = cpp.objects.make("ops3d.Meshes", [verts], [torch.tensor([[0, 1, 2], [1, 2, 3]])])
    meshes.faces_areas_packed.sum().backward()
    assert verts.grad.abs().max() > 0


def test_clouds_volumes_and_textures(cpp):
    make = cpp.objects.make
    clouds = make("ops3d.Pointclouds", [torch.rand(5, 3), torch.rand(2, 3)], features=[torch.rand(5, 2), torch.rand(2, 2)])
    assert clouds.num_points_per_cloud.tolist() == [5, 2] and clouds.features_packed.shape == (7, 2) and clouds.normals_packed is None
    volumes = make("ops3d.Volumes", torch.rand(1, 2, 3, 4, 5), voxel_size=torch.tensor(0.5))
    assert volumes.densities.shape == (1, 2, 3, 4, 5) and volumes.voxel_size.tolist() == [[0.5] * 3] and volumes.features is None
    textures = make("renderer.TexturesVertex", [torch.rand(4, 3), torch.rand(2, 3)])
    assert repr(textures) == "<C++ TexturesVertex>" and textures.verts_features_padded.shape == (2, 4, 3)
    atlas = make("renderer.TexturesAtlas", torch.rand(2, 5, 4, 4, 3))
    assert atlas.size == 2 and atlas.atlas_packed.shape == (10, 4, 4, 3)
    faces_uvs = torch.zeros(1, 2, 3, dtype=torch.int64)
    uv = make("renderer.TexturesUV", torch.rand(1, 4, 4, 3), faces_uvs, torch.rand(1, 3, 2), wrap="repeat", bilinear=False)
    assert uv.faces_uvs_packed.shape == (2, 3) and uv.maps_packed.shape == (16, 3)


def test_structs_have_their_members(cpp):
    bundle = cpp.objects.make("renderer.RayBundle", *(torch.rand(2, 3) for _ in range(4)))
    assert bundle.origins.shape == (2, 3) and dir(bundle) == ["directions", "lengths", "origins", "xys"]
    fragments = cpp.objects.make("renderer.Fragments", zbuf=torch.ones(1), pix_to_face=torch.zeros(1), bary_coords=torch.zeros(3), samples=2)
    assert fragments.zbuf.tolist() == [1] and fragments.samples == 2 and fragments.dists is None
    scene = cpp.objects.make("renderer.Scene", cpp.objects.make("ops3d.Meshes", [], []))
    assert scene.meshes.size == 0 and scene.cameras is None and scene.lights == []


def test_those_of_a_plugin(cpp):
    image = cpp.modules.make("acme.Draw")(torch.ones(2))
    assert image.pixels.tolist() == [1, 1] and dir(image) == ["pixels"]
    made = cpp.objects.make("acme.Image", pixels=torch.zeros(3))
    assert cpp.modules.make("acme.Show")(made).tolist() == [0, 0, 0]


def test_those_that_no_plugin_describes(cpp):
    secret = cpp.modules.make("acme.Hide")(torch.ones(2))
    assert repr(secret) == "<C++ Secret>" and dir(secret) == []
    assert cpp.modules.make("acme.Reveal")(secret).tolist() == [1, 1]
    with pytest.raises(AttributeError, match=r"^Secret has no attribute 'x', expected none\.$"):
        secret.x


@pytest.mark.parametrize(
    "name, arguments, named, sentence",
    [
        ("ops3d.Meshs", (), {}, r'there is no class of objects "ops3d.Meshs", nearest: ops3d.Meshes'),
        ("ops3d.Meshes", (), dict(verts=1, faces=2), "ops3d.Meshes: expected verts to be a tensor or a list of tensors, but got int."),
        ("ops3d.Meshes", (torch.rand(3, 3),), {}, "ops3d.Meshes: expected the argument faces, which has no default."),
        ("renderer.Fragments", (), dict(zbuf=torch.ones(1)), "renderer.Fragments: expected the argument pix_to_face, which has no default."),
        ("renderer.Scene", (), {}, "renderer.Scene: expected the argument meshes, which has no default."),
        ("ops3d.Meshes", (1, 2, 3, 4), {}, "ops3d.Meshes: expected up to 3 arguments, but got 4."),
        ("ops3d.Meshes", (1,), dict(verts=1), "ops3d.Meshes: the argument verts is given twice."),
        ("ops3d.Meshes", (), dict(vert=1), 'ops3d.Meshes has no argument "vert", expected one of: verts, faces, verts_normals (nearest: verts'),
        ("ops3d.Meshes", (torch.rand(1, 3, 3), [torch.zeros(1, 3)]), {}, "ops3d.Meshes: expected either tensors or lists of tensors, but got both."),
        ("renderer.RayDraw", (), dict(mask=1), "renderer.RayDraw: expected mask to be Tensor, but got int."),
        ("renderer.Scene", (), dict(meshes=[1]), "renderer.Scene: expected meshes to be Meshes, but got list."),
        (
            "renderer.TexturesUV",
            (torch.rand(1, 4, 4, 3), torch.zeros(1, 2, 3, dtype=torch.int64), torch.rand(1, 3, 2), "wrapped"),
            {},
            'renderer.TexturesUV: expected wrap to be repeat, clamp, mirror or zeros, but got "wrapped".',
        ),
    ],
)
def test_wrong_arguments(cpp, name, arguments, named, sentence):
    with pytest.raises(RuntimeError) as caught:
        cpp.objects.make(name, *arguments, **named)
    assert str(caught.value).startswith(sentence)


def test_modules_of_another_class_are_named(cpp):
    meshes, lights = cpp.objects.make("ops3d.Meshes", [], []), cpp.modules.make("renderer.PointLights")
    with pytest.raises(RuntimeError, match=r"^renderer.Scene: expected cameras to be Cameras or None, but got PointLights\.$"):
        cpp.objects.make("renderer.Scene", meshes, cameras=lights)


def test_unknown_attributes(cpp):
    fragments = cpp.objects.make("renderer.Fragments", *[torch.zeros(1)] * 3)
    with pytest.raises(AttributeError, match=r"^Fragments has no attribute 'zbuff', expected one of: pix_to_face, zbuf, .* \(nearest: zbuf\)\.$"):
        fragments.zbuff
    assert not hasattr(fragments, "nothing")


def test_objects_are_not_copied_by_python(cpp):
    with pytest.raises(TypeError, match="Object"):
        copy.deepcopy(cpp.objects.make("renderer.RayDraw"))


def test_modules_are_arguments_of_modules(cpp):
    make = cpp.modules.make
    double, apply = make("acme.Double"), make("acme.Apply")
    x = torch.ones(2, requires_grad=True)
    y = apply(double, x)
    assert y.tolist() == [2, 2]
    y.sum().backward()
    assert x.grad.tolist() == [2, 2]
    double.factor = torch.nn.Parameter(torch.tensor(5.0))
    assert apply(double, x).tolist() == [5, 5] and apply([double, double], x).tolist() == [25, 25]
    assert apply((double,), x).tolist() == [5, 5] and apply(None, x).tolist() == [1, 1]
    assert make("acme.Pick")([double]) is double
    seen = []
    apply.register_forward_pre_hook(lambda module, args: seen.append(type(args[1])))
    assert apply([double], x).tolist() == [5, 5] and seen == [torch.Tensor]


def test_hooks_see_the_tensors_beside_a_reference(cpp):
    apply = cpp.modules.make("acme.ApplyOne")
    seen = []
    apply.register_forward_hook(lambda module, args, output: seen.append(args[1]) or output + 1)
    x = torch.ones(1)
    assert apply(cpp.modules.make("acme.Double"), x).tolist() == [3] and seen[0] is x
    apply.register_forward_pre_hook(lambda module, args: args)
    with pytest.raises(RuntimeError, match=r"^ApplyOne: an input of forward cannot be copied, so hooks cannot replace it\.$"):
        apply(cpp.modules.make("acme.Double"), x)


def test_direct_changes_of_an_arguments_tensors_arrive(cpp):
    double, apply = cpp.modules.make("acme.Double"), cpp.modules.make("acme.Apply")
    double._parameters["factor"] = torch.nn.Parameter(torch.tensor(3.0))
    assert apply({"not": "a filter"} and double, torch.ones(1)).tolist() == [3]


def test_wrong_modules_are_named(cpp):
    apply, net = cpp.modules.make("acme.Apply"), cpp.modules.make("acme.Net")
    x = torch.ones(1)
    overloads = r"\(Filter or None, Tensor\) or \(a list of Filter, Tensor\)"
    for arguments, sentence in [
        ((net, x), rf"Apply: expected the arguments of forward to be {overloads}, but got \(Net, Tensor\)\."),
        ((torch.nn.Linear(1, 1), x), "bisque3d.cpp: expected None, numbers, strings, bytes, tensors, C\\+\\+ Modules and objects, .* but got Linear"),
    ]:
        with pytest.raises((RuntimeError, TypeError), match="^" + sentence):
            apply(*arguments)
    one = cpp.modules.make("acme.ApplyOne")
    assert one(cpp.modules.make("acme.Double"), x).tolist() == [2]
    for wrong, name in ((net, "Net"), (None, "None"), (x, "Tensor")):
        with pytest.raises(RuntimeError, match=rf"^ApplyOne: argument 0 of forward: expected Filter, but got {name}\.$"):
            one(wrong, x)
    with pytest.raises(RuntimeError, match=r"^Pick: argument 0 of forward: expected a list of Filter, but got list\.$"):
        cpp.modules.make("acme.Pick")([net])
