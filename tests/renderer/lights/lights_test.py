"""Lights and materials against their formulas."""

import pytest
import torch
import torch.nn.functional as F

from bisque3d.testing import threads  # noqa: F401  (loads the ops)
from tests.testing.functions import functions  # noqa: F401  (loads the classes)

Lights, Materials = torch.classes.bisque_functions.Lights, torch.classes.bisque_functions.Materials
F64 = torch.float64


def randn(*sizes):
    return torch.randn(*sizes, dtype=F64)


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(4)


def expected(kind, place, colors, normals, points, camera, shininess):
    def beside(x):
        return x.reshape(len(x), *[1] * (points.dim() - 2), x.shape[1])

    n = F.normalize(normals, dim=-1)
    to_light = F.normalize(beside(place) - points if kind == "point" else beside(place).expand_as(points), dim=-1)
    cosine = (n * to_light).sum(-1, keepdim=True)
    view = F.normalize(beside(camera) - points, dim=-1)
    highlight = (view * (2 * cosine * n - to_light)).sum(-1, keepdim=True).clamp_min(0) * (cosine > 0)
    return beside(colors["diffuse_color"]) * cosine.clamp_min(0), beside(colors["specular_color"]) * highlight ** beside(shininess[:, None])


@pytest.mark.parametrize("kind", ["point", "directional"])
@pytest.mark.parametrize("shape", [(), (7,), (2, 3, 4)])
@pytest.mark.parametrize("n", [1, 3])
def test_reflections(kind, shape, n):
    colors = {name: torch.rand(n, 3, dtype=F64) for name in ("ambient_color", "diffuse_color", "specular_color")}
    place, camera, shininess = randn(n, 3), randn(n, 3), 1 + 5 * torch.rand(n, dtype=F64)
    normals, points = randn(3, *shape, 3), randn(3, *shape, 3)
    lights = Lights(kind, {"location" if kind == "point" else "direction": place, **colors})
    assert lights.size() == n
    diffuse, specular = expected(kind, place, colors, normals, points, camera, shininess)
    torch.testing.assert_close(lights.diffuse(normals, points), diffuse)
    torch.testing.assert_close(lights.specular(normals, points, camera, shininess), specular)


def test_defaults_are_those_of_pytorch3d():
    for kind, place in (("point", "location"), ("directional", "direction")):
        lights = Lights(kind, {})
        assert lights.get(place).tolist() == [[0, 1, 0]]
        for name, value in (("ambient_color", 0.5), ("diffuse_color", 0.3), ("specular_color", 0.2)):
            torch.testing.assert_close(lights.get(name), torch.full((1, 3), value))
    ambient = Lights("ambient", {})
    assert ambient.get("ambient_color").tolist() == [[1, 1, 1]]
    normals = torch.randn(2, 5, 3)
    assert (ambient.diffuse(normals, normals) == 0).all()
    assert (ambient.specular(normals, normals, torch.zeros(1, 3), torch.ones(1)) == 0).all()


@pytest.mark.parametrize("kind", ["point", "directional"])
def test_gradients(kind):
    inputs = [randn(2, 3), torch.rand(2, 3, dtype=F64), randn(2, 5, 3), randn(2, 5, 3), randn(2, 3), 2 + torch.rand(2, dtype=F64)]

    def lit(place, color, normals, points, camera, shininess):
        lights = Lights(kind, {"location" if kind == "point" else "direction": place, "diffuse_color": color, "specular_color": color})
        return lights.diffuse(normals, points), lights.specular(normals, points, camera, shininess)

    assert torch.autograd.gradcheck(lit, [x.requires_grad_() for x in inputs])


@pytest.mark.parametrize("shininess", [0.0, 0.5, 1.0, 64.0])
def test_degenerate_vectors_give_finite_values_and_gradients(shininess):
    """Zero normals, a light or a camera at the point, a light behind or beside the surface."""
    zero, up, side = [0.0, 0, 0], [0.0, 1, 0], [1.0, 0, 0]
    cases = [(zero, side, up, up), (up, side, side, up), (up, side, up, side), (up, zero, [0.0, -1, 0], up), (up, zero, side, up), (up, zero, up, side)]
    for normal, point, place, camera in cases:
        leaves = [torch.tensor([value], requires_grad=True) for value in (normal, point, place, camera)]
        exponent = torch.tensor([shininess], requires_grad=True)
        lights = Lights("point", {"location": leaves[2]})
        result = torch.cat([lights.diffuse(leaves[0], leaves[1]), lights.specular(leaves[0], leaves[1], leaves[3], exponent)])
        assert result.isfinite().all()
        result.sum().backward()
        for leaf in (*leaves, exponent):
            assert leaf.grad is None or leaf.grad.isfinite().all(), (normal, point, place, camera)


def test_a_color_for_all_channels_and_its_gradient():
    color = torch.tensor([0.5, 0.6, 0.7], requires_grad=True)
    lights = Lights("directional", {"diffuse_color": color})
    up = torch.tensor([[[0.0, 1.0, 0.0]]])
    lights.diffuse(up, up).sum().backward()
    torch.testing.assert_close(color.grad, torch.ones(3))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Lights("point", {"location": torch.zeros(2, 4)}), r"PointLights: expected location to have shape \[N, 3\]"),
        (lambda: Lights("directional", {"diffuse_color": torch.zeros(2)}), r"DirectionalLights: expected diffuse_color to have shape \[N, 3\]"),
        (
            lambda: Lights("point", {"location": torch.zeros(2, 3), "diffuse_color": torch.zeros(3, 3)}),
            "PointLights: expected parameters of one batch size, but location has 2 rows and diffuse_color 3",
        ),
        (lambda: Lights("ambient", {"ambient_color": torch.zeros(1, 2)}), r"AmbientLights: expected ambient_color to have shape \[N, 3\]"),
        (lambda: Materials({"shininess": torch.zeros(1, 3)}), r"Materials: expected shininess to have shape \[N\]"),
        (lambda: Lights("point", {}).diffuse(torch.zeros(2, 3), torch.zeros(3, 3)), r"Lights: expected normals and points to have one shape \[N, ..., 3\]"),
    ],
)
def test_errors(make, message):
    with pytest.raises(RuntimeError, match=message):
        make()


def test_materials():
    assert Materials({"shininess": torch.ones(4)}).size() == 4
