// Norms, based on the ops row_norm, group_norm and batch_norm.
#pragma once
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <bisque/core/nn/module.h>

namespace bisque {

struct BatchNormOptions {
  double eps = 1e-5;
  std::optional<double> momentum = 0.1;  // of the running statistics; none: their cumulative average
  bool affine = true;                    // weight and bias
  bool bias = true;
  bool track_running_stats = true;
};

struct InstanceNormOptions {
  double eps = 1e-5;
  std::optional<double> momentum = 0.1;
  bool affine = false;
  bool bias = true;
  bool track_running_stats = false;

  operator BatchNormOptions() const {  // NOLINT(google-explicit-constructor)
    return {eps, momentum, affine, bias, track_running_stats};
  }
};

/// Base of the norms per channel: BatchNorm, SyncBatchNorm and InstanceNorm.
///
///   weight, bias               [C]    ones and zeros, or None
///   running_mean, running_var  [C]    zeros and ones, or None; var is unbiased
///   num_batches_tracked        int64  or None
class NormBase : public Module {
 public:
  NormBase(int64_t num_features, const BatchNormOptions& options, const at::TensorOptions& type = {});

  void reset_parameters();
  void reset_running_stats();
  std::string extra_repr() const override;

  const int64_t num_features;
  const BatchNormOptions options;
  Parameter weight, bias;
  Buffer running_mean, running_var, num_batches_tracked;

 protected:
  NormBase(const NormBase&) = default;

  /// Version 2 added num_batches_tracked.
  int64_t state_version() const override { return 2; }
  void upgrade_state(LoadState& state) override;

  /// Error: the number of dimensions of x is outside [least, most].
  void check_dims(const at::Tensor& x, int64_t least, int64_t most) const;
  /// Updates the running statistics with those of a batch of `count` values per channel, with weight `share`.
  void update(const at::Tensor& mean, const at::Tensor& var, double share, int64_t count) const;
};

/// How a BatchNorm in training includes the values of other processes; see SyncBatchNorm, which creates one.
class BatchNormSync {
 public:
  struct Stats {
    at::Tensor mean, var;  // [C] float64, over the values of all processes
    double count = 0;      // values per channel
  };

  virtual ~BatchNormSync() = default;
  virtual Stats gather(const at::Tensor& x) const = 0;
  /// y from these statistics, with a gradient through them.
  virtual at::Tensor normalize(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                               const Stats& stats, double eps) const = 0;
};

/// Base of BatchNorm1d, BatchNorm2d and BatchNorm3d (Ioffe and Szegedy, 2015), like those of torch.nn.
///
///   forward  [N, C, ...] -> the same; in training, or without tracked statistics, with those of the batch
///
/// Errors: another number of dimensions or channels; in training, a single value per channel.
class BatchNormBase : public NormBase {
 public:
  explicit BatchNormBase(int64_t num_features, const BatchNormOptions& options = {}, const at::TensorOptions& type = {})
      : NormBase(num_features, options, type) {}

  at::Tensor forward(const at::Tensor& x) const;

  /// Null: use only the values of this process.
  void set_sync(std::shared_ptr<const BatchNormSync> sync) { sync_ = std::move(sync); }
  /// SyncBatchNorm if it is synchronized.
  std::string type_name() const override { return sync_ ? "SyncBatchNorm" : Module::type_name(); }

 protected:
  BatchNormBase(const BatchNormBase&) = default;

  virtual void check_input(const at::Tensor& x) const = 0;

 private:
  bool uses_batch() const { return is_training() || !running_mean.defined() || !running_var.defined(); }
  at::Tensor forward_with_others(const at::Tensor& x) const;
  /// Counts the batch, and updates the running statistics, if any, with those of its `count` values.
  void track(const at::Tensor& mean, const at::Tensor& var, int64_t count) const;
  /// Counts the batch and returns its weight in the running statistics.
  double count_batch() const;

  std::shared_ptr<const BatchNormSync> sync_;
};

class BatchNorm1d : public ModuleOf<BatchNorm1d, BatchNormBase> {
 public:
  using ModuleOf::ModuleOf;

 protected:
  void check_input(const at::Tensor& x) const override { check_dims(x, 2, 3); }
};

class BatchNorm2d : public ModuleOf<BatchNorm2d, BatchNormBase> {
 public:
  using ModuleOf::ModuleOf;

 protected:
  void check_input(const at::Tensor& x) const override { check_dims(x, 4, 4); }
};

class BatchNorm3d : public ModuleOf<BatchNorm3d, BatchNormBase> {
 public:
  using ModuleOf::ModuleOf;

 protected:
  void check_input(const at::Tensor& x) const override { check_dims(x, 5, 5); }
};

/// Base of InstanceNorm1d, InstanceNorm2d and InstanceNorm3d (Ulyanov et al., 2016), like those of torch.nn.
///
///   forward  [N, C, ...] or [C, ...] -> the same; in training, or without tracked statistics, with those of each
///            channel of each sample
///
/// Errors: another number of dimensions; of channels, if there are weights; a single value per channel.
class InstanceNormBase : public NormBase {
 public:
  explicit InstanceNormBase(int64_t num_features, const InstanceNormOptions& options = {},
                            const at::TensorOptions& type = {})
      : NormBase(num_features, options, type) {}

  at::Tensor forward(const at::Tensor& x) const;

 protected:
  InstanceNormBase(const InstanceNormBase&) = default;

  virtual int64_t num_spatial_dims() const = 0;
  /// Before version 1, statistics were tracked by default.
  void upgrade_state(LoadState& state) override;

 private:
  at::Tensor normalize(const at::Tensor& x) const;
};

class InstanceNorm1d : public ModuleOf<InstanceNorm1d, InstanceNormBase> {
 public:
  using ModuleOf::ModuleOf;

 protected:
  int64_t num_spatial_dims() const override { return 1; }
};

class InstanceNorm2d : public ModuleOf<InstanceNorm2d, InstanceNormBase> {
 public:
  using ModuleOf::ModuleOf;

 protected:
  int64_t num_spatial_dims() const override { return 2; }
};

class InstanceNorm3d : public ModuleOf<InstanceNorm3d, InstanceNormBase> {
 public:
  using ModuleOf::ModuleOf;

 protected:
  int64_t num_spatial_dims() const override { return 3; }
};

struct GroupNormOptions {
  double eps = 1e-5;
  bool affine = true;
  bool bias = true;
};

/// Normalizes groups of channels by their statistics in each sample (Wu and He, 2018), like torch.nn.GroupNorm.
///
///   weight, bias  [C]          ones and zeros, or None
///   forward       [N, C, ...]  -> the same
///
/// Errors: groups that do not divide the channels; another number of channels; a single value per group.
class GroupNorm : public ModuleOf<GroupNorm> {
 public:
  GroupNorm(int64_t num_groups, int64_t num_channels, const GroupNormOptions& options = {},
            const at::TensorOptions& type = {});

  at::Tensor forward(const at::Tensor& x) const;
  void reset_parameters();
  std::string extra_repr() const override;

  const int64_t num_groups, num_channels;
  const GroupNormOptions options;
  Parameter weight, bias;
};

/// The trailing sizes that a LayerNorm or RMSNorm normalizes: a number or a list.
class NormalizedShape : public std::vector<int64_t> {
 public:
  NormalizedShape(int64_t size)  // NOLINT(google-explicit-constructor): LayerNorm(7)
      : std::vector<int64_t>{size} {}
  NormalizedShape(std::initializer_list<int64_t> sizes) : std::vector<int64_t>(sizes) {}
};

struct LayerNormOptions {
  double eps = 1e-5;
  bool elementwise_affine = true;
  bool bias = true;
};

/// Normalizes the last dimensions by their mean and variance (Ba et al., 2016), like torch.nn.LayerNorm.
///
///   weight, bias  normalized_shape  ones and zeros, or None
///   forward       [..., normalized_shape] -> the same
///
/// Errors: no sizes; an input that does not end with them.
class LayerNorm : public ModuleOf<LayerNorm> {
 public:
  explicit LayerNorm(const NormalizedShape& normalized_shape, const LayerNormOptions& options = {},
                     const at::TensorOptions& type = {});

  at::Tensor forward(const at::Tensor& x) const;
  void reset_parameters();
  std::string extra_repr() const override;

  const NormalizedShape normalized_shape;
  const LayerNormOptions options;
  Parameter weight, bias;
};

struct RMSNormOptions {
  std::optional<double> eps;  // none: the machine epsilon of float64 for float64, else that of float32
  bool elementwise_affine = true;
};

/// Normalizes the last dimensions by their root mean square (Zhang and Sennrich, 2019), like torch.nn.RMSNorm. See
/// LayerNorm.
class RMSNorm : public ModuleOf<RMSNorm> {
 public:
  explicit RMSNorm(const NormalizedShape& normalized_shape, const RMSNormOptions& options = {},
                   const at::TensorOptions& type = {});

  at::Tensor forward(const at::Tensor& x) const;
  void reset_parameters();
  std::string extra_repr() const override;

  const NormalizedShape normalized_shape;
  const RMSNormOptions options;
  Parameter weight;
};

}  // namespace bisque
