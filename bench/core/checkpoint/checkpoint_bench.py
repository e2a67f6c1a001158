import atexit
import os
import pathlib

from harness import peer


def temporary() -> pathlib.Path:
    path = pathlib.Path(f"/dev/shm/bisque_bench_{os.getpid()}.peer")
    atexit.register(lambda: path.unlink(missing_ok=True))
    return path


def state(tensors: int, elements: int) -> dict:
    import torch

    return {f"layer{i}.weight": torch.rand(elements) for i in range(tensors)}


def large() -> dict:
    return state(64, 1 << 20)


def small() -> dict:
    return state(100_000, 16)


@peer("save_256m", "safetensors save_file")
def save_file():
    from safetensors.torch import save_file

    tensors, path = large(), temporary()
    return lambda: save_file(tensors, path)


@peer("save_256m_fsync", "safetensors save_file, fsync")
def save_file_synced():
    from safetensors.torch import save_file

    tensors, path = large(), temporary()

    def run():
        save_file(tensors, path)
        file = os.open(path, os.O_RDONLY)
        os.fsync(file)
        os.close(file)

    return run


@peer("load_256m_full", "torch.load")
@peer("load_256m_full_crc", "torch.load")
def torch_load():
    return loading(large())


@peer("load_256m_mmap", "safetensors load_file")
def load_file():
    from safetensors.torch import load_file, save_file

    path = temporary()
    save_file(large(), path)
    return lambda: load_file(path)


@peer("save_100k_tensors", "torch.save")
def torch_save():
    import torch

    tensors, path = small(), temporary()
    return lambda: torch.save(tensors, path)


@peer("load_100k_tensors", "torch.load")
def torch_load_small():
    return loading(small())


def loading(tensors: dict):
    import torch

    path = temporary()
    torch.save(tensors, path)
    return lambda: torch.load(path, weights_only=True)
