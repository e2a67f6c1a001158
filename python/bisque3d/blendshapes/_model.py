"""Blendshape models."""

import os
from collections.abc import Sequence
from types import SimpleNamespace

import torch

from ._ops import ops, results_of, warn_of


def read_model(path: str | os.PathLike, hidden_groups: Sequence[str] | None = None) -> "BlendshapeModel":
    """Reads a model: "demo" (the built-in head), a folder of .obj files, .glb, .gltf or .vrm, .safetensors, or a mesh without shapes.

    Args:
        path: of the model. What a reader leaves out is a warning, and in the model's `data.warnings`.
        hidden_groups: groups of faces that are not drawn; default: those that are transparent on a real face (model.data.transparent_groups).

    Raises RuntimeError with the file and what is wrong with it.
    """
    path = os.fspath(path)
    data = results_of(ops.load_blendshapes, path, True)
    warn_of(path, data.warnings)
    return BlendshapeModel(data, hidden_groups)


class BlendshapeModel(torch.nn.Module):
    """A linear blendshape model with corrective shapes, a turning head and turning eyeballs; `read_model` makes it.

    Vertices are the neutral's plus the sum of coefficient * delta. The column of a corrective shape is replaced by the product of its factors'
    columns. Eyeballs turn about their own centers if the model has them as groups: by the given angles, else by the coefficients of the eyeLook
    shapes if those move only the lids. The head of a model with a body turns about its neck; any other model turns as a whole. Differentiable by
    coefficients and angles.

    Attributes:
        shape_names: the S shapes.
        neutral [V, 3], faces [F, 3]: the mesh, without the faces of hidden groups.
        data: what the file has: see `read_model`.
    """

    def __init__(self, data: SimpleNamespace, hidden_groups: Sequence[str] | None = None):
        super().__init__()
        self.data = data
        self.shape_names: list[str] = data.shape_names
        self.hidden_groups = list(data.transparent_groups if hidden_groups is None else hidden_groups)
        self.shown_faces = _shown(data, self.hidden_groups)  # [F] indices into data.faces
        self.register_buffer("neutral", data.neutral)
        self.register_buffer("faces", data.faces[self.shown_faces])
        self.register_buffer("deltas", data.deltas)
        self.register_buffer("delta_shape", data.delta_shape.int())
        self.register_buffer("vert_offsets", data.vert_offsets)
        self.register_buffer("normal_verts", data.normal_verts if data.normal_verts.numel() else None)
        self.register_buffer("head_center", data.head_pivot)
        self.register_buffer("head_weights", data.head_weights[:, None] if data.head_weights.numel() else None)
        for side, verts, center, gaze in zip(("left_eye", "right_eye"), data.eye_verts, data.eye_centers, data.eye_gazes):
            setattr(self, side, _Eye(data, verts, center, gaze) if verts.numel() else None)

    @property
    def num_shapes(self) -> int:
        return len(self.shape_names)

    def extra_repr(self) -> str:
        return f"verts={self.neutral.shape[0]}, faces={self.faces.shape[0]}, shapes={self.num_shapes}"

    def forward(
        self,
        coefficients: torch.Tensor,
        head: torch.Tensor | None = None,
        left_eye: torch.Tensor | None = None,
        right_eye: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The vertices [N, V, 3] of coefficients [N, S].

        Args:
            coefficients: of the shapes, usually from 0 to 1.
            head, left_eye, right_eye: rotations [N, 3] in radians as yaw (positive towards the subject's right), pitch (down) and roll (towards the
                subject's left shoulder); default: none.
        """
        if coefficients.dim() != 2 or coefficients.shape[1] != self.num_shapes:
            raise ValueError(f"BlendshapeModel: expected coefficients to have shape [N, {self.num_shapes}], but got {list(coefficients.shape)}.")
        coefficients = self._with_correctives(coefficients)
        verts = ops.blendshapes(coefficients, self.neutral, self.deltas, self.delta_shape, self.vert_offsets)
        for eye, angles in ((self.left_eye, left_eye), (self.right_eye, right_eye)):
            if eye is not None:
                verts = eye(verts, coefficients, angles)
        if head is None:
            return verts
        turned = (verts - self.head_center) @ pose_rotation(head) + self.head_center
        return turned if self.head_weights is None else torch.lerp(verts, turned, self.head_weights)

    def _with_correctives(self, coefficients: torch.Tensor) -> torch.Tensor:
        if not self.data.corrective_shapes.numel():
            return coefficients
        columns = list(coefficients.unbind(1))
        sizes = self.data.corrective_first_idx.diff().tolist()
        for shape, factors in zip(self.data.corrective_shapes.tolist(), self.data.corrective_factors.split(sizes)):
            columns[shape] = torch.stack([columns[factor] for factor in factors.tolist()]).prod(0)
        return torch.stack(columns, 1)

    def framed_verts(self, part: str = "auto") -> torch.Tensor:
        """The vertices of the neutral that a camera frames, [P, 3], without vertices that no face uses.

        Args:
            part: "head", "all", or "auto": the head of a model with a body, else all.
        """
        if part not in ("auto", "head", "all"):
            raise ValueError(f'framed_verts: expected part to be "auto", "head" or "all", but got "{part}".')
        if part == "head" and not self.data.head_is_known:
            raise ValueError("framed_verts: the head cannot be framed, as no shape moves a vertex and the model has no head weights.")
        used = self.neutral[self.data.faces.unique().to(self.neutral.device)] if self.data.faces.numel() else self.neutral
        if part == "all" or (part == "auto" and not self.data.head_is_small):
            return used
        low, high = self.data.head_box.to(used.device)
        return used[((used >= low) & (used <= high)).all(1)]


def _shown(data: SimpleNamespace, hidden_groups: list[str]) -> torch.Tensor:
    """The indices of the faces outside these groups."""
    unknown = [name for name in hidden_groups if name not in data.group_names]
    if unknown:
        raise ValueError(f'BlendshapeModel: "{unknown[0]}" is not a group of the model; its groups are {", ".join(data.group_names) or "none"}.')
    if not hidden_groups:
        return torch.arange(data.faces.shape[0])
    hidden = torch.tensor([i for i, name in enumerate(data.group_names) if name in hidden_groups])
    return (~torch.isin(data.face_groups, hidden)).nonzero()[:, 0]


class _Eye(torch.nn.Module):
    """One eyeball as a model of its own, without the eyeLook shapes."""

    def __init__(self, data: SimpleNamespace, verts: torch.Tensor, center: torch.Tensor, gaze: torch.Tensor):
        super().__init__()
        num_verts = data.neutral.shape[0]
        eye_look = (data.eye_gazes[0] != 0).any(1) | (data.eye_gazes[1] != 0).any(1)
        vert_of_delta = torch.arange(num_verts).repeat_interleave(data.vert_offsets.diff())
        in_eye = torch.isin(vert_of_delta, verts)
        by_eye_look = eye_look[data.delta_shape]
        kept = in_eye & ~by_eye_look
        counts = vert_of_delta[kept].bincount(minlength=num_verts)[verts]
        self.register_buffer("verts", verts)
        self.register_buffer("center", center)
        self.register_buffer("neutral", data.neutral[verts])
        self.register_buffer("deltas", data.deltas[kept])
        self.register_buffer("delta_shape", data.delta_shape[kept].int())
        self.register_buffer("vert_offsets", torch.nn.functional.pad(counts.cumsum(0), (1, 0)))
        self.register_buffer("gaze", None if (in_eye & by_eye_look).any() else gaze)

    def forward(self, verts: torch.Tensor, coefficients: torch.Tensor, angles: torch.Tensor | None) -> torch.Tensor:
        """The vertices of the whole model, with those of the eye turned."""
        if angles is None and self.gaze is None:
            return verts
        rest = ops.blendshapes(coefficients, self.neutral, self.deltas, self.delta_shape, self.vert_offsets)
        rotation = pose_rotation(coefficients @ self.gaze if angles is None else angles)
        return verts.index_copy(1, self.verts, (rest - self.center) @ rotation + self.center)


def pose_rotation(angles: torch.Tensor) -> torch.Tensor:
    """Rotation matrices [N, 3, 3] for row vectors from (yaw, pitch, roll) [N, 3]: roll first, then pitch, then yaw."""
    if angles.dim() != 2 or angles.shape[1] != 3:
        raise ValueError(f"pose_rotation: expected angles to have shape [N, 3] as (yaw, pitch, roll), but got {list(angles.shape)}.")
    (sy, sp, sr), (cy, cp, cr) = angles.sin().unbind(1), angles.cos().unbind(1)
    sy, sr = -sy, -sr  # yaw and roll turn against the right hand
    rows = (
        (cr * cy + sr * sp * sy, sr * cp, sr * sp * cy - cr * sy),
        (cr * sp * sy - sr * cy, cr * cp, sr * sy + cr * sp * cy),
        (cp * sy, -sp, cp * cy),
    )
    return torch.stack([value for row in rows for value in row], 1).view(-1, 3, 3)
