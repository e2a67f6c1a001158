// The plugin interface: loads plugins, owns their registrations, and retires them. abi.h describes plugins.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace bisque {

/// The manifest of a plugin.
struct PluginInfo {
  std::string name, version, path;
  std::string torch_target;  // "2.10"
  std::string cuda_archs;    // of its CUDA part; empty: it has none
  std::string cuda_note;     // why its CUDA part was not loaded, one sentence; else empty
  std::vector<std::string> ops, modules, formats;
};

class LoadedPlugin;

/// The plugins of this program. Thread-safe, except for an op that runs while its plugin is retired.
class Plugins {
 public:
  Plugins();
  ~Plugins();

  /// Loads a shared library as a plugin, and `NAME_cuda.so` beside it if libtorch_cuda is loaded with CUDA 13. Error,
  /// with nothing registered: not a plugin, another ABI, a torch that is too old, a plugin name or a registered name
  /// that is taken.
  PluginInfo load(const std::string& path);

  /// Loads libtorch_cuda, unless the program has, and the CUDA parts of plugins that lack them. Call it first: after
  /// libtorch has looked for CUDA without it (the first backward pass and a random seed do), the process stays without
  /// CUDA. Error: that, or CUDA is not available.
  void load_cuda();

  /// Deregisters a plugin. Its code stays in memory, and Modules made from it remain valid. Handles of its ops, as the
  /// typed functions keep them, must not be used any more. Error: no plugin of that name.
  void retire(const std::string& name);

  std::vector<PluginInfo> list() const;

  /// Why entries of BISQUE_PLUGINS could not be loaded, one sentence per entry.
  std::vector<std::string> failures() const;

 private:
  friend Plugins& plugins();
  std::unique_ptr<LoadedPlugin> open(const std::string& path);
  void load_or_warn(const std::string& path);

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<LoadedPlugin>> loaded_;
  std::vector<std::string> failures_;
};

/// The program's plugins. The first call loads those beside bisque_core (bisque_ops, bisque_ops3d, bisque_renderer) and
/// those in BISQUE_PLUGINS (paths separated by ":"). An entry that cannot be loaded is skipped with a warning of
/// libtorch (TORCH_WARN), see Plugins::failures.
Plugins& plugins();

}  // namespace bisque
