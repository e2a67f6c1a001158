"""bisque::save and load beside torch.save and torch.load, in one process: values go from Python through C++ and back."""

import os
import pathlib
import random
import sys
import zipfile

import pytest
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from torch_values import DTYPES, FLOATS, OTHERS, PLAIN, same, some  # noqa: E402

from tests.build import BUILD

torch.ops.load_library(BUILD / "tests" / "libcheckpoint_probe.so")
probe = torch.ops.bisque_checkpoint_probe


def there_and_back(value, tmp_path, *, mmap=False, location="", save=torch.save, load=None):
    save(value, tmp_path / "from.pt")
    probe.resave(str(tmp_path / "from.pt"), str(tmp_path / "to.pt"), mmap, location)
    return torch.load(tmp_path / "to.pt", weights_only=True, **(load or {}))


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


# Those whose storages have no dtype in files: torch.load does not turn them round.
UNTYPED = [torch.complex32, torch.uint16, torch.uint32, torch.uint64]


def big_endian(source, target, swapped):
    """A file as a big-endian machine writes it: each number turned round, of a complex one each half. `swapped` has the bytes of a number
    by record."""
    with zipfile.ZipFile(source) as little, zipfile.ZipFile(target, "w") as big:
        for name in little.namelist():
            data = little.read(name)
            record = name.split("/", 1)[1]
            if record == "byteorder":
                data = b"big"
            elif size := swapped.get(record):
                data = b"".join(data[i : i + size][::-1] for i in range(0, len(data), size))
            big.writestr(name, data)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mmap", [False, True])
def test_big_endian_files(mmap, tmp_path):
    dtypes = [dtype for dtype in DTYPES if dtype not in UNTYPED]
    value = {str(dtype): some(dtype, 3, 5).t() for dtype in dtypes}
    value["qint32"] = torch.quantize_per_tensor(torch.rand(3, 4), 0.1, 3, torch.qint32)
    torch.save(value, tmp_path / "little.pt")
    sizes = [dtype.itemsize // (2 if dtype.is_complex else 1) for dtype in dtypes] + [4]
    big_endian(tmp_path / "little.pt", tmp_path / "big.pt", {f"data/{i}": size for i, size in enumerate(sizes)})
    assert value["torch.int32"].t().numpy().byteswap().tobytes() in (tmp_path / "big.pt").read_bytes()
    probe.resave(str(tmp_path / "big.pt"), str(tmp_path / "ours.pt"), mmap, "")
    same(torch.load(tmp_path / "ours.pt", weights_only=True), value)
    same(torch.load(tmp_path / "big.pt", weights_only=True), value)


@pytest.mark.parametrize("dtype", UNTYPED, ids=str)
def test_big_endian_files_without_dtypes_are_rejected(dtype, tmp_path):
    torch.save([some(dtype, 3)], tmp_path / "little.pt")
    big_endian(tmp_path / "little.pt", tmp_path / "big.pt", {})
    assert "has a storage without a dtype in a big-endian file" in probe.error_of_load(str(tmp_path / "big.pt"))


@pytest.mark.skipif("BISQUE_LARGE" not in os.environ, reason="writes 8 GiB; BISQUE_LARGE=1 runs it")
def test_more_than_4_gib(tmp_path):
    big = torch.zeros(2**32 + 5, dtype=torch.uint8)
    big[-5:] = torch.arange(5)
    value = [torch.arange(5), big, torch.arange(7.0), torch.empty(0)]
    torch.save(value, tmp_path / "theirs.pt")
    for mmap in (True, False):
        same([tensor[-7:] for tensor in probe.tensors(str(tmp_path / "theirs.pt"), mmap)], [tensor[-7:] for tensor in value])
    probe.resave(str(tmp_path / "theirs.pt"), str(tmp_path / "ours.pt"), True, "")
    (tmp_path / "theirs.pt").unlink()
    for mmap in (True, False):
        back = torch.load(tmp_path / "ours.pt", weights_only=True, mmap=mmap)
        assert back[1].shape == big.shape
        assert all(torch.equal(ours[-7:], theirs[-7:]) for ours, theirs in zip(back, value, strict=True))
        del back
    (tmp_path / "ours.pt").unlink()


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


def test_spoiled_files_are_rejected(tmp_path):
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


def test_what_holds_itself_is_rejected(tmp_path):
    loop = []
    loop.append(loop)
    torch.save(loop, tmp_path / "loop.pt")
    assert "or one that holds itself" in probe.error_of_load(str(tmp_path / "loop.pt"))


def deflated(source, target, method=zipfile.ZIP_DEFLATED, folders=False):
    """The same archive as another program packs it."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", method) as new:
        if folders:
            new.mkdir(old.namelist()[0].split("/")[0])
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return str(target)


@pytest.mark.parametrize("folders", [False, True])
def test_deflated_archives(tmp_path, folders):
    value = {"a": torch.arange(100_000.0), "b": [1, "x"], "c": torch.eye(3).to_sparse()}
    torch.save(value, tmp_path / "a.pt")
    path = deflated(tmp_path / "a.pt", tmp_path / "b.pt", folders=folders)
    same(torch.load(path, weights_only=True), value)
    for mmap in (False, True):
        probe.resave(path, str(tmp_path / "c.pt"), mmap, "")
        same(torch.load(tmp_path / "c.pt", weights_only=True), value)


def test_deflated_storages_are_checked(tmp_path):
    torch.save({"a": torch.arange(1000.0)}, tmp_path / "a.pt")
    path = deflated(tmp_path / "a.pt", tmp_path / "b.pt")
    good = pathlib.Path(path).read_bytes()
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("a/data/0").header_offset + 60
    pathlib.Path(path).write_bytes(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
    assert "a/data/0" in probe.error_of_load(path)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(2, 3)

    def forward(self, x):
        return self.linear(x)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("make", [Net, lambda: torch.nn.Linear(2, 3), lambda: {"model": Net()}])
def test_whole_models_are_rejected_with_what_to_do(tmp_path, make, zipped):
    torch.save(make(), tmp_path / "a.pt", _use_new_zipfile_serialization=zipped)
    message = probe.error_of_load(str(tmp_path / "a.pt"))
    assert message.startswith(f"{tmp_path}/a.pt: is a whole model (torch.save(model), of the class ")
    assert message.endswith("save its state in Python instead: torch.save(model.state_dict(), NEW_PATH).")


def test_programs_are_rejected_with_what_to_do(tmp_path):
    torch.jit.script(Net()).save(str(tmp_path / "a.pt"))
    message = probe.error_of_load(str(tmp_path / "a.pt"))
    assert message.startswith(f"{tmp_path}/a.pt: is a TorchScript program") and "torch.jit.load(PATH).state_dict()" in message
    torch.export.save(torch.export.export(Net(), (torch.rand(1, 2),)), tmp_path / "b.pt2")
    message = probe.error_of_load(str(tmp_path / "b.pt2"))
    assert message.startswith(f"{tmp_path}/b.pt2: is a program of torch.export") and "state_dict" in message


@pytest.mark.skipif(torch.cuda.is_available(), reason="the device is there")
def test_files_of_a_device_that_is_missing(tmp_path):
    torch.save({"a": torch.ones(2)}, tmp_path / "a.pt", _use_new_zipfile_serialization=False)
    old = (tmp_path / "a.pt").read_bytes()
    (tmp_path / "a.pt").write_bytes(old.replace(b"X\x03\0\0\0cpu", b"X\x06\0\0\0cuda:1"))
    assert probe.error_of_load(str(tmp_path / "a.pt")) == (
        f"{tmp_path}/a.pt: its tensors are on cuda:1, and cuda:1 is not available here; load them on the CPU by "
        'map_location, as in {.map_location = "cpu"}.'
    )
    probe.resave(str(tmp_path / "a.pt"), str(tmp_path / "b.pt"), False, "cpu")
    same(torch.load(tmp_path / "b.pt", weights_only=True), {"a": torch.ones(2)})
    (tmp_path / "a.pt").write_bytes(old.replace(b"X\x03\0\0\0cpu", b"X\x07\0\0\0nowhere"))
    assert probe.error_of_load(str(tmp_path / "a.pt")).startswith(str(tmp_path / "a.pt"))


def test_frozensets_are_read_and_not_written(tmp_path):
    torch.save(frozenset({1}), tmp_path / "a.pt")
    assert probe.error_of_load(str(tmp_path / "a.pt")) == ""
    with pytest.raises(RuntimeError, match="a frozenset cannot be saved"):
        probe.resave(str(tmp_path / "a.pt"), str(tmp_path / "b.pt"), False, "")
    assert not (tmp_path / "b.pt").exists()


def test_jagged_tensors_are_rejected_with_what_to_do(tmp_path):
    torch.save(torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged), tmp_path / "a.pt")
    assert "save values() and offsets()" in probe.error_of_load(str(tmp_path / "a.pt"))
