from harness import bench, point_mesh


@bench("face_point_distance_52k_2k", work="squared distances of 52,220 triangles to the nearest of 2,000 points, float32", needs="ict")
def ours():
    return point_mesh.call("face_point_distance", *point_mesh.head())
