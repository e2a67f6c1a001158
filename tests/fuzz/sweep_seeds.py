"""Well-formed files of every kind, which sweep.py mutates."""

import collections
import json
import pathlib
import struct

import numpy as np
import safetensors.torch
import torch

from tests.cli import program


CORPUS = pathlib.Path(__file__).parent / "corpus"


def torch_values() -> dict:
    dense = torch.arange(12.0).view(3, 4)
    table = torch.tensor([[0.0, 1, 0, 0], [2, 0, 0, 3]])
    return {
        "nested_value": {"model": collections.OrderedDict(w=dense.t(), h=torch.ones(3).bfloat16()), 3: [1, (2.5, "x")],
                         "big": 2**70, "set": {1, 2}, "bytes": b"ab", "none": None, "size": torch.Size([2])},
        "state": torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4)).state_dict(),
        "views": [dense, dense[1:], dense.t(), dense.expand(2, 3, 4)],
        "sparse": {"coo": table.to_sparse(), "hybrid": torch.rand(3, 4, 2).to_sparse(1), "csr": table.to_sparse_csr(),
                   "bsc": table.to_sparse_bsc((1, 2))},
        "quantized": {"q": torch.quantize_per_tensor(dense, 0.1, 3, torch.quint8),
                      "c": torch.quantize_per_channel(dense, torch.ones(3), torch.zeros(3), 0, torch.qint8)},
        "others": {"n": torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(1, 3)]), "m": torch.empty(2, 3, device="meta"),
                   "conj": torch.tensor([1 + 2j]).conj(), "u": torch.arange(3).to(torch.uint16), "p": torch.nn.Parameter(dense)},
    }  # fmt: skip


def glb_of(gltf: pathlib.Path) -> bytes:
    """A text .gltf with its .bin as one .glb."""
    document = json.loads(gltf.read_text())
    blob = gltf.with_suffix(".bin").read_bytes()
    document["buffers"] = [{"byteLength": len(blob)}]
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    blob += bytes(-len(blob) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(blob), b"BIN\0") + blob
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks


def write_seeds(folder: pathlib.Path) -> dict[str, list[pathlib.Path]]:
    """Files by kind. A kind is what the mutations of sweep.py go by."""
    folder.mkdir(parents=True)
    files = collections.defaultdict(list)
    for name, value in torch_values().items():
        for zipped in (True, False):
            path = folder / f"{name}{'' if zipped else '_legacy'}.pt"
            torch.save(value, path, _use_new_zipfile_serialization=zipped)
            files["torch" if zipped else "legacy"].append(path)
    tensors = {"a": torch.arange(6).view(2, 3), "b": torch.rand(4), "c": torch.ones(2).half()}
    safetensors.torch.save_file(tensors, folder / "tensors.safetensors", {"key": "text"})
    files["safetensors"].append(folder / "tensors.safetensors")
    model = program.write_model_folder(folder / "model")
    program.succeed("convert", model, folder / "model.safetensors")
    files["model"].append(folder / "model.safetensors")
    files["obj"] += [folder / "model" / "grid_neutral.obj"]
    gltf = program.write_gltf(folder / "text.gltf")
    files["gltf"].append(gltf)
    (folder / "binary.glb").write_bytes(glb_of(gltf))
    files["glb"].append(folder / "binary.glb")
    for name, kind in (("gltf/morph.glb", "glb"), ("gltf/skin.glb", "glb"), ("obj/relative", "obj"), ("obj/cube", "obj")):
        source = CORPUS / name
        path = folder / f"{source.stem}_{kind}.{kind}"
        path.write_bytes(source.read_bytes())
        files[kind].append(path)
    kinds = {".csv": "csv", ".json": "json", ".npy": "npy", ".packets": "packets", ".safetensors": "take"}
    for path in program.write_takes(folder / "takes", program.live_link_rows(5)):
        if path.suffix in kinds:
            files[kinds[path.suffix]].append(path)
    files["wav"].append(program.write_wav(folder / "sound.wav", 0.05))
    np.save(folder / "doubles.npy", np.zeros((4, 61)))
    (folder / "doubles.names.json").write_text((folder / "takes" / "plain.names.json").read_text())
    files["npy"].append(folder / "doubles.npy")
    return dict(files)
