// What the CUDA glue of an op needs beside glue.h: always prepare, guard and stream, scratch, launch, launch check.
#pragma once
#include <cuda_runtime_api.h>

#include <cstdlib>
#include <optional>
#include <string_view>

#include <bisque/core/ops/each.h>
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

/// Where kernels note a bad value of their arguments, with BISQUE_CHECK_CUDA=1; without it there is no such place and
/// no wait.
class CudaReports {
 public:
  CudaReports(const Tensor& like, void* stream) : stream_(static_cast<cudaStream_t>(stream)) {
    const char* asked = std::getenv("BISQUE_CHECK_CUDA");
    if (!asked || std::string_view(asked) != "1") return;
    memory_.emplace(new_empty_contiguous(like, {static_cast<int64_t>(sizeof(BadValue))}, ScalarType::Byte));
    cudaMemsetAsync(on_device(), 0, sizeof(BadValue), stream_);
  }
  BadValue* on_device() const { return memory_ ? static_cast<BadValue*>(memory_->mutable_data_ptr()) : nullptr; }
  /// Waits for the kernels.
  BadValue read() const {
    BadValue bad;
    if (!memory_) return bad;
    cudaMemcpyAsync(&bad, on_device(), sizeof bad, cudaMemcpyDeviceToHost, stream_);
    cudaStreamSynchronize(stream_);
    return bad;
  }

 private:
  cudaStream_t stream_;
  std::optional<Tensor> memory_;
};

}  // namespace bisque::op
