"""Pictures of textures, and what is reported where an optional package is missing."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from bisque3d.renderer import TexturesUV
from bisque3d.vis import texturesuv_image_matplotlib, texturesuv_image_PIL


def textures() -> TexturesUV:
    uvs = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [0.5, 0.5]]])
    return TexturesUV(maps=torch.full([1, 9, 9, 3], 0.5), faces_uvs=torch.tensor([[[0, 1, 2]]]), verts_uvs=uvs)


def test_texturesuv_image_PIL():
    picture = np.asarray(texturesuv_image_PIL(textures(), radius=1, color="red"))
    assert picture.shape == (9, 9, 3) and picture[2, 2].tolist() == [127, 127, 127]
    for row, column in ((8, 0), (8, 8), (4, 4)):  # v is up
        assert picture[row, column].tolist() == [255, 0, 0]
    few = np.asarray(texturesuv_image_PIL(textures(), radius=1, subsample=1))
    assert 0 < (few == [255, 0, 0]).all(2).sum() <= 9


def test_texturesuv_image_matplotlib():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    texturesuv_image_matplotlib(textures(), radius=2, color="blue")
    axes = pyplot.gca()
    assert len(axes.patches) == 3 and len(axes.images) == 1 and axes.patches[0].radius == 2
    assert sorted(tuple(circle.center) for circle in axes.patches) == [(0, 8), (4, 4), (8, 8)]
    pyplot.close()


@pytest.mark.parametrize(
    "missing, statement, message",
    [
        ("plotly", "from bisque3d.vis import plot_scene", "bisque3d.vis.plotly_vis needs plotly: pip install plotly."),
        ("plotly", "import bisque3d.vis.plotly_vis", "bisque3d.vis.plotly_vis needs plotly: pip install plotly."),
        ("matplotlib", "bisque3d.vis.texturesuv_image_matplotlib(None)", "texturesuv_image_matplotlib needs matplotlib: pip install matplotlib."),
        ("PIL", "bisque3d.vis.texturesuv_image_PIL(None)", "texturesuv_image_PIL needs Pillow: pip install pillow."),
    ],
)
def test_a_missing_package_is_named(missing, statement, message, monkeypatch):
    import bisque3d.vis

    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, "bisque3d.vis.plotly_vis", raising=False)
    monkeypatch.delattr(bisque3d.vis, "plotly_vis", raising=False)
    with pytest.raises(ImportError) as error:
        exec(statement)
    assert str(error.value) == message


def test_other_names_are_unknown():
    import bisque3d.vis

    assert not hasattr(bisque3d.vis, "plot_nothing")


def test_importing_vis_imports_no_optional_package():
    code = "import sys, bisque3d.vis; print({'plotly', 'matplotlib', 'PIL'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}).stdout.strip() == "set()"
