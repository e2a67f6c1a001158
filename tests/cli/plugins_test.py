"""bisque plugins: what the plugin interface has loaded."""

from tests.build import BUILD
from tests.cli.program import run, succeed


def test_built_in_plugins_are_listed():
    text = succeed("plugins").stdout
    for words in ("bisque_core_ops 0.", "bisque_ops 0.", "for torch 2.10 or later", "bisque::blendshapes", "ops3d.KNN", "renderer.MeshRasterizer"):
        assert words in text


def test_a_third_party_plugin_is_listed():
    text = succeed("plugins", env={"BISQUE_PLUGINS": str(BUILD / "lib/libacme_ops.so")}).stdout
    assert "acme_ops" in text and "acme::affine" in text


ABI = "libbad_abi.so: is a plugin of ABI 7, expected ABI 1."


def bad(name: str) -> str:
    return str(BUILD / f"tests/plugins/libbad_{name}.so")


def test_a_bad_plugin_does_not_stop_other_commands(tmp_path):
    picture = tmp_path / "a.png"
    result = succeed("render", "demo", "--size", "16", "-q", "-o", picture, env={"BISQUE_PLUGINS": bad("abi")})
    assert result.stderr == f"bisque: warning: {BUILD}/tests/plugins/{ABI}\n"
    assert picture.exists()


def test_each_bad_plugin_is_one_warning_and_the_others_are_loaded(tmp_path):
    cut, missing = tmp_path / "libcut.so", tmp_path / "libmissing.so"
    cut.write_bytes((BUILD / "lib/libacme_ops.so").read_bytes()[:9000])
    entries = [bad("abi"), str(cut), str(BUILD / "lib/libacme_ops.so"), bad("throws"), bad("throws_int"), str(missing), str(tmp_path)]
    result = run("plugins", env={"BISQUE_PLUGINS": ":".join(entries)})
    assert result.returncode == 1 and "acme::affine" in result.stdout and "bisque_ops" in result.stdout
    warnings = (
        ABI,
        f"{cut}: is truncated, its segments end at byte",
        "libbad_throws.so: its entry bisque_plugin threw an exception, which it must catch: no license file",
        "libbad_throws_int.so: its entry bisque_plugin threw an exception, which it must catch: an exception of type int",
        f"{missing}: cannot be read (No such file or directory).",
        f"{tmp_path}: is a folder, expected a shared library.",
    )
    *lines, last = result.stderr.splitlines()
    assert len(lines) == len(warnings)
    for line, warning in zip(lines, warnings):
        assert line.startswith("bisque: warning: ") and warning in line
    assert last == "bisque: 6 entries of BISQUE_PLUGINS could not be loaded, see above."


def test_one_bad_plugin_fails_the_list():
    result = run("plugins", env={"BISQUE_PLUGINS": bad("abi")})
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == "bisque: 1 entry of BISQUE_PLUGINS could not be loaded, see above."


def test_a_model_whose_format_was_not_loaded_fails(tmp_path):
    (tmp_path / "model.xyz").write_text("1")
    result = run("info", tmp_path / "model.xyz", env={"BISQUE_PLUGINS": bad("abi")})
    assert result.returncode == 1 and ABI in result.stderr
