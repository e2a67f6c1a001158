from harness import bench, ict, peer

NAME = "sample_texture_atlas_ict"


def inputs():
    import torch

    scene = ict.scene()
    pix_to_face, _, bary = ict.rasterize(ict.ops(), scene["projected"][0], scene["faces"])
    return pix_to_face, bary, torch.rand(len(scene["faces"]), 4, 4, 3)


@bench(NAME, work="an atlas of 4 x 4 texels per face, sampled at the fragments of the ICT head, 512 x 512", needs="ict")
def ours():
    ops, given = ict.ops(), inputs()
    return lambda: ops.sample_texture_atlas(*given)


@peer(NAME, "torch, by indices")
def in_torch():
    import torch

    pix_to_face, bary, atlas = inputs()
    R = atlas.shape[1]

    def call():
        scaled = bary[..., :2] * R
        cell = scaled.long().clamp(0, R - 1)
        above = (scaled - cell).sum(-1, keepdim=True) > 1
        column, row = torch.where(above, R - 1 - cell, cell).unbind(-1)
        return atlas[pix_to_face.clamp(min=0), row, column] * (pix_to_face >= 0).unsqueeze(-1)

    return call
