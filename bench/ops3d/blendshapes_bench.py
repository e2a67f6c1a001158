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
