"""A small model in Bisque's format: two triangles over a neck, with a corrective shape and head weights."""

import json
import pathlib

import torch
from safetensors.torch import save_file

NEUTRAL = torch.tensor([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0.5], [0, -1, 0]])
DELTAS = torch.zeros(5, 3, 3)  # [V, S, 3]
DELTAS[2, 0] = torch.tensor([0.5, 0, 0])
DELTAS[3, 0] = torch.tensor([0, 0.25, 0])
DELTAS[3, 1] = torch.tensor([0, 0, 1.0])
DELTAS[0, 2] = torch.tensor([-1.0, 0, 0])
HEAD_WEIGHTS = torch.tensor([1, 1, 1, 0.5, 0])
HEAD_JOINT = torch.tensor([0.0, -0.5, 0])


def write_small_model(path: pathlib.Path) -> None:
    metadata = {
        "format": "bisque.blendshapes",
        "version": "1",
        "shape_names": json.dumps(["jawOpen", "mouthSmileLeft", "both"]),
        "group_names": json.dumps(["M_Face", "M_EyeLashes"]),
        "correctives": json.dumps([{"shape": "both", "factors": ["jawOpen", "mouthSmileLeft"]}]),
    }
    tensors = {
        "neutral": NEUTRAL,
        "faces": torch.tensor([[0, 1, 2], [0, 2, 3], [4, 1, 0]], dtype=torch.int32),
        "deltas": DELTAS,
        "face_groups": torch.tensor([0, 0, 1], dtype=torch.int32),
        "head_weights": HEAD_WEIGHTS,
        "head_joint": HEAD_JOINT,
    }
    save_file(tensors, path, metadata)


def verts_of(coefficients: torch.Tensor, yaw: float = 0.0) -> torch.Tensor:
    """The vertices of one row of coefficients, whose corrective is the product of the others, turned to the subject's right."""
    jaw, smile, _ = coefficients
    verts = NEUTRAL + (DELTAS * torch.stack((jaw, smile, jaw * smile))[None, :, None]).sum(1)
    c, s = torch.tensor(yaw).cos(), torch.tensor(yaw).sin()
    offset = verts - HEAD_JOINT
    turned = torch.stack((offset[:, 0] * c - offset[:, 2] * s, offset[:, 1], offset[:, 0] * s + offset[:, 2] * c), 1) + HEAD_JOINT
    return torch.lerp(verts, turned, HEAD_WEIGHTS[:, None])
