// StateDict: the state that a Module saves and loads.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <bisque/core/value.h>

namespace bisque {

class Module;

/// A map from dotted names to tensors (and extra state), in the order of the Module tree. Tensors share their memory
/// with the Module; clone them to keep their values.
class StateDict : public OrderedDict {
 public:
  using OrderedDict::OrderedDict;
  StateDict() = default;
  /// From the content of a file. Error: it is not a dict with string keys.
  explicit StateDict(const Value& value);

  /// Error: there is no such entry, or it is not a tensor.
  const at::Tensor& tensor(std::string_view name) const { return at(name).as<at::Tensor>(); }
};

struct StateDictOptions {
  std::string prefix = "";  // prepended to all names; ends in a dot unless empty
  bool keep_vars = false;   // the parameters themselves, not tensors detached from autograd
};

struct LoadOptions {
  bool strict = true;   // missing and unexpected keys are errors
  bool assign = false;  // the Module uses the loaded tensors, with their dtype and device
};

struct IncompatibleKeys {
  std::vector<std::string> missing_keys;
  std::vector<std::string> unexpected_keys;
};

/// A state to be loaded, split by Module.
class SplitState {
 public:
  SplitState(Module& root, const StateDict& state);

  /// The part of the Module at a prefix ("a.b."), by names within it. Names without their own Module are in the part of
  /// the deepest Module on their path, as "c.weight".
  Dict& at(const std::string& prefix) { return parts_[prefix]; }
  /// The part that contains a full name, and the name within it.
  std::pair<Dict*, std::string> locate(const std::string& full_name);
  Dict metadata(const std::string& path) const;

 private:
  Module& root_;
  std::unordered_map<std::string, Dict> parts_;
  const OrderedMap<Dict>& metadata_;
};

/// The state to be loaded into one Module, for load_state_dict pre-hooks and Module::upgrade_state, which may change
/// it. Names are relative to the Module: "weight", or "child.weight".
class LoadState {
 public:
  LoadState(SplitState& all, const std::string& path, std::string prefix, const LoadOptions& options,
            IncompatibleKeys& keys, std::vector<std::string>& error_msgs);

  const std::string& prefix() const { return prefix_; }
  const LoadOptions& options() const { return options_; }
  Dict& local_metadata() { return metadata_; }
  /// The version of the Module that saved the state; none if the state has no version.
  std::optional<int64_t> version() const;

  /// The names that belong to this Module, or to none of its children.
  std::vector<std::string> names() const;
  /// Null if there is none.
  Value* find(const std::string& name);
  void set(const std::string& name, Value value);
  bool erase(const std::string& name);
  /// Does nothing if `from` does not exist.
  void rename(const std::string& from, const std::string& to);

  IncompatibleKeys& keys() { return keys_; }
  /// Error sentences that load_state_dict will report.
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
