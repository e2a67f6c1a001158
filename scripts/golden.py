"""Runs golden cases, the peer's inputs, results and gradients: a line a case, `NAME skipped` for ops that are not there yet, and at the
end `N passed, M failed, K skipped`. Usage: golden.py [FOLDER] [--device cuda]. On softgpu where no GPU is (make golden does so).

A file is NAME.safetensors or NAME_NUMBER.safetensors: tensors in.X, out.X, w.X (weights of the float results) and grad.X (the gradient of the
sum of all out * w by in.X); metadata `args`, the scalar arguments as JSON. Floats must agree to rtol 1e-4 and atol 1e-5, integers exactly.
Two tolerances are wider, and told: pictures may differ in 1 of 1,000 elements (a pixel at an edge falls either way); and a recorded gradient of
the rasterizer is a float32 sum whose terms cancel, so that it may miss what float64 gives by 2e-4 of the largest of its vertex. Ours must not
miss that by more than the tolerance of all others.
"""

import argparse
import copy
import pathlib
import re
import sys

import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "python")]
import bisque3d  # noqa: E402

from tests.testing.golden import read_golden  # noqa: E402

CASES = ROOT / "tests/golden"
RTOL, ATOL = 1e-4, 1e-5
PIXELS = 1e-3  # the share of elements of a picture that may differ
CANCELLED = 2e-4  # what float32 sums of the rasterizer's gradients may lose of the largest element of a vertex


class Mismatch(Exception):
    pass


class Case:
    def __init__(self, path: pathlib.Path, device: str):
        self.tensors, self.args = read_golden(path)
        self.device = device
        self.leaves = {}

    def input(self, name: str) -> torch.Tensor:
        """The input, on the CPU (softgpu runs none of ATen's kernels); a leaf where the case has its gradient."""
        if name not in self.leaves:
            tensor = self.tensors["in." + name]
            self.leaves[name] = tensor.requires_grad_() if "grad." + name in self.tensors else tensor
        return self.leaves[name]

    def call(self, op, *arguments, **named):
        """The op on the device."""
        return op(*(a.to(self.device) if isinstance(a, torch.Tensor) else a for a in arguments), **named)

    def in_float64(self) -> "Case":
        case = copy.copy(self)
        case.tensors = {name: t.detach().double() if t.is_floating_point() else t for name, t in self.tensors.items()}
        case.leaves = {}
        return case

    def gradients(self, results: dict) -> dict:
        """By the inputs whose gradients the case has."""
        leaves = {name: leaf for name, leaf in self.leaves.items() if "grad." + name in self.tensors}
        if not leaves:
            return {}
        weighted = [(results[n[2:]], w.to(self.device)) for n, w in self.tensors.items() if n.startswith("w.")]
        gradients = torch.autograd.grad([result for result, _ in weighted], list(leaves.values()), [weight for _, weight in weighted])
        return {name: gradient.cpu() for name, gradient in zip(leaves, gradients)}

    def check(self, results: dict, exact: dict | None = None) -> None:
        """Compares results, and the gradients where the case has some: what a recorded one misses of an exact one is forgiven within bounds."""
        for name, result in results.items():
            compare(name, result.detach().cpu(), self.tensors["out." + name], picture=result.dim() >= 4)
        for name, gradient in self.gradients(results).items():
            expected, slack = self.tensors["grad." + name], 0
            if exact:
                slack = torch.minimum((expected - exact[name]).abs(), CANCELLED * expected.abs().amax(1, keepdim=True))
            compare("grad." + name, gradient, expected, slack=slack)


def compare(name: str, result: torch.Tensor, expected: torch.Tensor, picture: bool = False, slack=0) -> None:
    if result.shape != expected.shape or result.dtype != expected.dtype:
        raise Mismatch(f"{name}: expected {expected.dtype} {list(expected.shape)}, but got {result.dtype} {list(result.shape)}")
    if not result.is_floating_point():
        wrong = result != expected
    else:
        wrong = ~((result - expected).abs() <= ATOL + RTOL * expected.abs() + slack) & ~(result.isnan() & expected.isnan())
    count = int(wrong.sum())
    if count > (PIXELS * wrong.numel() if picture else 0):
        difference = (result.double() - expected.double()).abs()[wrong].max()
        raise Mismatch(f"{name}: {count} of {wrong.numel()} elements differ, by up to {difference:.3g}")


def knn(case: Case) -> None:
    arguments = [case.input(name) for name in ("p1", "p2", "lengths1", "lengths2")]
    dists, idx = case.call(torch.ops.bisque.knn_points, *arguments, case.args["K"], case.args["norm"])
    expected = case.tensors["out.idx"]
    # Among equal distances either index is right: then the distances say so.
    tied = (idx.cpu() != expected) & ((dists.detach().cpu() - case.tensors["out.dists"]).abs() <= ATOL)
    case.check({"dists": dists, "idx": torch.where(tied, expected, idx.cpu())})


def faces_around(faces: torch.Tensor, num_verts: int) -> tuple[torch.Tensor, torch.Tensor]:
    """vert_first and vert_faces, as bisque::vert_faces_of makes them."""
    corners = faces.flatten()
    order = corners.argsort(stable=True)
    first = torch.zeros(num_verts + 1, dtype=torch.int64)
    first[1:] = corners.bincount(minlength=num_verts).cumsum(0)
    return first, order // 3


def vertex_normals(case: Case) -> None:
    verts, faces = case.input("verts"), case.input("faces")
    normals = case.call(torch.ops.bisque.vertex_normals, verts[None], faces, *faces_around(faces, len(verts)))
    case.check({"normals": normals.squeeze(0)})


def rasterized(case: Case) -> dict:
    args = dict(case.args)
    height, width = args.pop("image_size")
    count = sum(name.startswith("in.faces") for name in case.tensors)
    verts, faces = ([case.input(f"{kind}{i}") for i in range(count)] for kind in ("verts", "faces"))
    sizes = torch.tensor([len(f) for f in faces])
    starts = torch.tensor([0, *(len(v) for v in verts)]).cumsum(0)
    packed_faces = torch.cat([f + start for f, start in zip(faces, starts.tolist())])
    results = case.call(torch.ops.bisque.rasterize_meshes, torch.cat(verts), packed_faces, sizes.cumsum(0) - sizes, sizes, height, width, **args)
    return dict(zip(("pix_to_face", "zbuf", "bary", "dists"), results))


def rasterize_meshes(case: Case) -> None:
    exact = case.in_float64()
    case.check(rasterized(case), exact.gradients(rasterized(exact)))


def marching_cubes(case: Case) -> None:
    verts, faces, _, _ = case.call(torch.ops.bisque.marching_cubes, case.input("vol"), 0.5, True)

    def triangles(verts, faces):
        corners = (verts[faces] * 1e4).round().long().tolist()
        return sorted(min(t[i:] + t[:i] for i in range(3)) for t in corners)

    if triangles(verts.cpu(), faces.cpu()) != triangles(case.tensors["out.verts"], case.tensors["out.faces"]):
        raise Mismatch("the triangles are not the same set")


KINDS = {"knn": knn, "vertex_normals": vertex_normals, "rasterize_meshes": rasterize_meshes, "marching_cubes": marching_cubes}


def check_of(path: pathlib.Path):
    """What checks the case of this file; None for an op that is not there yet."""
    return KINDS.get(re.sub(r"_\d+$", "", path.stem))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, nargs="?", default=CASES)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    options = parser.parse_args()
    torch.autograd.set_multithreading_enabled(False)  # a thread of autograd may abort the program as it ends: CONTRIBUTING.md
    bisque3d.load_library(options.build / "lib" / "libbisque_ops.so")
    passed = failed = skipped = 0
    for path in sorted(options.folder.glob("*.safetensors")):
        check = check_of(path)
        if check is None:
            skipped += 1
            print(path.stem, "skipped")
            continue
        try:
            check(Case(path, options.device))
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
