"""bisque info, convert and diff of files of tensors, beside torch and safetensors."""

import collections
import hashlib
import json

import pytest
import safetensors.torch
import torch

from tests.cli.program import fail, run, succeed

STATE = {
    "model": {"w": torch.arange(12.0).reshape(3, 4).t(), "half": torch.ones(3, dtype=torch.bfloat16)},
    "steps": [torch.tensor(7), torch.empty(0, 2, dtype=torch.int16)],
    3: {"f8": torch.ones(2).to(torch.float8_e4m3fn), "c": torch.tensor([1 + 2j]).conj()},
    "epoch": 5,
    "lr": 0.5,
    "name": "run",
    "none": None,
    "big": -(2**70),
    "size": torch.Size([2, 3]),
    "dtype": torch.float16,
    "nan": float("nan"),
    "flag": True,
    "empty": {},
}


def info(path) -> dict:
    result = succeed("info", "--json", path)
    assert result.stderr == ""
    return json.loads(result.stdout)


def digest(tensor) -> str:
    plain = tensor.resolve_conj().resolve_neg().contiguous()
    return hashlib.sha256(plain.reshape(-1).view(torch.uint8).numpy().tobytes()).hexdigest()


def entry(name, tensor, device="cpu") -> dict:
    return {
        "name": name,
        "dtype": str(tensor.dtype).removeprefix("torch."),
        "shape": list(tensor.shape),
        "stride": list(tensor.stride()),
        "device": device,
        "sha256": digest(tensor),
    }


def test_info_of_a_nested_value(tmp_path):
    torch.save(STATE, tmp_path / "a.pt")
    found = info(tmp_path / "a.pt")
    assert found["tensors"] == [
        entry("model.w", STATE["model"]["w"]),
        entry("model.half", STATE["model"]["half"]),
        entry("steps.0", STATE["steps"][0]),
        entry("steps.1", STATE["steps"][1]),
        entry("3.f8", STATE[3]["f8"]),
        entry("3.c", STATE[3]["c"]),
    ]
    assert found["values"] == {
        "epoch": 5, "lr": 0.5, "name": "run", "none": None, "big": hex(-(2**70)), "size": [2, 3],
        "dtype": "torch.float16", "nan": "nan", "flag": True, "empty": {},
    }  # fmt: skip


@pytest.mark.parametrize("layout", ["coo", "csr", "csc", "bsr", "bsc"])
def test_info_tells_the_parts_of_sparse_tensors(tmp_path, layout):
    dense = torch.tensor([[0.0, 1, 0, 0], [2, 0, 0, 3]])
    sparse = {
        "coo": dense.to_sparse, "csr": dense.to_sparse_csr, "csc": dense.to_sparse_csc,
        "bsr": lambda: dense.to_sparse_bsr((1, 2)), "bsc": lambda: dense.to_sparse_bsc((1, 2)),
    }[layout]()  # fmt: skip
    torch.save({"s": sparse}, tmp_path / "a.pt")
    parts = {
        "coo": ("indices", "values"), "csr": ("crow_indices", "col_indices", "values"),
        "csc": ("ccol_indices", "row_indices", "values"), "bsr": ("crow_indices", "col_indices", "values"),
        "bsc": ("ccol_indices", "row_indices", "values"),
    }[layout]  # fmt: skip
    found = info(tmp_path / "a.pt")["tensors"]
    assert [(t["name"], t["sha256"]) for t in found] == [(f"s.{p}", digest(getattr(sparse, p)())) for p in parts]


def test_info_tells_the_device_that_a_tensor_was_saved_from(tmp_path):
    # A file from a machine with a GPU: the place is text of the pickle.
    torch.save({"a": torch.ones(2), "b": torch.zeros(3)}, tmp_path / "a.pt", _use_new_zipfile_serialization=False)
    old = (tmp_path / "a.pt").read_bytes()
    assert old.count(b"X\x03\x00\x00\x00cpu") == 1  # the second is a memo of the first
    (tmp_path / "a.pt").write_bytes(old.replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:1"))
    assert {t["device"] for t in info(tmp_path / "a.pt")["tensors"]} == {"cuda:1"}


def test_info_of_safetensors(tmp_path):
    tensors = {"b": torch.arange(3), "a": torch.rand(2, 2)}
    safetensors.torch.save_file(tensors, tmp_path / "a.safetensors", {"key": "text"})
    found = info(tmp_path / "a.safetensors")
    assert sorted(found["tensors"], key=lambda t: t["name"]) == [entry(n, tensors[n]) for n in sorted(tensors)]
    assert found["values"] == {"key": "text"}


def test_conversion_there_and_back(tmp_path):
    state = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4)).state_dict()
    torch.save(state, tmp_path / "a.pt")
    succeed("convert", tmp_path / "a.pt", tmp_path / "b.safetensors")
    there = safetensors.torch.load_file(tmp_path / "b.safetensors")
    succeed("convert", tmp_path / "b.safetensors", tmp_path / "c.pt")
    back = torch.load(tmp_path / "c.pt", weights_only=True)
    assert set(there) == set(back) == set(state)
    for name, tensor in state.items():
        for other in (there[name], back[name]):
            assert other.dtype == tensor.dtype and torch.equal(other, tensor)
    assert succeed("diff", tmp_path / "a.pt", tmp_path / "b.safetensors").stdout == "no difference\n"


def test_conversion_between_torch_files_keeps_all(tmp_path):
    value = {"a.b": torch.ones(1), "a": {"b": torch.zeros(2).t()}, 0: [1, (2, "x")], "0": None, "nan": float("nan"),
             "nested": torch.nested.nested_tensor([torch.ones(1), torch.ones(2)]), "sparse": torch.eye(2).to_sparse()}  # fmt: skip
    torch.save(value, tmp_path / "a.pt")
    succeed("convert", tmp_path / "a.pt", tmp_path / "b.pth")
    back = torch.load(tmp_path / "b.pth", weights_only=True)
    assert list(back) == list(value) and back[0] == value[0] and torch.equal(back["a"]["b"], value["a"]["b"])
    assert succeed("diff", tmp_path / "a.pt", tmp_path / "b.pth").stdout == "no difference\n"


def test_metadata_tell_values_apart(tmp_path):
    values = {"text": "5", "number": 5, "nan": float("nan"), "nan text": "nan", "none": None, "none text": "null", 0: 1, "0": 2,
              "json": '{"a": 1}', "braces": "{}", "empty": {}, "long": b"x" * 100, "quoted": '"nan"'}  # fmt: skip
    torch.save(values, tmp_path / "a.pt")
    succeed("convert", tmp_path / "a.pt", tmp_path / "b.safetensors")
    with safetensors.safe_open(tmp_path / "b.safetensors", "pt") as file:
        metadata = file.metadata()
    assert metadata["text"] == '"5"' and metadata["number"] == "5" and metadata["json"] == '{"a": 1}'
    assert metadata["[0]"] == "1" and metadata['["0"]'] == "2" and "x" * 100 in metadata["long"]
    assert len(set(metadata.values())) == len(values)
    assert succeed("diff", tmp_path / "a.pt", tmp_path / "b.safetensors").stdout == "no difference\n"


def test_conversion_to_shards(tmp_path):
    torch.save(STATE["model"], tmp_path / "a.pt")
    succeed("convert", tmp_path / "a.pt", tmp_path / "m.safetensors.index.json")
    succeed("convert", tmp_path / "m.safetensors.index.json", tmp_path / "b.pt")
    for name, tensor in torch.load(tmp_path / "b.pt", weights_only=True).items():
        assert torch.equal(tensor, STATE["model"][name])


def test_what_a_form_cannot_hold(tmp_path):
    torch.save({"w": torch.ones(2), "epoch": 5, "text": "x"}, tmp_path / "a.pt")
    succeed("convert", tmp_path / "a.pt", tmp_path / "b.safetensors")
    with safetensors.safe_open(tmp_path / "b.safetensors", "pt") as file:
        assert file.metadata() == {"epoch": "5", "text": "x"}
    note = succeed("convert", tmp_path / "b.safetensors", tmp_path / "c.pt").stderr
    assert note.count("note: the metadata") == 2 and '"epoch"' in note
    torch.save({"s": torch.eye(2).to_sparse()}, tmp_path / "a.pt")
    assert 'the tensor "s" is sparse' in fail("convert", tmp_path / "a.pt", tmp_path / "d.safetensors")
    torch.save({"q": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)}, tmp_path / "a.pt")
    assert 'the tensor "q" is quantized' in fail("convert", tmp_path / "a.pt", tmp_path / "d.safetensors")
    torch.save({"a": {"b": torch.ones(1)}, "a.b": torch.ones(1)}, tmp_path / "a.pt")
    assert 'two tensors have the path "a.b"' in fail("convert", tmp_path / "a.pt", tmp_path / "d.safetensors")
    assert not (tmp_path / "d.safetensors").exists()
    assert "is not a supported file of tensors for output" in fail("convert", tmp_path / "a.pt", tmp_path / "d.glb")


def test_diff(tmp_path):
    torch.save({"w": torch.zeros(4), "n": torch.tensor([1.0, float("nan")]), "s": torch.ones(2), "t": torch.ones(1),
                "only": torch.ones(1), "i": torch.arange(2), "epoch": 1}, tmp_path / "a.pt")  # fmt: skip
    torch.save({"w": torch.tensor([0, 0.25, 0, -0.5]), "n": torch.tensor([1.0, float("nan")]), "s": torch.ones(3),
                "t": torch.tensor([float("nan")]), "i": torch.arange(2.0), "epoch": 2}, tmp_path / "b.pt")  # fmt: skip
    result = run("diff", tmp_path / "a.pt", tmp_path / "b.pt")
    assert result.returncode == 3 and result.stderr == ""
    assert result.stdout.splitlines() == [
        "i: torch.int64, and torch.float32",
        "only: only in the first",
        "s: the shape [2], and [3]",
        "t: largest difference inf, 1 of 1 differ",
        "w: largest difference 0.5, 2 of 4 differ",
        "epoch: 1, and 2",
    ]


def differences(tmp_path, a, b) -> list[str]:
    """The lines of `diff` of two values, the same both ways but for the sides, and none of each with itself."""
    torch.save(a, tmp_path / "a.pt")
    torch.save(b, tmp_path / "b.pt")
    result = run("diff", tmp_path / "a.pt", tmp_path / "b.pt")
    assert result.stderr == ""
    for name in ("a.pt", "b.pt"):
        assert succeed("diff", tmp_path / name, tmp_path / name).stdout == "no difference\n"
    reverse = run("diff", tmp_path / "b.pt", tmp_path / "a.pt")
    assert result.returncode == reverse.returncode and result.stdout.count("\n") == reverse.stdout.count("\n")
    if result.returncode == 0:
        assert result.stdout == "no difference\n"
        return []
    assert result.returncode == 3
    return result.stdout.splitlines()


ONE, TWO = torch.ones(1), torch.full((1,), 2.0)
BIG = 2**53
COO = torch.sparse_coo_tensor([[0, 1], [1, 0]], [1.0, 2.0], (2, 2))
Q = torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)
CHANNELS = torch.quantize_per_channel(torch.ones(2, 2), torch.tensor([0.1, 0.2]), torch.tensor([0, 1]), 0, torch.qint8)


@pytest.mark.parametrize(
    ("a", "b", "lines"),
    [
        ({0: ONE, "0": TWO}, {0: TWO, "0": ONE}, ["[0]: largest difference 1, 1 of 1 differ", '["0"]: largest difference 1, 1 of 1 differ']),
        ({0: ONE}, {"0": ONE}, ['["0"]: only in the second', "[0]: only in the first"]),
        ({0: 1, "0": 2}, {0: 2, "0": 1}, ['["0"]: 2, and 1', "[0]: 1, and 2"]),
        ({1: 5}, {True: 5}, ["1: only in the first", "True: only in the second"]),
        ({"a.b": ONE, "a": {"b": TWO}}, {"a.b": TWO, "a": {"b": ONE}}, ['["a"]["b"]: largest difference 1, 1 of 1 differ', '["a.b"]: largest difference 1, 1 of 1 differ']),
        ({"a.b": ONE}, {"a": {"b": ONE}}, ['["a"]["b"]: only in the second', '["a.b"]: only in the first']),
        ({"": {"a": ONE}}, {"a": ONE}, ['[""]["a"]: only in the first', '["a"]: only in the second']),
        ({"x": BIG}, {"x": BIG + 1}, [f"x: {BIG}, and {BIG + 1}"]),
        ({"x": 2**70}, {"x": 2**70 + 1}, [f"x: {hex(2**70)}, and {hex(2**70 + 1)}"]),
        ({"x": True}, {"x": 1}, ["x: True, and 1"]),
        ({"x": 1}, {"x": 1.0}, ["x: 1, and 1.0"]),
        ({"x": float("nan")}, {"x": "nan"}, ['x: nan, and "nan"']),
        ({"x": 0.0}, {"x": -0.0}, []),
        ({"x": 0.1}, {"x": 0.1 + 2**-57}, []),
        ({"x": 0.1}, {"x": 0.30000000000000004}, ["x: 0.1, and 0.30000000000000004"]),
        ({"x": b"a"}, {"x": "a"}, ['x: b"a", and "a"']),
        ({"x": "y" * 100 + "a" + "y" * 100}, {"x": "y" * 100 + "b" + "y" * 100}, None),
        ({"x": torch.float32}, {"x": "torch.float32"}, ['x: torch.float32, and "torch.float32"']),
        ({"x": torch.Size([1, 2])}, {"x": torch.Size([1, 3])}, ["x: torch.Size([1, 2]), and torch.Size([1, 3])"]),
        ({"x": 1 + 2j}, {"x": 1 - 2j}, ["x: complex(1.0, 2.0), and complex(1.0, -2.0)"]),
        ({"x": [ONE]}, {"x": {0: ONE}}, ['["x"]: a list, and a dict']),
        ({"x": [1]}, {"x": (1,)}, ['["x"]: a list, and a tuple']),
        ({"x": []}, {"x": {}}, ["x: [], and {}", '["x"]: a list, and a dict']),
        ({"x": 1}, collections.OrderedDict(x=1), []),
        ({"x": {1, 2}}, {"x": {2, 1}}, []),
        ({"x": {1, 2}}, {"x": {1, 3}}, ["x: {1, 2}, and {1, 3}"]),
        (torch.tensor([BIG]), torch.tensor([BIG + 1]), ["the whole: largest difference 1, 1 of 1 differ"]),
        (torch.tensor([BIG], dtype=torch.uint64), torch.tensor([BIG + 1], dtype=torch.uint64), ["the whole: largest difference 1, 1 of 1 differ"]),
        (torch.tensor([2**63 + 2], dtype=torch.uint64), torch.tensor([-(2**63) + 2]), ["the whole: torch.uint64, and torch.int64; largest difference 1.84467441e+19, 1 of 1 differ"]),
        (torch.tensor([BIG + 1]), torch.tensor([float(BIG)], dtype=torch.float64), ["the whole: torch.int64, and torch.float64; largest difference 1, 1 of 1 differ"]),
        (torch.tensor([True]), torch.tensor([1]), ["the whole: torch.bool, and torch.int64"]),
        (torch.ones(3).to(torch.float8_e4m3fn), (torch.ones(3) * 2).to(torch.float8_e4m3fn), ["the whole: largest difference 1, 3 of 3 differ"]),
        (torch.tensor([1 + 1j]), torch.tensor([1 - 1j]), ["the whole: largest difference 2, 1 of 1 differ"]),
        (torch.ones(3, 2).t(), torch.ones(2, 3), []),
        (torch.arange(6).view(2, 3).t(), torch.arange(6).view(3, 2), ["the whole: largest difference 2, 4 of 6 differ"]),
        (torch.ones(1).expand(3), torch.tensor([1.0, 1, 2]), ["the whole: largest difference 1, 1 of 3 differ"]),
        (torch.empty(2, device="meta"), torch.empty(2), ["the whole: a tensor without data, and a tensor"]),
        (torch.empty(2, device="meta"), torch.empty(3, device="meta"), ["the whole: the shape [2], and [3]"]),
        (COO, COO.to_dense(), ["the whole: the layout Sparse, and Strided"]),
        (COO, torch.sparse_coo_tensor([[1, 0], [0, 1]], [2.0, 1.0], (2, 2)), []),
        (COO, torch.sparse_coo_tensor([[1, 0, 0], [0, 1, 1]], [2.0, 0.5, 0.5], (2, 2)), []),
        (COO, torch.sparse_coo_tensor([[0, 1, 1], [1, 0, 1]], [1.0, 2.0, 0.0], (2, 2)), []),
        (COO, torch.sparse_coo_tensor([[0, 1], [1, 0]], [1.0, 4.0], (2, 2)), ["the whole: largest difference 2, 1 of 2 differ"]),
        (COO, torch.sparse_coo_tensor([[0, 1], [1, 1]], [1.0, 2.0], (2, 2)), ["the whole: largest difference 2, 2 of 3 differ"]),
        (torch.sparse_coo_tensor([[5]], [1], (2**40,)), torch.sparse_coo_tensor([[6]], [1], (2**40,)), ["the whole: largest difference 1, 2 of 2 differ"]),
        (torch.sparse_coo_tensor([[5]], [BIG], (2**40,)), torch.sparse_coo_tensor([[5]], [BIG + 1], (2**40,)), ["the whole: largest difference 1, 1 of 1 differ"]),
        (torch.eye(3).to_sparse_csr(), torch.eye(3).to_sparse_csr() * 2, ["the whole: values: largest difference 1, 3 of 3 differ"]),
        (torch.eye(3).to_sparse_csr(), torch.eye(3).to_sparse_csc(), ["the whole: the layout SparseCsr, and SparseCsc"]),
        (Q, torch.quantize_per_tensor(torch.ones(2), 0.2, 0, torch.qint8), ["the whole: the scale 0.1, and 0.2; largest difference 5, 2 of 2 differ"]),
        (Q, torch.quantize_per_tensor(torch.zeros(2), 0.1, 0, torch.qint8), ["the whole: largest difference 10, 2 of 2 differ"]),
        (Q, Q.dequantize(), ["the whole: torch.qint8, and torch.float32"]),
        (CHANNELS, torch.quantize_per_channel(torch.ones(2, 2), torch.tensor([0.1, 0.2]), torch.tensor([0, 2]), 0, torch.qint8),
         ["the whole: zero points: largest difference 1, 1 of 2 differ; largest difference 1, 2 of 4 differ"]),
        (torch.nested.nested_tensor([ONE, ONE]), torch.nested.nested_tensor([ONE, TWO]), ["the whole: tensor 1: largest difference 1, 1 of 1 differ"]),
        (torch.nested.nested_tensor([ONE]), torch.ones(1, 1), ["the whole: a nested tensor, and a tensor"]),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_diff_misjudges_nothing(tmp_path, a, b, lines):
    found = differences(tmp_path, a, b)
    if lines is None:
        assert len(found) == 1 and found[0].endswith("in both as far as shown; they differ from byte 101 on")
    else:
        assert sorted(found) == sorted(lines)
    assert "is not a file of tensors" in fail("diff", tmp_path / "a.pt", tmp_path / "a.csv")


def test_a_bad_file_is_named(tmp_path):
    (tmp_path / "a.pt").write_bytes(b"PK\x03\x04 no archive")
    for command in (["info"], ["convert"], ["diff"]):
        message = fail(*command, tmp_path / "a.pt", *([] if command == ["info"] else [tmp_path / "b.pt"]))
        assert str(tmp_path / "a.pt") in message
