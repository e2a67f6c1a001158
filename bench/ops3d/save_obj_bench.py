from harness import WORK, bench, ict, mesh_files, peer

NAME = "save_obj_100k"


@bench(NAME, work="write an OBJ file of 50,625 verts, 100,352 triangles, and wait for the disk; one thread")
def ours():
    import torch

    ops, (verts, faces) = ict.ops(), mesh_files.grid(mesh_files.SIDE_100K)
    verts, faces, path = torch.from_numpy(verts), torch.from_numpy(faces).long(), str(WORK / "saved.obj")
    return lambda: ops.save_obj(path, verts, faces)


@peer(NAME, "trimesh")
def trimesh():
    import trimesh

    mesh, path = trimesh.Trimesh(*mesh_files.grid(mesh_files.SIDE_100K), process=False), str(WORK / "saved_by_trimesh.obj")
    return lambda: mesh.export(path)
