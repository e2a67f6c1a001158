// Batch norm over the batches of all processes of a group.
#pragma once
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>

#include <bisque/core/nn/layers/norm.h>

namespace bisque {

using ProcessGroup = c10::intrusive_ptr<c10d::ProcessGroup>;

/// Like BatchNorm, but in training by the mean and variance of the values on all processes of the group, as
/// torch.nn.SyncBatchNorm; on the CPU too. Forward and backward each wait for the others once, so that all processes
/// must call both. The gradients of weight and bias are those of the values here (the averaging of gradients that a
/// data-parallel program does brings them together). Batches may differ in size and be empty. Without a group, or alone
/// in it, it is BatchNorm. Error: a second derivative is asked for.
class SyncBatchNorm : public ModuleOf<SyncBatchNorm, BatchNormBase> {
 public:
  explicit SyncBatchNorm(int64_t num_features, const BatchNormOptions& options = {}, const ProcessGroup& group = {},
                         const at::TensorOptions& type = {});

  /// The same tree with a SyncBatchNorm in the place of each BatchNorm, which takes over its tensors; where the tree is
  /// a BatchNorm itself, that SyncBatchNorm. A BatchNorm in a member of its type (Child<BatchNorm2d>) stays the same
  /// object, and is computed as a SyncBatchNorm from then on.
  static std::shared_ptr<Module> convert(const std::shared_ptr<Module>& module, const ProcessGroup& group);

 protected:
  void check_input(const at::Tensor& x) const override;
};

}  // namespace bisque
