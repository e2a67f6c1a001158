#include <bisque/core/plugin/plugins.h>

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <typeinfo>

#include <bisque/core/error.h>
#include <bisque/core/plugin/host.h>
#include <bisque/core/plugin/op.h>
#include <bisque/core/plugin/plugin_library.h>
#include <bisque/core/plugin/plugin_sources.h>
#include <bisque/core/plugin/probe_cache.h>
#include <bisque/core/serialization/near_names.h>
#include <bisque/core/serialization/shared_library.h>

namespace bisque {
namespace {

namespace fs = std::filesystem;

std::string cuda_part_of(const fs::path& path) {
  return path.parent_path() / (path.stem().string() + "_cuda" + path.extension().string());
}

bool is_in_process(const char* library) { return dlopen(library, RTLD_LAZY | RTLD_NOLOAD) != nullptr; }

/// Why CUDA parts cannot be loaded; empty if they can. Without libtorch_cuda there are no CUDA tensors, and loading it
/// takes half a second; it loads its CUDA runtime, which must be CUDA 13's.
std::string cuda_missing() {
  if (!is_in_process("libtorch_cuda.so")) return "the program has not loaded libtorch_cuda (Plugins::load_cuda does)";
  if (!is_in_process("libcudart.so.13")) {
    return "libtorch does not use the runtime of CUDA 13 (libcudart.so.13), as torch 2.11 and later do";
  }
  // libtorch looks for CUDA once per process and keeps the result: without libtorch_cuda, a class that always fails.
  const at::CUDAHooksInterface& hooks = at::detail::getCUDAHooks();
  if (typeid(hooks) == typeid(at::CUDAHooksInterface)) {
    return "libtorch looked for CUDA before libtorch_cuda was loaded, as a backward pass or a random seed does, and "
           "does so once (call Plugins::load_cuda first, or link the program with libtorch_cuda)";
  }
  return "";
}

/// Loads a library in a child process, unless that was done before.
void probe_if_unknown(const std::string& path, bool again) {
  const ProbeCacheEntry entry(path);
  auto outcome = again ? std::nullopt : entry.find();
  const bool is_known = outcome.has_value();
  if (!is_known) {
    outcome = probe_plugin(path);
    if (outcome->failure.empty() || outcome->is_fatal) entry.store(*outcome);
  }
  if (outcome->failure.empty()) return;
  if (!is_known) fail(outcome->failure);
  outcome->failure.pop_back();
  fail(outcome->failure, " (as found before; `bisque plugins check FILE` tries again).");
}

}  // namespace

Plugins::Plugins() = default;
Plugins::~Plugins() = default;

void Plugins::check_name(const LoadedPlugin& plugin) const {
  for (const auto& other : loaded_) {
    if (other->info().name != plugin.info().name) continue;
    fail(plugin.info().path, ": a plugin ", plugin.info().name, " is loaded already (", other->info().path,
         "), expected another name.");
  }
}

bool Plugins::is_loaded(const std::string& path) const {
  std::error_code error;
  return std::any_of(loaded_.begin(), loaded_.end(),
                     [&](const auto& plugin) { return fs::equivalent(plugin->info().path, path, error); });
}

const LoadedPlugin& Plugins::load_from(const std::string& path, const std::string& origin) {
  if (origin != kBuiltInOrigin) {
    check_shared_library(path);
    probe_if_unknown(path, /*again=*/false);
    if (const std::string note = world_writable_note(path); !note.empty()) TORCH_WARN(note);
  }
  auto plugin = std::make_unique<LoadedPlugin>(path, origin);
  check_name(*plugin);
  plugin->register_all();
  const std::string cuda = cuda_part_of(path);
  if (fs::exists(cuda)) plugin->add_cuda_part(cuda, cuda_missing());
  loaded_.push_back(std::move(plugin));
  return *loaded_.back();
}

PluginInfo Plugins::load(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return load_from(path, kCallOrigin).info();
}

void Plugins::probe(const std::string& path) {
  check_shared_library(path);
  probe_if_unknown(path, /*again=*/true);
}

void Plugins::load_listed() {
  const std::vector<PluginFile> files = third_party_plugins(failures_);
  for (const auto& [path, origin] : files) {
    if (is_loaded(path)) continue;
    try {
      load_from(path, origin);
    } catch (const std::exception& error) {
      if (origin == kProgramOrigin) throw;
      failures_.emplace_back(error.what());
    }
  }
  for (const std::string& failure : failures_) TORCH_WARN(failure);
}

void Plugins::load_cuda() {
  const std::lock_guard lock(mutex_);
  const fs::path libtorch = folder_of(reinterpret_cast<const void*>(&at::globalContext));
  if (!dlopen((libtorch / "libtorch_cuda.so").c_str(), RTLD_NOW | RTLD_GLOBAL)) {
    fail("CUDA is not available: libtorch_cuda cannot be loaded (", dlerror(), ").");
  }
  if (const std::string missing = cuda_missing(); !missing.empty()) fail("CUDA is not available: ", missing, ".");
  for (const auto& plugin : loaded_) {
    const std::string cuda = cuda_part_of(plugin->info().path);
    if (!plugin->has_cuda_part() && fs::exists(cuda)) plugin->add_cuda_part(cuda, "");
  }
}

void Plugins::retire(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(loaded_.begin(), loaded_.end(), [&](const auto& plugin) { return plugin->info().name == name; });
  if (found == loaded_.end()) {
    std::vector<std::string> names;
    for (const auto& plugin : loaded_) names.push_back(plugin->info().name);
    fail("no plugin ", name, " is loaded, ", expected_names(name, names));
  }
  loaded_.erase(found);
}

std::vector<std::string> Plugins::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

std::vector<PluginInfo> Plugins::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<PluginInfo> infos;
  for (const auto& plugin : loaded_) infos.push_back(plugin->info());
  return infos;
}

void load_built_in_plugins() { plugins(); }

Plugins& plugins() {
  // Never destroyed: ops may run, and Modules be freed, until the end of the program.
  static Plugins* const loaded = [] {
    auto fresh = std::make_unique<Plugins>();
    for (const auto& path : built_in_plugins()) fresh->load_from(path, kBuiltInOrigin);
    fresh->load_listed();
    return fresh.release();
  }();
  return *loaded;
}

}  // namespace bisque
