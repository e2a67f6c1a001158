#include <bisque/core/checkpoint/optimizer_state.h>

#include <ATen/ATen.h>
#include <torch/optim/adagrad.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/lbfgs.h>
#include <torch/optim/rmsprop.h>
#include <torch/optim/sgd.h>

#include <cmath>
#include <concepts>
#include <deque>
#include <memory>
#include <type_traits>

#include <bisque/core/error.h>

namespace bisque {
namespace {

using namespace torch::optim;

template <class T, class... Types>
concept OneOf = (std::same_as<std::remove_const_t<T>, Types> || ...);

// The fields of each optimizer's options and state, with Python's names. A state's tensors may be undefined if
// `optional` is set.
struct Optional {};
inline constexpr Optional optional;

void fields(OneOf<AdagradOptions> auto& o, auto&& field) {
  field("lr", o.lr());
  field("lr_decay", o.lr_decay());
  field("weight_decay", o.weight_decay());
  field("initial_accumulator_value", o.initial_accumulator_value());
  field("eps", o.eps());
}
void fields(OneOf<AdagradParamState> auto& s, auto&& field) {
  field("step", s.step());
  field("sum", s.sum());
}
void fields(OneOf<AdamOptions, AdamWOptions> auto& o, auto&& field) {
  field("lr", o.lr());
  field("betas", o.betas());
  field("eps", o.eps());
  field("weight_decay", o.weight_decay());
  field("amsgrad", o.amsgrad());
}
void fields(OneOf<AdamParamState, AdamWParamState> auto& s, auto&& field) {
  field("step", s.step());
  field("exp_avg", s.exp_avg());
  field("exp_avg_sq", s.exp_avg_sq());
  field("max_exp_avg_sq", s.max_exp_avg_sq(), optional);
}
void fields(OneOf<RMSpropOptions> auto& o, auto&& field) {
  field("lr", o.lr());
  field("alpha", o.alpha());
  field("eps", o.eps());
  field("weight_decay", o.weight_decay());
  field("momentum", o.momentum());
  field("centered", o.centered());
}
void fields(OneOf<RMSpropParamState> auto& s, auto&& field) {
  field("step", s.step());
  field("square_avg", s.square_avg());
  field("momentum_buffer", s.momentum_buffer(), optional);
  field("grad_avg", s.grad_avg(), optional);
}
void fields(OneOf<SGDOptions> auto& o, auto&& field) {
  field("lr", o.lr());
  field("momentum", o.momentum());
  field("dampening", o.dampening());
  field("weight_decay", o.weight_decay());
  field("nesterov", o.nesterov());
}
void fields(OneOf<SGDParamState> auto& s, auto&& field) { field("momentum_buffer", s.momentum_buffer(), optional); }
void fields(OneOf<LBFGSOptions> auto& o, auto&& field) {
  field("lr", o.lr());
  field("max_iter", o.max_iter());
  field("max_eval", o.max_eval());
  field("tolerance_grad", o.tolerance_grad());
  field("tolerance_change", o.tolerance_change());
  field("history_size", o.history_size());
  field("line_search_fn", o.line_search_fn());
}
void fields(OneOf<LBFGSParamState> auto& s, auto&& field) {
  field("func_evals", s.func_evals());
  field("n_iter", s.n_iter());
  field("t", s.t());
  field("prev_loss", s.prev_loss());
  field("d", s.d(), optional);
  field("H_diag", s.H_diag(), optional);
  field("prev_flat_grad", s.prev_flat_grad(), optional);
  field("old_dirs", s.old_dirs());
  field("old_stps", s.old_stps());
  field("ro", s.ro());
  field("al", s.al());
}

Value written(double value) { return value; }
Value written(bool value) { return value; }
Value written(int64_t value) { return value; }
Value written(const std::string& value) { return value; }
Value written(const at::Tensor& value) { return value; }
Value written(const std::tuple<double, double>& value) { return Tuple{std::get<0>(value), std::get<1>(value)}; }
Value written(const std::deque<at::Tensor>& values) { return List(values.begin(), values.end()); }
Value written(const std::vector<at::Tensor>& values) { return List(values.begin(), values.end()); }
template <class T>
Value written(const std::optional<T>& value) {
  return value ? written(*value) : Value();
}

struct Writer {
  Dict& out;
  bool is_state;

  template <class T>
  void operator()(const char* name, const T& value, Optional = {}) const {
    if constexpr (std::same_as<T, at::Tensor>) {
      if (!value.defined()) return;
    }
    if constexpr (std::same_as<T, int64_t>) {
      // Python stores the step count of a parameter in a tensor.
      if (is_state && name == std::string("step")) {
        out.set(name, at::scalar_tensor(value, at::kFloat));
        return;
      }
    }
    out.set(name, written(value));
  }
};

/// Reads fields into existing values; `where` is the prefix of messages.
struct Reader {
  const Dict& in;
  const std::string& where;
  const at::Tensor& parameter;  // undefined for options, where missing fields do not change
  bool has_its_sizes;           // whether the state's tensors have the parameter's sizes

  template <class T>
  void operator()(const char* name, T& value) const {
    if (in.contains(name)) {
      read(name, in.at(name), value);
    } else if (parameter.defined()) {
      fail(where, ": ", name, " is missing.");
    }
  }
  void operator()(const char* name, at::Tensor& value, Optional) const {
    value = at::Tensor();
    if (in.contains(name) && !in.at(name).is_none()) read(name, in.at(name), value);
  }

 private:
  [[noreturn]] void fail_type(const char* name, const char* expected, const Value& got) const {
    fail(where, ": expected ", name, " to be ", expected, ", but got a value of type ", got.type_name(), ".");
  }
  void read(const char* name, const Value& from, double& to) const {
    if (const auto* number = from.get_if<double>()) {
      to = *number;
    } else if (const auto* integer = from.get_if<int64_t>()) {
      to = static_cast<double>(*integer);
    } else if (const auto* tensor = from.get_if<at::Tensor>(); tensor && tensor->numel() == 1) {
      to = tensor->item<double>();
    } else {
      fail_type(name, "a number", from);
    }
  }
  void read(const char* name, const Value& from, int64_t& to) const {
    double number = 0;
    read(name, from, number);
    if (!(std::abs(number) <= 9007199254740992.0) || std::trunc(number) != number) {
      fail(where, ": expected ", name, " to be an integer, but got ", number, ".");
    }
    to = static_cast<int64_t>(number);
  }
  void read(const char* name, const Value& from, bool& to) const {
    if (!from.is<bool>()) fail_type(name, "a bool", from);
    to = from.as<bool>();
  }
  void read(const char* name, const Value& from, std::string& to) const {
    if (!from.is<std::string>()) fail_type(name, "a str", from);
    to = from.as<std::string>();
  }
  void read(const char* name, const Value& from, at::Tensor& to) const {
    if (!from.is<at::Tensor>()) fail_type(name, "a tensor", from);
    const at::Tensor& loaded = from.as<at::Tensor>();
    if (has_its_sizes && loaded.sizes() != parameter.sizes()) {
      fail(where, ": expected ", name, " to have the sizes ", parameter.sizes(), ", but got ", loaded.sizes(), ".");
    }
    to = loaded.detach().to(parameter.device(), parameter.scalar_type(), /*non_blocking=*/false, /*copy=*/true);
  }
  const List& list(const char* name, const Value& from) const {
    if (const auto* tuple = from.get_if<Tuple>()) return *tuple;
    if (!from.is<List>()) fail_type(name, "a list", from);
    return from.as<List>();
  }
  void read(const char* name, const Value& from, std::tuple<double, double>& to) const {
    const List& pair = list(name, from);
    if (pair.size() != 2) fail(where, ": expected ", name, " to be 2 numbers, but got ", pair.size(), ".");
    read(name, pair[0], std::get<0>(to));
    read(name, pair[1], std::get<1>(to));
  }
  template <OneOf<std::deque<at::Tensor>, std::vector<at::Tensor>> Tensors>
  void read(const char* name, const Value& from, Tensors& to) const {
    to.clear();
    for (const Value& each : list(name, from)) {
      to.emplace_back();
      if (!each.is_none()) read(name, each, to.back());
    }
  }
  template <class T>
  void read(const char* name, const Value& from, std::optional<T>& to) const {
    if (from.is_none()) {
      to.reset();
    } else {
      read(name, from, to.emplace());
    }
  }
};

/// A kind of optimizer: how its options and states are written and read.
struct Kind {
  bool (*fits)(const Optimizer&);
  Dict (*options)(const OptimizerOptions&);
  Dict (*state)(const OptimizerParamState&);
  std::unique_ptr<OptimizerOptions> (*read_options)(const OptimizerOptions&, const Dict&, const std::string&);
  std::unique_ptr<OptimizerParamState> (*read_state)(const Dict&, const std::string&, const at::Tensor&);
};

template <class T, class Options, class State>
Kind kind() {
  return {
      [](const Optimizer& optimizer) { return dynamic_cast<const T*>(&optimizer) != nullptr; },
      [](const OptimizerOptions& options) {
        Dict out;
        fields(static_cast<const Options&>(options), Writer{out, false});
        return out;
      },
      [](const OptimizerParamState& state) {
        Dict out;
        fields(static_cast<const State&>(state), Writer{out, true});
        return out;
      },
      [](const OptimizerOptions& current, const Dict& in,
         const std::string& where) -> std::unique_ptr<OptimizerOptions> {
        auto options = std::make_unique<Options>(static_cast<const Options&>(current));
        fields(*options, Reader{in, where, {}, false});
        return options;
      },
      [](const Dict& in, const std::string& where,
         const at::Tensor& parameter) -> std::unique_ptr<OptimizerParamState> {
        auto state = std::make_unique<State>();
        fields(*state, Reader{in, where, parameter, !std::same_as<State, LBFGSParamState>});
        return state;
      },
  };
}

const Kind& kind_of(const Optimizer& optimizer) {
  static const Kind kinds[] = {
      kind<Adagrad, AdagradOptions, AdagradParamState>(), kind<Adam, AdamOptions, AdamParamState>(),
      kind<AdamW, AdamWOptions, AdamWParamState>(),       kind<LBFGS, LBFGSOptions, LBFGSParamState>(),
      kind<RMSprop, RMSpropOptions, RMSpropParamState>(), kind<SGD, SGDOptions, SGDParamState>(),
  };
  for (const Kind& each : kinds) {
    if (each.fits(optimizer)) return each;
  }
  fail("optimizer_state: expected an Adagrad, Adam, AdamW, LBFGS, RMSprop or SGD optimizer of libtorch.");
}

using NewState = std::pair<void*, std::unique_ptr<OptimizerParamState>>;

/// The states in a file, by parameter number; not every parameter has one.
std::vector<NewState> read_states(const Kind& kind, const std::vector<at::Tensor>& parameters, const Value& states) {
  std::vector<NewState> all;
  const auto* by_number = states.get_if<Items>();
  if (!by_number && !(states.is<Dict>() && states.as<Dict>().empty())) {
    fail("optimizer state: expected \"state\" to be a dict by parameter numbers.");
  }
  if (!by_number) return all;
  for (const auto& [key, value] : *by_number) {
    const auto* number = key.get_if<int64_t>();
    if (!number || *number < 0 || *number >= static_cast<int64_t>(parameters.size())) {
      fail("optimizer state: expected the keys of \"state\" to be the numbers of ", parameters.size(), " parameters.");
    }
    const std::string where = "optimizer state of parameter " + std::to_string(*number);
    if (!value.is<Dict>()) fail(where, ": expected a dict, but got a value of type ", value.type_name(), ".");
    const at::Tensor& parameter = parameters[static_cast<size_t>(*number)];
    all.emplace_back(parameter.unsafeGetTensorImpl(), kind.read_state(value.as<Dict>(), where, parameter));
  }
  return all;
}

size_t num_params(const Value& group, const std::string& where) {
  if (!group.is<Dict>() || !group.as<Dict>().contains("params") || !group.as<Dict>().at("params").is<List>()) {
    fail(where, ": expected a dict with the list \"params\".");
  }
  return group.as<Dict>().at("params").as<List>().size();
}

}  // namespace

Value optimizer_state(const Optimizer& optimizer) {
  const Kind& kind = kind_of(optimizer);
  Items states;
  List groups;
  int64_t number = 0;
  for (const auto& group : optimizer.param_groups()) {
    Dict saved = kind.options(group.options());
    List numbers;
    for (const auto& parameter : group.params()) {
      const auto found = optimizer.state().find(parameter.unsafeGetTensorImpl());
      if (found != optimizer.state().end()) states.emplace_back(number, kind.state(*found->second));
      numbers.emplace_back(number++);
    }
    saved.set("params", std::move(numbers));
    groups.emplace_back(std::move(saved));
  }
  return Dict{{"state", std::move(states)}, {"param_groups", std::move(groups)}};
}

void load_optimizer_state(Optimizer& optimizer, const Value& state) {
  const Kind& kind = kind_of(optimizer);
  if (!state.is<Dict>() || !state.as<Dict>().contains("state") || !state.as<Dict>().contains("param_groups") ||
      !state.as<Dict>().at("param_groups").is<List>()) {
    fail("optimizer state: expected a dict with \"state\" and the list \"param_groups\".");
  }
  const List& saved = state.as<Dict>().at("param_groups").as<List>();
  auto& groups = optimizer.param_groups();
  if (saved.size() != groups.size()) {
    fail("optimizer state: expected ", groups.size(), " parameter groups, but got ", saved.size(), ".");
  }
  std::vector<at::Tensor> parameters;
  std::vector<std::unique_ptr<OptimizerOptions>> options;
  for (size_t i = 0; i < groups.size(); ++i) {
    const std::string where = "optimizer state of group " + std::to_string(i);
    if (const size_t count = num_params(saved[i], where); count != groups[i].params().size()) {
      fail(where, ": expected ", groups[i].params().size(), " parameters, but got ", count, ".");
    }
    options.push_back(kind.read_options(groups[i].options(), saved[i].as<Dict>(), where));
    parameters.insert(parameters.end(), groups[i].params().begin(), groups[i].params().end());
  }
  std::vector<NewState> states = read_states(kind, parameters, state.as<Dict>().at("state"));

  optimizer.state().clear();
  for (size_t i = 0; i < groups.size(); ++i) groups[i].set_options(std::move(options[i]));
  for (auto& [parameter, read] : states) optimizer.state()[parameter] = std::move(read);
}

}  // namespace bisque
