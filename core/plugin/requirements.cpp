#include <bisque/core/plugin/requirements.h>

#include <torch/version.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

#include <bisque/core/error.h>
#include <bisque/core/plugin/core_abi.h>
#include <bisque/core/plugin/note.h>
#include <bisque/core/serialization/elf_file.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

/// The pairs of a note's description.
std::map<std::string, std::string> pairs_of(std::string_view description) {
  std::map<std::string, std::string> pairs;
  while (!description.empty()) {
    const std::string_view pair = description.substr(0, description.find('\0'));
    description.remove_prefix(std::min(pair.size() + 1, description.size()));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    pairs.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return pairs;
}

/// Error: not a number of that base at the start of the text. Returns what follows it.
template <class Number>
std::string_view parse_number(const std::string& path, std::string_view text, int base, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc()) fail(path, ": is damaged, its note has ", quoted_text(text), ", expected a number.");
  return text.substr(static_cast<size_t>(end - text.data()));
}

/// "0x020a000000000000" or "2.15.0", as BisqueManifest has it.
uint64_t parse_torch_version(const std::string& path, std::string_view text) {
  uint64_t version = 0, minor = 0;
  if (text.starts_with("0x")) {
    parse_number(path, text.substr(2), 16, version);
    return version;
  }
  const std::string_view rest = parse_number(path, text, 10, version);
  if (rest.starts_with('.')) parse_number(path, rest.substr(1), 10, minor);
  return version << 56 | minor << 48;
}

}  // namespace

std::string torch_version_text(uint64_t version) {
  return std::to_string(version >> 56) + "." + std::to_string(version >> 48 & 0xFF);
}

std::optional<PluginRequirements> read_plugin_note(const std::string& path) {
  const auto description = ElfFile(path).note(BISQUE_PLUGIN_NOTE_OWNER, BISQUE_PLUGIN_NOTE_TYPE);
  if (!description) return std::nullopt;
  auto pairs = pairs_of(*description);
  PluginRequirements plugin;
  parse_number(path, pairs["abi"], 10, plugin.abi);
  if (plugin.abi != BISQUE_PLUGIN_ABI) return plugin;  // the other keys may have another meaning
  plugin.name = pairs["name"];
  plugin.version = pairs["version"];
  plugin.torch_target = parse_torch_version(path, pairs["torch_target"]);
  plugin.core_abi = pairs["core_abi"];
  plugin.cuda_archs = pairs["cuda_archs"];
  return plugin;
}

PluginRequirements requirements_of(const BisqueManifest& manifest) {
  const auto text = [](const char* value) { return std::string(value ? value : ""); };
  PluginRequirements plugin{manifest.abi, "", "", 0, "", ""};
  if (plugin.abi != BISQUE_PLUGIN_ABI) return plugin;
  plugin.name = text(manifest.name);
  plugin.version = text(manifest.version);
  plugin.torch_target = manifest.torch_target;
  plugin.core_abi = text(manifest.core_abi);
  plugin.cuda_archs = text(manifest.cuda_archs);
  return plugin;
}

void check_requirements(const std::string& path, const PluginRequirements& plugin) {
  if (plugin.abi != BISQUE_PLUGIN_ABI) {
    const bool newer = plugin.abi > BISQUE_PLUGIN_ABI;
    fail(path, ": is a plugin of ABI ", plugin.abi, ", expected ABI ", BISQUE_PLUGIN_ABI, " of bisque ", BISQUE_VERSION,
         newer ? ": update bisque, or " : ": ", kHowToRebuild, ".");
  }
  if (plugin.name.empty()) fail(path, ": its manifest has no name or version, expected both.");
  if (!plugin.core_abi.empty() && plugin.core_abi != BISQUE_CORE_ABI) {
    fail(path, ": its Modules were built with ", plugin.core_abi, ", but this is ", BISQUE_CORE_ABI, ": ",
         kHowToRebuild, ".");
  }
  if (plugin.torch_target > TORCH_ABI_VERSION) {
    fail(path, ": needs torch ", torch_version_text(plugin.torch_target), " or later, but this is torch ",
         TORCH_VERSION, ": update torch, or ", kHowToRebuild, ".");
  }
}

}  // namespace bisque
