"""Golden cases of rotations and rigid transforms."""

from ..functions import functions
from . import golden_kind


@golden_kind(on_cpu_only=True)
def rotations(case) -> dict:
    axis_angle = case.input("axis_angle")
    matrix = functions.quaternion_to_matrix(case.input("q"))
    return {
        "matrix": matrix,
        "m2q": functions.matrix_to_quaternion(matrix),
        "m2aa": functions.matrix_to_axis_angle(matrix),
        "m2euler": functions.matrix_to_euler_angles(matrix, "XYZ"),
        "m26d": functions.matrix_to_rotation_6d(matrix),
        "aa2m": functions.axis_angle_to_matrix(axis_angle),
        "so3_exp": functions.so3_exp_map(axis_angle),
        "so3_log": functions.so3_log_map(matrix),
        "se3_exp": functions.se3_exp_map(case.input("se3")),
    }
