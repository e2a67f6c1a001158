"""Runs golden cases: inputs, results and gradients that PyTorch3D recorded. Prints one line per case, `NAME skipped` for ops that do not exist
yet, and ends with `N passed, M failed, K skipped`. What a case calls: tests/testing/golden_kinds. Usage: golden.py [FOLDER] [--device cuda]; `make golden` runs it on softgpu where there is no GPU.

A file is NAME.safetensors or NAME_NUMBER.safetensors: tensors in.X, out.X, w.X (weights of the float results) and grad.X (the gradient of the
sum of all out * w by in.X); metadata `args`, the scalar arguments as JSON. Floats must agree to rtol 1e-4 and atol 1e-5, integers exactly.
In pictures 1 of 1,000 elements may differ (a pixel at an edge may be on either side).

Some recorded gradients are wrong: those of the rasterizer are float32 sums whose terms cancel, and that of face_areas_normals lacks a term. An
element of a gradient that differs from the recorded one is compared with the central difference of the float64 results. Elements whose integer
results change within the step have no derivative there; they are counted, and at most 2 % of a gradient may be such.
"""

import argparse
import copy
import pathlib
import sys

import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "python")]
import bisque3d  # noqa: E402

from tests.testing.golden import read_golden  # noqa: E402
from tests.testing.golden_kinds import ATOL, RTOL, Mismatch, kind_of  # noqa: E402

CASES = ROOT / "tests/golden"
PIXELS = 1e-3  # the share of elements of a picture that may differ
STEP = 1e-6  # of finite differences in float64
WITHOUT_DERIVATIVE = 0.02  # the share of a gradient's elements at which integer results may change within the step


class Case:
    def __init__(self, path: pathlib.Path, device: str):
        self.tensors, self.args = read_golden(path)
        self.device = device
        self.leaves = {}

    def input(self, name: str) -> torch.Tensor:
        """The input, on the CPU (softgpu runs none of ATen's kernels); a leaf if the case has its gradient."""
        if name not in self.leaves:
            tensor = self.tensors["in." + name]
            self.leaves[name] = tensor.requires_grad_() if "grad." + name in self.tensors else tensor
        return self.leaves[name]

    def call(self, op, *arguments, **named):
        """The op on the device."""
        return op(*(a.to(self.device) if isinstance(a, torch.Tensor) else a for a in arguments), **named)

    def in_float64(self) -> "Case":
        """The same on the CPU, without gradients."""
        case = copy.copy(self)
        case.tensors = {name: t.detach().double() if t.is_floating_point() else t for name, t in self.tensors.items()}
        case.leaves, case.device = {}, "cpu"
        return case

    def weighted_sum(self, results: dict) -> torch.Tensor:
        return sum((results[name[2:]].cpu() * weight).sum() for name, weight in self.tensors.items() if name.startswith("w."))

    def gradients(self, results: dict) -> dict:
        """The gradients with respect to the inputs whose gradients the case has."""
        leaves = {name: leaf for name, leaf in self.leaves.items() if "grad." + name in self.tensors}
        if not leaves:
            return {}
        weighted = [(results[n[2:]], w.to(self.device)) for n, w in self.tensors.items() if n.startswith("w.")]
        gradients = torch.autograd.grad([result for result, _ in weighted], list(leaves.values()), [weight for _, weight in weighted])
        return {name: gradient.cpu() for name, gradient in zip(leaves, gradients)}

    def check(self, kind) -> None:
        """`kind` gives the results of a case by name."""
        results = kind(self)
        for name, result in results.items():
            compare(name, result.detach().cpu(), self.tensors["out." + name], picture=result.dim() >= 4)
        for name, gradient in self.gradients(results).items():
            wrong = differing(gradient, self.tensors["grad." + name])
            if wrong.any():
                compare_with_differences(kind, self.in_float64(), name, gradient, wrong)


def differing(result: torch.Tensor, expected: torch.Tensor) -> torch.Tensor:
    if not result.is_floating_point():
        return result != expected
    return ~((result - expected).abs() <= ATOL + RTOL * expected.abs()) & ~(result.isnan() & expected.isnan())


def integers_of(results: dict) -> list:
    return [result for result in results.values() if not result.is_floating_point()]


@torch.no_grad()
def central_difference(kind, case: Case, input: torch.Tensor, index: int) -> float | None:
    """The derivative by one element of an input; None where integer results change within the step."""
    flat, sides = input.view(-1), []
    value = flat[index].item()
    for side in (value + STEP, value - STEP):
        flat[index] = side
        sides.append(kind(case))
    flat[index] = value
    if not all(torch.equal(a, b) for a, b in zip(*map(integers_of, sides), strict=True)):
        return None
    return (case.weighted_sum(sides[0]) - case.weighted_sum(sides[1])).item() / (2 * STEP)


def compare_with_differences(kind, case: Case, name: str, gradient: torch.Tensor, wrong: torch.Tensor) -> None:
    """Elements of a gradient that are not as recorded."""
    case.tensors = {key: tensor for key, tensor in case.tensors.items() if not key.startswith("grad.")}  # inputs are no leaves
    input, without = case.input(name), 0
    for index in wrong.flatten().nonzero().flatten().tolist():
        expected = central_difference(kind, case, input, index)
        got = gradient.flatten()[index].item()
        if expected is None:
            without += 1
        elif not abs(got - expected) <= ATOL + RTOL * abs(expected):
            raise Mismatch(f"grad.{name}: element {index} is {got:.7g}, expected {expected:.7g}, a finite difference (recorded: another)")
    if without > WITHOUT_DERIVATIVE * wrong.numel():
        raise Mismatch(f"grad.{name}: {without} of {wrong.numel()} elements differ from the recorded ones, and have no finite difference")


def compare(name: str, result: torch.Tensor, expected: torch.Tensor, picture: bool = False) -> None:
    if result.shape != expected.shape or result.dtype != expected.dtype:
        raise Mismatch(f"{name}: expected {expected.dtype} {list(expected.shape)}, but got {result.dtype} {list(result.shape)}")
    wrong = differing(result, expected)
    count = int(wrong.sum())
    if count > (PIXELS * wrong.numel() if picture else 0):
        difference = (result.double() - expected.double()).abs()[wrong].max()
        raise Mismatch(f"{name}: {count} of {wrong.numel()} elements differ, by up to {difference:.3g}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, nargs="?", default=CASES)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    options = parser.parse_args()
    torch.autograd.set_multithreading_enabled(False)  # a thread of autograd may abort the program at exit: CONTRIBUTING.md
    bisque3d.load_library(options.build / "lib" / "libbisque_ops.so")
    passed = failed = skipped = 0
    for path in sorted(options.folder.glob("*.safetensors")):
        kind = kind_of(path, options.device)
        if kind is None:
            skipped += 1
            print(path.stem, "skipped")
            continue
        try:
            Case(path, options.device).check(kind)
            passed += 1
            print(path.stem, "passed")
        except (Mismatch, RuntimeError, KeyError) as error:
            failed += 1
            print(path.stem, "FAILED:", error)
    if passed + failed + skipped == 0:
        print(f"{options.folder} holds no golden case (*.safetensors).")
        failed = 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
