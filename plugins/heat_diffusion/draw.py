"""Draws heat.png: heat that spreads over the demo head from a spot, in three pictures.

    python plugins/heat_diffusion/draw.py MESH OUT.png     MESH: `bisque convert demo MESH.glb`

The paths of the libraries are in HEAT_DIFFUSION_LIBRARY and BISQUE_OPS_LIBRARY.
"""

import os
import sys

import torch
from PIL import Image

import bisque3d
import heat_diffusion

SIZE, SAMPLES = 360, 3  # pixels, and samples in each direction of a pixel
TIMES = (1e-4, 2e-3, 2e-2)  # for a head of unit height
COLORS = torch.tensor([[0.10, 0.14, 0.32], [0.35, 0.22, 0.55], [0.80, 0.25, 0.40], [0.98, 0.55, 0.25], [1.00, 0.93, 0.65]])


def read_mesh(path: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Its vertices, those at one place joined, and its faces; of unit height around the origin."""
    verts, faces = torch.ops.bisque.load_gltf(path)[:2]
    verts, inverse = verts.double().unique(dim=0, return_inverse=True)
    low, high = verts.min(0).values, verts.max(0).values
    return (verts - (low + high) / 2) / (high - low)[1], inverse[faces]


def colors_of(values: torch.Tensor) -> torch.Tensor:
    """[..., 3]: from COLORS, for values in [0, 1]."""
    at = values.clamp(0, 1) * (len(COLORS) - 1)
    low = at.floor().long().clamp(max=len(COLORS) - 2)
    return torch.lerp(COLORS[low], COLORS[low + 1], (at - low)[..., None].float())


def normals_of(verts: torch.Tensor, faces: torch.Tensor) -> torch.Tensor:
    corners = verts[faces]
    normals = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return torch.nn.functional.normalize(torch.zeros_like(verts).index_add(0, faces.reshape(-1), normals.repeat_interleave(3, 0)))


def picture_of(verts: torch.Tensor, faces: torch.Tensor, heat: torch.Tensor) -> torch.Tensor:
    """[SIZE, SIZE, 3], with the heat as color, seen from the side of a cheek."""
    angle = torch.tensor(0.5, dtype=verts.dtype)
    turn = torch.tensor([[angle.cos(), 0, angle.sin()], [0, 1, 0], [-angle.sin(), 0, angle.cos()]], dtype=verts.dtype)
    seen = verts @ turn.T
    screen = torch.stack([-1.7 * seen[:, 0], 1.7 * seen[:, 1], 3 - seen[:, 2]], dim=1)  # x to the left, y up, depth
    size = SIZE * SAMPLES
    pix_to_face, _, bary, _ = torch.ops.bisque.rasterize_meshes(
        screen, faces, torch.zeros(1, dtype=torch.int64), torch.tensor([len(faces)]), size, size, perspective_correct=False
    )
    face, weights = pix_to_face[0, ..., 0], bary[0, ..., 0, :, None]
    corners = faces[face.clamp(min=0)]
    light = (weights * (normals_of(seen, faces) @ torch.tensor([0.3, 0.4, 0.87], dtype=verts.dtype))[corners][..., None]).sum(2).clamp(min=0)
    color = colors_of((weights[..., 0] * heat[corners]).sum(2)) * (0.35 + 0.65 * light.float())
    color = torch.where(face[..., None] >= 0, color, torch.ones(3))
    return color.reshape(SIZE, SAMPLES, SIZE, SAMPLES, 3).mean((1, 3))


def main(mesh: str, out: str):
    bisque3d.load_library(os.environ["BISQUE_OPS_LIBRARY"])
    verts, faces = read_mesh(mesh)
    spot = verts[(verts - torch.tensor([-0.2, -0.05, 0.45])).square().sum(1).argmin()]
    heat = (-(verts - spot).square().sum(1) / 0.05**2).exp()
    pictures = []
    for time in TIMES:
        later = heat_diffusion.diffuse(verts, faces, heat, time, steps=4, tolerance=1e-8)
        pictures.append(picture_of(verts, faces, (later / later.max()).clamp(min=0).sqrt()))
    Image.fromarray((torch.cat(pictures, 1) * 255).round().byte().numpy()).save(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
