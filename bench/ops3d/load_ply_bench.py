from harness import bench, ict, mesh_files, peer

NAME = "load_ply_1m"


@bench(NAME, work="read a binary PLY file of 501,264 verts, 999,698 triangles; one thread", note="trimesh does not process the mesh")
def ours():
    ops, path = ict.ops(), mesh_files.grid_file(mesh_files.ply, mesh_files.SIDE_1M)
    return lambda: ops.load_ply(path)


@peer(NAME, "trimesh")
def trimesh():
    import trimesh

    path = mesh_files.grid_file(mesh_files.ply, mesh_files.SIDE_1M)
    return lambda: trimesh.load(path, process=False).faces
