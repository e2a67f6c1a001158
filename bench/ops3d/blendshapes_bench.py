from harness import bench, ict, peer

NAME = "blendshapes_ict"


@bench(
    NAME,
    work="verts of the ICT head from 60 coefficients, one frame",
    note="the peer's deltas are dense, as torch has them; ours are sparse",
    needs="ict",
)
def sparse():
    ops, scene = ict.ops(), ict.scene()
    frames = ict.each(scene["coefficients"])
    model = [scene[name] for name in ("neutral", "deltas", "delta_shape", "vert_first")]
    return lambda: ops.blendshapes(next(frames), *model)


@peer(NAME, "torch addmm, dense deltas")
def dense():
    import torch

    scene = ict.scene()
    frames = ict.each(scene["coefficients"])
    neutral, deltas = scene["neutral"].view(1, -1), ict.dense_deltas(scene).flatten(1)
    return lambda: torch.addmm(neutral, next(frames), deltas).view(1, -1, 3)


FIT = "blendshapes_fit_ict"


@bench(
    FIT,
    work="verts of the ICT head in 8 frames and the gradient by their 60 coefficients",
    note="the peer's deltas are dense, as torch has them; ours are sparse",
    needs="ict",
)
def sparse_fit():
    ops, scene = ict.ops(), ict.scene()
    coefficients, grad = scene["coefficients"][:8].contiguous(), scene["verts"][:8].contiguous()
    model = [scene[name] for name in ("neutral", "deltas", "delta_shape", "vert_first")]

    def call():
        ops.blendshapes(coefficients, *model)
        return ops._blendshapes_backward(grad, coefficients, *model, True, False, False)

    return call


@peer(FIT, "torch addmm and matmul, dense deltas")
def dense_fit():
    import torch

    scene = ict.scene()
    coefficients, grad = scene["coefficients"][:8].contiguous(), scene["verts"][:8].contiguous().flatten(1)
    neutral, deltas = scene["neutral"].view(1, -1), ict.dense_deltas(scene).flatten(1)
    return lambda: (torch.addmm(neutral, coefficients, deltas), grad @ deltas.t())
