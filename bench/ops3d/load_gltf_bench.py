from harness import bench, ict, mesh_files, peer

NAME = "load_gltf_100k"


@bench(NAME, work="read a .glb file of 100,352 triangles; one thread", note="trimesh does not process the mesh")
def ours():
    ops, path = ict.ops(), mesh_files.grid_file(mesh_files.glb, mesh_files.SIDE_100K)
    return lambda: ops.load_gltf(path)


@peer(NAME, "trimesh")
def trimesh():
    import trimesh

    path = mesh_files.grid_file(mesh_files.glb, mesh_files.SIDE_100K)
    return lambda: trimesh.load(path, process=False, force="mesh").faces
