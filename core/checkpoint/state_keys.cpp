#include <bisque/core/checkpoint/state_keys.h>

#include <regex>
#include <sstream>

#include <bisque/core/dtype_name.h>
#include <bisque/core/error.h>

namespace bisque {
namespace {

template <class T>
std::string text_of(const T& value) {
  std::ostringstream stream;
  stream << value;
  return stream.str();
}

void compare_values(const std::string& name, const Value& expected, const Value& got, StateDifference& all) {
  const auto *ours = expected.get_if<at::Tensor>(), *theirs = got.get_if<at::Tensor>();
  if (!ours) return;  // extra state has any type
  if (!theirs) {
    all.dtypes.push_back({name, dtype_name(ours->scalar_type()), got.type_name()});
    return;
  }
  if (!is_lazy(*ours) && ours->sizes() != theirs->sizes()) {
    all.shapes.push_back({name, text_of(ours->sizes()), text_of(theirs->sizes())});
  }
  if (ours->scalar_type() != theirs->scalar_type()) {
    all.dtypes.push_back({name, dtype_name(ours->scalar_type()), dtype_name(theirs->scalar_type())});
  }
}

class Renamer {
 public:
  explicit Renamer(const KeyRules& rules) {
    for (const auto& [pattern, replacement] : rules) {
      try {
        rules_.emplace_back(std::regex(pattern), replacement);
      } catch (const std::regex_error& error) {
        fail("rename_keys: expected regular expressions, but \"", pattern, "\" is none (", error.what(), ").");
      }
    }
  }

  std::string operator()(std::string name) const {
    for (const auto& [pattern, replacement] : rules_) name = std::regex_replace(name, pattern, replacement);
    return name;
  }

 private:
  std::vector<std::pair<std::regex, std::string>> rules_;
};

}  // namespace

std::string StateDifference::text() const {
  std::string all;
  for (const auto& name : missing) all += name + ": missing\n";
  for (const auto& name : unexpected) all += name + ": unexpected\n";
  for (const auto& [name, expected, got] : shapes) {
    all += name + ": expected the shape " + expected + ", but got " + got + "\n";
  }
  for (const auto& [name, expected, got] : dtypes) all += name + ": expected " + expected + ", but got " + got + "\n";
  return all;
}

StateDifference compare_state(const Module& module, const StateDict& state) {
  const StateDict ours = module.state_dict();
  StateDifference all;
  for (const auto& [name, value] : ours) {
    if (state.contains(name)) {
      compare_values(name, value, state.at(name), all);
    } else {
      all.missing.push_back(name);
    }
  }
  for (const auto& entry : state) {
    if (!ours.contains(entry.first)) all.unexpected.push_back(entry.first);
  }
  return all;
}

StateDict rename_keys(const StateDict& state, const KeyRules& rules) {
  const Renamer rename(rules);
  StateDict renamed;
  for (const auto& [name, value] : state) {
    const std::string changed = rename(name);
    if (renamed.contains(changed)) fail("rename_keys: two names become \"", changed, "\", one of them \"", name, "\".");
    renamed.set(changed, value);
  }
  // Rules apply to names, and a Module's path is a prefix of names.
  for (const auto& [path, metadata] : state.metadata) {
    std::string changed = path.empty() ? "" : rename(path + ".");
    if (!changed.empty() && changed.back() == '.') changed.pop_back();
    renamed.metadata.set(changed, metadata);
  }
  return renamed;
}

}  // namespace bisque
