// Compiled, not run.
#include <cub/version.cuh>

__global__ void store_cub_version(int* version) { *version = CUB_VERSION; }
