#include <bisque/core/registry/module_call.h>

#include <map>
#include <mutex>
#include <typeindex>

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
  call::check_no_kwargs(module, kwargs);
  if (args.size() != 1) value_call::fail_count(module, args.size(), 1);
  return module.call_tensor(value_call::argument<at::Tensor>(module, args, 0));
}

namespace value_call {

void fail_argument(const Module& module, size_t index, const std::string& why) {
  fail(module.type_name(), ": argument ", index, " of forward ", why);
}

void fail_count(const Module& module, size_t got, size_t most) {
  fail(module.type_name(), ": forward cannot be called with ", got, " arguments, expected ", most > 1 ? "up to " : "",
       most, ".");
}

}  // namespace value_call
}  // namespace bisque
