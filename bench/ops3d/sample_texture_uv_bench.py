from harness import bench, ict, peer

NAME = "sample_texture_uv_ict"
BACKWARD = "sample_texture_uv_backward_ict"
SIZE = 1024  # texels along each side of the map


def inputs():
    """The ICT head with uvs that wrap around it like a cylinder: (pix_to_face, bary_coords, faces_uvs, verts_uvs, maps)."""
    import math

    import torch

    scene = ict.scene()
    pix_to_face, _, bary = ict.rasterize(ict.ops(), scene["projected"][0], scene["faces"])
    x, y, z = (scene["verts"][0] - scene["verts"][0].mean(0)).unbind(1)
    uvs = torch.stack([torch.atan2(x, z) / (2 * math.pi) + 0.5, (y - y.min()) / (y.max() - y.min())], 1)
    return pix_to_face, bary, scene["faces"], uvs, torch.rand(SIZE * SIZE, 3)


def arguments():
    import torch

    pix_to_face, bary, faces, uvs, maps = inputs()
    return [pix_to_face, bary, faces, uvs, torch.zeros(len(faces), dtype=torch.int64), maps, torch.tensor([[0, SIZE, SIZE, 0, 0]])]


@bench(NAME, work="a map of 1024 x 1024 texels, sampled at the fragments of the ICT head, 512 x 512", needs="ict")
def ours():
    ops, given = ict.ops(), arguments()
    return lambda: ops.sample_texture_uv(*given)


@bench(BACKWARD, work="its gradient by the map, without the forward pass", needs="ict")
def backward():
    import torch

    ops, given = ict.ops(), arguments()
    grad = torch.rand(1, 512, 512, 1, 3)
    return lambda: ops._sample_texture_uv_backward(grad, *given, True, False, False, False, True)


def grid_sample():
    """sample(map [1, 3, SIZE, SIZE]) at the same fragments; repeats nothing."""
    import torch

    pix_to_face, bary, faces, uvs, maps = inputs()
    covered = (pix_to_face >= 0).unsqueeze(-1)
    faces = faces[pix_to_face.clamp(min=0)]

    def sample(image):
        grid = (bary.unsqueeze(-1) * uvs[faces]).sum(-2).squeeze(3) * torch.tensor([2.0, -2.0]) + torch.tensor([-1.0, 1.0])
        colors = torch.nn.functional.grid_sample(image, grid, align_corners=False, padding_mode="border")
        return colors.permute(0, 2, 3, 1).unsqueeze(3) * covered

    return sample, maps.view(1, SIZE, SIZE, 3).permute(0, 3, 1, 2).contiguous()


@peer(NAME, "torch gathers and grid_sample")
def in_torch():
    sample, image = grid_sample()
    return lambda: sample(image)


@peer(BACKWARD, "torch's autograd of grid_sample, forward included")
def in_torch_backward():
    import torch

    sample, image = grid_sample()
    image.requires_grad_()
    grad = torch.rand(1, 512, 512, 1, 3)
    return lambda: torch.autograd.grad((sample(image) * grad).sum(), image)
