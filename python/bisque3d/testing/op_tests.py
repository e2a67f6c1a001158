"""Derive from OpTests, name an op, its library and its inputs, and pytest checks it.

    from bisque3d.testing import OpTests

    class TestBlur(OpTests):
        op = "acme::blur"
        library = "../build/libacme_ops.so"     # relative to this file; None: it is already loaded
        gradients = ["x"]

        def inputs_small(self, dtype, random):  # one case each, `inputs_NAME`
            return dict(x=random(5, 3, dtype=dtype), radius=1)

        def reference(self, x, radius):         # plain torch, on the CPU
            ...

        errors = [(dict(radius=-1), "blur: expected radius to be at least 0, but got -1")]

Checked, for float32 and float64: the reference; inputs that are not contiguous; 1, 2 and 3 threads give the same bits, with small loops
divided too; torch.library.opcheck, dynamic shapes included; shapes on the Meta device; gradcheck in float64; double backward is an error, or gradgradcheck in float64 if
the op is `twice_differentiable`; inputs of half precision under torch.autocast; every error message, on each available device; and on CUDA (a GPU or softgpu; the marker `cuda`) that results and
gradients are those of the CPU. A test during which softgpu reports something fails.
"""

import inspect
import os
import pathlib
import sys

import pytest
import torch

from .._plugins import load_library, plugins
from . import pytest_plugin
from .threads import results_with_threads

DTYPES = {"float32": torch.float32, "float64": torch.float64}


def op_of(name: str):
    namespace, op = name.split("::")
    try:
        return getattr(getattr(torch.ops, namespace), op).default
    except AttributeError:
        raise RuntimeError(f"the op {name} is not registered, expected the class to name its library: library = \"libNAME.so\".") from None


def load_once(path: pathlib.Path):
    """Loads an op library unless it is already loaded."""
    if not any(plugin.path.resolve() == path.resolve() for plugin in plugins()):
        load_library(path)


def random_of(seed: int):
    """random(*sizes, dtype): normal numbers, the same each time."""
    generator = torch.Generator().manual_seed(seed)

    def random(*sizes, dtype=torch.float32):
        return torch.randn(*sizes, generator=generator, dtype=torch.float64).to(dtype)

    random.generator = generator
    return random


def as_tuple(result) -> tuple:
    return result if isinstance(result, tuple) else (result,)


def not_contiguous(value):
    """The same values with other strides; a tensor with at most one element is not changed."""
    if not isinstance(value, torch.Tensor) or value.dim() == 0 or value.numel() < 2:
        return value
    strided = value.new_empty([2 * size for size in value.shape])[tuple(slice(None, None, 2) for _ in value.shape)]
    return strided.copy_(value)


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether two tensors are equal bit for bit, with NaNs at the same positions."""
    return a.shape == b.shape and a.dtype == b.dtype and torch.equal(a.nan_to_num(nan=12345.0), b.nan_to_num(nan=12345.0)) and torch.equal(a.isnan(), b.isnan())


def opcheck_with_gradients(op, inputs: dict):
    """All four of opcheck's tests. Its last adds up the results in place, beginning with the first, which fails where that is of integers:
    then the same check gets the results in reverse."""
    if op(**inputs)[0].is_floating_point():
        torch.library.opcheck(op, (), inputs)
        return
    utils = ("test_schema", "test_autograd_registration", "test_faketensor")
    torch.library.opcheck(op, (), inputs, test_utils=utils)
    from torch.testing._internal import optests  # takes seconds; other tests do not need it

    optests.aot_autograd_check(lambda **given: op(**given)[::-1], (), inputs, dynamic=True)


_OF_GRADIENTS = (
    "test_gradcheck",
    "test_gradient_where_a_result_is_not_used",
    "test_a_second_derivative_is_rejected",
    "test_gradgradcheck",
    "test_no_gradient_without_grad_mode",
    "test_cuda_gradients",
)


class OpTests:
    op: str
    library: str | os.PathLike | None = None  # the op's library, relative to the test file; None: it is already loaded
    gradients: list[str] = []  # arguments that have a gradient
    gradcheck_cases: list[str] | None = None  # the cases that are smooth and small; None: all
    twice_differentiable = False  # whether the backward op has a gradient
    errors: list[tuple[dict, str]] = []  # arguments that replace those of the first case, and the message
    tolerance = {torch.float32: dict(rtol=1e-4, atol=1e-5), torch.float64: dict(rtol=1e-9, atol=1e-11)}
    cuda_tolerance = {torch.float32: dict(rtol=1e-4, atol=1e-5), torch.float64: dict(rtol=1e-9, atol=1e-11)}
    on_cuda_too = True  # False for an op that has no CUDA kernel yet
    data_dependent = False  # sizes of results depend on values: no Meta shapes; the shape declaration has a `*`

    def reference(self, **inputs):
        raise NotImplementedError

    def __init_subclass__(cls):
        """Loads the library, and removes the tests that do not apply to the op."""
        if cls.library is not None:
            load_once(pathlib.Path(sys.modules[cls.__module__].__file__).parent / cls.library)
        if not cls.gradients:
            for name in _OF_GRADIENTS:
                setattr(cls, name, None)
        setattr(cls, "test_a_second_derivative_is_rejected" if cls.twice_differentiable else "test_gradgradcheck", None)
        if not cls.on_cuda_too:
            cls.test_cuda_results = cls.test_cuda_gradients = None
        if not cls.errors:
            cls.test_error_message = None

    # --- Cases ---

    @classmethod
    def case_names(cls) -> list[str]:
        return [name.removeprefix("inputs_") for name, _ in inspect.getmembers(cls, callable) if name.startswith("inputs_")]

    def pytest_generate_tests(self, metafunc):
        pytest_plugin.join(metafunc.config)
        names = self.case_names()
        if "case" in metafunc.fixturenames:
            metafunc.parametrize("case", names)
        if "smooth_case" in metafunc.fixturenames:
            metafunc.parametrize("smooth_case", self.gradcheck_cases or names)
        if "opcheck_case" in metafunc.fixturenames:  # it traces and compiles, which takes seconds
            metafunc.parametrize("opcheck_case", (self.gradcheck_cases or names)[:1])
        if "dtype" in metafunc.fixturenames:
            metafunc.parametrize("dtype", DTYPES.values(), ids=DTYPES.keys())
        if "error" in metafunc.fixturenames:
            metafunc.parametrize("error", range(len(self.errors)))

    def inputs(self, case: str, dtype: torch.dtype) -> dict:
        seed = sum(case.encode())
        return getattr(self, "inputs_" + case)(dtype=dtype, random=random_of(seed))

    def call(self, inputs: dict) -> tuple:
        return as_tuple(op_of(self.op)(**inputs))

    def with_gradients(self, inputs: dict) -> dict:
        """The inputs with leaves that require a gradient: copies, unless they require one already."""

        def leaf(value):
            return value if value.requires_grad else value.clone().requires_grad_()

        return {name: leaf(value) if name in self.gradients else value for name, value in inputs.items()}

    def weights(self, results) -> list:
        """The weights of the results that have a gradient, in their memory format, for the weighted sum."""
        random = random_of(1)
        return [torch.empty_like(result.detach()).copy_(random(*result.shape)) if result.requires_grad else None for result in results]

    def gradients_of(self, inputs: dict, weights=None) -> list[torch.Tensor]:
        inputs = self.with_gradients(inputs)
        results = self.call(inputs)
        weights = [w if w is None else w.to(r.device) for w, r in zip(weights or self.weights(results), results)]
        pairs = [(r, w) for r, w in zip(results, weights) if w is not None]
        return list(torch.autograd.grad([r for r, _ in pairs], [inputs[name] for name in self.gradients], [w for _, w in pairs]))

    # --- Checks ---

    def test_reference(self, case, dtype):
        inputs = self.inputs(case, dtype)
        for result, expected in zip(self.call(inputs), as_tuple(self.reference(**inputs)), strict=True):
            if expected is not None:
                torch.testing.assert_close(result, expected, equal_nan=True, **self.tolerance[dtype])

    def test_inputs_that_are_not_contiguous(self, case):
        inputs = self.inputs(case, torch.float32)
        strided = {name: not_contiguous(value) for name, value in inputs.items()}
        assert all(same(a, b) for a, b in zip(self.call(strided), self.call(inputs), strict=True))
        if self.gradients:
            weights = self.weights(self.call(self.with_gradients(inputs)))
            expected = self.gradients_of(inputs, weights)
            leaves = {name: value.requires_grad_(name in self.gradients) if isinstance(value, torch.Tensor) else value for name, value in strided.items()}
            ours = self.gradients_of(leaves, [not_contiguous(weight) for weight in weights])
            assert all(same(a, b) for a, b in zip(ours, expected, strict=True))

    def test_any_number_of_threads(self, case):
        inputs = self.inputs(case, torch.float32)
        one, *others = results_with_threads(lambda: [*self.call(inputs), *(self.gradients_of(inputs) if self.gradients else [])])
        assert all(same(a, b) for other in others for a, b in zip(one, other, strict=True))

    def test_inputs_are_left_alone(self, case):
        inputs = self.inputs(case, torch.float32)
        before = {name: value.clone() for name, value in inputs.items() if isinstance(value, torch.Tensor)}
        self.call(inputs)
        assert all(same(value, inputs[name]) for name, value in before.items())

    def test_opcheck(self, opcheck_case):
        inputs = self.inputs(opcheck_case, torch.float64)
        if self.gradients:
            opcheck_with_gradients(op_of(self.op), self.with_gradients(inputs))
        else:
            torch.library.opcheck(op_of(self.op), (), inputs)

    def test_shapes_on_meta(self, case, dtype):
        inputs = self.inputs(case, dtype)
        meta = {name: value.to("meta") if isinstance(value, torch.Tensor) else value for name, value in inputs.items()}
        if self.data_dependent:
            with pytest.raises(RuntimeError):
                self.call(meta)
            return
        for result, expected in zip(self.call(meta), self.call(inputs), strict=True):
            assert (result.shape, result.dtype, result.device.type) == (expected.shape, expected.dtype, "meta")
        for name, gradient in zip(self.gradients, self.gradients_of(meta) if self.gradients else []):
            assert (gradient.shape, gradient.dtype, gradient.device.type) == (inputs[name].shape, dtype, "meta")

    def test_half_inputs_under_autocast(self, case):
        """They are cast up, or the op takes them: the results are those without autocast, or the error is, where rounding makes inputs invalid."""

        def outcome(dtype=None):
            inputs = self.inputs(case, torch.float32)
            rounded = {name: value.bfloat16() for name, value in inputs.items() if isinstance(value, torch.Tensor) and value.is_floating_point()}
            try:
                return self.call(inputs | {name: value.to(dtype or value.dtype) for name, value in rounded.items()})
            except RuntimeError as error:
                return str(error)

        with torch.autocast("cpu", torch.bfloat16):
            ours = outcome()
        takes_half = any(isinstance(result, torch.Tensor) and result.dtype == torch.bfloat16 for result in ours)
        expected = outcome(None if takes_half else torch.float32)
        assert ours == expected if isinstance(expected, str) else all(same(a, b) for a, b in zip(ours, expected, strict=True))

    def function_of_leaves(self, inputs: dict):
        """The results that have a gradient, as a function of the arguments that have one."""

        def function(*leaves):
            results = self.call({**inputs, **dict(zip(self.gradients, leaves))})
            return tuple(result for result in results if result.requires_grad)

        return function

    def test_gradcheck(self, smooth_case):
        inputs = self.with_gradients(self.inputs(smooth_case, torch.float64))
        assert torch.autograd.gradcheck(self.function_of_leaves(inputs), [inputs[name] for name in self.gradients])

    def test_gradgradcheck(self, smooth_case):
        inputs = self.with_gradients(self.inputs(smooth_case, torch.float64))
        assert torch.autograd.gradgradcheck(self.function_of_leaves(inputs), [inputs[name] for name in self.gradients])

    def test_gradient_where_a_result_is_not_used(self, smooth_case):
        inputs = self.with_gradients(self.inputs(smooth_case, torch.float64))
        leaves = [inputs[name] for name in self.gradients]
        results = [result for result in self.call(inputs) if result.requires_grad]
        parts = [torch.autograd.grad(result.sum(), leaves, retain_graph=True) for result in results]
        whole = torch.autograd.grad(sum(result.sum() for result in results), leaves)
        for i, gradient in enumerate(whole):
            torch.testing.assert_close(sum(part[i] for part in parts), gradient)

    def test_a_second_derivative_is_rejected(self, smooth_case):
        inputs = self.with_gradients(self.inputs(smooth_case, torch.float64))
        leaves = [inputs[name] for name in self.gradients]
        results = [result for result in self.call(inputs) if result.requires_grad]
        if not any(result.numel() for result in results):
            return
        first = torch.autograd.grad(sum(result.square().sum() for result in results), leaves, create_graph=True)
        with pytest.raises(RuntimeError, match="double backward is not supported"):
            torch.autograd.grad(sum(gradient.square().sum() for gradient in first), leaves)

    def test_no_gradient_without_grad_mode(self, case):
        inputs = self.with_gradients(self.inputs(case, torch.float32))
        with torch.no_grad():
            assert not any(result.requires_grad for result in self.call(inputs))

    def test_error_message(self, error):
        replaced, message = self.errors[error]
        inputs = {**self.inputs(self.case_names()[0], torch.float32), **replaced}
        with pytest.raises(RuntimeError, match=message):
            self.call(inputs)

    # --- CUDA ---

    def on_cuda(self, inputs: dict) -> dict:
        return {name: value.cuda() if isinstance(value, torch.Tensor) else value for name, value in inputs.items()}

    def cuda_close(self, result, expected, dtype):
        """Checks that a result on CUDA equals that of the CPU; override it for an op with ties or atomics."""
        torch.testing.assert_close(result.cpu(), expected, equal_nan=True, **self.cuda_tolerance[dtype])

    @pytest.mark.cuda
    def test_cuda_results(self, case, dtype):
        inputs = self.inputs(case, dtype)
        for result, expected in zip(self.call(self.on_cuda(inputs)), self.call(inputs), strict=True):
            assert result.is_cuda
            self.cuda_close(result, expected, dtype)

    @pytest.mark.cuda
    def test_cuda_gradients(self, case, dtype):
        inputs = self.inputs(case, dtype)
        weights = self.weights(self.call(self.with_gradients(inputs)))
        expected = self.gradients_of(inputs, weights)
        for result, cpu in zip(self.gradients_of(self.on_cuda(inputs), weights), expected, strict=True):
            assert result.is_cuda
            self.cuda_close(result, cpu, dtype)
