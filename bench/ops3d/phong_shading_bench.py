import itertools

from harness import bench, ict, peer

NAME = "phong_shading_ict"


def shading_frames(ops, scene):
    """Yields (verts, normals, pix_to_face, bary_coords) endlessly."""
    topology = [scene[name] for name in ("faces", "around_first", "around_faces")]
    normals = ops.vertex_normals(scene["verts"], *topology)
    fragments = [ict.rasterize(ops, projected, scene["faces"]) for projected in scene["projected"]]
    pix_to_face, _, bary = zip(*fragments)
    return itertools.cycle(zip(scene["verts"], normals, pix_to_face, bary))


@bench(NAME, work="shade the rasterized ICT head, 512 x 512, three lights with highlights", needs="ict")
def ours():
    ops, scene = ict.ops(), ict.scene()
    frames = shading_frames(ops, scene)
    lights = [scene[name] for name in ("camera_position", "lights", "light_colors", "ambient", "albedo")]
    material = scene["specular_shininess_wrap"].tolist()

    def call():
        verts, normals, pix_to_face, bary = next(frames)
        return ops.phong_shading(verts, normals, scene["faces"], pix_to_face, bary, *lights, *material, 1)

    return call


@peer(NAME, "torch, the same formula")
def torch_formula():
    """Shades only the covered pixels; all lights are far away (w is 0)."""
    import torch
    from torch.nn.functional import normalize

    scene = ict.scene()
    frames = shading_frames(ict.ops(), scene)
    specular, shininess, wrap = scene["specular_shininess_wrap"].tolist()
    directions, colors = normalize(scene["lights"][:, :3], dim=1), scene["light_colors"]

    def call():
        verts, normals, pix_to_face, bary = next(frames)
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
        return picture[:, :, :, 0]

    return call
