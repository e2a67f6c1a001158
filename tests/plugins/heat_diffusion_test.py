"""The sample plugin heat_diffusion: its op, and heat on meshes against dense systems."""

import re
import sys

import pytest
import torch

from bisque3d.testing import OpTests
from tests.build import BUILD, ROOT

sys.path.insert(0, str(ROOT / "plugins/heat_diffusion/python"))
import heat_diffusion

LIBRARY = BUILD / "lib/libheat_diffusion.so"


def structure(edges, num_verts):
    """row_offsets, neighbors, neighbor_edges"""
    of_verts = [[] for _ in range(num_verts)]
    for e, (i, j) in enumerate(edges.tolist()):
        of_verts[i].append((j, e))
        of_verts[j].append((i, e))
    offsets = torch.tensor([0] + [len(of) for of in of_verts]).cumsum(0)
    pairs = torch.tensor([pair for of in of_verts for pair in of], dtype=torch.int64).reshape(-1, 2)
    return dict(row_offsets=offsets, neighbors=pairs[:, 0].contiguous(), neighbor_edges=pairs[:, 1].contiguous(), edges=edges)


def dense(diagonal, off_diagonal, edges):
    matrix = torch.diag(diagonal)
    i, j = edges.T
    return matrix.index_put((i, j), off_diagonal, accumulate=True).index_put((j, i), off_diagonal, accumulate=True)


class TestSolveSpd(OpTests):
    op = "heat_diffusion::solve_spd"
    library = LIBRARY
    gradients = ["diagonal", "off_diagonal", "b"]
    gradcheck_cases = ["small"]
    tolerance = {torch.float32: dict(rtol=1e-4, atol=1e-4), torch.float64: dict(rtol=1e-9, atol=1e-10)}

    def system(self, edges, num_verts, columns, dtype, random):
        off_diagonal = random(len(edges), dtype=dtype)
        sums = torch.zeros(num_verts, dtype=dtype).index_add(0, edges.reshape(-1), off_diagonal.abs().repeat_interleave(2))
        tolerance = 1e-6 if dtype == torch.float32 else 1e-12
        given = dict(diagonal=sums + 1 + random(num_verts, dtype=dtype).abs(), off_diagonal=off_diagonal, b=random(num_verts, columns, dtype=dtype))
        return given | structure(edges, num_verts) | dict(max_iterations=200, tolerance=tolerance)

    def inputs_many(self, dtype, random):
        pairs = torch.randint(0, 600, (1500, 2), generator=random.generator).sort(dim=1).values
        return self.system(pairs[pairs[:, 0] < pairs[:, 1]].unique(dim=0), 600, 3, dtype, random)

    def inputs_no_edges(self, dtype, random):
        return self.system(torch.zeros(0, 2, dtype=torch.int64), 3, 2, dtype, random)

    def inputs_small(self, dtype, random):
        return self.system(torch.tensor([[0, 1], [1, 2], [0, 3], [2, 3]]), 5, 2, dtype, random)

    def reference(self, diagonal, off_diagonal, b, edges, **structure):
        return torch.linalg.solve(dense(diagonal, off_diagonal, edges), b), None

    errors = [
        (dict(max_iterations=0), "solve_spd: expected max_iterations"),
        (dict(tolerance=0.0), "solve_spd: expected tolerance"),
        (dict(edges=torch.zeros(2, 2, dtype=torch.int64)), r"solve_spd: expected edges to have shape \[E, 2\]"),
    ]


def solve(**changes):
    edges = torch.tensor([[0, 1], [1, 2]])
    given = dict(diagonal=torch.full((3,), 3.0), off_diagonal=torch.ones(2), b=torch.ones(3, 1)) | structure(edges, 3)
    return torch.ops.heat_diffusion.solve_spd(**given | dict(max_iterations=50, tolerance=1e-6) | changes)


def test_bad_indices_are_rejected():
    with pytest.raises(RuntimeError, match=r"solve_spd: expected row_offsets to lie in \[0, 5\), but got 9 at 3"):
        solve(row_offsets=torch.tensor([0, 1, 3, 9]))
    with pytest.raises(RuntimeError, match=r"solve_spd: expected neighbors to lie in \[0, 3\), but got -1 at 0"):
        solve(neighbors=torch.tensor([-1, 0, 2, 1]))
    with pytest.raises(RuntimeError, match=r"solve_spd: expected neighbor_edges to lie in \[0, 2\), but got 2 at 3"):
        solve(neighbor_edges=torch.tensor([0, 0, 1, 2]))


def test_the_residual_says_whether_the_solver_is_done():
    assert solve()[1].item() <= 1e-6
    x, residual = solve(max_iterations=1, b=torch.tensor([[1.0], [2.0], [5.0]]))
    assert residual.item() > 1e-2
    assert solve(b=torch.zeros(3, 1))[0].tolist() == [[0], [0], [0]]


def sphere(rings: int, dtype=torch.float64):
    """A sphere of rings of 2 * rings vertices, and its poles."""
    theta = torch.arange(1, rings, dtype=dtype) * torch.pi / rings
    phi = torch.arange(2 * rings, dtype=dtype) * torch.pi / rings
    ring = torch.stack([theta.sin()[:, None] * phi.cos(), theta.sin()[:, None] * phi.sin(), theta.cos()[:, None].expand(-1, 2 * rings)], dim=2)
    verts = torch.cat([ring.reshape(-1, 3), torch.tensor([[0, 0, 1], [0, 0, -1]], dtype=dtype)])
    n, north = 2 * rings, (rings - 1) * 2 * rings
    faces = []
    for i in range(n):
        j = (i + 1) % n
        faces += [[north, i, j], [north + 1, (rings - 2) * n + j, (rings - 2) * n + i]]
        for k in range(rings - 2):
            faces += [[k * n + i, (k + 1) * n + i, (k + 1) * n + j], [k * n + i, (k + 1) * n + j, k * n + j]]
    return verts, torch.tensor(faces)


def dense_heat(verts, faces, heat, time, steps=1):
    """The same by dense matrices, face by face."""
    stiffness, mass = verts.new_zeros(len(verts), len(verts)), verts.new_zeros(len(verts))
    for face in faces.tolist():
        area = torch.linalg.cross(verts[face[1]] - verts[face[0]], verts[face[2]] - verts[face[0]]).norm() / 2
        for k in range(3):
            i, j, at = face[(k + 1) % 3], face[(k + 2) % 3], face[k]
            a, b = verts[i] - verts[at], verts[j] - verts[at]
            cot = (a @ b) / torch.linalg.cross(a, b).norm() / 2
            for row, column, sign in ((i, i, 1), (j, j, 1), (i, j, -1), (j, i, -1)):
                stiffness = stiffness.index_put((torch.tensor(row), torch.tensor(column)), sign * cot, accumulate=True)
            mass = mass.index_put((torch.tensor(at),), area / 3, accumulate=True)
    for _ in range(steps):
        heat = torch.linalg.solve(torch.diag(mass) + time / steps * stiffness, mass[:, None] * heat)
    return heat


@pytest.mark.parametrize("steps", [1, 3])
def test_heat_and_its_gradients_are_those_of_dense_systems(steps):
    verts, faces = sphere(4)
    torch.manual_seed(1)
    verts = (verts + 0.05 * torch.randn_like(verts)).requires_grad_()
    heat = torch.randn(len(verts), 2, dtype=torch.float64, requires_grad=True)
    time = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    results = [f(verts, faces, heat, time, steps) for f in (heat_diffusion.diffuse, dense_heat)]
    torch.testing.assert_close(*results, rtol=1e-9, atol=1e-9)
    weights = torch.randn_like(results[0])
    gradients = [torch.autograd.grad((weights * result).sum(), (verts, heat, time)) for result in results]
    for found, expected in zip(*gradients):
        torch.testing.assert_close(found, expected, rtol=1e-7, atol=1e-8)


def test_float32_is_close_and_one_distribution_is_a_vector():
    verts, faces = sphere(6)
    heat = torch.rand(len(verts), dtype=torch.float64)
    exact = heat_diffusion.diffuse(verts, faces, heat, 0.1)
    assert exact.shape == heat.shape
    torch.testing.assert_close(heat_diffusion.diffuse(verts.float(), faces, heat.float(), 0.1), exact.float(), rtol=1e-4, atol=1e-5)


def test_a_harmonic_of_the_sphere_decays_at_its_rate():
    """z is an eigenfunction of the sphere's Laplacian, with the eigenvalue 2."""
    verts, faces = sphere(24)
    time = 0.2
    later = heat_diffusion.diffuse(verts, faces, verts[:, 2], time, steps=50)
    rate = (later @ verts[:, 2]) / (verts[:, 2] @ verts[:, 2])
    assert abs(rate - torch.exp(torch.tensor(-2 * time))) < 0.01


def test_total_heat_is_kept_and_vertices_without_faces_keep_theirs():
    verts, faces = sphere(5)
    verts = torch.cat([verts, torch.tensor([[9.0, 9, 9]], dtype=torch.float64)])
    heat = torch.rand(len(verts), dtype=torch.float64)
    later = heat_diffusion.diffuse(verts, faces, heat, 0.5)
    _, areas = heat_diffusion.cotangent_laplacian(verts, faces, heat_diffusion.MeshEdges.of(faces, len(verts)))
    torch.testing.assert_close(areas @ later, areas @ heat)
    torch.testing.assert_close(later[-1], heat[-1])
    torch.testing.assert_close(heat_diffusion.diffuse(verts, faces, heat, 0.0), heat)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(time=-1.0), "diffuse: expected time to be a number of at least 0, but got -1.0."),
        (dict(time=float("nan")), "diffuse: expected time to be a number of at least 0, but got nan."),
        (dict(time=torch.ones(2)), r"diffuse: expected time to be a number of at least 0, but got \[1.0, 1.0\]."),
        (dict(time=1.0, steps=0), "diffuse: expected steps to be at least 1, but got 0."),
        (dict(time=1e4, max_iterations=1), "diffuse: the solver reached a residual of .* in 1 iterations, expected 1.0e-11."),
    ],
)
def test_errors(arguments, message):
    verts, faces = sphere(4)
    with pytest.raises(RuntimeError, match=message):
        heat_diffusion.diffuse(verts, faces, verts[:, 0], **arguments)


def test_the_code_of_the_readme_runs():
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "plugins/heat_diffusion/README.md").read_text(), re.DOTALL)
    names = {}
    exec(code, names)
    assert names["verts"].grad.abs().max() > 0
