from harness import peer


def epoch_of(dataset, **options):
    from torch.utils.data import DataLoader

    loader = DataLoader(dataset, **options)

    def run():
        for _ in loader:
            pass

    return run


class Pictures:
    def __init__(self, count, side):
        import torch

        self.all = torch.rand(count, 3, side, side)

    def __len__(self):
        return len(self.all)

    def __getitem__(self, index):
        return self.all[index]


class Slow:
    def __len__(self):
        return 200

    def __getitem__(self, index):
        import time

        time.sleep(0.005)
        return index


@peer("loader_inprocess", "torch DataLoader")
def torch_in_process():
    return epoch_of(Pictures(2000, 64), batch_size=32)


@peer("loader_2_workers", "torch DataLoader, 2 workers")
@peer("loader_2_processes", "torch DataLoader, 2 workers")
def torch_workers():
    return epoch_of(Pictures(2000, 64), batch_size=32, num_workers=2)


@peer("loader_large_2_workers", "torch DataLoader, 2 workers")
@peer("loader_large_2_processes", "torch DataLoader, 2 workers")
def torch_large():
    return epoch_of(Pictures(100, 512), batch_size=4, num_workers=2)


@peer("loader_slow_dataset", "torch DataLoader, 2 workers")
def torch_slow():
    return epoch_of(Slow(), batch_size=4, num_workers=2)
