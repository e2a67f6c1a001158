"""The op iou_box3d: against another algorithm, and what holds exactly."""

import math

import pytest
import torch

from bisque3d.testing import OpTests, random_of, same
from tests.ops3d.box_overlap_brute_force import overlaps
from tests.testing.functions import functions

UNIT = torch.tensor([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], dtype=torch.float64)


def iou_box3d(boxes1, boxes2, **options):
    return torch.ops.bisque.iou_box3d(boxes1, boxes2, **options)


def rotations(count, random) -> torch.Tensor:
    q, r = torch.linalg.qr(random(count, 3, 3, dtype=torch.float64))
    q = q * r.diagonal(dim1=1, dim2=2).sign()[:, None]
    return q * torch.linalg.det(q)[:, None, None]


def random_boxes(count, random, spread=0.4) -> torch.Tensor:
    """Boxes of different sizes, turned, around the origin, float64."""
    sizes = 0.3 + random(count, 1, 3, dtype=torch.float64).abs()
    return ((UNIT - 0.5) * sizes) @ rotations(count, random) + spread * random(count, 1, 3, dtype=torch.float64)


def frustums(count, random) -> torch.Tensor:
    scale = torch.cat((torch.full((4, 1), 0.4), torch.ones(4, 1))).double()
    return (UNIT - 0.5) * torch.cat((scale, scale, torch.ones(8, 1)), 1) @ rotations(count, random) + 0.2 * random(count, 1, 3, dtype=torch.float64)


class TestIouBox3d(OpTests):
    op = "bisque::iou_box3d"
    tolerance = {torch.float32: dict(rtol=1e-4, atol=2e-6), torch.float64: dict(rtol=1e-5, atol=2e-6)}  # of the reference's own tolerance

    def inputs_many(self, dtype, random):
        return dict(boxes1=random_boxes(5, random).to(dtype), boxes2=random_boxes(4, random).to(dtype))

    def inputs_frustums_and_mirrored(self, dtype, random):
        mirrored = random_boxes(3, random) * torch.tensor([-1.0, 1, 1])
        return dict(boxes1=frustums(4, random).to(dtype), boxes2=torch.cat((frustums(2, random), mirrored)).to(dtype))

    def inputs_none(self, dtype, random):
        return dict(boxes1=torch.zeros(0, 8, 3, dtype=dtype), boxes2=random_boxes(2, random).to(dtype))

    def reference(self, boxes1, boxes2):
        return tuple(x.to(boxes1.dtype) for x in overlaps(boxes1, boxes2))

    def cuda_close(self, result, expected, dtype):
        assert same(result.cpu(), expected)

    errors = [
        (dict(boxes1=torch.zeros(2, 4, 3)), r"iou_box3d: expected boxes1 to have shape \[N, 8, 3\] = \[\*, 8, 3\], but got \[2, 4, 3\]"),
        (dict(boxes2=UNIT[None]), "iou_box3d: expected boxes2 to be float32 as boxes1, but got float64"),
        (dict(eps=-1.0), "iou_box3d: expected eps to be at least 0, but got -1"),
        (dict(boxes1=torch.full((1, 8, 3), math.nan)), "iou_box3d: expected the coordinates of boxes1 to be finite, but those of box 0 are not"),
        (dict(boxes2=torch.zeros(1, 8, 3)), "iou_box3d: expected each face of boxes2 to have an area, but box 0 is flat"),
    ]


def turned_boxes(count, size, offset, dtype):
    random = random_of(5)
    directions = torch.nn.functional.normalize(random(count, 1, 3, dtype=torch.float64), dim=2)
    return (size * random_boxes(count, random, spread=0.1) + offset * directions).to(dtype)


# But for boxes without a size in their dtype.
SIZED = [(dtype, size, offset) for dtype in (torch.float32, torch.float64) for size in (1e-3, 1e-1, 1, 1e4) for offset in (0, 1e5)
         if offset * torch.finfo(dtype).eps <= size / 4]  # fmt: skip


@pytest.mark.parametrize("dtype,size,offset", SIZED)
def test_a_box_with_itself_is_exactly_1(dtype, size, offset):
    boxes = turned_boxes(40, size, offset, dtype)
    vol, iou = iou_box3d(boxes, boxes)
    assert (iou.diagonal() == 1).all()
    assert (iou <= 1).all() and (iou >= 0).all() and iou.isfinite().all()
    upright = (size * UNIT + offset).to(dtype)[None]
    assert iou_box3d(upright, upright)[1].item() == 1


@pytest.mark.parametrize("offset", [0, 1e5])
@pytest.mark.parametrize("size", [1e-3, 1, 1e4])
def test_boxes_with_coplanar_faces(size, offset):
    """Shifted along one, two or three of their axes, turned together: the overlap is a product."""
    random = random_of(7)
    shifts = torch.rand(30, 3, generator=random.generator, dtype=torch.float64)
    shifts[:10, :2] = 0
    shifts[10:20, 0] = 0
    rotation = rotations(30, random)
    first = size * (UNIT @ rotation) + offset
    second = first + size * (shifts[:, None] @ rotation)
    expected = (1 - shifts).prod(1)
    for a, b in ((first, second), (second, first)):
        vol, iou = iou_box3d(a, b)
        torch.testing.assert_close(vol.diagonal() / size**3, expected, rtol=1e-6 if offset else 1e-11, atol=1e-6 if size < 1 and offset else 1e-10)
        torch.testing.assert_close(iou.diagonal(), expected / (2 - expected), rtol=1e-6, atol=1e-6)


def test_faces_that_are_almost_coplanar():
    """Shifted by multiples of half a side, and turned by 1 to 1e-16 of a small angle."""
    random = random_of(8)
    shifts = torch.randint(-2, 3, (200, 3), generator=random.generator) / 2
    angles = 10.0 ** -(torch.arange(200, dtype=torch.float64) % 17)[:, None]
    x, y, z = (1e-2 * angles * random(200, 3, dtype=torch.float64)).unbind(1)
    zero = torch.zeros(200, dtype=torch.float64)
    turns = torch.linalg.matrix_exp(torch.stack((zero, -z, y, z, zero, -x, -y, x, zero), 1).reshape(200, 3, 3))
    rotation = rotations(200, random)
    first, second = (UNIT - 0.5) @ rotation, ((UNIT - 0.5) @ turns + shifts[:, None]) @ rotation
    expected = (1 - shifts.abs()).clamp_min(0).prod(1).double()
    there, back = (iou_box3d(*pair)[0].diagonal() for pair in ((first, second), (second, first)))
    torch.testing.assert_close(there, back, rtol=0, atol=1e-13)
    assert ((there - expected).abs() <= 0.1 * angles[:, 0] + 1e-12).all()


def test_boxes_that_touch_or_contain_each_other():
    boxes = torch.stack((UNIT, UNIT + torch.tensor([1.0, 0, 0]), UNIT + torch.tensor([1.0, 1, 1]), UNIT / 2, UNIT / 4 + 0.3, UNIT + 5)).float()
    vol, iou = iou_box3d(boxes[:1], boxes)
    torch.testing.assert_close(vol, torch.tensor([[1, 0, 0, 1 / 8, 1 / 64, 0]]))
    torch.testing.assert_close(iou, torch.tensor([[1, 0, 0, 1 / 8, 1 / 64, 0]]))


def test_boxes_that_are_almost_equal_stay_below_1():
    random = random_of(3)
    boxes = random_boxes(60, random)
    moves = 10.0 ** -(torch.arange(60) % 20)[:, None, None]
    for dtype in (torch.float32, torch.float64):
        moved = (boxes @ (torch.eye(3).double() + 0.1 * moves * (rotations(60, random) - torch.eye(3)))).to(dtype)
        near = (boxes.to(dtype), (boxes + moves * random(60, 1, 3, dtype=torch.float64)).to(dtype))
        for a, b in (near, near[::-1]):
            vol, iou = iou_box3d(a, b)
            assert (iou <= 1).all() and (iou.diagonal()[moves.flatten() < 1e-6] > 0.9999).all()
        assert (iou_box3d(boxes.to(dtype), moved, eps=1.0)[1] <= 1).all()


def test_results_are_symmetric():
    boxes = random_boxes(12, random_of(2))
    vol, iou = iou_box3d(boxes, boxes)
    torch.testing.assert_close(vol, vol.T, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(iou, iou.T, rtol=1e-12, atol=1e-14)


def test_random_points_agree():
    random = random_of(11)
    boxes = random_boxes(4, random, spread=0.2)
    points = 2 * torch.rand(400_000, 3, generator=random.generator, dtype=torch.float64) - 1

    def inside(box):
        edges = torch.stack((box[1] - box[0], box[3] - box[0], box[4] - box[0]))
        local = (points - box[0]) @ torch.linalg.inv(edges)
        return ((local >= 0) & (local <= 1)).all(1)

    in_box = torch.stack([inside(box) for box in boxes])
    expected = (in_box[:, None] & in_box[None]).double().mean(2) * 8
    within = boxes.abs().amax((1, 2)) < 1
    assert within.any()
    vol = iou_box3d(boxes, boxes)[0]
    torch.testing.assert_close(vol[within], expected[within], rtol=0, atol=0.03)


def test_a_thin_box_is_permitted():
    thin = UNIT * torch.tensor([1.0, 1, 1e-6], dtype=torch.float64)
    vol, iou = iou_box3d(thin[None], torch.stack((thin, UNIT)))
    torch.testing.assert_close(vol, torch.full((1, 2), 1e-6, dtype=torch.float64), rtol=1e-9, atol=0)
    torch.testing.assert_close(iou, torch.tensor([[1, 1e-6]], dtype=torch.float64), rtol=1e-9, atol=0)


def test_corners_that_are_not_coplanar():
    boxes = torch.stack((UNIT, UNIT.clone()))
    boxes[1, 6] += 0.01
    with pytest.raises(RuntimeError, match="expected the corners of each face of boxes2 to be coplanar within eps = 0.0001 of the box's size, but those of box 1"):
        iou_box3d(boxes[:1], boxes)
    for size in (1e-3, 1e4):  # eps is relative to the size
        with pytest.raises(RuntimeError, match="coplanar"):
            iou_box3d(size * boxes, boxes[:1])
    assert iou_box3d(boxes, boxes, eps=0.05)[1].diagonal().tolist() == [1, 1]


def test_corners_in_another_order():
    crossed = UNIT[[0, 2, 1, 3, 4, 6, 5, 7]]
    inside_out = UNIT.clone()
    inside_out[4:, 2] = -1  # still a box, mirrored
    assert iou_box3d(inside_out[None], UNIT[None])[0].item() == 0
    with pytest.raises(RuntimeError, match="expected each face of boxes1 to have an area, but box 0 is flat"):
        iou_box3d(crossed[None], UNIT[None])
    dart = UNIT.clone()
    dart[2::4, :2] = 0.2
    with pytest.raises(RuntimeError, match="expected boxes1 to be convex within eps = 0.0001 of their size, with the corners in order, but box 0 is not"):
        iou_box3d(dart[None], UNIT[None])


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e200])
def test_coordinates_that_are_not_finite(bad):
    boxes = torch.stack((UNIT, UNIT))
    boxes[1, 3, 1] = bad
    with pytest.raises(RuntimeError, match="expected the coordinates of boxes2 to be finite, but those of box 1 are not"):
        iou_box3d(UNIT[None], boxes)


def test_cpp_has_the_same_options():
    boxes = torch.stack((UNIT, UNIT + 0.3))
    assert all(torch.equal(a, b) for a, b in zip(functions.iou_box3d(boxes, boxes), iou_box3d(boxes, boxes), strict=True))
    boxes[1, 6] += 0.01
    with pytest.raises(RuntimeError, match="coplanar"):
        functions.iou_box3d(boxes, boxes)
    functions.iou_box3d(boxes, boxes, 0.05)


@pytest.mark.cuda
def test_cuda_raises_the_same_errors():
    boxes = torch.stack((UNIT, UNIT, UNIT)).float()
    boxes[2, 6] += 0.01
    with pytest.raises(RuntimeError, match="boxes2 to be coplanar .* those of box 2"):
        iou_box3d(UNIT[None].float().cuda(), boxes.cuda())


@pytest.mark.cuda
def test_cuda_gives_the_same_bits_for_hard_boxes():
    boxes = torch.cat((turned_boxes(4, 1, 1e5, torch.float32), (UNIT + 1e5).float()[None]))
    for result, expected in zip(iou_box3d(boxes.cuda(), boxes.cuda()), iou_box3d(boxes, boxes), strict=True):
        assert same(result.cpu(), expected)
