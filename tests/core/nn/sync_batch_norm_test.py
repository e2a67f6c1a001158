"""SyncBatchNorm in two processes over gloo, beside BatchNorm on the batch of both in one."""

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from tests.core.nn.layers_test import probe

CHANNELS = 6
SHARES = {"different sizes": (3, 5), "none here": (0, 4), "one value each": (1, 1)}


def batches(sizes, seed):
    generator = torch.Generator().manual_seed(seed)
    spatial = (1, 1) if sizes == (1, 1) else (4, 3)
    return [torch.randn((n, CHANNELS, *spatial), generator=generator, dtype=torch.float64) * 3 + 50 for n in sizes]


def states(handle):
    return {name: t.detach().clone() for lists in (probe.parameters(handle), probe.buffers(handle)) for name, t in zip(*lists, strict=True)}


def in_process(rank, sizes, is_cumulative, folder):
    dist.init_process_group("gloo", init_method=f"file://{folder}/rendezvous", rank=rank, world_size=2)
    norm = probe.make_synced(CHANNELS, is_cumulative, dist.group.WORLD.group_name)
    probe.double_(norm)
    weight, bias = probe.parameters(norm)[1]
    with torch.no_grad():
        weight.copy_(torch.linspace(0.5, 1.5, CHANNELS))
    results = []
    for seed in (1, 2):
        x = batches(sizes, seed)[rank].requires_grad_()
        y = probe.call(norm, x)
        results.append([y.detach(), *torch.autograd.grad((y**3).sum(), (x, weight, bias))])
    probe.train(norm, False)
    results.append([probe.call(norm, batches(sizes, 3)[rank]).detach()])
    torch.save({"results": results, "state": states(norm)}, f"{folder}/{rank}.pt")
    probe.forget()  # its threads end with the group's last owner, and have to before Python does
    dist.destroy_process_group()


@pytest.mark.parametrize("is_cumulative", [False, True], ids=["momentum", "cumulative"])
@pytest.mark.parametrize("sizes", SHARES.values(), ids=SHARES.keys())
def test_equals_batch_norm_of_the_whole_batch(tmp_path, sizes, is_cumulative):
    mp.spawn(in_process, (sizes, is_cumulative, str(tmp_path)), nprocs=2)
    mine = [torch.load(tmp_path / f"{rank}.pt") for rank in (0, 1)]
    whole = torch.nn.BatchNorm2d(CHANNELS, momentum=None if is_cumulative else 0.1).double()
    with torch.no_grad():
        whole.weight.copy_(torch.linspace(0.5, 1.5, CHANNELS))
    for step, seed in enumerate((1, 2)):
        x = torch.cat(batches(sizes, seed)).requires_grad_()
        y = whole(x)
        y_grads = torch.autograd.grad((y**3).sum(), (x, whole.weight, whole.bias))
        both = list(zip(*(each["results"][step] for each in mine), strict=True))
        tolerance = dict(rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(torch.cat(both[0]), y, **tolerance)
        torch.testing.assert_close(torch.cat(both[1]), y_grads[0], **tolerance)
        for ours, theirs in zip(both[2:], y_grads[1:], strict=True):
            torch.testing.assert_close(sum(ours), theirs, **tolerance)
    whole.eval()
    torch.testing.assert_close(torch.cat([each["results"][2][0] for each in mine]), whole(torch.cat(batches(sizes, 3))), rtol=1e-9, atol=1e-9)
    for each in mine:
        torch.testing.assert_close(each["state"], dict(whole.state_dict()), rtol=1e-9, atol=1e-9)
