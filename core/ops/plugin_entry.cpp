// The door's entry of an op library: see core/plugin/abi.h. Compiled into each, with its name, version and CUDA
// architectures.
#include <torch/headeronly/version.h>

#include <exception>
#include <string>
#include <vector>

#include <bisque/core/ops/parallel.h>
#include <bisque/core/ops/register.h>
#include <bisque/core/ops/registration.h>

namespace bisque::op {
namespace {

/// The list of this library. Constructors ran in any order, so ops that are named first are not defined first.
struct Listed {
  std::vector<std::string> names;
  std::vector<const char*> pointers;  // the same, ending with null

  Listed() {
    for (const Register* entry = Register::first(); entry; entry = entry->next) {
      if (entry->op.schema) names.push_back(name_of(entry->op.schema));
    }
    for (const auto& name : names) pointers.push_back(name.c_str());
    pointers.push_back(nullptr);
  }

  static std::string name_of(const std::string& schema) { return schema.substr(0, schema.find('(')); }
};

/// A sentence for the host, which ends it itself.
int refuse(const BisqueHost& host, std::string sentence) {
  if (sentence.ends_with('.')) sentence.pop_back();
  return host.refuse(host.context, sentence.c_str());
}

void check_all() {
  std::vector<const Register*> entries;
  for (const Register* entry = Register::first(); entry; entry = entry->next) {
    const auto check = entry->op.schema ? entry->op.check : entry->cuda.check;
    if (check) check();
    entries.push_back(entry);
  }
  check_registrations(entries);
}

int register_all(const BisqueHost& host) {
  try {
    check_all();
  } catch (const std::exception& error) {
    return refuse(host, error.what());
  }
  const auto add = [&](const std::string& op, const char* key, BisqueKernel kernel) {
    return kernel ? host.add_kernel(host.context, op.c_str(), key, kernel) : 0;
  };
  for (const Register* entry = Register::first(); entry; entry = entry->next) {
    if (!entry->op.schema) continue;
    const BisqueOp op{sizeof(BisqueOp), entry->op.schema, entry->op.shapes, entry->op.backward};
    if (const int refused = host.define_op(host.context, &op)) return refused;
  }
  for (const Register* entry = Register::first(); entry; entry = entry->next) {
    int refused;
    if (entry->op.schema) {
      const std::string name = Listed::name_of(entry->op.schema);
      refused = add(name, "CPU", entry->op.cpu);
      if (!refused) refused = add(name, "Meta", entry->op.meta);
      if (!refused) refused = add(name, "CompositeExplicitAutograd", entry->op.any);
      if (!refused) refused = add(name, "Autograd", entry->op.composed);
    } else {
      refused = add(Listed::name_of(entry->cuda.op), "CUDA", entry->cuda.kernel);
    }
    if (refused) return refused;
  }
  return 0;
}

}  // namespace
}  // namespace bisque::op

extern "C" __attribute__((visibility("default"))) int bisque_plugin(const BisqueHost* host, BisqueManifest* manifest) {
  static const bisque::op::Listed listed;
  static const char* const none[] = {nullptr};
  if (manifest && manifest->size >= sizeof(BisqueManifest)) {
    manifest->abi = BISQUE_PLUGIN_ABI;
    manifest->name = BISQUE_PLUGIN_NAME;
    manifest->version = BISQUE_PLUGIN_VERSION;
    manifest->torch_target = TORCH_TARGET_VERSION;
    manifest->torch_built = TORCH_ABI_VERSION;
    manifest->core_abi = nullptr;
    manifest->cuda_archs = BISQUE_PLUGIN_CUDA_ARCHS;
    manifest->ops = listed.pointers.data();
    manifest->modules = manifest->formats = none;
  }
  return host ? bisque::op::register_all(*host) : 0;
}

/// For tests: see grain_limit.
extern "C" __attribute__((visibility("default"))) void bisque_limit_grain(int64_t limit) {
  bisque::op::grain_limit.store(limit);
}
