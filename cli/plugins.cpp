// bisque plugins: lists the loaded plugins, shows one, and checks a library.
#include <ATen/core/dispatch/Dispatcher.h>
#include <bisque/core/plugin/plugins.h>
#include <bisque/core/registry/module_registry.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include <bisque/core/error.h>
#include <bisque/core/serialization/near_names.h>
#include <bisque/core/serialization/text.h>

#include "cli/commands.h"

namespace bisque::cli {
namespace {

void print_field(const char* what, const std::string& text) { std::printf("  %-8s %s\n", what, text.c_str()); }

void print_list(const char* what, const std::vector<std::string>& names) {
  if (!names.empty()) print_field(what, comma_list(names));
}

void print_head(const PluginInfo& plugin) {
  std::printf("%s %s, for torch %s%s\n", plugin.name.c_str(), plugin.version.c_str(), plugin.torch_target.c_str(),
              plugin.modules.empty() ? " or later" : " only");
  print_field("file", plugin.path);
  print_field("from", plugin.origin);
}

void print_cuda(const PluginInfo& plugin) {
  if (!plugin.cuda_archs.empty()) print_field("CUDA", plugin.cuda_archs);
  if (!plugin.cuda_note.empty()) print_field("CUDA", plugin.cuda_note);
}

void list_plugins() {
  for (const PluginInfo& plugin : plugins().list()) {
    print_head(plugin);
    print_list("ops", plugin.ops);
    print_list("modules", plugin.modules);
    print_list("formats", plugin.formats);
    print_cuda(plugin);
  }
  // Each was reported when the program started.
  if (const size_t failed = plugins().failures().size()) {
    fail(failed, failed == 1 ? " plugin" : " plugins", " could not be loaded, see above.");
  }
}

/// The devices for which an op has kernels.
std::string devices_of(const c10::OperatorHandle& op) {
  if (op.hasKernelForDispatchKey(c10::DispatchKey::CompositeExplicitAutograd)) return "any";
  std::string devices;
  for (const auto& [key, name] : {std::pair(c10::DispatchKey::CPU, "CPU"), std::pair(c10::DispatchKey::CUDA, "CUDA"),
                                  std::pair(c10::DispatchKey::Meta, "Meta")}) {
    if (op.hasKernelForDispatchKey(key)) devices += (devices.empty() ? "" : ", ") + std::string(name);
  }
  return devices;
}

void show_op(const std::string& name) {
  const auto op = c10::Dispatcher::singleton().findSchema({name, ""});
  if (!op) return;
  std::printf("  op       %s\n           devices: %s\n", c10::toString(op->schema()).c_str(), devices_of(*op).c_str());
}

void show_module(const std::string& name) {
  print_field("module", name);
  const auto options = modules().options(name);
  if (!options) std::printf("           its settings are not described\n");
  for (const OptionInfo& option : options.value_or(std::vector<OptionInfo>())) {
    const std::string value = option.is_required ? ", required" : " = " + option_text(option.default_value);
    std::printf("           %s: %s%s\n", option.name.c_str(), setting_type(option.type), value.c_str());
  }
}

void show_plugin(const std::string& name) {
  std::vector<std::string> names;
  for (const PluginInfo& plugin : plugins().list()) {
    names.push_back(plugin.name);
    if (plugin.name != name) continue;
    print_head(plugin);
    for (const std::string& op : plugin.ops) show_op(op);
    for (const std::string& module : plugin.modules) show_module(module);
    print_list("formats", plugin.formats);
    print_cuda(plugin);
    return;
  }
  fail("no plugin ", quoted_text(name), " is loaded, ", expected_names(name, names));
}

PluginInfo load_or_find(const std::string& path) {
  std::error_code error;
  for (const PluginInfo& plugin : plugins().list()) {
    if (std::filesystem::equivalent(plugin.path, path, error)) return plugin;
  }
  return plugins().load(path);
}

void check_plugin(const std::string& path) {
  Plugins::probe(path);
  const PluginInfo plugin = load_or_find(path);
  std::printf("%s: the plugin %s %s can be loaded.\n", path.c_str(), plugin.name.c_str(), plugin.version.c_str());
  if (!plugin.cuda_note.empty()) std::printf("%s\n", plugin.cuda_note.c_str());
}

}  // namespace

void add_plugins(CLI::App& app) {
  CLI::App* command = app.add_subcommand("plugins",
                                         "Lists the built-in plugins and those of --plugin, BISQUE_PLUGINS (files) and "
                                         "BISQUE_PLUGIN_PATH (folders; both separated by \":\").");
  command->require_subcommand(0, 1);
  command->callback([command] {
    if (command->get_subcommands().empty()) list_plugins();
  });

  CLI::App* show = command->add_subcommand("show", "Shows the ops, Modules and file formats of a loaded plugin.");
  auto name = std::make_shared<std::string>();
  show->add_option("NAME", *name, "the plugin")->required();
  show->callback([name] { show_plugin(*name); });

  CLI::App* check = command->add_subcommand("check", "Loads a library in a process of its own, then as a plugin.");
  auto path = std::make_shared<std::string>();
  check->add_option("FILE", *path, "the library")->required();
  check->callback([path] { check_plugin(*path); });
}

}  // namespace bisque::cli
