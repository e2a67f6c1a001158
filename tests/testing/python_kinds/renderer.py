"""Golden cases of cameras, lights, textures and pictures."""

from types import SimpleNamespace

import torch

from bisque3d import renderer
from bisque3d.structures import Meshes

from . import golden_kind


def camera(case, cls) -> dict:
    parameters = {name: [value] if isinstance(value, list) else value for name, value in case.args.items()}
    cameras = cls(R=case.input("R"), T=case.input("T"), **parameters)
    points = case.input("points")
    flags = {} if hasattr(cameras, "znear") else {"from_ndc": True}
    return {
        "ndc": cameras.transform_points_ndc(points),
        "screen": cameras.transform_points_screen(points, image_size=((200, 260),)),
        "unprojected": cameras.unproject_points(case.input("unproject_xy_depth"), **flags),
        "center": cameras.get_camera_center(),
    }


@golden_kind
def camera_fov_perspective(case) -> dict:
    return camera(case, renderer.FoVPerspectiveCameras)


@golden_kind
def camera_fov_orthographic(case) -> dict:
    return camera(case, renderer.FoVOrthographicCameras)


@golden_kind
def camera_perspective_ndc(case) -> dict:
    return camera(case, renderer.PerspectiveCameras)


@golden_kind
def camera_perspective_screen(case) -> dict:
    return camera(case, renderer.PerspectiveCameras)


@golden_kind
def camera_orthographic_ndc(case) -> dict:
    return camera(case, renderer.OrthographicCameras)


@golden_kind
def look_at(case) -> dict:
    R, T = renderer.look_at_view_transform(*(case.input(name) for name in ("dist", "elev", "azim")))
    return {"R": R, "T": T}


@golden_kind
def lighting(case) -> dict:
    given = dict(normals=case.input("normals"), points=case.input("points"))
    dtype = given["points"].dtype
    eye = dict(camera_position=torch.zeros(1, 3, dtype=dtype), shininess=torch.full((1,), 64.0, dtype=dtype))
    point = renderer.PointLights(location=case.input("location"))
    directional = renderer.DirectionalLights(direction=case.input("direction"))
    return {
        "point_diffuse": point.diffuse(**given),
        "point_specular": point.specular(**given, **eye),
        "dir_diffuse": directional.diffuse(**given),
        "dir_specular": directional.specular(**given, **eye),
    }


def fragments_of(case, *names: str):
    return SimpleNamespace(**{name: case.input(name) for name in names})


@golden_kind
def blend_hard_rgb(case) -> dict:
    params = renderer.BlendParams(background_color=(0.2, 0.5, 0.7))
    return {"image": renderer.hard_rgb_blend(case.input("colors"), fragments_of(case, "pix_to_face"), params)}


@golden_kind
def blend_softmax_rgb(case) -> dict:
    params = renderer.BlendParams(1e-4, 1e-3, (0.2, 0.5, 0.7))
    fragments = fragments_of(case, "pix_to_face", "zbuf", "dists")
    return {"image": renderer.softmax_rgb_blend(case.input("colors"), fragments, params, znear=0.1, zfar=10.0)}


@golden_kind
def blend_sigmoid_alpha(case) -> dict:
    fragments = fragments_of(case, "pix_to_face", "dists")
    return {"image": renderer.sigmoid_alpha_blend(case.input("colors"), fragments, renderer.BlendParams(sigma=1e-4))}


def texture_fragments(case):
    return SimpleNamespace(pix_to_face=case.input("pix_to_face"), bary_coords=case.input("bary"))


@golden_kind
def texture_uv(case) -> dict:
    maps = case.input("maps")
    textures = renderer.TexturesUV(maps, case.input("faces_uvs")[None], case.input("verts_uvs")[None])
    fragments = texture_fragments(case)
    texels = textures.sample_textures(fragments)
    # PyTorch3D gives pixels without a face the texel at uv (0, 0); ours are 0.
    return {"texels": torch.where(fragments.pix_to_face[..., None] >= 0, texels, maps[0, -1, 0])}


@golden_kind
def texture_atlas(case) -> dict:
    return {"texels": renderer.TexturesAtlas([case.input("atlas")]).sample_textures(texture_fragments(case))}


def meshes_of(case, textures=None) -> Meshes:
    count = sum(name.startswith("in.faces") for name in case.tensors)
    return Meshes(*([case.input(f"{kind}{i}") for i in range(count)] for kind in ("verts", "faces")), textures=textures)


@golden_kind
def rasterize_meshes(case) -> dict:
    results = renderer.rasterize_meshes(meshes_of(case), **case.args)
    return dict(zip(("pix_to_face", "zbuf", "bary", "dists"), results))


def rendered(case, shader) -> dict:
    cameras = renderer.FoVPerspectiveCameras(R=case.input("R"), T=case.input("T"))
    parts = {} if shader is renderer.SoftSilhouetteShader else dict(cameras=cameras, lights=renderer.PointLights(location=((0.0, 2.0, 3.0),)))
    settings = renderer.RasterizationSettings(image_size=(48, 64), **case.args)
    textures = renderer.TexturesVertex([case.input(f"colors{i}") for i in range(2)])
    pictures = renderer.MeshRenderer(renderer.MeshRasterizer(cameras, settings), shader(**parts))
    return {"image": pictures(meshes_of(case, textures))}


@golden_kind
def render_HardFlatShader(case) -> dict:
    return rendered(case, renderer.HardFlatShader)


@golden_kind
def render_HardGouraudShader(case) -> dict:
    return rendered(case, renderer.HardGouraudShader)


@golden_kind
def render_HardPhongShader(case) -> dict:
    return rendered(case, renderer.HardPhongShader)


@golden_kind
def render_SoftPhongShader(case) -> dict:
    return rendered(case, renderer.SoftPhongShader)


@golden_kind
def render_SoftSilhouetteShader(case) -> dict:
    return rendered(case, renderer.SoftSilhouetteShader)
