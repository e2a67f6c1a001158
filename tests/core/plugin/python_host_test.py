"""The plugin interface in Python: a third-party op library through bisque3d."""

import os
import re
import shutil
import subprocess
import sys
import warnings

import pytest
import torch

import bisque3d
from tests.build import BUILD, ROOT
from tests.core.plugin.damaged import DAMAGED

BAD = BUILD / "tests" / "plugins"


@pytest.fixture
def affine():
    plugin = bisque3d.load_library(BUILD / "lib/libacme_ops.so")
    yield torch.ops.acme.affine
    plugin.close()


def leaf(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("shift", [None, leaf(5.0, 6.0)])
@pytest.mark.parametrize("factor", [(), (3.0,)])
def test_gradients_with_defaults_and_without(affine, shift, factor):
    x = leaf(1.0, -2.0)
    arguments = (x,) if shift is None and not factor else (x, shift, *factor)
    y, square, sign = affine(*arguments)
    assert not sign.requires_grad and sign.tolist() == [1, -1]
    leaves = [x] if shift is None else [x, shift]
    gradients = torch.autograd.grad((y.sum() + 10 * square.sum()), leaves)
    slope = factor[0] if factor else 2.0
    assert gradients[0].tolist() == [slope + 20, slope - 40]
    assert shift is None or gradients[1].tolist() == [1, 1]


def test_the_optional_argument_alone(affine):
    shift = leaf(5.0, 6.0)
    assert torch.autograd.grad(affine(leaf(1.0, 2.0).detach(), shift)[0].sum(), shift)[0].tolist() == [1, 1]


def test_named_arguments(affine):
    x = leaf(1.0, -2.0)
    assert torch.autograd.grad(affine(x=x, factor=4.0)[0].sum(), x)[0].tolist() == [4, 4]


def test_opcheck(affine):
    torch.library.opcheck(affine.default, (leaf(1.0, -2.0), leaf(3.0, 4.0)), {"factor": 3.0})
    torch.library.opcheck(affine.default, (leaf(1.0, -2.0),))


def test_a_second_derivative_is_rejected(affine):
    x = leaf(1.0, -2.0)
    (first,) = torch.autograd.grad(affine(x)[1].sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="acme::_affine_backward has no gradient: double backward is not supported."):
        first.sum().backward()


def test_compiles_for_any_size(affine):
    compiled = torch.compile(lambda x, s: affine(x * 2, s)[0].sum(), fullgraph=True, dynamic=True, backend="aot_eager")
    for size in (3, 7, 11):
        x, shift = torch.randn(size, dtype=torch.float64, requires_grad=True), torch.randn(size, dtype=torch.float64)
        compiled(x, shift).backward()
        assert x.grad.tolist() == [4.0] * size


def test_wrong_sizes_are_rejected_where_sizes_are_symbols(affine):
    compiled = torch.compile(lambda x, s: affine(x, s)[0], fullgraph=True, dynamic=True, backend="aot_eager")
    with pytest.raises(Exception, match=r"affine: expected shift to have shape \[N\]"):
        compiled(torch.randn(3, dtype=torch.float64), torch.randn(4, dtype=torch.float64))


def test_an_op_without_tensor_arguments(affine, tmp_path):
    path = tmp_path / "table.txt"
    path.write_text("1 2 3\n4 5 6\n")
    op = torch.ops.acme.read_table
    assert [column.tolist() for column in op(str(path), [2, 0])] == [[3, 6], [1, 4]]
    assert op(str(path), []) == []
    has = lambda key: torch._C._dispatch_has_kernel_for_dispatch_key("acme::read_table", key)
    assert has("CompositeExplicitAutograd") and not has("CUDA") and not has("Meta")
    with pytest.raises(RuntimeError, match=r"table.txt:1: has 3 columns, expected column 7\."):
        op(str(path), [7])
    with pytest.raises(RuntimeError, match=r"nothing: cannot be read\."):
        op(str(tmp_path / "nothing"), [0])


def test_torch_export_works_after_a_plugin_was_closed():
    """torch.export makes its table of decompositions out of all ops that torch.ops lists."""
    program = (
        f"import bisque3d, torch\nplugin = bisque3d.load_library({str(BUILD / 'lib/libacme_ops.so')!r})\n"
        "torch.ops.acme.affine(torch.ones(2))\nplugin.close()\n"
        "torch.export.default_decompositions().keys()\n"
    )
    result = subprocess.run([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": str(ROOT / "python")}, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_closing_takes_all_back_and_loading_again_works(tmp_path):
    copy = shutil.copy(BUILD / "lib/libacme_ops.so", tmp_path)
    for _ in range(2):
        plugin = bisque3d.load_library(BUILD / "lib/libacme_ops.so")
        assert plugin in bisque3d.plugins() and "acme::affine" in plugin.ops
        assert torch.ops.acme.affine(leaf(2.0))[1].item() == 4
        assert bisque3d.load_library(BUILD / "lib/libacme_ops.so") is plugin
        with pytest.raises(RuntimeError, match="a plugin acme_ops is loaded already"):
            bisque3d.load_library(copy)
        plugin.close()
        assert not hasattr(torch.ops.acme, "affine") and plugin not in bisque3d.plugins()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("abi", r"is a plugin of ABI 7, expected ABI 1: update bisque3d, or rebuild it with this bisque3d \(cmake --fresh -B build .* --build build\)\."),
        ("old_abi", r"is a plugin of ABI 0, expected ABI 1: rebuild it with this bisque3d \(cmake"),
        ("new_torch", rf"needs torch 99.0 or later, but this is torch {re.escape(torch.__version__)}: update torch, or rebuild it"),
        ("note_abi", "libbad_note_abi.so: is a plugin of ABI 2, expected ABI 1: update"),
        ("note_torch", "libbad_note_torch.so: needs torch 99.1 or later, but this is torch"),
        ("note_core", "libbad_note_core.so: has Modules, which bisque3d.cpp.load_library loads"),
        ("note_damaged", "libbad_note_damaged.so: is damaged, its notes extend beyond their segment."),
        ("note_no_number", "libbad_note_no_number.so: is damaged, its note has no ABI or no version of torch."),
        ("missing_symbol", r"needs the symbol acme::blur\(int\), which no library here defines: link the library that does, or rebuild it"),
        ("cuda_only", "libbad_cuda_only.so: acme::other has a CUDA kernel only, expected one for the CPU too."),
        ("nameless", "its manifest has no name or version, expected both."),
        ("taken", "the op aten::relu is taken, expected a name that is not registered."),
        ("twice", "the op acme::other is taken"),
        ("rejects", "it needs a Tuesday."),
        ("schema", r"libtorch rejected the schema acme::other\(Tensor x -> y."),
        ("no_namespace", "the op other has no namespace, expected a name like acme::blur."),
        ("no_op", "a kernel is given for acme::other, which is not an op."),
        ("no_backward", "acme::other: its gradient acme::_other_backward is not an op, expected one of this library."),
        ("gradient", "acme::_other_backward: the argument grad_z refers to nothing in acme::other"),
        ("kernel_cpu_type", r"acme::other: its CPU kernel takes \(Tensor, Tensor\?, float\) -> Tensor, but the schema says \(Tensor, Tensor\?, bool\) -> Tensor."),
        ("kernel_cuda_results", r"acme::other: its CUDA kernel takes \(Tensor, Tensor\?, bool\) -> \(Tensor, Tensor\), but the schema says"),
        ("other_core", "has Modules, which bisque3d.cpp.load_library loads; expected a library of ops."),
        ("no_manifest", "did not provide a manifest."),
        ("no_entry", "is not a plugin, expected it to export bisque_plugin."),
        ("that_is_not_there", r"libbad_that_is_not_there.so: cannot be read \(No such file or directory\)."),
    ],
)
def test_bad_plugins_are_rejected_and_leave_nothing(name, message):
    before = bisque3d.plugins()
    with pytest.raises(RuntimeError, match=message):
        bisque3d.load_library(BAD / f"libbad_{name}.so")
    assert bisque3d.plugins() == before
    assert not hasattr(torch.ops.acme, "other") and not hasattr(torch.ops.acme, "_other_backward")


def test_cuda_kernels_alone_are_rejected():
    cuda = BUILD / "lib/libbisque_ops_cuda.so"
    if not cuda.exists():
        pytest.skip("built without CUDA")
    with pytest.raises(RuntimeError, match=f"{cuda}: holds the CUDA kernels of a plugin, expected {BUILD}/lib/libbisque_ops.so, which loads it."):
        bisque3d.load_library(cuda)


def test_two_plugins_of_one_name_are_both_named(tmp_path):
    first, second = BUILD / "lib/libacme_ops.so", tmp_path / "libother.so"
    shutil.copy(first, second)
    plugin = bisque3d.load_library(first)
    with pytest.raises(RuntimeError, match=rf"{second}: a plugin acme_ops is loaded already \({first}\), expected another name\."):
        bisque3d.load_library(second)
    plugin.close()


def test_a_world_writable_library_or_folder_is_a_warning(tmp_path):
    path = tmp_path / "libacme_ops.so"
    shutil.copy(BUILD / "lib/libacme_ops.so", path)
    for place, mode in ((path, 0o646), (tmp_path, 0o777)):
        before = place.stat().st_mode
        place.chmod(mode)
        with pytest.warns(UserWarning, match=f"{path}: every user can change this plugin, since {place} is writable for all, expected `chmod o-w` for it."):
            bisque3d.load_library(path).close()
        place.chmod(before)
    tmp_path.chmod(0o1777)  # sticky, as /tmp
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bisque3d.load_library(path).close()


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_file_that_is_no_whole_library_is_rejected(damage, tmp_path):
    path = tmp_path / "libacme_ops.so"
    message = DAMAGED[damage](BUILD / "lib/libacme_ops.so", path)
    with pytest.raises(RuntimeError, match=message):
        bisque3d.load_library(path)


def test_a_truncated_cuda_part_is_rejected(tmp_path):
    (tmp_path / "libacme_ops.so").symlink_to(BUILD / "lib/libacme_ops.so")
    cuda = tmp_path / "libacme_ops_cuda.so"
    message = DAMAGED["half"](BUILD / "lib/libacme_ops.so", cuda)
    if torch.version.cuda is None or not torch.version.cuda.startswith("13."):
        pytest.skip("this torch loads no CUDA parts")
    with pytest.raises(RuntimeError, match="libacme_ops_cuda.so: " + message):
        bisque3d.load_library(tmp_path / "libacme_ops.so")
    assert not hasattr(torch.ops.acme, "affine")


@pytest.mark.parametrize(("name", "kind"), [("throws", "std::runtime_error"), ("throws_int", "int"), ("throws_later", "std::runtime_error")])
def test_an_entry_that_throws_is_reported_with_its_file(name, kind):
    """The process ends: no exception of C++ can be caught in Python."""
    program = "import sys, bisque3d; bisque3d.load_library(sys.argv[1])"
    path = BAD / f"libbad_{name}.so"
    result = subprocess.run([sys.executable, "-c", program, path], env={"PYTHONPATH": str(ROOT / "python")}, capture_output=True, text=True)
    assert f"bisque3d: {path}: its entry bisque_plugin threw an exception of type {kind}, which it must catch.\n" in result.stderr
    assert result.returncode < 0
