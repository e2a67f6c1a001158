"""bisque doctor, --version and --help."""

import torch

from tests.build import ROOT
from tests.cli.program import succeed


def doctor(**options) -> dict[str, str]:
    result = succeed("doctor", **options)
    assert result.stderr == ""
    return {line[:16].strip(): line[16:].strip() for line in result.stdout.splitlines()}


def test_tells_versions_libraries_and_features():
    told = doctor()
    assert set(told) >= {"bisque", "libtorch", "CUDA kernels", "CUDA device", "CPU", "memory", "CPU threads", "SIMD", "ffmpeg"}
    assert told["libtorch"].split()[0].count(".") == 2 and "libtorch_cpu.so" in told["libtorch"]
    assert all(told.values())


def test_simd_targets_are_those_of_the_kernels():
    targets = doctor()["SIMD"].split()
    number = bin(torch.ops.bisque._disable_simd_targets(0)).count("1")
    assert len(targets) == number and "SCALAR" not in targets


def test_a_missing_ffmpeg_is_told():
    assert doctor(env={"PATH": "/nonexistent"})["ffmpeg"].startswith("not found")


def test_version_is_the_projects():
    version = succeed("--version").stdout.split()
    assert version[0] == "bisque" and f'"{version[1]}"' in (ROOT / "core/version.h").read_text()
    assert doctor()["bisque"] == version[1]


def test_help_goes_to_stdout_and_names_every_option():
    assert all(command in succeed("--help").stdout for command in ("render", "info", "convert", "doctor", "softgpu"))
    result = succeed("render", "--help")
    assert result.stderr == ""
    options = (
        "--coefficients --map --scale --set --output --size --fps --take-fps --start --end --samples --background --audio --fov "
        "--azimuth --elevation --margin --distance --offset --hide --still --quiet"
    )
    assert [option for option in options.split() if option not in result.stdout] == []
