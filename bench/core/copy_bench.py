from harness import peer


@peer("copy_256m", "torch copy_")
def torch_copy():
    import torch

    source = torch.ones(2**28, dtype=torch.uint8)
    target = torch.zeros_like(source)
    return lambda: target.copy_(source)
