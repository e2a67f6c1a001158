from harness import bench, ict

NAMES = {"iou_box3d_300x300": 1.0, "iou_box3d_300x300_sparse": 0.1}  # the sizes of boxes, whose centers lie in a unit cube


def boxes(name):
    import torch

    generator = torch.Generator().manual_seed(0)
    unit = torch.tensor([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]]) - 0.5

    def turned():
        rotations, _ = torch.linalg.qr(torch.randn(300, 3, 3, generator=generator))
        sizes = NAMES[name] * (0.5 + torch.rand(300, 1, 3, generator=generator))
        return unit * sizes @ rotations + torch.rand(300, 1, 3, generator=generator)

    return turned(), turned()


def ours(name):
    ops, (boxes1, boxes2) = ict.ops(), boxes(name)
    return lambda: ops.iou_box3d(boxes1, boxes2)


for name in NAMES:
    work = f"overlaps of 300 x 300 turned boxes, float32, {'few' if 'sparse' in name else 'most'} of which meet"
    bench(name, work=work)(lambda name=name: ours(name))
