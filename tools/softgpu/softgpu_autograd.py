"""Called by `import torch` on softgpu (softgpu-1.0.dist-info names it as a backend of torch)."""

import torch


def use_the_calling_thread():
    """Backward passes run in the thread that asks for them. In a thread of autograd, which may still let go of Python objects while the
    interpreter ends, some end in an abort ("terminate called without an active exception"): docs/softgpu.md."""
    torch.autograd.set_multithreading_enabled(False)
