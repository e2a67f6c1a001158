// Internal. One loaded plugin: its library, its manifest and its registrations.
#pragma once
#include <torch/csrc/inductor/aoti_torch/c/shim.h>
#include <torch/library.h>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/plugin/abi.h>
#include <bisque/core/plugin/plugins.h>
#include <bisque/core/plugin/probe.h>

namespace bisque {

/// Loads a plugin in a child process, up to the code with which it registers. Error: it does not fit this program.
ProbeOutcome probe_plugin(const std::string& path);

/// Owns the registrations of its plugin, and removes them in its destructor. Libraries stay mapped.
class LoadedPlugin {
 public:
  /// Opens the library and checks its manifest; registers nothing.
  LoadedPlugin(const std::string& path, const std::string& origin);
  ~LoadedPlugin();
  LoadedPlugin(const LoadedPlugin&) = delete;
  LoadedPlugin& operator=(const LoadedPlugin&) = delete;

  const PluginInfo& info() const { return info_; }
  void register_all();
  /// Loads the library with the CUDA kernels of the plugin's ops, or records why it is not loaded: `missing`.
  void add_cuda_part(const std::string& path, const std::string& missing);
  bool has_cuda_part() const { return has_cuda_part_; }

 private:
  struct GradientLinks {
    std::string op, backward, composed;
  };
  struct Opened {
    BisquePluginEntry entry;
    BisqueManifest manifest;
  };

  static Opened open(const std::string& path);
  void call_entry(const std::string& path, const Opened& opened);
  void check_kernels() const;
  void link_gradients();

  // Implement the host's functions; they throw, and the function table converts exceptions to return codes.
  void define_op(const BisqueOp& op);
  void add_kernel(const std::string& op, const char* key, BisqueKernel kernel);
  void add_composed(const std::string& op, BisqueKernel kernel);
  void add_module(const std::string& name, const void* factory);
  void add_format(const void* format);
  BisqueHost table();
  template <class Body>
  static int guarded(void* context, const Body& body);
  TorchLibraryHandle library(const std::string& ns, const char* key);

  PluginInfo info_;
  Opened opened_;
  bool has_cuda_part_ = false;
  std::string rejection_;
  uint64_t torch_built_ = 0;
  std::vector<GradientLinks> gradient_links_;
  std::map<std::string, std::set<std::string>> kernel_keys_;                     // dispatch keys by op
  std::map<std::pair<std::string, std::string>, TorchLibraryHandle> libraries_;  // by namespace and dispatch key
  std::deque<torch::Library> gradients_;
  std::vector<std::string> modules_added_;
  std::vector<std::pair<std::string, std::string>> formats_added_;
};

}  // namespace bisque
