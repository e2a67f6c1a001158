#include <bisque/core/ops/each.cuh>

#include "solve_spd_kernels.h"

BISQUE_ON_CUDA(heat_diffusion::SolveSpd)
BISQUE_ON_CUDA(heat_diffusion::SolveSpdBackward)
