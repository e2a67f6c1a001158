from harness import bench, ict, peer

NAME = "vertex_normals_ict"


@bench(NAME, work="unit normals of the ICT head's 26,719 verts from 52,220 triangles", needs="ict")
def ours():
    ops, scene = ict.ops(), ict.scene()
    frames = ict.each(scene["verts"])
    topology = [scene[name] for name in ("faces", "around_first", "around_faces")]
    return lambda: ops.vertex_normals(next(frames), *topology)


@peer(NAME, "torch cross + index_add")
def index_add():
    import torch

    scene = ict.scene()
    frames, faces = ict.each(scene["verts"]), scene["faces"]

    def call():
        verts = next(frames)[0]
        corners = verts[faces]
        crosses = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        sums = torch.zeros_like(verts)
        for corner in range(3):
            sums.index_add_(0, faces[:, corner], crosses)
        return torch.nn.functional.normalize(sums, eps=1e-6)

    return call
