"""load_gltf; tests/ops3d/io/gltf*_test.cpp test the parser."""

import json

import pytest
import torch

ops = torch.ops.bisque
NAMES = (
    "verts faces normals uvs uv_faces colors face_groups group_names materials material_textures textures pictures texture_options"
    " morph_names morph_first_idx morph_verts morph_offsets warnings"
).split()


def load(path) -> dict:
    return dict(zip(NAMES, ops.load_gltf(str(path)), strict=True))


class Gltf:
    """A .gltf file with its buffer beside it."""

    def __init__(self, folder):
        self.folder, self.data, self.views, self.accessors = folder, b"", [], []

    def view(self, data: bytes) -> int:
        self.views.append({"buffer": 0, "byteOffset": len(self.data), "byteLength": len(data)})
        self.data += data + bytes(-len(data) % 4)
        return len(self.views) - 1

    def accessor(self, tensor, kind: str) -> int:
        types = {torch.float32: 5126, torch.int32: 5125}
        given = {"bufferView": self.view(tensor.numpy().tobytes()), "componentType": types[tensor.dtype], "count": len(tensor), "type": kind}
        self.accessors.append(given | ({"min": tensor.amin(0).tolist(), "max": tensor.amax(0).tolist()} if kind == "VEC3" else {}))
        return len(self.accessors) - 1

    def write(self, **content):
        (self.folder / "a.bin").write_bytes(self.data)
        buffers = [{"uri": "a.bin", "byteLength": len(self.data)}]
        whole = dict(asset={"version": "2.0"}, scene=0, scenes=[{"nodes": [0]}], nodes=[{"mesh": 0}], buffers=buffers, bufferViews=self.views,
                     accessors=self.accessors, **content)  # fmt: skip
        (self.folder / "a.gltf").write_text(json.dumps(whole))
        return self.folder / "a.gltf"


VERTS = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])


def test_mesh_with_materials_and_morph_targets(tmp_path):
    file = Gltf(tmp_path)
    attributes = {"POSITION": file.accessor(VERTS, "VEC3"), "NORMAL": file.accessor(torch.tensor([[0.0, 0, 1]] * 3), "VEC3"),
                  "TEXCOORD_0": file.accessor(torch.tensor([[0.0, 0.25], [1, 1], [0, 1]]), "VEC2")}  # fmt: skip
    offsets = file.accessor(torch.tensor([[0.0, 0, 0], [0, 0, 2], [0, 0, 0]]), "VEC3")
    primitive = {"attributes": attributes, "indices": file.accessor(torch.tensor([0, 1, 2], dtype=torch.int32), "SCALAR"), "material": 0,
                 "targets": [{"POSITION": offsets}]}  # fmt: skip
    inside = {"bufferView": file.view(b"\x89PNG not read"), "mimeType": "image/png"}
    base = {"baseColorFactor": [1, 0.5, 0, 0.25], "baseColorTexture": {"index": 0}, "metallicFactor": 0.5, "roughnessFactor": 0.75}
    path = file.write(
        meshes=[{"primitives": [primitive], "extras": {"targetNames": ["jawOpen"]}}], textures=[{"source": 0, "sampler": 0}],
        materials=[{"name": "skin", "pbrMetallicRoughness": base, "alphaMode": "BLEND"}], images=[inside], samplers=[{"wrapS": 33071, "wrapT": 33648}],
    )  # fmt: skip
    mesh = load(path)
    assert torch.equal(mesh["verts"], VERTS) and mesh["faces"].tolist() == [[0, 1, 2]]
    assert torch.equal(mesh["normals"], torch.tensor([[0.0, 0, 1]] * 3))
    assert torch.equal(mesh["uvs"][mesh["uv_faces"][0]], torch.tensor([[0, 0.75], [1, 0], [0, 0]]))
    assert mesh["colors"].shape == (0, 3)
    assert mesh["face_groups"].tolist() == [0] and mesh["group_names"] == ["skin"]
    material = mesh["materials"][0]
    assert material[3:6].tolist() == [1, 0.5, 0] and material[10] == 0.25 and material[12:].tolist() == [0.5, 0.75]
    assert mesh["material_textures"].tolist() == [0] and mesh["textures"] == [""]
    assert bytes(mesh["pictures"][0].numpy()) == b"\x89PNG not read"
    assert mesh["texture_options"].tolist() == [[1, 1, 0, 0, 1, 2]]
    assert mesh["morph_names"] == ["jawOpen"] and mesh["morph_first_idx"].tolist() == [0, 1]
    assert mesh["morph_verts"].tolist() == [1] and mesh["morph_offsets"].tolist() == [[0, 0, 2]]
    assert mesh["warnings"] == []


def test_without_attributes(tmp_path):
    file = Gltf(tmp_path)
    mesh = load(file.write(meshes=[{"primitives": [{"attributes": {"POSITION": file.accessor(VERTS, "VEC3")}}]}]))
    assert {name: tuple(value.shape) for name, value in mesh.items() if isinstance(value, torch.Tensor)} == dict(
        verts=(3, 3), faces=(1, 3), normals=(0, 3), uvs=(0, 2), uv_faces=(0, 3), colors=(0, 3), face_groups=(1,), materials=(0, 14),
        material_textures=(0,), texture_options=(0, 6), morph_first_idx=(1,), morph_verts=(0,), morph_offsets=(0, 3),
    )  # fmt: skip
    assert mesh["group_names"] == mesh["textures"] == mesh["pictures"] == mesh["morph_names"] == []


def test_error(tmp_path):
    (tmp_path / "a.glb").write_bytes(b"glTF\2\0\0\0")
    with pytest.raises(RuntimeError, match=r"a\.glb: "):
        load(tmp_path / "a.glb")
