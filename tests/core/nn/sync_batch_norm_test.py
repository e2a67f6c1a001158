"""Compares SyncBatchNorm in two processes over gloo with BatchNorm on both batches in one process."""

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from tests.core.nn.layers_test import probe

CHANNELS = 6
SHARES = {"different sizes": (3, 5), "none here": (0, 4), "none there": (4, 0), "one value each": (1, 1)}


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


def run_in_two(target, arguments, folder):
    mp.spawn(target, (*arguments, str(folder)), nprocs=2)
    return [torch.load(folder / f"{rank}.pt") for rank in (0, 1)]


def in_group(rank, folder, body):
    dist.init_process_group("gloo", init_method=f"file://{folder}/rendezvous", rank=rank, world_size=2)
    torch.manual_seed(4)  # the same weights on both
    torch.save(body(dist.group.WORLD.group_name), f"{folder}/{rank}.pt")
    probe.forget()
    dist.destroy_process_group()


def converted_net(rank, sizes, dtype, folder):
    def body(group):
        net = probe.make_converted(CHANNELS, group)
        if dtype == torch.float64:
            probe.double_(net)
        results = {"repr": probe.repr(net)}
        x = batches(sizes, 1)[rank].to(dtype)  # the first layer's input has no gradient
        y = probe.call(net, x)
        parameters = probe.parameters(net)[1]
        return results | {"y": y.detach(), "gradients": torch.autograd.grad((y**3).sum(), parameters), "state": states(net)}

    in_group(rank, folder, body)


@pytest.mark.parametrize("sizes,dtype", [((3, 5), torch.float64), ((0, 4), torch.float32), ((4, 0), torch.float64)], ids=str)
def test_a_typed_member_is_converted_too(tmp_path, sizes, dtype):
    mine = run_in_two(converted_net, (sizes, dtype), tmp_path)
    assert all("(norm): SyncBatchNorm(6" in each["repr"] for each in mine)
    conv, norm = torch.nn.Conv2d(CHANNELS, CHANNELS, 1, bias=False).to(dtype), torch.nn.BatchNorm2d(CHANNELS).to(dtype)
    with torch.no_grad():
        conv.weight.copy_(mine[0]["state"]["conv.weight"])
    y = norm(conv(torch.cat(batches(sizes, 1)).to(dtype)))
    expected = torch.autograd.grad((y**3).sum(), (conv.weight, norm.weight, norm.bias))
    tolerance = dict(rtol=1e-3, atol=1e-3) if dtype == torch.float32 else dict(rtol=1e-8, atol=1e-8)
    torch.testing.assert_close(torch.cat([each["y"] for each in mine]), y, **tolerance)
    for ours, theirs in zip(zip(*(each["gradients"] for each in mine), strict=True), expected, strict=True):
        torch.testing.assert_close(sum(ours), theirs, **tolerance)
    for each in mine:
        torch.testing.assert_close(each["state"]["norm.running_mean"], norm.running_mean, **tolerance)
        assert each["state"]["norm.num_batches_tracked"] == 1


def without_values(rank, folder):
    def body(group):
        norm = probe.make_synced(CHANNELS, False, group)
        x = torch.zeros(0, CHANNELS, 4, requires_grad=True)
        y = probe.call(norm, x)
        gradients = torch.autograd.grad(y.sum(), (x, *probe.parameters(norm)[1]))
        return {"y": y.detach(), "gradients": gradients, "state": states(norm)}

    in_group(rank, folder, body)


def test_a_batch_without_values_on_every_process(tmp_path):
    for each in run_in_two(without_values, (), tmp_path):
        assert each["y"].shape == each["gradients"][0].shape == (0, CHANNELS, 4)
        assert all(gradient.count_nonzero() == 0 for gradient in each["gradients"][1:])
        assert each["state"]["num_batches_tracked"] == 1 and each["state"]["running_mean"].count_nonzero() == 0


def second_derivative(rank, folder):
    def body(group):
        norm = probe.make_synced(CHANNELS, False, group)
        x = torch.randn(3, CHANNELS, generator=torch.Generator().manual_seed(rank), requires_grad=True)
        first, = torch.autograd.grad(probe.call(norm, x).sin().sum(), x, create_graph=True)
        try:
            first.square().sum().backward()
        except RuntimeError as error:
            return str(error)

    in_group(rank, folder, body)


def test_a_second_derivative_is_rejected(tmp_path):
    for message in run_in_two(second_derivative, (), tmp_path):
        assert "SyncBatchNorm: second derivatives are not supported; use BatchNorm, or GroupNorm." in message
