#include <bisque/core/plugin/host.h>

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/function_schema.h>
#include <c10/util/Exception.h>
#include <cxxabi.h>
#include <torch/csrc/stable/c/shim.h>

#include <algorithm>
#include <string_view>

#include <bisque/core/error.h>
#include <bisque/core/plugin/exception_text.h>
#include <bisque/core/plugin/gradient.h>
#include <bisque/core/plugin/module_store.h>
#include <bisque/core/plugin/op_loader.h>
#include <bisque/core/plugin/plugin_library.h>
#include <bisque/core/plugin/plugin_sources.h>
#include <bisque/core/plugin/requirements.h>
#include <bisque/core/serialization/formats.h>
#include <bisque/core/serialization/shared_library.h>

namespace bisque {
namespace {

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

/// Registers nothing: the probe's, which runs the code of a plugin that registers.
BisqueHost trial_host() {
  BisqueHost host{};
  host.size = sizeof(BisqueHost);
  host.abi = BISQUE_PLUGIN_ABI;
  host.define_op = [](void*, const BisqueOp*) { return 0; };
  host.add_kernel = [](void*, const char*, const char*, BisqueKernel) { return 0; };
  host.add_module = [](void*, const char*, const void*) { return 0; };
  host.add_format = [](void*, const void*) { return 0; };
  host.reject = [](void*, const char*) { return 1; };
  return host;
}

/// Rejects what does not fit this program before its code runs.
void check_before_loading(const std::string& path) {
  check_shared_library(path);
  if (const auto plugin = read_plugin_note(path)) check_requirements(path, *plugin);
}

/// A CUDA part, as bisque_op_library() names it, belongs to another library.
void check_is_no_cuda_part(const std::string& path) {
  constexpr std::string_view kEnding = "_cuda.so";
  const auto plugin = path.ends_with(kEnding) ? read_plugin_note(path) : std::nullopt;
  if (!plugin || plugin->cuda_archs.empty()) return;
  fail(path, ": holds the CUDA kernels of a plugin, expected ", path.substr(0, path.size() - kEnding.size()),
       ".so, which loads it.");
}

BisqueManifest read_manifest(const std::string& path, BisquePluginEntry entry) {
  BisqueManifest manifest{};
  manifest.size = sizeof(BisqueManifest);
  if (call_guarded(path, entry, nullptr, &manifest) != 0) fail(path, ": did not provide a manifest.");
  check_requirements(path, requirements_of(manifest));
  if (!manifest.version) fail(path, ": its manifest has no name or version, expected both.");
  return manifest;
}

}  // namespace

ProbeOutcome probe_plugin(const std::string& path) {
  check_before_loading(path);
  check_is_no_cuda_part(path);
  return probe_in_child(path, probe_timeout(), [&](ProbeChild& child) {
    const auto entry = load_plugin_library(path, true, [&](const std::string& failure) { child.answer(failure); });
    child.begin(ProbeStep::kCallingEntry);
    read_manifest(path, entry);
    const BisqueHost host = trial_host();
    call_guarded(path, entry, &host, nullptr);  // a rejection repeats when it is loaded
  });
}

LoadedPlugin::Opened LoadedPlugin::open(const std::string& path) {
  check_before_loading(path);
  const auto entry = load_plugin_library(path);
  return {entry, read_manifest(path, entry)};
}

LoadedPlugin::LoadedPlugin(const std::string& path, const std::string& origin) : opened_(open(path)) {
  const BisqueManifest& manifest = opened_.manifest;
  info_.name = manifest.name;
  info_.version = manifest.version;
  info_.path = path;
  info_.origin = origin;
  info_.torch_target = torch_version_text(manifest.torch_target);
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
  if (op_loader() && info_.modules.empty() && info_.formats.empty()) {
    op_loader()(info_.path, info_.name);
    has_cuda_part_ = true;  // which the loader loads too
    return;
  }
  call_entry(info_.path, opened_);
  try {
    check_kernels();
    link_gradients();
  } catch (const std::exception&) {
    fail(info_.path, ": ", current_exception_text());
  }
}

void LoadedPlugin::add_cuda_part(const std::string& path, const std::string& missing) {
  if (has_cuda_part_) return;
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
  kernel_keys_[op].insert(key);
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

/// Programs without CUDA, and meta tensors, must be able to use each op.
void LoadedPlugin::check_kernels() const {
  for (const auto& links : gradient_links_) {
    const auto found = kernel_keys_.find(links.op);
    if (found == kernel_keys_.end() || !found->second.contains("CUDA")) continue;
    const std::set<std::string>& keys = found->second;
    if (keys.contains("CPU") || keys.contains("CompositeExplicitAutograd")) continue;
    fail(links.op, " has a CUDA kernel only, expected one for the CPU too.");
  }
}

void LoadedPlugin::add_module(const std::string& name, const void* factory) {
  const bool built_in = info_.origin == kBuiltInOrigin;
  module_store().add_module(name, factory, built_in ? "" : info_.name + " " + info_.version);
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
