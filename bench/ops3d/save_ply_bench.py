from harness import WORK, bench, ict, mesh_files, peer

NAME = "save_ply_1m"


@bench(NAME, work="write a binary PLY file of 501,264 verts, 999,698 triangles, and wait for the disk; one thread")
def ours():
    import torch

    ops, (verts, faces) = ict.ops(), mesh_files.grid(mesh_files.SIDE_1M)
    verts, faces, path = torch.from_numpy(verts), torch.from_numpy(faces).long(), str(WORK / "saved.ply")
    return lambda: ops.save_ply(path, verts, faces)


@peer(NAME, "trimesh")
def trimesh():
    import trimesh

    mesh, path = trimesh.Trimesh(*mesh_files.grid(mesh_files.SIDE_1M), process=False), str(WORK / "saved_by_trimesh.ply")
    return lambda: mesh.export(path)
