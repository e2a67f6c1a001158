"""torch alone, on the CPU: aborts in some runs with "terminate called without an active exception", after its work. Run it some times:

    taskset -c 0 sh -c 'while :; do :; done' &    # a busy process on the same core
    for i in $(seq 10); do python tests/tools/softgpu/torch_alone.py; done

A backward pass that is nested deep runs in a thread of autograd, as all do on CUDA. The thread reports its result, then lets go of the graph's
Python objects. Here it is slow at that, since it has the lowest priority. Where the interpreter ends meanwhile, Python ends the thread when it
asks for the interpreter's lock, in a destructor, from which C++ allows no such end.
"""

import os
import threading

import torch

DEEP = 70  # beyond the 60 levels that autograd runs in the calling thread


class Nested(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, depth):
        ctx.depth = depth
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        if ctx.depth:
            run(ctx.depth - 1)
        else:
            os.sched_setscheduler(threading.get_native_id(), os.SCHED_IDLE, os.sched_param(0))
        return gradient, None


def run(depth):
    with torch.enable_grad():
        x = torch.ones(1, requires_grad=True)
        Nested.apply(x, depth).backward()


os.sched_setaffinity(0, {0})
run(DEEP)
print("the work is done", flush=True)
