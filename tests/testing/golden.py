"""Reads golden cases with only torch and pytest, because a machine with a GPU may have nothing else."""

import json
import math
import pathlib
import struct

import torch

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
DTYPES = {"F32": torch.float32, "F64": torch.float64, "I64": torch.int64, "I32": torch.int32, "BOOL": torch.bool, "U8": torch.uint8}


def read_golden(path) -> tuple[dict, dict]:
    """The tensors of a golden file, and its arguments: read_golden("knn_0") or a path."""
    path = pathlib.Path(path)
    if path.suffix != ".safetensors":
        path = GOLDEN / f"{path}.safetensors"
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        dtype, shape = DTYPES[entry["dtype"]], entry["shape"]
        flat = torch.frombuffer(bytearray(content[begin:end]), dtype=dtype) if math.prod(shape) else torch.empty(0, dtype=dtype)
        tensors[name] = flat.reshape(shape)
    return tensors, json.loads(metadata.get("args", "{}"))
