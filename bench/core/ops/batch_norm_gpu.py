"""32 pictures of 64 channels, 56 x 56, in training."""

import torch
import torch.nn.functional as F
from gpu import Case


def cases():
    for memory_format in (torch.contiguous_format, torch.channels_last):
        x = torch.randn(32, 64, 56, 56, device="cuda").to(memory_format=memory_format)
        own = [x.requires_grad_(), *(torch.randn(64, device="cuda").requires_grad_() for _ in range(2))]
        given = [tensor.detach() for tensor in own]
        name = "batch_norm" + ("_last" if memory_format == torch.channels_last else "")
        ours = lambda x, weight, bias: torch.ops.bisque.batch_norm(x, weight, bias, None, None, True, 1e-5)[0]
        theirs = lambda x, weight, bias: F.batch_norm(x, None, None, weight, bias, True)
        yield Case(name, lambda: ours(*given), lambda: theirs(*given), 3 * x.nbytes)
        backward = lambda function: lambda: torch.autograd.grad(function(*own), own, given[0])
        yield Case(f"{name}_both_ways", backward(ours), backward(theirs), 8 * x.nbytes)
