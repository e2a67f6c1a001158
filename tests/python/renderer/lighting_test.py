"""Lights and materials against Phong's law written out."""

import pytest
import torch

from bisque3d.renderer import AmbientLights, DirectionalLights, Materials, PointLights, diffuse, specular

DTYPE = torch.float64


def rand(*sizes):
    return torch.rand(*sizes, dtype=DTYPE, generator=torch.Generator().manual_seed(sum(sizes))) - 0.5


def unit(v):
    return v / v.norm(dim=-1, keepdim=True)


def expected_diffuse(n, l, color):  # noqa: E741
    return color * (unit(n) * unit(l)).sum(-1, keepdim=True).clamp_min(0)


def expected_specular(p, n, l, color, eye, shininess):  # noqa: E741
    n, l = unit(n), unit(l)  # noqa: E741
    cosine = (n * l).sum(-1, keepdim=True)
    r = 2 * cosine * n - l
    highlight = (unit(eye - p) * r).sum(-1, keepdim=True).clamp_min(0)
    return torch.where(cosine > 0, color * highlight**shininess, 0.0)


@pytest.mark.parametrize("sizes", [(2, 3, 4, 5), (2, 7), (2,)])
def test_laws(sizes):
    points, normals = rand(*sizes, 3), rand(*sizes, 3) * 3
    color, place, eye = rand(2, 3) + 1, rand(2, 3) * 4, rand(2, 3) * 5
    shininess = torch.tensor([3.0, 10.0], dtype=DTYPE)
    beside = (2, *(1,) * (len(sizes) - 1), 3)
    c, l, e, s = color.view(beside), place.view(beside), eye.view(beside), shininess.view(*beside[:-1], 1)  # noqa: E741
    point, directional = PointLights(diffuse_color=color, specular_color=color, location=place), DirectionalLights(
        diffuse_color=color, specular_color=color, direction=place
    )
    given = dict(camera_position=eye, shininess=shininess)
    torch.testing.assert_close(point.diffuse(normals, points), expected_diffuse(normals, l - points, c))
    torch.testing.assert_close(directional.diffuse(normals), expected_diffuse(normals, l.expand_as(points), c))
    torch.testing.assert_close(point.specular(normals, points, **given), expected_specular(points, normals, l - points, c, e, s))
    torch.testing.assert_close(directional.specular(normals, points, **given), expected_specular(points, normals, l.expand_as(points), c, e, s))


def test_colours_of_packed_points():
    normals, colors, directions = rand(5, 3), rand(5, 3), rand(5, 3)
    torch.testing.assert_close(diffuse(normals, colors, directions), expected_diffuse(normals, directions, colors))
    color, direction = torch.tensor([[1.0, 0.5, 0.2]], dtype=DTYPE), torch.tensor([[0.0, 1.0, 0.0]], dtype=DTYPE)
    torch.testing.assert_close(diffuse(normals, ((1.0, 0.5, 0.2),), ((0, 1, 0),)), diffuse(normals, color, direction))


def test_values_without_a_batch_are_a_batch():
    """As in PyTorch3D, [3] is a batch of three, to which the normals are expanded."""
    normals = torch.tensor([[[0.0, 0.0, 1.0]]])
    direction = torch.tensor([0.0, 0.0, 2.0])
    assert diffuse(normals, torch.ones(3), direction).shape == (3, 1, 3)


def test_gradients_are_finite_everywhere():
    normals = torch.tensor([[[0.0, 0, 0], [0, 0, 1], [0, 0, -1], [0, 1, 0]]], dtype=DTYPE, requires_grad=True)
    points = torch.zeros(1, 4, 3, dtype=DTYPE, requires_grad=True)
    shininess = torch.tensor([0.5], dtype=DTYPE, requires_grad=True)
    light = PointLights(location=((0.0, 0.0, 1.0),))
    eye = torch.zeros(1, 3, dtype=DTYPE, requires_grad=True)
    (light.diffuse(normals, points).sum() + light.specular(normals, points, eye, shininess).sum()).backward()
    for leaf in (normals, points, shininess, eye):
        assert leaf.grad.isfinite().all()


def test_gradients():
    inputs = [x.requires_grad_() for x in (rand(2, 6, 3) + 2, rand(2, 6, 3), rand(2, 3), rand(2, 3) * 4)]
    shininess = torch.tensor([3.0, 4.0], dtype=DTYPE, requires_grad=True)

    def lit(normals, points, color, place, shininess):
        light = PointLights(diffuse_color=color, specular_color=color, location=place)
        return light.diffuse(normals, points), light.specular(normals, points, place.flip(1), shininess)

    assert torch.autograd.gradcheck(lit, (*inputs, shininess))


def test_normals_of_another_shape():
    with pytest.raises(ValueError, match=r"the same shape: got \(1, 2, 3\), \(1, 1, 3\)"):
        specular(torch.zeros(1, 2, 3), torch.zeros(1, 1, 3), ((0, 1, 0),), ((1, 1, 1),), ((0, 0, 0),), 64)


def test_ambient_lights():
    lights = AmbientLights(ambient_color=((0.1, 0.2, 0.3, 0.4), (1.0, 1.0, 1.0, 1.0)))
    assert len(lights) == 2
    for value in (lights.diffuse(None, rand(2, 5, 3)), lights.specular(None, rand(2, 5, 3), None, None)):
        torch.testing.assert_close(value, torch.zeros(2, 5, 4, dtype=DTYPE))
    torch.testing.assert_close(AmbientLights().ambient_color, torch.ones(1, 3))


@pytest.mark.parametrize("cls, name", [(PointLights, "location"), (DirectionalLights, "direction"), (PointLights, "diffuse_color")])
def test_light_errors(cls, name):
    with pytest.raises(ValueError, match=rf"Expected {name} to have shape \(N, 3\); got \(1, 2\)"):
        cls(**{name: ((1.0, 2.0),)})


def test_defaults_and_copies():
    for lights in (PointLights(), DirectionalLights(), AmbientLights(), PointLights(location=rand(2, 3)), Materials(shininess=(1.0, 2.0))):
        clone = lights.clone()
        assert type(clone) is type(lights) and len(clone) == len(lights)
        torch.testing.assert_close(clone.ambient_color, lights.ambient_color)
    point = PointLights()
    torch.testing.assert_close(point.location, torch.tensor([[0.0, 1.0, 0.0]]))
    torch.testing.assert_close(point.specular_color, torch.full((1, 3), 0.2))
    assert PointLights().to("meta").location.device.type == "meta"


def test_materials():
    materials = Materials(shininess=(1.0, 2.0))
    assert materials.ambient_color.shape == (2, 3) and Materials().shininess.item() == 64
    with pytest.raises(ValueError, match=r"Expected diffuse_color to have shape \(N, 3\); got \(1, 2\)"):
        Materials(diffuse_color=((1, 1),))
    with pytest.raises(ValueError, match=r"shininess should have shape \(N\); got \(1, 1\)"):
        Materials(shininess=((1.0,),))


def test_locations_beside_points():
    lights = PointLights(location=((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)))
    assert lights.reshape_location(torch.zeros(2, 3)).shape == (2, 3)
    assert lights.reshape_location(torch.zeros(2, 4, 5, 6, 3)).shape == (2, 1, 1, 1, 3)
    torch.testing.assert_close(lights.reshape_location(torch.zeros(2, 7, 3))[1, 0], torch.tensor([4.0, 5.0, 6.0]))
