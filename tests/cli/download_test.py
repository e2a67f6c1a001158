"""For every format, an HTML page or a Git LFS pointer in place of the file is reported as such."""

import pytest

from tests.cli.program import fail, write_gltf, write_model_folder

PAGE = b"\r\n<!DOCTYPE html>\n<html><body>Not found</body></html>\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"
ENDINGS = (
    "obj glb gltf safetensors csv json npy packets gesichter pt pth bin ckpt safetensors.index.json wav png jpg"
).split()


@pytest.mark.parametrize("ending", ENDINGS)
def test_info(ending, tmp_path):
    path = tmp_path / f"file.{ending}"
    path.write_bytes(PAGE)
    message = fail("info", path)
    assert message.startswith(f"{path}: is an HTML page ") and "download" in message
    path.write_bytes(POINTER)
    message = fail("info", path)
    assert message.startswith(f"{path}: is a Git LFS pointer ") and "git lfs pull" in message


def arguments(tmp_path, path):
    """The arguments of each command for each kind of file."""
    picture = tmp_path / "out.png"
    yield ("render", path.with_suffix(".glb"), "-o", picture)
    yield ("render", path.with_suffix(".obj"), "-o", picture)
    for ending in (".csv", ".json", ".npy", ".packets", ".gesichter", ".safetensors"):
        yield ("render", "demo", "--coefficients", path.with_suffix(ending), "-o", picture)
    yield ("render", "demo", "--coefficients", "demo", "--audio", path.with_suffix(".wav"), "-o", tmp_path / "out.mp4", "-q")
    yield ("convert", path.with_suffix(".gltf"), tmp_path / "out.safetensors")
    yield ("convert", path.with_suffix(".pt"), tmp_path / "out.safetensors")
    yield ("diff", path.with_suffix(".pt"), path.with_suffix(".pt"))


def test_the_other_commands(tmp_path):
    for command in arguments(tmp_path, tmp_path / "file"):
        for argument in command:
            if str(argument).startswith(str(tmp_path / "file")):
                argument.write_bytes(POINTER)
        message = fail(*command)
        assert "file." in message and "is a Git LFS pointer" in message, command
    assert not list(tmp_path.glob("out.*"))


def test_files_that_a_file_names(tmp_path):
    folder = write_model_folder(tmp_path / "model")
    (folder / "jawOpen.obj").write_bytes(POINTER)
    message = fail("info", folder)
    assert message.startswith(f"{folder}/jawOpen.obj: is a Git LFS pointer")
    gltf = write_gltf(tmp_path / "model.gltf")
    gltf.with_suffix(".bin").write_bytes(PAGE)
    assert "model.bin: is an HTML page" in fail("info", gltf)
    (tmp_path / "take.npy").write_bytes(b"\x93NUMPY")
    (tmp_path / "take.names.json").write_bytes(PAGE)
    assert "take.names.json: is an HTML page" in fail("info", tmp_path / "take.npy")

