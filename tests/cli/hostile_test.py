"""Malicious files: each is read, or rejected in one sentence, within seconds and 1 GiB."""

import hashlib
import json
import pathlib
import re
import struct
import zipfile

import pytest
import torch

from tests.cli.program import message_of
from tests.testing.limited import run_limited

HOSTILE = pathlib.Path(__file__).parents[1] / "cases" / "hostile"


def limited(*arguments):
    """The program within 1 GiB and 20 s; its output is clean for any input."""
    result, peak = run_limited(*arguments, seconds=20)
    assert peak <= 2**30, f"{peak >> 20} MiB"
    assert_clean(result)
    return result


def assert_clean(result):
    assert result.returncode in (0, 1, 3), result
    for text in (result.stdout, result.stderr):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\udc80-\udc9f]", text), ascii(text[:500])
    assert len(result.stderr) < 3000
    if result.returncode == 1:
        assert result.stderr.count("\n") == 1 and result.stderr.startswith("bisque: ")
        assert "frame #" not in result.stderr and "json.exception" not in result.stderr


def rejected(*arguments) -> str:
    return message_of(limited(*arguments))


def archive(path, pickled: bytes, **storages: bytes) -> pathlib.Path:
    """A file of torch.save with this pickle."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("archive/data.pkl", pickled)
        file.writestr("archive/byteorder", "little")
        file.writestr("archive/version", "3\n")
        for key, data in storages.items():
            file.writestr(f"archive/data/{key.removeprefix('s')}", data)
    return path


@pytest.mark.parametrize("name", ["coo_far.pt", "coo_neg.pt"])
def test_sparse_indices_are_checked(name):
    message = rejected("diff", HOSTILE / name, HOSTILE / name)
    assert name in message and "a sparse tensor has the index" in message


def test_differences_are_listed():
    for a, b, line in (("k1.pt", "k2.pt", '["0"]: largest'), ("i1.pt", "i2.pt", "ids: largest")):
        result = limited("diff", HOSTILE / a, HOSTILE / b)
        assert result.returncode == 3 and result.stdout == f"{line} difference 1, 1 of 1 differ\n"


@pytest.mark.parametrize("name", ["ten_million_lists.pt", "tuples28.pt"])
@pytest.mark.parametrize("command", [["info"], ["info", "--json"], ["convert"], ["diff"]], ids=" ".join)
def test_what_a_short_pickle_repeats_is_bounded(command, name, tmp_path):
    second = {"convert": [tmp_path / "b.safetensors"], "diff": [HOSTILE / name]}.get(command[0], [])
    assert name in rejected(*command, HOSTILE / name, *second)


def test_overlapping_elements_are_read_in_pieces():
    tensor = json.loads(limited("info", "--json", HOSTILE / "stride0.pt").stdout)["tensors"][0]
    assert tensor["stride"] == [0] and tensor["sha256"] is None
    assert limited("diff", HOSTILE / "stride0.pt", HOSTILE / "stride0.pt").stdout == "no difference\n"


def test_tensors_without_data_are_compared():
    assert limited("diff", HOSTILE / "meta.pt", HOSTILE / "meta.pt").stdout == "no difference\n"
    assert limited("convert", HOSTILE / "meta.pt", "/dev/null.safetensors").returncode == 1


def test_lone_surrogates_are_printed_escaped():
    assert "\\uD" in limited("info", HOSTILE / "surrogate_value.pt").stdout
    assert "\\uD" in json.loads(limited("info", "--json", HOSTILE / "surrogate_value.pt").stdout)["values"].popitem()[1]


def test_names_are_printed_escaped():
    assert "\\x1B" in limited("info", HOSTILE / "escape_names.safetensors").stdout
    assert "\x1b" in json.loads(limited("info", "--json", HOSTILE / "escape_names.safetensors").stdout)["shape_names"][0]


def test_a_message_goes_on_after_a_zero_byte():
    assert rejected("info", HOSTILE / "nul.gltf").endswith(".")


def persistent(key="0", dtype="FloatStorage", count=1) -> bytes:
    """The opcodes of a storage."""
    return b"(X\x07\0\0\0storagectorch\n%s\nX\x01\0\0\0%sX\x03\0\0\0cpuJ%stQ" % (
        dtype.encode(), key.encode(), struct.pack("<i", count),
    )  # fmt: skip


def tensor(sizes, strides, storage=None) -> bytes:
    """The opcodes of a tensor."""

    def numbers(values):
        return b"(" + b"".join(b"\x8a\x08" + struct.pack("<q", value) for value in values) + b"t"

    head = b"ctorch._utils\n_rebuild_tensor_v2\n(" + (storage or persistent()) + b"K\0"
    return head + numbers(sizes) + numbers(strides) + b"\x89ccollections\nOrderedDict\n)RtR"


def test_overlapping_elements_have_a_sum(tmp_path):
    torch.save(torch.tensor([1.5]).expand(1_000_000), tmp_path / "a.pt")
    found = json.loads(limited("info", "--json", tmp_path / "a.pt").stdout)["tensors"][0]["sha256"]
    assert found == hashlib.sha256(struct.pack("<f", 1.5) * 1_000_000).hexdigest()


def test_tensors_that_expand_without_end_are_rejected_or_left_out(tmp_path):
    huge = archive(tmp_path / "huge.pt", b"\x80\x02" + tensor([2**40], [0]) + b".", s0=bytes(4))
    assert json.loads(limited("info", "--json", huge).stdout)["tensors"][0]["sha256"] is None
    assert limited("diff", huge, huge).stdout == "no difference\n"
    steps = archive(tmp_path / "steps.pt", b"\x80\x02" + tensor([2**19, 2**19], [1, 1], persistent(count=2**20)) + b".", s0=bytes(2**22))
    assert limited("info", steps).returncode == 0
    assert "expand to more bytes" in rejected("diff", steps, steps)
    for path in (huge, steps):
        assert "expand to more than 256 MiB" in rejected("convert", path, tmp_path / "a.safetensors")
    assert limited("convert", huge, tmp_path / "b.pt").returncode == 0
    assert not (tmp_path / "a.safetensors").exists()


def test_one_tensor_many_times(tmp_path):
    body = b"\x80\x02](" + tensor([2**20], [1], persistent(count=2**20)) + b"q\x01" + b"h\x01" * 20000 + b"e."
    many = archive(tmp_path / "many.pt", body, s0=bytes(2**22))
    assert len(json.loads(limited("info", "--json", many).stdout)["tensors"]) == 20001
    assert "expand to more than 256 MiB" in rejected("convert", many, tmp_path / "a.safetensors")


def test_long_texts_and_paths_are_bounded(tmp_path):
    text = b"X" + struct.pack("<I", 1 << 20) + b"k" * (1 << 20)
    texts = archive(tmp_path / "texts.pt", b"\x80\x02](" + text + b"q\x01" + b"h\x01" * 10000 + b"e.")
    assert "repeats large values" in rejected("info", texts)
    # Dicts in dicts, each under the same long key, and a list of numbers at the bottom.
    keys = b"\x80\x02" + text + b"q\x010" + b"}h\x01" * 60 + b"](" + b"K\x01" * 1000 + b"e" + b"s" * 60 + b"."
    assert "the paths of its values take more than" in rejected("info", archive(tmp_path / "paths.pt", keys))


def test_many_plain_values_take_linear_time(tmp_path):
    torch.save({f"value {i}": i for i in range(200_000)}, tmp_path / "a.pt")
    found = json.loads(limited("info", "--json", tmp_path / "a.pt").stdout)["values"]
    assert len(found) == 200_000 and found["value 199999"] == 199_999


def sparse(path, indices, sizes, layout=torch.sparse_coo, is_coalesced=None):
    """A file with a sparse tensor that nothing has checked."""
    values = torch.ones(indices.shape[1] if indices.dim() == 2 else len(indices))

    class Raw:
        def __reduce__(self):
            data = (indices, values, torch.Size(sizes)) + (() if is_coalesced is None else (is_coalesced,))
            return torch._utils._rebuild_sparse_tensor, (layout, data)

    torch.save({"s": Raw()}, path)
    return path


@pytest.mark.parametrize(
    ("indices", "sizes", "coalesced", "message"),
    [
        ([[0, 5], [0, 0]], [5, 5], None, "has the index 5 in dimension 0 of size 5, expected 0 to 4"),
        ([[0, 0], [-1, 0]], [5, 5], False, "has the index -1 in dimension 1 of size 5, expected 0 to 4"),
        ([[0], [2**40]], [5, 5], True, "has the index 1099511627776 in dimension 1"),
        ([[0]], [0], None, "in dimension 0 of size 0, expected 0 indices"),
        ([[1, 0], [0, 0]], [5, 5], True, "marked as coalesced has index 1 not after the one before it"),
        ([[1, 1], [3, 3]], [5, 5], True, "marked as coalesced has index 1 not after the one before it"),
    ],
)  # fmt: skip
def test_indices_of_coo_tensors(tmp_path, indices, sizes, coalesced, message):
    path = sparse(tmp_path / "a.pt", torch.tensor(indices), sizes, is_coalesced=coalesced)
    for command in (["info"], ["diff", path], ["convert"]):
        assert message in rejected(command[0], path, *command[1:], *([tmp_path / "b.pt"] if command == ["convert"] else []))


def test_indices_of_the_wrong_dtype(tmp_path):
    path = sparse(tmp_path / "a.pt", torch.zeros(2, 1), [2, 2])
    assert "has indices of float32" in rejected("info", path)
    narrow = sparse(tmp_path / "b.pt", torch.zeros(2, 1, dtype=torch.int32), [2, 2])
    assert limited("diff", narrow, narrow).stdout == "no difference\n"


@pytest.mark.parametrize("table", ["sizes", "strides", "offsets"])
def test_tables_of_nested_tensors_are_checked(tmp_path, table):
    good = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(1, 3)])
    parts = {"sizes": good._nested_tensor_size(), "strides": good._nested_tensor_strides(), "offsets": good._nested_tensor_storage_offsets()}

    for value in (-1, 100, 2**62):
        spoiled = {name: part.clone() for name, part in parts.items()}
        spoiled[table].reshape(-1)[0] = value

        class Raw:
            def __reduce__(self):
                return torch._utils._rebuild_nested_tensor, (good.values(), *spoiled.values())

        torch.save({"n": Raw()}, tmp_path / "a.pt")
        assert "tensor 0 of a nested tensor is not within its buffer of 9 elements" in rejected("info", tmp_path / "a.pt")


def test_deflated_bombs_are_rejected(tmp_path):
    path = tmp_path / "a.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        file.writestr("archive/data.pkl", b"\x80\x02N.")
        file.writestr("archive/byteorder", "little")
        with file.open("archive/data/0", "w") as record:
            for _ in range(300):
                record.write(bytes(1 << 20))
    assert "once it is inflated" in rejected("info", path)


def test_messages_are_bounded_and_escaped(tmp_path):
    for name in ("\x1b[31mred", "a\nb", "\x9bz", "x" * 200, "\u202egnp"):
        path = tmp_path / f"{name}.pt"
        path.write_bytes(b"PK\x03\x04 nothing")
        assert rejected("info", path)
    long_name = archive(tmp_path / "a.pt", b"\x80\x02c" + b"m" * 100_000 + b"\nname\n.")
    assert "mmm..." in rejected("info", long_name)
    torch.save({"\x1b]0;title\x07": torch.ones(1), "e\x9b": "\x1b\x7f\x9b"}, tmp_path / "names.pt")
    assert "\\u001b]0;title" in limited("info", tmp_path / "names.pt").stdout
    assert json.loads(limited("info", "--json", tmp_path / "names.pt").stdout)["values"] == {"e\x9b": "\x1b\x7f\x9b"}
    torch.save({}, tmp_path / "none.pt")
    assert limited("diff", tmp_path / "names.pt", tmp_path / "none.pt").returncode == 3
