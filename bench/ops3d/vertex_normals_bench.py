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


BACKWARD = "vertex_normals_backward_ict"


@bench(BACKWARD, work="the gradient of the ICT head's unit normals by its 26,719 verts", needs="ict")
def ours_backward():
    ops, scene = ict.ops(), ict.scene()
    frames = ict.each(scene["verts"])
    topology = [scene[name] for name in ("faces", "around_first", "around_faces")]

    def call():
        verts = next(frames)
        return ops._vertex_normals_backward(verts, verts, *topology)

    return call


@peer(BACKWARD, "torch's autograd of cross + index_add, forward with it")
def index_add_backward():
    import torch

    scene = ict.scene()
    frames, faces = ict.each(scene["verts"]), scene["faces"]

    def call():
        verts = next(frames)[0].clone().requires_grad_()
        corners = verts[faces]
        crosses = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        sums = torch.zeros_like(verts)
        for corner in range(3):
            sums = sums.index_add(0, faces[:, corner], crosses)
        normals = torch.nn.functional.normalize(sums, eps=1e-6)
        return torch.autograd.grad(normals, verts, verts.detach())

    return call
