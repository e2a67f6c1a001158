"""bisque info, convert and diff of files of tensors, beside torch and safetensors."""

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
    assert result.stderr == "" or "beta state" in result.stderr  # torch's own, of compressed sparse tensors
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
    refusal = run("convert", tmp_path / "a.pt", tmp_path / "d.safetensors")  # torch warns of its own accord
    assert refusal.returncode == 1 and 'the tensor "q" is quantized' in refusal.stderr
    torch.save({"a": {"b": torch.ones(1)}, "a.b": torch.ones(1)}, tmp_path / "a.pt")
    assert 'two tensors have the path "a.b"' in fail("convert", tmp_path / "a.pt", tmp_path / "d.safetensors")
    assert not (tmp_path / "d.safetensors").exists()
    assert "is no file of tensors that can be written" in fail("convert", tmp_path / "a.pt", tmp_path / "d.glb")


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
    assert "is no file of tensors" in fail("diff", tmp_path / "a.pt", tmp_path / "a.csv")


def test_a_bad_file_is_named(tmp_path):
    (tmp_path / "a.pt").write_bytes(b"PK\x03\x04 no archive")
    for command in (["info"], ["convert"], ["diff"]):
        message = fail(*command, tmp_path / "a.pt", *([] if command == ["info"] else [tmp_path / "b.pt"]))
        assert str(tmp_path / "a.pt") in message
