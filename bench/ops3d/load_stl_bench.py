from harness import bench, ict, mesh_files, peer

NAME = "load_stl_1m"


@bench(NAME, work="read a binary STL file of 999,698 triangles, and merge equal verts; one thread", note="trimesh merges equal verts too")
def ours():
    ops, path = ict.ops(), mesh_files.grid_file(mesh_files.stl, mesh_files.SIDE_1M)
    return lambda: ops.load_stl(path)


@peer(NAME, "trimesh")
def trimesh():
    import trimesh

    path = mesh_files.grid_file(mesh_files.stl, mesh_files.SIDE_1M)
    return lambda: trimesh.load(path, process=True).faces
