"""chamfer_distance, against the same out of all distances in plain torch."""

import itertools

import pytest
import torch

from tests.testing.functions import functions

NAN = float("nan")


def clouds(dtype=torch.float64, D=3, lengths=((7, 4, 1), (9, 2, 5))):
    """Ragged clouds with normals and weights; what is beyond a length is NaN."""
    g = torch.Generator().manual_seed(0)
    random = lambda *sizes: torch.randn(*sizes, generator=g, dtype=dtype)
    x, y, x_normals, y_normals = random(3, 7, D), random(3, 9, D), random(3, 7, 3), random(3, 9, 3)
    x_lengths, y_lengths = (torch.tensor(each) for each in lengths)
    return dict(x=x, y=y, x_lengths=x_lengths, y_lengths=y_lengths, x_normals=x_normals, y_normals=y_normals,
                weights=torch.tensor([0.5, 2.0, 0.0], dtype=dtype))


def one_direction(x, y, x_normals, y_normals, norm, abs_cosine):
    """Of one pair of clouds: the losses of the points of x."""
    if len(x) == 0 or len(y) == 0:
        return x.sum(1) * 0, x.new_ones(len(x))
    diff = x[:, None] - y
    dists, idx = (diff.square() if norm == 2 else diff.abs()).sum(2).min(1)
    if x_normals is None:
        return dists, None
    a, b = x_normals, y_normals[idx]
    cosine = (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1))
    return dists, 1 - (cosine.abs() if abs_cosine else cosine)


def reduced(losses, how, size):
    if how == "max":
        return losses.max() if len(losses) else losses.sum()
    if how is None:
        return torch.nn.functional.pad(losses, (0, size - len(losses)))
    return losses.sum() / (max(len(losses), 1) if how == "mean" else 1)


def reference(x, y, x_lengths=None, y_lengths=None, x_normals=None, y_normals=None, weights=None, batch_reduction="mean",
              point_reduction="mean", norm=2, single_directional=False, abs_cosine=True):
    with_normals = x_normals is not None and y_normals is not None
    losses = [[], [], [], []]  # from x, normals from x, from y, normals from y
    for n in range(len(x)):
        a, b = (slice(None if lengths is None else int(lengths[n])) for lengths in (x_lengths, y_lengths))
        normals = (x_normals[n, a], y_normals[n, b]) if with_normals else (None, None)
        sides = one_direction(x[n, a], y[n, b], *normals, norm, abs_cosine), one_direction(y[n, b], x[n, a], *normals[::-1], norm, abs_cosine)
        for i, loss in enumerate((*sides[0], *sides[1])):
            if loss is not None:
                losses[i].append((1 if weights is None else weights[n]) * reduced(loss, point_reduction, (x, y)[i // 2].shape[1]))
    from_x, normals_x, from_y, normals_y = (torch.stack(each) if each else None for each in losses)
    if point_reduction is None:
        return [from_x, normals_x] + ([None, None] if single_directional else [from_y, normals_y])
    if not single_directional:
        from_x = torch.maximum(from_x, from_y) if point_reduction == "max" else from_x + from_y
        normals_x = None if normals_x is None else normals_x + normals_y
    total = weights.sum() if weights is not None else max(len(x), 1)
    results = [from_x, normals_x]
    if batch_reduction:
        results = [None if each is None else each.sum() / (total if batch_reduction == "mean" else 1) for each in results]
    return [*results, None, None]


def check(**arguments):
    ours, expected = functions.chamfer_distance(**arguments), reference(**arguments)
    for a, b in zip(ours, expected, strict=True):
        torch.testing.assert_close(a, torch.empty(0) if b is None else b)
    return ours


REDUCTIONS = [*itertools.product(("mean", "sum", None), ("mean", "sum", "max")), (None, None)]


@pytest.mark.parametrize("batch_reduction,point_reduction", REDUCTIONS)
@pytest.mark.parametrize("norm,single_directional,abs_cosine", [(2, False, True), (1, False, False), (2, True, False), (1, True, True)])
def test_every_option(batch_reduction, point_reduction, norm, single_directional, abs_cosine):
    options = dict(batch_reduction=batch_reduction, point_reduction=point_reduction, norm=norm, single_directional=single_directional)
    case = clouds()
    normals = {name: case.pop(name) for name in ("x_normals", "y_normals")}
    check(**case, **options)
    if point_reduction != "max":
        check(**case, **normals, **options, abs_cosine=abs_cosine)
    del case["weights"], case["x_lengths"]
    check(**case, **options)


@pytest.mark.parametrize("D", [1, 2, 10])
def test_any_number_of_coordinates(D):
    check(**clouds(D=D))
    check(**clouds(torch.float32, D=D))


def test_what_lies_beyond_a_length_is_not_looked_at():
    case = clouds()
    expected = functions.chamfer_distance(**case)
    for name, lengths in (("x", "x_lengths"), ("y", "y_lengths"), ("x_normals", "x_lengths"), ("y_normals", "y_lengths")):
        for n, length in enumerate(case[lengths]):
            case[name][n, length:] = NAN
        case[name].requires_grad_()
    ours = functions.chamfer_distance(**case)
    for a, b in zip(ours, expected, strict=True):
        torch.testing.assert_close(a, b)
    gradients = torch.autograd.grad(ours[0], [case["x"], case["y"]])
    assert all(gradient.isfinite().all() for gradient in gradients)


@pytest.mark.parametrize("point_reduction", ["mean", "sum", "max", None])
def test_gradients(point_reduction):
    case = clouds()
    case["weights"] += 0.1
    if point_reduction == "max":
        del case["x_normals"], case["y_normals"]
    names = [name for name in ("x", "y", "x_normals", "y_normals", "weights") if name in case]

    def losses(*tensors):
        options = dict(batch_reduction=None, point_reduction=point_reduction) if point_reduction is None else dict(point_reduction=point_reduction)
        return [loss for loss in functions.chamfer_distance(**{**case, **dict(zip(names, tensors))}, **options) if loss.numel() > 0]

    assert torch.autograd.gradcheck(losses, [case[name].requires_grad_() for name in names])


def test_clouds_without_points():
    case = clouds(lengths=((7, 0, 3), (0, 2, 5)))
    for options in (dict(), dict(point_reduction="sum", batch_reduction=None), dict(point_reduction=None, batch_reduction=None)):
        check(**case, **options)
    case = dict(x=torch.zeros(2, 0, 3), y=torch.ones(2, 4, 3))
    for point_reduction in ("mean", "sum", "max"):
        assert functions.chamfer_distance(**case, point_reduction=point_reduction)[0] == 0
    assert functions.chamfer_distance(torch.zeros(0, 2, 3), torch.zeros(0, 4, 3))[0] == 0


def test_equal_clouds_and_equal_normals():
    case = clouds()
    loss, loss_normals, *_ = functions.chamfer_distance(case["x"], case["x"], x_normals=case["x_normals"], y_normals=-2 * case["x_normals"])
    assert loss == 0
    torch.testing.assert_close(loss_normals, torch.zeros_like(loss))
    opposite = functions.chamfer_distance(case["x"], case["x"], x_normals=case["x_normals"], y_normals=-case["x_normals"], abs_cosine=False)
    torch.testing.assert_close(opposite[1], torch.full_like(loss, 4))  # 2 in each direction


def test_normals_of_length_zero_count_as_perpendicular():
    x = torch.zeros(1, 2, 3)
    assert functions.chamfer_distance(x, x, x_normals=x, y_normals=x)[1] == 2


def test_normals_of_one_cloud_only_are_not_used():
    case = clouds()
    del case["y_normals"]
    assert functions.chamfer_distance(**case)[1].numel() == 0


@pytest.mark.parametrize("batch_reduction", ["mean", "sum", None])
def test_all_weights_zero(batch_reduction):
    case = clouds()
    case["weights"] = torch.zeros(3, dtype=torch.float64)
    case["x"].requires_grad_()
    losses = functions.chamfer_distance(**case, batch_reduction=batch_reduction)[:2]
    assert not any(loss.any() for loss in losses)
    sum(loss.sum() for loss in losses).backward()
    assert not case["x"].grad.any()


GOOD = clouds(torch.float32)


@pytest.mark.parametrize("replaced,message", [
    (dict(x=torch.zeros(7, 3)), r"expected x to have 3 dimensions, but got \[7, 3\]"),
    (dict(y=torch.zeros(3, 9, 2)), r"expected x \[N, P1, D\] and y \[N, P2, D\], but y has the sizes \[3, 9, 2\]"),
    (dict(y=torch.zeros(2, 9, 3)), r"expected x \[N, P1, D\] and y \[N, P2, D\], but y has the sizes \[2, 9, 3\]"),
    (dict(x_lengths=torch.tensor([7, 4])), r"expected x_lengths to be int64 \[3\], but got long int \[2\]"),
    (dict(y_lengths=torch.tensor([9.0, 2, 5])), r"expected y_lengths to be int64 \[3\], but got float \[3\]"),
    (dict(y_lengths=torch.tensor([10, 2, 5])), r"expected y_lengths to lie in \[0, 9\], but got 2 to 10"),
    (dict(x_lengths=torch.tensor([-1, 2, 5])), r"expected x_lengths to lie in \[0, 7\], but got -1 to 5"),
    (dict(x_normals=torch.zeros(3, 6, 3)), r"expected x_normals to be float \[3, 7, C\], but got float \[3, 6, 3\]"),
    (dict(y_normals=torch.zeros(3, 9, 3).double()), r"expected y_normals to be float \[3, 9, C\], but got double \[3, 9, 3\]"),
    (dict(y_normals=torch.zeros(3, 9, 2)), r"expected y_normals to have 3 coordinates as x_normals, but got 2"),
    (dict(weights=torch.ones(2)), r"expected weights to be float \[3\], but got float \[2\]"),
    (dict(weights=torch.ones(3).long()), r"expected weights to be float \[3\], but got long int \[3\]"),
    (dict(weights=torch.tensor([1, -0.5, 0])), "expected no weight to be negative or NaN"),
    (dict(weights=torch.tensor([1, NAN, 0])), "expected no weight to be negative or NaN"),
    (dict(norm=3), "expected norm to be 1 or 2, but got 3"),
    (dict(point_reduction="min"), "expected point_reduction to be mean, sum, max or none, but got 'min'"),
    (dict(batch_reduction="max"), "expected batch_reduction to be mean, sum or none, but got 'max'"),
    (dict(point_reduction=None), "expected batch_reduction to be none where point_reduction is none, but got 'mean'"),
    (dict(point_reduction="max"), "expected no normals where point_reduction is max"),
    (dict(x=GOOD["x"].half()), "knn_points: expected p1 to be float32 or float64, but got float16"),
])
def test_error_messages(replaced, message):
    if replaced.keys() == {"x"} and replaced["x"].dtype == torch.float16:
        case = dict(x=replaced["x"], y=GOOD["y"].half())
    else:
        case = {**GOOD, **replaced}
    with pytest.raises(RuntimeError, match=message):
        functions.chamfer_distance(**case)
