from harness import bench, ict


@bench("count_degenerate_faces_512", work="faces of the ICT head without an area in a picture of 512 x 512", needs="ict")
def ours():
    import torch

    ops, scene = ict.ops(), ict.scene()
    frames, faces = ict.each(scene["projected"]), scene["faces"]
    one_mesh = torch.tensor([0]), torch.tensor([len(faces)])
    return lambda: ops.count_degenerate_faces(next(frames)[0], faces, *one_mesh, 512, 512)
