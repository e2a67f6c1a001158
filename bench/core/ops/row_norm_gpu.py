"""4,096 rows of 1,024 values."""

import torch
import torch.nn.functional as F
from gpu import Case


def cases():
    x, weight, bias = (torch.randn(*sizes, device="cuda") for sizes in ((4096, 1024), (1024,), (1024,)))
    for dtype in (torch.float32, torch.float16):
        own = [tensor.to(dtype).requires_grad_() for tensor in (x, weight, bias)]
        given = [tensor.detach() for tensor in own]
        name = str(dtype).removeprefix("torch.float")
        ours = lambda x, weight, bias: torch.ops.bisque.row_norm(x, weight, bias, 1024, 1e-5)[0]
        theirs = lambda x, weight, bias: F.layer_norm(x, (1024,), weight, bias)
        yield Case(f"row_norm_{name}", lambda: ours(*given), lambda: theirs(*given), 2 * given[0].nbytes)
        backward = lambda function: lambda: torch.autograd.grad(function(*own), own, given[0])
        yield Case(f"row_norm_{name}_both_ways", backward(ours), backward(theirs), 5 * given[0].nbytes)
