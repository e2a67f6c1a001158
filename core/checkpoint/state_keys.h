// Adapts a state to a Module: differences, and renamed keys.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/nn/module_base.h>
#include <bisque/core/nn/state_dict.h>

namespace bisque {

/// The differences between a state and a Module. load_state_dict accepts only a different dtype, which it converts.
struct StateDifference {
  struct Pair {
    std::string name;
    std::string expected, got;  // in the Module, in the state
  };
  std::vector<std::string> missing;     // in the Module, not in the state
  std::vector<std::string> unexpected;  // in the state, not in the Module
  std::vector<Pair> shapes, dtypes;

  bool empty() const { return missing.empty() && unexpected.empty() && shapes.empty() && dtypes.empty(); }
  /// One line each: "fc.weight: missing", "fc.bias: expected the shape [3], but got [4]"; "" if there is no difference.
  std::string text() const;
};

/// Compares without changing anything; versions are not upgraded.
StateDifference compare_state(const Module& module, const StateDict& state);

/// Rules for names: a regular expression (ECMAScript) and the replacement of each match, with $1 for a group.
using KeyRules = std::vector<std::pair<std::string, std::string>>;

/// The state with all rules applied to each name, in order: {{"^module\\.", ""}} removes the prefix of DataParallel.
/// The paths of the versions change likewise. Errors: an invalid regular expression; two names that become equal.
StateDict rename_keys(const StateDict& state, const KeyRules& rules);

}  // namespace bisque
