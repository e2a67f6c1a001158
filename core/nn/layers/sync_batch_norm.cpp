#include <bisque/core/nn/layers/sync_batch_norm.h>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <unordered_map>

#include <bisque/core/error.h>
#include <bisque/core/ops/batch_norm/batch_norm.h>

namespace bisque {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
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

/// y by statistics that are given; its backward gathers the sums of all processes.
struct Normalize : torch::autograd::Function<Normalize> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const OptionalTensor& weight,
                            const OptionalTensor& bias, const Stats& stats, double eps, const ProcessGroup& group) {
    context->save_for_backward({x, weight.value_or(at::Tensor()), stats.mean, stats.var});
    context->saved_data["count"] = stats.count;
    context->saved_data["eps"] = eps;
    context->saved_data["group"] = group;
    context->saved_data["has_bias"] = bias.has_value();
    return std::get<0>(batch_norm(x, weight, bias, stats.mean, stats.var, false, eps));
  }

  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], &mean = saved[2], &var = saved[3];
    const double eps = context->saved_data["eps"].toDouble();
    const at::Tensor mine = batch_norm_grad_sums(grads[0], x, mean, var, eps);
    std::vector<at::Tensor> sums{mine.clone()};
    context->saved_data["group"].toCustomClass<c10d::ProcessGroup>()->allreduce(sums)->wait();
    const OptionalTensor given = weight.defined() ? OptionalTensor(weight) : std::nullopt;
    const at::Tensor grad_x =
        batch_norm_grad_input(grads[0], x, given, mean, var, sums[0], context->saved_data["count"].toDouble(), eps);
    const auto like = [&](int64_t row) { return mine.select(0, row).to(weight.scalar_type()); };
    return {grad_x,
            weight.defined() ? like(1) : at::Tensor(),
            context->saved_data["has_bias"].toBool() ? like(0) : at::Tensor(),
            at::Tensor(),
            at::Tensor(),
            at::Tensor()};
  }
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
  const auto given = [](const at::Tensor& t) { return t.defined() ? OptionalTensor(t) : std::nullopt; };
  return Normalize::apply(x, given(weight), given(bias), stats, options.eps, group_);
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
