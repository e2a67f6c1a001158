"""Compares pickles of Python and torch, read and written by C++ (pickle_probe), with Python's results."""

import collections
import io
import json
import os
import pathlib
import pickle
import random
import struct
import subprocess
import sys
import warnings
import zipfile

import pytest
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from pickle_trees import random_value, tree  # noqa: E402

from tests.build import BUILD

PROBE = BUILD / "bin" / "pickle_probe"
PROTOCOLS = range(6)


def probe(*args):
    run = subprocess.run([PROBE, *args], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def ours(folder, pickles):
    """The C++ reader's trees of pickles."""
    paths = []
    for i, data in enumerate(pickles):
        paths.append(folder / f"{i}.pkl")
        paths[-1].write_bytes(data)
    return probe("tree", *paths)


def sorted_sets(value):
    """Sorts sets, because Python does not keep the order of the pickle."""
    if isinstance(value, dict):
        inner = {key: sorted_sets(item) for key, item in value.items()}
        return {key: sorted(item, key=json.dumps) if key in ("set", "frozenset") else item for key, item in inner.items()}
    return [sorted_sets(item) for item in value] if isinstance(value, list) else value


def assert_read(folder, values, protocols=PROTOCOLS):
    pickles = [pickle.dumps(value, protocol) for value in values for protocol in protocols]
    expected = [tree(pickle.loads(data)) for data in pickles]
    for result, truth, data in zip(ours(folder, pickles), expected, pickles, strict=True):
        assert "error" not in result, (result["error"], data)
        assert sorted_sets(result["tree"]) == sorted_sets(truth), data


@pytest.mark.parametrize("seed", range(8))
def test_random_values_of_every_protocol(tmp_path, seed):
    generator = random.Random(seed)
    assert_read(tmp_path, [random_value(generator, 4) for _ in range(40)])


def test_edges_of_every_length(tmp_path):
    texts = ["a" * n for n in (0, 1, 255, 256, 70000)]
    ints = [sign * (1 << bits) + d for bits in (0, 7, 8, 15, 16, 31, 32, 63, 64, 127, 2039, 2040) for sign in (-1, 1) for d in (-1, 0, 1)]
    big = {i: str(i) for i in range(2500)}
    assert_read(tmp_path, [texts, [t.encode() for t in texts], [bytearray(t.encode()) for t in texts], ints, big, list(range(2500)), set(range(2500))])


def test_sharing_and_values_that_hold_themselves(tmp_path):
    shared = [1]
    loop = [shared, shared]
    loop.append(loop)
    table = {"self": None, "loop": loop}
    table["self"] = table
    through_tuple = ([],)
    through_tuple[0].append(through_tuple)
    assert_read(tmp_path, [loop, table, through_tuple])


def test_equal_keys_are_one_as_in_python(tmp_path):
    ones = b"K\x01K\x01\x88K\x02G\x3f\xf0\0\0\0\0\0\0K\x03"  # 1, True and 1.0
    tuples = b"K\x01\x85K\x01\x88\x85K\x02"  # (1,) and (True,)
    texts = b"X\1\0\0\0aK\1U\1aK\2"
    many = b"".join(b"M" + struct.pack("<H", i % 1000) + b"M" + struct.pack("<H", i) for i in range(3000))
    zeros = b"G\x80\0\0\0\0\0\0\0K\1K\0K\2"
    large = b"\x8a\x09" + (2**64).to_bytes(9, "little") + b"K\1G" + struct.pack(">d", 2.0**64) + b"K\2"
    pickles = [b"\x80\x04}(" + items + b"u." for items in (ones, tuples, texts, many, zeros, large)]
    pickles += [b"\x80\x04\x8f(K\1\x88K\2\x90.", b"\x80\x04(K\1\x88K\2\x91."]
    for result, data in zip(ours(tmp_path, pickles), pickles, strict=True):
        truth = tree(pickle.loads(data, encoding="utf-8"))
        assert sorted_sets(result.get("tree")) == sorted_sets(truth), (data[:60], result)


def data_pkl(value, protocol=2):
    buffer = io.BytesIO()
    torch.save(value, buffer, pickle_protocol=protocol)
    archive = zipfile.ZipFile(buffer)
    return archive.read(next(name for name in archive.namelist() if name.endswith("data.pkl")))


def torch_values():
    dtypes = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint16, torch.uint32, torch.uint64]
    dtypes += [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex32, torch.complex64, torch.complex128]
    dtypes += [torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.float8_e8m0fnu]
    values = {str(dtype): torch.zeros(2, 3, dtype=dtype) for dtype in dtypes}
    values |= {"dtypes": dtypes, "devices": [torch.device("cpu"), torch.device("cuda:3"), torch.device("meta")]}
    values |= {"layouts": [torch.strided, torch.sparse_coo, torch.sparse_bsc], "size": torch.Size([1, 2]), "schemes": [torch.per_tensor_affine]}
    base = torch.arange(24.0).reshape(2, 3, 4)
    values |= {"views": [base[1, :, 1::2].t(), base, base[0, 0, 0], base[:, 3:], base.expand(2, 2, 3, 4)], "empty": torch.empty(0, 3)}
    values |= {"conj": torch.ones(2, dtype=torch.complex64).conj(), "neg": torch.ones(2, dtype=torch.complex64).conj().imag}
    values["quantized"] = torch.quantize_per_tensor(torch.ones(2), 0.1, 3, torch.quint8)
    values["qint32"] = torch.quantize_per_tensor(torch.ones(2), 0.1, 3, torch.qint32)
    values["channels"] = torch.quantize_per_channel(torch.ones(2, 3), torch.rand(3), torch.zeros(3, dtype=torch.long), 1, torch.qint8)
    values["quint4x2"] = torch.quantize_per_channel(torch.rand(3, 5), torch.ones(3), torch.zeros(3), 0, torch.quint4x2)
    values["coo"] = torch.eye(3).to_sparse()
    values["coo, not coalesced"] = torch.sparse_coo_tensor([[0, 0], [1, 1]], [[1.0, 2], [3, 4]], (2, 3, 2))
    values["coo, empty"] = torch.sparse_coo_tensor(size=(2, 3))
    values |= {"csr": torch.eye(4).to_sparse_csr(), "csc": torch.ones(2, 3).to_sparse_csc(), "batch": torch.eye(4).expand(2, 4, 4).to_sparse_csr()}
    values |= {"bsr": torch.ones(4, 6).to_sparse_bsr((2, 3)), "bsc": torch.ones(4, 6).to_sparse_bsc((2, 3))}
    values["csr, dense dimension"] = torch.ones(4, 3, 2).to_sparse_csr(dense_dim=1)
    values |= {"meta": torch.empty(2, 3, device="meta"), "requires_grad": torch.ones(1, requires_grad=True)}
    parameter = torch.nn.Parameter(torch.ones(2))
    with_state = torch.nn.Parameter(torch.ones(2))
    with_state.tag = "x"
    tagged = torch.ones(2)
    tagged.tag = {"a": 1}
    values |= {"tied": {"a": parameter, "b": parameter, "c": parameter.data}, "with state": with_state, "tagged": tagged}
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.ones(4, 2)).sum().backward()
    optimizer.step()
    values["checkpoint"] = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3, "rng": torch.get_rng_state()}
    return values


@pytest.fixture(scope="module")
def values():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield torch_values()


def without_keys(value):
    if isinstance(value, dict):
        return {key: without_keys(item) for key, item in value.items() if key != "key"}
    return [without_keys(item) for item in value] if isinstance(value, list) else value


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_what_torch_saves(tmp_path, values, protocol):
    results = ours(tmp_path, [data_pkl(value, protocol) for value in values.values()])
    for (name, value), result in zip(values.items(), results, strict=True):
        assert without_keys(result.get("tree")) == tree(value), (name, result)


@pytest.mark.filterwarnings("ignore")
def test_tied_tensors_have_one_key(tmp_path, values):
    (result,) = ours(tmp_path, [data_pkl(values["tied"])])
    keys = [item["tensor"]["key"] for item in result["tree"]["dict"][1::2]]
    assert keys == ["0", "0", "0"]


@pytest.mark.filterwarnings("ignore")
def test_legacy_files(tmp_path, values):
    for name, value in values.items():
        path = tmp_path / "legacy.pt"
        torch.save(value, path, _use_new_zipfile_serialization=False)
        (result,) = probe("legacy", path)
        assert without_keys(result["tree"]) == tree(value), name
        assert result["little_endian"] is True
    torch.save([torch.arange(3, dtype=torch.int16), torch.ones(2)], path, _use_new_zipfile_serialization=False)
    assert sorted(probe("legacy", path)[0]["storages"].values()) == ["000001000200", "0000803f0000803f"]


def rewritten(folder, data):
    (folder / "in.pkl").write_bytes(data)
    probe("rewrite", folder / "in.pkl", folder / "out.pkl")
    return (folder / "out.pkl").read_bytes()


class Written(pickle.Unpickler):
    """torch's weights-only reader takes these; so does this one, which needs no storages."""

    def persistent_load(self, pid):
        return pid


@pytest.mark.parametrize("seed", range(4))
def test_what_we_write_python_reads(tmp_path, seed):
    generator = random.Random(1000 + seed)
    for _ in range(40):
        value = random_value(generator, 4)
        data = pickle.dumps(value, 2)
        if b"defaultdict" in data or b"Counter" in data:
            continue
        assert sorted_sets(tree(pickle.loads(rewritten(tmp_path, data)))) == sorted_sets(tree(pickle.loads(data)))


def replaced(value, pickled):
    """The file that torch.save makes of `value`, with another data.pkl."""
    saved = io.BytesIO()
    torch.save(value, saved)
    result = io.BytesIO()
    with zipfile.ZipFile(saved) as archive, zipfile.ZipFile(result, "w", zipfile.ZIP_STORED) as changed:
        for name in archive.namelist():
            changed.writestr(name, pickled if name.endswith("data.pkl") else archive.read(name))
    result.seek(0)
    return result


@pytest.mark.filterwarnings("ignore")
def test_what_we_write_torch_reads_with_weights_only(tmp_path, values):
    for name, value in values.items():
        if name in ("tagged", "with state", "schemes"):  # neither attributes nor schemes alone are written
            continue
        ours_read = torch.load(replaced(value, rewritten(tmp_path, data_pkl(value))), weights_only=True)
        assert tree(ours_read) == tree(value), name


def test_metadata_and_sharing_survive_writing(tmp_path):
    state = collections.OrderedDict(a=[1], b=None)
    state["b"] = state["a"]
    state._metadata = collections.OrderedDict({"": {"version": 2}})
    read = pickle.loads(rewritten(tmp_path, pickle.dumps(state, 2)))
    assert read._metadata == state._metadata and read["a"] is read["b"]
    loop = []
    loop.append(loop)
    read = pickle.loads(rewritten(tmp_path, pickle.dumps(loop, 2)))
    assert read[0] is read


def test_what_is_rejected_says_so(tmp_path):
    np = pytest.importorskip("numpy")
    rejected = {
        pickle.dumps(np.float64(1)): "NumPy's values are not supported",
        pickle.dumps(print): "builtins.print, which is not allowed",
        pickle.dumps(os.system): "posix.system, which is not allowed",
        pickle.dumps(torch.ones(2)): "torch.storage._load_from_bytes, which is not allowed",
        pickle.dumps(slice(1)): "builtins.slice, which is not allowed",
        pickle.dumps(collections.deque([1])): "collections.deque, which is not allowed",
    }
    for result, part in zip(ours(tmp_path, rejected), rejected.values(), strict=True):
        assert part in result["error"], result
