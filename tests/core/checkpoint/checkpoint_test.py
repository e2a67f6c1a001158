"""bisque::save and load beside torch.save and torch.load, in one process: values go from Python through C++ and back."""

import collections
import os
import pathlib
import random

import pytest
import torch

BUILD = pathlib.Path(os.environ.get("BISQUE_BUILD", pathlib.Path(__file__).resolve().parents[3] / "build"))
torch.ops.load_library(BUILD / "tests" / "libcheckpoint_probe.so")
probe = torch.ops.bisque_checkpoint_probe

FLOATS = [torch.float64, torch.float32, torch.float16, torch.bfloat16]
DTYPES = [
    *FLOATS, torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.complex32, torch.complex64,
    torch.complex128, torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint16, torch.uint32, torch.uint64,
]


def bits(tensor):
    """A strided tensor's values as bytes."""
    return tensor.detach().contiguous().view(torch.uint8) if tensor.dim() else tensor.detach().reshape(1).contiguous().view(torch.uint8)


def same(a, b):
    assert type(a) is type(b)
    if isinstance(a, torch.Tensor):
        assert (a.dtype, a.shape, a.layout, a.requires_grad, a.device) == (b.dtype, b.shape, b.layout, b.requires_grad, b.device)
        if a.layout == torch.sparse_coo:
            assert a.is_coalesced() == b.is_coalesced()
            same(a.detach()._indices(), b.detach()._indices())
            same(a.detach()._values(), b.detach()._values())
        elif a.layout != torch.strided:
            same(a.to_dense(), b.to_dense())
        elif a.is_quantized:
            assert a.qscheme() == b.qscheme()
            assert torch.equal(a.int_repr(), b.int_repr()) and torch.equal(a.dequantize(), b.dequantize())
        elif a.is_meta:
            assert a.stride() == b.stride()
        else:
            assert a.stride() == b.stride() and a.storage_offset() == b.storage_offset()
            assert (a.is_conj(), a.is_neg()) == (b.is_conj(), b.is_neg())
            assert torch.equal(bits(a.resolve_conj().resolve_neg()), bits(b.resolve_conj().resolve_neg()))
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            same(a[key], b[key])
        assert getattr(a, "_metadata", None) == getattr(b, "_metadata", None)
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    else:
        assert a == b or (a != a and b != b)


def there_and_back(value, tmp_path, *, mmap=False, location="", save=torch.save, load=None):
    save(value, tmp_path / "from.pt")
    probe.resave(str(tmp_path / "from.pt"), str(tmp_path / "to.pt"), mmap, location)
    return torch.load(tmp_path / "to.pt", weights_only=True, **(load or {}))


def some(dtype, *shape):
    generator = torch.Generator().manual_seed(1)
    raw = torch.randint(0, 2 if dtype == torch.bool else 120, (*shape, dtype.itemsize), generator=generator, dtype=torch.uint8)
    return raw.view(dtype).reshape(shape)


PLAIN = {
    "numbers": [0, 1, -1, 255, 256, 2**31, -(2**31) - 1, 2**63 - 1, -(2**63), 2**63, -(2**200), 0.0, -0.0, 1e300, float("inf"), float("nan")],
    "text": ["", "plain", "ä€😀", "x" * 300],
    "others": [None, True, False, b"", b"\x00\xff", bytearray(b"ab"), 1 + 2j, (), (1,), (1, "a", None, [2]), set(), {1, 2}],
    "dicts": {"a": {}, "b": {1: "one", (1, 2): "pair", None: 0, True: 1.5}, "c": collections.OrderedDict([("x", 1), (2, [3])])},
    "torch": [torch.Size([1, 2]), torch.Size([]), torch.float32, torch.int8, torch.device("cpu"), torch.device("cuda", 1)],
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_values(name, tmp_path):
    same(there_and_back(PLAIN[name], tmp_path), PLAIN[name])


@pytest.mark.parametrize("mmap", [False, True])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_dtype(dtype, mmap, tmp_path):
    value = {"whole": some(dtype, 3, 5), "zero_dim": some(dtype), "empty": some(dtype, 0, 4), "one": some(dtype, 1)}
    same(there_and_back(value, tmp_path, mmap=mmap), value)
    same(there_and_back(value, tmp_path, mmap=mmap, load=dict(mmap=True)), value)
    same(probe.tensors(str(tmp_path / "from.pt"), mmap), list(value.values()))


@pytest.mark.parametrize("mmap", [False, True])
def test_views_and_ties(mmap, tmp_path):
    base = torch.arange(60.0).view(3, 4, 5)
    value = [base, base.transpose(0, 2), base[1:, ::2, 3], base.expand(2, 3, 4, 5), base[2, 3, 4], base.conj(), torch.view_as_complex(base[..., :2].contiguous()).conj()]
    back = there_and_back(value, tmp_path, mmap=mmap)
    same(back, value)
    assert len({t.untyped_storage().data_ptr() for t in back[:5]}) == 1, "storages are tied still"
    ours = probe.tensors(str(tmp_path / "to.pt"), mmap)
    ours[0].fill_(7)
    assert ours[1].eq(7).all(), "and in C++, which may write"
    assert torch.load(tmp_path / "to.pt")[0][0, 0, 1] == 1, "into memory of its own"


OTHERS = {
    "parameter": lambda: torch.nn.Parameter(torch.rand(3)),
    "frozen_parameter": lambda: torch.nn.Parameter(torch.rand(3), requires_grad=False),
    "requires_grad": lambda: torch.rand(3, requires_grad=True),
    "meta": lambda: torch.empty(3, 4, device="meta"),
    "coo": lambda: torch.sparse_coo_tensor([[0, 2, 0], [1, 0, 1]], [1.0, 2.0, 3.0], (3, 4)),
    "coalesced": lambda: torch.rand(3, 4).to_sparse(),
    "hybrid": lambda: torch.rand(3, 4, 5).to_sparse(1),
    "csr": lambda: torch.eye(3).to_sparse_csr(),
    "csc": lambda: torch.eye(3).to_sparse_csc(),
    "bsr": lambda: torch.eye(4).to_sparse_bsr((2, 2)),
    "bsc": lambda: torch.eye(4).to_sparse_bsc((2, 2)),
    "quint8": lambda: torch.quantize_per_tensor(torch.rand(3, 4), 0.1, 3, torch.quint8),
    "qint8": lambda: torch.quantize_per_tensor(torch.rand(3, 4), 0.1, 3, torch.qint8),
    "qint32": lambda: torch.quantize_per_tensor(torch.rand(3, 4), 0.1, 3, torch.qint32),
    "per_channel": lambda: torch.quantize_per_channel(torch.rand(3, 4), torch.tensor([0.1, 0.2, 0.3]), torch.tensor([0, 1, 2]), 0, torch.qint8),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OTHERS)
def test_other_tensors(name, tmp_path):
    value = {"a": OTHERS[name]()}
    same(there_and_back(value, tmp_path), value)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_pickle_protocols(protocol, tmp_path):
    value = {"a": torch.rand(3), "b": [1, "x", b"y", {2: bytearray(b"z")}]}
    same(there_and_back(value, tmp_path, save=lambda v, path: torch.save(v, path, pickle_protocol=protocol)), value)


@pytest.mark.parametrize("dtype", [*FLOATS, torch.complex64, torch.int64, torch.bool], ids=str)
def test_files_before_torch_1_6(dtype, tmp_path):
    base = some(dtype, 4, 5)
    value = {"base": base, "view": base.t(), "list": [1, "a"]}
    same(there_and_back(value, tmp_path, save=lambda v, path: torch.save(v, path, _use_new_zipfile_serialization=False)), value)


def test_state_dicts_keep_their_versions(tmp_path):
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    back = there_and_back({"model": net.state_dict()}, tmp_path)
    same(back, {"model": net.state_dict()})
    assert back["model"]._metadata["1"]["version"] == 2


def test_map_location(tmp_path):
    value = {"a": torch.rand(3)}
    back = there_and_back(value, tmp_path, location="meta")
    assert back["a"].is_meta and back["a"].shape == (3,)


def python_training(steps):
    torch.manual_seed(4)
    net = torch.nn.Sequential(torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2))
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.03, betas=(0.8, 0.95), foreach=False)
    for step in range(steps):
        optimizer.zero_grad()
        x = (torch.arange(15.0).view(5, 3) * (0.1 * (step + 1))).sin()
        net(x).square().mean().backward()
        optimizer.step()
    return net, optimizer


def test_training_goes_on_in_cpp_and_back(tmp_path):
    net, optimizer = python_training(4)
    torch.save({"model": net.state_dict(), "optimizer": optimizer.state_dict(), "step": 4}, tmp_path / "python.pt")
    probe.train(str(tmp_path / "python.pt"), str(tmp_path / "cpp.pt"), 3)
    back = torch.load(tmp_path / "cpp.pt", weights_only=True)
    expected, expected_optimizer = python_training(7)
    assert back["step"] == 7
    for name, tensor in expected.state_dict().items():
        torch.testing.assert_close(back["model"][name], tensor, rtol=1e-4, atol=1e-5)
    optimizer.load_state_dict(back["optimizer"])
    assert optimizer.param_groups[0]["betas"] == (0.8, 0.95) and optimizer.param_groups[0]["lr"] == 0.03
    for ours, theirs in zip(optimizer.state_dict()["state"].values(), expected_optimizer.state_dict()["state"].values(), strict=True):
        assert ours["step"] == theirs["step"] == 7
        torch.testing.assert_close(ours["exp_avg"], theirs["exp_avg"], rtol=1e-4, atol=1e-5)


def test_spoiled_files_are_refused(tmp_path):
    torch.save({"a": torch.rand(100), "b": [1, {"c": torch.rand(5).t()}]}, tmp_path / "good.pt")
    good = (tmp_path / "good.pt").read_bytes()
    bad, generator = tmp_path / "bad.pt", random.Random(3)
    for length in [0, 1, 10, *(generator.randrange(len(good)) for _ in range(60))]:
        bad.write_bytes(good[:length])
        assert probe.error_of_load(str(bad)).startswith(str(bad)), length
    for _ in range(150):
        spoiled = bytearray(good)
        spoiled[generator.randrange(len(good))] ^= 1 << generator.randrange(8)
        bad.write_bytes(spoiled)
        error = probe.error_of_load(str(bad))
        assert error == "" or error.startswith(str(bad)), error


class Evil:
    def __reduce__(self):
        return os.system, ("echo evil",)


def test_nothing_is_called(tmp_path):
    torch.save({"a": Evil()}, tmp_path / "evil.pt")
    assert "posix.system" in probe.error_of_load(str(tmp_path / "evil.pt"))


def test_what_holds_itself_is_refused(tmp_path):
    loop = []
    loop.append(loop)
    torch.save(loop, tmp_path / "loop.pt")
    assert "or one that holds itself" in probe.error_of_load(str(tmp_path / "loop.pt"))
