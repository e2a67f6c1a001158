"""C++ functions of ops3d that are no ops, for Python tests: `functions.vert_faces_of(faces, num_verts)` calls C++, with autograd.
Each is declared in tests/ops3d/functions. They use ATen, so that softgpu cannot run them on CUDA."""

import torch

from tests.build import BUILD

LIBRARY = BUILD / "tests/libops3d_functions.so"
if LIBRARY.exists():
    torch.ops.load_library(LIBRARY)
functions = torch.ops.bisque_functions
