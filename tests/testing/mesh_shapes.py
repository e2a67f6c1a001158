"""Small meshes for tests: (verts, faces)."""

import torch


def icosphere(levels: int = 0, dtype=torch.float64, noise: float = 0.05):
    """A closed mesh of 20 * 4^levels faces; noise moves its vertices at random."""
    phi = (1 + 5**0.5) / 2
    verts = [[-1, phi, 0], [1, phi, 0], [-1, -phi, 0], [1, -phi, 0], [0, -1, phi], [0, 1, phi]]
    verts += [[0, -1, -phi], [0, 1, -phi], [phi, 0, -1], [phi, 0, 1], [-phi, 0, -1], [-phi, 0, 1]]
    faces = [[0, 11, 5], [0, 5, 1], [0, 1, 7], [0, 7, 10], [0, 10, 11], [1, 5, 9], [5, 11, 4], [11, 10, 2], [10, 7, 6], [7, 1, 8]]
    faces += [[3, 9, 4], [3, 4, 2], [3, 2, 6], [3, 6, 8], [3, 8, 9], [4, 9, 5], [2, 4, 11], [6, 2, 10], [8, 6, 7], [9, 8, 1]]
    verts, faces = torch.tensor(verts, dtype=torch.float64), torch.tensor(faces)
    for _ in range(levels):
        edges, sides = edges_of(faces)
        sides = sides + len(verts)
        verts = torch.cat([verts, verts[edges].mean(1)])
        faces = torch.cat([torch.stack([faces[:, i], sides[:, (i + 2) % 3], sides[:, (i + 1) % 3]], 1) for i in range(3)] + [sides])
    verts = verts / verts.norm(dim=1, keepdim=True)
    verts += noise * torch.randn(verts.shape, generator=torch.Generator().manual_seed(len(verts)), dtype=verts.dtype)
    return verts.to(dtype), faces


def grid(height: int = 3, width: int = 4, dtype=torch.float64):
    """An open mesh of 2 * height * width faces."""
    y, x = torch.meshgrid(torch.arange(height + 1), torch.arange(width + 1), indexing="ij")
    z = torch.randn(y.shape, generator=torch.Generator().manual_seed(height), dtype=torch.float64)
    verts = torch.stack([x + 0.1 * z, y - 0.2 * z, z], 2).reshape(-1, 3)
    first = (y * (width + 1) + x)[:-1, :-1].flatten()
    faces = torch.cat([torch.stack([first, first + 1, first + width + 1], 1), torch.stack([first + width + 2, first + width + 1, first + 1], 1)])
    return verts.to(dtype), faces


def edges_of(faces):
    """Edges [E, 2], sorted, and [F, 3]: the edge against each corner."""
    sides = torch.stack([faces[:, [1, 2]], faces[:, [2, 0]], faces[:, [0, 1]]], 1).sort(2)[0]
    edges, inverse = sides.reshape(-1, 2).unique(dim=0, return_inverse=True)
    return edges, inverse.view(-1, 3)


def none(dtype=torch.float64):
    return torch.zeros(0, 3, dtype=dtype), torch.zeros(0, 3, dtype=torch.int64)


def no_faces(dtype=torch.float64):
    return torch.ones(2, 3, dtype=dtype), torch.zeros(0, 3, dtype=torch.int64)


def lists(*meshes) -> tuple[list, list]:
    """The lists of verts and of faces."""
    return [verts for verts, _ in meshes], [faces for _, faces in meshes]
