"""bisque plugins: what the door has loaded."""

from tests.build import BUILD
from tests.cli.program import fail, succeed


def test_built_in_plugins_are_listed():
    text = succeed("plugins").stdout
    for words in ("bisque_ops 0.", "for torch 2.10 or later", "bisque::blendshapes", "ops3d.KNN", "renderer.MeshRasterizer"):
        assert words in text


def test_a_strangers_plugin_is_listed():
    text = succeed("plugins", env={"BISQUE_PLUGINS": str(BUILD / "lib/libacme_ops.so")}).stdout
    assert "acme_ops" in text and "acme::affine" in text


def test_a_bad_plugin_is_an_error_of_every_command(tmp_path):
    env = {"BISQUE_PLUGINS": str(BUILD / "tests/plugins/libbad_abi.so")}
    for command in (["plugins"], ["render", "demo", "--size", "16", "-o", tmp_path / "a.png"]):
        message = fail(*command, env=env)
        assert "libbad_abi.so: is a plugin of ABI 7, expected ABI 1." in message
    assert not (tmp_path / "a.png").exists()
