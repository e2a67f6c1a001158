// The plugin entry of an op library: see core/plugin/abi.h. Compiled into each, with its name, version and CUDA
// architectures.
#include <torch/headeronly/version.h>

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/ops/parallel.h>
#include <bisque/core/ops/register.h>
#include <bisque/core/ops/registration.h>
#include <bisque/core/plugin/note.h>

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

/// Passes a sentence to the host, which adds the full stop.
int reject(const BisqueHost& host, std::string sentence) {
  if (sentence.ends_with('.')) sentence.pop_back();
  return host.reject(host.context, sentence.c_str());
}

/// The kernels of an entry by their dispatch keys; some have none.
std::vector<std::pair<const char*, Kernel>> kernels_of(const Register& entry) {
  if (!entry.op.schema) return {{"CUDA", entry.cuda.kernel}};
  return {{"CPU", entry.op.cpu},
          {"Meta", entry.op.meta},
          {"CompositeExplicitAutograd", entry.op.any},
          {"Autograd", entry.op.composed}};
}

const char* schema_of(const Register& entry) { return entry.op.schema ? entry.op.schema : entry.cuda.schema; }

/// Error: a wrong declaration, or a kernel that has other types than the schema.
void check(const Register& entry) {
  if (const auto check_declaration = entry.op.schema ? entry.op.check : entry.cuda.check) check_declaration();
  const Schema schema = parse_schema(schema_of(entry));
  const std::string expected = schema.signature();
  for (const auto& [key, kernel] : kernels_of(entry)) {
    if (!kernel.types) continue;
    const std::string found = kernel.types().signature();
    if (found == expected) continue;
    fail(schema.name, ": its ", key, " kernel takes ", found, ", but the schema says ", expected, ".");
  }
}

void check_all() {
  std::vector<const Register*> entries;
  for (const Register* entry = Register::first(); entry; entry = entry->next) {
    check(*entry);
    entries.push_back(entry);
  }
  check_registrations(entries);
}

int register_all(const BisqueHost& host) {
  try {
    check_all();
  } catch (const std::exception& error) {
    return reject(host, error.what());
  }
  for (const Register* entry = Register::first(); entry; entry = entry->next) {
    if (!entry->op.schema) continue;
    const BisqueOp op{sizeof(BisqueOp), entry->op.schema, entry->op.shapes, entry->op.backward};
    if (const int rejected = host.define_op(host.context, &op)) return rejected;
  }
  for (const Register* entry = Register::first(); entry; entry = entry->next) {
    const std::string name = Listed::name_of(schema_of(*entry));
    for (const auto& [key, kernel] : kernels_of(*entry)) {
      if (!kernel) continue;
      if (const int rejected = host.add_kernel(host.context, name.c_str(), key, kernel.boxed)) return rejected;
    }
  }
  return 0;
}

}  // namespace
}  // namespace bisque::op

#ifdef BISQUE_CUDA_PART
#define BISQUE_NOTED_CUDA_ARCHS BISQUE_PLUGIN_CUDA_ARCHS
#else
#define BISQUE_NOTED_CUDA_ARCHS ""
#endif
BISQUE_PLUGIN_NOTE(BISQUE_PLUGIN_NAME, BISQUE_PLUGIN_VERSION, BISQUE_TEXT_OF(TORCH_TARGET_VERSION), TORCH_VERSION, "",
                   BISQUE_NOTED_CUDA_ARCHS);

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
