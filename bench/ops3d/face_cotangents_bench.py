from harness import bench, ict, peer

NAME = "face_cotangents_ict"


@bench(NAME, work="cotangents of the angles of the ICT head's faces", needs="ict")
def ours():
    ops, scene = ict.ops(), ict.scene()
    verts = scene["verts"][0].contiguous()
    return lambda: ops.face_cotangents(verts, scene["faces"])


@peer(NAME, "libigl cotmatrix_entries, float64")
def entries():
    import igl

    scene = ict.scene()
    verts, faces = scene["verts"][0].double().numpy(), scene["faces"].numpy()
    return lambda: igl.cotmatrix_entries(verts, faces)
