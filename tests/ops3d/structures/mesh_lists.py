"""Meshes as lists of tensors, for the tests of Meshes."""

import torch

from tests.testing.functions import functions  # noqa: F401 (loads the library)

Meshes = torch.classes.bisque_functions.Meshes

SIZES = [(5, 4), (0, 0), (3, 0), (7, 9), (4, 2), (0, 0)]  # verts and faces


def random_lists(sizes=SIZES, dtype=torch.float32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    verts = [torch.randn(v, 3, dtype=dtype, generator=generator) for v, _ in sizes]
    faces = [torch.randint(max(v, 1), (f, 3), generator=generator) for v, f in sizes]
    return verts, faces


def padded(parts, value):
    result = torch.full((len(parts), max(map(len, parts)), 3), value, dtype=parts[0].dtype)
    for row, part in zip(result, parts):
        row[: len(part)] = part
    return result


def check_forms(meshes, verts, faces):
    """The three forms and all indices, against lists."""
    counts = [torch.tensor([len(part) for part in parts]) for parts in (verts, faces)]
    firsts = [count.cumsum(0) - count for count in counts]
    owners = [torch.tensor([i for i, part in enumerate(parts) for _ in part], dtype=torch.long) for parts in (verts, faces)]
    longest = max(map(len, verts))
    expected = {
        "verts_list": verts,
        "faces_list": faces,
        "verts_packed": torch.cat(verts),
        "faces_packed": torch.cat([f + first for f, first in zip(faces, firsts[0])]),
        "verts_padded": padded(verts, 0),
        "faces_padded": padded(faces, -1),
        "num_verts_per_mesh": counts[0],
        "num_faces_per_mesh": counts[1],
        "mesh_to_verts_packed_first_idx": firsts[0],
        "mesh_to_faces_packed_first_idx": firsts[1],
        "verts_packed_to_mesh_idx": owners[0],
        "faces_packed_to_mesh_idx": owners[1],
        "verts_padded_to_packed_idx": torch.tensor([i * longest + j for i, v in enumerate(verts) for j in range(len(v))], dtype=torch.long),
        "valid": (counts[0] > 0) & (counts[1] > 0),
    }
    assert meshes.size() == len(verts)
    for name, result in expected.items():
        torch.testing.assert_close(getattr(meshes, name)(), result, rtol=0, atol=0, msg=lambda text: f"{name}: {text}")
