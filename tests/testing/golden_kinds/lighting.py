"""Golden cases of lights, blending and whole pictures."""

import torch

from ..functions import functions
from . import golden_kind

classes = torch.classes.bisque_functions


@golden_kind(on_cpu_only=True)
def lighting(case) -> dict:
    normals, points = case.input("normals"), case.input("points")
    camera, shininess = torch.zeros(1, 3, dtype=points.dtype), torch.full((1,), 64.0, dtype=points.dtype)
    point = classes.Lights("point", {"location": case.input("location")})
    directional = classes.Lights("directional", {"direction": case.input("direction")})
    return {
        "point_diffuse": point.diffuse(normals, points),
        "point_specular": point.specular(normals, points, camera, shininess),
        "dir_diffuse": directional.diffuse(normals, points),
        "dir_specular": directional.specular(normals, points, camera, shininess),
    }


@golden_kind(on_cpu_only=True)
def blend_hard_rgb(case) -> dict:
    colors = case.input("colors")
    return {"image": functions.hard_rgb_blend(colors, case.input("pix_to_face"), torch.tensor([0.2, 0.5, 0.7], dtype=colors.dtype))}


def rendered(case, shader: str) -> dict:
    def inputs(name):
        return [case.input(f"{name}{i}") for i in range(2)]

    dtype = case.input("R").dtype
    cameras = classes.Cameras("fov_perspective", {"R": case.input("R"), "T": case.input("T")}, {})
    light = classes.Lights("point", {"location": torch.tensor([[0.0, 2.0, 3.0]], dtype=dtype)})
    settings = {"height": 48.0, "width": 64.0, **{name: float(value) for name, value in case.args.items()}}
    meshes = classes.Meshes(inputs("verts"), inputs("faces"))
    return {"image": functions.render(shader, settings, meshes, "vertex", inputs("colors"), cameras, [light], None, 1.0)[0]}


@golden_kind(on_cpu_only=True)
def render_HardFlatShader(case) -> dict:
    return rendered(case, "HardFlat")


@golden_kind(on_cpu_only=True)
def render_HardGouraudShader(case) -> dict:
    return rendered(case, "HardGouraud")


@golden_kind(on_cpu_only=True)
def render_HardPhongShader(case) -> dict:
    return rendered(case, "HardPhong")


@golden_kind(on_cpu_only=True)
def render_SoftPhongShader(case) -> dict:
    return rendered(case, "SoftPhong")


@golden_kind(on_cpu_only=True)
def render_SoftSilhouetteShader(case) -> dict:
    return rendered(case, "SoftSilhouette")
