from harness import WORK, bench, ict, mesh_files, peer

NAME = "save_stl_1m"


@bench(NAME, work="write a binary STL file of 999,698 triangles, and wait for the disk; one thread")
def ours():
    import torch

    ops, (verts, faces) = ict.ops(), mesh_files.grid(mesh_files.SIDE_1M)
    verts, faces, path = torch.from_numpy(verts), torch.from_numpy(faces).long(), str(WORK / "saved.stl")
    return lambda: ops.save_stl(path, verts, faces)


@peer(NAME, "trimesh")
def trimesh():
    import trimesh

    mesh, path = trimesh.Trimesh(*mesh_files.grid(mesh_files.SIDE_1M), process=False), str(WORK / "saved_by_trimesh.stl")
    return lambda: mesh.export(path)
