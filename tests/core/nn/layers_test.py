"""Compares layers and init functions of core/nn with those of torch.nn, in one process: the same numbers, results and messages."""

import pytest
import torch

from tests.build import BUILD

torch.ops.load_library(BUILD / "tests" / "liblayers_probe.so")
probe = torch.ops.bisque_layers_probe
EXPRESSIONS = probe.expressions()


def twins(index):
    """Our layer's handle and torch's layer, made from the same random numbers."""
    torch.manual_seed(index)
    ours = probe.make(index)
    torch.manual_seed(index)
    return ours, eval(EXPRESSIONS[index], vars(torch.nn))  # noqa: S307


def named(lists):
    return dict(zip(*lists, strict=True))


def input_for(index, dtype=torch.float32):
    generator = torch.Generator().manual_seed(7)
    sizes = probe.input_of(index)
    if EXPRESSIONS[index].startswith("Embedding"):
        return torch.randint(10, sizes, generator=generator)
    return torch.randn(sizes, generator=generator, dtype=dtype)


def run(call, layer_parameters, x):
    """The result, and the gradients of a weighted sum of it by the input and the parameters."""
    torch.manual_seed(3)  # of dropout
    leaf = x.clone().requires_grad_(x.is_floating_point())
    y = call(leaf.clone() if x.is_floating_point() else leaf)
    leaves = [*layer_parameters, *([leaf] if leaf.requires_grad else [])]
    if not leaves or not y.requires_grad:
        return [y]
    weight = torch.randn(y.shape, generator=torch.Generator().manual_seed(9), dtype=torch.float32).to(y.dtype)
    return [y, *torch.autograd.grad((y * weight).sum(), leaves)]


def compare(ours, theirs, **tolerance):
    for a, b in zip(ours, theirs, strict=True):
        if a.is_sparse:
            a, b = a.to_dense(), b.to_dense()
        torch.testing.assert_close(a, b, **tolerance)


INDICES = pytest.mark.parametrize("index", range(len(EXPRESSIONS)), ids=lambda i: f"{EXPRESSIONS[i]} of {probe.input_of(i)}")
NORMS = pytest.mark.parametrize("index", [i for i, text in enumerate(EXPRESSIONS) if "Norm" in text], ids=lambda i: EXPRESSIONS[i])


@INDICES
def test_same_words_names_and_first_values(index):
    ours, theirs = twins(index)
    assert probe.repr(ours) == repr(theirs)
    for a, b in ((probe.parameters(ours), theirs.named_parameters()), (probe.buffers(ours), theirs.named_buffers())):
        a, b = named(a), dict(b)
        assert list(a) == list(b)
        for name in a:
            assert torch.equal(a[name], b[name]) and a[name].dtype == b[name].dtype, name
            assert a[name].requires_grad == b[name].requires_grad


@INDICES
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("training", [True, False])
def test_same_results_and_gradients(index, dtype, training):
    ours, theirs = twins(index)
    if dtype == torch.float64:
        probe.double_(ours)
        theirs.double()
    for _ in range(2):  # training moves what eval mode uses
        x = input_for(index, dtype)
        run(lambda x: probe.call(ours, x), [], x)
        run(theirs, [], x)
    probe.train(ours, training)
    theirs.train(training)
    results = run(lambda x: probe.call(ours, x), named(probe.parameters(ours)).values(), x)
    expected = run(theirs, list(theirs.parameters()), x)
    compare(results, expected, **(dict(rtol=1e-5, atol=1e-5) if dtype == torch.float32 else dict(rtol=1e-10, atol=1e-12)))
    compare(named(probe.buffers(ours)).values(), [b for _, b in theirs.named_buffers()], rtol=1e-5, atol=1e-6)


@NORMS
@pytest.mark.parametrize("training", [True, False])
def test_gradients_equal_finite_differences(index, training):
    ours, _ = twins(index)
    probe.double_(ours)
    probe.call(ours, input_for(index, torch.float64))
    probe.train(ours, training)
    x = input_for(index, torch.float64).requires_grad_()
    parameters = list(named(probe.parameters(ours)).values())
    with torch.no_grad():
        for parameter in parameters:
            parameter.uniform_(0.5, 1.5)
    assert torch.autograd.gradcheck(lambda x, *_: probe.call(ours, x), (x, *parameters))


@NORMS
@pytest.mark.parametrize("training", [True, False])
def test_second_derivatives_are_torchs(index, training):
    ours, theirs = twins(index)
    probe.double_(ours)
    theirs.double()
    x = input_for(index, torch.float64)
    for call in (lambda x: probe.call(ours, x), theirs):  # training moves what eval mode uses
        call(x)
    probe.train(ours, training)
    theirs.train(training)
    results = []
    for call, parameters in ((lambda x: probe.call(ours, x), named(probe.parameters(ours)).values()), (theirs, theirs.parameters())):
        leaves = [x.clone().requires_grad_(), *parameters]
        penalty = sum(gradient.square().sum() for gradient in torch.autograd.grad(call(leaves[0]).sin().sum(), leaves, create_graph=True))
        results.append([penalty, *torch.autograd.grad(penalty, leaves, materialize_grads=True)])
    compare(*results, rtol=1e-9, atol=1e-11)


@NORMS
@pytest.mark.parametrize("scale", [1, 1e-3])  # the small values are of the size of an epsilon
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_every_dtype(index, dtype, scale):
    ours, theirs = twins(index)
    {torch.float16: probe.half, torch.bfloat16: probe.bfloat16, torch.float64: probe.double_}.get(dtype, lambda _: None)(ours)
    theirs.to(dtype)
    x = (input_for(index) * scale).to(dtype)
    tolerance = {torch.float16: 2e-3, torch.bfloat16: 1.6e-2, torch.float32: 1e-5, torch.float64: 1e-9}[dtype]
    compare([probe.call(ours, x)], [theirs(x)], rtol=tolerance, atol=tolerance)
    compare(named(probe.buffers(ours)).values(), [b for _, b in theirs.named_buffers()], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.filterwarnings("ignore:Mismatch dtype")
def test_rms_norm_of_half_precision_with_float_weights(dtype):
    ours, theirs = twins(EXPRESSIONS.index("RMSNorm(7)"))
    x = (torch.randn(5, 7, generator=torch.Generator().manual_seed(1)) * 1e-3).to(dtype)
    for autocast in (False, True):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
            torch.testing.assert_close(probe.call(ours, x), theirs(x), rtol=1.6e-2, atol=1e-3)


@pytest.mark.parametrize("sizes", [(0, 6, 4, 5), (3, 6, 0, 5)])
@pytest.mark.parametrize("index", [i for i, text in enumerate(EXPRESSIONS) if text.startswith("BatchNorm2d")], ids=lambda i: EXPRESSIONS[i])
def test_an_empty_batch(index, sizes):
    ours, theirs = twins(index)
    parameters = list(named(probe.parameters(ours)).values())
    for x in (input_for(index), torch.zeros(sizes), input_for(index)):
        compare(run(lambda x: probe.call(ours, x), parameters, x), run(theirs, list(theirs.parameters()), x), rtol=1e-5, atol=1e-5)
        compare(named(probe.buffers(ours)).values(), [b for _, b in theirs.named_buffers()], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("expression,shape,ours_says", [
    ("BatchNorm1d(6)", (3, 6, 2, 2), "BatchNorm1d: expected 2D or 3D input (got 4D input)"),
    ("BatchNorm2d(6, affine=False)", (3, 6), "BatchNorm2d: expected 4D input (got 2D input)"),
    ("BatchNorm1d(6)", (1, 6), "Expected more than 1 value per channel when training, got input size [1, 6]"),
    ("InstanceNorm1d(6)", (1, 6, 1), "Expected more than 1 spatial element when training, got input size [1, 6, 1]"),
    ("InstanceNorm2d(6, affine=True, track_running_stats=True)", (1, 5, 2, 2), "expected input's size at dim=1 to match num_features (6), but got: 5."),
    ("InstanceNorm1d(6)", (6,), "InstanceNorm1d: expected 2D or 3D input (got 1D input)"),
    ("GroupNorm(2, 6, affine=False)", (1, 2), "GroupNorm: expected an input [N, 6, ...], but got [1, 2]"),
    ("GroupNorm(6, 6, bias=False)", (1, 6), "Expected more than 1 value per channel when training, got input size [1, 6]"),
    ("LayerNorm((4, 5), eps=0.01)", (4, 4), "Given normalized_shape=(4, 5), expected an input that ends with it, but got [4, 4]"),
    ("RMSNorm(7)", (), "Given normalized_shape=(7,), expected an input that ends with it, but got []"),
    ("Dropout1d(0.3)", (3,), "Dropout1d: expected x to have 2 or 3 dimensions, but got 1"),
])
def test_errors_where_torch_has_them(expression, shape, ours_says):
    ours, theirs = twins(EXPRESSIONS.index(expression))
    x = torch.zeros(shape)
    with pytest.raises((RuntimeError, ValueError)):
        theirs(x)
    with pytest.raises(RuntimeError) as error:
        probe.call(ours, x)
    assert ours_says in str(error.value)


def fill(name, tensor, a=0.0, b=0.0, c=0.0, d=0.0, generator=None):
    return probe.fill(name, tensor, a, b, c, d, generator)


NONLINEARITIES = ["linear", "conv1d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]
FILLS = [
    ("uniform_", (4, 5), (-2, 3), (-2, 3)),
    ("normal_", (4, 5), (1, 0.5), (1, 0.5)),
    ("trunc_normal_", (40, 50), (0, 1, -2, 2), (0, 1, -2, 2)),
    ("trunc_normal_", (40, 50), (0.3, 0.7, 1.5, 4), (0.3, 0.7, 1.5, 4)),
    ("trunc_normal_", (40, 50), (5, 1, -1, 1), (5, 1, -1, 1)),
    ("eye_", (4, 6), (), ()),
    ("dirac_", (6, 2, 3), (3,), (3,)),
    ("dirac_", (6, 8, 3, 5), (1,), (1,)),
    ("dirac_", (4, 3, 3, 2, 1), (2,), (2,)),
    ("orthogonal_", (4, 6), (1.5,), (1.5,)),
    ("orthogonal_", (9, 2, 3), (1,), (1,)),
    ("sparse_", (10, 6), (0.35, 0.2), (0.35, 0.2)),
    ("xavier_uniform_", (4, 6, 3), (2,), (2,)),
    ("xavier_normal_", (4, 6), (1,), (1,)),
    *[(f"kaiming_{kind}_", (4, 6, 3), (0.2, fan, gain), (0.2, ("fan_in", "fan_out")[fan], name))
      for kind in ("uniform", "normal") for fan in (0, 1) for gain, name in enumerate(NONLINEARITIES)],
]


@pytest.mark.filterwarnings("ignore:mean is more than 2 std")
@pytest.mark.parametrize("name,shape,ours,theirs,dtype", [
    (*fill, dtype) for fill in FILLS for dtype in (torch.float32, torch.float64, torch.bfloat16)
    if (fill[0], dtype) != ("orthogonal_", torch.bfloat16)  # which has no QR decomposition
])
@pytest.mark.parametrize("generator", [False, True])
def test_init_draws_the_same_numbers(name, shape, ours, theirs, generator, dtype):
    own = torch.Generator() if generator and name not in ("eye_", "dirac_") else None
    results = []
    for call in (lambda t: fill(name, t, *map(float, ours), generator=own), lambda t: getattr(torch.nn.init, name)(t, *theirs, **({"generator": own} if own else {}))):
        torch.manual_seed(5)
        if own:
            own.manual_seed(6)
        leaf = torch.empty(shape, dtype=dtype).requires_grad_()
        results.append(call(leaf))
        assert results[-1] is not None and leaf.grad_fn is None
        results[-1] = leaf.detach()
    assert torch.equal(*results)


@pytest.mark.parametrize("name,shape,values,message", [
    ("trunc_normal_", (2,), (0, 0, -1, 1), "init::trunc_normal_: expected std to be positive, but got 0"),
    ("trunc_normal_", (2,), (0, 1, 2, 1), "init::trunc_normal_: expected low <= high, but got 2 and 1"),
    ("eye_", (2,), (), "init::eye_: expected a tensor of two dimensions, but got 1"),
    ("dirac_", (2, 2), (1,), "init::dirac_: expected a tensor of three to five dimensions, but got 2"),
    ("dirac_", (4, 2, 3), (3,), "init::dirac_: expected groups to divide the 4 output channels, but got 3"),
    ("orthogonal_", (2,), (1,), "init::orthogonal_: expected a tensor of two or more dimensions, but got 1"),
    ("sparse_", (2,), (0.5, 1), "init::sparse_: expected a tensor of two dimensions, but got 1"),
    ("xavier_uniform_", (2,), (1,), "init::fan_in_and_fan_out: expected a tensor of two or more dimensions, but got 1"),
])
def test_init_errors(name, shape, values, message):
    with pytest.raises(RuntimeError) as error:
        fill(name, torch.empty(shape), *map(float, values))
    assert message in str(error.value)
