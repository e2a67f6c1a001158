"""Golden cases of the losses between points and meshes."""

from ..functions import functions
from . import golden_kind


def batch(case) -> list:
    count = sum(name.startswith("in.pts") for name in case.tensors)
    return [[case.input(f"{name}{i}") for i in range(count)] for name in ("verts", "faces", "pts")]


@golden_kind(on_cpu_only=True)
def point_mesh_face(case) -> dict:
    area = case.args.get("min_triangle_area", 5e-3)  # PyTorch3D's default
    return {"loss": functions.point_mesh_face_distance(*batch(case), area)}


@golden_kind(on_cpu_only=True)
def point_mesh_edge(case) -> dict:
    return {"loss": functions.point_mesh_edge_distance(*batch(case))}
