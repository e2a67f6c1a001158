import itertools

from harness import bench, ict, peer

NAME = "phong_shading_ict"
BACKWARD = "phong_shading_backward_ict"


def shading_frames(ops, scene):
    """Yields (verts, normals, pix_to_face, bary_coords) endlessly."""
    topology = [scene[name] for name in ("faces", "around_first", "around_faces")]
    normals = ops.vertex_normals(scene["verts"], *topology)
    fragments = [ict.rasterize(ops, projected, scene["faces"]) for projected in scene["projected"]]
    pix_to_face, _, bary = zip(*fragments)
    return itertools.cycle(zip(scene["verts"], normals, pix_to_face, bary))


def lighting(scene):
    """The arguments after texels, without samples: the material folded into the lights."""
    import torch

    specular, shininess, wrap = scene["specular_shininess_wrap"].tolist()
    colors, albedo = scene["light_colors"].unsqueeze(0), scene["albedo"]
    lights = [scene["camera_position"], scene["lights"].unsqueeze(0), colors * albedo, colors * specular]
    return [*lights, (scene["ambient"] * albedo).unsqueeze(0), torch.tensor([shininess]), wrap]


@bench(NAME, work="shade the rasterized ICT head, 512 x 512, three lights with highlights", needs="ict")
def ours():
    ops, scene = ict.ops(), ict.scene()
    frames, lights = shading_frames(ops, scene), lighting(scene)

    def call():
        verts, normals, pix_to_face, bary = next(frames)
        return ops.phong_shading(verts, normals, scene["faces"], pix_to_face, bary, None, *lights)

    return call


@bench(BACKWARD, work="the gradient of that by verts, normals, barycentrics, camera and lights; without the forward pass", needs="ict")
def backward():
    import torch

    ops, scene = ict.ops(), ict.scene()
    frames, lights = shading_frames(ops, scene), lighting(scene)
    grad = torch.rand(1, 512, 512, 1, 4)

    def call():
        verts, normals, pix_to_face, bary = next(frames)
        return ops._phong_shading_backward(
            grad, verts, normals, scene["faces"], pix_to_face, bary, None, *lights, False, 1, 4, True, True, True, False
        )

    return call


def torch_shading(scene):
    """shade(verts, normals, pix_to_face, bary), of the covered pixels only; all lights are far away (w is 0)."""
    import torch
    from torch.nn.functional import normalize

    specular, shininess, wrap = scene["specular_shininess_wrap"].tolist()
    directions, colors = normalize(scene["lights"][:, :3], dim=1), scene["light_colors"]

    def shade(verts, normals, pix_to_face, bary):
        covered = pix_to_face >= 0
        corners = scene["faces"][pix_to_face[covered]]
        weights = bary[covered].unsqueeze(-1)
        position = (weights * verts[corners]).sum(1)
        normal = normalize((weights * normals[corners]).sum(1), dim=1)
        view = normalize(scene["camera_position"] - position, dim=1)
        half = normalize(directions + view.unsqueeze(1), dim=2)
        facing = normal @ directions.T
        diffuse = ((facing + wrap) / (1 + wrap)).clamp(min=0) @ colors
        shine = (half @ normal.unsqueeze(-1)).squeeze(-1).clamp(0, 1)
        highlight = (specular * shine**shininess * (facing > 0)) @ colors
        picture = torch.zeros(*pix_to_face.shape, 4)
        picture[covered] = torch.nn.functional.pad(
            (scene["ambient"] + diffuse) * scene["albedo"] + highlight, (0, 1), value=1.0
        )
        return picture

    return shade


@peer(NAME, "torch, the same formula")
def torch_formula():
    scene = ict.scene()
    frames, shade = shading_frames(ict.ops(), scene), torch_shading(scene)
    return lambda: shade(*next(frames))


@peer(BACKWARD, "torch's autograd of that formula, by verts, normals and barycentrics, forward included")
def torch_gradient():
    import torch

    scene = ict.scene()
    frames, shade = shading_frames(ict.ops(), scene), torch_shading(scene)
    grad = torch.rand(1, 512, 512, 1, 4)

    def call():
        verts, normals, pix_to_face, bary = next(frames)
        leaves = [values.requires_grad_() for values in (verts.detach(), normals.detach(), bary.detach())]
        picture = shade(leaves[0], leaves[1], pix_to_face, leaves[2])
        return torch.autograd.grad((picture * grad).sum(), leaves)

    return call
