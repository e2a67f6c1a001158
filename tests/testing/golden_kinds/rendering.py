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


def composite(case, mode: int) -> dict:
    arguments = [case.input(name) for name in ("pt_clds", "alphas", "pointsidx")]
    return {"y": case.call(torch.ops.bisque.composite, *arguments, mode)}


@golden_kind()
def composite_alpha(case) -> dict:
    return composite(case, 0)


@golden_kind()
def composite_weighted(case) -> dict:
    return composite(case, 1)


@golden_kind()
def composite_norm_weighted(case) -> dict:
    return composite(case, 2)


@golden_kind()
def blend_softmax_rgb(case) -> dict:
    given = [case.input(name) for name in ("colors", "pix_to_face", "zbuf", "dists")]
    constants = [torch.tensor([0.2, 0.5, 0.7]), *(torch.full((len(given[0]),), z) for z in (0.1, 10.0))]  # background, znear, zfar
    return {"image": case.call(torch.ops.bisque.softmax_blend, *given, *(x.to(given[0]) for x in constants), 1e-4, 1e-3)}


@golden_kind()
def blend_sigmoid_alpha(case) -> dict:
    given = [case.input(name) for name in ("colors", "pix_to_face", "dists")]
    return {"image": case.call(torch.ops.bisque.sigmoid_blend, *given, 1e-4)}
