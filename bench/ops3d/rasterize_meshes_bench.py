from harness import bench, ict, peer

NAME = "raster_forward_512_k1"
WORK = "face ids, barycentrics and depth of the ICT head, 512 x 512, 1 face a pixel"


def ours():
    ops, scene = ict.ops(), ict.scene()
    frames = ict.each(scene["projected"])
    return lambda: ict.rasterize(ops, next(frames)[0], scene["faces"])


bench(
    NAME,
    work=WORK,
    note="the target is 2.5 ms; the peer's figure is of another machine: 7.4 ms for ids, 3.1 ms for the rest",
    needs="ict",
    recorded=("DRTK", 10.5),
)(ours)
bench(
    f"{NAME}_embree",
    work=WORK,
    note="the peer builds its tree and finds first hits, on one thread, without barycentrics",
    needs="ict",
)(ours)


@bench(
    "raster_forward_backward_512_k1",
    work="raster_forward_512_k1 and the gradient of barycentrics and depth to the vertices, by autograd",
    note="the target is 3 times raster_forward_512_k1",
    needs="ict",
)
def forward_backward():
    import torch

    ops, scene = ict.ops(), ict.scene()
    frames = ict.each(scene["projected"])
    weights = [torch.rand(1, 512, 512, 1, *tail) for tail in ((), (3,))]

    def call():
        verts = next(frames)[0].requires_grad_()
        results = ict.rasterize(ops, verts, scene["faces"])
        return torch.autograd.grad(results[1:], verts, weights)

    return call


def lists(size: int = 512):
    """The K nearest faces of the ICT head within a blur: (the call, the frame's inputs and results)."""
    import torch

    ops, scene = ict.ops(), ict.scene()
    frames, faces = ict.each(scene["projected"]), scene["faces"]
    one_mesh = torch.tensor([0]), torch.tensor([len(faces)])
    return ops, faces, lambda verts: ops.rasterize_meshes(verts, faces, *one_mesh, size, size, 8, 1e-4, True, True), frames


@bench(
    "raster_forward_512_k8_blur",
    work="8 faces a pixel of the ICT head within a blur of 1e-4, clipped, with distances, 512 x 512",
    note="the peer's figure is of another machine, for 1 face a pixel without blur",
    needs="ict",
    recorded=("PyTorch3D on the CPU", 38000),
)
def forward_lists():
    _, _, call, frames = lists()
    return lambda: call(next(frames)[0])


@bench(
    "raster_256_k8_blur",
    work="the same at 256 x 256",
    note="the peer's figure is of another machine; the target is 100 times faster",
    needs="ict",
    recorded=("PyTorch3D on the CPU", 9700),
)
def forward_small_lists():
    _, _, call, frames = lists(256)
    return lambda: call(next(frames)[0])


@bench("raster_10m_faces_2048", work="10,008,338 faces of a wavy sheet, 2048 x 2048, 1 face a pixel: most are smaller than a pixel")
def many_faces():
    import torch

    ops = ict.ops()
    side = 2238
    axis = torch.linspace(-0.95, 0.95, side)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    verts = torch.stack([x, y, 2 + 0.2 * torch.sin(9 * x) * torch.cos(7 * y)], -1).view(-1, 3)
    first = (torch.arange(side - 1)[:, None] * side + torch.arange(side - 1)).flatten()
    corners = first, first + 1, first + side + 1, first + side
    faces = torch.cat([torch.stack([corners[k] for k in face], 1) for face in ((0, 1, 2), (0, 2, 3))])
    return lambda: ict.rasterize(ops, verts, faces, 2048)


@bench("raster_backward_512_k8_blur", work="the gradient of raster_forward_512_k8_blur to the vertices", needs="ict")
def backward_lists():
    import torch

    ops, faces, call, frames = lists()
    verts = next(frames)[0]
    results = call(verts)
    grads = [torch.rand_like(result) for result in results[1:]]
    return lambda: ops._rasterize_meshes_backward(*grads, verts, faces, results[0], results[3], True, True, -1.0)


@peer(f"{NAME}_embree", "embreex first hits")
def embree():
    """A ray through each pixel's centre, from the camera (row vectors: view = world R + T, +X left, +Y up)."""
    import numpy as np
    from embreex import rtcore_scene
    from embreex.mesh_construction import TriangleMesh

    scene = {name: tensor.numpy() for name, tensor in ict.scene().items()}
    faces = scene["faces"].astype(np.int32)
    slope = np.tan(np.radians(scene["fov_znear_zfar"][0]) / 2)
    centres = (1 - (2 * np.arange(512) + 1) / 512) * slope
    x, y = np.meshgrid(centres, centres)
    directions = np.stack([x, y, np.ones_like(x)], -1).reshape(-1, 3) @ scene["R"][0].T
    directions = np.ascontiguousarray(directions, np.float32)
    origins = np.ascontiguousarray(np.broadcast_to(scene["camera_position"], directions.shape), np.float32)
    frames = ict.each(ict.scene()["verts"])

    def call():
        tree = rtcore_scene.EmbreeScene()
        TriangleMesh(tree, next(frames)[0].numpy(), faces)
        return tree.run(origins, directions)

    return call
