"""Compares our zip reader and writer (through the program zip_probe) with torch's, Python's zipfile and unzip."""

import io
import json
import random
import shutil
import subprocess
import zipfile

import pytest
import torch

from tests.build import BUILD


def run(*words):
    command = [BUILD / "bin" / "zip_probe", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=300)


def probe(*words):
    result = run(*words)
    assert result.returncode == 0, result.stderr
    return result.stdout


def records(path):
    """Name, size and checksum of every record as Python has them."""
    with zipfile.ZipFile(path) as file:
        return [[info.filename, info.file_size, info.CRC] for info in file.infolist()]


VALUES = {
    "empty": {},
    "tensors": {"a": torch.arange(6.0), "b": torch.ones(3, dtype=torch.int8), "none": torch.empty(0)},
    "big": {"x": torch.arange(300_000.0), "y": torch.arange(65_536, dtype=torch.uint8)},
    "many": {str(i): torch.tensor(i) for i in range(2000)},
    "no tensor": ["text", 1, None],
    "module": torch.nn.Linear(7, 5).state_dict(),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_copy_of_torchs_file_is_the_same_byte_for_byte(tmp_path, name):
    torch.save(VALUES[name], tmp_path / "theirs.pt")
    assert [entry[:3] for entry in json.loads(probe("list", tmp_path / "theirs.pt"))] == records(tmp_path / "theirs.pt")
    probe("copy", tmp_path / "theirs.pt", tmp_path / "ours.pt")
    assert (tmp_path / "ours.pt").read_bytes() == (tmp_path / "theirs.pt").read_bytes()


def test_names_beyond_ascii(tmp_path):
    torch.save(torch.arange(3), tmp_path / "größe.pt")
    probe("copy", tmp_path / "größe.pt", tmp_path / "ours.pt")
    assert (tmp_path / "ours.pt").read_bytes() == (tmp_path / "größe.pt").read_bytes()


def test_other_alignment_of_torch(tmp_path):
    from torch.utils.serialization import config

    value = {"a": torch.arange(1000.0), "b": torch.arange(7)}
    with config.patch("save.storage_alignment", 4096):
        torch.save(value, tmp_path / "theirs.pt")
    probe("copy", tmp_path / "theirs.pt", tmp_path / "ours.pt")
    for mmap in (False, True):
        ours = torch.load(tmp_path / "ours.pt", weights_only=True, mmap=mmap)
        assert all(torch.equal(ours[key], value[key]) for key in value)


class Pipe:
    """A stream that cannot seek, so zipfile writes data descriptors."""

    def __init__(self, out):
        self.write, self.flush = out.write, out.flush


def written_by_python(path, stream=False, zip64=False):
    """A .pt file packed again by Python's zipfile, and what is in it."""
    value = {"a": torch.arange(1000.0), "b": torch.arange(7)}
    torch.save(value, buffer := io.BytesIO())
    out = io.BytesIO()
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(Pipe(out) if stream else out, "w") as target:
        for info in source.infolist():
            with target.open(zipfile.ZipInfo(info.filename), "w", force_zip64=zip64) as record:
                record.write(source.read(info))
    path.write_bytes(out.getvalue())
    return value


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("zip64", [False, True])
def test_archives_of_zipfile_become_torchs(tmp_path, stream, zip64):
    value = written_by_python(tmp_path / "theirs.zip", stream, zip64)
    probe("copy", tmp_path / "theirs.zip", tmp_path / "ours.pt")
    assert records(tmp_path / "ours.pt") == records(tmp_path / "theirs.zip")
    assert all(entry[3] == 0 for entry in json.loads(probe("list", tmp_path / "ours.pt")))  # aligned
    with zipfile.ZipFile(tmp_path / "ours.pt") as file:
        assert file.testzip() is None
    for mmap in (False, True):
        ours = torch.load(tmp_path / "ours.pt", weights_only=True, mmap=mmap)
        assert all(torch.equal(ours[key], value[key]) for key in value)


@pytest.mark.skipif(not shutil.which("unzip"), reason="there is no unzip")
def test_unzip_finds_no_fault(tmp_path):
    torch.save(VALUES["big"], tmp_path / "theirs.pt")
    probe("copy", tmp_path / "theirs.pt", tmp_path / "ours.pt")
    result = subprocess.run(["unzip", "-t", tmp_path / "ours.pt"], capture_output=True, text=True)
    assert result.returncode == 0 and "No errors detected" in result.stdout, result.stdout


SIZE = 2**32 + 5


def around(big):
    """Tensors before and after a big one."""
    return {"b": torch.arange(5), "a": big, "c": torch.arange(7.0), "none": torch.empty(0)}


@pytest.fixture
def far(tmp_path):
    """torch's own file of more than 4 GiB, whose big records are holes without a checksum."""
    with torch.serialization.skip_data():
        torch.save(around(torch.empty(SIZE, dtype=torch.uint8)), tmp_path / "theirs.pt")
    yield tmp_path / "theirs.pt"
    (tmp_path / "theirs.pt").unlink()


def test_more_than_4_gib(tmp_path, far):
    theirs = json.loads(probe("layout", far))
    assert [entry[:3] for entry in theirs] == records(far)
    assert SIZE in [entry[1] for entry in theirs] and all(entry[3] == 0 for entry in theirs)

    torch.save(around(torch.zeros(1, dtype=torch.uint8)), tmp_path / "small.pt")
    probe("stretch", tmp_path / "small.pt", tmp_path / "ours.pt", "small/data/1", SIZE)
    ours = json.loads(probe("layout", tmp_path / "ours.pt"))
    assert [entry[:3] for entry in ours] == records(tmp_path / "ours.pt")
    assert [entry[1] for entry in ours][1:] == [entry[1] for entry in theirs][1:]  # but for data.pkl
    assert [entry[3] for entry in ours] == [0] * len(ours)
    loaded = torch.load(tmp_path / "ours.pt", weights_only=True, mmap=True)
    assert torch.equal(loaded["c"], torch.arange(7.0)) and torch.equal(loaded["b"], torch.arange(5))
    (tmp_path / "ours.pt").unlink()


def test_a_record_without_a_checksum_is_rejected_with_a_hint(tmp_path):
    torch.serialization.set_crc32_options(False)
    try:
        torch.save(VALUES["tensors"], tmp_path / "theirs.pt")
    finally:
        torch.serialization.set_crc32_options(True)
    assert "perhaps its writer computed none" in run("list", tmp_path / "theirs.pt").stderr
    assert [entry[2] for entry in json.loads(probe("layout", tmp_path / "theirs.pt"))] == [0] * 9


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressed_records_are_rejected(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "theirs.zip", "w", method) as file:
        file.writestr("a", "x" * 100)
    expected = f'record "a" is compressed (method {method}), expected a stored or deflated record.'
    assert expected in run("list", tmp_path / "theirs.zip").stderr


def test_what_python_lets_pass_is_rejected(tmp_path):
    """A comment, bytes before the archive, a name twice: legal, and nothing that torch.save does."""

    def error(data):
        (tmp_path / "x").write_bytes(data)
        result = run("list", tmp_path / "x")
        assert result.returncode == 1
        return result.stderr

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a", "x")
        file.comment = b"hello"
    assert "does not end with the end record" in error(out.getvalue())
    out = io.BytesIO(b"#!/bin/sh\n")
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "a") as file:
        file.writestr("a", "x")
    assert 'record "a" begins at byte 10, expected 0, the begin of the file.' in error(out.getvalue())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file, pytest.warns(UserWarning):
        file.writestr("a", "x")
        file.writestr("a", "y")
    assert 'record "a" appears twice.' in error(out.getvalue())


def test_whatever_is_read_is_what_python_reads(tmp_path):
    """Files with random bytes changed are rejected, or have the content that Python finds in them."""
    random.seed(1)
    written_by_python(tmp_path / "good.zip")
    good = (tmp_path / "good.zip").read_bytes()
    directory = good.index(b"PK\1\2")
    read = 0
    for _ in range(60):
        data = bytearray(good)
        data[random.randrange(directory, len(data))] ^= 1 << random.randrange(8)
        (tmp_path / "x").write_bytes(data)
        result = run("list", tmp_path / "x")
        if result.returncode == 0:
            assert [entry[:3] for entry in json.loads(result.stdout)] == records(tmp_path / "x")
            read += 1
        else:
            assert result.returncode == 1 and result.stderr.startswith(str(tmp_path / "x"))
    assert 0 < read < 60
