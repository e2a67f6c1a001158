"""Golden cases of textures."""

import torch

from . import golden_kind

CLAMP = 1


@golden_kind()
def texture_uv(case) -> dict:
    given = [case.input(name) for name in ("pix_to_face", "bary", "faces_uvs", "verts_uvs")]
    maps = case.input("maps")[0]
    height, width, channels = maps.shape
    face_maps = torch.zeros(len(given[2]), dtype=torch.int64)
    layouts = torch.tensor([[0, height, width, CLAMP, CLAMP]])
    constants = [x.to(maps.device) for x in (face_maps, layouts)]
    arguments = [*given, constants[0], maps.reshape(-1, channels), constants[1]]
    texels = case.call(torch.ops.bisque.sample_texture_uv, *arguments, True, True)
    # PyTorch3D gives pixels without a face the texel at uv (0, 0); ours are 0.
    covered = (given[0] >= 0).cpu().unsqueeze(-1)
    return {"texels": torch.where(covered, texels.cpu(), maps.cpu()[-1, 0])}


@golden_kind()
def texture_atlas(case) -> dict:
    arguments = [case.input(name) for name in ("pix_to_face", "bary", "atlas")]
    return {"texels": case.call(torch.ops.bisque.sample_texture_atlas, *arguments)}
