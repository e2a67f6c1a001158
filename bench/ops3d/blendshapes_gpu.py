"""A head of the size of ICT's: 26,719 verts, 60 shapes that each move a fifth of them, 8 frames."""

import torch
from gpu import Case


def cases():
    V, S, N = 26_719, 60, 8
    moved = torch.rand(V, S) < 0.2
    vert, shape = moved.nonzero(as_tuple=True)
    deltas = torch.randn(len(vert), 3, device="cuda")
    first = torch.cat([torch.zeros(1, dtype=torch.int64), moved.sum(1).cumsum(0)]).cuda()
    dense = torch.zeros(S, V, 3, device="cuda")
    dense[shape.cuda(), vert.cuda()] = deltas
    neutral, coefficients = torch.randn(V, 3, device="cuda"), torch.randn(N, S, device="cuda", requires_grad=True)
    given = coefficients.detach(), neutral, deltas, shape.int().cuda(), first
    flat, flat_neutral = dense.view(S, 3 * V), neutral.view(1, 3 * V)
    size = deltas.nbytes + 4 * len(vert) + 4 * 3 * V * (N + 1)
    yield Case("blendshapes", lambda: torch.ops.bisque.blendshapes(*given), lambda: torch.addmm(flat_neutral, given[0], flat), size)

    weights = torch.randn(N, V, 3, device="cuda")

    def gradient(function):
        verts = function()
        return lambda: torch.autograd.grad(verts, coefficients, weights.view_as(verts), retain_graph=True)

    ours = gradient(lambda: torch.ops.bisque.blendshapes(coefficients, *given[1:]))
    yield Case("blendshapes_backward", ours, gradient(lambda: torch.addmm(flat_neutral, coefficients, flat)), size)
