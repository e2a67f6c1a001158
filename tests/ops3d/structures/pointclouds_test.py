"""Pointclouds (ops3d/structures/pointclouds.h) against plain torch."""

import pytest
import torch

from tests.testing.functions import functions  # noqa: F401 (loads the library)

Pointclouds = torch.classes.bisque_functions.Pointclouds

SIZES = [4, 0, 7, 1, 0]
N = len(SIZES)


def random_list(columns, sizes=SIZES, dtype=torch.float32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(size, columns, dtype=dtype, generator=generator) for size in sizes]


POINTS, NORMALS, FEATURES = random_list(3), random_list(3, seed=1), random_list(5, seed=2)


def clouds():
    return Pointclouds(POINTS, NORMALS, FEATURES)


def padded(parts):
    return torch.nn.utils.rnn.pad_sequence(parts, batch_first=True)


def check_forms(clouds, points, normals=None, features=None):
    sizes = torch.tensor([len(cloud) for cloud in points])
    longest = int(sizes.max())
    expected = {
        "num_points_per_cloud": sizes,
        "cloud_to_packed_first_idx": sizes.cumsum(0) - sizes,
        "packed_to_cloud_idx": torch.arange(len(points)).repeat_interleave(sizes),
        "padded_to_packed_idx": torch.tensor([i * longest + j for i, size in enumerate(sizes.tolist()) for j in range(size)], dtype=torch.long),
        "valid": sizes > 0,
    }
    for name, parts in (("points", points), ("normals", normals), ("features", features)):
        expected |= {f"{name}_list": parts or [], f"{name}_packed": parts and torch.cat(parts), f"{name}_padded": parts and padded(parts)}
    assert clouds.size() == len(points)
    for name, result in expected.items():
        got = getattr(clouds, name)()
        if isinstance(result, torch.Tensor):
            assert got.dtype == result.dtype and torch.equal(got, result), name
        else:
            assert result == got if not result else all(map(torch.equal, got, result)), name


def check_selected(changed, order):
    check_forms(changed, [POINTS[i] for i in order], [NORMALS[i] for i in order], [FEATURES[i] for i in order])


@pytest.mark.parametrize("sizes", [SIZES, [5], [3, 3], [0, 0]])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_list(sizes, dtype):
    points, normals, features = (random_list(columns, sizes, dtype) for columns in (3, 3, 2))
    check_forms(Pointclouds(points), points)
    check_forms(Pointclouds(points, normals), points, normals)
    check_forms(Pointclouds(points, [], features), points, None, features)
    assert Pointclouds(points).isempty() == (sum(sizes) == 0)
    assert Pointclouds(points).equisized() == (len(set(sizes)) == 1)


@pytest.mark.parametrize("index_dtype", [torch.int32, torch.int64])
def test_padded_with_lengths(index_dtype):
    extra = [torch.nn.functional.pad(padded(parts), (0, 0, 0, 2), value=torch.nan) for parts in (POINTS, NORMALS, FEATURES)]
    check_selected(Pointclouds.padded(*extra, torch.tensor(SIZES, dtype=index_dtype)), range(N))


def test_padded_without_lengths():
    points = torch.randn(2, 4, 3)
    check_forms(Pointclouds.padded(points, None, None, None), list(points))


def test_tensors_of_one_cloud():
    check_forms(Pointclouds.padded(POINTS[0], NORMALS[0], FEATURES[0], None), POINTS[:1], NORMALS[:1], FEATURES[:1])


def test_no_clouds():
    for empty in (Pointclouds([]), Pointclouds.padded(torch.zeros(0, 4, 3), None, None, None)):
        assert empty.size() == 0 and empty.isempty() and not empty.equisized()
        assert empty.points_packed().shape == (0, 3) and empty.points_padded().shape == (0, 0, 3) and empty.points_list() == []
        assert empty.get_bounding_boxes().shape == (0, 3, 2)
        assert empty.subsample([], torch.zeros(0)).size() == 0


def test_empty_tensor_is_an_empty_cloud():
    check_forms(Pointclouds([POINTS[0], torch.zeros(0)], [], [FEATURES[0], torch.zeros(0)]), [POINTS[0], torch.zeros(0, 3)], None, [FEATURES[0], torch.zeros(0, 5)])


def test_index_split_extend_join():
    for order in ([2], [3, 0, 0], [-1, -5]):
        check_selected(clouds().at_list(order), order)
        check_selected(clouds().at_tensor(torch.tensor(order)), order)
    check_selected(clouds().at(-3), [2])
    check_selected(clouds().at_tensor(torch.tensor([True, False, True, False, True])), [0, 2, 4])
    assert clouds().at_list([]).size() == 0
    check_selected(clouds().extend(2), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    parts = clouds().split([3, 0, 2])
    check_selected(parts[0], [0, 1, 2])
    check_selected(Pointclouds.join_as_batch(parts), range(N))
    scene = [[torch.cat(parts)] for parts in (POINTS, NORMALS, FEATURES)]
    check_forms(Pointclouds.join_as_scene(parts), *scene)
    assert Pointclouds.join_as_scene([Pointclouds([])]).size() == 1


def test_get_cloud():
    assert all(map(torch.equal, clouds().get_cloud(-3), (POINTS[2], NORMALS[2], FEATURES[2])))
    points, normals, features = Pointclouds(POINTS).get_cloud(0)
    assert torch.equal(points, POINTS[0]) and normals is None and features is None


def test_subsample_takes_the_least_numbers_in_order():
    random = torch.rand(sum(SIZES), generator=torch.Generator().manual_seed(3))
    most = [2, 3, 4, 0, 1]
    rows = [part.argsort()[:k].sort().values for part, k in zip(random.split(SIZES), most)]
    lists = [[part[row] for part, row in zip(parts, rows)] for parts in (POINTS, NORMALS, FEATURES)]
    check_forms(clouds().subsample(most, random), *lists)
    check_selected(clouds().subsample([100] * N, random), range(N))


def test_bounding_boxes():
    boxes = [torch.stack([p.amin(0), p.amax(0)], 1) if len(p) else torch.tensor([[torch.inf, -torch.inf]] * 3) for p in POINTS]
    assert torch.equal(clouds().get_bounding_boxes(), torch.stack(boxes))


def test_inside_box():
    box = torch.stack([torch.cat(POINTS).mean(0) - 0.5, torch.cat(POINTS)[0].maximum(torch.cat(POINTS).mean(0))])  # a point is on its border
    boxes = torch.stack([box + 0.1 * i for i in range(N)])
    inside = lambda points, b: ((points >= b[0]) & (points <= b[1])).all(1)  # noqa: E731
    assert torch.equal(clouds().inside_box(box), inside(torch.cat(POINTS), box))
    assert torch.equal(clouds().inside_box(boxes), torch.cat([inside(p, b) for p, b in zip(POINTS, boxes)]))


def test_offset_scale_update():
    points = torch.cat(POINTS)
    offsets, scale = torch.randn_like(points), torch.rand(N)
    check = lambda changed, packed: check_forms(changed, list(packed.split(SIZES)), NORMALS, FEATURES)  # noqa: E731
    check(clouds().offset(offsets), points + offsets)
    check(clouds().offset(offsets[0]), points + offsets[0])
    check(clouds().scale(scale), points * scale.repeat_interleave(torch.tensor(SIZES))[:, None])
    check(clouds().scale(torch.tensor(2.0)), points * 2)
    check(clouds().update_padded(clouds().points_padded() + 1, None, None), points + 1)
    replaced = clouds().update_padded(clouds().points_padded(), clouds().points_padded(), clouds().points_padded())
    check_forms(replaced, POINTS, POINTS, POINTS)
    moved = clouds()
    moved.offset_(torch.ones(3))
    moved.scale_(0.5)
    check(moved, (points + 1) * 0.5)


def test_clone_detach_to():
    leaf = POINTS[0].clone().requires_grad_()
    source = Pointclouds([leaf])
    assert source.clone().points_packed().data_ptr() != source.points_packed().data_ptr()
    source.clone().points_padded().sum().backward()
    assert torch.equal(leaf.grad, torch.ones_like(leaf))
    assert not source.detach().points_packed().requires_grad
    doubles = [[part.double() for part in parts] for parts in (POINTS, NORMALS, FEATURES)]
    check_forms(clouds().to(torch.float64), *doubles)
    assert source.to_device(torch.device("meta")).points_packed().device.type == "meta"


def test_gradients():
    points, features = random_list(3, [2, 0, 3], torch.float64), random_list(2, [2, 0, 3], torch.float64, seed=1)
    random = torch.rand(5, generator=torch.Generator().manual_seed(3))

    def function(*leaves):
        source = Pointclouds(list(leaves[:3]), [], list(leaves[3:]))
        changed = [source, source.at_list([2, 1]), source.subsample([1, 1, 2], random), source.scale(leaves[0][0])]
        return tuple(result for part in changed for result in (part.points_padded(), part.features_padded()))

    assert torch.autograd.gradcheck(function, [leaf.requires_grad_() for leaf in (*points, *features)])


P3 = torch.zeros(2, 3)
ERRORS = [
    (lambda: Pointclouds([torch.zeros(2, 4)]), r"Pointclouds: expected points of cloud 0 to have shape \[P, 3\], but got \[2, 4\]"),
    (lambda: Pointclouds([P3.half()]), "Pointclouds: expected points to be float32 or float64, but got Half"),
    (lambda: Pointclouds([P3], [P3, P3]), "Pointclouds: expected normals of 1 clouds, but got 2"),
    (lambda: Pointclouds([P3], [P3[:1]]), "Pointclouds: expected normals of the 2 points of cloud 0, but got 1"),
    (lambda: Pointclouds([P3, P3], [], [P3, P3[:, :2]]), r"Pointclouds: expected features of cloud 0 to have shape \[P, 2\], but got \[2, 3\]"),
    (lambda: Pointclouds([P3], [], [P3.double()]), "Pointclouds: expected all points, normals and features to have one dtype, but got Float points and Double features"),
    (lambda: Pointclouds([P3], [], [P3.to("meta")]), "but got points on cpu and features on meta"),
    (lambda: Pointclouds([], [P3]), "Pointclouds: expected normals of 0 clouds, but got 1"),
    (lambda: Pointclouds.padded(P3[0], None, None, None), r"Pointclouds: expected points to have shape \[N, P, 3\], but got \[3\]"),
    (lambda: Pointclouds.padded(P3[None], P3[None, :1], None, None), r"Pointclouds: expected normals to have shape \[1, 2, 3\], but got \[1, 1, 3\]"),
    (lambda: Pointclouds.padded(P3[None], None, P3, None), r"Pointclouds: expected features to have shape \[1, 2, C\], but got \[2, 3\]"),
    (lambda: Pointclouds.padded(P3[None], None, None, torch.tensor([3])), r"Pointclouds: expected lengths to be 1 numbers in \[0, 2\], but got 1 up to 3"),
    (lambda: Pointclouds.padded(P3[None], None, None, torch.tensor([-1])), "Pointclouds: expected lengths of 0 or more, but got -1"),
    (lambda: Pointclouds.padded(P3[None], None, None, torch.tensor([1.0])), r"Pointclouds: expected lengths to be integers \[N\], but got Float \[1\]"),
    (lambda: clouds().at(5), r"Pointclouds: expected an index in \[-5, 5\), but got 5"),
    (lambda: clouds().split([1]), "Pointclouds::split: expected sizes that add up to 5, but their sum is 1"),
    (lambda: clouds().extend(-1), "Pointclouds::extend: expected a count of 1 or more, but got -1"),
    (lambda: clouds().subsample([1], torch.zeros(12)), "Pointclouds::subsample: expected max_points of 5 clouds, but got 1"),
    (lambda: clouds().subsample([1] * 5, torch.zeros(3)), r"Pointclouds::subsample: expected random to have shape \[12\], but got \[3\]"),
    (lambda: clouds().subsample([-1] * 5, torch.zeros(12)), "Pointclouds::subsample: expected max_points of 0 or more, but got -1"),
    (lambda: clouds().inside_box(torch.zeros(3, 3)), r"Pointclouds::inside_box: expected box to have shape \[2, 3\] or \[5, 2, 3\], but got \[3, 3\]"),
    (lambda: clouds().inside_box(torch.tensor([[0.0, 1, 0], [1, 0, 1]])), "expected the first corner of box to be the least, but it is greater than the second"),
    (lambda: clouds().offset(torch.zeros(4)), r"Pointclouds::offset: expected offsets to have shape \[3\] or \[12, 3\], but got \[4\]"),
    (lambda: clouds().scale(torch.zeros(4)), r"Pointclouds::scale: expected scale to have shape \[\] or \[5\], but got \[4\]"),
    (lambda: clouds().to(torch.int64), "Pointclouds::to: expected float32 or float64, but got Long"),
    (lambda: clouds().update_padded(torch.zeros(5, 3, 3), None, None), r"Pointclouds::update_padded: expected points to be Float \[5, 7, 3\] on cpu, but got Float \[5, 3, 3\] on cpu"),
    (lambda: clouds().update_padded(torch.zeros(5, 7, 3), torch.zeros(5, 3, 3), None), r"expected normals to have shape \[5, 7, 3\], but got \[5, 3, 3\]"),
    (lambda: Pointclouds.join_as_batch([clouds(), Pointclouds(POINTS)]), "join_pointclouds_as_batch: expected all clouds or none to have normals, but only some have"),
    (lambda: Pointclouds.join_as_batch([clouds(), Pointclouds(POINTS, NORMALS, NORMALS)]), "expected clouds with the same number of features, but got 5 and 3"),
    (lambda: Pointclouds.join_as_batch([clouds(), clouds().to(torch.float64)]), "expected clouds of one dtype and device, but got Float on cpu and Double on cpu"),
]


@pytest.mark.parametrize("make, message", ERRORS, ids=range(len(ERRORS)))
def test_errors(make, message):
    with pytest.raises(RuntimeError, match=message):
        make()
