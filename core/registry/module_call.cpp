#include <bisque/core/registry/module_call.h>

#include <map>
#include <mutex>
#include <typeindex>

#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

std::mutex calls_mutex;

/// Never destroyed, as the plugins that fill it.
std::map<std::type_index, ValueCall>& value_calls() {
  static auto* const calls = new std::map<std::type_index, ValueCall>;
  return *calls;
}

ValueCall find_call(const Module& module) {
  const std::lock_guard lock(calls_mutex);
  const auto found = value_calls().find(typeid(module));
  return found == value_calls().end() ? nullptr : found->second;
}

}  // namespace

void add_value_call(const std::type_info& type, ValueCall call) {
  const std::lock_guard lock(calls_mutex);
  value_calls()[type] = call;
}

Value call_with_values(Module& module, const Tuple& args, const Kwargs& kwargs) {
  if (const ValueCall call = find_call(module)) return call(module, args, kwargs);
  value_call::check_no_kwargs(module, kwargs);
  if (args.size() != 1) value_call::fail_count(module, args.size(), 1);
  const auto x = Argument<at::Tensor>::from(args[0]);
  if (!x) value_call::fail_argument(module, args, {0, Argument<at::Tensor>::name()});
  return module.call_tensor(*x);
}

namespace value_call {

void fail_argument(const Module& module, const Tuple& args, const Mismatch& mismatch) {
  fail(module.type_name(), ": argument ", *mismatch.index, " of forward: expected ", mismatch.expected, ", but got ",
       class_name(args[*mismatch.index]), ".");
}

void check_no_kwargs(const Module& module, const Kwargs& kwargs) {
  if (kwargs.empty()) return;
  fail(module.type_name(), ": expected positional arguments of forward, but got the keyword argument ",
       quoted_text(kwargs.begin()->first), ".");
}

void fail_count(const Module& module, size_t got, size_t most) {
  fail(module.type_name(), ": forward cannot be called with ", got, " arguments, expected ", most > 1 ? "up to " : "",
       most, ".");
}

void fail_overloads(const Module& module, const Tuple& args, const std::vector<std::string>& signatures,
                    const std::vector<Mismatch>& mismatches) {
  const Mismatch* only = nullptr;  // the mismatch of the one signature with this number of arguments
  int right_counts = 0;
  for (const Mismatch& mismatch : mismatches) {
    if (mismatch.index) only = &mismatch, ++right_counts;
  }
  if (right_counts == 1) fail_argument(module, args, *only);
  std::vector<std::string> names;
  for (const Value& value : args) names.push_back(class_name(value));
  std::string expected;
  for (const std::string& signature : signatures) expected += (expected.empty() ? "" : " or ") + signature;
  fail(module.type_name(), ": expected the arguments of forward to be ", expected, ", but got ", signature_text(names),
       ".");
}

std::string signature_text(const std::vector<std::string>& names) { return "(" + comma_list(names) + ")"; }

}  // namespace value_call
}  // namespace bisque
