"""bisque3d.blendshapes: takes and their binding."""

import math
from fractions import Fraction

import pytest
import torch

from bisque3d.blendshapes import Take, bind, coefficients_of, read_model, read_take
from bisque3d.blendshapes._takes import values_at
from tests.python.blendshapes.small_model import write_small_model


@pytest.fixture
def small(tmp_path):
    write_small_model(tmp_path / "small.safetensors")
    return read_model(tmp_path / "small.safetensors")


def write_take(path, rows="[[0, 0], [1, 0.5]]", fps=25):
    path.write_text(f'{{"names": ["jawOpen", "headYaw"], "rows": {rows}, "fps": {fps}}}')
    return path


def test_a_take(tmp_path):
    take = read_take(write_take(tmp_path / "take.json"))
    assert (take.names, take.values.tolist(), take.rate, take.source) == (["jawOpen", "headYaw"], [[0, 0], [1, 0.5]], Fraction(25), "JSON")
    assert (take.num_frames, take.seconds, take.rows, take.filled, take.rate_is_guess) == (2, 0.08, 2, 0, False)
    assert read_take("demo").num_frames == 120


@pytest.mark.parametrize("rate, expected", [(50, 50), ("29.97", Fraction(30000, 1001)), (23.976, Fraction(24000, 1001)), (12.5, Fraction(25, 2))])
def test_rate(tmp_path, rate, expected):
    assert read_take(write_take(tmp_path / "take.json"), rate).rate == expected


def test_errors_and_warnings(tmp_path):
    with pytest.raises(RuntimeError, match="take.json"):
        read_take(tmp_path / "take.json")
    with pytest.raises(RuntimeError, match="rate"):
        read_take(write_take(tmp_path / "take.json"), 5000)
    with pytest.warns(UserWarning, match="take.json: ") as caught:
        take = read_take(write_take(tmp_path / "take.json", rows='[[0, 0], ["", ""], [null, 0.5]]'))
    assert take.notes and caught[0].filename == __file__


def test_percentages_are_a_warning(tmp_path):
    rows = str([[50, 0]] * 10)
    with pytest.warns(UserWarning, match="take.json: "):
        read_take(write_take(tmp_path / "take.json", rows=rows))


def test_columns_are_bound_by_name_in_any_spelling(small):
    take = Take(["MouthSmile_L", "nothing", "JawOpen"], torch.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]))
    binding = bind(take, small)
    torch.testing.assert_close(binding.coefficients(take.values), torch.tensor([[0.3, 0.1, 0], [0.6, 0.4, 0]]))
    assert binding.model_lacks == ["nothing"] and binding.angles(take.values) == {}
    assert "nothing" in binding.report
    torch.testing.assert_close(bind(take, small, scale=0.5).coefficients(take.values)[1], torch.tensor([0.3, 0.2, 0]))


def test_halves_drive_a_whole_shape_with_their_mean():
    model = read_model("demo")
    take = Take(["browInnerUp_L", "browInnerUp_R"], torch.tensor([[1.0, 0.5]]))
    coefficients = bind(take, model).coefficients(take.values)[0]
    assert coefficients[model.shape_names.index("browInnerUp")] == 0.75 and coefficients.count_nonzero() == 1


def test_angles(small):
    take = Take(["HeadPitch", "jawOpen", "RightEyeYaw"], torch.tensor([[0.1, 1, 0.2]]))
    angles = bind(take, small).angles(take.values)
    assert list(angles) == ["head", "right_eye"]
    torch.testing.assert_close(angles["head"], torch.tensor([[0, 0.1, 0]]))
    torch.testing.assert_close(angles["right_eye"], torch.tensor([[0.2, 0, 0]]))


def test_names_of_the_user_come_first(small):
    take = Take(["mine", "jawOpen"], torch.tensor([[1.0, 0.25]]))
    binding = bind(take, small, {"mine": "mouthSmileLeft"})
    assert binding.coefficients(take.values).tolist() == [[0.25, 1, 0]]


def test_nothing_in_common(small):
    with pytest.raises(ValueError, match="have no shape name in common"):
        bind(Take(["a", "b"], torch.zeros(1, 2)), small)


def test_coefficients_of_names(small):
    coefficients = coefficients_of({"JawOpen": 0.7}, small)
    assert coefficients[0] == torch.tensor(0.7) and coefficients[1:].isnan().all()
    assert coefficients_of({}, small).isnan().all()


@pytest.mark.parametrize("values, message", [({"jawOpn": 1}, '"jawOpn" .*the nearest are jawOpen'), ({"headYaw": 1}, '"headYaw" is not a shape'),
                                             ({"both": 1}, '"both" is not a shape that can be set'), ({"jawOpen": 1, "JawOpen": 0}, "another name sets its shape")])  # fmt: skip
def test_wrong_names(small, values, message):
    with pytest.raises(ValueError, match=message):
        coefficients_of(values, small)


def test_values_between_frames():
    take = Take(["jawOpen"], torch.tensor([[0.0], [1.0], [0.5]]))
    found = [values_at(take, position).item() for position in (-1, 0, 0.25, 1.5, 2, 2.5, 9, math.inf)]
    assert found == [0, 0, 0.25, 0.75, 0.5, 0.5, 0.5, 0.5]


def test_a_map_and_correctives_that_do_not_fit():
    bind_take = torch.ops.bisque.bind_take
    with pytest.raises(RuntimeError, match="expected map_to to have a shape for each of the 1 names of map_from, but got 0"):
        bind_take(["a"], ["b"], [], ["a"], [])
    with pytest.raises(RuntimeError, match=r"expected correctives to lie in \[0, 1\), but got 1"):
        bind_take(["a"], ["b"], [1], [], [])
