// The door: loads plugins, owns what they registered, and retires them. See abi.h for what a plugin is.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace bisque {

/// What a plugin said of itself.
struct PluginInfo {
  std::string name, version, path;
  std::string torch_target;  // "2.10"
  std::string cuda_archs;    // of its CUDA part; empty: it has none
  std::string cuda_note;     // why its CUDA part was not loaded, one sentence; empty: it was, or there is none
  std::vector<std::string> ops, modules, formats;
};

class LoadedPlugin;

/// The plugins of this program. Thread-safe, but for an op that runs while its plugin is retired.
class Plugins {
 public:
  Plugins();
  ~Plugins();

  /// Loads a shared library through the door, and `NAME_cuda.so` beside it where libtorch_cuda is there with CUDA 13.
  /// Error, with nothing registered: no plugin, another ABI, a torch that is too old, a plugin of that name or a taken
  /// name.
  PluginInfo load(const std::string& path);

  /// Loads libtorch_cuda, where the program has not, and the CUDA parts that the plugins lack so far. Call it first: a
  /// process in which libtorch has looked for CUDA before (the first backward pass and a random seed do) stays without
  /// it. Error: that, or CUDA is not available.
  void load_cuda();

  /// Deregisters what a plugin registered. Its code stays in memory: Modules made from it live on. Handles of its ops,
  /// as the typed functions keep them, must not be used any more. Error: no plugin of that name.
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

/// The program's plugins: at the first call those beside bisque_core (libbisque_*.so) and those that BISQUE_PLUGINS
/// names, paths separated by ":". An entry that cannot be loaded is left out with a warning of libtorch (TORCH_WARN),
/// see Plugins::failures.
Plugins& plugins();

}  // namespace bisque
