"""The list of PyTorch3D's names: `python -m bisque3d.compat`."""

import importlib
import subprocess
import sys

import pytest
from bisque3d import compat
from bisque3d._pytorch3d_names import NAMES

FOUND = {name.path: name for name in compat.names()}


def test_lists():
    for module, names in NAMES.items():
        assert names == sorted(set(names), key=names.index) and all(name.isidentifier() and not name.startswith("_") for name in names), module
    assert len(FOUND) == sum(map(len, NAMES.values())) > 450
    for package in ("ops", "loss", "renderer", "structures", "transforms", "io", "utils", "common", "vis"):
        assert package in NAMES


def test_names_that_exist():
    for path in ("ops.knn_points", "renderer.mesh.shader.SoftPhongShader", "renderer.points.rasterizer.PointFragments", "loss", "vis.plot_scene"):
        assert FOUND[path].exists
        owner, _, name = path.rpartition(".")
        assert owner == "" or name in ("plot_scene",) or hasattr(importlib.import_module(f"bisque3d.{owner}"), name)


def test_each_missing_name_has_a_reason():
    missing = [name for name in FOUND.values() if not name.exists]
    assert {name.path for name in missing if not name.note} == set()
    assert FOUND["renderer.PulsarPointsRenderer"] == compat.Name("renderer.PulsarPointsRenderer", False, "no renderer of spheres; use PointsRenderer")
    assert FOUND["implicitron"].note == "no Implicitron"


def test_each_reason_is_of_a_missing_name():
    for start in compat._REASONS:
        assert any(f"{name.path}.".startswith(f"{start}.") and not name.exists for name in FOUND.values()), start


def test_names_of_a_module():
    assert {name.path.rpartition(".")[0] for name in compat.names("renderer.points")} >= {"renderer.points", "renderer.points.rasterizer"}
    assert all(name.path.startswith("ops.") for name in compat.names("ops")) and not list(compat.names("nothing"))


def test_a_missing_plotly_is_noted(monkeypatch):
    for module in list(sys.modules):
        if module.split(".")[0] == "plotly" or module == "bisque3d.vis.plotly_vis":
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "plotly", None)
    assert list(compat.names("vis"))[0] == compat.Name("vis.get_camera_wireframe", True, "needs plotly")


@pytest.mark.parametrize("module", ["loss.chamfer", "pytorch3d.loss.chamfer", "bisque3d.loss.chamfer"])
def test_program(module, capsys):
    compat.main([module])
    assert capsys.readouterr().out == "bisque3d.loss.chamfer.chamfer_distance  yes\n1 of 1 names exist.\n"


def test_program_lists_what_is_missing(capsys):
    compat.main(["--missing", "renderer.points"])
    *lines, last = capsys.readouterr().out.splitlines()
    assert lines and all("  no  (no renderer of spheres" in line for line in lines)
    with pytest.raises(SystemExit):
        compat.main(["nothing"])
    assert "PyTorch3D has no module nothing" in capsys.readouterr().err


def test_program_as_a_module():
    result = subprocess.run([sys.executable, "-m", "bisque3d.compat", "transforms"], capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)})
    assert result.returncode == 0 and result.stdout.splitlines()[-1].endswith("names exist.") and "bisque3d.transforms.se3.se3_exp_map" in result.stdout
