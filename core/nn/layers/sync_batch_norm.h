// Batch norm over the batches of all processes of a group.
#pragma once
#include <bisque/core/distributed/process_group.h>
#include <bisque/core/nn/layers/norm.h>

namespace bisque {

/// Like BatchNorm, but in training with the mean and variance of the values on all processes of the group, like
/// torch.nn.SyncBatchNorm; it also works on the CPU. Forward and backward each synchronize once, so all processes must
/// call both. The gradients of weight and bias are those of the local values (the gradient averaging of a data-parallel
/// program combines them). Batches may differ in size and be empty. Without a group, or alone in it, it is a BatchNorm.
/// Error: double backward.
class SyncBatchNorm : public ModuleOf<SyncBatchNorm, BatchNormBase> {
 public:
  explicit SyncBatchNorm(int64_t num_features, const BatchNormOptions& options = {}, const ProcessGroup& group = {},
                         const at::TensorOptions& type = {});

  /// The same tree with each BatchNorm replaced by a SyncBatchNorm that uses its tensors; if the root is a BatchNorm,
  /// returns its SyncBatchNorm. A BatchNorm in a typed member (Child<BatchNorm2d>) remains the same object and computes
  /// as a SyncBatchNorm from then on.
  static std::shared_ptr<Module> convert(const std::shared_ptr<Module>& module, const ProcessGroup& group);

 protected:
  void check_input(const at::Tensor& x) const override;
};

}  // namespace bisque
