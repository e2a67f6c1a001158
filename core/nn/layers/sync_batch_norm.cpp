#include <bisque/core/nn/layers/sync_batch_norm.h>

#include <ATen/ATen.h>

#include <unordered_map>
#include <utility>
#include <vector>

#include <bisque/core/custom_function.h>
#include <bisque/core/error.h>
#include <bisque/core/ops/batch_norm/batch_norm.h>

namespace bisque {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

struct Stats {
  at::Tensor mean, var;  // [C] float64, of the values on all processes
  double count = 0;      // values of a channel
};

/// [processes, ...]
at::Tensor gather(const ProcessGroup& group, const at::Tensor& mine) {
  std::vector<at::Tensor> input{mine};
  std::vector<std::vector<at::Tensor>> all(1);
  for (int rank = 0; rank < group->getSize(); ++rank) all[0].push_back(at::empty_like(mine));
  group->allgather(all, input)->wait();
  return at::stack(all[0]);
}

Stats gather_stats(const ProcessGroup& group, const at::Tensor& x) {
  const auto [mean, var] = batch_norm_stats(x);
  const int64_t values = x.size(1) == 0 ? 0 : x.numel() / x.size(1);
  const at::Tensor all =
      gather(group, at::cat({mean, var, at::full({1}, static_cast<double>(values), mean.options())}));
  const int64_t channels = mean.size(0);
  const at::Tensor counts = all.slice(1, 2 * channels), total = counts.sum();
  // A process without values has no mean.
  const auto each = [&](int64_t i) {
    return at::where(counts > 0, all.slice(1, i * channels, (i + 1) * channels), at::zeros({}, all.options()));
  };
  const at::Tensor shares = counts / total, means = each(0), merged = (shares * means).sum(0);
  return {merged, (shares * (each(1) + (means - merged).square())).sum(0), total.item<double>()};
}

/// y by statistics that are given; its backward gathers the sums of all processes. Inputs: x, weight and bias as there
/// are.
class Normalize : public CustomFunction {
 public:
  Normalize(Stats stats, double eps, ProcessGroup group, bool has_weight, bool has_bias)
      : stats_(std::move(stats)), eps_(eps), group_(std::move(group)), has_weight_(has_weight), has_bias_(has_bias) {}

  std::vector<at::Tensor> forward(FunctionContext& context, at::TensorList inputs) override {
    context.save(inputs.vec());
    const auto bias = has_bias_ ? OptionalTensor(inputs.back()) : std::nullopt;
    return {std::get<0>(batch_norm(inputs[0], weight(inputs), bias, stats_.mean, stats_.var, false, eps_))};
  }

  std::vector<at::Tensor> backward(FunctionContext& context, const std::vector<at::Tensor>& grads) override {
    const auto inputs = context.saved();
    const at::Tensor mine = batch_norm_grad_sums(grads[0], inputs[0], stats_.mean, stats_.var, eps_);
    std::vector<at::Tensor> sums{mine.clone()};
    group_->allreduce(sums)->wait();
    std::vector<at::Tensor> result{batch_norm_grad_input(grads[0], inputs[0], weight(inputs), stats_.mean, stats_.var,
                                                         sums[0], stats_.count, eps_)};
    if (has_weight_) result.push_back(mine.select(0, 1).to(inputs[1].scalar_type()));
    if (has_bias_) result.push_back(mine.select(0, 0).to(inputs.back().scalar_type()));
    return result;
  }

 private:
  OptionalTensor weight(at::TensorList inputs) const { return has_weight_ ? OptionalTensor(inputs[1]) : std::nullopt; }

  const Stats stats_;
  const double eps_;
  const ProcessGroup group_;
  const bool has_weight_, has_bias_;
};

}  // namespace

SyncBatchNorm::SyncBatchNorm(int64_t num_features, const BatchNormOptions& options, ProcessGroup group,
                             const at::TensorOptions& type)
    : ModuleOf(num_features, options, type), group_(std::move(group)) {}

void SyncBatchNorm::check_input(const at::Tensor& x) const {
  if (x.dim() < 2) fail("SyncBatchNorm: expected at least 2D input (got ", x.dim(), "D input).");
}

at::Tensor SyncBatchNorm::forward(const at::Tensor& x) const {
  if (!is_training() || !group_ || group_->getSize() == 1) return BatchNormBase::forward(x);
  check_input(x);
  const Stats stats = gather_stats(group_, x);
  if (stats.count == 1) {
    fail("SyncBatchNorm: Expected more than 1 value per channel when training, got input size ", x.sizes(), ".");
  }
  if (tracks() && stats.count > 0) update(stats.mean, stats.var, count_batch(), static_cast<int64_t>(stats.count));
  std::vector<at::Tensor> inputs{x};
  for (const at::Tensor& parameter : {at::Tensor(weight), at::Tensor(bias)}) {
    if (parameter.defined()) inputs.push_back(parameter);
  }
  return CustomFunction::apply(
      c10::make_intrusive<Normalize>(stats, options.eps, group_, weight.defined(), bias.defined()), inputs)[0];
}

namespace {

std::shared_ptr<Module> synced(const BatchNormBase& norm, const ProcessGroup& group) {
  auto made = std::make_shared<SyncBatchNorm>(norm.num_features, norm.options, group);
  made->weight = norm.weight;
  made->bias = norm.bias;
  made->running_mean = norm.running_mean;
  made->running_var = norm.running_var;
  made->num_batches_tracked = norm.num_batches_tracked;
  made->train(norm.is_training());
  return made;
}

}  // namespace

std::shared_ptr<Module> SyncBatchNorm::convert(const std::shared_ptr<Module>& module, const ProcessGroup& group) {
  std::unordered_map<const Module*, std::shared_ptr<Module>> converted;   // one that has several names stays one
  std::vector<std::pair<std::string, std::shared_ptr<Module>>> replaced;  // by path
  for (const auto& [path, found] : module->named_modules({.remove_duplicate = false})) {
    const auto* norm = dynamic_cast<const BatchNormBase*>(found);
    if (!norm) continue;
    auto& made = converted[norm];
    if (!made) made = synced(*norm, group);
    if (path.empty()) return made;
    replaced.emplace_back(path, made);
  }
  for (const auto& [path, made] : replaced) {
    const auto dot = path.rfind('.');
    const std::string parent = dot == std::string::npos ? "" : path.substr(0, dot);
    module->get_submodule(parent).register_module(path.substr(dot + 1), made);
  }
  return module;
}

}  // namespace bisque
