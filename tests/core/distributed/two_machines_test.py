"""Ranks on two machines, which are network namespaces of this one, and a link that is cut."""

import re
import time

import pytest

from tests.core.distributed.namespaces import TwoMachines, two_machines  # noqa: F401
from tests.core.distributed.ranks import PROBE, TORCHRUN, Ranks, full, message_of

FIRST = TwoMachines.ADDRESSES[0]


def start(machines, size, *command, **options):
    """The first half of the ranks runs on the first machine."""
    return Ranks(size, *command, address=FIRST, prefixes=[machines.on(2 * rank // size) for rank in range(size)], **options)


@pytest.mark.parametrize("size", [2, pytest.param(4, marks=full)])
def test_a_sum_over_two_machines(two_machines, size):  # noqa: F811
    results = start(two_machines, size, PROBE, "one_sum").wait()
    for rank, result in results.items():
        assert result.returncode == 0, result.stderr
        assert result.stdout == f"rank {rank} of {size}: {size * (size + 1) // 2}\n"
        machine = 2 * rank // size
        own = f"bisque: rank {rank} of {size} is bound to bsq{machine} ({two_machines.ADDRESSES[machine]})"
        assert result.stderr.splitlines()[0] == own  # torch may warn of names that cannot be resolved


@full
def test_an_interface_is_chosen(two_machines):  # noqa: F811
    envs = {0: {"PROBE_INTERFACE": "bsq0", "GLOO_SOCKET_IFNAME": "lo"}, 1: {"GLOO_SOCKET_IFNAME": "bsq1"}}
    for rank, result in start(two_machines, 2, PROBE, "one_sum", envs=envs).wait().items():
        assert result.returncode == 0 and f"is bound to bsq{rank} (" in result.stderr


def test_a_rank_that_others_cannot_reach(two_machines):  # noqa: F811
    for result in start(two_machines, 2, PROBE, "one_sum", envs={1: {"PROBE_INTERFACE": "lo"}}).wait().values():
        assert message_of(result) == (
            "init_process_group: rank 1 of 2 listens on a loopback address (lo 127.0.0.1), which other machines cannot reach; "
            "expected another interface in ProcessGroupOptions::interface or GLOO_SOCKET_IFNAME."
        )


@full
def test_a_master_address_that_is_a_loopback_address_on_its_own_machine(two_machines):  # noqa: F811
    """As with Debian's /etc/hosts. The first machine then uses its default route."""
    two_machines.add_default_route(0)
    envs = {0: {"MASTER_ADDR": "127.0.1.1"}}
    for rank, result in start(two_machines, 2, PROBE, "one_sum", env={"LOCAL_WORLD_SIZE": 1}, envs=envs).wait().items():
        assert result.returncode == 0, result.stderr
        assert f"is bound to bsq{rank} ({two_machines.ADDRESSES[rank]})" in result.stderr


@full
def test_a_link_that_is_cut_before_the_start(two_machines):  # noqa: F811
    two_machines.cut()
    results = start(two_machines, 2, PROBE, "one_sum", env={"PROBE_TIMEOUT": 3}).wait()
    assert message_of(results[0]).startswith("init_process_group: no sign of rank 1 of 2 within 3 s; ")
    assert message_of(results[1]).startswith(f"init_process_group: no sign of rank 0 of 2 at {FIRST}:")


@pytest.mark.parametrize("size", [2, pytest.param(4, marks=full)])
def test_a_link_that_is_cut(two_machines, tmp_path, size):  # noqa: F811
    ranks = start(two_machines, size, PROBE, "sums", tmp_path, env={"PROBE_TIMEOUT": 3})
    try:
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("ready_*"))) < size:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        two_machines.cut()
        results = ranks.wait()
    finally:
        ranks.kill()
    lost = {2: "rank 1 of 2 is", 4: "ranks 2, 3 of 4 are"}[size]
    for rank, result in results.items():
        message = message_of(result)
        if rank < size // 2:
            assert re.fullmatch(rf"all_reduce: {lost} missing \(.+\); expected all ranks to make this call within 3 s\.", message)
        else:
            store = rf"the store at {re.escape(FIRST)}:\d+ does not answer"
            assert re.fullmatch(rf"all_reduce: rank 0 of {size} is missing, or torchrun on its machine: {store} \(.+\)\.", message)


@full
def test_torchrun_on_two_machines(two_machines):  # noqa: F811
    options = ["--no-python", "--nnodes=2", "--nproc-per-node=2", f"--master-addr={FIRST}", "--master-port=29431"]
    prefixes = [[*two_machines.on(node), TORCHRUN, *options, f"--node-rank={node}"] for node in range(2)]
    results = Ranks(2, PROBE, "one_sum", prefixes=prefixes).wait(120)
    out = sorted(line for result in results.values() for line in result.stdout.splitlines())
    assert out == [f"rank {rank} of 4: 10" for rank in range(4)], [result.stderr for result in results.values()]
