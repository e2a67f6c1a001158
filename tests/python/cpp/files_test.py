"""bisque3d.cpp.save and load, beside torch.save and torch.load."""

import collections

import pytest
import torch

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
    assert isinstance(loaded, collections.OrderedDict) and loaded._metadata[""] == {"version": 1}
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
