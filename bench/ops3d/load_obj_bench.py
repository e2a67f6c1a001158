from harness import bench, ict, mesh_files, peer

NAME = "load_obj_100k"


@bench(NAME, work="read an OBJ file of 100,352 triangles with UVs and normals; one thread", note="trimesh does not process the mesh")
def ours():
    ops, path = ict.ops(), mesh_files.grid_file(mesh_files.obj, mesh_files.SIDE_100K)
    return lambda: ops.load_obj(path)


@peer(NAME, "trimesh")
def trimesh():
    import trimesh

    path = mesh_files.grid_file(mesh_files.obj, mesh_files.SIDE_100K)
    return lambda: trimesh.load(path, process=False).faces
