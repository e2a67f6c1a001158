"""bisque plugins: what the plugin interface has loaded."""

import os
import re
import shutil

import pytest

from tests.build import BUILD, ROOT
from tests.cli.program import run, succeed

VERSION = re.search(r'BISQUE_VERSION "(.*)"', (ROOT / "core/version.h").read_text())[1]
ACME = BUILD / "lib/libacme_ops.so"


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


def test_built_in_plugins_are_listed():
    text = succeed("plugins").stdout
    for words in ("bisque_core_ops 0.", "bisque_ops 0.", "for torch 2.10 or later", "bisque::blendshapes", "ops3d.KNN", "renderer.MeshRasterizer"):
        assert words in text


def test_a_third_party_plugin_is_listed():
    text = succeed("plugins", env={"BISQUE_PLUGINS": str(BUILD / "lib/libacme_ops.so")}).stdout
    assert "acme_ops" in text and "acme::affine" in text


ABI = (
    f"libbad_abi.so: is a plugin of ABI 7, expected ABI 1 of bisque {VERSION}: update bisque, or rebuild it with this bisque "
    "(cmake --fresh -B build -DCMAKE_PREFIX_PATH=PREFIX && cmake --build build)."
)


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
    assert last == "bisque: 6 plugins could not be loaded, see above."


def test_one_bad_plugin_fails_the_list():
    result = run("plugins", env={"BISQUE_PLUGINS": bad("abi")})
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == "bisque: 1 plugin could not be loaded, see above."


def test_a_model_whose_format_was_not_loaded_fails(tmp_path):
    (tmp_path / "model.xyz").write_text("1")
    result = run("info", tmp_path / "model.xyz", env={"BISQUE_PLUGINS": bad("abi")})
    assert result.returncode == 1 and ABI in result.stderr


def origin_of(plugin: str, *words, **options) -> tuple[str, str]:
    """Where the listed plugin comes from: its file, and its origin."""
    text = succeed("plugins", *words, **options).stdout
    assert text.count(f"{plugin} ") == 1
    found = re.search(rf"^{plugin} .*\n  file     (.*)\n  from     (.*)$", text, re.MULTILINE)
    return found[1], found[2]


def folder_with_acme(folder):
    folder.mkdir(parents=True)
    shutil.copy(ACME, folder / "libacme_ops.so")
    return folder


def test_plugins_come_from_a_file_of_the_command_line():
    for words in (["--plugin", ACME, "plugins"], ["plugins", "--plugin", ACME]):
        assert "  from     --plugin\n" in succeed(*words).stdout
    assert "acme::affine" in succeed("plugins", "show", "acme_ops", "--plugin", ACME).stdout


def test_the_first_source_of_a_file_counts(tmp_path):
    folder = folder_with_acme(tmp_path / "folder")
    file = folder / "libacme_ops.so"
    assert origin_of("acme_ops", env={"BISQUE_PLUGIN_PATH": f"{folder}:{folder}"}) == (str(file), "BISQUE_PLUGIN_PATH")
    everywhere = {"BISQUE_PLUGIN_PATH": str(folder), "BISQUE_PLUGINS": f"{file}:{tmp_path}/folder/../folder/libacme_ops.so"}
    assert origin_of("acme_ops", env=everywhere) == (str(file), "BISQUE_PLUGINS")
    link = tmp_path / "link.so"
    link.symlink_to(file)
    assert origin_of("acme_ops", "--plugin", link, env=everywhere) == (str(link), "--plugin")


def test_another_file_of_the_same_name_is_a_warning_with_both(tmp_path):
    folder = folder_with_acme(tmp_path / "folder")
    result = run("plugins", env={"BISQUE_PLUGINS": str(ACME), "BISQUE_PLUGIN_PATH": str(folder)})
    assert result.returncode == 1
    assert f"bisque: warning: {folder}/libacme_ops.so: a plugin acme_ops is loaded already ({ACME}), expected another name.\n" in result.stderr


def test_a_folder_that_is_missing_is_a_warning(tmp_path):
    result = run("plugins", env={"BISQUE_PLUGIN_PATH": str(tmp_path / "none")})
    assert result.returncode == 1
    assert f"{tmp_path}/none: cannot be read (No such file or directory), expected a folder of plugins, as BISQUE_PLUGIN_PATH lists." in result.stderr


def test_a_file_of_the_command_line_that_cannot_be_loaded_is_an_error(tmp_path):
    result = run("info", "demo", "--plugin", bad("abi"))
    assert (result.returncode, result.stdout, result.stderr) == (1, "", f"bisque: {BUILD}/tests/plugins/{ABI}\n")


def test_a_plugin_is_shown_with_schemas_settings_and_devices():
    text = succeed("plugins", "show", "acme_ops", "--plugin", ACME).stdout
    assert "  op       acme::affine(Tensor x, Tensor? shift=None, float factor=2.) -> (Tensor y, Tensor square, Tensor sign)\n" in text
    assert "           devices: CPU, Meta\n" in text
    assert re.search(r"acme::read_table\(.*\n           devices: any\n", text)
    text = succeed("plugins", "show", "ops3d").stdout
    assert "  module   ops3d.KNN\n           K: an integer = 1\n           norm: an integer = 2\n           return_sorted: a bool = True\n" in text


def test_near_names_of_a_plugin_are_offered():
    result = run("plugins", "show", "renderr")
    assert result.returncode == 1
    assert result.stderr == 'bisque: no plugin "renderr" is loaded, expected one of: bisque_core_ops, bisque_face_ops, bisque_ops, ops3d, renderer (nearest: renderer).\n'


def test_a_library_is_checked(tmp_path):
    assert succeed("plugins", "check", ACME).stdout == f"{ACME}: the plugin acme_ops {VERSION} can be loaded.\n"
    assert succeed("plugins", "check", ACME, "--plugin", ACME).stdout == f"{ACME}: the plugin acme_ops {VERSION} can be loaded.\n"
    for name, message in (
        ("abi", ABI),
        ("taken", "the op aten::relu is taken, expected a name that is not registered."),
        ("missing_symbols", "needs the symbols acme::blur(int), acme::sharpen(char const*), which no library here defines"),
    ):
        result = run("plugins", "check", bad(name))
        assert result.returncode == 1 and message in result.stderr and len(result.stderr.splitlines()) == 1


def test_a_library_that_crashes_hangs_or_exits_is_one_warning(tmp_path, cache):
    for name, message in (
        ("crashes", 'a static initialiser of it crashes with signal 11 (Segmentation fault), after it printed "no license file"'),
        ("hangs", "a static initialiser of it does not return within 1 s"),
        ("exits", "a static initialiser of it ends the process with exit code 3"),
    ):
        env = {"BISQUE_PLUGINS": bad(name), "BISQUE_PLUGIN_TIMEOUT": "1", "BAD_PLUGIN_MARKS": str(tmp_path / "marks")}
        first = succeed("info", "demo", env=env).stderr
        assert first == f"bisque: warning: {bad(name)}: {message}, expected one that returns to the program.\n"
        (tmp_path / "marks").unlink(missing_ok=True)
        second = succeed("info", "demo", env=env).stderr
        assert second == first.replace("program.\n", "program (as found before; `bisque plugins check FILE` tries again).\n")
        assert not (tmp_path / "marks").exists()
    assert len(os.listdir(cache / "bisque/plugins")) == 3


def test_near_extensions_are_offered(tmp_path):
    for name, message in (("head.gltff", r"is not a supported model, .*\) \(nearest: .gltf, .*\)\."), ("head.q", r"is not a supported model, .*\)\.")):
        (tmp_path / name).write_text("1")
        assert re.search(message + "$", run("render", tmp_path / name, "-o", tmp_path / "a.png").stderr)
    (tmp_path / "take.cvs").write_text("1")
    result = run("render", "demo", "-c", tmp_path / "take.cvs", "-o", tmp_path / "a.png")
    assert re.search(r'the extension ".cvs" is none of a take, expected one of .* \(nearest: .csv\)\.$', result.stderr)
