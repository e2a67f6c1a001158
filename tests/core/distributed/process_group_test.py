"""ProcessGroup over several processes: collective calls against torch, a Module's state, samplers, and what is said when a rank is missing."""

import os
import pathlib
import re
import signal
import subprocess
import time

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from tests.core.distributed import ranks
from tests.core.distributed.ranks import PROBE, full, message_of, probe, succeed

REDUCTIONS = {"sum": dist.ReduceOp.SUM, "product": dist.ReduceOp.PRODUCT, "min": dist.ReduceOp.MIN, "max": dist.ReduceOp.MAX}
FLOATS = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
INTEGERS = (torch.int64, torch.int32, torch.int8, torch.uint8)


def inputs(rank):
    """Numbers of every dtype that is reduced, and of some that are only copied."""
    generator = torch.Generator().manual_seed(rank)
    numbers = torch.randn(33, 5, generator=generator, dtype=torch.float64) * 2
    tensors = {str(dtype): numbers.to(dtype) for dtype in FLOATS} | {str(dtype): (numbers.abs() + 1).to(dtype) for dtype in INTEGERS}
    tensors |= {"scalar": numbers[0, 0].clone(), "empty": torch.zeros(0, 4), "large": torch.randn(300_000, generator=generator)}
    copied = {"bool": numbers > 0, "int16": numbers.to(torch.int16), "complex": torch.complex(numbers, -numbers)}
    return tensors | {f"{name} only_copied": tensor for name, tensor in copied.items()}


def run_collectives(size, folder):
    for rank in range(size):
        torch.save(inputs(rank), folder / f"in_{rank}.pt")
    succeed(size, "collectives", folder)
    return [torch.load(folder / f"out_{rank}.pt") for rank in range(size)]


def check_collectives(size, folder):
    outputs, sent = run_collectives(size, folder), [inputs(rank) for rank in range(size)]
    for name in sent[0]:
        each = [tensors[name] for tensors in sent]
        for output in outputs:
            torch.testing.assert_close(output[f"{name}/broadcast"], each[-1], rtol=0, atol=0)
            torch.testing.assert_close(output[f"{name}/all_gather"], torch.stack(each), rtol=0, atol=0)
        if name.endswith("only_copied"):
            continue
        tolerance = {"rtol": 0.03, "atol": 0.03} if each[0].dtype in (torch.float16, torch.bfloat16) else {}
        wide = torch.stack([tensor.double() if tensor.is_floating_point() else tensor for tensor in each])
        expected = {"sum": wide.sum(0), "product": wide.prod(0), "min": wide.amin(0), "max": wide.amax(0)}
        if each[0].is_floating_point():
            expected["mean"] = wide.mean(0)
        for call, values in expected.items():
            for output in outputs:
                assert torch.equal(output[f"{name}/{call}"], outputs[0][f"{name}/{call}"]), "the same bits on all ranks"
                torch.testing.assert_close(output[f"{name}/{call}"], values.to(each[0].dtype), **tolerance)
    return outputs


def test_collectives_of_two_ranks(tmp_path):
    check_collectives(2, tmp_path)


def torch_reductions(rank, size, folder):
    dist.init_process_group("gloo", init_method=f"file://{folder}/rendezvous", rank=rank, world_size=size)
    results = {}
    for name, tensor in inputs(rank).items():
        if name.endswith("only_copied"):
            continue
        for call, op in REDUCTIONS.items():
            results[f"{name}/{call}"] = tensor.clone()
            dist.all_reduce(results[f"{name}/{call}"], op)
    torch.save(results, f"{folder}/torch_{rank}.pt")
    dist.destroy_process_group()


@full
@pytest.mark.parametrize("size", [2, 4])
def test_reductions_are_bit_for_bit_those_of_torch(tmp_path, size):
    ours = check_collectives(size, tmp_path)
    mp.spawn(torch_reductions, (size, str(tmp_path)), nprocs=size)
    for rank in range(size):
        for name, values in torch.load(tmp_path / f"torch_{rank}.pt").items():
            assert torch.equal(ours[rank][name], values), name


@pytest.mark.parametrize("size", [2, pytest.param(4, marks=full)])
def test_training_on_ranks_equals_training_on_the_whole_batch(tmp_path, size):
    """SyncBatchNorm and averaged gradients: after three steps, all weights and statistics are those of BatchNorm on whole batches."""
    torch.save(torch.randn(3, 8, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 3 + 7, tmp_path / "data.pt")
    succeed(size, "train", tmp_path)
    subprocess.run([PROBE, "train", tmp_path], check=True, env=without_launch())
    whole = torch.load(tmp_path / "whole_0.pt")
    start = torch.load(tmp_path / "start.pt")
    assert not torch.equal(whole["first.weight"], start["first.weight"])
    for rank in range(size):
        torch.testing.assert_close(dict(torch.load(tmp_path / f"part_{rank}.pt")), dict(whole), rtol=1e-9, atol=1e-9)


def without_launch():
    return {name: value for name, value in os.environ.items() if name not in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")}


def test_state_and_gradients_of_a_module(tmp_path):
    succeed(2, "module_state", tmp_path)
    for rank in range(2):
        out = torch.load(tmp_path / f"out_{rank}.pt")
        assert out["used"].tolist() == [0.5, 0.5]  # of 0 and 1
        assert out["steps"] == rank, "integers keep their values"
        assert out["gradient"].tolist() == [0.5, 0.5], "a gradient that rank 0 lacks counts as 0"
        assert not out["has_unused"] and out["of_first"] == 0


def test_modules_that_differ(tmp_path):
    for result in probe(2, "other_module").values():
        assert message_of(result) == (
            "broadcast_state: the module of rank 1 has other parameters or buffers than that of rank 0; "
            "expected the same names, shapes and dtypes on all ranks."
        )


@pytest.mark.parametrize("size", [2, pytest.param(4, marks=full)])
def test_distributed_sampler_covers_every_sample(tmp_path, size):
    succeed(size, "sampler", tmp_path)
    shards = [torch.load(tmp_path / f"out_{rank}.pt").tolist() for rank in range(size)]
    order = [shards[i % size][i // size] for i in range(12)]
    assert sorted(order[:11]) == list(range(11)) and order[11] == order[0]  # 11 samples, padded to 12
    reference = torch.utils.data.DistributedSampler(range(11), size, 0, seed=3)
    assert shards[0] == list(reference)


def test_a_counter_gives_each_number_once(tmp_path):
    succeed(2, "counter", tmp_path)
    claimed = [torch.load(tmp_path / f"out_{rank}.pt").tolist() for rank in range(2)]
    assert sorted(claimed[0] + claimed[1]) == list(range(200))
    assert all(numbers == sorted(numbers) for numbers in claimed)


def test_without_torchrun_a_program_is_a_group_of_one(tmp_path):
    torch.save(inputs(0), tmp_path / "in_0.pt")
    result = subprocess.run([PROBE, "collectives", tmp_path], env=without_launch(), capture_output=True, text=True)
    assert result.returncode == 0 and result.stderr == ""
    out = torch.load(tmp_path / "out_0.pt")
    for name, tensor in inputs(0).items():
        for call in {key.split("/")[1] for key in out if key.startswith(f"{name}/")}:
            expected = tensor[None] if call == "all_gather" else tensor
            torch.testing.assert_close(out[f"{name}/{call}"], expected, rtol=0, atol=0)


def test_each_rank_reports_its_address():
    results = succeed(2, "one_sum")
    for rank, result in results.items():
        assert result.stderr.splitlines()[0] == f"bisque: rank {rank} of 2 is bound to lo (127.0.0.1)"
        assert result.stdout.splitlines()[-1] == f"rank {rank} of 2: 3"  # after a line of gloo's own in torch 2.10


def test_missing_ranks_are_named():
    results = probe(4, "one_sum", ranks=[0, 2], env={"PROBE_TIMEOUT": 2})
    port = re.search(r":(\d+)\)", message_of(results[0]))[1]
    for result in results.values():
        assert message_of(result) == (
            "init_process_group: no sign of ranks 1, 3 of 4 within 2 s; expected all to run, "
            f"with the same MASTER_ADDR and MASTER_PORT (127.0.0.1:{port})."
        )


def test_a_missing_rank_0_is_named():
    message = message_of(probe(2, "one_sum", ranks=[1], env={"PROBE_TIMEOUT": 2})[1])
    assert re.fullmatch(
        r"init_process_group: no sign of rank 0 of 2 at 127\.0\.0\.1:\d+ \(.+\); "
        r"expected it to run there, and MASTER_ADDR and MASTER_PORT to be the same for all ranks\.",
        message,
    )


def kill_in_sums(size, killed, folder, sig=signal.SIGKILL, **options):
    started = ranks.Ranks(size, PROBE, "sums", folder, **options)
    try:
        deadline = time.monotonic() + 60
        while len(list(folder.glob("ready_*"))) < size:
            assert time.monotonic() < deadline and all(process.poll() is None for process in started.processes.values())
            time.sleep(0.05)
        started.processes[killed].send_signal(sig)
        if sig == signal.SIGKILL:
            started.processes[killed].wait()
        survivors = {rank: process for rank, process in started.processes.items() if rank != killed}
        outputs = {rank: process.communicate(timeout=60)[1] for rank, process in survivors.items()}
        return {rank: subprocess.CompletedProcess((), survivors[rank].returncode, "", output) for rank, output in outputs.items()}
    finally:
        started.kill()


@pytest.mark.parametrize("size, killed", [(2, 1), pytest.param(4, 2, marks=full)])
def test_a_killed_rank_is_named(tmp_path, size, killed):
    for result in kill_in_sums(size, killed, tmp_path).values():
        assert re.fullmatch(
            rf"all_reduce: rank {killed} of {size} is missing \(.+\); expected all ranks to make this call within 300 s\.", message_of(result)
        )


def test_a_killed_rank_0_is_named(tmp_path):
    """It takes the group's store with it."""
    (result,) = kill_in_sums(2, 0, tmp_path).values()
    assert re.fullmatch(
        r"all_reduce: rank 0 of 2 is missing, or torchrun on its machine: the store at 127\.0\.0\.1:\d+ does not answer \(.+\)\.", message_of(result)
    )


@pytest.mark.parametrize("size", [2, pytest.param(4, marks=full)])
def test_a_rank_that_hangs_is_named(size):
    started = ranks.Ranks(size, PROBE, "hangs", env={"PROBE_TIMEOUT": 3})
    try:
        for rank in range(size - 1):
            _, err = started.processes[rank].communicate(timeout=60)
            message = message_of(subprocess.CompletedProcess((), started.processes[rank].returncode, "", err))
            assert re.fullmatch(
                rf"barrier: rank {size - 1} of {size} is missing \(.+\); expected all ranks to make this call within 3 s\.", message
            )
    finally:
        started.kill()


@full
def test_a_stopped_rank_is_named(tmp_path):
    for result in kill_in_sums(2, 1, tmp_path, signal.SIGSTOP, env={"PROBE_TIMEOUT": 3}).values():
        assert message_of(result).startswith("all_reduce: rank 1 of 2 is missing (")


def test_an_interface_without_an_address():
    wrong = {"option": {"PROBE_INTERFACE": "nosuch0"}, "variable": {"GLOO_SOCKET_IFNAME": "nosuch0"}}
    for kind, env in wrong.items():
        name = {"option": "interface", "variable": "GLOO_SOCKET_IFNAME"}[kind]
        message = message_of(probe(2, "one_sum", ranks=[0], env=env)[0])
        assert re.fullmatch(rf'init_process_group: {name} is "nosuch0", which cannot be used \(.+\); expected one of .*\blo\b.*\.', message)


def test_a_port_that_is_taken():
    started = ranks.Ranks(2, PROBE, "sums", "/tmp", ranks=[])
    with ranks.socket.socket() as taken:
        taken.bind(("0.0.0.0", started.port))
        taken.listen()
        env = without_launch() | {"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(started.port)}
        result = subprocess.run([PROBE, "one_sum"], env=env, capture_output=True, text=True)
    assert f"init_process_group: rank 0 cannot open the group's store at 127.0.0.1:{started.port} (" in message_of(result)


def test_a_master_that_cannot_be_resolved():
    message = message_of(probe(2, "one_sum", ranks=[1], address="no.such.host.invalid")[1])
    assert message.startswith('init_process_group: MASTER_ADDR is "no.such.host.invalid", which cannot be resolved (')


def test_the_programs_hold_no_code_of_gloo():
    """A vtable of gloo or of its backend in our binaries would replace that of libtorch, which may have another layout."""
    library = ranks.BUILD / "lib" / "libbisque_core.so"
    symbols = subprocess.run(["nm", "-DC", "--defined-only", library], capture_output=True, text=True, check=True).stdout
    assert "bisque::init_process_group(" in symbols
    own = r"bisque::|std::|__gnu_cxx::|c10::(detail::)?intrusive"
    foreign = [line for line in symbols.splitlines() if re.search("gloo", line, re.IGNORECASE) and not re.search(own, line.split(maxsplit=2)[2])]
    assert foreign == []
    tables = [line for line in symbols.splitlines() if re.search("(vtable|typeinfo|VTT).*(gloo|ProcessGroup)", line)]
    assert [line for line in tables if "bisque::" not in line] == []


def test_the_stand_in_headers_are_seen_by_one_source():
    tree = pathlib.Path(ranks.__file__).parents[3]
    seen = [str(path.relative_to(tree)) for path in (tree / "core").rglob("*.cpp") if "gloo" in path.read_text().lower().split("#include", 1)[-1]]
    commands = (ranks.BUILD / "build.ninja").read_text()
    assert commands.count("gloo_headers") == 1 and "core/distributed/gloo_backend.cpp" in seen


@full
def test_restarts_of_torchrun():
    result = ranks.torchrun(2, PROBE, "restart", restarts=1)
    assert result.returncode == 0, result.stderr
    assert sorted(result.stdout.split("\n")) == ["", "rank 0, run 1, attempt 1", "rank 1, run 1, attempt 1"]
