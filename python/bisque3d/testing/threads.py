"""Results with several numbers of threads. An op's loop over few items runs in one thread, since more would not pay; here every loop of an op
library is cut, so that small inputs show a race or a result that depends on the cut."""

import contextlib
import ctypes
import os

import torch

from .. import plugins


@contextlib.contextmanager
def smallest_grain():
    """Lets the loops of all loaded op libraries (core/ops/parallel.h) use a thread per item."""
    libraries = [ctypes.CDLL(os.path.abspath(plugin.path)) for plugin in plugins()]
    limits = [library.bisque_limit_grain for library in libraries if hasattr(library, "bisque_limit_grain")]
    try:
        for limit in limits:
            limit(ctypes.c_int64(1))
        yield
    finally:
        for limit in limits:
            limit(ctypes.c_int64(2**63 - 1))


def results_with_threads(compute, counts=(1, 2, 3)) -> list:
    """What `compute()` gives with each number of threads."""
    before, results = torch.get_num_threads(), []
    try:
        with smallest_grain():
            for threads in counts:
                torch.set_num_threads(threads)
                results.append(compute())
    finally:
        torch.set_num_threads(before)
    return results
