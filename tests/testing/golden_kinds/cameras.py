"""Golden cases of cameras."""

import torch

from ..functions import functions
from . import golden_kind

Cameras = torch.classes.bisque_functions.Cameras


def camera(case, kind: str, **flags) -> dict:
    given = {name: torch.tensor(value, dtype=torch.float64).to(case.input("R")) for name, value in case.args.items() if name not in flags}
    if "image_size" in given:
        given["image_size"] = given["image_size"][None]
    cameras = Cameras(kind, {"R": case.input("R"), "T": case.input("T"), **given}, flags)
    points = case.input("points")
    return {
        "ndc": cameras.transform_points_ndc(points),
        "screen": cameras.transform_points_screen(points, torch.tensor([[200, 260]])),
        "unprojected": cameras.unproject_points(case.input("unproject_xy_depth"), from_ndc=True),
        "center": cameras.get_camera_center(),
    }


@golden_kind(on_cpu_only=True)
def camera_fov_perspective(case) -> dict:
    return camera(case, "fov_perspective")


@golden_kind(on_cpu_only=True)
def camera_fov_orthographic(case) -> dict:
    return camera(case, "fov_orthographic")


@golden_kind(on_cpu_only=True)
def camera_perspective_ndc(case) -> dict:
    return camera(case, "perspective")


@golden_kind(on_cpu_only=True)
def camera_perspective_screen(case) -> dict:
    return camera(case, "perspective", in_ndc=False)


@golden_kind(on_cpu_only=True)
def camera_orthographic_ndc(case) -> dict:
    return camera(case, "orthographic")


@golden_kind(on_cpu_only=True)
def look_at(case) -> dict:
    R, T = functions.look_at_view_transform({name: case.input(name) for name in ("dist", "elev", "azim")})
    return {"R": R, "T": T}
