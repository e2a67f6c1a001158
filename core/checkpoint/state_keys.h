// Making a state fit a Module: what differs, and names that changed.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/nn/module_base.h>
#include <bisque/core/nn/state_dict.h>

namespace bisque {

/// Where a state and a Module differ. load_state_dict refuses all but another dtype, which it converts.
struct StateDifference {
  struct Pair {
    std::string name;
    std::string expected, got;  // of the Module, of the state
  };
  std::vector<std::string> missing;     // the Module has it, the state has not
  std::vector<std::string> unexpected;  // the state has it, the Module has not
  std::vector<Pair> shapes, dtypes;

  bool empty() const { return missing.empty() && unexpected.empty() && shapes.empty() && dtypes.empty(); }
  /// A line each: "fc.weight: missing", "fc.bias: expected the shape [3], but got [4]"; "" where nothing differs.
  std::string text() const;
};

/// Compares without changing anything; versions are not upgraded.
StateDifference compare_state(const Module& module, const StateDict& state);

/// Rules for names: a regular expression (ECMAScript's) and what takes the place of each match, with $1 for a group.
using KeyRules = std::vector<std::pair<std::string, std::string>>;

/// The state with each name changed by all rules, in order: {{"^module\\.", ""}} takes off what DataParallel adds. The
/// paths of the versions are changed likewise. Errors: a rule that is no regular expression; two names that become one.
StateDict rename_keys(const StateDict& state, const KeyRules& rules);

}  // namespace bisque
