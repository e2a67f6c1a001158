from harness import bench, point_mesh


@bench("edge_point_distance_79k_2k", work="squared distances of the ICT head's edges to the nearest of 2,000 points, float32", needs="ict")
def ours():
    verts, faces = point_mesh.head()
    return point_mesh.call("edge_point_distance", verts, point_mesh.edges_of(faces))
