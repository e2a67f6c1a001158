"""A grid of 26,896 verts and 53,138 triangles, 8 frames."""

import torch
from gpu import Case


def grid(n):
    index = torch.arange(n * n).view(n, n)
    a, b, c, d = index[:-1, :-1].flatten(), index[:-1, 1:].flatten(), index[1:, 1:].flatten(), index[1:, :-1].flatten()
    return torch.cat([torch.stack([a, b, c], 1), torch.stack([a, c, d], 1)])


def cases():
    N, n = 8, 164
    faces = grid(n)
    corners = faces.flatten()
    first = torch.cat([torch.zeros(1, dtype=torch.int64), corners.bincount(minlength=n * n).cumsum(0)]).cuda()
    vert_faces = (corners.argsort(stable=True) // 3).cuda()
    faces, verts = faces.cuda(), torch.randn(N, n * n, 3, device="cuda", requires_grad=True)

    def torch_way(verts):
        a, b, c = (verts[:, faces[:, i]] for i in range(3))
        cross = torch.linalg.cross(b - a, c - a)
        total = torch.zeros_like(verts)
        for i in range(3):
            total = total.index_add(1, faces[:, i], cross)
        return total / total.norm(dim=-1, keepdim=True).clamp_min(1e-6)

    ours = lambda verts: torch.ops.bisque.vertex_normals(verts, faces, first, vert_faces)
    fixed, size = verts.detach(), 2 * verts.nbytes + faces.nbytes + vert_faces.nbytes
    yield Case("vertex_normals", lambda: ours(fixed), lambda: torch_way(fixed), size)
    weights = torch.randn_like(fixed)
    results = ours(verts), torch_way(verts)
    gradients = [lambda r=r: torch.autograd.grad(r, verts, weights, retain_graph=True) for r in results]
    yield Case("vertex_normals_backward", *gradients, size + verts.nbytes)
