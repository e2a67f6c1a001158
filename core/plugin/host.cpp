#include <bisque/core/plugin/host.h>

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/function_schema.h>
#include <c10/util/Exception.h>
#include <cxxabi.h>
#include <dlfcn.h>
#include <torch/csrc/stable/c/shim.h>
#include <torch/version.h>

#include <algorithm>
#include <string_view>

#include <bisque/core/error.h>
#include <bisque/core/plugin/core_abi.h>
#include <bisque/core/plugin/gradient.h>
#include <bisque/core/plugin/module_store.h>
#include <bisque/core/serialization/formats.h>
#include <bisque/core/serialization/shared_library.h>
#include <bisque/core/type_name.h>

namespace bisque {
namespace {

std::string version_text(uint64_t version) {
  return std::to_string(version >> 56) + "." + std::to_string(version >> 48 & 0xFF);
}

std::string namespace_of(const std::string& name) {
  const auto colons = name.find("::");
  if (colons == std::string::npos || colons == 0) {
    fail("the op ", name, " has no namespace, expected a name like acme::blur.");
  }
  return name.substr(0, colons);
}

void require(AOTITorchError error, const std::string& what) {
  if (error != AOTI_TORCH_SUCCESS) fail("libtorch rejected ", what, ".");
}

std::vector<std::string> names(const char* const* list) {
  std::vector<std::string> result;
  for (; list && *list; ++list) result.emplace_back(*list);
  return result;
}

/// The message of the current exception, or its type if it has none.
std::string current_exception_text() {
  try {
    throw;
  } catch (const c10::Error& error) {
    return error.what_without_backtrace();
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    const std::type_info* type = abi::__cxa_current_exception_type();  // null: not a C++ exception
    return type ? "an exception of type " + type_name(*type) : "an exception of another language";
  }
}

/// Calls the entry. It is a C function and must not throw; if it does, this reports the file.
int call_guarded(const std::string& path, BisquePluginEntry entry, const BisqueHost* host, BisqueManifest* manifest) {
  try {
    return entry(host, manifest);
  } catch (const abi::__forced_unwind&) {  // the thread ends
    throw;
  } catch (...) {
    fail(path, ": its entry ", BISQUE_PLUGIN_ENTRY,
         " threw an exception, which it must catch: ", current_exception_text());
  }
}

void check_manifest(const std::string& path, const BisqueManifest& manifest) {
  if (manifest.abi != BISQUE_PLUGIN_ABI) {
    fail(path, ": is a plugin of ABI ", manifest.abi, ", expected ABI ", BISQUE_PLUGIN_ABI, ".");
  }
  if (!manifest.name || !*manifest.name || !manifest.version) {
    fail(path, ": its manifest has no name or version, expected both.");
  }
  if (manifest.torch_target > TORCH_ABI_VERSION) {
    fail(path, ": needs torch ", version_text(manifest.torch_target), " or later, but this is torch ", TORCH_VERSION,
         ".");
  }
  if (manifest.core_abi && std::string(manifest.core_abi) != BISQUE_CORE_ABI) {
    fail(path, ": its Modules were built with ", manifest.core_abi, ", expected ", BISQUE_CORE_ABI, ".");
  }
}

}  // namespace

LoadedPlugin::Opened LoadedPlugin::open(const std::string& path) {
  // A bare name would be searched in the system's paths.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  check_shared_library(path);
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) fail(path, ": cannot be loaded (", dlerror(), ").");
  const auto entry = reinterpret_cast<BisquePluginEntry>(dlsym(library, BISQUE_PLUGIN_ENTRY));
  if (!entry) fail(path, ": is not a plugin, expected it to export ", BISQUE_PLUGIN_ENTRY, ".");
  Opened opened{entry, {}};
  opened.manifest.size = sizeof(BisqueManifest);
  if (call_guarded(path, entry, nullptr, &opened.manifest) != 0) fail(path, ": did not provide a manifest.");
  check_manifest(path, opened.manifest);
  return opened;
}

LoadedPlugin::LoadedPlugin(const std::string& path) : opened_(open(path)) {
  const BisqueManifest& manifest = opened_.manifest;
  info_.name = manifest.name;
  info_.version = manifest.version;
  info_.path = path;
  info_.torch_target = version_text(manifest.torch_target);
  if (manifest.cuda_archs) info_.cuda_archs = manifest.cuda_archs;
  info_.ops = names(manifest.ops);
  info_.modules = names(manifest.modules);
  info_.formats = names(manifest.formats);
}

LoadedPlugin::~LoadedPlugin() {
  for (const auto& name : modules_added_) module_store().remove_module(name);
  for (const auto& [kind, extension] : formats_added_) formats().remove(kind, extension);
  gradients_.clear();
  for (const auto& [key, handle] : libraries_) {
    if (key.second != "") aoti_torch_delete_library_object(handle);  // kernels before their schemas
  }
  for (const auto& [key, handle] : libraries_) {
    if (key.second == "") aoti_torch_delete_library_object(handle);
  }
}

void LoadedPlugin::register_all() {
  call_entry(info_.path, opened_);
  try {
    link_gradients();
  } catch (const std::exception&) {
    fail(info_.path, ": ", current_exception_text());
  }
}

void LoadedPlugin::add_cuda_part(const std::string& path, const std::string& missing) {
  info_.cuda_note = missing.empty() ? "" : path + " is not loaded, since " + missing + ".";
  if (!missing.empty()) return;
  const Opened part = open(path);
  call_entry(path, part);
  has_cuda_part_ = true;
  if (part.manifest.cuda_archs) info_.cuda_archs = part.manifest.cuda_archs;
}

void LoadedPlugin::call_entry(const std::string& path, const Opened& opened) {
  torch_built_ = opened.manifest.torch_built;
  const BisqueHost host = table();
  rejection_.clear();
  const int rejected = call_guarded(path, opened.entry, &host, nullptr);
  if (!rejection_.empty()) fail(path, ": ", rejection_);
  if (rejected) fail(path, ": failed to register (", rejected, ").");
}

TorchLibraryHandle LoadedPlugin::library(const std::string& ns, const char* key) {
  TorchLibraryHandle& handle = libraries_[{ns, key}];
  if (!handle) {
    require(*key ? aoti_torch_library_init_impl(ns.c_str(), key, __FILE__, __LINE__, &handle)
                 : aoti_torch_library_init_fragment(ns.c_str(), __FILE__, __LINE__, &handle),
            "a library of " + ns);
  }
  return handle;
}

void LoadedPlugin::define_op(const BisqueOp& op) {
  const std::string schema = op.schema;
  const std::string name = schema.substr(0, schema.find('('));
  if (c10::Dispatcher::singleton().findSchema({name, ""})) {
    fail("the op ", name, " is taken, expected a name that is not registered.");
  }
  require(aoti_torch_library_def(library(namespace_of(name), ""), op.schema), "the schema " + schema);
  gradient_links_.push_back({name, op.backward ? op.backward : "", ""});
}

void LoadedPlugin::add_kernel(const std::string& op, const char* key, BisqueKernel kernel) {
  if (!c10::Dispatcher::singleton().findSchema({op, ""})) fail("a kernel is given for ", op, ", which is not an op.");
  if (std::string_view(key) == "Autograd") return add_composed(op, kernel);
  require(torch_library_impl(library(namespace_of(op), key), op.c_str(), kernel, torch_built_),
          std::string("the ") + key + " kernel of " + op);
}

/// Registers the kernel as a separate op, which the autograd kernel of `op` calls.
void LoadedPlugin::add_composed(const std::string& op, BisqueKernel kernel) {
  const std::string ns = namespace_of(op) + "_composed", composed = ns + op.substr(op.find("::"));
  const auto& schema = c10::Dispatcher::singleton().findSchemaOrThrow(op.c_str(), "").schema();
  const std::string text = c10::toString(schema.cloneWithName(composed, ""));
  require(aoti_torch_library_def(library(ns, ""), text.c_str()), "the schema " + text);
  require(torch_library_impl(library(ns, "CompositeImplicitAutograd"), composed.c_str(), kernel, torch_built_),
          "the Autograd kernel of " + op);
  for (GradientLinks& links : gradient_links_) {
    if (links.op == op) links.composed = composed;
  }
}

void LoadedPlugin::add_module(const std::string& name, const void* factory) {
  module_store().add_module(name, factory);
  modules_added_.push_back(name);
}

void LoadedPlugin::add_format(const void* format) {
  const auto& added = *static_cast<const Format*>(format);
  formats().add(added);
  formats_added_.emplace_back(added.kind, added.extension);
}

void LoadedPlugin::link_gradients() {
  std::vector<std::string> backwards;
  for (const auto& links : gradient_links_) backwards.push_back(links.backward);
  for (const auto& [op, backward, composed] : gradient_links_) {
    auto& library = gradients_.emplace_back(torch::Library::IMPL, namespace_of(op), std::nullopt, __FILE__, __LINE__);
    if (!backward.empty()) {
      if (!c10::Dispatcher::singleton().findSchema({backward, ""})) {
        fail(op, ": its gradient ", backward, " is not an op, expected one of this library.");
      }
      link_gradient(library, op, backward);
    } else if (!composed.empty()) {
      link_composition(library, op, composed);
    } else if (std::find(backwards.begin(), backwards.end(), op) != backwards.end()) {
      link_no_second_gradient(library, op);
    } else {
      link_no_gradient(library, op);
    }
  }
}

template <class Body>
int LoadedPlugin::guarded(void* context, const Body& body) {
  auto* plugin = static_cast<LoadedPlugin*>(context);
  try {
    body(*plugin);
    return 0;
  } catch (const abi::__forced_unwind&) {
    throw;
  } catch (...) {  // exceptions must not pass through the plugin, which may be C
    plugin->rejection_ = current_exception_text();
    return 1;
  }
}

BisqueHost LoadedPlugin::table() {
  BisqueHost host{};
  host.size = sizeof(BisqueHost);
  host.abi = BISQUE_PLUGIN_ABI;
  host.context = this;
  host.define_op = [](void* context, const BisqueOp* op) {
    return guarded(context, [&](LoadedPlugin& plugin) { plugin.define_op(*op); });
  };
  host.add_kernel = [](void* context, const char* op, const char* key, BisqueKernel kernel) {
    return guarded(context, [&](LoadedPlugin& plugin) { plugin.add_kernel(op, key, kernel); });
  };
  host.add_module = [](void* context, const char* name, const void* factory) {
    return guarded(context, [&](LoadedPlugin& plugin) { plugin.add_module(name, factory); });
  };
  host.add_format = [](void* context, const void* format) {
    return guarded(context, [&](LoadedPlugin& plugin) { plugin.add_format(format); });
  };
  host.reject = [](void* context, const char* sentence) {
    static_cast<LoadedPlugin*>(context)->rejection_ =
        std::string(sentence ? sentence : "it failed without a reason") + ".";
    return 1;
  };
  return host;
}

}  // namespace bisque
