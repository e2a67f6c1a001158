from harness import bench, ict, peer

NAME = "interpolate_face_attributes_512"


def inputs():
    """A picture of 512 x 512 pixels, a third of it background, and three values per corner of 50,000 faces."""
    import torch

    generator = torch.Generator().manual_seed(0)
    faces = torch.randint(50_000, (1, 512, 512, 1), generator=generator).sort(2)[0]
    faces[:, :170] = -1
    bary = torch.rand(1, 512, 512, 1, 3, generator=generator)
    return faces, bary, torch.rand(50_000, 3, 3, generator=generator)


@bench(NAME, work="three values at each of 512 x 512 pixels, out of 50,000 faces")
def ours():
    ops, given = ict.ops(), inputs()
    return lambda: ops.interpolate_face_attributes(*given)


@peer(NAME, "torch indexing, as PyTorch3D's Python does")
def indexing():
    faces, bary, attributes = inputs()

    def call():
        shown = faces >= 0
        values = (bary[..., None] * attributes[faces.clamp_min(0)]).sum(-2)
        return values.masked_fill_(~shown[..., None], 0)

    return call
