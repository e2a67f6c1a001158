#include <bisque/core/nn/layers/sync_batch_norm.h>

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <bisque/core/custom_function.h>
#include <bisque/core/error.h>
#include <bisque/core/ops/batch_norm/batch_norm.h>

namespace bisque {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

using Stats = BatchNormSync::Stats;

Stats gather_stats(const ProcessGroup& group, const at::Tensor& x) {
  const auto [mean, var] = batch_norm_stats(x);
  const int64_t values = x.size(1) == 0 ? 0 : x.numel() / x.size(1);
  const at::Tensor mine = at::cat({mean, var, at::full({1}, static_cast<double>(values), mean.options())});
  const at::Tensor all = at::stack(group.all_gather(mine));  // [processes, ...]
  const int64_t channels = mean.size(0);
  const at::Tensor counts = all.slice(1, 2 * channels), total = counts.sum();
  // A process without values has no mean.
  const auto each = [&](int64_t i) {
    return at::where(counts > 0, all.slice(1, i * channels, (i + 1) * channels), at::zeros({}, all.options()));
  };
  const at::Tensor shares = counts / total, means = each(0), merged = (shares * means).sum(0);
  return {merged, (shares * (each(1) + (means - merged).square())).sum(0), total.item<double>()};
}

/// Shared by the two functions below. Inputs: x, and weight and bias if defined.
struct Call {
  Stats stats;
  double eps;
  ProcessGroup group;
  bool has_weight, has_bias;

  OptionalTensor weight(at::TensorList inputs) const { return has_weight ? OptionalTensor(inputs[1]) : std::nullopt; }
  OptionalTensor bias(at::TensorList inputs) const { return has_bias ? OptionalTensor(inputs.back()) : std::nullopt; }
};

/// The gradients of Normalize from the sums of all processes. Inputs: the gradient of y, then those of Normalize.
class NormalizeBackward : public CustomFunction {
 public:
  explicit NormalizeBackward(Call call) : call_(std::move(call)) {}

  std::vector<at::Tensor> forward(FunctionContext&, at::TensorList inputs) override {
    const at::Tensor &grad = inputs[0], &x = inputs[1];
    const at::TensorList of_call = inputs.slice(1);
    const auto& [mean, var, count] = call_.stats;
    const at::Tensor mine = batch_norm_grad_sums(grad, x, mean, var, call_.eps);
    const at::Tensor sums = mine.clone();
    call_.group.all_reduce(sums);
    std::vector<at::Tensor> result{
        count > 0 ? batch_norm_grad_input(grad, x, call_.weight(of_call), mean, var, sums, count, call_.eps)
                  : at::zeros_like(x)};
    if (call_.has_weight) result.push_back(mine.select(0, 1).to(of_call[1].scalar_type()));
    if (call_.has_bias) result.push_back(mine.select(0, 0).to(of_call.back().scalar_type()));
    return result;
  }

  std::vector<at::Tensor> backward(FunctionContext&, const std::vector<at::Tensor>&) override {
    fail("SyncBatchNorm: second derivatives are not supported; use BatchNorm, or GroupNorm.");
  }

 private:
  const Call call_;
};

/// y from given statistics.
class Normalize : public CustomFunction {
 public:
  explicit Normalize(Call call) : call_(std::move(call)) {}

  std::vector<at::Tensor> forward(FunctionContext& context, at::TensorList inputs) override {
    context.save(inputs.vec());
    const auto& [mean, var, count] = call_.stats;
    return {std::get<0>(batch_norm(inputs[0], call_.weight(inputs), call_.bias(inputs), mean, var, false, call_.eps))};
  }

  std::vector<at::Tensor> backward(FunctionContext& context, const std::vector<at::Tensor>& grads) override {
    std::vector<at::Tensor> inputs = context.saved();
    inputs.insert(inputs.begin(), grads[0]);
    return CustomFunction::apply(c10::make_intrusive<NormalizeBackward>(call_), inputs);
  }

 private:
  const Call call_;
};

class GroupSync : public BatchNormSync {
 public:
  explicit GroupSync(ProcessGroup group) : group_(std::move(group)) {}

  Stats gather(const at::Tensor& x) const override { return gather_stats(group_, x); }

  at::Tensor normalize(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const Stats& stats,
                       double eps) const override {
    std::vector<at::Tensor> inputs{x};
    for (const at::Tensor& parameter : {weight, bias}) {
      if (parameter.defined()) inputs.push_back(parameter);
    }
    const Call call{stats, eps, group_, weight.defined(), bias.defined()};
    return CustomFunction::apply(c10::make_intrusive<Normalize>(call), inputs)[0];
  }

 private:
  ProcessGroup group_;
};

/// Null if there are no other processes.
std::shared_ptr<const BatchNormSync> sync_of(const ProcessGroup& group) {
  return group.size() > 1 ? std::make_shared<GroupSync>(group) : nullptr;
}

}  // namespace

SyncBatchNorm::SyncBatchNorm(int64_t num_features, const BatchNormOptions& options, const ProcessGroup& group,
                             const at::TensorOptions& type)
    : ModuleOf(num_features, options, type) {
  set_sync(sync_of(group));
}

void SyncBatchNorm::check_input(const at::Tensor& x) const {
  if (x.dim() < 2) fail("SyncBatchNorm: expected at least 2D input (got ", x.dim(), "D input).");
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

/// A BatchNorm of a tree, with all its names.
struct FoundNorm {
  BatchNormBase* norm;
  std::vector<std::pair<Module*, std::string>> names;  // parent, and name in the parent
  bool is_typed = false;                               // held by a member that does not accept a SyncBatchNorm
};

std::vector<FoundNorm> find_norms(Module& tree) {
  const SyncBatchNorm any(1);
  std::vector<FoundNorm> all;
  std::unordered_map<const Module*, size_t> indices;
  for (const auto& [path, module] : tree.named_modules({.remove_duplicate = false})) {
    auto* norm = dynamic_cast<BatchNormBase*>(module);
    if (!norm) continue;
    const auto [index, is_new] = indices.emplace(norm, all.size());
    if (is_new) all.push_back({norm, {}});
    const auto dot = path.rfind('.');
    Module& parent = tree.get_submodule(dot == std::string::npos ? "" : path.substr(0, dot));
    FoundNorm& found = all[index->second];
    found.names.emplace_back(&parent, path.substr(dot + 1));
    found.is_typed |= !parent.accepts_module(found.names.back().second, any);
  }
  return all;
}

}  // namespace

std::shared_ptr<Module> SyncBatchNorm::convert(const std::shared_ptr<Module>& module, const ProcessGroup& group) {
  if (const auto* norm = dynamic_cast<const BatchNormBase*>(module.get())) return synced(*norm, group);
  for (const auto& [norm, names, is_typed] : find_norms(*module)) {
    if (is_typed) {
      norm->set_sync(sync_of(group));
      continue;
    }
    const auto made = synced(*norm, group);
    for (const auto& [parent, name] : names) parent->register_module(name, made);
  }
  return module;
}

}  // namespace bisque
