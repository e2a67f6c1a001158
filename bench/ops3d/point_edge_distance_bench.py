from harness import bench, point_mesh


@bench("point_edge_distance_2k_79k", work="squared distances of 2,000 points to the nearest of the ICT head's edges, float32", needs="ict")
def ours():
    verts, faces = point_mesh.head()
    return point_mesh.call("point_edge_distance", verts, point_mesh.edges_of(faces))
