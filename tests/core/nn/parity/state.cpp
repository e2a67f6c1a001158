// state_dict and load_state_dict.
#include <bisque/core/error.h>
#include <bisque/tests/core/nn/parity/cases.h>
#include <bisque/tests/core/nn/parity/modules.h>

namespace bisque::parity {
namespace {

Json keys_of(const StateDict& state) {
  Json keys = Json::array();
  for (const auto& entry : state) keys.push_back(entry.first);
  return keys;
}

Json metadata_of(const StateDict& state) {
  Json all = Json::array();
  for (const auto& [path, metadata] : state.metadata) all.push_back({path, metadata.at("version").as<int64_t>()});
  return all;
}

Json state_dict_keys() {
  const Net net;
  return {{"plain", keys_of(net.state_dict())},
          {"prefix", keys_of(net.state_dict({.prefix = "x."}))},
          {"metadata", metadata_of(net.state_dict())},
          {"metadata with prefix", metadata_of(net.state_dict({.prefix = "x."}))}};
}

void spoil(StateDict& state) {
  state.erase("w");
  state.erase("counter._extra_state");
  state.erase("dict.left.bias");
  state.set("zero", at::ones({1}));
  state.set("a.fc.other", at::ones({1}));
  state.set("a.shortcut.weight", at::ones({1}));
  state.set("a._extra_state", 5);
  state.set("nothing.at.all", at::ones({1}));
  state.set("a.scale", at::ones({2, 3}));
  state.set("seq.0.bias", at::ones({}));
  state.set("list.3.weight", at::ones({1}));
}

Json load_errors() {
  Json all;
  StateDict state = Net().state_dict();
  spoil(state);
  try {
    Net().load_state_dict(state);
  } catch (const Error& error) {
    all["strict"] = error.what();
  }
  try {
    Net().load_state_dict(state, {.strict = false});
  } catch (const Error& error) {
    all["not strict"] = error.what();
  }
  StateDict partial = Net().state_dict();
  partial.erase("w");
  partial.set("zero", at::ones({1}));
  const auto keys = Net().load_state_dict(partial, {.strict = false});
  all["missing"] = keys.missing_keys;
  all["unexpected"] = keys.unexpected_keys;
  return all;
}

Json state_hook_order() {
  Net net;
  std::vector<std::string> pre, post, load_pre, load_post;
  for (const char* path : {"", "a", "a.fc", "seq", "seq.0"}) {
    Module& module = net.get_submodule(path);
    module.register_state_dict_pre_hook([&pre](Module& m, const std::string& prefix, bool keep_vars) {
      pre.push_back(m.type_name() + " " + prefix + (keep_vars ? " vars" : ""));
    });
    module.register_state_dict_post_hook(
        [&post](Module& m, StateDict& state, const std::string& prefix, Dict& metadata) {
          post.push_back(m.type_name() + " " + prefix + " " + std::to_string(state.size()) + " " +
                         std::to_string(metadata.at("version").as<int64_t>()));
        });
    module.register_load_state_dict_pre_hook([&load_pre](Module& m, LoadState& state) {
      load_pre.push_back(m.type_name() + " " + state.prefix() + " " + std::to_string(state.version().value_or(-1)) +
                         " " + std::to_string(state.keys().missing_keys.size()));
    });
    module.register_load_state_dict_post_hook([&load_post](Module& m, IncompatibleKeys& keys) {
      load_post.push_back(m.type_name() + " " + std::to_string(keys.unexpected_keys.size()));
    });
  }
  net.state_dict({.keep_vars = true});
  net.load_state_dict(Net().state_dict());
  return {{"pre", pre}, {"post", post}, {"load pre", load_pre}, {"load post", load_post}};
}

Json values_after_loading() {
  Json all;
  for (const bool assign : {false, true}) {
    Net net, other;
    other.to(at::kDouble);
    StateDict state = other.state_dict();
    int64_t value = 0;
    for (auto& [name, entry] : state) {
      if (entry.is<at::Tensor>()) entry = at::full_like(entry.as<at::Tensor>(), ++value);
    }
    net.load_state_dict(state, {.assign = assign});
    Json values;
    for (const auto& [name, tensor] : net.named_parameters()) {
      values.push_back({name, tensor.sum().item<double>(), at::toString(tensor.scalar_type()), tensor.requires_grad()});
    }
    all[assign ? "assign" : "copy"] = values;
  }
  return all;
}

}  // namespace

Cases state_cases() {
  return {{"state_dict_keys", state_dict_keys},
          {"load_errors", load_errors},
          {"state_hook_order", state_hook_order},
          {"values_after_loading", values_after_loading}};
}

}  // namespace bisque::parity
