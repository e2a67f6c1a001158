#include <bisque/core/plugin/plugins.h>

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <typeinfo>

#include <bisque/core/error.h>
#include <bisque/core/plugin/host.h>
#include <bisque/core/plugin/op.h>

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

/// The folder of the library that contains a function.
fs::path folder_of(const void* function) {
  Dl_info info;
  if (!dladdr(function, &info) || !info.dli_fname) return {};
  std::error_code error;
  const fs::path path = fs::canonical(info.dli_fname, error);
  return path.parent_path();
}

/// The plugins beside bisque_core, by name: libbisque_*.so, without bisque_core itself and CUDA parts.
std::vector<std::string> built_in_plugins() {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_of(reinterpret_cast<const void*>(&plugins)), error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("libbisque_") || entry.path().extension() != ".so") continue;
    if (name != "libbisque_core.so" && !name.ends_with("_cuda.so")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<std::string> listed_in(const char* variable) {
  std::vector<std::string> paths;
  const char* value = std::getenv(variable);
  std::istringstream text(value ? value : "");
  for (std::string path; std::getline(text, path, ':');) {
    if (!path.empty()) paths.push_back(path);
  }
  return paths;
}

}  // namespace

Plugins::Plugins() = default;
Plugins::~Plugins() = default;

std::unique_ptr<LoadedPlugin> Plugins::open(const std::string& path) {
  auto plugin = std::make_unique<LoadedPlugin>(path);
  const std::string& name = plugin->info().name;
  for (const auto& other : loaded_) {
    if (other->info().name == name) {
      fail(path, ": a plugin ", name, " is loaded already (", other->info().path, "), expected another name.");
    }
  }
  plugin->register_all();
  return plugin;
}

PluginInfo Plugins::load(const std::string& path) {
  const std::lock_guard lock(mutex_);
  auto plugin = open(path);
  const std::string cuda = cuda_part_of(path);
  if (fs::exists(cuda)) plugin->add_cuda_part(cuda, cuda_missing());
  loaded_.push_back(std::move(plugin));
  return loaded_.back()->info();
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
  if (found == loaded_.end()) fail("no plugin ", name, " is loaded.");
  loaded_.erase(found);
}

void Plugins::load_or_warn(const std::string& path) {
  try {
    load(path);
  } catch (const std::exception& error) {
    failures_.emplace_back(error.what());
    TORCH_WARN(error.what());
  }
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
    for (const auto& path : built_in_plugins()) fresh->load(path);
    for (const auto& path : listed_in("BISQUE_PLUGINS")) fresh->load_or_warn(path);
    return fresh.release();
  }();
  return *loaded;
}

}  // namespace bisque
