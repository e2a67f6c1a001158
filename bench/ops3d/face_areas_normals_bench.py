from harness import bench, ict, peer

NAME = "face_areas_normals_ict"


@bench(NAME, work="areas and unit normals of the ICT head's 52,220 triangles", needs="ict")
def ours():
    ops, scene = ict.ops(), ict.scene()
    frames, faces = ict.each(scene["verts"]), scene["faces"]
    return lambda: ops.face_areas_normals(next(frames)[0], faces)


@peer(NAME, "torch indexing + cross")
def cross():
    import torch

    scene = ict.scene()
    frames, faces = ict.each(scene["verts"]), scene["faces"]

    def call():
        corners = next(frames)[0][faces]
        crosses = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        lengths = crosses.norm(dim=1)
        return lengths / 2, crosses / lengths.clamp_min(1e-6)[:, None]

    return call


BACKWARD = "face_areas_normals_backward_ict"


@bench(BACKWARD, work="the gradient of areas and normals of 52,220 triangles by the ICT head's 26,719 verts", needs="ict")
def ours_backward():
    import torch

    ops, scene = ict.ops(), ict.scene()
    frames, faces = ict.each(scene["verts"]), scene["faces"]
    grads = torch.ones(len(faces)), torch.ones(len(faces), 3)
    return lambda: ops._face_areas_normals_backward(*grads, next(frames)[0], faces)


@peer(BACKWARD, "torch's autograd of indexing + cross, forward included")
def cross_backward():
    import torch

    scene = ict.scene()
    frames, faces = ict.each(scene["verts"]), scene["faces"]
    grads = torch.ones(len(faces)), torch.ones(len(faces), 3)

    def call():
        verts = next(frames)[0].clone().requires_grad_()
        corners = verts[faces]
        crosses = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        lengths = crosses.norm(dim=1)
        return torch.autograd.grad((lengths / 2, crosses / lengths.clamp_min(1e-6)[:, None]), verts, grads)

    return call
