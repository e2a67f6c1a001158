// What the CUDA glue of an op needs beside glue.h: always prepare, guard and stream, scratch, launch, launch check.
#pragma once
#include <cuda_runtime_api.h>

#include <bisque/core/ops/glue.h>

namespace bisque::op {

/// Makes the tensor's device current for its lifetime, and holds that device's current stream.
class CudaScope {
 public:
  explicit CudaScope(const Tensor& tensor) : guard_(tensor.get_device_index()) {
    STABLE_TORCH_ERROR_CODE_CHECK(aoti_torch_get_current_cuda_stream(tensor.get_device_index(), &stream_));
  }
  void* stream() const { return stream_; }

 private:
  torch::stable::accelerator::DeviceGuard guard_;
  void* stream_ = nullptr;
};

}  // namespace bisque::op
