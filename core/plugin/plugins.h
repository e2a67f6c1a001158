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
  std::string origin;        // "built-in", "--plugin", "BISQUE_PLUGINS", "BISQUE_PLUGIN_PATH", "installed", "load()"
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

  /// Loads a shared library as a plugin, and `NAME_cuda.so` beside it if libtorch_cuda is loaded with CUDA 13. A
  /// library that was not loaded before is first loaded in a child process (its outcome is kept in ~/.cache/bisque).
  /// Warning: all users can change the library. Error, with nothing registered: not a plugin, another ABI, a torch that
  /// is too old, a plugin name or a registered name that is taken, a library that crashes, exits or hangs when it is
  /// loaded.
  PluginInfo load(const std::string& path);

  /// Loads a plugin in a child process only, whether it was probed before or not. Error: it cannot be loaded.
  static void probe(const std::string& path);

  /// Loads libtorch_cuda, unless the program has, and the CUDA parts of plugins that lack them. Call it first: after
  /// libtorch has looked for CUDA without it (the first backward pass and a random seed do), the process stays without
  /// CUDA. Error: that, or CUDA is not available.
  void load_cuda();

  /// Deregisters a plugin. Its code stays in memory, and Modules made from it remain valid. Handles of its ops, as the
  /// typed functions keep them, must not be used any more. Error: no plugin of that name.
  void retire(const std::string& name);

  std::vector<PluginInfo> list() const;

  /// Why listed plugins could not be loaded, one sentence per plugin.
  std::vector<std::string> failures() const;

 private:
  friend Plugins& plugins();
  const LoadedPlugin& load_from(const std::string& path, const std::string& origin);
  void load_listed();
  void check_name(const LoadedPlugin& plugin) const;
  bool is_loaded(const std::string& path) const;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<LoadedPlugin>> loaded_;
  std::vector<std::string> failures_;
};

/// The program's plugins. The first call loads those beside bisque_core (bisque_ops, bisque_ops3d, bisque_renderer),
/// then those of set_program_plugins(), then third-party plugins of the environment: the files in BISQUE_PLUGINS, the
/// folders in BISQUE_PLUGIN_PATH (both separated by ":"), and installed_plugin_folder(). A file that is listed again
/// counts once. A plugin of the environment that cannot be loaded is skipped with a warning of libtorch (TORCH_WARN),
/// see Plugins::failures.
Plugins& plugins();

/// Files that plugins() loads before those of the environment, as the option `--plugin FILE` of a program lists them;
/// plugins() fails if one cannot be loaded. Call it before plugins().
void set_program_plugins(const std::vector<std::string>& paths);

/// PREFIX/lib/bisque/plugins, beside bisque_core.
std::string installed_plugin_folder();

/// Whether plugins() loads third-party plugins.
bool has_third_party_plugins();

}  // namespace bisque
