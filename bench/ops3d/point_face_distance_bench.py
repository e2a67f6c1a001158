from harness import bench, ict, peer, point_mesh

WORK = "squared distances of {} points to the nearest of {} triangles, float32"
WITH_TREE = "the tree is built at each call"


@bench(
    "point_mesh_2k_52k",
    work=WORK.format("2,000", "52,220"),
    note=WITH_TREE,
    needs="ict",
    recorded=("PyTorch3D on the CPU", 7856),
)
def ours():
    return point_mesh.call("point_face_distance", *point_mesh.head())


bench("point_mesh_2k_52k_igl", work=WORK.format("2,000", "52,220"), note=f"{WITH_TREE}, the peer's too", needs="ict")(ours)


@bench("point_mesh_20k_522k", work=WORK.format("20,000", "522,200"), note=f"tenfold of point_mesh_2k_52k; {WITH_TREE}", needs="ict")
def tenfold():
    return point_mesh.call("point_face_distance", *point_mesh.head(10), 20_000)


@peer("point_mesh_2k_52k_igl", "libigl AABB")
def igl_tree():
    import igl
    import numpy as np

    verts, faces = point_mesh.head()
    points = np.ascontiguousarray(point_mesh.points_around(verts, 2000).double().numpy())
    verts, faces = verts.double().numpy(), faces.numpy()

    def build_and_search():
        tree = igl.AABB()
        tree.init(verts, faces)
        return tree.squared_distance(verts, faces, points)

    return build_and_search


@bench("point_face_distance_backward_2k_52k", work="the gradient of point_mesh_2k_52k to points and triangles", needs="ict")
def backward():
    import torch

    verts, faces = point_mesh.head()
    ops, points, tris, first = ict.ops(), point_mesh.points_around(verts, 2000), verts[faces], torch.tensor([0])
    dists, idxs = ops.point_face_distance(points, first, tris, first)
    grad = torch.ones_like(dists)
    return lambda: ops._point_face_distance_backward(grad, points, tris, idxs, 0.0)
