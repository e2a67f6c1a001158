"""core/data beside torch.utils.data, in one process: the same orders, splits and batches for the same seeds."""

import collections
import math

import pytest
import torch
from torch.utils import data

from tests.build import BUILD

torch.ops.load_library(BUILD / "tests" / "libdata_probe.so")
probe = torch.ops.bisque_data_probe


def generators(seed):
    """None and None (the default generator), or two generators with one state."""
    torch.manual_seed(seed)
    yield None, None
    yield torch.Generator().manual_seed(seed), torch.Generator().manual_seed(seed)


def check_orders(ours, theirs, seed=11, epochs=3):
    """Each is called with a generator; what they draw afterwards is the same, too."""
    for ours_generator, theirs_generator in generators(seed):
        torch.manual_seed(seed)
        a, after_a = ours(ours_generator, epochs), torch.rand(2, generator=ours_generator)
        torch.manual_seed(seed)
        sampler = theirs(theirs_generator)
        b, after_b = [i for _ in range(epochs) for i in sampler], torch.rand(2, generator=theirs_generator)
        assert list(a) == b
        assert torch.equal(after_a, after_b)


@pytest.mark.parametrize("size", [1, 2, 31, 32, 33, 1000, 70_000])
@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("num_samples", [None, 1, 32, 64, 75])
def test_random_sampler(size, replacement, num_samples):
    check_orders(
        lambda g, epochs: probe.random(size, replacement, num_samples, g, epochs),
        lambda g: data.RandomSampler(range(size), replacement=replacement, num_samples=num_samples, generator=g),
    )


@pytest.mark.parametrize("size", [0, 1, 40])
def test_subset_random_sampler(size):
    indices = [3 * i for i in range(size)]
    check_orders(
        lambda g, epochs: probe.subset(indices, g, epochs),
        lambda g: data.SubsetRandomSampler(indices, generator=g),
    )


@pytest.mark.parametrize("num_samples, replacement", [(1, True), (100, True), (3, False), (6, False)])
def test_weighted_random_sampler(num_samples, replacement):
    weights = [0.9, 0.4, 0.05, 0.2, 0.3, 4.0]
    check_orders(
        lambda g, epochs: probe.weighted(weights, num_samples, replacement, g, epochs),
        lambda g: data.WeightedRandomSampler(weights, num_samples, replacement, generator=g),
    )


@pytest.mark.parametrize("size", [1, 2, 7, 12, 100])
@pytest.mark.parametrize("replicas", [1, 2, 3, 5])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("drop_last", [False, True])
def test_distributed_sampler(size, replicas, shuffle, drop_last):
    for rank in range(replicas):
        for epoch in (0, 4):
            options = dict(num_replicas=replicas, rank=rank, shuffle=shuffle, seed=5, drop_last=drop_last)
            theirs = data.DistributedSampler(range(size), **options)
            theirs.set_epoch(epoch)
            assert list(probe.distributed(size, replicas, rank, shuffle, 5, drop_last, epoch)) == list(theirs)


@pytest.mark.parametrize("lengths", [[10], [3, 7], [0, 10, 0], [1.0], [0.3, 0.3, 0.4], [0.25, 0.75], [0.14, 0.5, 0.36]])
@pytest.mark.filterwarnings("ignore:Length of split")
def test_random_split(lengths):
    split = probe.split if isinstance(lengths[0], int) else probe.split_fractions
    for size in [10] if isinstance(lengths[0], int) else [0, 10, 13, 100]:
        ours = split(size, lengths, torch.Generator().manual_seed(2))
        theirs = data.random_split(range(size), lengths, torch.Generator().manual_seed(2))
        assert [list(part) for part in ours] == [list(part.indices) for part in theirs]


X, Y = torch.arange(46.0).view(23, 2), torch.arange(23) * 10
DATASET = data.TensorDataset(X, Y)
OPTIONS = [
    {},
    {"batch_size": 4},
    {"batch_size": 4, "drop_last": True},
    {"batch_size": 5, "shuffle": True},
    {"batches": [[3, 1], [22, 0, 5]]},
]


@pytest.mark.parametrize("workers", [0, 1, 2, 4])
@pytest.mark.parametrize("in_processes", [False, True])
@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_loader_gives_the_same_batches(workers, in_processes, persistent, options):
    persistent = persistent and workers > 0
    options = {"batch_size": 1, "shuffle": False, "drop_last": False} | options
    batches = options.pop("batches", [])
    for ours_generator, theirs_generator in generators(9):
        torch.manual_seed(9)
        ours = probe.load(X, Y, *options.values(), workers, in_processes, persistent, batches, ours_generator, 2)
        after = torch.rand(2, generator=ours_generator)
        torch.manual_seed(9)
        kind = dict(batch_sampler=batches) if batches else options
        # Orders do not depend on Python's workers, which are slow to start.
        loader = data.DataLoader(DATASET, generator=theirs_generator, **kind)
        theirs = [tensor for _ in range(2) for batch in loader for tensor in batch]
        if not persistent:  # which draw their seeds once
            assert torch.equal(after, torch.rand(2, generator=theirs_generator))
            assert len(ours) == len(theirs) and all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))
        else:
            first = len(theirs) // 2
            assert all(torch.equal(a, b) for a, b in zip(ours[:first], theirs[:first], strict=True))


class Runs(data.IterableDataset):
    def __init__(self, count):
        self.count = count

    def __iter__(self):
        info = data.get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        each = math.ceil(self.count / workers)
        return iter(range(worker * each, min(self.count, (worker + 1) * each)))


@pytest.mark.parametrize("workers", [0, 1, 2, 4])
@pytest.mark.parametrize("drop_last", [False, True])
def test_loader_shares_a_stream_as_python_does(workers, drop_last):
    for count, batch_size in ((24, 3), (24, 4), (7, 2)):
        loader = data.DataLoader(Runs(count), batch_size=batch_size, drop_last=drop_last, num_workers=workers)
        theirs = [batch.tolist() for batch in loader]
        for in_processes in (False, True):
            ours = [batch.tolist() for batch in probe.stream(count, batch_size, drop_last, workers, in_processes)]
            if workers > 2:  # in which order Python asks the others after one has ended is left to chance
                ours, theirs = sorted(ours), sorted(theirs)
            assert ours == theirs


class Noise(data.Dataset):
    def __len__(self):
        return 12

    def __getitem__(self, index):
        return torch.rand(3)


@pytest.mark.parametrize("workers", [1, 2])
def test_process_workers_draw_the_same_random_numbers(workers):
    torch.manual_seed(21)
    ours = probe.noise(workers)
    torch.manual_seed(21)
    theirs = list(data.DataLoader(Noise(), batch_size=2, num_workers=workers))
    assert len(ours) == len(theirs) and all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def same(a, b):
    """Equal in type, order and values, all the way down; text in sequences comes as a tuple from Python's zip."""
    b = list(b) if isinstance(b, tuple) else b
    assert type(a) is type(b)
    if isinstance(a, torch.Tensor):
        assert a.dtype == b.dtype and torch.equal(a, b)
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            same(a[key], b[key])
    elif isinstance(a, list):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    else:
        assert a == b


SAMPLES = {
    "tensors": lambda i: torch.full((2, 3), i),
    "ints": lambda i: i,
    "bools": lambda i: i % 2 == 0,
    "floats": lambda i: i / 3,
    "text": lambda i: f"sample {i} \u2713",
    "bytes": lambda i: bytes([i, 255]),
    "lists": lambda i: [i, [0.5 * i, "x"], []],
    "tuples": lambda i: (torch.tensor(i), ((i, -i), [True])),
    "dicts": lambda i: {"z": i, "a": {"inner": torch.ones(2) * i, "empty": {}}},
    "ordered": lambda i: collections.OrderedDict(b=i, a=(i, f"{i}")),
    "keys": lambda i: {1: i, "one": {2: [i]}},
    "half": lambda i: {"x": torch.tensor([i], dtype=torch.float16), "y": (torch.tensor([1 + 2j]), torch.zeros(0, 2))},
}


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("name", SAMPLES)
def test_collates_values_as_python_does(tmp_path, name, count):
    samples = [SAMPLES[name](i) for i in range(count)]
    torch.save(samples, tmp_path / "samples.pt")
    probe.collate_file(str(tmp_path / "samples.pt"), str(tmp_path / "batch.pt"))
    same(torch.load(tmp_path / "batch.pt", weights_only=True), data.default_collate(samples))


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)])
@pytest.mark.parametrize("workers, in_processes", [(0, False), (2, False), (2, True)])
def test_gives_batches_on_a_device(device, workers, in_processes):
    rows = torch.arange(8 * 5000.0).view(8, 5000)
    batches = probe.load_on_device(rows, device, workers, in_processes)
    assert [len(batch) for batch in batches] == [3, 3, 2]
    assert all(batch.device.type == device for batch in batches)
    assert torch.equal(torch.cat([batch.cpu() for batch in batches]), rows)


@pytest.mark.cuda
@pytest.mark.parametrize("workers, in_processes", [(0, False), (2, False), (2, True)])
def test_pins_batches(workers, in_processes):
    assert probe.are_pinned(torch.ones(8, 5000), workers, in_processes)


@pytest.mark.cuda
@pytest.mark.parametrize("begun", [False, True], ids=["dataset makes CUDA tensors", "dataset has CUDA tensors"])
def test_process_workers_reject_cuda(begun):
    rows = torch.ones(2, 3)
    torch.zeros(1, device="cuda")  # CUDA has begun in the parent
    errors = probe.errors_with_device(rows.cuda() if begun else rows, "cuda")
    assert len(errors) == 2
    for index, message in enumerate(errors):
        place = f"batch of samples {index}" if begun else f"sample {index}"
        assert message == (
            f"DataLoader: worker 0, {place}: a worker process cannot use CUDA, which does not survive a fork; expected "
            "samples on the CPU, and batches that are moved by on_device or to_device, or workers that are threads."
        )
