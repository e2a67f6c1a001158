// Whether this process can render on a GPU.
#pragma once
#include <string>

namespace bisque {

struct CudaDevice {
  std::string name;   // of the first GPU, "NVIDIA H200"; empty if none is visible
  std::string fault;  // why it cannot be used, a clause without a full stop; empty if it can
};

/// Looks for a GPU with the driver (libcuda). If one is visible, loads CUDA (Plugins::load_cuda, whose rules apply) and
/// runs a kernel of libtorch and one of Bisque on it, so a GPU that no kernel image fits has a fault. Without a GPU
/// this takes no time.
CudaDevice find_cuda_device();

}  // namespace bisque
