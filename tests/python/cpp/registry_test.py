"""The registry of C++ Modules in Python: names, settings, signatures, plugins, and ops that C++ and Python share."""

import inspect
import json
import os
import re
import subprocess
import sys

import pytest
import torch

from tests.build import BUILD, ROOT

ops = torch.ops.bisque


def test_names(cpp):
    assert {"acme.Net", "ops3d.GraphConv", "renderer.MeshRenderer"} <= set(cpp.modules)
    assert "acme.Net" in cpp.modules and "acme.Nets" not in cpp.modules and len(cpp.modules) == len(cpp.modules.names())


def test_every_module_of_the_registry_is_made_and_shown(cpp):
    required = {"ops3d.GraphConv": dict(input_dim=2, output_dim=3)}
    for name in cpp.modules:
        module = cpp.modules.make(name, **required.get(name, {}))
        assert isinstance(module, torch.nn.Module) and repr(module)
        assert isinstance(cpp.modules.signature(name), inspect.Signature)
        module.load_state_dict(module.state_dict())


def test_the_signature_is_that_of_the_options(cpp):
    parameters = cpp.modules.signature("acme.Net").parameters
    assert list(parameters) == ["inputs", "outputs", "activation", "weights", "strides", "limit", "most"]
    assert parameters["inputs"].default == 3 and parameters["inputs"].annotation is int
    assert parameters["activation"].default == "relu" and parameters["weights"].default == [1.0, 0.5]
    strides = parameters["strides"].default
    assert strides == [1, 2] and all(type(stride) is int for stride in strides) and str(parameters["strides"]) == "strides: list = [1, 2]"
    assert parameters["limit"].default is None and parameters["limit"].annotation == float | None
    assert cpp.modules.signature("ops3d.GraphConv").parameters["input_dim"].default is inspect.Parameter.empty
    assert list(cpp.modules.signature("acme.Undescribed").parameters) == ["settings"]
    knn = cpp.modules.signature("bisque::knn_points").parameters
    assert knn["K"].default == 1 and knn["return_sorted"].annotation is bool
    nested = cpp.modules.signature("renderer.MeshRenderer").parameters
    assert list(nested) == ["shader", "rasterizer"] and nested["shader"].default == "renderer.HardPhongShader"
    maker = cpp.modules["acme.Net"]
    assert inspect.signature(maker) == cpp.modules.signature("acme.Net") and maker(outputs=7).scale.shape == (7,)
    assert repr(maker).startswith("<C++ Module acme.Net(*, inputs: int = 3")


def test_settings_of_nested_options(cpp):
    settings = {"shader": "renderer.SoftPhongShader", "rasterizer": {"height": 8, "faces_per_pixel": 3}, "shader.sigma": 0.25}
    text = repr(cpp.modules.make("renderer.MeshRenderer", **settings))
    assert "height=8" in text and "faces_per_pixel=3" in text and "sigma=0.25" in text


@pytest.mark.parametrize("weights", [[2, 3.5], (2, 3.5), torch.tensor([2, 3.5])], ids=str)
def test_lists_of_numbers(cpp, weights):
    assert "weights=[2.0, 3.5]" in repr(cpp.modules.make("acme.Net", weights=weights))


@pytest.mark.parametrize("strides", [[3, 4], (3.0, 4), torch.tensor([3, 4])], ids=str)
def test_lists_of_integers_have_no_point(cpp, strides):
    assert "strides=[3, 4]," in repr(cpp.modules.make("acme.Net", strides=strides))
    assert "dim=[0, 1]," in repr(cpp.modules.make("aten::sum.dim_IntList", dim=[0, 1]))


def test_none_is_none_or_the_default(cpp):
    assert "limit=None" in repr(cpp.modules.make("acme.Net", limit=None)) and "limit=2.0" in repr(cpp.modules.make("acme.Net", limit=2))
    assert "most=None" in repr(cpp.modules.make("acme.Net", most=None)) and "outputs=2" in repr(cpp.modules.make("acme.Net", outputs=None))
    assert "height=512" in repr(cpp.modules.make("renderer.MeshRenderer", rasterizer=None))
    with pytest.raises(RuntimeError, match="^ops3d.GraphConv: expected the setting input_dim, which has no default.$"):
        cpp.modules.make("ops3d.GraphConv", input_dim=None, output_dim=2)


def test_settings_of_json(cpp):
    text = '{"rasterizer": {"height": 8}, "shader": "renderer.SoftPhongShader"}'
    assert "height=8" in repr(cpp.modules.make("renderer.MeshRenderer", **json.loads(text)))
    for text, sentence in (
        ('{"rasterizer": {"hieght": 8}}', r'^renderer.MeshRenderer has no setting "rasterizer.hieght", nearest: rasterizer.height\.$'),
        ('{"shader.sigmo": 1}', r'^renderer.HardPhongShader has no setting "sigmo", expected one of: sigma, gamma, .*\(nearest: sigma\)'),
    ):
        with pytest.raises(RuntimeError, match=sentence):
            cpp.modules.make("renderer.MeshRenderer", **json.loads(text))


def test_repr_shows_every_option_of_modules_without_a_text_of_their_own(cpp):
    own = {name for name in cpp.modules if name.endswith("Cameras")} | {"ops3d.GraphConv", "acme.Undescribed"}
    for name in set(cpp.modules) - own:
        text = repr(cpp.modules.make(name))
        options = cpp.modules.signature(name).parameters
        assert all(f"{option}=" in text or f"({option}):" in text for option in options), (name, text)


NAMES = "inputs, outputs, activation, weights, strides, limit, most"


@pytest.mark.parametrize(
    "settings, error, text",
    [
        ({"inptus": 3}, RuntimeError, f'acme.Net has no setting "inptus", expected one of: {NAMES} (nearest: inputs'),
        ({"inputs": 2.5}, RuntimeError, "acme.Net: expected inputs to be an integer, but got a number."),
        ({"activation": 3}, RuntimeError, "acme.Net: expected activation to be a string, but got an integer."),
        ({"inputs": {1}}, TypeError, "acme.Net: inputs: expected a bool, a number, a string, a list of numbers or a tensor, but got set."),
        ({"inptus": None}, RuntimeError, 'acme.Net has no setting "inptus", expected one of: inputs'),
        ({"strides": [1.5]}, RuntimeError, "acme.Net: expected strides to be a list of integers, but got a list of numbers."),
        ({"strides": torch.ones(2)}, RuntimeError, "acme.Net: expected strides to be a list of integers, but got a tensor."),
        ({"weights": torch.ones(2, 2)}, RuntimeError, "acme.Net: expected weights to be a list of numbers, but got a tensor."),
        ({"weights": ["a"]}, TypeError, "acme.Net: weights: expected a list of numbers, but got str."),
    ],
)
def test_wrong_settings(cpp, settings, error, text):
    with pytest.raises(error) as caught:
        cpp.modules.make("acme.Net", **settings)
    assert str(caught.value).startswith(text)


def test_unknown_names(cpp):
    with pytest.raises(RuntimeError, match='there is no Module "acme.Nett", nearest: acme.Net'):
        cpp.modules.make("acme.Nett")
    with pytest.raises(RuntimeError, match="there is no op"):
        cpp.modules.make("acme::nothing")


def test_ops_are_modules_with_the_results_of_python(cpp):
    a, b = torch.rand(1, 5, 3), torch.rand(1, 6, 3, requires_grad=True)
    dists, idx = cpp.modules.make("ops3d.KNN", K=2)(a, b)
    expected = ops.knn_points(a, b, None, None, K=2)
    torch.testing.assert_close((dists, idx), tuple(expected[:2]))
    dists.sum().backward()
    assert b.grad.abs().sum() > 0


def test_a_module_of_the_tree_computes_what_python_does(cpp):
    conv = cpp.modules.make("ops3d.GraphConv", input_dim=3, output_dim=2)
    verts, edges = torch.rand(4, 3), torch.tensor([[0, 1], [1, 2], [2, 3]])
    neighbours = torch.zeros(4, 2).index_add(0, edges[:, 0], conv.w1(verts)[edges[:, 1]])
    neighbours = neighbours.index_add(0, edges[:, 1], conv.w1(verts)[edges[:, 0]])
    torch.testing.assert_close(conv(verts, edges), conv.w0(verts) + neighbours)


def run(program: str, **env) -> str:
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT,
                            env=os.environ | {"PYTHONPATH": str(ROOT / "python"), "BISQUE_BUILD": str(BUILD)} | env)  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.parametrize("order", ["import bisque3d.cpp", "import bisque3d._ops, bisque3d.cpp", "import bisque3d.cpp, bisque3d._ops"])
def test_ops_are_loaded_once_in_any_order(order):
    acme = BUILD / "lib/libacme_ops.so"
    program = (
        f"import torch; {order}\n"
        "assert len(bisque3d.cpp.modules) > 10\n"
        f"bisque3d.cpp.load_library({str(acme)!r})\n"
        "assert [p.name for p in bisque3d.plugins()].count('acme_ops') == 1\n"
        "print(torch.ops.bisque.knn_points, sorted(p.name for p in bisque3d.cpp.plugins()))"
    )
    assert run(program) == "bisque.knn_points ['acme_ops', 'bisque_core_ops', 'bisque_face_ops', 'bisque_ops', 'ops3d', 'renderer']"


def test_bisque_plugins_are_loaded_through_pythons_host_too():
    acme, modules = BUILD / "lib/libacme_ops.so", BUILD / "tests/plugins/libacme_modules.so"
    program = (
        f"import bisque3d; bisque3d.load_library({str(acme)!r})\n"
        "import bisque3d.cpp\nprint(bisque3d.cpp.modules.make('acme.Net').scale.tolist(), len(bisque3d.plugins()))"
    )
    assert run(program, BISQUE_PLUGINS=f"{acme}:{modules}") == "[1.0, 1.0] 4"


def test_a_plugin_that_cannot_be_loaded(cpp):
    with pytest.raises(RuntimeError, match="/nonexistent.so: cannot be "):
        cpp.load_library("/nonexistent.so")


def test_another_torch_and_another_python_are_refused(tmp_path):
    for name, file in (("bisque3d_cpp.so", None), ("bisque3d_cpp.txt", "torch {torch}\npython {python}\n")):
        (tmp_path / "lib").mkdir(exist_ok=True)
        if file is None:
            (tmp_path / "lib" / name).symlink_to(BUILD / "lib" / name)
    release, python = torch.__version__.split("+")[0], f"{sys.version_info.major}.{sys.version_info.minor}"
    for built, expected in (
        ((release, python), "loaded"),
        (("2.10.0", python), f"bisque3d.cpp was built for torch 2.10.0, but this is torch {torch.__version__}; run `pip install"),
        ((release, "3.7"), f"bisque3d.cpp was built for Python 3.7, but this is Python {python}; run `pip install"),
    ):
        (tmp_path / "lib/bisque3d_cpp.txt").write_text("torch {}\npython {}\n".format(*built))
        program = (
            f"import bisque3d._ops, os; os.environ['BISQUE_BUILD'] = {str(tmp_path)!r}\n"
            "try:\n    import bisque3d.cpp; print('loaded')\nexcept ImportError as error:\n    print(error)"
        )
        assert run(program).startswith(expected)
    program = (
        f"import bisque3d._ops, os; os.environ['BISQUE_BUILD'] = {str(tmp_path / 'none')!r}\n"
        "try:\n    import bisque3d.cpp\nexcept ImportError as error:\n    print(error)"
    )
    text = run(program)
    assert text.startswith("bisque3d.cpp is not built, since ") and "bisque3d_cpp.so does not exist; run " in text and text.endswith("source tree.")


def test_the_examples_of_the_docs(cpp, tmp_path, monkeypatch):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/modules.md").read_text(), re.S)
    monkeypatch.chdir(tmp_path)
    results = [{} for _ in blocks]
    for block, names in zip(blocks, results):
        exec(block, names)
    assert results[1]["images"].shape == (1, 64, 64, 4) and results[1]["verts"].grad.abs().max() > 0
    assert set(torch.load("conv.pt", weights_only=True)) == {"w0.weight", "w0.bias", "w1.weight", "w1.bias"}
