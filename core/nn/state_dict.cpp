#include <bisque/core/nn/state_dict.h>

#include <bisque/core/error.h>
#include <bisque/core/nn/module_base.h>
#include <bisque/core/nn/tree.h>

namespace bisque {

StateDict Module::state_dict(const StateDictOptions& options) const {
  StateDict state;
  TreeWalk walk(*this, options.prefix, Repeats::kEveryWay);
  while (walk.next() != TreeWalk::kEnd) {
    Module& module = walk.module();
    if (walk.step() == TreeWalk::kEnter) {
      module.save_own_state(state, walk.prefix(), options.keep_vars);
    } else if (const ModuleHooks* hooks = module.hooks()) {
      Dict& local_metadata = state.metadata[walk.path()];
      for (const auto& hook : *hooks->state_dict.snapshot()) {
        (*hook.call)(module, state, walk.prefix(), local_metadata);
      }
    }
  }
  return state;
}

void Module::save_own_state(StateDict& state, const std::string& prefix, bool keep_vars) {
  const std::string path = prefix.substr(0, prefix.empty() ? 0 : prefix.size() - 1);
  state.metadata.set(path, Dict{{"version", state_version()}});
  if (hooks()) {
    for (const auto& hook : *hooks()->state_dict_pre.snapshot()) (*hook.call)(*this, prefix, keep_vars);
  }
  const auto save = [&](const OrderedMap<TensorSlot>& slots) {
    for (const auto& [name, slot] : slots) {
      if (!slot.value->defined() || !slot.flags.persistent) continue;
      state.set(prefix + name, keep_vars || is_lazy(*slot.value) ? *slot.value : slot.value->detach());
    }
  };
  save(parameters_);
  save(buffers_);
  if (has_extra_state()) state.set(prefix + kExtraState, get_extra_state());
}

Value Module::get_extra_state() const { fail(type_name(), ": has extra state, but no get_extra_state()."); }

void Module::set_extra_state(const Value&) { fail(type_name(), ": has extra state, but no set_extra_state()."); }

StateDict::StateDict(const Value& value) {
  if (const auto* ordered = value.get_if<OrderedDict>()) {
    static_cast<OrderedDict&>(*this) = *ordered;
  } else {
    static_cast<Dict&>(*this) = value.as<Dict>();
  }
}

SplitState::SplitState(Module& root, const StateDict& state) : root_(root), metadata_(state.metadata) {
  for (const auto& [name, value] : state) {
    const auto [part, local_name] = locate(name);
    part->set(local_name, value);
  }
}

std::pair<Dict*, std::string> SplitState::locate(const std::string& full_name) {
  Module* module = &root_;
  size_t begin = 0;
  for (size_t dot; (dot = full_name.find('.', begin)) != std::string::npos; begin = dot + 1) {
    Module* child = module->child(std::string_view(full_name).substr(begin, dot - begin));
    if (!child) break;
    module = child;
  }
  return {&parts_[full_name.substr(0, begin)], full_name.substr(begin)};
}

Dict SplitState::metadata(const std::string& path) const {
  const Dict* found = metadata_.find(path);
  return found ? *found : Dict();
}

LoadState::LoadState(SplitState& all, const std::string& path, std::string prefix, const LoadOptions& options,
                     IncompatibleKeys& keys, std::vector<std::string>& error_msgs)
    : all_(all),
      prefix_(std::move(prefix)),
      options_(options),
      metadata_(all.metadata(path)),
      keys_(keys),
      error_msgs_(error_msgs) {}

std::optional<int64_t> LoadState::version() const {
  const Value* version = metadata_.find("version");
  if (!version || !version->is<int64_t>()) return std::nullopt;
  return version->as<int64_t>();
}

std::vector<std::string> LoadState::names() const {
  std::vector<std::string> names;
  for (const auto& entry : all_.at(prefix_)) names.push_back(entry.first);
  return names;
}

Value* LoadState::find(const std::string& name) {
  const auto [part, local_name] = all_.locate(prefix_ + name);
  return part->find(local_name);
}

void LoadState::set(const std::string& name, Value value) {
  const auto [part, local_name] = all_.locate(prefix_ + name);
  part->set(local_name, std::move(value));
}

bool LoadState::erase(const std::string& name) {
  const auto [part, local_name] = all_.locate(prefix_ + name);
  return part->erase(local_name);
}

void LoadState::rename(const std::string& from, const std::string& to) {
  Value* value = find(from);
  if (!value) return;
  Value kept = std::move(*value);
  erase(from);
  set(to, std::move(kept));
}

}  // namespace bisque
