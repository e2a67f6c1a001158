"""C++ functions of ops3d and renderer that are no ops, for Python tests: `functions.vert_faces_of(faces, num_verts)` calls C++, with autograd.
Each is declared in tests/ops3d/functions or tests/renderer/functions. They use ATen, so that softgpu cannot run them on CUDA."""

import torch

from tests.build import BUILD

for name in ("ops3d_functions", "renderer_functions"):
    library = BUILD / f"tests/lib{name}.so"
    if library.exists():
        torch.ops.load_library(library)
functions = torch.ops.bisque_functions
