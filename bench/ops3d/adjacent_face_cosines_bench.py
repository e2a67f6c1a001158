from harness import bench, ict, peer

NAME = "adjacent_face_cosines_ict"


def mesh():
    scene = ict.scene()
    faces = scene["faces"]
    sides = faces[:, [1, 2, 2, 0, 0, 1]].view(-1, 2).sort(1)[0]
    edges, inverse = sides.unique(dim=0, return_inverse=True)
    return scene["verts"][0].contiguous(), faces, inverse.view(-1, 3), len(edges)


@bench(NAME, work="cosines of the angles between adjacent faces of the ICT head, their pairs found at each call", needs="ict")
def ours():
    ops, given = ict.ops(), mesh()
    return lambda: ops.adjacent_face_cosines(*given)


@peer(NAME, "trimesh face_adjacency + normals")
def adjacency():
    import trimesh

    verts, faces, _, _ = mesh()
    verts, faces = verts.double().numpy(), faces.numpy()

    def cosines():
        given = trimesh.Trimesh(verts, faces, process=False)
        first, second = given.face_normals[given.face_adjacency].swapaxes(0, 1)
        return (first * second).sum(1)

    return cosines
