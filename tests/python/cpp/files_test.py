"""bisque3d.cpp.save and load, beside torch.save and torch.load."""

import collections
import os
import subprocess
import sys

import pytest
import safetensors.torch
import torch

from tests.build import BUILD, ROOT

VALUES = {
    "none": None,
    "numbers": [True, -3, 2.5, 1 << 80, -(1 << 70), 1 + 2j],
    "text": "näme",
    "bytes": [b"\x00\xff", bytearray(b"ab")],
    "nested": {"a": (1, [2, {"b": ()}]), "c": {1: "one", (2, 3): "pair"}},
    "sets": {1, 2},
    "torch": [torch.Size([2, 3]), torch.float16, torch.device("cpu")],
    "tensors": [torch.arange(6).view(2, 3), torch.rand(2, dtype=torch.float64), torch.tensor(1, dtype=torch.bfloat16)],
    "ordered": collections.OrderedDict(z=1, a=2),
}


def same(a, b):
    if isinstance(a, torch.Tensor):
        return isinstance(b, torch.Tensor) and a.dtype == b.dtype and torch.equal(a, b)
    if isinstance(a, dict):
        return type(a) is type(b) and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)) and not isinstance(a, torch.Size):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


@pytest.mark.parametrize("name", VALUES)
def test_values_survive_all_ways(cpp, tmp_path, name):
    value = VALUES[name]
    cpp.save(value, tmp_path / "a.pt")
    assert same(cpp.load(tmp_path / "a.pt"), value)
    if name not in ("nested", "numbers"):  # which torch.load restricts
        assert same(torch.load(tmp_path / "a.pt", weights_only=True), value)
    torch.save(value, tmp_path / "b.pt")
    assert same(cpp.load(tmp_path / "b.pt"), value)


def test_a_state_dict_and_its_parameters(cpp, net, tmp_path):
    state = net.state_dict(keep_vars=True)
    cpp.save(state, tmp_path / "net.pt")
    loaded = cpp.load(tmp_path / "net.pt", map_location="cpu")
    assert isinstance(loaded, collections.OrderedDict) and loaded._metadata[""] == {"version": 1, "plugin": "acme_modules 1.0"}
    assert isinstance(loaded["scale"], torch.nn.Parameter) and loaded["scale"].requires_grad
    net.load_state_dict(loaded)
    assert torch.load(tmp_path / "net.pt", weights_only=True).keys() == state.keys()


def test_safetensors(cpp, tmp_path):
    tensors = {"a": torch.rand(2), "b": torch.arange(3)}
    cpp.save(tensors, tmp_path / "a.safetensors")
    loaded = cpp.load(tmp_path / "a.safetensors", mmap=True)
    assert all(torch.equal(loaded[name], tensors[name]) for name in tensors)


def test_errors_are_sentences(cpp, tmp_path):
    with pytest.raises(RuntimeError, match="nothing.pt"):
        cpp.load(tmp_path / "nothing.pt")
    with pytest.raises(TypeError, match="bisque3d.cpp: expected None, numbers, .* but got object"):
        cpp.save({"a": object()}, tmp_path / "a.pt")
    assert not (tmp_path / "a.pt").exists()


PROGRAM = """
import sys, torch, bisque3d.cpp
print(len(bisque3d.cpp.load(sys.argv[1])))
"""


def loaded_without_the_plugin(path) -> str:
    """stderr of a program that loads a file, and has no plugin."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("BISQUE_PLUGIN")}
    env |= {"PYTHONPATH": str(ROOT / "python"), "BISQUE_BUILD": str(BUILD)}
    result = subprocess.run([sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, env=env)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) > 3
    return result.stderr


@pytest.mark.parametrize("name", ["net.pt", "net.safetensors", "net.safetensors.index.json"])
def test_files_record_the_plugins_that_they_need(cpp, net, tmp_path, capfd, name):
    model = torch.nn.Sequential(torch.nn.Linear(1, 1), net)
    state = model.state_dict()
    assert state._metadata["1"] == {"version": 1, "plugin": "acme_modules 1.0"} and state._metadata["0"] == {"version": 1}
    cpp.save(state, tmp_path / name)
    cpp.save(cpp.modules.make("ops3d.GraphConv", input_dim=1, output_dim=1).state_dict(), tmp_path / ("own." + name))
    sentence = "has the state of Modules of the plugin acme_modules 1.0, which is not loaded, expected it in BISQUE_PLUGINS or at `--plugin`."
    assert f"{tmp_path / name}: {sentence}" in loaded_without_the_plugin(tmp_path / name)
    assert "plugin" not in loaded_without_the_plugin(tmp_path / ("own." + name))
    loaded = cpp.load(tmp_path / name)
    assert "plugin" not in capfd.readouterr().err
    model.load_state_dict(loaded)


def test_other_readers_open_files_that_name_plugins(cpp, net, tmp_path):
    cpp.save(net.state_dict(), tmp_path / "net.safetensors")
    with safetensors.safe_open(tmp_path / "net.safetensors", "pt") as file:
        assert file.metadata() == {"bisque_plugins": "acme_modules 1.0"}
        assert torch.equal(file.get_tensor("scale"), net.scale.detach())
    assert set(safetensors.torch.load_file(tmp_path / "net.safetensors")) == set(net.state_dict())


def test_a_file_of_torch_records_them_too(net, tmp_path):
    torch.save(net.state_dict(), tmp_path / "net.pt")
    assert "the plugin acme_modules 1.0, which is not loaded" in loaded_without_the_plugin(tmp_path / "net.pt")
