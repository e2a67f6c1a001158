"""Golden cases of rotations and rigid transforms."""

from bisque3d import transforms

from . import golden_kind


@golden_kind
def rotations(case) -> dict:
    axis_angle = case.input("axis_angle")
    matrix = transforms.quaternion_to_matrix(case.input("q"))
    return {
        "matrix": matrix,
        "m2q": transforms.matrix_to_quaternion(matrix),
        "m2aa": transforms.matrix_to_axis_angle(matrix),
        "m2euler": transforms.matrix_to_euler_angles(matrix, "XYZ"),
        "m26d": transforms.matrix_to_rotation_6d(matrix),
        "aa2m": transforms.axis_angle_to_matrix(axis_angle),
        "so3_exp": transforms.so3_exp_map(axis_angle),
        "so3_log": transforms.so3_log_map(matrix),
        "se3_exp": transforms.se3_exp_map(case.input("se3")),
    }
