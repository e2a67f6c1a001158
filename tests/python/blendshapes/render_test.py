"""bisque3d.blendshapes: rendering, which shows the pictures of `bisque render`."""

import subprocess

import numpy
import pytest
import torch
from PIL import Image

from bisque3d.blendshapes import BlendshapeRenderer, coefficients_of, fit_camera, read_model, render_take, to_picture
from tests.build import BUILD
from tests.python.blendshapes.small_model import write_small_model


def by_program(*arguments) -> None:
    command = [BUILD / "bin/bisque", "render", *arguments, "--device", "cpu", "-q"]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


def differences(path, other) -> numpy.ndarray:
    a, b = (numpy.asarray(Image.open(file)).astype(int) for file in (path, other))
    assert a.shape == b.shape
    return numpy.abs(a - b)


def assert_same(path, other):
    assert differences(path, other).max() <= 1
    assert len(Image.open(path).convert("RGB").getcolors(1 << 24)) > 20


def test_frames_of_a_take_are_those_of_the_program(tmp_path):
    by_program("demo", "-c", "demo", "--size", "96x64", "--start", "60", "--end", "63", "-o", tmp_path / "program/%d.png")
    done = []
    progress = lambda frame, total: done.append((frame, total))  # noqa: E731
    count = render_take("demo", "demo", tmp_path / "python/%d.png", size=(64, 96), start=60, end=63, progress=progress)
    names = sorted(path.name for path in (tmp_path / "program").iterdir())
    assert count == 3 and names == ["60.png", "61.png", "62.png"] and done == [(1, 3), (2, 3), (3, 3)]
    for name in names:
        assert_same(tmp_path / "python" / name, tmp_path / "program" / name)


@pytest.mark.parametrize(
    "options, python",
    [
        (["--set", "jawOpen=0.7,mouthSmileLeft=1"], dict(overrides={"jawOpen": 0.7, "mouthSmileLeft": 1})),
        (["--samples", "16", "--background", "transparent"], dict(samples=16, background=None)),
        (["--samples", "1"], dict(samples=1)),
        (["--fps", "7.5", "-c", "demo", "--still"], dict(take="demo", rate=7.5, with_angles=False)),
    ],
)
def test_options_are_those_of_the_program(tmp_path, options, python):
    by_program("demo", "--size", "64", "-o", tmp_path / "program.png", *options)
    render_take("demo", python.pop("take", None), tmp_path / "python.png", size=64, **python)
    assert_same(tmp_path / "python.png", tmp_path / "program.png")


def test_a_camera(tmp_path):
    by_program("demo", "--size", "64", "--fov", "40", "--azimuth", "30", "--elevation", "20", "--margin", "0", "-o", tmp_path / "program.png")
    model = read_model("demo")
    camera = fit_camera(model.framed_verts(), fov=40, azimuth=30, elevation=20, margin=0, scene=model.framed_verts("all"))
    render_take(model, None, tmp_path / "python.png", size=64, camera=camera)
    assert_same(tmp_path / "python.png", tmp_path / "program.png")


def test_a_model_with_a_neck_in_another_unit(tmp_path):
    write_small_model(tmp_path / "small.safetensors")
    (tmp_path / "take.json").write_text('{"names": ["jawOpen", "headYaw"], "rows": [[0.5, 0.3]], "fps": 30}')
    by_program(tmp_path / "small.safetensors", "-c", tmp_path / "take.json", "--size", "64", "-o", tmp_path / "program.png")
    render_take(tmp_path / "small.safetensors", tmp_path / "take.json", tmp_path / "python.png", size=64)
    assert_same(tmp_path / "python.png", tmp_path / "program.png")


def test_materials(tmp_path):
    Image.fromarray(numpy.random.RandomState(1).randint(0, 256, (4, 4, 3), dtype=numpy.uint8)).save(tmp_path / "skin.png")
    (tmp_path / "mesh.mtl").write_text("newmtl skin\nKd 0.9 0.8 0.7\nmap_Kd skin.png\nnewmtl plain\nKd 0.2 0.6 0.1\n")
    (tmp_path / "mesh.obj").write_text(
        "mtllib mesh.mtl\nv -1 -1 0\nv 1 -1 0\nv 1 1 0\nv -1 1 0\nv 3 1 0.5\nvt 0 0\nvt 2 0\nvt 2 2\nvt 0 2\n"
        "usemtl skin\nf 1/1 2/2 3/3\nf 1/1 3/3 4/4\nusemtl plain\nf 2 5 3\n"
    )
    by_program(tmp_path / "mesh.obj", "--shading", "textured", "--size", "64", "-o", tmp_path / "program.png")
    render_take(tmp_path / "mesh.obj", None, tmp_path / "python.png", size=64, shading="textured")
    assert_same(tmp_path / "python.png", tmp_path / "program.png")


def test_the_real_face(ict_folder, tmp_path):
    by_program(ict_folder, "--set", "jawOpen=1", "--size", "128", "-o", tmp_path / "program.png")
    render_take(ict_folder, None, tmp_path / "python.png", size=128, overrides={"jawOpen": 1})
    assert_same(tmp_path / "python.png", tmp_path / "program.png")


def test_a_batch_has_the_pictures_of_its_rows():
    renderer = BlendshapeRenderer(read_model("demo"), size=(32, 32))
    rows = torch.rand(3, 52, generator=torch.Generator().manual_seed(2)) / 2
    one_by_one = torch.cat([renderer(row[None]) for row in rows])
    torch.testing.assert_close(renderer(rows), one_by_one, rtol=0, atol=1e-5)


def test_the_gradient_of_a_picture():
    renderer = BlendshapeRenderer(read_model("demo"), size=(48, 48))
    target = renderer(coefficients_of({"jawOpen": 0.6}, renderer.model).nan_to_num()[None]).detach()
    coefficients = coefficients_of({"jawOpen": 0.3}, renderer.model).nan_to_num()[None].requires_grad_()
    (renderer(coefficients) - target).square().mean().backward()
    assert coefficients.grad[0, renderer.model.shape_names.index("jawOpen")] < 0


def test_bytes_of_a_picture():
    image = torch.tensor([[[0.0, 0, 0, 0], [0.5, 0.5, 0.5, 1], [0.1, 0, 0, 0.5], [2, float("nan"), -1, 1]]])
    assert to_picture(image, (1.0, 0.0, 0.5)).tolist()[0][:2] == [[255, 0, 128], [188, 188, 188]]
    assert to_picture(image, None).tolist()[0] == [[0, 0, 0, 0], [188, 188, 188, 255], [124, 0, 0, 128], [255, 0, 0, 255]]


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda model, path: BlendshapeRenderer(model, samples=3), "expected samples to be 1, 4 or 16, but got 3"),
        (lambda model, path: BlendshapeRenderer(model, shading="blue"), 'expected shading to be "white" or "textured", but got "blue"'),
        (lambda model, path: to_picture(torch.zeros(2, 2, 3)), r"expected image to be floating point \[..., 4\], but got torch.float32 \[2, 2, 3\]"),
        (lambda model, path: fit_camera(torch.zeros(0, 3)), r"expected verts to have shape \[V, 3\] with at least one vertex, but got \[0, 3\]"),
        (lambda model, path: fit_camera(torch.full((2, 3), float("nan"))), "expected verts to be finite"),
        (lambda model, path: render_take(model, None, path, start=1), "start and end are those of a take"),
        (lambda model, path: render_take(model, "demo", path, start=120), "start is 120; the take has frames 0 to 119."),
        (lambda model, path: render_take(model, "demo", path, start=5, end=5), r"end is 5; expected one after start \(5\) and at most 120."),
    ],
)
def test_errors(call, message, tmp_path):
    write_small_model(tmp_path / "small.safetensors")
    with pytest.raises(ValueError, match=message):
        call(read_model(tmp_path / "small.safetensors"), tmp_path / "a.png")
