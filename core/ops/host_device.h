// Marks functions that CPU and CUDA kernels share.
#pragma once
#ifdef __CUDACC__
#define BISQUE_HOST_DEVICE __host__ __device__
#else
#define BISQUE_HOST_DEVICE
#endif
