"""What the tests of pictures share."""

import numpy as np
import pytest

from tests.cli.program import load, succeed, write_model_folder, write_obj


@pytest.fixture(scope="module")
def shoot(tmp_path_factory):
    """Renders one picture of 192 x 192 with these arguments; each is rendered once."""
    folder = tmp_path_factory.mktemp("shots")
    made = {}

    def picture(*arguments, model="demo") -> np.ndarray:
        key = (str(model), *map(str, arguments))
        if key not in made:
            path = folder / f"{len(made)}.png"
            size = () if "--size" in arguments else ("--size", 192)
            result = succeed("render", model, *arguments, *size, "-q", "-o", path)
            assert result.stdout == "" == result.stderr
            made[key] = load(path)
        return made[key]

    return picture


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("render")
    return write_model_folder(folder / "obj")


@pytest.fixture(scope="module")
def small(tmp_path_factory, model):
    path = tmp_path_factory.mktemp("small") / "model.safetensors"
    succeed("convert", model, path)
    return path


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    """A square from -1 to 1 that faces +Z."""
    verts = [(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)]
    return write_obj(tmp_path_factory.mktemp("flat") / "flat.obj", verts, [(0, 1, 2, 3)])
