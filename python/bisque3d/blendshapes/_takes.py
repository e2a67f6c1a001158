"""Takes, and their binding to models: by name, never by position."""

import dataclasses
import math
import os
from collections.abc import Mapping
from fractions import Fraction

import torch

from ._frames import Rate, fraction_of
from ._model import BlendshapeModel
from ._ops import ops, results_of, warn_of

_PARTS = ("head", "left_eye", "right_eye")


@dataclasses.dataclass
class Take:
    """Coefficients and rotations over time, by name, on a regular frame grid."""

    names: list[str]  # columns, spelled as in the file
    values: torch.Tensor  # [frames, names] float32
    rate: Fraction = Fraction(30)  # frames per second
    rate_is_guess: bool = False  # neither the file nor the caller gave the rate
    rows: int = 0  # rows of the file that have values
    filled: int = 0  # frames without a row of the file, which are interpolated
    source: str = ""  # the format of the file
    notes: list[str] = dataclasses.field(default_factory=list)  # repairs and dropped content, one sentence each

    @property
    def num_frames(self) -> int:
        return self.values.shape[0]

    @property
    def seconds(self) -> float:
        return float(self.num_frames / self.rate)


def read_take(path: str | os.PathLike, rate: Rate | None = None) -> Take:
    """Reads a take by its extension: .csv, .tsv, .txt, .packets, .gesichter, .json, .jsonl, .npy or .safetensors; "demo" is the built-in take.

    Args:
        path: of the file. Repairs of its rows are warnings, and the take's `notes`.
        rate: replaces the rate of the file, in Hz: 60, "29.97", Fraction(30000, 1001).

    Raises RuntimeError with the file and what is wrong with it.
    """
    path = os.fspath(path)
    loaded = results_of(ops.load_take, path, None if rate is None else str(fraction_of(rate)))
    warn_of(path, loaded.notes)
    fraction = Fraction(loaded.rate_num, loaded.rate_den)
    return Take(loaded.names, loaded.values, fraction, loaded.rate_is_guess, loaded.rows, loaded.filled, loaded.source, loaded.notes)


@dataclasses.dataclass
class Binding:
    """Which column of a take drives which shape of a model: a coefficient is the sum of weight * value over its columns."""

    columns: torch.Tensor  # [B] of the take
    shapes: torch.Tensor  # [B] of the model
    weights: torch.Tensor  # [B]
    angle_columns: torch.Tensor  # [9] yaw, pitch and roll of head, left eye and right eye; -1 where the take has none
    num_shapes: int
    model_lacks: list[str]  # columns of shapes that the model does not have
    take_lacks: list[str]  # shapes that no column drives
    identity_shapes: list[str]  # of these, those whose names begin with "identity"
    corrective_columns: list[str]  # columns named like a corrective shape, which its factors drive
    unused_columns: list[str]  # columns whose shape or angle another one drives
    notes: list[str]  # choices among several columns or shapes, one sentence each
    report: str  # all this in a few lines

    def coefficients(self, values: torch.Tensor) -> torch.Tensor:
        """The coefficients [frames, shapes] of a take's values [frames, columns]; 0 where no column drives a shape."""
        weighted = values[:, self.columns] * self.weights
        return values.new_zeros(values.shape[0], self.num_shapes).index_add_(1, self.shapes, weighted)

    def angles(self, values: torch.Tensor) -> dict[str, torch.Tensor]:
        """The rotations [frames, 3] of the parts that the take turns: head, left_eye and right_eye, as BlendshapeModel takes them."""
        parts = zip(_PARTS, self.angle_columns.view(3, 3))
        padded = torch.nn.functional.pad(values, (0, 1))  # column -1
        return {part: padded[:, columns] for part, columns in parts if (columns >= 0).any()}


def bind(take: Take, model: BlendshapeModel, names: Mapping[str, str] | None = None, scale: float = 1.0) -> Binding:
    """Binds the columns of a take to the shapes of a model by their names, in any known spelling (ARKit, ICT FaceKit, VRM, MetaHuman, ...).

    Args:
        names: pairs of a name in the take and one in the model, which come first.
        scale: of the coefficients, for takes in percent: 0.01.

    Raises ValueError if they have no shape name in common.
    """
    binding = _bound(take.names, model, names or {})
    if binding.columns.numel() == 0 and binding.model_lacks:
        raise ValueError("the take and the model have no shape name in common; expected ARKit's names or another known spelling in both, or `names`.")
    return dataclasses.replace(binding, weights=binding.weights * scale)


def _bound(take_names: list[str], model: BlendshapeModel, names: Mapping[str, str]) -> Binding:
    correctives = model.data.corrective_shapes.tolist()
    bound = results_of(ops.bind_take, take_names, model.shape_names, correctives, list(names), list(names.values()))
    return Binding(num_shapes=model.num_shapes, **vars(bound))


def coefficients_of(values: Mapping[str, float], model: BlendshapeModel) -> torch.Tensor:
    """Coefficients [S] of the shapes that `values` names, in any spelling that `bind` knows, and NaN for the others.

    Raises ValueError: a name that is not a shape of the model, is an angle or a corrective shape, or names a shape that another one names.
    """
    names = list(values)
    binding = _bound(names, model, {})
    driven = {names[column] for column in binding.columns.tolist()}
    wrong = next((name for name in names if name not in driven), None)
    if wrong is not None:
        nearest = ops.nearest_names(wrong, model.shape_names)
        raise ValueError(f'"{wrong}" is not a shape that can be set, or another name sets its shape; the nearest are {", ".join(nearest) or "none"}.')
    coefficients = binding.coefficients(torch.tensor([[float(value) for value in values.values()]]))[0]
    is_set = torch.zeros(model.num_shapes, dtype=torch.bool).index_fill_(0, binding.shapes, True)
    return torch.where(is_set, coefficients, math.nan)


def values_at(take: Take, position: float) -> torch.Tensor:
    """The values [1, names] at a number of frames from the first one, interpolated linearly; after the end those of the last frame."""
    position = min(max(position, 0.0), float(take.num_frames))
    before = min(int(position), take.num_frames - 1)
    after, weight = min(before + 1, take.num_frames - 1), position - before
    return ((1 - weight) * take.values[before : before + 1].double() + weight * take.values[after : after + 1].double()).float()
