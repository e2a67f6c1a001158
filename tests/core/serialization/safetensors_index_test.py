"""Compares sharded safetensors (through the program zip_probe) with the safetensors package."""

import json
import subprocess

import pytest
import torch
from safetensors.torch import load_file, safe_open, save_file

from tests.build import BUILD

DTYPES = [torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.bool, torch.float8_e4m3fn, torch.float64]
TENSORS = {f"layer.{i}.weight": torch.arange(100.0 * i).reshape(i, 100).to(dtype) for i, dtype in enumerate(DTYPES)}


def probe(*words):
    command = [BUILD / "bin" / "zip_probe", *map(str, words)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr


def same(ours, theirs):
    def parts(tensor):
        return tensor.dtype, tensor.shape, tensor.view(torch.uint8).tolist()

    return {name: parts(ours[name]) for name in ours} == {name: parts(theirs[name]) for name in theirs}


def num_bytes(tensors):
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())


@pytest.mark.parametrize("max_bytes", [1, 1000, 3000, 10**9])
def test_python_reads_the_shards(tmp_path, max_bytes):
    save_file(TENSORS, tmp_path / "all.safetensors", {"format": "pt"})
    index_file = tmp_path / "model.safetensors.index.json"
    probe("split", tmp_path / "all.safetensors", index_file, max_bytes)
    index = json.loads(index_file.read_text())
    shards = sorted(tmp_path.glob("model-*.safetensors"))
    assert [shard.name for shard in shards] == [
        f"model-{i:05}-of-{len(shards):05}.safetensors" for i in range(1, len(shards) + 1)
    ]
    assert index["metadata"] == {"format": "pt", "total_size": num_bytes(TENSORS)}
    loaded = {}
    for shard in shards:
        content = load_file(shard)
        assert all(index["weight_map"][name] == shard.name for name in content)
        assert len(content) == 1 or num_bytes(content) <= max_bytes
        with safe_open(shard, "pt") as file:
            assert file.metadata() == {"format": "pt"}
        loaded |= content
    assert same(loaded, TENSORS) and index["weight_map"].keys() == TENSORS.keys()
    assert len(shards) == 1 or len(shards) >= 3


def test_shards_of_python_are_read(tmp_path):
    names = list(TENSORS)
    weight_map = {}
    for i, part in enumerate((names[:2], names[2:5], names[5:])):
        shard = f"model-{i + 1:05}-of-00003.safetensors"
        save_file({name: TENSORS[name] for name in part}, tmp_path / shard, {"format": "pt"})
        weight_map |= dict.fromkeys(part, shard)
    index = {"metadata": {"total_size": 1}, "weight_map": weight_map}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index, indent=2))
    probe("join", tmp_path / "model.safetensors.index.json", tmp_path / "all.safetensors")
    assert same(load_file(tmp_path / "all.safetensors"), TENSORS)
