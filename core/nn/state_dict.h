// StateDict: what a Module saves and loads.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <bisque/core/value.h>

namespace bisque {

class Module;

/// Dotted names to tensors (and extra state), in the order of the Module tree. A tensor shares its memory with the
/// Module's; clone it to keep it.
class StateDict : public OrderedDict {
 public:
  using OrderedDict::OrderedDict;
  StateDict() = default;
  /// What a file held. Error: it is no dict with text for keys.
  explicit StateDict(const Value& value);

  /// Error: there is no such entry, or it is no tensor.
  const at::Tensor& tensor(std::string_view name) const { return at(name).as<at::Tensor>(); }
};

struct StateDictOptions {
  std::string prefix = "";  // put before all names; ends in a dot, where it is not empty
  bool keep_vars = false;   // the parameters themselves, and not tensors that are detached from autograd
};

struct LoadOptions {
  bool strict = true;   // missing and unexpected keys are errors
  bool assign = false;  // the Module takes over the tensors that are loaded, with their dtype and device
};

struct IncompatibleKeys {
  std::vector<std::string> missing_keys;
  std::vector<std::string> unexpected_keys;
};

/// The state that is about to be loaded, split by the Modules that it goes to.
class SplitState {
 public:
  SplitState(Module& root, const StateDict& state);

  /// What goes to the Module at a prefix ("a.b."), by its name there. Names without a Module of their own are with the
  /// last one that leads to them, as "c.weight".
  Dict& at(const std::string& prefix) { return parts_[prefix]; }
  /// The part that has a full name, and its name there.
  std::pair<Dict*, std::string> locate(const std::string& full_name);
  Dict metadata(const std::string& path) const;

 private:
  Module& root_;
  std::unordered_map<std::string, Dict> parts_;
  const OrderedMap<Dict>& metadata_;
};

/// What is about to be loaded into one Module, for load_state_dict pre-hooks and Module::upgrade_state, which may
/// change it. Names are those within the Module: "weight", or "child.weight".
class LoadState {
 public:
  LoadState(SplitState& all, const std::string& path, std::string prefix, const LoadOptions& options,
            IncompatibleKeys& keys, std::vector<std::string>& error_msgs);

  const std::string& prefix() const { return prefix_; }
  const LoadOptions& options() const { return options_; }
  Dict& local_metadata() { return metadata_; }
  /// The version of the Module that saved the state; none where it tells no version.
  std::optional<int64_t> version() const;

  /// The names that go to this Module, or to none below it.
  std::vector<std::string> names() const;
  /// Null where there is none.
  Value* find(const std::string& name);
  void set(const std::string& name, Value value);
  bool erase(const std::string& name);
  /// Does nothing where there is no `from`.
  void rename(const std::string& from, const std::string& to);

  IncompatibleKeys& keys() { return keys_; }
  /// Sentences that load_state_dict will fail with.
  std::vector<std::string>& error_msgs() { return error_msgs_; }

 private:
  SplitState& all_;
  std::string prefix_;
  const LoadOptions& options_;
  Dict metadata_;
  IncompatibleKeys& keys_;
  std::vector<std::string>& error_msgs_;
};

}  // namespace bisque
