"""A short part of the sweep that `make fuzz` runs in full."""

import subprocess

import pytest

from tests.fuzz.sweep import MAX_BYTES, fault_of, sweep


def test_spoiled_files_of_every_kind(tmp_path):
    assert sweep(60, 1, tmp_path) == []


@pytest.mark.parametrize(
    ("code", "stdout", "stderr", "peak", "fault"),
    [
        (0, "fine\n", "note: a\nnote: b\n", 1, ""),
        (1, "", "bisque: a.pt: is not one.\n", 1, ""),
        (-11, "", "", 1, "ended with -11"),
        (-9, "", "", 1, "was killed after 20 s"),
        (0, "", "", MAX_BYTES + (1 << 20), "took 1025 MiB"),
        (0, "\x1b[31m", "", 1, "wrote '\\x1b'"),
        (1, "", "bisque: a\ufffd\x00.\n", 1, "wrote '\\x00'"),
        (1, "", "", 1, "wrote 0 lines of an error"),
        (1, "", "bisque: a.\nbisque: b.\n", 1, "wrote 2 lines of an error"),
        (1, "", "bisque: [json.exception.type_error.316] a.\n", 1, "wrote what a library says"),
        (1, "", "bisque: " + "x" * 3000 + "\n", 1, "wrote 3009 bytes to stderr"),
    ],
)
def test_faults_are_found(code, stdout, stderr, peak, fault):
    assert fault_of(subprocess.CompletedProcess([], code, stdout, stderr), peak, 20) == fault
