"""Golden cases of the renderer's ops."""

import torch

from . import golden_kind


@golden_kind()
def rasterize_meshes(case) -> dict:
    args = dict(case.args)
    height, width = args.pop("image_size")
    count = sum(name.startswith("in.faces") for name in case.tensors)
    verts, faces = ([case.input(f"{kind}{i}") for i in range(count)] for kind in ("verts", "faces"))
    sizes = torch.tensor([len(f) for f in faces])
    starts = torch.tensor([0, *(len(v) for v in verts)]).cumsum(0)
    packed_faces = torch.cat([f + start for f, start in zip(faces, starts.tolist())])
    results = case.call(torch.ops.bisque.rasterize_meshes, torch.cat(verts), packed_faces, sizes.cumsum(0) - sizes, sizes, height, width, **args)
    return dict(zip(("pix_to_face", "zbuf", "bary", "dists"), results))


@golden_kind()
def interpolate_face_attributes(case) -> dict:
    arguments = [case.input(name) for name in ("pix_to_face", "bary", "attrs")]
    return {"y": case.call(torch.ops.bisque.interpolate_face_attributes, *arguments)}
