"""bisque3d.blendshapes: models."""

import copy
import pickle

import pytest
import torch

from bisque3d.blendshapes import read_model
from tests.python.blendshapes.small_model import NEUTRAL, verts_of, write_small_model


@pytest.fixture
def small(tmp_path):
    write_small_model(tmp_path / "small.safetensors")
    return read_model(tmp_path / "small.safetensors")


def test_the_demo_head():
    model = read_model("demo")
    assert model.num_shapes == 52 and "jawOpen" in model.shape_names
    verts = model(torch.zeros(1, 52))
    torch.testing.assert_close(verts[0], model.neutral)
    assert model.framed_verts().shape[0] <= model.neutral.shape[0]
    assert model.left_eye is not None and model.right_eye is not None


def test_vertices_with_a_corrective_and_a_turning_head(small):
    coefficients = torch.tensor([[0.5, 0.25, 9.0], [1.0, -1.0, 0.0]])
    for yaw in (0.0, 0.4):
        verts = small(coefficients, head=torch.tensor([[yaw, 0, 0]]).expand(2, 3))
        torch.testing.assert_close(verts, torch.stack([verts_of(row, yaw) for row in coefficients]))
    torch.testing.assert_close(small(coefficients)[0], verts_of(coefficients[0]))


def test_pitch_is_positive_down_and_roll_towards_the_left_shoulder(small):
    turned = lambda *angles: small(torch.zeros(1, 3), head=torch.tensor([angles]))[0, 2] - NEUTRAL[2]  # noqa: E731
    assert turned(0.0, 0.3, 0.0)[2] > 0.1, "the upper vertex comes forward"
    assert turned(0.0, 0.0, 0.3)[0] > 0.1, "and moves to the subject's left, +X"


def test_gradients(small):
    coefficients = torch.rand(2, 3, dtype=torch.float64, requires_grad=True)
    angles = (torch.rand(2, 3, dtype=torch.float64) / 3).requires_grad_()
    assert torch.autograd.gradcheck(small.double(), (coefficients, angles))


def test_eyes_turn_by_their_angles_and_by_their_shapes():
    model = read_model("demo")
    eye, other = model.left_eye.verts, model.right_eye.verts
    look = torch.zeros(1, 52)
    look[0, model.shape_names.index("eyeLookDownLeft")] = 1
    for moved in (model(torch.zeros(1, 52), left_eye=torch.tensor([[0, 0.61, 0]])), model(look)):
        offset = moved[0] - model.neutral
        front = model.neutral[eye, 2].argmax()
        assert offset[eye][front, 1] < -0.3, "the front of the eye goes down"
        assert offset[other].abs().max() < 1e-6
        radius = (moved[0, eye] - model.left_eye.center).norm(dim=1)
        torch.testing.assert_close(radius, (model.neutral[eye] - model.left_eye.center).norm(dim=1), rtol=1e-4, atol=1e-4)


def test_hidden_groups(tmp_path):
    path = tmp_path / "small.safetensors"
    write_small_model(path)
    assert read_model(path).hidden_groups == ["M_EyeLashes"] and read_model(path).faces.shape == (2, 3)
    assert read_model(path, hidden_groups=[]).faces.shape == (3, 3)
    assert read_model(path, hidden_groups=["M_Face"]).faces.tolist() == [[4, 1, 0]]
    with pytest.raises(ValueError, match='"M_Nose" is not a group of the model; its groups are M_Face, M_EyeLashes.'):
        read_model(path, hidden_groups=["M_Nose"])


def test_framed_verts(small):
    assert small.framed_verts("all").shape[0] == 5 and small.framed_verts("head").shape[0] <= 5
    with pytest.raises(ValueError, match='expected part to be "auto", "head" or "all", but got "nose"'):
        small.framed_verts("nose")


def test_the_head_of_a_mesh_without_shapes_is_unknown(tmp_path):
    (tmp_path / "mesh.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    model = read_model(tmp_path / "mesh.obj")
    assert model.num_shapes == 0 and model(torch.zeros(2, 0)).shape == (2, 3, 3)
    with pytest.raises(ValueError, match="the head cannot be framed, as no shape moves a vertex"):
        model.framed_verts("head")


def test_it_is_a_module(small):
    coefficients = torch.rand(1, 3)
    expected = small(coefficients)
    for other in (copy.deepcopy(small), pickle.loads(pickle.dumps(small))):
        torch.testing.assert_close(other(coefficients), expected, rtol=0, atol=0)
    small.load_state_dict({name: value * 2 if name == "neutral" else value for name, value in small.state_dict().items()})
    torch.testing.assert_close(small(torch.zeros(1, 3))[0], 2 * NEUTRAL)
    assert "verts=5, faces=2, shapes=3" in repr(small)


def test_wrong_coefficients_and_angles(small):
    with pytest.raises(ValueError, match=r"expected coefficients to have shape \[N, 3\], but got \[1, 4\]"):
        small(torch.zeros(1, 4))
    with pytest.raises(ValueError, match=r"expected angles to have shape \[N, 3\] as \(yaw, pitch, roll\), but got \[1, 2\]"):
        small(torch.zeros(1, 3), head=torch.zeros(1, 2))


def test_errors_and_warnings_of_the_reader(tmp_path):
    with pytest.raises(RuntimeError, match="no_such.glb"):
        read_model(tmp_path / "no_such.glb")
    (tmp_path / "mesh.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\nmtllib missing.mtl\nusemtl skin\n")
    with pytest.warns(UserWarning, match="mesh.obj: .*missing.mtl") as caught:
        model = read_model(tmp_path / "mesh.obj")
    assert model.data.warnings and caught[0].filename == __file__
