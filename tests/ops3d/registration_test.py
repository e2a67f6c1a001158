"""Every op that the project's libraries register has all that an op needs, or is waived here by name."""

import pathlib
import re

import pytest
import torch

import bisque3d

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLUGINS = [plugin for plugin in bisque3d.plugins() if plugin.name in ("bisque_core_ops", "bisque_ops")]
DECLARED = {name: (shapes, backward) for plugin in PLUGINS for name, shapes, backward in plugin._ops}
WITH_CUDA = all((plugin.path.parent / f"lib{plugin.name}_cuda.so").exists() and not plugin.cuda_note for plugin in PLUGINS)

# Op: what it lacks, and why.
WAIVED: dict[str, set[str]] = {}


def schema_of(op: str) -> torch.FunctionSchema:
    return getattr(torch.ops.bisque, op.split("::")[1]).default._schema


def has_one_kernel(op: str) -> bool:
    """Ops that load or save files have one kernel for all devices, and no sizes or gradient to declare."""
    return torch._C._dispatch_has_kernel_for_dispatch_key(op, "CompositeExplicitAutograd")


def lacks(op: str, what: str) -> bool:
    return what in WAIVED.get(op, ()) or has_one_kernel(op)


def folder_of(op: str) -> pathlib.Path:
    name = op.split("::")[1].strip("_").removesuffix("_backward")
    folders = [ROOT / parent / name for parent in ("ops3d", "core/ops") if (ROOT / parent / name).is_dir()]
    assert len(folders) == 1, f"{name} is in {len(folders)} folders"
    return folders[0]


def of_the_folder(kind: str, op: str) -> pathlib.Path:
    """Where its tests or benchmarks lie: the trees mirror each other."""
    return ROOT / kind / folder_of(op).parent.relative_to(ROOT)


BACKWARDS = {backward for _, backward in DECLARED.values() if backward}
PUBLIC = [op for op in DECLARED if not op.split("::")[1].startswith("_")]


def test_there_are_ops():
    assert {"bisque::blendshapes", "bisque::vertex_normals", "bisque::rasterize_meshes", "bisque::knn_points", "bisque::batch_norm"} <= set(PUBLIC)
    assert set(WAIVED) <= set(DECLARED)


@pytest.mark.parametrize("op", DECLARED)
def test_kernels(op):
    has = lambda key: torch._C._dispatch_has_kernel_for_dispatch_key(op, key)
    assert has("CPU") != lacks(op, "CPU")
    assert has("Meta") != lacks(op, "Meta")
    if WITH_CUDA:
        assert has("CUDA") != lacks(op, "CUDA")


@pytest.mark.parametrize("op", DECLARED)
def test_shapes_and_names(op):
    shapes = DECLARED[op][0]
    assert bool(shapes) != lacks(op, "shapes")
    schema = schema_of(op)
    if not lacks(op, "shapes"):
        assert all(result.name for result in schema.returns), "results are named: gradients go by names"
        assert all(re.search(rf"\b{result.name}\b", shapes.split("->")[1]) for result in schema.returns)


@pytest.mark.parametrize("op", DECLARED)
def test_backward_ops_belong_to_an_op(op):
    assert op.endswith("_backward") == (op in BACKWARDS)


@pytest.mark.parametrize("op", PUBLIC)
def test_gradient_or_not_differentiable(op):
    text = (folder_of(op) / f"{folder_of(op).name}.h").read_text()
    assert bool(DECLARED[op][1]) != ("Not differentiable" in text)
    assert ("gradient" in WAIVED.get(op, ())) == ("Not differentiable yet" in text)


@pytest.mark.parametrize("op", PUBLIC)
def test_doc_block(op):
    name = folder_of(op).name
    header = (folder_of(op) / f"{name}.h").read_text()
    block = re.search(rf"((?:///.*\n)+)inline [^;{{]*\b{name}\(", header)
    assert block, "the doc block stands before the function"
    text = re.sub(r"\s*///\s*", " ", block[1])
    for word in ("float32", "returns", "eterministic", "rror", "ifferentiable|radient"):
        assert re.search(word, text), f"the doc block of {name} says nothing of {word}"
    for argument in schema_of(op).arguments:
        if "Tensor" in str(argument.type):
            assert re.search(rf"\b{argument.name}\b", text), f"{argument.name} is not in the doc block of {name}"


@pytest.mark.parametrize("op", PUBLIC)
def test_test_and_benchmark(op):
    name = folder_of(op).name
    test = of_the_folder("tests", op) / f"{name}_test.py"
    assert test.exists()
    derives = f'op = "{op}"' in test.read_text()
    assert derives or has_one_kernel(op), f"{test} is expected to derive from the kit's OpTests (docs/ops.md)"
    assert list(of_the_folder("bench", op).glob(f"{name}_bench.*")), f"{name} is expected to have a benchmark (docs/ops.md)"
