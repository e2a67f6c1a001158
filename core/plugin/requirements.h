// Internal. What a plugin was built for, and whether this program has it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include <bisque/core/plugin/abi.h>

namespace bisque {

/// The constants of a manifest, from its library's note or from its entry.
struct PluginRequirements {
  uint32_t abi = 0;
  std::string name, version;
  uint64_t torch_target = 0;  // as in BisqueManifest
  std::string core_abi;       // empty: only ops
  std::string cuda_archs;     // empty: no CUDA kernels
};

/// Those in the note of a library (note.h); nothing if it has none. Error: a damaged library or note.
std::optional<PluginRequirements> read_plugin_note(const std::string& path);

PluginRequirements requirements_of(const BisqueManifest& manifest);

/// Error: the plugin was built for another ABI, a newer torch, or another core than this program's. The sentence says
/// what the plugin was built for, what is here, and how to rebuild it.
void check_requirements(const std::string& path, const PluginRequirements& plugin);

/// "2.10"
std::string torch_version_text(uint64_t version);

/// The commands that rebuild a plugin.
inline constexpr const char* kHowToRebuild =
    "rebuild it with this bisque (cmake --fresh -B build -DCMAKE_PREFIX_PATH=PREFIX && cmake --build build)";

}  // namespace bisque
