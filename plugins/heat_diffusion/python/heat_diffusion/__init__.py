"""Differentiable diffusion of heat on triangle meshes, by implicit Euler steps.

    import heat_diffusion
    later = heat_diffusion.diffuse(verts, faces, heat, time=0.01)

A step solves (M + t L) u = M u0, with the cotangent Laplacian L and the area of each vertex M. Results have gradients for the vertices, the
heat and the time: the system's solution is the op heat_diffusion::solve_spd of this plugin, and the rest is torch.
"""

import dataclasses
import functools
import os
import pathlib

import torch

import bisque3d


@functools.cache
def load(path: str | os.PathLike | None = None) -> None:
    """Loads the plugin: of `path`, or else of HEAT_DIFFUSION_LIBRARY, or else the library beside this file."""
    path = path or os.environ.get("HEAT_DIFFUSION_LIBRARY") or pathlib.Path(__file__).with_name("libheat_diffusion.so")
    if not any(plugin.name == "heat_diffusion" for plugin in bisque3d.plugins()):
        bisque3d.load_library(path)


@dataclasses.dataclass(frozen=True)
class MeshEdges:
    """The edges of a mesh, and those of each vertex."""

    edges: torch.Tensor  # [E, 2], the lower vertex first
    face_edges: torch.Tensor  # [F, 3], of the edge opposite of each corner
    row_offsets: torch.Tensor  # [V + 1]
    neighbors: torch.Tensor  # [2 E]
    neighbor_edges: torch.Tensor  # [2 E]

    @staticmethod
    def of(faces: torch.Tensor, num_verts: int) -> "MeshEdges":
        pairs = torch.stack([faces.roll(-1, 1), faces.roll(-2, 1)], dim=2).sort(dim=2).values
        edges, face_edges = pairs.reshape(-1, 2).unique(dim=0, return_inverse=True)
        rows = edges.T.reshape(-1)  # each edge at its lower vertex, then each at its upper one
        order = rows.argsort(stable=True)
        row_offsets = torch.searchsorted(rows[order], torch.arange(num_verts + 1, device=faces.device))
        return MeshEdges(edges, face_edges.reshape(-1, 3), row_offsets, edges.flip(1).T.reshape(-1)[order], order % max(len(edges), 1))


def cotangent_laplacian(verts: torch.Tensor, faces: torch.Tensor, edges: MeshEdges) -> tuple[torch.Tensor, torch.Tensor]:
    """The weights of the cotangent Laplacian and the areas of the vertices, a third of those of their faces.

    Args:
        verts: [V, 3], float32 or float64.
        faces: [F, 3], int64.
        edges: MeshEdges.of(faces, V).

    Returns:
        weights: [E], half the cotangents of the one or two angles that an edge is opposite of. L_ij is the negative weight.
        areas: [V]
    """
    corners = verts[faces]
    first, second = corners.roll(-1, 1) - corners, corners.roll(-2, 1) - corners
    double_areas = torch.linalg.cross(first[:, 0], second[:, 0]).square().sum(1).clamp(min=torch.finfo(verts.dtype).tiny).sqrt()
    halves = (first * second).sum(2) / (2 * double_areas[:, None])
    weights = verts.new_zeros(len(edges.edges)).index_add(0, edges.face_edges.reshape(-1), halves.reshape(-1))
    thirds = (double_areas / 6).repeat_interleave(3)
    return weights, verts.new_zeros(len(verts)).index_add(0, faces.reshape(-1), thirds)


def diffuse(
    verts: torch.Tensor,
    faces: torch.Tensor,
    heat: torch.Tensor,
    time: float | torch.Tensor,
    steps: int = 1,
    tolerance: float | None = None,
    max_iterations: int = 2000,
) -> torch.Tensor:
    """The heat on a mesh after a time.

    Args:
        verts: [V, 3], float32 or float64.
        faces: [F, 3], int64.
        heat: [V] or [V, C], of the same dtype: C distributions, which do not mix.
        time: at least 0; a number, or a tensor of one.
        steps: the implicit Euler steps that divide the time.
        tolerance: of the solver, relative; default: 1e-6 in float32, 1e-11 in float64.
        max_iterations: of the solver, in each step.

    Returns:
        The heat in the shape of `heat`. The total heat, weighted by the areas of the vertices, is that of `heat`. Differentiable by verts, heat
        and time. A vertex without a face keeps its heat.

    Raises RuntimeError: shapes or dtypes that do not match, a time below 0, a solver that did not reach its tolerance.
    """
    load()
    time = torch.as_tensor(time, dtype=verts.dtype, device=verts.device)
    if time.numel() != 1 or not time.item() >= 0:
        raise RuntimeError(f"diffuse: expected time to be a number of at least 0, but got {time.tolist()}.")
    if steps < 1:
        raise RuntimeError(f"diffuse: expected steps to be at least 1, but got {steps}.")
    tolerance = tolerance or (1e-6 if verts.dtype == torch.float32 else 1e-11)
    edges = MeshEdges.of(faces, len(verts))
    weights, areas = cotangent_laplacian(verts, faces, edges)
    areas = torch.where(areas > 0, areas, torch.ones_like(areas))
    step = time.reshape(()) / steps
    sums = torch.zeros_like(areas).index_add(0, edges.edges.reshape(-1), weights.repeat_interleave(2))
    system = (areas + step * sums, -step * weights)
    structure = (edges.row_offsets, edges.neighbors, edges.neighbor_edges, edges.edges)
    result = heat if heat.dim() == 2 else heat[:, None]
    for _ in range(steps):
        result, residual = torch.ops.heat_diffusion.solve_spd(*system, areas[:, None] * result, *structure, max_iterations, tolerance)
        worst = residual.max().item() if residual.numel() else 0.0
        if not worst <= 1.001 * tolerance:  # it is rounded to the dtype
            raise RuntimeError(f"diffuse: the solver reached a residual of {worst:.1e} in {max_iterations} iterations, expected {tolerance:.1e}.")
    return result.reshape(heat.shape)
