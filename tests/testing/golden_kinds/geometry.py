"""Golden cases of boxes, volumes, alignment and the local geometry of clouds."""

import torch

from . import golden_kind


@golden_kind()
def iou_box3d(case) -> dict:
    vol, iou = case.call(torch.ops.bisque.iou_box3d, case.input("boxes1"), case.input("boxes2"))
    return {"vol": vol, "iou": iou}
